# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of queries: a check of the syntax, numbers, and a form that ignores blanks.

The emulator does not evaluate expressions. It knows numbers, ``vector(NUMBER)``, ``time()``, and the queries of a seed.
"""

from __future__ import annotations

import math
import re

from huaweicloud_emulator.prometheus import errors

_PAIRS = {")": "(", "]": "[", "}": "{"}
_NAMES = {"(": "left parenthesis", "[": "left bracket", "{": "left brace"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|[iI]nf|[nN]a[nN])")
_VECTOR = re.compile(r"vector\(\s*(.+?)\s*\)")
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|\s+|[A-Za-z0-9_.:]+|.", re.DOTALL)


def check_syntax(query: str) -> None:
    """Raise the error ``bad_data`` for an empty query, open quotes, unbalanced parentheses or a missing operand."""
    if not query.strip():
        raise errors.parse_error("no expression found in input")
    opened: list[tuple[str, int]] = []
    last = ""
    for match in _TOKEN.finditer(query):
        token = match[0]
        if token in ('"', "'", "`"):
            raise errors.parse_error("unterminated quoted string", match.start())
        if token in _NAMES:
            opened.append((token, match.start()))
        elif token in _PAIRS and (not opened or opened.pop()[0] != _PAIRS[token]):
            raise errors.parse_error(f"unexpected right {_NAMES[_PAIRS[token]][5:]} {token!r}", match.start())
        if not token.isspace():
            last = token
    if opened:
        raise errors.parse_error(f"unclosed {_NAMES[opened[-1][0]]}", opened[-1][1])
    if last in ("+", "-", "*", "/", "%", "^", "<", ">", "=", ","):
        raise errors.parse_error("unexpected end of input", len(query))


def normalize(query: str) -> str:
    """Return the query without the blanks that have no meaning."""
    parts = [" " if match[0].isspace() else match[0] for match in _TOKEN.finditer(query.strip())]
    result: list[str] = []
    for index, part in enumerate(parts):
        # A blank only has a meaning between two words.
        if part != " " or all(re.match(r"[\w.:]", parts[neighbor]) for neighbor in (index - 1, index + 1)):
            result.append(part)
    return "".join(result)


def parse_number(text: str) -> float | None:
    """Return the value of a number literal, or ``None``."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def parse_vector(query: str) -> float | None:
    """Return the number in ``vector(NUMBER)``, or ``None``."""
    match = _VECTOR.fullmatch(query.strip())
    return parse_number(match[1]) if match else None


def format_value(value: float) -> str:
    """Return a sample value as Prometheus writes it: the shortest decimal text without an exponent, NaN, +Inf or -Inf."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" in text:
        digits = max(0, -int(text.partition("e")[2])) + len(text.partition("e")[0].replace("-", "")) - 1
        text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return text
