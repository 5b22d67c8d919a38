# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import types

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.community.huaweicloud.plugins.action import check_targets, combine_targets, describe_target
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import PLAN_STATES

REPORT = {"format": "community.huaweicloud.drift/1", "status": "no_drift", "has_drift": False, "resources": []}
REPORT |= {"counts": dict.fromkeys(("failed", "changed", "missing", "unmanaged", "unknown", "in_sync"), 0)}
REPORT |= {"desired_state": {"path": "a.yml"}, "generated_at": "2026-03-01T12:00:00Z", "undetermined_kinds": []}
REPORT |= {"target": dict.fromkeys(("project_id", "region", "asm_endpoint", "modelarts_endpoint", "auth_url"))}
REPORT["target"]["meshes"] = []
REPORT["redacted"] = True
PLAN = {**REPORT, "format": "community.huaweicloud.plan/1", "status": "no_changes", "has_changes": False}
PLAN |= {"hash": "sha256:1", "counts": dict.fromkeys(PLAN_STATES, 0)}


@pytest.fixture(name="run")
def _run(monkeypatch, tmp_path):
    """Run an action with options and the variables of hosts.

    Those of the hosts in ``others`` are not in the play. ``started`` has the hosts on which the play has started, and ``active`` those
    that are still in the play.
    """
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})

    def run(module, hosts=None, *, check_mode=False, others=(), started=None, active=None, variables=None, **options):
        task = types.SimpleNamespace(args=options, check_mode=check_mode)
        loader = types.SimpleNamespace(get_basedir=lambda: str(tmp_path / "playbooks"))
        action = module.ActionModule(task, None, None, loader, None, None)
        variables = {
            **(variables or {}),
            "hostvars": hosts or {},
            "ansible_play_hosts_all": [h for h in hosts or {} if h not in others],
        }
        variables |= {"targets_not_started": [name for name in hosts if name not in started]} if started else {}
        variables |= {"ansible_play_hosts": active} if active else {}
        return {**action.run(None, variables), "arguments": task.args}

    return run


def describe(run, desired_state, **connection):
    found = run(describe_target, connection=connection, desired_state=desired_state)
    return {"target_description": {"scope": found["scope"]}}


def test_description_does_not_keep_its_arguments(run):
    found = run(describe_target, connection={"secret_key": "hunter2"}, desired_state={"workspaces": []}, mesh_id="m-1")
    assert found["arguments"] == {"mesh_id": "m-1"}
    assert found["scope"]["mesh"] == {"mesh_id": "m-1"}


