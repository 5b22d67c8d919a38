# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Combine the results of several targets to one plan, one drift report, or one result of a run."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT_STATES
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    PLAN_STATES,
    Report,
    compute_checksum,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import compute_digest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import summarize
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import to_key

Data = t.Mapping[str, t.Any]

PLAN_TARGETS = "community.huaweicloud.plan-targets/1"
DRIFT_TARGETS = "community.huaweicloud.drift-targets/1"
TARGETS_SUMMARY = "community.huaweicloud.plan-targets-summary/1"
FORMATS = {"plan": PLAN_TARGETS, "drift": DRIFT_TARGETS}

# The reason for a target that has no result and no failure.
_REASON_STOPPED = "Stopped, because another target has failed (huaweicloud_fail_fast is set)."
NOT_SELECTED, UNKNOWN, STOPPED = "not_selected", "unknown", "stopped"
# The states of a target, the most important first. The overall state is the first one that a selected target has.
PLAN_TARGET_STATES = (UNKNOWN, "invalid", "changes", "no_changes")
DRIFT_TARGET_STATES = (UNKNOWN, "drift", "no_drift")
RUN_TARGET_STATES = ("failed", STOPPED, "changed", "no_changes")
INFO_TARGET_STATES = (UNKNOWN, "listed")
MIXED = "mixed"
RUN_FORMATS = {type_: f"community.huaweicloud.{type_}-targets/1" for type_ in ("site", "teardown", "info", "canary")}
# The keys of a report that are statistics, besides its status.
_STATISTICS = {
    "plan": ("has_changes", "hash", "counts"),
    "drift": ("has_drift", "counts"),
    "site": ("counts",),
    "teardown": ("counts",),
    "info": (),
}


class TargetResult(t.NamedTuple):
    """What is known about one target: its report or its results, or the reason of its failure."""

    name: str
    is_selected: bool = True
    failure: str = ""
    report: t.Optional[Report] = None


def combine_reports(type_: str, results: t.Sequence[TargetResult], generated_at: str) -> Report:
    """Return one plan or drift report with an entry for each target.

    Arguments:
        type_: ``plan`` or ``drift``.
        results: The results of all targets. A selected target without a report is unknown.
        generated_at: The current time, in the format of RFC 3339.
    """
    states = PLAN_TARGET_STATES if type_ == "plan" else DRIFT_TARGET_STATES
    targets = [_describe_target(result) for result in results]
    reports = [entry["report"] for entry in targets if entry["report"]]
    report: Report = {
        "format": FORMATS[type_],
        "generated_at": generated_at,
        "status": find_state(targets, states),
        "target_counts": count_targets(targets, states),
        "counts": _add_counts(reports, PLAN_STATES if type_ == "plan" else DRIFT_STATES),
        "redacted": all(report["redacted"] for report in reports),
        "targets": targets,
    }
    if type_ == "drift":
        return {**report, "has_drift": any(each["has_drift"] for each in reports)}
    report["has_changes"] = any(each["has_changes"] for each in reports)
    report["hash"] = compute_digest({entry["name"]: (entry["report"] or {}).get("hash") for entry in targets})
    return {**report, "checksum": compute_checksum(report)}


def find_plan(plan: t.Any, target: str, approved_hash: str = "") -> tuple[t.Any, str]:
    """Return the plan of a target, and the hash that it must have, from a combined plan. Return other plans as they are.

    Arguments:
        plan: The content of the plan file.
        target: The name of the target.
        approved_hash: The hash of the combined plan or of the plan of the target. Empty if any hash is approved.

    Raise ValueError if the combined plan has no plan of the target, or was edited.
    """
    if not isinstance(plan, dict) or plan.get("format") != PLAN_TARGETS:
        return plan, approved_hash
    if compute_checksum(plan) != plan.get("checksum"):
        raise ValueError("the plan file was edited after it was created")
    entry = next((entry for entry in plan["targets"] if entry["name"] == target), None)
    if entry is None:
        raise ValueError(f"the plan has no target '{target}'")
    if entry["report"] is None:
        raise ValueError(f"the target '{target}' is {entry['status'].replace('_', ' ')} in the plan")
    return entry["report"], "" if approved_hash == plan["hash"] else approved_hash


def summarize_targets(plan: Report) -> dict[str, t.Any]:
    """Return the summary of a combined plan, without the resources of the targets."""
    keys = ("generated_at", "status", "hash", "counts", "target_counts")
    targets = [
        {
            **{key: entry[key] for key in ("name", "status", "msg")},
            **{key: (entry["report"] or {}).get(key) for key in ("hash", "counts")},
        }
        for entry in plan["targets"]
    ]
    return {"format": TARGETS_SUMMARY, **{key: plan[key] for key in keys}, "targets": targets}


def combine_runs(type_: str, results: t.Sequence[TargetResult], generated_at: str) -> Report:
    """Return one result of a run with an entry for each target.

    Arguments:
        type_: ``site``, ``teardown``, ``info`` or ``canary``.
        results: For ``info``, the lists of resources of each target. For ``canary``, the outcomes of rollouts.
            For the others, ``results`` of apply for all resources, ``failures``, the messages of tasks that have no results, and
            ``is_stopped``, whether a kind was not applied. A selected target without a report was not started.
        generated_at: The current time, in the format of RFC 3339.
    """
    describe = {"info": _describe_list, "canary": _describe_rollout}.get(type_, _describe_run)
    targets = [describe(result) for result in results]
    report: Report = {"format": RUN_FORMATS[type_], "generated_at": generated_at}
    if type_ == "canary":
        states = sorted({entry["status"] for entry in targets} - {NOT_SELECTED})
        status = states[0] if len(states) == 1 else MIXED
        return {**report, "status": status, "target_counts": count_targets(targets, states), "targets": targets}
    states = list(INFO_TARGET_STATES if type_ == "info" else RUN_TARGET_STATES)
    report.update(status=find_state(targets, states), target_counts=count_targets(targets, states), targets=targets)
    if type_ == "info":
        return report
    counts: collections.Counter[str] = collections.Counter()
    for entry in targets:
        counts.update(entry["counts"])
    return {**report, "counts": dict(sorted(counts.items()))}


