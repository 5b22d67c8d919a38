# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ModelArts workspaces and what their behaviors change."""

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


def test_create_and_show(emulator: t.Any) -> None:
    made = _create(emulator).json
    assert made == {
        "id": made["id"],
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
    assert len(made["id"]) == 32 and int(made["id"], 16)
    assert emulator("GET", emulator.workspaces(f"/{made['id']}")).json == made


@pytest.mark.parametrize("name", ["abc", "a" * 65, "with space", "dot.ted", ""])
def test_names_that_can_not_be(emulator: t.Any, name: str) -> None:
    answer = _create(emulator, name)
    assert (answer.status, answer.code) == (400, "ModelArts.0101")


@pytest.mark.parametrize("name", ["abcd", "a" * 64, "Team_1-x", "工作空间一"])
def test_names_that_can_be(emulator: t.Any, name: str) -> None:
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
def test_fields_that_can_not_be(emulator: t.Any, fields: dict[str, t.Any]) -> None:
    assert _create(emulator, **fields).code == "ModelArts.0101"
    assert _names(emulator) == ["default"]


def test_the_default_name_is_reserved(emulator: t.Any) -> None:
    assert "reserved" in _create(emulator, "default").message


@pytest.mark.parametrize("setting", ["400", "409"])
def test_a_name_in_use(make: t.Any, setting: str) -> None:
    emulator = make(duplicate_workspace_name=setting)
    _create(emulator)
    assert _create(emulator).status == int(setting)
    assert _names(emulator, "?name=team-a") == ["team-a"]


def test_too_many(make: t.Any) -> None:
    emulator = make(workspace_limit=1)
    assert _create(emulator, "one-").status == 200
    answer = _create(emulator, "two-")
    assert (answer.status, answer.code, "limit 1" in answer.message) == (400, "ModelArts.7006", True)


def test_a_creation_that_fails(make: t.Any) -> None:
    made = _create(make(workspace_creation="fails")).json
    assert (made["status"], made["status_info"]) == ("CREATE_FAILED", "The workspace could not be created.")


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
    made = _create(emulator, **({"auth_type": sent} if sent else {})).json
    assert made["auth_type"] == back
    assert emulator("GET", emulator.workspaces(f"/{made['id']}")).json["auth_type"] == back


# -- grants


def test_the_missing_half_of_a_grant_is_filled_in(emulator: t.Any) -> None:
    grants = [
        {"user_name": "alice"},
        {"user_id": _user(emulator, "bob"), "user_name": "wrong", "user_type": "FEDERATE"},
    ]
    made = _create(emulator, auth_type="internal", grants=grants).json
    assert made["grants"] == [
        {"user_id": _user(emulator, "alice"), "user_name": "alice", "user_type": "IAM"},
        {"user_id": _user(emulator, "bob"), "user_name": "bob", "user_type": "FEDERATE"},
    ]
    assert all("grants" not in entry for entry in emulator("GET", emulator.workspaces()).json["workspaces"])


def test_grants_of_any_other_kind_of_workspace_are_ignored(emulator: t.Any) -> None:
    assert "grants" not in _create(emulator, auth_type="PUBLIC", grants=[{"user_name": "alice"}]).json


@pytest.mark.parametrize("setting, status", [("accept", 200), ("refuse", 400)])
def test_a_grant_to_nobody(make: t.Any, setting: str, status: int) -> None:
    emulator = make(unknown_grant_user=setting)
    assert _create(emulator, auth_type="INTERNAL", grants=[{"user_name": "nobody"}]).status == status


@pytest.mark.parametrize("setting, status", [("accept", 200), ("refuse", 400)])
def test_internal_without_grants(make: t.Any, setting: str, status: int) -> None:
    assert _create(make(internal_without_grants=setting), auth_type="INTERNAL").status == status


def test_a_creation_may_answer_without_grants(make: t.Any) -> None:
    emulator = make(workspace_create_answer="without_grants")
    made = _create(emulator, auth_type="INTERNAL", grants=[{"user_name": "alice"}]).json
    assert "grants" not in made
    assert len(emulator("GET", emulator.workspaces(f"/{made['id']}")).json["grants"]) == 1


def test_users(emulator: t.Any) -> None:
    users = emulator("GET", emulator.workspaces("/users/list")).json["users"]
    assert [user["userName"] for user in users] == ["emulator-user", "alice", "bob", "carol"]


# -- lists


@pytest.fixture
def seven(make: t.Any) -> t.Any:
    return make(seed={"workspaces": {"count": 6, "prefix": "Ws-"}})


def test_a_list_is_sorted_by_name_downwards(seven: t.Any) -> None:
    answer = seven("GET", seven.workspaces()).json
    assert (answer["total_count"], answer["count"]) == (7, 7)
    assert _names(seven) == ["default", *(f"Ws-{number:05d}" for number in range(6, 0, -1))]
    assert _names(seven, "?order=asc&sort_by=name") == list(reversed(_names(seven)))


def test_sorting_by_time_and_status(seven: t.Any) -> None:
    first = seven("GET", seven.workspaces("?name=Ws-00001")).json["workspaces"][0]
    seven.state.clock.advance(1)
    seven("PUT", seven.workspaces(f"/{first['id']}"), {"description": "new"})
    assert _names(seven, "?sort_by=update_time&name=Ws")[0] == "Ws-00001"
    seven("DELETE", seven.workspaces(f"/{first['id']}"))
    assert _names(seven, "?sort_by=status&order=asc")[0] == "Ws-00001"


@pytest.mark.parametrize(
    "unit, query, names",
    [("record", "offset=2&limit=2", ["Ws-00005", "Ws-00004"]), ("page", "offset=2&limit=2", ["Ws-00003", "Ws-00002"])],
)
def test_offset(seven: t.Any, unit: str, query: str, names: list[str]) -> None:
    seven.set(workspace_offset=unit)
    assert _names(seven, f"?{query}") == names
    assert seven("GET", seven.workspaces("?offset=7&limit=1000")).json["count"] == 0


def test_pages_can_be_short(seven: t.Any) -> None:
    seven.set(page_cap=2)
    answer = seven("GET", seven.workspaces("?limit=1000&offset=6")).json
    assert (answer["total_count"], answer["count"]) == (7, 1)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "offset=-1", "order=up", "sort_by=owner", "name=", "filter_accessible=maybe"],
)
def test_queries_that_can_not_be(emulator: t.Any, query: str) -> None:
    answer = emulator("GET", emulator.workspaces(f"?{query}"))
    assert (answer.status, answer.code) == (400, "ModelArts.0104")
    assert query.partition("=")[0] in answer.message


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
def test_the_name_filter_is_fuzzy(seven: t.Any, setting: str, query: str, count: int) -> None:
    seven.set(workspace_name_filter=setting)
    assert len(_names(seven, f"?name={query}")) == count


