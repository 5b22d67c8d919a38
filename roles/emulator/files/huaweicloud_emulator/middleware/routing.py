# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the operation of a request. The gateway rejects requests without one."""

from __future__ import annotations

import urllib.parse

from huaweicloud_emulator.errors import gateway
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class RoutingMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        match = self.emulator.openapi.match(request.method, urllib.parse.unquote(request.path))
        if match is None:
            raise gateway.unknown_route()
        request.operation, request.path_values = match
        return await call_next(request)
