# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the HTTP API of Prometheus: shapes of responses, metrics of versions, series of seeds, errors and access."""

from __future__ import annotations

import base64
import pathlib
import re
import typing as t
import urllib.parse

import pytest
import yaml
from cluster_objects import NOW, Cluster, destination, destination_rule, virtual_service
from huaweicloud_emulator.prometheus import expressions, routes

ERRORS = 'sum(rate(istio_requests_total{destination_version="v2",response_code=~"5.*"}[1m]))'
APPLICATION = {"name": "reviews", "versions": {"v1": 2, "v2": 1}}
ROOT = pathlib.Path(__file__).resolve().parents[2]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def emulator(make: t.Any) -> t.Any:
    return make(seed={"applications": [APPLICATION]})


def _call(emulator: t.Any, path: str = "query", method: str = "GET", **parameters: t.Any) -> t.Any:
    text = urllib.parse.urlencode(parameters)
    target = f"/prometheus/api/v1/{path}"
    if method == "POST":
        return emulator.raw("POST", target, FORM, text.encode())
    return emulator.raw("GET", f"{target}?{text}")


def _seed(emulator: t.Any, *series: dict[str, t.Any], **kinds: t.Any) -> None:
    emulator.control("POST", "seed", {"series": list(series), **kinds})


def _vector(emulator: t.Any, query: str, **parameters: t.Any) -> list[t.Any]:
    response = _call(emulator, query=query, **parameters)
    assert response.status == 200, response.body
    assert response.json["data"]["resultType"] == "vector"
    return response.json["data"]["result"]


def _value(emulator: t.Any, query: str, **parameters: t.Any) -> str | None:
    """Return the value of the only series, or ``None`` if the result is empty."""
    result = _vector(emulator, query, **parameters)
    return result[0]["value"][1] if result else None


def _seed_metric(emulator: t.Any, metric: str, version: str = "v2", **versions: t.Any) -> None:
    source = {"service": "default/reviews", "versions": versions}
    _seed(emulator, {"query": metric, "service": "reviews", "version": version, "metric": metric}, metrics=[source])


def _shift(emulator: t.Any, gray: int) -> None:
    Cluster(emulator).route(destination("v1", 100 - gray), destination("v2", gray))


# -- shapes


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_instant_query(emulator: t.Any, method: str) -> None:
    _seed(emulator, {"query": "up", "value": 0.25, "labels": {"job": "reviews"}})
    response = _call(emulator, method=method, query="up")
    assert response.headers["content-type"] == "application/json"
    assert response.json == {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": {"job": "reviews"}, "value": [int(NOW), "0.25"]}]},
    }
    assert _vector(emulator, "up", time="1800000123.4567")[0]["value"] == [1800000123.457, "0.25"]
    assert _vector(emulator, "up", time="2027-01-15T08:00:00.5Z")[0]["value"] == [NOW + 0.5, "0.25"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_range_query(emulator: t.Any, method: str) -> None:
    _seed(emulator, {"query": "up", "value": {"over_time": [[0, 1], [30, 2], [60, "NaN"]]}, "labels": {"job": "a"}})
    response = _call(emulator, "query_range", method, query="up", start=NOW - 30, end=NOW + 60, step="30s")
    values = [[NOW, "1"], [NOW + 30, "2"], [NOW + 60, "NaN"]]
    assert response.json == {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {"job": "a"}, "values": values}]},
    }


def test_scalars(emulator: t.Any) -> None:
    assert _call(emulator, query=" 0.5 ").json["data"] == {"resultType": "scalar", "result": [int(NOW), "0.5"]}
    assert _call(emulator, query="time()", time=5).json["data"] == {"resultType": "scalar", "result": [5, "5"]}
    assert _value(emulator, "vector(NaN)") == "NaN"
    matrix = _call(emulator, "query_range", query="vector(1)", start=0, end=1, step=1).json["data"]["result"]
    assert matrix == [{"metric": {}, "values": [[0, "1"], [1, "1"]]}]


@pytest.mark.parametrize(
    "query",
    [
        ERRORS,
        "sum by (a) (b)",
        "sum(a) by (b)",
        "a and b",
        "a offset 5m",
        "a / on(b) group_left c",
        "a > bool b",
        "x{a='b c'}",
        "a / on (b) c",
    ],
)
def test_unknown_queries_are_empty(emulator: t.Any, query: str) -> None:
    assert _vector(emulator, query) == []


