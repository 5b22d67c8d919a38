# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The failures of requests to Prometheus."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError

UNREACHABLE = "unreachable"
QUERY_REJECTED = "query_rejected"
QUERY_FAILED = "query_failed"
UNAVAILABLE = "unavailable"
SERVER_ERROR = "server_error"
UNAUTHORIZED = "unauthorized"
THROTTLED = "throttled"
NOT_PROMETHEUS = "not_prometheus"

# What a later request cannot change, because the query, the URL or the credentials are wrong.
_PERMANENT = (QUERY_REJECTED, QUERY_FAILED, UNAUTHORIZED, NOT_PROMETHEUS)


class PrometheusError(ServiceError):
    """A request to Prometheus that failed.

    ``reason`` is one of the constants of this file, and also the ``kind`` of the error. ``code`` is the error type of Prometheus, for example
    ``bad_data``. ``retryable`` is false for a connection that fails in the same way again, for example because of a certificate.
    """

    def __init__(self, message: str, *, reason: str, retryable: bool = True, **facts: t.Any) -> None:
        super().__init__(message, **facts)
        self.kind = self.reason = reason
        self.retryable = retryable

    @property
    def is_transient(self) -> bool:
        return self.retryable and self.reason not in _PERMANENT
