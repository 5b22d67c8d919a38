# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The result of ``apply``: one entry for each item, the diffs, and the message of a failure."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.items import CORRECT_ITEMS, join_first
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import DriftError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import Engine
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Difference,
    ResourceResult,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._results import actions_to_result, make_diff

NOTHING_SENT = "Nothing was sent"


def build_result(engine: Engine, plan: dict[str, t.Any], reason: str | None) -> dict[str, t.Any]:
    failed = [item for item in engine.items if item.error]
    left = [item for item in engine.items if item.is_open]
    result = {
        "changed": any(item.applied or (item.outcome and item.outcome.changed) for item in engine.items),
        "plan": plan,
        "results": [_to_result(item) for item in engine.items],
        "diff": _build_diffs(engine.items),
    }
    if failed or left:
        first = failed[0].error if failed else None
        result.update(
            failed=True,
            msg=_build_message(engine.items, failed, left, reason),
            error=first.facts() if first else WaitError(reason or "Some items were not started.").facts(),
        )
    return result


def _build_message(
    items: t.Sequence[Item], failed: t.Sequence[Item], left: t.Sequence[Item], reason: str | None
) -> str:
    if reason == NOTHING_SENT and any(_is_invalid(item) for item in failed):
        return f"{reason}: {join_first(_group_errors(failed)).rstrip('.')}. {CORRECT_ITEMS}"
    parts = [reason] if reason else []
    if failed:
        parts.append(f"{len(failed)} of {len(items)} failed: " + join_first(_group_errors(failed)))
    if left:
        parts.append(f"{len(left)} of {len(items)} were not started")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _is_invalid(item: Item) -> bool:
    """Return whether the item is invalid whatever exists."""
    return item.resource is None and item.names_itself


def _group_errors(failed: t.Sequence[Item]) -> list[str]:
    """Return the errors with their items. The same error of several items is listed once."""
    alike: dict[str, list[Item]] = {}
    for item in failed:
        alike.setdefault(str(item.error), []).append(item)
    return [
        text
        if items[0].names_itself
        else items[0].subject + (f" and {len(items) - 1} more" if len(items) > 1 else "") + f": {text}"
        for text, items in alike.items()
    ]


def _to_result(item: Item) -> dict[str, t.Any]:
    outcome = item.outcome
    message = str(item.error) if item.error else None
    if item.is_open:
        message = "not started"
    return {
        "kind": item.kind,
        "name": item.name,
        "action": item.action,
        "actions": actions_to_result(outcome.actions if outcome else item.applied),
        "changed": bool(item.applied) or bool(outcome and outcome.changed),
        "failed": item.error is not None,
        "msg": message,
        "resource": outcome.after if outcome else None,
        "before": _find_before(item),
        "differences": [_describe_difference(difference) for difference in _list_differences(item)],
        "not_compared": _list_not_compared(item),
        "error": item.error.facts() if item.error else None,
    }


def _find_before(item: Item) -> ResourceResult | None:
    """Return the resource before the change. None if nothing changes, because the result is the same then."""
    if item.plan is not None:
        return item.plan.before if item.plan.action or item.error else None
    return item.resource.to_result(item.observed) if item.resource is not None and item.observed is not None else None


def _list_differences(item: Item) -> t.Sequence[Difference]:
    if item.plan is not None:
        return [*item.plan.differences, *item.plan.tolerated]
    return item.error.differences if isinstance(item.error, DriftError) else ()


def _list_not_compared(item: Item) -> list[str]:
    """Return the fields that the service does not return, also for an item that differs in other fields."""
    if item.plan is not None:
        return list(item.plan.not_compared)
    if item.resource is None or item.observed is None or item.resource.desired_state.final_action:
        return []
    return list(item.resource.desired_state.list_not_compared(item.observed))


def _describe_difference(difference: Difference) -> dict[str, t.Any]:
    actual, desired = (None, None) if difference.private else (difference.actual, difference.desired)
    return {
        "field": difference.field,
        "actual": actual,
        "desired": desired,
        "changeable": difference.changeable,
        "private": difference.private,
    }


def _build_diffs(items: t.Sequence[Item]) -> list[dict[str, t.Any]]:
    """Return one diff for each item that changed, under the name of the item."""
    changed = [(item, item.outcome) for item in items if item.outcome and item.outcome.changed]
    names = [f"{item.kind} {item.name}" for item, outcome in changed]
    counts = collections.Counter(names)
    found = []
    for name, (item, outcome) in zip(names, changed):
        header = name if counts[name] == 1 else name + _name_mesh(outcome)
        found.append({"before_header": header, "after_header": header, **make_diff(item.planned()[0], outcome)})
    return found


def _name_mesh(outcome: Outcome) -> str:
    return f" in mesh {(outcome.before or outcome.after or {}).get('mesh_id')}"
