# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the request with the OpenAPI document and refuses it in the words of its service."""

from __future__ import annotations

from huaweicloud_emulator.errors import Refusal, asm, iam, modelarts
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.openapi import Invalid


class ValidationMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            self._check_content_type(call)
            self.emulator.openapi.check(call)
        except Invalid as error:
            raise _refusal(call.operation.service, error) from None
        return await call_next(call)

    def _check_content_type(self, call: HttpRequest) -> None:
        """ASM's pages list the header as mandatory on every write, and on DeleteRelease."""
        if not call.operation.content_type_required or self.emulator.behaviors["content_type"] == "optional":
            return
        if not call.headers.get("content-type", "").strip().lower().startswith("application/json"):
            raise Invalid("header", "Content-Type: application/json is required")


def _refusal(service: str, error: Invalid) -> Refusal:
    if service == "asm":
        return asm.refused(400, error.message)
    if service == "iam":
        return iam.refused(400, error.message)
    return (
        modelarts.bad_parameter(error.message)
        if error.place in ("query", "path")
        else modelarts.bad_argument(error.message)
    )
