# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Add requests to the request log."""

from __future__ import annotations

from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class RequestLogMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        emulator = self.emulator
        entry = emulator.request_log.open(request, emulator.clock.now(), emulator.list_secrets())
        response = await call_next(request)
        emulator.request_log.close(entry, request, response, emulator.list_secrets())
        return response
