# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The clock, the wait policy, and the limits of the current wait and of the current decision."""

from __future__ import annotations

import contextlib
import contextvars
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


_time_left: contextvars.ContextVar[t.Callable[[], float]] = contextvars.ContextVar(
    "time_left", default=lambda: math.inf
)


def time_left() -> float:
    """Return the seconds until the end of the current wait; infinity outside of a wait."""
    return _time_left.get()()


_decision_age: contextvars.ContextVar[t.Optional[t.Callable[[], float]]] = contextvars.ContextVar(
    "decision_age", default=None
)


def decision_age() -> float | None:
    """Return the age in seconds of the list that the current write is based on, or ``None`` without a list."""
    age = _decision_age.get()
    return None if age is None else age()


@contextlib.contextmanager
def decision_age_limit(age: t.Callable[[], float]) -> t.Iterator[None]:
    """Set the function that returns the age of the current decision in seconds."""
    token = _decision_age.set(age)
    try:
        yield
    finally:
        _decision_age.reset(token)


@contextlib.contextmanager
def time_limit(left: t.Callable[[], float]) -> t.Iterator[None]:
    """Set the function that returns the seconds until the end of the current wait."""
    token = _time_left.set(left)
    try:
        yield
    finally:
        _time_left.reset(token)
