# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Context managers that count cases in the tally of a suite, including failed cases."""

from __future__ import annotations

import contextlib
import typing as t

from hypothesis.errors import UnsatisfiedAssumption


class Tally(t.Protocol):
    """The fixture ``tally``."""

    def add(self, kind: str, cases: int, passed: int) -> None: ...


@contextlib.contextmanager
def count_cases(tally: Tally, kind: str, cases: int = 1) -> t.Iterator[None]:
    """Count ``cases`` cases of a kind. They pass if the body raises nothing."""
    passed = 0
    try:
        yield
        passed = cases
    finally:
        tally.add(kind, cases, passed)


@contextlib.contextmanager
def count_input(counts: dict[str, int]) -> t.Iterator[None]:
    """Count one input, which passes if the body raises nothing. An input that ``assume`` rejects does not count."""
    try:
        yield
    except UnsatisfiedAssumption:
        raise
    except BaseException:
        counts["cases"] += 1
        raise
    counts["cases"] += 1
    counts["passed"] += 1
