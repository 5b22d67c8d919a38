# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Waiting, bounded in time, for something to become true."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import WaitError

T = t.TypeVar("T")

GROWTH = 1.5
SLOWEST = 5


class Clock(t.Protocol):
    """Time as the collection sees it, so that tests need not wait for it."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Patience(t.NamedTuple):
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


def wait_until(
    look: t.Callable[[], T],
    done: t.Callable[[T], bool],
    *,
    what: str,
    describe: t.Callable[[T], str],
    patience: Patience,
    clock: Clock,
    state: t.Callable[[T], str] = lambda seen: "",
    told: t.Callable[[str], None] = lambda text: None,
) -> T:
    """Looks until ``done`` is true of what was seen, and returns that.

    ``done`` raises WaitError on a state nothing leads out of. In time without success: WaitError with the last state,
    worded by ``describe``; ``what`` completes "Timed out after N s waiting for ...". ``told`` hears of each change of
    ``state``, a word or two, once there is something to wait for.
    """
    began = clock.monotonic()
    seconds = patience.seconds_from(began)
    interval = patience.interval
    last: str | None = None
    while True:
        seen = look()
        finished, now = done(seen), state(seen)
        if now != last and not (finished and last is None):
            told(f"{now if last is None else f'{last} -> {now}'}, {clock.monotonic() - began:.0f} s")
        last = now
        if finished:
            return seen
        left = began + seconds - clock.monotonic()
        if left <= 0:
            raise WaitError(
                f"Timed out after {seconds:.6g} s waiting for {what}: {describe(seen)}",
                hint="Look at it in the console, raise wait_timeout, or run again to go on waiting.",
            )
        clock.sleep(min(interval, left))
        interval = min(interval * GROWTH, patience.interval * SLOWEST)
