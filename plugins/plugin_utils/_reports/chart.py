# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The geometry of the charts in the report of a rollout: one panel for the weights, and one for each metric, over the same time.

The browser stretches the drawing of a panel to its size, so coordinates are parts of a thousand in both directions. Labels are not in the drawing:
they are text of the page, with positions in percent, and keep their size.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import SAMPLE_VERDICTS, Line
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import Report

SIZE = 1000
# A record of one moment is drawn as if it had this length, in seconds.
_SHORTEST = 60.0
# The part of the height that stays free above and below the values.
_MARGIN = 0.05
_ROUND_FACTORS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)

Place = t.Tuple[float, float]


class Label(t.NamedTuple):
    """A text at a position, in percent of the width or the height from the left or the top."""

    text: str
    position: float


class Mark(t.NamedTuple):
    """A sample as a point. ``kind`` is its verdict, or ``missing`` if it has no value. ``text`` describes it."""

    x: float
    y: float
    kind: str
    text: str


class Panel(t.NamedTuple):
    """One chart. Paths have the format of the attribute ``d`` of SVG; an empty one is not drawn."""

    title: str
    description: str
    kind: str
    line: str
    area: str
    baseline: str
    limits: t.List[str]
    beyond: t.List[Place]
    marks: t.List[Mark]
    ticks: t.List[Label]
    limit_labels: t.List[Label]


class Chart(t.NamedTuple):
    """All panels, the labels of their common time, and the moments at which the weight changed."""

    panels: t.List[Panel]
    times: t.List[Label]
    changes: t.List[float]


class _Time(t.NamedTuple):
    """The time that the chart shows, in seconds since the epoch."""

    start: float
    end: float

    def locate(self, text: str) -> float:
        return _round((_to_seconds(text) - self.start) / (self.end - self.start) * SIZE)


def build_chart(report: Report) -> Chart | None:
    """Return the chart of a report; None if its record is empty."""
    if not report["events"]:
        return None
    time = _find_time(report["events"])
    panels = [_draw_weights(report["weights"], time)] if report["weights"] else []
    panels += [_draw_metric(metric, time) for metric in report["metrics"]]
    changes = [time.locate(change["time"]) for change in report["weights"]]
    return Chart(panels, _label_times(time), changes) if panels else None


def format_value(value: float | None) -> str:
    """Return a number with at most four significant digits; a dash for None."""
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}") if abs(value) < 1e15 else f"{value:.3e}"


def _find_time(events: t.Sequence[Line]) -> _Time:
    moments = [_to_seconds(line["time"]) for line in events]
    start, end = min(moments), max(moments)
    if end - start < _SHORTEST:
        middle = (start + end) / 2
        return _Time(middle - _SHORTEST / 2, middle + _SHORTEST / 2)
    return _Time(start, end)


def _label_times(time: _Time) -> list[Label]:
    with_date = _format_date(time.start) != _format_date(time.end)
    moments = [time.start, (time.start + time.end) / 2, time.end]
    return [
        Label((f"{_format_date(moment)} " if with_date else "") + _format_clock(moment), position)
        for moment, position in zip(moments, (0.0, 50.0, 100.0))
    ]


def _draw_weights(weights: t.Sequence[Line], time: _Time) -> Panel:
    """Return the panel of the weights. A weight is in force until the next one, and the last one until the end."""
    steps = [(time.locate(change["time"]), _scale(change["weight"], 0, 100)) for change in weights]
    line = _draw_steps(steps)
    values = ", ".join(f"{format_value(change['weight'])} %" for change in weights)
    return Panel(
        title="Weight of the gray version",
        description=f"The weight of the gray version over time: {values}.",
        kind="weight",
        line=line,
        area=f"{line}V{SIZE}H{steps[0][0]:g}Z",
        baseline="",
        limits=[],
        beyond=[],
        marks=[],
        ticks=[Label(text, position) for text, position in (("100 %", 0.0), ("50 %", 50.0), ("0 %", 100.0))],
        limit_labels=[],
    )


