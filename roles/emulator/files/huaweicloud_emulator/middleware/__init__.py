# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Middleware: each one calls the next one, and the last one calls the handler of the operation."""

from __future__ import annotations

import functools
import typing as t

from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.authentication import AuthenticationMiddleware
from huaweicloud_emulator.middleware.base import Middleware
from huaweicloud_emulator.middleware.delay import DelayMiddleware
from huaweicloud_emulator.middleware.error_handling import ErrorHandlingMiddleware
from huaweicloud_emulator.middleware.faults import FaultMiddleware
from huaweicloud_emulator.middleware.permission import PermissionMiddleware
from huaweicloud_emulator.middleware.persistence import PersistenceMiddleware
from huaweicloud_emulator.middleware.request_id import RequestIdMiddleware
from huaweicloud_emulator.middleware.request_log import RequestLogMiddleware
from huaweicloud_emulator.middleware.routing import RoutingMiddleware
from huaweicloud_emulator.middleware.throttling import ThrottlingMiddleware
from huaweicloud_emulator.middleware.validation import ValidationMiddleware

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

CallNext = t.Callable[[HttpRequest], t.Awaitable[HttpResponse]]
Handler = t.Callable[["EmulatorState", HttpRequest], HttpResponse]

MIDDLEWARE = (
    RequestIdMiddleware,
    RequestLogMiddleware,
    ErrorHandlingMiddleware,
    FaultMiddleware,
    DelayMiddleware,
    RoutingMiddleware,
    ThrottlingMiddleware,
    AuthenticationMiddleware,
    PermissionMiddleware,
    ValidationMiddleware,
    PersistenceMiddleware,
)


# APIs that are not behind the gateway of the cloud find their operations and check credentials themselves.
BACKEND_MIDDLEWARE = (
    RequestIdMiddleware,
    RequestLogMiddleware,
    ErrorHandlingMiddleware,
    FaultMiddleware,
    DelayMiddleware,
    PersistenceMiddleware,
)


def build_handler(emulator: EmulatorState, handlers: t.Mapping[str, Handler]) -> CallNext:
    """Return a function that passes a request through all middleware to its handler."""

    def handle(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
        return handlers[request.operation.id](emulator, request)

    return _chain(emulator, MIDDLEWARE, handle)


def build_backend(emulator: EmulatorState, handler: Handler) -> CallNext:
    """Return a function that passes a request to an API beside the cloud, such as the Kubernetes API."""
    return _chain(emulator, BACKEND_MIDDLEWARE, handler)


def _chain(emulator: EmulatorState, chain: t.Sequence[type[Middleware]], handler: Handler) -> CallNext:
    async def handle(request: HttpRequest) -> HttpResponse:
        return handler(emulator, request)

    call_next: CallNext = handle
    for middleware in reversed(chain):
        call_next = functools.partial(middleware(emulator).__call__, call_next=call_next)
    return call_next
