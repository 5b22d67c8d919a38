# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply the fault that the control plane has set for a request."""

from __future__ import annotations

import asyncio
import typing as t

from huaweicloud_emulator.cluster import errors as cluster_errors
from huaweicloud_emulator.errors import ServiceError, asm
from huaweicloud_emulator.errors.render import render
from huaweicloud_emulator.faults import Fault
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.middleware.error_handling import internal_error
from huaweicloud_emulator.prometheus import errors as prometheus_errors

HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
INVALID_JSON = '{"items": [{"workshop": {"metadata'


class FaultMiddleware(Middleware):
    async def __call__(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        fault = self.emulator.faults.take(request)
        if fault is None:
            return await call_next(request)
        request.fault = fault.kind
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return await call_next(request)
        applied = await self._call_service(request, call_next) if fault.apply_first else None
        return self._apply_fault(fault, request, applied)

    async def _call_service(self, request: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            return await call_next(request)
        except ServiceError as error:
            return render(error, request, self.emulator.behaviors)

    def _apply_fault(self, fault: Fault, request: HttpRequest, applied: HttpResponse | None) -> HttpResponse:
        if fault.kind == "status":
            return self._respond_with_status(fault, request)
        if fault.kind in ("reset", "response_dropped"):
            return HttpResponse(cut="reset")
        if fault.kind == "stall":
            return HttpResponse(cut="stall", seconds=fault.seconds)
        if fault.kind == "truncated":
            return _truncate(fault, applied)
        return _replace(fault)

    def _respond_with_status(self, fault: Fault, request: HttpRequest) -> HttpResponse:
        status = fault.status or 500
        if fault.body is None:
            match = self.emulator.openapi.match(request.method, request.path)
            request.operation = match[0] if match else None
            response = render(self._error_for_status(status, request.service), request, self.emulator.behaviors)
        else:
            response = _set_body(HttpResponse(status), fault.body)
        response.headers.update(fault.headers)
        return response

    @staticmethod
    def _error_for_status(status: int, service: str) -> ServiceError:
        """Return the error that the service returns with this status."""
        if service == "kubernetes":
            return cluster_errors.for_status(status)
        if service == "prometheus":
            return prometheus_errors.for_status(status)
        if status in (429, 502, 503, 504):
            return ServiceError(
                "gateway", status, "0308" if status == 429 else "0201", f"The status {status} is an injected fault."
            )
        if service == "asm" and status in asm.CODES:
            return asm.service_error(status)
        model = internal_error(service)
        codes = {401: "ModelArts.0203", 403: "ModelArts.0112", 400: "ModelArts.0101"}
        code = codes.get(status, model.code) if service == "modelarts" else model.code
        return ServiceError(model.shape, status, code, f"The status {status} is an injected fault.")


def _set_body(response: HttpResponse, body: t.Any) -> HttpResponse:
    """Set the body: a string unchanged, other values as JSON."""
    if isinstance(body, str):
        response.raw = body.encode()
    else:
        response.content = body
    return response


def _truncate(fault: Fault, applied: HttpResponse | None) -> HttpResponse:
    response = (
        _set_body(HttpResponse(fault.status or 200), fault.body)
        if applied is None or fault.body is not None
        else applied
    )
    if len(response.body()) < 2:
        response.raw = b"{ }"
    response.cut = "truncated"
    return response


def _replace(fault: Fault) -> HttpResponse:
    """Return a complete response that differs from that of the service."""
    defaults: dict[str, tuple[int, t.Any, str, dict[str, str]]] = {
        "invalid_json": (200, INVALID_JSON, "application/json", {}),
        "html": (502, HTML, "text/html", {}),
        "redirect": (302, "", "text/html", {"Location": "https://redirect.invalid/"}),
        "schema_mismatch": (200, {"unexpected": True}, "application/json", {}),
    }
    status, body, media_type, headers = defaults[fault.kind]
    response = _set_body(HttpResponse(fault.status or status), body if fault.body is None else fault.body)
    response.media_type = media_type
    response.headers.update(headers, **fault.headers)
    return response
