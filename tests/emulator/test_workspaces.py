# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of ModelArts workspaces and of their behaviors."""

from __future__ import annotations

import typing as t

import pytest


def _create(emulator: t.Any, name: str = "team-a", **fields: t.Any) -> t.Any:
    return emulator("POST", emulator.workspaces(), dict(fields, name=name))


def _names(emulator: t.Any, query: str = "") -> list[str]:
    return [entry["name"] for entry in emulator("GET", emulator.workspaces(query)).json["workspaces"]]


def _user(emulator: t.Any, name: str) -> str:
    return emulator.state.stores.users.find(name=name)[0]["id"]


# -- creation


def test_workspace_create_and_show(emulator: t.Any) -> None:
    created = _create(emulator).json
    assert created == {
        "id": created["id"],
        "name": "team-a",
        "description": "",
        "owner": "emulator-user",
        "create_time": 1800000000000,
        "update_time": 1800000000000,
        "enterprise_project_id": "0",
        "enterprise_project_name": "default",
        "auth_type": "public",
        "status": "NORMAL",
        "status_info": "",
    }
    assert len(created["id"]) == 32 and int(created["id"], 16)
    assert emulator("GET", emulator.workspaces(f"/{created['id']}")).json == created


@pytest.mark.parametrize("name", ["abc", "a" * 65, "with space", "dot.ted", ""])
def test_invalid_names_are_rejected(emulator: t.Any, name: str) -> None:
    response = _create(emulator, name)
    assert (response.status, response.code) == (400, "ModelArts.0101")


@pytest.mark.parametrize("name", ["abcd", "a" * 64, "Team_1-x", "工作空间一"])
def test_valid_names_are_accepted(emulator: t.Any, name: str) -> None:
    assert _create(emulator, name).json["name"] == name


@pytest.mark.parametrize(
    "fields",
    [
        {"description": "x" * 257},
        {"auth_type": "SECRET"},
        {"enterprise_project_id": "short"},
        {"grants": [{}]},
        {"grants": [{"user_id": "x"}] * 501},
        {"grants": [{"user_id": "x", "user_type": "ROBOT"}]},
    ],
)
def test_invalid_fields_are_rejected(emulator: t.Any, fields: dict[str, t.Any]) -> None:
    assert _create(emulator, **fields).code == "ModelArts.0101"
    assert _names(emulator) == ["default"]


def test_default_name_is_reserved(emulator: t.Any) -> None:
    assert "reserved" in _create(emulator, "default").message


@pytest.mark.parametrize("setting", ["400", "409"])
def test_name_in_use_is_rejected(make: t.Any, setting: str) -> None:
    emulator = make(duplicate_workspace_name=setting)
    _create(emulator)
    assert _create(emulator).status == int(setting)
    assert _names(emulator, "?name=team-a") == ["team-a"]


def test_workspace_limit(make: t.Any) -> None:
    emulator = make(workspace_limit=1)
    assert _create(emulator, "one-").status == 200
    response = _create(emulator, "two-")
    assert (response.status, response.code, "limit 1" in response.message) == (400, "ModelArts.7006", True)


def test_workspace_creation_fails_if_configured(make: t.Any) -> None:
    created = _create(make(workspace_creation="fails")).json
    assert (created["status"], created["status_info"]) == ("CREATE_FAILED", "The workspace could not be created.")


@pytest.mark.parametrize(
    "setting, sent, back",
    [
        ("lower", "PRIVATE", "private"),
        ("upper", "private", "PRIVATE"),
        ("as_sent", "Private", "Private"),
        ("upper", None, "PUBLIC"),
        ("as_sent", None, "public"),
    ],
)
def test_case_of_auth_type(make: t.Any, setting: str, sent: str | None, back: str) -> None:
    emulator = make(auth_type_readback=setting)
    created = _create(emulator, **({"auth_type": sent} if sent else {})).json
    assert created["auth_type"] == back
    assert emulator("GET", emulator.workspaces(f"/{created['id']}")).json["auth_type"] == back


# -- grants


