# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Summarize plans, drift reports and results: for people who approve a plan, and for the next job of a workflow, which has no files of this one."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import shorten
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import REDACTED, digest_of, plain

Data = t.Mapping[str, t.Any]
Summary = t.Dict[str, t.Any]

PLAN_SUMMARY = "community.huaweicloud.plan-summary/1"
# Unchanged resources are left out of the summary of a plan with more resources than this. Workflows pass it on as a variable.
_MOST_UNCHANGED = 500
_LONGEST_VALUE = 200
_DIGEST = len("sha256:") + 16
# Describes how the item is treated, and not the resource.
_NO_FIELDS = frozenset(
    ("mesh_id", "mesh_name", "state", "on_drift", "lint", "purge_grants", "wait", "wait_timeout", "wait_interval")
)


def summarize(plan: Data) -> Summary:
    """Return what somebody needs to approve a plan, and what the playbook site needs to explain why it does not hold any more."""
    resources = [_summarize_resource(observed) for observed in plan["resources"]]
    if len(resources) > _MOST_UNCHANGED:
        resources = [observed for observed in resources if observed["state"] != "unchanged"]
    heading = {key: value for key, value in plan["desired_state"].items() if key != "path"}
    return {
        "format": PLAN_SUMMARY,
        "path": plan["desired_state"]["path"],
        "generated_at": plan["generated_at"],
        "status": plan["status"],
        "hash": plan["hash"],
        "heading": digest_of(heading)[:_DIGEST],
        "target": plan["target"],
        "counts": plan["counts"],
        "is_complete": len(resources) == len(plan["resources"]),
        "resources": resources,
    }


def find_fields(observed: Data) -> list[tuple[str, t.Any, t.Any]]:
    """Return the fields worth showing, each with the actual and the desired value. None for a side without a value."""
    if observed["differences"]:
        return [
            (difference["field"], difference["actual"], difference["desired"]) for difference in observed["differences"]
        ]
    if observed["state"] in ("create", "missing"):
        return [(field, None, value) for field, value in list_fields(observed["desired"])]
    return []


def format_report(report: Data) -> list[str]:
    """Return a plan, its summary or a drift report as lines for people."""
    lines = []
    for observed in report["resources"]:
        lines += _format_resource(observed if "changes" in observed else _summarize_resource(observed))
    return [*lines, _format_target(report["target"]), _format_counts(report["counts"])]


def format_results(results: t.Sequence[Data]) -> list[str]:
    """Return what the module apply has done, or would do, in the words of a plan."""
    lines = []
    for result in plain(results):
        state = "failed" if result["failed"] else "not started" if result["msg"] else result["action"] or "unchanged"
        fields = list(dict.fromkeys(field for action in result["actions"] for field in action["fields"]))
        changes = [
            _change(each["field"], each["actual"], each["desired"], bool(each["private"]))
            for each in result["differences"]
        ]
        known = {change["field"] for change in changes}
        changes += [{"field": field, "actual": None, "desired": None} for field in fields if field not in known]
        message = result["msg"] if result["failed"] else None
        lines += _format_resource(
            {"kind": result["kind"], "name": result["name"], "state": state, "msg": message, "changes": changes}
        )
    return lines or ["nothing"]


def _summarize_resource(observed: Data) -> Summary:
    # The name of a new resource is known.
    fields = [
        field for field in find_fields(observed) if observed["differences"] or field[0] not in ("name", "namespace")
    ]
    return {
        "kind": observed["kind"],
        "name": observed["name"],
        "mesh": observed["mesh"],
        "state": observed["state"],
        "msg": observed["failure"] or observed["msg"],
        "changes": [_change(*field) for field in fields],
        "desired": digest_of([observed["desired"], observed["redacted_digest"]["desired"]])[:_DIGEST],
        "actual": digest_of([observed["actual"], observed["redacted_digest"]["actual"]])[:_DIGEST],
    }


def _change(field: str, actual: t.Any, desired: t.Any, is_private: bool = False) -> dict[str, str | None]:
    if is_private:
        return {"field": field, "actual": REDACTED, "desired": REDACTED}
    return {"field": field, "actual": _format_value(actual), "desired": _format_value(desired)}


def _format_value(value: t.Any) -> str | None:
    return value if value is None or value == REDACTED else shorten(value, _LONGEST_VALUE)


def list_fields(side: Data | None) -> list[tuple[str, t.Any]]:
    """Return the fields of a desired or an actual state that describe the resource."""
    return [(field, value) for field, value in (side or {}).items() if field not in _NO_FIELDS and value is not None]


def _format_resource(observed: Data) -> list[str]:
    lines = [f"{observed['kind']:<10} {observed['name']}: {observed['state'].replace('_', ' ')}"]
    lines += [f"    {line}" for line in str(observed["msg"] or "").splitlines()]
    return lines + [f"    {format_change(change, observed['state'])}" for change in observed["changes"]]


def format_change(change: Data, state: str) -> str:
    """Return one field with its values: both for a change, one for a resource that is new or deleted."""
    actual, desired = change["actual"], change["desired"]
    if actual is None and desired is None:
        return str(change["field"])
    if actual is None and state in ("create", "missing"):
        return f"{change['field']}: {desired}"
    return (
        f"{change['field']}: {'not set' if actual is None else actual} -> {'not set' if desired is None else desired}"
    )


def _format_target(place: Data) -> str:
    parts = [f"project {place['project_id'] or 'not known'}", f"region {place['region'] or 'not set'}"]
    return "target     " + ", ".join(parts + [f"mesh {mesh['name']}" for mesh in place["meshes"]])


def _format_counts(counts: Data) -> str:
    words = [f"{state.replace('_', ' ')}: {'not known' if count is None else count}" for state, count in counts.items()]
    return "total      " + ", ".join(words)
