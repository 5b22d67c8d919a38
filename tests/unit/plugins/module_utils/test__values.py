# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _values


@pytest.mark.parametrize(
    "value, text", [(0, "0"), ("0", "0"), (None, None), ("", ""), (17, "17"), (17.0, "17"), (1.18, "1.18")]
)
def test_id_is_text(value, text):
    assert _values.to_text(value) == text


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("INTERNAL", "internal", True),
        ("Running", "RUNNING", True),
        ("public", "private", False),
        (None, "none", True),
        (1, "1", True),
    ],
)
def test_enumeration_values_ignore_case(one, other, same):
    assert _values.equals_ignore_case(one, other) is same


TIMES = [
    ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
    ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z"),
    ("2026-01-02T03:04:05", "2026-01-02T03:04:05Z"),
    ("2026-01-02 03:04:05 UTC", "2026-01-02T03:04:05Z"),
    (" 2026-01-02T03:04:05Z\n", "2026-01-02T03:04:05Z"),
    ("2026-01-02T03:04:05.678000Z", "2026-01-02T03:04:05.678Z"),
    ("2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500Z"),
    ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123Z"),
    ("2026-01-02T11:04:05+08:00", "2026-01-02T03:04:05Z"),
    ("2026-01-02T11:04:05 +0800", "2026-01-02T03:04:05Z"),
    ("2026-01-01T23:34:05-03:30", "2026-01-02T03:04:05Z"),
    ("2026-01-02 03:04:05 GMT", "2026-01-02T03:04:05Z"),
    # The format of Go.
    ("2026-06-25 16:30:00.5 +0800 CST", "2026-06-25T08:30:00.500Z"),
    ("2026-01-02 03:04:05.123456789 +0000 UTC", "2026-01-02T03:04:05.123Z"),
    ("2026-01-02 06:34:05 +0330 +0330", "2026-01-02T03:04:05Z"),
    # Milliseconds, as a number and as text.
    (1767323045000, "2026-01-02T03:04:05Z"),
    (1767323045678, "2026-01-02T03:04:05.678Z"),
    (1767323045678.0, "2026-01-02T03:04:05.678Z"),
    ("1767323045678", "2026-01-02T03:04:05.678Z"),
    (" 1767323045678 ", "2026-01-02T03:04:05.678Z"),
    (100000000000, "1973-03-03T09:46:40Z"),
    # Seconds.
    (0, "1970-01-01T00:00:00Z"),
    (-1, "1969-12-31T23:59:59Z"),
    (1767323045, "2026-01-02T03:04:05Z"),
    (1767323045.5, "2026-01-02T03:04:05.500Z"),
    ("1767323045", "2026-01-02T03:04:05Z"),
    (99999999999, "5138-11-16T09:46:39Z"),
    # The zero value of a Go server.
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
]
NO_TIMES = [
    "yesterday",
    "2026-01-02",
    "2026-13-45T03:04:05Z",
    "2026-01-02T25:00:00Z",
    "2026-01-02T03:04:05+99:99",
    "0001-01-01T00:00:00+08:00",
    "fooZ",
]
NO_TIMES += [
    "2026-01-02 03:04:05 CST",
    "2026-01-02 03:04:05 +0800 China Standard Time",
    "20260102",
    "20260102030405",
    "\u0661" * 10,
    "9" * 5000,
]


@pytest.mark.parametrize("value, text", TIMES)
def test_time_becomes_rfc_3339_in_utc(value, text):
    assert _values.format_time(value) == text


@pytest.mark.parametrize("value", NO_TIMES)
def test_other_text_is_unchanged(value):
    assert _values.format_time(value) == value


@pytest.mark.parametrize(
    "value, text",
    [
        (10**18, "1000000000000000000"),
        (10**30, "1" + "0" * 30),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_number_outside_of_the_calendar_is_unchanged(value, text):
    assert _values.format_time(value) == text


@pytest.mark.parametrize("value", [None, ""])
def test_missing_time_is_none(value):
    assert _values.format_time(value) is None


@pytest.mark.parametrize(
    "value, moment",
    [
        ("2026-01-02T03:04:05Z", dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)),
        ("2026-01-02T11:04:05.250+08:00", dt.datetime(2026, 1, 2, 3, 4, 5, 250000, tzinfo=dt.timezone.utc)),
        ("", None),
        ("yesterday", None),
        ("fooZ", None),
        ("2026-13-45T03:04:05Z", None),
    ],
)
def test_text_is_parsed_as_time(value, moment):
    assert _values.parse_moment(value) == moment


@pytest.mark.parametrize(
    "value, seconds",
    [
        (30, 30.0),
        (0.5, 0.5),
        ("30", 30.0),
        (" 1.5 ", 1.5),
        ("500ms", 0.5),
        ("30s", 30.0),
        ("5m", 300.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        ("2d", 172800.0),
        (0, 0.0),
        (1e8, 1e8),
    ],
)
def test_durations(value, seconds):
    assert _values.parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value", ["", "soon", "5 m", "5x", "m", "-5s", "5s later", "1e3", "٥", -1, 1e8 + 1, float("nan"), True]
)
def test_values_that_are_not_durations(value):
    with pytest.raises(ValueError, match="^must be a duration, for example 30, 30s, 5m or 2h$"):
        _values.parse_duration(value)


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0s"), (0.25, "250ms"), (45, "45s"), (60, "1m"), (5400, "1h30m"), (90061, "1d1h1m1s"), (1.5, "1s500ms")],
)
def test_format_duration(seconds, text):
    assert _values.format_duration(seconds) == text
    assert _values.parse_duration(text) == seconds


@pytest.mark.parametrize(
    "host, loopback",
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("192.0.2.1", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_loopback(host, loopback):
    assert _values.is_loopback(host) is loopback


def test_identity_cache_makes_each_value_once():
    made = []

    def make(key):
        made.append(key)
        return list(key)

    cache = _values.IdentityCache(make)
    one, equal = {"a": 1}, {"a": 1}
    assert cache.get(one) is cache.get(one)
    assert cache.get(equal) is not cache.get(one)
    assert [key is expected for key, expected in zip(made, [one, equal])] == [True, True]
    assert len(made) == 2


def test_identity_cache_holds_its_keys():
    # Without a reference, a new object may get the identity of a deleted one.
    cache = _values.IdentityCache(dict)
    for number in range(100):
        assert cache.get({"number": number}) == {"number": number}


def test_identity_cache_keeps_no_failure():
    failures = [ValueError("no")]

    def make(key):
        if failures:
            raise failures.pop()
        return key

    cache = _values.IdentityCache(make)
    key = {}
    with pytest.raises(ValueError, match="no"):
        cache.get(key)
    assert cache.get(key) is key