def test_grant_is_completed_from_iam(emulator: t.Any) -> None:
    grants = [
        {"user_name": "alice"},
        {"user_id": _user(emulator, "bob"), "user_name": "wrong", "user_type": "FEDERATE"},
    ]
    created = _create(emulator, auth_type="internal", grants=grants).json
    assert created["grants"] == [
        {"user_id": _user(emulator, "alice"), "user_name": "alice", "user_type": "IAM"},
        {"user_id": _user(emulator, "bob"), "user_name": "bob", "user_type": "FEDERATE"},
    ]
    assert all("grants" not in entry for entry in emulator("GET", emulator.workspaces()).json["workspaces"])


def test_grants_ignored_unless_internal(emulator: t.Any) -> None:
    assert "grants" not in _create(emulator, auth_type="PUBLIC", grants=[{"user_name": "alice"}]).json


@pytest.mark.parametrize("setting, status", [("accept", 200), ("refuse", 400)])
def test_grant_to_unknown_user(make: t.Any, setting: str, status: int) -> None:
    emulator = make(unknown_grant_user=setting)
    assert _create(emulator, auth_type="INTERNAL", grants=[{"user_name": "nobody"}]).status == status


@pytest.mark.parametrize("setting, status", [("accept", 200), ("refuse", 400)])
def test_internal_without_grants(make: t.Any, setting: str, status: int) -> None:
    assert _create(make(internal_without_grants=setting), auth_type="INTERNAL").status == status


def test_create_response_without_grants(make: t.Any) -> None:
    emulator = make(workspace_create_answer="without_grants")
    created = _create(emulator, auth_type="INTERNAL", grants=[{"user_name": "alice"}]).json
    assert "grants" not in created
    assert len(emulator("GET", emulator.workspaces(f"/{created['id']}")).json["grants"]) == 1


def test_list_users(emulator: t.Any) -> None:
    users = emulator("GET", emulator.workspaces("/users/list")).json["users"]
    assert [user["userName"] for user in users] == ["emulator-user", "alice", "bob", "carol"]


# -- lists


@pytest.fixture
def seven_workspaces(make: t.Any) -> t.Any:
    return make(seed={"workspaces": {"count": 6, "prefix": "Ws-"}})


def test_list_is_sorted_by_name_descending(seven_workspaces: t.Any) -> None:
    response = seven_workspaces("GET", seven_workspaces.workspaces()).json
    assert (response["total_count"], response["count"]) == (7, 7)
    assert _names(seven_workspaces) == ["default", *(f"Ws-{number:05d}" for number in range(6, 0, -1))]
    assert _names(seven_workspaces, "?order=asc&sort_by=name") == list(reversed(_names(seven_workspaces)))


def test_sorting_by_time_and_status(seven_workspaces: t.Any) -> None:
    first = seven_workspaces("GET", seven_workspaces.workspaces("?name=Ws-00001")).json["workspaces"][0]
    seven_workspaces.state.clock.advance(1)
    seven_workspaces("PUT", seven_workspaces.workspaces(f"/{first['id']}"), {"description": "new"})
    assert _names(seven_workspaces, "?sort_by=update_time&name=Ws")[0] == "Ws-00001"
    seven_workspaces("DELETE", seven_workspaces.workspaces(f"/{first['id']}"))
    assert _names(seven_workspaces, "?sort_by=status&order=asc")[0] == "Ws-00001"


@pytest.mark.parametrize(
    "unit, query, names",
    [("record", "offset=2&limit=2", ["Ws-00005", "Ws-00004"]), ("page", "offset=2&limit=2", ["Ws-00003", "Ws-00002"])],
)
def test_offset_unit(seven_workspaces: t.Any, unit: str, query: str, names: list[str]) -> None:
    seven_workspaces.set(workspace_offset=unit)
    assert _names(seven_workspaces, f"?{query}") == names
    assert seven_workspaces("GET", seven_workspaces.workspaces("?offset=7&limit=1000")).json["count"] == 0


def test_page_size_limit(seven_workspaces: t.Any) -> None:
    seven_workspaces.set(page_cap=2)
    response = seven_workspaces("GET", seven_workspaces.workspaces("?limit=1000&offset=6")).json
    assert (response["total_count"], response["count"]) == (7, 1)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "offset=-1", "order=up", "sort_by=owner", "name=", "filter_accessible=maybe"],
)
def test_invalid_queries_are_rejected(emulator: t.Any, query: str) -> None:
    response = emulator("GET", emulator.workspaces(f"?{query}"))
    assert (response.status, response.code) == (400, "ModelArts.0104")
    assert query.partition("=")[0] in response.message


