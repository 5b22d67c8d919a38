# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    BadRequestError,
    ConflictError,
    DriftError,
    ForbiddenError,
    OptionError,
    ProtocolError,
    ServerError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.modules import modelarts_workspace
from diffs import diff
from simulated_cloud import CREATED, INTERNAL, NAME_IN_USE, NO_WORKSPACE, Cloud, fail, quota, run, workspace

DESIRED = {"name": "team-a", "description": "for team A", "auth_type": "private"}
WRITTEN = ["description", "auth_type"]
RESULT = {
    "id": "wks-1",
    "name": "team-a",
    "description": "for team A",
    "auth_type": "private",
    "grants": [],
    "enterprise_project_id": "0",
    "enterprise_project_name": "default",
    "owner": "alice",
    "status": "NORMAL",
    "status_info": "",
    "created_at": CREATED,
    "updated_at": CREATED,
}
UPDATED = "2026-01-02T03:04:06Z"
UNKNOWN = dict.fromkeys(
    ("id", "enterprise_project_id", "enterprise_project_name", "owner", "status", "created_at", "updated_at")
)

ROOT = "/v1/p-1/workspaces"
ALL = f"GET {ROOT}?limit=1000&offset=0&order=asc&sort_by=name"
LIST = f"GET {ROOT}?limit=1000&name=team-a&offset=0&order=asc&sort_by=name"
POST = f"POST {ROOT}"
READ = f"GET {ROOT}/wks-1"
PUT = f"PUT {ROOT}/wks-1"
DELETE = f"DELETE {ROOT}/wks-1"
QUOTAS = f"GET {ROOT}/wks-1/quotas"
USUAL = f"GET {ROOT}/0/quotas"
PUT_QUOTAS = f"PUT {ROOT}/wks-1/quotas"

ANN = {"user_id": "u-1", "user_name": "ann", "user_type": None}
BOB = {"user_id": "u-2", "user_name": "bob", "user_type": None}


def make_desired(**changes):
    return dict(DESIRED, **changes)


def put(cloud: Cloud, uid: str = "wks-1", name: str = "team-a", **changes):
    cloud.workspaces.append(
        workspace(uid, name, **dict({"description": "for team A", "auth_type": "private"}, **changes))
    )
    cloud.quotas[uid] = [quota("gpu", -1), quota("cpu", 10)]
    return cloud.workspaces[-1]


# The steps: create, change, remove, each as check, for real, and both again


def test_check_mode_predicts_the_creation(cloud):
    ran = run(cloud, modelarts_workspace, check=True, **DESIRED)
    predicted = dict(RESULT, **UNKNOWN)
    assert ran.result == {
        "workspace": predicted,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": None}],
        "changed_fields": WRITTEN,
        "diff": diff(None, predicted),
        "request_ids": ["req-1"],
    }
    assert ran.request_log == [LIST]


def test_creation(cloud):
    ran = run(cloud, modelarts_workspace, **DESIRED)
    assert ran.result == {
        "workspace": RESULT,
        "changed": True,
        "actions": [{"action": "create", "fields": WRITTEN, "request_id": "req-2"}],
        "changed_fields": WRITTEN,
        "diff": diff(None, dict(RESULT, **UNKNOWN)),
        "request_ids": ["req-1", "req-2", "req-3"],
    }
    assert ran.request_log == [LIST, POST, READ]
    assert ran.bodies == [DESIRED]
    assert (ran.warnings, ran.sleeps) == ([], [])


@pytest.mark.parametrize("check", [True, False])
def test_second_creation_changes_nothing(cloud, check):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=check, **DESIRED)
    assert ran.result == {
        "workspace": RESULT,
        "changed": False,
        "actions": [],
        "changed_fields": [],
        "diff": diff(RESULT, RESULT),
        "request_ids": ["req-1"],
    }
    assert ran.request_log == [LIST]


@pytest.mark.parametrize("check", [True, False])
def test_change(cloud, check):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", description="for the A-team")
    after = dict(RESULT, description="for the A-team", updated_at=CREATED if check else UPDATED)
    assert ran.result == {
        "workspace": after,
        "changed": True,
        "actions": [{"action": "update", "fields": ["description"], "request_id": None if check else "req-2"}],
        "changed_fields": ["description"],
        "diff": diff(RESULT, after),
        "request_ids": ["req-1"] if check else ["req-1", "req-2", "req-3"],
    }
    assert ran.request_log == ([LIST] if check else [LIST, PUT, READ])
    # The full state, since nobody says what an omitted field does.
    assert ran.bodies == (
        [] if check else [{"name": "team-a", "description": "for the A-team", "auth_type": "private"}]
    )


@pytest.mark.parametrize("check", [True, False])
def test_second_change_changes_nothing(cloud, check):
    put(cloud, description="for the A-team")
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", description="for the A-team")
    assert (ran["changed"], ran.request_log) == (False, [LIST])


def test_check_of_a_deletion(cloud):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=True, name="team-a", state="absent")
    assert ran.result == {
        "workspace": None,
        "changed": True,
        "actions": [{"action": "delete", "fields": [], "request_id": None}],
        "changed_fields": [],
        "diff": diff(RESULT, None),
        "request_ids": ["req-1"],
    }


def test_deletion(cloud):
    put(cloud)
    ran = run(cloud, modelarts_workspace, name="team-a", state="absent")
    assert (ran["workspace"], ran["changed"], ran.actions) == (None, True, [("delete", [], "req-2")])
    assert ran["diff"] == diff(RESULT, None)
    assert ran.request_log == [LIST, DELETE, LIST, LIST]
    assert ran.sleeps == [2]


@pytest.mark.parametrize("check", [True, False])
def test_second_deletion_changes_nothing(cloud, check):
    put(cloud, "wks-2", "team-ab")
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", state="absent")
    assert (ran["workspace"], ran["changed"], ran.actions, ran["diff"]) == (
        None,
        False,
        [],
        diff(),
    )
    assert ran.request_log == [LIST]


# Identity


@pytest.mark.parametrize("name", ["team-ab", "Team-a", "my-team-a"])
def test_name_is_exact(cloud, name):
    put(cloud, "wks-9", name)
    assert run(cloud, modelarts_workspace, **DESIRED)["workspace"]["id"] == "wks-1"
    assert [each["id"] for each in cloud.workspaces] == ["0", "wks-9", "wks-1"]


@pytest.mark.parametrize("options", [{}, {"state": "absent"}])
def test_several_of_one_name(cloud, options):
    put(cloud, "wks-2")
    put(cloud, "wks-1")
    error, ran = fail(cloud, modelarts_workspace, name="team-a", **options)
    assert isinstance(error, AmbiguousError)
    assert (
        str(error)
        == "Several workspaces have the name 'team-a': wks-1 ('team-a'), wks-2 ('team-a'). Set id to one of them."
    )
    assert ran.writes == []


def test_by_id(cloud):
    put(cloud)
    ran = run(cloud, modelarts_workspace, id="wks-1", description="by id")
    assert (ran["changed"], ran.request_log) == (True, [ALL, PUT, READ])
    assert ran.bodies == [{"name": "team-a", "description": "by id", "auth_type": "private"}]
    assert run(cloud, modelarts_workspace, id="wks-1", state="absent")["changed"] is True


