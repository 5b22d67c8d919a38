# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of all suites: tasks of the modules and of ``apply``, with their initial states, and a way to run them in this process."""

from __future__ import annotations

import dataclasses
import importlib
import traceback
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    Task,
    run_task,
    validate_params,
)
from harness import COLLECTION, Emulator, task
from task_scenarios import (
    CLUSTER,
    MESH,
    a_release,
    a_workshop,
    ended_release,
    mesh,
    no_mesh,
    no_workshop,
    no_workspace,
    release,
    template,
    workshop,
    workspace,
)

Options = dict[str, t.Any]

# Short pauses between attempts and between polls.
FAST: Options = {"retry_max_delay": 0.001, "wait_interval": 0.001, "wait_timeout": 30}
# For tasks that meet a fault: with a short wait, and with a longer one for faults that occur late.
FEW_RETRIES: Options = {**FAST, "max_retries": 1, "wait_timeout": 0.05}
FEW_RETRIES_LONG_WAIT: Options = {**FEW_RETRIES, "wait_timeout": 3}
# For stalled responses. Elsewhere, a slow machine must not abort requests that the emulator applies later.
SHORT_READ_TIMEOUT: Options = {"read_timeout": 1}
# After a 429, apply sends one request a second. With these values, it slows down less.
FAST_RATE = {"_PAUSE": 0.001, "_MIN_RATE": 500.0}
# The state of a resource advances at every second read.
SWITCHES = {"running_after": 1, "gone_after": 1}

QUOTAS = [{"resource": "exemlProject.gpu_duration", "quota": 600}, {"resource": "service.gpu_num", "quota": 4}]
INTERNAL = {"auth_type": "internal", "grants": [{"user_name": "alice"}]}


def spec_of_release(app: str = "reviews", tag: str = "2.0.0") -> Options:
    """Return the seed of a release of ``app``."""
    gray = [{"clusterID": CLUSTER, "template": template(tag, app)}]
    return {
        "serviceName": app,
        "clusterID": CLUSTER,
        "deploymentName": f"{app}-v1",
        "version": "v2",
        "type": "canary",
        "grayDeployments": gray,
    }


# Resources with similar names. No task changes them.
OTHER_RESOURCES: dict[str, list[Options]] = {
    "workspaces": [
        {"name": "team-of-others", "description": "Not ours", **INTERNAL},
        {"name": "Team", "description": "Nor this"},
    ],
    "workshops": [{"name": "demo-of-others", "description": "Not ours"}],
    "releases": [{"name": "canary-of-others", "spec": spec_of_release("details")}],
}
SEEDED: dict[str, Options] = {
    "workspaces": {"name": "team", "description": "A team", **INTERNAL},
    "workshops": {
        "name": "demo",
        "description": "A demo",
        "spec": {"ingress": {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 8080}},
    },
    "releases": {"name": "canary", "spec": spec_of_release()},
}


@dataclasses.dataclass(frozen=True)
class Operation:
    """A task and its initial state. ``gray`` is the share of the traffic that the gray version of its release receives."""

    name: str
    task: t.Mapping[str, t.Any]
    seed: t.Mapping[str, t.Sequence[Options]] = dataclasses.field(default_factory=dict)
    gray: int | None = None
    behaviors: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    check: bool = False
    # With name and password: a token and the project's id have to be asked for.
    password: bool = False

    @property
    def module(self) -> str:
        return next(name.removeprefix(f"{COLLECTION}.") for name in self.task if name.startswith(f"{COLLECTION}."))

    @property
    def options(self) -> Options:
        return dict(self.task[f"{COLLECTION}.{self.module}"])

    @property
    def definition(self) -> Task:
        return t.cast(
            Task, importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{self.module}").TASK
        )

    @property
    def reads_only(self) -> bool:
        return self.check or self.module.endswith("_info") or self.module == "iam_token"

    def __str__(self) -> str:
        return self.name


def _seeded(*kinds: str, **more: t.Any) -> dict[str, t.Sequence[Options]]:
    return {kind: [{**SEEDED[kind], **more}] for kind in kinds}


def a_workspace(name: str, **more: t.Any) -> Options:
    return {"name": name, "description": "A team", **more}


# One of each that apply does.
MANY: Options = {
    **MESH,
    "workspaces": [
        a_workspace("apply-new", **INTERNAL, quotas=QUOTAS[:1]),
        a_workspace("apply-old", description="Changed", **INTERNAL),
        a_workspace("apply-same"),
        {"name": "apply-gone", "state": "absent"},
    ],
    "workshops": [a_workshop("apply-new"), a_workshop("apply-other", description="Changed", on_drift="replace")],
    "releases": [
        a_release("new"),
        a_release("old", "2.0.1"),
        {"namespace": "default", "name": "over-canary", "state": "canceled"},
    ],
}
MANY_SEEDED: dict[str, t.Sequence[Options]] = {
    "workspaces": [
        {"name": "apply-old", "description": "As it was"},
        {"name": "apply-same", "description": "A team"},
        {"name": "apply-gone"},
    ],
    "workshops": [{"name": "apply-other", "description": "As it was", "spec": SEEDED["workshops"]["spec"]}],
    "releases": [{"name": f"{app}-canary", "spec": spec_of_release(app)} for app in ("old", "over")],
}
MANY_DELETED: Options = {
    **MESH,
    "workspaces": [{"name": name, "state": "absent"} for name in ("apply-old", "apply-same", "apply-gone")],
    "workshops": [{"name": "apply-other", "state": "absent"}],
    "releases": [{"namespace": "default", "name": f"{app}-canary", "state": "canceled"} for app in ("old", "over")],
}

