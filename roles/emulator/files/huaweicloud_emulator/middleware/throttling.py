# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The behavior ``rate_limit``: a bucket of one second for each caller."""

from __future__ import annotations

from huaweicloud_emulator.errors import gateway
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class ThrottlingMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        limit = self.emulator.behaviors["rate_limit"]
        if limit and not self._take(_caller(call), limit):
            raise gateway.throttled(limit, self.emulator.behaviors["retry_after"])
        return await call_next(call)

    def _take(self, caller: str, limit: float) -> bool:
        """Whether the caller's bucket, which refills with time, has one left."""
        now = self.emulator.clock.now()
        room = max(limit, 1.0)
        level, last = self.emulator.buckets.get(caller, (room, now))
        level = min(room, level + (now - last) * limit)
        self.emulator.buckets[caller] = (max(level - 1, 0.0) if level >= 1 else level, now)
        return level >= 1


def _caller(call: HttpRequest) -> str:
    if call.auth_kind == "signature":
        return call.headers["authorization"].partition(",")[0]
    return call.headers.get("x-auth-token", "")
