# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Explain how an approved plan differs from the current one."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, shorten
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    PLAN,
    Data,
    ReportedResource,
    compute_checksum,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import (
    PLAN_SUMMARY,
    format_change,
    summarize,
)

NOT_A_PLAN = "this is not a plan file of this collection"

# A comparison needs these keys.
_PLAN_KEYS = ("target", "desired_state", "resources", "hash", "checksum")
_RESOURCE_KEYS = {"kind", "name", "mesh", "state", "fields", "msg", "desired", "actual", "redacted_digest"}

_Key = t.Tuple[str, str, str, int]
_Resources = t.Sequence[ReportedResource]
_Changes = t.List[str]


def find_plan_changes(approved: t.Any, current: Data, approved_hash: str = "", summary: t.Any = None) -> list[str]:
    """Return why an approved plan cannot be applied. The list is empty if it can.

    Arguments:
        approved: The content of the plan file. If it is empty, the hash is sufficient.
        current: The plan as it would be created now.
        approved_hash: The hash of the approved plan, if it is known.
        summary: The summary of the approved plan. It explains the differences if only the hash is known.
    """
    if not approved and approved_hash:
        return _compare_hash(approved_hash, current, summary) or _list_invalid(current)
    problem = _check_file(approved)
    if problem:
        return [problem]
    if approved_hash and approved_hash != approved["hash"]:
        return [f"the plan file is not the plan with the hash {approved_hash}"]
    changes = _compare_targets(approved, current)
    if changes:
        # Another target has other resources, so that the remaining differences mean nothing.
        return changes
    if approved.get("redacted") != current.get("redacted"):
        return ["the plan was created with another value of huaweicloud_redact"]
    changes = [f"desired-state file: {line}" for line in _compare_values(_settings(approved), _settings(current))]
    for before, after in _pair_resources(approved["resources"], current["resources"]):
        changes += _compare_resources(before, after)
    if not changes and approved["hash"] != current["hash"]:
        changes = ["the plan was created by another version of the collection"]
    return changes or _list_invalid(current)


def _compare_hash(approved_hash: str, current: Data, summary: t.Any) -> _Changes:
    """Return the differences from a plan of which only the hash and perhaps a summary are known."""
    target = current["target"]
    where = [f"{word} {target[key]}" for word, key in (("project", "project_id"), ("region", "region")) if target[key]]
    changes = []
    if approved_hash != current["hash"]:
        changes.append(
            f"the hash of the plan was {approved_hash} and is now {current['hash']} ({', '.join(where) or 'no project'})"
        )
    try:
        if summary["format"] == PLAN_SUMMARY and summary["hash"] == approved_hash:
            changes += _compare_summaries(to_plain(summary), summarize(current))
    except (AttributeError, KeyError, TypeError):
        # An invalid summary only means fewer explanations. The hash has decided already.
        return changes
    return changes


def _compare_summaries(approved: Data, current: Data) -> _Changes:
    changes = _compare_targets(approved, current)
    if changes:
        return changes
    if approved["heading"] != current["heading"]:
        changes.append("desired-state file: keys other than its lists have changed")
    is_complete = bool(approved["is_complete"] and current["is_complete"])
    for before, after in _pair_resources(approved["resources"], current["resources"]):
        changes += _compare_resource_summaries(before, after, is_complete)
    return changes


def _compare_resource_summaries(
    before: ReportedResource | None, after: ReportedResource | None, is_complete: bool
) -> _Changes:
    subject = _name_subject(t.cast(ReportedResource, after or before))
    if before is None or after is None:
        if is_complete:
            return [f"desired-state file: {subject} was {'added' if before is None else 'removed'}"]
        return [f"{subject}: {_compare_plans_of_resource(before, after)}"]
    sides = [("desired", "the desired state"), ("actual", "the actual state")]
    changed = " and ".join(words for side, words in sides if before[side] != after[side])
    if not changed and _format_planned(before) == _format_planned(after):
        return []
    reason = f"{changed} changed, " if changed else ""
    return [f"{subject}: {reason}{_compare_plans_of_resource(before, after)}"]


def _compare_plans_of_resource(before: ReportedResource | None, after: ReportedResource | None) -> str:
    return f"the plan was {_format_planned(before)} and is now {_format_planned(after)}"


def _format_planned(resource: ReportedResource | None) -> str:
    """Return the planned action with its fields and their values. Summaries of large plans omit unchanged resources."""
    if resource is None:
        return "unchanged"
    changes = ", ".join(format_change(change, resource["state"]) for change in resource["changes"])
    return f"{resource['state']}{f' ({changes})' if changes else ''}"


def _list_invalid(plan: Data) -> _Changes:
    return [
        f"{_name_subject(resource)}: {resource['msg'].rstrip('.')}"
        for resource in plan["resources"]
        if resource["state"] == "invalid"
    ]


def _check_file(plan: t.Any) -> str:
    """Return why this is not an intact plan. Empty if it is one."""
    if not isinstance(plan, dict) or plan.get("format") != PLAN:
        return NOT_A_PLAN
    if any(key not in plan for key in _PLAN_KEYS) or any(_RESOURCE_KEYS - set(entry) for entry in plan["resources"]):
        return "the plan file is damaged"
    return "" if compute_checksum(plan) == plan["checksum"] else "the plan file was edited after it was created"