def test_unknown_query_in_a_range_is_empty(emulator: t.Any) -> None:
    data = _call(emulator, "query_range", query=ERRORS, start=0, end=9, step=3).json["data"]
    assert data == {"resultType": "matrix", "result": []}


def test_several_series(emulator: t.Any) -> None:
    results = [{"labels": {"pod": "a"}, "value": 1}, {"labels": {"pod": "b"}, "value": "+Inf"}, {"value": None}]
    _seed(emulator, {"query": "up", "results": results})
    assert [(entry["metric"], entry["value"][1]) for entry in _vector(emulator, "up")] == [
        ({"pod": "a"}, "1"),
        ({"pod": "b"}, "+Inf"),
    ]


def test_warnings_and_age(emulator: t.Any) -> None:
    _seed(emulator, {"query": "up", "value": "-Inf", "warnings": ["partial"], "infos": ["not a counter"], "age": 90})
    body = _call(emulator, query="up").json
    assert (body["warnings"], body["infos"]) == (["partial"], ["not a counter"])
    assert body["data"]["result"][0]["value"] == [NOW - 90, "-Inf"]


@pytest.mark.parametrize(
    "value, text",
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (-2.5, "-2.5"),
        (1e-05, "0.00001"),
        (1e21, "1000000000000000000000"),
        (300.0, "300"),
        (1.25e-07, "0.000000125"),
        (123456789.125, "123456789.125"),
        (float("nan"), "NaN"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
    ],
)
def test_format_of_values(value: float, text: str) -> None:
    assert expressions.format_value(value) == text


# -- errors


@pytest.mark.parametrize(
    "query, reason",
    [
        ("", "unknown position: parse error: no expression found in input"),
        ("sum(rate(x[1m])", "1:16: parse error: unclosed left parenthesis"),
        ("sum(x))", "1:8: parse error: unexpected right parenthesis ')'"),
        ('x{a="b"', "1:8: parse error: unexpected end of input inside braces"),
        ("x[1m)", "1:6: parse error: unexpected right parenthesis ')'"),
        ('x{a="b}', "1:5: parse error: unterminated quoted string"),
        ("x / ", "1:5: parse error: unexpected end of input"),
        ("x[1m", "1:5: parse error: unclosed left bracket"),
        ("(x]", "1:3: parse error: unexpected right bracket ']'"),
        ("x}", "1:2: parse error: unexpected character: '}'"),
        ("a b c", '1:3: parse error: unexpected identifier "b"'),
        ("a 1", '1:3: parse error: unexpected number "1"'),
        ('x{a="b"} y', '1:10: parse error: unexpected identifier "y"'),
    ],
)
def test_queries_that_cannot_be_parsed(emulator: t.Any, query: str, reason: str) -> None:
    expected = {"status": "error", "errorType": "bad_data", "error": f'invalid parameter "query": {reason}'}
    response = _call(emulator, query=query)
    assert (response.status, response.json) == (400, expected)
    response = _call(emulator, "query_range", query=query, start=0, end=1, step=1)
    assert (response.status, response.json) == (400, expected)


@pytest.mark.parametrize(
    "changes, error",
    [
        (
            {"time": "soon"},
            'invalid parameter "time": Invalid time value for \'time\': cannot parse "soon" to a valid timestamp',
        ),
    ],
)
def test_invalid_times(emulator: t.Any, changes: dict[str, str], error: str) -> None:
    response = _call(emulator, query="up", **changes)
    assert (response.status, response.json["errorType"], response.json["error"]) == (400, "bad_data", error)


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"start": ""}, 'invalid parameter "start": cannot parse "" to a valid timestamp'),
        ({"end": -1}, 'invalid parameter "end": end timestamp must not be before start time'),
        ({"step": "often"}, 'invalid parameter "step": cannot parse "often" to a valid duration'),
        ({"step": "inf"}, 'invalid parameter "step": cannot parse "inf" to a valid duration. It overflows int64'),
        (
            {"step": 0},
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
            "Try a positive integer",
        ),
        (
            {"end": 11001},
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)",
        ),
    ],
)
def test_invalid_ranges(emulator: t.Any, changes: dict[str, t.Any], error: str) -> None:
    response = _call(emulator, "query_range", **{"query": "up", "start": 0, "end": 10, "step": 1, **changes})
    assert (response.status, response.json["error"]) == (400, error)


