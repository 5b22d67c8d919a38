# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of pipelines for the playbook canary: their schemas, and the order of runs, approvals and rollbacks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pipelines
import pytest
import yaml

SCHEMAS = {
    "gitlab-canary.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "gitlab-canary-approve.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "github-canary.yml": ["vendor.github-workflows"],
    "github-canary-run.yml": ["vendor.github-workflows"],
}
NAMES = (*SCHEMAS, "Jenkinsfile.canary")

RECORD = {"canary_status_path": "status.json", "canary_report": "canary.html"}
FILE = {"canary_file": "$CANARY_FILE"}


def load(name: str) -> dict[str, t.Any]:
    return dict(yaml.safe_load(pipelines.read_example(name)))


def is_valid(name: str, path: Path) -> bool:
    # The schemas come with the tool; nothing is downloaded.
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", *SCHEMAS[name], str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def find_variables(command: str) -> dict[str, str]:
    """Return the variables of a command that runs the playbook canary."""
    assert command.startswith("ansible-playbook community.huaweicloud.canary ")
    return dict(re.findall(r'-e (\w+)="?([^"\s]+)"?', command))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid(name: str, tmp_path: Path) -> None:
    assert is_valid(name, pipelines.DIRECTORY / name)
    broken = tmp_path / name
    key = "runs-on" if name == "github-canary-run.yml" else "needs" if "github" in name else "script"
    broken.write_text(pipelines.read_example(name).replace(f"{key}:", f"no-{key}:"), encoding="utf-8")
    assert name == "github-canary.yml" or not is_valid(name, broken)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_written_down(name: str) -> None:
    lines = [line for line in pipelines.read_example(name).splitlines() if not line.strip().startswith(("#", "//"))]
    uses = [line.strip() for line in lines if re.search(r"HW_(?:ACCESS|SECRET)_KEY|KUBECONFIG", line)]
    allowed = (
        r"(HW_\w+_KEY|KUBECONFIG_CONTENT): \$\{\{ secrets\.\w+ \}\}",
        r"(string|file)\(credentialsId: '[a-z-]+', variable: '\w+'\),",
        r"K8S_AUTH_KUBECONFIG: \$\{\{ runner\.temp \}\}/kubeconfig",
        r"run: \(umask 077 && printf '%s\\n' \"\$KUBECONFIG_CONTENT\" > \"\$RUNNER_TEMP/kubeconfig\"\)",
    )
    assert [line for line in uses if not any(re.fullmatch(pattern, line) for pattern in allowed)] == []


