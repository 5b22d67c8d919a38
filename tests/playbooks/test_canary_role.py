# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role canary, used several times in one play."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from canary_rollouts import CanaryService
from harness import COLLECTION, Player, control

pytest.importorskip("kubernetes")


def use_role(service: CanaryService, **variables: t.Any) -> dict[str, t.Any]:
    given = {"canary_file": str(service.path), "canary_status_path": str(service.status_path), **variables}
    return {"name": "Use the role", "ansible.builtin.include_role": {"name": f"{COLLECTION}.canary"}, "vars": given}


def tolerate(task: dict[str, t.Any]) -> dict[str, t.Any]:
    message = {"name": "Show that it failed", "ansible.builtin.debug": {"msg": "failed"}}
    return {"name": "Tolerate a failure", "block": [task], "rescue": [message]}


def test_failure_of_an_earlier_run_is_not_reported_again(play: Player, tmp_path: Path) -> None:
    service = CanaryService(play.emulator, tmp_path)
    missing = use_role(service, canary_file=str(tmp_path / "missing.yml"))
    play([tolerate(missing), use_role(service, canary_action="status")])
    status = service.status()
    assert (status["canary_state"], status["msg"]) == (
        "finished",
        "Release 'default/reviews-v2' has no rollout.",
    )


def test_results_of_an_earlier_run_are_not_reported_after_a_failure(play: Player, tmp_path: Path) -> None:
    service = CanaryService(play.emulator, tmp_path)
    missing = use_role(service, canary_file=str(tmp_path / "missing.yml"))
    play([use_role(service), missing], fails=True)
    status = service.status()
    assert (status["canary_state"], status["release"], status["stage"], status["weight"]) == (
        "failed",
        None,
        None,
        None,
    )


def test_second_run_in_a_play_is_another_run(play: Player, tmp_path: Path) -> None:
    service = CanaryService(play.emulator, tmp_path)
    service.write(steps=[{"weight": 100}])
    service.set_errors(0.5)
    improve = control("POST", "seed", {"series": [{"query": "error_ratio", "value": 0.01}]})
    play([tolerate(use_role(service)), improve, use_role(service, canary_restart=True)])
    assert service.outcome() == "promoted"
