# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of agencies, temporary keys and the metadata service."""

from __future__ import annotations

import json
import typing as t

import pytest

KEYS = "/v3.0/OS-CREDENTIAL/securitytokens"
SESSION = "/meta-data/latest/api/token"
METADATA = "/openstack/latest/securitykey"
TTL = {"X-Metadata-Token-Ttl-Seconds": "60"}


@pytest.fixture
def agency(emulator: t.Any) -> dict[str, str]:
    """Return an agency of another account that trusts the main account."""
    seed = {"agencies": [{"name": "operators", "domain_name": "shop"}]}
    return emulator.control("POST", "seed", seed)["created"]["agencies"][0]


def role(**changes: t.Any) -> dict[str, t.Any]:
    fields = {"agency_name": "operators", "domain_name": "shop", **changes}
    return {name: value for name, value in fields.items() if value is not None}


def assume(emulator: t.Any, headers: dict[str, str] | None = None, **changes: t.Any) -> t.Any:
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role(**changes)}}}
    domain = {"X-Domain-Id": emulator.credentials["domain_id"], "X-Project-Id": None}
    return emulator("POST", KEYS, body, headers or domain)


def sign(emulator: t.Any, path: str, credential: dict[str, str], project: str) -> t.Any:
    extra = {"X-Security-Token": credential["securitytoken"], "X-Project-Id": project}
    headers = emulator.sign("GET", path, extra=extra, access_key=credential["access"], secret_key=credential["secret"])
    return emulator.raw("GET", path, headers)


def test_keys_of_agency_act_in_its_account(emulator: t.Any, agency: dict[str, str]) -> None:
    response = assume(emulator, duration_seconds=3600)
    assert response.status == 201
    credential = response.json["credential"]
    assert credential["expires_at"] == "2027-01-15T09:00:00.000000Z"
    path = f"/v1/{agency['project_id']}/workspaces"
    assert sign(emulator, path, credential, agency["project_id"]).status == 200
    assert sign(emulator, emulator.workspaces(), credential, emulator.project).status == 403
    found = sign(emulator, "/v3/auth/domains", credential, "").json["domains"]
    assert [domain["name"] for domain in found] == ["shop"]
    assert emulator.control("POST", "keys/expire") == {"expired": 1}
    assert "signature expired" in sign(emulator, path, credential, agency["project_id"]).message


@pytest.mark.parametrize(
    "change", [{"agency_name": None, "xrole_name": "operators"}, {"domain_name": None, "domain_id": "SHOP"}]
)
def test_agency_is_found_by_other_keys_of_the_request(
    emulator: t.Any, agency: dict[str, str], change: dict[str, t.Any]
) -> None:
    if "domain_id" in change:
        change = {**change, "domain_id": agency["domain_id"]}
    assert assume(emulator, **change).status == 201


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"agency_name": "nobody"}, 404, "Could not find agency: nobody."),
        ({"domain_name": "nobody"}, 404, "Could not find agency: operators."),
        ({"domain_name": None}, 400, "violates"),
        ({"duration_seconds": 899}, 400, "violates minimum"),
        ({"duration_seconds": 86401}, 400, "violates maximum"),
    ],
)
def test_invalid_agency_is_rejected(
    emulator: t.Any, agency: dict[str, str], change: dict[str, t.Any], status: int, text: str
) -> None:
    response = assume(emulator, **change)
    assert (response.status, text in response.message) == (status, True), response.body


def test_agency_of_other_account_is_not_trusted(emulator: t.Any) -> None:
    agency = {"name": "operators", "domain_name": "shop", "trusted_domain_name": "bank"}
    emulator.control("POST", "seed", {"agencies": [agency]})
    assert assume(emulator).status == 403


def test_caller_without_permission_is_rejected(emulator: t.Any, agency: dict[str, str]) -> None:
    name = emulator.credentials["username"]
    emulator.control("POST", "seed", {"users": [{"name": name, "denied": ["sts:agencies:assume"]}]})
    assert assume(emulator).status == 403


@pytest.mark.parametrize(("setting", "status"), [("required", 400), ("optional", 201)])
def test_domain_header_is_required_if_set_so_and_must_be_that_of_the_caller(
    emulator: t.Any, agency: dict[str, str], setting: str, status: int
) -> None:
    emulator.set(domain_header=setting)
    assert assume(emulator, {"X-Project-Id": None}).status == status
    assert assume(emulator, {"X-Domain-Id": "other", "X-Project-Id": None}).status == 403


