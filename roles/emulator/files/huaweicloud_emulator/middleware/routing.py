# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the operation. The gateway answers for what is not published."""

from __future__ import annotations

import urllib.parse

from huaweicloud_emulator.errors import gateway
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class RoutingMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        found = self.emulator.openapi.match(call.method, urllib.parse.unquote(call.path))
        if found is None:
            raise gateway.unknown_route()
        call.operation, call.path_values = found
        return await call_next(call)
