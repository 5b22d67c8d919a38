# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import math

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.evaluation import (
    MetricResult,
    Reading,
    SampleReadings,
    SampleResult,
    judge_all,
    judge_metric,
    judge_sample,
    read_result,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import Metric
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.responses import QueryResult, Series

NOW = 1000.0
EMPTY = Reading(problem="empty_result", detail="the result is empty")
NAN = Reading(time=NOW, problem="nan", detail="the value is NaN")
SEVERAL = Reading(problem="several_series", detail="the result has 2 series instead of one")
LOST = Reading(problem="unreachable", detail="query: no connection", failed_request=True)
LIMITS = {"min": 1.0, "max": 10.0}
BASELINE = {"baseline_query": "b"}
REQUESTS = {"requests_query": "r", "min_requests": 100.0}
BASELINE_REQUESTS = {"baseline_requests_query": "br", "baseline_min_requests": 50.0}


def number(value, time=NOW):
    return Reading(float(value), time)


def judge(limits, query, *, compare=True, max_age=60.0, previous_time=None, **others):
    metric = Metric("m", "q", **limits)
    readings = SampleReadings(NOW, query, **others)
    return judge_sample(metric, readings, compare=compare, max_age=max_age, previous_time=previous_time)


def outcome(*arguments, **named):
    """Return verdict, reason, message and whether the sample counts."""
    sample = judge(*arguments, **named)
    return sample.verdict, sample.reason, sample.message, sample.counts


# Results of queries


@pytest.mark.parametrize(
    ("result", "reading"),
    [
        (QueryResult([Series({}, [(1, 2.5)])], [], ["remark"]), Reading(2.5, 1)),
        (QueryResult([Series({}, [(1, 2.5), (2, 3.5)])], [], []), Reading(3.5, 2)),
        (QueryResult([Series({}, []), Series({}, [(1, 2.5)])], [], []), Reading(2.5, 1)),
        (QueryResult([Series({}, [(1, math.inf)])], [], []), Reading(math.inf, 1)),
        (QueryResult([], [], []), EMPTY),
        (QueryResult([Series({}, [])], [], []), EMPTY),
        (QueryResult([Series({}, [(1, 1)]), Series({"a": "b"}, [(1, 1)])], [], []), SEVERAL),
        (QueryResult([Series({}, [(NOW, math.nan)])], [], []), NAN),
        (QueryResult([Series({}, [(1, 5.0), (NOW, math.nan)])], [], []), NAN),
        (
            QueryResult([Series({}, [(1, None)])], [], []),
            Reading(time=1, problem="not_a_number", detail="the value is not a number, but text or a histogram"),
        ),
        (
            QueryResult([Series({}, [(1, 2.5)])], ["a is down", "b is down"], []),
            Reading(problem="warnings", detail="the result may be incomplete: a is down; b is down"),
        ),
    ],
)
def test_readings(result, reading):
    assert read_result(result) == reading


# Values and limits


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, ("passed", "within_limits", "1 is within the limits", True)),
        (10, ("passed", "within_limits", "10 is within the limits", True)),
        (0.999999, ("failed", "below_min", "0.999999 is below min 1", True)),
        (10.1, ("failed", "above_max", "10.1 is above max 10", True)),
        (math.inf, ("failed", "infinite", "the value is infinite", True)),
        (-math.inf, ("failed", "infinite", "the value is infinite", True)),
    ],
)
def test_limits(value, expected):
    assert outcome(LIMITS, number(value)) == expected


@pytest.mark.parametrize(("limits", "value"), [({"min": 1.0}, math.inf), ({"max": 1.0}, -math.inf)])
@pytest.mark.parametrize("on_no_data", ["hold", "fail", "pass"])
def test_infinite_value_without_a_limit_in_its_direction(limits, value, on_no_data):
    sample = judge({**limits, "on_no_data": on_no_data}, number(value))
    assert sample == SampleResult(NOW, "inconclusive", "infinite", "the value is infinite", False)


@pytest.mark.parametrize("limit", ["max_ratio", "max_difference"])
def test_infinite_value_with_a_limit_relative_to_the_baseline(limit):
    sample = judge({limit: 2.0, **BASELINE}, number(math.inf), baseline=number(1))
    assert sample == SampleResult(NOW, "failed", "infinite", "the value is infinite", True, baseline=1.0)


# No data


