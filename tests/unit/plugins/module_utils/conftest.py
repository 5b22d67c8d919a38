# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client with a scripted transport, which records the requests.

A test fails if it sends more requests than the script has responses, and also if responses are left.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._api.temporary_keys import build_identity
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import Identity
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    read_only,
)
from fake_clock import FakeClock

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)

# The secrets are long enough to be redacted.
CREDENTIALS = {
    "aksk": Credentials("aksk", "task", access_key="ACCESSKEY0001", secret_key="CANARY-secret-key"),
    "temporary": Credentials(
        "aksk",
        "task",
        access_key="ACCESSKEY0001",
        secret_key="CANARY-secret-key",
        security_token="CANARY-security-token",
    ),
    "token": Credentials("token", "task", auth_token="CANARY-given-token"),
    "metadata": Credentials("metadata", "task"),
    "password": Credentials(
        "password", "task", username="alice", password="CANARY-password", domain_name="OTC00000001"
    ),
}

CONNECTION = Connection(
    credentials=CREDENTIALS["aksk"],
    region="eu-de",
    project_id="p-1",
    asm_endpoint="https://asm.example.com",
    modelarts_endpoint="https://modelarts.example.com",
    auth_url="https://iam.example.com",
)

# An entry of a script: a status; status and body; status, body and headers; a response; an exception; or a function of the request.
ScriptEntry = t.Any


def to_response(entry: ScriptEntry) -> HttpResponse:
    """Return the response for a script entry: mappings and lists become JSON, text becomes bytes."""
    if isinstance(entry, HttpResponse):
        return entry
    status, body, headers = (*((entry,) if isinstance(entry, int) else entry), None, None)[:3]
    found = {name.lower(): value for name, value in (headers or {}).items()}
    if isinstance(body, (dict, list)):
        found.setdefault("content-type", "application/json")
        body = json.dumps(body)
    return HttpResponse(status, found, body.encode("utf-8") if isinstance(body, str) else body or b"")


class ScriptedTransport:
    """A transport that responds with the entries of a script in order, and records the requests."""

    def __init__(self, script: t.Iterable[ScriptEntry]) -> None:
        self.remaining = list(script)
        self.calls: list[HttpRequest] = []

    def __call__(self, call: HttpRequest) -> HttpResponse:
        self.calls.append(call)
        assert self.remaining, f"nothing is scripted for {call.method} {call.url}"
        entry = self.remaining.pop(0)
        entry = entry(call) if callable(entry) else entry
        if isinstance(entry, Exception):
            raise entry
        return to_response(entry)


@dataclasses.dataclass
class ClientFixture:
    """A client with its transport and clock."""

    client: Client
    transport: ScriptedTransport
    clock: FakeClock

    @property
    def calls(self) -> list[HttpRequest]:
        return self.transport.calls

    @property
    def sent(self) -> list[str]:
        """``METHOD url`` of each request, in order."""
        return [f"{call.method} {call.url}" for call in self.calls]

    def body(self, number: int = -1) -> t.Any:
        """Return the decoded body of one request."""
        sent = self.calls[number].body
        return None if sent is None else json.loads(sent)


def make_identity(connection: Connection, transport: ScriptedTransport) -> Identity:
    """Return the identity of a connection. The metadata service of the script is not behind the transport of check mode."""
    if connection.agency or connection.credentials.kind == "metadata":
        return build_identity(connection, lambda: transport)
    return ProjectIdentity(connection)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def make_client(clock: FakeClock) -> t.Iterator[t.Callable[..., ClientFixture]]:
    """``make_client(script, credentials="aksk", check_mode=False, jitter=..., **connection)`` -> ClientFixture."""
    transports: list[ScriptedTransport] = []

    def make(
        script: t.Iterable[ScriptEntry] = (),
        *,
        credentials: str | Credentials = "aksk",
        check_mode: bool = False,
        jitter: t.Callable[[], float] = lambda: 1.0,
        **changes: t.Any,
    ) -> ClientFixture:
        selected = CREDENTIALS[credentials] if isinstance(credentials, str) else credentials
        connection = dataclasses.replace(CONNECTION, credentials=selected, **changes)
        transport = ScriptedTransport(script)
        transports.append(transport)
        wire = read_only(transport) if check_mode else transport
        client = Client(
            connection,
            wire,
            make_identity(connection, transport),
            now=clock.now,
            sleep=clock.sleep,
            monotonic=clock.monotonic,
            jitter=jitter,
        )
        return ClientFixture(client, transport, clock)

    yield make
    for transport in transports:
        assert transport.remaining == [], "the script contains unused responses"