def _draw_metric(metric: Line, time: _Time) -> Panel:
    samples = metric["samples"]
    low, high = _find_range(samples)
    xs = [time.locate(sample["time"]) for sample in samples]
    values, baselines, minima, maxima = (
        [None if sample[field] is None else _scale(sample[field], low, high) for sample in samples]
        for field in ("value", "baseline", "min", "max")
    )
    limits = [_draw_limit(xs, points) for points in (maxima, minima)]
    return Panel(
        title=metric["name"],
        description=_describe(metric),
        kind="metric",
        line=_draw_line(xs, values),
        area="",
        baseline=_draw_line(xs, baselines),
        limits=[limit for limit in limits if limit],
        beyond=_find_beyond(minima, maxima),
        marks=[_mark(sample, x, y) for sample, x, y in zip(samples, xs, values)],
        ticks=[Label(format_value(value), _percent(value, low, high)) for value in (high, (low + high) / 2, low)],
        limit_labels=[
            Label(f"{name} {format_value(metric[name])}", _percent(metric[name], low, high))
            for name in ("max", "min")
            if metric[name] is not None
        ],
    )


def _find_range(samples: t.Sequence[Line]) -> tuple[float, float]:
    """Return the lowest and the highest value that a panel shows."""
    fields = ("value", "baseline", "min", "max")
    numbers = [sample[field] for sample in samples for field in fields if sample[field] is not None]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if 0 <= low <= high / 2 or low == high >= 0:
        # Beginning at 0 shows the true proportions.
        return 0.0, _round_up(high * (1 + _MARGIN)) or 1.0
    margin = (high - low) * _MARGIN or abs(low) / 2
    return low - margin, high + margin


def _round_up(value: float) -> float:
    """Return the next number whose half is a short label."""
    if value <= 0:
        return value
    unit = 10.0 ** math.floor(math.log10(value))
    return next((factor * unit for factor in _ROUND_FACTORS if factor * unit >= value), 10 * unit)


def _describe(metric: Line) -> str:
    counts = metric["counts"]
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in SAMPLE_VERDICTS if counts[verdict])
    values = (
        f"values from {format_value(metric['lowest'])} to {format_value(metric['highest'])}"
        if metric["lowest"] is not None
        else "no values"
    )
    limits = ", ".join(f"{name} {format_value(metric[name])}" for name in ("min", "max") if metric[name] is not None)
    return f"The metric {metric['name']} over time: {verdicts}; {values}" + (f"; limits: {limits}." if limits else ".")


def _mark(sample: Line, x: float, y: float | None) -> Mark:
    text = f"{_format_clock(_to_seconds(sample['time']))} {format_value(sample['value'])} {sample['verdict'] or ''}"
    verdict = sample["verdict"] if sample["verdict"] in SAMPLE_VERDICTS else "inconclusive"
    return Mark(x, SIZE if y is None else y, "missing" if y is None else verdict, text.strip())


def _draw_line(xs: t.Sequence[float], ys: t.Sequence[float | None]) -> str:
    """Return a line through the points that have a value, with gaps between them for the others."""
    path = ""
    for has_value, run in itertools.groupby(zip(xs, ys), key=lambda point: point[1] is not None):
        if has_value:
            path += "M" + "L".join(f"{x:g} {y:g}" for x, y in run)
    return path


def _draw_limit(xs: t.Sequence[float], ys: t.Sequence[float | None]) -> str:
    """Return a limit as steps over the whole width; empty if no sample has it."""
    known = [(x, y) for x, y in zip(xs, ys) if y is not None]
    return _draw_steps([(0.0, known[0][1]), *known[1:]]) if known else ""


def _draw_steps(points: t.Sequence[Place]) -> str:
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for x, y in points[1:]:
        path += f"H{x:g}V{y:g}"
    return f"{path}H{SIZE}"


def _find_beyond(minima: t.Sequence[float | None], maxima: t.Sequence[float | None]) -> list[Place]:
    """Return the areas beyond limits that stay the same, each as the position of its top and its height."""
    areas: list[Place] = []
    if maxima and maxima[0] is not None and len(set(maxima)) == 1:
        areas.append((0.0, maxima[0]))
    if minima and minima[0] is not None and len(set(minima)) == 1:
        areas.append((minima[0], _round(SIZE - minima[0])))
    return areas


def _scale(value: float, low: float, high: float) -> float:
    return _round((high - value) / (high - low) * SIZE)


def _percent(value: float, low: float, high: float) -> float:
    return _round((high - value) / (high - low) * 100)


def _round(value: float) -> float:
    return round(value, 2) + 0.0


def _to_seconds(text: str) -> float:
    moment = parse_moment(text)
    return moment.timestamp() if moment else math.nan


def _format_clock(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%H:%M:%S")


def _format_date(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%d")
