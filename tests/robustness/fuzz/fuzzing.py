# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a check with many reproducible inputs and count them."""

from __future__ import annotations

import sys
import typing as t
from unittest import mock

from counting import Tally, count_input
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy


def fuzz(tally: Tally, kind: str, inputs: int, check: t.Callable[[t.Any], None], drawn: SearchStrategy[t.Any]) -> None:
    """Call ``check`` with ``inputs`` drawn values."""
    counts = {"cases": 0, "passed": 0}

    def run_counted(value: t.Any) -> None:
        with count_input(counts):
            check(value)

    stable = settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    try:
        # Deeply nested values can exhaust the stack during cleanup, and then pytest's hook fails, too.
        with mock.patch.object(sys, "unraisablehook", lambda unraisable: None):
            stable(given(value=drawn)(run_counted))()
    finally:
        tally.add(kind, **counts)
