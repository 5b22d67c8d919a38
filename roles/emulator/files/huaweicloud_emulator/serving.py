# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds a world from what the command line says, and serves it."""

from __future__ import annotations

import argparse
import logging
import os
import pathlib
import typing as t

import yaml

from huaweicloud_emulator import openapi, seeds, server
from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.state import EmulatorState


def parse_behaviors(pairs: t.Sequence[str]) -> dict[str, str]:
    """``name=value`` pairs as a mapping; ValueError for anything else."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise ValueError(f"--set wants BEHAVIOR=VALUE, not {wrong[0]!r}")
    return dict(t.cast("tuple[str, str]", tuple(pair.split("=", 1))) for pair in pairs)


def read_seed(path: pathlib.Path | None) -> dict[str, t.Any]:
    """The seed file, YAML or JSON. ValueError when it is not a mapping, or neither."""
    if path is None:
        return {}
    try:
        seed = openapi.parse_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        # One line, as the last of the log says why nothing was started.
        raise ValueError(f"{path}: neither YAML nor JSON: {' '.join(str(error).split())}") from None
    if seed is None:
        return {}
    if not isinstance(seed, dict):
        raise ValueError(f"{path}: a mapping is wanted")
    for kind in ("behaviors", "credentials"):
        if not isinstance(seed.get(kind) or {}, dict):
            raise ValueError(f"{path}: {kind}: a mapping is wanted")
    return seed


def build_state(
    behaviors: t.Mapping[str, t.Any], seed: t.Mapping[str, t.Any], database: pathlib.Path | None = None
) -> EmulatorState:
    """A world with its seed, or with what the database holds; the seed then counts only for a reset."""
    saver = None
    if database is not None:
        from huaweicloud_emulator.sqlite import Database

        saver = Database(database)
    emulator = EmulatorState(openapi.load(), Behaviors(dict(seed.get("behaviors") or {}, **behaviors)), saver=saver)
    kept = saver is not None and saver.load(emulator.stores)
    if not kept:
        seeds.found(emulator, seed.get("credentials") or {})
        if not seed.get("meshes"):
            seeds.add_default_mesh(emulator)
        seeds.merge(emulator, {kind: value for kind, value in seed.items() if kind != "behaviors"})
    emulator.snapshot_initial_state()
    emulator.save()
    return emulator


def start_logging(path: pathlib.Path | None) -> None:
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, filename=path)
    if path is not None:
        os.chmod(path, 0o600)


def listen_options(options: argparse.Namespace) -> server.Options:
    return server.Options(**{name: getattr(options, name) for name in server.Options._fields})


def serve(options: argparse.Namespace) -> None:
    """Until it is told to end. ValueError or OSError when something that was given is wrong."""
    start_logging(options.log)
    emulator = build_state(parse_behaviors(options.behaviors), read_seed(options.seed), options.database)
    server.run(emulator, listen_options(options))
