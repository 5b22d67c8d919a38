# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy on the loopback, which takes every name for this machine, as only a proxy can."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import socketserver
import ssl
import typing as t
from urllib.parse import urlsplit

from loopback import Loopback

_CHUNK = 65536
_TIMEOUT = 300


class _Connection(socketserver.StreamRequestHandler):
    server: Tunnel

    def handle(self) -> None:
        # A client that does not trust the proxy's certificate goes away.
        with contextlib.suppress(OSError):
            self._serve()

    def _serve(self) -> None:
        first = self.rfile.readline().decode("ascii")
        headers = [line.decode("latin-1").strip() for line in iter(self.rfile.readline, b"\r\n")]
        method, target, _version = first.split()
        self.server.seen.append("\n".join([first.strip(), *headers]))
        if self.server.login and f"Proxy-Authorization: Basic {self.server.login}" not in headers:
            self.wfile.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        self.server.targets.append(target)
        port = self.server.port_of(target)
        with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT) as other:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                other.sendall(_handed_on(method, target, headers))
            self._pass_on(other)

    def _pass_on(self, other: socket.socket) -> None:
        ways = {self.connection: other, other: self.connection}
        while True:
            for source in select.select(list(ways), [], [], _TIMEOUT)[0]:
                data = source.recv(_CHUNK)
                # What TLS has unpacked already is not seen by select.
                while data and isinstance(source, ssl.SSLSocket) and source.pending():
                    data += source.recv(_CHUNK)
                if not data:
                    return
                ways[source].sendall(data)


def _handed_on(method: str, target: str, headers: t.Sequence[str]) -> bytes:
    """Return the request for the origin: with only the path, and without headers for the proxy."""
    parts = urlsplit(target)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    kept = [header for header in headers if not header.lower().startswith(("proxy-", "connection:"))]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode("latin-1")


class Tunnel(Loopback):
    """Tunnel HTTPS to ``port`` and forward plain HTTP requests to ``plain_port``. Use it as a context: it serves from a separate thread.

    ``targets`` are the ``host:port`` and URLs it served, ``seen`` the heads of all requests that came to it. With ``user`` (``name:password``) it
    serves nobody else, and with ``context`` it speaks TLS itself.
    """

    def __init__(
        self, port: int, *, plain_port: int = 0, user: str = "", context: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(_Connection, context)
        self.targets: list[str] = []
        self.seen: list[str] = []
        self.login = base64.b64encode(user.encode()).decode() if user else ""
        self._port = port
        self._plain_port = plain_port

    def port_of(self, target: str) -> int:
        if target.startswith("http://"):
            return self._plain_port
        assert target.endswith(":443"), target
        return self._port
