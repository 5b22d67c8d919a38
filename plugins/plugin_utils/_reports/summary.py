# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Summarize plans, drift reports and results, for people and for the next job of a workflow."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import shorten
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.resource_type import ResourceType
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import (
    REDACTED,
    compute_digest,
)

Data = t.Mapping[str, t.Any]
Summary = t.Dict[str, t.Any]

PLAN_SUMMARY = "community.huaweicloud.plan-summary/1"
# The summaries of larger plans omit unchanged resources, because workflows pass summaries on as variables.
_MAX_RESOURCES = 500
_MAX_VALUE_LENGTH = 200
_DIGEST_LENGTH = len("sha256:") + 16
# These options describe how the module treats the item, and not the resource.
_EXECUTION_OPTIONS = frozenset(
    ("mesh_id", "mesh_name", "state", "on_drift", "lint", "purge_grants", "wait", "wait_timeout", "wait_interval")
)


def summarize(plan: Data, with_unchanged: bool = True) -> Summary:
    """Return the summary of a plan: what people need to approve it, and what a later job needs to explain changes."""
    resources = [_summarize_resource(resource) for resource in plan["resources"]]
    if len(resources) > _MAX_RESOURCES or not with_unchanged:
        resources = [resource for resource in resources if resource["state"] != "unchanged"]
    heading = {key: value for key, value in plan["desired_state"].items() if key != "path"}
    return {
        "format": PLAN_SUMMARY,
        "path": plan["desired_state"]["path"],
        "generated_at": plan["generated_at"],
        "status": plan["status"],
        "hash": plan["hash"],
        "heading": compute_digest(heading)[:_DIGEST_LENGTH],
        "target": plan["target"],
        "counts": plan["counts"],
        "is_complete": len(resources) == len(plan["resources"]),
        "resources": resources,
    }


def find_fields(resource: Data) -> list[tuple[str, t.Any, t.Any]]:
    """Return the fields to show, each with the actual and the desired value. A side without a value is None."""
    if resource["differences"]:
        return [
            (difference["field"], difference["actual"], difference["desired"]) for difference in resource["differences"]
        ]
    if resource["state"] in ("create", "missing"):
        return [(field, None, value) for field, value in list_fields(resource["desired"])]
    return []


def format_report(report: Data) -> list[str]:
    """Return a plan, its summary or a drift report as lines of text. The lines of combined reports are grouped by target."""
    if "targets" in report:
        return _format_targets(report)
    lines = []
    for resource in report["resources"]:
        lines += _format_resource(resource if "changes" in resource else _summarize_resource(resource))
    return [*lines, _format_target(report["target"]), _format_counts(report["counts"])]


def _format_targets(report: Data) -> list[str]:
    """Return the lines of each target below its name and its status, then the number of targets and resources by state."""
    lines = []
    for entry in report["targets"]:
        lines.append(f"host       {entry['name']}: {entry['status'].replace('_', ' ')}")
        lines += [f"    {line}" for line in str(entry["msg"] or "").splitlines()]
        if entry.get("report"):
            lines += format_report(entry["report"])
        elif entry.get("results"):
            lines += format_results(entry["results"])
        elif entry.get("resources"):
            lines += format_resources(entry["resources"])
    lines.append(_format_counts(report["target_counts"], "targets"))
    return [*lines, _format_counts(report["counts"])] if report.get("counts") else lines


def format_results(results: t.Sequence[Data]) -> list[str]:
    """Return the results of the module apply as lines of text, in the format of a plan."""
    lines = []
    for result in results:
        state = "failed" if result["failed"] else "not started" if result["msg"] else result["action"] or "unchanged"
        fields = list(dict.fromkeys(field for action in result["actions"] for field in action["fields"]))
        changes = [
            _describe_change(each["field"], each["actual"], each["desired"], bool(each["private"]))
            for each in result["differences"]
        ]
        known = {change["field"] for change in changes}
        changes += [{"field": field, "actual": None, "desired": None} for field in fields if field not in known]
        message = result["msg"] if result["failed"] else None
        lines += _format_resource(
            {
                "kind": result["kind"],
                "name": result["name"],
                "state": state,
                "msg": message,
                "not_compared": result["not_compared"],
                "changes": changes,
            }
        )
    return lines or ["nothing"]


