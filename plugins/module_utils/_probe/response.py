# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The response to one request of a probe, and what can be concluded from it."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import (
    error_in_success_body,
    looks_like_html,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse

Data = t.Dict[str, t.Any]

NO_RESPONSE = 0
# The identity is unknown or lacks permissions, the request took too long, or it was throttled.
_INCONCLUSIVE_STATUSES = (401, 403, 408, 429)
_OLD_CODES = ("ASM.01400001", "ASM.01404001", "ASM.01409001", "ASM.01500001")
_LONGEST_SUMMARY = 160


@dataclasses.dataclass(frozen=True)
class ProbeResponse:
    """A response. ``failure`` is the error that the HTTP client reports for it, whatever the status is.

    The status is 0 if no complete response arrived, or if check mode prevented the request. ``text`` then describes the reason.
    """

    status: int
    text: str = ""
    signed: bool = True
    failure: t.Optional[HuaweiCloudError] = None

    @property
    def accepted(self) -> bool:
        """Whether the service accepted the request."""
        return self._has_success_status and not self._is_foreign

    @property
    def outcome_unknown(self) -> bool:
        """Whether it is unknown if the service applied the request."""
        return not self.status or (self._has_success_status and self._is_foreign)

    @property
    def is_transient(self) -> bool:
        """Whether the next response to the same request is likely to differ."""
        return self.outcome_unknown or self.status in (408, 429) or self.status >= 500

    @property
    def is_inconclusive(self) -> bool:
        """Whether the response does not depend on what was requested, for example after throttling or in an outage."""
        return (
            self.status in _INCONCLUSIVE_STATUSES
            or self.outcome_unknown
            or self._is_from_intermediary
            or self.is_from_gateway
            or (self.status >= 500 and not self._is_asm_error)
        )

    @property
    def is_from_gateway(self) -> bool:
        """Whether the API gateway refused the request."""
        return self.code.upper().startswith("API")

    @property
    def json(self) -> t.Any:
        """The body, or None if it is empty or not JSON."""
        try:
            return json.loads(self.text)
        except (RecursionError, ValueError):
            return None

    @property
    def body(self) -> Data:
        """The body if it is an object, else an empty mapping."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def metadata(self) -> Data:
        """The metadata of the returned object, or an empty mapping."""
        found = self.body.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def error(self) -> Data:
        """The body of an error, also if it is in an array."""
        found = self.json[0] if isinstance(self.json, list) and self.json else self.json
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        """The error code of the service, or an empty text."""
        return str(self.error.get("errorCode") or self.error.get("error_code") or "")

    @property
    def message(self) -> str:
        """The error message of the service, or an empty text."""
        return str(self.error.get("errorMsg") or self.error.get("error_msg") or "")

    def entries(self, name: str) -> list[Data]:
        """Return the objects in the list ``name`` of the body."""
        found = self.body.get(name)
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def __str__(self) -> str:
        """Return the status and the reason of a refusal, for the report."""
        if self.status == NO_RESPONSE:
            return self.text or "no response"
        reason = "" if self.accepted else f"{self.code} {self.message}".strip() or self.text.strip()
        return f"{self.status} {reason}".strip()[:_LONGEST_SUMMARY]

    @property
    def _has_success_status(self) -> bool:
        return 200 <= self.status <= 299

    @property
    def _is_foreign(self) -> bool:
        """Whether a success contains an error or no JSON. A portal on the way to the service may have sent it."""
        unreadable = self.json is None and self.text.strip() not in ("", "null")
        return (
            self.failure is not None
            or unreadable
            or error_in_success_body(self._http_response, self.json, str) is not None
        )

    @property
    def _is_from_intermediary(self) -> bool:
        return 300 <= self.status <= 399 or looks_like_html(self._http_response)

    @property
    def _is_asm_error(self) -> bool:
        """Whether ASM itself responded with 500, as it may do for missing objects."""
        return self.status == 500 and self.code.startswith("ASM.")

    @property
    def _http_response(self) -> HttpResponse:
        return HttpResponse(self.status, {}, self.text.encode("utf-8", "replace"))


def name_refusal(response: ProbeResponse) -> str:
    """Return the status of a refusal, with a suffix if its code is of the older generation of ASM."""
    return f"{response.status}_old" if response.code in _OLD_CODES else str(response.status)


def is_same_refusal(one: ProbeResponse, other: ProbeResponse) -> bool:
    """Return whether status and code are equal. Messages can contain request IDs or times."""
    return (one.status, one.code) == (other.status, other.code)


def extract_words(response: ProbeResponse, *excluded: str) -> list[str]:
    """Return the words of a message without ``excluded``, and without words that contain digits and may change each time."""
    message = response.message
    for word in excluded:
        message = message.replace(word, " ")
    return [word for word in re.findall(r"[\w-]+", message) if word.isalpha()]
