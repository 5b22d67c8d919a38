# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    AuthError,
    ForbiddenError,
    IdentityError,
    OptionError,
    ProtocolError,
    ServerError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import USER_AGENT
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
TOKEN_CALL = "POST https://iam.example.com/v3/auth/tokens?nocatalog=true"
ASM_CALL = "GET https://asm.example.com/v2/resources"
BY_NAME = "GET https://iam.example.com/v3/projects?name=eu-de"
REACHABLE = "GET https://iam.example.com/v3/auth/projects"
READ = Operation("read the resource", "GET", "asm", ("v2", "resources"))


def token_response(token="CANARY-issued-token", expires="2026-01-03T03:04:05.678000Z", project="p-9", headers=None):
    body = {"expires_at": expires, "issued_at": "2026-01-02T03:04:05.678000Z"}
    if project:
        body["project"] = {"id": project, "name": "eu-de"}
    return 201, {"token": body}, {"X-Subject-Token": token, "X-IAM-Trace-Id": "t-1"} if headers is None else headers


def project_list(*pairs):
    return 200, {"projects": [{"id": identity, "name": name} for identity, name in pairs], "links": {}}


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_token_is_issued_for_a_password(make_client):
    fixture = make_client([token_response()], credentials="password", project_id=None)
    token = iam.issue_token(fixture.client)
    assert (token.value, token.project_id, token.expires_at) == (
        "CANARY-issued-token",
        "p-9",
        "2026-01-03T03:04:05.678Z",
    )
    assert fixture.sent == [TOKEN_CALL]
    assert fixture.body() == {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {"name": "alice", "password": "CANARY-password", "domain": {"name": "OTC00000001"}}
                },
            },
            "scope": {"project": {"name": "eu-de"}},
        }
    }
    assert fixture.calls[0].headers == {
        "Host": "iam.example.com",
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    assert fixture.client.request_ids == ["t-1"]


@pytest.mark.parametrize(
    "changes, scope",
    [
        ({"project_id": "p-1"}, {"id": "p-1"}),
        ({"project_id": "p-1", "project_name": "eu-de_team"}, {"id": "p-1"}),
        ({"project_id": None, "project_name": "eu-de_team"}, {"name": "eu-de_team"}),
        ({"project_id": None}, {"name": "eu-de"}),
    ],
)
def test_token_has_the_scope_of_the_project(make_client, changes, scope):
    fixture = make_client([token_response()], credentials="password", **changes)
    iam.issue_token(fixture.client)
    assert fixture.body()["auth"]["scope"] == {"project": scope}


@pytest.mark.parametrize("options, scope", [({}, "project"), ({"for_account": True}, "domain")])
def test_identity_issues_tokens_for_its_project_by_default(make_client, options, scope):
    fixture = make_client([token_response()], credentials="password")
    iam.ProjectIdentity(fixture.client.connection, **options).token(fixture.client)
    assert list(fixture.body()["auth"]["scope"]) == [scope]


def test_error_about_several_accounts_contains_the_request_id(make_client):
    domains = [{"id": "d-1"}, {"id": "d-2"}]
    fixture = make_client([(200, {"domains": domains}, {"X-Request-Id": "r-1"})])
    with pytest.raises(ProtocolError, match="IAM returned 2 accounts") as caught:
        iam.find_account(fixture.client)
    assert caught.value.request_id == "r-1"


def test_domain_may_be_an_id(make_client):
    credentials = Credentials("password", "task", username="alice", password="CANARY-password", domain_id="d-1")
    fixture = make_client([token_response()], credentials=credentials)
    iam.issue_token(fixture.client)
    assert fixture.body()["auth"]["identity"]["password"]["user"]["domain"] == {"id": "d-1"}


def test_token_without_project_is_rejected(make_client):
    with pytest.raises(OptionError) as caught:
        iam.issue_token(make_client(credentials="password", project_id=None, region=None).client)
    assert (
        str(caught.value) == "No project is given, and a token must have one. Set project_id, project_name or region."
    )


@pytest.mark.parametrize("credentials", ["aksk", "token"])
def test_token_requires_a_password(make_client, credentials):
    with pytest.raises(OptionError) as caught:
        iam.issue_token(make_client(credentials=credentials).client)
    assert (
        str(caught.value)
        == "A token is issued for a user name and a password, and none are given. Set username, password and domain_name."
    )


def test_wrong_password_is_not_retried(make_client):
    denied = (
        401,
        {"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}},
        {"X-IAM-Trace-Id": "t-1"},
    )
    fixture = make_client([denied], credentials="password")
    with pytest.raises(IdentityError) as caught:
        fixture.client.request(READ)
    assert (caught.value.kind, type(caught.value.cause)) == ("auth", AuthError)
    assert str(caught.value) == (
        "Failed to get a token for user 'alice': The username or password is wrong (HTTP 401, request id t-1). "
        "Check the credentials, and that they belong to this cloud and region."
    )
    assert fixture.sent == [TOKEN_CALL]


@pytest.mark.parametrize(
    "failure",
    [
        500,
        502,
        503,
        504,
        429,
        TransportError("broke", request_sent=True),
        TransportError("refused", request_sent=False),
    ],
)
def test_token_request_is_retried(make_client, failure):
    fixture = make_client([failure, failure, token_response()], credentials="password")
    assert iam.issue_token(fixture.client).value == "CANARY-issued-token"
    assert fixture.sent == [TOKEN_CALL] * 3


def test_token_request_retries_are_limited(make_client):
    fixture = make_client([500] * 6, credentials="password")
    with pytest.raises(ServerError):
        iam.issue_token(fixture.client)
    assert fixture.sent == [TOKEN_CALL] * 6


@pytest.mark.parametrize("headers", [{}, {"X-Subject-Token": ""}, {"X-Auth-Token": "x"}])
def test_response_without_token_is_an_error(make_client, headers):
    with pytest.raises(ProtocolError) as caught:
        iam.issue_token(
            make_client([token_response(headers={**headers, "X-IAM-Trace-Id": "t-1"})], credentials="password").client
        )
    assert caught.value.message == "Failed to get a token: the response lacks the header X-Subject-Token"
    assert (caught.value.status, caught.value.request_id) == (201, "t-1")


def test_token_with_invalid_body_is_an_error(make_client):
    with pytest.raises(ProtocolError) as caught:
        iam.issue_token(
            make_client([(201, {"token": {}}, {"X-Subject-Token": "CANARY"})], credentials="password").client
        )
    assert caught.value.message == (
        "Failed to get a token for user 'alice': the response does not match the documented schema: token.expires_at is missing (HTTP 201)"
    )


def test_issued_token_is_registered_as_secret(make_client):
    fixture = make_client([token_response()], credentials="password")
    iam.issue_token(fixture.client)
    assert fixture.client.redact("a CANARY-issued-token") == "a ********"


@pytest.mark.parametrize(
    "expires, stale_after",
    [
        # One day: five minutes before the expiration. Six minutes: half of the time. An unreadable or past expiration: one hour.
        ("2026-01-03T03:04:05.000000Z", 24 * 3600 - 300),
        ("2026-01-02T03:10:05Z", 180),
        ("2026-01-02T03:14:05Z", 300),
        ("tomorrow", 3600),
        ("2026-01-02T03:04:05Z", 3600),
        ("2026-01-01T00:00:00Z", 3600),
    ],
)
def test_token_is_stale_before_it_expires(make_client, expires, stale_after):
    token = iam.issue_token(make_client([token_response(expires=expires)], credentials="password").client)
    assert token.stale_at == NOW + dt.timedelta(seconds=stale_after)


@pytest.mark.parametrize(
    "expires_at, valid",
    [
        (None, False),
        ("", False),
        ("tomorrow", False),
        ("2026-01-01T00:00:00Z", False),
        ("2026-01-02T03:04:05Z", False),
        ("2026-01-02T03:04:06Z", True),
    ],
)
def test_token_is_valid_before_it_expires(expires_at, valid):
    assert iam.is_valid(expires_at, NOW) is valid


def test_stale_token_is_renewed_before_a_request(make_client):
    script = [token_response(), 200, 200, token_response("CANARY-second-token", "2026-01-04T03:04:05Z"), 200]
    fixture = make_client(script, credentials="password")
    fixture.client.request(READ)
    fixture.clock.passed = 24 * 3600 - 300
    fixture.client.request(READ)
    fixture.clock.passed += 1
    fixture.client.request(READ)
    assert fixture.sent == [TOKEN_CALL, ASM_CALL, ASM_CALL, TOKEN_CALL, ASM_CALL]
    sent = [call.headers.get("X-Auth-Token") for call in fixture.calls]
    assert sent == [None, "CANARY-issued-token", "CANARY-issued-token", None, "CANARY-second-token"]


def test_token_is_stale_from_that_time_on(make_client):
    fixture = make_client(
        [token_response(expires="2026-01-03T03:04:05Z"), token_response("CANARY-second-token")], credentials="password"
    )
    identity = iam.ProjectIdentity(fixture.client.connection)
    identity.token(fixture.client)
    fixture.clock.passed = 24 * 3600 - 300
    assert identity.token(fixture.client) == "CANARY-second-token"


# -- the project ------------------------------------------------------------------------------------------------------


def test_configured_project_is_not_looked_up(make_client):
    fixture = make_client()
    assert fixture.client.project_id == "p-1"
    assert fixture.sent == []


def test_project_is_looked_up_by_name_once(make_client):
    fixture = make_client(
        [project_list(("p-7", "eu-de"), ("p-8", "eu-de_team")), 200, 200], project_id=None, domain_id="d-1"
    )
    fixture.client.request(READ)
    fixture.client.request(READ)
    assert fixture.sent == [BY_NAME, ASM_CALL, ASM_CALL]
    assert [call.headers.get("X-Project-Id") for call in fixture.calls] == [None, "p-7", "p-7"]
    assert [call.headers.get("X-Domain-Id") for call in fixture.calls] == ["d-1", None, None]


def test_project_name_takes_precedence_over_region(make_client):
    fixture = make_client([project_list(("p-8", "eu-de_team"))], project_id=None, project_name="eu-de_team")
    assert iam.find_project(fixture.client) == "p-8"
    assert fixture.sent == ["GET https://iam.example.com/v3/projects?name=eu-de_team"]


def test_configured_token_is_used_to_look_up_the_project(make_client):
    fixture = make_client([project_list(("p-7", "eu-de"))], project_id=None, credentials="token")
    assert fixture.client.project_id == "p-7"
    assert fixture.calls[0].headers["X-Auth-Token"] == "CANARY-given-token"
    assert "X-Project-Id" not in fixture.calls[0].headers


def test_project_of_an_issued_token_is_used(make_client):
    fixture = make_client([token_response(project="p-9"), 200], project_id=None, credentials="password")
    fixture.client.request(READ)
    assert fixture.sent == [TOKEN_CALL, ASM_CALL]
    assert fixture.calls[1].headers["X-Project-Id"] == "p-9"


def test_token_without_project_causes_a_lookup(make_client):
    fixture = make_client(
        [token_response(project=None), project_list(("p-7", "eu-de")), 200], project_id=None, credentials="password"
    )
    fixture.client.request(READ)
    assert fixture.sent == [TOKEN_CALL, BY_NAME, ASM_CALL]
    assert [call.headers.get("X-Auth-Token") for call in fixture.calls] == [
        None,
        "CANARY-issued-token",
        "CANARY-issued-token",
    ]
    assert fixture.calls[2].headers["X-Project-Id"] == "p-7"


@pytest.mark.parametrize("found", [[], [("p-8", "eu-de_team")], [("p-8", "EU-DE")]])
def test_unknown_project_name_is_an_error(make_client, found):
    with pytest.raises(OptionError) as caught:
        iam.find_project(make_client([project_list(*found)], project_id=None).client)
    assert str(caught.value) == (
        "No project is called 'eu-de', the value of project_name. Set project_id, or project_name to its exact name; "
        "a region's main project is named like the region."
    )


def test_ambiguous_project_name_is_an_error(make_client):
    with pytest.raises(AmbiguousError) as caught:
        iam.find_project(
            make_client([project_list(("p-7", "eu-de"), ("p-x", "other"), ("p-8", "eu-de"))], project_id=None).client
        )
    assert str(caught.value) == "Several projects have the name 'eu-de': p-7, p-8. Set project_id to one of them."


def test_lookup_without_name_is_an_error(make_client):
    with pytest.raises(OptionError) as caught:
        iam.find_project(make_client(project_id=None, region=None).client)
    assert (
        str(caught.value) == "No project is given. Set project_id (no look-up is needed then), project_name or region."
    )


FORBIDDEN = (403, {"error_code": "IAM.0002", "error_msg": "You are not authorized."})


def test_forbidden_project_list_falls_back_to_accessible(make_client):
    fixture = make_client([FORBIDDEN, project_list(("p-8", "eu-de_team"), ("p-7", "eu-de"))], project_id=None)
    assert iam.find_project(fixture.client) == "p-7"
    assert fixture.sent == [BY_NAME, REACHABLE]


def test_forbidden_accessible_projects_are_reported(make_client):
    fixture = make_client([FORBIDDEN, FORBIDDEN], project_id=None)
    with pytest.raises(ForbiddenError) as caught:
        iam.find_project(fixture.client)
    assert str(caught.value) == (
        "Failed to look up project 'eu-de': You are not authorized (HTTP 403, IAM.0002). "
        "Grant the identity the IAM action iam:projects:listProjects. The request was sent to https://iam.example.com."
    )
    assert fixture.sent == [BY_NAME, REACHABLE]


@pytest.mark.parametrize(
    "entry, kind",
    [
        ((404, {"error_code": "APIGW.0101", "error_msg": "no such API"}), Exception),
        ((401, {"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}), AuthError),
        ((200, "<html>"), ProtocolError),
        ((200, {"projects": None}), ProtocolError),
        ((200, [{"id": "p-7", "name": "eu-de"}]), ProtocolError),
    ],
)
def test_failed_lookup_is_an_error(make_client, entry, kind):
    fixture = make_client([entry], project_id=None)
    with pytest.raises(kind, match="^Failed to look up project 'eu-de': "):
        iam.find_project(fixture.client)
    assert fixture.sent == [BY_NAME]


# -- the identity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("credentials", ["aksk", "temporary", "token"])
def test_renewal_requires_a_password(make_client, credentials):
    client = make_client(credentials=credentials).client
    assert iam.ProjectIdentity(client.connection).renew(client) is False


def test_renewal_replaces_the_token(make_client):
    fixture = make_client([token_response(), token_response("CANARY-second-token")], credentials="password")
    identity = iam.ProjectIdentity(fixture.client.connection)
    assert identity.token(fixture.client) == "CANARY-issued-token"
    assert identity.renew(fixture.client) is True
    assert identity.token(fixture.client) == "CANARY-second-token"
    assert identity.get_issued_token(fixture.client).project_id == "p-9"


def test_simultaneous_renewals_issue_one_token(make_client):
    fixture = make_client([token_response("CANARY-token-1"), token_response("CANARY-token-2")], credentials="password")
    identity = iam.ProjectIdentity(fixture.client.connection)
    sent = []
    for seconds in (0, 3, 2, 1):
        fixture.clock.passed += seconds
        assert identity.renew(fixture.client) is True
        sent.append(len(fixture.sent))
    # Five seconds later, the renewal still covers the rejected requests.
    assert sent == [1, 1, 1, 2]
    assert identity.token(fixture.client) == "CANARY-token-2"


def test_check_mode_reads_tokens_and_projects(make_client):
    fixture = make_client(
        [token_response(project=None), project_list(("p-7", "eu-de")), 200],
        credentials="password",
        project_id=None,
        check_mode=True,
    )
    fixture.client.request(READ)
    assert fixture.sent == [TOKEN_CALL, BY_NAME, ASM_CALL]


def test_output_contains_no_secrets(make_client):
    connection = make_client(credentials="password").client.connection
    assert "CANARY" not in repr(connection)
    assert "CANARY" in str(dataclasses.asdict(connection))
