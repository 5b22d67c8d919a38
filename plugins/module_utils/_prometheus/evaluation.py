# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Judge one sample of a metric, and all samples of it. Pure functions: no requests and no clock."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import FAIL, HOLD, Metric
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.responses import QueryResult

PASSED, FAILED, INCONCLUSIVE, SKIPPED = "passed", "failed", "inconclusive", "skipped"

# The reasons of a sample. Those of a failed request are in errors.py.
WITHIN_LIMITS = "within_limits"
BELOW_MIN, ABOVE_MAX = "below_min", "above_max"
ABOVE_MAX_RATIO, ABOVE_MAX_DIFFERENCE = "above_max_ratio", "above_max_difference"
EMPTY_RESULT, NAN, TOO_FEW_REQUESTS = "empty_result", "nan", "too_few_requests"
INFINITE, SEVERAL_SERIES, NOT_A_NUMBER, WARNINGS = "infinite", "several_series", "not_a_number", "warnings"
STALE, REPEATED_TIMESTAMP = "stale", "repeated_timestamp"
BASELINE_ZERO = "baseline_zero"
NO_SAMPLE, NO_BASELINE = "no_sample", "no_baseline"

# The prefixes of the reasons of other queries than the query of the metric.
_BASELINE, _REQUESTS, _BASELINE_REQUESTS = "baseline_", "requests_", "baseline_requests_"
# Without data, on_no_data decides. Every other problem is inconclusive, since more samples or a correction can show the value.
_NO_DATA = (EMPTY_RESULT, NAN)


@dataclass(frozen=True)
class Reading:
    """What one query returned: a number with its time, or the reason why it has no number.

    ``value`` can be infinite, but is never NaN. ``time`` is in seconds since the epoch. ``detail`` explains ``problem``. ``failed_request``
    tells whether there was no result at all, so that the reason does not depend on the query.
    """

    value: t.Optional[float] = None
    time: t.Optional[float] = None
    problem: t.Optional[str] = None
    detail: str = ""
    failed_request: bool = False


@dataclass(frozen=True)
class SampleReadings:
    """The readings of one sample of a metric, all evaluated at the same time. Those of queries that were not sent are None."""

    evaluated_at: float
    query: Reading
    baseline: t.Optional[Reading] = None
    requests: t.Optional[Reading] = None
    baseline_requests: t.Optional[Reading] = None


@dataclass(frozen=True)
class SampleResult:
    """The judgment of one sample.

    ``counts`` tells whether it is one of the samples that a verdict requires. ``value``, ``baseline`` and ``requests`` are finite or None.
    ``time`` is in seconds since the epoch: the time of the value, or of the evaluation without a value.
    """

    time: float
    verdict: str
    reason: str
    message: str
    counts: bool
    value: t.Optional[float] = None
    baseline: t.Optional[float] = None
    requests: t.Optional[float] = None


@dataclass(frozen=True)
class MetricResult:
    """The verdict on a metric, the reason of the decisive sample, and all samples."""

    name: str
    verdict: str
    reason: str
    message: str
    samples: t.Tuple[SampleResult, ...] = ()


