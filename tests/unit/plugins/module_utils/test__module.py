# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import sys

import pytest
from ansible.module_utils import basic
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    CONNECTION,
    WAIT,
    ArgumentSpec,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    CheckModeError,
    DriftError,
    LibraryError,
    OptionError,
    ServerError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import RequestsTransport
from ansible_collections.community.huaweicloud.plugins.module_utils._module import run_module
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Action
from ansible_collections.community.huaweicloud.plugins.module_utils._results import build_failure
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    StandaloneTask,
    Task,
    open_session,
    run_task,
)
from ansible_collections.community.huaweicloud.plugins.modules import asm_traffic, canary_rollout, service_probe
from simulated_cloud import Cloud, run_main

KEYS = {"access_key": "ACCESSKEY0001", "secret_key": "CANARY-secret-key"}
ACCESS = {**KEYS, "project_id": "p-1", "asm_endpoint": "https://asm.example.com"}
MESHES = "GET /v1/p-1/meshes"
OPTIONS = CONNECTION.merge(WAIT, ArgumentSpec(argument_spec={"what": {"type": "str"}}))


def task(run, validate_options=lambda params: params["what"]):
    return Task(OPTIONS, validate_options, run)


def count_meshes(session, params, desired):
    return {
        "count": len(asm.list_meshes(session.client)),
        "desired": desired,
        "changed": False,
        "diff": {"before": {}, "after": {"a": 1}},
    }


@pytest.fixture
def cloud():
    return Cloud()


@pytest.fixture
def main(cloud, monkeypatch, capsys):
    for variable in (name for option in CONNECTION.argument_spec for name in variables_for(option)):
        monkeypatch.delenv(variable, raising=False)
    return lambda task, options, **settings: run_main(
        cloud, lambda: run_module(task), options, monkeypatch, capsys, **settings
    )


# Ends of a module


def test_success(main, cloud):
    result = main(task(count_meshes), {**ACCESS, "what": "this"})
    result.pop("invocation", None)
    assert result == {"count": 1, "desired": "this", "changed": False, "request_ids": ["req-1"]}
    assert cloud.request_log == [MESHES]


@pytest.mark.parametrize("diff", [True, False])
def test_diff_in_diff_mode_only(main, diff):
    assert main(task(count_meshes), ACCESS, diff=diff).get("diff") == (
        {"before": {}, "after": {"a": 1}} if diff else None
    )


KEYS_OF_TASK = {
    "kind": "aksk",
    "source": "task",
    "origin": "The credentials come from the task options access_key and secret_key.",
}


@pytest.mark.parametrize(("verbosity", "said"), [(0, None), (2, None), (3, KEYS_OF_TASK), (4, KEYS_OF_TASK)])
def test_source_of_the_credentials_at_high_verbosity(main, verbosity, said):
    assert main(task(count_meshes), ACCESS, verbosity=verbosity).get("auth_source") == said


def test_credentials_of_the_environment(main, monkeypatch):
    monkeypatch.setitem(os.environ, "HW_AUTH_TOKEN", "CANARY-given-token")
    monkeypatch.setitem(os.environ, "HW_PROJECT_ID", "p-1")
    result = main(task(count_meshes), {"asm_endpoint": "https://asm.example.com"}, verbosity=3)
    assert result["auth_source"] == {
        "kind": "token",
        "source": "environment",
        "origin": "The credentials come from the environment variable HW_AUTH_TOKEN.",
    }


def test_secrets_of_options_and_environment_are_masked(main, monkeypatch):
    def leak(session, params, desired):
        return {
            "changed": False,
            "said": "CANARY-secret-key, CANARY-security-token and proxy with CANARY-pa:ss",
            "nested": [{"deep": "CANARY-secret-key"}],
        }

    monkeypatch.setitem(os.environ, "HW_ACCESS_KEY", "ACCESSKEY0001")
    monkeypatch.setitem(os.environ, "HW_SECRET_KEY", "CANARY-secret-key")
    monkeypatch.setitem(os.environ, "HW_SECURITY_TOKEN", "CANARY-security-token")
    monkeypatch.setitem(os.environ, "HW_PROXY", "http://me:CANARY-pa%3Ass@proxy.example.com:3128")
    result = main(task(leak), {"region": "eu-de", "project_id": "p-1"})
    assert "CANARY" not in json.dumps(result)
    assert result["said"] == "********, ******** and proxy with ********"


