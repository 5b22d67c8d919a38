# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run all playbooks and roles with their variables null, empty and unset. The results must be equal.

The variables come from the argument specs of the roles and from the tasks that validate variables. test_awx_setup.py has those
of awx_setup.
"""

from __future__ import annotations

import dataclasses
import json
import re
import stat
import typing as t
from pathlib import Path

import pytest
import yaml
from harness import COLLECTION, ROOT, Player, Run
from play_results import RESOURCE_TYPES

VALIDATE = f"{COLLECTION}.validate_variables"
BLANK: dict[str, t.Any] = {"null": None, "empty text": ""}
# One run covers both values: each variable has one of them, and its neighbor the other one.
LABELS = ["mixed", *(pytest.param(label, marks=pytest.mark.complete) for label in BLANK)]
ID = re.compile(r"[0-9a-f][0-9a-f-]{7,}")
PATH = "path of the file"


class Loader(yaml.SafeLoader):
    """Read the tags of Ansible as plain values."""


Loader.add_multi_constructor("!", lambda loader, tag, node: node.value)


def read(path: Path) -> t.Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)


def iterate_tasks(tasks: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Yield all tasks, including those in blocks."""
    for task in tasks or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from iterate_tasks(task.get(part))


def read_playbook_specs(path: Path) -> dict[str, t.Any]:
    """Return the variables that a playbook or a task file validates, including its task files and roles."""
    content = read(path)
    plays = content if any("hosts" in play for play in content or []) else [{"tasks": content}]
    found: dict[str, t.Any] = {}
    for play in plays:
        for role in play.get("roles", []):
            found.update(read_role_specs(role["role"]))
        for task in iterate_tasks(play.get("tasks")):
            found.update(task.get(VALIDATE, {}).get("variables", {}))
            for key in ("import_tasks", "include_tasks"):
                name = task.get(f"ansible.builtin.{key}")
                if isinstance(name, str) and "{{" not in name:
                    found.update(read_playbook_specs(path.parent / name))
            if "ansible.builtin.import_role" in task:
                found.update(read_role_specs(task["ansible.builtin.import_role"]["name"]))
    return found


