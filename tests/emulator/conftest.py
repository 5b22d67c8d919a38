# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator in the process of the test, and a client that calls it without a socket."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import importlib.util
import json
import pathlib
import sys
import typing as t
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "roles" / "emulator" / "files"), str(pathlib.Path(__file__).parent)]

NEEDED = ("starlette", "uvicorn", "jsonschema", "yaml")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
# The collection does not require the libraries of the emulator. Without them, these tests cannot run.
collect_ignore_glob = ["test_*.py"] if MISSING else []

if not MISSING:
    import jsonschema
    from huaweicloud_emulator import app, seeds, serving, signature
    from huaweicloud_emulator.clock import Clock
    from huaweicloud_emulator.connections import Connections

NOW = 1_800_000_000.0


@dataclasses.dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> t.Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        content = self.json[0] if isinstance(self.json, list) else self.json
        return content.get("errorCode") or content.get("error_code") or str(content.get("error", {}).get("code"))

    @property
    def message(self) -> str:
        content = self.json[0] if isinstance(self.json, list) else self.json
        return content.get("errorMsg") or content.get("error_msg") or content["error"]["message"]


class Emulator:
    """An emulator with a fixed clock, its application and its credentials."""

    def __init__(
        self,
        seed: dict[str, t.Any] | None = None,
        database: pathlib.Path | None = None,
        control: bool = True,
        **behaviors: t.Any,
    ) -> None:
        self.state = serving.build_state(behaviors, seed or {}, database)
        self.state.clock = Clock(lambda: NOW)
        self.app = app.build_application(self.state, Connections(), control)
        self.credentials = seeds.get_credentials(self.state)
        self.project = self.credentials["project_id"]
        self.token = ""
        self.check_responses = True

    @property
    def mesh(self) -> str:
        return next(iter(self.state.stores.meshes.records))

    def set(self, **behaviors: t.Any) -> None:
        self.state.behaviors.change(behaviors)

    # -- requests

    def raw(
        self,
        method: str,
        target: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        peer: str = "127.0.0.1",
    ) -> Response:
        """Send a request through the ASGI application. ``target`` is that of the request line."""
        path, unused, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "client": (peer, 50000),
            "server": ("emulator.test", 80),
        }
        return asyncio.run(self._exchange(scope, body))

    async def _exchange(self, scope: dict[str, t.Any], body: bytes) -> Response:
        sent: list[dict[str, t.Any]] = []
        incoming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, t.Any]:
            return incoming.pop(0) if incoming else {"type": "http.disconnect"}

        async def send(message: dict[str, t.Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Response(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))

    def __call__(
        self, method: str, target: str, content: t.Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send a signed request and compare the response with the OpenAPI document."""
        body = b"" if content is None else json.dumps(content).encode()
        response = self.raw(method, target, self.sign(method, target, body, headers), body)
        if self.check_responses:
            self.assert_documented(method, target, response)
        return response

    def sign(
        self, method: str, target: str, body: bytes = b"", extra: dict[str, str] | None = None, **key: str
    ) -> dict[str, str]:
        """Return headers with a signature of the main key or of ``key``."""
        date = datetime.datetime.fromtimestamp(self.state.clock.now(), datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        base = {
            "Host": "emulator.test",
            "X-Sdk-Date": date,
            "Content-Type": "application/json",
            "X-Project-Id": self.project,
        }
        headers = dict(base, **(extra or {}))
        headers = {name: value for name, value in headers.items() if value is not None}
        lower = {name.lower(): value for name, value in headers.items()}
        names = sorted(lower)
        path, unused, query = target.partition("?")
        canonical = signature.build_canonical_request(method, path, query, lower, names, body)
        value = signature.sign(key.get("secret_key", self.credentials["secret_key"]), lower["x-sdk-date"], canonical)
        access = key.get("access_key", self.credentials["access_key"])
        return dict(
            headers,
            Authorization=f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={';'.join(names)}, Signature={value}",
        )

    def control(self, method: str, path: str, content: t.Any = None, status: int = 200) -> t.Any:
        response = self.raw(method, f"/_emulator/{path}", {}, b"" if content is None else json.dumps(content).encode())
        assert response.status == status, response.body
        return response.json

    def assert_documented(self, method: str, target: str, response: Response) -> None:
        """Assert that the document describes the response."""
        found = self.state.openapi.match(method, urllib.parse.unquote(target.partition("?")[0]))
        if found is None:
            return
        responses = self.state.openapi.document["paths"][found[0].path][method.lower()]["responses"]
        name = str(response.status) if str(response.status) in responses else "default"
        node = self.state.openapi.resolve(responses[name])
        if "content" not in node:
            assert response.body == b""
            return
        pointer = (
            f"{found[0].pointer}/responses/{name}" if "$ref" not in responses[name] else "/components/responses/Refused"
        )
        if response.body and response.headers["content-type"] == "application/json":
            error = jsonschema.exceptions.best_match(
                self.state.openapi.validator(f"{pointer}/content/application~1json/schema").iter_errors(response.json)
            )
            assert error is None, f"{method} {target}: {error}"

    # -- shortcuts

    def password_login(self, scope: t.Any = "project", **user: t.Any) -> Response:
        credentials = self.credentials
        who = dict(
            {
                "name": credentials["username"],
                "password": credentials["password"],
                "domain": {"name": credentials["domain_name"]},
            },
            **user,
        )
        auth: dict[str, t.Any] = {"identity": {"methods": ["password"], "password": {"user": who}}}
        if scope == "project":
            auth["scope"] = {"project": {"name": credentials["project_name"]}}
        elif scope:
            auth["scope"] = scope
        return self.raw(
            "POST", "/v3/auth/tokens", {"Content-Type": "application/json"}, json.dumps({"auth": auth}).encode()
        )

    def workspaces(self, path: str = "") -> str:
        return f"/v1/{self.project}/workspaces{path}"

    def workshops(self, path: str = "") -> str:
        return f"/v2/meshes/{self.mesh}/workshops{path}"

    def releases(self, path: str = "", namespace: str = "default") -> str:
        return f"/v2/meshes/{self.mesh}/namespaces/{namespace}/releases{path}"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def make() -> type[Emulator]:
    return Emulator
