# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of queries: a check of the syntax, numbers, and a form that ignores blanks.

The emulator does not evaluate expressions. It knows numbers, ``vector(NUMBER)``, ``time()``, and the queries of a seed.
"""

from __future__ import annotations

import decimal
import math
import re

from huaweicloud_emulator.errors.service_error import ServiceError
from huaweicloud_emulator.prometheus import errors

_PAIRS = {")": "(", "]": "[", "}": "{"}
_UNCLOSED = {
    "(": "unclosed left parenthesis",
    "[": "unclosed left bracket",
    "{": "unexpected end of input inside braces",
}
_OPERATORS = ("+", "-", "*", "/", "%", "^", "<", ">", "=", ",")
_KEYWORDS = frozenset(
    ("and", "atan2", "bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "or", "unless", "without")
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|[iI]nf|[nN]a[nN])")
_VECTOR = re.compile(r"vector\(\s*(.+?)\s*\)")
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|\s+|[A-Za-z0-9_.:]+|.", re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9_.:]+")


def check_syntax(query: str) -> None:
    """Raise the error ``bad_data`` for an empty query, open quotes, unbalanced parentheses or a missing operator."""
    if not query.strip():
        raise errors.parse_error("no expression found in input")
    opened: list[str] = []
    last = ""
    for match in _TOKEN.finditer(query):
        token = match[0]
        if token in ('"', "'", "`"):
            raise errors.parse_error("unterminated quoted string", match.start())
        if token.isspace():
            continue
        if token in _UNCLOSED:
            opened.append(token)
        elif token in _PAIRS and (not opened or opened.pop() != _PAIRS[token]):
            raise _build_closing_error(token, match.start())
        elif _WORD.fullmatch(token) and opened[-1:] != ["{"]:
            _check_operand(token, last, match.start())
        last = token
    if opened:
        raise errors.parse_error(_UNCLOSED[opened[-1]], len(query))
    if last in _OPERATORS:
        raise errors.parse_error("unexpected end of input", len(query))


def _build_closing_error(token: str, position: int) -> ServiceError:
    """Return the error for a closing token without an opening one. The text and the position depend on the token."""
    if token == ")":
        return errors.parse_error("unexpected right parenthesis ')'", position + 1)
    if token == "]":
        return errors.parse_error("unexpected right bracket ']'", position)
    return errors.parse_error("unexpected character: '}'", position)


def _check_operand(token: str, last: str, position: int) -> None:
    """Check that there is an operator or a keyword between two operands."""
    follows_operand = last in ("]", "}") or (_WORD.fullmatch(last) and last.lower() not in _KEYWORDS)
    if follows_operand and token.lower() not in _KEYWORDS:
        kind = "number" if _NUMBER.fullmatch(token) else "identifier"
        raise errors.parse_error(f'unexpected {kind} "{token}"', position)


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
    text = format(decimal.Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