@pytest.mark.parametrize(
    ("on_no_data", "verdict", "counts", "suffix"),
    [
        ("hold", "inconclusive", False, ""),
        ("fail", "failed", True, " (on_no_data is fail)"),
        ("pass", "passed", True, " (on_no_data is pass)"),
    ],
)
def test_no_data(on_no_data, verdict, counts, suffix):
    limits = {**LIMITS, "on_no_data": on_no_data}
    few = {**limits, **REQUESTS}
    assert outcome(limits, EMPTY) == (verdict, "empty_result", f"the result is empty{suffix}", counts)
    assert outcome(limits, NAN) == (verdict, "nan", f"the value is NaN{suffix}", counts)
    text = f"99 requests, and 100 are required{suffix}"
    assert outcome(few, number(5), requests=number(99)) == (verdict, "too_few_requests", text, counts)
    text = f"0 requests, and 100 are required{suffix}"
    assert outcome(few, number(5), requests=EMPTY) == (verdict, "too_few_requests", text, counts)
    text = f"requests_query: the value is NaN{suffix}"
    assert outcome(few, number(5), requests=NAN) == (verdict, "requests_nan", text, counts)


@pytest.mark.parametrize("on_no_data", ["hold", "fail", "pass"])
def test_failed_requests_and_unusable_results_are_never_data(on_no_data):
    limits = {**LIMITS, **REQUESTS, "on_no_data": on_no_data}
    lost = ("inconclusive", "unreachable", "query: no connection", False)
    assert outcome({**LIMITS, "on_no_data": on_no_data}, LOST) == lost
    assert outcome(limits, LOST) == lost
    assert outcome(limits, number(5), requests=LOST) == lost
    assert outcome({**LIMITS, "on_no_data": on_no_data}, SEVERAL) == (
        "inconclusive",
        "several_series",
        "the result has 2 series instead of one",
        False,
    )
    assert outcome(limits, number(5), requests=SEVERAL) == (
        "inconclusive",
        "requests_several_series",
        "requests_query: the result has 2 series instead of one",
        False,
    )
    assert outcome(limits, number(5), requests=number(math.inf)) == (
        "inconclusive",
        "requests_infinite",
        "the number of requests is infinite",
        False,
    )


def test_value_with_enough_requests():
    sample = judge({**LIMITS, **REQUESTS}, number(5), requests=number(100))
    assert sample == SampleResult(NOW, "passed", "within_limits", "5 is within the limits", True, 5.0, None, 100.0)


def test_bad_value_with_too_few_requests_is_not_judged():
    sample = judge({**LIMITS, **REQUESTS}, number(50), requests=number(1))
    assert (sample.verdict, sample.reason, sample.value) == ("inconclusive", "too_few_requests", 50.0)


def test_empty_value_replaces_an_empty_result_with_enough_requests():
    limits = {"max": 0.01, "empty_value": 0.0, **REQUESTS}
    sample = judge(limits, EMPTY, requests=number(100))
    assert sample == SampleResult(NOW, "passed", "within_limits", "0 is within the limits", True, 0.0, None, 100.0)
    assert judge({**limits, "empty_value": 1.0}, EMPTY, requests=number(100)).reason == "above_max"


def test_empty_value_does_not_apply_with_too_few_requests():
    sample = judge({"max": 0.01, "empty_value": 0.0, **REQUESTS}, EMPTY, requests=number(99))
    assert (sample.verdict, sample.reason, sample.value) == ("inconclusive", "too_few_requests", None)


def test_empty_value_does_not_replace_nan():
    sample = judge({"max": 0.01, "empty_value": 0.0, **REQUESTS}, NAN, requests=number(100))
    assert (sample.verdict, sample.reason, sample.value) == ("inconclusive", "nan", None)


# Time


@pytest.mark.parametrize("on_no_data", ["hold", "fail", "pass"])
def test_old_value_does_not_count(on_no_data):
    limits = {**LIMITS, "on_no_data": on_no_data}
    text = "the value is 61 s old, and max_sample_age is 60 s"
    assert outcome(limits, number(5, NOW - 61)) == ("inconclusive", "stale", text, False)
    assert outcome(limits, number(5, NOW - 60))[0] == "passed"


def test_old_baseline_does_not_count():
    sample = judge({**BASELINE, "max_ratio": 2.0}, number(5), baseline=number(5, NOW - 61))
    assert (sample.verdict, sample.reason, sample.counts) == ("inconclusive", "baseline_stale", False)


@pytest.mark.parametrize("on_no_data", ["hold", "fail", "pass"])
def test_repeated_time_does_not_count(on_no_data):
    limits = {**LIMITS, "on_no_data": on_no_data}
    text = "the value has the same timestamp as the previous one"
    assert outcome(limits, number(50), previous_time=NOW) == ("inconclusive", "repeated_timestamp", text, False)
    assert outcome(limits, number(5), previous_time=NOW - 1)[0] == "passed"


def test_time_of_a_sample_is_that_of_its_value():
    assert judge(LIMITS, number(5, NOW - 10)).time == NOW - 10
    assert judge(LIMITS, EMPTY).time == NOW


# Baseline


