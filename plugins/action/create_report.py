# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import functools
import json
import typing as t
from pathlib import Path

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.community.huaweicloud.plugins.plugin_utils._local_execution import DESIRED_STATE_VARIABLE
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import (
    build_canary_report,
    parse_record,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.drift import (
    build_drift_report,
    describe_unknown_states,
    drop_meshes,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import (
    build_plan,
    describe_failed_requests,
    describe_invalid_items,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan_diff import (
    NOT_A_PLAN,
    find_plan_changes,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import summarize
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.targets import find_plan
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import (
    belongs_to_others,
    find_unknown_owners,
)

# The functions that build a report of each type, and that describe why it is incomplete.
REPORTS: dict[str, tuple[t.Callable[..., dict[str, t.Any]], t.Callable[..., str | None]]] = {
    "plan": (build_plan, describe_invalid_items),
    "drift": (build_drift_report, describe_unknown_states),
}
ROLLOUT = "canary"
# Arguments that can contain secrets, or that are large.
_HIDDEN = ("comparison", "desired_state", "mesh_owners")


class ActionModule(ControllerAction):
    """Create a plan, a drift report or the report of a rollout on the controller."""

    ARGUMENTS = {
        "type": {"type": "str", "choices": [*REPORTS, ROLLOUT], "required": True},
        "comparison": {"type": "dict"},
        "desired_state": {"type": "dict"},
        "desired_state_path": {"type": "str", "default": ""},
        "approved_plan_path": {"type": "str", "default": ""},
        "approved_plan_hash": {"type": "str", "default": ""},
        "approved_plan_summary": {"type": "raw"},
        "approved_plan_target": {"type": "str", "default": ""},
        "record_path": {"type": "str"},
        "mesh_owners": {"type": "dict"},
    }
    RELATIONS = {
        "required_if": [
            *(["type", name, ["comparison", "desired_state"]] for name in REPORTS),
            ["type", ROLLOUT, ["record_path"]],
        ]
    }

    _given_args: dict[str, t.Any] | None = None

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # A task with until calls this method again. By then, its arguments are reduced.
        self._given_args = self._task.args = self._task.args if self._given_args is None else self._given_args
        try:
            return super().run(tmp, task_vars)
        finally:
            # Callbacks get the arguments, and AWX stores them.
            self._task.args = {key: value for key, value in self._given_args.items() if key not in _HIDDEN}

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        if options["type"] == ROLLOUT:
            return _create_rollout_report(Path(options["record_path"]).expanduser(), now)
        desired_state = _restore_vault_marks(options["desired_state"], variables)
        try:
            build, describe_problem = REPORTS[options["type"]]
            comparison = options["comparison"]
            unknown: list[str] = []
            if options["type"] == "drift" and options["mesh_owners"]:
                name = str(variables["inventory_hostname"])
                comparison, unknown = _drop_meshes(comparison, desired_state, name, options["mesh_owners"])
            report = build(comparison, desired_state, options["desired_state_path"], now)
        except (AttributeError, KeyError, TypeError):
            message = "comparison is not the result of community.huaweicloud.apply in check mode."
            return {"failed": True, "msg": message}
        except ValueError as error:
            return {"failed": True, "msg": f"Failed to create the report: {error}."}
        # A failed request does not make an item invalid, so the plan cannot be created.
        failure = describe_failed_requests(report) if options["type"] == "plan" else None
        if failure:
            is_approved = options["approved_plan_path"] or options["approved_plan_hash"]
            return {"failed": True, "msg": wrap_var(f"{'Nothing was sent. ' if is_approved else ''}{failure}")}
        problem = describe_problem(report)
        if unknown and "meshes" in report["undetermined_kinds"]:
            problem = f"{problem} They could belong to other targets, whose meshes are unknown: {', '.join(unknown)}."
        result = {"changed": False, "report": wrap_var(report), "problem": wrap_var(problem)}
        if options["type"] == "plan":
            result["summary"] = wrap_var(summarize(report))
        if not options["approved_plan_path"] and not options["approved_plan_hash"]:
            return result
        path = Path(options["approved_plan_path"]).expanduser() if options["approved_plan_path"] else None
        changes = _compare(path, report, options)
        if changes:
            where = f" in {path}" if path and path.is_file() else ""
            message = f"Nothing was sent. The plan{where} cannot be applied: {'; '.join(changes)}. Create a new plan."
            result.update(failed=True, msg=wrap_var(message), plan_changes=wrap_var(changes))
        return result


def _drop_meshes(
    comparison: dict[str, t.Any], desired_state: dict[str, t.Any], name: str, owners: dict[str, t.Any]
) -> tuple[t.Any, list[str]]:
    """Return the comparison of a target without the meshes of other targets, and the names of the targets whose meshes are unknown."""
    place = {"target": name, "project_id": comparison["target"]["project_id"], "owners": owners}
    unknown = find_unknown_owners(**place)
    belongs_elsewhere = functools.partial(belongs_to_others, **place)
    return drop_meshes(comparison, desired_state, belongs_elsewhere, may_belong_elsewhere=bool(unknown)), unknown


def _create_rollout_report(path: Path, now: str) -> dict[str, t.Any]:
    try:
        report = build_canary_report(parse_record(path.read_text(encoding="utf-8")), str(path), now)
    except OSError as error:
        message = f"Failed to read the record {path}: {error.strerror or error}."
        return {"failed": True, "msg": wrap_var(message)}
    except ValueError as error:
        reason = "it is not in UTF-8" if isinstance(error, UnicodeError) else error
        return {"failed": True, "msg": wrap_var(f"Failed to read the record {path}: {reason}.")}
    return {"changed": False, "report": wrap_var(report)}


def _compare(path: Path | None, report: dict[str, t.Any], options: t.Mapping[str, t.Any]) -> list[str]:
    approved, approved_hash = None, options["approved_plan_hash"]
    if path and path.is_file():
        try:
            approved = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            return [f"{NOT_A_PLAN}, because it is not JSON: {error}"]
        try:
            approved, approved_hash = find_plan(approved, options["approved_plan_target"], approved_hash)
        except ValueError as error:
            return [str(error)]
    elif path and not approved_hash:
        return [f"the file {path} does not exist"]
    # Without a file, the hash decides.
    return find_plan_changes(approved, report, approved_hash, options["approved_plan_summary"])


def _restore_vault_marks(desired_state: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the desired state with marks of vaulted values. Before ansible-core 2.19, arguments of a task lose them."""
    original = task_vars.get(DESIRED_STATE_VARIABLE)
    return original if isinstance(original, dict) and original == desired_state else desired_state