SECRET = "CANARY-secret"
KUBECONFIG = {"users": [{"name": "a", "user": {"token": SECRET}}]}
ROLLOUT = {
    "traffic": {"connection": {"api_key": SECRET, "hots": "x"}, "clusters": {"c-2": {"kubeconfig": KUBECONFIG}}},
    "analysis": {"prometheus_token": SECRET},
}
PROBE = {**KEYS, "region": "eu-de", "prefix": ""}
# The option "unknown" ends the task before its own validation.
INVALID_OPTIONS = [
    (service_probe, {**PROBE, "istio_connection": {"api_key": SECRET, "hots": "x"}}),
    (service_probe, {**PROBE, "istio_connection": {"kubeconfig": KUBECONFIG}}),
    (service_probe, {**PROBE, "istio_connection": {"kubeconfig": json.dumps(KUBECONFIG)}, "unknown": 1}),
    (canary_rollout, {**KEYS, "rollout": ROLLOUT}),
    (canary_rollout, {**KEYS, "rollout": json.dumps(ROLLOUT), "unknown": 1}),
    (asm_traffic, {"kubeconfig": KUBECONFIG, "proxy": f"http://a:{SECRET}@proxy.example.com", "namespace": "A"}),
]


@pytest.mark.parametrize(("module", "options"), INVALID_OPTIONS)
def test_secrets_in_invalid_options_are_masked_and_not_logged(main, monkeypatch, module, options):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, msg, log_args=None: logged.append((msg, log_args)))
    result = main(module.TASK, options)
    assert result["failed"] is True and "CANARY" not in json.dumps(result)
    assert "CANARY" not in repr(logged)


def test_failure_before_any_call(main, cloud):
    def refuse(params):
        raise OptionError("It cannot be right.", hint="Write something else.")

    result = main(task(count_meshes, refuse), ACCESS, diff=True, verbosity=4)
    result.pop("invocation", None)
    assert result == {
        "failed": True,
        "msg": "It cannot be right. Write something else.",
        "error": {
            "kind": "options",
            "status": None,
            "code": None,
            "message": "It cannot be right.",
            "request_id": None,
            "method": None,
            "path": None,
            "attempts": None,
            "hint": "Write something else.",
        },
        "changed": False,
        "actions": [],
        "request_ids": [],
    }
    assert cloud.request_log == []


def test_failure_of_a_call(main, cloud):
    cloud.respond(MESHES, 500, {"errorCode": "ASM.01040001", "errorMsg": "Internal error."}, times=2)
    result = main(task(count_meshes), {**ACCESS, "max_retries": 0})
    assert result["error"] == {
        "kind": "server",
        "status": 500,
        "code": "ASM.01040001",
        "message": "Internal error.",
        "request_id": "req-1",
        "method": "GET",
        "path": "/v1/p-1/meshes",
        "attempts": 1,
        "hint": "Run the task again. If the error persists, give the request ID to the vendor's support.",
    }
    assert (
        result["msg"]
        == "Failed to list the meshes: Internal error (HTTP 500, ASM.01040001, request id req-1). "
        + result["error"]["hint"]
    )
    assert (result["failed"], result["request_ids"]) == (True, ["req-1"])


def test_failure_contains_earlier_actions():
    error = DriftError("No.")
    error.actions = [Action("create", ["a"], "req-7")]
    result = build_failure(error, None)
    assert (result["changed"], result["actions"]) == (
        True,
        [{"action": "create", "fields": ["a"], "request_id": "req-7"}],
    )


@pytest.mark.parametrize("library", ["requests", "jsonschema"])
def test_missing_library(main, cloud, library):
    def lack(session, params, desired):
        raise LibraryError("It cannot be imported.", library=library, traceback="Traceback: no such module")

    result = main(task(lack), ACCESS)
    assert result["failed"] is True
    assert result["msg"].startswith(f"Failed to import the required Python library ({library}) on ")
    assert (result["error"]["kind"], result["changed"], result["actions"], result["request_ids"]) == (
        "library",
        False,
        [],
        [],
    )


def context(warnings, secrets):
    return RunContext(
        environ={},
        check_mode=False,
        diff_mode=False,
        verbosity=0,
        warn=warnings.append,
        register_secrets=secrets.extend,
    )


