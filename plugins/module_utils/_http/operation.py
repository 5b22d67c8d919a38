# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The description of one API operation, and the result of calling it."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import Schema
from ansible_collections.community.huaweicloud.plugins.module_utils._values import encode_json

RETRYABLE_STATUSES = (500, 502, 503, 504)
_IDEMPOTENT_METHODS = ("GET", "PUT", "DELETE")

Query = t.Sequence[tuple[str, str]]


class Operation(t.NamedTuple):
    """One operation of a service as its API reference documents it.

    ``action`` completes the sentence "Failed to ...". ``permission`` is the IAM action that the operation needs. ``schema`` describes the body of
    a successful response; without a schema, the body may be empty or any JSON object of the service.
    """

    action: str
    method: str
    service: str
    segments: tuple[str, ...]
    query: Query = ()
    body: t.Any = None
    permission: t.Optional[str] = None
    schema: t.Optional[Schema] = None
    # Whether the request is sent for a project (X-Project-Id), and whether it is sent with credentials.
    in_project: bool = True
    authenticated: bool = True
    # Some services respond with 500 if a resource does not exist. Do not resend a DELETE in this case.
    retry_statuses: tuple[int, ...] = RETRYABLE_STATUSES
    # A POST that changes nothing can be resent like a GET.
    safe: bool = False
    # The caller wants the response itself. Resend only throttled requests and GET requests without a response, but never a POST.
    raw: bool = False
    # ASM requires the header on every write. Callers can omit it to test the behavior without it.
    with_content_type: bool = True

    @property
    def is_idempotent(self) -> bool:
        """Whether sending the request twice has the same effect as sending it once."""
        return self.safe or self.method in _IDEMPOTENT_METHODS

    def encode_body(self) -> bytes | None:
        """Return the body as JSON. Raise OptionError if JSON cannot represent it."""
        if self.body is None:
            return None
        try:
            return encode_json(self.body)
        except ValueError as problem:
            raise OptionError(f"Failed to {self.action}: the body {problem}") from None


class ApiResponse(t.NamedTuple):
    """The decoded body of a success (``None`` without a schema), its headers with names in lower case, and the request ID."""

    data: t.Any
    headers: t.Mapping[str, str]
    request_id: t.Optional[str]
