# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A client for the query API of Prometheus. It only reads.

Source: "HTTP API" (https://prometheus.io/docs/prometheus/latest/querying/api/), sections "Format overview" and "Expression queries".
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import json
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError, TransportError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import SecretStore
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    RequestsTransport,
    Transport,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.errors import (
    NOT_PROMETHEUS,
    QUERY_FAILED,
    QUERY_REJECTED,
    SERVER_ERROR,
    THROTTLED,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNREACHABLE,
    PrometheusError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.responses import (
    QueryResult,
    ResultError,
    parse_error,
    parse_result,
)

PROMETHEUS = ArgumentSpec(
    argument_spec={
        "prometheus_url": {"type": "str", "required": True},
        "prometheus_username": {"type": "str"},
        "prometheus_password": {"type": "str", "no_log": True},
        "prometheus_token": {"type": "str", "no_log": True},
        "prometheus_ca_path": {"type": "path"},
        "prometheus_validate_certs": {"type": "bool", "default": True},
    }
)

# A longer query is sent as a POST request, which changes nothing either. Many proxies refuse longer URLs.
_LONGEST_URL = 2000
_LONGEST_MESSAGE = 300
# The Date header has a resolution of a second, and the response needs time as well.
_SAME_TIME = 2.0

_REASONS_BY_STATUS = {
    400: QUERY_REJECTED,
    401: UNAUTHORIZED,
    403: UNAUTHORIZED,
    422: QUERY_FAILED,
    429: THROTTLED,
    503: UNAVAILABLE,
}
_HINTS = {
    QUERY_REJECTED: "Correct the query. The Query page of Prometheus shows the same error.",
    QUERY_FAILED: "Prometheus cannot evaluate the query. Debug it on the Query page of Prometheus.",
    UNAVAILABLE: "Prometheus is overloaded, starting, or the query takes too long. Simplify the query or run the task again later.",
    SERVER_ERROR: "Check the log of Prometheus.",
    UNAUTHORIZED: "Check prometheus_username and prometheus_password, or prometheus_token.",
    THROTTLED: "Increase interval or use fewer metrics.",
    NOT_PROMETHEUS: "Check prometheus_url: it must be the URL of Prometheus itself, without /api/v1, and not of a login page.",
}
_HINT_CONNECTION = "Check prometheus_url, and whether a proxy is required."
_HINT_TLS = "Check prometheus_url and prometheus_ca_path. Set prometheus_validate_certs to false only for a test."


@dataclass(frozen=True)
class PrometheusSettings:
    """How to reach Prometheus. Create it with ``build_settings``, which validates the options.

    ``url`` has neither credentials nor a trailing slash. No option sets the last fields, but the transport needs them.
    """

    url: str
    username: t.Optional[str] = None
    password: t.Optional[str] = field(default=None, repr=False)
    token: t.Optional[str] = field(default=None, repr=False)
    ca_path: t.Optional[str] = None
    validate_certs: bool = True
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    client_cert: t.Optional[str] = None
    client_key: t.Optional[str] = None
    proxy: t.Optional[str] = None

    def secrets(self) -> tuple[str, ...]:
        """Return the values that must never appear in output."""
        return tuple(secret for secret in (self.password, self.token) if secret)


def build_settings(params: t.Mapping[str, t.Any]) -> PrometheusSettings:
    """Return the settings of the options of PROMETHEUS. Raise OptionError if one of them is invalid. Blank text means not set."""
    given = {option: params.get(option) or None for option in PROMETHEUS.argument_spec}
    username, password, token = (given[f"prometheus_{name}"] for name in ("username", "password", "token"))
    if token and (username or password):
        text = "prometheus_token and prometheus_username with prometheus_password are mutually exclusive"
        raise OptionError(text, option="prometheus_token")
    if bool(username) != bool(password):
        text = "prometheus_username and prometheus_password are required together"
        raise OptionError(text, option="prometheus_username")
    for option in ("prometheus_username", "prometheus_password", "prometheus_token"):
        if re.search(r"[\x00-\x1f\x7f]", given[option] or "") or (given[option] or "").strip() != (given[option] or ""):
            raise OptionError(f"{option} contains a line break, or begins or ends with whitespace", option=option)
    if ":" in (username or ""):
        raise OptionError("prometheus_username must not contain a colon", option="prometheus_username")
    return PrometheusSettings(
        url=normalize_url(given["prometheus_url"] or ""),
        username=username,
        password=password,
        token=token,
        ca_path=given["prometheus_ca_path"],
        validate_certs=params.get("prometheus_validate_certs") is not False,
    )


def normalize_url(url: str) -> str:
    """Return the URL of Prometheus without a trailing slash. Raise OptionError, which never repeats the URL, if it is not usable."""
    url = url.strip()
    option = "prometheus_url"
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise OptionError(f"{option} is not a valid URL", option=option) from None
    if "@" in parts.netloc:
        raise OptionError(
            f"{option} must not contain credentials",
            option=option,
            hint="Set prometheus_username and prometheus_password instead, and change a password that was in a URL.",
        )
    if not valid or re.search(r"[\s\x00-\x1f\x7f\\]", url):
        raise OptionError(f"{option} must be a URL such as https://prometheus.example.com:9090", option=option)
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise OptionError(f"{option} must not have a query or a fragment", option=option)
    return url.rstrip("/")


class PrometheusClient:
    """Sends queries to Prometheus. Each request is sent once: the caller decides whether to try again."""

    def __init__(
        self,
        settings: PrometheusSettings,
        now: t.Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
        transport: Transport | None = None,
    ) -> None:
        """Send nothing yet.

        Arguments:
            settings: URL, credentials and TLS.
            now: Returns the time of the local clock.
            transport: Replaces the transport over ``requests``, for tests. Raise LibraryError if ``requests`` is missing.
        """
        self.settings = settings
        self._now = now
        self._transport = transport if transport is not None else RequestsTransport(settings)
        self._secrets = SecretStore(settings.secrets())
        self._clock_difference = 0.0

    def now(self) -> float:
        """Return the time of the server in seconds since the epoch, as far as its last response shows it."""
        return self._now().timestamp() + self._clock_difference

    def query(self, expression: str, at: float | None = None) -> QueryResult:
        """Evaluate a query at one time (seconds since the epoch; None: the current time of the server).

        Raise PrometheusError for every response that is not a result, and if no response arrives.
        """
        parameters = {"query": expression}
        if at is not None:
            parameters["time"] = format_seconds(at)
        return self._request("query", parameters)

    def query_range(self, expression: str, start: float, end: float, step: float) -> QueryResult:
        """Evaluate a query at each ``step`` seconds from ``start`` to ``end`` (seconds since the epoch). Errors are those of ``query``."""
        parameters = {"query": expression, "start": format_seconds(start), "end": format_seconds(end)}
        return self._request("query_range", {**parameters, "step": format_seconds(step)})

    def _request(self, endpoint: str, parameters: dict[str, str]) -> QueryResult:
        path = f"/api/v1/{endpoint}"
        request = self._build_request(path, urlencode(parameters))
        try:
            response = self._transport(request)
        except TransportError as error:
            raise self._connection_error(error, request.method, path) from None
        self._compare_clocks(response)
        if response.status != 200:
            raise self._error_from_response(response, request.method, path)
        try:
            return parse_result(json.loads(response.body))
        except (RecursionError, ValueError) as problem:
            reason = str(problem) if isinstance(problem, ResultError) else "it is not JSON"
            raise self._error(
                NOT_PROMETHEUS,
                f"the response is not a result of Prometheus: {_describe_body(response, reason)}",
                response,
                request.method,
                path,
            ) from None

    def _build_request(self, path: str, query: str) -> HttpRequest:
        headers = {"Accept": "application/json", "User-Agent": "community.huaweicloud", **self._auth_headers()}
        url = f"{self.settings.url}{path}"
        if len(url) + len(query) < _LONGEST_URL:
            return HttpRequest("GET", f"{url}?{query}", headers, None)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return HttpRequest("POST", url, headers, query.encode("ascii"))

    def _auth_headers(self) -> dict[str, str]:
        settings = self.settings
        if settings.token:
            return {"Authorization": f"Bearer {settings.token}"}
        if settings.username:
            pair = f"{settings.username}:{settings.password}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        return {}

    def _compare_clocks(self, response: HttpResponse) -> None:
        """Remember by how much the clock of the server differs, so that queries do not ask for a time without samples yet."""
        try:
            server = email.utils.parsedate_to_datetime(response.headers.get("date", "")).timestamp()
        except (IndexError, OverflowError, TypeError, ValueError):
            return
        difference = server - self._now().timestamp()
        self._clock_difference = 0.0 if abs(difference) <= _SAME_TIME else difference

    def _error_from_response(self, response: HttpResponse, method: str, path: str) -> PrometheusError:
        code, text = parse_error(response.body)
        status = response.status
        reason = _REASONS_BY_STATUS.get(status, SERVER_ERROR if status >= 500 else NOT_PROMETHEUS)
        if code is None and reason in (QUERY_REJECTED, QUERY_FAILED):
            # A server in front of Prometheus can respond with 400 as well, and does not know the query.
            reason = NOT_PROMETHEUS
        cause = text or _describe_body(response, "the response contains no Prometheus error")
        return self._error(reason, f"HTTP status {status}: {cause}", response, method, path, code)

    def _error(
        self, reason: str, text: str, response: HttpResponse, method: str, path: str, code: str | None = None
    ) -> PrometheusError:
        return PrometheusError(
            f"Failed to query Prometheus at {self.settings.url}: {self._clean(text)}",
            reason=reason,
            status=response.status,
            code=code,
            # Prometheus has no such IDs, but a proxy in front of it can.
            request_id=self._secrets.clean_request_id(response.headers.get("x-request-id")),
            method=method,
            path=path,
            hint=_HINTS[reason],
        )

    def _connection_error(self, error: TransportError, method: str, path: str) -> PrometheusError:
        return PrometheusError(
            f"Failed to query Prometheus at {self.settings.url}: {self._clean(error.message)}",
            reason=UNREACHABLE,
            retryable=error.retryable,
            method=method,
            path=path,
            hint=_HINT_CONNECTION if error.retryable else _HINT_TLS,
        )

    def _clean(self, text: str) -> str:
        """Return a text of the server on one line, short and without secrets."""
        line = " ".join(self._secrets.redact(text).split())
        return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]} [...]"


def format_seconds(seconds: float) -> str:
    """Return seconds as the API accepts them, with milliseconds."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _describe_body(response: HttpResponse, reason: str) -> str:
    """Return what a response is that Prometheus did not send, without any of its text."""
    if 300 <= response.status < 400:
        return "it is a redirect, and redirects are not followed"
    if response.body.lstrip()[:1] == b"<":
        return "it is an HTML page"
    return "it is empty" if not response.body.strip() else reason
