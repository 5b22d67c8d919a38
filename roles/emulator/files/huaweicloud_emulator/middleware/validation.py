# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validate requests against the OpenAPI document, and reject them with errors of their service."""

from __future__ import annotations

from huaweicloud_emulator.errors import ServiceError, asm, iam, modelarts
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.openapi import InvalidRequest


class ValidationMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            self._check_content_type(request)
            self.emulator.openapi.validate_request(request)
        except InvalidRequest as error:
            raise _to_service_error(request.operation.service, error) from None
        return await call_next(request)

    def _check_content_type(self, request: HttpRequest) -> None:
        """Check the Content-Type, which the API reference of ASM requires for writes, including DeleteRelease."""
        if not request.operation.content_type_required or self.emulator.behaviors["content_type"] == "optional":
            return
        if not request.headers.get("content-type", "").strip().lower().startswith("application/json"):
            raise InvalidRequest("header", "Content-Type: application/json is required")


def _to_service_error(service: str, error: InvalidRequest) -> ServiceError:
    if service == "asm":
        return asm.service_error(400, error.message)
    if service == "iam":
        return iam.service_error(400, error.message)
    return (
        modelarts.bad_parameter(error.message)
        if error.location in ("query", "path")
        else modelarts.bad_argument(error.message)
    )
