# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The metadata service of an Elastic Cloud Server: temporary keys of the agency of the server.

Source: "Elastic Cloud Server User Guide", "Obtaining Metadata" (ecs_03_0166), and the vendor's SDK for session tokens.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ProtocolError,
    ServiceError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import (
    decode_json,
    error_from_response,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    RequestsTransport,
    Transport,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import describe_problems
from ansible_collections.community.huaweicloud.plugins.module_utils._values import host_header

_TIMEOUT = 3.0
_TOKEN_PATH = "/meta-data/latest/api/token"
_KEYS_PATH = "/openstack/latest/securitykey"
_TOKEN_LIFE = "21600"
# These statuses mean that the server accepts requests without a session token.
_NO_SESSIONS = (404, 405, 503)
_NO_AGENCY = "configure cloud service agency"
_SESSION_TOKEN = re.compile(r"[!-~]{1,8192}")
_HINT = "Run the task on an ECS with an agency, or select other credentials"
_HINT_NO_AGENCY = "Assign an agency to the ECS"


class _Settings(t.NamedTuple):
    """The settings of the transport: no proxy, and short timeouts."""

    validate_certs: bool = True
    ca_path: t.Optional[str] = None
    client_cert: t.Optional[str] = None
    client_key: t.Optional[str] = None
    proxy: t.Optional[str] = None
    connect_timeout: float = _TIMEOUT
    read_timeout: float = _TIMEOUT


class MetadataTransport(RequestsTransport):
    """A transport without proxies, because the address is local to each server."""

    def __init__(self) -> None:
        super().__init__(_Settings())

    def _select_proxies(self, url: str) -> dict[str, str]:
        return {}


def fetch_keys(url: str, transport: Transport, schema: dict[str, t.Any], redact: t.Callable[[str], str]) -> t.Any:
    """Return the decoded body with temporary keys. ``url`` is the address of the service, and ``schema`` describes the body.

    Raise a ServiceError that states the cause and a hint if the service does not respond within three seconds, if it responds with an error or
    with another body, or if the server has no agency.
    """
    token = _open_session(url, transport, redact)
    response = _request_keys(url, transport, token)
    if response.status == 401 and token is None and _NO_AGENCY not in response.body.decode("utf-8", "replace").lower():
        response = _request_keys(url, transport, _open_session(url, transport, redact, is_required=True))
    _raise_error(url, response, redact)
    try:
        data = decode_json(response)
    except ValueError as problem:
        raise _fail(url, ProtocolError(f"the response is {problem}", status=response.status)) from None
    problems = describe_problems(schema, data)
    if problems:
        raise _fail(url, ProtocolError(f"the response does not match the documented schema: {problems}"))
    return data


def _open_session(
    url: str, transport: Transport, redact: t.Callable[[str], str], *, is_required: bool = False
) -> str | None:
    """Return a session token, or ``None`` if the server has no session tokens."""
    response = _send(url, transport, "PUT", _TOKEN_PATH, {"X-Metadata-Token-Ttl-Seconds": _TOKEN_LIFE})
    if response.status in _NO_SESSIONS and not is_required:
        return None
    _raise_error(url, response, redact)
    token = response.body.decode("utf-8", "replace").strip()
    if not _SESSION_TOKEN.fullmatch(token):
        raise _fail(url, ProtocolError("the session token contains characters that are invalid in an HTTP header"))
    return token


def _request_keys(url: str, transport: Transport, token: str | None) -> HttpResponse:
    return _send(url, transport, "GET", _KEYS_PATH, {"X-Metadata-Token": token} if token else {})


def _send(url: str, transport: Transport, method: str, path: str, headers: dict[str, str]) -> HttpResponse:
    headers = {"Host": host_header(url), "Accept": "*/*", **headers}
    try:
        return transport(HttpRequest(method, url + path, headers, None, _TIMEOUT))
    except TransportError as error:
        raise _fail(url, error) from None


def _raise_error(url: str, response: HttpResponse, redact: t.Callable[[str], str]) -> None:
    error = error_from_response(response, redact)
    if error is not None:
        no_agency = response.status == 404 or _NO_AGENCY in (error.service_message or "").lower()
        raise _fail(url, error, _HINT_NO_AGENCY if no_agency else _HINT)


def _fail(url: str, error: ServiceError, hint: str = _HINT) -> ServiceError:
    status = f" (HTTP {error.status})" if error.status else ""
    message = f"Failed to get temporary keys from the metadata service at {url}: {error.message}{status}"
    return error.replace(message=message, hint=hint)
