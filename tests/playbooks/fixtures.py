# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide one emulator and one fork server for each worker of pytest, and players for them. Files called conftest.py import these fixtures."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from fork_server import ForkServer
from harness import Emulator, Player


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    """Yield the emulator of this worker, in the state in which the last test left it."""
    emulator = Emulator(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[ForkServer]:
    """Yield the fork server of this worker. The first run starts its process."""
    found = ForkServer(tmp_path_factory.mktemp("fork-server"))
    yield found
    found.stop()


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    """Reset the emulator to its initial state."""
    server.reset()
    return server


@pytest.fixture
def play(emulator: Emulator, tmp_path: Path, fork_server: ForkServer) -> Player:
    """Return a player for an emulator in its initial state."""
    return Player(emulator, tmp_path, fork_server)


@pytest.fixture(scope="class")
def shared_play(server: Emulator, fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """Return a player for a run that all tests of a class check. The emulator is reset once."""
    server.reset()
    return Player(server, tmp_path_factory.mktemp("play"), fork_server)
