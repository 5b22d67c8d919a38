# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options drawn from the argument spec of each module are accepted, or refused with a message and without a request."""

from __future__ import annotations

import importlib
import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._task import UNCHECKABLE_OPTIONS, validate_params
from counting import Tally
from fuzzing import fuzz
from harness import COLLECTION, CONTROLLER_ONLY, ROOT
from hypothesis import strategies as st
from operations import OPERATIONS, Operation, TaskResult
from probed_cloud import ProbedCloud
from simulated_cloud import Cloud
from wild import changed
from wire import ENVIRONMENT, LOGIN, SECRET, Ran, Wire, run_as_module, run_in_process

# canary_analysis has no connection of the cloud, and its waits are real. Its unit tests cover its options.
OTHERS = (*CONTROLLER_ONLY, "canary_analysis")
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in OTHERS)
EXECUTION_MODES = {"in process": run_in_process, "as a module": run_as_module}
FEW, MANY = 20, 800
# Errors that depend on the actual state. A module may report them after reading, but not after writing.
_AFTER_A_LOOK = (
    "these options are missing",
    "name must have 4 to 64 characters",
    "No mesh has",
    "No workspace has the id",
    "No project is called",
    "meshes are called",
    "is not a quota of the workspace",
    "and must be ",
)


def _operations(module: str) -> list[Operation]:
    return [operation for operation in OPERATIONS if operation.module == module]


def _bases(module: str) -> list[dict[str, t.Any]]:
    """Return valid options for the mesh and the cluster of the simulated cloud."""
    found = [
        json.loads(json.dumps(operation.options).replace("demo-mesh", "shop").replace("demo-cluster", "c-1"))
        for operation in _operations(module)
    ]
    return found or [{}]


def _problems(ran: Ran, wire: Wire, check: bool) -> list[str]:
    task_result = ran.task_result
    if task_result.crash:
        return [task_result.crash]
    problems = []
    if task_result.failed and not task_result.msg.strip():
        problems.append("it fails without a word")
    if "Traceback" in json.dumps(task_result.result):
        problems.append("a traceback in the result")
    if SECRET in json.dumps(task_result.result):
        problems.append("the secret is in the result")
    if check and wire.writes:
        problems.append(f"check mode wrote: {wire.writes}")
    if not check and not task_result.failed and task_result.changed != bool(wire.done):
        problems.append(f"changed is {task_result.changed}, and these were done: {wire.done}")
    return problems + _find_needless_requests(ran, wire)


def _find_needless_requests(ran: Ran, wire: Wire) -> list[str]:
    error = ran.task_result.result.get("error") or {}
    if ran.refused and wire.calls:
        return [f"refused by Ansible's rules after {wire.calls}"]
    if not ran.task_result.failed or error.get("kind") not in ("options", "lint"):
        return []
    others = [
        each
        for each in ran.task_result.result.get("results", [])
        if (each["error"] or {}).get("kind") not in ("options", "lint")
    ]
    if others and "Nothing was sent" not in ran.task_result.msg:
        # With on_error=continue, valid items are processed.
        return []
    # A secret that consists of a blank redacts all blanks.
    known = any(words in ran.task_result.msg for words in (*_AFTER_A_LOOK, "********"))
    return [f"refused after {wire.calls}: {ran.task_result.msg}"] if wire.writes or wire.calls and not known else []


@pytest.mark.parametrize("way", list(EXECUTION_MODES))
@pytest.mark.parametrize("module", MODULES)
def test_options(
    module: str, way: str, whole: bool, tally: Tally, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run in an empty directory, where files named by options do not exist."""
    monkeypatch.chdir(tmp_path)
    task = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}").TASK
    environ = LOGIN if module == "iam_token" else ENVIRONMENT
    drawn = st.tuples(
        st.sampled_from(_bases(module)).flatmap(lambda base: changed(base, task.arguments.argument_spec)), st.booleans()
    )

    created: set[str] = set()

    def check(value: tuple[dict[str, t.Any], bool]) -> None:
        options, dry = value
        created.update(str(options.get(name)) for name in ("audit_log", "token_cache"))
        wire = Wire(ProbedCloud() if module == "service_probe" else Cloud())
        if way == "as a module" and validate_params(task.arguments, options)[1] == UNCHECKABLE_OPTIONS:
            # The action plugin refuses these options, because Ansible's check would raise a traceback.
            assert (run_in_process(task, options, wire, environ, check=dry), wire.calls) == (
                Ran(TaskResult(True, {"msg": UNCHECKABLE_OPTIONS}), refused=True),
                [],
            )
            return
        ran = EXECUTION_MODES[way](task, options, wire, environ, check=dry)
        problems = _problems(ran, wire, dry)
        assert not problems, "\n".join(problems)

    fuzz(tally, "options", MANY if whole else FEW, check, drawn)
    # The task may have created an audit log, and a directory for tokens.
    assert [name for name in os.listdir(tmp_path) if name not in created] == []


def test_valid_options_are_accepted(tally: Tally) -> None:
    """The unchanged options are accepted, which shows that the other tests are meaningful."""
    for operation in OPERATIONS:
        base = json.loads(json.dumps(operation.options).replace("demo-mesh", "shop").replace("demo-cluster", "c-1"))
        wire = Wire(Cloud())
        ran = run_in_process(operation.definition, base, wire, LOGIN if operation.password else ENVIRONMENT)
        tally.add("options that are right", 1, int(bool(wire.calls)))
        assert ran.task_result.crash == "" and wire.calls, ran
