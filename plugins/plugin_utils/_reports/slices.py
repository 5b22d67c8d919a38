# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Combine the statistics of several jobs, each with some of the targets, to one result.

AWX merges the statistics of the slices of a job by their top-level keys, and passes them to the next job as variables. ``build_statistics`` in
``targets.py`` has written them.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT_STATES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import PLAN_STATES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    DRIFT_TARGET_STATES,
    PLAN_TARGET_STATES,
    RUN_TARGET_STATES,
    TARGETS_SUMMARY,
    count_targets,
    find_state,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import (
    find_resolved_conflicts,
    to_key,
)

Data = t.Mapping[str, t.Any]
Report = t.Dict[str, t.Any]

SLICED_STATES: dict[str, tuple[str, ...]] = {
    "plan": PLAN_TARGET_STATES,
    "drift": DRIFT_TARGET_STATES,
    "site": RUN_TARGET_STATES,
    "teardown": RUN_TARGET_STATES,
}
_FLAGS = {"plan": "has_changes", "drift": "has_drift"}
_COUNTED_STATES: dict[str, tuple[str, ...]] = {"plan": PLAN_STATES, "drift": DRIFT_STATES}
_MISSING = "No job has passed a result for this target."


def combine_statistics(type_: str, names: t.Sequence[str], variables: Data, generated_at: str) -> Report:
    """Return one result with an entry for each target.

    Arguments:
        type_: A key of SLICED_STATES.
        names: The names of all targets.
        variables: The statistics of all jobs. A target without a known status is unknown, or failed after a run.
        generated_at: The current time, in the format of RFC 3339.
    """
    states = SLICED_STATES[type_]
    targets = [_describe_target(type_, name, variables) for name in names]
    report: Report = {
        "format": TARGETS_SUMMARY.replace("plan-", f"{type_}-"),
        "generated_at": generated_at,
        "status": find_state(targets, states),
        "target_counts": count_targets(targets, states),
        "counts": _add_counts(type_, [entry["counts"] for entry in targets]),
        "targets": targets,
    }
    if type_ in _FLAGS:
        flags = [variables.get(f"{type_}_{_FLAGS[type_]}_{to_key(name)}") for name in names]
        report[_FLAGS[type_]] = any(boolean(flag, strict=False) for flag in flags)
    if type_ == "plan":
        report["hash"] = compute_digest({entry["name"]: entry["hash"] for entry in targets})
    return report


def find_conflicts(names: t.Sequence[str], variables: Data) -> list[str]:
    """Return a message for each scope that the plans of several slices share, by the IDs that the service has returned.

    Arguments:
        names: The names of all targets.
        variables: The statistics of all jobs. Targets without a plan are not compared, and their status is unknown.
    """
    found = {name: variables.get(f"plan_scope_{to_key(name)}") for name in names}
    scopes = {name: scope for name, scope in found.items() if isinstance(scope, dict)}
    summaries = {name: variables.get(f"plan_summary_{to_key(name)}") for name in scopes}
    targets = {name: _find_target(summary) for name, summary in summaries.items() if summary}
    incomplete = [
        f"The summary of the plan of the target '{name}' has no target, so it cannot be compared: create a new plan"
        for name, target in targets.items()
        if not target
    ]
    # A target without IDs of its declared meshes is refused if it prunes meshes and another target only has the ID of its mesh.
    resolved = {name: {"declared_mesh_ids": [], **target} for name, target in targets.items() if target}
    return incomplete + find_resolved_conflicts(scopes, resolved)


def _find_target(summary: t.Any) -> Data | None:
    """Return the project and the meshes in the summary of a plan. None if the statistic is something else."""
    target = summary.get("target") if isinstance(summary, dict) else None
    return target if isinstance(target, dict) and {"project_id", "meshes"} <= {*target} else None


def build_combined_statistics(type_: str, report: Report) -> dict[str, t.Any]:
    """Return the statistics of all targets together, which replace those of the last slice."""
    fields = ("status", "counts", "hash", "has_changes", "has_drift")
    statistics: dict[str, t.Any] = {f"{type_}_{field}": report[field] for field in fields if field in report}
    if type_ == "plan":
        # The details are in the statistics of each target.
        entries = [{key: value for key, value in entry.items() if key != "report"} for entry in report["targets"]]
        statistics["plan_summary"] = {**report, "targets": entries}
    return statistics


def _describe_target(type_: str, name: str, variables: Data) -> dict[str, t.Any]:
    key = to_key(name)
    status, states = variables.get(f"{type_}_status_{key}"), SLICED_STATES[type_]
    found = {field: variables.get(f"{type_}_{field}_{key}") for field in ("counts", "hash", "summary")}
    is_known = status in states
    return {
        "name": name,
        "status": status if is_known else states[0],
        "msg": None if is_known else _MISSING,
        "hash": found["hash"] if is_known else None,
        "counts": found["counts"] if is_known and isinstance(found["counts"], dict) else {},
        "report": found["summary"] if is_known and isinstance(found["summary"], dict) else None,
    }


def _add_counts(type_: str, counts: t.Sequence[Data]) -> dict[str, int | None]:
    """Return the sums of the counts in the order of the states, because AWX sorts them. A sum with an unknown count is unknown."""
    sums: dict[str, int | None] = {}
    for each in counts:
        for state, count in each.items():
            before = sums.get(state, 0)
            sums[state] = None if count is None or before is None else before + int(count)
    known = [state for state in _COUNTED_STATES.get(type_, ()) if state in sums]
    return {state: sums[state] for state in [*known, *sorted(set(sums) - set(known))]}
