# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check or stop a running emulator: ``python -m huaweicloud_emulator.instance status|stop --ready-file PATH``.

Needs the standard library only. Prints one JSON object. ``status`` prints ``{"running": bool}`` and, for a running
emulator, the content of the ready file with its credentials. ``stop`` prints ``{"stopped": bool}``.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import typing as t

NAME = "huaweicloud_emulator"
GRACE = 5.0


def read_ready_file(ready_file: pathlib.Path) -> dict[str, t.Any] | None:
    """Return the content of the ready file, or ``None`` if it is missing or invalid."""
    try:
        content = json.loads(ready_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("pid"), int) else None


def get_command_line(pid: int) -> str:
    """Return the command line of a process, or an empty string if it does not run."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        if pathlib.Path("/proc/self").exists():
            return ""
    process = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return process.stdout


def is_emulator(pid: int) -> bool:
    """Return whether the process is an emulator. Another process can have its ID by now."""
    return NAME in get_command_line(pid)


def is_responding(content: t.Mapping[str, t.Any]) -> bool:
    try:
        with socket.create_connection(
            (_to_connectable_host(content["host"]), content["port"]), timeout=10
        ) as connection:
            return not content["url"].startswith("http:") or _serves_http(connection)
    except (OSError, KeyError):
        return False


def _to_connectable_host(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)


def _serves_http(connection: socket.socket) -> bool:
    connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return connection.recv(32).startswith(b"HTTP/1.1 200")


def status(ready_file: pathlib.Path) -> dict[str, t.Any]:
    content = read_ready_file(ready_file)
    if content is None or not is_emulator(content["pid"]) or not is_responding(content):
        return {"running": False}
    return dict(content, running=True)


def stop(ready_file: pathlib.Path) -> dict[str, t.Any]:
    """Stop the emulator, with SIGKILL if SIGTERM has no effect, and remove its ready file."""
    content = read_ready_file(ready_file)
    if content is None or not is_emulator(content["pid"]):
        ready_file.unlink(missing_ok=True)
        return {"stopped": False}
    for number in (signal.SIGTERM, signal.SIGKILL):
        if _terminate(content["pid"], number):
            break
    ready_file.unlink(missing_ok=True)
    return {"stopped": True}


def _terminate(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    deadline = time.monotonic() + GRACE
    while is_emulator(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def main(arguments: t.Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=f"{NAME}.instance", description="Check or stop a running emulator.")
    parser.add_argument("verb", choices=["status", "stop"])
    parser.add_argument("--ready-file", type=pathlib.Path, required=True)
    options = parser.parse_args(arguments)
    print(json.dumps({"status": status, "stop": stop}[options.verb](options.ready_file)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
