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


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="huaweicloud_emulator", description="A local Huawei Cloud: ASM, ModelArts workspaces and IAM."
    )
    result.add_argument("--version", action="version", version=__version__)
    result.add_argument("--host", default="127.0.0.1", help="address to listen on")
    result.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    result.add_argument(
        "--ready-file", type=pathlib.Path, help="written (JSON, mode 0600) once requests are served; removed at the end"
    )
    result.add_argument("--control", action="store_true", help="serve the control plane, /_emulator/")
    result.add_argument(
        "--database", type=pathlib.Path, help="SQLite file for the state, which then outlives the server"
    )
    result.add_argument(
        "--set", action="append", default=[], metavar="BEHAVIOR=VALUE", dest="behaviors", help="may be repeated"
    )
    result.add_argument(
        "--seed", type=pathlib.Path, metavar="FILE", help="YAML or JSON with objects to start with, credentials too"
    )
    result.add_argument(
        "--log", type=pathlib.Path, metavar="FILE", help="where to write what happens; standard error by default"
    )
    result.add_argument("--tls-cert", help="certificate (PEM); the server then speaks HTTPS")
    result.add_argument("--tls-key", help="private key of the certificate (PEM)")
    result.add_argument("--tls-client-ca", help="demand client certificates signed by this CA (PEM)")
    result.add_argument("--parent-pid", type=int, help="end when this process ends")
    result.add_argument(
        "--detach", action="store_true", help="go to the background; returns once the ready file is there"
    )
    result.add_argument("--start-timeout", type=float, default=30.0, help="seconds --detach waits (default 30)")
    return result


def main(arguments: t.Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    if options.detach:
        return detach(given, options)
    # Late: whoever only detaches a server does not need its libraries, which take longer to load than everything else.
    from huaweicloud_emulator import serving

    try:
        serving.serve(options)
    except (ValueError, OSError) as error:
        print(f"huaweicloud_emulator: {error}", file=sys.stderr)
        return 1
    return 0


def detach(given: t.Sequence[str], options: argparse.Namespace) -> int:
    """Starts the same again in a session of its own and waits for its ready file."""
    if options.ready_file is None:
        print("huaweicloud_emulator: --detach needs --ready-file", file=sys.stderr)
        return 1
    options.ready_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "huaweicloud_emulator", *(word for word in given if word != "--detach")]
    with open(options.log or os.devnull, "ab") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    return _wait(child, options)


def _wait(child: subprocess.Popen[bytes], options: argparse.Namespace) -> int:
    until = time.monotonic() + options.start_timeout
    while time.monotonic() < until:
        if options.ready_file.exists():
            print(json.dumps({"pid": child.pid}))
            return 0
        if child.poll() is not None:
            print(
                _last_words(options.log) or f"huaweicloud_emulator: the server ended with {child.returncode}",
                file=sys.stderr,
            )
            return 1
        time.sleep(0.02)
    child.terminate()
    print(f"huaweicloud_emulator: not ready within {options.start_timeout:g} s", file=sys.stderr)
    return 1


def _last_words(log: pathlib.Path | None) -> str:
    """The last line of the log: why the server could not start."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log else []
    return lines[-1] if lines else ""
