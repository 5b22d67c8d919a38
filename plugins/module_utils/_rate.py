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

from ansible_collections.community.huaweicloud.plugins.module_utils._wait import Clock

_WINDOW = 1.0
# After a refusal: go on with a little less than what went through in the last second, after a short pause for all.
_CAREFUL = 0.9
_PAUSE = 0.25
# Without a refusal the rate grows by this much each second.
_GROWTH = 1.05
_LEAST = 1.0


class RateBudget:
    """Slots for requests. ``limit`` (requests a second, ``None``: none) is never exceeded; a 429 lowers the rate for all, time raises it again.

    After ``deadline``, a moment of the clock, no request is worth another try.
    """

    def __init__(self, limit: float | None, clock: Clock, deadline: float | None = None) -> None:
        self._limit = limit
        self._clock = clock
        self._deadline = deadline
        self._lock = threading.Lock()
        self._rate = limit
        self._next = float("-inf")
        self._passed: collections.deque[float] = collections.deque()
        self._slowed_at = self._grown_at = float("-inf")

    @property
    def rate(self) -> float | None:
        """Requests a second at the moment, ``None`` while nothing limits them."""
        return self._rate

    def acquire(self) -> None:
        """Waits until the next request may be sent."""
        with self._lock:
            now = self._clock.monotonic()
            self._grow(now)
            slot = max(now, self._next)
            self._next = slot + (1 / self._rate if self._rate else 0.0)
        if slot > now:
            self._clock.sleep(slot - now)

    def passed(self) -> None:
        """Notes a request that was not refused."""
        with self._lock:
            now = self._clock.monotonic()
            self._passed.append(now)
            self._forget(now)

    def allows(self, pause: float) -> bool:
        """Whether there is time left to try something again after that many seconds."""
        return self._deadline is None or self._clock.monotonic() + pause < self._deadline

    def refused(self) -> None:
        """Notes a 429: everybody slows down, once for the many refusals that come together."""
        with self._lock:
            now = self._clock.monotonic()
            self._next = max(self._next, now + _PAUSE)
            if now - self._slowed_at < _WINDOW:
                return
            self._forget(now)
            slower = max(_LEAST, _CAREFUL * len(self._passed))
            self._rate = slower if self._limit is None else min(self._limit, slower)
            self._slowed_at = now

    def _grow(self, now: float) -> None:
        # Growth must not stand in for a refusal: as long as there are refusals there is none.
        if self._rate is None or self._rate == self._limit or now - max(self._slowed_at, self._grown_at) < _WINDOW:
            return
        self._rate = self._rate * _GROWTH if self._limit is None else min(self._limit, self._rate * _GROWTH)
        self._grown_at = now

    def _forget(self, now: float) -> None:
        while self._passed and self._passed[0] < now - _WINDOW:
            self._passed.popleft()


class NoBudget:
    """The budget of a task that sends one request after the other."""

    def acquire(self) -> None:
        """Never waits."""

    def allows(self, pause: float) -> bool:
        """There is no deadline."""
        return True

    def passed(self) -> None:
        """Has nothing to note."""

    def refused(self) -> None:
        """Has nothing to slow down; the request itself pauses."""


Budget = t.Union[RateBudget, NoBudget]