@pytest.mark.parametrize(
    "setting, query, count",
    [
        *[("prefix", "ws-", 6), ("prefix", "ws-00001", 1), ("prefix", "00001", 0)],
        *[("exact", "ws-00001", 1), ("exact", "ws-", 0), ("exact", "ws-0000", 0), ("exact", "DEFAULT", 1)],
    ],
)
def test_the_name_filter_may_want_more_of_a_name(seven: t.Any, setting: str, query: str, count: int) -> None:
    seven.set(workspace_name_part=setting)
    assert len(_names(seven, f"?name={query}")) == count
    assert len(_names(seven)) == 7


def test_filters_by_enterprise_project_and_access(emulator: t.Any) -> None:
    project = "1234567890-1234567890-1234567890-abc"
    _create(emulator, "enterprise", enterprise_project_id=project)
    emulator.control("POST", "seed", {"workspaces": [{"name": "foreign", "auth_type": "private", "owner": "alice"}]})
    granted = {"name": "shared", "auth_type": "internal", "owner": "alice", "grants": [{"user_name": "emulator-user"}]}
    emulator.control("POST", "seed", {"workspaces": [granted]})
    assert _names(emulator, f"?enterprise_project_id={project}") == ["enterprise"]
    assert "foreign" in _names(emulator)
    assert _names(emulator, "?filter_accessible=true") == ["shared", "enterprise", "default"]


@pytest.mark.parametrize("setting, wanted", [("string", "0"), ("number", 0)])
def test_id_of_the_default_workspace(make: t.Any, setting: str, wanted: t.Any) -> None:
    emulator = make(default_workspace_id=setting)
    entry = emulator("GET", emulator.workspaces()).json["workspaces"][0]
    assert (entry["id"], entry["name"]) == (wanted, "default")
    assert emulator("GET", emulator.workspaces("/0")).json["id"] == wanted


