# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    LIST_MAX_AGE,
    NO_DEADLINE,
    Deadline,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    CheckModeError,
    ConflictError,
    ConnectFailure,
    ForbiddenError,
    IdentityError,
    NotFoundError,
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import retry, signing
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import USER_AGENT
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.rate_limiter import AdaptiveRateLimiter
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Wait, wait_until

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
URL = "https://asm.example.com/v2/resources"
TOKEN_URL = "POST https://iam.example.com/v3/auth/tokens?nocatalog=true"
TARGET = "The request was sent for project p-1 to https://asm.example.com."
SCHEMA = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"type": "object", "required": ["id"]}}},
}


def operation(method="GET", **changes):
    return Operation("count the resources", method, "asm", ("v2", "resources"))._replace(**changes)


def lost_response(sent=True, **more):
    return TransportError(
        "the connection to asm.example.com broke: Connection reset by peer", request_sent=sent, **more
    )


def token_response(token="CANARY-issued-token", project="p-1", expires="2026-01-03T03:04:05.678000Z", **more):
    return (
        201,
        {"token": dict({"expires_at": expires, "project": {"id": project, "name": "eu-de"}}, **more)},
        {"X-Subject-Token": token},
    )


def rejected_token(text="Incorrect IAM authentication information: decrypt token fail", code="APIGW.0301"):
    return 401, {"error_code": code, "error_msg": text, "request_id": "r-401"}


def request_error(fixture, kind, requested=None):
    """Return the error of one request, which must have exactly this class."""
    with pytest.raises(kind) as caught:
        fixture.client.request(requested or operation())
    assert caught.value.__class__ is kind
    return caught.value


# -- what is sent -----------------------------------------------------------------------------------------------------


def test_get_is_signed(make_client):
    fixture = make_client([200])
    fixture.client.request(operation())
    [call] = fixture.calls
    plain = {"Host": "asm.example.com", "User-Agent": USER_AGENT, "Accept": "application/json", "X-Project-Id": "p-1"}
    assert (call.method, call.url, call.body) == ("GET", URL, None)
    assert call.headers == {**plain, **signing.sign("GET", URL, plain, None, "ACCESSKEY0001", "CANARY-secret-key", NOW)}
    assert call.headers["X-Sdk-Date"] == "20260102T030405Z"
    assert call.headers["Authorization"].startswith(
        "SDK-HMAC-SHA256 Access=ACCESSKEY0001, SignedHeaders=host;x-project-id;x-sdk-date, Signature="
    )


@pytest.mark.parametrize("method, body", [("POST", {"a": "\u00e9", "b": [1]}), ("PUT", {}), ("DELETE", None)])
def test_write_is_signed_with_its_body(make_client, method, body):
    fixture = make_client([200])
    fixture.client.request(operation(method, body=body))
    [call] = fixture.calls
    assert call.body == {"POST": b'{"a":"\\u00e9","b":[1]}', "PUT": b"{}", "DELETE": None}[method]
    assert call.headers["Content-Type"] == "application/json"
    assert "SignedHeaders=content-type;host;x-project-id;x-sdk-date, " in call.headers["Authorization"]
    unsigned = {name: value for name, value in call.headers.items() if name not in ("Authorization", "X-Sdk-Date")}
    assert (
        call.headers["Authorization"]
        == signing.sign(method, URL, unsigned, call.body, "ACCESSKEY0001", "CANARY-secret-key", NOW)["Authorization"]
    )


def test_security_token_is_sent_and_signed(make_client):
    fixture = make_client([200], credentials="temporary")
    fixture.client.request(operation())
    headers = fixture.calls[0].headers
    assert headers["X-Security-Token"] == "CANARY-security-token"
    assert "SignedHeaders=host;x-project-id;x-sdk-date;x-security-token, " in headers["Authorization"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_token_is_sent_without_signature(make_client, method):
    fixture = make_client([200], credentials="token", domain_id="d-1")
    fixture.client.request(operation(method))
    expected = {
        "Host": "asm.example.com",
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "X-Project-Id": "p-1",
        "X-Auth-Token": "CANARY-given-token",
    }
    assert fixture.calls[0].headers == (
        {**expected, "Content-Type": "application/json"} if method == "DELETE" else expected
    )


@pytest.mark.parametrize(
    "credentials, in_project, domain_id, expected",
    [
        ("aksk", True, "d-1", {"X-Project-Id": "p-1"}),
        ("aksk", False, "d-1", {"X-Domain-Id": "d-1"}),
        ("aksk", False, None, {}),
        ("token", False, "d-1", {}),
    ],
)
def test_project_and_domain_are_never_sent_together(make_client, credentials, in_project, domain_id, expected):
    fixture = make_client([200], credentials=credentials, domain_id=domain_id)
    fixture.client.request(operation(in_project=in_project))
    headers = fixture.calls[0].headers
    assert {name: value for name, value in headers.items() if name in ("X-Project-Id", "X-Domain-Id")} == expected
    assert ("x-domain-id" in headers.get("Authorization", "")) is ("X-Domain-Id" in expected)


def test_unauthenticated_request_has_no_credentials(make_client):
    fixture = make_client([200], credentials="temporary", domain_id="d-1")
    fixture.client.request(operation("POST", authenticated=False, in_project=False))
    assert fixture.calls[0].headers == {
        "Host": "asm.example.com",
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }


def test_url_is_canonical(make_client):
    fixture = make_client([200], asm_endpoint="http://127.0.0.1:8080/asm")
    fixture.client.request(operation(segments=("v2", "a/b c", "\u00e9"), query=(("z", "1"), ("action", "x+y"))))
    assert fixture.sent == ["GET http://127.0.0.1:8080/asm/v2/a%2Fb%20c/%C3%A9?action=x%2By&z=1"]
    assert fixture.calls[0].headers["Host"] == "127.0.0.1:8080"


@pytest.mark.parametrize(
    "segment, text",
    [
        ("..", "'..' cannot be part of a request path"),
        ("", "'' cannot be part of a request path"),
        ("\udcff", "'utf-8' codec can't encode character '\\udcff' in position 0: surrogates not allowed"),
    ],
)
def test_invalid_path_segment_is_rejected_before_any_request(make_client, segment, text):
    error = request_error(make_client(), OptionError, operation(segments=("v2", "meshes", segment)))
    assert error.message == f"Failed to count the resources: {text}"


def test_unknown_endpoint_is_rejected_before_any_request(make_client):
    error = request_error(make_client(asm_endpoint=None, region=None), OptionError)
    assert error.message == "The URL of ASM is unknown: neither region nor asm_endpoint is set"


def test_write_in_check_mode_is_rejected(make_client):
    error = request_error(make_client(check_mode=True), CheckModeError, operation("DELETE"))
    assert error.message == "Check mode must not send DELETE /v2/resources; this is a defect of the collection."


# -- what comes back --------------------------------------------------------------------------------------------------


def test_response_has_data_headers_and_request_id(make_client):
    fixture = make_client([(200, {"items": [{"id": 1}]}, {"X-Request-Id": "r-1", "X-Other": "o"})])
    response = fixture.client.request(operation(schema=SCHEMA))
    assert (response.data, response.request_id, response.headers["x-other"]) == ({"items": [{"id": 1}]}, "r-1", "o")
    assert fixture.client.request_ids == ["r-1"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \r\n",
        "null",
        "[]",
        "{}",
        '{"workspace_id": "w-1"}',
        '{"id": 1}',
        '{"quotas": []}',
        '{"kind": "Status"}',
        '{"metadata": {}}',
    ],
)
def test_body_without_schema_may_be_empty_or_of_the_service(make_client, body):
    response = make_client([(200, body, {"X-IAM-Trace-Id": "t-1"})]).client.request(operation("PUT"))
    assert (response.data, response.request_id) == (None, "t-1")


