# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook canary: exit status, status file, statistics, record, report and notifications of real runs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml
from canary_rollouts import CanaryPlaybook, rollout_file
from harness import Player, Run
from integration_targets import run_target

pytest.importorskip("kubernetes")

DIRECT = [{"weight": 10}, {"weight": 100}]
OUTCOME = "Pass the outcome to the next job"


@pytest.fixture
def canary(play: Player, tmp_path: Path) -> CanaryPlaybook:
    return CanaryPlaybook(play, tmp_path)


def statistics(run: Run) -> dict[str, object]:
    """Return what the run passes on to the next job."""
    return run[OUTCOME].result["ansible_stats"]["data"]


def test_rollout_that_waits_and_is_promoted(canary: CanaryPlaybook) -> None:
    report = canary.directory / "report.html"
    waiting = canary.run(report=str(report))
    assert canary.status() == {
        "canary_state": "waiting",
        "msg": "Step 2 waits for an approval. Continue with canary_action=approve and canary_step=2.",
        "release": "default/reviews-v2",
        "service": "default/reviews",
        "step": 2,
        "weight": 50,
        "stage": "waiting",
        "approvals": [2],
    }
    assert stat.S_IMODE(canary.status_path.stat().st_mode) == 0o600
    assert statistics(waiting) == {
        "canary_state": "waiting",
        "canary_waiting_step": 2,
        "canary_message": canary.status()["msg"],
    }
    assert "reviews-v2" in report.read_text(encoding="utf-8")
    assert "waiting" in report.with_suffix(".md").read_text(encoding="utf-8")
    assert "default/reviews-v2: Step 1: route 10 % to the gray version." in waiting.stdout
    # Blank variables of a survey have their defaults.
    canary.run("approve", step="2", restart="", notify=" ", report=None)
    assert (canary.outcome(), canary.weights()) == ("promoted", {"v2": 100})
    finished = canary.run()
    assert canary.outcome() == "finished"
    assert {record.name for record in finished.modules() if record.changed} == {"Write the status file"}


def test_rolled_back_rollout_fails_and_a_requested_rollback_does_not(canary: CanaryPlaybook) -> None:
    canary.set_errors(0.5)
    failed = canary.run(fails=True)
    assert failed.status == 2
    assert canary.outcome() == "rolled_back"
    assert "the analysis failed, step 1" in failed.output
    assert statistics(failed)["canary_state"] == "rolled_back"
    canary.run("rollback")
    assert canary.outcome() == "rolled_back"


def test_mistakes_in_the_file_are_reported_with_their_places(canary: CanaryPlaybook) -> None:
    content = rollout_file(canary.emulator, steps=[{"weight": 50, "metrics": ["no"]}, {"weight": 10}], deadline="x")
    canary.path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    lines = canary.path.read_text(encoding="utf-8").splitlines()
    (unknown,) = [line for line in lines if line.strip() == "- 'no'"]
    positions = {
        "steps[0].metrics[0]": f"{lines.index(unknown) + 1}:{unknown.index('no')}",
        "steps[1].weight": f"{lines.index('- weight: 10') + 1}:3",
        "deadline": f"{lines.index('deadline: x') + 1}:1",
    }
    failed = canary.run(fails=True)
    assert canary.outcome() == "failed"
    for path, position in positions.items():
        assert f"{canary.path}:{position}: {path}: " in canary.status()["msg"]
    assert failed.status == 2 and canary.requests() == []


def test_reasons_against_a_start_are_reported_with_their_places(canary: CanaryPlaybook) -> None:
    canary.write(traffic={**rollout_file(canary.emulator)["traffic"], "original_version": "v0"})
    line = canary.path.read_text(encoding="utf-8").splitlines().index("  original_version: v0") + 1
    canary.run(fails=True)
    assert canary.outcome() == "failed"
    assert f"The rollout cannot start: {canary.path}:{line}:3: traffic.original_version: " in canary.status()["msg"]
    assert canary.requests() == []


def test_approval_without_a_step_is_refused(canary: CanaryPlaybook) -> None:
    canary.run("approve", fails=True)
    assert canary.outcome() == "failed"
    assert canary.status()["msg"].startswith("canary_action=approve requires canary_step, ")
    assert canary.requests() == []


