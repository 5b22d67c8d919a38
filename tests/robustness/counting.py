# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counting cases in the tally of a suite, also those in which something raises."""

from __future__ import annotations

import contextlib
import typing as t

from hypothesis.errors import UnsatisfiedAssumption


class Counts(t.Protocol):
    """What counts: the fixture ``tally``."""

    def add(self, kind: str, tried: int, held: int) -> None: ...


@contextlib.contextmanager
def counted(tally: Counts, kind: str, tried: int = 1) -> t.Iterator[None]:
    """Counts ``tried`` cases of that kind, which held if nothing is raised within."""
    held = 0
    try:
        yield
        held = tried
    finally:
        tally.add(kind, tried, held)


@contextlib.contextmanager
def weighed(counts: dict[str, int]) -> t.Iterator[None]:
    """Counts one input as tried, and as held if nothing is raised within. One that says nothing (``assume``) is not counted at all."""
    try:
        yield
    except UnsatisfiedAssumption:
        raise
    except BaseException:
        counts["tried"] += 1
        raise
    counts["tried"] += 1
    counts["held"] += 1
