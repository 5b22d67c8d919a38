# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The one request function: address, credentials, retries, and errors that say what was tried.

Who we are (tokens, projects) is asked of an Identity that is handed in, since that needs calls of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import math
import random
import re
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import decision_age, time_left
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ConnectFailure,
    IdentityError,
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import signing
from ansible_collections.community.huaweicloud.plugins.module_utils._http.hints import hint_for, is_token_refusal
from ansible_collections.community.huaweicloud.plugins.module_utils._http.rate_limiter import (
    AdaptiveRateLimiter,
    Budget,
    NullLimiter,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import without
from ansible_collections.community.huaweicloud.plugins.module_utils._http.responses import (
    decode_json,
    error_from_response,
    error_in_success_body,
    looks_like_html,
    request_id_from,
    shorten_text,
    unexpected_body,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    Transport,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import (
    Schema,
    find_problems,
    summary,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import as_json, host_header

USER_AGENT = "community.huaweicloud (Ansible)"
RETRYABLE_STATUSES = (500, 502, 503, 504)
_IDEMPOTENT = ("GET", "PUT", "DELETE")
_FIRST_DELAY = 0.5
_PATIENCE = 4
# How often a request is repeated if a host was never reached by this client: a gateway that restarts deserves some attempts, a wrong address does not
# deserve many. Once a host has responded, every such failure is taken as transient and max_retries applies.
_RETRIES_BEFORE_CONTACT = {ConnectFailure.UNKNOWN_HOST: 0, ConnectFailure.UNREACHABLE: 2}
# How long a call that may change something is repeated on the list it was decided by: as long as that list is fresh (see _reconcile/_converge.py).
_RESEND_WITHIN = 5.0
# How long a look may take when no time is left.
_LAST_CHECK_TIMEOUT = 2.0
# Characters of a request id; the services' own have 32 or 36.
_LONGEST_ID = 128
# Those of a Date header; as HTTP writes it, it has 29.
_LONGEST_DATE = 40
# One that can be no other spelling of a secret that anybody would take for an id: looking for those would take longer than the rest of a request.
_PLAIN_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
# A wait for one's turn that is worth a thought.
_LONG_WAIT = 1.0

Query = t.Sequence[tuple[str, str]]


_OPEN = "Whether it was done is not known: look before you send it again."
_TOO_LONG = (
    "The service asks to wait {asked:g} s, retry_max_delay is {most:g}. Run again later, or raise retry_max_delay."
)


class Operation(t.NamedTuple):
    """One call of a service, as its API reference names it.

    ``action`` completes "Failed to ..."; ``permission`` is the IAM action it needs; ``schema`` is what must come back (``None``: nothing, or
    anything of the service).
    """

    action: str
    method: str
    service: str
    segments: tuple[str, ...]
    query: Query = ()
    body: t.Any = None
    permission: t.Optional[str] = None
    schema: t.Optional[Schema] = None
    # Whether the call is made in a project (X-Project-Id), and with credentials at all.
    in_project: bool = True
    authenticated: bool = True
    # Some services answer 500 for what is not there; a DELETE that means to find out must not be repeated for it.
    retry_statuses: tuple[int, ...] = RETRYABLE_STATUSES
    # A POST that changes nothing may be sent as often as a GET.
    safe: bool = False
    # The answer itself is what is asked for: a refusal is repeated only with a new token or when it is one for the rate of requests, a lost answer
    # only of a GET, and a POST never.
    raw: bool = False
    # ASM wants it on every write; whoever wants to see what happens without it can leave it out.
    with_content_type: bool = True

    @property
    def is_idempotent(self) -> bool:
        return self.safe or self.method in _IDEMPOTENT


class Attempt(t.NamedTuple):
    """What came of the last try of a call: a reply, a failure, or a reply that is one. ``attempts`` counts the tries."""

    reply: t.Optional[HttpResponse]
    failure: t.Optional[ServiceError]
    address: str
    attempts: int


class ApiResponse(t.NamedTuple):
    """A success: the decoded body (``None`` without a schema), the headers in lower case, the request id."""

    data: t.Any
    headers: t.Mapping[str, str]
    request_id: t.Optional[str]


class Identity(t.Protocol):
    """Who the client is. All of it may take calls of its own, made with the client that is handed over."""

    def token(self, client: Client) -> str: ...

    def renew(self, client: Client) -> bool: ...

    def project_id(self, client: Client) -> str: ...


class Client:
    """Talks to the services for one connection. Holds no state but the session, the identity and the ids of its requests."""

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
        budget: Budget | None = None,
    ) -> None:
        self.connection = connection
        self.request_ids: list[str] = []
        self._transport = transport
        self._identity = identity
        self.now = now
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self.budget: Budget = budget or NullLimiter()
        self._extra_secrets: set[str] = set()
        # Hosts (with their ports) that have responded.
        self._reached: set[str] = set()
        # The project, as far as that is known without a call.
        self.known_project_id: str | None = connection.project_id

    @property
    def project_id(self) -> str:
        """The project every ASM and ModelArts call is made in; may take a call the first time."""
        self.known_project_id = self._identity.project_id(self)
        return self.known_project_id

    def register_secret(self, value: str) -> None:
        """Remembers a secret that was not configured but received (a token), so that no text shows it."""
        self._extra_secrets.add(value)

    def redact(self, text: str) -> str:
        """The text without any secret that is known here."""
        return without(text, self._secrets(), "********")

    def _clean(self, request_id: str | None) -> str | None:
        """The id without secrets, and no longer than ids are: whoever answers can say anything there."""
        if (
            not request_id
            or _PLAIN_ID.fullmatch(request_id)
            and not any(secret in request_id for secret in self._secrets())
        ):
            return request_id or None
        return self.redact(request_id)[:_LONGEST_ID]

    def _secrets(self) -> t.Iterator[str]:
        yield from self.connection.secrets()
        # A copy: another thread may get a token meanwhile.
        yield from tuple(self._extra_secrets)

    def request(self, operation: Operation) -> ApiResponse:
        """Makes one call of a service, with as many tries as are safe, and returns what it answered.

        Raises a ServiceError of the fitting class whose text says what was tried, what was answered and what to do. A call
        that may change something (POST) is sent again only on proof that nothing happened, and only for a moment: later, or when the service
        only asks to try again (503), the caller has to look first whether it is still wanted, and the error says after how long (``repeat_after``).
        So does one whose answer asks for a longer pause than is allowed. While something is waited for (see wait_until), nothing is repeated
        beyond the end of that.
        """
        sent = self._send(operation)
        if sent.failure:
            raise self._explain(operation, sent.failure, sent)
        return self._answer(operation, sent)

    def request_raw(self, operation: Operation) -> tuple[HttpResponse, ServiceError | None]:
        """Makes one call and returns its answer as it came, with the error it stands for if it is a refusal.

        Nothing more is concluded from the answer: a page stands for a ProtocolError, and so does an answer to a call that may change something
        that is no JSON or holds an error. What is repeated is said at Operation.raw. Raises TransportError when no complete answer comes.
        """
        sent = self._send(operation._replace(raw=True))
        failure = sent.failure or self._check_clear(operation, t.cast(HttpResponse, sent.reply))
        if failure is not None:
            if operation.method != "GET" and failure.outcome_unknown:
                failure.hint = f"{_OPEN} {failure.hint or ''}".rstrip()
            failure = self._explain(operation, failure, sent)
        if sent.reply is None:
            raise t.cast(ServiceError, failure)
        return sent.reply, failure

    def _send(self, operation: Operation) -> Attempt:
        """Sends a call as often as is safe, and says what came of the last try."""
        address, body = self._address(operation), _encoded(operation)
        attempt, renewed, began = 0, False, self._monotonic()
        ready = began
        earlier: tuple[ServiceError, ...] = ()
        while True:
            attempt += 1
            self.budget.acquire()
            with _identified(earlier):
                headers = self._headers(operation, address, body)
            self._check_moment(operation, began, ready, earlier)
            reply, failure = self._try(operation, address, headers, body)
            ready = self._monotonic()
            sent = Attempt(reply, failure, address, attempt)
            if failure is None:
                return sent
            failure.previous_attempts, earlier = earlier, (*earlier, failure)
            if not renewed and self._is_renewed(operation, failure):
                renewed = True
                continue
            pause = self._pause(operation, failure, reply, attempt)
            most = self._max_retries(failure, address)
            if pause is None or attempt > most or pause > min(time_left(), _seconds(self.budget.time_left())):
                return sent
            if not operation.is_idempotent and (
                failure.outcome_unknown or self._age_of_decision(began) + pause >= _RESEND_WITHIN
            ):
                failure.retry_after, failure.retries_left = pause, most
                return sent
            self._sleep(pause)
            ready = self._monotonic()

    def _is_renewed(self, operation: Operation, failure: ServiceError) -> bool:
        """Whether there is another token than the one that was refused."""
        wanted = operation.authenticated and (operation.is_idempotent or not operation.raw)
        with _identified((*failure.previous_attempts, failure)):
            return wanted and is_token_refusal(failure) and self._identity.renew(self)

    def _check_clear(self, operation: Operation, reply: HttpResponse) -> ProtocolError | None:
        """The error that a success stands for if it is not the service's own, ``None`` if it is."""
        writes = operation.method != "GET"
        try:
            data = decode_json(reply) if reply.body.strip() else None
        except ValueError as problem:
            unread = writes or looks_like_html(reply)
            return ProtocolError(f"the answer is {problem}", status=reply.status) if unread else None
        return error_in_success_body(reply, data, self.redact) if writes else None

    def _check_moment(
        self, operation: Operation, began: float, ready: float, earlier: tuple[ServiceError, ...]
    ) -> None:
        """Raises when no time is left for a call, or when what may change something has to be decided anew.

        It waited since it was ``ready``: for a slot of the budget, for a token that had to be got.
        """
        waited = self._monotonic() - ready
        failure: ServiceError | None = None
        if operation.method != "GET" and _seconds(self.budget.time_left()) <= 0:
            failure = TransportError("no time is left (timeout)", request_sent=False)
        elif (
            not operation.is_idempotent
            and not operation.raw
            and waited >= _LONG_WAIT
            and self._age_of_decision(began) >= _RESEND_WITHIN
        ):
            # The slot is good for the look that is to come.
            self.budget.reuse_slot()
            failure = RateLimitError(
                f"it waited {waited:.3g} s for its turn, as so many requests are under way or a token had to be got first"
            )
            # A refused token is not one of the tries, however few are allowed.
            failure.retry_after, failure.retries_left = 0.0, max(self._max_retries(failure, ""), len(earlier))
        if failure:
            failure.attempts, failure.previous_attempts = len(earlier), earlier
            failure.message = f"Failed to {operation.action}: {failure.message}"
            failure.args = (failure.message,)
            raise failure

    def _most_seconds(self, operation: Operation) -> float | None:
        left = self.budget.time_left()
        # A last look has to be possible, or nobody could say what was done.
        return max(left, _LAST_CHECK_TIMEOUT) if left is not None and operation.method == "GET" else left

    def _age_of_decision(self, began: float) -> float:
        """Seconds since what a change is decided by was looked up; since the call began where nobody says."""
        age = decision_age()
        return self._monotonic() - began if age is None else age

    def _max_retries(self, failure: ServiceError, address: str) -> int:
        """Return how often a request to ``address`` may be repeated after this failure."""
        most = self.connection.max_retries
        obstacle = getattr(failure, "connect_failure", None)
        if obstacle and urlsplit(address).netloc not in self._reached:
            return min(most, _RETRIES_BEFORE_CONTACT[obstacle])
        # An adaptive budget finds its rate by refusals, so a refusal does not mean that more attempts are useless.
        adapts = isinstance(failure, RateLimitError) and isinstance(self.budget, AdaptiveRateLimiter)
        return most * (_PATIENCE if adapts else 1)

    def _address(self, operation: Operation) -> str:
        endpoint = self.connection.endpoint(operation.service)
        try:
            return signing.canonical_url(endpoint, operation.segments, operation.query)
        except (OptionError, UnicodeError) as problem:
            raise OptionError(f"Failed to {operation.action}: {problem}") from None

    def _try(
        self, operation: Operation, address: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[HttpResponse | None, ServiceError | None]:
        call = HttpRequest(operation.method, address, headers, body, self._most_seconds(operation))
        try:
            reply = self._transport(call)
        except TransportError as failure:
            return None, failure
        self._reached.add(urlsplit(address).netloc)
        request_id = self._clean(request_id_from(reply))
        if request_id:
            self.request_ids.append(request_id)
        (self.budget.on_throttled if reply.status == 429 else self.budget.on_success)()
        return reply, error_from_response(reply, self.redact)

    def _headers(self, operation: Operation, address: str, body: bytes | None) -> dict[str, str]:
        headers = {"Host": host_header(address), "User-Agent": USER_AGENT, "Accept": "application/json"}
        if operation.method != "GET" and operation.with_content_type:
            # Mandatory on every write of ASM, even on a DELETE without a body.
            headers["Content-Type"] = "application/json"
        if operation.in_project:
            headers["X-Project-Id"] = self.project_id
        if not operation.authenticated:
            return headers
        credentials = self.connection.credentials
        if credentials.kind != "aksk":
            headers["X-Auth-Token"] = self._identity.token(self)
            return headers
        if not operation.in_project and self.connection.domain_id:
            headers["X-Domain-Id"] = self.connection.domain_id
        if credentials.security_token:
            headers["X-Security-Token"] = credentials.security_token
        access_key, secret_key = t.cast(str, credentials.access_key), t.cast(str, credentials.secret_key)
        headers.update(signing.sign(operation.method, address, headers, body, access_key, secret_key, self.now()))
        return headers

    def _answer(self, operation: Operation, sent: Attempt) -> ApiResponse:
        reply = t.cast(HttpResponse, sent.reply)
        request_id = self._clean(request_id_from(reply))
        if operation.schema is None and not reply.body.strip():
            return ApiResponse(None, reply.headers, request_id)
        try:
            data = decode_json(reply)
        except ValueError as problem:
            raise self._explain(
                operation, ProtocolError(f"the answer is {problem}", status=reply.status), sent
            ) from None
        refusal = error_in_success_body(reply, data, self.redact)
        if refusal:
            raise self._explain(operation, refusal, sent)
        unfit = (
            summary(find_problems(operation.schema, data)) if operation.schema is not None else unexpected_body(data)
        )
        if unfit:
            raise self._explain(
                operation,
                ProtocolError(f"the answer has another shape than documented: {unfit}", status=reply.status),
                sent,
            )
        return ApiResponse(data if operation.schema is not None else None, reply.headers, request_id)

    def _pause(
        self, operation: Operation, failure: ServiceError, reply: HttpResponse | None, attempt: int
    ) -> float | None:
        """Seconds until another try, or ``None`` when there must be none."""
        asked = _retry_after(reply, self.now())
        failure.retry_after = asked
        if not _may_retry(operation, failure, asked is not None):
            return None
        if asked is not None and asked > self.connection.retry_max_delay:
            failure.hint = _TOO_LONG.format(asked=asked, most=self.connection.retry_max_delay)
            return None
        # The exponent is bounded because the number of tries is the user's choice, and a float is not endless.
        backoff = _FIRST_DELAY * 2 ** min(attempt - 1, 60) * (0.5 + 0.5 * self._jitter())
        return min(max(asked or 0.0, backoff), self.connection.retry_max_delay)

    def _explain(self, operation: Operation, failure: ServiceError, sent: Attempt) -> ServiceError:
        """The failure, worded in full: what was tried, on what, what came of it, what to do."""
        reply = sent.reply
        failure.method, failure.path, failure.attempts = operation.method, urlsplit(sent.address).path, sent.attempts
        failure.request_id = self._clean(failure.request_id or (request_id_from(reply) if reply else None))
        failure.hint = hint_for(
            failure,
            permission=operation.permission,
            place=self._target(operation),
            clocks=self._clocks(reply),
            origin=self.connection.credentials.origin(),
        )
        facts = [f"HTTP {failure.status}"] if failure.status else []
        # IAM's codes are the status once more
        facts += [failure.code] if failure.code and failure.code != str(failure.status) else []
        facts += [f"request id {failure.request_id}"] if failure.request_id else []
        facts += [f"{sent.attempts} attempts"] if sent.attempts > 1 else []
        said = failure.service_message or failure.message
        failure.service_message = self.redact(said)
        failure.message = self.redact(
            f"Failed to {operation.action}: {said.rstrip('.')}" + (f" ({', '.join(facts)})" if facts else "")
        )
        failure.args = (failure.message,)
        return failure

    def _target(self, operation: Operation) -> str:
        project = f" in project {self.project_id}" if operation.in_project else ""
        return f"The call was made{project} at {self.connection.endpoint(operation.service)}."

    def _clocks(self, reply: HttpResponse | None) -> str:
        theirs = reply.headers.get("date") if reply else None
        said = shorten_text(self.redact(theirs), _LONGEST_DATE) if theirs else "nothing of its time"
        return f"Here it is {self.now():%Y-%m-%dT%H:%M:%SZ}, the server says {said}."


@contextlib.contextmanager
def _identified(earlier: tuple[ServiceError, ...]) -> t.Iterator[None]:
    """Tells a failure of IAM, which a call has to ask first, from one of the call itself. ``earlier`` is how its own tries failed."""
    try:
        yield
    except ServiceError as failure:
        raise IdentityError(failure, earlier) from failure


def _encoded(operation: Operation) -> bytes | None:
    if operation.body is None:
        return None
    try:
        return as_json(operation.body)
    except ValueError as problem:
        raise OptionError(f"Failed to {operation.action}: the body {problem}") from None


def _seconds(left: float | None) -> float:
    return math.inf if left is None else left


def _may_retry(operation: Operation, failure: ServiceError, invited: bool) -> bool:
    if operation.raw:
        return operation.is_idempotent and _may_arrive(operation, failure)
    if isinstance(failure, TransportError):
        return _is_passing(failure) and (operation.is_idempotent or not failure.request_sent)
    if isinstance(failure, RateLimitError):
        # Throttled before it was looked at ("policy user over ratelimit"), or another request holds the lock: nothing happened.
        return True
    if not isinstance(failure, ServerError):
        return False
    if failure.status == 503 and invited:
        return True
    return operation.is_idempotent and failure.status in operation.retry_statuses


def _may_arrive(operation: Operation, failure: ServiceError) -> bool:
    """Whether there was no answer of the service to see yet."""
    return (
        isinstance(failure, RateLimitError)
        or operation.method == "GET"
        and isinstance(failure, TransportError)
        and _is_passing(failure)
    )


def _is_passing(failure: TransportError) -> bool:
    return failure.retryable


def _retry_after(reply: HttpResponse | None, now: dt.datetime) -> float | None:
    value = reply.headers.get("retry-after", "").strip() if reply else ""
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds()) if value else None
    except (OverflowError, TypeError, ValueError):
        return None
