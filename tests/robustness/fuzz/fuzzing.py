# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a check with many inputs, the same ones every time, and counting them."""

from __future__ import annotations

import sys
import typing as t
from unittest import mock

from counting import Tally, count_input
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy


def fuzz(tally: Tally, kind: str, inputs: int, check: t.Callable[[t.Any], None], drawn: SearchStrategy[t.Any]) -> None:
    """Calls ``check`` with each of ``inputs`` values that are ``drawn``; what fails is made as small as possible and shown."""
    counts = {"cases": 0, "passed": 0}

    def check_one(value: t.Any) -> None:
        with count_input(counts):
            check(value)

    steady = settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    try:
        # What is nested too deep may leave no room for what is cleaned up meanwhile, and pytest's own hook then breaks as well.
        with mock.patch.object(sys, "unraisablehook", lambda unraisable: None):
            steady(given(value=drawn)(check_one))()
    finally:
        tally.add(kind, **counts)