@pytest.mark.parametrize(
    ("limits", "value", "baseline", "expected"),
    [
        ({"max_ratio": 1.5}, 3, 2, ("passed", "within_limits")),
        ({"max_ratio": 1.5}, 3.01, 2, ("failed", "above_max_ratio")),
        ({"max_difference": 1.0}, 3, 2, ("passed", "within_limits")),
        ({"max_difference": 1.0}, 3.01, 2, ("failed", "above_max_difference")),
        ({"max_difference": 1.0}, 1, 0, ("passed", "within_limits")),
        ({"max_difference": 1.0}, 1.1, 0, ("failed", "above_max_difference")),
        ({"max_difference": 1.0, "max_ratio": 1.5}, 1, 0, ("passed", "within_limits")),
        ({"max_difference": 1.0, "max_ratio": 1.5}, 3.1, 2.5, ("passed", "within_limits")),
        ({"max_difference": 1.0, "max_ratio": 1.5}, 1.0, 0.5, ("failed", "above_max_ratio")),
        ({"max_difference": 1.0, "max_ratio": 1.5}, 12, 10, ("failed", "above_max_difference")),
        ({"max_ratio": 1.5}, 0, 0, ("inconclusive", "baseline_zero")),
        ({"max_ratio": 1.5}, 3, 0, ("inconclusive", "baseline_zero")),
        ({"max_ratio": 1.5}, -3, -2, ("inconclusive", "baseline_zero")),
        ({"max_ratio": 1.5, "max": 10.0}, 3, 0, ("inconclusive", "baseline_zero")),
        ({"max_ratio": 1.5, "max": 2.0}, 3, 0, ("failed", "above_max")),
    ],
)
def test_limits_relative_to_the_baseline(limits, value, baseline, expected):
    sample = judge({**limits, **BASELINE}, number(value), baseline=number(baseline))
    assert (sample.verdict, sample.reason) == expected
    assert (sample.value, sample.baseline) == (value, baseline)
    assert sample.counts is (expected[0] != "inconclusive")


def test_messages_name_the_exceeded_limit():
    ratio = judge({"max_ratio": 1.5, **BASELINE}, number(4), baseline=number(2))
    assert ratio.message == "4 with the baseline 2 exceeds max_ratio 1.5"
    difference = judge({"max_difference": 1.5, **BASELINE}, number(4), baseline=number(2))
    assert difference.message == "4 with the baseline 2 exceeds max_difference 1.5"


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        (EMPTY, ("inconclusive", "baseline_empty_result", "baseline_query: the result is empty", False)),
        (NAN, ("inconclusive", "baseline_nan", "baseline_query: the value is NaN", False)),
        (
            SEVERAL,
            (
                "inconclusive",
                "baseline_several_series",
                "baseline_query: the result has 2 series instead of one",
                False,
            ),
        ),
        (number(math.inf), ("inconclusive", "baseline_infinite", "the baseline is infinite", False)),
        (
            Reading(problem="unavailable", detail="baseline_query: busy", failed_request=True),
            ("inconclusive", "unavailable", "baseline_query: busy", False),
        ),
        (None, ("inconclusive", "no_sample", "a query was not sent", False)),
    ],
)
def test_baseline_that_is_not_known(baseline, expected):
    assert outcome({"max_ratio": 1.5, **BASELINE}, number(1), baseline=baseline) == expected


@pytest.mark.parametrize("on_no_data", ["hold", "fail", "pass"])
def test_query_after_a_failed_request_counts_as_failed(on_no_data):
    limits = {**LIMITS, "max_ratio": 1.5, "on_no_data": on_no_data, **BASELINE, **BASELINE_REQUESTS}
    lost = Reading(problem="unreachable", detail="baseline_query: no connection", failed_request=True)
    assert outcome(limits, number(5), baseline=lost) == (
        "inconclusive",
        "unreachable",
        "baseline_query: no connection",
        False,
    )
    assert judge(limits, number(11), baseline=lost).reason == "above_max"


@pytest.mark.parametrize(("on_no_data", "verdict"), [("fail", "failed"), ("pass", "passed")])
def test_no_data_of_the_baseline(on_no_data, verdict):
    sample = judge({"max_ratio": 1.5, **BASELINE, "on_no_data": on_no_data}, number(1), baseline=EMPTY)
    assert (sample.verdict, sample.reason, sample.counts) == (verdict, "baseline_empty_result", True)


def test_absolute_limit_fails_although_the_baseline_is_not_known():
    assert judge({**LIMITS, "max_ratio": 1.5, **BASELINE}, number(11), baseline=SEVERAL).reason == "above_max"


