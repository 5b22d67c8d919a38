# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The clock, deadlines, and the wait policy."""

from __future__ import annotations

import datetime as dt
import math
import time
import typing as t

# The factor by which the interval between checks grows, and its maximum as a multiple of the initial interval.
GROWTH = 1.5
SLOWEST = 5
# How old a list may be when a decision is based on it, in seconds.
LIST_MAX_AGE = 5.0


class Clock(t.Protocol):
    """A clock that tests can replace so that they need not wait."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class WallClock(Clock, t.Protocol):
    """A clock that also knows the time of day, for what other machines compare with it."""

    def now(self) -> dt.datetime: ...


class SystemClock:
    """The clock of the operating system."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def now(self) -> dt.datetime:
        """Return the time of day in UTC."""
        return dt.datetime.now(dt.timezone.utc)


class WaitPolicy(t.NamedTuple):
    """How long to wait and how often to check, in seconds.

    The time between checks is ``interval`` at first and grows to five times that value. ``deadline`` is the time of the clock at which every wait
    ends (``None``: no deadline).
    """

    wait: bool = True
    timeout: float = 600
    interval: float = 2
    deadline: t.Optional[float] = None

    def seconds_from(self, now: float) -> float:
        """Return the seconds that a wait that starts at ``now`` may take."""
        return self.timeout if self.deadline is None else min(self.timeout, max(0.0, self.deadline - now))


class Deadline(t.NamedTuple):
    """The time of a clock at which something must end. The default has no clock and never comes."""

    clock: t.Optional[Clock] = None
    at: float = math.inf

    def time_left(self) -> float:
        """Return the seconds until the deadline, which are negative after it; infinity without a deadline."""
        return math.inf if self.clock is None else self.at - self.clock.monotonic()


NO_DEADLINE = Deadline()