@pytest.mark.parametrize(
    "setting, query, count",
    [
        ("insensitive", "ws-", 6),
        ("sensitive", "ws-", 0),
        ("sensitive", "Ws-", 6),
        ("insensitive", "0001", 1),
        ("insensitive", "faul", 1),
    ],
)
def test_name_filter_matches_substring(seven_workspaces: t.Any, setting: str, query: str, count: int) -> None:
    seven_workspaces.set(workspace_name_filter=setting)
    assert len(_names(seven_workspaces, f"?name={query}")) == count


@pytest.mark.parametrize(
    "setting, query, count",
    [
        *[("prefix", "ws-", 6), ("prefix", "ws-00001", 1), ("prefix", "00001", 0)],
        *[("exact", "ws-00001", 1), ("exact", "ws-", 0), ("exact", "ws-0000", 0), ("exact", "DEFAULT", 1)],
    ],
)
def test_name_filter_can_match_prefix_or_whole_name(
    seven_workspaces: t.Any, setting: str, query: str, count: int
) -> None:
    seven_workspaces.set(workspace_name_part=setting)
    assert len(_names(seven_workspaces, f"?name={query}")) == count
    assert len(_names(seven_workspaces)) == 7


def test_list_filters_enterprise_project_and_access(emulator: t.Any) -> None:
    project = "1234567890-1234567890-1234567890-abc"
    _create(emulator, "enterprise", enterprise_project_id=project)
    emulator.control("POST", "seed", {"workspaces": [{"name": "foreign", "auth_type": "private", "owner": "alice"}]})
    granted = {"name": "shared", "auth_type": "internal", "owner": "alice", "grants": [{"user_name": "emulator-user"}]}
    emulator.control("POST", "seed", {"workspaces": [granted]})
    assert _names(emulator, f"?enterprise_project_id={project}") == ["enterprise"]
    assert "foreign" in _names(emulator)
    assert _names(emulator, "?filter_accessible=true") == ["shared", "enterprise", "default"]


@pytest.mark.parametrize("setting, expected", [("string", "0"), ("number", 0)])
def test_type_of_default_workspace_id(make: t.Any, setting: str, expected: t.Any) -> None:
    emulator = make(default_workspace_id=setting)
    entry = emulator("GET", emulator.workspaces()).json["workspaces"][0]
    assert (entry["id"], entry["name"]) == (expected, "default")
    assert emulator("GET", emulator.workspaces("/0")).json["id"] == expected


# -- updates


@pytest.mark.parametrize("setting, remaining", [("keep", ("what it is", "internal")), ("reset", ("", "public"))])
def test_omitted_fields_of_update(make: t.Any, setting: str, remaining: tuple[str, str]) -> None:
    emulator = make(workspace_put_omitted=setting)
    created = _create(emulator, description="what it is", auth_type="INTERNAL", grants=[{"user_name": "alice"}]).json
    response = emulator("PUT", emulator.workspaces(f"/{created['id']}"), {"name": "team-b"})
    assert response.json == {"workspace_id": created["id"]}
    after = emulator("GET", emulator.workspaces(f"/{created['id']}")).json
    assert (after["name"], after["description"], after["auth_type"]) == ("team-b", *remaining)
    assert after.get("grants", []) == []


def test_all_fields_except_enterprise_project_change(emulator: t.Any) -> None:
    created = _create(emulator).json
    emulator.state.clock.advance(1)
    body = {
        "name": "team-b",
        "description": "new",
        "auth_type": "INTERNAL",
        "grants": [{"user_name": "bob"}],
        "enterprise_project_id": "ignored",
    }
    emulator("PUT", emulator.workspaces(f"/{created['id']}"), body)
    after = emulator("GET", emulator.workspaces(f"/{created['id']}")).json
    assert (after["name"], after["description"], after["auth_type"], after["enterprise_project_id"]) == (
        "team-b",
        "new",
        "internal",
        "0",
    )
    assert [grant["user_name"] for grant in after["grants"]] == ["bob"]
    assert after["update_time"] == after["create_time"] + 1000
    emulator("PUT", emulator.workspaces(f"/{created['id']}"), dict(body, grants=[]))
    assert emulator("GET", emulator.workspaces(f"/{created['id']}")).json["grants"] == []