def test_id_may_be_a_number(cloud):
    cloud.workspaces[0]["id"] = 0
    put(cloud)["id"] = 12
    cloud.rule(LIST, lambda do: do())
    ran = run(cloud, modelarts_workspace, check=True, id="12", description="by id")
    assert (ran["changed"], ran["workspace"]["id"]) == (True, "12")


@pytest.mark.parametrize("check", [True, False])
def test_unknown_id_is_never_created(cloud, check):
    error, ran = fail(cloud, modelarts_workspace, check, id="wks-1", new_name="team-a")
    assert isinstance(error, OptionError)
    assert (
        str(error)
        == "No workspace has the id 'wks-1', and the service assigns the IDs of new workspaces. Set name to create the workspace."
    )
    assert ran.writes == []


def test_unknown_id_is_absent(cloud):
    assert run(cloud, modelarts_workspace, id="wks-1", state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("options", "which"),
    [
        ({"name": "default"}, "name 'default'"),
        ({"name": "default", "state": "absent"}, "name 'default'"),
        ({"name": "team-a", "new_name": "default"}, "new_name 'default'"),
        ({"id": "0", "description": "mine"}, "id '0'"),
        ({"id": "0", "state": "absent"}, "id '0'"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_default_workspace_is_refused_before_any_call(cloud, options, which, check):
    error, ran = fail(cloud, modelarts_workspace, check, **options)
    assert isinstance(error, OptionError)
    assert str(error) == (
        f"The default workspace ({which}) cannot be created, changed or deleted, and its name cannot be used. "
        "Every project has it. Choose another workspace."
    )
    assert ran.request_log == []


# Renaming


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("who", [{"name": "team-a"}, {"id": "wks-1"}])
def test_renaming(cloud, check, who):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=check, **who, new_name="team-b")
    assert (ran["changed"], ran["changed_fields"], ran["workspace"]["name"]) == (True, ["name"], "team-b")
    assert ran.request_log == ([ALL] if check else [ALL, PUT, READ])
    assert ran.bodies == ([] if check else [{"name": "team-b", "description": "for team A", "auth_type": "private"}])


def test_already_renamed(cloud):
    put(cloud, name="team-b")
    ran = run(cloud, modelarts_workspace, name="team-a", new_name="team-b", description="for team A")
    assert (ran["changed"], ran.request_log) == (False, [ALL])


def test_renaming_where_both_exist(cloud):
    put(cloud)
    put(cloud, "wks-2", "team-b")
    error, ran = fail(cloud, modelarts_workspace, name="team-a", new_name="team-b")
    assert isinstance(error, AmbiguousError)
    assert (
        str(error)
        == "Several workspaces have the name 'team-a' or 'team-b': wks-1 ('team-a'), wks-2 ('team-b'). Set id to one of them."
    )
    assert ran.writes == []


def test_missing_workspace_is_created_with_its_new_name(cloud):
    ran = run(cloud, modelarts_workspace, name="team-a", new_name="team-b")
    assert (ran["workspace"]["name"], ran.bodies) == ("team-b", [{"name": "team-b"}])


# Comparison


@pytest.mark.parametrize("actual", ["INTERNAL", "internal", "Internal"])
@pytest.mark.parametrize("desired", ["INTERNAL", "internal"])
def test_case_of_auth_type_does_not_matter(cloud, actual, desired):
    put(cloud, auth_type=actual)
    ran = run(cloud, modelarts_workspace, name="team-a", auth_type=desired)
    assert (ran["changed"], ran["workspace"]["auth_type"], ran.request_log) == (False, "internal", [LIST, READ])


@pytest.mark.parametrize("actual", [None, ""])
def test_no_description_equals_an_empty_one(cloud, actual):
    put(cloud, description=actual)
    assert run(cloud, modelarts_workspace, name="team-a", description="")["changed"] is False


@pytest.mark.parametrize("check", [True, False])
def test_another_enterprise_project_is_an_error_that_names_both(cloud, check):
    put(cloud)
    other = "0e7a1d2c-1111-2222-3333-444455556666"
    error, ran = fail(
        cloud, modelarts_workspace, check, **make_desired(enterprise_project_id=other, description="another")
    )
    assert isinstance(error, DriftError)
    assert str(error) == (
        f"Workspace 'team-a' differs in fields that cannot be changed: enterprise_project_id is '0', desired is '{other}'. "
        "Correct the task, or move the content of the workspace, delete it and create it again."
    )
    assert (ran["changed"], ran.request_log) == (False, [LIST])


@pytest.mark.parametrize("actual", [None, ""])
def test_no_enterprise_project_is_the_default_one(cloud, actual):
    put(cloud, enterprise_project_id=actual)
    ran = run(cloud, modelarts_workspace, name="team-a", enterprise_project_id="0")
    assert (ran["changed"], ran["workspace"]["enterprise_project_id"]) == (False, "0")
    error, ran = fail(cloud, modelarts_workspace, name="team-a", enterprise_project_id="1")
    assert isinstance(error, DriftError)


def entry_of(space, **changes):
    """Return a workspace as a list can contain it."""
    return {key: value for key, value in dict(space, **changes).items() if key != "grants" and value is not ...}


@pytest.mark.parametrize("listed", [..., None, "", "shared"])
@pytest.mark.parametrize("check", [True, False])
def test_missing_auth_type_in_the_list_is_read(cloud, listed, check):
    space = put(cloud, auth_type="INTERNAL", grants=[ANN])
    cloud.respond(LIST, 200, {"total_count": 1, "workspaces": [entry_of(space, auth_type=listed)]})
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", description="another")
    assert ran.request_log == ([LIST, READ] if check else [LIST, READ, PUT, READ])
    assert (ran["changed_fields"], ran["workspace"]["auth_type"], ran["workspace"]["grants"]) == (
        ["description"],
        "internal",
        [ANN],
    )
    assert check or ran.bodies[0]["grants"] == [{"user_id": "u-1", "user_name": "ann"}]


@pytest.mark.parametrize(
    ("actual", "sent"), [("shared", {"auth_type": "shared"}), ("Shared", {"auth_type": "Shared"}), (None, {})]
)
def test_update_sends_all_existing_fields(cloud, actual, sent):
    put(cloud, name="a.b", auth_type=actual, description="d" * 300, grants=[ANN])
    ran = run(cloud, modelarts_workspace, id="wks-1", new_name="team-a")
    assert ran.bodies == [
        {"name": "team-a", "description": "d" * 300, **sent, "grants": [{"user_id": "u-1", "user_name": "ann"}]}
    ]
    assert ran["changed_fields"] == ["name"]


@pytest.mark.parametrize("actual", [None, ""])
def test_no_status_is_normal(cloud, actual):
    put(cloud, status=actual)
    ran = run(cloud, modelarts_workspace, name="team-a")
    assert (ran["changed"], ran.request_log, ran["workspace"]["status"]) == (False, [LIST], actual)


def test_enterprise_project_is_sent_only_at_creation(cloud):
    assert run(cloud, modelarts_workspace, **make_desired(enterprise_project_id="0")).bodies == [
        make_desired(enterprise_project_id="0")
    ]
    assert run(cloud, modelarts_workspace, **make_desired(enterprise_project_id="0", description="")).bodies == [
        make_desired(description="")
    ]


# Grants


INTERNALS = {"name": "team-a", "auth_type": "internal"}


def test_creation_with_grants(cloud):
    ran = run(
        cloud,
        modelarts_workspace,
        **INTERNALS,
        grants=[{"user_name": "bob"}, {"user_id": "u-1", "user_type": "FEDERATE"}],
    )
    assert ran.bodies == [{**INTERNALS, "grants": [{"user_name": "bob"}, {"user_id": "u-1", "user_type": "FEDERATE"}]}]
    assert ran.actions == [("create", ["auth_type", "grants"], "req-2")]
    assert ran["workspace"]["grants"] == [
        {"user_id": "u-1", "user_name": None, "user_type": "FEDERATE"},
        {"user_id": None, "user_name": "bob", "user_type": None},
    ]
    assert ran.request_log == [LIST, POST, READ]
    predicted = run(
        Cloud(),
        modelarts_workspace,
        check=True,
        **INTERNALS,
        grants=[{"user_name": "bob"}, {"user_id": "u-1", "user_type": "FEDERATE"}],
    )
    assert predicted["workspace"]["grants"] == ran["workspace"]["grants"]


@pytest.mark.parametrize(
    "grants",
    [
        [{"user_id": "u-1"}, {"user_id": "u-2"}],
        [{"user_name": "bob"}, {"user_name": "ann"}],
        [{"user_id": "u-1", "user_name": "renamed"}, {"user_name": "bob", "user_type": "iam"}],
        [{"user_id": "u-1"}, {"user_name": "bob", "user_id": ""}],
    ],
)
@pytest.mark.parametrize("purge", [True, False])
def test_grants_are_a_set_by_id_or_name(cloud, grants, purge):
    put(cloud, auth_type="INTERNAL", grants=[ANN, BOB])
    ran = run(cloud, modelarts_workspace, **INTERNALS, grants=grants, purge_grants=purge)
    assert (ran["changed"], ran.request_log, ran["workspace"]["grants"]) == (False, [LIST, READ], [ANN, BOB])


@pytest.mark.parametrize(
    ("grants", "purge", "sent"),
    [
        ([{"user_name": "eve"}], True, [{"user_name": "eve"}]),
        (
            [{"user_name": "eve"}],
            False,
            [{"user_name": "eve"}, {"user_id": "u-1", "user_name": "ann"}, {"user_id": "u-2", "user_name": "bob"}],
        ),
        ([{"user_name": "ann"}], True, [{"user_id": "u-1", "user_name": "ann"}]),
        ([], True, []),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_other_grants(cloud, grants, purge, sent, check):
    put(cloud, auth_type="internal", grants=[ANN, BOB])
    ran = run(cloud, modelarts_workspace, check=check, **INTERNALS, grants=grants, purge_grants=purge)
    assert (ran["changed"], ran["changed_fields"]) == (True, ["grants"])
    after = sorted(
        ({"user_id": None, "user_name": None, "user_type": None, **grant} for grant in sent),
        key=lambda grant: grant["user_name"] or "",
    )
    assert ran["diff"]["before"]["grants"] == [
        {key: value for key, value in each.items() if value} for each in (ANN, BOB)
    ]
    assert ran["diff"]["after"]["grants"] == sorted(sent, key=lambda grant: grant["user_name"])
    assert ran["workspace"]["grants"] == after
    assert ran.request_log == ([LIST, READ] if check else [LIST, READ, PUT, READ])
    assert ran.bodies == (
        [] if check else [{"name": "team-a", "description": "for team A", "auth_type": "internal", "grants": sent}]
    )
    assert check or run(cloud, modelarts_workspace, **INTERNALS, grants=grants, purge_grants=purge)["changed"] is False


TYPED = [dict(ANN, user_type="AGENCY"), dict(BOB, user_type="FEDERATE")]


@pytest.mark.parametrize("purge", [True, False])
@pytest.mark.parametrize("actual", [TYPED, [ANN, BOB]], ids=["typed", "type left out"])
@pytest.mark.parametrize("types", [(None, None), ("agency", "FEDERATE")])
def test_type_is_compared_if_both_sides_have_it(cloud, actual, types, purge):
    put(cloud, auth_type="internal", grants=actual)
    grants = [{"user_name": "ann", "user_type": types[0]}, {"user_id": "u-2", "user_type": types[1]}]
    ran = run(cloud, modelarts_workspace, **INTERNALS, grants=grants, purge_grants=purge)
    assert (ran["changed"], ran.writes) == (False, [])


@pytest.mark.parametrize("purge", [True, False])
def test_grant_keeps_the_type_that_is_not_written(cloud, purge):
    put(cloud, auth_type="internal", grants=[TYPED[0]])
    ran = run(
        cloud, modelarts_workspace, **INTERNALS, grants=[{"user_name": "ann"}, {"user_name": "eve"}], purge_grants=purge
    )
    assert ran.bodies[0]["grants"] == [TYPED[0], {"user_name": "eve"}]


@pytest.mark.parametrize("purge", [True, False])
@pytest.mark.parametrize("check", [True, False])
def test_another_type_replaces_the_grant(cloud, purge, check):
    put(cloud, auth_type="internal", grants=TYPED[:1])
    ran = run(
        cloud,
        modelarts_workspace,
        check=check,
        **INTERNALS,
        grants=[{"user_id": "u-1", "user_type": "IAM"}],
        purge_grants=purge,
    )
    assert (ran["changed_fields"], ran["workspace"]["grants"]) == (["grants"], [dict(ANN, user_type="IAM")])
    assert check or ran.bodies[0]["grants"] == [dict(ANN, user_type="IAM")]


def test_differences_of_grants_have_no_empty_keys(cloud):
    put(cloud, auth_type="internal", grants=[ANN])
    cloud.rule(PUT, lambda do: (200, {"workspace_id": "wks-1"}))
    error, ran = fail(cloud, modelarts_workspace, **INTERNALS, grants=[{"user_name": "eve"}])
    assert "null" not in str(error)
    assert 'desired is [{"user_name": "eve"}]' in str(error)


def test_ids_and_names_of_grants_may_be_numbers(cloud):
    put(cloud, auth_type="internal", grants=[{"user_id": 123, "user_name": 5}, {"user_name": "ann"}, {"user_id": 7.0}])
    ran = run(
        cloud, modelarts_workspace, **INTERNALS, grants=[{"user_id": "123"}, {"user_name": "ann"}, {"user_id": "7"}]
    )
    assert (ran["changed"], [grant["user_id"] for grant in ran["workspace"]["grants"]]) == (False, ["7", "123", None])


def test_no_grants_to_add_changes_nothing(cloud):
    put(cloud, auth_type="internal", grants=[ANN])
    assert run(cloud, modelarts_workspace, **INTERNALS, grants=[], purge_grants=False)["changed"] is False


def test_update_keeps_the_grants_that_are_not_written(cloud):
    put(cloud, auth_type="internal", grants=[ANN, BOB])
    ran = run(cloud, modelarts_workspace, name="team-a", description="another")
    sent = [{"user_id": "u-1", "user_name": "ann"}, {"user_id": "u-2", "user_name": "bob"}]
    assert ran.bodies == [{"name": "team-a", "description": "another", "auth_type": "internal", "grants": sent}]
    assert ran["workspace"]["grants"] == [ANN, BOB]


@pytest.mark.parametrize("check", [True, False])
def test_going_internal(cloud, check):
    put(cloud, grants=[ANN])
    ran = run(cloud, modelarts_workspace, check=check, **INTERNALS, grants=[{"user_id": "u-2"}], purge_grants=False)
    assert (ran["changed_fields"], ran["diff"]["before"]["grants"]) == (["auth_type", "grants"], [])
    assert ran["workspace"]["grants"] == [{"user_id": "u-2", "user_name": None, "user_type": None}]
    assert check or ran.bodies[0]["grants"] == [{"user_id": "u-2"}]


@pytest.mark.parametrize("check", [True, False])
def test_internal_without_grants(cloud, check):
    put(cloud, grants=[ANN])
    ran = run(cloud, modelarts_workspace, check=check, **INTERNALS)
    assert (ran["changed_fields"], ran["workspace"]["grants"]) == (["auth_type"], [])
    assert check or ran.bodies[0]["grants"] == []


def test_creation_without_grants_is_predicted(cloud):
    check, real = (run(cloud, modelarts_workspace, check=check, **INTERNALS) for check in (True, False))
    assert check["workspace"]["grants"] == real["workspace"]["grants"] == []


@pytest.mark.parametrize("check", [True, False])
def test_leaving_internal(cloud, check):
    put(cloud, auth_type="internal", grants=[ANN])
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", auth_type="Public")
    assert (ran["changed_fields"], ran["workspace"]["auth_type"], ran["workspace"]["grants"]) == (
        ["auth_type"],
        "public",
        [],
    )
    assert check or ran.bodies == [{"name": "team-a", "description": "for team A", "auth_type": "public"}]


def test_service_that_leaves_out_no_grants(cloud):
    put(cloud, auth_type="internal").pop("grants")
    assert run(cloud, modelarts_workspace, **INTERNALS)["workspace"]["grants"] == []


GRANTS_HINT = "Set auth_type to internal to restrict the workspace to the users in grants, or remove grants."


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("grants", [[{"user_name": "eve"}], []])
def test_creation_with_grants_requires_auth_type(cloud, check, grants):
    """It would be public, and the grants would be lost."""
    error, ran = fail(cloud, modelarts_workspace, check, name="team-a", grants=grants)
    assert isinstance(error, OptionError)
    assert str(error) == (
        "Failed to create workspace 'team-a': grants require auth_type internal, and auth_type is not set. "
        f"The workspace would be public: every user of the account could use it. {GRANTS_HINT}"
    )
    assert ran.writes == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("purge", [True, False])
@pytest.mark.parametrize("actual", ["public", "PRIVATE", "shared", None])
@pytest.mark.parametrize("grants", [[{"user_name": "eve"}], []])
def test_grants_without_auth_type_need_internal(cloud, check, actual, grants, purge):
    put(cloud, auth_type=actual)
    error, ran = fail(cloud, modelarts_workspace, check, name="team-a", grants=grants, purge_grants=purge)
    assert isinstance(error, OptionError)
    assert str(error) == (
        "Failed to compare workspace 'team-a': grants require auth_type internal, and the workspace has auth_type "
        f"'{(actual or 'none').lower()}'. {GRANTS_HINT}"
    )
    assert ran.writes == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("auth_type", ["public", "Private"])
def test_grants_with_other_auth_type_refused_early(cloud, check, auth_type):
    error, ran = fail(
        cloud, modelarts_workspace, check, name="team-a", auth_type=auth_type, grants=[{"user_name": "eve"}]
    )
    assert isinstance(error, OptionError)
    assert (
        str(error)
        == f"Invalid options: grants require auth_type internal, and auth_type is '{auth_type}'. {GRANTS_HINT}"
    )
    assert ran.request_log == []


def test_no_grants_fit_any_auth_type_that_is_set(cloud):
    for changed in (True, False):
        assert run(cloud, modelarts_workspace, **make_desired(grants=[]))["changed"] is changed
    assert cloud.workspaces[-1]["auth_type"] == "private"


def test_grants_do_not_matter_for_a_deletion(cloud):
    put(cloud)
    ran = run(cloud, modelarts_workspace, **make_desired(grants=[{"user_name": "eve"}]), state="absent")
    assert ran["changed"] is True


# Quotas


WITH_QUOTAS = {"name": "team-a", "quotas": [{"resource": "gpu", "quota": 60}, {"resource": "cpu", "quota": 10}]}


def quota_result(resource, value, updated=CREATED):
    names = {"name_en": None, "name_cn": None, "unit_cn": None, "unit_en": "minute"}
    limits = {"min_quota": -1, "max_quota": 60000, "used_quota": None}
    return {"resource": resource, "quota": value, **limits, **names, "updated_at": updated}


@pytest.mark.parametrize("check", [True, False])
def test_only_the_quotas_that_differ_are_sent(cloud, check):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=check, **WITH_QUOTAS)
    assert (ran["changed"], ran["changed_fields"]) == (True, ["quotas.gpu"])
    assert ran["diff"]["before"]["quotas"] == [quota_result("cpu", 10), quota_result("gpu", -1)]
    assert ran["workspace"]["quotas"] == [quota_result("cpu", 10), quota_result("gpu", 60)]
    assert ran.actions == [("update", ["quotas.gpu"], None if check else "req-3")]
    assert ran.request_log == ([LIST, QUOTAS] if check else [LIST, QUOTAS, PUT_QUOTAS, READ, QUOTAS])
    assert ran.bodies == ([] if check else [{"quotas": [{"resource": "gpu", "quota": 60}]}])


@pytest.mark.parametrize("quotas", [[{"resource": "gpu", "quota": -1}], []])
@pytest.mark.parametrize("check", [True, False])
def test_quotas_that_are_so_already(cloud, quotas, check):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", quotas=quotas)
    assert (ran["changed"], ran.request_log) == (False, [LIST, QUOTAS])
    assert [each["resource"] for each in ran["workspace"]["quotas"]] == ["cpu", "gpu"]


def test_creation_with_quotas(cloud):
    ran = run(cloud, modelarts_workspace, **make_desired(**WITH_QUOTAS))
    assert (ran["changed"], ran["changed_fields"]) == (True, [*WRITTEN, "quotas.gpu"])
    assert ran.request_log == [LIST, USUAL, POST, READ, QUOTAS, PUT_QUOTAS, READ, QUOTAS]
    assert ran.bodies == [DESIRED, {"quotas": [{"resource": "gpu", "quota": 60}]}]
    assert ran.actions == [("create", WRITTEN, "req-3"), ("update", ["quotas.gpu"], "req-6")]
    assert [each["quota"] for each in ran["workspace"]["quotas"]] == [10, 60]


def test_check_of_a_creation_with_quotas(cloud):
    ran = run(cloud, modelarts_workspace, check=True, **make_desired(**WITH_QUOTAS))
    assert ran.actions == [("create", WRITTEN, None), ("update", ["quotas.gpu"], None)]
    assert ran["changed_fields"] == [*WRITTEN, "quotas.gpu"]
    assert ran["workspace"]["quotas"] == [quota_result("cpu", 10, None), quota_result("gpu", 60, None)]
    assert ran.request_log == [LIST, USUAL]


@pytest.mark.parametrize("check", [True, False])
def test_quotas_a_new_workspace_has_anyway(cloud, check):
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", quotas=[{"resource": "gpu", "quota": -1}])
    assert ([action[:2] for action in ran.actions], ran["changed_fields"]) == ([("create", [])], [])
    assert ran.writes == ([] if check else [POST])


@pytest.mark.parametrize("check", [True, False])
def test_no_quotas_are_looked_up_for_none(cloud, check):
    assert run(cloud, modelarts_workspace, check=check, name="team-a", quotas=[]).request_log == [LIST] + (
        [] if check else [POST, READ, QUOTAS]
    )


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    "quotas, words",
    [([("gpu", 60001)], "quotas[0].quota of 'gpu'"), ([("cpu", 1), ("tpu", 1)], "quotas[1].resource 'tpu'")],
)
def test_invalid_quotas_are_refused_before_the_creation(cloud, check, quotas, words):
    wanted = [{"resource": resource, "quota": value} for resource, value in quotas]
    error, ran = fail(cloud, modelarts_workspace, check, name="team-a", quotas=wanted)
    assert error.message.startswith(f"Invalid options: {words} is ")
    assert (type(error), ran["changed"], ran.request_log) == (OptionError, False, [LIST, USUAL])


UNCHECKED_LIMITS = (
    "Workspace 'team-a': the limits of its quotas are checked only after the creation, because the quotas of the default workspace "
    "cannot be read."
)
UNKNOWN_USUAL = [(403, {"error_code": "ModelArts.0112"}), NO_WORKSPACE, (200, {"quotas": []})]


@pytest.mark.parametrize("answer", UNKNOWN_USUAL, ids=["forbidden", "absent", "empty"])
def test_unknown_quota_limits_show_after_the_creation(cloud, answer):
    cloud.respond(USUAL, *answer, times=3)
    check = run(cloud, modelarts_workspace, check=True, **WITH_QUOTAS)
    assert check.actions == [("create", [], None), ("update", ["quotas.gpu", "quotas.cpu"], None)]
    assert [(each["quota"], each["max_quota"]) for each in check["workspace"]["quotas"]] == [(10, None), (60, None)]
    error, ran = fail(cloud, modelarts_workspace, name="team-a", quotas=[{"resource": "gpu", "quota": 60001}])
    assert isinstance(error, OptionError)
    assert check.warnings == ([] if answer[0] == 200 else [UNCHECKED_LIMITS])
    assert (ran["changed"], ran.actions, ran.writes) == (True, [("create", [], "req-5")], [POST])
    cloud.workspaces.pop()
    assert run(cloud, modelarts_workspace, **WITH_QUOTAS)["changed"] is True


@pytest.mark.parametrize("check", [True, False])
def test_quotas_of_the_default_workspace_that_fail_are_an_error(cloud, check):
    cloud.respond(USUAL, *INTERNAL, times=2)
    error, ran = fail(cloud, modelarts_workspace, check, **WITH_QUOTAS)
    assert (type(error), ran.writes) == (ServerError, [])


def test_quotas_of_the_default_workspace_are_looked_up_once(cloud):
    put(cloud, status="DELETING")
    ran = run(cloud, modelarts_workspace, **WITH_QUOTAS)
    assert (ran.request_log.count(USUAL), ran.writes) == (1, [POST, PUT_QUOTAS])


@pytest.mark.parametrize("check", [True, False])
def test_change_of_both(cloud, check):
    put(cloud)
    ran = run(cloud, modelarts_workspace, check=check, **make_desired(description="another", **WITH_QUOTAS))
    said = None if check else "req-3", None if check else "req-4"
    assert ran.actions == [("update", ["description"], said[0]), ("update", ["quotas.gpu"], said[1])]
    assert ran["changed_fields"] == ["description", "quotas.gpu"]
    assert ran.writes == ([] if check else [PUT, PUT_QUOTAS])


def test_invalid_response_to_the_first_of_two_updates(cloud):
    put(cloud)
    cloud.corrupt_response(PUT, 200, b"{")
    ran = run(cloud, modelarts_workspace, **make_desired(description="another", **WITH_QUOTAS))
    assert [action[:2] for action in ran.actions] == [("update", ["description"]), ("update", ["quotas.gpu"])]
    assert (ran["changed"], ran.writes) == (True, [PUT, PUT_QUOTAS])


def test_error_contains_earlier_changes(cloud):
    put(cloud)
    cloud.respond(PUT_QUOTAS, 403, {"error_code": "ModelArts.0108", "error_msg": "Not authorized."})
    error, ran = fail(cloud, modelarts_workspace, **make_desired(description="another", **WITH_QUOTAS))
    assert isinstance(error, ForbiddenError)
    assert (
        error.message
        == "Failed to update the quotas of workspace 'team-a': Not authorized (HTTP 403, ModelArts.0108, request id req-4)"
    )
    assert error.hint is not None
    assert error.hint.startswith("Grant the identity the IAM action modelarts:workspace:updateQuotas.")
    assert (ran["changed"], ran.actions) == (True, [("update", ["description"], "req-3")])


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("quotas", "message"),
    [
        (
            [{"resource": "gpu", "quota": 60001}],
            "quotas[0].quota of 'gpu' is 60001, and must be -1 for unlimited or from 1 to 60000 (unit: minute).",
        ),
        (
            [{"resource": "gpu", "quota": 1}, {"resource": "tpu", "quota": 1}],
            "quotas[1].resource 'tpu' is not a quota of the workspace. Its quotas are: cpu, gpu.",
        ),
    ],
)
def test_quotas_outside_the_limits(cloud, check, quotas, message):
    put(cloud)
    error, ran = fail(cloud, modelarts_workspace, check, name="team-a", quotas=quotas)
    assert (type(error), str(error)) == (OptionError, f"Invalid options: {message}")
    assert (ran["changed"], ran.request_log) == (False, [LIST, QUOTAS])


def test_unlimited_limits(cloud):
    put(cloud)
    cloud.quotas["wks-1"] = [quota("gpu", 1, high=-1), dict(quota("cpu", 1), min_quota=None, max_quota=None)]
    ran = run(
        cloud,
        modelarts_workspace,
        name="team-a",
        quotas=[{"resource": "gpu", "quota": 10**6}, {"resource": "cpu", "quota": 10**6}],
    )
    assert ran["changed"] is True


def test_quotas_do_not_matter_for_a_deletion(cloud):
    put(cloud)
    assert run(cloud, modelarts_workspace, **WITH_QUOTAS, state="absent").request_log == [LIST, DELETE, LIST, LIST]


# Bad input


ZERO = "The service does not allow a quota of 0. Set -1 for unlimited."
NAME_RULE = "must have 4 to 64 characters, only letters, digits, hyphens and underscores"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a" * 65}, f"name {NAME_RULE}"),
        ({"name": "team-a", "new_name": "a" * 65}, f"new_name {NAME_RULE}"),
        ({"name": "a.b", "new_name": "abc"}, f"new_name {NAME_RULE}"),
        ({"name": "team-a", "description": "d" * 257}, "description must have at most 256 characters"),
        (
            {"name": "team-a", "auth_type": "secret"},
            "auth_type must be one of 'public', 'private', 'internal', not 'secret'",
        ),
        ({"name": "team-a", "enterprise_project_id": ""}, "enterprise_project_id must not be empty"),
        (
            {"name": "team-a", "grants": [{"user_name": "a"}, {"user_type": "IAM"}]},
            "grants[1] needs user_id or user_name.",
        ),
        (
            {"name": "team-a", "grants": [{"user_name": f"u{number}"} for number in range(501)]},
            "grants must have at most 500 elements",
        ),
        (
            {"name": "team-a", "quotas": [{"resource": "gpu", "quota": -2}]},
            "quotas[0].quota must be a positive number, or -1 for unlimited, not -2.",
        ),
        (
            {"name": "team-a", "quotas": [{"resource": "gpu", "quota": 0}]},
            f"quotas[0].quota must be a positive number, or -1 for unlimited, not 0. {ZERO}",
        ),
        ({"name": "team-a", "new_name": ""}, f"new_name {NAME_RULE}"),
        (
            {"name": "team-a", "enterprise_project_id": "a b"},
            "enterprise_project_id must not contain whitespace or line breaks",
        ),
        (
            {"name": "team-a", "auth_type": "internal", "grants": [{"user_id": "u 1"}, {"user_name": " ann"}]},
            "grants[0].user_id must not contain whitespace or line breaks; "
            "grants[1].user_name must not begin or end with whitespace, or contain line breaks",
        ),
        (
            {
                "name": "team-a",
                "description": "d" * 257,
                "auth_type": "x",
                "quotas": [{"resource": "a", "quota": 1}] * 2,
            },
            "auth_type must be one of 'public', 'private', 'internal', not 'x'; description must have at most 256 characters; "
            "quotas names a more than once.",
        ),
        ({"name": "team-a", "quotas": [{"resource": "", "quota": 1}]}, "quotas[0].resource must not be empty"),
        ({"name": "team-a", "quotas": [{"resource": "gpu", "quota": 1}] * 2}, "quotas names gpu more than once."),
        ({"name": "team-a", "new_name": "team-b", "state": "absent"}, "new_name cannot be used with state=absent."),
    ],
)
def test_bad_options_are_refused_before_any_call(cloud, options, message):
    error, ran = fail(cloud, modelarts_workspace, **options)
    assert (type(error), str(error), ran.request_log) == (OptionError, f"Invalid options: {message}", [])


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("name", ["abc", "team a", "t\u00e9am-a", "team-a\n"])
def test_no_workspace_is_created_with_a_name_against_the_rule(cloud, name, check):
    error, ran = fail(cloud, modelarts_workspace, check, name=name)
    assert (type(error), str(error), ran.writes) == (OptionError, f"Invalid options: name {NAME_RULE}", [])