def test_baseline_with_too_few_requests_does_not_limit_the_value():
    limits = {**LIMITS, "max_ratio": 1.5, "max_difference": 1.0, **BASELINE, **BASELINE_REQUESTS}
    few = {"baseline": number(1), "baseline_requests": number(49)}
    assert outcome(limits, number(9), **few) == ("passed", "within_limits", "9 is within the limits", True)
    assert judge(limits, number(9), baseline=number(1), baseline_requests=number(50)).reason == "above_max_difference"
    assert judge(limits, number(9), baseline=EMPTY, baseline_requests=EMPTY).verdict == "passed"


def test_baseline_with_too_few_requests_is_no_data_without_other_limits():
    limits = {"max_ratio": 1.5, **BASELINE, **BASELINE_REQUESTS}
    text = "the baseline has 49 requests, and 50 are required"
    expected = ("inconclusive", "baseline_too_few_requests", text, False)
    few = {"baseline": number(1), "baseline_requests": number(49)}
    assert outcome(limits, number(9), **few) == expected
    assert judge({**limits, **REQUESTS}, number(9), requests=number(200), **few).requests == 200.0


def test_unknown_number_of_baseline_requests_is_not_skipped():
    limits = {**LIMITS, "max_ratio": 1.5, **BASELINE, **BASELINE_REQUESTS}
    sample = judge(limits, number(9), baseline=number(8), baseline_requests=NAN)
    assert (sample.verdict, sample.reason) == ("inconclusive", "baseline_requests_nan")


def test_empty_value_replaces_an_empty_baseline_with_enough_requests():
    limits = {"max_difference": 0.1, "empty_value": 0.0, **BASELINE, **REQUESTS, **BASELINE_REQUESTS}
    enough = {"requests": number(100), "baseline_requests": number(50)}
    sample = judge(limits, number(0.05), baseline=EMPTY, **enough)
    assert (sample.verdict, sample.baseline) == ("passed", 0.0)
    assert judge(limits, number(0.2), baseline=EMPTY, **enough).reason == "above_max_difference"
    without = {name: value for name, value in limits.items() if not name.startswith("baseline_m")}
    without.pop("baseline_requests_query")
    assert judge(without, number(0.05), baseline=EMPTY, requests=number(100)).reason == "baseline_empty_result"


def test_without_comparison_only_the_absolute_limits_apply():
    limits = {**LIMITS, "max_ratio": 1.5, **BASELINE, **BASELINE_REQUESTS}
    assert outcome(limits, number(9), compare=False) == ("passed", "within_limits", "9 is within the limits", True)


# Metrics and the analysis


def sample(verdict, reason="r", counts=None):
    return SampleResult(
        1.0, verdict, reason, f"message {reason}", verdict != "inconclusive" if counts is None else counts
    )


PASS, FAIL, HOLD = sample("passed", "within_limits"), sample("failed", "above_max"), sample("inconclusive", "stale")


@pytest.mark.parametrize(
    ("samples", "failure_limit", "verdict", "reason", "message"),
    [
        ([PASS, PASS, PASS], 0, "passed", "within_limits", "message within_limits"),
        ([PASS, FAIL], 0, "failed", "above_max", "message above_max"),
        ([PASS, FAIL, PASS], 1, "passed", "within_limits", "message within_limits"),
        ([PASS, PASS, FAIL], 1, "passed", "within_limits", "message within_limits"),
        ([FAIL, FAIL], 1, "failed", "above_max", "message above_max"),
        ([PASS, HOLD, PASS], 0, "inconclusive", "stale", "only 2 of 3 samples count: message stale"),
        ([PASS, HOLD, PASS, PASS], 0, "passed", "within_limits", "message within_limits"),
        ([PASS, PASS], 0, "inconclusive", "within_limits", "only 2 of 3 samples count: message within_limits"),
        ([HOLD], 0, "inconclusive", "stale", "only 0 of 3 samples count: message stale"),
        ([], 0, "inconclusive", "no_sample", "the metric has no samples yet"),
    ],
)
def test_verdict_on_a_metric(samples, failure_limit, verdict, reason, message):
    expected = MetricResult("m", verdict, reason, message, tuple(samples))
    assert judge_metric("m", samples, 3, failure_limit) == expected


def test_message_of_a_metric_is_that_of_its_last_sample():
    samples = [dataclasses.replace(PASS, message=f"{index}") for index in range(3)]
    assert judge_metric("m", samples, 3, 0).message == "2"


def test_metric_that_is_skipped():
    message = "not evaluated: it has only limits relative to a baseline"
    assert judge_metric("m", [], 3, 0, skipped=True) == MetricResult("m", "skipped", "no_baseline", message)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "skipped"], "passed"),
        (["passed", "inconclusive"], "inconclusive"),
        (["inconclusive", "failed", "passed"], "failed"),
        (["skipped"], "inconclusive"),
        ([], "inconclusive"),
    ],
)
def test_verdict_on_all_metrics(verdicts, verdict):
    assert judge_all([MetricResult("m", one, "r", "m") for one in verdicts]) == verdict
