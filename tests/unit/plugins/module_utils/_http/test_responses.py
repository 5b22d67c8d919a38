# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import responses
from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import ErrorBody
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse

HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"
HTML_TEXT = "the response is an HTML page, not the service's JSON"


def response(status, body=b"", **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def response_error(status, body=b"", redact=lambda text: text, **headers):
    return responses.error_from_response(response(status, body, **headers), redact)


# -- reading a body ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, value",
    [(b"{}", {}), (b"[1, 2]", [1, 2]), (b"null", None), (b' "x" ', "x"), ('{"a": "\u4e2d"}'.encode(), {"a": "\u4e2d"})],
)
def test_json_is_decoded(body, value):
    assert responses.decode_json(response(200, body)) == value


@pytest.mark.parametrize(
    "body, headers, words",
    [
        (b"", {}, "empty, not valid JSON"),
        (b" \r\n", {}, "empty, not valid JSON"),
        (b'{"items": [', {}, "not valid JSON"),
        (b"hello", {}, "not valid JSON"),
        (b"\x00\xff\xfe\x80", {}, "not valid JSON"),
        ("{}".encode("utf-16"), {}, "not valid JSON"),
        (b"[" * 200_000, {}, "not valid JSON: nested too deeply"),
        (HTML, {}, "an HTML page, not the service's JSON"),
        (b"\n <!DOCTYPE html><html></html>", {}, "an HTML page, not the service's JSON"),
        (b"{}", {"content_type": "text/html; charset=utf-8"}, "an HTML page, not the service's JSON"),
        (b"", {"content_type": "Text/HTML"}, "an HTML page, not the service's JSON"),
    ],
)
def test_invalid_json_has_a_reason(body, headers, words):
    with pytest.raises(ValueError) as caught:
        responses.decode_json(response(200, body, **headers))
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "headers, identity",
    [
        ({}, None),
        ({"x_request_id": "r-1"}, "r-1"),
        ({"x_iam_trace_id": "t-1"}, "t-1"),
        ({"x_request_id": "r-1", "x_iam_trace_id": "t-1"}, "r-1"),
    ],
)
def test_request_id_is_in_one_of_two_headers(headers, identity):
    assert responses.request_id_from(response(200, **headers)) == identity


# -- the shapes of error bodies ---------------------------------------------------------------------------------------

SHAPES = {
    "asm": (
        {"errorCode": "ASM.01010001", "errorMsg": "Invalid request."},
        ErrorBody("ASM.01010001", "Invalid request."),
    ),
    "asm without text": ({"errorCode": "ASM.01010001"}, ErrorBody("ASM.01010001")),
    "asm in snake case": (
        {"error_code": "ASM.01400001", "error_msg": "Invalid request."},
        ErrorBody("ASM.01400001", "Invalid request."),
    ),
    "asm as an array": (
        [{"errorCode": "ASM.01040001", "errorMsg": "Internal error."}],
        ErrorBody("ASM.01040001", "Internal error."),
    ),
    "modelarts": (
        {"error_code": "ModelArts.7005", "error_msg": "workspace:x not existed"},
        ErrorBody("ModelArts.7005", "workspace:x not existed"),
    ),
    "gateway": (
        {"error_msg": "no", "error_code": "APIGW.0301", "request_id": "r-1"},
        ErrorBody("APIGW.0301", "no", "r-1"),
    ),
    "iam": (
        {"error": {"code": 401, "message": "The password is wrong.", "title": "Unauthorized"}},
        ErrorBody("401", "The password is wrong."),
    ),
    "iam, flat": ({"error_code": "IAM.0061", "error_msg": "Locked."}, ErrorBody("IAM.0061", "Locked.")),
    "plain names": ({"code": "X.1", "message": "Words"}, ErrorBody("X.1", "Words")),
    "text only": ({"error_msg": "Words"}, ErrorBody(None, "Words")),
    "denied with more": (
        {"error_code": "IAM.0003", "error_msg": "no", "encoded_authorization_message": "opaque"},
        ErrorBody("IAM.0003", "no"),
    ),
    "request id of another type": ({"error_code": "X.1", "request_id": 5}, ErrorBody("X.1")),
    "text of another type": ({"error_code": "X.1", "error_msg": {"a": 1}}, ErrorBody("X.1")),
    "nested": ({"a": {"b": [{"c": 1}, {"errorCode": "X.1", "errorMsg": "deep"}]}}, ErrorBody("X.1", "deep")),
    "nested too deeply": ({"a": {"b": {"c": {"d": {"errorCode": "X.1"}}}}}, ErrorBody()),
    "names of ours before foreign ones": ({"code": 1, "error_code": "X.1"}, ErrorBody("X.1")),
    "a string": ("no such resource", ErrorBody(None, "no such resource")),
    "another object": ({"detail": "nothing we know"}, ErrorBody()),
    "an empty object": ({}, ErrorBody()),
    "an empty array": ([], ErrorBody()),
    "an array of strings": (["x"], ErrorBody()),
    "null": (None, ErrorBody()),
    "a number": (5, ErrorBody()),
}


