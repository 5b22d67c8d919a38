# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""One budget of requests a second for everything a task sends, which finds the rate a service allows by itself."""

from __future__ import annotations

import collections
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock

_WINDOW = 1.0
# After a refusal: go on with a little less than what went through in the last second, after a short pause for all.
_CAREFUL = 0.9
_PAUSE = 0.25
# A refusal after so many seconds without one may be about something else than the rate (a lock, a neighbor).
_SERIES = 3.0
# What went through tells of a rate only if it was this much, over most of the last second: otherwise nobody tried.
_ENOUGH = 10
_MOST_OF_WINDOW = 0.8
# By what the rate grows each second after so many seconds without a refusal.
_GROWTH = ((6.0, 2.0), (3.0, 1.5), (1.0, 1.05))
_LEAST = 1.0


class AdaptiveRateLimiter:
    """Slots for requests. ``limit`` (requests a second, ``None``: none) is never exceeded; refusals (429) lower the rate for all, time raises it again.

    After ``deadline``, a moment of the clock, no request is sent.
    """

    def __init__(self, limit: float | None, clock: Clock, deadline: float | None = None) -> None:
        self._limit = limit
        self._clock = clock
        self._deadline = deadline
        self._lock = threading.Lock()
        self._own = threading.local()
        self._rate = limit
        self._next = float("-inf")
        self._passed: collections.deque[float] = collections.deque()
        self._refused_at = self._grown_at = float("-inf")

    @property
    def rate(self) -> float | None:
        """Requests a second at the moment, ``None`` while nothing limits them."""
        return self._rate

    def acquire(self) -> None:
        """Waits until the next request may be sent, or the deadline is there."""
        if getattr(self._own, "slot", False):
            self._own.slot = False
            return
        with self._lock:
            now = self._clock.monotonic()
            self._grow(now)
            slot = max(now, self._next)
            self._next = slot + (1 / self._rate if self._rate else 0.0)
        until = slot if self._deadline is None else min(slot, self._deadline)
        if until > now:
            self._clock.sleep(until - now)

    def reuse_slot(self) -> None:
        """Keeps the slot that was acquired for the next request of this thread."""
        self._own.slot = True

    def on_success(self) -> None:
        """Notes a request that was not refused."""
        with self._lock:
            now = self._clock.monotonic()
            self._passed.append(now)
            self._forget(now)

    def time_left(self) -> float | None:
        """Seconds until the deadline, ``None`` without one."""
        return None if self._deadline is None else self._deadline - self._clock.monotonic()

    def on_throttled(self) -> None:
        """Notes a 429: everybody pauses, and slows down unless it may have been about something else. Many that come together count once."""
        with self._lock:
            now = self._clock.monotonic()
            self._next = max(self._next, now + _PAUSE)
            calm = now - self._refused_at
            if calm < _WINDOW:
                return
            self._refused_at = now
            self._forget(now)
            if calm > _SERIES and not self._is_telling(now):
                return
            slower = max(_LEAST, _CAREFUL * len(self._passed))
            self._rate = slower if self._limit is None else min(self._limit, slower)

    def _is_telling(self, now: float) -> bool:
        """Whether what went through in the last second says something of what the service allows."""
        return len(self._passed) >= _ENOUGH and now - self._passed[0] >= _MOST_OF_WINDOW * _WINDOW

    def _grow(self, now: float) -> None:
        # Growth must not stand in for a refusal: as long as there are refusals there is none.
        calm = now - self._refused_at
        if self._rate is None or self._rate == self._limit or calm < _WINDOW or now - self._grown_at < _WINDOW:
            return
        grown = self._rate * next(growth for seconds, growth in _GROWTH if calm >= seconds)
        self._rate = grown if self._limit is None else min(self._limit, grown)
        self._grown_at = now

    def _forget(self, now: float) -> None:
        while self._passed and self._passed[0] < now - _WINDOW:
            self._passed.popleft()


class NullLimiter:
    """The budget of a task that sends one request after the other."""

    def acquire(self) -> None:
        """Never waits."""

    def reuse_slot(self) -> None:
        """Nothing was waited for."""

    def time_left(self) -> float | None:
        """There is no deadline."""
        return None

    def on_success(self) -> None:
        """Has nothing to note."""

    def on_throttled(self) -> None:
        """Has nothing to slow down; the request itself pauses."""


Budget = t.Union[AdaptiveRateLimiter, NullLimiter]