def format_resources(found: t.Mapping[str, t.Sequence[Data] | None]) -> list[str]:
    """Return resources by kind as lines of text: each mesh with its resources, then the other resources, then the counts.

    A kind that was not read is None.
    """
    lines = []
    for mesh in found["meshes"] or []:
        lines.append(f"mesh       {mesh['name']:<24} {mesh.get('phase') or '?':<10} {mesh.get('version') or ''}")
        for kind in filter(lambda kind: kind.in_mesh, RESOURCE_TYPES):
            results = found.get(kind.plural) or []
            lines += _format_existing(kind, [result for result in results if result["mesh_id"] == mesh["id"]])
    for kind in filter(lambda kind: not kind.in_mesh and not kind.contains_others, RESOURCE_TYPES):
        lines += _format_existing(kind, found.get(kind.plural) or [])
    counts = [f"{kind}: {'not read' if each is None else len(each)}" for kind, each in found.items()]
    return [*lines, "total      " + ", ".join(counts)]


def _format_existing(kind: ResourceType, results: t.Iterable[Data]) -> list[str]:
    # Resources in a mesh are indented below it.
    heading = f"{'  ' if kind.in_mesh else ''}{kind.kind_name}"
    return [f"{heading:<11}{kind.summarize(result)}" for result in results]


def _summarize_resource(resource: Data) -> Summary:
    # The name of a new resource is known.
    fields = [
        field for field in find_fields(resource) if resource["differences"] or field[0] not in ("name", "namespace")
    ]
    return {
        "kind": resource["kind"],
        "name": resource["name"],
        "mesh": resource["mesh"],
        "state": resource["state"],
        "msg": resource["failure"] or resource["msg"],
        "not_compared": resource["not_compared"],
        "changes": [_describe_change(*field) for field in fields],
        "desired": compute_digest([resource["desired"], resource["redacted_digest"]["desired"]])[:_DIGEST_LENGTH],
        "actual": compute_digest([resource["actual"], resource["redacted_digest"]["actual"]])[:_DIGEST_LENGTH],
    }


def _describe_change(field: str, actual: t.Any, desired: t.Any, is_private: bool = False) -> dict[str, str | None]:
    if is_private:
        return {"field": field, "actual": REDACTED, "desired": REDACTED}
    return {"field": field, "actual": _format_value(actual), "desired": _format_value(desired)}


def _format_value(value: t.Any) -> str | None:
    return value if value is None or value == REDACTED else shorten(value, _MAX_VALUE_LENGTH)


def list_fields(side: Data | None) -> list[tuple[str, t.Any]]:
    """Return the fields of a desired or an actual state that describe the resource."""
    return [
        (field, value) for field, value in (side or {}).items() if field not in _EXECUTION_OPTIONS and value is not None
    ]


def _format_resource(resource: Data) -> list[str]:
    lines = [f"{resource['kind']:<10} {resource['name']}: {resource['state'].replace('_', ' ')}"]
    lines += [f"    {line}" for line in str(resource["msg"] or "").splitlines()]
    lines += [f"    {format_not_compared(resource)}"] if resource["not_compared"] else []
    return lines + [f"    {format_change(change, resource['state'])}" for change in resource["changes"]]


def format_not_compared(resource: Data) -> str:
    """Return which fields of a resource are unknown, because the service does not return them, or an empty text."""
    return f"not compared: {', '.join(resource['not_compared'])}" if resource["not_compared"] else ""


def format_change(change: Data, state: str) -> str:
    """Return one field with its values: both values for a change, one for a new resource."""
    actual, desired = change["actual"], change["desired"]
    if actual is None and desired is None:
        return str(change["field"])
    if actual is None and state in ("create", "missing"):
        return f"{change['field']}: {desired}"
    return (
        f"{change['field']}: {'not set' if actual is None else actual} -> {'not set' if desired is None else desired}"
    )


def _format_target(target: Data) -> str:
    parts = [f"project {target['project_id'] or 'not known'}", f"region {target['region'] or 'not set'}"]
    return "target     " + ", ".join(parts + [f"mesh {mesh['name']}" for mesh in target["meshes"]])


def _format_counts(counts: Data, label: str = "total") -> str:
    words = [f"{state.replace('_', ' ')}: {'not known' if count is None else count}" for state, count in counts.items()]
    return f"{label:<10} " + ", ".join(words)
