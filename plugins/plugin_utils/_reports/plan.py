# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Build a plan from what apply returns in check mode. Plans contain no secrets, and no values that change on their own."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.plan_hash import stable_fields
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import (
    REDACTED,
    Redactor,
    compute_digest,
    to_plain,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.result_redaction import (
    ItemRedactor,
    find_actual,
    find_mesh_secrets,
)

Data = t.Mapping[str, t.Any]
ReportedResource = t.Dict[str, t.Any]
Report = t.Dict[str, t.Any]

PLAN = "community.huaweicloud.plan/1"
NO_DIGESTS = "the results are redacted and have no digests: run apply without redact, or set the variable huaweicloud_redact_digests to true"

# The states of a resource in a plan, the most important first.
PLAN_STATES = ("invalid", "create", "update", "replace", "delete", "promote", "cancel", "unchanged")
ENDING_ACTIONS = ("delete", "promote", "cancel")

# Kinds of errors of a request, by which the state of the resource is not known. Other errors mean that the desired state cannot be reached.
_REQUEST_ERRORS = ("transport", "protocol", "auth", "forbidden", "bad_request", "rate_limit", "server", "service")

_TYPES = {kind.kind_name: kind for kind in RESOURCE_TYPES}
PLURALS = {kind.kind_name: kind.plural for kind in RESOURCE_TYPES}


def build_plan(comparison: Data, desired_state: Data, path: str, generated_at: str) -> Report:
    """Return the plan of a desired state.

    Arguments:
        comparison: What apply has returned in check mode, with ``on_error`` set to ``continue``.
        desired_state: The content of the desired-state file.
        path: The path of that file.
        generated_at: The current time, in the format of RFC 3339.
    """
    resources = describe_resources(comparison, desired_state)
    for resource in resources:
        resource["state"] = "invalid" if resource["msg"] else resource["action"] or "unchanged"
    counts = count_states(resources, PLAN_STATES)
    has_changes = any(resource["action"] for resource in resources)
    plan: Report = {
        "format": PLAN,
        "generated_at": generated_at,
        **describe_source(comparison, desired_state, path),
        "resources": resources,
        "counts": counts,
        "has_changes": has_changes,
        "status": "invalid" if counts["invalid"] else "changes" if has_changes else "no_changes",
        "redacted": is_redacted(comparison),
        "hash": to_plain(comparison["plan"]["hash"]),
    }
    return {**plan, "checksum": compute_checksum(plan)}


def describe_invalid_items(plan: Data) -> str | None:
    """Return the messages of all invalid items of a plan as one text, or None if all items are valid."""
    resources = plan["resources"]
    invalid = [resource for resource in resources if resource["state"] == "invalid"]
    return f"{len(invalid)} of {len(resources)} items are invalid: {_join_messages(invalid)}" if invalid else None


def describe_failed_requests(plan: Data) -> str | None:
    """Return the messages of all items whose state is not known, because a request has failed. None if all states are known."""
    resources = plan["resources"]
    failed = [resource for resource in resources if resource["error"] in _REQUEST_ERRORS]
    return (
        f"The state of {len(failed)} of {len(resources)} items is unknown: {_join_messages(failed)}" if failed else None
    )


def _join_messages(resources: t.Sequence[Data]) -> str:
    """Return the messages of resources as one text, each with the name of its resource."""
    messages = []
    for resource in resources:
        # Not every message names its resource.
        is_named = f"'{resource['name']}'" in resource["msg"]
        messages.append(("" if is_named else f"{resource['kind']} '{resource['name']}': ") + resource["msg"])
    *others, last = messages
    return "; ".join([*(message.rstrip(".") for message in others), last])


def compute_checksum(plan: Data) -> str:
    """Return a digest of everything in a plan. It detects accidental changes only, because everybody can compute it."""
    return compute_digest({key: value for key, value in plan.items() if key != "checksum"})


def describe_resources(comparison: Data, desired_state: Data) -> list[ReportedResource]:
    """Return each resource of a report without its state. Raise ValueError if redacted results have no digests."""
    desired: list[tuple[t.Any, Data]] = [
        (item, desired_state) for kind in RESOURCE_TYPES for item in desired_state.get(kind.plural) or []
    ]
    results = comparison["results"]
    if comparison.get("redacted") and any("redacted_digest" not in result for result in results):
        raise ValueError(NO_DIGESTS)
    secrets = find_mesh_secrets(desired_state, is_redacted(comparison))
    # Unmanaged resources come last.
    desired += [(None, {})] * (len(results) - len(desired))
    return [_describe_resource(result, item, source, secrets) for result, (item, source) in zip(results, desired)]


def describe_source(comparison: Data, desired_state: Data, path: str) -> dict[str, t.Any]:
    """Return the target, and what the desired state contains besides its lists."""
    redactor = find_mesh_secrets(desired_state, is_redacted(comparison))
    settings = redactor.redact(
        {key: value for key, value in desired_state.items() if key not in PLURALS.values() and value}
    )
    return {"desired_state": {"path": to_plain(path), **settings}, "target": redactor.redact(comparison["target"])}


def count_states(resources: t.Sequence[ReportedResource], states: t.Sequence[str]) -> dict[str, int]:
    """Return the number of resources in each state."""
    counts = dict.fromkeys(states, 0)
    for resource in resources:
        counts[resource["state"]] += 1
    return counts


def is_redacted(comparison: Data) -> bool:
    """Return whether the report is redacted: always, unless the user has turned it off for the comparison."""
    return comparison.get("redacted") is not False


def _describe_resource(result: Data, item: t.Any, desired_state: Data, secrets: Redactor) -> ReportedResource:
    redactor = ItemRedactor(item, secrets, f"{result['kind']} {to_plain(result['name'])}")
    found = find_actual(result)
    actual, compute_actual_digest = redactor.redact_actual(None if found is None else stable_fields(found))
    # If the module has redacted its result, only the module knew the redacted values.
    was_redacted = "redacted_digest" in result
    actual_digest = to_plain(result["redacted_digest"]) if was_redacted else compute_actual_digest()
    mesh, kind = None, _TYPES[result["kind"]]
    if kind.in_mesh:
        sources = [item or {}, desired_state, found or {}]
        mesh = next((source[key] for source in sources for key in ("mesh_id", "mesh_name") if source.get(key)), None)
    failed = bool(result["failed"])
    return {
        "kind": to_plain(result["kind"]),
        "name": redactor.redact_name(to_plain(result["name"])),
        "mesh": redactor.redact_mesh(mesh),
        "state": "",
        "action": None if failed else to_plain(result["action"]),
        "fields": [] if failed else to_plain([field for action in result["actions"] for field in action["fields"]]),
        "msg": redactor.redact_text(to_plain(result["msg"]), result["error"]["kind"]) if failed else None,
        "error": to_plain(result["error"]["kind"]) if failed else None,
        "failure": redactor.redact_text(to_plain(kind.describe_failure(found or {}, item or {})), "wait") or None,
        "differences": [_describe_difference(difference, redactor) for difference in result["differences"]],
        "not_compared": to_plain(result["not_compared"]),
        "desired": redactor.desired,
        "actual": actual,
        "redacted_digest": {"desired": redactor.compute_desired_digest(), "actual": actual_digest},
    }


def _describe_difference(difference: Data, redactor: ItemRedactor) -> dict[str, t.Any]:
    field, is_private = to_plain(difference["field"]), difference["private"]
    actual, desired = (
        REDACTED if is_private else redactor.redact_field(field, difference[side]) for side in ("actual", "desired")
    )
    return {"field": field, "actual": actual, "desired": desired, "changeable": bool(difference["changeable"])}