@pytest.mark.parametrize("who", [{"name": "a.b"}, {"id": "wks-1"}])
def test_existing_invalid_name(cloud, who):
    put(cloud, name="a.b")
    ran = run(cloud, modelarts_workspace, **who, description="another")
    assert (ran["changed"], ran.bodies) == (True, [{"name": "a.b", "description": "another", "auth_type": "private"}])
    ran = run(cloud, modelarts_workspace, **who, new_name="team-a")
    assert (ran["changed"], ran["workspace"]["name"]) == (True, "team-a")


@pytest.mark.parametrize("who", [{"name": "a.b"}, {"id": "wks-1"}])
def test_name_against_the_rule_can_be_removed(cloud, who):
    put(cloud, name="a.b")
    assert run(cloud, modelarts_workspace, **who, state="absent")["changed"] is True


@pytest.mark.parametrize("who", [{}, {"id": ""}, {"name": ""}, {"id": "", "name": ""}])
def test_workspace_without_a_name_is_refused(cloud, who):
    error, ran = fail(cloud, modelarts_workspace, **who, state="absent")
    assert (type(error), str(error), ran.request_log) == (OptionError, "one of the following is required: id, name", [])


def test_two_names_for_one_workspace_are_refused(cloud):
    error, ran = fail(cloud, modelarts_workspace, id="w-1", name="team-a")
    assert (type(error), str(error), ran.request_log) == (OptionError, "parameters are mutually exclusive: id|name", [])


