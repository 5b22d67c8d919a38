# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._http.rate_limiter import (
    AdaptiveRateLimiter,
    NullLimiter,
)


def send(limiter: AdaptiveRateLimiter, clock, seconds: float, allowed: float | None = None) -> list[float]:
    """Sends as fast as the limiter lets for so many seconds, to a service that allows ``allowed`` a second; the moments of what was sent and not refused."""
    passed: list[float] = []
    end = clock.passed + seconds
    while clock.passed < end:
        limiter.acquire()
        if allowed is not None and sum(moment > clock.passed - 1 for moment in passed) >= allowed:
            limiter.on_throttled()
        else:
            passed.append(clock.passed)
            limiter.on_success()
        if limiter.rate is None:
            clock.passed += 0.01
    return passed


def busiest(sent: list[float]) -> int:
    """The most requests within any one second."""
    return max(sum(start <= moment < start + 1 - 1e-9 for moment in sent) for start in sent)


def test_without_a_limit_and_a_refusal_nobody_waits(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(1000):
        limiter.acquire()
        limiter.on_success()
    assert (clock.sleeps, limiter.rate) == ([], None)


@pytest.mark.parametrize("limit", [0.5, 1, 7, 50])
def test_the_limit_is_never_exceeded(clock, limit):
    sent = send(AdaptiveRateLimiter(limit, clock), clock, 10)
    assert busiest(sent) <= max(1, limit)
    assert len(sent) == pytest.approx(10 * limit, abs=2)


def busy(limiter: AdaptiveRateLimiter, clock, number: int, over: float = 0.9) -> None:
    """That many requests which pass, spread over some time."""
    for index in range(number):
        limiter.acquire()
        limiter.on_success()
        clock.passed += over / number


def test_a_refusal_slows_down_to_less_than_what_went_through(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    busy(limiter, clock, 20)
    limiter.on_throttled()
    assert limiter.rate == pytest.approx(18)
    limiter.acquire()
    # A pause for all, then one after the other.
    assert clock.sleeps == [0.25]
    limiter.acquire()
    assert clock.sleeps == [0.25, pytest.approx(1 / 18)]


def test_refusals_that_come_together_count_once(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    busy(limiter, clock, 20)
    for number in range(8):
        limiter.on_throttled()
    assert limiter.rate == pytest.approx(18)


def test_what_passed_long_ago_does_not_count(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    busy(limiter, clock, 50)
    clock.passed += 1.5
    busy(limiter, clock, 10)
    limiter.on_throttled()
    assert limiter.rate == pytest.approx(9)


@pytest.mark.parametrize("passed, over", [(0, 0), (9, 0.9), (200, 0.3)])
def test_one_refusal_that_tells_nothing_of_a_rate_is_a_pause(clock, passed, over):
    """At the start, after a quiet second, or since another request holds a lock."""
    limiter = AdaptiveRateLimiter(None, clock)
    busy(limiter, clock, passed, over)
    for number in range(3):
        limiter.on_throttled()
    assert limiter.rate is None
    limiter.acquire()
    assert clock.sleeps == [0.25]
    clock.passed += 10
    limiter.on_throttled()
    assert limiter.rate is None


@pytest.mark.parametrize(("later", "rate"), [(0.75, None), (1.0, 4.5), (1.5, 4.5), (3.0, 4.5), (3.25, None)])
def test_another_refusal_soon_after_it_is_about_the_rate(clock, later, rate):
    """Not at once, when it belongs to the first one, and not much later, when it is a first one again."""
    limiter = AdaptiveRateLimiter(None, clock)
    limiter.on_throttled()
    clock.passed += later
    busy(limiter, clock, 5, 0)
    limiter.on_throttled()
    assert limiter.rate == rate


def test_what_passed_a_second_ago_counts(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    limiter.on_throttled()
    clock.passed += 0.25
    busy(limiter, clock, 5, 0)
    clock.passed += 1
    limiter.on_throttled()
    assert limiter.rate == 4.5


@pytest.mark.parametrize(("over", "rate"), [(0.79, None), (0.8, 9), (0.81, 9)])
def test_what_went_through_most_of_a_second_tells_of_a_rate(clock, over, rate):
    """From the first of them on, however the others came."""
    moments = [0.0, *[0.5] * 9, over]
    clock.monotonic = lambda: moments.pop(0)
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(10):
        limiter.on_success()
    limiter.on_throttled()
    assert limiter.rate == rate


def test_no_more_is_kept_of_what_passed_than_a_second(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(100):
        limiter.on_success()
        clock.passed += 0.125
    assert len(limiter._successes) == 9


def test_the_rate_grows_the_faster_the_longer_nobody_is_refused(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    busy(limiter, clock, 20)
    limiter.on_throttled()
    rates = [limiter.rate]
    for second in range(8):
        clock.passed += 1
        limiter.acquire()
        rates.append(limiter.rate)
    assert [round(after / before, 6) for before, after in zip(rates, rates[1:])] == [1.05, 1.05, 1.5, 1.5, 1.5, 2, 2, 2]


def test_a_slot_that_is_kept_is_the_next_of_its_thread(clock):
    limiter = AdaptiveRateLimiter(10, clock)
    limiter.acquire()
    limiter.reuse_slot()
    limiter.acquire()
    assert clock.sleeps == []
    other = threading.Thread(target=limiter.acquire)
    limiter.reuse_slot()
    other.start()
    other.join()
    assert clock.sleeps == [pytest.approx(0.1)]
    # It is good for one request.
    limiter.acquire()
    limiter.acquire()
    assert len(clock.sleeps) == 2


def test_nobody_waits_for_a_slot_beyond_the_deadline(clock):
    limiter = AdaptiveRateLimiter(0.1, clock, clock.monotonic() + 3)
    limiter.acquire()
    limiter.acquire()
    assert clock.sleeps == [3]


@pytest.mark.parametrize("limit", [0.5, 3])
def test_a_refusal_does_not_raise_the_rate_above_the_limit(clock, limit):
    """Answers may come in crowds although the requests went out one by one."""
    limiter = AdaptiveRateLimiter(limit, clock)
    for number in range(40):
        limiter.on_success()
        clock.passed += 0.024
    limiter.on_throttled()
    assert limiter.rate == limit


def test_it_never_stops_altogether(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(5):
        limiter.on_throttled()
        clock.passed += 2
    assert limiter.rate == 1


def test_the_rate_grows_again_up_to_the_limit(clock):
    limiter = AdaptiveRateLimiter(20, clock)
    for number in range(10):
        limiter.on_success()
        clock.passed += 0.09
    limiter.on_throttled()
    assert limiter.rate == pytest.approx(9)
    rates = []
    for second in range(10):
        clock.passed += 1
        limiter.acquire()
        rates.append(limiter.rate)
    assert rates == sorted(rates)
    assert rates[0] < rates[2] < 20
    assert rates[-1] == 20


def test_it_finds_the_rate_a_service_allows(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    send(limiter, clock, 30, allowed=50)
    sent = send(limiter, clock, 30, allowed=50)
    assert 35 < limiter.rate < 65
    assert len(sent) / 30 == pytest.approx(50, rel=0.2)


def test_many_threads_share_one_limit():
    class Sum:
        """A clock that only adds up what everybody was told to wait; it stands still."""

        def __init__(self):
            self.waits = []

        def monotonic(self):
            return 0.0

        def sleep(self, seconds):
            self.waits.append(seconds)

    clock = Sum()
    limiter = AdaptiveRateLimiter(10, clock)
    threads = [threading.Thread(target=lambda: [limiter.acquire() for number in range(25)]) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 200 requests, each a tenth of a second after the one before.
    assert sorted(round(wait, 6) for wait in clock.waits) == [pytest.approx(number / 10) for number in range(1, 200)]


def test_the_time_that_is_left(clock):
    limiter = AdaptiveRateLimiter(None, clock, clock.monotonic() + 10)
    clock.passed += 9
    assert limiter.time_left() == 1
    clock.passed += 9
    assert limiter.time_left() == -8
    assert AdaptiveRateLimiter(None, clock).time_left() is None is NullLimiter().time_left()