def test_update_response_with_workspace(make: t.Any) -> None:
    emulator = make(workspace_update_answer="object")
    created = _create(emulator).json
    response = emulator("PUT", emulator.workspaces(f"/{created['id']}"), {"description": "new"}).json
    assert (response["workspace_id"], response["description"]) == (created["id"], "new")


def test_update_rejects_invalid_names(emulator: t.Any) -> None:
    one, two = _create(emulator, "one-").json["id"], _create(emulator, "two-").json["id"]
    assert emulator("PUT", emulator.workspaces(f"/{two}"), {"name": "one-"}).status == 400
    assert emulator("PUT", emulator.workspaces(f"/{one}"), {"name": "default"}).status == 400
    assert emulator("PUT", emulator.workspaces(f"/{one}"), {"name": "one-", "description": "same name"}).status == 200


def test_default_workspace_cannot_be_changed(emulator: t.Any) -> None:
    calls = [
        ("PUT", "/0", {"description": "x"}),
        ("DELETE", "/0", None),
        ("PUT", "/0/quotas", {"quotas": [{"resource": "service.gpu_num", "quota": 1}]}),
    ]
    assert [emulator(method, emulator.workspaces(path), body).code for method, path, body in calls] == [
        "ModelArts.3566"
    ] * 3


# -- removal


def _read(emulator: t.Any, workspace_id: str) -> str:
    response = emulator("GET", emulator.workspaces(f"/{workspace_id}"))
    return response.json["status"] if response.status == 200 else response.code


def test_deletion_is_asynchronous(emulator: t.Any) -> None:
    created = _create(emulator).json["id"]
    assert emulator("DELETE", emulator.workspaces(f"/{created}")).json == {"workspace_id": created}
    for method, path, body in (
        ("DELETE", "", None),
        ("PUT", "", {}),
        ("PUT", "/quotas", {"quotas": [{"resource": "service.gpu_num", "quota": 1}]}),
    ):
        assert emulator(method, emulator.workspaces(f"/{created}{path}"), body).code == "ModelArts.7004"
    assert [_read(emulator, created) for unused in range(3)] == ["DELETING", "DELETING", "ModelArts.7005"]


def test_deleting_workspace_is_listed_and_keeps_name(emulator: t.Any) -> None:
    created = _create(emulator).json["id"]
    emulator("DELETE", emulator.workspaces(f"/{created}"))
    assert _create(emulator).status == 400
    assert [len(_names(emulator)) for unused in range(3)] == [2, 2, 1]


def test_deletion_can_be_immediate(make: t.Any) -> None:
    emulator = make(workspace_delete="immediate")
    created = _create(emulator).json["id"]
    emulator("DELETE", emulator.workspaces(f"/{created}"))
    assert _read(emulator, created) == "ModelArts.7005"


@pytest.mark.parametrize("again, last", [("works", "ModelArts.7005"), ("fails", "DELETE_FAILED")])
def test_deletion_fails_if_configured(make: t.Any, again: str, last: str) -> None:
    emulator = make(workspace_delete="failed", workspace_delete_again=again, gone_after=1)
    created = _create(emulator).json["id"]
    emulator("DELETE", emulator.workspaces(f"/{created}"))
    assert [_read(emulator, created) for unused in range(3)] == ["DELETING", "DELETE_FAILED", "DELETE_FAILED"]
    assert (
        emulator("GET", emulator.workspaces(f"/{created}")).json["status_info"]
        == "Resources in the workspace could not be cleared."
    )
    assert emulator("DELETE", emulator.workspaces(f"/{created}")).status == 200
    assert [_read(emulator, created) for unused in range(2)] == ["DELETING", last]


