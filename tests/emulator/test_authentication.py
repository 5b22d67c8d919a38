# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of authentication and permissions, and of their errors."""

from __future__ import annotations

import typing as t

import pytest

LIST = "KeystoneListAuthProjects"


def assert_error(response: t.Any, status: int, code: str, text: str) -> None:
    assert (response.status, response.code) == (status, code), response.body
    assert text in response.message


def test_request_without_credentials_is_rejected(emulator: t.Any) -> None:
    response = emulator.raw("GET", emulator.workspaces())
    assert_error(response, 401, "APIGW.0301", "Incorrect IAM authentication information: x-auth-token not found")
    assert response.json["request_id"] == response.headers["x-request-id"]


def test_responses_have_unique_id_and_emulator_date(emulator: t.Any) -> None:
    responses = [emulator("GET", emulator.workspaces()) for unused in range(2)]
    assert len({response.headers["x-request-id"] for response in responses}) == 2
    assert responses[0].headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


@pytest.mark.parametrize(
    "path", ["/", "/v1/workspaces", "/v2/meshes", "/_emulator/health", "/v1/p/workspaces/", "/v2/line%0Abreak"]
)
def test_unknown_route_rejected_by_gateway(make: t.Any, path: str) -> None:
    emulator = make(control=False)
    assert_error(emulator("GET", path), 404, "APIGW.0101", "does not exist")


def test_unknown_method_rejected_by_gateway(emulator: t.Any) -> None:
    assert_error(emulator("PATCH", emulator.workspaces()), 404, "APIGW.0101", "does not exist")


@pytest.mark.parametrize("prefix", ["APIGW", "APIG", "APIC"])
def test_gateway_prefix(make: t.Any, prefix: str) -> None:
    assert make(gateway_prefix=prefix).raw("GET", "/v3/projects").code == f"{prefix}.0301"


# -- signatures


def test_wrong_secret_returns_canonical_request(emulator: t.Any) -> None:
    headers = emulator.sign("GET", emulator.workspaces(), secret_key="wrong")
    response = emulator.raw("GET", emulator.workspaces(), headers)
    assert_error(response, 401, "APIGW.0301", "verify aksk signature fail, canonicalRequest:GET|/v1/")
    assert "x-sdk-date:20270115T080000Z||content-type;host;x-project-id;x-sdk-date|" in response.message


def test_signature_invalid_if_body_changed(emulator: t.Any) -> None:
    headers = emulator.sign("POST", emulator.workspaces(), b'{"name": "team-a"}')
    assert_error(
        emulator.raw("POST", emulator.workspaces(), headers, b'{"name": "team-b"}'),
        401,
        "APIGW.0301",
        "verify aksk signature fail",
    )


def test_signature_invalid_if_query_changed(emulator: t.Any) -> None:
    headers = emulator.sign("GET", emulator.workspaces("?limit=1"))
    assert_error(
        emulator.raw("GET", emulator.workspaces("?limit=2"), headers), 401, "APIGW.0301", "verify aksk signature fail"
    )


def test_unknown_access_key_is_rejected(emulator: t.Any) -> None:
    headers = emulator.sign("GET", emulator.workspaces(), access_key="NOBODY")
    assert_error(
        emulator.raw("GET", emulator.workspaces(), headers),
        401,
        "APIGW.0301",
        "Get secretKey failed,ak:NOBODY,err:ak not exist",
    )


@pytest.mark.parametrize("off", [-901, 901])
def test_date_beyond_clock_skew_is_rejected(emulator: t.Any, off: int) -> None:
    headers = emulator.sign("GET", emulator.workspaces())
    emulator.state.clock.advance(off)
    assert_error(emulator.raw("GET", emulator.workspaces(), headers), 401, "APIGW.0301", "signature expired")


@pytest.mark.parametrize("off", [-900, 900])
def test_date_within_clock_skew_is_accepted(emulator: t.Any, off: int) -> None:
    headers = emulator.sign("GET", emulator.workspaces())
    emulator.state.clock.advance(off)
    assert emulator.raw("GET", emulator.workspaces(), headers).status == 200


