# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each integration target has the same results with local execution and as modules.

The playbook tests run every target with local execution, and `make playbooks-as-modules` runs them as modules. This suite compares both.
"""

from __future__ import annotations

import typing as t

import pytest
from counting import count_cases
from execution_modes import assert_equal_runs, run_in_both_modes
from harness import TARGETS, Player
from integration_targets import MODULES, run_target

NAMES = [name for name in MODULES if (TARGETS / name).is_dir()]
# The representative part.
SAMPLE = ("iam_token",)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", NAMES if metafunc.config.getoption("--whole") else SAMPLE)


def test_target_has_equal_results_in_both_modes(play: Player, tally: t.Any, name: str) -> None:
    with count_cases(tally, "integration targets"):
        assert_equal_runs(*run_in_both_modes(play, lambda player: run_target(player, name)))


def test_sample_names_existing_targets() -> None:
    assert set(SAMPLE) < set(NAMES)
