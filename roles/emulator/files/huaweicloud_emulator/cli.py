# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import json
import logging
import os
import pathlib
import subprocess
import sys
import time
import typing as t

from huaweicloud_emulator import __version__, contract, seeds, server
from huaweicloud_emulator.switches import Switches
from huaweicloud_emulator.world import World


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="huaweicloud_emulator", description="A local Huawei Cloud: ASM, ModelArts workspaces and IAM.")
    result.add_argument("--version", action="version", version=__version__)
    result.add_argument("--host", default="127.0.0.1", help="address to listen on")
    result.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    result.add_argument("--ready-file", type=pathlib.Path, help="written (JSON, mode 0600) once requests are served; removed at the end")
    result.add_argument("--control", action="store_true", help="serve the control plane, /_emulator/")
    result.add_argument("--database", type=pathlib.Path, help="SQLite file for the state, which then outlives the server")
    result.add_argument("--set", action="append", default=[], metavar="SWITCH=VALUE", dest="switches", help="may be repeated")
    result.add_argument("--seed", type=pathlib.Path, metavar="FILE", help="YAML or JSON with objects to start with, credentials too")
    result.add_argument("--log", type=pathlib.Path, metavar="FILE", help="where to write what happens; standard error by default")
    result.add_argument("--tls-cert", help="certificate (PEM); the server then speaks HTTPS")
    result.add_argument("--tls-key", help="private key of the certificate (PEM)")
    result.add_argument("--tls-client-ca", help="demand client certificates signed by this CA (PEM)")
    result.add_argument("--parent-pid", type=int, help="end when this process ends")
    result.add_argument("--detach", action="store_true", help="go to the background; returns once the ready file is there")
    result.add_argument("--start-timeout", type=float, default=30.0, help="seconds --detach waits (default 30)")
    return result


def switches_of(pairs: t.Sequence[str]) -> dict[str, str]:
    """``name=value`` pairs as a mapping; ValueError for anything else."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise ValueError(f"--set wants SWITCH=VALUE, not {wrong[0]!r}")
    return dict(t.cast("tuple[str, str]", tuple(pair.split("=", 1))) for pair in pairs)


def read_seed(path: pathlib.Path | None) -> dict[str, t.Any]:
    """The seed file, YAML or JSON. ValueError when it is not a mapping."""
    if path is None:
        return {}
    seed = contract.parse_yaml(path.read_text(encoding="utf-8"))
    if seed is None:
        return {}
    if not isinstance(seed, dict):
        raise ValueError(f"{path}: a mapping is wanted")
    return seed


def build_world(switches: t.Mapping[str, t.Any], seed: t.Mapping[str, t.Any], database: pathlib.Path | None = None) -> World:
    """A world with its seed, or with what the database holds; the seed then counts only for a reset."""
    saver = None
    if database is not None:
        from huaweicloud_emulator.sqlite import Database

        saver = Database(database)
    world = World(contract.load(), Switches(dict(seed.get("switches", {}), **switches)), saver=saver)
    kept = saver is not None and saver.load(world.stores)
    if not kept:
        seeds.found(world, seed.get("credentials") or {})
        if not seed.get("meshes"):
            seeds.default_mesh(world)
        seeds.merge(world, {kind: value for kind, value in seed.items() if kind != "switches"})
    world.remember()
    world.save()
    return world


def start_logging(path: pathlib.Path | None) -> None:
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, filename=path)
    if path is not None:
        os.chmod(path, 0o600)


def main(arguments: t.Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    if options.detach:
        return detach(given, options)
    start_logging(options.log)
    try:
        world = build_world(switches_of(options.switches), read_seed(options.seed), options.database)
        server.run(world, listen_options(options))
    except (ValueError, OSError) as error:
        print(f"huaweicloud_emulator: {error}", file=sys.stderr)
        return 1
    return 0


def listen_options(options: argparse.Namespace) -> server.Options:
    return server.Options(**{name: getattr(options, name) for name in server.Options._fields})


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
            print(_last_words(options.log) or f"huaweicloud_emulator: the server ended with {child.returncode}", file=sys.stderr)
            return 1
        time.sleep(0.02)
    child.terminate()
    print(f"huaweicloud_emulator: not ready within {options.start_timeout:g} s", file=sys.stderr)
    return 1


def _last_words(log: pathlib.Path | None) -> str:
    """The last line of the log: why the server could not start."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log else []
    return lines[-1] if lines else ""
