# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The GitHub workflows run the commands of the Makefile with all supported versions, and pin every action."""

from __future__ import annotations

import re
import typing as t

import pytest
import sessions
import yaml
from environment import CORES, ROOT

DIRECTORY = ROOT / ".github" / "workflows"
NAMES = sorted(path.name for path in DIRECTORY.glob("*.yml"))
PINNED = re.compile(r"([\w-]+/[\w-]+@[0-9a-f]{40}|\./\.github/workflows/[a-z-]+\.yml)")
# Programs that a runner of GitHub has.
KNOWN = {"gh", "sha256sum"}


def load(name: str) -> dict[str, t.Any]:
    return yaml.safe_load((DIRECTORY / name).read_text(encoding="utf-8"))


def steps(name: str) -> list[dict[str, t.Any]]:
    return [step for job in load(name)["jobs"].values() for step in job.get("steps", [])]


def commands(name: str) -> list[str]:
    return [step["run"] for step in steps(name) if "run" in step]


def test_there_are_some() -> None:
    assert NAMES == ["ci.yml", "nightly.yml", "release.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned(name: str) -> None:
    used = [step["uses"] for step in steps(name) if "uses" in step] + [
        job["uses"] for job in load(name)["jobs"].values() if "uses" in job
    ]
    assert used
    assert [one for one in used if not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_targets_of_the_makefile(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = {*re.findall(r"^([a-z-]+):", makefile, re.MULTILINE), *sessions.TARGETS, *sessions.known_sessions()}
    for words in map(str.split, commands(name)):
        if words[0] in KNOWN:
            continue
        # The variables of a matrix select one of several sessions.
        pattern = re.compile(re.sub(r'"\$[A-Z_]+"', "[a-z0-9.]+", words[1]))
        assert words[0] == "make", words
        assert any(pattern.fullmatch(target) for target in known), words


@pytest.mark.parametrize("name", NAMES)
def test_commands_contain_no_untrusted_input(name: str) -> None:
    """An expression in a command is text of a stranger that a shell reads; they go through the environment."""
    assert [command for command in commands(name) if "${{" in command] == []


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_few(name: str) -> None:
    workflow = load(name)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job or "uses" in job for job in workflow["jobs"].values())
    writing = [key for key, job in workflow["jobs"].items() if "write" in job.get("permissions", {}).values()]
    assert writing == {"ci.yml": ["coverage"], "nightly.yml": [], "release.yml": ["ci", "release"]}[name]


def test_every_supported_version_is_tested() -> None:
    pairs = {(core, python) for core, pythons in CORES.items() for python in pythons}
    jobs = load("ci.yml")["jobs"]
    tested = {
        name: {(one["core"], one["python"]) for one in jobs[name]["strategy"]["matrix"]["include"]}
        for name in ("units", "sanity", "playbooks")
    }
    assert tested["units"] == pairs | {("devel", "3.13")}
    assert {core for core, _python in tested["sanity"]} == {*CORES, "devel"}
    assert len(tested["playbooks"] & pairs) == 3


def test_every_robustness_suite_runs_nightly() -> None:
    suites = {path.parent.name.replace("_", "-") for path in (ROOT / "tests" / "robustness").glob("*/test_*.py")}
    assert set(load("nightly.yml")["jobs"]["robustness"]["strategy"]["matrix"]["suite"]) == suites


def test_ci_runs_the_sessions_of_contributors() -> None:
    assert {"make quickstart", "make test", "make static", "make coverage", "make molecule"} <= set(commands("ci.yml"))


def test_release_publishes_the_tested_artifact() -> None:
    job = load("release.yml")["jobs"]["release"]
    assert job["needs"] == "ci"
    assert load("release.yml")["jobs"]["ci"]["uses"] == "./.github/workflows/ci.yml"
    (kept,) = [
        step["with"]["name"]
        for step in steps("ci.yml")
        if "upload-artifact" in step.get("uses", "") and "dist" in step["with"]["path"]
    ]
    (taken,) = [step["with"]["name"] for step in job["steps"] if "download-artifact" in step.get("uses", "")]
    assert kept == taken
