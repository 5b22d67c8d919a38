# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The estimate of larger runs from measured ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = str(Path(__file__).resolve().parents[3] / "tests" / "bench")


@pytest.fixture(autouse=True)
def bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the modules of the benchmarks importable."""
    monkeypatch.syspath_prepend(BENCH)
    for name in ("estimate", "targets", "runner", "memory"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_line_through_two_runs() -> None:
    import estimate
    from targets import TargetRun

    few = TargetRun("unchanged", 50, 4, 50, 12.0, 110.0, 20.0)
    many = TargetRun("unchanged", 200, 4, 200, 42.0, 140.0, 60.0)
    assert estimate.fit(few, many) == estimate.Growth(2.0, 0.2, 100.0, 0.2)


def test_slices_and_the_rate_limit() -> None:
    import estimate
    from targets import TargetRun

    growth = estimate.Growth(2.0, 0.2, 100.0, 0.2)
    slow = estimate.estimate(growth, TargetRun("unchanged", 200, 4, 400, 42.0, 140.0, 60.0))
    assert slow == estimate.Estimate(500.0, 20_000.0, 102.0, 20_000 / 102, 100.0, 200.0, 150.0)
    assert slow.duration == 102.0
    limited = estimate.estimate(growth, TargetRun("changed", 200, 4, 800, 42.0, 140.0, 60.0))
    assert (limited.limited_seconds, limited.duration) == (200.0, 200.0)


@pytest.mark.parametrize(
    ("few", "changed"),
    [
        # With fewer targets, the run takes longer, or more memory, or the line begins below 0.
        ((50.0, 110.0), 52.0),
        ((12.0, 150.0), 52.0),
        ((5.0, 110.0), 52.0),
        ((12.0, 30.0), 52.0),
        # The start takes longer than a whole run.
        ((40.0, 110.0), 30.0),
    ],
)
def test_page_has_no_table_from_runs_that_contradict_each_other(few: tuple[float, float], changed: float) -> None:
    import estimate
    from targets import TargetRun

    runs = [
        TargetRun("unchanged", 200, 4, 400, 42.0, 140.0, 60.0),
        TargetRun("changed", 200, 4, 600, changed, 140.0, 70.0),
        TargetRun("unchanged", 50, 4, 100, *few, 20.0),
        TargetRun("check", 200, 4, 0, 20.0, 100.0, 30.0),
    ]
    measured, computed = estimate.render_page(runs, {"Date": "2026-01-02"}).split("## Growth")
    assert "| `site`, nothing to change | 200 | 4 | 400 | 42.0 | 60.0 | 140 |" in measured
    assert "An estimate is not possible, because the measured runs contradict each other" in computed
    assert [part for part in ("|", "##", "seconds =") if part in computed] == []


def test_page_separates_measured_from_computed_numbers() -> None:
    import estimate
    from targets import TargetRun

    runs = [
        TargetRun("unchanged", 200, 1, 400, 80.0, 120.0, 60.0),
        TargetRun("unchanged", 200, 4, 400, 42.0, 140.0, 60.0),
        TargetRun("changed", 200, 4, 600, 52.0, 140.0, 70.0),
        TargetRun("unchanged", 50, 4, 100, 12.0, 110.0, 20.0),
        TargetRun("check", 200, 4, 0, 20.0, 100.0, 30.0),
    ]
    measured, computed = estimate.render_page(runs, {"Date": "2026-01-02"}).split("## Growth")
    assert "| `site`, nothing to change | 200 | 4 | 400 | 42.0 | 60.0 | 140 |" in measured
    assert "Computed" not in measured
    assert "- seconds = 2.0 + 0.200 for each target" in computed
    assert "| requests of all nodes | 20,000 | 30,000 |" in computed
    assert "| seconds of a slice without a rate limit | 102 | 127 |" in computed
    assert "| seconds of the whole, the larger of both | 102 | 150 |" in computed
    assert "At 0.100 s for each target, this takes 1,000 s for 10,000 targets." in computed
