# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""Parsing of responses: JSON bodies, error bodies, and the exception for a status and an error code.

Errors have four formats ("Error Codes" of ASM, of ModelArts, of API Gateway, and of IAM), and some services wrap them in a list. The API
gateway also responds for services that it cannot find, so an error of the gateway never means that a resource does not exist.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    GATEWAY_CODE,
    AuthError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import describe_problems

_LONGEST_TEXT = 400
# The codes of the vendor have up to 20 characters.
_LONGEST_CODE = 80
# Fields that identify a response to a write as one of the service where its body is not documented. ASM returns nothing or, like Kubernetes,
# a status object. ModelArts returns the ID of the workspace, the workspace or its quotas.
_SERVICE_FIELDS = ("apiVersion", "kind", "metadata", "workshop", "workspace_id", "id", "quotas")
_ERROR_FIELDS = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))
_MAX_ERROR_DEPTH = 3
# If a signature does not match, the gateway quotes the request that it computed, including the signed headers.
_QUOTED_REQUEST = re.compile(r"[,;:]?\s*canonical[ _]?request.*", re.IGNORECASE | re.DOTALL)
# ModelArts responds with 403 to an invalid token or invalid keys, where other services respond with 401.
_CREDENTIAL_CODES = ("ModelArts.0203", "ModelArts.0206")
_ERRORS: dict[int, type[ServiceError]] = {401: AuthError, 403: ForbiddenError, 409: ConflictError, 429: RateLimitError}
_REASONS = {401: "not authenticated", 403: "forbidden", 404: "not found", 409: "conflict", 429: "too many requests"}


class ErrorBody(t.NamedTuple):
    """The content of an error body."""

    code: t.Optional[str] = None
    text: t.Optional[str] = None
    request_id: t.Optional[str] = None


def decode_json(response: HttpResponse) -> t.Any:
    """Return the body as JSON. Raise ValueError with a text that completes "the response is ..."."""
    if looks_like_html(response):
        raise ValueError("an HTML page, not the service's JSON")
    try:
        return json.loads(response.body.decode("utf-8"))
    except ValueError:
        raise ValueError("empty, not valid JSON" if not response.body.strip() else "not valid JSON") from None
    except RecursionError:
        raise ValueError("not valid JSON: nested too deeply") from None


def looks_like_html(response: HttpResponse) -> bool:
    """Return whether the response is a page of a proxy, a portal or a gateway."""
    return "html" in response.headers.get("content-type", "").lower() or response.body.lstrip()[:9].lower().startswith(
        (b"<!doctype", b"<html")
    )


def request_id_from(response: HttpResponse) -> str | None:
    """Return the ID with which the vendor's support finds the request. IAM uses another header than the other services."""
    return response.headers.get("x-request-id") or response.headers.get("x-iam-trace-id")


def parse_data(operation: Operation, response: HttpResponse, redact: t.Callable[[str], str]) -> t.Any:
    """Return the decoded body of a success, or ``None`` if the operation has no schema.

    Raise ProtocolError if the body is not what the service documents, or contains an error.
    """
    if operation.raw:
        return _check_raw_body(operation, response, redact)
    if operation.schema is None and not response.body.strip():
        return None
    try:
        data = decode_json(response)
    except ValueError as problem:
        raise ProtocolError(f"the response is {problem}", status=response.status) from None
    error = error_in_success_body(response, data, redact)
    if error:
        raise error
    if operation.schema is None:
        problems = unexpected_body(data)
    else:
        problems = describe_problems(operation.schema, data)
    if problems:
        raise ProtocolError(f"the response does not match the documented schema: {problems}", status=response.status)
    return None if operation.schema is None else data


def _check_raw_body(operation: Operation, response: HttpResponse, redact: t.Callable[[str], str]) -> None:
    """Raise ProtocolError if the body cannot be a response of the service. The body of a GET may be anything but an HTML page."""
    is_write = operation.method != "GET"
    try:
        data = decode_json(response) if response.body.strip() else None
    except ValueError as problem:
        if is_write or looks_like_html(response):
            raise ProtocolError(f"the response is {problem}", status=response.status) from None
        return
    error = error_in_success_body(response, data, redact) if is_write else None
    if error:
        raise error