OPERATIONS = [
    Operation("asm_workshop: create", workshop()),
    Operation("asm_workshop: delete", no_workshop(), _seeded("workshops")),
    Operation("asm_workshop: replace", workshop(on_drift="replace"), _seeded("workshops", description="As it was")),
    Operation("asm_release: create", release()),
    Operation("asm_release: update", release(tag="2.0.1"), _seeded("releases")),
    Operation("asm_release: promote", ended_release(), _seeded("releases"), gray=100),
    Operation("asm_release: cancel", ended_release(state="canceled"), _seeded("releases"), gray=0),
    Operation(
        "asm_release: cancel, the record stays",
        ended_release(state="canceled"),
        _seeded("releases"),
        0,
        {"terminated_releases": "stay"},
    ),
    Operation("modelarts_workspace: create", workspace(quotas=QUOTAS)),
    Operation(
        "modelarts_workspace: update",
        workspace(description="Changed", grants=[{"user_name": "bob"}], quotas=QUOTAS),
        _seeded("workspaces"),
    ),
    Operation("modelarts_workspace: rename", workspace(new_name="team-renamed"), _seeded("workspaces")),
    Operation("modelarts_workspace: delete", no_workspace(), _seeded("workspaces")),
    Operation("modelarts_workspace: create, by password", workspace(), password=True),
    Operation("modelarts_workspace: nothing to do", workspace(), _seeded("workspaces")),
    Operation("modelarts_workspace: create, in check mode", workspace(quotas=QUOTAS), check=True),
    Operation("apply: some of each", task("apply", parallel=1, **MANY), MANY_SEEDED),
    Operation("apply: delete", task("apply", parallel=1, on_error="continue", **MANY_DELETED), MANY_SEEDED),
    Operation("apply: in check mode", task("apply", parallel=1, **MANY), MANY_SEEDED, check=True),
    Operation("asm_mesh_info", task("asm_mesh_info")),
    Operation("asm_workshop_info", task("asm_workshop_info", **MESH), _seeded("workshops")),
    Operation("asm_release_info", task("asm_release_info", **MESH), _seeded("releases")),
    Operation(
        "modelarts_workspace_info",
        task("modelarts_workspace_info", include_grants=True, include_quotas=True),
        _seeded("workspaces"),
    ),
    Operation("iam_token", task("iam_token"), password=True),
    Operation("asm_mesh: create", mesh()),
    Operation("asm_mesh: delete", no_mesh(), {"meshes": [{"name": "lab-mesh"}]}),
]


@dataclasses.dataclass(frozen=True)
class TaskResult:
    """The output of a task. ``crash`` is the text of an unexpected exception."""

    failed: bool = False
    result: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    crash: str = ""

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))


def variables(emulator: Emulator, password: bool = False) -> dict[str, str]:
    """Where the services are, and who calls."""
    if not password:
        return emulator.environment()
    own = {
        variables_for(option)[0]: emulator.credentials[option]
        for option in ("username", "password", "domain_name", "project_name")
    }
    return {**emulator.addresses(), **own}


def with_settings(operation: Operation, settings: t.Mapping[str, t.Any]) -> Options:
    """Return the options of the task. ``settings`` apply to options that the module has and the task does not set."""
    known = operation.definition.arguments.argument_spec
    return {**{name: value for name, value in settings.items() if name in known}, **operation.options}


def as_task(
    operation: Operation, title: str, settings: t.Mapping[str, t.Any] | None = None, **keywords: t.Any
) -> Options:
    """Return the task for a play."""
    options = with_settings(operation, FAST if settings is None else settings)
    return task(operation.module, title, **options, **{f"_{name}": value for name, value in keywords.items()})


def call(operation: Operation, environ: t.Mapping[str, str], settings: t.Mapping[str, t.Any]) -> TaskResult:
    """Run the task of ``operation`` in this process."""
    definition = operation.definition
    params, problem = validate_params(definition.arguments, with_settings(operation, settings))
    assert problem is None, problem
    try:
        failed, result = run_task(definition, params, RunContext(environ, operation.check, True, 0, _ignored, _ignored))
    except Exception:
        return TaskResult(failed=True, crash=traceback.format_exc())
    return TaskResult(failed, result)


def _ignored(value: t.Any) -> None:
    """Discard warnings and progress messages, because tests check the result of the task."""
