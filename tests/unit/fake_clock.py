# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock for tests."""

from __future__ import annotations

import datetime as dt

START = dt.datetime(2026, 3, 1, 12, 0, 0, tzinfo=dt.timezone.utc)


class FakeClock:
    """A clock that advances only during sleeps."""

    def __init__(self, start: dt.datetime = START) -> None:
        self._start = start
        self.sleeps: list[float] = []
        self.passed = 0.0

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def now(self) -> dt.datetime:
        return self._start + dt.timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.passed += seconds