@pytest.mark.parametrize("who", [{"id": "", "name": "team-a"}, {"id": "w-1", "name": ""}])
def test_empty_option_is_not_set(cloud, who):
    cloud.workspaces.append(workspace("w-1", "team-a"))
    assert run(cloud, modelarts_workspace, **who)["workspace"]["id"] == "w-1"


def test_names_may_be_chinese(cloud):
    assert run(cloud, modelarts_workspace, name="模型工作区").bodies == [{"name": "模型工作区"}]


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, {"error_code": "ModelArts.7001", "error_msg": "Internal."}, ServerError),
        (403, {"error_code": "ModelArts.0112", "error_msg": "Denied by policy."}, ForbiddenError),
        (404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}, BadRequestError),
        (400, {"error_code": "ModelArts.7005", "error_msg": "workspace not existed"}, BadRequestError),
        (200, b"<html></html>", ProtocolError),
        (200, b'{"total_count": 1, "workspaces": [', ProtocolError),
        (200, {"total_count": 2, "workspaces": []}, ProtocolError),
        (200, {"workspaces": []}, ProtocolError),
    ],
)
def test_invalid_list_response_is_an_error(cloud, state, status, body, kind):
    put(cloud)
    cloud.respond("GET", status, body, times=2)
    error, ran = fail(cloud, modelarts_workspace, name="team-a", state=state)
    assert error.__class__ is kind
    assert error.message.startswith("Failed to list the workspaces: ")
    assert (ran.writes, ran["changed"]) == ([], False)


