# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    ForbiddenError,
    IdentityError,
    NotFoundError,
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    FAILED,
    PENDING,
    READY,
    TERMINATED,
    TERMINATING,
    Source,
    Status,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import (
    Wait,
    Waiter,
    is_as_declared,
    wait_until,
)
from fake_resource import FakeResource

HINT = "Check it in the console, raise wait_timeout, or rerun the task to continue waiting."


class States:
    """Shows one state after the other, the last one again and again."""

    def __init__(self, *states):
        self.states = list(states)
        self.looks = 0

    def __call__(self, deadline):
        self.looks += 1
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def wait_for(states, clock, *, done=lambda state: state == "up", **wait_policy):
    wait = Wait(
        states,
        done,
        what="release 'demo/canary' to come up",
        describe=lambda state: f"its phase is {state}",
        wait_policy=WaitPolicy(**wait_policy),
        clock=clock,
    )
    return wait_until(wait, clock)


def test_defaults_are_those_of_the_options():
    assert WaitPolicy() == (True, 600, 2, None)


def test_ready_object_is_not_polled(clock):
    states = States("up")
    assert wait_for(states, clock) == "up"
    assert (states.looks, clock.sleeps) == (1, [])


def test_interval_grows_to_five_times(clock):
    states = States(*["starting"] * 8, "up")
    assert wait_for(states, clock, interval=2) == "up"
    assert states.looks == 9
    assert clock.sleeps == [2, 3, 4.5, 6.75, 10, 10, 10, 10]


def test_last_state_is_named_when_time_runs_out(clock):
    states = States("starting", "starting", "Upgrading")
    with pytest.raises(WaitError) as caught:
        wait_for(states, clock, timeout=10, interval=2)
    assert (
        caught.value.message
        == "Timed out after 10 s waiting for release 'demo/canary' to come up: its phase is Upgrading"
    )
    assert caught.value.hint == HINT
    assert caught.value.kind == "wait"
    # The last sleep ends at the deadline, and one more poll follows.
    assert clock.sleeps == [2, 3, 4.5, 0.5]
    assert states.looks == 5


def test_success_at_the_very_end_counts(clock):
    assert wait_for(States("starting", "starting", "up"), clock, timeout=3, interval=2) == "up"
    assert clock.sleeps == [2, 1]


@pytest.mark.parametrize("timeout, words", [(0.5, "0.5 s"), (600.0, "600 s"), (90, "90 s")])
def test_time_is_worded_shortly(clock, timeout, words):
    with pytest.raises(WaitError, match=f"^Timed out after {words} waiting for "):
        wait_for(States("starting"), clock, timeout=timeout)


def test_failure_state_ends_the_wait_immediately(clock):
    def done(state):
        if state == "Failed":
            raise WaitError("It failed for good")
        return False

    states = States("starting", "Failed", "up")
    with pytest.raises(WaitError, match="^It failed for good$"):
        wait_for(states, clock, done=done)
    assert (states.looks, clock.sleeps) == (2, [2])


def trouble(kind=ServerError, **facts):
    return kind("Failed to look: busy (HTTP 503)", **facts)


class Troubled(States):
    """Shows states, and raises those that are errors."""

    def __call__(self, deadline):
        seen = super().__call__(deadline)
        if isinstance(seen, Exception):
            raise seen
        return seen


@pytest.mark.parametrize("kind", [RateLimitError, ServerError, TransportError])
def test_poll_with_temporary_failure_has_no_result(clock, kind):
    states = Troubled(trouble(kind), "starting", trouble(kind), trouble(kind), "up")
    assert wait_for(states, clock, interval=2) == "up"
    assert (states.looks, clock.sleeps) == (5, [2, 3, 4.5, 6.75])


@pytest.mark.parametrize(
    "kind", [AuthError, ForbiddenError, NotFoundError, ProtocolError, BadRequestError, OptionError]
)
def test_poll_with_permanent_failure_ends_the_wait(clock, kind):
    with pytest.raises(kind):
        wait_for(Troubled("starting", trouble(kind)), clock)


def test_untrusted_connection_ends_the_wait(clock):
    with pytest.raises(TransportError):
        wait_for(
            Troubled("starting", TransportError("no trusted connection", request_sent=False, retryable=False)), clock
        )


def test_poll_without_token_has_no_result_if_iam_is_down(clock):
    wait_for(Troubled("starting", IdentityError(ServerError("IAM is down"), ()), "up"), clock)
    busy = RateLimitError("throttled")
    busy.retry_after = 40.0
    wait_for(Troubled(IdentityError(busy, ()), "up"), clock)
    assert clock.sleeps[-1] == 40
    for cause in (
        AuthError("wrong password"),
        NotFoundError("no such user"),
        TransportError("no trusted connection", request_sent=False, retryable=False),
    ):
        with pytest.raises(IdentityError):
            wait_for(Troubled("starting", IdentityError(cause, ())), clock)