@pytest.mark.parametrize(
    "text, seconds", [("15", 15.0), ("1m30s", 90.0), ("500ms", 0.5), ("1d", 86400.0), ("0.5", 0.5)]
)
def test_durations(text: str, seconds: float) -> None:
    assert routes.parse_duration(text, "step") == seconds


@pytest.mark.parametrize(
    "failure, status, error_type",
    [
        ({"message": "many-to-many matching not allowed"}, 422, "execution"),
        ({"status": 400, "message": "unknown function"}, 400, "bad_data"),
        ({"status": 503, "message": "query timed out in expression evaluation"}, 503, "timeout"),
        ({"status": 422, "type": "canceled", "message": "query was canceled"}, 422, "canceled"),
    ],
)
def test_seeded_errors(emulator: t.Any, failure: dict[str, t.Any], status: int, error_type: str) -> None:
    _seed(emulator, {"query": "up", "error": failure})
    response = _call(emulator, query="up")
    expected = {"status": "error", "errorType": error_type, "error": failure["message"]}
    assert (response.status, response.json) == (status, expected)
    assert _call(emulator, "query_range", query="up", start=0, end=1, step=1).status == status


@pytest.mark.parametrize(
    "status, error_type", [(400, "bad_data"), (422, "execution"), (500, "internal"), (503, "timeout")]
)
def test_injected_errors(emulator: t.Any, status: int, error_type: str) -> None:
    emulator.control("POST", "faults", {"kind": "status", "status": status, "path_regex": "^/prometheus/"})
    response = _call(emulator, query="up")
    assert (response.status, response.json["errorType"]) == (status, error_type)
    assert _call(emulator, query="up").status == 200


def test_other_paths_and_methods(emulator: t.Any) -> None:
    response = _call(emulator, "unknown")
    assert (response.status, response.body) == (404, b"404 page not found\n")
    assert emulator.raw("DELETE", "/prometheus/api/v1/query?query=up").status == 405
    assert emulator.raw("GET", "/prometheus/-/ready").body == b"Prometheus Server is Ready.\n"
    assert _call(emulator, "status/buildinfo").json["data"]["version"] == "3.5.0"


# -- access


def _authorize(kind: str, value: str) -> dict[str, str]:
    return {"Authorization": f"{kind} {base64.b64encode(value.encode()).decode() if kind == 'Basic' else value}"}


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 401),
        (_authorize("Basic", "reader:secret-of-prometheus"), 200),
        (_authorize("Basic", "reader:other"), 401),
        (_authorize("Bearer", "token-of-prometheus"), 200),
        (_authorize("Bearer", "other"), 401),
        ({"Authorization": "Basic ?"}, 401),
    ],
)
def test_credentials(make: t.Any, headers: dict[str, str], status: int) -> None:
    credentials = [{"username": "reader", "password": "secret-of-prometheus"}, {"token": "token-of-prometheus"}]
    emulator = make(seed={"prometheus_credentials": credentials})
    response = emulator.raw("GET", "/prometheus/api/v1/query?query=up", headers)
    assert response.status == status
    if status == 401:
        assert (response.body, response.headers["www-authenticate"]) == (b"Unauthorized\n", "Basic")
    output = str(emulator.control("GET", "snapshot")) + str(emulator.control("GET", "request_log"))
    assert ("secret-of-prometheus" in output, "token-of-prometheus" in output) == (False, False)


def test_request_log_has_queries(emulator: t.Any) -> None:
    _call(emulator, query="sum(")
    (entry,) = emulator.control("GET", "request_log")["requests"]
    assert {name: entry[name] for name in ("path", "query", "operation", "status", "error_code")} == {
        "path": "/prometheus/api/v1/query",
        "query": {"query": "sum("},
        "operation": "query",
        "status": 400,
        "error_code": "bad_data",
    }


# -- seeded series


