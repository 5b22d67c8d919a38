# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of the example pipelines for rollouts, run by a shell against the emulator, and the rulebook's variables."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pipelines
import pytest
import yaml
from canary_rollouts import CanaryService
from harness import FOREIGN, PROXIES, ROOT, Emulator, link_collection

pytest.importorskip("kubernetes")

Jobs = t.Dict[str, t.Any]


def load(name: str) -> Jobs:
    return dict(yaml.safe_load(pipelines.read_example(name)))


class Pipeline(CanaryService):
    """Runs the commands of jobs in a checkout with a rollout file."""

    def __call__(self, commands: list[str], **variables: str) -> int:
        """Return the exit status of the commands."""
        link_collection()
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name.lower() not in PROXIES
        }
        inherited.update(
            self.emulator.environment(),
            CANARY_FILE="canary.yml",
            LC_ALL="C.UTF-8",
            HOME=str(self.directory),
            ANSIBLE_HOME=str(self.directory / ".ansible"),
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
            ANSIBLE_LOCALHOST_WARNING="false",
            **variables,
        )
        inherited["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            ["bash", "-c", "set -e\n" + "\n".join(commands)],
            cwd=self.directory,
            env=inherited,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=3600,
            check=False,
        )
        self.output = done.stdout
        return done.returncode

    def child(self) -> Jobs:
        """Return the child pipeline of GitLab."""
        return dict(yaml.safe_load((self.directory / "next.yml").read_text(encoding="utf-8")))

    def approval(self, job: str) -> tuple[list[str], dict[str, str]]:
        """Return the commands and the variables of a job of the child pipeline."""
        child = self.child()
        return child[child[job]["extends"]]["script"], child[job]["variables"]


@pytest.fixture
def pipeline(emulator: Emulator, tmp_path: Path) -> Pipeline:
    shutil.copy(pipelines.DIRECTORY / "gitlab-canary-approve.yml", tmp_path)
    return Pipeline(emulator, tmp_path)


class TestGitLab:
    JOBS = load("gitlab-canary.yml")

    def test_from_start_to_promotion(self, pipeline: Pipeline) -> None:
        assert pipeline(self.JOBS["start"]["script"]) == 0, pipeline.output
        assert (pipeline.outcome(), pipeline.child()["stages"]) == ("waiting", ["approve-2", "verify"])
        verify = pipeline.child()["verify"]["script"]
        assert pipeline(verify) != 0, "the release is not promoted yet"
        # Starting the first job again is not an approval.
        assert pipeline(self.JOBS["start"]["script"]) == 0, pipeline.output
        assert (pipeline.outcome(), pipeline.weights()) == ("waiting", {"v1": 50, "v2": 50})
        commands, variables = pipeline.approval("approve-2")
        assert pipeline(commands, CANARY_STEP="1") != 0, "another step is waiting"
        assert pipeline.weights() == {"v1": 50, "v2": 50}
        assert pipeline(commands, **variables) == 0, pipeline.output
        assert (pipeline.outcome(), pipeline(verify)) == ("promoted", 0)
        assert pipeline.gray_weights() == [0, 10, 50, 100]
        assert {path.name for path in pipeline.directory.glob("canary.*")} == {
            *("canary.yml", "canary.jsonl", "canary.html", "canary.md")
        }

    def test_rollback_instead_of_an_approval(self, pipeline: Pipeline) -> None:
        pipeline(self.JOBS["start"]["script"])
        assert pipeline(self.JOBS["rollback"]["script"]) == 0, pipeline.output
        status = json.loads((pipeline.directory / "rollback.json").read_text(encoding="utf-8"))
        assert (status["canary_state"], pipeline.weights()["v1"]) == ("rolled_back", 100)
        commands, variables = pipeline.approval("approve-2")
        assert pipeline(commands, **variables) != 0

    @pytest.mark.complete
    def test_failed_metrics_fail_the_job(self, pipeline: Pipeline) -> None:
        pipeline.set_errors(0.5)
        assert pipeline(self.JOBS["start"]["script"]) != 0
        assert (pipeline.outcome(), pipeline.weights()["v1"]) == ("rolled_back", 100)

    def test_schedule_rolls_back_only_what_is_overdue(self, pipeline: Pipeline) -> None:
        pipeline(self.JOBS["start"]["script"])
        assert pipeline(self.JOBS["enforce"]["script"]) == 0, pipeline.output
        assert (pipeline.outcome(), pipeline.weights()) == ("waiting", {"v1": 50, "v2": 50})
        pipeline.write(approval_timeout="0.001s")
        pipeline(self.JOBS["enforce"]["script"])
        assert (pipeline.outcome(), pipeline.weights()["v1"]) == ("rolled_back", 100)


