# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the playbook tests: one emulator for each worker of pytest, and a player that runs plays against it.

``--as-modules`` turns local execution off. ``--complete`` adds combinations whose values other tests cover one by one.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("expectations", "harness")

import harness  # noqa: E402
from fixtures import emulator, fork_server, play, server, shared_play  # noqa: E402, F401  # pylint: disable=unused-import


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--as-modules",
        action="store_true",
        help="run the tasks of the collection as modules, without local execution",
    )
    parser.addoption("--complete", action="store_true", help="also run the tests with the marker complete")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--as-modules"):
        harness.EXECUTION_MODE["HW_IN_PROCESS"] = "0"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    excluded = {"in_process": config.getoption("--as-modules"), "complete": not config.getoption("--complete")}
    items[:] = [
        item for item in items if not any(item.get_closest_marker(name) for name, active in excluded.items() if active)
    ]
