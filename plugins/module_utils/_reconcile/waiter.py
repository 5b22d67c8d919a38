# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Waiting, bounded in time, for something to become true."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    GROWTH,
    SLOWEST,
    Clock,
    WaitPolicy,
    time_limit,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    IdentityError,
    ServiceError,
    WaitError,
)

T = t.TypeVar("T")


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
            with time_limit(lambda: began + seconds - clock.monotonic()):
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


def _passing(error: ServiceError) -> ServiceError:
    """Why a look saw nothing, if it may be another reason the next time; else raises the error. Of a look without a token that is what IAM said."""
    cause = error.cause if isinstance(error, IdentityError) else error
    if not cause.is_transient:
        raise error
    return cause


def _ended(how: str, state: str, trouble: ServiceError | None) -> WaitError:
    last = [state] if state else []
    last += [f"the last look failed: {trouble.message}"] if trouble else []
    return WaitError(
        f"{how}: {'; '.join(last)}",
        hint="Look at it in the console, raise wait_timeout, or run again to go on waiting.",
    )
