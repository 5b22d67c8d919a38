# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Metrics of the versions of a Service, computed from its traffic."""

from __future__ import annotations

import math
import typing as t

from huaweicloud_emulator.cluster import history
from huaweicloud_emulator.cluster.traffic import Split

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]
Value = t.Union[int, float, str, t.Mapping[str, t.Any], None]

METRICS = ("error_ratio", "request_rate", "request_count", "error_rate", "error_count", "latency", "weight")
DEFAULT_WINDOW = 60.0
DEFAULT_RATE = 100.0
_SPECIAL = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}


def resolve_value(value: Value, elapsed: float, weight: float) -> float | None:
    """Return a number of a seed, or ``None`` for no value.

    ``{over_time: [[seconds, value], ...]}`` changes with the seconds since the seed, ``{by_weight: {percent: value}}`` with the
    percentage of the version: the last entry that is not above it holds.
    """
    if isinstance(value, t.Mapping):
        steps = value.get("over_time") or [[float(key), entry] for key, entry in value.get("by_weight", {}).items()]
        position = elapsed if "over_time" in value else weight
        reached = [entry for start, entry in sorted(steps, key=lambda step: float(step[0])) if float(start) <= position]
        return resolve_value(reached[-1], elapsed, weight) if reached else None
    if value is None or isinstance(value, bool):
        return None
    return _SPECIAL[value] if isinstance(value, str) and value in _SPECIAL else float(value)


class ServiceMetrics:
    """The metrics of one version of a Service at a time. ``window`` is in seconds."""

    def __init__(self, emulator: EmulatorState, source: Record, version: str, at: float, window: float) -> None:
        self._settings = source["fields"]
        self._version = version
        self._at = at
        self._window = window
        self._elapsed = at - source["since"]
        service = (source["cluster"], source["namespace"], source["service"])
        self._history = history.get(emulator, *service)
        self._emulator = emulator

    def get(self, metric: str) -> float | None:
        """Return the value of a metric, NaN for a ratio without requests, or ``None`` if no series exists."""
        if metric == "weight":
            return self.weight
        if not self._count(float("-inf")):
            return None
        requests = self._count(self._at - self._window)
        ratio = self._get_field("error_ratio") or 0.0
        if metric in ("request_rate", "request_count"):
            return requests / self._window if metric == "request_rate" else requests
        if metric == "latency":
            return self._get_field("latency") if requests else math.nan
        if not ratio:
            # Without a failed request, the series of failed requests does not exist.
            return None
        if metric == "error_ratio":
            return ratio if requests else math.nan
        return requests * ratio / self._window if metric == "error_rate" else requests * ratio

    @property
    def weight(self) -> float:
        return history.get_split(self._emulator, self._history, self._at).shares.get(self._version, 0.0)

    def _get_field(self, name: str) -> float | None:
        fields = self._settings.get("versions", {}).get(self._version, {})
        return resolve_value(fields.get(name), self._elapsed, self.weight)

    def _count(self, start: float) -> float:
        """Return the number of requests since ``start``. An infinite start only tells whether there was any."""
        intervals = history.list_intervals(self._emulator, self._history, start, self._at)
        return sum(seconds * rate for seconds, split in intervals for rate in [self._get_rate(split)] if rate)

    def _get_rate(self, split: Split) -> float:
        total = (
            resolve_value(self._settings.get("requests_per_second", DEFAULT_RATE), self._elapsed, self.weight) or 0.0
        )
        testers = resolve_value(self._settings.get("tester_requests_per_second"), self._elapsed, self.weight) or 0.0
        return (total * split.shares.get(self._version, 0.0) + testers * split.testers.get(self._version, 0.0)) / 100
