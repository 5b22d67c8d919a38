# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of pipelines: against the schemas of GitLab and GitHub, and for what all three of them promise."""

from __future__ import annotations

import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pipelines
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PLANNED = {"plan", "drift"}

PLAN = (
    "plan",
    {"desired_state_file": "$DESIRED_STATE_FILE", "plan_file": "plan.json", "plan_status_file": "status.json"},
)
APPLY = ("site", {"desired_state_file": "$DESIRED_STATE_FILE", "plan_file": "plan.json"})
VERIFY = (
    "plan",
    {"desired_state_file": "$DESIRED_STATE_FILE", "plan_file": "verify.json", "plan_fail_on_changes": "true"},
)
DRIFT = (
    "drift",
    {"desired_state_file": "$DESIRED_STATE_FILE", "drift_file": "drift.json", "drift_status_file": "status.json"},
)


def load(name: str) -> dict[str, t.Any]:
    return dict(yaml.safe_load(pipelines.read_example(name)))


SCHEMAS = {
    "gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "gitlab-apply.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "github-actions.yml": ["vendor.github-workflows"],
}


def validated(name: str, path: Path) -> int:
    # The schemas come with the tool; nothing is downloaded.
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", *SCHEMAS[name], str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid(name: str, tmp_path: Path) -> None:
    assert validated(name, pipelines.DIRECTORY / name) == 0
    broken = tmp_path / name
    key = {"gitlab-ci.yml": "stage", "gitlab-apply.yml": "resource_group", "github-actions.yml": "runs-on"}[name]
    broken.write_text(pipelines.read_example(name).replace(f"{key}:", f"no-{key}:"), encoding="utf-8")
    assert validated(name, broken) == 1


@pytest.mark.parametrize("name", pipelines.NAMES)
def test_commands(name: str) -> None:
    wanted = [PLAN, APPLY, VERIFY] + ([DRIFT] if name != "Jenkinsfile" else [])
    assert pipelines.list_playbook_calls(name) == wanted


@pytest.mark.parametrize("name", pipelines.NAMES)
def test_playbooks_know_the_variables(name: str) -> None:
    for playbook, variables in pipelines.list_playbook_calls(name):
        path = ROOT / "playbooks" / f"{playbook}.yml"
        if playbook in PLANNED and not path.is_file():
            continue
        texts = [
            path.read_text(encoding="utf-8"),
            *(one.read_text(encoding="utf-8") for one in (ROOT / "playbooks" / "tasks").glob("*.yml")),
        ]
        known = {variable for variable in variables if any(re.search(rf"\b{variable}\b", text) for text in texts)}
        assert (
            set(variables) - known - ({"plan_file"} if not (ROOT / "playbooks" / "plan.yml").is_file() else set())
            == set()
        )


@pytest.mark.parametrize("name", pipelines.NAMES)
def test_no_secret_is_written_down(name: str) -> None:
    """Keys are named where they come from the store of the pipeline, and nowhere else."""
    text = "\n".join(
        line for line in pipelines.read_example(name).splitlines() if not line.strip().startswith(("#", "//"))
    )
    uses = re.findall(r"HW_(?:ACCESS|SECRET)_KEY.*", text)
    assert all(re.search(r"\$\{\{ secrets\.HW_\w+ \}\}|= credentials\('huaweicloud-[a-z-]+'\)", use) for use in uses)
    assert len(uses) == {"gitlab-ci.yml": 0, "github-actions.yml": 6, "Jenkinsfile": 4}[name]


