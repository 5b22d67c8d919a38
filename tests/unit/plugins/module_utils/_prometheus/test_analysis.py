# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError, TransportError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import (
    AnalysisSettings,
    check_queries,
    find_initial_delay,
    find_timing_mistakes,
    parse_settings,
    run_analysis,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import (
    PrometheusClient,
    PrometheusSettings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.errors import PrometheusError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import Metric
from fake_clock import START, FakeClock
from fake_prometheus import (
    HTML,
    FakePrometheus,
    failure,
    matrix,
    read_parameters,
    vector,
)

URL = "http://127.0.0.1:9090"
QUICK = AnalysisSettings(samples=3, interval=60, initial_delay=0, scrape_interval=30)
ERRORS = Metric("errors", "q", max=0.5)
NOON = START.timestamp()


class Run:
    """One analysis with a fake server and a fake clock."""

    def __init__(self, metrics, settings=QUICK, before_each_sample=lambda: None, **answers):
        self.clock = FakeClock()
        self.prometheus = FakePrometheus(**answers)
        self.client = PrometheusClient(PrometheusSettings(URL), self.clock.now, self.prometheus)
        self.lines: list[str] = []
        self.samples: list[tuple[str, str]] = []
        self.result = run_analysis(
            metrics,
            settings,
            self.client,
            self.clock,
            self.lines.append,
            before_each_sample,
            lambda metric, sample: self.samples.append((metric.name, sample.reason)),
        )

    def times(self):
        """Return the seconds since the start at which the queries were evaluated."""
        return [float(read_parameters(request)["time"]) - NOON for request in self.prometheus.requests]


# Settings


def test_settings_of_all_options():
    options = {
        "samples": 3,
        "interval": "30s",
        "initial_delay": "2m",
        "failure_limit": 1,
        "max_sample_age": "90",
        "scrape_interval": "15s",
        "propagation_seconds": 5.0,
        "compare_baseline": False,
        "metrics": [],
    }
    assert parse_settings(options) == AnalysisSettings(3, 30.0, 120.0, 1, 90.0, 15.0, 5.0, False)


def test_unset_settings_have_their_defaults():
    options = {"interval": "", "initial_delay": None, "samples": None}
    assert parse_settings(options) == AnalysisSettings() == AnalysisSettings(5, 60.0, None, 0, None, 30.0, 10.0, True)


def test_maximum_age_is_two_scrapes_by_default():
    assert AnalysisSettings(scrape_interval=15).sample_age_limit == 30
    assert AnalysisSettings(scrape_interval=15, max_sample_age=90).sample_age_limit == 90


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval": "soon"}, "interval: must be a duration, for example 30, 30s, 5m or 2h"),
        ({"interval": "-5"}, "interval: must be a duration, for example 30, 30s, 5m or 2h"),
        ({"interval": "0"}, "interval: must be greater than 0"),
        ({"scrape_interval": "0s"}, "scrape_interval: must be greater than 0"),
        ({"max_sample_age": 0}, "max_sample_age: must be greater than 0"),
        ({"propagation_seconds": -1}, "propagation_seconds: must be a duration, for example 30, 30s, 5m or 2h"),
        ({"samples": 0}, "samples: must be between 1 and 1000"),
        ({"samples": 1001}, "samples: must be between 1 and 1000"),
        ({"samples": 3, "failure_limit": 3}, "failure_limit: must be 0 or greater, and smaller than samples"),
        ({"failure_limit": -1}, "failure_limit: must be 0 or greater, and smaller than samples"),
        ({"failure_limit": 5}, "failure_limit: must be 0 or greater, and smaller than samples"),
        (
            {"interval": "x", "samples": 0},
            "interval: must be a duration, for example 30, 30s, 5m or 2h; samples: must be between 1 and 1000",
        ),
    ],
)
def test_settings_that_are_refused(options, message):
    with pytest.raises(OptionError) as error:
        parse_settings(options)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "options", [{"initial_delay": 0}, {"propagation_seconds": 0}, {"samples": 1}, {"samples": 1000}]
)
def test_settings_at_their_limits(options):
    assert parse_settings(options)


# Durations


def test_initial_delay_covers_window_propagation_and_two_scrapes():
    metrics = [Metric("a", "rate(a[5m])", max=1), Metric("b", "b", max=1, window=120.0)]
    settings = AnalysisSettings(scrape_interval=15, propagation_seconds=7)
    assert find_initial_delay(metrics, settings) == 300 + 7 + 30
    assert find_initial_delay(metrics[1:], settings) == 120 + 7 + 30
    assert find_initial_delay(metrics, dataclasses.replace(settings, initial_delay=1.0)) == 1.0


