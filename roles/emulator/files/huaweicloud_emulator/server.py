# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the application in uvicorn: socket, TLS, signals, ready file."""

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
    """How to listen, and whom to tell."""

    host: str = "127.0.0.1"
    port: int = 0
    control: bool = False
    ready_file: pathlib.Path | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None
    parent_pid: int | None = None


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. OSError when that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that name their protocol.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def address(host: str, port: int, tls: bool) -> str:
    shown = (
        "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else f"[{host}]" if ":" in host else host
    )
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def ready_content(emulator: EmulatorState, host: str, port: int, control: bool) -> dict[str, t.Any]:
    """What a client has to know."""
    return {
        "pid": os.getpid(),
        "url": emulator.url,
        "host": host,
        "port": port,
        "control_url": f"{emulator.url}/_emulator" if control else None,
        "credentials": dict(seeds.credentials(emulator)),
    }


def write_private(path: pathlib.Path, content: t.Mapping[str, t.Any]) -> None:
    """Appears complete or not at all, and is its owner's alone."""
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
    """Says when it is up, and ends with the process it was started for."""

    def __init__(self, config: uvicorn.Config, ready: t.Callable[[], None], parent_pid: int | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._parent_pid = parent_pid
        self._watcher: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()
        if self._parent_pid is not None:
            self._watcher = asyncio.create_task(self._watch(self._parent_pid))

    async def _watch(self, pid: int) -> None:
        while _alive(pid):
            await asyncio.sleep(0.5)
        self.should_exit = True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tls(options: Options) -> dict[str, t.Any]:
    if not options.tls_cert:
        return {}
    settings: dict[str, t.Any] = {"ssl_certfile": options.tls_cert, "ssl_keyfile": options.tls_key}
    if options.tls_client_ca:
        settings.update(ssl_ca_certs=options.tls_client_ca, ssl_cert_reqs=ssl.CERT_REQUIRED)
    return settings


def run(emulator: EmulatorState, options: Options) -> None:
    """Serves until SIGTERM or SIGINT. OSError when the address can not be had."""
    listener = bind(options.host, options.port)
    port = listener.getsockname()[1]
    emulator.url = address(options.host, port, bool(options.tls_cert))
    connections = Connections()
    config = uvicorn.Config(
        app.build(emulator, connections, options.control),
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
        **_tls(options),
    )

    def ready() -> None:
        if options.ready_file is not None:
            write_private(options.ready_file, ready_content(emulator, options.host, port, options.control))

    _serve(_Server(config, ready, options.parent_pid), listener, options.ready_file)


def _serve(server: _Server, listener: socket.socket, ready_file: pathlib.Path | None) -> None:
    # uvicorn repeats the signal that ended it once it is done; these make that harmless, so that the exit is clean.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *unused: None)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        if ready_file is not None and _is_ours(ready_file):
            ready_file.unlink()


def _is_ours(ready_file: pathlib.Path) -> bool:
    try:
        return json.loads(ready_file.read_text(encoding="utf-8"))["pid"] == os.getpid()
    except (OSError, ValueError, KeyError):
        return False