def build_statistics(type_: str, report: Report) -> dict[str, t.Any]:
    """Return the statistics of a run for the next job: the overall ones, and separate keys for each target.

    AWX merges the statistics of jobs by their top-level keys, so that a job behind several slices finds those of all targets.
    """
    if type_ == "canary":
        return _build_rollout_statistics(report)
    fields = _STATISTICS[type_]
    statistics: dict[str, t.Any] = {f"{type_}_{field}": report[field] for field in ("status", *fields)}
    if type_ == "plan":
        statistics["plan_summary"] = summarize_targets(report)
    for entry in _list_selected(report):
        key, found = to_key(entry["name"]), entry.get("report") or entry
        statistics[f"{type_}_status_{key}"] = entry["status"]
        statistics.update({f"{type_}_{field}_{key}": found.get(field) for field in fields})
        if type_ == "plan" and entry["report"]:
            statistics[f"plan_summary_{key}"] = summarize(entry["report"], with_unchanged=False)
    return statistics


def _build_rollout_statistics(report: Report) -> dict[str, t.Any]:
    """Return the statistics that the role canary passes on, for each target. The overall ones have no step."""
    entries = _list_selected(report)
    messages = [f"{entry['name']}: {entry['msg']}" for entry in entries if entry["msg"]]
    statistics = {
        "canary_state": report["status"],
        "canary_waiting_step": None,
        "canary_message": "; ".join(messages),
    }
    for entry in entries:
        key = to_key(entry["name"])
        statistics[f"canary_state_{key}"] = entry["status"]
        statistics[f"canary_waiting_step_{key}"] = entry["waiting_step"]
        statistics[f"canary_message_{key}"] = entry["msg"]
    return statistics


def _list_selected(report: Report) -> list[dict[str, t.Any]]:
    return [entry for entry in report["targets"] if entry["status"] != NOT_SELECTED]


def find_state(targets: t.Sequence[Data], states: t.Sequence[str]) -> str:
    """Return the most important state of all selected targets."""
    found = {entry["status"] for entry in targets}
    return next((state for state in states if state in found), states[0])


def count_targets(targets: t.Sequence[Data], states: t.Sequence[str]) -> dict[str, int]:
    """Return the number of targets in each state."""
    counts = dict.fromkeys((*states, NOT_SELECTED), 0)
    for entry in targets:
        counts[entry["status"]] += 1
    return counts


def _describe_target(result: TargetResult) -> dict[str, t.Any]:
    if not result.is_selected:
        return {"name": result.name, "status": NOT_SELECTED, "msg": None, "report": None}
    if result.failure or result.report is None:
        return {"name": result.name, "status": UNKNOWN, "msg": result.failure or _REASON_STOPPED, "report": None}
    return {"name": result.name, "status": result.report["status"], "msg": None, "report": result.report}


def _describe_run(result: TargetResult) -> dict[str, t.Any]:
    """Return the entry of a target after a run. Its counts are the changed resources by action."""
    entry: dict[str, t.Any] = {"name": result.name, "status": NOT_SELECTED, "msg": None, "counts": {}, "results": []}
    if not result.is_selected:
        return entry
    run = result.report or {"results": [], "failures": [], "is_stopped": True}
    failed = [each for each in run["results"] if each["failed"]]
    messages = [result.failure] if result.failure else run["failures"]
    if failed and not messages:
        names = ", ".join(f"{each['kind']} {each['name']}" for each in failed)
        messages = [f"Failed: {names}."]
    changed = [each["action"] for each in run["results"] if each["changed"]]
    if not messages and (result.report is None or run["is_stopped"]):
        status, messages = STOPPED, [_REASON_STOPPED]
    else:
        status = "failed" if messages else "changed" if changed else "no_changes"
    counts = dict(sorted(collections.Counter(changed).items()))
    return {**entry, "status": status, "msg": "; ".join(messages) or None, "counts": counts, "results": run["results"]}


def _describe_list(result: TargetResult) -> dict[str, t.Any]:
    entry: dict[str, t.Any] = {"name": result.name, "status": NOT_SELECTED, "msg": None, "resources": None}
    if not result.is_selected:
        return entry
    if result.failure or result.report is None:
        return {**entry, "status": UNKNOWN, "msg": result.failure or _REASON_STOPPED}
    return {**entry, "status": "listed", "resources": result.report}


def _describe_rollout(result: TargetResult) -> dict[str, t.Any]:
    """Return the entry of a target after a rollout. Its status is the state of the rollout."""
    outcome = result.report or {}
    if not result.is_selected:
        return {"name": result.name, "status": NOT_SELECTED, "msg": None, "waiting_step": None}
    return {
        "name": result.name,
        "status": outcome.get("state") or "failed",
        "msg": result.failure or outcome.get("message") or None,
        "waiting_step": outcome.get("waiting_step"),
    }


def _add_counts(reports: t.Sequence[Report], states: t.Sequence[str]) -> dict[str, int | None]:
    """Return the sums of the counts. A sum with an unknown count is unknown."""
    sums: dict[str, int | None] = {}
    for state in states:
        counts = [report["counts"][state] for report in reports]
        sums[state] = None if None in counts else sum(counts)
    return sums