def test_blanks_in_queries_do_not_matter(emulator: t.Any) -> None:
    _seed(emulator, {"query": 'sum( rate(x{a = "b c"}[1m]) )\n / sum by (pod) (y)', "value": 3})
    assert _value(emulator, 'sum(rate(x{a="b c"}[1m])) / sum by(pod)(y)') == "3"
    assert _value(emulator, 'sum(rate(x{a="b  c"}[1m])) / sum by(pod)(y)') is None
    assert _value(emulator, "sumby(pod)(y)") is None


def test_regular_expressions_match_queries(emulator: t.Any) -> None:
    _seed(
        emulator, {"query_regex": r"sum\(rate\(.*\[\d+s\]\)\)", "value": 1}, {"query": "sum(rate(x[5s]))", "value": 2}
    )
    assert [_value(emulator, f"sum(rate({text}))") for text in ("y[9s]", "x[5s]", "x[5m]")] == ["1", "2", None]


def test_later_seed_replaces_series(emulator: t.Any) -> None:
    _seed(emulator, {"query": "up", "value": 1})
    _seed(emulator, {"query": "up", "value": None})
    assert _value(emulator, "up") is None


def test_values_over_time_follow_the_clock(emulator: t.Any) -> None:
    _seed(emulator, {"query": "up", "value": {"over_time": [[10, 1], [20, 2]]}})
    seen = []
    for unused in range(3):
        seen.append(_value(emulator, "up"))
        emulator.state.clock.advance(10)
    assert seen == [None, "1", "2"]


def test_values_by_weight_follow_the_routes(emulator: t.Any) -> None:
    value = {"by_weight": {"0": 0, "10": 0.01, "50": 0.2}}
    _seed(emulator, {"query": "up", "service": "default/reviews", "version": "v2", "value": value})
    seen = []
    for gray in (0, 10, 49, 50, 100):
        _shift(emulator, gray)
        seen.append(_value(emulator, "up"))
    assert seen == ["0", "0.01", "0.01", "0.2", "0.2"]


@pytest.mark.parametrize(
    "entry, text",
    [
        ({"value": 1}, "either query or query_regex is required"),
        ({"query": "a", "query_regex": "b"}, "either query or query_regex is required"),
        ({"query_regex": "("}, "query_regex is not a valid regular expression"),
        ({"query": "a", "metric": "speed"}, "metric 'speed' must be one of error_ratio"),
        ({"query": "a", "metric": "latency", "service": "reviews"}, "service and version are required for a metric"),
        ({"query": "a", "value": "fast"}, "could not convert string to float"),
        ({"query": "a", "values": [1]}, "unknown key values"),
    ],
)
def test_invalid_series(emulator: t.Any, entry: dict[str, t.Any], text: str) -> None:
    assert text in emulator.control("POST", "seed", {"series": [entry]}, status=400)["error"]


