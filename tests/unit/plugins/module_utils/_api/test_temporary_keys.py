# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys of agencies and of the metadata service: whole request sequences with a fake clock."""

from __future__ import annotations

import dataclasses
import re

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import temporary_keys
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    HuaweiCloudError,
    IdentityError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation

AGENCY = Agency("operators", "shop", None, 900)
METADATA_URL = "http://127.0.0.1:1"
ASSUME = "POST https://iam.example.com/v3.0/OS-CREDENTIAL/securitytokens"
ACCOUNT = "GET https://iam.example.com/v3/auth/domains"
TOKEN = "POST https://iam.example.com/v3/auth/tokens?nocatalog=true"
PROJECT = "GET https://iam.example.com/v3/projects?name=eu-de"
ASM = "GET https://asm.example.com/v2/resources"
OPEN = f"PUT {METADATA_URL}/meta-data/latest/api/token"
KEYS = f"GET {METADATA_URL}/openstack/latest/securitykey"
READ = Operation("read the resource", "GET", "asm", ("v2", "resources"))
ACCOUNTS = (200, {"domains": [{"id": "d-1", "name": "team"}], "links": {}})
EXPIRED = (401, {"error_code": "APIGW.0301", "error_msg": "calc ak sk signature fail:signature expired"})


def keys(number=1, expires="2026-01-02T04:04:05.000000Z", status=201):
    """Return a response with temporary keys, which are valid for one hour."""
    credential = {
        "access": f"TEMPORARY{number}",
        "secret": f"CANARY-secret-{number}",
        "securitytoken": f"CANARY-token-{number}",
        "expires_at": expires,
    }
    return status, {"credential": credential}


def find_signers(fixture):
    """Return the access key and the security token of each signed request."""
    found = []
    for call in fixture.calls:
        access = re.search("Access=([^,]+)", call.headers.get("Authorization", ""))
        found.append((access[1], call.headers.get("X-Security-Token")) if access else None)
    return found


# -- agencies ---------------------------------------------------------------------------------------------------------


def test_keys_of_caller_assume_the_agency_once(make_client):
    fixture = make_client([ACCOUNTS, keys(), 200, 200], agency=AGENCY)
    fixture.client.request(READ)
    fixture.client.request(READ)
    assert fixture.sent == [ACCOUNT, ASSUME, ASM, ASM]
    assert fixture.body(1) == {
        "auth": {
            "identity": {
                "methods": ["assume_role"],
                "assume_role": {"agency_name": "operators", "domain_name": "shop", "duration_seconds": 900},
            }
        }
    }
    own, temporary = ("ACCESSKEY0001", None), ("TEMPORARY1", "CANARY-token-1")
    assert find_signers(fixture) == [own, own, temporary, temporary]
    assert [call.headers.get("X-Domain-Id") for call in fixture.calls] == [None, "d-1", None, None]
    assert [call.headers.get("X-Project-Id") for call in fixture.calls] == [None, None, "p-1", "p-1"]
    assert fixture.client.redact("CANARY-secret-1 CANARY-token-1") == "******** ********"


def test_known_account_is_not_looked_up(make_client):
    credentials = Credentials("aksk", "task", access_key="AK", secret_key="CANARY", domain_id="d-2")
    fixture = make_client([keys(), 200], credentials=credentials, agency=AGENCY._replace(domain_id="d-9"))
    fixture.client.request(READ)
    assert fixture.sent == [ASSUME, ASM]
    assert fixture.calls[0].headers["X-Domain-Id"] == "d-2"
    role = fixture.body(0)["auth"]["identity"]["assume_role"]
    assert role == {"agency_name": "operators", "domain_id": "d-9", "duration_seconds": 900}


