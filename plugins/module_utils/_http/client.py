# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The client: one request function with authentication, retries and complete errors."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import math
import random
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    IdentityError,
    OptionError,
    RateLimitError,
    ServiceError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import Identity, build_headers
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import ApiResponse, Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import (
    error_from_response,
    parse_data,
    request_id_from,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import SecretStore
from ansible_collections.community.huaweicloud.plugins.module_utils._http.signing import canonical_url
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    Transport,
)

if t.TYPE_CHECKING:
    # Most tasks have no failure and no write request, so these files are imported late.
    from ansible_collections.community.huaweicloud.plugins.module_utils._http.retry import RetryDecision, RetryPolicy

# A GET may take this number of seconds after the deadline, so that the result can report the actual state.
_LAST_CHECK_TIMEOUT = 2.0


class Success(t.NamedTuple):
    """A successful response and its decoded body."""

    response: HttpResponse
    data: t.Any


class FailedAttempt(t.NamedTuple):
    """The last attempt of a request, its response if there was one, and the decision to end the attempts."""

    failure: ServiceError
    response: t.Optional[HttpResponse]
    url: str
    previous: tuple[ServiceError, ...] = ()
    decision: t.Optional[RetryDecision] = None


class RateLimiter(t.Protocol):
    """Limits the requests of a task."""

    # Whether it adapts its rate to throttled requests.
    is_adaptive: bool

    def acquire(self) -> None:
        """Wait until the next request may be sent."""

    def reuse_slot(self) -> None:
        """Keep the acquired slot for the next request of this thread."""

    def time_left(self) -> t.Optional[float]:
        """Return the seconds until the deadline of the task, None without a deadline."""

    def on_success(self) -> None:
        """Record a request that was not throttled."""

    def on_throttled(self) -> None:
        """Record a 429."""


class NullLimiter:
    """The rate limiter of a task that sends one request after the other: it never waits, and the client itself waits after a 429."""

    is_adaptive = False

    def acquire(self) -> None:
        """Do not wait."""

    def reuse_slot(self) -> None:
        """Do nothing, since requests do not wait for a slot."""

    def time_left(self) -> float | None:
        """Return None: requests have no deadline."""
        return None

    def on_success(self) -> None:
        """Do nothing."""

    def on_throttled(self) -> None:
        """Do nothing, since the client itself waits before it sends the request again."""


