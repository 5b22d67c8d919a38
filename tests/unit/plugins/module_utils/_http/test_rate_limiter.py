# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import NullLimiter
from ansible_collections.community.huaweicloud.plugins.module_utils._http.rate_limiter import AdaptiveRateLimiter


def send(limiter: AdaptiveRateLimiter, clock, seconds: float, allowed: float | None = None) -> list[float]:
    """Send as fast as the limiter allows, to a service with a limit of ``allowed`` per second; return the times of successful requests."""
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


def count_busiest_second(sent: list[float]) -> int:
    """Return the maximum number of requests within one second."""
    return max(sum(start <= moment < start + 1 - 1e-9 for moment in sent) for start in sent)


def test_no_wait_without_limit_and_throttling(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(1000):
        limiter.acquire()
        limiter.on_success()
    assert (clock.sleeps, limiter.rate) == ([], None)


@pytest.mark.parametrize("limit", [0.5, 1, 7, 50])
def test_limit_is_never_exceeded(clock, limit):
    sent = send(AdaptiveRateLimiter(limit, clock), clock, 10)
    assert count_busiest_second(sent) <= max(1, limit)
    assert len(sent) == pytest.approx(10 * limit, abs=2)


def send_over_time(limiter: AdaptiveRateLimiter, clock, number: int, over: float = 0.9) -> None:
    """Send successful requests, distributed over some time."""
    for index in range(number):
        limiter.acquire()
        limiter.on_success()
        clock.passed += over / number


def test_throttling_lowers_rate_below_successes(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    send_over_time(limiter, clock, 20)
    limiter.on_throttled()
    assert limiter.rate == pytest.approx(18)
    limiter.acquire()
    # All threads pause, and then continue one after the other.
    assert clock.sleeps == [0.25]
    limiter.acquire()
    assert clock.sleeps == [0.25, pytest.approx(1 / 18)]


def test_simultaneous_throttling_counts_once(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    send_over_time(limiter, clock, 20)
    for number in range(8):
        limiter.on_throttled()
    assert limiter.rate == pytest.approx(18)


def test_old_successes_do_not_count(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    send_over_time(limiter, clock, 50)
    clock.passed += 1.5
    send_over_time(limiter, clock, 10)
    limiter.on_throttled()
    assert limiter.rate == pytest.approx(9)


@pytest.mark.parametrize("passed, over", [(0, 0), (9, 0.9), (200, 0.3)])
def test_single_throttling_without_load_is_a_pause(clock, passed, over):
    """This happens at the start, after a second without requests, or because of a lock."""
    limiter = AdaptiveRateLimiter(None, clock)
    send_over_time(limiter, clock, passed, over)
    for number in range(3):
        limiter.on_throttled()
    assert limiter.rate is None
    limiter.acquire()
    assert clock.sleeps == [0.25]
    clock.passed += 10
    limiter.on_throttled()
    assert limiter.rate is None


@pytest.mark.parametrize(("later", "rate"), [(0.75, None), (1.0, 4.5), (1.5, 4.5), (3.0, 4.5), (3.25, None)])
def test_second_throttling_soon_lowers_the_rate(clock, later, rate):
    """A 429 at the same time belongs to the first one, and a much later one is a first one again."""
    limiter = AdaptiveRateLimiter(None, clock)
    limiter.on_throttled()
    clock.passed += later
    send_over_time(limiter, clock, 5, 0)
    limiter.on_throttled()
    assert limiter.rate == rate


def test_successes_of_the_last_second_count(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    limiter.on_throttled()
    clock.passed += 0.25
    send_over_time(limiter, clock, 5, 0)
    clock.passed += 1
    limiter.on_throttled()
    assert limiter.rate == 4.5


@pytest.mark.parametrize(("over", "rate"), [(0.79, None), (0.8, 9), (0.81, 9)])
def test_successes_over_most_of_a_second_indicate_rate(clock, over, rate):
    """The time counts from the first success."""
    moments = [0.0, *[0.5] * 9, over]
    clock.monotonic = lambda: moments.pop(0)
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(10):
        limiter.on_success()
    limiter.on_throttled()
    assert limiter.rate == rate


def test_only_successes_of_a_second_are_kept(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(100):
        limiter.on_success()
        clock.passed += 0.125
    assert len(limiter._successes) == 9


def test_rate_grows_faster_without_throttling(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    send_over_time(limiter, clock, 20)
    limiter.on_throttled()
    rates = [limiter.rate]
    for second in range(8):
        clock.passed += 1
        limiter.acquire()
        rates.append(limiter.rate)
    assert [round(after / before, 6) for before, after in zip(rates, rates[1:])] == [1.05, 1.05, 1.5, 1.5, 1.5, 2, 2, 2]


def test_reused_slot_is_for_the_same_thread(clock):
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
    # The slot is for one request.
    limiter.acquire()
    limiter.acquire()
    assert len(clock.sleeps) == 2


def test_wait_for_a_slot_ends_at_the_deadline(clock):
    limiter = AdaptiveRateLimiter(0.1, clock, clock.monotonic() + 3)
    limiter.acquire()
    limiter.acquire()
    assert clock.sleeps == [3]


@pytest.mark.parametrize("limit", [0.5, 3])
def test_throttling_does_not_raise_rate_above_limit(clock, limit):
    """Responses may arrive together although the requests were sent one by one."""
    limiter = AdaptiveRateLimiter(limit, clock)
    for number in range(40):
        limiter.on_success()
        clock.passed += 0.024
    limiter.on_throttled()
    assert limiter.rate == limit


def test_rate_never_becomes_zero(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    for number in range(5):
        limiter.on_throttled()
        clock.passed += 2
    assert limiter.rate == 1


def test_rate_grows_up_to_the_limit(clock):
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


def test_limiter_finds_the_allowed_rate(clock):
    limiter = AdaptiveRateLimiter(None, clock)
    send(limiter, clock, 30, allowed=50)
    sent = send(limiter, clock, 30, allowed=50)
    assert 35 < limiter.rate < 65
    assert len(sent) / 30 == pytest.approx(50, rel=0.2)


def test_many_threads_share_one_limit():
    class Sum:
        """A clock that does not advance and adds up all waits."""

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
    # There are 200 requests, each a tenth of a second after the previous one.
    assert sorted(round(wait, 6) for wait in clock.waits) == [pytest.approx(number / 10) for number in range(1, 200)]


def test_time_left_ends_at_the_deadline(clock):
    limiter = AdaptiveRateLimiter(None, clock, clock.monotonic() + 10)
    clock.passed += 9
    assert limiter.time_left() == 1
    clock.passed += 9
    assert limiter.time_left() == -8
    assert AdaptiveRateLimiter(None, clock).time_left() is None is NullLimiter().time_left()