def test_token_of_password_has_scope_of_account(make_client):
    issued = (201, {"token": {"expires_at": "2026-01-03T03:04:05Z"}}, {"X-Subject-Token": "CANARY-issued"})
    fixture = make_client([issued, keys(), 200], credentials="password", agency=AGENCY)
    fixture.client.request(READ)
    assert fixture.sent == [TOKEN, ASSUME, ASM]
    assert fixture.body(0)["auth"]["scope"] == {"domain": {"name": "OTC00000001"}}
    assert [call.headers.get("X-Auth-Token") for call in fixture.calls] == [None, "CANARY-issued", None]


def test_configured_token_assumes_the_agency(make_client):
    fixture = make_client([keys(), 200], credentials="token", agency=AGENCY)
    fixture.client.request(READ)
    assert fixture.sent == [ASSUME, ASM]
    assert fixture.calls[0].headers["X-Auth-Token"] == "CANARY-given-token"


def test_project_is_looked_up_in_account_of_agency(make_client):
    agency = AGENCY._replace(domain_id="d-9")
    found = (200, {"projects": [{"id": "p-9", "name": "eu-de"}]})
    fixture = make_client([keys(), found, 200], credentials="token", agency=agency, project_id=None, domain_id="d-9")
    fixture.client.request(READ)
    assert fixture.sent == [ASSUME, PROJECT, ASM]
    assert find_signers(fixture)[1:] == [("TEMPORARY1", "CANARY-token-1")] * 2
    assert [call.headers.get("X-Domain-Id") for call in fixture.calls] == [None, "d-9", None]
    assert fixture.calls[2].headers["X-Project-Id"] == "p-9"


def test_check_mode_assumes_the_agency(make_client):
    fixture = make_client([keys(), 200], credentials="token", agency=AGENCY, check_mode=True)
    fixture.client.request(READ)
    assert fixture.sent == [ASSUME, ASM]


@pytest.mark.parametrize("source", ["agency", "metadata"])
def test_keys_are_renewed_before_they_expire(make_client, source):
    later = keys(2, "2026-01-02T05:04:05Z")
    if source == "agency":
        script, renewal = [keys(), 200, 200, later, 200], [ASSUME]
        fixture = make_client(script, credentials="token", agency=AGENCY)
    else:
        script, renewal = [404, keys(status=200), 200, 200, 404, later, 200], [OPEN, KEYS]
        fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL)
    fixture.client.request(READ)
    fixture.clock.passed = 3600 - 301
    fixture.client.request(READ)
    fixture.clock.passed += 1
    fixture.client.request(READ)
    assert fixture.sent == [*renewal, ASM, ASM, *renewal, ASM]
    assert find_signers(fixture)[-1] == ("TEMPORARY2", "CANARY-token-2")


# -- failed renewals --------------------------------------------------------------------------------------------------

IN_USE = "The previous token or temporary keys remain in use until they expire at 2026-01-02T04:04:05Z."
ISSUED = (201, {"token": {"expires_at": "2026-01-02T04:04:05Z"}}, {"X-Subject-Token": "CANARY-issued-1"})


def request_at(fixture, *times):
    """Send a request at each time in seconds, and return the requests of each."""
    found = []
    for passed in times:
        before, fixture.clock.passed = len(fixture.calls), passed
        fixture.client.request(READ)
        found.append(fixture.sent[before:])
    return found


@pytest.fixture
def make_failing(make_client):
    """Return a client, its renewal request and its warnings. The renewals in the script are those of an agency, a server or a user."""

    def make(source, first, renewals):
        options = {
            "agency": {"credentials": "token", "agency": AGENCY},
            "metadata": {"credentials": "metadata", "metadata_url": METADATA_URL},
            "password": {"credentials": "password"},
        }[source]
        new = {"agency": keys(), "metadata": keys(status=200), "password": ISSUED}[source]
        without_session = [404] if source == "metadata" else []
        script = []
        for step in (first, *renewals):
            script += [*without_session, new if step == "new" else step, 200] if step else [200]
        fixture = make_client(script, max_retries=0, **options)
        warnings = []
        fixture.client.warn = warnings.append
        return fixture, {"agency": [ASSUME], "metadata": [OPEN, KEYS], "password": [TOKEN]}[source], warnings

    return make


