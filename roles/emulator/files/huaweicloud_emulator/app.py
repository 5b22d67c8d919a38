# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ASGI application: the services behind their middleware, the OpenAPI document, and the control plane."""

from __future__ import annotations

import asyncio
import contextlib
import typing as t

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from huaweicloud_emulator import middleware
from huaweicloud_emulator.cluster import routes as cluster
from huaweicloud_emulator.connections import Connections
from huaweicloud_emulator.control import routes as control_routes
from huaweicloud_emulator.errors import gateway
from huaweicloud_emulator.errors.render import render
from huaweicloud_emulator.iam import routes as iam
from huaweicloud_emulator.meshes import routes as meshes
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.prometheus import routes as prometheus
from huaweicloud_emulator.releases import routes as releases
from huaweicloud_emulator.state import EmulatorState
from huaweicloud_emulator.workshops import routes as workshops
from huaweicloud_emulator.workspaces import routes as workspaces

HANDLERS: dict[str, middleware.Handler] = {
    **iam.HANDLERS,
    **meshes.HANDLERS,
    **workshops.HANDLERS,
    **releases.HANDLERS,
    **workspaces.HANDLERS,
}
BACKENDS: dict[str, middleware.Handler] = {"kubernetes": cluster.handle, "prometheus": prometheus.handle}
BODY_LIMIT = 12 * 1024 * 1024


class Gateway:
    """The services: passes each request through the middleware, and sends or cuts the response."""

    def __init__(self, emulator: EmulatorState, connections: Connections) -> None:
        self._state = emulator
        self._connections = connections
        self._handle_cloud = middleware.build_handler(emulator, HANDLERS)
        self._backends = {service: middleware.build_backend(emulator, handle) for service, handle in BACKENDS.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read_request(scope, receive)
        if len(request.body) > BODY_LIMIT:
            too_large = gateway.bad_request("The request body exceeds 12 MB")
            too_large.status = 413
            reply = render(too_large, request, self._state.behaviors)
        else:
            reply = await self._backends.get(request.service, self._handle_cloud)(request)
        if reply.cut is None:
            await _to_starlette(reply)(scope, receive, send)
        else:
            await self._cut_connection(reply, scope, receive, send)

    async def _cut_connection(self, reply: HttpResponse, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut the connection as the fault defines it."""
        if reply.cut == "truncated":
            response = _to_starlette(reply)
            await send({"type": "http.response.start", "status": reply.status, "headers": response.raw_headers})
            await send(
                {"type": "http.response.body", "body": response.body[: len(response.body) // 2], "more_body": True}
            )
            self._connections.close(scope)
            return
        if reply.cut == "stall":
            await _wait_for_disconnect(receive, reply.seconds)
        self._connections.reset(scope)


async def _read_request(scope: Scope, receive: Receive) -> HttpRequest:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False) and len(body) <= BODY_LIMIT
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return HttpRequest(
        method=scope["method"],
        path=raw_path.decode("latin-1"),
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=bytes(body),
    )


def _to_starlette(reply: HttpResponse) -> Response:
    response = Response(reply.body(), reply.status, reply.headers)
    if reply.status != 204:
        response.headers["content-type"] = reply.media_type
    return response


async def _wait_for_disconnect(receive: Receive, seconds: float) -> None:
    """Wait until the client disconnects, at most ``seconds``."""

    async def disconnected() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(disconnected(), seconds)


def build_application(emulator: EmulatorState, connections: Connections, with_control: bool) -> Starlette:
    """Return the application. Without the control plane, its paths are unknown to the gateway."""

    async def openapi_document(request: t.Any) -> JSONResponse:
        return JSONResponse(dict(emulator.openapi.document, servers=[{"url": emulator.url or "/"}]))

    routes = [Route("/openapi.json", openapi_document)]
    if with_control:
        routes += control_routes.routes(emulator)
    gateway_app = Gateway(emulator, connections)
    application = Starlette(routes=[*routes, Route("/{path:path}", gateway_app)])
    # A path that contains a line break matches no route.
    application.router.default = gateway_app
    return application
