# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from fractions import Fraction

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import (
    _strip_point,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1", 1),
        ("1000m", 1),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("+2k", 2000),
        ("-1", -1),
        ("100n", Fraction(1, 10**7)),
        ("3u", Fraction(3, 10**6)),
        ("1M", 10**6),
        ("1G", 10**9),
        ("1T", 10**12),
        ("1P", 10**15),
        ("1E", 10**18),
        ("1E3", 1000),
        ("1e3", 1000),
        ("12e-1", Fraction(6, 5)),
        ("1Ki", 1024),
        ("1.5Mi", 1572864),
        ("1Gi", 2**30),
        ("1Ti", 2**40),
        ("1Pi", 2**50),
        ("1Ei", 2**60),
        (2, 2),
        (0, 0),
        (0.1, Fraction(1, 10)),
        (1e22, 10**22),
    ],
)
def test_quantity_is_an_exact_number(value, number):
    assert parse_quantity(value) == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 1",
        "1 ",
        "m",
        "1mm",
        "1ki",
        "1KI",
        "1e",
        "e3",
        "1,5",
        "0x10",
        "1_000",
        "\u0661",
        "1\n",
        "v2",
        None,
        True,
        [],
        {},
        float("nan"),
        float("inf"),
    ],
)
def test_other_values_are_none(value):
    assert parse_quantity(value) is None


@pytest.mark.parametrize("value", ["1e999999999", "1e-999999999", "9" * 100_000, "1e101"])
def test_huge_quantities_are_refused_quickly(value):
    assert parse_quantity(value) is None


def test_different_notations_are_equal():
    assert len({parse_quantity(value) for value in ("1", "1000m", 1, 1.0, "1e0", "0.001k", "1000000u")}) == 1


def test_longest_and_largest_quantity():
    assert parse_quantity("0" * 63 + "1") == 1
    assert parse_quantity("0" * 64 + "1") is None
    assert parse_quantity("1e100") == 10**100
    assert parse_quantity("1e101") is None


@pytest.mark.parametrize(("text", "plain"), [("5.", "5"), (".5", ".5"), ("5", "5")])
def test_number_is_valid_in_python_3_9(text, plain):
    assert _strip_point(text) == plain
