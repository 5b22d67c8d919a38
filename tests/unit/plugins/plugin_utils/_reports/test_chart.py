# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.canary import build_canary_report
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.chart import (
    Chart,
    Label,
    Mark,
    Panel,
    build_chart,
    format_value,
)
from example_record import RECORD, event, sample


def draw(lines):
    return build_chart(build_canary_report(lines, "", ""))


def draw_metric(*samples):
    """Return the panel of one metric, without weights."""
    (panel,) = draw(samples).panels
    return panel


def test_chart_of_a_rollout():
    assert draw(RECORD) == Chart(
        panels=[
            Panel(
                title="Weight of the gray version",
                description="The weight of the gray version over time: 0 %, 10 %, 50 %, 0 %.",
                kind="weight",
                line="M0 1000H100V900H400V500H550V1000H1000",
                area="M0 1000H100V900H400V500H550V1000H1000V1000H0Z",
                baseline="",
                limits=[],
                beyond=[],
                marks=[],
                ticks=[Label("100 %", 0.0), Label("50 %", 50.0), Label("0 %", 100.0)],
                limit_labels=[],
            ),
            Panel(
                title="errors",
                description="The metric errors over time: 1 passed, 1 failed, 1 inconclusive; values from 0.1 to 0.8; limits: max 0.5.",
                kind="metric",
                # The first sample has no value.
                line="M300 900L500 200",
                area="",
                baseline="M300 800L500 800",
                limits=["M0 500H300V500H500V500H1000"],
                beyond=[(0.0, 500.0)],
                marks=[
                    Mark(200.0, 1000, "missing", "12:00:40 – inconclusive"),
                    Mark(300.0, 900.0, "passed", "12:01:00 0.1 passed"),
                    Mark(500.0, 200.0, "failed", "12:01:40 0.8 failed"),
                ],
                ticks=[Label("1", 0.0), Label("0.5", 50.0), Label("0", 100.0)],
                limit_labels=[Label("max 0.5", 50.0)],
            ),
        ],
        times=[Label("12:00:00", 0.0), Label("12:01:40", 50.0), Label("12:03:20", 100.0)],
        changes=[0.0, 100.0, 400.0, 550.0],
    )


def test_nothing_to_draw():
    assert draw([]) is None
    assert draw([event(0, "state"), event(10, "decision")]) is None


def test_one_sample_is_in_the_middle_of_a_minute():
    chart = draw([sample(90, 0.25, "passed")])
    assert [label.text for label in chart.times] == ["12:01:00", "12:01:30", "12:02:00"]
    assert chart.panels[0].marks == [Mark(500.0, 583.33, "passed", "12:01:30 0.25 passed")]
    assert chart.panels[0].line == "M500 583.33"
    assert chart.panels[0].limits == ["M0 166.67H1000"]


def test_several_days_have_dates():
    lines = [sample(0, 1, "passed"), {**sample(0, 1, "passed"), "time": "2026-03-03T12:00:00.500Z"}]
    assert [label.text for label in draw(lines).times] == [
        "2026-03-01 12:00:00",
        "2026-03-02 12:00:00",
        "2026-03-03 12:00:00",
    ]


def test_line_has_gaps_where_there_is_no_value():
    values = [0, 1, None, 0, None, 1]
    panel = draw_metric(*[sample(12 * index, value, "passed", max=None) for index, value in enumerate(values)])
    assert panel.line == "M0 1000L200 166.67M600 1000M1000 166.67"
    assert (panel.limits, panel.beyond, panel.limit_labels, panel.baseline) == ([], [], [], "")
    assert [mark.kind for mark in panel.marks] == ["passed", "passed", "missing", "passed", "missing", "passed"]


def test_no_value_at_all():
    panel = draw_metric(*[sample(20 * index, None, "inconclusive", max=None) for index in range(4)])
    assert panel.line == ""
    assert panel.description == "The metric errors over time: 4 inconclusive; no values."
    assert [label.text for label in panel.ticks] == ["1.2", "0.6", "0"]


def test_limits_that_change_are_steps():
    panel = draw_metric(sample(0, 1, "passed", max=2, min=0), sample(60, 1, "passed", max=4, min=0))
    assert panel.limits == ["M0 600H1000V200H1000", "M0 1000H1000V1000H1000"]
    # Only a limit that stays the same has an area beyond it.
    assert panel.beyond == [(1000.0, 0.0)]
    assert panel.limit_labels == [Label("max 4", 20.0), Label("min 0", 100.0)]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.02, 0.03], ["0.0305", "0.025", "0.0195"]),
        ([0, 100], ["120", "60", "0"]),
        ([5, 5], ["6", "3", "0"]),
        ([0, 0], ["1", "0.5", "0"]),
        ([-5, -5], ["\N{MINUS SIGN}2.5", "\N{MINUS SIGN}5", "\N{MINUS SIGN}7.5"]),
        ([-10, 10], ["11", "0", "\N{MINUS SIGN}11"]),
        ([1, 9.9], ["12", "6", "0"]),
    ],
)
def test_range_of_values(values, ticks):
    lines = [sample(60 * index, value, "passed", max=None) for index, value in enumerate(values)]
    assert [label.text for label in draw_metric(*lines).ticks] == ticks


def test_many_metrics_have_one_panel_each():
    lines = [sample(index, 1, "passed", metric=f"metric {index}") for index in range(50)]
    assert [panel.title for panel in draw(lines).panels] == [f"metric {index}" for index in range(50)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (0.123456, "0.1235"),
        (-2, "\N{MINUS SIGN}2"),
        (123456, "1.235e+05"),
        (1e20, "1.000e+20"),
    ],
)
def test_format_value(value, text):
    assert format_value(value) == text