@pytest.mark.parametrize("body, said", SHAPES.values(), ids=SHAPES.keys())
def test_each_error_format_is_parsed(body, said):
    assert responses.parse_error_body(response(400, body)) == said


@pytest.mark.parametrize(
    "body, headers, text",
    [
        (b"", {}, None),
        (b"\n", {}, None),
        (b"upstream connect error", {}, "upstream connect error"),
        (b"caf\xe9", {}, "caf\ufffd"),
        (HTML, {}, HTML_TEXT),
        (b"", {"content_type": "text/html"}, HTML_TEXT),
    ],
)
def test_text_body_is_the_error_text(body, headers, text):
    assert responses.parse_error_body(response(400, body, **headers)) == ErrorBody(None, text)


# -- which error it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success_has_no_error(status):
    assert response_error(status, HTML) is None


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308])
def test_redirect_is_a_protocol_error(status):
    error = response_error(status, {"error_code": "X.1"}, location="https://elsewhere.example.com/CANARY")
    assert error.__class__ is ProtocolError
    assert (error.message, error.status, error.hint) == (
        "the service responded with a redirect, which is not followed",
        status,
        "Check the endpoint: it must name the service itself.",
    )


@pytest.mark.parametrize(
    "status, kind, words",
    [
        (400, BadRequestError, "the service gave no reason"),
        (401, AuthError, "not authenticated"),
        (403, ForbiddenError, "forbidden"),
        (405, BadRequestError, "the service gave no reason"),
        (409, ConflictError, "conflict"),
        (413, BadRequestError, "the service gave no reason"),
        (429, RateLimitError, "too many requests"),
        (494, BadRequestError, "the service gave no reason"),
        (500, ServerError, "the service gave no reason"),
        (502, ServerError, "the service gave no reason"),
        (503, ServerError, "the service gave no reason"),
        (504, ServerError, "the service gave no reason"),
        (599, ServerError, "the service gave no reason"),
    ],
)
def test_error_class_depends_on_the_status(status, kind, words):
    silent = response_error(status)
    assert (type(silent), silent.status, silent.message, silent.service_message, silent.code) == (
        kind,
        status,
        words,
        None,
        None,
    )
    spoken = response_error(status, {"error_code": "X.1", "error_msg": "Because."}, x_request_id="r-1")
    assert (type(spoken), spoken.message, spoken.service_message, spoken.code, spoken.request_id) == (
        kind,
        "Because.",
        "Because.",
        "X.1",
        "r-1",
    )


@pytest.mark.parametrize(
    "body, kind",
    [
        ({"errorCode": "ASM.01010002", "errorMsg": "Resource not found."}, NotFoundError),
        ({"errorCode": "ASM.01404001"}, NotFoundError),
        ([{"errorCode": "ASM.01010002"}], NotFoundError),
        ({"error_code": "ModelArts.7005", "error_msg": "workspace:x not existed"}, NotFoundError),
        ({"error": {"code": 404, "message": "Could not find project"}}, NotFoundError),
        # The gateway also responds for services that it cannot find.
        ({"error_code": "APIGW.0101", "error_msg": "The API does not exist"}, BadRequestError),
        ({"error_code": "APIG.0101", "error_msg": "The API does not exist"}, BadRequestError),
        ({"error_code": "APIC.0101", "error_msg": "The API does not exist"}, BadRequestError),
        ({"error_code": "APIGW.0103", "error_msg": "The backend does not exist"}, BadRequestError),
        ({"error_msg": "The API does not exist"}, BadRequestError),
        ({"message": "no Route matched with those values"}, BadRequestError),
        ({}, BadRequestError),
        ([], BadRequestError),
        (b"", BadRequestError),
        (b"404 page not found", BadRequestError),
        (HTML, BadRequestError),
    ],
)
def test_404_without_service_code_is_not_not_found(body, kind):
    assert response_error(404, body).__class__ is kind


@pytest.mark.parametrize(
    "status, code, kind",
    [
        (403, "ModelArts.0203", AuthError),
        (403, "ModelArts.0206", AuthError),
        (403, "ModelArts.0210", ForbiddenError),
        (403, "ModelArts.0112", ForbiddenError),
        (400, "ModelArts.0203", BadRequestError),
    ],
)
def test_403_may_mean_rejected_credentials(status, code, kind):
    assert response_error(status, {"error_code": code, "error_msg": "no"}).__class__ is kind


def test_request_id_of_header_takes_precedence_over_body():
    body = {"error_code": "APIGW.0301", "request_id": "r-body"}
    assert response_error(401, body).request_id == "r-body"
    assert response_error(401, body, x_request_id="r-header").request_id == "r-header"


# -- errors that call themselves a success ------------------------------------------------------------------------------