@pytest.mark.parametrize(
    ("pause", "delay", "mistakes"),
    [
        (0.0, None, []),
        (0.0, 300.0, []),
        (240.0, 60.0, []),
        (
            0.0,
            299.0,
            "the query reads the last 5m, but the pause and initial_delay together are only 4m59s, so it would include values from before the change",
        ),
        (
            60.0,
            0.0,
            "the query reads the last 5m, but the pause and initial_delay together are only 1m, so it would include values from before the change",
        ),
    ],
)
def test_range_longer_than_pause_and_delay(pause, delay, mistakes):
    metrics = [Metric("a", "a", max=1), Metric("b", "rate(b[5m])", max=1)]
    expected = [Mistake(("metrics", 1), mistakes)] if mistakes else []
    assert find_timing_mistakes(metrics, AnalysisSettings(initial_delay=delay), pause) == expected


def test_interval_below_the_scrape_interval():
    message = "must not be shorter than scrape_interval (30s)"
    assert find_timing_mistakes([ERRORS], AnalysisSettings(interval=29)) == [Mistake(("interval",), message)]
    assert find_timing_mistakes([ERRORS], AnalysisSettings(interval=30)) == []


def test_range_query_with_too_many_points():
    metric = Metric("a", "a", "range", max=1, window=11_001.0)
    settings = AnalysisSettings(scrape_interval=1)
    message = "a range query has at most 11000 points: shorten window or increase scrape_interval"
    assert find_timing_mistakes([metric], settings) == [Mistake(("metrics", 0), message)]
    assert find_timing_mistakes([dataclasses.replace(metric, window=11_000.0)], settings) == []


# The check before the first change


def check(metrics, **answers):
    prometheus = FakePrometheus(**answers)
    client = PrometheusClient(PrometheusSettings(URL), FakeClock().now, prometheus)
    return check_queries(metrics, client), prometheus


def test_each_query_is_evaluated_once():
    metric = Metric("m", "q", max=1, baseline_query="b", max_ratio=2, requests_query="r", min_requests=1)
    warnings, prometheus = check([metric, ERRORS], q=None, b="NaN", r=1)
    assert warnings == []
    assert prometheus.queries() == ["q", "r", "b", "q"]


def test_results_that_can_never_be_judged_are_warnings():
    metric = Metric("m", "q", max=1, requests_query="r", min_requests=1)
    warnings, _prometheus = check([metric], q=vector((1, "1"), (1, "2")), r=vector((1, "1"), warnings=["a is down"]))
    assert warnings == [
        "query of metric 'm': the result has 2 series instead of one.",
        "requests_query of metric 'm': the result may be incomplete: a is down.",
    ]


def test_query_that_prometheus_refuses_is_an_error_with_its_metric():
    metric = Metric("m", "q", max=1, baseline_query="b", max_ratio=2)
    with pytest.raises(PrometheusError) as error:
        check([metric], q=1, b=failure(400, "bad_data", "parse error"))
    assert error.value.reason == "query_rejected"
    assert error.value.message == (
        f"baseline_query of metric 'm': Failed to query Prometheus at {URL}: HTTP status 400: bad_data: parse error"
    )


@pytest.mark.parametrize("answer", [TransportError("no connection"), HTML, failure(503, "timeout", "slow")])
def test_check_without_a_result_is_an_error(answer):
    with pytest.raises(PrometheusError):
        check([ERRORS], q=answer)


# Verdicts


def test_passed_after_enough_samples():
    run = Run([ERRORS], q=[0.1, 0.2, 0.3])
    assert run.result.to_result() == {
        "verdict": "passed",
        "reason": "All metrics are within their limits.",
        "metrics": [
            {
                "name": "errors",
                "verdict": "passed",
                "reason": "within_limits",
                "message": "0.3 is within the limits",
                "samples": [
                    {
                        "time": f"2026-03-01T12:0{minute}:00.000Z",
                        "value": value,
                        "baseline": None,
                        "requests": None,
                        "verdict": "passed",
                        "reason": "within_limits",
                        "message": f"{value} is within the limits",
                    }
                    for minute, value in enumerate([0.1, 0.2, 0.3])
                ],
            }
        ],
    }
    assert run.times() == [0, 60, 120]
    assert run.samples == [("errors", "within_limits")] * 3
    assert run.lines == [
        "metric errors: sample 1 passed, 1 of 3 count: 0.1 is within the limits",
        "metric errors: sample 2 passed, 2 of 3 count: 0.2 is within the limits",
        "metric errors: sample 3 passed, 3 of 3 count: 0.3 is within the limits",
    ]


