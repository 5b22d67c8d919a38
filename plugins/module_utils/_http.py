# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The one request function: address, credentials, retries, and errors that say what was tried.

Who we are (tokens, projects) is asked of an Identity that is handed in, since that needs calls of its own.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import email.utils
import functools
import html
import json
import math
import random
import re
import time
import typing as t
from urllib.parse import quote, quote_plus, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils import _auth
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    OptionError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ServiceError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._hints import hint_for, is_token_refusal
from ansible_collections.community.huaweicloud.plugins.module_utils._options import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._rate import Budget, NoBudget, RateBudget
from ansible_collections.community.huaweicloud.plugins.module_utils._replies import (
    decode_json,
    failure_of,
    failure_within,
    looks_like_html,
    request_id_of,
    surprise,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas._check import Schema, find_problems, summary
from ansible_collections.community.huaweicloud.plugins.module_utils._transport import Call, Reply, Transport
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import age_of_decision, time_left

USER_AGENT = "community.huaweicloud (Ansible)"
REPEATABLE_STATUSES = (500, 502, 503, 504)
_IDEMPOTENT = ("GET", "PUT", "DELETE")
_FIRST_PAUSE = 0.5
_PATIENCE = 4
# How long a call that may change something is repeated on the list it was decided by: as long as that list is fresh (see _reconcile.py).
_REPEAT_WITHIN = 5.0
# How long a look may take when no time is left.
_LAST_LOOK = 2.0
# What is not longer is found in any text by chance.
_SHORT = 3
# A wait for one's turn that is worth a thought.
_LONG_WAIT = 1.0
# One byte in an address.
_ENCODED = re.compile(r"%[0-9A-F]{2}")

Query = t.Sequence[tuple[str, str]]


_OPEN = "Whether it was done is not known: look before you send it again."
_TOO_LONG = "The service asks to wait {asked:g} s, retry_max_delay is {most:g}. Run again later, or raise retry_max_delay."


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
    repeat_on: tuple[int, ...] = REPEATABLE_STATUSES
    # A POST that changes nothing may be sent as often as a GET.
    harmless: bool = False
    # ASM wants it on every write; whoever wants to see what happens without it can leave it out.
    with_content_type: bool = True

    @property
    def is_idempotent(self) -> bool:
        return self.harmless or self.method in _IDEMPOTENT


class Answer(t.NamedTuple):
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
        self.budget: Budget = budget or NoBudget()
        self._extra_secrets: set[str] = set()
        # The project, as far as that is known without a call.
        self.known_project_id: str | None = connection.project_id

    @property
    def project_id(self) -> str:
        """The project every ASM and ModelArts call is made in; may take a call the first time."""
        self.known_project_id = self._identity.project_id(self)
        return self.known_project_id

    def keep_secret(self, value: str) -> None:
        """Remembers a secret that was not configured but received (a token), so that no text shows it."""
        self._extra_secrets.add(value)

    def scrub(self, text: str) -> str:
        """The text without any secret that is known here."""
        known = {spelled for secret in (*self.connection.secrets(), *self._extra_secrets) if len(secret) > _SHORT for spelled in _spellings(secret)}
        for spelled in sorted(known, key=len, reverse=True):
            text = text.replace(spelled, "********")
        return text

    def request(self, operation: Operation) -> Answer:
        """Makes one call of a service, with as many tries as are safe, and returns what it answered.

        Raises a ServiceError of the fitting class whose text says what was tried, what was answered and what to do. A call
        that may change something (POST) is sent again only on proof that nothing happened, and only for a moment: later the caller has to
        look first whether it is still wanted, and the error says after how long (``repeat_after``). So does one whose answer asks for a longer
        pause than is allowed. While something is waited for (see wait_until), nothing is repeated beyond the end of that.
        """
        address, body = self._address(operation), _encoded(operation)
        attempt, renewed, began = 0, False, self._monotonic()
        earlier: tuple[ServiceError, ...] = ()
        while True:
            attempt += 1
            self._await_turn(operation, began, earlier)
            reply, failure = self._try(operation, address, body)
            if failure is None:
                return self._answer(operation, t.cast(Reply, reply), address, attempt)
            failure.earlier, earlier = earlier, (*earlier, failure)
            if not renewed and operation.authenticated and is_token_refusal(failure) and self._identity.renew(self):
                renewed = True
                continue
            pause = self._pause(operation, failure, reply, attempt)
            most = self._most_repeats(failure)
            if pause is None or attempt > most or pause > min(time_left(), _seconds(self.budget.time_left())):
                raise self._explained(operation, failure, address, attempt, reply)
            if not operation.is_idempotent and self._age_of_decision(began) + pause >= _REPEAT_WITHIN:
                failure.repeat_after, failure.repeats = pause, most
                raise self._explained(operation, failure, address, attempt, reply)
            self._sleep(pause)

    def exchange(self, operation: Operation) -> tuple[Reply, ServiceError | None]:
        """Makes one call and returns its answer as it came, with the error it stands for if it is a refusal.

        Nothing more is concluded from the answer: a page stands for a ProtocolError, and so does an answer to a call that may change something
        that is no JSON or holds an error. A refusal is repeated only with a new token, or when it is one for the rate of requests; where no
        answer comes, only a GET is. A POST is never repeated, for whatever reason. Raises TransportError when no complete answer comes.
        """
        address, body, attempt, renewed = self._address(operation), _encoded(operation), 0, False
        while True:
            attempt += 1
            reply, failure = self._try(operation, address, body)
            if failure is None:
                return self._unclear(operation, t.cast(Reply, reply), address, attempt)
            again = operation.method == "GET" or (reply is not None and operation.is_idempotent)
            if again and not renewed and operation.authenticated and is_token_refusal(failure) and self._identity.renew(self):
                renewed = True
                continue
            pause = self._pause(operation, failure, reply, attempt) if again and (reply is None or reply.status == 429) else None
            if pause is None or attempt > self.connection.max_retries:
                if operation.method != "GET" and _is_open(failure):
                    failure.hint = _OPEN
                explained = self._explained(operation, failure, address, attempt, reply)
                if reply is None:
                    raise explained
                return reply, explained
            self._sleep(pause)

    def _unclear(self, operation: Operation, reply: Reply, address: str, attempts: int) -> tuple[Reply, ServiceError | None]:
        """A success, with the error it stands for if it is not the service's own."""
        writes = operation.method != "GET"
        failure: ServiceError | None = None
        try:
            data = decode_json(reply) if reply.body.strip() else None
            failure = failure_within(reply, data, self.scrub) if writes else None
        except ValueError as problem:
            if writes or looks_like_html(reply):
                failure = ProtocolError(f"the answer is {problem}", status=reply.status)
        if failure is None:
            return reply, None
        failure.hint = _OPEN if writes else None
        return reply, self._explained(operation, failure, address, attempts, reply)

    def _await_turn(self, operation: Operation, began: float, earlier: tuple[ServiceError, ...]) -> None:
        """Waits for a slot of the budget. Raises when no time is left after that, or when what may change something has to be decided anew."""
        came = self._monotonic()
        self.budget.acquire()
        waited = self._monotonic() - came
        failure: ServiceError | None = None
        if operation.method != "GET" and _seconds(self.budget.time_left()) <= 0:
            failure = TransportError("no time is left (timeout)", sent=False)
        elif not operation.is_idempotent and waited >= _LONG_WAIT and self._age_of_decision(began) >= _REPEAT_WITHIN:
            # The slot is good for the look that is to come.
            self.budget.keep()
            failure = RateLimitError(f"it waited {waited:.3g} s for its turn, as so many requests are under way")
            failure.repeat_after, failure.repeats = 0.0, self._most_repeats(failure)
        if failure:
            failure.attempts, failure.earlier = len(earlier), earlier
            failure.message = f"Failed to {operation.action}: {failure.message}"
            failure.args = (failure.message,)
            raise failure

    def _most_seconds(self, operation: Operation) -> float | None:
        left = self.budget.time_left()
        # A last look has to be possible, or nobody could say what was done.
        return max(left, _LAST_LOOK) if left is not None and operation.method == "GET" else left

    def _age_of_decision(self, began: float) -> float:
        """Seconds since what a change is decided by was looked up; since the call began where nobody says."""
        age = age_of_decision()
        return self._monotonic() - began if age is None else age

    def _most_repeats(self, failure: ServiceError) -> int:
        # Under a budget that gives way, refusals for the rate are steps of finding it, not a sign that more tries are in vain.
        patient = isinstance(failure, RateLimitError) and isinstance(self.budget, RateBudget)
        return self.connection.max_retries * (_PATIENCE if patient else 1)

    def _address(self, operation: Operation) -> str:
        endpoint = self.connection.endpoint(operation.service)
        try:
            return _auth.canonical_url(endpoint, operation.segments, operation.query)
        except (OptionError, UnicodeError) as problem:
            raise OptionError(f"Failed to {operation.action}: {problem}") from None

    def _try(self, operation: Operation, address: str, body: bytes | None) -> tuple[Reply | None, ServiceError | None]:
        call = Call(operation.method, address, self._headers(operation, address, body), body, self._most_seconds(operation))
        try:
            reply = self._transport(call)
        except TransportError as failure:
            return None, failure
        request_id = request_id_of(reply)
        if request_id:
            self.request_ids.append(request_id)
        (self.budget.refused if reply.status == 429 else self.budget.passed)()
        return reply, failure_of(reply, self.scrub)

    def _headers(self, operation: Operation, address: str, body: bytes | None) -> dict[str, str]:
        headers = {"Host": _auth.host_header(address), "User-Agent": USER_AGENT, "Accept": "application/json"}
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
        headers.update(_auth.sign(operation.method, address, headers, body, access_key, secret_key, self.now()))
        return headers

    def _answer(self, operation: Operation, reply: Reply, address: str, attempts: int) -> Answer:
        request_id = request_id_of(reply)
        if operation.schema is None and not reply.body.strip():
            return Answer(None, reply.headers, request_id)
        try:
            data = decode_json(reply)
        except ValueError as problem:
            raise self._explained(operation, ProtocolError(f"the answer is {problem}", status=reply.status), address, attempts, reply) from None
        refusal = failure_within(reply, data, self.scrub)
        if refusal:
            raise self._explained(operation, refusal, address, attempts, reply)
        unfit = summary(find_problems(operation.schema, data)) if operation.schema is not None else surprise(data)
        if unfit:
            failure = ProtocolError(f"the answer has another shape than documented: {unfit}", status=reply.status)
            raise self._explained(operation, failure, address, attempts, reply)
        return Answer(data if operation.schema is not None else None, reply.headers, request_id)

    def _pause(self, operation: Operation, failure: ServiceError, reply: Reply | None, attempt: int) -> float | None:
        """Seconds until another try, or ``None`` when there must be none."""
        asked = _retry_after(reply, self.now())
        failure.repeat_after = asked
        if not _may_repeat(operation, failure, asked is not None):
            return None
        if asked is not None and asked > self.connection.retry_max_delay:
            failure.hint = _TOO_LONG.format(asked=asked, most=self.connection.retry_max_delay)
            return None
        # The exponent is bounded because the number of tries is the user's choice, and a float is not endless.
        backoff = _FIRST_PAUSE * 2 ** min(attempt - 1, 60) * (0.5 + 0.5 * self._jitter())
        return min(max(asked or 0.0, backoff), self.connection.retry_max_delay)

    def _explained(self, operation: Operation, failure: ServiceError, address: str, attempts: int, reply: Reply | None) -> ServiceError:
        """The failure, worded in full: what was tried, on what, what came of it, what to do."""
        failure.method, failure.path, failure.attempts = operation.method, urlsplit(address).path, attempts
        failure.request_id = failure.request_id or (request_id_of(reply) if reply else None)
        failure.hint = hint_for(failure, permission=operation.permission, place=self._place(operation), clocks=self._clocks(reply))
        facts = [f"HTTP {failure.status}"] if failure.status else []
        # IAM's codes are the status once more
        facts += [failure.code] if failure.code and failure.code != str(failure.status) else []
        facts += [f"request id {failure.request_id}"] if failure.request_id else []
        facts += [f"{attempts} attempts"] if attempts > 1 else []
        said = failure.said or failure.message
        failure.said = self.scrub(said)
        failure.message = self.scrub(f"Failed to {operation.action}: {said.rstrip('.')}" + (f" ({', '.join(facts)})" if facts else ""))
        failure.args = (failure.message,)
        return failure

    def _place(self, operation: Operation) -> str:
        project = f" in project {self.project_id}" if operation.in_project else ""
        return f"The call was made{project} at {self.connection.endpoint(operation.service)}."

    def _clocks(self, reply: Reply | None) -> str:
        theirs = reply.headers.get("date") if reply else None
        return f"Here it is {self.now():%Y-%m-%dT%H:%M:%SZ}, the server says {theirs or 'nothing of its time'}."


def _encoded(operation: Operation) -> bytes | None:
    if operation.body is None:
        return None
    try:
        return json.dumps(operation.body, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (RecursionError, TypeError, ValueError):
        raise OptionError(f"Failed to {operation.action}: the body holds what JSON can not carry") from None


@functools.lru_cache(maxsize=64)
def _spellings(secret: str) -> frozenset[str]:
    """The secret, and what it looks like where somebody quotes a request."""
    found = {secret, secret[::-1], *_in_code(secret), *_in_pages(secret)}
    with contextlib.suppress(UnicodeError):
        found |= {*_in_addresses(secret), *_in_bytes(secret.encode("utf-8"))}
    return frozenset(spelled for spelled in found if len(spelled) > _SHORT)


def _in_code(secret: str) -> set[str]:
    """In JSON as written by Python, Go, Java and PHP, in JSON within JSON, in Python and YAML."""
    plain = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    found = {_escaped(text, characters) for text in plain for characters in ("", "&<>", "&<>='")}
    found |= {text.replace("/", "\\/") for text in found} | {repr(secret)[1:-1], secret.replace("'", "''")}
    return found | {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for text in found for ascii_only in (True, False)}


def _escaped(text: str, characters: str) -> str:
    return "".join(f"\\u{ord(character):04x}" if character in characters else character for character in text)


def _in_pages(secret: str) -> set[str]:
    """In HTML and XML, where quotes have several names."""
    page = html.escape(secret)
    single, double = ("&#x27;", "&#39;", "&apos;", "'"), ("&quot;", "&#34;", '"')
    return {page.replace("&#x27;", one).replace("&quot;", two) for one in single for two in double}


def _in_addresses(secret: str) -> set[str]:
    found = {quote(secret), quote_plus(secret), quote_plus(secret).replace("+", "%20")}
    return found | {_ENCODED.sub(lambda match: match.group().lower(), text) for text in found}


def _in_bytes(raw: bytes) -> set[str]:
    """In hexadecimal, and in base64 wherever it begins there."""
    found = {raw.hex(), raw.hex().upper()}
    for shift in range(3):
        # Without the characters that what stands around it has a part in.
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return found


def _is_open(failure: ServiceError) -> bool:
    """Whether what failed so may have been done all the same."""
    return failure.sent if isinstance(failure, TransportError) else isinstance(failure, ServerError)


def _seconds(left: float | None) -> float:
    return math.inf if left is None else left


def _may_repeat(operation: Operation, failure: ServiceError, invited: bool) -> bool:
    if isinstance(failure, TransportError):
        return getattr(failure, "repeatable", True) and (operation.is_idempotent or not failure.sent)
    if isinstance(failure, RateLimitError):
        # Throttled before it was looked at ("policy user over ratelimit"), or another request holds the lock: nothing happened.
        return True
    if not isinstance(failure, ServerError):
        return False
    if failure.status == 503 and invited:
        return True
    return operation.is_idempotent and failure.status in operation.repeat_on


def _retry_after(reply: Reply | None, now: dt.datetime) -> float | None:
    value = reply.headers.get("retry-after", "").strip() if reply else ""
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds()) if value else None
    except (TypeError, ValueError):
        return None
