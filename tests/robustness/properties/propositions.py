# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties as tests: what must hold of whatever hypothesis draws, with every input counted."""

from __future__ import annotations

import typing as t

import pytest
from counting import count_input
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

# How many inputs each property is tried with: the representative part, and all.
FEW, MANY = 50, 1000


def holds(
    *, weight: float = 1.0, **drawn: SearchStrategy[t.Any]
) -> t.Callable[[t.Callable[..., None]], t.Callable[..., None]]:
    """Makes a test of a check that takes what is ``drawn``. ``weight`` says how many inputs it is worth, compared with others."""

    def decorate(check: t.Callable[..., None]) -> t.Callable[..., None]:
        def test(request: pytest.FixtureRequest, tally: t.Any) -> None:
            counts = {"cases": 0, "passed": 0}

            def check_one(**values: t.Any) -> None:
                with count_input(counts):
                    check(**values)

            most = max(10, int(weight * (MANY if request.config.getoption("--whole") else FEW)))
            # The same inputs every time: what fails here fails everywhere.
            steady = settings(
                max_examples=most,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            held = 0
            try:
                steady(given(**drawn)(check_one))()
                held = 1
            finally:
                tally.add("properties", 1, held)
                tally.add("inputs of properties", **counts)

        test.__doc__ = check.__doc__
        return test

    return decorate