def test_failed_at_the_first_failure_without_a_failure_limit():
    run = Run([ERRORS, Metric("slow", "s", max=1)], q=[0.1, 0.9], s=0)
    assert (run.result.verdict, run.result.reason) == ("failed", "Metric 'errors': 0.9 is above max 0.5.")
    assert [metric.verdict for metric in run.result.metrics] == ["failed", "inconclusive"]
    # The samples of one time are complete, and no others follow.
    assert run.prometheus.queries() == ["q", "s", "q", "s"]


def test_failure_limit_tolerates_failures():
    settings = dataclasses.replace(QUICK, failure_limit=1)
    assert Run([ERRORS], settings, q=[0.9, 0.1, 0.1]).result.verdict == "passed"
    assert Run([ERRORS], settings, q=[0.9, 0.1, 0.9]).result.verdict == "failed"


def test_metric_with_enough_samples_is_not_queried_again():
    run = Run([ERRORS, Metric("slow", "s", max=1)], q=0.1, s=[None, 0, 0, 0])
    assert run.result.verdict == "passed"
    assert run.prometheus.queries() == ["q", "s", "q", "s", "q", "s", "s"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "empty_result"),
        ("NaN", "nan"),
        ("-Inf", "infinite"),
        (vector((NOON, "1"), (NOON, "2")), "several_series"),
        (vector((NOON, "1"), warnings=["a is down"]), "warnings"),
        (failure(400, "bad_data", "parse error"), "query_rejected"),
        (failure(422, "execution", "many-to-many"), "query_failed"),
        (failure(503, "timeout", "slow"), "unavailable"),
        (HTML, "not_prometheus"),
        (TransportError("no connection"), "unreachable"),
        (vector((NOON - 61, "0.1")), "stale"),
    ],
)
def test_inconclusive_after_twice_the_number_of_samples(answer, reason):
    run = Run([ERRORS], q=answer)
    assert run.result.verdict == "inconclusive"
    assert [sample.reason for sample in run.result.metrics[0].samples] == [reason] * 6
    assert run.result.metrics[0].reason == reason
    assert run.result.reason.startswith("Metric 'errors': only 0 of 3 samples count: ")
    assert run.times() == [0, 60, 120, 180, 240, 300]


def test_positive_infinity_exceeds_a_maximum():
    assert Run([ERRORS], q="+Inf").result.metrics[0].reason == "infinite"
    assert Run([ERRORS], q="+Inf").result.verdict == "failed"


def test_short_outage_only_delays_the_verdict():
    run = Run([ERRORS], q=[0.1, TransportError("no connection"), failure(503, "unavailable", "starting"), 0.1, 0.2])
    assert run.result.verdict == "passed"
    assert run.samples == [
        ("errors", "within_limits"),
        ("errors", "unreachable"),
        ("errors", "unavailable"),
        ("errors", "within_limits"),
        ("errors", "within_limits"),
    ]


def test_repeated_time_counts_once():
    run = Run([ERRORS], dataclasses.replace(QUICK, max_sample_age=1000), q=vector((NOON, "0.1")))
    assert run.result.verdict == "inconclusive"
    assert run.samples == [("errors", "within_limits"), *[("errors", "repeated_timestamp")] * 5]


def test_empty_result_with_enough_requests_has_the_empty_value():
    metric = Metric("errors", "q", max=0.5, empty_value=0.0, requests_query="r", min_requests=10)
    run = Run([metric], q=None, r=10)
    assert run.result.verdict == "passed"
    assert [sample.value for sample in run.result.metrics[0].samples] == [0.0, 0.0, 0.0]
    assert Run([metric], q=None, r=9).result.metrics[0].reason == "too_few_requests"


def test_queries_after_a_failed_request_are_not_sent():
    metric = Metric("m", "q", max=1, baseline_query="b", max_ratio=2, requests_query="r", min_requests=1)
    settings = dataclasses.replace(QUICK, samples=1)
    run = Run([metric], settings, q=1, r=TransportError("no connection"), b=1)
    assert run.prometheus.queries() == ["q", "r"] * 2
    assert run.result.metrics[0].reason == "unreachable"
    assert run.result.metrics[0].samples[0].message == (
        f"requests_query: Failed to query Prometheus at {URL}: no connection"
    )


