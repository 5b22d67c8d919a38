# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The parts of PromQL that the analysis reads in a query: how far back it looks, and the placeholder ``$window``.

Source: "Querying Prometheus" (https://prometheus.io/docs/prometheus/latest/querying/basics/), sections on range vector selectors, subqueries and
the offset modifier.
"""

from __future__ import annotations

import re
import typing as t

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
# Strings in three kinds of quotes, in which brackets have no meaning, and comments.
_STRING_OR_COMMENT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*", re.DOTALL)
_PLACEHOLDER = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_RANGE = re.compile(r"\[\s*([\w.]+)\s*(?::[^\]]*)?\]", re.ASCII)
_OFFSET = re.compile(r"\s*(?:@\s*[\w.()]+\s*)?offset\s+([\w.]+)", re.ASCII | re.IGNORECASE)
WINDOW = "window"


def find_placeholders(query: str) -> set[str]:
    """Return the names of the placeholders in a query, for example ``window`` for ``$window`` and ``${window}``. Strings have none."""
    return {braced or plain for braced, plain in _PLACEHOLDER.findall(_blank_strings(query))}


def insert_window(query: str, window: float | None) -> str:
    """Return the query with the window, in seconds, in place of ``$window``."""
    if window is None:
        return query
    pieces, end = [], 0
    for match in _PLACEHOLDER.finditer(_blank_strings(query)):
        if WINDOW in match.groups():
            pieces += [query[end : match.start()], format_range(window)]
            end = match.end()
    return "".join([*pieces, query[end:]])


def format_range(seconds: float) -> str:
    """Return a duration as PromQL writes it: whole seconds, or milliseconds."""
    millis = round(seconds * 1000)
    return f"{millis // 1000}s" if millis % 1000 == 0 else f"{millis}ms"


def find_lookback(query: str) -> float:
    """Return how many seconds before its evaluation a query reads samples, as far as its text shows it.

    The longest of all range selectors counts, each with its offset. A subquery adds its range to what is inside of it. Ranges that are not literal
    durations count as 0. The 5 minutes for which an instant selector finds an older sample are not included.
    """
    return _find_lookback(_blank_strings(query))


def _find_lookback(text: str) -> float:
    longest = 0.0
    for match in _RANGE.finditer(text):
        seconds = _parse_range(match[1])
        before = text[: match.start()].rstrip()
        if before.endswith(")"):
            seconds += _find_lookback(before[_find_opening(before) :])
        longest = max(longest, seconds + _parse_offset(text, match.end()))
    return longest


def _parse_offset(text: str, position: int) -> float:
    match = _OFFSET.match(text, position)
    return _parse_range(match[1]) if match else 0.0


def _find_opening(text: str) -> int:
    """Return the index of the parenthesis that the last character closes, or of the start of the text."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return 0


def _parse_range(text: str) -> float:
    if _NUMBER.fullmatch(text):
        return float(text)
    parts: list[t.Tuple[str, str]] = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        return 0.0
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _blank_strings(query: str) -> str:
    """Return a query of the same length with blanks in place of strings and comments."""
    return _STRING_OR_COMMENT.sub(lambda match: " " * len(match[0]), query)