def test_request_ids_are_kept_in_order(make_client):
    script = [
        (503, "", {"X-Request-Id": "r-1"}),
        lost_response(),
        (200, "", {"X-Request-Id": "r-2"}),
        200,
        (400, "", {"X-Request-Id": "r-3"}),
    ]
    fixture = make_client(script)
    fixture.client.request(operation())
    fixture.client.request(operation())
    request_error(fixture, BadRequestError)
    assert fixture.client.request_ids == ["r-1", "r-2", "r-3"]


UNEXPECTED_BODY = "the response does not match the documented schema: it contains no field of the service"


@pytest.mark.parametrize(
    "body, said",
    [
        ("<html></html>", "the response is an HTML page, not the service's JSON"),
        ("OK", "the response is not valid JSON"),
        (
            '{"error_code": "X.1", "error_msg": "no"}',
            "the response contains the error X.1: no although its status is 200",
        ),
        ('[{"errorCode": "X.1"}]', "the response contains the error X.1 although its status is 200"),
        *(
            (body, UNEXPECTED_BODY)
            for body in ('{"unexpected": true}', '{"status": "ok"}', '[{"id": 1}]', '"OK"', "true", "1")
        ),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_unexpected_body_of_a_write_is_an_error(make_client, method, body, said):
    fixture = make_client([(200, body, {"X-Request-Id": "r-1"})])
    error = request_error(fixture, ProtocolError, operation(method))
    assert (error.service_message, error.status, error.attempts, error.request_id, error.hint) == (
        said,
        200,
        1,
        "r-1",
        SHAPE_HINT,
    )
    assert error.message.startswith(f"Failed to count the resources: {said} (HTTP 200, ")


@pytest.mark.parametrize("method, status", [("GET", 200), ("POST", 201)])
def test_error_in_a_valid_body_is_an_error(make_client, method, status):
    fixture = make_client([(status, {"items": [], "errorCode": "X.1", "errorMsg": "no CANARY-secret-key"})])
    error = request_error(fixture, ProtocolError, operation(method, schema=SCHEMA))
    assert (
        error.message
        == f"Failed to count the resources: the response contains the error X.1: no ******** although its status is {status} (HTTP {status}, X.1)"
    )


SHAPE_HINT = (
    "The module ignored the response. Check that the endpoint is the service itself and not a proxy in front of it."
)


@pytest.mark.parametrize(
    "body, said, hint",
    [
        ("", "the response is empty, not valid JSON", SHAPE_HINT),
        ('{"items": [{"id', "the response is not valid JSON", SHAPE_HINT),
        ("\x00\x01 garbage", "the response is not valid JSON", SHAPE_HINT),
        ("<!DOCTYPE html><html>", "the response is an HTML page, not the service's JSON", SHAPE_HINT),
        ("null", "the response does not match the documented schema: the value must be of type object", SHAPE_HINT),
        ("[]", "the response does not match the documented schema: the value must be of type object", SHAPE_HINT),
        ('{"resources": []}', "the response does not match the documented schema: items is missing", SHAPE_HINT),
        (
            '{"items": [{"id": 1}, {"name": "CANARY"}]}',
            "the response does not match the documented schema: items[1].id is missing",
            SHAPE_HINT,
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_schema_mismatch_is_an_error_and_not_retried(make_client, method, body, said, hint):
    error = request_error(
        make_client([(200, body, {"X-Request-Id": "r-1"})]), ProtocolError, operation(method, schema=SCHEMA)
    )
    assert error.message == f"Failed to count the resources: {said} (HTTP 200, request id r-1)"
    assert (error.status, error.service_message, error.hint, error.attempts) == (200, said, hint, 1)


def test_error_has_operation_cause_and_facts(make_client):
    body = {"errorCode": "ASM.01010001", "errorMsg": "Invalid request."}
    error = request_error(make_client([(400, body, {"X-Request-Id": "r-1"})]), BadRequestError, operation("POST"))
    assert str(error) == "Failed to count the resources: Invalid request (HTTP 400, ASM.01010001, request id r-1)"
    assert error.args == (error.message,)
    assert error.facts() == {
        "kind": "bad_request",
        "status": 400,
        "code": "ASM.01010001",
        "message": "Invalid request.",
        "request_id": "r-1",
        "method": "POST",
        "path": "/v2/resources",
        "attempts": 1,
        "hint": None,
    }


@pytest.mark.parametrize(
    "status, body, kind, text",
    [
        (400, "", BadRequestError, "the service gave no reason (HTTP 400)"),
        (
            302,
            "",
            ProtocolError,
            "the service responded with a redirect, which is not followed (HTTP 302). Check the endpoint: it must name the service itself.",
        ),
        (
            403,
            {"error_code": "APIGW.0302", "error_msg": "IAM user not allowed."},
            ForbiddenError,
            f"IAM user not allowed (HTTP 403, APIGW.0302). Grant the identity the IAM action asm:mesh:count. {TARGET}",
        ),
        (
            404,
            {"error_code": "APIGW.0101", "error_msg": "The API does not exist"},
            BadRequestError,
            "The API does not exist (HTTP 404, APIGW.0101). "
            f"The URL does not belong to the service: check region and the endpoint options. {TARGET}",
        ),
        (
            404,
            [{"errorCode": "ASM.01010002", "errorMsg": "Resource not found."}],
            NotFoundError,
            f"Resource not found (HTTP 404, ASM.01010002). Check the name or ID, and that it belongs to this project. {TARGET}",
        ),
        (409, {"errorCode": "ASM.01010003"}, ConflictError, "conflict (HTTP 409, ASM.01010003)"),
        (400, "plain text", BadRequestError, "plain text (HTTP 400)"),
        (400, "<html>", BadRequestError, "the response is an HTML page, not the service's JSON (HTTP 400)"),
    ],
)
def test_message_depends_on_status_and_body(make_client, status, body, kind, text):
    error = request_error(make_client([(status, body)]), kind, operation(permission="asm:mesh:count"))
    assert str(error) == "Failed to count the resources: " + text


def test_hint_of_a_global_request_has_no_project(make_client):
    error = request_error(make_client([403]), ForbiddenError, operation(service="iam", in_project=False))
    assert (
        str(error)
        == "Failed to count the resources: forbidden (HTTP 403). The request was sent to https://iam.example.com."
    )


def test_invalid_date_and_code_are_redacted_and_shortened(make_client):
    invalid = "CANARY-secret-key " + "x" * 100 + "\x1b[2J"
    fixture = make_client(
        [(401, {"error_code": f"APIGW.0301 {invalid}", "error_msg": "signature expired"}, {"Date": invalid})]
    )
    error = request_error(fixture, AuthError)
    assert error.hint.endswith("the server reports ******** " + "x" * 31 + " ....")
    assert error.code == "APIGW.0301 ******** " + "x" * 60 + " ..."
    assert error.code in error.message
    assert error.message.isprintable()


def test_hint_of_an_expired_signature_compares_clocks(make_client):
    body = {"error_code": "APIGW.0301", "error_msg": "calc ak sk signature fail:signature expired"}
    error = request_error(make_client([(401, body, {"Date": "Fri, 02 Jan 2026 04:04:05 GMT"})]), AuthError)
    clocks = "The local time is 2026-01-02T03:04:05Z, the server reports Fri, 02 Jan 2026 04:04:05 GMT."
    assert error.hint == f"The clock of this machine is wrong, or the temporary keys have expired. {clocks}"
    without_date = request_error(make_client([(401, body)]), AuthError)
    assert without_date.hint.endswith("the server reports no time.")


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credentials, secret",
    [
        ("aksk", "CANARY-secret-key"),
        ("temporary", "CANARY-security-token"),
        ("token", "CANARY-given-token"),
    ],
)
@pytest.mark.parametrize("as_text", [True, False])
def test_error_of_the_service_is_redacted(make_client, credentials, secret, as_text):
    text = f"refused {secret} of somebody, canonicalRequest:GET|x-security-token:{secret}"
    error = request_error(
        make_client([(400, text if as_text else {"error_code": "X.1", "error_msg": text})], credentials=credentials),
        BadRequestError,
    )
    assert error.service_message == "refused ******** of somebody"
    assert "CANARY" not in str(error) + repr(error) + str(error.facts())


def test_transport_error_is_redacted(make_client):
    fixture = make_client(
        [TransportError("the proxy CANARY%2Fproxy or CANARY/proxy is broken", request_sent=True)],
        proxy="http://u:CANARY%2Fproxy@p:1",
    )
    error = request_error(fixture, TransportError, operation("POST"))
    assert error.message == "Failed to count the resources: the proxy ******** or ******** is broken"
    assert "CANARY" not in str(error.facts())


def test_issued_token_is_redacted(make_client):
    fixture = make_client([token_response(), (400, "CANARY-issued-token CANARY-password")], credentials="password")
    assert request_error(fixture, BadRequestError).service_message == "******** ********"


def test_longer_secrets_first_and_short_ones_not_redacted(make_client):
    client = make_client().client
    client.register_secret("CANARY-secret-key-and-more")
    client.register_secret("the")
    assert client.redact("the CANARY-secret-key-and-more CANARY-secret-key") == "the ******** ********"


# -- repeats ----------------------------------------------------------------------------------------------------------

RETRY_NOW = {"retry-after": "0"}
SAFE = ("GET", "PUT", "DELETE")
RETRIED = [
    *[
        (method, failure)
        for method in SAFE
        for failure in (
            500,
            502,
            503,
            504,
            429,
            (503, "", RETRY_NOW),
            (429, "", RETRY_NOW),
            lost_response(),
            lost_response(False),
        )
    ],
    *[("POST", failure) for failure in (429, (429, "", RETRY_NOW), lost_response(False))],
]
FINAL = [
    *[
        ("GET", failure)
        for failure in (
            302,
            400,
            401,
            403,
            404,
            409,
            501,
            505,
            (400, "", RETRY_NOW),
            (501, "", RETRY_NOW),
            lost_response(retryable=False),
        )
    ],
    *[("PUT", failure) for failure in (400, 401, 403, 404, 409, 501)],
    *[("DELETE", failure) for failure in (400, 401, 403, 404, 409, 501)],
    *[("POST", failure) for failure in (302, 400, 401, 403, 404, 409, 500, 501, 502, 503, 504)],
    *[("POST", (status, "", RETRY_NOW)) for status in (500, 502, 503, 504)],
    *[
        ("POST", failure)
        for failure in (lost_response(), lost_response(False, retryable=False), TransportError("by somebody else"))
    ],
    ("POST", (503, "", {"retry-after": "soon"})),
]


def format_id(value):
    return f"{value}-{value.request_sent}" if isinstance(value, TransportError) else None


@pytest.mark.parametrize("method, failure", RETRIED, ids=format_id)
def test_safe_request_is_retried(make_client, method, failure):
    fixture = make_client([failure, (200, {"items": []})])
    assert fixture.client.request(operation(method, schema=SCHEMA)).data == {"items": []}
    assert fixture.sent == [f"{method} {URL}"] * 2
    assert fixture.clock.sleeps == [0.5]


@pytest.mark.parametrize("method, failure", FINAL, ids=format_id)
def test_unsafe_request_is_sent_once(make_client, method, failure):
    fixture = make_client([failure])
    with pytest.raises(Exception) as caught:
        fixture.client.request(operation(method))
    assert caught.value.attempts == 1
    assert "attempts" not in caught.value.message
    assert fixture.sent == [f"{method} {URL}"]
    assert fixture.clock.sleeps == []


def test_error_has_previous_attempts(make_client):
    error = request_error(make_client([lost_response(), 503, 400], max_retries=3), BadRequestError, operation("DELETE"))
    assert (error.attempts, [failure.status for failure in error.previous_attempts]) == (3, [None, 503])
    assert request_error(make_client([400]), BadRequestError).previous_attempts == ()


def connect_error(failure):
    return TransportError(
        "no connection to asm.example.com: Connection refused", request_sent=False, connect_failure=failure
    )


@pytest.mark.parametrize(
    ("failure", "max_retries", "attempts"),
    [
        (ConnectFailure.UNKNOWN_HOST, 5, 1),
        (ConnectFailure.UNREACHABLE, 5, 3),
        (ConnectFailure.UNREACHABLE, 1, 2),
        (ConnectFailure.UNREACHABLE, 0, 1),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unreached_host_gets_few_attempts(make_client, failure, max_retries, attempts, method):
    fixture = make_client([connect_error(failure)] * attempts, max_retries=max_retries)
    error = request_error(fixture, TransportError, operation(method))
    assert (error.attempts, len(fixture.calls)) == (attempts, attempts)
    assert fixture.clock.sleeps == [0.5, 1.0][: attempts - 1]


def test_gateway_restart_at_the_start_is_survived(make_client):
    fixture = make_client([connect_error(ConnectFailure.UNREACHABLE)] * 2 + [200])
    fixture.client.request(operation())
    assert len(fixture.calls) == 3


@pytest.mark.parametrize("failure", ConnectFailure)
@pytest.mark.parametrize("first", [200, 404])
def test_reached_host_gets_all_attempts(make_client, failure, first):
    fixture = make_client([first, *[connect_error(failure)] * 5, 200], max_retries=5)
    with contextlib.suppress(ServiceError):
        fixture.client.request(operation())
    fixture.client.request(operation())
    assert len(fixture.calls) == 7


def test_reached_host_does_not_count_for_other_hosts(make_client):
    fixture = make_client([token_response(), *[connect_error(ConnectFailure.UNREACHABLE)] * 3], credentials="password")
    assert request_error(fixture, TransportError).attempts == 3


@pytest.mark.parametrize(
    ("credentials", "origins", "sentence"),
    [
        ("aksk", ("OS_ACCESS_KEY", "OS_SECRET_KEY"), "environment variables OS_ACCESS_KEY and OS_SECRET_KEY"),
        ("token", ("OS_TOKEN",), "environment variable OS_TOKEN"),
    ],
)
def test_rejected_credentials_hint_has_their_origin(make_client, credentials, origins, sentence):
    fixture = make_client([rejected_token()], credentials=credentials)
    given = dataclasses.replace(fixture.client.connection.credentials, source="environment", origins=origins)
    fixture.client.connection = dataclasses.replace(fixture.client.connection, credentials=given)
    error = request_error(fixture, AuthError)
    assert error.hint.endswith(f" The credentials come from the {sentence}.")


def test_plain_transport_error_is_retried_for_a_read(make_client):
    fixture = make_client([TransportError("by somebody else"), 200])
    fixture.client.request(operation())
    assert len(fixture.calls) == 2


@pytest.mark.parametrize("status, calls", [(500, 1), (502, 2), (503, 2), (504, 2)])
def test_operation_can_exclude_500_from_retries(make_client, status, calls):
    fixture = make_client([status, 200][:calls])
    requested = operation("DELETE", retry_statuses=(502, 503, 504))
    if calls == 1:
        request_error(fixture, ServerError, requested)
    else:
        fixture.client.request(requested)
    assert len(fixture.calls) == calls


@pytest.mark.parametrize("credentials", ["aksk", "temporary"])
@pytest.mark.parametrize(
    "code, text",
    [
        ("APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail"),
        ("APIGW.0301", "AK access failed to reach the limit,forbidden"),
        ("APIGW.0307", "The token must be updated"),
        ("APIGW.0301", "Incorrect IAM authentication information: decrypt token fail"),
    ],
)
def test_rejected_keys_are_not_retried(make_client, credentials, code, text):
    fixture = make_client([(401, {"error_code": code, "error_msg": text}, RETRY_NOW)], credentials=credentials)
    request_error(fixture, AuthError)
    assert fixture.sent == [f"GET {URL}"]
    assert fixture.clock.sleeps == []


def test_every_attempt_is_signed_again(make_client):
    fixture = make_client([503, lost_response(), 503, 200])
    fixture.client.request(operation("PUT", body={"a": 1}))
    assert [call.headers["X-Sdk-Date"] for call in fixture.calls] == [
        "20260102T030405Z",
        "20260102T030405Z",
        "20260102T030406Z",
        "20260102T030408Z",
    ]
    assert [call.body for call in fixture.calls] == [b'{"a":1}'] * 4
    for call, passed in zip(fixture.calls, (0, 0.5, 1.5, 3.5)):
        unsigned = {name: value for name, value in call.headers.items() if name not in ("Authorization", "X-Sdk-Date")}
        when = NOW + dt.timedelta(seconds=passed)
        assert (
            call.headers["Authorization"]
            == signing.sign("PUT", URL, unsigned, call.body, "ACCESSKEY0001", "CANARY-secret-key", when)[
                "Authorization"
            ]
        )


def test_delays_grow_up_to_the_maximum(make_client):
    fixture = make_client([(503, "", {"X-Request-Id": f"r-{number}"}) for number in range(9)], max_retries=8)
    error = request_error(fixture, ServerError)
    assert fixture.clock.sleeps == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert (
        error.message
        == "Failed to count the resources: the service gave no reason (HTTP 503, request id r-8, 9 attempts)"
    )
    assert (error.attempts, error.request_id) == (9, "r-8")
    assert len(fixture.client.request_ids) == 9


@pytest.mark.parametrize("max_retries, calls", [(0, 1), (1, 2), (5, 6)])
def test_number_of_attempts_is_limited(make_client, max_retries, calls):
    fixture = make_client([lost_response()] * calls, max_retries=max_retries)
    error = request_error(fixture, TransportError)
    tail = f" ({calls} attempts)" if calls > 1 else ""
    assert (
        error.message
        == f"Failed to count the resources: the connection to asm.example.com broke: Connection reset by peer{tail}"
    )
    assert (error.method, error.path, error.attempts, error.status) == ("GET", "/v2/resources", calls, None)


def test_many_attempts_are_possible(make_client):
    fixture = make_client([503] * 1200 + [200], max_retries=1200, retry_max_delay=0.0)
    fixture.client.request(operation())
    assert len(fixture.calls) == 1201
    assert set(fixture.clock.sleeps) == {0.0}


@pytest.mark.parametrize("jitter, delays", [(0.0, [0.25, 0.5, 1.0]), (0.5, [0.375, 0.75, 1.5]), (1.0, [0.5, 1.0, 2.0])])
def test_delays_have_jitter(make_client, jitter, delays):
    fixture = make_client([503, 503, 503, 200], jitter=lambda: jitter)
    fixture.client.request(operation())
    assert fixture.clock.sleeps == delays


@pytest.mark.parametrize(
    "requested, delay",
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0.5),
        ("0007", 7),
        ("Fri, 02 Jan 2026 03:04:17 GMT", 12),
        ("Fri, 02 Jan 2026 04:04:17 +0100", 12),
        ("30", 30),
        # A time in the past, a date without a zone, and invalid values.
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0.5),
        ("Fri, 02 Jan 2026 03:04:17 -0000", 0.5),
        ("soon", 0.5),
        ("-5", 0.5),
        ("1.5", 0.5),
        ("\u00b2", 0.5),
        ("", 0.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honored(make_client, status, requested, delay):
    fixture = make_client([(status, "", {"Retry-After": requested}), 200])
    fixture.client.request(operation())
    assert fixture.clock.sleeps == [delay]


@pytest.mark.parametrize(
    "requested",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +9999999999999",
        "Mon, 01 Jan 2026 99999999999999:00:00 GMT",
        ", , ,",
    ],
)
def test_invalid_retry_after_is_ignored(make_client, requested):
    fixture = make_client([(503, "", {"Retry-After": requested}), 200])
    fixture.client.request(operation())
    assert fixture.clock.sleeps == [0.5]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "requested, seconds", [("31", "31"), ("3600", "3600"), ("Fri, 02 Jan 2026 03:06:05 GMT", "120")]
)
def test_too_long_retry_after_ends_the_attempts(make_client, method, status, requested, seconds):
    fixture = make_client([(status, "", {"Retry-After": requested})])
    with pytest.raises((RateLimitError, ServerError)) as caught:
        fixture.client.request(operation(method))
    assert (
        caught.value.hint
        == f"The service asks to wait {seconds} s, retry_max_delay is 30. Run the task again later, or increase retry_max_delay."
    )
    assert (caught.value.retry_after, caught.value.retries_left, caught.value.attempts, fixture.clock.sleeps) == (
        float(seconds),
        0,
        1,
        [],
    )


def test_long_retry_after_keeps_hint_of_final_error(make_client):
    error = request_error(make_client([(500, "", {"Retry-After": "3600"})]), ServerError, operation("POST"))
    assert error.hint == "Run the task again. If the error persists, give the request ID to the vendor's support."


def test_short_retry_after_does_not_shorten_backoff(make_client):
    fixture = make_client([(503, "", {"Retry-After": "1"})] * 4 + [200])
    fixture.client.request(operation())
    assert fixture.clock.sleeps == [1, 1, 2, 4]


# The list that a POST is based on becomes stale, because the actual state may change.


@pytest.mark.parametrize("failure", [429, (429, "", {"Retry-After": "1"}), lost_response(False)], ids=str)
def test_post_is_retried_within_the_resend_window(make_client, failure):
    fixture = make_client([failure] * 4)
    with pytest.raises((RateLimitError, ServerError, TransportError)) as caught:
        fixture.client.request(operation("POST"))
    assert sum(fixture.clock.sleeps) < LIST_MAX_AGE
    assert (caught.value.retry_after, caught.value.retries_left, caught.value.attempts) == (4.0, 5, len(fixture.calls))


def test_post_with_long_delay_is_not_retried(make_client):
    fixture = make_client([(429, "", {"Retry-After": "4"}), (429, "", {"Retry-After": "1"})])
    error = request_error(fixture, RateLimitError, operation("POST"))
    assert (error.retry_after, error.retries_left, error.attempts, fixture.clock.sleeps) == (1.0, 5, 2, [4])
    fixture = make_client([(429, "", {"Retry-After": "6"})])
    error = request_error(fixture, RateLimitError, operation("POST"))
    assert (error.retry_after, error.retries_left, error.attempts, fixture.clock.sleeps) == (6.0, 5, 1, [4])


def test_post_with_unknown_outcome_is_not_retried(make_client):
    """503 with Retry-After allows another attempt, but does not prove that the request was not applied."""
    fixture = make_client([(503, "", {"Retry-After": "1"})])
    error = request_error(fixture, ServerError, operation("POST"))
    assert (error.retry_after, error.retries_left, error.attempts, fixture.clock.sleeps) == (1.0, 5, 1, [])


@pytest.mark.parametrize("secret", ["CANARY-secret-key", "CANARY%2Dsecret%2Dkey"])
def test_request_id_is_redacted_and_shortened(make_client, secret):
    long = (200, "", {"X-Request-Id": "r-" + "1" * 999})
    fixture = make_client(
        [(200, "", {"X-Request-Id": f"r-{secret}"}), (400, {"error_code": "X.1", "request_id": secret * 9}), long]
    )
    assert fixture.client.request(operation()).request_id == "r-********"
    assert request_error(fixture, BadRequestError, operation()).request_id == "*" * 8 * 9
    assert fixture.client.request(operation()).request_id == "r-" + "1" * 126
    assert fixture.client.request_ids == ["r-********", "r-" + "1" * 126]


def test_duration_of_the_attempt_counts_for_a_post(make_client):
    def slow(call):
        fixture.clock.passed += 4.6
        return TransportError("the proxy does not response", request_sent=False)

    fixture = make_client([slow])
    error = request_error(fixture, TransportError, operation("POST"))
    assert (error.retry_after, fixture.clock.sleeps) == (0.5, [])


def test_safe_post_is_retried_like_a_read(make_client):
    fixture = make_client([429] * 5 + [200])
    fixture.client.request(operation("POST", safe=True))
    assert fixture.clock.sleeps == [0.5, 1, 2, 4, 8]


def test_resend_window_equals_list_max_age():
    assert retry.RESEND_WINDOW == LIST_MAX_AGE


def wait_with_client(fixture, seconds):
    """Send one request as a check of a wait with a timeout."""
    wait = Wait(
        lambda deadline: fixture.client.until(deadline).request(operation()).request_id or "seen",
        lambda seen: seen == "done",
        what="it",
        describe=str,
        wait_policy=WaitPolicy(timeout=seconds, interval=2),
        clock=fixture.clock,
    )
    return wait_until(wait, fixture.clock)


def test_check_is_not_retried_after_the_end_of_a_wait(make_client):
    fixture = make_client([503] * 6)
    with pytest.raises(WaitError) as caught:
        wait_with_client(fixture, 6)
    # After three retries, the next one would be too late. The wait sleeps for the remaining time, and then checks once more.
    assert fixture.clock.sleeps == [0.5, 1, 2, 2, 0.5]
    assert caught.value.message.startswith(
        "Timed out after 6 s waiting for it: the last attempt failed: Failed to count the resources: "
    )


def test_check_within_a_wait_is_retried(make_client):
    fixture = make_client([503, lost_response(), (200, "", {"X-Request-Id": "done"})])
    assert wait_with_client(fixture, 6) == "done"
    assert fixture.clock.sleeps == [0.5, 1]


def test_wait_honors_retry_after(make_client):
    fixture = make_client([(429, "", {"Retry-After": "40"}), (200, "", {"X-Request-Id": "done"})])
    assert wait_with_client(fixture, 60) == "done"
    assert fixture.clock.sleeps == [40]
    fixture = make_client([(429, "", {"Retry-After": "40"})])
    with pytest.raises(WaitError):
        wait_with_client(fixture, 30)


def test_throttling_is_final_after_all_retries(make_client):
    fixture = make_client([(429, {"error_code": "APIGW.0308", "error_msg": "throttled"})] * 3, max_retries=2)
    error = request_error(fixture, RateLimitError, operation("POST"))
    assert str(error) == (
        "Failed to count the resources: throttled (HTTP 429, APIGW.0308, 3 attempts). Run fewer tasks at once, or increase max_retries or retry_max_delay."
    )


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_one_token_is_issued_for_all_requests(make_client):
    fixture = make_client([token_response(), 200, 200], credentials="password")
    fixture.client.request(operation())
    fixture.client.request(operation("POST"))
    assert fixture.sent == [TOKEN_URL, f"GET {URL}", f"POST {URL}"]
    assert [call.headers.get("X-Auth-Token") for call in fixture.calls] == [
        None,
        "CANARY-issued-token",
        "CANARY-issued-token",
    ]
    assert all("Authorization" not in call.headers for call in fixture.calls)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rejected_token_is_renewed_once(make_client, method):
    fixture = make_client(
        [token_response(), rejected_token(), token_response("CANARY-second-token"), 200], credentials="password"
    )
    fixture.client.request(operation(method))
    assert fixture.sent == [TOKEN_URL, f"{method} {URL}", TOKEN_URL, f"{method} {URL}"]
    assert [call.headers.get("X-Auth-Token") for call in fixture.calls] == [
        None,
        "CANARY-issued-token",
        None,
        "CANARY-second-token",
    ]
    assert fixture.clock.sleeps == []


def test_token_rejected_with_403_is_renewed_once(make_client):
    invalid = (403, {"error_code": "ModelArts.0203", "error_msg": "Invalid token."})
    fixture = make_client(
        [token_response(), invalid, token_response("CANARY-second-token"), 200], credentials="password"
    )
    fixture.client.request(operation())
    assert fixture.sent == [TOKEN_URL, f"GET {URL}", TOKEN_URL, f"GET {URL}"]
    fixture = make_client([invalid], credentials="token")
    error = request_error(fixture, AuthError, operation(permission="asm:mesh:count"))
    assert str(error) == (
        "Failed to count the resources: Invalid token (HTTP 403, ModelArts.0203). "
        "The token has expired or belongs to another region or cloud: request a new one there."
    )


def test_keys_rejected_with_403_are_not_retried(make_client):
    fixture = make_client([(403, {"error_code": "ModelArts.0206", "error_msg": "Invalid AK/SK."})])
    error = request_error(fixture, AuthError, operation(permission="asm:mesh:count"))
    assert (error.facts()["kind"], error.status) == ("auth", 403)
    assert "Grant" not in str(error)


def test_second_rejected_token_is_final(make_client):
    fixture = make_client(
        [
            token_response(),
            rejected_token(),
            token_response("CANARY-second-token"),
            rejected_token("token expires, expires_at: CANARY-second-token"),
        ],
        credentials="password",
    )
    error = request_error(fixture, AuthError)
    assert len(fixture.calls) == 4
    assert error.message == (
        "Failed to count the resources: token expires, expires_at: ******** (HTTP 401, APIGW.0301, request id r-401, 2 attempts)"
    )
    assert error.hint == "The token has expired or belongs to another region or cloud: request a new one there."


def test_failed_renewal_is_the_error(make_client):
    denied = (401, {"error": {"code": 401, "message": "The username or password is wrong."}})
    fixture = make_client([token_response(), rejected_token(), denied], credentials="password")
    error = request_error(fixture, IdentityError)
    assert error.message == "Failed to get a token for user 'alice': The username or password is wrong (HTTP 401)"
    assert {name: error.facts()[name] for name in ("kind", "status", "method", "path")} == {
        "kind": "auth",
        "status": 401,
        "method": "POST",
        "path": "/v3/auth/tokens",
    }
    assert len(fixture.calls) == 3


@pytest.mark.parametrize("method", SAFE + ("POST",))
@pytest.mark.parametrize("renewed", [False, True])
def test_failure_of_iam_is_not_a_failure_of_the_request(make_client, method, renewed):
    """A request with a rejected token is not applied, and an error of IAM is not about the resource."""
    for failure in ((404, {"error_code": "IAM.0004", "error_msg": "no such user"}), 500, lost_response()):
        fixture = make_client(
            [token_response(), rejected_token(), failure] if renewed else [failure],
            credentials="password",
            max_retries=0,
        )
        error = request_error(fixture, IdentityError, operation(method))
        assert (error.outcome_unknown, error.any_outcome_unknown, error.requests_sent, error.attempts) == (
            False,
            False,
            renewed,
            1,
        )
        assert error.message.startswith("Failed to get a token for user 'alice': ")
        assert error.kind == error.cause.kind != IdentityError.kind


def test_failure_of_iam_keeps_a_lost_response(make_client):
    denied = (401, {"error": {"code": 401, "message": "The username or password is wrong."}})
    fixture = make_client([token_response(), lost_response(), rejected_token(), denied], credentials="password")
    error = request_error(fixture, IdentityError, operation("DELETE"))
    assert (error.outcome_unknown, error.any_outcome_unknown, error.requests_sent) == (False, True, 2)
    assert [type(failure).kind for failure in error.previous_attempts] == ["transport", "auth"]


def test_nested_failure_of_iam_has_one_cause(make_client):
    """The lookup of a project needs a token, too."""
    inner = IdentityError(ServerError("down", status=500, attempts=3), ())
    outer = IdentityError(inner, (AuthError("stale"),))
    assert (outer.kind, outer.status, outer.attempts, outer.requests_sent, type(outer.cause)) == (
        "server",
        500,
        3,
        1,
        ServerError,
    )


@pytest.mark.parametrize("max_retries", [0, 5])
def test_post_with_a_slow_token_needs_a_new_decision(make_client, max_retries):
    def issue_slowly(call):
        fixture.clock.passed += 25
        return token_response("CANARY-second-token")

    fixture = make_client(
        [token_response(), rejected_token(), issue_slowly], credentials="password", max_retries=max_retries
    )
    error = request_error(fixture, RateLimitError, operation("POST"))
    assert fixture.sent == [TOKEN_URL, f"POST {URL}", TOKEN_URL]
    assert (error.attempts, error.retry_after, error.retries_left >= 1, error.any_outcome_unknown) == (
        1,
        0.0,
        True,
        False,
    )
    fixture = make_client([issue_slowly], credentials="password", max_retries=max_retries)
    error = request_error(fixture, RateLimitError, operation("POST"))
    assert (error.attempts, error.retry_after, fixture.sent) == (0, 0.0, [TOKEN_URL])
    assert error.message == (
        "Failed to count the resources: it waited 25 s for a free slot or a token, so the actual state may have changed"
    )


@pytest.mark.parametrize("method", SAFE)
def test_idempotent_request_is_sent_after_a_slow_token(make_client, method):
    def issue_slowly(call):
        fixture.clock.passed += 25
        return token_response("CANARY-second-token")

    fixture = make_client([token_response(), rejected_token(), issue_slowly, 200], credentials="password")
    fixture.client.request(operation(method))
    assert fixture.sent == [TOKEN_URL, f"{method} {URL}", TOKEN_URL, f"{method} {URL}"]


def test_renewal_takes_at_most_one_attempt(make_client):
    fixture = make_client(
        [token_response(), 503, rejected_token(), token_response(), 503], credentials="password", max_retries=2
    )
    error = request_error(fixture, ServerError)
    assert error.attempts == 3
    assert fixture.clock.sleeps == [0.5]


@pytest.mark.parametrize("credentials", ["token", "password"])
def test_401_for_another_reason_renews_no_token(make_client, credentials):
    first = [token_response()] if credentials == "password" else []
    fixture = make_client([*first, rejected_token("no project", "ModelArts.0207")], credentials=credentials)
    error = request_error(fixture, AuthError)
    assert (
        error.hint == "The token has no project: request one with the scope of a project (project_id or project_name)."
    )
    assert fixture.sent[-1] == f"GET {URL}"


def test_configured_token_is_never_renewed(make_client):
    fixture = make_client([rejected_token()], credentials="token")
    assert (
        request_error(fixture, AuthError).hint
        == "The token has expired or belongs to another region or cloud: request a new one there."
    )
    assert fixture.sent == [f"GET {URL}"]


def test_unauthenticated_request_renews_no_token(make_client):
    fixture = make_client([rejected_token()], credentials="password")
    request_error(fixture, AuthError, operation("POST", authenticated=False))
    assert fixture.sent == [f"POST {URL}"]


def test_body_is_encoded_as_json(make_client):
    fixture = make_client([200])
    fixture.client.request(operation("POST", body={"name": '\u4e2d\n"x"'}))
    assert json.loads(fixture.calls[0].body) == {"name": '\u4e2d\n"x"'}


# -- one exchange -----------------------------------------------------------------------------------------------------

THROTTLED = (429, {"error_code": "APIGW.0308", "error_msg": "The throttling threshold has been reached"})


@pytest.mark.parametrize(
    "method, script, sent",
    [
        ("GET", [THROTTLED, 200], 2),
        ("DELETE", [THROTTLED, 200], 2),
        ("POST", [THROTTLED], 1),
        ("GET", [lost_response(), 200], 2),
        ("GET", [(503, {}, {"Retry-After": "1"})], 1),
        ("GET", [500], 1),
        ("POST", [500], 1),
        ("POST", [rejected_token()], 1),
    ],
)
def test_raw_request_is_retried_only_if_throttled_or_lost(make_client, method, script, sent):
    fixture = make_client(script)
    reply, failure = fixture.client.request_raw(operation(method, body={"a": 1} if method == "POST" else None))
    assert len(fixture.calls) == sent
    assert (failure is None) == (reply.status == 200)


def test_raw_post_is_sent_after_a_slow_token(make_client):
    """A raw request is not based on a list, and nobody sends it again."""

    def issue_slowly(call):
        fixture.clock.passed += 25
        return token_response()

    fixture = make_client([issue_slowly, 200], credentials="password")
    reply, failure = fixture.client.request_raw(operation("POST", body={"a": 1}))
    assert (fixture.sent, reply.status, failure) == ([TOKEN_URL, f"POST {URL}"], 200, None)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("sent", [True, False])
def test_raw_write_without_response_is_not_retried(make_client, method, sent):
    fixture = make_client([lost_response(sent)])
    with pytest.raises(TransportError):
        fixture.client.request_raw(operation(method))
    assert len(fixture.calls) == 1


HINT_OUTCOME_UNKNOWN = "The outcome is unknown: check the actual state before you send the request again."


@pytest.mark.parametrize(
    ("method", "script", "is_unknown"),
    [
        ("POST", [lost_response()], True),
        ("PUT", [lost_response()], True),
        ("DELETE", [lost_response()], True),
        ("POST", [lost_response(False)], False),
        ("PUT", [502], True),
        ("POST", [(200, "<html>")], True),
        ("GET", [(200, "<html>")], False),
        ("GET", [500], False),
        ("POST", [400], False),
        ("POST", [THROTTLED], False),
    ],
)
def test_raw_write_with_unknown_outcome_has_a_hint(make_client, method, script, is_unknown):
    fixture = make_client(script, max_retries=0)
    try:
        failure = fixture.client.request_raw(operation(method))[1]
    except TransportError as error:
        failure = error
    assert (failure.hint == HINT_OUTCOME_UNKNOWN) == is_unknown
    assert is_unknown or "not known" not in str(failure)


@pytest.mark.parametrize(
    ("body", "read_error", "write_error"),
    [
        ("", None, None),
        ({"anything": 1}, None, None),
        (["anything"], None, None),
        ("<html>Log in", "the response is an HTML page", "the response is an HTML page"),
        ("Success", None, "the response is not valid JSON"),
        (
            {"error_code": "X.1", "error_msg": "No CANARY-secret-key"},
            None,
            "the response contains the error X.1: No ******** although its status is 200",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_raw_response_of_another_server_is_an_error(make_client, method, body, read_error, write_error):
    fixture = make_client([(200, body)])
    reply, failure = fixture.client.request_raw(operation(method))
    text = read_error if method == "GET" else write_error
    assert (reply.status, failure is None) == (200, text is None)
    assert (
        text is None
        or isinstance(failure, ProtocolError)
        and failure.status == 200
        and f"Failed to count the resources: {text}" in failure.message
    )


def nest(levels):
    value = []
    for dummy in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "invalid",
    [float("nan"), float("inf"), -float("inf"), {1, 2}, nest(100_000)],
    ids=["nan", "inf", "-inf", "set", "deep"],
)
@pytest.mark.parametrize("way", ["request", "request_raw"])
def test_body_that_json_cannot_represent_is_not_sent(make_client, invalid, way):
    fixture = make_client()
    with pytest.raises(OptionError) as caught:
        getattr(fixture.client, way)(operation("PUT", body={"a": invalid}))
    assert str(caught.value) == "Failed to count the resources: the body contains a value that JSON cannot represent"
    assert fixture.calls == []


def test_raw_request_returns_response_and_redacted_error(make_client):
    fixture = make_client([(403, {"error_code": "APIGW.0302", "error_msg": "Not with CANARY-secret-key"})])
    reply, failure = fixture.client.request_raw(operation(with_content_type=False))
    assert reply.status == 403
    assert isinstance(failure, ForbiddenError)
    assert failure.service_message == "Not with ********"


@pytest.mark.parametrize("is_sent", [True, False])
def test_content_type_can_be_omitted(make_client, is_sent):
    fixture = make_client([200])
    fixture.client.request_raw(operation("DELETE", with_content_type=is_sent))
    assert ("Content-Type" in fixture.calls[0].headers) is is_sent


# -- the turn of a request, and what a text must not show


class SlowLimiter(AdaptiveRateLimiter):
    """A rate limiter with a fixed wait, which records the results of requests."""

    def __init__(self, clock, wait):
        super().__init__(None, clock)
        self.clock, self.wait, self.events = clock, wait, []

    def acquire(self):
        self.clock.sleep(self.wait)

    def reuse_slot(self):
        self.events.append("reuse")

    def on_success(self):
        self.events.append("success")

    def on_throttled(self):
        self.events.append("throttled")


def test_post_after_a_long_queue_needs_a_new_decision(make_client):
    """Without a list, the decision is as old as the request."""
    fixture = make_client()
    fixture.client.rate_limiter = SlowLimiter(fixture.clock, 6.0)
    error = request_error(fixture, RateLimitError, operation("POST", body={}))
    assert (error.attempts, error.retry_after, fixture.sent) == (0, 0.0, [])
    assert error.retries_left == 4 * fixture.client.connection.max_retries
    assert "it waited 6 s for a free slot or a token" in error.message
    assert fixture.client.rate_limiter.events == ["reuse"]


def test_rate_limiter_receives_each_result(make_client):
    fixture = make_client([(429, {}), (503, {}), (200, {"items": []})])
    fixture.client.rate_limiter = SlowLimiter(fixture.clock, 0.0)
    fixture.client.request(operation(schema=SCHEMA))
    assert fixture.client.rate_limiter.events == ["throttled", "success", "success"]


def test_longer_secret_is_redacted_before_its_part(make_client):
    client = make_client().client
    client.register_secret("CANARY")
    client.register_secret("ACANARYZ")
    assert client.redact("it was ACANARYZ") == "it was ********"


def test_secrets_have_at_least_four_characters(make_client):
    client = make_client().client
    client.register_secret("abc")
    client.register_secret("wxyz")
    assert client.redact("abc wxyz") == "abc ********"


def test_only_the_final_period_is_removed(make_client):
    fixture = make_client([(400, {"error_code": "c-1", "error_msg": "It must not be X."})])
    assert str(request_error(fixture, BadRequestError)).startswith(
        "Failed to count the resources: It must not be X (HTTP 400, c-1"
    )


def test_client_has_utc_time_and_known_project(make_client):
    connection = make_client().client.connection
    client = Client(connection, lambda call: None, None)
    assert client.now().utcoffset() == dt.timedelta(0)
    assert client.known_project_id == "p-1"


def test_raw_request_to_untrusted_host_is_not_retried(make_client):
    fixture = make_client([lost_response(retryable=False)])
    with pytest.raises(TransportError):
        fixture.client.request_raw(operation())
    assert len(fixture.sent) == 1


# -- under a budget ---------------------------------------------------------------------------------------------------

LIST_REQUEST = Operation("list", "GET", "modelarts", ("v1", "resources"))


def test_client_acquires_a_slot_before_each_attempt(make_client, clock):
    class Counting(AdaptiveRateLimiter):
        slots = 0

        def acquire(self):
            self.slots += 1
            super().acquire()

    fixture = make_client([THROTTLED, THROTTLED, 200])
    fixture.client.rate_limiter = Counting(100, clock)
    fixture.client.request(LIST_REQUEST)
    assert (len(fixture.calls), fixture.client.rate_limiter.slots) == (3, 3)
    assert [call.timeout for call in fixture.calls] == [None] * 3


def test_throttling_with_adaptive_limiter_gets_more_retries(make_client, clock):
    adaptive = make_client([THROTTLED] * 9, max_retries=2)
    adaptive.client.rate_limiter = AdaptiveRateLimiter(None, clock)
    with pytest.raises(RateLimitError) as caught:
        adaptive.client.request(LIST_REQUEST)
    assert caught.value.attempts == 9
    unlimited = make_client([THROTTLED] * 3, max_retries=2)
    with pytest.raises(RateLimitError):
        unlimited.client.request(LIST_REQUEST)


@pytest.mark.parametrize("response", [THROTTLED, 503])
def test_no_attempt_starts_after_the_deadline(make_client, clock, response):
    fixture = make_client([response] * 3, max_retries=10)
    # The delays are 0.5, 1 and 2 seconds.
    fixture.client.rate_limiter = AdaptiveRateLimiter(None, clock, clock.monotonic() + 3)
    with pytest.raises((RateLimitError, ServerError)) as caught:
        fixture.client.request(LIST_REQUEST)
    assert caught.value.attempts == 3
    assert clock.passed < 3


CREATE_REQUEST = Operation("create resource 'a'", "POST", "modelarts", ("v1", "resources"), body={})


@pytest.mark.parametrize("wait, age, sent", [(0.9, 20.0, True), (3.0, 4.9, True), (3.0, 5.0, False), (16.0, 0.5, True)])
def test_post_on_a_stale_decision_is_not_sent(make_client, clock, wait, age, sent):
    fixture = make_client([200] * sent)
    fixture.client.rate_limiter = AdaptiveRateLimiter(1 / wait, clock)
    fixture.client.rate_limiter.acquire()
    client = fixture.client.based_on(lambda: age)
    if sent:
        client.request(CREATE_REQUEST)
        return
    with pytest.raises(RateLimitError) as caught:
        client.request(CREATE_REQUEST)
    assert (
        str(caught.value)
        == "Failed to create resource 'a': it waited 3 s for a free slot or a token, so the actual state may have changed"
    )
    assert (caught.value.attempts, caught.value.retry_after, caught.value.retries_left > 0) == (0, 0.0, True)
    # The next request can use the slot.
    before = clock.passed
    fixture.client.rate_limiter.acquire()
    assert clock.passed == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_idempotent_request_is_sent_after_a_long_queue(make_client, clock, method):
    fixture = make_client([200])
    fixture.client.rate_limiter = AdaptiveRateLimiter(0.1, clock)
    fixture.client.rate_limiter.acquire()
    fixture.client.based_on(lambda: 100.0).request(LIST_REQUEST._replace(method=method))
    assert clock.sleeps == [10]


@pytest.mark.parametrize(
    "left, method, seconds", [(9, "GET", 9), (1, "GET", 2), (-3, "GET", 2), (1, "PUT", 1), (9, "POST", 9)]
)
def test_deadline_limits_each_request(make_client, clock, left, method, seconds):
    """A GET has at least two seconds, so that the module can check the actual state."""
    fixture = make_client([200])
    fixture.client.rate_limiter = AdaptiveRateLimiter(None, clock, clock.monotonic() + left)
    fixture.client.request(LIST_REQUEST._replace(method=method))
    assert [call.timeout for call in fixture.calls] == [seconds]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_no_write_is_sent_without_time_left(make_client, clock, method):
    fixture = make_client()
    fixture.client.rate_limiter = AdaptiveRateLimiter(None, clock, clock.monotonic())
    with pytest.raises(TransportError, match=r"^Failed to list: no time is left \(timeout\)$") as caught:
        fixture.client.request(LIST_REQUEST._replace(method=method))
    assert (caught.value.request_sent, caught.value.attempts) == (False, 0)


def test_client_looks_up_its_project(make_client):
    fixture = make_client([(200, {"projects": [{"id": "p-7", "name": "eu-de"}], "links": {}})], project_id=None)
    assert (fixture.client.project_id, fixture.client.known_project_id) == ("p-7", "p-7")


def test_copies_for_one_request_share_what_was_learned(make_client):
    fixture = make_client([(200, {"items": [{"id": 1}]}, {"X-Request-Id": "r-1"})])
    client = fixture.client
    assert client.until(NO_DEADLINE) is client
    limited = client.until(Deadline(fixture.clock, 60.0)).based_on(lambda: 1.0)
    limited.request(operation(schema=SCHEMA))
    limited.register_secret("CANARY-token")
    assert limited is not client
    assert client.request_ids == limited.request_ids
    assert client.request_ids == ["r-1"]
    assert client.redact("CANARY-token") == "********"
    assert client.known_project_id == limited.known_project_id


@pytest.mark.parametrize(("method", "sent"), [("GET", 1), ("DELETE", 0)])
def test_write_request_is_not_sent_after_the_deadline(make_client, method, sent):
    fixture = make_client([(200, {"items": [{"id": 1}]})] * sent)
    passed = Deadline(fixture.clock, fixture.clock.monotonic() - 1.0)
    with contextlib.nullcontext() if sent else pytest.raises(TransportError, match="no time is left"):
        fixture.client.until(passed).request(operation(method=method, schema=SCHEMA))
    assert len(fixture.calls) == sent


@pytest.mark.parametrize(("limits", "timeout"), [((), None), ((10,), 10), ((10, 20), 10), ((20, 10), 10)])
def test_limited_client_has_a_timeout_and_no_retries(make_client, limits, timeout):
    fixture = make_client([503] * (1 if limits else 2), max_retries=1)
    client = fixture.client
    for seconds in limits:
        client = client.once(seconds)
    with pytest.raises(ServerError):
        client.request(operation())
    assert {call.timeout for call in fixture.calls} == {timeout}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_limited_client_sends_no_request_after_its_time(make_client, method):
    fixture = make_client()
    client = fixture.client.once(10)
    fixture.clock.passed += 10
    with pytest.raises(TransportError, match="no time is left") as caught:
        client.request(operation(method=method))
    assert (fixture.sent, caught.value.request_sent) == ([], False)
