# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local execution: equal results in both execution modes, and behavior that only one of them has."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import pwd
import re
import shlex
import socket
import sys
import threading
import typing as t
from pathlib import Path

import pytest
import yaml
from execution_modes import assert_equal_runs, run_in_both_modes
from harness import COLLECTION, HERE, Emulator, Player, Run, control, defaults, task
from task_scenarios import MESH, no_workspace, release, template, workshop, workspace

SECRET = "CANARY-secret-of-the-task"
ME = pwd.getpwuid(os.geteuid()).pw_name


# Plays that the integration targets do not contain


def fault(path_regex: str, method: str = "GET", **more: t.Any) -> dict[str, t.Any]:
    return control(
        "POST", "faults", {"kind": "status", "status": 403, "method": method, "path_regex": path_regex, **more}
    )


def named(names: t.Sequence[str], **fields: t.Any) -> list[dict[str, t.Any]]:
    return [{"name": name, **fields} for name in names]


LOOP = ["team-a", "team-b", "team-c", "team-a"]

PLAYS: dict[str, list[dict[str, t.Any]]] = {
    "steps": [
        workspace("predict", _check_mode=True, _diff=True),
        workspace("create", _diff=True),
        workspace("again", _diff=True),
        workspace("change", description="Another team", _diff=True),
        workspace(
            "change as module_defaults say",
            _module_defaults={f"{COLLECTION}.modelarts_workspace": {"enterprise_project_id": "0"}},
        ),
        no_workspace("predict the deletion", _check_mode=True),
        no_workspace("delete"),
        no_workspace("remove again"),
    ],
    "options": [
        workspace("unsupported", colour="red"),
        workspace("two unsupported", colour="red", shape="round"),
        workspace("wrong type", purge_grants="perhaps"),
        workspace("wrong type below", quotas=[{"resource": "x", "quota": "many"}]),
        workspace("wrong choice", state="gone"),
        workspace("unsupported below", grants=[{"user": "alice"}]),
        task("modelarts_workspace", "one of them is required"),
        workspace("not both", id="1"),
        workspace("too short", name="x"),
        workspace("the default one", name="default"),
        task("asm_release", "missing", **MESH),
        task(
            "asm_workshop",
            "an invalid endpoint",
            **MESH,
            name="demo",
            asm_endpoint="ftp://user:{{ secret }}@asm.example.com",
        ),
        task("asm_workshop", "a directory that does not exist", **MESH, name="demo", ca_path="/no/such/file"),
        release("lint", lint="strict", gray_deployments=[{"template": {"kind": "Deployment"}}]),
        release("a template as text", gray_deployments=[{"template": yaml.safe_dump(template())}], _check_mode=True),
        task("apply", "apply: unsupported", workspace=[]),
        task("apply", "apply: wrong items", workspaces=[{"nome": "team"}, {"name": "team"}, {"name": "team"}]),
        task("apply", "apply: no items", workspaces="team"),
    ],
    "aliases and secrets": [
        workspace("alias", ak="CANARYACCESSKEY1", sk="{{ secret }}"),
        workspace("both", access_key="CANARYACCESSKEY1", ak="CANARYACCESSKEY2", secret_key="{{ secret }}"),
        workspace("half a set", password="{{ secret }}"),
        workspace(
            "a secret that shows elsewhere",
            auth_token="{{ secret }}",
            description="said {{ secret }} twice, {{ secret }}",
        ),
        workspace("hidden", _no_log=True),
        workspace("hidden failure", name="default", _no_log=True),
        task(
            "iam_token",
            "a wrong password",
            username="alice",
            password="{{ secret }}",
            domain_name="nobody",
            _no_log=True,
        ),
    ],
    "services": [
        fault("workspaces"),
        workspace("forbidden"),
        fault("workspaces$", "POST", status=500, times=9),
        workspace("broken", max_retries=1),
        control("DELETE", "faults"),
        fault("workspaces$", "POST", kind="invalid_json"),
        workspace("invalid_json"),
        workspace("actual"),
        task("asm_workshop", "no such mesh", mesh_name="nobody", name="demo"),
        control("PATCH", "behaviors", {"release_creation": "fails"}),
        release("does not come up"),
    ],
    "keywords": [
        workspace("register", _register="actual"),
        {
            "name": "show",
            "ansible.builtin.debug": {
                "msg": "{{ actual.workspace.name }} {{ actual.workspace.grants[0].user_name }} {{ actual.changed }}"
            },
        },
        workspace("delegate", _delegate_to="localhost"),
        workspace("until", _until="false", _retries=2, _delay=0),
        workspace("failed when", _failed_when="true"),
        workspace("changed when", _changed_when="true"),
        workspace("skip", _when="false"),
        task(
            "modelarts_workspace",
            "from variables",
            name="{{ one.name }}",
            grants="{{ one.grants }}",
            _vars={"one": {"name": "{{ 'te' ~ 'am' }}", "grants": [{"user_name": "{{ 'alice' }}"}]}},
        ),
        task("modelarts_workspace", "omit", name="team", description="{{ omit }}"),
        task("modelarts_workspace", "numbers and dates", name=20260102, description="{{ '2026-01-02' }}"),
    ],
    "loops": [
        task("modelarts_workspace", "create", name="{{ item }}", _loop=LOOP),
        task("modelarts_workspace", "again", name="{{ item }}", _loop=LOOP, _loop_control={"label": "one of them"}),
        task("modelarts_workspace", "some fail", name="{{ item }}", _loop=["team-a", "default", "x", "team-b"]),
        task("modelarts_workspace", "hidden", name="{{ item }}", _loop=LOOP[:2], _no_log=True),
        task("modelarts_workspace_info", "look", name="{{ item }}", _loop=LOOP),
        task(
            "modelarts_workspace",
            "go and come back",
            name="team-a",
            state="{{ item }}",
            _loop=["absent", "absent", "present", "present"],
        ),
    ],
    "apply": [
        task("apply", "predict", workspaces=named(LOOP[:3]), _check_mode=True, _diff=True),
        task(
            "apply",
            "create",
            workspaces=named(LOOP[:3]),
            workshops=[workshop()[f"{COLLECTION}.asm_workshop"]],
            wait_interval=0.01,
            _diff=True,
        ),
        task("apply", "again", workspaces=named(LOOP[:3]), _diff=True),
        task("apply", "prune", workspaces=named(LOOP[:2]), prune={"workspaces": ["^team"]}, wait_interval=0.01),
        fault("workspaces$", "POST"),
        task("apply", "stop", workspaces=named(["team-d", "team-e"]), parallel=1),
        fault("workspaces$", "POST"),
        task("apply", "go on", workspaces=named(["team-d", "team-e"]), parallel=1, on_error="continue"),
        task("apply", "item by item", workspaces=[{"name": "{{ item }}"}], _loop=LOOP),
        task("apply", "with the time of a task", workspaces=named(LOOP[:2]), _timeout=20),
    ],
}


