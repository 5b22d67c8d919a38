# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the caller may do it. Users can be seeded with actions they may not."""

from __future__ import annotations

import fnmatch

from huaweicloud_emulator.errors import Refusal, asm, gateway, iam, modelarts
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class PermissionMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        if call.identity is not None and call.operation.action:
            user = self.emulator.stores.users.records[call.identity.user_id]
            if any(fnmatch.fnmatchcase(call.operation.action, pattern) for pattern in user["denied"]):
                raise self._forbidden(call.operation.service, call.operation.action)
        return await call_next(call)

    def _forbidden(self, service: str, action: str) -> Refusal:
        if self.emulator.behaviors["forbidden_by"] == "gateway":
            return gateway.not_allowed(action)
        text = f"Policy doesn't allow {action} to be performed."
        if service == "asm":
            return asm.refused(403, text)
        return modelarts.refused(403, "0112", text) if service == "modelarts" else iam.refused(403, text)
