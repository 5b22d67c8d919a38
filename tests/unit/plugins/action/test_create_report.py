# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
import types

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.community.huaweicloud.plugins.action.create_report import ActionModule
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import summarize
from example_record import RECORD, write_record

DESIRED_STATE = {"workspaces": [{"name": "team", "description": "New"}]}
RESULT = {
    "kind": "workspace",
    "name": "team",
    "action": "create",
    "actions": [{"action": "create", "fields": ["description"], "request_id": None}],
    "changed": True,
    "failed": False,
    "msg": None,
    "resource": None,
    "before": None,
    "not_compared": [],
    "differences": [],
    "error": None,
}
TARGET = {"project_id": "p-1", "region": None, "asm_endpoint": None, "modelarts_endpoint": None, "auth_url": None}
COMPARISON = {
    "results": [RESULT],
    "plan": {"hash": "sha256:1"},
    "prune_skipped": [],
    "target": {**TARGET, "meshes": []},
}


def run_action(args, task_vars=None):
    action = ActionModule(types.SimpleNamespace(args=args), None, None, None, None, None)
    _validation, options = action.validate_argument_spec(ActionModule.ARGUMENTS, **ActionModule.RELATIONS)
    return action.build_result(options, task_vars or {})


def create(task_vars=None, **options):
    args = {"type": "plan", "comparison": COMPARISON, "desired_state": DESIRED_STATE, **options}
    return run_action(args, task_vars)


def test_plan_has_path_time_and_hash():
    report = create(desired_state_path="site.yml")["report"]
    assert (report["desired_state"]["path"], report["hash"], report["status"]) == ("site.yml", "sha256:1", "changes")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", report["generated_at"])


def test_drift_report_has_missing_resource():
    report = create(type="drift")["report"]
    assert (report["has_drift"], report["counts"]["missing"], report["desired_state"]["path"]) == (True, 1, "")


def unmanaged(name, kind="mesh"):
    found = {"id": f"id-{name}", "name": name}
    return {**RESULT, "kind": kind, "name": name, "action": "delete", "before": found}


def test_meshes_of_other_targets_are_not_unmanaged():
    results = [{**RESULT, "kind": "mesh", "name": "shop"}, *map(unmanaged, ["bank", "old", "books"])]
    comparison = {**COMPARISON, "results": [*results, unmanaged("bank", "workspace")]}
    # With many targets, reading their variables in the task of each target takes long.
    variables = {"hostvars": None, "inventory_hostname": "a"}
    owners = {"ids": {"id-books": ["c"], "id-old": ["a"]}, "names": {"p-1": {"bank": ["b"]}, "p-2": {"old": ["d"]}}}
    options = {"type": "drift", "comparison": comparison, "desired_state": {"meshes": [{"name": "shop"}]}}
    found = create(variables, mesh_owners=owners, **options)["report"]
    assert [(each["kind"], each["name"]) for each in found["resources"] if each["state"] == "unmanaged"] == [
        ("mesh", "old"),
        ("workspace", "bank"),
    ]
    assert create(variables, **options)["report"]["counts"]["unmanaged"] == 4


@pytest.mark.parametrize(
    ("unknown", "names", "is_unknown"),
    [
        ({"b": None, "c": "p-1"}, "old", True),
        ({"b": "p-2", "a": None}, "old", False),
        # All meshes belong to known targets.
        ({"b": None}, "books", False),
    ],
)
def test_meshes_are_undetermined_if_a_target_is_unknown(unknown, names, is_unknown):
    results = [{**RESULT, "kind": "mesh", "name": "shop"}, unmanaged("bank", "workspace"), unmanaged(names)]
    comparison = {**COMPARISON, "results": results}
    owners = {"ids": {"id-books": ["c"]}, "names": {}, "unknown": unknown}
    options = {"type": "drift", "comparison": comparison, "desired_state": {"meshes": [{"name": "shop"}]}}
    found = create({"inventory_hostname": "a"}, mesh_owners=owners, **options)
    report = found["report"]
    kept = ["old"] if names == "old" and not is_unknown else []
    assert [each["name"] for each in report["resources"] if each["state"] == "unmanaged"] == ["bank", *kept]
    assert (report["status"], report["undetermined_kinds"], report["counts"]["unmanaged"]) == (
        ("unknown", ["meshes"], None) if is_unknown else ("drift", [], 1 + len(kept))
    )
    assert found["problem"] == (
        "Unmanaged meshes are unknown. They could belong to other targets, whose meshes are unknown: b, c."
        if is_unknown
        else None
    )


def test_plan_has_summary_for_the_next_job():
    result = create(desired_state_path="site.yml")
    assert result["summary"] == summarize(result["report"])
    assert "summary" not in create(type="drift")


def test_complete_report_has_no_problem():
    assert [create(type=type_)["problem"] for type_ in ("plan", "drift")] == [None, None]


def test_problem_of_a_plan_has_all_messages():
    failed = {**RESULT, "failed": True, "msg": "It is invalid.", "error": {"kind": "options"}}
    named = {**failed, "msg": "Workspace 'team' is invalid."}
    comparison = {**COMPARISON, "results": [failed, RESULT, named]}
    desired_state = {"workspaces": DESIRED_STATE["workspaces"] * 3}
    assert create(comparison=comparison, desired_state=desired_state)["problem"] == (
        "2 of 3 items are invalid: workspace 'team': It is invalid; Workspace 'team' is invalid."
    )


