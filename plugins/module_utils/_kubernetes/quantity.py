# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Kubernetes quantities (``100m``, ``64Mi``, ``1e3``) as exact numbers."""

from __future__ import annotations

import re
import typing as t
from fractions import Fraction

# The grammar of k8s.io/apimachinery/pkg/api/resource: a signed decimal number, then a decimal exponent, a decimal suffix
# or a binary suffix. "1E" is one exa, "1E3" a thousand.
_QUANTITY = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i))?")
_SUFFIXES: dict[str, Fraction] = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    **{suffix: Fraction(1000**power) for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), start=1)},
    **{suffix: Fraction(1024**power) for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}
# Kubernetes stores numbers below 2**63. Longer text is not parsed, to save time.
_LONGEST = 64
_LONGEST_TEXT = 1000
_BLANKS = " \t\r\n"
_LARGEST_EXPONENT = 100


def parse_quantity(value: t.Any) -> Fraction | None:
    """Return the number that a quantity represents, or ``None`` for other values, such as booleans and infinity.

    Floats are read as they are printed, so that ``0.1`` equals ``100m``.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = value if isinstance(value, str) else repr(value)
    if len(text) > _LONGEST:
        return None
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    if exponent is None:
        return Fraction(_strip_point(number)) * _SUFFIXES.get(suffix, Fraction(1))
    if abs(int(exponent)) > _LARGEST_EXPONENT:
        return None
    return Fraction(_strip_point(number)) * Fraction(10) ** int(exponent)


def is_quantity(value: t.Any) -> bool:
    """Return whether Kubernetes accepts ``value`` as a quantity. Kubernetes ignores blanks around the text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    text = value.strip(_BLANKS) if isinstance(value, str) else repr(value)
    # The time for a match grows with the square of the length.
    return len(text) <= _LONGEST_TEXT and _QUANTITY.fullmatch(text) is not None


def _strip_point(number: str) -> str:
    # Fraction() of Python 3.9 accepts ".5" but not "5.".
    return number.rstrip(".")
