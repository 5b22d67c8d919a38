# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets a call meet the fault that was ordered for it."""

from __future__ import annotations

import asyncio
import typing as t

from huaweicloud_emulator.errors import Refusal, asm
from huaweicloud_emulator.errors.render import render
from huaweicloud_emulator.faults import Fault
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.middleware.base import CallNext, Middleware
from huaweicloud_emulator.middleware.unavailability import broken

HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
GARBAGE = '{"items": [{"workshop": {"metadata'


class FaultMiddleware(Middleware):
    async def __call__(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        fault = self.emulator.faults.take(call)
        if fault is None:
            return await call_next(call)
        call.fault = fault.kind
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return await call_next(call)
        done = await self._apply(call, call_next) if fault.apply_first else None
        return self._spoil(fault, call, done)

    async def _apply(self, call: HttpRequest, call_next: CallNext) -> HttpResponse:
        try:
            return await call_next(call)
        except Refusal as refusal:
            return render(refusal, call, self.emulator.behaviors)

    def _spoil(self, fault: Fault, call: HttpRequest, done: HttpResponse | None) -> HttpResponse:
        if fault.kind == "status":
            return self._status(fault, call)
        if fault.kind in ("reset", "response_dropped"):
            return HttpResponse(cut="reset")
        if fault.kind == "stall":
            return HttpResponse(cut="stall", seconds=fault.seconds)
        if fault.kind == "truncated":
            return _truncated(fault, done)
        return _disguised(fault)

    def _status(self, fault: Fault, call: HttpRequest) -> HttpResponse:
        status = fault.status or 500
        if fault.body is None:
            found = self.emulator.openapi.match(call.method, call.path)
            call.operation = found[0] if found else None
            reply = render(self._refusal(status, call.service), call, self.emulator.behaviors)
        else:
            reply = _with_body(HttpResponse(status), fault.body)
        reply.headers.update(fault.headers)
        return reply

    @staticmethod
    def _refusal(status: int, service: str) -> Refusal:
        """What that service says with that status."""
        if status in (429, 502, 503, 504):
            return Refusal(
                "gateway", status, "0308" if status == 429 else "0201", f"The fault of status {status} was ordered"
            )
        if service == "asm" and status in asm.CODES:
            return asm.refused(status)
        model = broken(service)
        codes = {401: "ModelArts.0203", 403: "ModelArts.0112", 400: "ModelArts.0101"}
        code = codes.get(status, model.code) if service == "modelarts" else model.code
        return Refusal(model.shape, status, code, f"The fault of status {status} was ordered")


def _with_body(reply: HttpResponse, body: t.Any) -> HttpResponse:
    """A text goes out as it is, everything else as JSON."""
    if isinstance(body, str):
        reply.raw = body.encode()
    else:
        reply.content = body
    return reply


def _truncated(fault: Fault, done: HttpResponse | None) -> HttpResponse:
    reply = (
        _with_body(HttpResponse(fault.status or 200), fault.body) if done is None or fault.body is not None else done
    )
    if len(reply.body()) < 2:
        reply.raw = b"{ }"
    reply.cut = "truncated"
    return reply


def _disguised(fault: Fault) -> HttpResponse:
    """A complete answer that is not the one the service would give."""
    defaults: dict[str, tuple[int, t.Any, str, dict[str, str]]] = {
        "invalid_json": (200, GARBAGE, "application/json", {}),
        "html": (502, HTML, "text/html", {}),
        "redirect": (302, "", "text/html", {"Location": "https://redirect.invalid/"}),
        "schema_mismatch": (200, {"unexpected": True}, "application/json", {}),
    }
    status, body, media_type, headers = defaults[fault.kind]
    reply = _with_body(HttpResponse(fault.status or status), body if fault.body is None else fault.body)
    reply.media_type = media_type
    reply.headers.update(headers, **fault.headers)
    return reply