COVERED = {"apply", "steps"}


class TestPlays:
    # tests/robustness/execution_modes compares all integration targets, which have these steps, too.
    @pytest.mark.parametrize(
        "name", [pytest.param(name, marks=[pytest.mark.complete] * (name in COVERED)) for name in sorted(PLAYS)]
    )
    def test_both_execution_modes_return_the_same(self, play: Player, name: str) -> None:
        # The value is not in the play, because warnings of the core contain lines of it.
        secret = {"secret": "{{ lookup('ansible.builtin.env', 'CANARY') }}"}
        tasks = [
            one if "emulator" in one else {"ignore_errors": True, **one, "vars": {**secret, **one.get("vars", {})}}
            for one in PLAYS[name]
        ]
        here, there = run_in_both_modes(play, lambda player: player(tasks, environment={"CANARY": SECRET}))
        assert_equal_runs(here, there)
        for run in (here, there):
            assert SECRET not in json.dumps([record.result for record in run.records])
            assert SECRET not in run.output


WHEN = dt.datetime(2020, 3, 25, 13, 37, 11, tzinfo=dt.timezone.utc)
DATE = "template.metadata.annotations.expires is a date, it must be text: put it in quotes."


def dated(**metadata: t.Any) -> dict[str, t.Any]:
    """Return a Deployment, which a playbook shows with dates without quotes."""
    desired = template()
    desired["metadata"].update(metadata)
    return desired


