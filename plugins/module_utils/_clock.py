# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The clock, how long to wait, and how old a decision may be."""

from __future__ import annotations

import contextlib
import contextvars
import math
import time
import typing as t

GROWTH = 1.5
SLOWEST = 5
# How old a list may be when a decision is based on it, in seconds.
LIST_MAX_AGE = 5.0


class Clock(t.Protocol):
    """Time as the collection sees it, so that tests need not wait for it."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """Time as it is."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class WaitPolicy(t.NamedTuple):
    """How long to wait (seconds) and how often to look: every ``interval`` seconds at first, slowing down to five times that.

    ``deadline`` is the moment of the clock at which all is over, however long there would be left (``None``: there is none).
    """

    wait: bool = True
    timeout: float = 600
    interval: float = 2
    deadline: t.Optional[float] = None

    def seconds_from(self, now: float) -> float:
        """How long a wait that begins now may take."""
        return self.timeout if self.deadline is None else min(self.timeout, max(0.0, self.deadline - now))


_time_left: contextvars.ContextVar[t.Callable[[], float]] = contextvars.ContextVar(
    "time_left", default=lambda: math.inf
)


def time_left() -> float:
    """Seconds that what goes on here and now may still take: until the end of the wait that it is a look of, else any number."""
    return _time_left.get()()


_age: contextvars.ContextVar[t.Optional[t.Callable[[], float]]] = contextvars.ContextVar("age", default=None)


def decision_age() -> float | None:
    """Seconds since what goes on here and now was decided, ``None`` where nobody said by what it was."""
    age = _age.get()
    return None if age is None else age()


@contextlib.contextmanager
def decision_age_limit(age: t.Callable[[], float]) -> t.Iterator[None]:
    """Lets what goes on within know how old that is by which it was decided."""
    token = _age.set(age)
    try:
        yield
    finally:
        _age.reset(token)


@contextlib.contextmanager
def time_limit(left: t.Callable[[], float]) -> t.Iterator[None]:
    token = _time_left.set(left)
    try:
        yield
    finally:
        _time_left.reset(token)
