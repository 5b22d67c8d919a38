# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The metrics of an analysis: their options, and the mistakes in them, each with its path."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    Path,
    find_mistakes,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.promql import (
    WINDOW,
    find_lookback,
    find_placeholders,
    insert_window,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_duration

INSTANT, RANGE = "instant", "range"
HOLD, FAIL, PASS = "hold", "fail", "pass"

# The options of one metric, for argument specs and for files.
METRIC_SPEC: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str", "required": True},
    "query": {"type": "str", "required": True},
    "query_type": {"type": "str", "choices": [INSTANT, RANGE], "default": INSTANT},
    "min": {"type": "float"},
    "max": {"type": "float"},
    "baseline_query": {"type": "str"},
    "max_ratio": {"type": "float"},
    "max_difference": {"type": "float"},
    "requests_query": {"type": "str"},
    "min_requests": {"type": "float"},
    "baseline_requests_query": {"type": "str"},
    "baseline_min_requests": {"type": "float"},
    "empty_value": {"type": "float"},
    "window": {"type": "str"},
    "on_no_data": {"type": "str", "choices": [HOLD, FAIL, PASS], "default": HOLD},
}
# In the order in which they are sent: after a failed request, the value and the number of requests are more useful than the baseline.
QUERIES = ("query", "requests_query", "baseline_query", "baseline_requests_query")
_ABSOLUTE_LIMITS = ("min", "max")
_BASELINE_LIMITS = ("max_ratio", "max_difference")
_NUMBERS = tuple(option for option, spec in METRIC_SPEC.items() if spec["type"] == "float")
# Each of these options has no effect without all the options after it.
_REQUIRED_BY = {
    "max_ratio": ("baseline_query",),
    "max_difference": ("baseline_query",),
    "requests_query": ("min_requests",),
    "min_requests": ("requests_query",),
    "baseline_requests_query": ("baseline_min_requests", "baseline_query"),
    "baseline_min_requests": ("baseline_requests_query", "baseline_query"),
    "empty_value": ("requests_query", "min_requests"),
}


@dataclass(frozen=True)
class Metric:
    """One metric with its limits. Durations are in seconds, and ``$window`` is already inserted into the queries."""

    name: str
    query: str
    query_type: str = INSTANT
    min: t.Optional[float] = None
    max: t.Optional[float] = None
    baseline_query: t.Optional[str] = None
    max_ratio: t.Optional[float] = None
    max_difference: t.Optional[float] = None
    requests_query: t.Optional[str] = None
    min_requests: t.Optional[float] = None
    baseline_requests_query: t.Optional[str] = None
    baseline_min_requests: t.Optional[float] = None
    empty_value: t.Optional[float] = None
    window: t.Optional[float] = None
    on_no_data: str = HOLD

    @property
    def has_absolute_limits(self) -> bool:
        """Whether the metric can be judged without a baseline."""
        return self.min is not None or self.max is not None

    @property
    def lookback(self) -> float:
        """How many seconds before a sample the oldest value is that can influence it."""
        queries = [find_lookback(query) for query in self.queries().values()]
        span = (self.window or 0.0) if self.query_type == RANGE else 0.0
        return max(self.window or 0.0, span + max(queries))

    def queries(self) -> dict[str, str]:
        """Return the queries that are set, by option."""
        found = {option: getattr(self, option) for option in QUERIES}
        return {option: query for option, query in found.items() if query is not None}


def parse_metrics(value: t.Any, path: Path = ("metrics",)) -> list[Metric]:
    """Return the metrics of a list of options. Raise OptionError with all mistakes and their paths if one is invalid.

    Arguments:
        value: A list of mappings with the options of METRIC_SPEC, as in a file or after Ansible's own validation.
        path: The path of the list, for messages.
    """
    mistakes = find_metric_mistakes(value, path)
    if mistakes:
        raise OptionError("; ".join(map(str, mistakes)))
    return [_build_metric(options) for options in value]