# -- updates


@pytest.mark.parametrize("setting, kept", [("keep", ("what it is", "internal")), ("reset", ("", "public"))])
def test_fields_left_out(make: t.Any, setting: str, kept: tuple[str, str]) -> None:
    emulator = make(workspace_put_omitted=setting)
    made = _create(emulator, description="what it is", auth_type="INTERNAL", grants=[{"user_name": "alice"}]).json
    answer = emulator("PUT", emulator.workspaces(f"/{made['id']}"), {"name": "team-b"})
    assert answer.json == {"workspace_id": made["id"]}
    after = emulator("GET", emulator.workspaces(f"/{made['id']}")).json
    assert (after["name"], after["description"], after["auth_type"]) == ("team-b", *kept)
    assert after.get("grants", []) == []


def test_everything_but_the_enterprise_project_can_change(emulator: t.Any) -> None:
    made = _create(emulator).json
    emulator.state.clock.advance(1)
    body = {
        "name": "team-b",
        "description": "new",
        "auth_type": "INTERNAL",
        "grants": [{"user_name": "bob"}],
        "enterprise_project_id": "ignored",
    }
    emulator("PUT", emulator.workspaces(f"/{made['id']}"), body)
    after = emulator("GET", emulator.workspaces(f"/{made['id']}")).json
    assert (after["name"], after["description"], after["auth_type"], after["enterprise_project_id"]) == (
        "team-b",
        "new",
        "internal",
        "0",
    )
    assert [grant["user_name"] for grant in after["grants"]] == ["bob"]
    assert after["update_time"] == after["create_time"] + 1000
    emulator("PUT", emulator.workspaces(f"/{made['id']}"), dict(body, grants=[]))
    assert emulator("GET", emulator.workspaces(f"/{made['id']}")).json["grants"] == []


def test_an_update_may_answer_with_the_whole(make: t.Any) -> None:
    emulator = make(workspace_update_answer="object")
    made = _create(emulator).json
    answer = emulator("PUT", emulator.workspaces(f"/{made['id']}"), {"description": "new"}).json
    assert (answer["workspace_id"], answer["description"]) == (made["id"], "new")


def test_names_an_update_can_not_take(emulator: t.Any) -> None:
    one, two = _create(emulator, "one-").json["id"], _create(emulator, "two-").json["id"]
    assert emulator("PUT", emulator.workspaces(f"/{two}"), {"name": "one-"}).status == 400
    assert emulator("PUT", emulator.workspaces(f"/{one}"), {"name": "default"}).status == 400
    assert emulator("PUT", emulator.workspaces(f"/{one}"), {"name": "one-", "description": "same name"}).status == 200


def test_the_default_workspace_is_left_alone(emulator: t.Any) -> None:
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
    answer = emulator("GET", emulator.workspaces(f"/{workspace_id}"))
    return answer.json["status"] if answer.status == 200 else answer.code


def test_removal_takes_a_while(emulator: t.Any) -> None:
    made = _create(emulator).json["id"]
    assert emulator("DELETE", emulator.workspaces(f"/{made}")).json == {"workspace_id": made}
    for method, path, body in (
        ("DELETE", "", None),
        ("PUT", "", {}),
        ("PUT", "/quotas", {"quotas": [{"resource": "service.gpu_num", "quota": 1}]}),
    ):
        assert emulator(method, emulator.workspaces(f"/{made}{path}"), body).code == "ModelArts.7004"
    assert [_read(emulator, made) for unused in range(3)] == ["DELETING", "DELETING", "ModelArts.7005"]


def test_a_deleting_workspace_is_listed_and_holds_its_name(emulator: t.Any) -> None:
    made = _create(emulator).json["id"]
    emulator("DELETE", emulator.workspaces(f"/{made}"))
    assert _create(emulator).status == 400
    assert [len(_names(emulator)) for unused in range(3)] == [2, 2, 1]


def test_removal_at_once(make: t.Any) -> None:
    emulator = make(workspace_delete="immediate")
    made = _create(emulator).json["id"]
    emulator("DELETE", emulator.workspaces(f"/{made}"))
    assert _read(emulator, made) == "ModelArts.7005"


