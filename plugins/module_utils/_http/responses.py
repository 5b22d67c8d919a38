# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Reading a reply: what it says, and which error of ours it is when it is none we want.

Four shapes of error bodies reach a client (api-asm "Error Codes", api-modelarts "Error Codes", API gateway, IAM), one of them as an
array. The gateway speaks for services it could not even find, so nothing it says is ever taken for the service's own "not found".
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
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse

_LONGEST_TEXT = 400
# Those of the vendor have up to 20 characters.
_LONGEST_CODE = 80
# By what the answer to a change is known for the service's own where nothing, or too little, is documented: ASM says nothing or, as Kubernetes
# does, what became of the thing; ModelArts names the workspace, or shows it or its quotas.
_OWN_FIELDS = ("apiVersion", "kind", "metadata", "workshop", "workspace_id", "id", "quotas")
_NAMES = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))
# The gateway quotes the request it computed, signed headers and all, when a signature does not fit.
_QUOTED_REQUEST = re.compile(r"[,;:]?\s*canonical[ _]?request.*", re.IGNORECASE | re.DOTALL)


class ErrorBody(t.NamedTuple):
    """What the body of an error says."""

    code: t.Optional[str] = None
    text: t.Optional[str] = None
    request_id: t.Optional[str] = None


def decode_json(reply: HttpResponse) -> t.Any:
    """The body as JSON. Raises ValueError with words that complete "the answer is ..."."""
    if looks_like_html(reply):
        raise ValueError("an HTML page, not the service's JSON")
    try:
        return json.loads(reply.body.decode("utf-8"))
    except ValueError:
        raise ValueError("empty, not valid JSON" if not reply.body.strip() else "not valid JSON") from None
    except RecursionError:
        raise ValueError("not valid JSON: nested too deeply") from None


def looks_like_html(reply: HttpResponse) -> bool:
    """Whether a proxy, a portal or a gateway answered with a page."""
    return "html" in reply.headers.get("content-type", "").lower() or reply.body.lstrip()[:9].lower().startswith(
        (b"<!doctype", b"<html")
    )


def request_id_from(reply: HttpResponse) -> str | None:
    """The id under which the vendor's support finds the call (IAM uses a name of its own)."""
    return reply.headers.get("x-request-id") or reply.headers.get("x-iam-trace-id")


def parse_error_body(reply: HttpResponse) -> ErrorBody:
    """Code, whole text and request id of an error body in any of its shapes; empty when it has none of them."""
    try:
        body = decode_json(reply)
    except ValueError as problem:
        return ErrorBody(text=_plain_text(reply, str(problem)))
    found = _search(body)
    if found is None and isinstance(body, str):
        return ErrorBody(text=body)
    return found or ErrorBody()


def error_from_response(reply: HttpResponse, redact: t.Callable[[str], str]) -> ServiceError | None:
    """The error a reply stands for, or ``None`` when it is a success. ``scrub`` takes secrets out of a text."""
    if 200 <= reply.status < 300:
        return None
    if 300 <= reply.status < 400:
        return ProtocolError(
            "the service answered with a redirect, which is not followed",
            status=reply.status,
            hint="Check the endpoint: it must name the service itself.",
        )
    said = parse_error_body(reply)
    code, text = _cleaned(said, redact)
    kind = _kind(reply.status, said.code)
    return kind(
        text or _WORDS.get(reply.status, "the service gave no reason"),
        status=reply.status,
        code=code,
        service_message=text,
        request_id=request_id_from(reply) or said.request_id,
    )


def error_in_success_body(reply: HttpResponse, body: t.Any, redact: t.Callable[[str], str]) -> ProtocolError | None:
    """The error that the body of a success holds all the same, or ``None``. ``scrub`` takes secrets out of a text."""
    said = _error_on_top(body)
    if said is None:
        return None
    code, text = _cleaned(said, redact)
    words = re.sub(r"(?<!\.)\.$", "", ": ".join(part for part in (code, text) if part))
    return ProtocolError(
        f"the answer says {words} although its status is {reply.status}",
        status=reply.status,
        code=code,
        request_id=said.request_id,
    )


def _cleaned(said: ErrorBody, redact: t.Callable[[str], str]) -> tuple[str | None, str | None]:
    """Code and text as they may be shown."""
    code = shorten_text(redact(said.code), _LONGEST_CODE) if said.code else None
    return code, shorten_text(redact(_QUOTED_REQUEST.sub("", said.text))) if said.text else None


def unexpected_body(body: t.Any) -> str | None:
    """What is wrong with the body of a success that nothing is asked of, or ``None``. It may be empty, or one that such a service may send.

    A stranger on the way (a portal, a proxy, a stub) can say 200 without anybody having done anything.
    """
    is_own = isinstance(body, dict) and any(name in body for name in _OWN_FIELDS)
    return "it has nothing of the service in it" if body and not is_own else None


def _error_on_top(body: t.Any) -> ErrorBody | None:
    """What is surely an error: deeper down, or by half of its names, a code or message may be a field of a thing."""
    candidates = body[:1] if isinstance(body, list) else [body, body.get("error")] if isinstance(body, dict) else []
    for candidate in candidates:
        if not isinstance(candidate, dict):
            continue
        named = any(candidate.get(name) for names in _NAMES[:2] for name in names)
        plain = candidate.get("message") and str(candidate.get("code") or 0) not in ("0", "200")
        if named or plain:
            return _read({name: value for name, value in candidate.items() if value})
    return None


def _kind(status: int, code: str | None) -> type[ServiceError]:
    if status == 403 and code in _CREDENTIAL_CODES:
        return AuthError
    if status == 404:
        # Without a code of the service itself this is a wrong address, not a missing object.
        return NotFoundError if code and not GATEWAY_CODE.match(code) else BadRequestError
    if status >= 500:
        return ServerError
    return _KINDS.get(status, BadRequestError)


# ModelArts says 403 of an invalid token and of invalid keys, where others say 401.
_CREDENTIAL_CODES = ("ModelArts.0203", "ModelArts.0206")

_KINDS: dict[int, type[ServiceError]] = {401: AuthError, 403: ForbiddenError, 409: ConflictError, 429: RateLimitError}
_WORDS = {401: "not authenticated", 403: "forbidden", 404: "not found", 409: "conflict", 429: "too many requests"}


def _search(body: t.Any, depth: int = 3) -> ErrorBody | None:
    if isinstance(body, list):
        candidates = body
    elif isinstance(body, dict):
        found = _read(body)
        if found is not None:
            return found
        candidates = list(body.values())
    else:
        return None
    if depth:
        for candidate in candidates:
            found = _search(candidate, depth - 1)
            if found is not None:
                return found
    return None


def _read(body: dict[str, t.Any]) -> ErrorBody | None:
    for code_name, text_name in _NAMES:
        code, text = body.get(code_name), body.get(text_name)
        if isinstance(code, (str, int)) or isinstance(text, str):
            identity = body.get("request_id")
            return ErrorBody(
                None if code is None else str(code),
                text if isinstance(text, str) else None,
                identity if isinstance(identity, str) else None,
            )
    return None


def _plain_text(reply: HttpResponse, problem: str) -> str | None:
    if looks_like_html(reply):
        return "the answer is " + problem
    return reply.body.decode("utf-8", "replace") if reply.body.strip() else None


def shorten_text(text: str, most: int = _LONGEST_TEXT) -> str:
    """The text on one line, without what can not be printed, and cut after so many characters. To be scrubbed before: half a secret is not found any more."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= most else line[:most] + " ..."