def find_metric_mistakes(value: t.Any, path: Path = ("metrics",)) -> list[Mistake]:
    """Return all mistakes in a list of metrics, in its order. The paths begin with ``path``."""
    option = {"metrics": {"type": "list", "elements": "dict", "options": METRIC_SPEC}}
    found = [mistake._replace(path=(*path, *mistake.path[1:])) for mistake in find_mistakes(option, {"metrics": value})]
    if found:
        return found
    for index, options in enumerate(value or ()):
        found += _find_mistakes(options, (*path, index))
    return found + _find_repeated_names(value or (), path)


def _build_metric(options: t.Mapping[str, t.Any]) -> Metric:
    given = {option: value for option, value in options.items() if not is_blank(value)}
    window = parse_duration(given["window"]) if "window" in given else None
    values: dict[str, t.Any] = {option: str(value) for option, value in given.items()}
    values.update({option: float(given[option]) for option in _NUMBERS if option in given})
    values.update({option: insert_window(values[option], window) for option in QUERIES if option in given})
    return Metric(**{**values, "window": window})


def _find_mistakes(options: t.Mapping[str, t.Any], path: Path) -> list[Mistake]:
    given = {option: value for option, value in options.items() if not is_blank(value)}
    found = [Mistake(path, f"{option} is required", option) for option in ("name", "query") if option not in given]
    found += _find_number_mistakes(given, path)
    found += [
        Mistake((*path, option), f"requires {needed}")
        for option, required in _REQUIRED_BY.items()
        for needed in required
        if option in given and needed not in given
    ]
    return found or _find_limit_mistakes(given, path) + _find_window_mistakes(given, path) + _find_query_mistakes(
        given, path
    )


def _find_number_mistakes(given: t.Mapping[str, t.Any], path: Path) -> list[Mistake]:
    found = []
    for option in _NUMBERS:
        value = given.get(option)
        if isinstance(value, bool) or (value is not None and not math.isfinite(float(value))):
            found.append(Mistake((*path, option), "must be a number, and neither infinite nor NaN"))
        elif value is not None and option.endswith("min_requests") and float(value) <= 0:
            found.append(Mistake((*path, option), "must be greater than 0"))
        elif value is not None and option in _BASELINE_LIMITS and float(value) < 0:
            found.append(Mistake((*path, option), "must be 0 or greater"))
    return found


def _find_limit_mistakes(given: t.Mapping[str, t.Any], path: Path) -> list[Mistake]:
    limits = (*_ABSOLUTE_LIMITS, *_BASELINE_LIMITS)
    if not any(option in given for option in limits):
        return [Mistake(path, f"one of the following is required: {', '.join(limits)}")]
    if "baseline_query" in given and not any(option in given for option in _BASELINE_LIMITS):
        return [Mistake((*path, "baseline_query"), f"requires {' or '.join(_BASELINE_LIMITS)}")]
    if "min" in given and "max" in given and float(given["min"]) > float(given["max"]):
        return [Mistake((*path, "min"), "must not be greater than max")]
    return []


def _find_window_mistakes(given: t.Mapping[str, t.Any], path: Path) -> list[Mistake]:
    if "window" not in given:
        missing = given.get("query_type") == RANGE
        return [Mistake((*path, "query_type"), "range requires window")] if missing else []
    try:
        window = parse_duration(given["window"])
    except ValueError as problem:
        return [Mistake((*path, "window"), str(problem))]
    return [] if window > 0 else [Mistake((*path, "window"), "must be greater than 0")]


def _find_query_mistakes(given: t.Mapping[str, t.Any], path: Path) -> list[Mistake]:
    found = []
    for option in QUERIES:
        names = find_placeholders(str(given.get(option, "")))
        unknown = sorted(names - {WINDOW})
        if unknown:
            found.append(Mistake((*path, option), f"has the unknown placeholder ${unknown[0]} (known: ${WINDOW})"))
        if WINDOW in names and "window" not in given:
            found.append(Mistake((*path, option), f"contains ${WINDOW}, which requires window"))
    return found


def _find_repeated_names(value: t.Sequence[t.Mapping[str, t.Any]], path: Path) -> list[Mistake]:
    names = [str(options.get("name")) for options in value]
    return [
        Mistake((*path, index, "name"), "two metrics have the same name")
        for index, name in enumerate(names)
        if name in names[:index] and not is_blank(name)
    ]
