# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows of GitHub run the commands of the Makefile, with the versions that are supported, and trust nothing that can change."""

from __future__ import annotations

import re
import typing as t

import matrix
import pytest
import yaml
from environment import ROOT

FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
PINNED = re.compile(r"(actions/[a-z-]+@v\d+|[\w-]+/[\w-]+@[0-9a-f]{40}|\./\.github/workflows/[a-z-]+\.yml)")
# Programs that a runner of GitHub has.
KNOWN = {"gh", "sha256sum"}


def load(name: str) -> dict[str, t.Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def steps(name: str) -> list[dict[str, t.Any]]:
    return [step for job in load(name)["jobs"].values() for step in job.get("steps", [])]


def commands(name: str) -> list[str]:
    return [step["run"] for step in steps(name) if "run" in step]


def test_there_are_some() -> None:
    assert NAMES == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned(name: str) -> None:
    used = [step["uses"] for step in steps(name) if "uses" in step] + [
        job["uses"] for job in load(name)["jobs"].values() if "uses" in job
    ]
    assert used
    assert [one for one in used if not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_targets_of_the_makefile(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for command in commands(name):
        words = command.split()
        assert words[0] in KNOWN or (words[0] == "make" and words[1] in targets), command


@pytest.mark.parametrize("name", NAMES)
def test_nothing_foreign_gets_into_a_command(name: str) -> None:
    """An expression in a command is text of a stranger that a shell reads; they go through the environment."""
    assert [command for command in commands(name) if "${{" in command] == []


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_few(name: str) -> None:
    workflow = load(name)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job or "uses" in job for job in workflow["jobs"].values())
    writing = [key for key, job in workflow["jobs"].items() if "write" in job.get("permissions", {}).values()]
    assert writing == (["release"] if name == "release.yml" else [])


def test_every_supported_version_is_tested() -> None:
    job = load("ci.yml")["jobs"]["test"]
    assert [(one["core"], one["python"]) for one in job["strategy"]["matrix"]["include"]] == matrix.PAIRS
    assert job["env"] == {"ANSIBLE_CORE": "${{ matrix.core }}", "PYTHON": "python${{ matrix.python }}"}


def test_ci_runs_what_contributors_run() -> None:
    assert commands("ci.yml")[:3] == ["make quickstart", "make test", "make release-check"]


def test_a_release_is_what_was_tested() -> None:
    job = load("release.yml")["jobs"]["release"]
    assert job["needs"] == "ci"
    assert load("release.yml")["jobs"]["ci"] == {"uses": "./.github/workflows/ci.yml"}
    (kept,) = [
        step["with"]["name"]
        for step in steps("ci.yml")
        if "upload-artifact" in step.get("uses", "") and "dist" in step["with"]["path"]
    ]
    (taken,) = [step["with"]["name"] for step in job["steps"] if "download-artifact" in step.get("uses", "")]
    assert kept == taken
