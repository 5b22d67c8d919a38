# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run properties as tests with inputs that hypothesis draws, and count the inputs."""

from __future__ import annotations

import typing as t

import pytest
from counting import count_input
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

# The number of inputs for each property: by default, and with --whole.
FEW, MANY = 50, 1000


def holds(
    *, weight: float = 1.0, **drawn: SearchStrategy[t.Any]
) -> t.Callable[[t.Callable[..., None]], t.Callable[..., None]]:
    """Make a test of a check that takes the ``drawn`` values. ``weight`` multiplies the number of inputs."""

    def decorate(check: t.Callable[..., None]) -> t.Callable[..., None]:
        def test(request: pytest.FixtureRequest, tally: t.Any) -> None:
            counts = {"cases": 0, "passed": 0}

            def run_counted(**values: t.Any) -> None:
                with count_input(counts):
                    check(**values)

            inputs = max(10, int(weight * (MANY if request.config.getoption("--whole") else FEW)))
            # Use the same inputs each time, so that failures can be reproduced.
            stable = settings(
                max_examples=inputs,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            held = 0
            try:
                stable(given(**drawn)(run_counted))()
                held = 1
            finally:
                tally.add("properties", 1, held)
                tally.add("inputs of properties", **counts)

        test.__doc__ = check.__doc__
        return test

    return decorate
