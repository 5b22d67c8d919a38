# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Save the state after each request, including reads, because reads advance resources."""

from __future__ import annotations

from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class PersistenceMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            return await call_next(request)
        finally:
            self.emulator.save()
