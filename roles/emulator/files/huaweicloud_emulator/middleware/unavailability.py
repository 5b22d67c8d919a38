# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns refusals into answers, and what nobody expected into a 500 of the service."""

from __future__ import annotations

import logging

from huaweicloud_emulator.errors import Refusal, asm, iam, modelarts
from huaweicloud_emulator.errors.render import render
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware

log = logging.getLogger("huaweicloud_emulator")


class UnavailabilityMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            return await call_next(call)
        except Refusal as refusal:
            return render(refusal, call, self.emulator.behaviors)
        except Exception:
            log.exception("%s %s failed in the emulator", call.method, call.path)
            return render(broken(call.service), call, self.emulator.behaviors)


def broken(service: str) -> Refusal:
    """A service's own 500."""
    if service == "asm":
        return asm.refused(500)
    if service == "modelarts":
        return modelarts.refused(500, "0010", "Internal error.")
    return iam.refused(500, "An unexpected error prevented the server from fulfilling your request.")