# Details of what goes while we look


def test_workspace_deleted_between_calls_is_created_again(cloud):
    put(cloud, auth_type="internal")

    def delete():
        cloud.workspaces.pop()

    cloud.before(READ, delete)
    ran = run(cloud, modelarts_workspace, name="team-a", auth_type="internal")
    assert (ran["changed"], ran.request_log) == (True, [LIST, READ, LIST, POST, READ])


def test_details_that_cannot_be_read_are_an_error(cloud):
    put(cloud, auth_type="internal")
    cloud.respond(READ, *NO_WORKSPACE)
    error, ran = fail(cloud, modelarts_workspace, name="team-a")
    assert isinstance(error, BadRequestError)
    assert (
        error.message
        == "Failed to read workspace 'team-a': workspace not existed (HTTP 400, ModelArts.7005, request id req-2)"
    )
    assert ran.request_log == [LIST, READ, LIST]
    cloud.respond(READ, 403, {"error_code": "ModelArts.0112"})
    error, ran = fail(cloud, modelarts_workspace, name="team-a")
    assert (type(error), ran.request_log) == (ForbiddenError, [LIST, READ])


# Lost answers of a creation


@pytest.mark.parametrize(
    "lose",
    [
        lambda cloud: cloud.drop_response("POST"),
        lambda cloud: cloud.corrupt_response("POST", *INTERNAL),
        lambda cloud: cloud.corrupt_response("POST", 200, b"{"),
        lambda cloud: cloud.corrupt_response("POST", 200, {}),
    ],
    ids=["reset", "500", "garbage", "shape"],
)
@pytest.mark.parametrize("wait", [True, False])
def test_lost_response_is_followed_by_a_list(cloud, lose, wait):
    lose(cloud)
    ran = run(cloud, modelarts_workspace, **make_desired(wait=wait))
    assert (ran["changed"], ran["workspace"], ran["changed_fields"]) == (True, RESULT, WRITTEN)
    assert ran.request_log == [LIST, POST, LIST, LIST]


