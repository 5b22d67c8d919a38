# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import typing as t

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction, Result
from ansible_collections.community.huaweicloud.plugins.plugin_utils._host_results import (
    list_selected,
    list_started,
    read_failures,
    read_scopes,
    read_variables,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._report_files import (
    ReportFileError,
    WriteOptions,
    find_paths,
    write_reports,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import DRIFT
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import PLAN
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.slices import (
    SLICED_STATES,
    build_combined_statistics,
    combine_statistics,
    find_conflicts,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import (
    FORMATS,
    RUN_FORMATS,
    TargetResult,
    build_statistics,
    combine_reports,
    combine_runs,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import (
    build_refusal,
    to_file_part,
    to_key,
)

# What the playbooks of each type register for a target.
_VARIABLES = {"info": "info_result", "canary": "target_rollout"}
_REPORT = "report_created"
_REPORT_FORMATS = {"plan": PLAN, "drift": DRIFT}
_OUTCOMES = ("meshes_outcome", "workspaces_outcome", "workshops_outcome", "releases_outcome")


class ActionModule(ControllerAction):
    """Combine what a play has registered for its targets on the controller, and write the reports."""

    ARGUMENTS = {
        "type": {"type": "str", "choices": [*FORMATS, *RUN_FORMATS], "required": True},
        "targets": {"type": "list", "elements": "str", "required": True},
        "path": {"type": "str", "default": ""},
        "mode": {"type": "raw", "default": "0600"},
        "protected_paths": {"type": "list", "elements": "str", "default": []},
        "from_statistics": {"type": "bool", "default": False},
    }

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        if options["from_statistics"]:
            return _combine_statistics(options, variables, now)
        try:
            report = _combine(options["type"], options["targets"], variables, now)
        except ValueError as error:
            return {"failed": True, "msg": wrap_var(f"Failed to combine the results: {error}.")}
        changed = False
        if options["path"] and not self._task.check_mode:
            try:
                changed = self._write(report, options)
            except ReportFileError as error:
                return {"failed": True, "msg": wrap_var(str(error))}
        statistics = build_statistics(options["type"], report)
        if options["type"] == "plan":
            statistics.update(_read_scopes(options["targets"], variables))
        return {"changed": changed, "report": wrap_var(report), "statistics": wrap_var(statistics)}

    def _write(self, report: dict[str, t.Any], options: t.Mapping[str, t.Any]) -> bool:
        """Write the combined report, and the report of each target beside it. Return whether a file has changed."""
        reports = {options["path"]: report}
        for entry in report["targets"]:
            if entry.get("report"):
                reports[find_paths(options["path"], to_file_part(entry["name"]))["json"]] = entry["report"]
        return write_reports(reports, WriteOptions(mode=options["mode"], protected_paths=options["protected_paths"]))


def _combine_statistics(options: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any], now: str) -> Result:
    """Return the result for the statistics of earlier jobs, which AWX passes as variables."""
    if options["type"] not in SLICED_STATES or options["path"]:
        message = f"from_statistics requires one of the types {', '.join(SLICED_STATES)}, and does not write files."
        return {"failed": True, "msg": message}
    prefix = f"{options['type']}_"
    statistics = {name: to_plain(value) for name, value in variables.items() if name.startswith(prefix)}
    report = combine_statistics(options["type"], options["targets"], statistics, now)
    combined = build_combined_statistics(options["type"], report)
    result = {"changed": False, "report": wrap_var(report), "statistics": wrap_var(combined)}
    conflicts = find_conflicts(options["targets"], statistics) if options["type"] == "plan" else []
    return {**result, **wrap_var(build_refusal("Nothing was changed", conflicts))} if conflicts else result


def _read_scopes(targets: t.Sequence[str], variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the scopes of the targets as statistics, so that a later job can compare those of all slices."""
    scopes = read_scopes(list_started(targets, variables), variables)
    return {f"plan_scope_{to_key(name)}": scope for name, scope in scopes.items()}


def _combine(type_: str, targets: t.Sequence[str], variables: t.Mapping[str, t.Any], now: str) -> dict[str, t.Any]:
    results = _collect(type_, targets, variables)
    return combine_reports(type_, results, now) if type_ in FORMATS else combine_runs(type_, results, now)


def _collect(type_: str, targets: t.Sequence[str], variables: t.Mapping[str, t.Any]) -> list[TargetResult]:
    """Return the results of all targets. Raise ValueError if one of them is a report of another type."""
    selected, started = set(list_selected(targets, variables)), list_started(targets, variables)
    failures = read_failures(targets, variables)
    if type_ in FORMATS:
        reports = _collect_reports(type_, started, variables)
    elif type_ in _VARIABLES:
        reports = {name: to_plain(each) for name, each in read_variables(_VARIABLES[type_], started, variables).items()}
    else:
        reports = _collect_runs(started, variables)
    return [TargetResult(name, name in selected, failures.get(name, ""), reports.get(name)) for name in targets]


def _collect_reports(type_: str, started: t.Sequence[str], variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    created = read_variables(_REPORT, started, variables)
    reports = {name: to_plain(each["report"]) for name, each in created.items() if each.get("report")}
    for name, report in reports.items():
        if report.get("format") != _REPORT_FORMATS[type_]:
            raise ValueError(
                f"{_REPORT} of the target '{name}' is not a {type_} report. Run create_report in this play"
            )
    return reports


def _collect_runs(started: t.Sequence[str], variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the results of all kinds for each target whose changes were applied."""
    applied = list(read_variables("target_started", started, variables))
    runs: dict[str, t.Any] = {name: {"results": [], "failures": [], "is_stopped": False} for name in applied}
    for outcome in _OUTCOMES:
        for name, found in read_variables(outcome, applied, variables).items():
            results = found.get("results") or []
            runs[name]["results"] += [to_plain(result) for result in results]
            if found.get("failed") and not any(result["failed"] for result in results):
                runs[name]["failures"].append(to_plain(found.get("msg", "")))
            runs[name]["is_stopped"] |= bool(found.get("skipped"))
    return runs
