# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The hint of a failed request, chosen by the error code and the text of the service.

Sources: "Error Codes" of the API request signing guide, of IAM and of ModelArts.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
)

_TOKEN_CODES = re.compile(r"(\.0307|IAM\.0066|IAM\.0067|ModelArts\.0202|ModelArts\.0203|ModelArts\.4127)$")
_NO_PROJECT_CODES = re.compile(r"ModelArts\.(0207|0212|4119)$")
_OTHER_PROJECT_CODE = "ModelArts.0210"
_INVALID_KEYS_CODE = "ModelArts.0206"
# Other services have no code of their own for it.
_OTHER_PROJECT_TEXT = re.compile(r"project.*\b(differ|mismatch|(not|n't) match|inconsistent)", re.IGNORECASE)
_WORKSPACES_DISABLED_CODE = "ModelArts.7002"
_TOKEN_TEXTS = re.compile(
    r"decrypt token fail|token expires|token must be updated|token is invalid|token has expired", re.IGNORECASE
)

_HINT_STALE_TOKEN = "The token has expired or belongs to another region or cloud: request a new one there."
_HINT_NO_PROJECT = "The token has no project: request one with the scope of a project (project_id or project_name)."
_HINT_INVALID_KEYS = "The access key and the secret key do not belong together, or the cloud does not know them: check both, and the endpoint."
_HINT_CREDENTIALS = "Check the credentials, and that they belong to this cloud and region."

# Hints by parts of the text of the service, in lower case.
_AUTH_HINTS: t.Sequence[tuple[tuple[str, ...], str]] = (
    (
        ("reach the limit",),
        "The access key is locked for five minutes after several failures in a row: correct the secret key, then wait.",
    ),
    (("signature expired",), "The clock of this machine is wrong, or the temporary keys have expired. {clocks}"),
    (
        ("aksk signature fail", "signature does not match"),
        "The secret key does not belong to the access key, or it contains a blank or a line break.",
    ),
    (
        ("not exist", "get secretkey failed"),
        "The cloud does not know the access key: check it, and that the endpoint belongs to the same cloud.",
    ),
    (
        ("could not find project",),
        "Check project_name and project_id, or region if neither is set: the user has no such project in this cloud.",
    ),
    (("token expires", "decrypt token fail", "token must be updated"), _HINT_STALE_TOKEN),
)

_HINTS: dict[type[ServiceError], str] = {
    RateLimitError: "Run fewer tasks at once, or increase max_retries or retry_max_delay.",
    ServerError: "Run the task again. If the error persists, give the request ID to the vendor's support.",
    ProtocolError: "The module ignored the response. Check that the endpoint is the service itself and not a proxy in front of it.",
    TransportError: "Run the task again. If the error persists, check the connection to the service: http or https, proxies, firewalls, timeouts.",
}


def is_token_rejected(error: ServiceError) -> bool:
    """Return whether the service rejected the token as expired or as one of another region, so that a new token may help."""
    if not isinstance(error, AuthError):
        return False
    return bool(_TOKEN_CODES.search(error.code or "") or _TOKEN_TEXTS.search(error.service_message or ""))


def is_signature_expired(error: ServiceError) -> bool:
    """Return whether the service rejected temporary keys that have expired. The text is the same if a clock is wrong."""
    return isinstance(error, AuthError) and "signature expired" in (error.service_message or "").casefold()


def find_hint(error: ServiceError, *, permission: str | None, target: str, clocks: str, origin: str = "") -> str | None:
    """Return what the user can do next, or ``None``.

    ``permission`` is the IAM action that the operation needs, ``target`` a sentence with the project and the endpoint, ``clocks`` one with the
    local time and the time of the server, and ``origin`` one with the source of the credentials.
    """
    if error.hint:
        return error.hint
    if isinstance(error, AuthError):
        return f"{_auth_hint(error, clocks)} {origin}".rstrip()
    if isinstance(error, ForbiddenError):
        return _permission_hint(error, permission, target)
    if error.code == _WORKSPACES_DISABLED_CODE:
        return f"Workspaces are not enabled for this account: ask the vendor to enable them. {target}"
    if isinstance(error, NotFoundError):
        return f"Check the name or ID, and that it belongs to this project. {target}"
    if error.status == 404 or (error.is_from_gateway and error.status == 400):
        return f"The URL does not belong to the service: check region and the endpoint options. {target}"
    return next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), None)


def _permission_hint(error: ServiceError, permission: str | None, target: str) -> str:
    if (error.code or "").endswith(".0402"):
        return f"The IP address of this request is not allowed. {target}"
    if error.code == _OTHER_PROJECT_CODE or _OTHER_PROJECT_TEXT.search(error.service_message or ""):
        return (
            f"The credentials are for another project: correct project_id, or use credentials of that project. {target}"
        )
    noun = "actions" if " and " in (permission or "") else "action"
    return f"Grant the identity the IAM {noun} {permission}. {target}" if permission else target


def _auth_hint(error: ServiceError, clocks: str) -> str:
    text = (error.service_message or "").casefold()
    for words, hint in _AUTH_HINTS:
        if any(word in text for word in words):
            return hint.replace("{clocks}", clocks)
    if _NO_PROJECT_CODES.search(error.code or ""):
        return _HINT_NO_PROJECT
    if is_token_rejected(error):
        return _HINT_STALE_TOKEN
    return _HINT_INVALID_KEYS if error.code == _INVALID_KEYS_CODE else _HINT_CREDENTIALS
