# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import collections
import contextlib
import copy
import datetime as dt
import functools
import getpass
import json
import os
import pwd
import sys
import types
import typing as t

import pytest
from ansible import constants as C
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.community.huaweicloud.plugins.action import apply as apply_action
from ansible_collections.community.huaweicloud.plugins.action import iam_token as token_action
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm, iam, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    WAIT,
    ArgumentSpec,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import validate
from ansible_collections.community.huaweicloud.plugins.module_utils._task import Task
from ansible_collections.community.huaweicloud.plugins.plugin_utils import _local_execution as _in_process
from ansible_collections.community.huaweicloud.plugins.plugin_utils._local_execution import LocalModuleAction

SECRET = "CANARY-secret-of-the-task"
FROM_ENVIRONMENT = "CANARY-secret-of-the-environment"
ACTION = "community.huaweicloud.some_module"
OPTIONS = ArgumentSpec(
    argument_spec={
        "name": {"type": "str", "required": True, "aliases": ["title"]},
        "size": {"type": "int", "default": 1},
        "extra": {"type": "raw"},
        "notes": {"type": "dict"},
        "secret": {"type": "str", "no_log": True},
    }
)
ME = pwd.getpwuid(os.geteuid()).pw_name


class Become:
    def __init__(self, user: str) -> None:
        self._user = user

    def get_option(self, name: str) -> str:
        return {"become_user": self._user}[name]


class Templar:
    """Knows one variable."""

    available_variables: t.ClassVar[dict[str, t.Any]] = {}

    def template(self, value: t.Any) -> t.Any:
        return sys.executable if value == "{{ ansible_playbook_python }}" else value


def make(
    plugin: type[LocalModuleAction] = LocalModuleAction, args: t.Any = None, **changes: t.Any
) -> LocalModuleAction:
    """Return a plugin for a task with the given keywords on a local connection."""
    task = types.SimpleNamespace(
        action=ACTION,
        resolved_action=ACTION,
        args={"name": "x"} if args is None else args,
        async_val=0,
        environment=[{}],
        check_mode=False,
        diff=False,
        no_log=False,
        loop=None,
        until=None,
        retries=None,
        delegate_to=None,
        timeout=0,
        _uuid="task-1",
    )
    connection = types.SimpleNamespace(
        transport="local", become=None, has_native_async=False, _shell=types.SimpleNamespace(tmpdir=None)
    )
    for name, value in changes.items():
        owner = connection if hasattr(connection, name) else task
        assert hasattr(owner, name)
        setattr(owner, name, value)
    action = plugin.__new__(plugin)
    action._task, action._connection, action._templar = task, connection, Templar()
    action._loader = DataLoader()
    return action


