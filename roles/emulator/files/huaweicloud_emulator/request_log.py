# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was asked and answered, without secrets."""

from __future__ import annotations

import collections
import json
import re
import typing as t
import urllib.parse

from huaweicloud_emulator.messages import HttpRequest, HttpResponse

MASK = "********"
LIMIT = 100_000
SENSITIVE = re.compile(r"password|passcode|secret|token|signature|authorization|credential|private.?key", re.IGNORECASE)


class RequestLog:
    """The calls in the order of their arrival. Calls of the control plane are not in it."""

    def __init__(self) -> None:
        self._entries: collections.deque[dict[str, t.Any]] = collections.deque(maxlen=LIMIT)
        self._number = 0

    def open(self, call: HttpRequest, at: float, known: t.Iterable[str]) -> dict[str, t.Any]:
        """Begins the entry of a call; ``known`` are values to mask wherever they stand."""
        secrets = sorted(known, key=len, reverse=True)
        self._number += 1
        entry = {
            "n": self._number,
            "at": at,
            "method": call.method,
            "path": mask_text(urllib.parse.unquote(call.path), secrets),
            "query": mask(dict(urllib.parse.parse_qsl(call.query_string, keep_blank_values=True)), secrets),
            "operation": None,
            "status": None,
            "code": None,
            "request_id": call.request_id,
            "auth": call.auth_kind,
            "project_id": mask_text(call.headers.get("x-project-id", ""), secrets) or None,
            "content_type": call.headers.get("content-type"),
            "body": _body(call.body, secrets),
            "fault": None,
        }
        self._entries.append(entry)
        return entry

    def close(self, entry: dict[str, t.Any], call: HttpRequest, reply: HttpResponse, known: t.Iterable[str]) -> None:
        """Adds what came of it; ``known`` as above. A call whose connection was cut has no status."""
        entry["operation"] = call.operation.id if call.operation else None
        entry["status"] = reply.status if reply.cut in (None, "truncated") else None
        # A fault may be ordered to say anything.
        entry["code"] = mask(_code(reply), sorted(known, key=len, reverse=True))
        entry["fault"] = call.fault

    def entries(self) -> list[dict[str, t.Any]]:
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()
        self._number = 0


def _code(reply: HttpResponse) -> str | None:
    content = reply.content[0] if isinstance(reply.content, list) and reply.content else reply.content
    if reply.status < 400 or not isinstance(content, dict):
        return None
    return content.get("errorCode") or content.get("error_code")


def _body(body: bytes, secrets: t.Sequence[str]) -> t.Any:
    if not body:
        return None
    try:
        return mask(json.loads(body), secrets)
    except ValueError:
        return f"{len(body)} bytes that are not JSON"


def mask_text(text: str, secrets: t.Sequence[str]) -> str:
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, MASK)
    return text


def mask(value: t.Any, secrets: t.Sequence[str], sensitive: bool = False) -> t.Any:
    """The value with texts under sensitive names, and known secrets anywhere, replaced."""
    if isinstance(value, dict):
        below = sensitive and "id" in value
        return {
            mask_text(str(key), secrets): mask(entry, secrets, bool(SENSITIVE.search(str(key))) or below)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [mask(entry, secrets, sensitive) for entry in value]
    if sensitive and value is not None:
        return MASK
    return mask_text(value, secrets) if isinstance(value, str) else value