@pytest.mark.parametrize("date, text", [(None, "x-sdk-date not found"), ("yesterday", "x-sdk-date format incorrect")])
def test_invalid_date_is_rejected(emulator: t.Any, date: str | None, text: str) -> None:
    headers = emulator.sign("GET", emulator.workspaces())
    headers.pop("X-Sdk-Date")
    if date:
        headers["X-Sdk-Date"] = date
    assert_error(emulator.raw("GET", emulator.workspaces(), headers), 401, "APIGW.0301", text)


def test_invalid_authorization_header_is_rejected(emulator: t.Any) -> None:
    response = emulator.raw("GET", emulator.workspaces(), {"Authorization": "SDK-HMAC-SHA256 Access=x"})
    assert_error(response, 401, "APIGW.0301", "authorization header format incorrect")


def test_key_locked_after_six_consecutive_failures(emulator: t.Any) -> None:
    target = emulator.workspaces()
    for number in range(6):
        response = emulator.raw("GET", target, emulator.sign("GET", target, secret_key="wrong"))
        assert "verify aksk signature fail" in response.message, number
    assert_error(emulator("GET", target), 401, "APIGW.0301", "AK access failed to reach the limit,forbidden")
    emulator.state.clock.advance(299)
    assert emulator("GET", target).status == 401
    emulator.state.clock.advance(1)
    assert emulator("GET", target).status == 200


def test_success_resets_signature_failures(emulator: t.Any) -> None:
    target = emulator.workspaces()
    for invalid in [True] * 5 + [False] + [True] * 5 + [False]:
        response = emulator.raw(
            "GET", target, emulator.sign("GET", target, **({"secret_key": "wrong"} if invalid else {}))
        )
    assert response.status == 200


def test_control_plane_unlocks_keys(make: t.Any) -> None:
    emulator = make(key_lock_failures=0)
    target = emulator.workspaces()
    emulator.raw("GET", target, emulator.sign("GET", target, secret_key="wrong"))
    assert emulator("GET", target).status == 401
    assert emulator.control("POST", "keys/unlock") == {"unlocked": 1}
    assert emulator("GET", target).status == 200


@pytest.mark.parametrize("sent, status", [("right", 200), ("wrong", 401), (None, 401)])
def test_temporary_key_requires_security_token(emulator: t.Any, sent: str | None, status: int) -> None:
    key = emulator.control("POST", "seed", {"keys": [{"security_token": True, "lifetime": 60}]})["created"]["keys"][0]
    token = key["security_token"] if sent == "right" else sent
    extra = {"X-Security-Token": token} if token else {}
    pair = {"access_key": key["access_key"], "secret_key": key["secret_key"]}
    target = emulator.workspaces()
    assert emulator.raw("GET", target, emulator.sign("GET", target, b"", extra, **pair)).status == status
    # The security token can be unsigned.
    unsigned = dict(emulator.sign("GET", target, **pair), **extra)
    assert emulator.raw("GET", target, unsigned).status == status
    emulator.state.clock.advance(60)
    assert_error(
        emulator.raw("GET", target, emulator.sign("GET", target, b"", extra, **pair)), 401, "APIGW.0301", "expired"
    )


def test_permanent_key_with_token_is_rejected(emulator: t.Any) -> None:
    response = emulator("GET", emulator.workspaces(), headers={"X-Security-Token": "from somewhere else"})
    assert_error(response, 401, "APIGW.0301", "x-security-token invalid")


# -- projects


def test_header_path_and_credentials_need_one_project(make: t.Any) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team", "id": "other"}]})
    workspaces = emulator("GET", emulator.workspaces(), headers={"X-Project-Id": "other"})
    assert_error(workspaces, 403, "ModelArts.0210", "project")
    meshes = emulator("GET", f"/v1/{emulator.project}/meshes", headers={"X-Project-Id": "other"})
    assert_error(meshes, 403, "ASM.01000002", "project")
    assert emulator("GET", "/v1/other/workspaces", headers={"X-Project-Id": "other"}).status == 200
    assert emulator("GET", "/v1/unknown/workspaces", headers={"X-Project-Id": "unknown"}).status == 403


def test_v2_request_uses_project_of_header(make: t.Any) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team", "id": "other"}]})
    assert emulator("GET", emulator.workshops(), headers={"X-Project-Id": "other"}).status == 404
    assert emulator("GET", emulator.workshops(), headers={"X-Project-Id": None}).status == 200


