# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check permissions. A seed can deny IAM actions to users."""

from __future__ import annotations

import fnmatch

from huaweicloud_emulator.errors import ServiceError, asm, gateway, iam, modelarts
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware


class PermissionMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        if request.identity is not None and request.operation.action:
            user = self.emulator.stores.users.records[request.identity.user_id]
            if any(fnmatch.fnmatchcase(request.operation.action, pattern) for pattern in user["denied"]):
                raise self._forbidden(request.operation.service, request.operation.action)
        return await call_next(request)

    def _forbidden(self, service: str, action: str) -> ServiceError:
        if self.emulator.behaviors["forbidden_by"] == "gateway":
            return gateway.not_allowed(action)
        text = f"Policy doesn't allow {action} to be performed."
        if service == "asm":
            return asm.service_error(403, text)
        return modelarts.service_error(403, "0112", text) if service == "modelarts" else iam.service_error(403, text)
