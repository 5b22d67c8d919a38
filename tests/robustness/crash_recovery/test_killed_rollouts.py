# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollout whose run is killed after each of its writes. The next run must continue where it was, without a jump of the traffic."""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import pytest
from harness import Emulator
from selection import require_library

require_library("kubernetes")

from canary_rollouts import CanaryModule, Data, Killed  # noqa: E402

STEPS = [{"weight": 10}, {"weight": 100}]


class Scenario(t.NamedTuple):
    """A rollout, the command of the run that is killed, and what must be true after the next run."""

    errors: float
    action: str
    results: tuple[str, ...]
    weights: list[int]
    ends: list[str]
    prepare: tuple[Data, ...] = ()


SCENARIOS = {
    "promoted": Scenario(0.01, "run", ("promoted", "finished"), [0, 10, 100], ["end"]),
    "rolled back": Scenario(0.5, "run", ("rolled_back",), [0, 10, 0], ["cancel"]),
    "rolled back on request": Scenario(
        0.01,
        "rollback",
        ("rolled_back",),
        [0, 10, 0],
        ["cancel"],
        ({"steps": [{"weight": 10, "approval": True}, *STEPS[1:]]},),
    ),
}
# Writes after which the representative part kills the run: the routes are pinned, the release exists, the state is analyzing.
SOME = (2, 3, 8)


def run_killed(canary: CanaryModule, scenario: Scenario, number: int) -> bool:
    """Run the rollout and kill it after that number of writes. Return whether there were so many."""
    canary.write(steps=STEPS)
    canary.set_errors(scenario.errors)
    for changes in scenario.prepare:
        canary.write(**changes)
        assert canary.run()["canary_state"] == "waiting"
    try:
        canary.run(scenario.action, kill_after=number)
    except Killed:
        return True
    return False


def find_problems(canary: CanaryModule, scenario: Scenario) -> list[str]:
    """Run the rollout again, and return what is wrong afterwards."""
    result = canary.run(scenario.action)
    changes = canary.changes()
    found = []
    if result["canary_state"] not in scenario.results:
        found.append(f"{result['canary_state']}: {result['msg']}")
    if changes.count("create") != 1 or [word for word in changes if word in ("end", "cancel")] != scenario.ends:
        found.append(f"requests to ASM: {changes}")
    if canary.gray_weights() != scenario.weights:
        found.append(f"weights: {canary.gray_weights()}")
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_rollouts(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tally, whole: bool, name: str
) -> None:
    scenario, found = SCENARIOS[name], []
    for number in itertools.count(1) if whole else SOME:
        emulator.reset()
        with monkeypatch.context() as patch:
            canary = CanaryModule(emulator, tmp_path, patch)
            if not run_killed(canary, scenario, number):
                break
            problems = find_problems(canary, scenario)
        tally.add("killed rollouts", 1, int(not problems))
        found += [f"write {number}: {problem}" for problem in problems]
    assert not found, "\n".join(found)