class _Unknown(Exception):
    """The value of a query is not known. ``reason`` and ``message`` explain it, ``no_data`` whether on_no_data decides."""

    def __init__(self, reason: str, message: str, no_data: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.no_data = no_data


def read_result(result: QueryResult) -> Reading:
    """Return the newest number of a result that has one series, or the reason why it has no number."""
    if result.warnings:
        return Reading(problem=WARNINGS, detail=f"the result may be incomplete: {'; '.join(result.warnings)}")
    series = [one for one in result.series if one.points]
    if not series:
        return Reading(problem=EMPTY_RESULT, detail="the result is empty")
    if len(series) > 1:
        return Reading(problem=SEVERAL_SERIES, detail=f"the result has {len(series)} series instead of one")
    time, value = series[0].points[-1]
    if value is None:
        return Reading(time=time, problem=NOT_A_NUMBER, detail="the value is not a number, but text or a histogram")
    if math.isnan(value):
        return Reading(time=time, problem=NAN, detail="the value is NaN")
    return Reading(value, time)


def judge_sample(
    metric: Metric, readings: SampleReadings, *, compare: bool, max_age: float, previous_time: float | None = None
) -> SampleResult:
    """Return the judgment of one sample of a metric.

    Arguments:
        metric: The metric with its limits.
        readings: What its queries returned.
        compare: Whether to compare with the baseline. Otherwise only min and max apply.
        max_age: The maximum age of a value at its evaluation, in seconds.
        previous_time: The time of the value of the sample before, in seconds since the epoch.
    """
    judge = _Judge(metric, readings, compare, max_age, previous_time)
    try:
        verdict, reason, message = judge.judge()
        counts = True
    except _Unknown as unknown:
        decided = unknown.no_data and metric.on_no_data != HOLD
        verdict = INCONCLUSIVE if not decided else FAILED if metric.on_no_data == FAIL else PASSED
        reason, message, counts = unknown.reason, unknown.message, decided
        if decided:
            message += f" (on_no_data is {metric.on_no_data})"
    time = readings.query.time
    return SampleResult(
        readings.evaluated_at if time is None else time,
        verdict,
        reason,
        message,
        counts,
        _finite(judge.value),
        _finite(judge.baseline),
        _finite(judge.requests),
    )


class _Judge:
    """Judge one sample. The numbers that it finds on the way are its attributes."""

    def __init__(
        self, metric: Metric, readings: SampleReadings, compare: bool, max_age: float, previous_time: float | None
    ) -> None:
        self._metric = metric
        self._readings = readings
        self._compare = compare and metric.baseline_query is not None
        self._max_age = max_age
        self._previous_time = previous_time
        self.value = readings.query.value
        self.baseline = readings.baseline.value if readings.baseline else None
        self.requests: float | None = None

    def judge(self) -> tuple[str, str, str]:
        """Return verdict, reason and message. Raise _Unknown if the sample shows nothing."""
        metric = self._metric
        if metric.min_requests is not None:
            self._check_requests(self._require_reading(self._readings.requests), metric.min_requests, _REQUESTS)
        self.value = value = self._find_value()
        failure = self._find_absolute_failure(value) or self._find_difference(value)
        return failure or (PASSED, WITHIN_LIMITS, f"{format_number(value)} is within the limits")

    def _require_reading(self, reading: Reading | None) -> Reading:
        """Return a reading. If its query was not sent, return the failed one that is the reason."""
        sent = (self._readings.query, self._readings.requests, self._readings.baseline)
        failed = (one for one in sent if one is not None and one.failed_request)
        return reading or next(failed, Reading(problem=NO_SAMPLE, detail="a query was not sent", failed_request=True))

    def _check_requests(self, reading: Reading, minimum: float, prefix: str) -> None:
        """Raise _Unknown unless there were enough requests. The sum of no series is empty, so an empty result means no requests."""
        count = 0.0 if reading.problem == EMPTY_RESULT else _require(reading, prefix)
        if math.isinf(count):
            raise _Unknown(f"{prefix}{INFINITE}", "the number of requests is infinite")
        if prefix == _REQUESTS:
            self.requests = count
        if count < minimum:
            whose = "the baseline has " if prefix == _BASELINE_REQUESTS else ""
            text = f"{whose}{format_number(count)} requests, and {format_number(minimum)} are required"
            raise _Unknown((_BASELINE if whose else "") + TOO_FEW_REQUESTS, text, no_data=True)

    def _find_value(self) -> float:
        reading = self._readings.query
        if reading.problem == EMPTY_RESULT and self._metric.empty_value is not None:
            # Enough requests were counted before, so no series means that none of them was of the kind that the query counts.
            return self._metric.empty_value
        value = _require(reading, "")
        self._check_age(reading, "")
        if reading.time == self._previous_time:
            raise _Unknown(REPEATED_TIMESTAMP, "the value has the same timestamp as the previous one")
        return value

    def _check_age(self, reading: Reading, prefix: str) -> None:
        age = self._readings.evaluated_at - (reading.time or 0.0)
        if age > self._max_age:
            text = f"the value is {age:.0f} s old, and max_sample_age is {self._max_age:g} s"
            raise _Unknown(f"{prefix}{STALE}", text)

    def _find_absolute_failure(self, value: float) -> tuple[str, str, str] | None:
        metric = self._metric
        if math.isinf(value):
            limits = (metric.min,) if value < 0 else (metric.max, metric.max_ratio, metric.max_difference)
            if all(limit is None for limit in limits):
                raise _Unknown(INFINITE, "the value is infinite")
            return FAILED, INFINITE, "the value is infinite"
        if metric.min is not None and value < metric.min:
            return FAILED, BELOW_MIN, f"{format_number(value)} is below min {format_number(metric.min)}"
        if metric.max is not None and value > metric.max:
            return FAILED, ABOVE_MAX, f"{format_number(value)} is above max {format_number(metric.max)}"
        return None

    def _find_difference(self, value: float) -> tuple[str, str, str] | None:
        """Return how the value exceeds the limits relative to the baseline, if it does."""
        metric = self._metric
        if not self._compare or not self._has_comparable_baseline():
            return None
        self.baseline = baseline = self._find_baseline()
        texts = f"{format_number(value)} with the baseline {format_number(baseline)}"
        if metric.max_difference is not None and value - baseline > metric.max_difference:
            limit = format_number(metric.max_difference)
            return FAILED, ABOVE_MAX_DIFFERENCE, f"{texts} exceeds max_difference {limit}"
        if metric.max_ratio is None or (baseline <= 0 and metric.max_difference is not None):
            return None
        if baseline <= 0:
            raise _Unknown(BASELINE_ZERO, "the baseline is not greater than 0, which requires max_difference")
        if value / baseline > metric.max_ratio:
            return FAILED, ABOVE_MAX_RATIO, f"{texts} exceeds max_ratio {format_number(metric.max_ratio)}"
        return None

    def _has_comparable_baseline(self) -> bool:
        """Return whether the baseline has enough requests. Raise _Unknown if not and the metric has no other limits."""
        metric = self._metric
        if metric.baseline_min_requests is None:
            return True
        try:
            requests = self._require_reading(self._readings.baseline_requests)
            self._check_requests(requests, metric.baseline_min_requests, _BASELINE_REQUESTS)
        except _Unknown as unknown:
            if unknown.reason == _BASELINE + TOO_FEW_REQUESTS and metric.has_absolute_limits:
                return False
            raise
        return True

    def _find_baseline(self) -> float:
        metric, reading = self._metric, self._require_reading(self._readings.baseline)
        if reading.problem == EMPTY_RESULT and metric.empty_value is not None and metric.baseline_min_requests:
            return metric.empty_value
        baseline = _require(reading, _BASELINE)
        self._check_age(reading, _BASELINE)
        if math.isinf(baseline):
            raise _Unknown(f"{_BASELINE}{INFINITE}", "the baseline is infinite")
        return baseline


def _require(reading: Reading, prefix: str) -> float:
    """Return the number of a reading. Raise _Unknown with the reason if it has none."""
    if reading.value is None:
        problem = reading.problem or NO_SAMPLE
        query = f"{prefix}query: " if prefix and not reading.failed_request else ""
        reason = problem if reading.failed_request else f"{prefix}{problem}"
        raise _Unknown(reason, f"{query}{reading.detail}", no_data=problem in _NO_DATA)
    return reading.value


def judge_metric(
    name: str, samples: t.Sequence[SampleResult], needed: int, failure_limit: int, skipped: bool = False
) -> MetricResult:
    """Return the verdict on a metric.

    Arguments:
        name: The name of the metric.
        samples: The samples so far.
        needed: The number of samples that must count.
        failure_limit: The number of samples that may fail.
        skipped: Whether the metric was not evaluated because all its limits are relative to a baseline without requests.
    """
    if skipped:
        return MetricResult(name, SKIPPED, NO_BASELINE, "not evaluated: it has only limits relative to a baseline")
    failures = [sample for sample in samples if sample.verdict == FAILED]
    counted = sum(1 for sample in samples if sample.counts)
    if len(failures) > failure_limit:
        return _conclude(name, FAILED, failures[-1], samples)
    if counted >= needed:
        passes = [sample for sample in samples if sample.counts and sample.verdict == PASSED]
        return _conclude(name, PASSED, passes[-1], samples)
    if not samples:
        return MetricResult(name, INCONCLUSIVE, NO_SAMPLE, "the metric has no samples yet")
    blocking = next((sample for sample in reversed(samples) if not sample.counts), samples[-1])
    result = _conclude(name, INCONCLUSIVE, blocking, samples)
    text = f"only {counted} of {needed} samples count: {result.message}"
    return MetricResult(name, result.verdict, result.reason, text, result.samples)


def _conclude(name: str, verdict: str, decisive: SampleResult, samples: t.Sequence[SampleResult]) -> MetricResult:
    return MetricResult(name, verdict, decisive.reason, decisive.message, tuple(samples))


def judge_all(results: t.Sequence[MetricResult]) -> str:
    """Return the verdict of all metrics together. If none was evaluated, it is inconclusive."""
    verdicts = {result.verdict for result in results}
    if FAILED in verdicts:
        return FAILED
    return INCONCLUSIVE if INCONCLUSIVE in verdicts or PASSED not in verdicts else PASSED


def format_number(value: float) -> str:
    """Return a number with at most six significant digits."""
    return f"{value:.6g}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
