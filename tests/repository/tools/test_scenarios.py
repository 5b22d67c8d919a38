# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The molecule scenarios: what a complete run consists of, and that each role has a scenario."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from scenarios import CALLBACKS, ROOT, SCENARIOS, find_problems, left, logged_warnings, scenarios

STEPS = {"releases": ["converge", "idempotence", "verify"]}
OK = {"ok": 4, "changed": 0, "failures": 0, "unreachable": 0, "skipped": 1, "ignored": 0, "rescued": 0}


def run(playbook: str, scenario: str = "releases", **counts: int) -> dict[str, t.Any]:
    return {"scenario": scenario, "playbook": f"{playbook}.yml", "counts": {**OK, **counts}}


GOOD = [run("converge", changed=1), run("converge"), run("verify")]


# Problems of a run


def test_complete_run_has_no_problems() -> None:
    assert find_problems(GOOD, STEPS) == []


@pytest.mark.parametrize("missing", range(3))
def test_missing_playbook_run_is_a_problem(missing: int) -> None:
    runs = [one for number, one in enumerate(GOOD) if number != missing]
    (problem,) = find_problems(runs, STEPS)
    assert problem.startswith("releases: ran [")


def test_scenario_without_runs_is_a_problem() -> None:
    expected = {**STEPS, "default": ["create", "destroy"]}
    assert find_problems(GOOD, expected) == ["default: ran [], expected ['create.yml', 'destroy.yml']"]


def test_runs_in_the_wrong_order_are_a_problem() -> None:
    assert len(find_problems([GOOD[2], *GOOD[:2]], STEPS)) == 1


def test_run_of_an_unknown_scenario_is_a_problem() -> None:
    assert find_problems([*GOOD, run("verify", scenario="other")], STEPS) == ["other: unknown scenario"]


def test_change_in_the_second_converge_is_a_problem() -> None:
    assert find_problems([GOOD[0], run("converge", changed=2), GOOD[2]], STEPS) == ["releases, idempotence: changed: 2"]


@pytest.mark.parametrize("name", ["failures", "unreachable", "ignored", "rescued"])
def test_task_that_failed_is_a_problem(name: str) -> None:
    assert find_problems([*GOOD[:2], run("verify", **{name: 1})], STEPS) == [f"releases, verify: {name}: 1"]


@pytest.mark.parametrize("counts", [{"ok": 0}, {}])
def test_run_without_tasks_is_a_problem(counts: dict[str, int]) -> None:
    empty = {**run("verify"), "counts": counts}
    assert find_problems([*GOOD[:2], empty], STEPS) == ["releases, verify: no task ran"]


# Records of Ansible


def play(directory: Path, *tasks: dict[str, t.Any], **environment: str) -> tuple[list[dict[str, t.Any]], list[str]]:
    """Run a playbook with the callback plugin and the log. Return the records and the warnings."""
    path = directory / "verify.yml"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(path)],
        cwd=directory,
        env={
            **inherited,
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "playbook_runs",
            "ANSIBLE_HOME": str(directory / "home"),
            "ANSIBLE_LOG_PATH": str(directory / "log"),
            "LC_ALL": "C.UTF-8",
            "MOLECULE_SCENARIO_NAME": "releases",
            "PLAYBOOK_RUNS_FILE": str(directory / "runs"),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=3600,
        check=True,
    )
    records = [json.loads(line) for line in (directory / "runs").read_text(encoding="utf-8").splitlines()]
    return records, logged_warnings((directory / "log").read_text(encoding="utf-8").splitlines())


def test_playbook_run_is_recorded(tmp_path: Path) -> None:
    debug = {"ansible.builtin.debug": {}}
    records, warnings = play(tmp_path, debug, {**debug, "changed_when": True}, {**debug, "when": False})
    assert records == [run("verify", ok=2, changed=1)]
    assert warnings == []


def test_warning_is_found_in_the_log(tmp_path: Path) -> None:
    task = {"ansible.builtin.debug": {"msg": "WARNING: this is not one"}}
    dummy, warnings = play(tmp_path, task, ANSIBLE_CALLBACKS_ENABLED="playbook_runs,missing")
    assert len(warnings) == 1 and "missing" in warnings[0]


# Leftovers


def test_file_of_an_emulator_is_left(tmp_path: Path) -> None:
    assert left(tmp_path) == []
    (tmp_path / "emulator").mkdir()
    (tmp_path / "emulator" / "ready.json").touch()
    assert left(tmp_path) == [f"{tmp_path}/emulator/ready.json is left"]


@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="there is no /proc")
def test_process_is_left(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "input('here')", str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"here"
        (found,) = left(tmp_path)
        assert found.startswith(f"process {process.pid} still runs: ")
    finally:
        process.communicate(b"\n")


# The scenarios


def test_steps_of_all_scenarios() -> None:
    roles = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
    found = scenarios()
    assert sorted(found) == sorted(["default", *roles])
    assert found["default"] == ["create", "destroy"]
    assert all(found[role][:3] == ["converge", "idempotence", "verify"] for role in roles)


@pytest.mark.parametrize("name", sorted(set(scenarios()) - {"default"}))
def test_scenario_asserts_something(name: str) -> None:
    tasks = [task for play in load(f"{name}/verify.yml") for task in play["tasks"]]
    assert any("ansible.builtin.assert" in task for task in tasks)


def load(path: str) -> t.Any:
    return yaml.safe_load((SCENARIOS / path).read_text(encoding="utf-8"))


def test_shared_settings_of_all_scenarios() -> None:
    settings = load("config.yml")
    assert settings["prerun"] is False
    assert settings["shared_state"] is True
    assert settings["dependency"]["enabled"] is False
    (inventory,) = settings["ansible"]["executor"]["args"]["ansible_playbook"]
    assert (ROOT / inventory.removeprefix("--inventory=${MOLECULE_PROJECT_DIRECTORY}/")).is_file()