def read_role_specs(role: str) -> dict[str, t.Any]:
    directory = ROOT / "roles" / role.rpartition(".")[2]
    options = read(directory / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    specs = read_playbook_specs(directory / "tasks" / "main.yml")
    assert set(options) == set(specs), "the role does not validate all of its variables"
    return specs


@dataclasses.dataclass(frozen=True)
class Case:
    """The variables of one playbook. Those in ``fixed`` have the same values in all runs."""

    fixed: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    # Variables that no task validates.
    others: tuple[str, ...] = ()
    # Variables that the playbook sets from the file.
    set_by_playbook: tuple[str, ...] = ()
    # Variables whose default values take time. Only the tests with the marker complete leave them blank.
    slow: dict[str, t.Any] = dataclasses.field(default_factory=dict)


FILE = {"desired_state_file": PATH}
LISTS = tuple(f"{role}_list" for role in RESOURCE_TYPES)
MESHES = tuple(f"{role}_{option}" for role in ("workshops", "releases") for option in ("mesh_id", "mesh_name"))
CASES = {
    "site": Case(FILE, others=("plan_file", "plan_hash", "plan_path"), set_by_playbook=LISTS + MESHES),
    "plan": Case(FILE),
    "drift": Case(FILE),
    "info": Case(),
    "teardown": Case({**FILE, "teardown_confirm": True}, set_by_playbook=LISTS + MESHES),
    "probe": Case(slow={"probe_interval": 0}),
}
# The quick start uses the variables of the desired-state file and its own variables. test_canary.py tests those of the rollout.
OTHER_PLAYBOOKS = {"awx_setup", "canary", "emulator", "quickstart"}


def list_optional_variables(name: str) -> list[str]:
    case = CASES[name]
    specs = read_playbook_specs(ROOT / "playbooks" / f"{name}.yml")
    return sorted({*specs, *case.others} - {*case.fixed, *case.set_by_playbook})


def blank_out(names: t.Sequence[str], label: str) -> dict[str, t.Any]:
    """Return variables with blank values: the value of the label, or both in turn."""
    values = [BLANK[label]] if label in BLANK else list(BLANK.values())
    return {name: values[index % len(values)] for index, name in enumerate(names)}


def summarize(run: Run, directory: Path) -> list[t.Any]:
    """Return the outcome, requests and output of each task of a run, and the files that the run wrote."""
    found: list[t.Any] = [run.status]
    for record in run.records:
        printed = record.msg if record.action == "ansible.builtin.debug" else ""
        found.append([record.name, record.status, record.sent, printed, record.result.get("variables")])
    found += sorted((path.name, oct(stat.S_IMODE(path.stat().st_mode))) for path in directory.iterdir())
    text = json.dumps(found, indent=1).replace(str(directory), "DIRECTORY")
    return ID.sub("ID", text).splitlines()


def test_every_playbook_has_a_case() -> None:
    assert {path.stem for path in (ROOT / "playbooks").glob("*.yml")} == {*CASES, *OTHER_PLAYBOOKS}


@pytest.mark.parametrize("blank", LABELS)
@pytest.mark.parametrize("name", CASES)
def test_blank_variables_of_playbook_equal_unset_ones(play: Player, tmp_path: Path, name: str, blank: str) -> None:
    case = CASES[name]
    slow = case.slow if blank == "mixed" else {}
    names = [optional for optional in list_optional_variables(name) if optional not in slow]
    assert "huaweicloud_connection" in names
    outcomes = {}
    for label, variables in {"without": {}, "blank": blank_out(names, blank)}.items():
        play.emulator.reset()
        play.emulator.set(running_after=0, gone_after=0)
        play.emulator.seed(workspaces=["team-a", "other"])
        directory = tmp_path / label
        directory.mkdir()
        file = directory / "shop.yml"
        file.write_text("workspaces: [{name: team-a, description: A team}, {name: team-b, state: absent}]\n")
        fixed = {key: str(file) if value is PATH else value for key, value in {**case.fixed, **slow}.items()}
        run = play.run(
            f"{COLLECTION}.{name}", variables={**variables, **fixed}, working_directory=directory, verbosity=1
        )
        outcomes[label] = summarize(run, directory)
    assert len(outcomes["without"]) > 5
    assert outcomes["blank"] == outcomes["without"]


@pytest.mark.parametrize("blank", LABELS)
def test_blank_variables_of_roles_equal_unset_ones(play: Player, tmp_path: Path, blank: str) -> None:
    tasks = [
        {"name": role, "ansible.builtin.include_role": {"name": f"{COLLECTION}.{role}"}} for role in RESOURCE_TYPES
    ]
    names = [name for role in RESOURCE_TYPES for name in read_role_specs(role)]
    assert set(LISTS) < set(names)
    tmp = tmp_path / "none"
    tmp.mkdir()
    expected = summarize(play(tasks), tmp)
    assert summarize(play(tasks, variables=blank_out(names, blank)), tmp) == expected
    assert play.emulator.request_log() == []


@pytest.mark.parametrize("blank", LABELS)
def test_blank_variables_of_emulator_equal_unset_ones(play: Player, tmp_path: Path, blank: str) -> None:
    names = sorted(read_role_specs("emulator"))
    outcomes = {}
    for label, variables in {"without": {}, "blank": blank_out(names, blank)}.items():
        home = tmp_path / label
        home.mkdir()
        environment = {"HOME": str(home)}
        try:
            run = play.run(f"{COLLECTION}.emulator", variables=variables, environment=environment)
            found = [
                [record.name, record.status, record.result.get("variables")]
                for record in run.records
                if record.name != "Show how to use the emulator"
            ]
            directory = home / ".cache" / "community.huaweicloud" / "emulator"
            files = sorted(path.name for path in directory.iterdir() if path.is_file())
            ready = sorted(json.loads((directory / "ready.json").read_text(encoding="utf-8")))
        finally:
            play.run(f"{COLLECTION}.emulator", variables={"emulator_state": "stopped"}, environment=environment)
        outcomes[label] = (found, files, ready)
    assert outcomes["blank"] == outcomes["without"]


@pytest.mark.parametrize("blank", [None, pytest.param("", marks=pytest.mark.complete)], ids=BLANK)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "desired_state_file" in case.fixed])
def test_blank_file_variable_is_missing(play: Player, name: str, blank: t.Any) -> None:
    run = play.run(f"{COLLECTION}.{name}", variables={"desired_state_file": blank}, fails=True)
    (failed,) = [record for record in run.records if record.failed]
    assert (
        failed.msg
        == "Nothing was sent. desired_state_file is required, for example -e desired_state_file=bookinfo.yml."
    )
    assert play.emulator.request_log() == []