class TestGitLab:
    JOBS = load("gitlab-ci.yml")
    CHILD = load("gitlab-apply.yml")

    def test_only_the_default_branch_is_applied(self) -> None:
        (rule,) = self.JOBS["apply"]["rules"]
        assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"]
        assert self.CHILD["apply"]["rules"] == [{"when": "manual", "allow_failure": False}]

    def test_empty_plan_needs_no_approval(self) -> None:
        """The plan job writes the child pipeline: one with a job to start by hand only if there are changes."""
        (step,) = [line for line in self.JOBS["plan"]["script"] if "gitlab-apply.yml" in line]
        assert step.startswith('if grep -q \'"status": "changes"\' status.json\nthen cp gitlab-apply.yml next.yml\n')
        assert self.JOBS["apply"]["trigger"]["include"] == [{"artifact": "next.yml", "job": "plan"}]
        assert {"status.json", "next.yml"} <= set(self.JOBS["plan"]["artifacts"]["paths"])

    def test_merge_requests_are_planned(self) -> None:
        assert {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'} in self.JOBS["workflow"]["rules"]
        assert self.JOBS["plan"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE != "schedule"'}]

    def test_plan_is_passed_to_the_next_job(self) -> None:
        assert "plan.json" in self.JOBS["plan"]["artifacts"]["paths"]
        assert self.JOBS["apply"]["needs"] == ["plan"]
        assert self.CHILD["apply"]["needs"] == [{"pipeline": "$PARENT_PIPELINE_ID", "job": "plan"}]
        assert self.JOBS["plan"]["artifacts"]["reports"] == {"junit": "plan.xml"}


def test_requirements_are_shipped() -> None:
    words = (pipelines.DIRECTORY / "requirements.txt").read_text(encoding="utf-8").split()
    assert {"ansible-core", "jsonschema", "requests"} <= set(words)
    assert load("requirements.yml") == {"collections": [{"name": "community.huaweicloud"}]}
    assert "pip install -r requirements.txt && ansible-galaxy collection install -r requirements.yml" in str(
        load("github-actions.yml")
    )


class TestGitHub:
    FLOW = load("github-actions.yml")

    def test_only_main_is_applied(self) -> None:
        assert set(self.FLOW["on"]) == {"pull_request", "push", "schedule"}
        assert self.FLOW["on"]["push"] == {"branches": ["main"]}
        apply = self.FLOW["jobs"]["apply"]
        assert (apply["if"], apply["needs"], apply["environment"]) == (
            "github.event_name == 'push' && needs.plan.outputs.status == 'changes'",
            "plan",
            "production",
        )

    def test_plan_is_passed_to_the_next_job(self) -> None:
        assert ("actions/upload-artifact", "plan") in self.uses("plan")
        assert ("actions/download-artifact", "plan") in self.uses("apply")
        assert self.uses("report")[0] == ("actions/download-artifact", "plan")

    def uses(self, job: str) -> list[tuple[str, str | None]]:
        """Return the actions of a job without versions, each with its artifact."""
        steps = [step for step in self.FLOW["jobs"][job]["steps"] if "uses" in step]
        return [(step["uses"].partition("@")[0], step.get("with", {}).get("name")) for step in steps]

    def jobs(self) -> list[tuple[str, dict[str, t.Any]]]:
        return list(self.FLOW["jobs"].items())

    def test_only_ansible_sees_the_keys(self) -> None:
        for name, job in self.jobs():
            assert "env" not in job, name
            seeing = [step for step in job["steps"] if "env" in step]
            assert all(step["run"].startswith("ansible-playbook ") for step in seeing), name
        assert self.FLOW["permissions"] == {"contents": "read"}


class TestJenkins:
    """Check the text only, because Jenkinsfiles have no schema and their linter is a part of Jenkins."""

    TEXT = pipelines.read_example("Jenkinsfile")

    def bare(self) -> str:
        """Without comments and texts."""
        return re.sub(r"'''.*?'''|'[^'\n]*'|^\s*//[^\n]*", "", self.TEXT, flags=re.S | re.M)

    def test_brackets_are_balanced(self) -> None:
        stack: list[str] = []
        for character in self.bare():
            if character in "({[":
                stack.append(character)
            elif character in ")}]":
                assert stack.pop() == {")": "(", "}": "{", "]": "["}[character]
        assert stack == []
        assert "'" not in self.bare()

    def test_stages(self) -> None:
        assert re.findall(r"stage\('(\w+)'\)", self.TEXT) == ["Plan", "Approve", "Apply"]
        sections = re.findall(r"^    (\w+)(?: \w+)? ?\{?$", self.TEXT, re.M)
        assert sections == ["agent", "options", "environment", "stages"]

    def stage(self, name: str) -> str:
        return self.TEXT.partition(f"stage('{name}')")[2].partition("stage('")[0]

    def test_only_main_is_applied(self) -> None:
        for name in ("Approve", "Apply"):
            assert re.search(
                r"when \{\s+before(?:Input|Agent) true\s+branch 'main'\s+environment name: 'PLAN_STATUS', value: 'changes'\s+\}",
                self.stage(name),
            ), name
        assert "when" not in self.stage("Plan")
        assert "input {" in self.stage("Approve")

    def test_plan_is_passed_to_the_next_job(self) -> None:
        assert "stash name: 'plan', includes: 'plan.json'" in self.stage("Plan")
        assert "unstash 'plan'" in self.stage("Apply")
        assert "junit testResults: 'plan.xml'" in self.stage("Plan")

    def test_plan_uses_a_read_only_key(self) -> None:
        assert set(re.findall(r"credentials\('([^']+)'\)", self.stage("Plan"))) == {
            "huaweicloud-read-access-key",
            "huaweicloud-read-secret-key",
        }
        assert set(re.findall(r"credentials\('([^']+)'\)", self.stage("Apply"))) == {
            "huaweicloud-access-key",
            "huaweicloud-secret-key",
        }
