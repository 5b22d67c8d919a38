# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Errors of the Kubernetes API and of the routing of a Service.

ServiceError
+-- ClusterError    a request to the Kubernetes API failed
HuaweiCloudError
+-- TrafficError    the Istio objects do not allow the change, or a version has no ready pods
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, ServiceError

# The kinds of ClusterError.
UNREACHABLE, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = (
    "unreachable",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
)
INVALID, BAD_REQUEST, EXPIRED, RATE_LIMIT, SERVER_ERROR, PROTOCOL = (
    "invalid",
    "bad_request",
    "expired",
    "rate_limit",
    "server_error",
    "protocol",
)
# The API server may have applied a write request that failed with one of these.
_OUTCOME_UNKNOWN = (UNREACHABLE, SERVER_ERROR, PROTOCOL)
_TRANSIENT = (UNREACHABLE, RATE_LIMIT, SERVER_ERROR)


class ClusterError(ServiceError):
    """A request to the Kubernetes API failed.

    ``kind`` is one of the constants of this file. ``code`` is the ``reason`` of the Status object of Kubernetes, for example ``NotFound``.
    ``request_sent`` is false if it is certain that the API server did not receive the request. ``object_name`` is the object that the API
    server names in its error.
    """

    def __init__(
        self, message: str, kind: str, *, request_sent: bool = True, object_name: str | None = None, **facts: t.Any
    ) -> None:
        super().__init__(message, **facts)
        self.kind = kind
        self.request_sent = request_sent
        self.object_name = object_name

    @property
    def outcome_unknown(self) -> bool:
        return self.request_sent and self.kind in _OUTCOME_UNKNOWN

    @property
    def is_transient(self) -> bool:
        return self.kind in _TRANSIENT


class Finding(t.NamedTuple):
    """Something about an Istio object that prevents a change (``error``) or that the user should know (``warning``)."""

    severity: str
    object: str
    path: str
    message: str

    def __str__(self) -> str:
        location = f"{self.object}, {self.path}" if self.path else self.object
        return f"{location}: {self.message}" if location else self.message


class TrafficError(HuaweiCloudError):
    """The Istio objects do not allow the change, or a version has no ready pods. ``findings`` are the reasons."""

    kind = "traffic"

    def __init__(self, message: str, *, hint: str | None = None, findings: t.Sequence[Finding] = ()) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)