@pytest.mark.parametrize(
    "states, words",
    [
        (["starting", trouble()], "its phase is starting; the last attempt failed: Failed to look: busy (HTTP 503)"),
        ([trouble()], "the last attempt failed: Failed to look: busy (HTTP 503)"),
        ([trouble(), "starting"], "its phase is starting"),
    ],
)
def test_timeout_names_the_last_state_and_the_last_error(clock, states, words):
    with pytest.raises(WaitError) as caught:
        wait_for(Troubled(*states), clock, timeout=10)
    assert caught.value.message == f"Timed out after 10 s waiting for release 'demo/canary' to come up: {words}"
    assert (caught.value.hint, sum(clock.sleeps)) == (HINT, 10)


def test_retry_after_delays_the_next_poll(clock):
    error = trouble(RateLimitError)
    error.retry_after = 7
    assert wait_for(Troubled(error, "up"), clock, timeout=10) == "up"
    assert clock.sleeps == [7]
    with pytest.raises(WaitError) as caught:
        wait_for(Troubled(error), clock, timeout=10)
    assert clock.sleeps == [7, 7]
    assert caught.value.message == (
        "Stopped waiting for release 'demo/canary' to come up, because the service asks to wait 7 s and 3 s of wait_timeout are left: "
        "the last attempt failed: Failed to look: busy (HTTP 503)"
    )


def test_poll_has_the_remaining_time(clock):
    seen = []

    def look(deadline):
        seen.append(deadline.time_left())
        clock.passed += 1
        seen.append(deadline.time_left())
        return "up" if len(seen) > 2 else "starting"

    wait_for(look, clock, timeout=10, interval=2)
    assert seen == [10, 9, 7, 6]
    assert NO_DEADLINE.time_left() == float("inf")


def test_time_spent_looking_counts(clock):
    def look(deadline):
        clock.passed += 6
        return "starting"

    with pytest.raises(WaitError):
        wait_for(look, clock, timeout=10, interval=2)
    assert clock.sleeps == [2]


@pytest.mark.parametrize(
    "timeout, deadline, slept, words", [(10, 4, 4, "4 s"), (3, 40, 3, "3 s"), (10, 0, 0, "0 s"), (10, -5, 0, "0 s")]
)
def test_deadline_of_the_whole_task_ends_a_wait_too(clock, timeout, deadline, slept, words):
    wait_policy = WaitPolicy(True, timeout, 1, clock.monotonic() + deadline)
    with pytest.raises(WaitError, match=f"^Timed out after {words} waiting for it: down"):
        wait = Wait(
            lambda deadline: "down", lambda seen: False, what="it", describe=str, wait_policy=wait_policy, clock=clock
        )
        wait_until(wait, clock)
    assert sum(clock.sleeps) == slept


def test_each_change_of_state_is_reported_once(clock):
    seen, lines = iter(["Creating", "Creating", "Starting", "Running"]), []
    wait = Wait(
        lambda deadline: next(seen),
        lambda state: state == "Running",
        what="it",
        describe=str,
        wait_policy=WaitPolicy(interval=2),
        clock=clock,
        phase=lambda state: f"<{state}>",
        on_progress=lines.append,
    )
    wait_until(wait, clock)
    assert lines == ["<Creating>, 0 s", "<Creating> -> <Starting>, 5 s", "<Starting> -> <Running>, 10 s"]


def test_response_can_use_all_remaining_time(clock):
    error = trouble(RateLimitError)
    error.retry_after = 10
    assert wait_for(Troubled(error, "up"), clock, timeout=10) == "up"
    assert clock.sleeps == [10]


@pytest.mark.parametrize(
    ("wait", "seconds", "slept"),
    [(True, None, [3]), (False, None, []), (True, 7, [7]), (False, 7, [7]), (False, 0, [0])],
)
def test_sleep_without_seconds_takes_one_interval(clock, wait, seconds, slept):
    waiter = Waiter(WaitPolicy(wait, 600, 3), clock)
    assert waiter.sleep(seconds) is bool(slept)
    assert clock.sleeps == slept


@pytest.mark.parametrize("seconds, slept", [(None, []), (2, [2]), (5, []), (6, [])])
def test_sleep_does_not_pass_the_deadline(clock, seconds, slept):
    waiter = Waiter(WaitPolicy(True, 600, 500, clock.monotonic() + 5), clock)
    assert waiter.sleep(seconds) is bool(slept)
    assert clock.sleeps == slept


class PhasedResource(FakeResource):
    """A resource whose lookups return one object after the other, the last one again and again."""

    def __init__(self, *phases, final_action=None, keeps_record=False):
        super().__init__({"size": 2}, final_action=final_action)
        self.phases = list(phases)
        self.keeps_record = keeps_record

    @property
    def desired_state(self):
        return super().desired_state._replace(keeps_record=self.keeps_record)

    def lookup(self, source=Source.CACHED_LIST, deadline=None):
        self.step(
            {Source.CACHED_LIST: "lookup", Source.NEW_LIST: "refresh", Source.AFTER_CHANGE: "read after change"}[source]
        )
        return self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]

    def status(self, observed):
        condition = observed["condition"]
        reason = "It has failed." if condition in (FAILED, "blocked") else ""
        return Status(condition, condition, f"it is {condition}", reason, "Fix it.", condition == "blocked")


