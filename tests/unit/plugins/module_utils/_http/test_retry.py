# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    BadRequestError,
    ConflictError,
    ConnectFailure,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.retry import (
    QueueState,
    RetryDecision,
    RetryPolicy,
    RetryState,
    check_before_send,
    decide_retry,
    max_retries,
    parse_retry_after,
)

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
POLICY = RetryPolicy(max_retries=5, max_delay=30.0)
RESEND = RetryDecision(delay=0.5)
FINAL = RetryDecision()
LOOK_FIRST = RetryDecision(retry_after=0.5, retries_left=5)

THROTTLED = RateLimitError("throttled", status=429)
UNAVAILABLE = ServerError("unavailable", status=503)
LOST = TransportError("the connection broke")
NOT_SENT = TransportError("no connection", request_sent=False)
UNTRUSTED = TransportError("no trusted connection", request_sent=False, retryable=False)


def operation(method="GET", **changes):
    return Operation("count the resources", method, "asm", ("v2", "resources"))._replace(**changes)


GET, PUT, DELETE, POST = map(operation, ("GET", "PUT", "DELETE", "POST"))
SAFE_POST = operation("POST", safe=True)
RAW_GET, RAW_PUT, RAW_POST = (operation(method, raw=True) for method in ("GET", "PUT", "POST"))


@pytest.mark.parametrize(
    ("request_", "failure", "decision"),
    [
        *((request, THROTTLED, RESEND) for request in (GET, PUT, DELETE, POST, SAFE_POST, RAW_GET, RAW_PUT)),
        *((request, NOT_SENT, RESEND) for request in (GET, PUT, DELETE, POST, SAFE_POST, RAW_GET)),
        *((request, LOST, RESEND) for request in (GET, PUT, DELETE, SAFE_POST, RAW_GET)),
        *((request, UNAVAILABLE, RESEND) for request in (GET, PUT, DELETE, SAFE_POST)),
        *((request, UNTRUSTED, FINAL) for request in (GET, PUT, DELETE, POST, SAFE_POST, RAW_GET, RAW_POST)),
        (POST, LOST, FINAL),
        (POST, UNAVAILABLE, FINAL),
        (RAW_GET, UNAVAILABLE, FINAL),
        (RAW_PUT, LOST, FINAL),
        (RAW_PUT, NOT_SENT, FINAL),
        (RAW_POST, THROTTLED, FINAL),
        (RAW_POST, NOT_SENT, FINAL),
        *(
            (request, failure, FINAL)
            for request in (GET, PUT, DELETE, POST, SAFE_POST, RAW_GET)
            for failure in (
                AuthError("x", status=401),
                BadRequestError("x", status=400),
                ConflictError("x", status=409),
                NotFoundError("x", status=404),
                ProtocolError("x", status=200),
                ServerError("x", status=501),
            )
        ),
    ],
)
def test_resend_depends_on_request_and_failure(request_, failure, decision):
    assert decide_retry(request_, failure, RetryState(attempt=1), POLICY) == decision


@pytest.mark.parametrize("status, decision", [(500, FINAL), (502, RESEND), (503, RESEND), (504, RESEND)])
def test_operation_can_exclude_a_status(status, decision):
    request = operation("DELETE", retry_statuses=(502, 503, 504))
    assert decide_retry(request, ServerError("x", status=status), RetryState(attempt=1), POLICY) == decision


@pytest.mark.parametrize(
    ("attempt", "jitter", "requested", "delay"),
    [
        (1, 1.0, None, 0.5),
        (1, 0.0, None, 0.25),
        (2, 1.0, None, 1.0),
        (3, 0.5, None, 1.5),
        (5, 1.0, None, 8.0),
        (1, 1.0, 7.0, 7.0),
        (4, 1.0, 1.0, 4.0),
        (1, 1.0, 30.0, 30.0),
    ],
)
def test_delay_is_the_longer_of_backoff_and_retry_after(attempt, jitter, requested, delay):
    state = RetryState(attempt, requested_delay=requested, jitter=jitter)
    assert decide_retry(GET, THROTTLED, state, POLICY) == RetryDecision(delay=delay, retry_after=requested)


def test_backoff_ends_at_the_maximum_delay():
    policy = RetryPolicy(max_retries=2000, max_delay=30.0)
    assert decide_retry(GET, UNAVAILABLE, RetryState(attempt=1500), policy).delay == 30.0


def test_longer_retry_after_than_allowed_is_final():
    decision = decide_retry(GET, THROTTLED, RetryState(1, requested_delay=31.0), POLICY)
    assert (decision.delay, decision.retry_after, decision.retries_left) == (None, 31.0, 0)
    assert decision.hint.startswith("The service asks to wait 31 s, retry_max_delay is 30.")


@pytest.mark.parametrize("attempt, delay", [(5, 8.0), (6, None)])
def test_retries_end_after_the_maximum(attempt, delay):
    assert decide_retry(GET, UNAVAILABLE, RetryState(attempt), POLICY).delay == delay


