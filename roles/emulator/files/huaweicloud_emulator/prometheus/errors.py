# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the HTTP API of Prometheus: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.errors.service_error import ServiceError

TYPES = {400: "bad_data", 404: "not_found", 422: "execution", 500: "internal", 503: "timeout"}


def query_error(status: int, message: str, error_type: str = "") -> ServiceError:
    return ServiceError("prometheus", status, error_type or TYPES.get(status, "internal"), message)


def invalid_parameter(name: str, reason: str) -> ServiceError:
    return query_error(400, f'invalid parameter "{name}": {reason}')


def parse_error(reason: str, position: int | None = None) -> ServiceError:
    place = "unknown position" if position is None else f"1:{position + 1}"
    return invalid_parameter("query", f"{place}: parse error: {reason}")


def for_status(status: int) -> ServiceError:
    """Return an error with this status, for an injected fault."""
    texts = {422: "query processing would load too many samples into memory in query execution"}
    return query_error(status, texts.get(status, "query timed out in expression evaluation"))


def unauthorized() -> ServiceError:
    return ServiceError("text", 401, "", "Unauthorized\n", {"WWW-Authenticate": "Basic"})


def page_not_found() -> ServiceError:
    return ServiceError("text", 404, "", "404 page not found\n")


def method_not_allowed() -> ServiceError:
    return ServiceError("text", 405, "", "Method Not Allowed\n", {"Allow": "GET, OPTIONS, POST"})


def build_body(error: ServiceError) -> dict[str, t.Any]:
    return {"status": "error", "errorType": error.code, "error": error.message}
