# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the same plays with every behavior of the emulator. Undocumented behavior of the services must not matter, or must be an option.

A scenario combines behaviors that are independent of each other. Each value is part of at least one scenario.
"""

from __future__ import annotations

import typing as t

import pytest
from expectations import check_quiet
from harness import Emulator, Player, control, task
from task_scenarios import (
    MESH,
    NO_RELEASES,
    Case,
    Scenario,
    denied,
    ended_release,
    fake_list,
    look,
    no_workshop,
    no_workspace,
    release,
    run_cases,
    traffic,
    workshop,
    workspace,
)

MESHES = {"kind": "MeshList", "apiVersion": "v1", "items": []}
UNKNOWN_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="class")
def scenarios(request: pytest.FixtureRequest, shared_play: Player) -> dict[str, Scenario]:
    return run_cases(shared_play, request.cls.CASES)


# -- workshops

WORKSHOP_STEPS = (
    workshop("create"),
    workshop("create again"),
    task("asm_workshop_info", "read", **MESH),
    look("after the creation"),
    workshop("change", description="Another demo", on_drift="replace"),
    no_workshop("delete"),
    no_workshop("remove again"),
    look("at the end"),
)


def check_workshop_life(scenario: Scenario) -> None:
    created = scenario["create"].result["workshop"]
    assert scenario["create"].changed and [call["method"] for call in scenario["create"].writes] == ["POST"]
    assert created["created_at"].endswith("Z") and created["updated_at"].endswith("Z")
    check_quiet(scenario["create again"])
    assert scenario["create again"].result["workshop"] == created
    assert scenario["read"].result["workshops"] == [created]
    assert len(scenario.stores("after the creation")["workshops"]) == 1
    assert scenario["change"].changed and scenario["change"].result["workshop"]["description"] == "Another demo"
    assert [call["method"] for call in scenario["change"].writes if call["status"] == 200] == ["DELETE", "POST"]
    assert scenario["delete"].changed and scenario["delete"].result["workshop"] is None
    check_quiet(scenario["remove again"])
    assert scenario.stores("at the end")["workshops"] == {}


def check_adopted(scenario: Scenario) -> None:
    """Check a resource that another client created first: no change if it is equal, otherwise an error with the differences."""
    adopted, other = scenario["create what came meanwhile"], scenario["create another that came meanwhile"]
    assert not adopted.failed and not adopted.changed, adopted.msg
    assert [call["status"] for call in adopted.writes] == [
        int(scenario.case.behaviors.get("duplicate_asm_name", "409").partition("_")[0])
    ]
    assert other.failed and not other.changed
    assert "differs" in other.msg and "'Another demo'" in other.msg
    assert len(scenario.stores("after that")["workshops"]) == 1


def check_refused(scenario: Scenario) -> None:
    """Check that the response is an error and not treated as an empty list."""
    record = scenario["invalid"]
    assert record.failed and not record.changed and record.writes == []
    assert record.result["error"]["status"] == 403
    assert "asm:mesh:listWorkshops" in record.msg and record.result["error"]["request_id"]
    code = "0302" if scenario.case.behaviors.get("forbidden_by") == "gateway" else "ASM.01000002"
    assert record.result["error"]["code"].endswith(code)
    assert record.result["error"]["code"].startswith(scenario.case.behaviors.get("gateway_prefix", "") or "A")


def check_missing_mesh(scenario: Scenario) -> None:
    """Check the error if the mesh is deleted between two requests, also for state=absent."""
    for name in ("create in it", "remove from it", "list in it"):
        record = scenario[name]
        assert record.failed and not record.changed and record.writes == []
        assert record.result["error"]["status"] == int(scenario.case.behaviors["unknown_mesh"])


MISSING_MESH = dict(
    MESHES, items=[{"metadata": {"name": "demo-mesh", "uid": UNKNOWN_ID}, "spec": {}, "status": {"phase": "Running"}}]
)
WORKSHOP_RACE = (
    workshop("create"),
    fake_list("/workshops$", []),
    workshop("create what came meanwhile"),
    fake_list("/workshops$", []),
    workshop("create another that came meanwhile", description="Another demo"),
    look("after that"),
)
WORKSHOP_REFUSAL = (*denied("asm:mesh:listWorkshops"), workshop("invalid"))
MESH_IS_MISSING = (
    fake_list("/meshes$", MISSING_MESH),
    workshop("create in it"),
    fake_list("/meshes$", MISSING_MESH),
    no_workshop("remove from it"),
    fake_list("/meshes$", MISSING_MESH),
    task("asm_workshop_info", "list in it", **MESH),
)

WORKSHOPS = [
    Case(
        "items",
        {
            "workshop_list_shape": "items",
            "workshop_delete_key": "uid",
            "missing_object": "400",
            "asm_time_format": "rfc3339_fraction",
            "gone_after": 0,
        },
        WORKSHOP_STEPS,
        check_workshop_life,
    ),
    Case(
        "unwrapped",
        {
            "workshop_list_shape": "unwrapped",
            "workshop_delete_key": "uid",
            "missing_object": "500",
            "asm_time_format": "epoch_ms",
            "gone_after": 5,
        },
        WORKSHOP_STEPS,
        check_workshop_life,
    ),
    Case(
        "items-unwrapped",
        {
            "workshop_list_shape": "items_unwrapped",
            "workshop_delete_key": "uid",
            "missing_object": "404_old",
            "asm_error_body": "array",
            "latency": 0.02,
        },
        WORKSHOP_STEPS,
        check_workshop_life,
    ),
    Case(
        "slow",
        {
            "workshop_listed_after": 1,
            "workshop_delete_key": "both",
            "project_header": "required",
            "content_type": "optional",
            "latency": 0.05,
        },
        WORKSHOP_STEPS,
        check_workshop_life,
    ),
    Case(
        "seconds",
        {"advance_by": "seconds", "gone_after": 0.1, "workshop_listed_after": 0.1},
        WORKSHOP_STEPS,
        check_workshop_life,
    ),
    Case("taken-400", {"duplicate_asm_name": "400", "asm_error_body": "code_only"}, WORKSHOP_RACE, check_adopted),
    Case("taken-409-old", {"duplicate_asm_name": "409_old", "asm_error_body": "array"}, WORKSHOP_RACE, check_adopted),
    Case(
        "taken-400-old", {"duplicate_asm_name": "400_old", "asm_error_body": "snake_case"}, WORKSHOP_RACE, check_adopted
    ),
    Case("refused-code-only", {"asm_error_body": "code_only"}, WORKSHOP_REFUSAL, check_refused),
    Case("refused-array", {"asm_error_body": "array"}, WORKSHOP_REFUSAL, check_refused),
    Case("refused-snake", {"asm_error_body": "snake_case"}, WORKSHOP_REFUSAL, check_refused),
    Case("refused-gateway", {"forbidden_by": "gateway", "gateway_prefix": "APIG"}, WORKSHOP_REFUSAL, check_refused),
    Case("refused-gateway-too", {"forbidden_by": "gateway", "gateway_prefix": "APIC"}, WORKSHOP_REFUSAL, check_refused),
    Case("mesh-400", {"unknown_mesh": "400"}, MESH_IS_MISSING, check_missing_mesh),
    Case("mesh-404", {"unknown_mesh": "404"}, MESH_IS_MISSING, check_missing_mesh),
]


class TestWorkshops:
    CASES = WORKSHOPS

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_life_cycle(self, scenarios: dict[str, Scenario], case: Case) -> None:
        case.check(scenarios[case.name])


# -- workspaces

WORKSPACE_STEPS = (
    workspace("create"),
    workspace("create again"),
    workspace("change", description="Another team", grants=[{"user_name": "bob"}, {"user_name": "alice"}]),
    workspace(
        "change again",
        description="Another team",
        grants=[{"user_name": "alice"}, {"user_name": "bob"}],
        auth_type="INTERNAL",
    ),
    task("modelarts_workspace_info", "read", include_grants=True),
    look("after the change"),
    no_workspace("delete"),
    no_workspace("remove again"),
    look("at the end"),
)
OTHERS = control("POST", "seed", {"workspaces": {"count": 9, "prefix": "team-"}})
UPPER = control("POST", "seed", {"workspaces": [{"name": "TEAM"}]})


def names(stores: dict[str, t.Any]) -> list[str]:
    return [record["name"] for record in stores["workspaces"].values()]


def check_workspace_life(scenario: Scenario) -> None:
    create, change = scenario["create"], scenario["change"]
    assert create.changed and [call["method"] for call in create.writes] == ["POST"]
    assert [grant["user_name"] for grant in create.result["workspace"]["grants"]] == ["alice"]
    assert create.result["workspace"]["auth_type"] == "internal"
    check_quiet(scenario["create again"])
    assert scenario["create again"].result["workspace"] == create.result["workspace"]
    assert change.changed and change.result["changed_fields"] == ["description", "grants"]
    assert [call["method"] for call in change.writes] == ["PUT"]
    check_quiet(scenario["change again"])
    read = scenario["read"].result["workspaces"]
    assert change.result["workspace"] in read
    assert [one["id"] for one in read if one["name"] == "default"] == ["0"]
    assert sorted(one["name"] for one in read) == sorted(names(scenario.stores("after the change")))
    assert names(scenario.stores("after the change")).count("team") == 1
    assert scenario["delete"].changed and scenario["delete"].result["workspace"] is None
    check_quiet(scenario["remove again"])
    assert "team" not in names(scenario.stores("at the end"))


def check_workspace_adopted(scenario: Scenario) -> None:
    adopted, other = scenario["create what came meanwhile"], scenario["create another that came meanwhile"]
    assert not adopted.failed and not adopted.changed, adopted.msg
    assert [call["status"] for call in adopted.writes] == [
        int(scenario.case.behaviors.get("duplicate_workspace_name", "400"))
    ]
    assert other.failed and not other.changed and "private" in other.msg
    assert names(scenario.stores("after that")).count("team") == 1


def check_workspace_missing(scenario: Scenario) -> None:
    """Check the creation if the workspace is deleted between list and read. A second list proves the deletion."""
    record = scenario["create the deleted workspace"]
    assert record.changed and not record.failed, record.msg
    assert names(scenario.stores("after that")).count("team") == 1


def check_workspace_refused(scenario: Scenario) -> None:
    record = scenario["invalid"]
    assert record.failed and not record.changed and record.writes == []
    assert record.result["error"]["status"] == 403
    assert "modelarts:workspace:list" in record.msg


def check_delete_failed(scenario: Scenario) -> None:
    first, again = scenario["delete"], scenario["remove again"]
    assert first.failed and "DELETE_FAILED" in first.msg and "could not be cleared" in first.msg
    # The request was sent, and the service tried to delete the workspace.
    assert [action["action"] for action in first.result["actions"]] == ["delete"]
    if scenario.case.behaviors.get("workspace_delete_again") == "fails":
        assert again.failed and "DELETE_FAILED" in again.msg
        assert "team" in names(scenario.stores("at the end"))
    else:
        assert again.changed and not again.failed, again.msg
        assert "team" not in names(scenario.stores("at the end"))


def check_creation_failed(scenario: Scenario) -> None:
    for name in ("create", "create again"):
        record = scenario[name]
        assert record.failed and "CREATE_FAILED" in record.msg and "could not be created" in record.msg
    assert scenario["create"].changed and not scenario["create again"].changed
    assert scenario["create again"].writes == []
    assert scenario["delete"].changed
    assert "team" not in names(scenario.stores("at the end"))


def check_options_refused(scenario: Scenario) -> None:
    record = scenario["invalid"]
    assert record.failed and not record.changed and record.result["error"]["status"] == 400
    assert scenario.case.name.partition("-")[0] in record.msg
    assert "team" not in names(scenario.stores("at the end"))


def check_quota_zero(scenario: Scenario) -> None:
    """Check that the module rejects a quota of 0. The reference allows positive numbers and -1, whatever the service accepts."""
    limited = scenario["limit"]
    assert limited.failed and "The service does not allow a quota of 0. Set -1 for unlimited." in limited.msg
    assert limited.requests == []


WORKSPACE_RACE = (
    workspace("create", auth_type="public", grants=None),
    fake_list("/workspaces$", {"total_count": 0, "count": 0, "workspaces": []}),
    workspace("create what came meanwhile", auth_type="public", grants=None),
    fake_list("/workspaces$", {"total_count": 0, "count": 0, "workspaces": []}),
    workspace("create another that came meanwhile", auth_type="private", grants=None),
    look("after that"),
)
DELETED_WORKSPACE = {
    "total_count": 1,
    "count": 1,
    "workspaces": [{"id": UNKNOWN_ID, "name": "team", "auth_type": "INTERNAL", "status": "NORMAL"}],
}
WORKSPACE_DELETED = (
    fake_list("/workspaces$", DELETED_WORKSPACE),
    workspace("create the deleted workspace"),
    look("after that"),
)
WORKSPACE_REFUSAL = (*denied("modelarts:workspace:list"), workspace("invalid"))
DELETE_TWICE = (workspace("create"), no_workspace("delete"), no_workspace("remove again"), look("at the end"))

WORKSPACES = [
    Case(
        "upper",
        {
            "auth_type_readback": "upper",
            "default_workspace_id": "number",
            "workspace_create_answer": "without_grants",
            "workspace_update_answer": "object",
            "internal_without_grants": "refuse",
            "workspace_put_omitted": "reset",
            "modelarts_error_body": "with_request_id",
            "workspace_delete": "immediate",
        },
        WORKSPACE_STEPS,
        check_workspace_life,
    ),
    Case(
        "pages-of-records",
        {
            "auth_type_readback": "as_sent",
            "page_cap": 2,
            "workspace_offset": "record",
            "gone_after": 0,
            "unknown_grant_user": "refuse",
        },
        (OTHERS, *WORKSPACE_STEPS),
        check_workspace_life,
    ),
    Case(
        "pages",
        {
            "page_cap": 2,
            "workspace_offset": "page",
            "workspace_name_filter": "sensitive",
            "workspace_name_part": "exact",
            "gone_after": 5,
            "project_header": "required",
        },
        (OTHERS, UPPER, *WORKSPACE_STEPS),
        check_workspace_life,
    ),
    Case(
        "bigger-pages",
        {"page_cap": 7, "workspace_offset": "page", "workspace_name_part": "prefix", "latency": 0.05},
        (OTHERS, UPPER, *WORKSPACE_STEPS),
        check_workspace_life,
    ),
    Case("seconds", {"advance_by": "seconds", "gone_after": 0.1}, WORKSPACE_STEPS, check_workspace_life),
    Case(
        "taken-400",
        {"duplicate_workspace_name": "400", "modelarts_error_body": "empty"},
        WORKSPACE_RACE,
        check_workspace_adopted,
    ),
    Case(
        "taken-409",
        {"duplicate_workspace_name": "409", "modelarts_error_body": "plain"},
        WORKSPACE_RACE,
        check_workspace_adopted,
    ),
    Case("deleted-0102", {"missing_workspace": "0102"}, WORKSPACE_DELETED, check_workspace_missing),
    Case(
        "deleted-0104",
        {"missing_workspace": "0104_old", "modelarts_error_body": "with_request_id"},
        WORKSPACE_DELETED,
        check_workspace_missing,
    ),
    Case("deleted-404", {"missing_workspace": "404"}, WORKSPACE_DELETED, check_workspace_missing),
    Case("deleted-7005", {"missing_workspace": "7005"}, WORKSPACE_DELETED, check_workspace_missing),
    Case("refused-plain", {"modelarts_error_body": "plain"}, WORKSPACE_REFUSAL, check_workspace_refused),
    Case("refused-empty", {"modelarts_error_body": "empty"}, WORKSPACE_REFUSAL, check_workspace_refused),
    Case(
        "refused-gateway",
        {"forbidden_by": "gateway", "gateway_prefix": "APIC"},
        WORKSPACE_REFUSAL,
        check_workspace_refused,
    ),
    Case("delete-failed", {"workspace_delete": "failed"}, DELETE_TWICE, check_delete_failed),
    Case(
        "delete-failed-twice",
        {"workspace_delete": "failed", "workspace_delete_again": "fails"},
        DELETE_TWICE,
        check_delete_failed,
    ),
    Case(
        "creation-failed",
        {"workspace_creation": "fails"},
        (workspace("create"), workspace("create again"), no_workspace("delete"), look("at the end")),
        check_creation_failed,
    ),
    Case(
        "limit-of-3", {"workspace_limit": 3}, (OTHERS, workspace("invalid"), look("at the end")), check_options_refused
    ),
    Case(
        "grants-needed",
        {"internal_without_grants": "refuse"},
        (workspace("invalid", grants=None), look("at the end")),
        check_options_refused,
    ),
    Case(
        "nobody-of-that-name",
        {"unknown_grant_user": "refuse"},
        (workspace("invalid", grants=[{"user_name": "nobody"}]), look("at the end")),
        check_options_refused,
    ),
    Case(
        "zero",
        {"quota_zero": "accept"},
        (workspace("limit", quotas=[{"resource": "service.gpu_num", "quota": 0}]),),
        check_quota_zero,
    ),
]


class TestWorkspaces:
    CASES = WORKSPACES

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_life_cycle(self, scenarios: dict[str, Scenario], case: Case) -> None:
        case.check(scenarios[case.name])


# -- releases


def release_life(*, moved: bool = True, tag: str = "2.0.1", **options: t.Any) -> tuple[dict[str, t.Any], ...]:
    """Check a release from creation to promotion. ``moved``: the control plane must move the traffic first."""
    return (
        release("create", **options),
        release("create again", **options),
        release("change", tag=tag, **options),
        release("change again", tag=tag, **options),
        task("asm_release_info", "read", **MESH),
        look("after the change"),
        *([traffic(100)] if moved else []),
        ended_release("end", **options),
        ended_release("end again", **options),
        look("at the end"),
    )


def canceling(**options: t.Any) -> tuple[dict[str, t.Any], ...]:
    return (
        release("create", **options),
        ended_release("end", state="canceled", **options),
        ended_release("end again", state="canceled", **options),
        look("at the end"),
    )


def check_release_life(scenario: Scenario) -> None:
    create, change, read = scenario["create"], scenario["change"], scenario["read"]
    assert not create.failed, create.msg
    assert create.changed and [call["method"] for call in create.writes] == ["POST"]
    assert create.result["release"]["status"]["start_time"].endswith("Z")
    check_quiet(scenario["create again"])
    assert not change.failed, change.msg
    assert change.changed and [call["method"] for call in change.writes if call["status"] == 200] == ["PUT"]
    assert change.result["changed_fields"] == [
        "gray_deployments[0].template.spec.template.spec.containers[reviews].image"
    ]
    check_quiet(scenario["change again"])
    assert read.result["releases"] == [scenario["change again"].result["release"]]
    assert len(scenario.stores("after the change")["releases"]) == 1
    check_release_end(scenario)


def check_release_end(scenario: Scenario) -> None:
    end, again = scenario["end"], scenario["end again"]
    assert not end.failed, end.msg
    assert end.changed and [call["method"] for call in end.writes if call["status"] == 200] == ["DELETE"]
    check_quiet(again)
    if scenario.case.behaviors.get("terminated_releases") == "stay":
        assert [record["state"] for record in scenario.stores("at the end")["releases"].values()][0] in (
            "ended",
            "canceled",
        )
        assert end.result["release"] == again.result["release"]
        assert end.result["release"]["status"]["phase"] in ("Finished", "Canceled", "Closed")
    else:
        assert scenario.stores("at the end")["releases"] == {}
        assert end.result["release"] is None


def check_release_failed(scenario: Scenario) -> None:
    """Check that a terminal failure phase ends the wait immediately."""
    create, again = scenario["create"], scenario["create again"]
    phase = scenario.case.behaviors.get("release_failed_phase", "Failed")
    for record in (create, again):
        assert record.failed and f"'{phase}'" in record.msg
    assert create.changed and not again.changed and again.writes == []
    check_release_end(scenario)


def check_traffic_elsewhere(scenario: Scenario) -> None:
    refused = scenario["end too early"]
    assert refused.failed and not refused.changed
    assert refused.result["error"]["status"] == 400
    assert "move all traffic of Service 'reviews'" in refused.msg
    check_release_end(scenario)


def check_release_adopted(scenario: Scenario) -> None:
    adopted = scenario["create what came meanwhile"]
    assert not adopted.failed and not adopted.changed, adopted.msg
    assert [call["method"] for call in adopted.writes] == ["POST"]
    assert len(scenario.stores("after that")["releases"]) == 1


def check_release_deleted(scenario: Scenario) -> None:
    """Check the deletion if the release is deleted between list and request. A second list proves it."""
    record = scenario["end the deleted release"]
    assert not record.failed, record.msg
    assert [call["method"] for call in record.writes] == ["DELETE"]
    assert len([one for one in record.requests if one["path"].endswith("/releases")]) >= 2


DELETED_RELEASE = {
    "metadata": {"name": "canary", "namespace": "default", "uid": UNKNOWN_ID},
    "spec": {
        "serviceName": "reviews",
        "clusterID": "demo-cluster",
        "deploymentName": "reviews-v1",
        "version": "v2",
        "type": "canary",
        "grayDeployments": [],
    },
    "status": {"phase": "Running"},
}
RELEASE_DELETED = (
    fake_list("/releases$", dict(NO_RELEASES, items=[DELETED_RELEASE])),
    ended_release("end the deleted release"),
)
RELEASE_RACE = (
    release("create"),
    fake_list("/releases$", NO_RELEASES),
    release("create what came meanwhile"),
    look("after that"),
)

RELEASES = [
    Case(
        "verbatim",
        {
            "template_readback": "verbatim",
            "release_key": "uid",
            "asm_time_format": "rfc3339_fraction",
            "running_after": 0,
            "gone_after": 0,
        },
        release_life(),
        check_release_life,
    ),
    Case(
        "sidecar",
        {
            "sidecar_injection": "yes",
            "asm_time_format": "epoch_ms",
            "running_after": 5,
            "gone_after": 5,
            "release_traffic": "split",
        },
        release_life(),
        check_release_life,
    ),
    Case(
        "gray-from-the-start",
        {
            "release_traffic": "gray",
            "terminated_releases": "stay",
            "action_end": "finish",
            "release_ending_phase": "Switching",
            "latency": 0.05,
        },
        release_life(moved=False, end_action="finish"),
        check_release_life,
    ),
    Case(
        "unenforced",
        {
            "traffic_precondition": "no",
            "action_end": "complete",
            "content_type": "optional",
            "project_header": "required",
        },
        release_life(moved=False, end_action="complete"),
        check_release_life,
    ),
    Case(
        "other-words",
        {"release_phases": "Preparing,Serving", "terminated_releases": "stay", "release_ended_phase": "Closed"},
        release_life(done_phases=["Closed"], promoted_phases=["Closed"], on_missing="fail"),
        check_release_life,
    ),
    Case("three-phases", {"release_phases": "Pending,Deploying,Active"}, release_life(), check_release_life),
    Case("by-name", {"release_key": "name"}, release_life(), check_release_life),
    Case(
        "seconds",
        {"advance_by": "seconds", "running_after": 0.1, "gone_after": 0.1},
        release_life(),
        check_release_life,
    ),
    Case(
        "canceled",
        {"action_cancel": "terminate", "terminated_releases": "stay", "release_canceling_phase": "RollingBack"},
        canceling(cancel_action="terminate"),
        check_release_end,
    ),
    Case(
        "canceled-otherwise",
        {"action_cancel": "rollback", "terminated_releases": "stay", "release_canceled_phase": "Closed"},
        canceling(cancel_action="rollback", done_phases=["Closed"], canceled_phases=["Closed"], on_missing="fail"),
        check_release_end,
    ),
    Case(
        "traffic-on-the-gray-side",
        {"release_traffic": "gray"},
        (release("create"), ended_release("end too early", state="canceled"), traffic(0), *canceling()[1:]),
        check_traffic_elsewhere,
    ),
    Case(
        "traffic-on-both-sides",
        {"release_traffic": "split", "asm_error_body": "code_only"},
        (release("create"), ended_release("end too early"), traffic(100), *release_life()[-3:]),
        check_traffic_elsewhere,
    ),
    Case(
        "failed",
        {"release_creation": "fails"},
        (release("create"), release("create again"), *canceling()[1:]),
        check_release_failed,
    ),
    Case(
        "failed-otherwise",
        {"release_creation": "fails", "release_failed_phase": "ReleaseError"},
        (release("create"), release("create again"), *canceling()[1:]),
        check_release_failed,
    ),
    Case("taken-400", {"duplicate_asm_name": "400", "asm_error_body": "array"}, RELEASE_RACE, check_release_adopted),
    Case(
        "taken-409-old",
        {"duplicate_asm_name": "409_old", "asm_error_body": "snake_case"},
        RELEASE_RACE,
        check_release_adopted,
    ),
    Case(
        "taken-400-old",
        {"duplicate_asm_name": "400_old", "asm_error_body": "code_only"},
        RELEASE_RACE,
        check_release_adopted,
    ),
    Case("deleted-404", {"missing_object": "404"}, RELEASE_DELETED, check_release_deleted),
    Case("deleted-400", {"missing_object": "400", "asm_error_body": "array"}, RELEASE_DELETED, check_release_deleted),
    Case(
        "deleted-404-old",
        {"missing_object": "404_old", "asm_error_body": "code_only"},
        RELEASE_DELETED,
        check_release_deleted,
    ),
]


class TestReleases:
    CASES = RELEASES

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_life_cycle(self, scenarios: dict[str, Scenario], case: Case) -> None:
        case.check(scenarios[case.name])


# -- the table

# Behaviors that no play of this file sets, and the tests that set them.
ELSEWHERE = {
    "rate_limit": "test_faults.py",
    "retry_after": "test_faults.py",
    "token_life": "test_credentials.py",
    "clock_skew": "test_credentials.py",
    "key_lock_failures": "test_credentials.py",
    "key_lock_seconds": "test_credentials.py",
    "mesh_config_readback": "test_meshes.py",
    "mesh_version_readback": "test_meshes.py",
    "mesh_with_contents": "tests/emulator",
    "mesh_creation": "test_meshes.py",
    "mesh_deletion": "test_meshes.py",
    "domain_header": "tests/emulator",
    "metadata_sessions": "test_credential_sources.py",
    "metadata_agency": "test_credential_sources.py",
    "metadata_key_life": "tests/emulator",
    "cluster_access": "tests/emulator",
    "istio_versions": "tests/emulator",
    "release_edits": "tests/emulator",
    "gray_pods": "tests/emulator",
    "pods_ready_after": "tests/emulator",
    "deployment_gone_after": "tests/emulator",
    "deployment_controller": "tests/emulator",
    "propagation_delay": "tests/emulator",
    "continue_token": "tests/emulator",
}


def test_every_value_of_every_behavior_has_a_case(server: Emulator) -> None:
    """A new behavior or a new value requires a case."""
    played: dict[str, set[t.Any]] = {}
    for case in (*WORKSHOPS, *WORKSPACES, *RELEASES):
        for name, value in case.behaviors.items():
            played.setdefault(name, set()).add(value)
    missing = []
    for switch in server.behaviors():
        if switch["name"] in ELSEWHERE:
            continue
        wanted = set(switch["alternatives"]) - {switch["default"]}
        missing += [f"{switch['name']}={value}" for value in wanted - played.get(switch["name"], set())]
    assert missing == []
    assert set(ELSEWHERE) | set(played) <= {switch["name"] for switch in server.behaviors()}
