# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import typing as t

from huaweicloud_emulator import __version__


def build_parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="huaweicloud_emulator", description="Emulate ASM, ModelArts workspaces and IAM of Huawei Cloud."
    )
    result.add_argument("--version", action="version", version=__version__)
    result.add_argument("--host", default="127.0.0.1", help="address to listen on")
    result.add_argument("--port", type=int, default=0, help="port to listen on; 0 selects a free one")
    result.add_argument(
        "--ready-file", type=pathlib.Path, help="JSON file (mode 0600) that exists while the server accepts requests"
    )
    result.add_argument("--control", action="store_true", help="serve the control plane below /_emulator/")
    result.add_argument(
        "--database", type=pathlib.Path, help="SQLite file for the state, which persists after the server stops"
    )
    result.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="BEHAVIOR=VALUE",
        dest="behaviors",
        help="set a behavior; can be repeated",
    )
    result.add_argument(
        "--seed", type=pathlib.Path, metavar="FILE", help="YAML or JSON file with initial resources and credentials"
    )
    result.add_argument("--log", type=pathlib.Path, metavar="FILE", help="log file; standard error by default")
    result.add_argument("--tls-cert", help="certificate (PEM); enables HTTPS")
    result.add_argument("--tls-key", help="private key of the certificate (PEM)")
    result.add_argument("--tls-client-ca", help="CA (PEM) that must have signed the certificates of clients")
    result.add_argument("--parent-pid", type=int, help="stop when this process ends")
    result.add_argument(
        "--detach", action="store_true", help="start in the background; return when the ready file exists"
    )
    result.add_argument(
        "--start-timeout", type=float, default=30.0, help="maximum of seconds that --detach waits (default 30)"
    )
    return result


def main(arguments: t.Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = build_parser().parse_args(arguments)
    if options.detach:
        return detach(arguments, options)
    # Imported late, because --detach does not need the libraries of the server, which load slowly.
    from huaweicloud_emulator import serving

    try:
        serving.serve(options)
    except (ValueError, OSError) as error:
        print(f"huaweicloud_emulator: {error}", file=sys.stderr)
        return 1
    return 0


def detach(arguments: t.Sequence[str], options: argparse.Namespace) -> int:
    """Start the server in a new session and wait for its ready file."""
    if options.ready_file is None:
        print("huaweicloud_emulator: --detach requires --ready-file", file=sys.stderr)
        return 1
    options.ready_file.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "huaweicloud_emulator",
        *(argument for argument in arguments if argument != "--detach"),
    ]
    with open(options.log or os.devnull, "ab") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    return _wait_until_ready(child, options)


def _wait_until_ready(child: subprocess.Popen[bytes], options: argparse.Namespace) -> int:
    deadline = time.monotonic() + options.start_timeout
    while time.monotonic() < deadline:
        if options.ready_file.exists():
            print(json.dumps({"pid": child.pid}))
            return 0
        if child.poll() is not None:
            print(
                _read_last_line(options.log)
                or f"huaweicloud_emulator: the server exited with status {child.returncode}",
                file=sys.stderr,
            )
            return 1
        time.sleep(0.02)
    child.terminate()
    print(f"huaweicloud_emulator: not ready within {options.start_timeout:g} s", file=sys.stderr)
    return 1


def _read_last_line(log: pathlib.Path | None) -> str:
    """Return the last line of the log, which is the cause of a failed start."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log else []
    return lines[-1] if lines else ""
