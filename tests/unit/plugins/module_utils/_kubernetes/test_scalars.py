# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The expected values are those that kubectl 1.32 printed, unless an error is expected."""

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.scalars import (
    DATE,
    ScalarError,
    parse_plain_scalar,
    parse_tagged_scalar,
)

TEXTS = """22:30 9022:22 1:30:15 -1:30 1:30.5 08:30 10:00:00 1_2:3 0o8 +-1 _1 ._5 .5_ .5__5 .5_e1 0x 0xG 0b 0o 0b2 -0b-1 0x1p4 0x1P-2 0x1.5 0o17.5
. .. .e1 .0x1 .5e 1e 1e+ 1e3.5 1.2.3 1.5. 1,000 --1 ++1 + - +~ ~x 1-2 1e400 -1e400 1E400 .1e400 1.7976931348623159e308 inf nan NaN Infinity
-Infinity +inf -inf +nan .iNF .Nan -.nan yEs nO oN oFF tRUE fALSE nULL nil none = << 2026-1-3 2026-01-31T10:00 \u0661 v1.20 !x"""
REFUSED = {
    "JSON has no such number: put it in quotes": ".inf .Inf .INF +.inf +.Inf -.INF .nan .NaN .NAN",
    "the number has more than 64 bits: put it in quotes": (
        "9223372036854775808 -9223372036854775809 18446744073709551615 100000000000000000000 0xFFFFFFFFFFFFFFFFFF "
        "0777777777777777777777777 0o7777777777777777777777"
    ),
    DATE: "2026-01-31 2026-99-99 2026-01-31T10:00:00Z 2001-12-14t21:59:43.10-05:00 2026-1-3T1:00:00",
    "the number is too long: put it in quotes": f"{'9' * 401} 0.{'9' * 400} 0x{'f' * 400} .{'1' * 401} 1{'_' * 9}{'0' * 400}",
}
TYPE = "the value does not fit its tag"


@pytest.mark.parametrize("text", TEXTS.split())
def test_scalar_is_text(text):
    assert parse_plain_scalar(text) == text


@pytest.mark.parametrize("text", ["1 2", "2026-01-31 x", "22:30 ", "9" * 5000 + "x"])
def test_scalar_with_more_characters_is_text(text):
    assert parse_plain_scalar(text) == text


@pytest.mark.parametrize("text", "y Y yes Yes YES true True TRUE on On ON".split())
def test_scalar_is_true(text):
    assert parse_plain_scalar(text) is True


@pytest.mark.parametrize("text", "n N no No NO false False FALSE off Off OFF".split())
def test_scalar_is_false(text):
    assert parse_plain_scalar(text) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_scalar_is_null(text):
    assert parse_plain_scalar(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0), ("00", 0), ("-0", 0), ("+0", 0), ("+1", 1), ("-1", -1)),
        *(("0644", 420), ("0o644", 420), ("0O17", 15), ("-0o17", -15), ("+0o17", 15), ("0123", 83), ("-0123", -83)),
        *(
            ("08", 8),
            ("-08", -8),
            ("0_8", 8),
            ("0_7", 7),
            ("0__7", 7),
            ("1_000", 1000),
            ("1_", 1),
            ("1__0", 10),
            ("+_1", 1),
        ),
        *(("0x1F", 31), ("0X1f", 31), ("-0x1F", -31), ("0x_1F", 31), ("0xDEAD_BEEF", 3735928559), ("-_0x1", -1)),
        *(("0b11", 3), ("0B11", 3), ("-0b11", -3), ("+0b1", 1), ("0b_1", 1), ("0b-1", -1), ("0b+1", 1)),
        *(
            ("1e3", 1000),
            ("1E3", 1000),
            ("1e+3", 1000),
            ("1.", 1),
            ("1.e1", 10),
            ("1.0", 1),
            ("-0.0", 0),
            ("12e03", 12000),
        ),
        *(("1e-400", 0), ("1e1_0", 10**10), (".5e1_0", 5 * 10**9), ("+.5e1", 5), ("1e18", 10**18)),
        *(("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63))),
        ("9007199254740993e3", 9007199254740993000),
        ("1234567890123456789e0", 1234567890123456800),
    ],
)
def test_scalar_is_integer(text, value):
    found = parse_plain_scalar(text)
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((".5", 0.5), ("-.5", -0.5), ("+.5", 0.5), (".5_5", 0.55), ("-.5_5", -0.55), ("09.5", 9.5), ("010.5", 10.5)),
        *(
            ("1.10", 1.1),
            ("1_000.5", 1000.5),
            ("1.5_5", 1.55),
            ("1e-7", 1e-7),
            ("0.30000000000000004", 0.30000000000000004),
        ),
        *(("6.02E+23", 6.02e23), ("1e20", 1e20), ("1e19", 1e19), ("5e-324", 5e-324)),
        ("1.7976931348623157e308", 1.7976931348623157e308),
    ],
)
def test_scalar_is_fraction_or_beyond_64_bits(text, value):
    found = parse_plain_scalar(text)
    assert (found, type(found)) == (value, float)


@pytest.mark.parametrize(
    ("problem", "text"), [(problem, text) for problem in REFUSED for text in REFUSED[problem].split()]
)
def test_scalar_needs_quotes(problem, text):
    with pytest.raises(ScalarError) as caught:
        parse_plain_scalar(text)
    assert str(caught.value) == problem


def test_date_with_space_needs_quotes():
    for text in ("2001-12-14 21:59:43.10 -5", "2026-01-31 10:00:00"):
        with pytest.raises(ScalarError, match="put it in quotes"):
            parse_plain_scalar(text)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        *(
            ("int", "5", 5),
            ("int", "0o17", 15),
            ("int", "1_0", 10),
            ("float", "1", 1),
            ("float", "0x10", 16),
            ("float", "08", 8),
        ),
        *(
            ("float", "1.5", 1.5),
            ("float", "9007199254740993", 9007199254740992),
            ("bool", "on", True),
            ("bool", "N", False),
        ),
        *(("null", "~", None), ("null", "", None)),
    ],
)
def test_scalar_fits_its_tag(tag, text, value):
    found = parse_tagged_scalar(text, f"tag:yaml.org,2002:{tag}")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        *(
            ("int", "1.0"),
            ("int", "1:30"),
            ("int", "08"),
            ("int", "y"),
            ("int", ""),
            ("int", "2026-01-31"),
            ("int", "1e3"),
        ),
        *(
            ("float", "x"),
            ("float", ""),
            ("float", "true"),
            ("bool", "1"),
            ("bool", "yEs"),
            ("null", "x"),
            ("null", "0"),
        ),
    ],
)
def test_scalar_does_not_fit_its_tag(tag, text):
    with pytest.raises(ScalarError) as caught:
        parse_tagged_scalar(text, f"tag:yaml.org,2002:{tag}")
    assert str(caught.value) == TYPE