@pytest.mark.parametrize("source", ["agency", "metadata", "password"])
def test_valid_keys_remain_in_use_if_their_renewal_fails(make_failing, source):
    """After each failure, half of the remaining time passes before the next attempt."""
    fixture, renewal, warnings = make_failing(source, "new", [503, None, 503, None, "new"])
    sent = request_at(fixture, 0, 3300, 3449, 3450, 3524, 3525)
    assert sent == [[*renewal, ASM], [*renewal, ASM], [ASM], [*renewal, ASM], [ASM], [*renewal, ASM]]
    assert (
        len(
            {
                (call.headers.get("X-Security-Token"), call.headers.get("X-Auth-Token"))
                for call in fixture.calls
                if "asm" in call.url
            }
        )
        == 1
    )
    assert [text[-len(IN_USE) :] for text in warnings] == [IN_USE] * 2
    assert all(re.fullmatch(r"Failed to .* \(HTTP 503\)\. The previous .*", text) for text in warnings)
    assert "CANARY" not in str(warnings)


@pytest.mark.parametrize("source", ["agency", "metadata", "password"])
def test_expired_keys_are_an_error_if_their_renewal_fails(make_failing, source):
    fixture, renewal, warnings = make_failing(source, "new", [503])
    fixture.transport.remaining.pop()
    request_at(fixture, 0)
    fixture.clock.passed = 3600
    with pytest.raises(IdentityError) as caught:
        fixture.client.request(READ)
    assert caught.value.status == 503
    assert (fixture.sent, warnings) == ([*renewal, ASM, *renewal], [])


@pytest.mark.parametrize("source", ["agency", "password"])
def test_refused_renewal_is_not_repeated_before_the_keys_expire(make_failing, source):
    """Repeated refusals can lock a user or an access key."""
    fixture, renewal, warnings = make_failing(source, "new", [401, None, "new"])
    sent = request_at(fixture, 0, 3300, 3599, 3600)
    assert sent == [[*renewal, ASM], [*renewal, ASM], [ASM], [*renewal, ASM]]
    assert [text[-len(IN_USE) :] for text in warnings] == [IN_USE]


def test_last_attempts_are_five_seconds_apart(make_failing):
    fixture, renewal, dummy = make_failing("agency", "new", [503, None, 503, None, "new"])
    sent = request_at(fixture, 0, 3592, 3596, 3597, 3599, 3600)
    assert sent == [[*renewal, ASM], [*renewal, ASM], [ASM], [*renewal, ASM], [ASM], [*renewal, ASM]]


def test_first_failure_is_an_error(make_failing):
    fixture, renewal, warnings = make_failing("agency", 503, [])
    fixture.transport.remaining.pop()
    with pytest.raises(IdentityError):
        fixture.client.request(READ)
    assert (fixture.sent, warnings) == (renewal, [])


def test_failed_renewal_of_rejected_keys_is_an_error(make_client):
    fixture = make_client([keys(), EXPIRED, 503], credentials="token", agency=AGENCY, max_retries=0)
    with pytest.raises(IdentityError):
        fixture.client.request(READ)
    assert fixture.sent == [ASSUME, ASM, ASSUME]


def test_keys_with_short_life_are_not_renewed_for_each_request(make_client):
    script = [404, keys(expires="2026-01-02T03:06:05Z", status=200), 200, 200]
    fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL)
    fixture.client.request(READ)
    fixture.clock.passed = 59
    fixture.client.request(READ)
    assert fixture.sent == [OPEN, KEYS, ASM, ASM]