def test_file_with_credentials_is_relative_to_the_current_directory(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    profile = {"name": "one", "mode": "AKSK", "accessKeyId": "AK", "secretAccessKey": "hunter2", "projectId": "p-1"}
    (tmp_path / "config.json").write_text(json.dumps({"profiles": [profile]}), encoding="utf-8")
    options = {"connection": {"credentials_file": "config.json", "profile": "one"}, "desired_state": {}}
    assert run(describe_target, **options)["scope"]["project"]["key"] == "id p-1"
    (tmp_path / "config.json").unlink()
    found = run(describe_target, **options)
    assert found["failed"]
    assert found["msg"] == (
        f"Failed to describe the target: '{tmp_path}/config.json' cannot be read: No such file or directory. "
        "Check the task option credentials_file"
    )


def test_conflict_of_targets_in_the_play_is_refused(run):
    hosts = {name: describe(run, {"workspaces": []}, project_id="p-1") for name in "ab"}
    found = run(check_targets, hosts, targets=["a", "b"])
    assert (found["failed"], found["msg"]) == (
        True,
        "Nothing was sent. The targets 'a' and 'b' both declare the workspaces of project p-1. "
        "Two targets must not manage the same resources.",
    )
    assert run(check_targets, hosts, targets=["a", "b"], others=["b"])["failed_targets"] == []


def test_conflict_of_names_is_refused_without_descriptions(run):
    conflict = "The targets 'a-b' and 'a_b' have the same name in variables (a_b): rename one of them"
    found = run(check_targets, {"a-b": {}, "a_b": {}}, targets=["a-b", "a_b"])
    assert (found["msg"], found["conflicts"]) == (f"Nothing was sent. {conflict}.", [conflict])
    assert "failed" not in run(check_targets, {"a-b": {}}, targets=["a-b"])


def test_resolved_conflict_is_refused_before_a_change(run):
    hosts = {
        "a": describe(run, {"workspaces": []}, project_id="p-1"),
        "b": describe(run, {"workspaces": []}, project_name="x"),
        "c": {"target_failure": "The file is invalid."},
    }
    assert run(check_targets, hosts, targets=["a", "b", "c"])["failed_targets"] == ["c"]
    for name in "ab":
        hosts[name]["detected_changes"] = {"target": {"project_id": "p-1", "meshes": []}}
    found = run(check_targets, hosts, targets=["a", "b", "c"], resolved=True)
    assert found["msg"].startswith("Nothing was changed. The targets 'a' and 'b' both declare the workspaces")


@pytest.mark.parametrize("resolved", [False, True])
def test_target_with_an_invalid_connection_has_no_scope(run, resolved):
    invalid = run(describe_target, connection={"profil": "x"}, desired_state={"workspaces": []})
    assert invalid["failed"]
    hosts = {
        "a": {**describe(run, {"workspaces": []}, project_id="p-1"), "report_created": {"report": PLAN}},
        "b": {"target_description": invalid, "target_failure": invalid["msg"]},
    }
    found = run(check_targets, hosts, targets=["a", "b"], resolved=resolved)
    assert ("failed" in found, found["failed_targets"]) == (False, ["b"])
    combined = run(combine_targets, hosts, type="plan", targets=["a", "b"])
    assert [entry["status"] for entry in combined["report"]["targets"]] == ["no_changes", "unknown"]
    assert [name for name in combined["statistics"] if name.startswith("plan_scope_")] == ["plan_scope_a"]


class CountedHosts(dict):
    """The variables of hosts. Reading those of one host takes Ansible long, so the number of reads counts."""

    reads = 0

    def __getitem__(self, name):
        self.reads += 1
        return super().__getitem__(name)


@pytest.mark.parametrize("resolved", [False, True])
def test_variables_of_each_host_are_read_a_few_times(run, resolved):
    hosts = CountedHosts()
    for number in range(50):
        found = {**describe(run, {"workspaces": []}, project_id=f"p-{number}"), "mesh_name": "shop"}
        found["detected_changes"] = {"target": {"project_id": f"p-{number}", "meshes": []}}
        hosts[f"host-{number}"] = found
    result = run(check_targets, hosts, targets=list(hosts), resolved=resolved)
    assert ("mesh_owners" in result) == resolved
    assert hosts.reads <= 4 * len(hosts)


@pytest.mark.parametrize("resolved", [False, True])
def test_mesh_of_a_target_outside_the_play_is_not_pruned(run, resolved):
    hosts = {
        "a": describe(run, {"meshes": [], "prune": {"meshes": ["."]}}, project_id="p-1"),
        "b": {"project_id": "p-1", "mesh_name": "shop"},
    }
    hosts["a"]["detected_changes"] = {"target": {"project_id": "p-1", "meshes": []}, "results": []}
    found = run(check_targets, hosts, targets=["a", "b"], others=["b"], resolved=resolved)
    assert "'a' has prune.meshes, so it would delete the meshes of the others" in found["msg"]


@pytest.mark.parametrize(
    ("name", "variables", "is_refused"),
    [
        ("b", {"huaweicloud_connection": {"project_id": "p-1"}}, True),
        ("b", {"huaweicloud_connection": {"project_id": "p-1"}, "project_id": "p-2"}, True),
        ("b", {"huaweicloud_connection": {"project_id": "p-2"}, "project_id": "p-1"}, False),
        # The name takes precedence over the variable of the host.
        ("b", {"huaweicloud_connection": {"project": "x"}, "project_id": "p-1"}, False),
        ("b", {"huaweicloud_connection": {"project_id": "", "region": "x"}, "project_id": "p-1"}, True),
        ("b", {"huaweicloud_connection": [], "project_id": "p-1"}, True),
        # This target uses neither a mesh nor a project of the inventory.
        ("localhost", {"project_id": "p-1"}, False),
        ("localhost", {"huaweicloud_connection": {"project_id": "p-1"}}, False),
    ],
)
def test_project_outside_the_play_is_that_of_its_connection(run, name, variables, is_refused):
    own = describe(run, {"meshes": [], "prune": {"meshes": ["."]}}, project_id="p-1")
    hosts = {"a": own, name: {"mesh_name": "shop", **variables}}
    assert run(check_targets, hosts, targets=list(hosts), others=[name]).get("failed", False) == is_refused


def test_prune_beside_a_target_without_a_file_is_refused(run):
    hosts = {
        "a": describe(run, {"workspaces": [], "prune": {"workspaces": ["."]}}, project_id="p-1"),
        **{name: {"target_failure": "The file is invalid."} for name in "bcd"},
    }
    hosts["a"]["detected_changes"] = {"target": {"project_id": "p-1", "meshes": []}, "results": []}
    hosts["c"]["huaweicloud_connection"] = {"project_id": "p-2"}
    found = run(check_targets, hosts, targets=list(hosts), others=["d"], resolved=True)
    assert list(found["refused_prunes"]) == ["a"]
    assert (
        "unknown scope: 'b' (its desired-state file was not loaded, or its connection is invalid). Fix"
        in found["refused_prunes"]["a"]
    )
    # A target of an earlier play.
    found = run(check_targets, {"a": hosts["a"], "e": {}}, targets=["a", "e"], started=["a"], resolved=True)
    assert list(found["refused_prunes"]) == ["a"]


def test_owners_of_meshes_include_targets_outside_the_play(run):
    hosts = {
        "a": {**describe(run, {"meshes": [{"name": "shop"}]}, project_id="p-1"), "project_id": "p-1"},
        "b": {"project_id": "p-1", "mesh_id": "m-2"},
        "c": {"mesh_name": "far"},
    }
    hosts["a"]["detected_changes"] = {"target": {"project_id": "p-1", "meshes": [{"id": "m-1", "name": "shop"}]}}
    found = run(check_targets, hosts, targets=["a", "b", "c"], others=["b", "c"], resolved=True)
    assert found["mesh_owners"] == {
        "ids": {"m-1": ["a"], "m-2": ["b"]},
        "names": {"p-1": {"shop": ["a"]}},
        "unknown": {},
    }


def test_combined_report_and_those_of_the_targets_are_written(run, tmp_path):
    hosts = {"a": {"report_created": {"report": REPORT}}, "b": {"target_failure": "No connection."}, "c": {}}
    options = {"type": "drift", "targets": ["a", "b", "c"], "path": str(tmp_path / "drift.json")}
    predicted = run(combine_targets, hosts, check_mode=True, others=["c"], **options)
    assert (predicted["changed"], list(tmp_path.iterdir())) == (False, [])
    found = run(combine_targets, hosts, others=["c"], **options)
    assert found["changed"]
    assert [entry["status"] for entry in found["report"]["targets"]] == ["no_drift", "unknown", "not_selected"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        f"drift.{name}" for name in ("json", "md", "html", "xml", "a.json", "a.md", "a.html", "a.xml")
    )
    assert json.loads((tmp_path / "drift.a.json").read_text(encoding="utf-8")) == REPORT
    assert found["statistics"]["drift_status_b"] == "unknown"


def test_slices_with_the_same_scope_are_refused(run):
    """A later job gets the statistics of both slices as variables of its host."""
    handed = {}
    for name, connection in (("a", {"project_id": "p-1"}), ("b", {"project_name": "x"})):
        plan = {**PLAN, "target": {**PLAN["target"], "project_id": "p-1"}}
        hosts = {name: {**describe(run, {"workspaces": []}, **connection), "report_created": {"report": plan}}}
        handed.update(run(combine_targets, hosts, type="plan", targets=[name])["statistics"])
    found = run(combine_targets, {}, type="plan", targets=["a", "b"], from_statistics=True, variables=handed)
    conflict = "The targets 'a' and 'b' both declare the workspaces of project p-1"
    assert (found["failed"], found["conflicts"]) == (True, [conflict])
    assert found["msg"] == f"Nothing was changed. {conflict}. Two targets must not manage the same resources."
    assert found["report"]["target_counts"]["no_changes"] == 2
    found = run(combine_targets, {}, type="plan", targets=["a"], from_statistics=True, variables=handed)
    assert "failed" not in found


def test_report_never_replaces_a_desired_state_file(run, tmp_path):
    path = tmp_path / "drift.json"
    path.write_text("workspaces: []", encoding="utf-8")
    found = run(combine_targets, {"a": {}}, type="drift", targets=["a"], path=str(path), protected_paths=[str(path)])
    assert (found["failed"], "is the desired-state file" in found["msg"]) == (True, True)
    assert path.read_text(encoding="utf-8") == "workspaces: []"


def test_results_of_all_kinds_are_combined(run):
    item = {"kind": "workspace", "name": "team", "action": "create", "changed": True, "failed": False, "msg": None}
    hosts = {
        "a": {
            "target_started": True,
            "workspaces_outcome": {"results": [item], "failed": False},
            "workshops_outcome": {"failed": True, "msg": "Failed to list the workshops."},
        },
        "b": {"target_started": True, "workspaces_outcome": {"results": [item]}, "releases_outcome": {"skipped": True}},
        "c": {},
    }
    report = run(combine_targets, hosts, type="site", targets=["a", "b", "c"])["report"]
    assert [(entry["status"], entry["counts"]) for entry in report["targets"]] == [
        ("failed", {"create": 1}),
        ("stopped", {"create": 1}),
        ("stopped", {}),
    ]
    assert report["targets"][0]["msg"] == "Failed to list the workshops."


def test_results_of_meshes_are_combined(run):
    item = {"kind": "mesh", "name": "shop", "action": "create", "changed": True, "failed": False, "msg": None}
    hosts = {
        # The meshes to delete could not be listed.
        "a": {"target_started": True, "meshes_outcome": {"failed": True, "msg": "No connection.", "results": [item]}},
        # Another target failed before the meshes were deleted.
        "b": {"target_started": True, "meshes_outcome": {"failed": False, "skipped": True, "results": []}},
        "c": {"target_started": True, "meshes_outcome": {"failed": False, "skipped": False, "results": [item]}},
    }
    report = run(combine_targets, hosts, type="site", targets=["a", "b", "c"])["report"]
    assert [(entry["status"], entry["msg"], entry["counts"]) for entry in report["targets"]] == [
        ("failed", "No connection.", {"create": 1}),
        ("stopped", "Stopped, because another target has failed (huaweicloud_fail_fast is set).", {}),
        ("changed", None, {"create": 1}),
    ]


REMOVED = "The target was removed from the play, because it was unreachable or a task has failed. The output of the task has the reason."
NOT_STARTED = "The target was not started, because it had failed or was unreachable in an earlier play."


@pytest.mark.parametrize(
    ("type_", "status"), [("drift", "unknown"), ("info", "unknown"), ("site", "failed"), ("canary", "failed")]
)
def test_results_of_an_earlier_play_are_ignored(run, type_, status):
    stale = {
        "report_created": {"report": {**REPORT, "format": "community.huaweicloud.plan/1", "status": "changes"}},
        "info_result": {"meshes": []},
        "target_rollout": {"state": "promoted", "message": "Done."},
        "target_started": True,
        "target_failure": "The reason of the earlier play.",
    }
    found = run(combine_targets, {"a": {}, "b": stale}, started=["a"], type=type_, targets=["a", "b", "c"])
    entries = [(entry["status"], entry["msg"]) for entry in found["report"]["targets"]]
    assert entries[1:] == [(status, NOT_STARTED), ("not_selected", None)]


def test_target_that_was_not_started_has_no_scope_and_has_failed(run):
    hosts = {name: describe(run, {"workspaces": []}, project_id="p-1") for name in "ab"}
    found = run(check_targets, hosts, targets=["a", "b"], started=["a"])
    assert found["failed_targets"] == ["b"]


@pytest.mark.parametrize("recorded", [[], ["z"], ["b"]])
def test_record_of_an_earlier_play_does_not_hide_a_conflict(run, recorded):
    hosts = {name: describe(run, {"workspaces": []}, project_id="p-1") for name in "abc"}
    found = run(check_targets, hosts, targets=["a", "b", "c"], variables={"targets_not_started": recorded})
    names = "'a' and 'c' both" if "b" in recorded else "'a', 'b' and 'c' all"
    assert found["conflicts"] == [f"The targets {names} declare the workspaces of project p-1"]


def test_target_that_is_active_again_is_compared(run):
    hosts = {name: describe(run, {"workspaces": []}, project_id="p-1") for name in "ab"}
    options = {"targets": ["a", "b"], "variables": {"targets_not_started": ["b"]}}
    assert "conflicts" not in run(check_targets, hosts, active=["a"], **options)
    assert run(check_targets, hosts, active=["a", "b"], **options)["failed"]


def test_report_of_another_type_is_refused(run):
    hosts = {"a": {"report_created": {"report": {**REPORT, "format": "community.huaweicloud.plan/1"}}}}
    found = run(combine_targets, hosts, type="drift", targets=["a"])
    assert (found["failed"], found["msg"]) == (
        True,
        "Failed to combine the results: report_created of the target 'a' is not a drift report. Run create_report in this play.",
    )


def test_target_without_a_report_is_unknown(run):
    hosts = {"a": {"report_created": {"failed": True, "msg": "It failed."}, "target_failure": "It failed."}}
    found = run(combine_targets, hosts, type="drift", targets=["a"])
    assert [(entry["status"], entry["msg"]) for entry in found["report"]["targets"]] == [("unknown", "It failed.")]


def test_target_that_ansible_has_removed_has_failed(run):
    item = {"kind": "workspace", "name": "team", "action": "create", "changed": True, "failed": False, "msg": None}
    applied = {"target_started": True, "workspaces_outcome": {"results": [item]}}
    unreachable = {**applied, "workshops_outcome": {"unreachable": True, "msg": "Timeout."}}
    hosts = {"a": applied, "b": unreachable, "c": {"target_failure": "The file is invalid."}}
    found = run(combine_targets, hosts, active=["a"], type="site", targets=["a", "b", "c"])
    assert [(entry["status"], entry["msg"], entry["counts"]) for entry in found["report"]["targets"]] == [
        ("changed", None, {"create": 1}),
        ("failed", REMOVED, {"create": 1}),
        ("failed", "The file is invalid.", {}),
    ]
    assert run(check_targets, hosts, active=["a"], targets=["a", "b", "c"])["failed_targets"] == ["b", "c"]