class TestGitLab:
    JOBS = load("gitlab-canary.yml")
    CHILD = load("gitlab-canary-approve.yml")

    def test_playbook_calls(self) -> None:
        calls = {
            name: find_variables(job["script"][0])
            for name, job in {**self.JOBS, **self.CHILD}.items()
            if isinstance(job, dict) and "script" in job
        }
        approve = {"canary_action": "approve", "canary_step": "$CANARY_STEP"}
        assert calls == {
            "start": {**FILE, **RECORD},
            "rollback": {**FILE, "canary_action": "rollback", "canary_status_path": "rollback.json"},
            "enforce": {**FILE, "canary_action": "enforce", "canary_status_path": "status.json"},
            ".approve": {**FILE, **approve, **RECORD},
            "verify": {**FILE, "canary_action": "status", "canary_status_path": "verify.json"},
        }

    def test_only_a_person_approves_and_rolls_back(self) -> None:
        assert self.CHILD[".approve"]["rules"] == [{"when": "manual", "allow_failure": False}]
        assert self.JOBS["rollback"]["rules"][0]["when"] == "manual"

    def test_rollback_does_not_wait_for_other_jobs(self) -> None:
        """Jobs in the resource group of a rollout wait for each other."""
        assert self.JOBS["start"]["resource_group"] == self.CHILD[".approve"]["resource_group"] == "canary"
        assert "resource_group" not in self.JOBS["rollback"]
        assert self.JOBS["rollback"]["needs"] == []

    def test_schedule_only_enforces_time_limits(self) -> None:
        scheduled = [
            name
            for name, job in self.JOBS.items()
            if isinstance(job, dict) and job.get("rules") == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
        ]
        assert scheduled == ["enforce"]
        others = [self.JOBS[name]["rules"][0]["if"] for name in ("start", "approve", "rollback")]
        assert others == ['$CI_PIPELINE_SOURCE != "schedule"'] * 3

    @pytest.mark.parametrize("indent", [None, 2])
    @pytest.mark.parametrize(
        ("state", "approvals", "jobs"),
        [
            ("promoted", [], []),
            ("promoted", [2], []),
            ("finished", [1, 2, 3], []),
            ("waiting", [2], ["approve-2"]),
            ("waiting", [1, 2, 12], ["approve-1", "approve-2", "approve-12"]),
            ("waiting", [], []),
        ],
    )
    def test_child_pipeline_has_a_job_for_each_approval(
        self, tmp_path: Path, state: str, approvals: list[int], jobs: list[str], indent: int | None
    ) -> None:
        shutil.copy(pipelines.DIRECTORY / "gitlab-canary-approve.yml", tmp_path)
        status = {"approvals": approvals, "canary_state": state, "step": 2}
        (tmp_path / "status.json").write_text(json.dumps(status, indent=indent), encoding="utf-8")
        script = self.JOBS["start"]["script"][1]
        subprocess.run(["bash", "-e", "-u", "-o", "pipefail", "-c", script], cwd=tmp_path, check=True)
        child = yaml.safe_load((tmp_path / "next.yml").read_text(encoding="utf-8"))
        assert child.pop("stages") == [*jobs, "verify"]
        assert {name: child.pop(name) for name in jobs} == {
            name: {"extends": ".approve", "stage": name, "variables": {"CANARY_STEP": name.removeprefix("approve-")}}
            for name in jobs
        }
        assert child == self.CHILD
        assert is_valid("gitlab-canary.yml", tmp_path / "next.yml")

    @pytest.mark.parametrize(
        ("state", "status"), [("promoted", 0), ("finished", 1), ("waiting", 1), ("held", 1), ("rolled_back", 1)]
    )
    def test_last_job_requires_a_promotion(self, tmp_path: Path, state: str, status: int) -> None:
        (tmp_path / "verify.json").write_text(json.dumps({"canary_state": state}), encoding="utf-8")
        check = self.CHILD["verify"]["script"][1]
        assert subprocess.run(["bash", "-c", check], cwd=tmp_path, check=False).returncode == status


class TestGitHub:
    JOBS = load("github-canary.yml")["jobs"]
    RUN = load("github-canary-run.yml")

    def test_runs(self) -> None:
        calls = {name: job["with"] for name, job in self.JOBS.items() if "uses" in job}
        assert calls == {
            "start": {"action": "run", "environment": "canary"},
            "approve_1": self.approval("start"),
            "approve_2": self.approval("approve_1"),
            "approve_3": self.approval("approve_2"),
            "rollback": {"action": "rollback", "environment": "canary"},
            "manual": {"action": "${{ inputs.action }}", "environment": "canary"},
            "enforce": {"action": "enforce", "environment": "canary"},
        }
        assert {job["uses"] for job in self.JOBS.values() if "uses" in job} == {"./.github/workflows/canary-run.yml"}

    def approval(self, before: str) -> dict[str, str]:
        """Return the inputs of an approval of the step for which the rollout waits after the previous job."""
        return {
            "action": "approve",
            "step": f"${{{{ needs.{before}.outputs.step }}}}",
            "environment": "production",
        }

    @pytest.mark.parametrize(
        ("name", "before"), [("approve_1", "start"), ("approve_2", "approve_1"), ("approve_3", "approve_2")]
    )
    def test_approval_is_requested_only_if_the_rollout_waits(self, name: str, before: str) -> None:
        job = self.JOBS[name]
        assert (job["needs"], job["if"]) == (before, f"needs.{before}.outputs.state == 'waiting'")

    def test_rejected_approval_rolls_back(self) -> None:
        condition = " ".join(self.JOBS["rollback"]["if"].split())
        rejected = [
            f"needs.{name}.result == 'failure' && needs.{name}.outputs.state == ''"
            for name in ("approve_1", "approve_2", "approve_3")
        ]
        start = "!cancelled() && needs.start.outputs.state == 'waiting' && ( "
        assert condition == start + " || ".join(rejected) + ")"

    def test_last_job_requires_a_promotion(self) -> None:
        (step,) = self.JOBS["verify"]["steps"]
        for state, status in (("promoted", 0), ("finished", 0), ("waiting", 1), ("", 1)):
            done = subprocess.run(["bash", "-ec", step["run"]], env={"STATE": state}, capture_output=True, check=False)
            assert done.returncode == status, state
        order = re.findall(r"needs\.(\w+)\.outputs", step["env"]["STATE"])
        assert order == ["approve_3", "approve_2", "approve_1", "start"]

    def steps(self) -> dict[str, dict[str, t.Any]]:
        return {step["name"]: step for step in self.RUN["jobs"]["canary"]["steps"] if "name" in step}

    def test_playbook_call(self) -> None:
        inputs = {"canary_action": "$CANARY_ACTION", "canary_step": "$CANARY_STEP"}
        assert find_variables(self.steps()["Run the playbook"]["run"]) == {**FILE, **inputs, **RECORD}

    def test_only_ansible_gets_the_keys(self) -> None:
        with_secrets = [name for name, step in self.steps().items() if "secrets." in str(step.get("env"))]
        assert with_secrets == ["Write the kubeconfig", "Run the playbook"]
        assert "env" not in self.RUN["jobs"]["canary"]

    def test_inputs_are_not_part_of_a_command(self) -> None:
        """GitHub replaces expressions before the shell reads the command."""
        assert [name for name, step in self.steps().items() if "${{" in step.get("run", "")] == []

    @pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
    @pytest.mark.parametrize(
        ("status", "output"),
        [
            ({"canary_state": "waiting", "step": 2}, ["state=waiting", "step=2"]),
            ({"canary_state": "failed", "step": None}, ["state=failed", "step="]),
        ],
    )
    def test_status_becomes_outputs(self, tmp_path: Path, status: dict[str, t.Any], output: list[str]) -> None:
        (tmp_path / "status.json").write_text(json.dumps(status), encoding="utf-8")
        path = tmp_path / "output"
        command = self.steps()["Read the status"]["run"].replace("$GITHUB_OUTPUT", str(path))
        subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True)
        assert path.read_text(encoding="utf-8").splitlines() == output

    def test_rollback_does_not_wait_for_other_jobs(self) -> None:
        group = self.RUN["jobs"]["canary"]["concurrency"]
        assert group == {
            "group": "${{ contains(fromJSON('[\"run\", \"approve\"]'), inputs.action) && 'canary' "
            "|| format('canary-{0}', inputs.action) }}",
            "cancel-in-progress": False,
        }