def test_project_header_can_be_required(make: t.Any) -> None:
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


def test_password_login_returns_token(emulator: t.Any) -> None:
    response = emulator.password_login()
    emulator.assert_documented("POST", "/v3/auth/tokens", response)
    token = response.json["token"]
    assert response.status == 201
    assert token["project"]["id"] == emulator.project
    assert (token["issued_at"], token["expires_at"]) == ("2027-01-15T08:00:00.000000Z", "2027-01-16T08:00:00.000000Z")
    assert {entry["type"] for entry in token["catalog"]} == {"iam", "asm", "modelarts"}
    assert _with_token(emulator, response.headers["x-subject-token"], emulator.workspaces()).status == 200
    assert _with_token(emulator, response.headers["x-subject-token"], emulator.workshops()).status == 200


def test_nocatalog_omits_catalog(emulator: t.Any) -> None:
    token = emulator.password_login().headers["x-subject-token"]
    headers = {"X-Auth-Token": token, "X-Subject-Token": token}
    response = emulator.raw("GET", "/v3/auth/tokens?nocatalog=true", headers)
    assert "catalog" not in response.json["token"]
    assert response.json["token"]["user"]["name"] == "emulator-user"


@pytest.mark.parametrize(
    "user", [{"password": "wrong"}, {"name": "nobody"}, {"domain": {"name": "elsewhere"}}, {"id": "unknown"}]
)
def test_login_error_does_not_reveal_wrong_field(emulator: t.Any, user: dict[str, t.Any]) -> None:
    response = emulator.password_login(**user)
    assert response.status == 401
    assert response.json == {
        "error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    }


def test_login_by_user_id(emulator: t.Any) -> None:
    assert emulator.password_login(id=emulator.credentials["user_id"]).status == 201


@pytest.mark.parametrize(
    "scope", [{"project": {"name": "nowhere"}}, {"project": {"id": "nothing"}}, {"domain": {"name": "elsewhere"}}]
)
def test_unknown_scope_is_rejected(emulator: t.Any, scope: dict[str, t.Any]) -> None:
    response = emulator.password_login(scope=scope)
    assert (response.status, response.json["error"]["code"]) == (401, 401)


def test_project_scope_has_precedence_over_domain(emulator: t.Any) -> None:
    scope = {"project": {"id": emulator.project}, "domain": {"id": emulator.credentials["domain_id"]}}
    assert emulator.password_login(scope=scope).json["token"]["project"]["name"] == "region-1"


@pytest.mark.parametrize("scope", [None, "domain"])
def test_token_without_project_is_rejected(emulator: t.Any, scope: str | None) -> None:
    expected = {"domain": {"id": emulator.credentials["domain_id"]}} if scope else None
    response = emulator.password_login(scope=expected)
    assert ("domain" in response.json["token"]) is bool(scope)
    token = response.headers["x-subject-token"]
    assert_error(_with_token(emulator, token, emulator.workspaces()), 401, "ModelArts.0207", "no project")
    assert_error(_with_token(emulator, token, emulator.workshops()), 401, "ASM.01000001", "no project")
    assert _with_token(emulator, token, "/v3/auth/projects").status == 200


def test_token_expires(make: t.Any) -> None:
    emulator = make(token_life=60)
    token = emulator.password_login().headers["x-subject-token"]
    emulator.state.clock.advance(60)
    assert_error(
        _with_token(emulator, token, emulator.workspaces()),
        401,
        "APIGW.0301",
        "token expires, expires_at: 2027-01-15T08:01:00.000000Z",
    )


def test_control_plane_expires_all_tokens(emulator: t.Any) -> None:
    token = emulator.password_login().headers["x-subject-token"]
    assert emulator.control("POST", "tokens/expire") == {"expired": 1}
    assert _with_token(emulator, token, emulator.workspaces()).status == 401
    again = emulator.password_login().headers["x-subject-token"]
    assert _with_token(emulator, again, emulator.workspaces()).status == 200


def test_unknown_token_is_rejected(emulator: t.Any) -> None:
    assert_error(_with_token(emulator, "MIIabc", emulator.workspaces()), 401, "APIGW.0301", "decrypt token fail")


def test_token_for_other_project_is_rejected(make: t.Any) -> None:
    emulator = make(seed={"projects": [{"name": "region-1_team", "id": "other"}]})
    token = emulator.password_login(scope={"project": {"id": "other"}}).headers["x-subject-token"]
    assert_error(_with_token(emulator, token, emulator.workspaces()), 403, "ModelArts.0210", "project")
    assert emulator.raw("GET", "/v1/other/workspaces", {"X-Auth-Token": token, "X-Project-Id": "other"}).status == 200


def test_revoked_token_is_rejected(emulator: t.Any) -> None:
    token = emulator.password_login().headers["x-subject-token"]
    headers = {"X-Auth-Token": token, "X-Subject-Token": token}
    assert emulator.raw("DELETE", "/v3/auth/tokens", headers).status == 204
    assert emulator.raw("DELETE", "/v3/auth/tokens", headers).status == 401


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"auth": {"identity": {"methods": ["token"]}}}'])
def test_invalid_login_body_is_rejected(emulator: t.Any, body: bytes) -> None:
    response = emulator.raw("POST", "/v3/auth/tokens", {}, body)
    assert (response.status, response.json["error"]["title"]) == (400, "Bad Request")