def test_unreachable_cluster_is_unknown(canary: CanaryPlaybook) -> None:
    traffic = {**rollout_file(canary.emulator)["traffic"], "connection": {"host": "http://127.0.0.1:1"}}
    canary.write(traffic=traffic)
    failed = canary.run(fails=True)
    assert (failed.status, canary.outcome()) == (2, "unknown")
    assert canary.requests() == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"action": "go"}, "canary_action must be one of run, approve, promote, rollback, status, enforce"),
        pytest.param(
            {"file": ""}, "canary_file is required, for example -e canary_file=canary.yml", marks=pytest.mark.complete
        ),
        pytest.param({"file": "missing.yml"}, "missing.yml does not exist", marks=pytest.mark.complete),
        pytest.param({"action": "approve"}, "canary_action=approve requires canary_step", marks=pytest.mark.complete),
    ],
)
def test_invalid_variables_are_reported_in_the_status_file(
    canary: CanaryPlaybook, variables: dict[str, str], message: str
) -> None:
    failed = canary.run(**{"action": "run", **variables, "fails": True})  # type: ignore[arg-type]
    assert (failed.status, canary.outcome()) == (2, "failed")
    assert message in canary.status()["msg"]
    # ansible-core 2.19 and later print the message of a failed task twice.
    assert failed.output.count(message) <= 2


def test_outputs_never_replace_the_rollout_file(canary: CanaryPlaybook) -> None:
    before = canary.path.read_text(encoding="utf-8")
    canary.status_path = canary.path
    failed = canary.run(fails=True)
    assert "are the same file" in failed.output
    assert canary.path.read_text(encoding="utf-8") == before


def test_check_mode_predicts_and_writes_nothing(canary: CanaryPlaybook) -> None:
    run = canary.run(check=True)
    assert run["Carry out the rollout (run)"].result["next_action"] == "pin"
    statistics = run["Pass the outcome to the next job"].result["ansible_stats"]["data"]
    assert statistics["canary_state"] == "predicted"
    assert canary.requests() == []
    assert not canary.status_path.exists() and not canary.record_path.exists()
    assert (
        "predicted: The next action would be: Route all traffic to the original version before the release exists."
        in run.output
    )


def test_each_change_of_the_state_is_notified_once(canary: CanaryPlaybook) -> None:
    notified = canary.directory / "notified.txt"
    tasks = [
        {
            "name": "Append the change to a file",
            "ansible.builtin.lineinfile": {
                "path": str(notified),
                "line": "{{ canary_transition.stage }} {{ canary_transition.step }}",
                "insertafter": "EOF",
                "create": True,
                "mode": "0600",
            },
        },
        {"name": "Fail", "ansible.builtin.fail": {"msg": "The mail server is down."}},
    ]
    path = canary.directory / "notify.yml"
    path.write_text(yaml.safe_dump(tasks), encoding="utf-8")
    canary.write(steps=[{"weight": 100, "metrics": []}])
    canary.run(notify=str(path))
    assert canary.outcome() == "promoted"
    expected = ["pinned 0", "shifting 1", "pausing 1", "promoting 1", "finished 1"]
    assert notified.read_text(encoding="utf-8").splitlines() == expected
    assert canary.stages() == expected


def test_secrets_are_in_no_output(canary: CanaryPlaybook) -> None:
    content = rollout_file(canary.emulator, steps=DIRECT)
    content["traffic"]["connection"]["api_key"] = "CANARY-kubernetes-token"
    content["analysis"]["prometheus_token"] = "CANARY-prometheus-token"
    canary.path.write_text(yaml.safe_dump(content), encoding="utf-8")
    run = canary.play.run(
        "community.huaweicloud.canary",
        variables={"canary_file": str(canary.path), "canary_record": str(canary.record_path)},
        verbosity=3,
    )
    assert "CANARY" not in run.output
    assert "CANARY" not in json.dumps([record.result for record in run.records])
    assert "CANARY" not in canary.record_path.read_text(encoding="utf-8")


class TestSteps:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player) -> Run:
        return run_target(shared_play, "canary_rollout")

    @pytest.mark.parametrize("step", ["Start", "Approve"])
    def test_only_the_first_real_run_writes(self, run: Run, step: str) -> None:
        assert run[step].writes
        for quiet in (f"{step} in check mode", f"{step} again in check mode", f"{step} again"):
            assert run[quiet].writes == []

    def test_refused_rollback_writes_nothing(self, run: Run) -> None:
        assert run["Refuse to roll back after the promotion"].writes == []


def test_play_can_use_the_role_several_times(canary: CanaryPlaybook) -> None:
    canary.write(steps=[{"weight": 10, "approval": True, "metrics": []}, {"weight": 100, "metrics": []}])
    role = "community.huaweicloud.canary"
    file = {"canary_file": str(canary.path)}
    tasks = [
        {"name": "Start", "ansible.builtin.include_role": {"name": role}, "vars": file},
        {
            "name": "Approve",
            "ansible.builtin.include_role": {"name": role},
            "vars": {**file, "canary_action": "approve", "canary_step": 1},
        },
        {"name": "Look again", "ansible.builtin.include_role": {"name": role}, "vars": file},
    ]
    run = canary.play(tasks)
    assert [record.result["ansible_stats"]["data"]["canary_state"] for record in run.named(OUTCOME)] == [
        "waiting",
        "promoted",
        "finished",
    ]