def test_lost_response_does_not_lose_the_quotas(cloud):
    cloud.drop_response("POST")
    ran = run(cloud, modelarts_workspace, **WITH_QUOTAS)
    assert ran.writes == [POST, PUT_QUOTAS]
    assert (ran["changed"], [action[:2] for action in ran.actions]) == (
        True,
        [("create", []), ("update", ["quotas.gpu"])],
    )


def test_lost_response_without_object_is_an_error(cloud):
    cloud.break_connection("POST")
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert isinstance(error, TransportError)
    assert (ran["changed"], ran.request_log) == (False, [LIST, POST, LIST, LIST, LIST, LIST])


def test_lost_response_with_different_object_is_an_error(cloud):
    cloud.rule("POST", lambda do: put(cloud, description="theirs") and INTERNAL)
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert isinstance(error, DriftError)
    assert error.message.endswith(
        ". Meanwhile workspace 'team-a' exists and differs: description is 'theirs', desired is 'for team A'"
    )
    assert (ran["changed"], ran.writes) == (False, [POST])


def test_lost_response_and_failed_list_are_unknown(cloud):
    cloud.drop_response("POST")
    cloud.rule(LIST, lambda do: do())
    cloud.respond(LIST, *INTERNAL, times=2)
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert isinstance(error, TransportError)
    assert error.hint is not None
    assert error.hint.startswith(
        "It is unknown whether the request was applied, because the check failed too: Failed to list the workspaces: Internal error"
    )
    assert ran.writes == [POST]