def with_conditions(*conditions):
    return [condition and {"condition": condition} for condition in conditions]


def test_wait_until_ready_polls_and_reports_each_phase(clock):
    box, lines = PhasedResource(*with_conditions(None, PENDING, PENDING, READY)), []
    waiter = Waiter(WaitPolicy(True, 600, 2), clock, lines.append)
    assert waiter.wait_until_ready(box, None) == {"condition": READY}
    assert box.log == ["read after change"] * 4
    assert lines == [
        "box b: not listed, 0 s",
        "box b: not listed -> pending, 2 s",
        "box b: pending -> ready, 10 s",
    ]


def test_wait_until_ready_takes_a_ready_object_without_a_read(clock):
    box = PhasedResource(None)
    assert Waiter(WaitPolicy(), clock).wait_until_ready(box, {"condition": READY}) == {"condition": READY}
    assert (box.log, clock.sleeps) == ([], [])


@pytest.mark.parametrize("wait", [True, False])
def test_wait_until_ready_fails_for_a_failed_object(clock, wait):
    box = PhasedResource({"condition": FAILED})
    with pytest.raises(WaitError) as caught:
        Waiter(WaitPolicy(wait), clock).wait_until_ready(box, None)
    assert (caught.value.message, caught.value.hint, clock.sleeps) == ("It has failed.", "Fix it.", [])


def test_without_waiting_one_read_is_the_result(clock):
    for found in with_conditions(None, PENDING):
        box = PhasedResource(found)
        assert Waiter(WaitPolicy(False), clock).wait_until_ready(box, None) == found
        assert (box.log, clock.sleeps) == (["read after change"], [])


@pytest.mark.parametrize(
    ("wait", "required", "keeps_record", "reads", "remains"),
    [
        (True, False, False, 3, None),
        (False, True, False, 3, None),
        (False, False, False, 0, None),
        (False, False, True, 1, {"condition": TERMINATING}),
    ],
)
def test_wait_until_deleted_polls_if_necessary(clock, wait, required, keeps_record, reads, remains):
    box = PhasedResource(*with_conditions(TERMINATING, FAILED, None), keeps_record=keeps_record)
    assert Waiter(WaitPolicy(wait), clock).wait_until_deleted(box, required) == remains
    assert box.log == ["refresh"] * reads


def test_wait_until_deleted_is_not_required_by_default(clock):
    box = PhasedResource({"condition": TERMINATING})
    assert Waiter(WaitPolicy(False), clock).wait_until_deleted(box) is None
    assert (box.log, clock.sleeps) == ([], [])


def test_wait_until_deleted_returns_the_record(clock):
    box = PhasedResource(*with_conditions(TERMINATING, TERMINATED))
    assert Waiter(WaitPolicy(), clock).wait_until_deleted(box) == {"condition": TERMINATED}


def test_wait_until_deleted_fails_if_the_deletion_failed(clock):
    box = PhasedResource(*with_conditions(TERMINATING, "blocked"))
    with pytest.raises(WaitError, match="^It has failed. Fix it.$"):
        Waiter(WaitPolicy(), clock).wait_until_deleted(box)


@pytest.mark.parametrize(
    ("final_action", "condition", "expected"),
    [
        (None, None, False),
        (None, PENDING, False),
        (None, READY, True),
        ("delete", None, True),
        ("delete", READY, False),
        ("delete", TERMINATED, True),
    ],
)
def test_is_as_declared_depends_on_the_final_action(final_action, condition, expected):
    box = PhasedResource(None, final_action=final_action)
    assert is_as_declared(box, condition and {"condition": condition}) is expected


@pytest.mark.parametrize(("condition", "words"), [(PENDING, "it is pending"), (None, "it is not listed")])
def test_timeout_names_the_goal_and_the_last_status(clock, condition, words):
    box = PhasedResource(*with_conditions(condition))
    with pytest.raises(WaitError, match=f"^Timed out after 5 s waiting for box 'b' to be ready: {words}. "):
        Waiter(WaitPolicy(True, 5, 2), clock).wait_until_ready(box, None)


class TimedResource(PhasedResource):
    """A resource that logs the seconds that each lookup may take."""

    def lookup(self, source=Source.CACHED_LIST, deadline=NO_DEADLINE):
        self.log.append(deadline.time_left())
        return self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]


def test_lookups_must_end_with_the_wait(clock):
    waiter = Waiter(WaitPolicy(True, 30, 2), clock)
    box = TimedResource(*with_conditions(PENDING, PENDING, READY))
    waiter.wait_until_ready(box, None)
    assert box.log == [30, 28, 25]
    box = TimedResource(*with_conditions(TERMINATING, TERMINATING, None))
    waiter.wait_until_deleted(box)
    assert box.log == [30, 28, 25]