# -- rights


@pytest.fixture
def send_as_guest(emulator: t.Any) -> t.Any:
    """Return a function that sends requests as a user with few permissions."""
    seed = {
        "users": [
            {"name": "limited", "keys": True, "denied": ["asm:mesh:createRelease", "modelarts:*", "iam:projects:*"]}
        ]
    }
    created = emulator.control("POST", "seed", seed)["created"]["users"][0]
    pair = {"access_key": created["access_key"], "secret_key": created["secret_key"]}

    def call(method: str, target: str, body: bytes = b"") -> t.Any:
        return emulator.raw(method, target, emulator.sign(method, target, body, **pair), body)

    return call


def test_service_rejects_missing_permission(emulator: t.Any, send_as_guest: t.Any) -> None:
    assert_error(send_as_guest("POST", emulator.releases(), b"{}"), 403, "ASM.01000002", "asm:mesh:createRelease")
    assert_error(send_as_guest("GET", emulator.workspaces()), 403, "ModelArts.0112", "modelarts:workspace:list")
    assert_error(send_as_guest("GET", "/v3/projects"), 403, "403", "iam:projects:listProjects")
    assert send_as_guest("GET", emulator.workshops()).status == 200
    assert send_as_guest("GET", "/v3/auth/projects").status == 200


def test_gateway_rejects_missing_permission_if_configured(emulator: t.Any, send_as_guest: t.Any) -> None:
    emulator.set(forbidden_by="gateway")
    assert_error(send_as_guest("GET", emulator.workspaces()), 403, "APIGW.0302", "modelarts:workspace:list")


def test_user_limited_to_some_projects(make: t.Any) -> None:
    users = [
        {"name": "guest", "projects": ["other"], "keys": {"access_key": "GUESTGUESTGUESTGUEST", "secret_key": "s" * 40}}
    ]
    emulator = make(seed={"projects": [{"name": "team", "id": "other"}], "users": users})
    key = {"access_key": "GUESTGUESTGUESTGUEST", "secret_key": "s" * 40}
    assert emulator.raw("GET", emulator.workspaces(), emulator.sign("GET", emulator.workspaces(), **key)).status == 403
    response = emulator.raw("GET", "/v3/auth/projects", emulator.sign("GET", "/v3/auth/projects", **key))
    assert [project["name"] for project in response.json["projects"]] == ["team"]


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
    response = emulator("GET", emulator.workspaces())
    assert_error(
        response, 429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit,limit:2"
    )
    assert "retry-after" not in response.headers
    emulator.state.clock.advance(0.5)
    assert [emulator("GET", emulator.workspaces()).status for unused in range(2)] == [200, 429]


def test_rate_limit_returns_retry_after(make: t.Any) -> None:
    emulator = make(rate_limit=1, retry_after="7")
    assert [emulator("GET", emulator.workspaces()).headers.get("retry-after") for unused in range(2)] == [None, "7"]


def test_body_over_12_mb_is_rejected(emulator: t.Any) -> None:
    response = emulator.raw("POST", emulator.workspaces(), {}, b" " * (12 * 1024 * 1024 + 1))
    assert (response.status, response.code) == (413, "APIGW.0201")