ERRORS_WITH_STATUS_200 = {
    "asm": (
        {"errorCode": "ASM.01010001", "errorMsg": "Invalid request."},
        "ASM.01010001",
        "ASM.01010001: Invalid request",
    ),
    "asm as an array": (
        [{"errorCode": "ASM.01040001", "errorMsg": "Internal error."}],
        "ASM.01040001",
        "ASM.01040001: Internal error",
    ),
    "modelarts": (
        {"error_code": "ModelArts.7005", "error_msg": "not existed"},
        "ModelArts.7005",
        "ModelArts.7005: not existed",
    ),
    "beside a list": (
        {"items": [], "error_code": "APIGW.0308", "error_msg": "throttled"},
        "APIGW.0308",
        "APIGW.0308: throttled",
    ),
    "iam": ({"error": {"code": 401, "message": "The password is wrong."}}, "401", "401: The password is wrong"),
    "plain names": ({"code": "X.1", "message": "Words"}, "X.1", "X.1: Words"),
    "code only": ({"error_code": "X.1", "error_msg": None}, "X.1", "X.1"),
    "text only": ({"error_code": "", "error_msg": "Words"}, None, "Words"),
    "a number": ({"error_code": 500}, "500", "500"),
}


@pytest.mark.parametrize("body, code, words", ERRORS_WITH_STATUS_200.values(), ids=ERRORS_WITH_STATUS_200.keys())
@pytest.mark.parametrize("status", [200, 202])
def test_error_in_success_body_is_recognized(body, code, words, status):
    error = responses.error_in_success_body(response(status, body), body, lambda text: text)
    assert error.__class__ is ProtocolError
    assert (error.message, error.status, error.code) == (
        f"the response contains the error {words} although its status is {status}",
        status,
        code,
    )


@pytest.mark.parametrize(
    "body",
    [
        None,
        "error_code",
        5,
        {},
        [],
        ["error_code"],
        {"workspace_id": "w-1"},
        {"quotas": [{"resource": "r", "quota": 5}]},
        {"error_code": None, "error_msg": ""},
        {"error_code": "", "items": []},
        {"code": 0, "message": "ok"},
        {"code": "200", "message": "success"},
        {"message": "what a resource is called"},
        {"code": "what a resource is called"},
        {"error": None},
        {"error": "none"},
        # At deeper levels, these are fields of a resource.
        {"items": [{"status": {"conditions": [{"code": "X.1", "message": "MinimumReplicasAvailable"}]}}]},
        {"items": [{"error_code": "X.1", "error_msg": "the last one"}]},
    ],
)
def test_body_without_error_is_accepted(body):
    assert responses.error_in_success_body(response(200, body), body, lambda text: text) is None


def test_error_in_success_body_is_redacted():
    body = {"error_code": "X.1", "error_msg": "bad CANARY " + "x" * 500 + " canonicalRequest:CANARY"}
    error = responses.error_in_success_body(response(200, body), body, lambda text: text.replace("CANARY", "********"))
    assert (
        error.message
        == "the response contains the error X.1: bad ******** " + "x" * 387 + " ... although its status is 200"
    )


# -- what must not be shown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "verify aksk signature fail, canonicalRequest:GET|/v1/|x-security-token:CANARY|",
        "verify aksk signature fail;canonical request: GET\nx-security-token:CANARY",
        "verify aksk signature fail: Canonical_Request=GET\r\n\r\nCANARY\r\nmore",
        "verify aksk signature fail   CANONICALREQUEST CANARY",
    ],
)
@pytest.mark.parametrize("plain", [True, False])
def test_quoted_canonical_request_is_removed(text, plain):
    error = response_error(401, text.encode() if plain else {"error_code": "APIGW.0301", "error_msg": text})
    assert (error.message, error.service_message) == ("verify aksk signature fail", "verify aksk signature fail")


def test_text_with_only_the_quoted_request_is_empty():
    error = response_error(401, {"error_code": "APIGW.0301", "error_msg": "canonicalRequest:CANARY"})
    assert error.message == "not authenticated"
    assert "CANARY" not in str(error.facts())


def test_text_is_redacted_before_it_is_shortened():
    secret = "CANARY" * 100
    error = response_error(
        400, {"error_msg": "bad token " + "x" * 380 + secret}, redact=lambda text: text.replace(secret, "********")
    )
    assert error.service_message == "bad token " + "x" * 380 + "********"
    assert "CANARY" not in str(error.facts())


def test_text_is_redacted_before_blanks_are_joined():
    error = response_error(400, b"denied for my  secret", redact=lambda text: text.replace("my  secret", "********"))
    assert error.service_message == "denied for ********"


def test_text_is_one_short_line():
    assert (
        response_error(400, {"error_msg": " one\n\ttwo\x1b[31m  three\x00\u2028four "}).service_message
        == "one two [31m three four"
    )
    assert response_error(400, {"error_msg": "x" * 400}).service_message == "x" * 400
    assert response_error(400, {"error_msg": "x" * 401}).service_message == "x" * 400 + " ..."


@pytest.mark.parametrize("status", [200, 400])
def test_code_is_redacted(status):
    body = {"error_code": "X.CANARY", "error_msg": "no"}

    def redacted(text):
        return text.replace("CANARY", "********")

    error = (
        response_error(status, body, redacted)
        if status != 200
        else responses.error_in_success_body(response(status, body), body, redacted)
    )
    assert error.code == "X.********"
    assert "CANARY" not in str(error)