def test_dates_without_quotes_have_one_result(play: Player) -> None:
    """Dates are refused in a mapping, in apply and in a role, in both execution modes, unless the server sets them."""
    bad = [{"template": dated(annotations={"expires": WHEN})}]
    export = [{"template": {**dated(creationTimestamp=WHEN), "status": {"conditions": [{"lastUpdateTime": WHEN}]}}}]
    text = [{"template": yaml.safe_dump(bad[0]["template"])}]
    item = release(gray_deployments=bad)[f"{COLLECTION}.asm_release"]
    tasks = [
        release("mapping", gray_deployments=bad, _check_mode=True),
        release("text", gray_deployments=text, _check_mode=True),
        release("key", gray_deployments=[{"template": dated(annotations={None: "a"})}], _check_mode=True),
        task("apply", "item", releases=[item], on_error="continue", _check_mode=True),
        release("export", gray_deployments=export),
        release("export again", gray_deployments=export),
        release("export as text", gray_deployments=[{"template": yaml.safe_dump(export[0]["template"])}]),
    ]
    here, there = run_in_both_modes(play, lambda player: player([{"ignore_errors": True, **one} for one in tasks]))
    assert_equal_runs(here, there)
    task_result = {record.name: str(record.result.get("msg", "")) for record in here.records}
    assert task_result["mapping"] == f"gray_deployments[0].{DATE}"
    assert task_result["text"].endswith("a date or time must be text: put it in quotes")
    assert task_result["key"].endswith("annotations has a key that is null; keys must be text: put it in quotes.")
    assert task_result["item"].endswith(DATE)
    changed = {record.name: record.result["changed"] for record in here.records}
    assert [changed[name] for name in ("export", "export again", "export as text")] == [True, False, False]


def test_json_text_with_characters_beyond_the_basic_plane(play: Player) -> None:
    """Ansible and most other programs write them as two escapes."""
    motd = dated(annotations={"motd": "Ready \U0001f680"})
    tasks = [
        release("as JSON", gray_deployments=[{"template": "{{ motd | to_json }}"}], _vars={"motd": motd}),
        release("as mapping", gray_deployments=[{"template": motd}]),
    ]
    run = play(tasks)
    assert [record.result["changed"] for record in run.records] == [True, False]
    found = run.records[0].result["release"]["gray_deployments"][0]["template"]
    assert found["metadata"]["annotations"]["motd"] == "Ready \U0001f680"


@pytest.mark.parametrize("wanted", ["true", "false", None])
def test_invocation_is_returned_in_the_form_of_the_core(play: Player, wanted: str | None) -> None:
    """From 2.21 on it is a setting."""

    def run(player: Player) -> Run:
        return player([look("look"), look("wrong", colour="red")], environment={"ANSIBLE_INJECT_INVOCATION": wanted})

    here, there = run_in_both_modes(play, run)
    assert_equal_runs(here, there)
    if wanted == "true":
        assert here["look"].result["invocation"] == there["look"].result["invocation"]


def test_both_modes_return_the_credential_source(play: Player) -> None:
    tasks = [task("modelarts_workspace_info", "look")]
    here, there = run_in_both_modes(play, lambda player: player(tasks, verbosity=3))
    assert_equal_runs(here, there)
    assert here["look"].result["auth_source"]["origin"] == (
        "The credentials come from the environment variables HW_ACCESS_KEY and HW_SECRET_KEY."
    )
    assert "AnsiballZ_modelarts_workspace_info" in there.stdout
    assert "AnsiballZ_" not in here.stdout


# Where a task runs


