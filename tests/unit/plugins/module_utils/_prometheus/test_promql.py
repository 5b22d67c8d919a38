# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.promql import (
    find_lookback,
    find_placeholders,
    format_range,
    insert_window,
)


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("up", 0),
        ("rate(a[5m])", 300),
        ("rate(a[5m]) / rate(b[1m])", 300),
        ("rate(a[ 1h30m ])", 5400),
        ("rate(a[500ms])", 0.5),
        ("rate(a[300])", 300),
        ("rate(a[1d]) + rate(b[2w]) + rate(c[1y])", 31536000),
        ("rate(a[5m] offset 1h)", 3900),
        ("rate(a[5m] @ 1609746000 offset 10m)", 900),
        ("rate(a[5m] @ end() OFFSET 10m)", 900),
        ("rate(a[5m] offset -1h)", 300),
        ("max_over_time(rate(a[5m])[30m:1m])", 2100),
        ("max_over_time(rate(a[5m])[30m:])", 2100),
        ("max_over_time(up[30m:1m])", 1800),
        ("rate(c[1h]) > max_over_time((rate(a[5m]) + (rate(b[10m])))[30m:1m] offset 5m)", 3600),
        ("max_over_time((rate(a[5m]) + (rate(b[10m])))[30m:1m] offset 5m)", 2700),
        ('rate(a{path="[1h]"}[5m])', 300),
        ("rate(a{path='[1h]'}[5m]) # [2h]", 300),
        ("rate(a{path=`[1h]`}[5m])", 300),
        ('rate(a{path="\\"[1h]"}[5m])', 300),
        ("rate(a[$window])", 0),
        ("rate(a[5x])", 0),
        ("a)[5m]", 300),
    ],
)
def test_lookback(query, seconds):
    assert find_lookback(query) == seconds


def test_window_replaces_its_placeholder_outside_of_strings():
    query = 'rate(a{b="$window"}[$window]) + rate(c[${window}]) + rate(d{e=~"x$"}[$windows])'
    expected = 'rate(a{b="$window"}[90s]) + rate(c[90s]) + rate(d{e=~"x$"}[$windows])'
    assert insert_window(query, 90) == expected
    assert insert_window(query, None) == query


def test_placeholders():
    assert find_placeholders('a[$window] + b[${window}] + c{d="$e"} + $f') == {"window", "f"}
    assert find_placeholders("a[5m]") == set()


@pytest.mark.parametrize(("seconds", "text"), [(90, "90s"), (0.25, "250ms"), (1.5, "1500ms")])
def test_format_range(seconds, text):
    assert format_range(seconds) == text
