# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError, TransportError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import HttpResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import (
    PrometheusClient,
    PrometheusSettings,
    build_settings,
    format_seconds,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.errors import PrometheusError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.responses import QueryResult, Series
from fake_clock import START
from fake_prometheus import HTML, FakePrometheus, failure, read_parameters, success, vector

URL = "https://prometheus.example.com:9090/p"
PASSWORD, TOKEN = "CANARY-password", "CANARY-token"


def connect(answers, **settings):
    """Return a client and its Prometheus."""
    prometheus = FakePrometheus(**answers)
    return PrometheusClient(PrometheusSettings(URL, **settings), lambda: START, prometheus), prometheus


def fail(answer, **settings):
    """Return the error of a query with that response."""
    client, _prometheus = connect({"up": answer}, **settings)
    with pytest.raises(PrometheusError) as error:
        client.query("up", 10)
    return error.value


# Options


def test_settings_of_all_options():
    options = {
        "prometheus_url": " http://127.0.0.1:9090/prometheus/ ",
        "prometheus_username": "canary",
        "prometheus_password": PASSWORD,
        "prometheus_token": "",
        "prometheus_ca_path": "/ca.pem",
        "prometheus_validate_certs": False,
    }
    settings = build_settings(options)
    assert settings == PrometheusSettings(
        "http://127.0.0.1:9090/prometheus", "canary", PASSWORD, None, "/ca.pem", validate_certs=False
    )
    assert settings.secrets() == (PASSWORD,)
    assert "CANARY" not in repr(settings)


def test_settings_without_credentials():
    settings = build_settings({"prometheus_url": URL})
    assert settings == PrometheusSettings(URL)
    assert settings.secrets() == ()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "https://user:CANARY-password@prometheus.example.com",
            "prometheus_url must not contain credentials. Set prometheus_username and prometheus_password instead, "
            "and change a password that was in a URL.",
        ),
        ("https://CANARY-token@[::1", "prometheus_url is not a valid URL"),
        ("https://[::CANARY", "prometheus_url is not a valid URL"),
        ("https://a:CANARY", "prometheus_url is not a valid URL"),
        ("", "prometheus_url must be a URL such as https://prometheus.example.com:9090"),
        ("prometheus.example.com", "prometheus_url must be a URL such as https://prometheus.example.com:9090"),
        ("ftp://prometheus.example.com", "prometheus_url must be a URL such as https://prometheus.example.com:9090"),
        ("https://", "prometheus_url must be a URL such as https://prometheus.example.com:9090"),
        ("https://a b", "prometheus_url must be a URL such as https://prometheus.example.com:9090"),
        ("https://a\\b", "prometheus_url must be a URL such as https://prometheus.example.com:9090"),
        ("https://a?token=CANARY", "prometheus_url must not have a query or a fragment"),
        ("https://a#CANARY", "prometheus_url must not have a query or a fragment"),
        ("https://a?", "prometheus_url must not have a query or a fragment"),
    ],
)
def test_urls_that_are_refused_without_repeating_them(url, message):
    with pytest.raises(OptionError) as error:
        build_settings({"prometheus_url": url})
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"username": "a"}, "prometheus_username and prometheus_password are required together"),
        ({"password": PASSWORD}, "prometheus_username and prometheus_password are required together"),
        (
            {"token": TOKEN, "username": "a", "password": PASSWORD},
            "prometheus_token and prometheus_username with prometheus_password are mutually exclusive",
        ),
        ({"token": f"{TOKEN}\n"}, "prometheus_token contains a line break, or begins or ends with whitespace"),
        (
            {"username": "a", "password": f" {PASSWORD}"},
            "prometheus_password contains a line break, or begins or ends with whitespace",
        ),
        ({"username": "a:b", "password": PASSWORD}, "prometheus_username must not contain a colon"),
    ],
)
def test_credentials_that_are_refused(options, message):
    with pytest.raises(OptionError) as error:
        build_settings({"prometheus_url": URL, **{f"prometheus_{name}": value for name, value in options.items()}})
    assert str(error.value) == message


# Requests