@pytest.mark.parametrize(
    "setting, status, code, text",
    [
        ("7005", 400, "ModelArts.7005", "workspace:deleted not existed"),
        ("0102", 400, "ModelArts.0102", "does not exist"),
        ("0104_old", 400, "ModelArts.0104", "workspace: deleted not exist."),
        ("404", 404, "ModelArts.7005", "not existed"),
    ],
)
def test_missing(make: t.Any, setting: str, status: int, code: str, text: str) -> None:
    emulator = make(missing_workspace=setting)
    for method, path, body in (("GET", "", None), ("PUT", "", {}), ("DELETE", "", None), ("GET", "/quotas", None)):
        response = emulator(method, emulator.workspaces(f"/deleted{path}"), body)
        assert (response.status, response.code, text in response.message) == (status, code, True)


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETING", "DELETE_FAILED"])
def test_status_of_transition_is_kept(emulator: t.Any, status: str) -> None:
    created = _create(emulator).json["id"]
    emulator.control(
        "POST", "transitions", {"kind": "workspace", "name": "team-a", "status": status, "status_info": "because"}
    )
    polled = [emulator("GET", emulator.workspaces(f"/{created}")).json for unused in range(4)]
    assert [(one["status"], one["status_info"]) for one in polled] == [(status, "because")] * 4


# -- quotas


def _quotas(emulator: t.Any, workspace_id: str) -> dict[str, t.Any]:
    return {
        item["resource"]: item
        for item in emulator("GET", emulator.workspaces(f"/{workspace_id}/quotas")).json["quotas"]
    }


def test_read_and_update_quotas(emulator: t.Any) -> None:
    created = _create(emulator).json["id"]
    before = _quotas(emulator, created)
    assert len(before) == 6
    assert {
        name: before["exemlProject.gpu_duration"][name]
        for name in ("quota", "used_quota", "min_quota", "max_quota", "unit_en", "update_time")
    } == {
        "quota": -1,
        "used_quota": None,
        "min_quota": -1,
        "max_quota": 60000,
        "unit_en": "minute",
        "update_time": 1800000000000,
    }
    emulator.state.clock.advance(1)
    response = emulator(
        "PUT",
        emulator.workspaces(f"/{created}/quotas"),
        {"quotas": [{"resource": "exemlProject.gpu_duration", "quota": 60}]},
    ).json
    assert [(item["resource"], item["quota"], "used_quota" in item) for item in response["quotas"]] == [
        ("exemlProject.gpu_duration", 60, False)
    ]
    after = _quotas(emulator, created)
    changed = {"quota": 60, "used_quota": 0, "update_time": 1800000001000}
    assert after == dict(before, **{"exemlProject.gpu_duration": dict(before["exemlProject.gpu_duration"], **changed)})


@pytest.mark.parametrize(
    "resource, quota, status",
    [
        ("service.gpu_num", 1001, 400),
        ("service.gpu_num", 0, 400),
        ("service.gpu_num", -2, 400),
        ("no.such", 1, 400),
        ("service.gpu_num", 1000, 200),
        ("service.gpu_num", -1, 200),
    ],
)
def test_quota_out_of_range_is_rejected(emulator: t.Any, resource: str, quota: int, status: int) -> None:
    created = _create(emulator).json["id"]
    body = {"quotas": [{"resource": "trainJob.gpu_duration", "quota": 5}, {"resource": resource, "quota": quota}]}
    assert emulator("PUT", emulator.workspaces(f"/{created}/quotas"), body).status == status
    # An invalid quota prevents all changes.
    assert _quotas(emulator, created)["trainJob.gpu_duration"]["quota"] == (5 if status == 200 else -1)


def test_zero_quota(make: t.Any) -> None:
    emulator = make(quota_zero="accept")
    created = _create(emulator).json["id"]
    assert (
        emulator(
            "PUT", emulator.workspaces(f"/{created}/quotas"), {"quotas": [{"resource": "service.gpu_num", "quota": 0}]}
        ).status
        == 200
    )


# -- error bodies


@pytest.mark.parametrize("shape", ["json", "with_request_id", "plain", "empty"])
def test_error_bodies(make: t.Any, shape: str) -> None:
    emulator = make(modelarts_error_body=shape)
    response = emulator("GET", emulator.workspaces("/deleted"))
    expected = {"error_code": "ModelArts.7005", "error_msg": "workspace:deleted not existed"}
    if shape == "json":
        assert response.json == expected
    elif shape == "with_request_id":
        assert response.json == dict(expected, request_id=response.headers["x-request-id"])
    else:
        assert (response.status, response.body) == (400, b"workspace:deleted not existed" if shape == "plain" else b"")
