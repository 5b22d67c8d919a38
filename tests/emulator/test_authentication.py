# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets in, and what the others are told."""

from __future__ import annotations

import typing as t

import pytest

LIST = "KeystoneListAuthProjects"


def assert_error(answer: t.Any, status: int, code: str, text: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.body
    assert text in answer.message


def test_a_call_without_credentials(emulator: t.Any) -> None:
    answer = emulator.raw("GET", emulator.workspaces())
    assert_error(answer, 401, "APIGW.0301", "Incorrect IAM authentication information: x-auth-token not found")
    assert answer.json["request_id"] == answer.headers["x-request-id"]


def test_every_answer_has_an_id_of_its_own_and_the_date_of_the_emulator(emulator: t.Any) -> None:
    answers = [emulator("GET", emulator.workspaces()) for unused in range(2)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 2
    assert answers[0].headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


@pytest.mark.parametrize(
    "path", ["/", "/v1/workspaces", "/v2/meshes", "/_emulator/health", "/v1/p/workspaces/", "/v2/line%0Abreak"]
)
def test_an_unknown_route_is_the_gateways(make: t.Any, path: str) -> None:
    emulator = make(control=False)
    assert_error(emulator("GET", path), 404, "APIGW.0101", "does not exist")


def test_an_unknown_method_is_the_gateways(emulator: t.Any) -> None:
    assert_error(emulator("PATCH", emulator.workspaces()), 404, "APIGW.0101", "does not exist")


@pytest.mark.parametrize("prefix", ["APIGW", "APIG", "APIC"])
def test_prefix_of_the_gateway(make: t.Any, prefix: str) -> None:
    assert make(gateway_prefix=prefix).raw("GET", "/v3/projects").code == f"{prefix}.0301"


# -- signatures


def test_a_wrong_secret_gets_the_canonical_request_back(emulator: t.Any) -> None:
    headers = emulator.signed("GET", emulator.workspaces(), secret_key="wrong")
    answer = emulator.raw("GET", emulator.workspaces(), headers)
    assert_error(answer, 401, "APIGW.0301", "verify aksk signature fail, canonicalRequest:GET|/v1/")
    assert "x-sdk-date:20270115T080000Z||content-type;host;x-project-id;x-sdk-date|" in answer.message


def test_a_changed_body_does_not_fit_its_signature(emulator: t.Any) -> None:
    headers = emulator.signed("POST", emulator.workspaces(), b'{"name": "team-a"}')
    assert_error(
        emulator.raw("POST", emulator.workspaces(), headers, b'{"name": "team-b"}'),
        401,
        "APIGW.0301",
        "verify aksk signature fail",
    )


def test_a_changed_query_does_not_fit_its_signature(emulator: t.Any) -> None:
    headers = emulator.signed("GET", emulator.workspaces("?limit=1"))
    assert_error(
        emulator.raw("GET", emulator.workspaces("?limit=2"), headers), 401, "APIGW.0301", "verify aksk signature fail"
    )


def test_an_unknown_key(emulator: t.Any) -> None:
    headers = emulator.signed("GET", emulator.workspaces(), access_key="NOBODY")
    assert_error(
        emulator.raw("GET", emulator.workspaces(), headers),
        401,
        "APIGW.0301",
        "Get secretKey failed,ak:NOBODY,err:ak not exist",
    )


@pytest.mark.parametrize("off", [-901, 901])
def test_a_date_too_far_off(emulator: t.Any, off: int) -> None:
    headers = emulator.signed("GET", emulator.workspaces())
    emulator.state.clock.advance(off)
    assert_error(emulator.raw("GET", emulator.workspaces(), headers), 401, "APIGW.0301", "signature expired")


@pytest.mark.parametrize("off", [-900, 900])
def test_a_date_just_near_enough(emulator: t.Any, off: int) -> None:
    headers = emulator.signed("GET", emulator.workspaces())
    emulator.state.clock.advance(off)
    assert emulator.raw("GET", emulator.workspaces(), headers).status == 200


@pytest.mark.parametrize("date, text", [(None, "x-sdk-date not found"), ("yesterday", "x-sdk-date format incorrect")])
def test_a_date_that_is_none(emulator: t.Any, date: str | None, text: str) -> None:
    headers = emulator.signed("GET", emulator.workspaces())
    headers.pop("X-Sdk-Date")
    if date:
        headers["X-Sdk-Date"] = date
    assert_error(emulator.raw("GET", emulator.workspaces(), headers), 401, "APIGW.0301", text)


def test_a_header_that_is_no_signature(emulator: t.Any) -> None:
    answer = emulator.raw("GET", emulator.workspaces(), {"Authorization": "SDK-HMAC-SHA256 Access=x"})
    assert_error(answer, 401, "APIGW.0301", "authorization header format incorrect")


def test_a_key_is_locked_after_more_than_five_failures_in_a_row(emulator: t.Any) -> None:
    target = emulator.workspaces()
    for number in range(6):
        answer = emulator.raw("GET", target, emulator.signed("GET", target, secret_key="wrong"))
        assert "verify aksk signature fail" in answer.message, number
    assert_error(emulator("GET", target), 401, "APIGW.0301", "AK access failed to reach the limit,forbidden")
    emulator.state.clock.advance(299)
    assert emulator("GET", target).status == 401
    emulator.state.clock.advance(1)
    assert emulator("GET", target).status == 200


def test_a_success_in_between_forgives(emulator: t.Any) -> None:
    target = emulator.workspaces()
    for wrong in [True] * 5 + [False] + [True] * 5 + [False]:
        answer = emulator.raw(
            "GET", target, emulator.signed("GET", target, **({"secret_key": "wrong"} if wrong else {}))
        )
    assert answer.status == 200


def test_the_control_plane_unlocks(make: t.Any) -> None:
    emulator = make(key_lock_failures=0)
    target = emulator.workspaces()
    emulator.raw("GET", target, emulator.signed("GET", target, secret_key="wrong"))
    assert emulator("GET", target).status == 401
    assert emulator.control("POST", "keys/unlock") == {"unlocked": 1}
    assert emulator("GET", target).status == 200


@pytest.mark.parametrize("sent, status", [("right", 200), ("wrong", 401), (None, 401)])
def test_temporary_keys_need_their_token(emulator: t.Any, sent: str | None, status: int) -> None:
    key = emulator.control("POST", "seed", {"keys": [{"security_token": True, "lifetime": 60}]})["created"]["keys"][0]
    token = key["security_token"] if sent == "right" else sent
    extra = {"X-Security-Token": token} if token else {}
    pair = {"access_key": key["access_key"], "secret_key": key["secret_key"]}
    target = emulator.workspaces()
    assert emulator.raw("GET", target, emulator.signed("GET", target, b"", extra, **pair)).status == status
    # It need not be signed.
    unsigned = dict(emulator.signed("GET", target, **pair), **extra)
    assert emulator.raw("GET", target, unsigned).status == status
    emulator.state.clock.advance(60)
    assert_error(
        emulator.raw("GET", target, emulator.signed("GET", target, b"", extra, **pair)), 401, "APIGW.0301", "expired"
    )


def test_a_permanent_key_with_a_token_is_a_mix(emulator: t.Any) -> None:
    answer = emulator("GET", emulator.workspaces(), headers={"X-Security-Token": "from somewhere else"})
    assert_error(answer, 401, "APIGW.0301", "x-security-token invalid")


# -- projects


def test_header_path_and_credentials_must_mean_one_project(make: t.Any) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team", "id": "other"}]})
    workspaces = emulator("GET", emulator.workspaces(), headers={"X-Project-Id": "other"})
    assert_error(workspaces, 403, "ModelArts.0210", "project")
    meshes = emulator("GET", f"/v1/{emulator.project}/meshes", headers={"X-Project-Id": "other"})
    assert_error(meshes, 403, "ASM.01000002", "project")
    assert emulator("GET", "/v1/other/workspaces", headers={"X-Project-Id": "other"}).status == 200
    assert emulator("GET", "/v1/unknown/workspaces", headers={"X-Project-Id": "unknown"}).status == 403


def test_v2_paths_take_the_project_from_the_header(make: t.Any) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team", "id": "other"}]})
    assert emulator("GET", emulator.workshops(), headers={"X-Project-Id": "other"}).status == 404
    assert emulator("GET", emulator.workshops(), headers={"X-Project-Id": None}).status == 200


def test_the_header_can_be_demanded(make: t.Any) -> None:
    emulator = make(project_header="required")
    assert_error(
        emulator("GET", emulator.workshops(), headers={"X-Project-Id": None}),
        401,
        "APIGW.0301",
        "x-project-id not found",
    )
    assert emulator("GET", "/v3/projects", headers={"X-Project-Id": None}).status == 200


# -- tokens


def _with_token(emulator: t.Any, token: str, target: str, **headers: str) -> t.Any:
    return emulator.raw("GET", target, {"X-Auth-Token": token, **headers})


def test_a_token_of_a_password(emulator: t.Any) -> None:
    answer = emulator.password_login()
    emulator.conforms("POST", "/v3/auth/tokens", answer)
    token = answer.json["token"]
    assert answer.status == 201
    assert token["project"]["id"] == emulator.project
    assert (token["issued_at"], token["expires_at"]) == ("2027-01-15T08:00:00.000000Z", "2027-01-16T08:00:00.000000Z")
    assert {entry["type"] for entry in token["catalog"]} == {"iam", "asm", "modelarts"}
    assert _with_token(emulator, answer.headers["x-subject-token"], emulator.workspaces()).status == 200
    assert _with_token(emulator, answer.headers["x-subject-token"], emulator.workshops()).status == 200


def test_no_catalog_when_it_is_not_wanted(emulator: t.Any) -> None:
    token = emulator.password_login().headers["x-subject-token"]
    headers = {"X-Auth-Token": token, "X-Subject-Token": token}
    answer = emulator.raw("GET", "/v3/auth/tokens?nocatalog=true", headers)
    assert "catalog" not in answer.json["token"]
    assert answer.json["token"]["user"]["name"] == "emulator-user"


@pytest.mark.parametrize(
    "user", [{"password": "wrong"}, {"name": "nobody"}, {"domain": {"name": "elsewhere"}}, {"id": "unknown"}]
)
def test_a_wrong_login_says_nothing_about_what_was_wrong(emulator: t.Any, user: dict[str, t.Any]) -> None:
    answer = emulator.password_login(**user)
    assert answer.status == 401
    assert answer.json == {
        "error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    }


def test_login_by_user_id(emulator: t.Any) -> None:
    assert emulator.password_login(id=emulator.credentials["user_id"]).status == 201


@pytest.mark.parametrize(
    "scope", [{"project": {"name": "nowhere"}}, {"project": {"id": "nothing"}}, {"domain": {"name": "elsewhere"}}]
)
def test_an_unknown_scope(emulator: t.Any, scope: dict[str, t.Any]) -> None:
    answer = emulator.password_login(scope=scope)
    assert (answer.status, answer.json["error"]["code"]) == (401, 401)


def test_the_project_of_a_scope_wins(emulator: t.Any) -> None:
    scope = {"project": {"id": emulator.project}, "domain": {"id": emulator.credentials["domain_id"]}}
    assert emulator.password_login(scope=scope).json["token"]["project"]["name"] == "region-1"


@pytest.mark.parametrize("scope", [None, "domain"])
def test_a_token_without_project(emulator: t.Any, scope: str | None) -> None:
    wanted = {"domain": {"id": emulator.credentials["domain_id"]}} if scope else None
    answer = emulator.password_login(scope=wanted)
    assert ("domain" in answer.json["token"]) is bool(scope)
    token = answer.headers["x-subject-token"]
    assert_error(_with_token(emulator, token, emulator.workspaces()), 401, "ModelArts.0207", "no project")
    assert_error(_with_token(emulator, token, emulator.workshops()), 401, "ASM.01000001", "no project")
    assert _with_token(emulator, token, "/v3/auth/projects").status == 200


def test_a_token_ends(make: t.Any) -> None:
    emulator = make(token_life=60)
    token = emulator.password_login().headers["x-subject-token"]
    emulator.state.clock.advance(60)
    assert_error(
        _with_token(emulator, token, emulator.workspaces()),
        401,
        "APIGW.0301",
        "token expires, expires_at: 2027-01-15T08:01:00.000000Z",
    )


def test_the_control_plane_ends_all_tokens(emulator: t.Any) -> None:
    token = emulator.password_login().headers["x-subject-token"]
    assert emulator.control("POST", "tokens/expire") == {"expired": 1}
    assert _with_token(emulator, token, emulator.workspaces()).status == 401
    again = emulator.password_login().headers["x-subject-token"]
    assert _with_token(emulator, again, emulator.workspaces()).status == 200


def test_a_foreign_token(emulator: t.Any) -> None:
    assert_error(_with_token(emulator, "MIIabc", emulator.workspaces()), 401, "APIGW.0301", "decrypt token fail")


def test_a_token_for_another_project(make: t.Any) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team", "id": "other"}]})
    token = emulator.password_login(scope={"project": {"id": "other"}}).headers["x-subject-token"]
    assert_error(_with_token(emulator, token, emulator.workspaces()), 403, "ModelArts.0210", "project")
    assert emulator.raw("GET", "/v1/other/workspaces", {"X-Auth-Token": token, "X-Project-Id": "other"}).status == 200


def test_a_token_can_be_revoked(emulator: t.Any) -> None:
    token = emulator.password_login().headers["x-subject-token"]
    headers = {"X-Auth-Token": token, "X-Subject-Token": token}
    assert emulator.raw("DELETE", "/v3/auth/tokens", headers).status == 204
    assert emulator.raw("DELETE", "/v3/auth/tokens", headers).status == 401


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"auth": {"identity": {"methods": ["token"]}}}'])
def test_a_login_that_is_none(emulator: t.Any, body: bytes) -> None:
    answer = emulator.raw("POST", "/v3/auth/tokens", {}, body)
    assert (answer.status, answer.json["error"]["title"]) == (400, "Bad Request")


# -- rights


@pytest.fixture
def restricted(emulator: t.Any) -> t.Any:
    """Calls as a user who may do little."""
    seed = {
        "users": [
            {"name": "limited", "keys": True, "denied": ["asm:mesh:createRelease", "modelarts:*", "iam:projects:*"]}
        ]
    }
    made = emulator.control("POST", "seed", seed)["created"]["users"][0]
    pair = {"access_key": made["access_key"], "secret_key": made["secret_key"]}

    def call(method: str, target: str, body: bytes = b"") -> t.Any:
        return emulator.raw(method, target, emulator.signed(method, target, body, **pair), body)

    return call


def test_missing_rights_are_the_services(emulator: t.Any, restricted: t.Any) -> None:
    assert_error(restricted("POST", emulator.releases(), b"{}"), 403, "ASM.01000002", "asm:mesh:createRelease")
    assert_error(restricted("GET", emulator.workspaces()), 403, "ModelArts.0112", "modelarts:workspace:list")
    assert_error(restricted("GET", "/v3/projects"), 403, "403", "iam:projects:listProjects")
    assert restricted("GET", emulator.workshops()).status == 200
    assert restricted("GET", "/v3/auth/projects").status == 200


def test_missing_rights_can_be_the_gateways(emulator: t.Any, restricted: t.Any) -> None:
    emulator.set(forbidden_by="gateway")
    assert_error(restricted("GET", emulator.workspaces()), 403, "APIGW.0302", "modelarts:workspace:list")


def test_a_user_of_some_projects_only(make: t.Any) -> None:
    users = [
        {"name": "guest", "projects": ["other"], "keys": {"access_key": "GUESTGUESTGUESTGUEST", "secret_key": "s" * 40}}
    ]
    emulator = make(seed={"projects": [{"name": "team", "id": "other"}], "users": users})
    key = {"access_key": "GUESTGUESTGUESTGUEST", "secret_key": "s" * 40}
    assert (
        emulator.raw("GET", emulator.workspaces(), emulator.signed("GET", emulator.workspaces(), **key)).status == 403
    )
    listed = emulator.raw("GET", "/v3/auth/projects", emulator.signed("GET", "/v3/auth/projects", **key))
    assert [project["name"] for project in listed.json["projects"]] == ["team"]


# -- projects of the account


@pytest.mark.parametrize(
    "query, names",
    [
        ("", ["region-1", "region-1_team"]),
        ("?name=region-1", ["region-1"]),
        ("?name=nowhere", []),
        ("?enabled=false", []),
        ("?parent_id=x", []),
    ],
)
def test_projects(make: t.Any, query: str, names: list[str]) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team"}]})
    assert [project["name"] for project in emulator("GET", f"/v3/projects{query}").json["projects"]] == names


# -- limits


def test_rate_limit(make: t.Any) -> None:
    emulator = make(rate_limit=2)
    statuses = [emulator("GET", emulator.workspaces()).status for unused in range(3)]
    assert statuses == [200, 200, 429]
    answer = emulator("GET", emulator.workspaces())
    assert_error(
        answer, 429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit,limit:2"
    )
    assert "retry-after" not in answer.headers
    emulator.state.clock.advance(0.5)
    assert [emulator("GET", emulator.workspaces()).status for unused in range(2)] == [200, 429]


def test_rate_limit_says_when_to_come_back(make: t.Any) -> None:
    emulator = make(rate_limit=1, retry_after="7")
    assert [emulator("GET", emulator.workspaces()).headers.get("retry-after") for unused in range(2)] == [None, "7"]


def test_a_body_over_12_mb(emulator: t.Any) -> None:
    answer = emulator.raw("POST", emulator.workspaces(), {}, b" " * (12 * 1024 * 1024 + 1))
    assert (answer.status, answer.code) == (413, "APIGW.0201")
