# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes quantities in canonical form: ``1000m`` is ``1``, ``1024Mi`` is ``1Gi``.

No precision is lost, no fraction is written, and the suffix is the largest possible.
"""

from __future__ import annotations

import fractions
import re
import typing as t

_FORM = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:([eE])([+-]?[0-9]+)|(n|u|m|k|[KMGTPE]i|[MGTPE])?)")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_LONGEST = 1000
_LARGEST_EXPONENT = 100
_NANO = 3  # how far the decimal suffixes reach below one


def _parse(value: t.Any) -> re.Match[str] | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    # The time for a match grows with the square of the length.
    text = str(value).strip()
    return _FORM.fullmatch(text) if len(text) <= _LONGEST else None


def _power_of_ten(exponent: str) -> fractions.Fraction:
    """Kubernetes stores nothing beyond 2**63, so a larger exponent is not worth the arithmetic."""
    return fractions.Fraction(10) ** max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, int(exponent)))


def amount(value: t.Any) -> fractions.Fraction | None:
    """Return the number that a quantity stands for, or ``None`` if it is not a quantity."""
    found = _parse(value)
    if found is None:
        return None
    sign, digits, exponential, exponent, suffix = found.groups()
    number = fractions.Fraction(f"{sign}{digits}0" if digits.endswith(".") else f"{sign}{digits}")
    if exponential:
        return number * _power_of_ten(exponent)
    if suffix in _BINARY[1:]:
        return number * 1024 ** _BINARY.index(suffix)
    return number * fractions.Fraction(1000) ** (_DECIMAL.index(suffix or "") - _NANO)


def canonical(value: t.Any) -> t.Any:
    """The canonical text of a quantity; anything that is none comes back as it is."""
    found = _parse(value)
    if found is None:
        return value
    sign, digits, exponential, exponent, suffix = found.groups()
    number = fractions.Fraction(digits if not digits.endswith(".") else f"{digits}0")
    if exponential:
        text = _exponential(number * _power_of_ten(exponent), exponential)
    elif suffix in _BINARY[1:]:
        text = _binary(number * 1024 ** _BINARY.index(suffix))
    else:
        text = _decimal(number * fractions.Fraction(1000) ** (_DECIMAL.index(suffix or "") - _NANO))
    return f"-{text}" if sign == "-" and text != "0" else text


def _rounded_up(number: fractions.Fraction) -> int:
    """In billionths, the finest there is; Kubernetes rounds away from zero."""
    return -((-number * 10**9) // 1)


def _scaled(number: fractions.Fraction) -> tuple[int, int]:
    """Mantissa and power of 1000, the power as large as possible."""
    mantissa, power = _rounded_up(number), -_NANO
    while mantissa and mantissa % 1000 == 0 and power < 6:
        mantissa, power = mantissa // 1000, power + 1
    return (mantissa, power) if mantissa else (0, 0)


def _decimal(number: fractions.Fraction) -> str:
    mantissa, power = _scaled(number)
    return f"{mantissa}{_DECIMAL[power + _NANO]}"


def _exponential(number: fractions.Fraction, letter: str) -> str:
    mantissa, power = _scaled(number)
    return f"{mantissa}{letter}{power * 3}" if power else str(mantissa)


def _binary(number: fractions.Fraction) -> str:
    """Below 1024, and with a fraction, a binary quantity is written as a decimal one."""
    if number < 1024 or number.denominator != 1:
        return _decimal(number)
    mantissa, power = int(number), 0
    while mantissa % 1024 == 0 and power < len(_BINARY) - 1:
        mantissa, power = mantissa // 1024, power + 1
    return f"{mantissa}{_BINARY[power]}"