class Client:
    """Sends requests to the services for one connection. Threads can share it."""

    def __init__(
        self,
        connection: Connection,
        transport: Transport,
        identity: Identity,
        *,
        now: t.Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
        sleep: t.Callable[[float], None] = time.sleep,
        monotonic: t.Callable[[], float] = time.monotonic,
        jitter: t.Callable[[], float] = random.random,
        rate_limiter: RateLimiter | None = None,
    ) -> None:
        self.connection = connection
        # The copies of a client for one request share its lists, sets and mappings.
        self.request_ids: list[str] = []
        self.now = now
        # Receives warnings about the identity. The session of the task sets it.
        self.warn: t.Callable[[str], None] = lambda text: None
        self.rate_limiter: RateLimiter = rate_limiter or NullLimiter()
        self._known_project_ids = [connection.project_id] if connection.project_id else []
        self._transport = transport
        self._identity = identity
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self._secrets = SecretStore(connection.secrets())
        # Hosts (with ports) that have responded.
        self._reached_hosts: set[str] = set()
        self._deadline = NO_DEADLINE
        # The time at which the requests of a client without retries must end.
        self._end: float | None = None
        self._list_age: t.Callable[[], float] | None = None

    def until(self, deadline: Deadline) -> Client:
        """Return this client with a deadline: it starts no further attempt of a request that could not begin before it, and no write request after it."""
        if deadline == self._deadline:
            return self
        client = copy.copy(self)
        client._deadline = deadline
        return client

    def based_on(self, list_age: t.Callable[[], float]) -> Client:
        """Return this client for a write request that is based on a list. ``list_age`` returns the age of the list in seconds."""
        client = copy.copy(self)
        client._list_age = list_age
        return client

    def once(self, seconds: float) -> Client:
        """Return this client without retries, for requests that together may take at most ``seconds``."""
        client = copy.copy(self)
        end = self._monotonic() + seconds
        client._end = end if self._end is None else min(self._end, end)
        return client

    def limit(self, request: HttpRequest) -> HttpRequest:
        """Return the request, with a timeout if the time of this client is limited (``once``). Raise TransportError if no time is left."""
        if self._end is None:
            return request
        left = self._end - self._monotonic()
        if left <= 0:
            raise TransportError("no time is left for the request", request_sent=False)
        return request._replace(timeout=left if request.timeout is None else min(left, request.timeout))

    def act_as(self, connection: Connection, identity: Identity) -> Client:
        """Return this client for another connection and identity. Both share the transport, the request IDs and the secrets."""
        client = copy.copy(self)
        client.connection = connection
        client._identity = identity
        client._known_project_ids = []
        return client

    @property
    def known_project_id(self) -> str | None:
        """The project ID if it is known without a request."""
        return self._known_project_ids[-1] if self._known_project_ids else None

    @property
    def project_id(self) -> str:
        """The project of all ASM and ModelArts requests. The first access may send requests to IAM."""
        project_id = self._identity.project_id(self)
        if project_id != self.known_project_id:
            self._known_project_ids.append(project_id)
        return project_id

    def time_left(self) -> float:
        """Return the seconds until the deadline of the client or of the task, whichever is earlier; infinity without a deadline."""
        left = self.rate_limiter.time_left()
        return min(self._deadline.time_left(), math.inf if left is None else left)

    def register_secret(self, value: str) -> None:
        """Redact a secret that was received, for example a token, in all texts from now on."""
        self._secrets.add(value)

    def redact(self, text: str) -> str:
        """Return the text without the secrets of this client."""
        return self._secrets.redact(text)

    def request(self, operation: Operation) -> ApiResponse:
        """Call an operation and return the result; send the request again as often as the retry policy allows.

        Raise a ServiceError with the attempted operation, the cause and a hint. If ``retry_after`` of the error is set, the caller may
        read the actual state and call the operation again after that many seconds. In a wait, no attempt starts after its end.
        """
        outcome = self._send(operation)
        if isinstance(outcome, FailedAttempt):
            raise self._complete_error(operation, outcome)
        request_id = self._secrets.clean_request_id(request_id_from(outcome.response))
        return ApiResponse(outcome.data, outcome.response.headers, request_id)

    def request_raw(self, operation: Operation) -> tuple[HttpResponse, ServiceError | None]:
        """Call an operation and return the unchanged response, together with the error that it represents, if any.

        An HTML page is a ProtocolError. For requests other than GET, a body that is not JSON or contains an error is a ProtocolError too.
        Raise TransportError if no complete response arrives.
        """
        operation = operation._replace(raw=True)
        outcome = self._send(operation)
        if isinstance(outcome, Success):
            return outcome.response, None
        error = self._complete_error(operation, outcome)
        if outcome.response is None:
            raise error
        return outcome.response, error

    def _send(self, operation: Operation) -> Success | FailedAttempt:
        """Send a request until it succeeds or the retry policy ends the attempts."""
        url, body = self._build_url(operation), operation.encode_body()
        started = ready = self._monotonic()
        previous: tuple[ServiceError, ...] = ()
        token_renewed = False
        while True:
            self.rate_limiter.acquire()
            with _as_identity_error(previous):
                headers = build_headers(
                    operation,
                    url,
                    body,
                    self.connection,
                    credentials=lambda: self._identity.credentials(self),
                    token=lambda: self._identity.token(self),
                    project_id=lambda: self.project_id,
                    now=self.now,
                )
            self._check_before_send(operation, started, ready, previous)
            outcome = self._attempt(
                operation, HttpRequest(operation.method, url, headers, body, self._timeout(operation))
            )
            ready = self._monotonic()
            if isinstance(outcome, Success):
                return outcome
            outcome = outcome._replace(previous=previous)
            previous = (*previous, outcome.failure)
            if not token_renewed and self._renew_token(operation, outcome.failure, previous):
                token_renewed = True
                continue
            decision = self._decide_retry(operation, outcome, started)
            if decision.delay is None:
                return outcome._replace(decision=decision)
            self._sleep(decision.delay)
            ready = self._monotonic()

    def _attempt(self, operation: Operation, request: HttpRequest) -> Success | FailedAttempt:
        try:
            response = self._transport(self.limit(request))
        except TransportError as failure:
            return FailedAttempt(failure, None, request.url)
        self._reached_hosts.add(urlsplit(request.url).netloc)
        request_id = self._secrets.clean_request_id(request_id_from(response))
        if request_id:
            self.request_ids.append(request_id)
        error = error_from_response(response, self.redact)
        (self.rate_limiter.on_throttled if isinstance(error, RateLimitError) else self.rate_limiter.on_success)()
        try:
            if error is None:
                return Success(response, parse_data(operation, response, self.redact))
        except ServiceError as problem:
            error = problem
        return FailedAttempt(error, response, request.url)

    def _retry_policy(self) -> RetryPolicy:
        from ansible_collections.community.huaweicloud.plugins.module_utils._http.retry import RetryPolicy

        max_retries = self.connection.max_retries if self._end is None else 0
        return RetryPolicy(max_retries, self.connection.retry_max_delay, self.rate_limiter.is_adaptive)

    def _decide_retry(self, operation: Operation, attempt: FailedAttempt, started: float) -> RetryDecision:
        from ansible_collections.community.huaweicloud.plugins.module_utils._http import retry

        header = attempt.response.headers.get("retry-after", "") if attempt.response else ""
        state = retry.RetryState(
            attempt=len(attempt.previous) + 1,
            decision_age=self._decision_age(started),
            time_left=self.time_left(),
            requested_delay=retry.parse_retry_after(header, self.now()),
            host_reached=urlsplit(attempt.url).netloc in self._reached_hosts,
            jitter=self._jitter(),
        )
        return retry.decide_retry(operation, attempt.failure, state, self._retry_policy())

    def _renew_token(self, operation: Operation, failure: ServiceError, previous: tuple[ServiceError, ...]) -> bool:
        """Return whether the service rejected the token or the temporary keys, and there are new ones now."""
        if not operation.authenticated or (operation.raw and not operation.is_idempotent):
            return False
        from ansible_collections.community.huaweicloud.plugins.module_utils._http import hints

        with _as_identity_error(previous):
            is_stale = hints.is_token_rejected(failure) or hints.is_signature_expired(failure)
            return is_stale and self._identity.renew(self)

    def _check_before_send(
        self, operation: Operation, started: float, ready: float, previous: tuple[ServiceError, ...]
    ) -> None:
        if operation.method == "GET":
            return
        from ansible_collections.community.huaweicloud.plugins.module_utils._http.retry import (
            QueueState,
            check_before_send,
        )

        state = QueueState(self._monotonic() - ready, self._decision_age(started), self.time_left(), previous)
        error = check_before_send(operation, state, self._retry_policy())
        if isinstance(error, RateLimitError):
            # The caller reads the list next and can use the slot for that.
            self.rate_limiter.reuse_slot()
        if error:
            raise error

    def _timeout(self, operation: Operation) -> float | None:
        left = self.rate_limiter.time_left()
        return max(left, _LAST_CHECK_TIMEOUT) if left is not None and operation.method == "GET" else left

    def _decision_age(self, started: float) -> float:
        """Return the seconds since the list was read that a write is based on; without a list, since the operation started."""
        return self._monotonic() - started if self._list_age is None else self._list_age()

    def _build_url(self, operation: Operation) -> str:
        endpoint = self.connection.endpoint(operation.service)
        try:
            return canonical_url(endpoint, operation.segments, operation.query)
        except (OptionError, UnicodeError) as problem:
            raise OptionError(f"Failed to {operation.action}: {problem}") from None

    def _complete_error(self, operation: Operation, attempt: FailedAttempt) -> ServiceError:
        from ansible_collections.community.huaweicloud.plugins.module_utils._http.errors import complete_error

        project = f" for project {self.project_id}" if operation.in_project else ""
        return complete_error(
            operation,
            attempt,
            self._secrets,
            target=f"The request was sent{project} to {self.connection.endpoint(operation.service)}.",
            local_time=f"{self.now():%Y-%m-%dT%H:%M:%SZ}",
            origin=self.connection.origin(),
        )


@contextlib.contextmanager
def _as_identity_error(previous: tuple[ServiceError, ...]) -> t.Iterator[None]:
    """Raise IdentityError instead of the failure of a request to IAM. ``previous`` are the failed attempts of the request itself."""
    try:
        yield
    except ServiceError as failure:
        raise IdentityError(failure, previous) from failure
