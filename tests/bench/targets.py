# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the playbook site with many targets: inventory hosts with one project and 50 workspaces each."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

from environment import ROOT
from runner import WORK, BenchFailure, BenchRunner, Run

if t.TYPE_CHECKING:
    from measures import Bench

RESOURCES = 50
# One of so many resources is changed, so that 1 % of all resources change.
CHANGED_SHARE = 100
FORKS = (1, 2, 4)
GROUP = "targets"
CHECK = str(ROOT / "extensions" / "awx" / "project" / "targets_check.yml")
SITE = "community.huaweicloud.site"
_MB = 1_000_000


@dataclasses.dataclass(frozen=True)
class TargetRun:
    """One run: its duration in seconds from the start of the command to its end, its peak memory in MB, and its processor time in seconds.

    ``name`` is what was run: ``unchanged`` or ``changed`` resources with site, or only the ``check`` of the scopes.
    """

    name: str
    targets: int
    forks: int
    requests: int
    seconds: float
    memory: float
    cpu_seconds: float


def measure_targets(bench: Bench) -> None:
    """Run ``site`` with all numbers of forks, unchanged and with changes, and with fewer targets to see the growth."""
    size, forks = bench.effort.targets, max(FORKS)
    # With fewer targets than forks, not all forks would run.
    few = min(max(size // 4, 2 * forks), size // 2)
    runs = [("unchanged", size, each) for each in FORKS] + [("changed", size, each) for each in FORKS]
    runs += [("unchanged", few, forks), ("check", size, forks)]
    for name, targets, used_forks in runs:
        run = _run(bench.runner, name, targets, used_forks)
        bench.found.target_runs.append(run)
        print(
            f"  {run.name}, {run.targets} targets, {run.forks} forks: {run.requests} requests, {run.seconds:.1f} s",
            flush=True,
        )


def _run(runner: BenchRunner, name: str, targets: int, forks: int) -> TargetRun:
    runner.emulator.reset()
    _seed(runner, targets, with_changes=name == "changed")
    arguments = ["-i", str(_write_inventory(targets)), "-e", f"huaweicloud_hosts={GROUP}", "--forks", str(forks)]
    environment = {"ANSIBLE_LOCALHOST_WARNING": "false"}
    before = runner.requests()
    run = runner.run_playbook(CHECK if name == "check" else SITE, arguments, watched=True, environment=environment)
    _check(run, name)
    return TargetRun(name, targets, forks, runner.requests() - before, run.seconds, run.peak / _MB, run.cpu_seconds)


def _seed(runner: BenchRunner, targets: int, *, with_changes: bool) -> None:
    """Create the projects with their workspaces. Every hundredth workspace has another description than the desired-state file."""
    for number in range(1, targets + 1):
        project_id = _name_project(number)
        first = (number - 1) * RESOURCES
        workspaces = [
            {
                "name": f"ws-{index:05d}",
                "description": "Old" if with_changes and (first + index) % CHANGED_SHARE == 0 else "Bench",
                "project_id": project_id,
            }
            for index in range(1, RESOURCES + 1)
        ]
        runner.emulator.seed(projects=[{"id": project_id, "name": project_id}], workspaces=workspaces)


def _write_inventory(targets: int) -> Path:
    """Write the desired-state file that all targets share, and the inventory. Return the path of the inventory."""
    desired_state = WORK / "target.yml"
    items = [{"name": f"ws-{index:05d}", "description": "Bench"} for index in range(1, RESOURCES + 1)]
    desired_state.write_text(json.dumps({"workspaces": items}), encoding="utf-8")
    local = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "desired_state_file": str(desired_state),
    }
    hosts = {f"target-{number:05d}": {"project_id": _name_project(number)} for number in range(1, targets + 1)}
    path = WORK / "targets.yml"
    path.write_text(json.dumps({GROUP: {"hosts": hosts, "vars": local}}), encoding="utf-8")
    return path


def _name_project(number: int) -> str:
    return f"bench-project-{number:05d}"


def _check(run: Run, name: str) -> None:
    if name == "check":
        return
    if any(task.changed for task in run.find_tasks("Apply the workspaces")) != (name == "changed"):
        raise BenchFailure(f"site with {name} resources has changed something else than it should")