def test_token_of_account_assumes_agency(emulator: t.Any, agency: dict[str, str]) -> None:
    domain = {"domain": {"name": emulator.credentials["domain_name"]}}
    headers = {"X-Auth-Token": emulator.password_login(domain).headers["x-subject-token"]}
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role()}}}
    assert emulator.raw("POST", KEYS, headers, json.dumps(body).encode()).status == 201
    assert emulator.raw("POST", KEYS, {}, json.dumps(body).encode()).status == 401
    body["auth"]["scope"] = {"project": {"id": agency["project_id"]}}
    issued = emulator.raw("POST", "/v3/auth/tokens", headers, json.dumps(body).encode())
    assert (issued.status, issued.json["token"]["project"]["id"]) == (201, agency["project_id"])
    assert issued.json["token"]["methods"] == ["assume_role"]
    workspaces = f"/v1/{agency['project_id']}/workspaces"
    assert emulator.raw("GET", workspaces, {"X-Auth-Token": issued.headers["x-subject-token"]}).status == 200
    assert emulator.raw("POST", "/v3/auth/tokens", {}, json.dumps(body).encode()).status == 401


@pytest.mark.parametrize("methods", [["assume_role"], ["token"], []])
def test_method_without_its_object_is_rejected(emulator: t.Any, methods: list[str]) -> None:
    user = {"name": "alice", "password": "x", "domain": {"name": "y"}}
    body = {"auth": {"identity": {"methods": methods, "password": {"user": user}}}}
    assert emulator.raw("POST", "/v3/auth/tokens", {}, json.dumps(body).encode()).status == 400
    body["auth"]["identity"]["methods"] = [*methods, "password"]
    assert emulator.raw("POST", "/v3/auth/tokens", {}, json.dumps(body).encode()).status == 401


def test_temporary_keys_of_the_caller_sign_until_they_expire(emulator: t.Any) -> None:
    body = {"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}}
    domain = {"X-Domain-Id": emulator.credentials["domain_id"]}
    credential = emulator("POST", KEYS, body, domain).json["credential"]
    assert sign(emulator, emulator.workspaces(), credential, emulator.project).status == 200
    emulator.state.clock.advance(900)
    assert "signature expired" in sign(emulator, emulator.workspaces(), credential, emulator.project).message


def test_metadata_keys_are_issued_with_and_without_a_session(emulator: t.Any) -> None:
    session = emulator.raw("PUT", SESSION, TTL)
    assert (session.status, session.headers["content-type"]) == (200, "text/plain")
    with_session = emulator.raw("GET", METADATA, {"X-Metadata-Token": session.body.decode()})
    assert with_session.json["credential"]["expires_at"] == "2027-01-16T08:00:00.000000Z"
    plain = emulator.raw("GET", METADATA).json["credential"]
    assert sign(emulator, emulator.workspaces(), plain, emulator.project).status == 200
    emulator.state.clock.advance(60)
    assert emulator.raw("GET", METADATA, {"X-Metadata-Token": session.body.decode()}).status == 401
    assert emulator.raw("PUT", SESSION, {}).status == 400


@pytest.mark.parametrize(
    ("behaviors", "session", "keys", "text"),
    [
        ({"metadata_sessions": "unsupported"}, 404, 200, ""),
        ({"metadata_sessions": "required"}, 200, 401, "Unauthorized"),
        ({"metadata_agency": "no"}, 200, 401, "Please configure Cloud Service Agency first"),
    ],
)
def test_behaviors_of_metadata_reject_sessions_or_keys(
    emulator: t.Any, behaviors: dict[str, str], session: int, keys: int, text: str
) -> None:
    emulator.set(**behaviors)
    assert emulator.raw("PUT", SESSION, TTL).status == session
    response = emulator.raw("GET", METADATA)
    assert (response.status, response.message if text else "") == (keys, text)


def test_secrets_are_not_in_the_request_log(emulator: t.Any, agency: dict[str, str]) -> None:
    credential = assume(emulator).json["credential"]
    session = emulator.raw("PUT", SESSION, TTL).body.decode()
    emulator.raw("GET", f"/v1/{session}{credential['securitytoken']}{credential['secret']}")
    log = json.dumps(emulator.control("GET", "request_log"))
    assert not any(secret in log for secret in (session, credential["secret"], credential["securitytoken"]))
    assert "securitytokens" in log