def ran_as_module(run: Run) -> dict[str, bool]:
    """Return for each task whether Ansible executed a command, according to the most verbose output."""
    parts = re.split(r"^TASK \[(.+?)\] \*+$", run.stdout, flags=re.MULTILINE)
    return {name: "EXEC" in text for name, text in zip(parts[1::2], parts[2::2])}


def look(name: str, **keywords: t.Any) -> dict[str, t.Any]:
    return task("modelarts_workspace_info", name, **{"_ignore_errors": True, **keywords})


def test_fallback_to_the_module(play: Player) -> None:
    other = play.directory / "another-python"
    other.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    other.chmod(0o755)
    here = [
        look("plain"),
        look("own user", _become=True, _become_user=ME),
        look("own interpreter", _vars={"ansible_python_interpreter": "{{ ansible_playbook_python }}"}),
        look("empty environment", _environment={}),
        look("delegated", _delegate_to="localhost"),
        look("local action", _connection="local"),
        look("in a loop", _loop=[1, 2]),
        look("switched on", _vars={"huaweicloud_in_process": True}),
    ]
    # The wrapper that Ansible uses for async splits the path of the interpreter at blanks.
    without_blanks = {"ansible_python_interpreter": str(other)} if " " in sys.executable else {}
    there = [
        look("environment", _environment={"LANG": "C"}),
        look("asynchronous", _async=300, _poll=1, _vars=without_blanks),
        look("another user", _become=True, _become_user="nobody-of-that-name"),
        look("another interpreter", _vars={"ansible_python_interpreter": str(other)}),
        look("switched off", _vars={"huaweicloud_in_process": False}),
        look("switched off in a loop", _vars={"huaweicloud_in_process": "no"}, _loop=[1]),
    ]
    run = play([*here, *there], verbosity=3)
    found = ran_as_module(run)
    assert [name for name in (one["name"] for one in here) if found[name]] == []
    assert [name for name in (one["name"] for one in there) if not found[name]] == []
    for name in ("environment", "asynchronous", "another interpreter", "switched off"):
        assert not run[name].failed, (run[name].msg, run[name].result)
        assert run[name].result["workspaces"] == run["plain"].result["workspaces"], name
    assert run["another user"].failed


@pytest.mark.parametrize(
    "play_keywords",
    [
        {"environment": {"LANG": "C"}},
        {"vars": {"huaweicloud_in_process": False}},
        {"vars": {"ansible_connection": "paramiko_of_a_test"}},
    ],
)
def test_keywords_of_the_play_are_respected(play: Player, play_keywords: dict[str, t.Any]) -> None:
    run = play.run(
        [{"name": "Test", "hosts": "localhost", "gather_facts": False, **play_keywords, "tasks": [look("look")]}],
        verbosity=3,
    )
    if "ansible_connection" in str(play_keywords):
        assert "paramiko_of_a_test" in run["look"].msg
    else:
        assert ran_as_module(run) == {"look": True}


@pytest.mark.parametrize("setting", ["[defaults]\ninterpreter_python={}\n", "[defaults]\n"])
def test_explicit_localhost_uses_its_configuration(emulator: Emulator, tmp_path: Path, setting: str) -> None:
    """Without a setting, only a module can discover the interpreter. The test itself runs with a known interpreter."""
    # Without a fork server, because it has read the shared configuration.
    play = Player(emulator, tmp_path)
    other = play.directory / "another-python"
    other.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    other.chmod(0o755)
    (play.directory / "ansible.cfg").write_text(setting.format(other), encoding="utf-8")
    (play.directory / "hosts").write_text("localhost ansible_connection=local\n", encoding="utf-8")
    assert ran_as_module(play([look("look")], verbosity=3)) == {"look": "python" in setting}


# In the parent process


CALLBACK = """
import json, os, sys
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: imports
type: notification
short_description: What the parent has imported when a task starts
description: Writes it to a file.
author: test
'''


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "imports"

    def v2_playbook_on_play_start(self, play):
        self._write("play")

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._write(task.name)

    def _write(self, name):
        with open(os.environ["IMPORTS_FILE"], "a") as file:
            file.write(json.dumps({"name": name, "pid": os.getpid(), "modules": sorted(sys.modules)}) + "\\n")
"""