@pytest.fixture(autouse=True)
def context(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("HW_", "OS_", "HUAWEICLOUD_", "ANSIBLE_PYTHON")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(C.config, "_config_file", None)
    monkeypatch.setenv("ANSIBLE_INJECT_INVOCATION", "true")
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(
        LocalModuleAction,
        "TASK",
        Task(OPTIONS, lambda params: None, lambda session, params, desired: {"changed": False}),
        raising=False,
    )
    _in_process._client_caches.clear()


# Where to run


@pytest.mark.parametrize(
    "task_vars",
    [
        {},
        {"ansible_python_interpreter": sys.executable},
        {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        {"huaweicloud_in_process": True},
        {"huaweicloud_in_process": "yes"},
    ],
)
def test_local_task_runs_in_this_process(task_vars):
    assert make()._runs_here(task_vars)


@pytest.mark.parametrize(
    "changes",
    [
        {"transport": "ansible.builtin.local"},
        {"become": Become(ME)},
        {"environment": []},
        {"environment": None},
        {"environment": [{}, {}]},
        {"check_mode": True, "diff": True},
        {"loop": ["a"]},
    ],
)
def test_task_with_local_execution(changes):
    assert make(**changes)._runs_here({})


@pytest.mark.parametrize(
    "changes",
    [
        {"transport": "ssh"},
        {"transport": "ansible.netcommon.local"},
        {"transport": "community.docker.docker"},
        {"become": Become("somebody-else")},
        {"async_val": 10},
        {"environment": [{"HTTPS_PROXY": "http://proxy.example.com"}]},
        {"environment": [{}, {"A": "b"}]},
        {"environment": ["{{ variables }}"]},
    ],
)
def test_task_with_fallback_to_the_module(changes):
    assert not make(**changes)._runs_here({})


@pytest.mark.parametrize(
    "task_vars",
    [
        {"ansible_python_interpreter": "/usr/bin/another-python"},
        {
            "ansible_python_interpreter": os.path.join(
                os.path.dirname(sys.executable), ".", os.path.basename(sys.executable)
            )
        },
        {"huaweicloud_in_process": False},
        {"huaweicloud_in_process": "no"},
    ],
)
def test_variables_with_fallback_to_the_module(task_vars):
    assert not make()._runs_here(task_vars)


@pytest.mark.parametrize("value, here", [("0", False), ("false", False), ("1", True), ("true", True), ("", True)])
def test_switch_of_the_environment(monkeypatch, value, here):
    monkeypatch.setenv("HW_IN_PROCESS", value)
    assert make()._runs_here({}) is here
    # Both have to agree.
    assert not make()._runs_here({"huaweicloud_in_process": False})


def test_interpreter_of_the_environment_counts(monkeypatch):
    monkeypatch.setenv("ANSIBLE_PYTHON_INTERPRETER", "/usr/bin/another-python")
    assert not make()._runs_here({})
    assert make()._runs_here({"ansible_python_interpreter": sys.executable})


def test_user_of_the_environment_is_ignored(monkeypatch):
    """Else a task for another user would be done as this one."""
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert getpass.getuser() == "somebody-else"
    assert not make(become=Become("somebody-else"))._runs_here({})
    assert make(become=Become(ME))._runs_here({})


def test_user_without_an_entry_in_passwd_runs_the_module(monkeypatch):
    """As in containers of OpenShift: become itself reports what it lacks."""

    def unknown(uid):
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert not make(become=Become("root"))._runs_here({})
    assert make()._runs_here({})


def test_delegated_task_uses_the_variables_of_its_host():
    task_vars = {
        "ansible_python_interpreter": "/usr/bin/another-python",
        "ansible_delegated_vars": {"localhost": {"ansible_python_interpreter": sys.executable}},
    }
    assert make(delegate_to="localhost")._runs_here(task_vars)
    assert not make()._runs_here(task_vars)
    task_vars["ansible_delegated_vars"]["localhost"]["huaweicloud_in_process"] = False
    assert not make(delegate_to="localhost")._runs_here(task_vars)


# As a module


@pytest.mark.parametrize("asynchronous", [0, 30])
def test_ordinary_module_is_run(monkeypatch, asynchronous):
    called, removed = [], []
    monkeypatch.setattr(
        LocalModuleAction,
        "_execute_module",
        lambda self, **options: called.append(options) or {"changed": True},
        raising=False,
    )
    monkeypatch.setattr(LocalModuleAction, "_remove_tmp_path", lambda self, path: removed.append(path), raising=False)
    action = make(async_val=asynchronous, transport="ssh")
    assert action.run(task_vars={"a": 1}) == {"changed": True}
    assert called == [{"module_args": {"name": "x"}, "task_vars": {"a": 1}, "wrap_async": bool(asynchronous)}]
    assert len(removed) == (0 if asynchronous else 1)


def test_local_module_starts_in_the_current_directory(monkeypatch, tmp_path):
    """Ansible starts modules with a local connection in the base directory of the loader, that of the playbook."""
    started = []
    monkeypatch.setattr(
        LocalModuleAction,
        "_execute_module",
        lambda self, **options: started.append(self._loader.get_basedir()) or {},
        raising=False,
    )
    monkeypatch.setattr(LocalModuleAction, "_remove_tmp_path", lambda self, path: None, raising=False)
    monkeypatch.chdir(tmp_path)
    action = make()
    action._loader.set_basedir("/playbooks")
    action.run(task_vars={"huaweicloud_in_process": False})
    assert (started, action._loader.get_basedir()) == ([str(tmp_path)], "/playbooks")


# In process


def perform_with(monkeypatch, run, **arguments):
    monkeypatch.setattr(LocalModuleAction, "TASK", Task(CONNECTION.merge(OPTIONS), lambda params: None, run))
    for name, value in {
        "HW_ACCESS_KEY": "ACCESSKEY0001",
        "HW_SECRET_KEY": FROM_ENVIRONMENT,
        "HW_PROJECT_ID": "p-1",
        "HW_REGION_NAME": "eu-de",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: None)
    return make(**arguments)


def test_result_equals_the_output_of_the_module(monkeypatch):
    action = perform_with(
        monkeypatch,
        lambda session, params, desired: {
            "changed": True,
            "thing": {"name": params["name"]},
            "diff": {"before": {}, "after": {}},
        },
    )
    result = action.run(task_vars={})
    assert {key: value for key, value in result.items() if key != "invocation"} == {
        "changed": True,
        "thing": {"name": "x"},
        "request_ids": [],
    }
    assert result["invocation"]["module_args"].keys() == {
        *CONNECTION.argument_spec,
        *OPTIONS.argument_spec,
        "ak",
        "sk",
    } - {"ak", "sk"}
    assert result["invocation"]["module_args"]["size"] == 1


def test_diff_is_returned_in_diff_mode_only(monkeypatch):
    found = [
        perform_with(
            monkeypatch,
            lambda session, params, desired: {"changed": True, "diff": {"before": {}, "after": {"a": 1}}},
            diff=diff,
        ).run(task_vars={})
        for diff in (False, True)
    ]
    assert ["diff" in result for result in found] == [False, True]


def test_check_mode_reaches_the_session(monkeypatch):
    action = perform_with(
        monkeypatch, lambda session, params, desired: {"changed": False, "seen": session.check_mode}, check_mode=True
    )
    assert action.run(task_vars={})["seen"] is True


def test_secrets_are_masked_everywhere(monkeypatch):
    def run(session, params, desired):
        session.warn(f"a warning with {SECRET}")
        return {
            "changed": False,
            "deep": [{"a": (f"x{SECRET}y", {FROM_ENVIRONMENT})}],
            "both": SECRET + FROM_ENVIRONMENT,
        }

    result = perform_with(monkeypatch, run, args={"name": "x", "secret": SECRET}).run(task_vars={})
    assert "CANARY" not in json.dumps(result, default=repr)
    assert result["invocation"]["module_args"]["secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert result["warnings"] == ["a warning with ********"]


@pytest.mark.parametrize("changes", [{}, {"size": "many"}])
def test_secrets_that_only_the_task_knows_are_masked(monkeypatch, changes):
    def refuse(params):
        raise OptionError("the notes are wrong")

    def find(params):
        return params["notes"].values()

    monkeypatch.setattr(LocalModuleAction, "TASK", Task(CONNECTION.merge(OPTIONS), refuse, lambda *args: {}, find))
    result = make(args={"name": "x", "notes": {"a": SECRET}, **changes}).run(task_vars={})
    assert result["failed"] is True and result["invocation"]["module_args"]["name"] == "x"
    assert SECRET not in json.dumps(result, default=repr)


def test_lines_of_progress_are_masked_too(monkeypatch):
    lines = []
    monkeypatch.setattr(_in_process.display, "display", lines.append)

    def run(session, params, desired):
        session.progress(f"box {SECRET}: Creating, 0 s")
        return {"changed": False}

    perform_with(monkeypatch, run, args={"name": "x", "secret": SECRET}).run(task_vars={})
    assert lines == ["box ********: Creating, 0 s"]


@pytest.mark.parametrize(
    ("task_vars", "keywords", "line"),
    [
        ({}, {}, "release x: Running, 0 s"),
        ({"inventory_hostname": "web1"}, {}, "release x: Running, 0 s"),
        (
            {"inventory_hostname": "web1", "ansible_play_hosts_all": ["web1"]},
            {"delegate_to": "localhost"},
            "release x: Running, 0 s",
        ),
        (
            {"inventory_hostname": "web1", "ansible_play_hosts_all": ["web1", "web2"]},
            {},
            "[web1] release x: Running, 0 s",
        ),
        (
            {"inventory_hostname": "web1", "ansible_play_hosts_all": ["web1", "web2"]},
            {"delegate_to": "localhost"},
            "[web1 -> localhost] release x: Running, 0 s",
        ),
    ],
)
def test_progress_names_the_host_if_the_play_has_several(monkeypatch, task_vars, keywords, line):
    lines = []
    monkeypatch.setattr(_in_process.display, "display", lines.append)

    def run(session, params, desired):
        session.progress("release x: Running, 0 s")
        return {"changed": False}

    perform_with(monkeypatch, run, **keywords).run(task_vars=task_vars)
    assert lines == [line]


class Queue:
    """The way from a worker process to the process that prints."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def send_display(self, method: str, text: str, *args: t.Any, **options: t.Any) -> None:
        assert method == "display"
        self.lines.append(text)


@pytest.mark.parametrize("wrappers", [0, 1, 2])
def test_progress_bypasses_wrappers_of_display(monkeypatch, wrappers):
    """As ansible-runner 2.4.1 and older: it writes to standard output around each line, which a worker process must not do."""
    calls, queue = [], Queue()

    def wrapped(function):
        @functools.wraps(function)
        def wrapper(*args, **options):
            calls.append("event")
            return function(*args, **options)

        return wrapper

    for _number in range(wrappers):
        monkeypatch.setattr(Display, "display", wrapped(Display.display))
    monkeypatch.setattr(_in_process.display, "_final_q", queue)
    _in_process.display_line("release x: Running, 0 s")
    assert (queue.lines, calls) == (["release x: Running, 0 s"], [])


@pytest.mark.parametrize(
    "task_vars, keywords, count",
    [
        ({}, {}, 1),
        ({"huaweicloud_progress": True}, {}, 1),
        ({"huaweicloud_progress": False}, {}, 0),
        ({"huaweicloud_progress": "off"}, {}, 0),
        ({}, {"no_log": True}, 0),
    ],
)
def test_progress_can_be_switched_off(monkeypatch, task_vars, keywords, count):
    lines = []
    monkeypatch.setattr(_in_process.display, "display", lines.append)

    def run(session, params, desired):
        session.progress("line")
        return {"changed": False}

    perform_with(monkeypatch, run, **keywords).run(task_vars=task_vars)
    assert len(lines) == count


WHEN = dt.datetime(2020, 3, 25, 13, 37, 11, tzinfo=dt.timezone.utc)
MARKED = "!!timestamp 2020-03-25 13:37:11+00:00"


def test_dates_in_templates_are_marked_before_they_become_text():
    template = {
        "metadata": {"creationTimestamp": WHEN, "labels": {"a": WHEN}},
        "spec": [WHEN, {None: b"x"}],
        "status": {"a": WHEN},
    }
    marked = {
        "metadata": {"creationTimestamp": WHEN, "labels": {"a": MARKED}},
        "spec": [MARKED, {"!!null": "!!binary"}],
        "status": {"a": WHEN},
    }
    items = [{"template": template, "cluster_id": "1"}, {"template": "text"}, "no mapping", {"template": {"a": 1}}]
    expected = [{"template": marked, "cluster_id": "1"}, *items[1:]]
    args = {
        "gray_deployments": items,
        "releases": [{"name": "x", "gray_deployments": items}, WHEN],
        "notes": {"a": WHEN},
    }
    before = copy.deepcopy(args)
    assert make(args=args)._options() == {
        "gray_deployments": expected,
        "releases": [{"name": "x", "gray_deployments": expected}, WHEN],
        "notes": {"a": WHEN},
    }
    assert args == before


def test_template_without_foreign_values_is_not_copied():
    items = [{"template": {"a": [{"b": 1, 2: None}]}}]
    assert make(args={"gray_deployments": items})._options()["gray_deployments"][0] is items[0]


def test_recursive_template_is_left_to_the_validation():
    circle: dict[str, t.Any] = {}
    circle["a"] = circle
    deep: dict[str, t.Any] = {}
    for _level in range(5000):
        deep = {"a": deep}
    items = [{"template": circle}, {"template": deep}]
    assert make(args={"gray_deployments": items})._options()["gray_deployments"][1] is items[1]


@pytest.mark.parametrize(
    "args, msg",
    [
        ({}, "missing required arguments: name"),
        (
            {"name": "x", "siez": 2},
            f"Unsupported parameters for ({ACTION}) module: siez. Supported parameters include: ",
        ),
        ({"name": "x", "size": "many"}, "argument 'size' is of type "),
    ],
)
def test_wrong_options_have_the_message_of_the_module(monkeypatch, args, msg):
    result = make(args=args).run(task_vars={})
    assert result["failed"]
    assert result["msg"].startswith(msg)
    assert set(result) == {"failed", "msg", "invocation"}


@pytest.mark.parametrize("transport", ["local", "ssh"])
@pytest.mark.parametrize(
    ("option", "value", "kind"),
    [
        ("region", False, "a boolean"),
        ("secret_key", {"CANARY": 1}, "a mapping"),
        ("sk", ["CANARY"], "a list"),
        ("project_id", 1.5, "a number with a fraction"),
        ("ca_path", True, "a boolean"),
        ("identity_endpoint", ["CANARY"], "a list"),
    ],
)
def test_connection_option_that_is_not_a_text_is_refused_by_name(monkeypatch, option, value, kind, transport):
    action = perform_with(monkeypatch, None, args={"name": "x", option: value}, transport=transport)
    result = action.run(task_vars={})
    assert result["failed"] and result["error"]["kind"] == "options"
    assert result["msg"] == f"{option} must be a string, not {kind}. Put the value in quotes, or omit the option"


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("option", [*CONNECTION.argument_spec, "user", "wait", "wait_timeout", "wait_interval"])
def test_null_and_blank_are_not_set(monkeypatch, option, value):
    """As in module_defaults that are made of variables."""
    seen = []

    def run(session, params, desired):
        seen.append({key: params[key] for key in ("connect_timeout", "max_retries", "wait", "wait_timeout")})
        return {"changed": False}

    arguments = CONNECTION.merge(OPTIONS, WAIT)
    action = perform_with(monkeypatch, run, args={"name": "x", option: value})
    monkeypatch.setattr(LocalModuleAction, "TASK", Task(arguments, lambda params: None, run))
    result = action.run(task_vars={})
    assert not result.get("failed"), result["msg"]
    assert seen == [{"connect_timeout": 5.0, "max_retries": 5, "wait": True, "wait_timeout": 600.0}]
    assert action._task.args == {"name": "x", option: value}


def test_options_of_a_module_that_are_null_are_passed_on():
    assert make(args={"name": "x", "extra": None, "region": None, "password": " "})._options() == {
        "name": "x",
        "extra": None,
        "password": " ",
    }


@pytest.mark.parametrize("transport", ["local", "ssh"])
def test_unvalidatable_options_fail_before_the_module(transport):
    deep: t.Any = {}
    for _level in range(5000):
        deep = {"deeper": deep}
    for args in ({"name": "x", "size": float("inf")}, {"name": "x", "extra": deep}):
        assert make(args=args, transport=transport).run(task_vars={}) == {
            "failed": True,
            "msg": _task.UNCHECKABLE_OPTIONS,
        }


def test_option_and_its_alias_are_a_warning(monkeypatch):
    result = perform_with(
        monkeypatch, lambda session, params, desired: {"changed": False}, args={"name": "x", "title": "y"}
    ).run(task_vars={})
    assert result["warnings"] == ["Both option name and its alias title are set."]


def test_arguments_are_plain_values():
    class Text(str):
        """As the controller marks text that is not to be trusted."""

    given = {
        "name": Text("x"),
        "extra": [Text("a"), (1, 2), None, True, 1.5, dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5)],
        "notes": collections.OrderedDict([(1, {"deep": Text("b")}), ("set", {"c"})]),
        "_ansible_check_mode": True,
    }
    plain = _in_process._plain(given)
    assert plain == {
        "name": "x",
        "extra": ["a", [1, 2], None, True, 1.5, "2026-01-02", "2026-01-02T03:04:05"],
        "notes": {"1": {"deep": "b"}, "set": ["c"]},
    }
    assert [type(value).__name__ for value in (plain["name"], plain["notes"], plain["notes"]["1"]["deep"])] == [
        "str",
        "dict",
        "str",
    ]
    assert isinstance(given["name"], Text)


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_task_runs_in_the_current_directory(monkeypatch, tmp_path, failing, is_deleted):
    """Relative paths refer to it. If it has been deleted, they refer to the directory of the playbook."""
    seen = []
    start, playbooks = tmp_path / "start", tmp_path / "playbooks"
    for directory in (start, playbooks):
        directory.mkdir()
    monkeypatch.chdir(start)
    if is_deleted:
        start.rmdir()

    def run(session, params, desired):
        seen.append(os.getcwd())
        if failing:
            raise OSError("no")
        return {"changed": False}

    action = perform_with(monkeypatch, run)
    action._loader.set_basedir(str(playbooks))
    before = os.stat(".")
    with contextlib.suppress(OSError):
        action.run(task_vars={})
    assert seen == [str(playbooks if is_deleted else start)]
    assert os.path.samestat(os.stat("."), before)


# Loops


def test_loop_items_share_the_client_and_tasks_do_not():
    one, again = make(loop=["a", "b"])._get_client_cache(), make(loop=["a", "b"])._get_client_cache()
    assert one is again is not None
    other = make(loop=["a"], _uuid="task-2")._get_client_cache()
    assert other is not one
    # What was kept for the task before is let go.
    assert list(_in_process._client_caches) == ["task-2"]
    assert make()._get_client_cache() is None
    assert make(loop=["a"], until=["done"])._get_client_cache() is None
    assert make(loop=["a"], retries=4)._get_client_cache() is None


def test_client_is_kept_by_connection_and_check_mode(monkeypatch):
    clients, ages = [], []

    def run(session, params, desired):
        clients.append(session.client)
        ages.append(session.max_age)
        return {"changed": False}

    for changes in ({}, {}, {"args": {"name": "x", "project_id": "p-2"}}, {"check_mode": True}):
        perform_with(monkeypatch, run, loop=["a"], **changes).run(task_vars={})
    assert clients[0] is clients[1]
    assert len(set(map(id, clients))) == 3
    assert ages == [5.0] * 4
    perform_with(monkeypatch, run).run(task_vars={})
    assert clients[4] not in clients[:4]
    assert ages[4] == 0.0


# Tokens, and the time of a task


@pytest.mark.parametrize("transport", ["local", "ssh"])
@pytest.mark.parametrize("failed", [False, True])
def test_token_never_appears_but_its_error_does(monkeypatch, transport, failed):
    result = {"failed": True, "msg": "wrong"} if failed else {"token": "t-1"}
    monkeypatch.setattr(
        token_action.ActionModule, "_execute_module", lambda self, **options: dict(result), raising=False
    )
    monkeypatch.setattr(token_action.ActionModule, "_perform", lambda self, task_vars, validated: dict(result))
    monkeypatch.setattr(token_action.ActionModule, "_remove_tmp_path", lambda self, path: None, raising=False)
    action = make(token_action.ActionModule, args={}, transport=transport)
    assert action.run(task_vars={})["failed" if failed else "token"]
    assert action._task.no_log is not failed


@pytest.mark.parametrize(
    "keyword, option, expected",
    [
        (0, None, None),
        (0, 30, 30),
        (2, None, 1.5),
        (20, None, 18),
        (600, None, 595),
        (600, 30, 30),
        (600, "30", 30),
        (20, 30, 18),
        (20, "soon", "soon"),
    ],
)
def test_apply_stops_before_its_task_is_ended(keyword, option, expected):
    given = {"workspaces": [], **({"timeout": option} if option is not None else {})}
    action = make(apply_action.ActionModule, args=given, timeout=keyword)
    assert action._options() == {"workspaces": [], **({"timeout": expected} if expected is not None else {})}
    # The task is told, and not changed.
    assert action._task.args == given


def test_other_modules_know_no_such_option():
    assert make(timeout=20)._options() == {"name": "x"}


def test_each_module_has_its_own_plugin_over_the_same_function():
    """Only a plugin of the module's own name is imported before the workers are made."""
    from pathlib import Path

    plugins = Path(_in_process.__file__).parents[1]
    names = sorted(path.stem for path in (plugins / "modules").glob("[a-z]*.py"))
    assert sorted(path.stem for path in (plugins / "action").glob("[a-z]*.py")) == names
    for name in (
        name
        for name in names
        if name
        not in (
            "check_targets",
            "combine_targets",
            "create_report",
            "describe_target",
            "load_desired_state",
            "load_rollout",
            "show_report",
            "validate_variables",
            "write_report",
        )
    ):
        module = __import__(f"ansible_collections.community.huaweicloud.plugins.modules.{name}", fromlist=["TASK"])
        action = __import__(
            f"ansible_collections.community.huaweicloud.plugins.action.{name}", fromlist=["ActionModule"]
        )
        assert action.ActionModule.TASK is module.TASK
        assert issubclass(action.ActionModule, LocalModuleAction)


def test_parent_of_workers_compiles_schemas_and_argument_specs(monkeypatch):
    monkeypatch.setattr(validate, "_compile", None)
    for schema in (asm.RELEASE_LIST, iam.TOKEN, modelarts.WORKSPACE_PAGE, modelarts.WORKSPACE_TO_CREATE):
        assert not validate.is_valid(schema, None)
    monkeypatch.setattr(_task, "ArgumentSpecValidator", None)
    for action in (apply_action, token_action):
        _task.get_validator(action.ActionModule.TASK.arguments)
