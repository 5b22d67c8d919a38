# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Hash a plan, so that a later run can refuse to apply another one."""

from __future__ import annotations

import hashlib
import itertools
import json
import typing as t
from collections.abc import Mapping

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import (
    normalize_deployment,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item

# Digests of a plan cover secrets, such as environment variables. With this number of rounds, a digest takes milliseconds, and guessing takes long.
PBKDF2_ROUNDS = 10_000
_SALT = b"community.huaweicloud.plan"
# These fields change without a change of the resource.
_VOLATILE_FIELDS = frozenset(("created_at", "updated_at"))


def hash_plan(items: t.Sequence[Item], desired: t.Sequence[t.Mapping[str, t.Any]], target: t.Any) -> str:
    """Return the hash of a plan.

    Arguments:
        items: The planned items. Items without an entry in ``desired`` are pruned resources.
        desired: The options of the first items, in the same order.
        target: The project, region, endpoints and meshes of the plan.
    """
    # The order of the items has no effect on the plan. With digests, the text of only one item is in memory.
    digests = sorted(
        hashlib.sha256(_to_json(_describe_item(item, options)).encode("ascii")).digest()
        for item, options in itertools.zip_longest(items, desired)
    )
    text = _to_json({"target": target, "resources": hashlib.sha256(b"".join(digests)).hexdigest()})
    return "sha256:" + hashlib.pbkdf2_hmac("sha256", text.encode("ascii"), _SALT, PBKDF2_ROUNDS).hex()


def stable_fields(actual: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the fields of an actual state that do not change on their own."""
    kept = {key: value for key, value in actual.items() if key not in _VOLATILE_FIELDS and value is not None}
    if "quotas" in kept:
        kept["quotas"] = {quota["resource"]: quota["quota"] for quota in kept["quotas"]}
    if "gray_deployments" in kept:
        status = kept.get("status") or {}
        # If the service does not return the specification, the status has at least the observed Deployments.
        gray = kept["gray_deployments"] or [{"template": found} for found in status.get("gray_deployments") or []]
        kept["gray_deployments"] = [dict(each, template=normalize_deployment(each["template"] or {})) for each in gray]
        kept["status"] = {"phase": status.get("phase")}
    return kept


def _describe_item(item: Item, options: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    plan = item.plan
    before = plan.before if plan else None
    return {
        "kind": item.kind,
        "name": item.name,
        # Invalid options have no limits, and no request depends on them.
        "desired": options and item.resource and {key: value for key, value in options.items() if value is not None},
        "actual": before and stable_fields(before),
        "state": "invalid" if item.error else item.action or "unchanged",
        "fields": [field for action in plan.actions for field in action.fields] if plan and not item.error else [],
    }


def _to_json(value: t.Any) -> str:
    return json.dumps(_with_text_keys(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _with_text_keys(value: t.Any) -> t.Any:
    """Return a copy whose mappings have text as keys. JSON cannot sort keys of different types."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(entry) for key, entry in value.items()}
    return [_with_text_keys(entry) for entry in value] if isinstance(value, (list, tuple)) else value
