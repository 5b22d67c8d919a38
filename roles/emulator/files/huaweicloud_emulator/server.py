# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the application in uvicorn: socket, TLS, signals, ready file."""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import signal
import socket
import ssl
import tempfile
import typing as t

import uvicorn

from huaweicloud_emulator import app, seeds
from huaweicloud_emulator.connections import Connections
from huaweicloud_emulator.state import EmulatorState


class Options(t.NamedTuple):
    """Address, TLS files, ready file and parent process of a server."""

    host: str = "127.0.0.1"
    port: int = 0
    control: bool = False
    ready_file: pathlib.Path | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None
    parent_pid: int | None = None


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket. The port 0 selects a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio disables Nagle's algorithm only for sockets with an explicit protocol.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def build_url(host: str, port: int, tls: bool) -> str:
    name = "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{name}:{port}"


def build_ready_content(emulator: EmulatorState, host: str, port: int, control: bool) -> dict[str, t.Any]:
    """Return what clients need: process ID, addresses and credentials."""
    return {
        "pid": os.getpid(),
        "url": emulator.url,
        "host": host,
        "port": port,
        "control_url": f"{emulator.url}/_emulator" if control else None,
        "credentials": dict(seeds.get_credentials(emulator)),
    }


def write_private(path: pathlib.Path, content: t.Mapping[str, t.Any]) -> None:
    """Write a file atomically, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2)
        os.chmod(name, 0o600)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


class _Server(uvicorn.Server):
    """A server that calls ``ready`` after its start, and stops when its parent process ends."""

    def __init__(self, config: uvicorn.Config, ready: t.Callable[[], None], parent_pid: int | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._parent_pid = parent_pid
        self._watcher: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()
        if self._parent_pid is not None:
            self._watcher = asyncio.create_task(self._stop_with_parent(self._parent_pid))

    async def _stop_with_parent(self, pid: int) -> None:
        while _is_alive(pid):
            await asyncio.sleep(0.5)
        self.should_exit = True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tls_settings(options: Options) -> dict[str, t.Any]:
    if not options.tls_cert:
        return {}
    settings: dict[str, t.Any] = {"ssl_certfile": options.tls_cert, "ssl_keyfile": options.tls_key}
    if options.tls_client_ca:
        settings.update(ssl_ca_certs=options.tls_client_ca, ssl_cert_reqs=ssl.CERT_REQUIRED)
    return settings


def run(emulator: EmulatorState, options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError if the address is not available."""
    listener = bind(options.host, options.port)
    port = listener.getsockname()[1]
    emulator.url = build_url(options.host, port, bool(options.tls_cert))
    connections = Connections()
    config = uvicorn.Config(
        app.build_application(emulator, connections, options.control),
        http=connections.protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
        **_tls_settings(options),
    )

    def ready() -> None:
        if options.ready_file is not None:
            write_private(options.ready_file, build_ready_content(emulator, options.host, port, options.control))

    _serve(_Server(config, ready, options.parent_pid), listener, options.ready_file)


def _serve(server: _Server, listener: socket.socket, ready_file: pathlib.Path | None) -> None:
    # uvicorn raises the signal again after the shutdown. Empty handlers keep the exit status at 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *unused: None)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        if ready_file is not None and _belongs_to_this_process(ready_file):
            ready_file.unlink()


def _belongs_to_this_process(ready_file: pathlib.Path) -> bool:
    try:
        return json.loads(ready_file.read_text(encoding="utf-8"))["pid"] == os.getpid()
    except (OSError, ValueError, KeyError):
        return False