def test_all_queries_of_a_sample_have_the_same_time():
    metric = Metric("m", "q", max=1, baseline_query="b", max_ratio=2)
    run = Run([metric], dataclasses.replace(QUICK, samples=1), q=0.5, b=0.5)
    assert run.times() == [0, 0]


def test_without_comparison_the_baseline_is_not_queried():
    metric = Metric("m", "q", max=1, baseline_query="b", max_ratio=2)
    only_baseline = Metric("n", "n", baseline_query="b", max_ratio=2)
    settings = dataclasses.replace(QUICK, compare_baseline=False)
    run = Run([metric, only_baseline], settings, q=0.5)
    assert run.prometheus.queries() == ["q", "q", "q"]
    assert run.result.verdict == "passed"
    assert [metric.verdict for metric in run.result.metrics] == ["passed", "skipped"]


def test_without_comparison_only_baseline_metrics_are_inconclusive():
    metric = Metric("n", "n", baseline_query="b", max_ratio=2)
    run = Run([metric], dataclasses.replace(QUICK, compare_baseline=False))
    assert (run.result.verdict, run.result.reason) == ("inconclusive", "No metric was evaluated.")
    assert run.prometheus.requests == []


# Range queries


def test_range_queries_end_at_a_multiple_of_the_scrape_interval():
    metric = Metric("m", "q", "range", max=1, window=100.0, requests_query="r", min_requests=1)
    settings = dataclasses.replace(QUICK, samples=1, initial_delay=7)
    run = Run([metric], settings, q=0.5, r=1)
    ranges = read_parameters(run.prometheus.requests[0])
    assert run.prometheus.requests[0].url.startswith(f"{URL}/api/v1/query_range?")
    assert {name: float(ranges[name]) - NOON for name in ("start", "end")} == {"start": -120, "end": 0}
    assert ranges["step"] == "30"
    assert run.prometheus.requests[1].url.startswith(f"{URL}/api/v1/query?")
    assert run.result.verdict == "passed"


def test_range_query_without_newer_values_does_not_count():
    metric = Metric("m", "q", "range", max=1, window=300.0)
    run = Run([metric], q=matrix((NOON - 60, "0.1"), (NOON - 30, "0.2")))
    assert [sample.reason for sample in run.result.metrics[0].samples] == ["within_limits", *["stale"] * 5]
    assert run.result.metrics[0].samples[0].value == 0.2


# Waiting


def test_initial_delay_and_interval():
    run = Run([ERRORS], dataclasses.replace(QUICK, initial_delay=25, samples=2), q=0.1)
    assert run.times() == [25, 85]
    assert run.clock.sleeps == [10, 10, 5, 10, 10, 10, 10, 10, 10]
    assert run.lines[0] == "waiting 25s before the first sample"


def test_interval_includes_the_time_of_the_queries():
    settings = dataclasses.replace(QUICK, samples=2, poll_interval=100)
    clock = FakeClock()
    prometheus = FakePrometheus(q=0.1)

    def respond(request):
        clock.passed += 5
        return prometheus(request)

    run_analysis([ERRORS], settings, PrometheusClient(PrometheusSettings(URL), clock.now, respond), clock)
    assert clock.sleeps == [55]


def test_function_before_each_sample_is_called_while_waiting():
    calls = []
    Run([ERRORS], dataclasses.replace(QUICK, initial_delay=25, samples=1), lambda: calls.append(1), q=0.1)
    # Before each of the three parts of the wait, and before the sample.
    assert len(calls) == 4


def test_exception_before_a_sample_ends_the_analysis():
    calls = []

    def stop():
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        Run([ERRORS], dataclasses.replace(QUICK, interval=10), stop, q=0.1)


def test_time_of_the_queries_is_that_of_the_server():
    clock = FakeClock()
    prometheus = FakePrometheus(q=0.1)
    prometheus.headers["date"] = "Sun, 01 Mar 2026 11:00:00 GMT"
    client = PrometheusClient(PrometheusSettings(URL), clock.now, prometheus)
    check_queries([ERRORS], client)
    run_analysis([ERRORS], dataclasses.replace(QUICK, samples=1), client, clock)
    assert [float(read_parameters(request)["time"]) - NOON for request in prometheus.requests] == [0, -3600]
