# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import RateLimitError, ServerError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._rate import NoBudget, RateBudget

LISTED = Operation("list", "GET", "modelarts", ("v1", "things"))
THROTTLED = (429, {"error_code": "APIGW.0308", "error_msg": "The throttling threshold has been reached"})


def send(budget: RateBudget, clock, seconds: float, allowed: float | None = None) -> list[float]:
    """Sends as fast as the budget lets for so many seconds, to a service that allows ``allowed`` a second; the moments of what was sent and not refused."""
    passed: list[float] = []
    end = clock.passed + seconds
    while clock.passed < end:
        budget.acquire()
        if allowed is not None and sum(moment > clock.passed - 1 for moment in passed) >= allowed:
            budget.refused()
        else:
            passed.append(clock.passed)
            budget.passed()
        if budget.rate is None:
            clock.passed += 0.01
    return passed


def busiest(sent: list[float]) -> int:
    """The most requests within any one second."""
    return max(sum(start <= moment < start + 1 - 1e-9 for moment in sent) for start in sent)


def test_without_a_limit_and_a_refusal_nobody_waits(clock):
    budget = RateBudget(None, clock)
    for number in range(1000):
        budget.acquire()
        budget.passed()
    assert (clock.sleeps, budget.rate) == ([], None)


@pytest.mark.parametrize("limit", [0.5, 1, 7, 50])
def test_the_limit_is_never_exceeded(clock, limit):
    sent = send(RateBudget(limit, clock), clock, 10)
    assert busiest(sent) <= max(1, limit)
    assert len(sent) == pytest.approx(10 * limit, abs=2)


def test_a_refusal_slows_down_to_less_than_what_went_through(clock):
    budget = RateBudget(None, clock)
    for number in range(20):
        budget.acquire()
        budget.passed()
    budget.refused()
    assert budget.rate == pytest.approx(18)
    budget.acquire()
    # A pause for all, then one after the other.
    assert clock.sleeps == [0.25]
    budget.acquire()
    assert clock.sleeps == [0.25, pytest.approx(1 / 18)]


def test_refusals_that_come_together_count_once(clock):
    budget = RateBudget(None, clock)
    for number in range(20):
        budget.passed()
    for number in range(8):
        budget.refused()
    assert budget.rate == pytest.approx(18)


def test_what_passed_long_ago_does_not_count(clock):
    budget = RateBudget(None, clock)
    for number in range(50):
        budget.passed()
    clock.passed += 1.5
    for number in range(10):
        budget.passed()
    budget.refused()
    assert budget.rate == pytest.approx(9)


@pytest.mark.parametrize("limit", [0.5, 3])
def test_a_refusal_does_not_raise_the_rate_above_the_limit(clock, limit):
    """Answers may come in crowds although the requests went out one by one."""
    budget = RateBudget(limit, clock)
    for number in range(40):
        budget.passed()
    budget.refused()
    assert budget.rate == limit


def test_it_never_stops_altogether(clock):
    budget = RateBudget(None, clock)
    for number in range(5):
        budget.refused()
        clock.passed += 2
    assert budget.rate == 1


def test_the_rate_grows_again_up_to_the_limit(clock):
    budget = RateBudget(20, clock)
    for number in range(10):
        budget.passed()
    budget.refused()
    assert budget.rate == pytest.approx(9)
    rates = []
    for second in range(40):
        clock.passed += 1
        budget.acquire()
        rates.append(budget.rate)
    assert rates == sorted(rates)
    assert rates[0] < rates[10] < 20
    assert rates[-1] == 20


def test_it_finds_the_rate_a_service_allows(clock):
    budget = RateBudget(None, clock)
    send(budget, clock, 30, allowed=50)
    sent = send(budget, clock, 30, allowed=50)
    assert 35 < budget.rate < 65
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
    budget = RateBudget(10, clock)
    threads = [threading.Thread(target=lambda: [budget.acquire() for number in range(25)]) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 200 requests, each a tenth of a second after the one before.
    assert sorted(round(wait, 6) for wait in clock.waits) == [pytest.approx(number / 10) for number in range(1, 200)]


def test_after_the_deadline_nothing_is_worth_another_try(clock):
    budget = RateBudget(None, clock, clock.monotonic() + 10)
    assert budget.allows(9.9)
    assert not budget.allows(10)
    clock.passed += 9
    assert not budget.allows(1.5)
    assert RateBudget(None, clock).allows(1e9)
    assert NoBudget().allows(1e9)


def test_a_client_asks_its_budget_before_every_try(make_client, clock):
    rig = make_client([THROTTLED, THROTTLED, 200])
    rig.client.budget = RateBudget(100, clock)
    rig.client.request(LISTED)
    assert len(rig.calls) == 3
    # Nothing went through, so one a second, and a little more after a second without a refusal.
    assert rig.client.budget.rate == 1.05


def test_refusals_under_a_budget_are_no_reason_to_give_up_soon(make_client, clock):
    patient = make_client([THROTTLED] * 9, max_retries=2)
    patient.client.budget = RateBudget(None, clock)
    with pytest.raises(RateLimitError) as caught:
        patient.client.request(LISTED)
    assert caught.value.attempts == 9
    hasty = make_client([THROTTLED] * 3, max_retries=2)
    with pytest.raises(RateLimitError):
        hasty.client.request(LISTED)


@pytest.mark.parametrize("answer", [THROTTLED, 503])
def test_a_client_does_not_try_again_when_the_time_is_over(make_client, clock, answer):
    rig = make_client([answer] * 3, max_retries=10)
    # Pauses of 0.5, 1 and 2 seconds.
    rig.client.budget = RateBudget(None, clock, clock.monotonic() + 3)
    with pytest.raises((RateLimitError, ServerError)) as caught:
        rig.client.request(LISTED)
    assert caught.value.attempts == 3
    assert clock.passed < 3