class TestGitHub:
    STEPS: t.ClassVar[dict[str, t.Any]] = {
        step["name"]: step for step in load("github-canary-run.yml")["jobs"]["canary"]["steps"] if "name" in step
    }

    def run(self, pipeline: Pipeline, action: str, step: str = "") -> tuple[int, list[str]]:
        """Run one job, and return its exit status and its outputs."""
        output = pipeline.directory / "output"
        output.write_text("", encoding="utf-8")
        status = pipeline([self.STEPS["Run the playbook"]["run"]], CANARY_ACTION=action, CANARY_STEP=step)
        pipeline([self.STEPS["Read the status"]["run"]], GITHUB_OUTPUT=str(output))
        return status, output.read_text(encoding="utf-8").splitlines()

    @pytest.mark.complete
    @pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
    def test_start_and_approve(self, pipeline: Pipeline) -> None:
        assert self.run(pipeline, "run") == (0, ["state=waiting", "step=2"])
        status, outputs = self.run(pipeline, "approve", "2")
        assert (status, outputs[0]) == (0, "state=promoted")


@pytest.mark.complete
def test_jenkins(pipeline: Pipeline) -> None:
    (command,) = re.findall(r"sh '(ansible-playbook [^'\n]*)'", pipelines.read_example("Jenkinsfile.canary"))
    assert pipeline([command], CANARY_OPTIONS="canary_action=run") == 0, pipeline.output
    assert pipeline.outcome() == "waiting"
    assert pipeline([command], CANARY_OPTIONS="canary_action=approve canary_step=2") == 0, pipeline.output
    assert pipeline.outcome() == "promoted"


class TestRulebook:
    """The playbook with the variables of the rulebook that reacts to alerts."""

    def run(self, pipeline: Pipeline) -> int:
        (ruleset,) = yaml.safe_load((ROOT / "extensions" / "eda" / "rulebooks" / "rollback.yml").read_text("utf-8"))
        action = ruleset["rules"][0]["action"]["run_playbook"]
        variables = {**action["extra_vars"], "canary_file": "canary.yml", "canary_status_path": "status.json"}
        return pipeline([f"ansible-playbook {action['name']} -e '{json.dumps(variables)}'"])

    def test_alert_rolls_back(self, pipeline: Pipeline) -> None:
        pipeline(TestGitLab.JOBS["start"]["script"])
        assert self.run(pipeline) == 0, pipeline.output
        assert (pipeline.outcome(), pipeline.weights()["v1"]) == ("rolled_back", 100)
        # The same alert again
        writes = len(pipeline.requests())
        assert self.run(pipeline) == 0, pipeline.output
        assert [call["path"] for call in pipeline.requests()[writes:] if "/leases" not in call["path"]] == []

    def test_promoted_release_is_not_touched(self, pipeline: Pipeline) -> None:
        pipeline.write(steps=[{"weight": 100}])
        assert pipeline(TestGitLab.JOBS["start"]["script"]) == 0, pipeline.output
        assert pipeline.outcome() == "promoted"
        writes = len(pipeline.requests())
        assert self.run(pipeline) != 0
        assert pipeline.status()["msg"].endswith("so a rollback is no longer possible.")
        assert pipeline.requests()[writes:] == []

    @pytest.mark.complete
    def test_promoting_release_is_not_touched(self, pipeline: Pipeline) -> None:
        """The service never finishes the promotion."""
        pipeline.emulator.set(gone_after=1000)
        pipeline.write(steps=[{"weight": 100}], end_timeout="0.1s", lease_duration="0.05s")
        assert pipeline(TestGitLab.JOBS["start"]["script"]) != 0
        assert pipeline.state()["stage"] == "promoting"
        writes = len(pipeline.requests())
        assert self.run(pipeline) != 0
        assert pipeline.requests()[writes:] == []
        assert pipeline.weights()["v2"] == 100