def test_example_of_the_readme(make: t.Any) -> None:
    """The example must be a valid seed, and its query must return the metric."""
    text = (ROOT / "roles" / "emulator" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(emulator_seed:.*?)```", text, re.DOTALL)
    seed = yaml.safe_load(example)["emulator_seed"]
    emulator = make(seed={**seed, "applications": [APPLICATION]})
    _shift(emulator, 50)
    emulator.state.clock.advance(60)
    assert _value(emulator, seed["series"][0]["query"]) == "0.2"


# -- metrics of versions


def test_rate_follows_the_weights(emulator: t.Any) -> None:
    emulator.control("POST", "seed", {"metrics": [{"service": "reviews", "requests_per_second": 50}]})
    _seed(emulator, {"query": "up", "service": "reviews", "version": "v2", "metric": "request_rate", "window": 60})
    assert _value(emulator, "up") is None
    _shift(emulator, 10)
    assert _value(emulator, "up") is None
    seen = []
    for unused in range(3):
        emulator.state.clock.advance(30)
        seen.append(_value(emulator, "up"))
    _shift(emulator, 0)
    emulator.state.clock.advance(60)
    assert [*seen, _value(emulator, "up")] == ["2.5", "5", "5", "0"]


def test_number_of_requests_in_the_window(emulator: t.Any) -> None:
    _seed_metric(emulator, "request_count")
    _shift(emulator, 20)
    emulator.state.clock.advance(15)
    assert _value(emulator, "request_count") == "300"


def test_weights_are_in_force_after_the_delay(emulator: t.Any) -> None:
    emulator.set(propagation_delay=20)
    _seed_metric(emulator, "weight")
    _shift(emulator, 50)
    seen = []
    for unused in range(3):
        seen.append(_value(emulator, "weight"))
        emulator.state.clock.advance(10)
    assert seen == ["0", "0", "50"]


def test_error_ratio_is_empty_without_failed_requests(emulator: t.Any) -> None:
    _seed_metric(emulator, "error_ratio", v2={"error_ratio": 0})
    _shift(emulator, 50)
    emulator.state.clock.advance(60)
    assert _value(emulator, "error_ratio") is None
    _seed_metric(emulator, "request_count")
    assert _value(emulator, "request_count") == "3000"


def test_error_ratio(emulator: t.Any) -> None:
    _seed_metric(emulator, "error_ratio", v2={"error_ratio": 0.07})
    assert _value(emulator, "error_ratio") is None
    _shift(emulator, 50)
    emulator.state.clock.advance(60)
    assert _value(emulator, "error_ratio") == "0.07"
    _shift(emulator, 0)
    emulator.state.clock.advance(61)
    assert _value(emulator, "error_ratio") == "NaN"


def test_error_rate_and_count(emulator: t.Any) -> None:
    for metric, expected in (("error_rate", "5"), ("error_count", "300")):
        _seed_metric(emulator, metric, v2={"error_ratio": 0.1})
        _shift(emulator, 50)
        emulator.state.clock.advance(60)
        assert _value(emulator, metric) == expected


def test_error_ratio_can_depend_on_weight_and_time(emulator: t.Any) -> None:
    _seed_metric(emulator, "error_ratio", v2={"error_ratio": {"by_weight": {0: 0.01, 50: 0.5}}})
    seen = []
    for gray in (10, 50):
        _shift(emulator, gray)
        emulator.state.clock.advance(60)
        seen.append(_value(emulator, "error_ratio"))
    _seed_metric(emulator, "error_ratio", v2={"error_ratio": {"over_time": [[0, 0.01], [120, 0.3]]}})
    for unused in range(2):
        emulator.state.clock.advance(60)
        seen.append(_value(emulator, "error_ratio"))
    assert seen == ["0.01", "0.5", "0.01", "0.3"]


def test_latency(emulator: t.Any) -> None:
    _seed_metric(emulator, "latency", v2={"latency": 0.25})
    assert _value(emulator, "latency") is None
    _shift(emulator, 50)
    emulator.state.clock.advance(60)
    assert _value(emulator, "latency") == "0.25"
    _shift(emulator, 0)
    emulator.state.clock.advance(61)
    assert _value(emulator, "latency") == "NaN"


def test_requests_of_testers(emulator: t.Any) -> None:
    source = {"service": "default/reviews", "requests_per_second": 100, "tester_requests_per_second": 2}
    series = {"query": "rate", "service": "reviews", "version": "v2", "metric": "request_rate"}
    _seed(emulator, series, metrics=[source])
    item = virtual_service(destination("v1"))
    match = [{"headers": {"cookie": {"regex": ".*tester.*"}}}]
    item["spec"]["http"] = [{"match": match, "route": [destination("v2")]}, *item["spec"]["http"]]
    emulator.control("POST", "seed", {"cluster_objects": [item, destination_rule(name="more", v2="v2")]})
    emulator.state.clock.advance(60)
    assert _value(emulator, "rate") == "2"


def test_metrics_in_a_range(emulator: t.Any) -> None:
    _seed_metric(emulator, "weight")
    for gray in (10, 20):
        emulator.state.clock.advance(30)
        _shift(emulator, gray)
    response = _call(emulator, "query_range", query="weight", start=NOW, end=NOW + 90, step=30)
    (series,) = response.json["data"]["result"]
    assert [value for unused, value in series["values"]] == ["0", "10", "20", "20"]


def test_reset_clears_metrics(emulator: t.Any) -> None:
    _seed_metric(emulator, "weight")
    _shift(emulator, 50)
    emulator.control("POST", "reset")
    assert _value(emulator, "weight") is None
    (service,) = emulator.control("GET", "traffic")["services"]
    assert [entry["shares"] for entry in service["entries"]] == [{"v1": 100.0}]
