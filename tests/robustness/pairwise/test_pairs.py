# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same plays under all pairs of the emulator's switches: what the vendor leaves open matters in no combination of two."""

from __future__ import annotations

import dataclasses
import types
import typing as t

import covering
import life_cycles
import pytest
from harness import EXECUTION_MODE, Player

ROWS = covering.rows()
EXECUTION_MODES = ("in process", "as modules")
# A few from everywhere are enough for every day.
FEW = {
    *range(0, len(ROWS), -(-len(ROWS) // 2)),
    next(number for number, row in enumerate(ROWS) if life_cycles.keeps_another(row) and life_cycles.refuses(row)),
}


def test_all_pairs_are_covered(tally: t.Any) -> None:
    """Also without the rows in which a task has to fail."""
    every, sound = covering.values(True), covering.values(False)
    clean = [row for row in ROWS if all(row[name] != value for name, value in covering.SPOILING.items())]
    lacking = covering.missing(every, ROWS), covering.missing(sound, clean)
    tally.add("pairs of values covered", covering.pairs(every), covering.pairs(every) - len(lacking[0]))
    tally.add(
        "pairs of values that let all tasks succeed", covering.pairs(sound), covering.pairs(sound) - len(lacking[1])
    )
    assert lacking == ([], [])


def test_missing_row_leaves_pairs_uncovered() -> None:
    """The check itself can fail."""
    assert covering.missing(covering.values(True), ROWS[1:]) != []


def test_values_are_those_of_the_emulator(server: t.Any) -> None:
    found = {
        switch["name"]: {switch["default"], *switch["alternatives"]}
        for switch in server.behaviors()
        if switch["name"] not in covering.NOT_COVERED
    }
    assert {name: set(known) for name, known in covering.values(True).items()} == found


class Lived:
    """What two looks and one task of a course would tell."""

    def __init__(self, record: t.Any, before: dict[str, str], after: dict[str, str]) -> None:
        self._record, self._looks = record, {"before the end": before, "after the refusal": after}
        self.case = types.SimpleNamespace(behaviors={"terminated_releases": "stay", "release_key": "both"})

    def __getitem__(self, step: str) -> t.Any:
        assert step == life_cycles.REFUSED
        return self._record

    def stores(self, step: str) -> dict[str, t.Any]:
        return {"releases": {uid: {"state": state} for uid, state in self._looks[step].items()}}


def test_refusal_that_ends_a_resource_is_detected() -> None:
    """The check itself can fail: by what is told, what was asked, and what is left."""
    before = {"one": "running", "other": "ended"}
    path = "/v2/meshes/m/namespaces/default/releases"
    calls = [{"method": "DELETE", "status": 400, "path": f"{path}/one"}]
    by_name = [*calls, {**calls[0], "path": f"{path}/canary"}]
    task_result = {"failed": True, "changed": False, "msg": "", "writes": calls}
    life_cycles.check_refusal(t.cast(t.Any, Lived(types.SimpleNamespace(**task_result), before, before)))
    wrong = [
        {"failed": False},
        {"changed": True},
        {"writes": []},
        {"writes": [{**calls[0], "status": 200}]},
        {"writes": [{**calls[0], "status": 404}]},
        {"writes": calls * 2},
        {"writes": by_name},
    ]
    for record, after in [
        *(({**task_result, **one}, before) for one in wrong),
        (task_result, {"one": "running"}),
        (task_result, {**before, "one": "ending"}),
    ]:
        with pytest.raises(AssertionError):
            life_cycles.check_refusal(t.cast(t.Any, Lived(types.SimpleNamespace(**record), before, after)))


def test_there_are_rows_with_an_ended_release_beside_another() -> None:
    """And rows in which endings are refused, and rows with both."""
    assert sum(map(life_cycles.keeps_another, ROWS)) > 2 and sum(map(life_cycles.refuses, ROWS)) > 2
    assert any(life_cycles.keeps_another(ROWS[number]) and life_cycles.refuses(ROWS[number]) for number in FEW)


@pytest.mark.parametrize("way", EXECUTION_MODES)
@pytest.mark.parametrize("number", range(len(ROWS)))
def test_row(number: int, way: str, play: Player, whole: bool, tally: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not whole and (number not in FEW or way != EXECUTION_MODES[0]):
        pytest.skip("a part of the whole")
    monkeypatch.setitem(EXECUTION_MODE, "HW_IN_PROCESS", "1" if way == EXECUTION_MODES[0] else "0")
    held = 0
    try:
        scenario = life_cycles.play(play, f"row {number}", ROWS[number])
        # As the row has them, and not as the emulator was told.
        life_cycles.check(
            dataclasses.replace(scenario, case=dataclasses.replace(scenario.case, behaviors=dict(ROWS[number])))
        )
        held = 1
    finally:
        tally.add(f"rows {way}", 1, held)
