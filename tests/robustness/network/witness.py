# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that answer every question alike and remember what they heard."""

from __future__ import annotations

import contextlib
import http.server
import json
import ssl
import typing as t
import warnings
from pathlib import Path

from loopback import Loopback

# Enough of an answer for a list of anything.
ANYTHING = {
    "items": [{"metadata": {"name": "demo-mesh", "uid": "m-1"}, "status": {"phase": "Running"}}],
    "total_count": 0,
    "workspaces": [],
}


class Heard(t.NamedTuple):
    """One request: its first line, and its headers."""

    line: str
    headers: list[tuple[str, str]]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Witness
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        # Clients go away: those that do not trust the certificate, and those that are not trusted.
        with contextlib.suppress(OSError):
            super().handle()

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append(Heard(self.requestline, self.headers.items()))
        body = json.dumps(ANYTHING).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = _answer

    def log_message(self, format: str, *arguments: t.Any) -> None:
        pass


class Witness(Loopback):
    """A context in which a separate thread serves requests, with ``context`` over TLS. ``heard`` contains the received requests."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(_Handler, context)
        self.heard: list[Heard] = []

    def about(self, word: str) -> list[Heard]:
        """Return the requests with this word in their path."""
        return [heard for heard in self.heard if f"/{word}/" in heard.line]

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        pass


def context_of(pair: tuple[Path, Path], *, ask_for: Path | None = None, old: bool = False) -> ssl.SSLContext:
    """TLS with that certificate and key. ``ask_for``: the CA of the certificates clients have to show; ``old``: what nobody should speak any more."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*pair)
    if ask_for:
        made.load_verify_locations(str(ask_for))
        made.verify_mode = ssl.CERT_REQUIRED
    if old:
        made.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made
