# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulator for each worker of pytest, and ways to run plays against it; a conftest imports these."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from harness import Emulator, Player


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    """The emulator of this worker, in whatever state the last test left it."""
    emulator = Emulator(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    """The emulator as it was at its start."""
    server.reset()
    return server


@pytest.fixture
def play(emulator: Emulator, tmp_path: Path) -> Player:
    """Runs ansible-playbook against the emulator, which was reset before."""
    return Player(emulator, tmp_path)


@pytest.fixture(scope="class")
def shared_play(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """The same for a run that all tests of a class look at: reset once, before the first of them."""
    server.reset()
    return Player(server, tmp_path_factory.mktemp("play"))