def test_libraries_are_imported_before_the_fork(play: Player) -> None:
    (play.directory / "callback").mkdir()
    (play.directory / "callback" / "imports.py").write_text(CALLBACK, encoding="utf-8")
    written = play.directory / "imports.jsonl"
    environment = {
        "ANSIBLE_CALLBACK_PLUGINS": f"{HERE / 'callback'}{os.pathsep}{play.directory / 'callback'}",
        "ANSIBLE_CALLBACKS_ENABLED": "records,imports",
        "IMPORTS_FILE": str(written),
    }
    play([{"name": "before", "ansible.builtin.debug": {}}, workspace("ours")], environment=environment)
    found = {line["name"]: line for line in map(json.loads, written.read_text(encoding="utf-8").splitlines())}
    assert found["play"]["pid"] == found["ours"]["pid"]
    needed = {
        "requests",
        f"ansible_collections.{COLLECTION}.plugins.module_utils._resources.workspace.resource",
    }
    assert needed.isdisjoint(found["before"]["modules"])
    # The parent has imported them when it reports the task, which is before it forks the worker.
    assert needed <= set(found["ours"]["modules"])


# In a loop


class Relay:
    """A port that forwards all data to the emulator and counts the connections."""

    def __init__(self, emulator: Emulator) -> None:
        host, port = emulator.url.rpartition("/")[2].split(":")
        self._target = host, int(port)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._socket.accept()[0]
                self.connections += 1
                server = socket.create_connection(self._target)
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()


def with_password(emulator: Emulator) -> dict[str, str]:
    found = emulator.credentials
    return {
        "HW_ACCESS_KEY": "",
        "HW_SECRET_KEY": "",
        "HW_USER_NAME": found["username"],
        "HW_USER_PASSWORD": found["password"],
        "HW_DOMAIN_NAME": found["domain_name"],
    }


def test_loop_shares_token_list_and_connection(play: Player) -> None:
    emulator = play.emulator
    names = [f"team-{number:02}" for number in range(30)]
    emulator.seed(workspaces=named(names))
    relay = Relay(emulator)
    addresses = dict.fromkeys(["HW_AUTH_URL", "HW_ASM_ENDPOINT", "HW_MODELARTS_ENDPOINT"], relay.url)
    tasks = [
        task("modelarts_workspace", "loop", name="{{ item }}", _loop=names),
        task("modelarts_workspace", "alone", name=names[0]),
    ]
    try:
        run = play(tasks, environment={**with_password(emulator), **addresses})
    finally:
        relay.close()
    project = emulator.credentials["project_id"]
    assert run["loop"].sent == ["POST /v3/auth/tokens", f"GET /v1/{project}/workspaces"]
    assert not run["loop"].changed
    # A separate task shares nothing with the loop.
    assert run["alone"].sent == ["POST /v3/auth/tokens", f"GET /v1/{project}/workspaces"]
    assert relay.connections == 2
    results = run["loop"].result["results"]
    assert [result["workspace"]["name"] for result in results] == names
    assert [len(result["request_ids"]) for result in results] == [2] + [0] * 29


def test_meshes_and_lists_of_asm_are_read_once(play: Player) -> None:
    run = play([workshop("create"), workshop("loop", _loop=list(range(10)))])
    assert [line.rpartition("/")[2] for line in run["loop"].sent] == ["meshes", "workshops"]


