# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes quantities in canonical form: ``1000m`` is ``1``, ``1024Mi`` is ``1Gi``.

The canonical form has the same value, no fraction and the largest possible suffix.
"""

from __future__ import annotations

import fractions
import re
import typing as t

_FORM = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:([eE])([+-]?[0-9]+)|(n|u|m|k|[KMGTPE]i|[MGTPE])?)")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_MAX_LENGTH = 1000
_MAX_EXPONENT = 100
_NANO = 3  # Number of decimal suffixes below one.


def _parse(value: t.Any) -> re.Match[str] | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    # The time of a match grows with the square of the length.
    text = str(value).strip()
    return _FORM.fullmatch(text) if len(text) <= _MAX_LENGTH else None


def _power_of_ten(exponent: str) -> fractions.Fraction:
    """Return a power of ten. The exponent is limited, because Kubernetes stores no values beyond 2**63."""
    return fractions.Fraction(10) ** max(-_MAX_EXPONENT, min(_MAX_EXPONENT, int(exponent)))


def parse_quantity(value: t.Any) -> fractions.Fraction | None:
    """Return the value of a quantity, or ``None`` if the text is not a quantity."""
    match = _parse(value)
    if match is None:
        return None
    sign, digits, exponential, exponent, suffix = match.groups()
    number = fractions.Fraction(f"{sign}{digits}0" if digits.endswith(".") else f"{sign}{digits}")
    if exponential:
        return number * _power_of_ten(exponent)
    if suffix in _BINARY[1:]:
        return number * 1024 ** _BINARY.index(suffix)
    return number * fractions.Fraction(1000) ** (_DECIMAL.index(suffix or "") - _NANO)


def to_canonical(value: t.Any) -> t.Any:
    """Return the canonical form of a quantity, or another value unchanged."""
    match = _parse(value)
    if match is None:
        return value
    sign, digits, exponential, exponent, suffix = match.groups()
    number = fractions.Fraction(digits if not digits.endswith(".") else f"{digits}0")
    if exponential:
        text = _exponential(number * _power_of_ten(exponent), exponential)
    elif suffix in _BINARY[1:]:
        text = _binary(number * 1024 ** _BINARY.index(suffix))
    else:
        text = _decimal(number * fractions.Fraction(1000) ** (_DECIMAL.index(suffix or "") - _NANO))
    return f"-{text}" if sign == "-" and text != "0" else text


def _round_up(number: fractions.Fraction) -> int:
    """Return the number in billionths, rounded away from zero as in Kubernetes."""
    return -((-number * 10**9) // 1)


def _scale(number: fractions.Fraction) -> tuple[int, int]:
    """Return mantissa and power of 1000, with the largest possible power."""
    mantissa, power = _round_up(number), -_NANO
    while mantissa and mantissa % 1000 == 0 and power < 6:
        mantissa, power = mantissa // 1000, power + 1
    return (mantissa, power) if mantissa else (0, 0)


def _decimal(number: fractions.Fraction) -> str:
    mantissa, power = _scale(number)
    return f"{mantissa}{_DECIMAL[power + _NANO]}"


def _exponential(number: fractions.Fraction, letter: str) -> str:
    mantissa, power = _scale(number)
    return f"{mantissa}{letter}{power * 3}" if power else str(mantissa)


def _binary(number: fractions.Fraction) -> str:
    """Return a binary quantity. Kubernetes writes those below 1024 or with a fraction as decimal quantities."""
    if number < 1024 or number.denominator != 1:
        return _decimal(number)
    mantissa, power = int(number), 0
    while mantissa % 1024 == 0 and power < len(_BINARY) - 1:
        mantissa, power = mantissa // 1024, power + 1
    return f"{mantissa}{_BINARY[power]}"
