# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assign an ID to each request, and add the ID and the date of the emulator to the response."""

from __future__ import annotations

import email.utils

from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.state import new_id


class RequestIdMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        request.request_id = new_id()
        response = await call_next(request)
        response.headers.setdefault("X-Request-Id", request.request_id)
        response.headers.setdefault("Date", email.utils.formatdate(self.emulator.clock.now(), usegmt=True))
        if request.service == "iam":
            response.headers.setdefault("X-IAM-Trace-Id", request.request_id)
        return response
