# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base class of all middleware."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.messages import HttpRequest, HttpResponse

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

CallNext = t.Callable[[HttpRequest], t.Awaitable[HttpResponse]]


class Middleware:
    def __init__(self, emulator: EmulatorState) -> None:
        self.emulator = emulator

    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        """Return a response, or the response of ``call_next``."""
        return await call_next(request)