@pytest.mark.parametrize(
    "refusal", [NAME_IN_USE, (409, {"error_code": "ModelArts.0103", "error_msg": "Exists."})], ids=["400", "409"]
)
def test_object_created_by_another_client(cloud, refusal):
    cloud.rule("POST", lambda do: put(cloud, "wks-7") and refusal)
    ran = run(cloud, modelarts_workspace, **DESIRED)
    assert (ran["changed"], ran["workspace"]["id"], ran.actions, ran.request_log) == (
        False,
        "wks-7",
        [],
        [LIST, POST, LIST],
    )
    cloud.workspaces.pop()
    cloud.respond("POST", *refusal)
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert error.__class__ is (ConflictError if refusal[0] == 409 else BadRequestError)
    assert (ran["changed"], ran.request_log) == (False, [LIST, POST, LIST])


def test_what_another_client_created_gets_its_quotas(cloud):
    cloud.rule("POST", lambda do: put(cloud) and NAME_IN_USE)
    ran = run(cloud, modelarts_workspace, **WITH_QUOTAS)
    assert (ran["changed"], ran["changed_fields"]) == (True, ["quotas.gpu"])
    assert [action[:2] for action in ran.actions] == [("update", ["quotas.gpu"])]
    assert ran.request_log == [LIST, USUAL, POST, LIST, QUOTAS, PUT_QUOTAS, READ, QUOTAS]


@pytest.mark.parametrize("status", [401, 403])
def test_forbidden_creation_is_not_verified(cloud, status):
    cloud.respond("POST", status, {"error_code": "ModelArts.0108", "error_msg": "Not authorized."})
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert ran.request_log == [LIST, POST]
    assert ran["changed"] is False


def test_old_list_is_read_again_before_a_creation(cloud):
    def slowly(do):
        cloud.clock.passed += 6
        return do()

    cloud.rule(LIST, slowly)
    assert run(cloud, modelarts_workspace, **DESIRED).request_log == [LIST, LIST, POST, READ]
    cloud.rule(LIST, slowly)
    cloud.workspaces[-1]["name"] = "team-b"
    cloud.rule(LIST, lambda do: put(cloud, "wks-7") and do())
    ran = run(cloud, modelarts_workspace, **make_desired(description="mine"))
    assert (ran["changed"], ran["workspace"]["id"], ran.actions) == (
        True,
        "wks-7",
        [("update", ["description"], "req-7")],
    )


# Statuses


def test_creation_waits_until_status_normal(cloud):
    cloud.before(READ, lambda: cloud.workspaces[-1].update(status="CREATING"))
    cloud.before(READ, lambda: None)
    cloud.before(READ, lambda: cloud.workspaces[-1].update(status="NORMAL"))
    ran = run(cloud, modelarts_workspace, **DESIRED)
    assert (ran["workspace"], ran.request_log, ran.sleeps) == (RESULT, [LIST, POST, READ, READ, READ], [2, 3])


def test_creation_that_is_not_found_immediately(cloud):
    cloud.respond(READ, *NO_WORKSPACE)
    assert run(cloud, modelarts_workspace, **DESIRED).request_log == [LIST, POST, READ, READ]


def test_creation_that_is_never_found(cloud):
    cloud.respond(READ, *NO_WORKSPACE, times=4)
    error, ran = fail(cloud, modelarts_workspace, **make_desired(wait_timeout=5))
    assert error.message == "Timed out after 5 s waiting for workspace 'team-a' to be NORMAL: it is not listed"
    assert ran["changed"] is True
    cloud = Cloud()
    cloud.respond(READ, *NO_WORKSPACE)
    error, ran = fail(cloud, modelarts_workspace, **make_desired(wait=False))
    assert (
        error.message
        == "Failed to create workspace 'team-a': the request was accepted, but the resource is not listed."
    )
    assert (type(error), ran["changed"]) == (WaitError, True)


def test_reading_back_can_fail(cloud):
    cloud.respond(READ, 403, {"error_code": "ModelArts.0112", "error_msg": "Denied."})
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert (type(error), ran["changed"], ran.actions) == (ForbiddenError, True, [("create", WRITTEN, "req-2")])


def test_creation_that_fails(cloud):
    cloud.before(READ, lambda: cloud.workspaces[-1].update(status="CREATE_FAILED", status_info="no room"))
    error, ran = fail(cloud, modelarts_workspace, **DESIRED)
    assert isinstance(error, WaitError)
    assert str(error) == (
        "Workspace 'team-a' is in status 'CREATE_FAILED': no room. Fix the cause, then delete the workspace (state=absent) or rerun the task."
    )
    assert (ran["changed"], ran.actions, ran.sleeps) == (True, [("create", WRITTEN, "req-2")], [])


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETE_FAILED"])
@pytest.mark.parametrize("options", [{}, {"description": "another"}])
@pytest.mark.parametrize("check", [True, False])
def test_terminal_failure_status_is_a_failure(cloud, status, options, check):
    put(cloud, status=status)
    error, ran = fail(cloud, modelarts_workspace, check, name="team-a", **options)
    assert isinstance(error, WaitError)
    assert error.message == f"Workspace 'team-a' is in status '{status}': the service gives no reason."
    assert (ran["changed"], ran.writes) == (False, [])


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETE_FAILED"])
def test_failed_workspace_can_be_removed(cloud, status):
    put(cloud, status=status)
    assert run(cloud, modelarts_workspace, name="team-a", state="absent")["changed"] is True


def test_present_waits_for_one_that_is_being_removed_and_creates(cloud):
    put(cloud, "wks-0", status="DELETING")
    cloud.reads_of_deleting = 3
    ran = run(cloud, modelarts_workspace, **DESIRED)
    assert (ran["changed"], ran["workspace"], ran["diff"]["before"]) == (True, RESULT, {})
    assert ran.actions[0][0] == "create"
    assert ran.writes == [POST]
    assert ran.sleeps == [2, 3]


def test_check_of_present_for_one_that_is_being_removed(cloud):
    put(cloud, "wks-0", status="DELETING")
    ran = run(cloud, modelarts_workspace, check=True, **DESIRED)
    assert (ran["changed"], ran["workspace"], ran.request_log, ran.sleeps) == (
        True,
        dict(RESULT, **UNKNOWN),
        [LIST],
        [],
    )