def test_expired_keys_are_renewed_once(make_client):
    fixture = make_client([keys(), EXPIRED, keys(2), EXPIRED], credentials="token", agency=AGENCY)
    with pytest.raises(HuaweiCloudError) as caught:
        fixture.client.request(READ)
    assert fixture.sent == [ASSUME, ASM, ASSUME, ASM]
    assert [found[0] for found in find_signers(fixture)[1::2]] == ["TEMPORARY1", "TEMPORARY2"]
    assert "the temporary keys have expired" in str(caught.value)
    assert "They assume agency 'operators' of account 'shop'." in str(caught.value)


def test_configured_keys_are_not_renewed(make_client):
    fixture = make_client([EXPIRED], credentials="temporary")
    with pytest.raises(HuaweiCloudError, match="the temporary keys have expired"):
        fixture.client.request(READ)
    assert fixture.sent == [ASM]


HINT = (
    "Check agency_name and the account of the agency. The agency must trust the account of the credentials, "
    "and the credentials need the permission Agent Operator."
)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "Could not find agency: operators.", "not_found"),
        (403, "You are not authorized to perform the requested action.", "forbidden"),
        (400, "The agency is invalid.", "bad_request"),
    ],
)
def test_refused_agency_is_reported(make_client, status, message, kind):
    refused = status, {"error": {"code": status, "message": message, "title": "x"}}
    fixture = make_client([refused], credentials="token", agency=AGENCY)
    with pytest.raises(IdentityError) as caught:
        fixture.client.request(READ)
    assert caught.value.kind == kind
    assert str(caught.value) == (
        f"Failed to assume agency 'operators' of account 'shop': {message[:-1]} (HTTP {status}). {HINT}"
    )
    assert fixture.sent == [ASSUME]


def test_wrong_secret_key_of_caller_is_not_retried(make_client):
    refused = 401, {"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}
    fixture = make_client([refused], agency=AGENCY)
    with pytest.raises(IdentityError, match="^Failed to look up the account of the credentials: "):
        fixture.client.request(READ)
    assert fixture.sent == [ACCOUNT]


@pytest.mark.parametrize("domains", [[], [{"id": "d-1"}, {"id": "d-2"}]])
def test_ambiguous_account_of_caller_is_an_error(make_client, domains):
    fixture = make_client([(200, {"domains": domains})], agency=AGENCY)
    with pytest.raises(IdentityError, match=f"IAM returned {len(domains)} accounts. Set domain_id"):
        fixture.client.request(READ)
    assert fixture.sent == [ACCOUNT]


def test_keys_that_no_header_can_carry_are_an_error(make_client):
    body = keys()[1]["credential"]
    bad = 201, {"credential": {**body, "securitytoken": "CANARY\nX-Evil: 1"}}
    fixture = make_client([bad], credentials="token", agency=AGENCY)
    with pytest.raises(IdentityError) as caught:
        fixture.client.request(READ)
    assert str(caught.value) == (
        "Failed to get temporary keys: securitytoken contains a character that is invalid in an HTTP header"
    )


def test_identity_requires_temporary_keys(make_client):
    connection = make_client().client.connection
    with pytest.raises(ValueError, match="aksk"):
        temporary_keys.build_identity(connection, lambda: None)


# -- the metadata service ---------------------------------------------------------------------------------------------


def test_keys_of_server_sign_requests(make_client):
    fixture = make_client(
        [(200, "session-1"), keys(status=200), 200], credentials="metadata", metadata_url=METADATA_URL
    )
    fixture.client.request(READ)
    assert fixture.sent == [OPEN, KEYS, ASM]
    assert fixture.calls[0].headers["X-Metadata-Token-Ttl-Seconds"] == "21600"
    assert fixture.calls[1].headers["X-Metadata-Token"] == "session-1"
    assert [call.timeout for call in fixture.calls] == [3.0, 3.0, None]
    assert find_signers(fixture)[2] == ("TEMPORARY1", "CANARY-token-1")
    assert fixture.client.request_ids == []


def test_keys_of_server_assume_an_agency(make_client):
    script = [(200, "session-1"), keys(status=200), ACCOUNTS, keys(2), 200]
    fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL, agency=AGENCY)
    fixture.client.request(READ)
    assert fixture.sent == [OPEN, KEYS, ACCOUNT, ASSUME, ASM]
    assert find_signers(fixture) == [
        None,
        None,
        ("TEMPORARY1", "CANARY-token-1"),
        ("TEMPORARY1", "CANARY-token-1"),
        ("TEMPORARY2", "CANARY-token-2"),
    ]


