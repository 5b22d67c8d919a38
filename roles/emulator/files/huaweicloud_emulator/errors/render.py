# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns a refusal into the body its service would send."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors.iam import TITLES
from huaweicloud_emulator.errors.refusal import Refusal
from huaweicloud_emulator.messages import HttpRequest, HttpResponse


def _gateway(refusal: Refusal, call: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    code = f"{behaviors['gateway_prefix']}.{refusal.code}"
    return HttpResponse(
        refusal.status, {"error_msg": refusal.message, "error_code": code, "request_id": call.request_id}
    )


def _asm(refusal: Refusal, call: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    shape = behaviors["asm_error_body"]
    if shape == "snake_case":
        return HttpResponse(refusal.status, {"error_code": refusal.code, "error_msg": refusal.message})
    body: dict[str, t.Any] = {"errorCode": refusal.code}
    if shape != "code_only":
        body["errorMsg"] = refusal.message
    # The page of the workshop list documents an array of errors for its 500.
    listing = refusal.status == 500 and call.operation is not None and call.operation.id == "GetWorkshops"
    return HttpResponse(refusal.status, [body] if shape == "array" or listing else body)


def _modelarts(refusal: Refusal, call: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    shape = behaviors["modelarts_error_body"]
    if shape == "empty":
        return HttpResponse(refusal.status)
    if shape == "plain":
        return HttpResponse(refusal.status, raw=refusal.message.encode(), media_type="text/plain")
    body = {"error_code": refusal.code, "error_msg": refusal.message}
    return HttpResponse(refusal.status, dict(body, request_id=call.request_id) if shape == "with_request_id" else body)


def _iam(refusal: Refusal, call: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    title = TITLES.get(refusal.status, "Error")
    return HttpResponse(refusal.status, {"error": {"code": refusal.status, "message": refusal.message, "title": title}})


SHAPES: dict[str, t.Callable[[Refusal, HttpRequest, Behaviors], HttpResponse]] = {
    "gateway": _gateway,
    "asm": _asm,
    "modelarts": _modelarts,
    "iam": _iam,
}


def render(refusal: Refusal, call: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    reply = SHAPES[refusal.shape](refusal, call, behaviors)
    reply.headers.update(refusal.headers)
    return reply