@pytest.mark.parametrize("time_left, delay", [(0.5, 0.5), (0.4, None), (0.0, None), (-1.0, None)])
def test_delay_must_end_before_the_deadline(time_left, delay):
    assert decide_retry(GET, UNAVAILABLE, RetryState(1, time_left=time_left), POLICY).delay == delay


@pytest.mark.parametrize("age, decision", [(0.0, RESEND), (4.4, RESEND), (4.5, LOOK_FIRST), (60.0, LOOK_FIRST)])
def test_post_is_resent_while_the_decision_is_fresh(age, decision):
    assert decide_retry(POST, THROTTLED, RetryState(1, decision_age=age), POLICY) == decision


@pytest.mark.parametrize("request_", [GET, PUT, DELETE, SAFE_POST])
def test_idempotent_request_is_resent_at_any_age(request_):
    assert decide_retry(request_, THROTTLED, RetryState(1, decision_age=60.0), POLICY) == RESEND


def test_post_after_503_with_retry_after_needs_a_lookup():
    decision = decide_retry(POST, UNAVAILABLE, RetryState(1, requested_delay=2.0), POLICY)
    assert decision == RetryDecision(retry_after=2.0, retries_left=5)


def test_retry_after_is_reported_if_the_request_is_final():
    assert decide_retry(
        GET, BadRequestError("x", status=400), RetryState(1, requested_delay=7.0), POLICY
    ) == RetryDecision(retry_after=7.0)


@pytest.mark.parametrize(
    ("failure", "policy", "host_reached", "retries"),
    [
        (UNAVAILABLE, POLICY, True, 5),
        (THROTTLED, POLICY, True, 5),
        (THROTTLED, POLICY._replace(adaptive=True), True, 20),
        (UNAVAILABLE, POLICY._replace(adaptive=True), True, 5),
        (TransportError("x", connect_failure=ConnectFailure.UNKNOWN_HOST), POLICY, False, 0),
        (TransportError("x", connect_failure=ConnectFailure.UNREACHABLE), POLICY, False, 2),
        (TransportError("x", connect_failure=ConnectFailure.UNREACHABLE), POLICY._replace(max_retries=1), False, 1),
        (TransportError("x", connect_failure=ConnectFailure.UNREACHABLE), POLICY, True, 5),
        (LOST, POLICY, False, 5),
    ],
)
def test_number_of_retries_depends_on_the_failure(failure, policy, host_reached, retries):
    assert max_retries(failure, policy, host_reached=host_reached) == retries
    if host_reached:
        assert max_retries(failure, policy) == retries


@pytest.mark.parametrize(("attempt", "host_reached", "delay"), [(2, False, 1.0), (3, False, None), (3, True, 2.0)])
def test_unreachable_host_is_tried_less_often(attempt, host_reached, delay):
    failure = TransportError("x", request_sent=False, connect_failure=ConnectFailure.UNREACHABLE)
    assert decide_retry(GET, failure, RetryState(attempt, host_reached=host_reached), POLICY).delay == delay


@pytest.mark.parametrize(
    ("request_", "waited", "age", "is_stale"),
    [
        (POST, 1.0, 5.0, True),
        (POST, 0.9, 60.0, False),
        (POST, 60.0, 4.9, False),
        (GET, 60.0, 60.0, False),
        (PUT, 60.0, 60.0, False),
        (SAFE_POST, 60.0, 60.0, False),
        (RAW_POST, 60.0, 60.0, False),
    ],
)
def test_post_is_not_sent_on_a_stale_decision(request_, waited, age, is_stale):
    error = check_before_send(request_, QueueState(waited, decision_age=age), POLICY)
    assert isinstance(error, RateLimitError) is is_stale
    assert error is None or (error.retry_after, error.retries_left, error.attempts) == (0.0, 5, 0)


def test_stale_decision_after_a_rejected_token_allows_one_retry():
    previous = (AuthError("expired", status=401),)
    error = check_before_send(POST, QueueState(9.0, 9.0, previous=previous), POLICY._replace(max_retries=0))
    assert (error.retries_left, error.attempts, error.previous_attempts) == (1, 1, previous)


@pytest.mark.parametrize("method, is_sent", [("GET", True), ("PUT", False), ("DELETE", False), ("POST", False)])
def test_no_write_is_sent_after_the_deadline(method, is_sent):
    error = check_before_send(operation(method), QueueState(0.0, time_left=0.0), POLICY)
    assert (error is None) is is_sent
    assert is_sent or (error.request_sent, error.attempts) == (False, 0)
    assert is_sent or error.message == "Failed to count the resources: no time is left (timeout)"
    assert check_before_send(operation(method), QueueState(0.0, time_left=0.1), POLICY) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Fri, 02 Jan 2026 03:04:17 GMT", 12.0),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0.0),
        ("Fri, 02 Jan 2026 03:04:17 -0000", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    assert parse_retry_after(value, NOW) == seconds