class TestJenkins:
    """Jenkins has no schema. Its linter is a part of Jenkins."""

    TEXT = pipelines.read_example("Jenkinsfile.canary")

    def test_brackets_are_balanced(self) -> None:
        stack: list[str] = []
        for character in re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|^\s*//[^\n]*", "", self.TEXT, flags=re.M):
            if character in "({[":
                stack.append(character)
            elif character in ")}]":
                assert stack.pop() == {")": "(", "}": "{", "]": "["}[character]
        assert stack == []

    def test_playbook_call(self) -> None:
        (command,) = re.findall(r"sh '(ansible-playbook [^'\n]*)'", self.TEXT)
        assert find_variables(command) == {**FILE, **RECORD}
        assert '-e "$CANARY_OPTIONS"' in command

    def test_order(self) -> None:
        """An approval continues the step that was waiting when somebody was asked. A denial rolls back."""
        steps = re.findall(r"input\(|catch|error\(|canary_action=[^\"']*", self.stage("Approve"))
        assert steps == [
            "input(",
            "catch",
            "canary_action=rollback",
            "error(",
            "canary_action=approve canary_step=${step}",
        ]
        assert "def step = env.CANARY_STEP" in self.stage("Approve")

    def stage(self, name: str) -> str:
        return self.TEXT.partition(f"stage('{name}')")[2].partition("stage('")[0]

    def test_last_stage_requires_a_promotion(self) -> None:
        assert "if (!(env.CANARY_STATE in ['promoted', 'finished'])) {" in self.stage("Verify")

    @pytest.mark.parametrize("indent", [None, 4])
    def test_status_is_found(self, indent: int | None) -> None:
        text = json.dumps({"canary_state": "rolled_back", "step": 3, "approvals": [1]}, indent=indent)
        patterns = re.findall(r"find\(status, '([^']*)'\)", self.TEXT)
        found = [re.search(pattern, text) for pattern in patterns]
        assert [match and match[1] for match in found] == ["rolled_back", "3"]

    def test_builds_can_run_at_the_same_time(self) -> None:
        """A rollback must not wait for the build that it stops."""
        assert "disableConcurrentBuilds" not in self.TEXT
