# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollouts under all pairs of the emulator's behaviors of the Kubernetes API: the traffic is safe in each of them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import covering
import pytest
from covering import Row
from harness import Emulator
from selection import require_library

require_library("kubernetes")

from canary_rollouts import VIRTUAL_SERVICE, CanaryModule, Data  # noqa: E402

ROWS = covering.rollout_rows()
# The first row has all defaults. The others have both outcomes of a rollout, and a refused one.
FEW = (0, 1, 2, 5)
NAMES = {"virtual_services": ["reviews"], "destination_rule": "reviews"}
TOKEN = "CANARY-cluster-token"


def expect(row: Row) -> str:
    """Return the result of the first run."""
    if row["cluster_access"] in ("unauthorized", "forbidden"):
        return "unknown"
    if row["deployment_controller"] == "stopped":
        # Without a controller, no Deployment has pods, so the original version cannot receive the traffic.
        return "failed"
    return "waiting" if row["gray_pods"] == "ready" else "rolled_back"


def write_file(canary: CanaryModule, row: Row) -> None:
    """Write a rollout file for the access that the row allows."""
    canary.write(step_timeout="2s")
    traffic = canary.content["traffic"]
    traffic.update(NAMES if row["cluster_access"] == "namespaced" else {})
    if row["cluster_access"] == "token":
        traffic["connection"]["api_key"] = TOKEN


def finish(canary: CanaryModule, number: int) -> tuple[str, list[int], list[str]]:
    """Promote a waiting rollout, or roll it back. Return the result, and the weights and the end that it must have."""
    if number % 2:
        return canary.run("rollback")["canary_state"], [0, 10, 50, 0], ["cancel"]
    return canary.run("approve", step=2)["canary_state"], [0, 10, 50, 100], ["end"]


def check(canary: CanaryModule, row: Row, number: int) -> None:
    """Run a rollout, and assert its results, its weights, and its requests to ASM."""
    result = canary.run()
    assert result["canary_state"] == expect(row), result["msg"]
    weights: list[int] = []
    ends: list[str] = []
    if expect(row) == "waiting":
        final, weights, ends = finish(canary, number)
        assert final == ("rolled_back" if number % 2 else "promoted")
    elif expect(row) == "rolled_back":
        weights, ends = [0], ["cancel"]
    changes = [word for word in canary.changes() if word in ("create", "end", "cancel")]
    assert changes == (["create", *ends] if ends else [])
    assert canary.gray_weights() == weights
    again: Data = canary.run("status")
    assert again["canary_state"] == {"end": "promoted", "cancel": "rolled_back"}.get(
        "".join(ends), again["canary_state"]
    )


def test_all_pairs_are_covered(tally: t.Any) -> None:
    known = covering.rollout_values()
    lacking = covering.missing(known, ROWS)
    tally.add("pairs of values covered by rollouts", covering.pairs(known), covering.pairs(known) - len(lacking))
    assert lacking == []
    assert set(known) >= {behavior.name for behavior in covering.CLUSTER}


def test_rows_have_all_results() -> None:
    assert {expect(row) for row in ROWS} == {"unknown", "failed", "waiting", "rolled_back"}
    assert {expect(ROWS[number]) for number in FEW} >= {"waiting", "unknown"}


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_rollout(
    number: int, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool, tally: t.Any
) -> None:
    if not whole and number not in FEW:
        pytest.skip("a part of the whole")
    row, held = ROWS[number], 0
    emulator.reset()
    canary = CanaryModule(emulator, tmp_path, monkeypatch)
    monkeypatch.setattr("canary_rollouts.VIRTUAL_SERVICE", _path_for(row))
    write_file(canary, row)
    emulator.set(**row)
    try:
        check(canary, row, number)
        held = 1
    finally:
        tally.add("rollouts", 1, held)


def _path_for(row: Row) -> str:
    """Return the path of the VirtualService in the version of the API that the emulator prefers."""
    return VIRTUAL_SERVICE.replace("/v1/", f"/{str(row['istio_versions']).partition(',')[0]}/")
