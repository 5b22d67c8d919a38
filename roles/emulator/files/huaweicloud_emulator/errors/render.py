# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert errors to the responses of their services."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.cluster.errors import build_status
from huaweicloud_emulator.errors.iam import TITLES
from huaweicloud_emulator.errors.service_error import ServiceError
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.prometheus import errors as prometheus_errors


def _gateway(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    code = f"{behaviors['gateway_prefix']}.{error.code}"
    return HttpResponse(
        error.status, {"error_msg": error.message, "error_code": code, "request_id": request.request_id}
    )


def _asm(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    shape = behaviors["asm_error_body"]
    if shape == "snake_case":
        return HttpResponse(error.status, {"error_code": error.code, "error_msg": error.message})
    body: dict[str, t.Any] = {"errorCode": error.code}
    if shape != "code_only":
        body["errorMsg"] = error.message
    # The API reference of the workshop list documents an array of errors for the status 500.
    listing = error.status == 500 and request.operation is not None and request.operation.id == "GetWorkshops"
    return HttpResponse(error.status, [body] if shape == "array" or listing else body)


def _modelarts(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    shape = behaviors["modelarts_error_body"]
    if shape == "empty":
        return HttpResponse(error.status)
    if shape == "plain":
        return HttpResponse(error.status, raw=error.message.encode(), media_type="text/plain")
    body = {"error_code": error.code, "error_msg": error.message}
    return HttpResponse(error.status, dict(body, request_id=request.request_id) if shape == "with_request_id" else body)


def _iam(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    title = TITLES.get(error.status, "Error")
    return HttpResponse(error.status, {"error": {"code": error.status, "message": error.message, "title": title}})


def _kubernetes(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    return HttpResponse(error.status, build_status(error))


def _prometheus(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    return HttpResponse(error.status, prometheus_errors.build_body(error))


def _text(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    return HttpResponse(error.status, raw=error.message.encode(), media_type="text/plain; charset=utf-8")


SHAPES: dict[str, t.Callable[[ServiceError, HttpRequest, Behaviors], HttpResponse]] = {
    "gateway": _gateway,
    "asm": _asm,
    "modelarts": _modelarts,
    "iam": _iam,
    "kubernetes": _kubernetes,
    "prometheus": _prometheus,
    "text": _text,
}


def render(error: ServiceError, request: HttpRequest, behaviors: Behaviors) -> HttpResponse:
    response = SHAPES[error.shape](error, request, behaviors)
    response.headers.update(error.headers)
    return response
