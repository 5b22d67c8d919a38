# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply the behavior ``rate_limit`` with a token bucket of one second for each caller."""

from __future__ import annotations

from huaweicloud_emulator.errors import gateway
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class ThrottlingMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        limit = self.emulator.behaviors["rate_limit"]
        if limit and not self._take(_caller(request), limit):
            raise gateway.throttled(limit, self.emulator.behaviors["retry_after"])
        return await call_next(request)

    def _take(self, caller: str, limit: float) -> bool:
        """Take a token from the bucket of the caller and return whether there was one."""
        now = self.emulator.clock.now()
        room = max(limit, 1.0)
        level, last = self.emulator.rate_limit_buckets.get(caller, (room, now))
        level = min(room, level + (now - last) * limit)
        self.emulator.rate_limit_buckets[caller] = (max(level - 1, 0.0) if level >= 1 else level, now)
        return level >= 1


def _caller(request: HttpRequest) -> str:
    if request.auth_method == "signature":
        return request.headers["authorization"].partition(",")[0]
    return request.headers.get("x-auth-token", "")
