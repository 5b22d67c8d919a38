# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs of the workflow of a rollout, run by ansible-runner as AWX does, each with the artifacts of the jobs before it."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from awx_job import Job, Outcome
from canary_rollouts import CanaryService
from harness import FOREIGN, PROXIES, ROOT, Emulator, link_collection

pytest.importorskip("kubernetes")

FILE = {"canary_file": "rollout.yml"}
STATUS = {**FILE, "canary_require_promotion": "true"}


class Workflow(CanaryService):
    """Runs jobs in separate directories. Artifacts of a job are variables of all later jobs, as in a workflow of AWX."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        super().__init__(emulator, directory)
        self.artifacts: dict[str, t.Any] = {}
        self._number = 0

    def __call__(self, playbook: str, fails: bool = False, **extra_data: t.Any) -> Outcome:
        self._number += 1
        job = Job(self.directory / f"job-{self._number}", self._environment())
        (job.directory / "project" / "rollout.yml").write_text(yaml.safe_dump(self.content), encoding="utf-8")
        found = self.emulator.credentials
        inputs = {name: found[name] for name in ("access_key", "secret_key", "project_id", "region")}
        url = self.emulator.url
        inputs.update(auth_url=url, asm_endpoint=url, modelarts_endpoint=url)
        outcome = job.run(playbook, inputs, {**extra_data, **self.artifacts}, fails=fails)
        self.artifacts.update(outcome.artifacts)
        return outcome

    def _environment(self) -> dict[str, str]:
        link_collection()
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name.lower() not in PROXIES
        }
        # ansible-runner looks for ansible-playbook there.
        inherited["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        inherited.update(
            HOME=str(home),
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
            ANSIBLE_HOME=str(home / ".ansible"),
            LC_ALL="C.UTF-8",
        )
        return inherited

    def start(self, fails: bool = False) -> Outcome:
        return self("canary.yml", fails=fails, canary_action="run", canary_restart="false", **FILE)

    def approve(self, fails: bool = False) -> Outcome:
        return self("canary.yml", fails=fails, canary_action="approve", **FILE)


@pytest.fixture
def workflow(emulator: Emulator, tmp_path: Path) -> Workflow:
    return Workflow(emulator, tmp_path)


def test_workflow_without_approvals_leaves_no_secret(workflow: Workflow) -> None:
    workflow.write(steps=[{"weight": 50}, {"weight": 100}])
    outcome = workflow.start()
    assert outcome.artifacts["canary_state"] == "promoted"
    workflow("canary_status.yml", **STATUS)
    secret = workflow.emulator.credentials["secret_key"]
    assert outcome.find_files_with(secret) == []
    assert secret not in outcome.output


@pytest.mark.parametrize("weights", [[10, 100], pytest.param([10, 50, 100], marks=pytest.mark.complete)], ids=len)
def test_workflow_continues_after_each_approval(workflow: Workflow, weights: list[int]) -> None:
    steps = [{"weight": weight, "approval": True} for weight in weights]
    workflow.write(steps=steps)
    handed = [workflow.start().artifacts]
    handed += [workflow.approve().artifacts for _step in steps]
    found = [(artifacts["canary_state"], artifacts["canary_step"]) for artifacts in handed]
    assert found == [*(("waiting", step + 1) for step in range(len(steps))), ("promoted", len(steps))]
    # A node that continues a finished rollout succeeds without a change.
    writes = len(workflow.requests())
    assert workflow.approve().artifacts["canary_state"] == "finished"
    assert [call for call in workflow.requests()[writes:] if "/leases" not in call["path"]] == []
    workflow("canary_status.yml", **STATUS)


def test_denied_approval_rolls_back(workflow: Workflow) -> None:
    assert workflow.start().artifacts["canary_state"] == "waiting"
    assert workflow("canary_rollback.yml", **FILE).artifacts["canary_state"] == "rolled_back"
    assert workflow.weights()["v1"] == 100
    outcome = workflow("canary_status.yml", fails=True, **STATUS)
    assert outcome.failures[-1].startswith(
        "The release was not promoted: Release 'default/reviews-v2' was rolled back "
    )


def test_failed_rollout_fails_the_workflow(workflow: Workflow) -> None:
    workflow.set_errors(0.5)
    assert workflow.start(fails=True).artifacts["canary_state"] == "rolled_back"
    workflow("canary_status.yml", fails=True, **STATUS)
    # Without the requirement, the job only shows the state.
    workflow("canary_status.yml", canary_require_promotion="false", **FILE)
