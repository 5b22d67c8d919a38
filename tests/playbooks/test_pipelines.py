# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the commands of the pipeline examples in a shell against the emulator, job by job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pipelines
import pytest
import yaml
from harness import FOREIGN, PROXIES, ROOT, Emulator, link_collection

SITE = {
    "workspaces": [
        {"name": "team", "description": "A team", "auth_type": "internal", "grants": [{"user_name": "alice"}]}
    ]
}


class Shell:
    """Runs the commands of a job in a separate checkout."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        link_collection()
        self.directory = directory
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and name.lower() not in PROXIES
        }
        inherited.update(
            emulator.environment(),
            DESIRED_STATE_FILE="shop.yml",
            LC_ALL="C.UTF-8",
            HOME=str(directory),
            ANSIBLE_HOME=str(directory / ".ansible"),
        )
        inherited.update(ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"), ANSIBLE_LOCALHOST_WARNING="false")
        inherited["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        self._environment = inherited
        (directory / "shop.yml").write_text(yaml.safe_dump(SITE), encoding="utf-8")
        shutil.copy(pipelines.DIRECTORY / "gitlab-apply.yml", directory)

    def __call__(self, commands: list[str]) -> subprocess.CompletedProcess[str]:
        script = "set -e\n" + "\n".join(commands)
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=3600,
            check=False,
        )


def names(emulator: Emulator) -> list[str]:
    return sorted(record["name"] for record in emulator.stores()["workspaces"].values())


@pytest.mark.parametrize(
    "name",
    # tests/repository compares the variables of the examples. They run the same playbooks.
    [pytest.param(name, marks=[pytest.mark.complete] * (name != "gitlab-ci.yml")) for name in pipelines.NAMES],
)
def test_from_plan_to_verify(name: str, emulator: Emulator, tmp_path: Path) -> None:
    shell, jobs = Shell(emulator, tmp_path), pipelines.list_commands(name)
    plan = shell(jobs["plan"])
    assert plan.returncode == 0, plan.stdout
    assert names(emulator) == ["default"]
    if name == "gitlab-ci.yml":
        assert "manual" in (tmp_path / "next.yml").read_text(encoding="utf-8")
    assert {path.name for path in tmp_path.glob("plan.*")} == {"plan.json", "plan.md", "plan.html", "plan.xml"}
    if "drift" in jobs:
        assert shell(jobs["drift"]).returncode != 0, "nothing is there yet"
    for job in ("apply", "verify"):
        done = shell(jobs.get(job, []))
        assert done.returncode == 0, done.stdout
    assert names(emulator) == ["default", "team"]
    if name != "gitlab-ci.yml":
        return
    # The examples run the same playbooks, so one of them is enough for the runs without changes.
    assert shell(jobs["drift"]).returncode == 0
    plan = shell(jobs["plan"])
    assert (plan.returncode, json.loads((tmp_path / "status.json").read_text(encoding="utf-8"))["status"]) == (
        0,
        "no_changes",
    )
    # The child pipeline has no job that waits for an approval.
    child = yaml.safe_load((tmp_path / "next.yml").read_text(encoding="utf-8"))
    assert child == {"no-changes": {"script": ["echo The plan has no changes."]}}


def test_planned_changes_are_applied(emulator: Emulator, tmp_path: Path) -> None:
    """Changes by another client between the jobs are detected."""
    shell, jobs = Shell(emulator, tmp_path), pipelines.list_commands("gitlab-ci.yml")
    shell(jobs["plan"])
    emulator.seed(workspaces=[{"name": "team"}])
    done = shell(jobs["apply"])
    assert done.returncode != 0
    assert "cannot be applied: " in done.stdout
    assert [call["method"] for call in emulator.request_log() if call["method"] != "GET"] == []
