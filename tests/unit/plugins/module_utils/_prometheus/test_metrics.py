# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import (
    Metric,
    find_metric_mistakes,
    parse_metrics,
)

ERRORS = {"name": "errors", "query": "rate(errors[$window])", "max": 0.01, "window": "2m"}
ALL = {
    "name": "latency",
    "query": "latency[$window]",
    "query_type": "range",
    "min": 0,
    "max": "2.5",
    "baseline_query": "old_latency[$window]",
    "max_ratio": 1.2,
    "max_difference": 0.5,
    "requests_query": "requests[${window}]",
    "min_requests": 100,
    "baseline_requests_query": "old_requests[$window]",
    "baseline_min_requests": 50,
    "empty_value": 0,
    "window": "90",
    "on_no_data": "fail",
}


def find(**changes):
    """Return the mistakes of one metric, without the common start of their paths."""
    options = {name: value for name, value in {**ERRORS, **changes}.items() if value != "unset"}
    return [(".".join(map(str, one.path[2:])), one.message) for one in find_metric_mistakes([options])]


def test_all_options_of_a_metric():
    assert parse_metrics([ALL]) == [
        Metric(
            name="latency",
            query="latency[90s]",
            query_type="range",
            min=0.0,
            max=2.5,
            baseline_query="old_latency[90s]",
            max_ratio=1.2,
            max_difference=0.5,
            requests_query="requests[90s]",
            min_requests=100.0,
            baseline_requests_query="old_requests[90s]",
            baseline_min_requests=50.0,
            empty_value=0.0,
            window=90.0,
            on_no_data="fail",
        )
    ]


def test_unset_options_have_their_defaults():
    options = {"name": "up", "query": "up", "min": 1, "max": None, "window": "", "baseline_query": " "}
    assert parse_metrics([options]) == [Metric("up", "up", min=1.0)]


def test_queries_of_a_metric_in_their_order():
    assert list(parse_metrics([ALL])[0].queries()) == [
        "query",
        "requests_query",
        "baseline_query",
        "baseline_requests_query",
    ]


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"window": "2m", "query": "rate(a[$window])"}, 120),
        ({"window": "2m", "query": "rate(a[5m])"}, 300),
        ({"window": "2m", "query": "a"}, 120),
        ({"window": "2m", "query": "rate(a[5m])", "query_type": "range"}, 420),
        ({"window": "unset", "query": "a", "requests_query": "increase(b[10m])", "min_requests": 1}, 600),
    ],
)
def test_lookback_of_a_metric(changes, seconds):
    options = {name: value for name, value in {**ERRORS, **changes}.items() if value != "unset"}
    assert parse_metrics([options])[0].lookback == seconds


@pytest.mark.parametrize(
    ("changes", "mistakes"),
    [
        ({}, []),
        ({"name": " "}, [("", "name is required")]),
        ({"query": ""}, [("", "query is required")]),
        ({"max": "unset"}, [("", "one of the following is required: min, max, max_ratio, max_difference")]),
        ({"min": 0.02}, [("min", "must not be greater than max")]),
        ({"min": 0.01}, []),
        ({"max": "nan"}, [("max", "must be a number, and neither infinite nor NaN")]),
        ({"min": "-inf"}, [("min", "must be a number, and neither infinite nor NaN")]),
        ({"max": True}, [("max", "must be a number, and neither infinite nor NaN")]),
        ({"max": "many"}, [("max", "must be a number, it is text")]),
        ({"baseline_query": "b"}, [("baseline_query", "requires max_ratio or max_difference")]),
        ({"max_ratio": 1.2}, [("max_ratio", "requires baseline_query")]),
        ({"max_difference": 1.2}, [("max_difference", "requires baseline_query")]),
        ({"max_difference": -1, "baseline_query": "b"}, [("max_difference", "must be 0 or greater")]),
        ({"requests_query": "r"}, [("requests_query", "requires min_requests")]),
        ({"min_requests": 1}, [("min_requests", "requires requests_query")]),
        ({"min_requests": 0, "requests_query": "r"}, [("min_requests", "must be greater than 0")]),
        (
            {"baseline_min_requests": 5, "baseline_query": "b", "max_ratio": 2},
            [("baseline_min_requests", "requires baseline_requests_query")],
        ),
        (
            {"baseline_min_requests": 5, "baseline_requests_query": "r"},
            [
                ("baseline_requests_query", "requires baseline_query"),
                ("baseline_min_requests", "requires baseline_query"),
            ],
        ),
        (
            {"empty_value": 0},
            [("empty_value", "requires requests_query"), ("empty_value", "requires min_requests")],
        ),
        ({"window": "unset"}, [("query", "contains $window, which requires window")]),
        ({"window": "soon"}, [("window", "must be a duration, for example 30, 30s, 5m or 2h")]),
        ({"window": 0}, [("window", "must be greater than 0")]),
        ({"query_type": "range", "window": "unset", "query": "a"}, [("query_type", "range requires window")]),
        ({"query_type": "latest"}, [("query_type", "must be one of instant, range")]),
        ({"on_no_data": "ignore"}, [("on_no_data", "must be one of hold, fail, pass")]),
        ({"query": "a[$duration]"}, [("query", "has the unknown placeholder $duration (known: $window)")]),
    ],
)
def test_mistakes_in_a_metric(changes, mistakes):
    assert find(**changes) == mistakes


def test_mistakes_have_the_path_of_the_list():
    metrics = [ERRORS, {**ERRORS, "name": "slow", "limit": 1}]
    assert find_metric_mistakes(metrics, ("rollout", "metrics"))[0].path == ("rollout", "metrics", 1, "limit")


def test_two_metrics_with_the_same_name():
    message = "two metrics have the same name"
    assert find_metric_mistakes([ERRORS, {**ERRORS, "max": 2}]) == [Mistake(("metrics", 1, "name"), message)]


@pytest.mark.parametrize("value", [{"name": "a"}, "errors", 5])
def test_metrics_that_are_not_a_list(value):
    (mistake,) = find_metric_mistakes(value)
    assert mistake.path == ("metrics",)
    assert mistake.message.startswith("must be a list")


def test_no_metrics():
    assert find_metric_mistakes([]) == []
    assert parse_metrics([]) == []


def test_all_mistakes_are_in_the_error():
    with pytest.raises(OptionError) as error:
        parse_metrics([{**ERRORS, "min": 5}, {**ERRORS, "name": "slow", "window": "x"}])
    assert str(error.value) == (
        "metrics[0].min: must not be greater than max; metrics[1].window: must be a duration, for example 30, 30s, 5m or 2h"
    )
