# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The responses of the query API of Prometheus, and their errors.

Source: "HTTP API" (https://prometheus.io/docs/prometheus/latest/querying/api/), section "Expression query result formats".
"""

from __future__ import annotations

import json
import math
import re
import typing as t

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf", re.ASCII)
# Prometheus 2.48 to 2.55 reports remarks about the query as warnings. They do not make the result incomplete.
_INFO_PREFIX = "PromQL info:"

# A time in seconds since the epoch, and a number; None for a value that is not a number, such as text or a native histogram.
Point = t.Tuple[float, t.Optional[float]]


class Series(t.NamedTuple):
    """One series of a result: its labels, and its points, oldest first. A number of a point can be NaN or infinite."""

    labels: dict[str, str]
    points: list[Point]


class QueryResult(t.NamedTuple):
    """The series of one query. ``warnings`` mean that the result may be incomplete; ``infos`` are remarks about the query."""

    series: list[Series]
    warnings: list[str]
    infos: list[str]


class ResultError(ValueError):
    """A body that is JSON, but not a result."""


def parse_result(body: t.Any) -> QueryResult:
    """Return the result in the body of a response with status 200. Raise ValueError with a reason if the body is something else."""
    if not isinstance(body, dict) or body.get("status") != "success" or not isinstance(body.get("data"), dict):
        raise ResultError('it does not have the status "success" and data')
    kind, result = body["data"].get("resultType"), body["data"].get("result")
    if not isinstance(result, list) or kind not in ("vector", "matrix", "scalar", "string"):
        raise ResultError("its data is not a vector, a matrix, a scalar or a string")
    warnings = [str(text) for text in body.get("warnings") or ()]
    infos = [str(text) for text in body.get("infos") or ()]
    return QueryResult(
        [Series({}, [_parse_point(result)])]
        if kind in ("scalar", "string")
        else [_parse_series(one) for one in result],
        [text for text in warnings if not text.startswith(_INFO_PREFIX)],
        [*infos, *(text for text in warnings if text.startswith(_INFO_PREFIX))],
    )


def _parse_series(entry: t.Any) -> Series:
    labels = entry.get("metric") if isinstance(entry, dict) else None
    if not isinstance(labels, dict):
        raise ResultError("a series has no labels")
    if "value" in entry or "histogram" in entry:
        return Series(labels, [_parse_point(entry.get("value", entry.get("histogram")))])
    points = [*(entry.get("values") or ()), *(entry.get("histograms") or ())]
    return Series(labels, sorted((_parse_point(point) for point in points), key=lambda point: point[0]))


def _parse_point(point: t.Any) -> Point:
    if not isinstance(point, list) or len(point) != 2:
        raise ResultError("a sample is not a pair of a time and a value")
    time, value = point
    if isinstance(time, bool) or not isinstance(time, (int, float)) or not math.isfinite(time):
        raise ResultError("the time of a sample is not a number")
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return float(time), None
    return float(time), float(value)


def parse_error(body: bytes) -> tuple[str | None, str]:
    """Return the error type and the text of an error of Prometheus; None and an empty text if it is from something else."""
    try:
        error = json.loads(body)
    except (RecursionError, ValueError):
        return None, ""
    if not isinstance(error, dict) or error.get("status") != "error" or not isinstance(error.get("errorType"), str):
        return None, ""
    return error["errorType"], f"{error['errorType']}: {error.get('error') or 'no description'}"