def parameters(**options):
    return {
        **dict.fromkeys(CONNECTION.argument_spec),
        "wait": True,
        "wait_timeout": 600,
        "wait_interval": 2,
        "what": None,
        **options,
    }


def test_requests_that_cannot_be_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    failed, result = run_task(task(count_meshes), parameters(**ACCESS), context([], []))
    assert failed is True
    assert result["msg"].startswith("Failed to import the required Python library (requests) on ")
    assert "requests" in result["exception"]
    assert result["request_ids"] == []


def test_jsonschema_that_cannot_be_imported(monkeypatch, cloud):
    monkeypatch.setattr(_task, "require_jsonschema", _task.require_jsonschema.__wrapped__)
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    failed, result = run_task(task(count_meshes), parameters(**ACCESS), context([], []))
    assert failed is True
    assert result["msg"].startswith("Failed to import the required Python library (jsonschema) on ")
    assert result["request_ids"] == []
    assert cloud.request_log == []


def test_secrets_are_registered_before_the_first_request(monkeypatch, cloud):
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    secrets = []

    def look(session, params, desired):
        assert secrets == ["CANARY-secret-key"]
        return {"changed": False}

    assert run_task(task(look), parameters(**ACCESS), context([], secrets)) == (
        False,
        {"changed": False, "request_ids": []},
    )


def test_unexpected_exception_is_not_swallowed(monkeypatch, cloud):
    def stumble(session, params, desired):
        raise KeyError("a defect")

    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    with pytest.raises(KeyError):
        run_task(task(stumble), parameters(**ACCESS), context([], []))


# Sessions


def session_of(warnings=None, check_mode=False, params=None, **options):
    connection = resolve_connection(parameters(**KEYS, **options), {})
    warn = (warnings if warnings is not None else []).append
    return open_session(connection, params or {}, RunContext({}, check_mode, False, 0, warn, lambda secrets: None))


def test_session_has_wait_options_of_task():
    assert session_of(params={"wait": False, "wait_timeout": 7.0, "wait_interval": 0.5}).wait_policy == WaitPolicy(
        False, 7.0, 0.5
    )
    assert session_of().wait_policy == WaitPolicy()


@pytest.mark.parametrize("option", ["wait_timeout", "wait_interval"])
def test_session_validates_wait_options(option):
    with pytest.raises(OptionError, match=f"^{option} must be greater than 0, not 0$"):
        session_of(params={"wait": True, "wait_timeout": 1, "wait_interval": 1, option: 0})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_session_of_check_mode_cannot_write(monkeypatch, cloud, method):
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    session = session_of(check_mode=True, project_id="p-1", asm_endpoint="https://asm.example.com")
    assert (session.check_mode, len(asm.list_meshes(session.client))) == (True, 1)
    with pytest.raises(CheckModeError):
        session.client.request(Operation("write", method, "asm", ("v1", "p-1", "meshes")))
    assert cloud.request_log == [MESHES]


def test_session_sends_nothing(monkeypatch, cloud):
    monkeypatch.setattr(_task, "RequestsTransport", lambda connection: cloud)
    assert session_of(region="eu-de").check_mode is False
    assert cloud.request_log == []


def test_session_uses_requests():
    assert isinstance(session_of(region="eu-de").client._transport, RequestsTransport)


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ({"asm_endpoint": "http://asm.example.com"}, ["asm.example.com"]),
        (
            {"modelarts_endpoint": "http://ma.example.com:8080", "auth_url": "http://iam.example.com/v3"},
            ["ma.example.com", "iam.example.com"],
        ),
        (
            {"asm_endpoint": "http://one.example.com", "modelarts_endpoint": "http://one.example.com"},
            ["one.example.com"],
        ),
        ({"asm_endpoint": "http://10.0.0.1"}, ["10.0.0.1"]),
        ({"asm_endpoint": "http://127.0.0.1.example.com"}, ["127.0.0.1.example.com"]),
        ({"asm_endpoint": "http://[2001:db8::1]:80"}, ["2001:db8::1"]),
        ({"asm_endpoint": "https://asm.example.com"}, []),
        ({"region": "eu-de"}, []),
        (
            {
                "asm_endpoint": "http://localhost:8080",
                "modelarts_endpoint": "http://127.0.0.1:8080",
                "auth_url": "http://[::1]:8080",
            },
            [],
        ),
        ({"asm_endpoint": "http://127.1.2.3"}, []),
    ],
)
def test_warning_about_plain_http(options, hosts):
    warnings = []
    session_of(warnings, **options)
    assert warnings == [
        f"The endpoint of {host} uses plain HTTP: others on the network can read credentials and data. Use https."
        for host in hosts
    ]


