# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulator for each worker of pytest, and a way to run plays against it; with ``--as-modules`` none of our tasks runs in process."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

pytest.register_assert_rewrite("expectations", "harness")

import harness  # noqa: E402
from harness import Emulator, Player  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--as-modules", action="store_true", help="run the tasks of the collection as modules, in processes of their own")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--as-modules"):
        harness.WAY["HW_IN_PROCESS"] = "0"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--as-modules"):
        items[:] = [item for item in items if item.get_closest_marker("in_process") is None]


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