def test_required_session_is_opened_after_401(make_client):
    script = [503, 401, (200, "session-1"), keys(status=200), 200]
    fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL)
    fixture.client.request(READ)
    assert fixture.sent == [OPEN, KEYS, OPEN, KEYS, ASM]


NO_AGENCY = "Please configure Cloud Service Agency first"
FAILED = f"Failed to get temporary keys from the metadata service at {METADATA_URL}: "
ELSEWHERE = "Run the task on an ECS with an agency, or select other credentials"
MISMATCH = "the response does not match the documented schema: "


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([TransportError("no response within 3 seconds")], f"no response within 3 seconds. {ELSEWHERE}"),
        ([404, TransportError("it broke")], f"it broke. {ELSEWHERE}"),
        ([404, (404, "<html>CANARY</html>")], "the response is an HTML page, not the service's JSON (HTTP 404). Assign an agency to the ECS"),
        ([404, (401, NO_AGENCY)], f"{NO_AGENCY} (HTTP 401). Assign an agency to the ECS"),
        ([(200, "s"), (401, "no")], f"no (HTTP 401). {ELSEWHERE}"),
        ([500], f"the service gave no reason (HTTP 500). {ELSEWHERE}"),
        ([302], f"the service responded with a redirect, which is not followed (HTTP 302). {ELSEWHERE}"),
        ([(200, "<html>\nCANARY")], f"the session token contains characters that are invalid in an HTTP header. {ELSEWHERE}"),
        ([404, (200, "<html>CANARY")], f"the response is an HTML page, not the service's JSON (HTTP 200). {ELSEWHERE}"),
        ([404, (200, "CANARY")], f"the response is not valid JSON (HTTP 200). {ELSEWHERE}"),
        ([404, (200, {"credential": {}})], MISMATCH),
        ([404, (200, {"CANARY": 1})], MISMATCH),
    ],
)  # fmt: skip
def test_failed_metadata_is_reported(make_client, script, message):
    fixture = make_client(script, credentials="metadata", metadata_url=METADATA_URL)
    with pytest.raises(IdentityError) as caught:
        fixture.client.request(READ)
    text = str(caught.value)
    assert text == FAILED + message or (message == MISMATCH and text.startswith(FAILED + MISMATCH))
    assert "CANARY" not in f"{text} {caught.value.facts()}"


def test_error_of_metadata_names_the_profile_that_selects_it(make_client):
    location = "profile 'server' of '/home/anna/config.json'"
    credentials = Credentials("metadata", "environment", origins=("HW_PROFILE",), location=location)
    fixture = make_client([TransportError("it broke")], credentials=credentials, metadata_url=METADATA_URL)
    with pytest.raises(IdentityError) as caught:
        fixture.client.request(READ)
    assert str(caught.value) == (
        f"{FAILED}it broke. {ELSEWHERE}. The credentials come from {location}, "
        "selected by the environment variable HW_PROFILE."
    )


def test_metadata_does_not_depend_on_settings_of_connection(make_client):
    """Options for the services, for example a proxy, have no effect on the metadata service."""
    fixture = make_client(credentials="metadata", metadata_url=METADATA_URL)
    transport = temporary_keys.metadata.MetadataTransport()
    settings = transport._connection
    assert (settings.proxy, settings.connect_timeout, settings.read_timeout) == (None, 3.0, 3.0)
    assert transport._select_proxies(METADATA_URL) == {}
    assert dataclasses.replace(fixture.client.connection, proxy="http://p").metadata_url == METADATA_URL
