# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The retry policy: pure functions that decide whether a request is sent, and sent again after a failure.

A request that is not idempotent is resent only if it is certain that the service did not apply it, and only as long as the list that the
decision was based on is fresh. After that, the caller must read the list again. ``RetryDecision.retry_after`` tells the caller when to do so.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ConnectFailure,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation

# A create may be resent for this number of seconds after the list was read. It equals the maximum age of a list in _reconcile.
RESEND_WINDOW = 5.0
# A shorter wait for a slot of the rate limiter does not make a decision stale.
_LONG_QUEUE = 1.0
_FIRST_DELAY = 0.5
# The limit of a float: ``max_retries`` is the user's choice.
_MAX_EXPONENT = 60
# An adaptive rate limiter finds its rate by being throttled, so a 429 does not mean that more attempts are useless.
_ADAPTIVE_FACTOR = 4
# Retries before the host responded for the first time: a gateway that restarts may respond soon, a wrong address never does.
_RETRIES_BEFORE_CONTACT = {ConnectFailure.UNKNOWN_HOST: 0, ConnectFailure.UNREACHABLE: 2}
_HINT_LONG_DELAY = "The service asks to wait {requested:g} s, retry_max_delay is {limit:g}. Run the task again later, or increase retry_max_delay."


class RetryPolicy(t.NamedTuple):
    """The limits of a client. ``adaptive`` means that its rate limiter adapts to throttling. Delays are in seconds."""

    max_retries: int
    max_delay: float
    adaptive: bool = False


class RetryState(t.NamedTuple):
    """The situation after a failed attempt; all times are in seconds.

    ``decision_age`` is the time since the list was read that the request is based on, ``requested_delay`` the value of ``Retry-After``,
    and ``jitter`` a random number between 0 and 1.
    """

    attempt: int
    decision_age: float = 0.0
    time_left: float = math.inf
    requested_delay: t.Optional[float] = None
    host_reached: bool = True
    jitter: float = 1.0


class QueueState(t.NamedTuple):
    """The situation before a request is sent; all times are in seconds.

    ``waited`` is the time in the queue of the rate limiter and for a token, ``previous`` the failures of the previous attempts.
    """

    waited: float
    decision_age: float = 0.0
    time_left: float = math.inf
    previous: tuple[ServiceError, ...] = ()


class RetryDecision(t.NamedTuple):
    """Whether to send a request again.

    The client sends the request again after ``delay`` seconds, or not at all if it is ``None``. In that case, the caller may do so after
    ``retry_after`` seconds and at most ``retries_left`` times. ``hint`` replaces the usual hint of the error.
    """

    delay: t.Optional[float] = None
    retry_after: t.Optional[float] = None
    retries_left: int = 0
    hint: t.Optional[str] = None


def decide_retry(operation: Operation, failure: ServiceError, state: RetryState, policy: RetryPolicy) -> RetryDecision:
    """Decide whether to send a request again after an attempt failed."""
    requested = state.requested_delay
    final = RetryDecision(retry_after=requested)
    if not _may_resend(operation, failure, invited=requested is not None):
        return final
    if requested is not None and requested > policy.max_delay:
        return final._replace(hint=_HINT_LONG_DELAY.format(requested=requested, limit=policy.max_delay))
    backoff = _FIRST_DELAY * 2 ** min(state.attempt - 1, _MAX_EXPONENT) * (0.5 + 0.5 * state.jitter)
    delay = min(max(requested or 0.0, backoff), policy.max_delay)
    retries = max_retries(failure, policy, host_reached=state.host_reached)
    if state.attempt > retries or delay > state.time_left:
        return final
    if not operation.is_idempotent and (failure.outcome_unknown or state.decision_age + delay >= RESEND_WINDOW):
        return RetryDecision(retry_after=delay, retries_left=retries)
    return RetryDecision(delay=delay, retry_after=requested)


def max_retries(failure: ServiceError, policy: RetryPolicy, *, host_reached: bool = True) -> int:
    """Return how often a request may be resent after this failure."""
    if isinstance(failure, TransportError) and failure.connect_failure and not host_reached:
        return min(policy.max_retries, _RETRIES_BEFORE_CONTACT[failure.connect_failure])
    adapts = policy.adaptive and isinstance(failure, RateLimitError)
    return policy.max_retries * (_ADAPTIVE_FACTOR if adapts else 1)


def check_before_send(operation: Operation, state: QueueState, policy: RetryPolicy) -> ServiceError | None:
    """Return the error to raise instead of sending a request, or ``None``.

    No write is sent after the deadline. A request that is not idempotent is not sent if the decision for it became stale while it waited for
    the rate limiter or for a token.
    """
    facts: dict[str, t.Any] = {"attempts": len(state.previous), "previous_attempts": state.previous}
    if operation.method != "GET" and state.time_left <= 0:
        message = f"Failed to {operation.action}: no time is left (timeout)"
        return TransportError(message, request_sent=False, **facts)
    is_stale = state.waited >= _LONG_QUEUE and state.decision_age >= RESEND_WINDOW
    if operation.is_idempotent or operation.raw or not is_stale:
        return None
    error = RateLimitError(
        f"Failed to {operation.action}: it waited {state.waited:.3g} s for a free slot or a token, so the actual state may have changed",
        retry_after=0.0,
        **facts,
    )
    # An attempt with an expired token does not count, even if max_retries is 0.
    return error.replace(retries_left=max(max_retries(error, policy), len(state.previous)))


def parse_retry_after(value: str, now: dt.datetime) -> float | None:
    """Return the seconds of a ``Retry-After`` header, which is a number or a date; ``None`` if it is neither."""
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds()) if value else None
    except (OverflowError, TypeError, ValueError):
        return None


def _may_resend(operation: Operation, failure: ServiceError, *, invited: bool) -> bool:
    """Return whether another attempt is useful and allowed; ``invited`` means that the response has a ``Retry-After`` header."""
    if operation.raw:
        is_unanswered_read = operation.method == "GET" and isinstance(failure, TransportError) and failure.retryable
        return operation.is_idempotent and (isinstance(failure, RateLimitError) or is_unanswered_read)
    if isinstance(failure, TransportError):
        return failure.retryable and (operation.is_idempotent or not failure.request_sent)
    if isinstance(failure, RateLimitError):
        # The gateway throttled the request ("policy user over ratelimit"), or another request holds the lock. It was not applied.
        return True
    if not isinstance(failure, ServerError):
        return False
    # The caller of a POST must read the list first, see decide_retry.
    if failure.status == 503 and invited:
        return True
    return operation.is_idempotent and failure.status in operation.retry_statuses
