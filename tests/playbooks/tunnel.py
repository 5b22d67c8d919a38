# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy for HTTPS on the loopback, which takes every name for this machine, as only a proxy can."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
import typing as t


class _Connection(socketserver.StreamRequestHandler):
    server: Tunnel

    def handle(self) -> None:
        method, target, _version = self.rfile.readline().decode("ascii").split()
        while self.rfile.readline().strip():
            pass
        assert method == "CONNECT", method
        self.server.targets.append(target)
        with socket.create_connection(("127.0.0.1", self.server.port_of(target)), timeout=30) as other:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            self._pass_on(other)

    def _pass_on(self, other: socket.socket) -> None:
        ways = {self.connection: other, other: self.connection}
        while True:
            for source in select.select(list(ways), [], [], 30)[0]:
                data = source.recv(65536)
                if not data:
                    return
                ways[source].sendall(data)


class Tunnel(socketserver.ThreadingTCPServer):
    """``targets`` are the ``host:port`` it was asked for. Use it as a context: it serves from a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.targets: list[str] = []
        self._port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def port_of(self, target: str) -> int:
        assert target.endswith(":443"), target
        return self._port

    def __enter__(self) -> t.Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.shutdown()
        self.server_close()
