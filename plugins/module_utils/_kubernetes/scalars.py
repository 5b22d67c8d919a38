# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read the scalars of YAML text as kubectl does.

kubectl converts YAML to JSON with sigs.k8s.io/yaml. Its rules are neither those of YAML 1.1 nor those of YAML 1.2: ``yes`` and
``on`` are booleans, ``0o17`` and ``017`` are octal, and ``22:30`` is text. kubectl
refuses or changes scalars that JSON cannot represent, so this module refuses them.
"""

from __future__ import annotations

import decimal
import math
import re
import typing as t

QUOTE = "put it in quotes"
DATE = f"a date or time must be text: {QUOTE}"
# Converting digits to a number takes quadratic time. No field of a Deployment is longer than this.
LONGEST_NUMBER = 400

_TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL = ("", "~", "null", "Null", "NULL")
_WORDS: dict[str, t.Any] = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False), **dict.fromkeys(_NULL)}
_NOT_FINITE = frozenset(
    (".nan", ".NaN", ".NAN") + tuple(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF"))
)
# Underscores are removed first.
_INTEGERS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"([-+]?)0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0[oO]?([0-7]+)"), 8),
    (re.compile(r"([-+]?)0[bB]([01]+)"), 2),
    (re.compile(r"([-+]?)(0|[1-9][0-9]*)"), 10),
    # sigs.k8s.io/yaml accepts a sign after this prefix.
    (re.compile(r"0b([-+])([01]+)"), 2),
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_FRACTION = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
# Timestamps of YAML 1.1. kubectl reads them as text, but Ansible and many other tools read them as dates.
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)
_KINDS: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (int, float),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:null": (type(None),),
}


class ScalarError(ValueError):
    """A scalar needs quotes or does not fit its tag. The message does not contain the scalar."""


def parse_plain_scalar(text: str) -> t.Any:
    """Return the value of a scalar without quotes and tag. Raise ScalarError if it needs quotes."""
    if _TIMESTAMP.fullmatch(text):
        raise ScalarError(DATE)
    return _parse_value(text)


def parse_tagged_scalar(text: str, tag: str) -> t.Any:
    """Return the value of a scalar with the tag int, float, bool or null. Raise ScalarError if it does not fit its tag."""
    value: t.Any = _parse_value(text)
    if not isinstance(value, _KINDS[tag]) or (isinstance(value, bool) and tag != "tag:yaml.org,2002:bool"):
        raise ScalarError("the value does not fit its tag")
    if tag == "tag:yaml.org,2002:int" and not any(
        pattern.fullmatch(_remove_underscores(text)) for pattern, _base in _INTEGERS
    ):
        raise ScalarError("the value does not fit its tag")
    return to_json_number(float(t.cast(float, value))) if tag == "tag:yaml.org,2002:float" else value


def fits_64_bits(number: int) -> bool:
    """Return whether Kubernetes can store the integer ``number``. kubectl rounds other integers."""
    return -(2**63) <= number < 2**63


def to_json_number(number: float) -> int | float:
    """Return the number that kubectl sends for a finite ``number``: an integer for 1.0 or 1e3."""
    if not number.is_integer():
        return number
    # kubectl prints the shortest digits that represent the number and reads them again.
    whole = int(decimal.Decimal(repr(number)))
    return whole if fits_64_bits(whole) else number


def _parse_value(text: str) -> t.Any:
    if text in _WORDS:
        return _WORDS[text]
    if text in _NOT_FINITE:
        raise ScalarError(f"JSON has no such number: {QUOTE}")
    if text[0] == ".":
        return _parse_number(text, _FRACTION)
    return _parse_number(text) if text[0] in "+-0123456789" else text


def _parse_number(text: str, fraction: re.Pattern[str] | None = None) -> t.Any:
    """Return the number that ``text`` represents, or ``text`` itself."""
    digits = _remove_underscores(text)
    if fraction is None:
        for pattern, base in _INTEGERS:
            match = pattern.fullmatch(digits)
            if match:
                return _parse_integer(match, base)
    if not (fraction.fullmatch(text) if fraction else _FLOAT.fullmatch(digits)):
        return text
    _check_length(digits)
    number = float(digits)
    # kubectl reads numbers beyond the range of a float as text.
    return to_json_number(number) if math.isfinite(number) else text


def _parse_integer(match: re.Match[str], base: int) -> int:
    _check_length(match.group())
    number = int(match[1] + match[2], base)
    if not fits_64_bits(number):
        raise ScalarError(f"the number has more than 64 bits: {QUOTE}")
    return number


def _remove_underscores(text: str) -> str:
    return text.replace("_", "")


def _check_length(digits: str) -> None:
    if len(digits) > LONGEST_NUMBER:
        raise ScalarError(f"the number is too long: {QUOTE}")