def error_from_response(response: HttpResponse, redact: t.Callable[[str], str]) -> ServiceError | None:
    """Return the error for a response, or ``None`` for a success. ``redact`` removes secrets from a text."""
    if 200 <= response.status < 300:
        return None
    if 300 <= response.status < 400:
        return ProtocolError(
            "the service responded with a redirect, which is not followed",
            status=response.status,
            hint="Check the endpoint: it must name the service itself.",
        )
    body = parse_error_body(response)
    code, text = _redact_body(body, redact)
    return _error_class(response.status, body.code)(
        text or _REASONS.get(response.status, "the service gave no reason"),
        status=response.status,
        code=code,
        service_message=text,
        request_id=request_id_from(response) or body.request_id,
    )


def error_in_success_body(response: HttpResponse, data: t.Any, redact: t.Callable[[str], str]) -> ProtocolError | None:
    """Return the error that the body of a success contains, or ``None``. ``redact`` removes secrets from a text."""
    body = _find_top_level_error(data)
    if body is None:
        return None
    code, text = _redact_body(body, redact)
    words = re.sub(r"(?<!\.)\.$", "", ": ".join(part for part in (code, text) if part))
    return ProtocolError(
        f"the response contains the error {words} although its status is {response.status}",
        status=response.status,
        code=code,
        request_id=body.request_id,
    )


def unexpected_body(data: t.Any) -> str | None:
    """Return why the undocumented body of a success cannot come from the service, or ``None``. An empty body is expected.

    A portal, a proxy or a stub can respond with 200 although the service did nothing.
    """
    is_from_service = isinstance(data, dict) and any(name in data for name in _SERVICE_FIELDS)
    return "it contains no field of the service" if data and not is_from_service else None


def parse_error_body(response: HttpResponse) -> ErrorBody:
    """Return the code, the text and the request ID of an error body in any of its formats; empty if it has none of them."""
    try:
        data = decode_json(response)
    except ValueError as problem:
        if looks_like_html(response):
            return ErrorBody(text=f"the response is {problem}")
        return ErrorBody(text=response.body.decode("utf-8", "replace") if response.body.strip() else None)
    if isinstance(data, str):
        return ErrorBody(text=data)
    return _find_error(data) or ErrorBody()


def shorten_text(text: str, limit: int = _LONGEST_TEXT) -> str:
    """Return the text on one line, without unprintable characters, and cut after ``limit`` characters.

    Redact the text before: a part of a secret cannot be recognized.
    """
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= limit else line[:limit] + " ..."


def _redact_body(body: ErrorBody, redact: t.Callable[[str], str]) -> tuple[str | None, str | None]:
    """Return the code and the text of an error body without secrets."""
    code = shorten_text(redact(body.code), _LONGEST_CODE) if body.code else None
    return code, shorten_text(redact(_QUOTED_REQUEST.sub("", body.text))) if body.text else None


def _error_class(status: int, code: str | None) -> type[ServiceError]:
    if status == 403 and code in _CREDENTIAL_CODES:
        return AuthError
    if status == 404:
        # Without a code of the service itself, the URL is wrong; this does not mean that the resource is missing.
        return NotFoundError if code and not GATEWAY_CODE.match(code) else BadRequestError
    if status >= 500:
        return ServerError
    return _ERRORS.get(status, BadRequestError)


def _find_top_level_error(data: t.Any) -> ErrorBody | None:
    """Return the error at the top level of a body. At deeper levels, a code or a message may be a field of a resource."""
    candidates = data[:1] if isinstance(data, list) else [data, data.get("error")] if isinstance(data, dict) else []
    for candidate in candidates:
        if not isinstance(candidate, dict):
            continue
        has_error_field = any(candidate.get(name) for names in _ERROR_FIELDS[:2] for name in names)
        has_message = candidate.get("message") and str(candidate.get("code") or 0) not in ("0", "200")
        if has_error_field or has_message:
            return _read_error({name: value for name, value in candidate.items() if value})
    return None


def _find_error(data: t.Any, depth: int = _MAX_ERROR_DEPTH) -> ErrorBody | None:
    """Return the first error in the data, at most ``depth`` levels below its top."""
    if isinstance(data, dict):
        error = _read_error(data)
        if error is not None:
            return error
        data = list(data.values())
    if not isinstance(data, list) or not depth:
        return None
    errors = (_find_error(entry, depth - 1) for entry in data)
    return next((error for error in errors if error is not None), None)


def _read_error(data: dict[str, t.Any]) -> ErrorBody | None:
    for code_field, text_field in _ERROR_FIELDS:
        code, text = data.get(code_field), data.get(text_field)
        if isinstance(code, (str, int)) or isinstance(text, str):
            request_id = data.get("request_id")
            return ErrorBody(
                None if code is None else str(code),
                text if isinstance(text, str) else None,
                request_id if isinstance(request_id, str) else None,
            )
    return None