def _settings(plan: Data) -> dict[str, t.Any]:
    return {key: value for key, value in plan["desired_state"].items() if key != "path"}


def _compare_targets(approved: Data, current: Data) -> _Changes:
    first, second = _list_mesh_ids(approved["target"]), _list_mesh_ids(current["target"])
    moved = {name for name, ids in first.items() if name in second and (ids is None) != (second[name] is None)}
    sides = [
        _replace_meshes(plan["target"], {name: ids for name, ids in meshes.items() if name not in moved})
        for plan, meshes in ((approved, first), (current, second))
    ]
    changes = [f"target: {line}" for line in _compare_values(*sides)]
    return changes + [f"mesh '{name}': {_describe_existence(first[name], second[name])}" for name in sorted(moved)]


def _list_mesh_ids(target: Data) -> dict[str, str | None]:
    """Return the IDs of meshes by their names. None for a mesh that does not exist."""
    found: dict[str, str | None] = {}
    for mesh in target["meshes"]:
        found[mesh["name"]] = ", ".join(filter(None, [found.get(mesh["name"]), mesh["id"]])) or None
    return found


def _replace_meshes(target: Data, meshes: t.Mapping[str, str | None]) -> dict[str, t.Any]:
    """Return a target with its meshes by their names, so that two targets can be compared."""
    named = {name: ids or "a mesh that does not exist" for name, ids in meshes.items()}
    return {**{key: value for key, value in target.items() if key != "meshes"}, **({"mesh": named} if named else {})}


def _describe_existence(before: str | None, after: str | None) -> str:
    """Return how the existence of a resource has changed. The arguments are its ID before and after, and None if it did not exist."""
    return (
        f"it did not exist and exists now (id {after})"
        if before is None
        else f"it existed (id {before}) and no longer exists"
    )


def _pair_resources(
    approved: _Resources, current: _Resources
) -> list[tuple[ReportedResource | None, ReportedResource | None]]:
    before, after = _index_resources(approved), _index_resources(current)
    return [(before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])]


def _index_resources(resources: _Resources) -> dict[_Key, ReportedResource]:
    """Return resources by kind, name and mesh. A number tells resources with the same name apart."""
    found: dict[_Key, ReportedResource] = {}
    for resource in resources:
        number = 0
        while (resource["kind"], resource["name"], resource["mesh"] or "", number) in found:
            number += 1
        found[resource["kind"], resource["name"], resource["mesh"] or "", number] = resource
    return found


def _compare_resources(before: ReportedResource | None, after: ReportedResource | None) -> _Changes:
    if before is None or after is None:
        subject = _name_subject(t.cast(ReportedResource, before or after))
        return [f"desired-state file: {subject} was {'added' if before is None else 'removed'}"]
    subject = _name_subject(after)
    changes = [f"desired-state file: {subject}: {line}" for line in _compare_side(before, after, "desired")]
    changes += [f"{subject}: {line}" for line in _compare_actual(before, after)]
    planned = [(resource["state"], resource["fields"]) for resource in (before, after)]
    if not changes and planned[0] != planned[1]:
        words = [state + (f" ({', '.join(fields)})" if fields else "") for state, fields in planned]
        reason = f" ({after['msg']})" if after["msg"] else ""
        changes = [f"{subject}: the plan was {words[0]} and is now {words[1]}{reason}"]
    return changes


def _compare_actual(before: ReportedResource, after: ReportedResource) -> _Changes:
    first, second = before["actual"], after["actual"]
    if first is not None and second is not None:
        return _compare_side(before, after, "actual")
    existing = first or second
    if not existing:
        return []
    id_ = f" (id {existing['id']})" if existing.get("id") else ""
    return [f"it did not exist and exists now{id_}" if first is None else f"it existed{id_} and no longer exists"]


def _compare_side(before: ReportedResource, after: ReportedResource, side: str) -> _Changes:
    changes = _compare_values(before[side] or {}, after[side] or {})
    if not changes and before["redacted_digest"][side] != after["redacted_digest"][side]:
        field = "gray_deployments: " if after["kind"] == "release" else ""
        changes = [f"{field}redacted values have changed"]
    return changes


def _compare_values(before: Data, after: Data) -> _Changes:
    first, second = dict(_list_leaves(before)), dict(_list_leaves(after))
    paths = [path for path in dict.fromkeys([*first, *second]) if first.get(path) != second.get(path)]
    return [f"{path} was {_format_value(first.get(path))}, is {_format_value(second.get(path))}" for path in paths]


def _list_leaves(value: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """Return all values with their paths. Elements of a list are identified by their names if each has its own name."""
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            yield from _list_leaves(entry, join_path(path, key))
    elif isinstance(value, list) and value:
        names = [entry.get("name") if isinstance(entry, dict) else None for entry in value]
        labels = names if None not in names and len(set(map(str, names))) == len(names) else range(len(value))
        for label, entry in zip(labels, value):
            yield from _list_leaves(entry, f"{path}[{label}]")
    else:
        yield path, value


def _format_value(value: t.Any) -> str:
    return "not set" if value is None else shorten(value) if isinstance(value, str) else json.dumps(value)


def _name_subject(resource: ReportedResource) -> str:
    return f"{resource['kind']} '{resource['name']}'"