def test_warning_about_incomplete_credentials(monkeypatch):
    warnings = []
    environ = {"HW_ACCESS_KEY": "CANARY-1", "OS_TOKEN": "CANARY-2"}
    connection = resolve_connection({}, environ)
    open_session(connection, {}, RunContext(environ, False, False, 0, warnings.append, lambda secrets: None))
    assert warnings == [
        "Incomplete credentials have no effect: HW_ACCESS_KEY without HW_SECRET_KEY. "
        "The credentials come from the environment variable OS_TOKEN."
    ]


def test_short_values_are_not_hidden_everywhere():
    """They would take ordinary words with them."""
    hidden = []
    environ = {"HW_ACCESS_KEY": "a", "HW_SECRET_KEY": "on", "HW_PROXY": "http://u:CANARY-proxy@127.0.0.1:9"}
    desired = Task(CONNECTION, lambda params: None, lambda session, params, desired: {"changed": False})
    run_task(desired, {}, RunContext(environ, False, False, 0, lambda text: None, hidden.extend))
    assert hidden == ["CANARY-proxy"]


def test_warnings_are_those_of_the_module(main, monkeypatch):
    said = []
    # What becomes of them is Ansible's; with its controller in the same process they do not go into the result.
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda module, text: said.append(text))
    main(task(count_meshes), {**ACCESS, "asm_endpoint": "http://asm.example.com"})
    assert said == [
        "The endpoint of asm.example.com uses plain HTTP: others on the network can read credentials and data. Use https."
    ]


def test_error_without_a_hint():
    assert (
        build_failure(ServerError("Failed to do it (HTTP 500)", status=500), None)["msg"]
        == "Failed to do it (HTTP 500)"
    )


# Tasks without the services


def run_standalone(run, diff_mode=False):
    """Return whether the task failed, its result, and its progress."""
    lines = []
    context = RunContext({}, False, diff_mode, 0, lines.append, lambda secrets: None, lines.append)
    alone = StandaloneTask(ArgumentSpec(argument_spec={}), lambda params: params["size"], run)
    return (*run_task(alone, {"size": 5}, context), lines)


@pytest.mark.parametrize("diff_mode", [False, True])
def test_standalone_task_needs_no_connection(diff_mode):
    def run(context, params, desired):
        context.progress(f"{params} {desired}")
        return {"changed": False, "diff": {"after": 1}}

    failed, result, lines = run_standalone(run, diff_mode)
    assert (failed, lines) == (False, ["{'size': 5} 5"])
    assert result == ({"changed": False, "diff": {"after": 1}} if diff_mode else {"changed": False})


def test_standalone_task_that_reports_its_failure():
    failed, result, _lines = run_standalone(lambda *arguments: {"changed": True, "failed": True, "msg": "no"})
    assert (failed, result) == (True, {"changed": True, "msg": "no"})


def test_standalone_task_with_an_error():
    def run(context, params, desired):
        raise DriftError("It differs.")

    failed, result, _lines = run_standalone(run)
    assert failed
    assert result == {"msg": "It differs.", "changed": False, "error": DriftError("It differs.").facts()}


def test_standalone_task_with_an_error_after_an_action():
    def run(context, params, desired):
        error = DriftError("It differs.")
        error.actions.append(Action("update", ["weight"], None))
        raise error

    _failed, result, _lines = run_standalone(run)
    assert result["changed"] is True
    assert result["actions"] == [{"action": "update", "fields": ["weight"], "request_id": None}]


def test_standalone_task_without_its_library():
    def run(context, params, desired):
        raise LibraryError("It is missing.", library="kubernetes", traceback="ImportError")

    failed, result, _lines = run_standalone(run)
    assert failed
    assert result["msg"].startswith("Failed to import the required Python library (kubernetes)")
    assert (result["exception"], result["changed"], result["error"]["kind"]) == ("ImportError", False, "library")
