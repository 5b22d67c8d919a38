# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log of requests and responses, without secrets."""

from __future__ import annotations

import collections
import json
import re
import typing as t
import urllib.parse

from huaweicloud_emulator.messages import HttpRequest, HttpResponse

MASK = "********"
MAX_ENTRIES = 100_000
SENSITIVE = re.compile(r"password|passcode|secret|token|signature|authorization|credential|private.?key", re.IGNORECASE)


class RequestLog:
    """The requests in the order of their arrival, without those to the control plane."""

    def __init__(self) -> None:
        self._entries: collections.deque[dict[str, t.Any]] = collections.deque(maxlen=MAX_ENTRIES)
        self._number = 0

    def open(self, request: HttpRequest, received_at: float, secrets: t.Iterable[str]) -> dict[str, t.Any]:
        """Add the entry of a request. ``secrets`` are values to mask wherever they occur."""
        masked = sorted(secrets, key=len, reverse=True)
        self._number += 1
        entry = {
            "number": self._number,
            "time": received_at,
            "method": request.method,
            "path": mask_text(urllib.parse.unquote(request.path), masked),
            "query": mask(dict(urllib.parse.parse_qsl(request.query_string, keep_blank_values=True)), masked),
            "operation": None,
            "status": None,
            "error_code": None,
            "request_id": request.request_id,
            "auth_method": request.auth_method,
            "project_id": mask_text(request.headers.get("x-project-id", ""), masked) or None,
            "content_type": request.headers.get("content-type"),
            "body": _mask_body(request.body, masked),
            "fault": None,
        }
        self._entries.append(entry)
        return entry

    def close(
        self, entry: dict[str, t.Any], request: HttpRequest, response: HttpResponse, secrets: t.Iterable[str]
    ) -> None:
        """Add the outcome to an entry. A request whose connection was cut has no status."""
        entry["operation"] = request.operation.id if request.operation else None
        entry["status"] = response.status if response.cut in (None, "truncated") else None
        # The body of a fault can contain anything.
        entry["error_code"] = mask(_find_error_code(response), sorted(secrets, key=len, reverse=True))
        entry["fault"] = request.fault

    def entries(self) -> list[dict[str, t.Any]]:
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()
        self._number = 0


def _find_error_code(response: HttpResponse) -> str | None:
    content = response.content[0] if isinstance(response.content, list) and response.content else response.content
    if response.status < 400 or not isinstance(content, dict):
        return None
    return content.get("errorCode") or content.get("error_code") or content.get("reason") or content.get("errorType")


def _mask_body(body: bytes, masked: t.Sequence[str]) -> t.Any:
    if not body:
        return None
    try:
        return mask(json.loads(body), masked)
    except ValueError:
        return f"{len(body)} bytes that are not JSON"


def mask_text(text: str, masked: t.Sequence[str]) -> str:
    for secret in masked:
        if secret in text:
            text = text.replace(secret, MASK)
    return text


def mask(value: t.Any, masked: t.Sequence[str], sensitive: bool = False) -> t.Any:
    """Return a copy in which secrets and the values of sensitive keys are masked."""
    if isinstance(value, dict):
        below = sensitive and "id" in value
        return {
            mask_text(str(key), masked): mask(entry, masked, bool(SENSITIVE.search(str(key))) or below)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [mask(entry, masked, sensitive) for entry in value]
    if sensitive and value is not None:
        return MASK
    return mask_text(value, masked) if isinstance(value, str) else value
