# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return service errors as responses, and unexpected errors with the status 500 of the service."""

from __future__ import annotations

import logging

from huaweicloud_emulator.cluster import errors as cluster_errors
from huaweicloud_emulator.errors import ServiceError, asm, iam, modelarts
from huaweicloud_emulator.errors.render import render
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.prometheus import errors as prometheus_errors

log = logging.getLogger("huaweicloud_emulator")


class ErrorHandlingMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            return await call_next(request)
        except ServiceError as error:
            return render(error, request, self.emulator.behaviors)
        except Exception:
            log.exception("%s %s failed in the emulator", request.method, request.path)
            return render(internal_error(request.service), request, self.emulator.behaviors)


def internal_error(service: str) -> ServiceError:
    """Return the internal error of a service."""
    if service == "kubernetes":
        return cluster_errors.StatusError(500, "Internal error occurred", details={})
    if service == "prometheus":
        return prometheus_errors.query_error(500, "internal error")
    if service == "asm":
        return asm.service_error(500)
    if service == "modelarts":
        return modelarts.service_error(500, "0010", "Internal error.")
    return iam.service_error(500, "An unexpected error prevented the server from fulfilling your request.")
