# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The rate limiters: one limit of requests per second for a task, which adapts to the rate that a service allows."""

from __future__ import annotations

import collections
import threading

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock

_WINDOW = 1.0
# After a 429, all threads pause, and then send a little less than what succeeded in the last second.
_SAFETY_FACTOR = 0.9
_PAUSE = 0.25
# The first 429 after so many seconds may have another cause than the rate, for example a lock or other users of the account.
_UNRELATED_AFTER = 3.0
# The number of successes indicates the allowed rate only if there were enough requests, over most of the last second.
_MIN_SUCCESSES = 10
_MIN_SHARE_OF_WINDOW = 0.8
# The factor by which the rate grows each second, by the seconds without a 429.
_GROWTH = ((6.0, 2.0), (3.0, 1.5), (1.0, 1.05))
_MIN_RATE = 1.0


class AdaptiveRateLimiter:
    """Slots for requests.

    The rate never exceeds ``limit`` (requests per second, ``None``: unlimited). A 429 lowers it for all threads, and it grows again over time.
    After ``deadline``, a time of the clock, slots are available at once so that the last checks can run.
    """

    is_adaptive = True

    def __init__(self, limit: float | None, clock: Clock, deadline: float | None = None) -> None:
        self._limit = limit
        self._clock = clock
        self._deadline = deadline
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._rate = limit
        self._next_slot = float("-inf")
        self._successes: collections.deque[float] = collections.deque()
        self._throttled_at = self._grown_at = float("-inf")

    @property
    def rate(self) -> float | None:
        """The current limit in requests per second, or ``None`` without a limit."""
        return self._rate

    def acquire(self) -> None:
        """Wait until the next request may be sent, or until the deadline."""
        if getattr(self._thread, "has_slot", False):
            self._thread.has_slot = False
            return
        with self._lock:
            now = self._clock.monotonic()
            self._grow(now)
            slot = max(now, self._next_slot)
            self._next_slot = slot + (1 / self._rate if self._rate else 0.0)
        until = slot if self._deadline is None else min(slot, self._deadline)
        if until > now:
            self._clock.sleep(until - now)

    def reuse_slot(self) -> None:
        """Keep the acquired slot for the next request of this thread."""
        self._thread.has_slot = True

    def on_success(self) -> None:
        """Record a request that was not throttled."""
        with self._lock:
            now = self._clock.monotonic()
            self._successes.append(now)
            self._discard_old(now)

    def time_left(self) -> float | None:
        """Return the seconds until the deadline, ``None`` without a deadline."""
        return None if self._deadline is None else self._deadline - self._clock.monotonic()

    def on_throttled(self) -> None:
        """Record a 429: pause all threads, and lower the rate unless the cause may be another one. Simultaneous 429s count once."""
        with self._lock:
            now = self._clock.monotonic()
            self._next_slot = max(self._next_slot, now + _PAUSE)
            since_throttled = now - self._throttled_at
            if since_throttled < _WINDOW:
                return
            self._throttled_at = now
            self._discard_old(now)
            if since_throttled > _UNRELATED_AFTER and not self._indicates_rate(now):
                return
            rate = max(_MIN_RATE, _SAFETY_FACTOR * len(self._successes))
            self._rate = rate if self._limit is None else min(self._limit, rate)

    def _indicates_rate(self, now: float) -> bool:
        """Return whether the successes of the last second indicate the rate that the service allows."""
        return len(self._successes) >= _MIN_SUCCESSES and now - self._successes[0] >= _MIN_SHARE_OF_WINDOW * _WINDOW

    def _grow(self, now: float) -> None:
        # While there are 429s, growth would only cause more of them.
        since_throttled = now - self._throttled_at
        if (
            self._rate is None
            or self._rate == self._limit
            or since_throttled < _WINDOW
            or now - self._grown_at < _WINDOW
        ):
            return
        rate = self._rate * next(growth for seconds, growth in _GROWTH if since_throttled >= seconds)
        self._rate = rate if self._limit is None else min(self._limit, rate)
        self._grown_at = now

    def _discard_old(self, now: float) -> None:
        while self._successes and self._successes[0] < now - _WINDOW:
            self._successes.popleft()