def test_an_instant_query():
    client, prometheus = connect({'up{a="b c"}': "1.5"})
    assert client.query('up{a="b c"}', 1435781451.7814) == QueryResult(
        [Series({"number": "0"}, [(1435781451.781, 1.5)])], [], []
    )
    (request,) = prometheus.requests
    assert (request.method, request.body) == ("GET", None)
    assert request.url == f"{URL}/api/v1/query?query=up%7Ba%3D%22b+c%22%7D&time=1435781451.781"
    assert request.headers == {"Accept": "application/json", "User-Agent": "community.huaweicloud"}


def test_an_instant_query_at_the_time_of_the_server():
    client, prometheus = connect({"up": vector((5, "1"))})
    assert client.query("up").series[0].points == [(5.0, 1.0)]
    assert read_parameters(prometheus.requests[0]) == {"query": "up"}


def test_a_range_query():
    client, prometheus = connect({"up": 2})
    assert client.query_range("up", 60, 120, 15).series == [Series({}, [(120.0, 2.0)])]
    assert prometheus.requests[0].url == f"{URL}/api/v1/query_range?query=up&start=60&end=120&step=15"


def test_a_long_query_is_sent_as_a_form():
    query = " + ".join(["metric_with_a_long_name"] * 100)
    client, prometheus = connect({query: 1})
    assert client.query(query, 1).series
    (request,) = prometheus.requests
    assert (request.method, request.url) == ("POST", f"{URL}/api/v1/query")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert read_parameters(request) == {"query": query, "time": "1"}


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({"username": "canary", "password": "pass:wörd"}, "Basic Y2FuYXJ5OnBhc3M6d8O2cmQ="),
        ({"token": TOKEN}, f"Bearer {TOKEN}"),
    ],
)
def test_credentials_are_in_a_header(settings, header):
    client, prometheus = connect({"up": 1}, **settings)
    client.query("up", 1)
    assert prometheus.requests[0].headers["Authorization"] == header
    assert prometheus.requests[0].url == f"{URL}/api/v1/query?query=up&time=1"


@pytest.mark.parametrize(("seconds", "text"), [(1.0, "1"), (1.5, "1.5"), (1.23456, "1.235"), (100.0, "100")])
def test_format_seconds(seconds, text):
    assert format_seconds(seconds) == text


# The clock of the server