@pytest.mark.parametrize("check", [True, False])
def test_present_fails_during_a_deletion_without_wait(cloud, check):
    put(cloud, status="DELETING")
    error, ran = fail(cloud, modelarts_workspace, check, **make_desired(wait=False))
    assert isinstance(error, WaitError)
    assert (
        str(error)
        == "Workspace 'team-a' is being deleted, and wait is false. Rerun the task when it is deleted, or set wait to true."
    )
    assert ran.request_log == [LIST]


def test_another_client_creates_it_during_deletion(cloud):
    put(cloud, status="DELETING")
    cloud.rule(LIST, lambda do: do())
    cloud.rule(LIST, lambda do: (200, {"total_count": 0, "workspaces": []}))

    def adopted():
        cloud.workspaces.pop()
        put(cloud, "wks-7")

    cloud.before(LIST, adopted)
    ran = run(cloud, modelarts_workspace, **DESIRED)
    assert (ran["changed"], ran["workspace"]["id"], ran.writes) == (False, "wks-7", [])


@pytest.mark.parametrize("check", [True, False])
def test_absent_waits_for_a_deletion_and_sends_nothing(cloud, check):
    put(cloud, status="DELETING")
    cloud.reads_of_deleting = 2
    ran = run(cloud, modelarts_workspace, check=check, name="team-a", state="absent")
    assert (ran["changed"], ran["workspace"], ran["diff"]) == (False, None, diff())
    assert ran.request_log == ([LIST] if check else [LIST, LIST, LIST])


def test_absent_without_wait(cloud):
    put(cloud)
    ran = run(cloud, modelarts_workspace, name="team-a", state="absent", wait=False)
    assert (ran["changed"], ran.request_log) == (True, [LIST, DELETE])
    ran = run(cloud, modelarts_workspace, name="team-a", state="absent", wait=False)
    assert (ran["changed"], ran.request_log) == (False, [LIST])


def test_failed_deletion_quotes_its_reason(cloud):
    put(cloud)
    cloud.rule(LIST, lambda do: do())
    cloud.before(LIST, lambda: cloud.workspaces[-1].update(status="DELETE_FAILED", status_info="3 notebooks are left"))
    error, ran = fail(cloud, modelarts_workspace, name="team-a", state="absent")
    assert isinstance(error, WaitError)
    assert error.message == "Workspace 'team-a' is in status 'DELETE_FAILED': 3 notebooks are left."
    assert (ran["changed"], ran.actions) == (True, [("delete", [], "req-2")])


def statuses(cloud, *seen):
    """After the first look, a list shows these statuses, reasons and times of change, and then nothing."""
    space = cloud.workspaces.pop()
    entries = (
        [[entry_of(space)]]
        + [[entry_of(space, status=status, status_info=info, update_time=time)] for status, info, time in seen]
        + [[]]
    )
    for listed in entries:
        cloud.respond(LIST, 200, {"total_count": len(listed), "workspaces": listed})
    cloud.respond(DELETE, 200, {"workspace_id": "wks-1"})


OLD = ("DELETE_FAILED", "old cause", 1)


def test_earlier_failed_deletion_does_not_end_the_wait(cloud):
    put(cloud, status=OLD[0], status_info=OLD[1], update_time=OLD[2])
    statuses(cloud, OLD, OLD, ("DELETING", "", 2))
    ran = run(cloud, modelarts_workspace, name="team-a", state="absent")
    assert (ran["changed"], ran.request_log) == (True, [LIST, DELETE, LIST, LIST, LIST, LIST])


@pytest.mark.parametrize(
    "seen",
    [
        [OLD, ("DELETE_FAILED", "new cause", 1)],
        [("DELETE_FAILED", "new cause", 2)],
        [("DELETING", "", 1), ("DELETE_FAILED", "new cause", 1)],
    ],
)
def test_deletion_that_fails_again(cloud, seen):
    put(cloud, status=OLD[0], status_info=OLD[1], update_time=OLD[2])
    statuses(cloud, *seen)
    error, ran = fail(cloud, modelarts_workspace, name="team-a", state="absent")
    assert isinstance(error, WaitError)
    assert error.message == "Workspace 'team-a' is in status 'DELETE_FAILED': new cause."
    assert (ran["changed"], len(ran.sleeps)) == (True, len(seen) - 1)


def test_same_failure_after_progress_is_a_new_one(cloud):
    put(cloud, status=OLD[0], status_info=OLD[1], update_time=OLD[2])
    statuses(cloud, ("DELETING", "", 1), OLD)
    error, dummy = fail(cloud, modelarts_workspace, name="team-a", state="absent")
    assert error.message == "Workspace 'team-a' is in status 'DELETE_FAILED': old cause."


def test_deletion_without_progress(cloud):
    put(cloud, status=OLD[0], status_info=OLD[1], update_time=OLD[2])
    statuses(cloud, *[OLD] * 9)
    error, ran = fail(cloud, modelarts_workspace, name="team-a", state="absent", wait_timeout=9)
    assert isinstance(error, WaitError)
    assert (
        error.message
        == "Timed out after 9 s waiting for workspace 'team-a' to be deleted: its last status was 'DELETE_FAILED' (old cause)"
    )
    assert ran.sleeps == [2, 3, 4]


def test_deletion_that_never_completes(cloud):
    put(cloud)
    cloud.reads_of_deleting = 99
    error, ran = fail(cloud, modelarts_workspace, name="team-a", state="absent", wait_timeout=60, wait_interval=10)
    assert (
        error.message
        == "Timed out after 60 s waiting for workspace 'team-a' to be deleted: its last status was 'DELETING'"
    )
    assert ran.sleeps == [10, 15, 22.5, 12.5]


# Removal: lost answers


@pytest.mark.parametrize("code", ["ModelArts.7005", "ModelArts.0102"])
def test_delete_of_missing_workspace(cloud, code):
    put(cloud)
    cloud.rule("DELETE", lambda do: cloud.workspaces.pop() and (400, {"error_code": code, "error_msg": "not existed"}))
    ran = run(cloud, modelarts_workspace, name="team-a", state="absent")
    assert (ran["changed"], ran.actions, ran.request_log) == (False, [], [LIST, DELETE, LIST, LIST])


def test_deletion_without_response(cloud):
    put(cloud)
    cloud.drop_response("DELETE", times=2)
    ran = run(cloud, modelarts_workspace, name="team-a", state="absent")
    assert (ran["changed"], [action[:2] for action in ran.actions]) == (True, [("delete", [])])
    assert ran.writes == [DELETE, DELETE]


def test_refused_deletion(cloud):
    put(cloud)
    cloud.respond("DELETE", 400, {"error_code": "ModelArts.4551", "error_msg": "Resources are left."})
    error, ran = fail(cloud, modelarts_workspace, name="team-a", state="absent")
    assert isinstance(error, BadRequestError)
    assert (
        error.message
        == "Failed to delete workspace 'team-a': Resources are left (HTTP 400, ModelArts.4551, request id req-2)"
    )
    assert (ran["changed"], ran.request_log) == (False, [LIST, DELETE, LIST])


def test_different_value_after_the_write_is_an_error(cloud):
    put(cloud)
    cloud.respond("PUT", 200, {"workspace_id": "wks-1"})
    error, ran = fail(cloud, modelarts_workspace, name="team-a", description="another")
    assert isinstance(error, DriftError)
    assert error.message == (
        "Failed to update workspace 'team-a': the request was accepted, but these values still differ: description is 'for team A', desired is 'another'"
    )
    assert (ran["changed"], ran.actions) == (True, [("update", ["description"], "req-2")])
