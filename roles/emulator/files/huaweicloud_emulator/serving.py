# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the state of an emulator from command line options, and serve it."""

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
    """Return ``name=value`` pairs as a mapping. Raises ValueError for other text."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise ValueError(f"--set must be BEHAVIOR=VALUE, not {wrong[0]!r}")
    return dict(t.cast("tuple[str, str]", tuple(pair.split("=", 1))) for pair in pairs)


def read_seed(path: pathlib.Path | None) -> dict[str, t.Any]:
    """Return the content of a seed file in YAML or JSON. Raises ValueError if it is not a mapping."""
    if path is None:
        return {}
    try:
        seed = openapi.parse_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        # The message must be one line, because the last line of the log is reported as the cause.
        raise ValueError(f"{path}: not valid YAML or JSON: {' '.join(str(error).split())}") from None
    if seed is None:
        return {}
    if not isinstance(seed, dict):
        raise ValueError(f"{path}: must be a mapping")
    for kind in ("behaviors", "credentials"):
        if not isinstance(seed.get(kind) or {}, dict):
            raise ValueError(f"{path}: {kind}: must be a mapping")
    return seed


def build_state(
    behaviors: t.Mapping[str, t.Any], seed: t.Mapping[str, t.Any], database: pathlib.Path | None = None
) -> EmulatorState:
    """Return a state with the records of the database, or else with the seed."""
    persistence = None
    if database is not None:
        from huaweicloud_emulator.sqlite import Database

        persistence = Database(database)
    emulator = EmulatorState(
        openapi.load_document(), Behaviors(dict(seed.get("behaviors") or {}, **behaviors)), persistence=persistence
    )
    loaded = persistence is not None and persistence.load(emulator.stores)
    if not loaded:
        seeds.create_account(emulator, seed.get("credentials") or {})
        if seed.get("meshes") is None:
            seeds.add_default_mesh(emulator)
        seeds.merge(emulator, {kind: value for kind, value in seed.items() if kind != "behaviors"})
    emulator.snapshot_initial_state()
    emulator.save()
    return emulator


def start_logging(path: pathlib.Path | None) -> None:
    format_string = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=format_string, filename=path)
    if path is not None:
        os.chmod(path, 0o600)


def listen_options(options: argparse.Namespace) -> server.Options:
    return server.Options(**{name: getattr(options, name) for name in server.Options._fields})


def serve(options: argparse.Namespace) -> None:
    """Serve until a signal arrives. Raises ValueError or OSError for invalid options."""
    start_logging(options.log)
    emulator = build_state(parse_behaviors(options.behaviors), read_seed(options.seed), options.database)
    server.run(emulator, listen_options(options))