@pytest.mark.parametrize(
    ("header", "difference"),
    [
        ("Sun, 01 Mar 2026 12:00:02 GMT", 0),
        ("Sun, 01 Mar 2026 12:00:03 GMT", 3),
        ("Sun, 01 Mar 2026 11:30:00 GMT", -1800),
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_time_of_the_server(header, difference):
    client, prometheus = connect({"up": 1})
    prometheus.headers["date"] = header
    assert client.now() == START.timestamp()
    client.query("up", 1)
    assert client.now() == START.timestamp() + difference


def test_time_of_the_server_follows_each_response():
    client, prometheus = connect({"up": [1, failure(503, "unavailable", "busy")]})
    prometheus.headers["date"] = "Sun, 01 Mar 2026 13:00:00 GMT"
    client.query("up", 1)
    prometheus.headers["date"] = "Sun, 01 Mar 2026 12:00:00 GMT"
    with pytest.raises(PrometheusError):
        client.query("up", 1)
    assert client.now() == START.timestamp()


# Failures


@pytest.mark.parametrize(
    ("response", "reason", "cause", "transient"),
    [
        (failure(400, "bad_data", "parse error"), "query_rejected", "HTTP status 400: bad_data: parse error", False),
        (failure(422, "execution", "many-to-many"), "query_failed", "HTTP status 422: execution: many-to-many", False),
        (failure(503, "timeout", "timed out"), "unavailable", "HTTP status 503: timeout: timed out", True),
        (failure(500, "internal", "broken"), "server_error", "HTTP status 500: internal: broken", True),
        (HttpResponse(503, {}, b""), "unavailable", "HTTP status 503: it is empty", True),
        (HttpResponse(502, {}, b" <html>"), "server_error", "HTTP status 502: it is an HTML page", True),
        (
            HttpResponse(401, {}, b"Unauthorized"),
            "unauthorized",
            "HTTP status 401: the response contains no Prometheus error",
            False,
        ),
        (HttpResponse(403, {}, b"<p>"), "unauthorized", "HTTP status 403: it is an HTML page", False),
        (
            HttpResponse(429, {}, b"slow"),
            "throttled",
            "HTTP status 429: the response contains no Prometheus error",
            True,
        ),
        (HttpResponse(400, {}, b"<html>"), "not_prometheus", "HTTP status 400: it is an HTML page", False),
        (
            HttpResponse(422, {}, b"{}"),
            "not_prometheus",
            "HTTP status 422: the response contains no Prometheus error",
            False,
        ),
        (
            HttpResponse(404, {}, b"404 page"),
            "not_prometheus",
            "HTTP status 404: the response contains no Prometheus error",
            False,
        ),
        (
            HttpResponse(302, {"location": "https://login.example.com/?CANARY"}, b""),
            "not_prometheus",
            "HTTP status 302: it is a redirect, and redirects are not followed",
            False,
        ),
        (HTML, "not_prometheus", "the response is not a result of Prometheus: it is an HTML page", False),
        (
            HttpResponse(200, {}, b""),
            "not_prometheus",
            "the response is not a result of Prometheus: it is empty",
            False,
        ),
        (
            HttpResponse(200, {}, b"\xff"),
            "not_prometheus",
            "the response is not a result of Prometheus: it is not JSON",
            False,
        ),
        (HttpResponse(204, {}, b""), "not_prometheus", "HTTP status 204: it is empty", False),
        (
            success("table", []),
            "not_prometheus",
            "the response is not a result of Prometheus: its data is not a vector, a matrix, a scalar or a string",
            False,
        ),
        (
            HttpResponse(200, {}, b"[" * 100_000),
            "not_prometheus",
            "the response is not a result of Prometheus: it is not JSON",
            False,
        ),
    ],
)
def test_responses_that_are_not_results(response, reason, cause, transient):
    error = fail(response)
    assert (error.reason, error.kind, error.is_transient) == (reason, reason, transient)
    assert error.message == f"Failed to query Prometheus at {URL}: {cause}"
    assert error.hint


@pytest.mark.parametrize(
    ("retryable", "hint"),
    [
        (True, "Check prometheus_url, and whether a proxy is required."),
        (
            False,
            "Check prometheus_url and prometheus_ca_path. Set prometheus_validate_certs to false only for a test.",
        ),
    ],
)
def test_no_connection(retryable, hint):
    error = fail(TransportError("no connection to a", retryable=retryable, hint="Check ca_path."))
    assert error.facts() == {
        "kind": "unreachable",
        "status": None,
        "code": None,
        "message": f"Failed to query Prometheus at {URL}: no connection to a",
        "request_id": None,
        "method": "GET",
        "path": "/api/v1/query",
        "attempts": 1,
        "hint": hint,
    }
    assert error.is_transient is retryable


def test_facts_of_an_error_of_prometheus():
    assert fail(failure(400, "bad_data", "parse error")).facts() == {
        "kind": "query_rejected",
        "status": 400,
        "code": "bad_data",
        "message": f"Failed to query Prometheus at {URL}: HTTP status 400: bad_data: parse error",
        "request_id": None,
        "method": "GET",
        "path": "/api/v1/query",
        "attempts": 1,
        "hint": "Correct the query. The Query page of Prometheus shows the same error.",
    }


def test_request_id_of_a_proxy():
    response = failure(503, "timeout", "slow")
    assert fail(response._replace(headers={"x-request-id": "id-1"})).request_id == "id-1"
    secret = response._replace(headers={"x-request-id": TOKEN})
    assert fail(secret, token=TOKEN).request_id == "********"


def test_texts_of_the_server_are_short_and_without_secrets():
    error = fail(failure(400, "bad_data", f"cannot use\n{TOKEN} " + "x" * 1000), token=TOKEN)
    text = "HTTP status 400: bad_data: cannot use ******** " + "x" * 1000
    assert error.message == f"Failed to query Prometheus at {URL}: {text[:300]} [...]"


def test_clients_use_requests_by_default():
    client = PrometheusClient(PrometheusSettings("http://127.0.0.1:9"))
    assert abs(client.now() - dt.datetime.now(dt.timezone.utc).timestamp()) < 60
