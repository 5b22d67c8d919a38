# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Waiting, bounded in time, for something to become true."""

from __future__ import annotations

import contextlib
import contextvars
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    IdentityError,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
    WaitError,
)

T = t.TypeVar("T")

GROWTH = 1.5
SLOWEST = 5


class Clock(t.Protocol):
    """Time as the collection sees it, so that tests need not wait for it."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


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


def wait_until(
    look: t.Callable[[], T],
    done: t.Callable[[T], bool],
    *,
    what: str,
    describe: t.Callable[[T], str],
    wait_policy: WaitPolicy,
    clock: Clock,
    state: t.Callable[[T], str] = lambda seen: "",
    told: t.Callable[[str], None] = lambda text: None,
) -> T:
    """Looks until ``done`` is true of what was seen, and returns that.

    ``done`` raises WaitError on a state nothing leads out of. In time without success: WaitError with the last state,
    worded by ``describe``; ``what`` completes "Timed out after N s waiting for ...". A look that fails for now has seen nothing.
    ``told`` hears of each change of ``state``, a word or two, once there is something to wait for.
    """
    began = clock.monotonic()
    seconds = wait_policy.seconds_from(began)
    interval = wait_policy.interval
    last: str | None = None
    shown = ""
    while True:
        trouble: ServiceError | None = None
        try:
            with _limited(lambda: began + seconds - clock.monotonic()):
                seen = look()
        except ServiceError as error:
            trouble = _passing(error)
        else:
            finished, now = done(seen), state(seen)
            if now != last and not (finished and last is None):
                told(f"{now if last is None else f'{last} -> {now}'}, {clock.monotonic() - began:.0f} s")
            if finished:
                return seen
            last, shown = now, describe(seen)
        left = began + seconds - clock.monotonic()
        asked = (trouble.retry_after if trouble else None) or 0.0
        if left <= 0:
            raise _ended(f"Timed out after {seconds:.6g} s waiting for {what}", shown, trouble)
        if asked > left:
            raise _ended(
                f"Stopped waiting for {what}, since the service asks to wait {asked:g} s and {left:.3g} s of wait_timeout are left",
                shown,
                trouble,
            )
        clock.sleep(min(max(interval, asked), left))
        interval = min(interval * GROWTH, wait_policy.interval * SLOWEST)


@contextlib.contextmanager
def _limited(left: t.Callable[[], float]) -> t.Iterator[None]:
    token = _time_left.set(left)
    try:
        yield
    finally:
        _time_left.reset(token)


def _passing(error: ServiceError) -> ServiceError:
    """Why a look saw nothing, if it may be another reason the next time; else raises the error. Of a look without a token that is what IAM said."""
    cause = error.cause if isinstance(error, IdentityError) else error
    if not isinstance(cause, (RateLimitError, ServerError, TransportError)) or not getattr(cause, "repeatable", True):
        raise error
    return cause


def _ended(how: str, state: str, trouble: ServiceError | None) -> WaitError:
    last = [state] if state else []
    last += [f"the last look failed: {trouble.message}"] if trouble else []
    return WaitError(
        f"{how}: {'; '.join(last)}",
        hint="Look at it in the console, raise wait_timeout, or run again to go on waiting.",
    )
