# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the shell commands of the example pipelines by job, in the order in which the jobs run."""

from __future__ import annotations

import re
import typing as t

import yaml
from environment import ROOT

DIRECTORY = ROOT / "extensions" / "pipelines"
NAMES = ("gitlab-ci.yml", "github-actions.yml", "Jenkinsfile")

Commands = t.Dict[str, t.List[str]]


def read_example(name: str) -> str:
    return (DIRECTORY / name).read_text(encoding="utf-8")


def _gitlab(text: str) -> Commands:
    # The jobs that apply the plan are in a child pipeline.
    jobs = {**yaml.safe_load(text), **yaml.safe_load(read_example("gitlab-apply.yml"))}
    jobs["drift"] = jobs.pop("drift")
    return {name: list(job["script"]) for name, job in jobs.items() if isinstance(job, dict) and "script" in job}


def _github(text: str) -> Commands:
    jobs = yaml.safe_load(text)["jobs"]
    return {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}


def _jenkins(text: str) -> Commands:
    stages = re.split(r"\bstage\('(\w+)'\)", text)[1:]
    shell = re.compile(r"\bsh (?:'''(.*?)'''|'([^'\n]*)')", re.S)
    return {
        name.lower(): [first or second for first, second in shell.findall(body)]
        for name, body in zip(stages[::2], stages[1::2])
    }


def list_commands(name: str) -> Commands:
    """Return the commands in one example that run Ansible or read its status file."""
    found = {"gitlab-ci.yml": _gitlab, "github-actions.yml": _github, "Jenkinsfile": _jenkins}[name](read_example(name))
    kept = {
        job: [
            line
            for line in lines
            if "ansible-playbook" in line or ("status.json" in line and "GITHUB_OUTPUT" not in line)
        ]
        for job, lines in found.items()
    }
    return {job: lines for job, lines in kept.items() if lines}


def list_playbook_calls(name: str) -> list[tuple[str, dict[str, str]]]:
    """Return each playbook that an example runs, with the variables that it sets."""
    lines = (
        "\n".join(command for found in list_commands(name).values() for command in found)
        .replace("\\\n", " ")
        .splitlines()
    )
    found = [re.search(r"ansible-playbook community\.huaweicloud\.(\w+)(.*)", line) for line in lines if line.strip()]
    return [(match[1], dict(re.findall(r'-e (\w+)="?([^"\s]+)"?', match[2]))) for match in found if match]