@pytest.mark.parametrize("again, last", [("works", "ModelArts.7005"), ("fails", "DELETE_FAILED")])
def test_a_removal_that_fails(make: t.Any, again: str, last: str) -> None:
    emulator = make(workspace_delete="failed", workspace_delete_again=again, gone_after=1)
    made = _create(emulator).json["id"]
    emulator("DELETE", emulator.workspaces(f"/{made}"))
    assert [_read(emulator, made) for unused in range(3)] == ["DELETING", "DELETE_FAILED", "DELETE_FAILED"]
    assert (
        emulator("GET", emulator.workspaces(f"/{made}")).json["status_info"]
        == "Resources in the workspace could not be cleared."
    )
    assert emulator("DELETE", emulator.workspaces(f"/{made}")).status == 200
    assert [_read(emulator, made) for unused in range(2)] == ["DELETING", last]


@pytest.mark.parametrize(
    "setting, status, code, text",
    [
        ("7005", 400, "ModelArts.7005", "workspace:gone not existed"),
        ("0102", 400, "ModelArts.0102", "does not exist"),
        ("0104_old", 400, "ModelArts.0104", "workspace: gone not exist."),
        ("404", 404, "ModelArts.7005", "not existed"),
    ],
)
def test_missing(make: t.Any, setting: str, status: int, code: str, text: str) -> None:
    emulator = make(missing_workspace=setting)
    for method, path, body in (("GET", "", None), ("PUT", "", {}), ("DELETE", "", None), ("GET", "/quotas", None)):
        answer = emulator(method, emulator.workspaces(f"/gone{path}"), body)
        assert (answer.status, answer.code, text in answer.message) == (status, code, True)


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETING", "DELETE_FAILED"])
def test_a_forced_status_stays(emulator: t.Any, status: str) -> None:
    made = _create(emulator).json["id"]
    emulator.control(
        "POST", "transitions", {"kind": "workspace", "name": "team-a", "status": status, "status_info": "because"}
    )
    shown = [emulator("GET", emulator.workspaces(f"/{made}")).json for unused in range(4)]
    assert [(one["status"], one["status_info"]) for one in shown] == [(status, "because")] * 4


# -- quotas


def _quotas(emulator: t.Any, workspace_id: str) -> dict[str, t.Any]:
    return {
        item["resource"]: item
        for item in emulator("GET", emulator.workspaces(f"/{workspace_id}/quotas")).json["quotas"]
    }


def test_quotas(emulator: t.Any) -> None:
    made = _create(emulator).json["id"]
    before = _quotas(emulator, made)
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
    answer = emulator(
        "PUT",
        emulator.workspaces(f"/{made}/quotas"),
        {"quotas": [{"resource": "exemlProject.gpu_duration", "quota": 60}]},
    ).json
    assert [(item["resource"], item["quota"], "used_quota" in item) for item in answer["quotas"]] == [
        ("exemlProject.gpu_duration", 60, False)
    ]
    after = _quotas(emulator, made)
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
def test_quotas_within_their_range(emulator: t.Any, resource: str, quota: int, status: int) -> None:
    made = _create(emulator).json["id"]
    body = {"quotas": [{"resource": "trainJob.gpu_duration", "quota": 5}, {"resource": resource, "quota": quota}]}
    assert emulator("PUT", emulator.workspaces(f"/{made}/quotas"), body).status == status
    # All of them or none.
    assert _quotas(emulator, made)["trainJob.gpu_duration"]["quota"] == (5 if status == 200 else -1)


def test_a_quota_of_zero(make: t.Any) -> None:
    emulator = make(quota_zero="accept")
    made = _create(emulator).json["id"]
    assert (
        emulator(
            "PUT", emulator.workspaces(f"/{made}/quotas"), {"quotas": [{"resource": "service.gpu_num", "quota": 0}]}
        ).status
        == 200
    )


# -- error bodies


@pytest.mark.parametrize("shape", ["json", "with_request_id", "plain", "empty"])
def test_error_bodies(make: t.Any, shape: str) -> None:
    emulator = make(modelarts_error_body=shape)
    answer = emulator("GET", emulator.workspaces("/gone"))
    wanted = {"error_code": "ModelArts.7005", "error_msg": "workspace:gone not existed"}
    if shape == "json":
        assert answer.json == wanted
    elif shape == "with_request_id":
        assert answer.json == dict(wanted, request_id=answer.headers["x-request-id"])
    else:
        assert (answer.status, answer.body) == (400, b"workspace:gone not existed" if shape == "plain" else b"")