def test_loop_item_sees_earlier_items(play: Player) -> None:
    items = [
        {"name": "team-a"},
        {"name": "team-a"},
        {"name": "team-a", "description": "new"},
        {"name": "team-a", "description": "new"},
        {"name": "team-a", "new_name": "team-b"},
        {"name": "team-a", "state": "absent"},
        {"name": "team-b", "state": "absent"},
        {"name": "team-b", "state": "absent"},
        {"name": "team-b"},
    ]
    options = {key: f"{{{{ item.{key} | default(omit) }}}}" for key in ("name", "new_name", "description", "state")}
    run = play([task("modelarts_workspace", "loop", **options, _loop=items)])
    assert [result["changed"] for result in run["loop"].result["results"]] == [
        True,
        False,
        True,
        False,
        True,
        False,
        True,
        False,
        True,
    ]
    names = [found["name"] for found in play.emulator.stores()["workspaces"].values()]
    assert sorted(names) == ["default", "team-b"]


def test_loop_of_releases_sees_its_own_writes(play: Player) -> None:
    images = ["1", "1", "2", "2"]
    one = release("loop", gray_deployments=[{"template": template("{{ item }}")}], _loop=images)
    run = play([one])
    assert [result["changed"] for result in run["loop"].result["results"]] == [True, False, True, False]


# Tokens


def test_token_is_hidden_without_no_log(play: Player) -> None:
    tasks = [
        task("iam_token", "token", _register="login"),
        task("iam_token", "tokens", _loop=[1, 2], _register="logins"),
        {
            "name": "use",
            "ansible.builtin.assert": {
                "that": ["login.token | length > 30", "logins.results[1].token | length > 30", "not login.changed"]
            },
        },
        task("modelarts_workspace_info", "look", auth_token="{{ login.token }}", project_id="{{ login.project_id }}"),
    ]
    run = play(tasks, environment=with_password(play.emulator), verbosity=2)
    for name in ("token", "tokens"):
        assert "token" not in json.dumps(run[name].result).replace("iam_token", ""), run[name].result
        assert "censored" in json.dumps(run[name].result)
    assert not run["look"].failed


# Progress


def slow_release(**variables: t.Any) -> list[dict[str, t.Any]]:
    return [release("create", _vars=variables)]


def test_progress_is_displayed_at_each_change_of_state(play: Player) -> None:
    run = play(slow_release())
    lines = [line for line in run.stdout.splitlines() if line.startswith("release ")]
    assert [re.sub(r"\d+ s$", "N s", line) for line in lines] == [
        "release default/canary: Creating, N s",
        "release default/canary: Creating -> Running, N s",
    ]


@pytest.mark.parametrize(
    "tasks, environment",
    [
        (slow_release(huaweicloud_progress=False), {}),
        (slow_release(huaweicloud_in_process=False), {}),
        ([{**slow_release()[0], "no_log": True}], {}),
    ],
)
def test_progress_can_be_turned_off(play: Player, tasks: list[dict[str, t.Any]], environment: dict[str, str]) -> None:
    run = play(tasks, environment=environment)
    assert run["create"].changed
    assert not [line for line in run.stdout.splitlines() if line.startswith("release ")]


def test_immediate_success_displays_no_progress(play: Player) -> None:
    run = play([workspace("create"), workspace("again")])
    assert not [line for line in run.stdout.splitlines() if line.startswith("workspace ")]


def test_groups_of_module_defaults_reach_the_plugin(play: Player) -> None:
    found = play.emulator.credentials
    keys = {"access_key": found["access_key"], "secret_key": found["secret_key"], "project_id": found["project_id"]}
    without = {"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None, "HW_PROJECT_ID": None}
    tasks = [workspace("ours"), task("apply", "all", workspaces=[{"name": "team"}]), look("look")]
    run = play(tasks, module_defaults=defaults(**keys), environment=without)
    assert [record.failed for record in run.modules()] == [False] * 3
    assert keys["secret_key"] not in run.output


def test_records_have_result_and_invocation(play: Player) -> None:
    """The comparisons above require one record per task, with its result and its invocation."""
    run = play([look("one"), look("two", _loop=[1, 2])], environment={"ANSIBLE_INJECT_INVOCATION": "true"})
    assert [record.name for record in run.modules()] == ["one", "two"]
    assert run["one"].result["invocation"]["module_args"]["region"] is None
    assert len(run["two"].result["results"]) == 2
