# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives every request an id and every answer that id and the emulator's date."""

from __future__ import annotations

import email.utils

from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.state import new_id


class RequestIdMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        call.request_id = new_id()
        reply = await call_next(call)
        reply.headers.setdefault("X-Request-Id", call.request_id)
        reply.headers.setdefault("Date", email.utils.formatdate(self.emulator.clock.now(), usegmt=True))
        if call.service == "iam":
            reply.headers.setdefault("X-IAM-Trace-Id", call.request_id)
        return reply
