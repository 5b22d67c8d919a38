# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run an analysis: take samples of all metrics at an interval until there is a verdict."""

from __future__ import annotations

import datetime as dt
import math
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WallClock
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PrometheusClient
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.errors import PrometheusError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.evaluation import (
    FAILED,
    NOT_A_NUMBER,
    PASSED,
    SEVERAL_SERIES,
    SKIPPED,
    WARNINGS,
    MetricResult,
    Reading,
    SampleReadings,
    SampleResult,
    judge_all,
    judge_metric,
    judge_sample,
    read_result,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import INSTANT, RANGE, Metric
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.responses import QueryResult
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_duration, parse_duration

ANALYSIS = ArgumentSpec(
    argument_spec={
        "samples": {"type": "int", "default": 5},
        "interval": {"type": "str", "default": "1m"},
        "initial_delay": {"type": "str"},
        "failure_limit": {"type": "int", "default": 0},
        "max_sample_age": {"type": "str"},
        "scrape_interval": {"type": "str", "default": "30s"},
        "propagation_seconds": {"type": "float", "default": 10.0},
        "compare_baseline": {"type": "bool", "default": True},
    }
)
# Samples that do not count are taken again, until this multiple of the required number of samples.
ATTEMPTS_FACTOR = 2
_MOST_SAMPLES = 1000
# Prometheus returns at most this number of points for each series of a range query.
_MOST_POINTS = 11_000
# Problems of a result that more samples cannot solve.
_UNUSABLE = (SEVERAL_SERIES, NOT_A_NUMBER, WARNINGS)


@dataclass(frozen=True)
class AnalysisSettings:
    """How many samples are taken, and when. Durations are in seconds.

    ``initial_delay`` None means: long enough that no query reads values from before the start, see ``find_initial_delay``. ``max_sample_age``
    None means twice the scrape interval. ``poll_interval`` is the longest time between two calls of ``before_each_sample``.
    """

    samples: int = 5
    interval: float = 60.0
    initial_delay: t.Optional[float] = None
    failure_limit: int = 0
    max_sample_age: t.Optional[float] = None
    scrape_interval: float = 30.0
    propagation_seconds: float = 10.0
    compare_baseline: bool = True
    poll_interval: float = 10.0

    @property
    def sample_age_limit(self) -> float:
        """The maximum age of a value in seconds."""
        return 2 * self.scrape_interval if self.max_sample_age is None else self.max_sample_age


@dataclass(frozen=True)
class AnalysisResult:
    """The verdict of an analysis: ``passed``, ``failed`` or ``inconclusive``; a sentence with the reason; and the metrics in their order."""

    verdict: str
    reason: str
    metrics: t.Tuple[MetricResult, ...]

    def to_result(self) -> dict[str, t.Any]:
        """Return the verdict, the reason and the metrics as plain data, as a module returns them."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "metrics": [_metric_to_result(metric) for metric in self.metrics],
        }


def parse_settings(params: t.Mapping[str, t.Any]) -> AnalysisSettings:
    """Return the settings of the options of ANALYSIS. Raise OptionError with all mistakes if one is invalid. Unset options have their default."""
    mistakes = find_settings_mistakes(params)
    if mistakes:
        raise OptionError("; ".join(map(str, mistakes)))
    given = {option: value for option, value in params.items() if option in ANALYSIS.argument_spec}
    given = {option: value for option, value in given.items() if not is_blank(value)}
    given.update({option: parse_duration(given[option]) for option in _DURATIONS if option in given})
    return AnalysisSettings(**given)


_DURATIONS = ("interval", "initial_delay", "max_sample_age", "scrape_interval", "propagation_seconds")
_POSITIVE_DURATIONS = ("interval", "max_sample_age", "scrape_interval")


def find_settings_mistakes(params: t.Mapping[str, t.Any]) -> list[Mistake]:
    """Return the mistakes in the values of the options of ANALYSIS that do not depend on the metrics. The types must be correct."""
    found = []
    for option in _DURATIONS:
        if is_blank(params.get(option)):
            continue
        try:
            seconds = parse_duration(params[option])
        except ValueError as problem:
            found.append(Mistake((option,), str(problem)))
        else:
            if seconds == 0 and option in _POSITIVE_DURATIONS:
                found.append(Mistake((option,), "must be greater than 0"))
    defaults = AnalysisSettings()
    samples = defaults.samples if params.get("samples") is None else params["samples"]
    limit = defaults.failure_limit if params.get("failure_limit") is None else params["failure_limit"]
    if not 1 <= samples <= _MOST_SAMPLES:
        found.append(Mistake(("samples",), f"must be between 1 and {_MOST_SAMPLES}"))
    elif not 0 <= limit < samples:
        found.append(Mistake(("failure_limit",), "must be 0 or greater, and smaller than samples"))
    return found


def find_initial_delay(metrics: t.Sequence[Metric], settings: AnalysisSettings) -> float:
    """Return the seconds to wait before the first sample.

    The default is the longest window of the metrics, the time that a change of routes takes, and two scrapes, so that no value from before the
    change is judged.
    """
    if settings.initial_delay is not None:
        return settings.initial_delay
    longest = max((metric.lookback for metric in metrics), default=0.0)
    return longest + settings.propagation_seconds + 2 * settings.scrape_interval


def find_timing_mistakes(metrics: t.Sequence[Metric], settings: AnalysisSettings, pause: float = 0.0) -> list[Mistake]:
    """Return the mistakes in the durations of an analysis. The paths are those of an option, or ``("metrics", index)``.

    Arguments:
        metrics: The metrics to evaluate.
        settings: The settings of the analysis.
        pause: The seconds that pass before the analysis starts, in which nothing changes.
    """
    found = []
    if settings.interval < settings.scrape_interval:
        text = f"must not be shorter than scrape_interval ({format_duration(settings.scrape_interval)})"
        found.append(Mistake(("interval",), text))
    available = pause + find_initial_delay(metrics, settings)
    for index, metric in enumerate(metrics):
        if metric.lookback > available:
            text = (
                f"the query reads the last {format_duration(metric.lookback)}, but the pause and initial_delay together are only "
                f"{format_duration(available)}, so it would include values from before the change"
            )
            found.append(Mistake(("metrics", index), text))
        if metric.query_type == RANGE and (metric.window or 0.0) / settings.scrape_interval > _MOST_POINTS:
            text = f"a range query has at most {_MOST_POINTS} points: shorten window or increase scrape_interval"
            found.append(Mistake(("metrics", index), text))
    return found


def check_queries(metrics: t.Sequence[Metric], client: PrometheusClient, scrape_interval: float = 30.0) -> list[str]:
    """Evaluate each query once, so that a query that Prometheus refuses is found before anything is changed.

    Arguments:
        metrics: The metrics whose queries are evaluated.
        client: The client.
        scrape_interval: The step of range queries, in seconds.

    Returns: Warnings about results that could never be judged. An empty result and NaN are not among them.

    Raise PrometheusError, with the metric and the option in its message, if a request fails.
    """
    found = []
    for metric in metrics:
        for option, expression in metric.queries().items():
            try:
                result = _send(client, metric, option, expression, client.now(), scrape_interval)
            except PrometheusError as error:
                raise error.replace(message=f"{option} of metric '{metric.name}': {error.message}") from None
            problem = read_result(result).problem
            if problem in _UNUSABLE:
                found.append(f"{option} of metric '{metric.name}': {read_result(result).detail}.")
    return found


def run_analysis(
    metrics: t.Sequence[Metric],
    settings: AnalysisSettings,
    client: PrometheusClient,
    clock: WallClock,
    on_progress: t.Callable[[str], None] = lambda text: None,
    before_each_sample: t.Callable[[], None] = lambda: None,
    on_sample: t.Callable[[Metric, SampleResult], None] = lambda metric, sample: None,
) -> AnalysisResult:
    """Take samples until there is a verdict, and return it. A failed request is an inconclusive sample, not an error.

    The analysis ends when a metric has failed, when each metric has enough samples, or after ATTEMPTS_FACTOR times that number of attempts.

    Arguments:
        metrics: At least one metric.
        settings: The number of samples and the durations.
        client: The client.
        clock: Waits, and measures the interval.
        on_progress: Receives a line for each sample.
        before_each_sample: Called before each attempt, and during waits at least every ``poll_interval`` seconds. An exception ends the analysis.
        on_sample: Receives each sample.
    """
    return _Analysis(metrics, settings, client, clock, on_progress, before_each_sample, on_sample).run()


class _Track:
    """The samples of one metric during an analysis."""

    def __init__(self, metric: Metric, settings: AnalysisSettings) -> None:
        self.metric = metric
        self._settings = settings
        self.skipped = not settings.compare_baseline and not metric.has_absolute_limits
        self._samples: list[SampleResult] = []
        self._previous_time: float | None = None

    def add(self, readings: SampleReadings) -> SampleResult:
        settings = self._settings
        sample = judge_sample(
            self.metric,
            readings,
            compare=settings.compare_baseline,
            max_age=settings.sample_age_limit,
            previous_time=self._previous_time,
        )
        self._previous_time = readings.query.time
        self._samples.append(sample)
        return sample

    def result(self) -> MetricResult:
        settings = self._settings
        return judge_metric(
            self.metric.name, self._samples, settings.samples, settings.failure_limit, skipped=self.skipped
        )

    def describe(self, sample: SampleResult) -> str:
        """Return the sample as a line of progress."""
        counted = sum(1 for one in self._samples if one.counts)
        return (
            f"metric {self.metric.name}: sample {len(self._samples)} {sample.verdict}, "
            f"{counted} of {self._settings.samples} count: {sample.message}"
        )


class _Analysis:
    """One run of an analysis. The arguments are those of ``run_analysis``."""

    def __init__(
        self,
        metrics: t.Sequence[Metric],
        settings: AnalysisSettings,
        client: PrometheusClient,
        clock: WallClock,
        on_progress: t.Callable[[str], None],
        before_each_sample: t.Callable[[], None],
        on_sample: t.Callable[[Metric, SampleResult], None],
    ) -> None:
        self._tracks = [_Track(metric, settings) for metric in metrics]
        self._settings = settings
        self._client = client
        self._clock = clock
        self._on_progress = on_progress
        self._before_each_sample = before_each_sample
        self._on_sample = on_sample

    def run(self) -> AnalysisResult:
        settings = self._settings
        delay = find_initial_delay([track.metric for track in self._tracks], settings)
        if delay > 0:
            self._on_progress(f"waiting {format_duration(delay)} before the first sample")
        start = self._clock.monotonic() + delay
        for attempt in range(settings.samples * ATTEMPTS_FACTOR):
            if not self._open_tracks():
                break
            self._wait_until(start + attempt * settings.interval)
            self._before_each_sample()
            self._take_samples()
        return self._build_result()

    def _open_tracks(self) -> list[_Track]:
        """Return the tracks without a verdict; none after one has failed."""
        verdicts = [(track, track.result().verdict) for track in self._tracks]
        if any(verdict == FAILED for _track, verdict in verdicts):
            return []
        return [track for track, verdict in verdicts if verdict not in (PASSED, SKIPPED)]

    def _wait_until(self, moment: float) -> None:
        """Wait until a time of the monotonic clock, in parts of at most ``poll_interval``."""
        left = moment - self._clock.monotonic()
        while left > 0:
            self._before_each_sample()
            self._clock.sleep(min(left, self._settings.poll_interval))
            left = moment - self._clock.monotonic()

    def _take_samples(self) -> None:
        at = self._client.now()
        for track in self._open_tracks():
            sample = track.add(self._read(track.metric, at))
            self._on_progress(track.describe(sample))
            self._on_sample(track.metric, sample)

    def _read(self, metric: Metric, at: float) -> SampleReadings:
        """Send the queries of one metric. After a failed request, the others are not sent."""
        found: dict[str, Reading] = {}
        for option, expression in metric.queries().items():
            if option.startswith("baseline") and not self._settings.compare_baseline:
                continue
            found[option] = self._read_query(metric, option, expression, at)
            if found[option].failed_request:
                break
        return SampleReadings(
            at,
            found["query"],
            found.get("baseline_query"),
            found.get("requests_query"),
            found.get("baseline_requests_query"),
        )

    def _read_query(self, metric: Metric, option: str, expression: str, at: float) -> Reading:
        try:
            return read_result(_send(self._client, metric, option, expression, at, self._settings.scrape_interval))
        except PrometheusError as error:
            return Reading(problem=error.reason, detail=f"{option}: {error.message}", failed_request=True)

    def _build_result(self) -> AnalysisResult:
        results = tuple(track.result() for track in self._tracks)
        verdict = judge_all(results)
        decisive = next((result for result in results if result.verdict == verdict), None)
        if verdict == PASSED:
            return AnalysisResult(verdict, "All metrics are within their limits.", results)
        if decisive is None:
            return AnalysisResult(verdict, "No metric was evaluated.", results)
        return AnalysisResult(verdict, f"Metric '{decisive.name}': {decisive.message}.", results)


def _send(
    client: PrometheusClient, metric: Metric, option: str, expression: str, at: float, step: float
) -> QueryResult:
    """Send one query of a metric. The query type applies to the values, but not to the numbers of requests."""
    if metric.query_type == INSTANT or metric.window is None or option not in ("query", "baseline_query"):
        return client.query(expression, at)
    # The last point is at a multiple of the step, so that its time repeats only without a newer value.
    end = math.floor(at / step) * step
    return client.query_range(expression, end - math.ceil(metric.window / step) * step, end, step)


def _metric_to_result(metric: MetricResult) -> dict[str, t.Any]:
    return {
        "name": metric.name,
        "verdict": metric.verdict,
        "reason": metric.reason,
        "message": metric.message,
        "samples": [_sample_to_result(sample) for sample in metric.samples],
    }


def _sample_to_result(sample: SampleResult) -> dict[str, t.Any]:
    return {
        "time": format_utc(sample.time),
        "value": sample.value,
        "baseline": sample.baseline,
        "requests": sample.requests,
        "verdict": sample.verdict,
        "reason": sample.reason,
        "message": sample.message,
    }


def format_utc(seconds: float) -> str:
    """Return seconds since the epoch as RFC 3339 in UTC, with milliseconds."""
    moment = dt.datetime.fromtimestamp(round(seconds, 3), dt.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