@pytest.mark.parametrize("kind", ["transport", "protocol", "auth", "forbidden", "bad_request", "rate_limit", "server"])
def test_failed_request_leaves_no_plan(kind):
    failed = {**RESULT, "failed": True, "msg": "The list failed", "error": {"kind": kind}}
    invalid = {**failed, "msg": "It is invalid.", "error": {"kind": "options"}}
    desired_state = {"workspaces": DESIRED_STATE["workspaces"] * 3}
    options = {"comparison": {**COMPARISON, "results": [failed, RESULT, invalid]}, "desired_state": desired_state}
    reason = "The state of 1 of 3 items is unknown: workspace 'team': The list failed"
    assert create(**options) == {"failed": True, "msg": reason}
    assert create(approved_plan_hash="sha256:1", **options) == {"failed": True, "msg": f"Nothing was sent. {reason}"}


@pytest.mark.parametrize("kind", ["options", "lint", "drift", "ambiguous", "conflict", "wait"])
def test_other_error_is_an_invalid_item(kind):
    failed = {**RESULT, "failed": True, "msg": "It is invalid.", "error": {"kind": kind}}
    assert create(comparison={**COMPARISON, "results": [failed]})["report"]["status"] == "invalid"


@pytest.mark.parametrize(("skipped", "more"), [([], ""), (["workspaces"], " Unmanaged workspaces are unknown, too.")])
@pytest.mark.parametrize("message", ["The list failed", "The list failed."])
def test_problem_of_a_drift_report_has_unknown_states(skipped, more, message):
    failed = {**RESULT, "failed": True, "msg": message, "error": {"kind": "server"}}
    comparison = {**COMPARISON, "results": [failed], "prune_skipped": skipped}
    assert create(type="drift", comparison=comparison)["problem"] == (
        f"The state of 1 of 1 resources is unknown: The list failed.{more}"
    )


def test_problem_of_a_drift_report_without_unknown_states():
    found = create(type="drift", comparison={**COMPARISON, "prune_skipped": ["workspaces"]})
    assert found["problem"] == "Unmanaged workspaces are unknown."


def test_approved_plan_is_accepted_by_file_or_hash(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(create()["report"]), encoding="utf-8")
    for options in (
        {"approved_plan_path": str(path)},
        {"approved_plan_path": str(path), "approved_plan_hash": "sha256:1"},
        {"approved_plan_path": "/no/such/plan.json", "approved_plan_hash": "sha256:1"},
        {"approved_plan_hash": "sha256:1", "approved_plan_summary": "not a summary"},
    ):
        assert "failed" not in create(**options)


@pytest.mark.parametrize(
    "text, change",
    [
        (None, "the file {path} does not exist"),
        (
            "",
            "this is not a plan file of this collection, because it is not JSON: Expecting value: line 1 column 1 (char 0)",
        ),
        ('["JSON"]', "this is not a plan file of this collection"),
    ],
)
def test_other_file_is_refused(tmp_path, text, change):
    path = tmp_path / "plan.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    result = create(approved_plan_path=str(path))
    assert (result["failed"], result["plan_changes"]) == (True, [change.format(path=path)])
    assert result["msg"].startswith("Nothing was sent. The plan") and result["msg"].endswith(" Create a new plan.")


def test_other_hash_is_refused():
    result = create(approved_plan_hash="sha256:2")
    assert result["plan_changes"] == ["the hash of the plan was sha256:2 and is now sha256:1 (project p-1)"]


@pytest.mark.parametrize("type_", ["plan", "drift"])
def test_redacted_results_need_digests(type_):
    result = create(type=type_, comparison={**COMPARISON, "redacted": True})
    assert result["msg"].startswith("Failed to create the report: the results are redacted and have no digests")
    with_digests = {**COMPARISON, "redacted": True, "results": [{**RESULT, "redacted_digest": None}]}
    assert create(type=type_, comparison=with_digests)["report"]["resources"]


def test_other_comparison_fails():
    assert create(comparison={"results": [1]})["msg"].startswith("comparison is not the result of ")


def test_vaulted_values_of_the_variable_are_redacted(vaulted):
    """Before ansible-core 2.19, the arguments of the task have no marks of vaulted values."""
    original = {"workspaces": [{"name": "team", "description": vaulted("New")}]}
    report = create(task_vars={"loaded_desired_state": original})["report"]
    assert report["resources"][0]["desired"]["description"] == "(not shown)"


# Rollouts


def create_rollout(path, **options):
    return run_action({"type": "canary", "record_path": str(path), **options})


def test_report_of_a_rollout_is_read_from_its_record(tmp_path):
    path = tmp_path / "canary.jsonl"
    path.write_text(write_record(RECORD), encoding="utf-8")
    result = create_rollout(path)
    assert (result["changed"], result["report"]["status"]) == (False, "rolled_back")
    assert result["report"]["record_path"] == str(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["report"]["generated_at"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"plan\n", "line 1 of the record is not JSON"),
        (b"\xff\n", "it is not in UTF-8"),
    ],
)
def test_file_that_is_not_a_record(tmp_path, content, reason):
    path = tmp_path / "canary.jsonl"
    if content is not None:
        path.write_bytes(content)
    message = f"Failed to read the record {path}: {reason}."
    assert create_rollout(path) == {"failed": True, "msg": message}


@pytest.mark.parametrize(
    ("args", "missing"),
    [
        ({"type": "canary"}, "type is canary but all of the following are missing: record_path"),
        ({"type": "plan", "comparison": {}}, "type is plan but all of the following are missing: desired_state"),
        ({"type": "drift", "desired_state": {}}, "type is drift but all of the following are missing: comparison"),
    ],
)
def test_each_type_requires_its_options(args, missing):
    with pytest.raises(AnsibleActionFail, match=missing):
        run_action(args)
