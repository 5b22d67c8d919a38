# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be true of a task, whatever the network, a killer or somebody else did to it: worlds in a form that can be compared, and the rules.

The state is the content of the services, as the control plane of the emulator returns it, without IDs, times and counters.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import typing as t
from unittest import mock

from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from harness import Emulator
from operations import FAST, OTHER_RESOURCES, SWITCHES, Operation, TaskResult, call, variables

RESOURCE_TYPES = ("meshes", "workspaces", "workshops", "releases")
KEY_FIELDS = ("project_id", "mesh_id", "namespace", "name")
CHANGING_FIELDS = {
    "id",
    "uid",
    "original_uid",
    "created",
    "updated",
    "create_time",
    "update_time",
    "since",
    "reads",
    "step",
    "retried",
    "forced",
    "generation",
}
# The stages of a resource, which change without requests.
PROGRESS = {"state", "status", "phase", "forced_phase"}
LEAVING = {"deleting", "Deleting", "DELETING", "ending", "canceling", "ended", "canceled"}
# The hint of an error with an unknown outcome. Messages of the services and the advice to rerun the task do not count, because any failure can
# contain them.
UNKNOWN = re.compile(
    r"(?:^|[.:] )(?:The outcome is unknown|It is unknown (?:whether the request was applied|who created it))\b"
)

# The resources by kind and name. More than one resource for a name is a duplicate.
State = dict[tuple[str, ...], list[t.Any]]
Stores = t.Mapping[str, t.Mapping[str, dict[str, t.Any]]]


def read_state(stores: Stores) -> State:
    """Return the resources in ``stores`` by name, each with its stage."""
    state: State = {}
    for kind in RESOURCE_TYPES:
        for record in stores[kind].values():
            key = (kind, *(str(record.get(field)) for field in KEY_FIELDS))
            state.setdefault(key, []).append(_lasting(record))
    return state


def _lasting(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _lasting(entry) for key, entry in value.items() if key not in CHANGING_FIELDS}
    return [_lasting(entry) for entry in value] if isinstance(value, list) else value


def settled(state: State) -> State:
    """Return the final state without further requests: deletions are complete, and all other resources are ready."""
    left = {
        key: [resource for resource in resources if _progress(resource) not in LEAVING]
        for key, resources in state.items()
    }
    return {
        key: [{field: value for field, value in resource.items() if field not in PROGRESS} for resource in resources]
        for key, resources in left.items()
        if resources
    }


def _progress(resource: t.Mapping[str, t.Any]) -> t.Any:
    return resource.get("state", resource.get("status", resource.get("phase")))


def duplicates(state: State) -> list[str]:
    return [f"{len(resources)} are called {' '.join(key)}" for key, resources in state.items() if len(resources) > 1]


@dataclasses.dataclass
class Reference:
    """A run in which nothing went wrong."""

    before: dict[str, t.Any]
    requests: list[dict[str, t.Any]]
    task_result: TaskResult
    start: State
    end: State
    # All stages of each resource, as text.
    trail: dict[tuple[str, ...], set[str]] = dataclasses.field(default_factory=dict)

    def learn(self, state: State) -> None:
        """Add the states of the resources to the permitted ones."""
        for key in {*self.trail, *state}:
            self.trail.setdefault(key, {_text([])}).add(_text(state.get(key, [])))

    def find_unexpected(self, state: State) -> list[str]:
        """Return resources in a state that never follows from a run without faults: duplicates, partial resources, and changed resources of others."""
        keys = {*self.trail, *state}
        known = {key: self.trail.get(key, {_text([])}) for key in keys}
        unexpected = [key for key in sorted(keys) if _text(state.get(key, [])) not in known[key]]
        return [f"never seen without a fault: {' '.join(key)}: {state.get(key)}" for key in unexpected]


def _text(resources: t.Any) -> str:
    return json.dumps(resources, sort_keys=True)


def prepare(emulator: Emulator, operation: Operation) -> dict[str, t.Any]:
    """Create the initial state of the operation. Return its snapshot."""
    emulator.reset()
    emulator.set(**{**SWITCHES, **operation.behaviors})
    emulator.seed(
        **{
            kind: [*OTHER_RESOURCES.get(kind, []), *operation.seed.get(kind, [])]
            for kind in {*OTHER_RESOURCES, *operation.seed}
        }
    )
    if operation.gray is not None:
        emulator.move_traffic("reviews", operation.gray)
    return t.cast("dict[str, t.Any]", emulator.control("GET", "snapshot"))


def restore(emulator: Emulator, snapshot: t.Mapping[str, t.Any]) -> None:
    emulator.reset()
    emulator.control("PUT", "snapshot", dict(snapshot))


def current_state(emulator: Emulator) -> State:
    return read_state(emulator.stores())


def reference_run(emulator: Emulator, operation: Operation) -> Reference:
    """Run the operation without a fault. Record the state after each request."""
    before = prepare(emulator, operation)
    start = read_state(before["stores"])
    reference = Reference(before, [], TaskResult(), start, {})
    reference.trail = {key: {_text(resources)} for key, resources in start.items()}
    with after_each_request(lambda: reference.learn(current_state(emulator))):
        reference.task_result = call(operation, variables(emulator, operation.password), FAST)
    reference.end = current_state(emulator)
    reference.learn(reference.end)
    reference.requests = emulator.request_log()
    assert not reference.task_result.failed, reference.task_result
    assert reference.task_result.changed == (settled(start) != settled(reference.end)) or operation.reads_only
    return reference


@contextlib.contextmanager
def after_each_request(look: t.Callable[[], None]) -> t.Iterator[None]:
    original = _task.RequestsTransport

    class Watched(original):  # type: ignore[misc, valid-type]
        def __call__(self, request: t.Any) -> t.Any:
            try:
                return super().__call__(request)
            finally:
                look()

    with mock.patch.object(_task, "RequestsTransport", Watched):
        yield


def check_first_run(operation: Operation, reference: Reference, task_result: TaskResult, between: State) -> list[str]:
    """Return the problems of a run that was disturbed."""
    if task_result.crash:
        return [f"a traceback: {task_result.crash}"]
    problems = [*duplicates(between), *reference.find_unexpected(between)]
    moved = settled(between) != settled(reference.start)
    if operation.reads_only and moved:
        problems.append("something was changed by a task that only looks")
    problems += (
        _check_failure(operation, task_result, moved)
        if task_result.failed
        else _check_success(operation, reference, task_result, between)
    )
    return problems


def _check_success(operation: Operation, reference: Reference, task_result: TaskResult, between: State) -> list[str]:
    problems = []
    if settled(between) != settled(reference.end):
        problems.append(f"it reports success, but the state differs from that of a run without a fault: {between}")
    if task_result.changed != reference.task_result.changed:
        problems.append(f"changed is {task_result.changed}")
    if operation.module.endswith("_info"):
        returned = {
            key: value
            for key, value in reference.task_result.result.items()
            if isinstance(value, list) and key != "request_ids"
        }
        problems += [f"{key} differs" for key, value in returned.items() if task_result.result[key] != value]
    return problems


def _check_failure(operation: Operation, task_result: TaskResult, moved: bool) -> list[str]:
    error = task_result.result.get("error") or {}
    problems = (
        []
        if task_result.msg and error.get("kind") and error.get("message")
        else [f"the failure says too little: {task_result.result}"]
    )
    if "Traceback" in task_result.msg:
        problems.append(f"a traceback: {task_result.msg}")
    if task_result.changed and not moved and not operation.check:
        problems.append(f"changed without a change: {task_result.msg}")
    if moved and not task_result.changed and not is_open(task_result):
        problems.append(f"silent about a change: {task_result.msg}")
    return problems


def is_open(task_result: TaskResult) -> bool:
    """Whether an error, or that of an item of ``apply``, says that it does not know what was done."""
    errors = [task_result.result.get("error"), *(item.get("error") for item in task_result.result.get("results") or [])]
    return any(UNKNOWN.search(str(error.get("hint") or "")) for error in errors if error)


def check_second_run(
    operation: Operation, reference: Reference, task_result: TaskResult, between: State, end: State
) -> list[str]:
    """Return the problems of the same task in a second run without faults, which must reach the state of the reference run."""
    problems = _check_final_state(reference, task_result, end)
    if (
        not operation.reads_only
        and not task_result.failed
        and task_result.changed != (settled(between) != settled(end))
    ):
        problems.append(f"run again, changed is {task_result.changed}")
    return problems


def check_third_run(
    operation: Operation, reference: Reference, task_result: TaskResult, end: State, written: t.Sequence[str]
) -> list[str]:
    """Return the problems of another run of the task, which must not change anything."""
    problems = _check_final_state(reference, task_result, end)
    if not operation.reads_only and task_result.changed:
        problems.append("changed for ever")
    return problems + [f"with nothing to do it sent {line}" for line in written]


def _check_final_state(reference: Reference, task_result: TaskResult, end: State) -> list[str]:
    problems = [f"run again, it fails: {task_result.crash or task_result.msg}"] if task_result.failed else []
    if end != reference.end:
        keys = [key for key in {*end, *reference.end} if end.get(key) != reference.end.get(key)]
        problems += [
            f"run again, {' '.join(key)} is another: {_describe_differences(end.get(key, []), reference.end.get(key, []))}"
            for key in keys
        ]
    return problems


def _describe_differences(actual: t.Sequence[t.Any], desired: t.Sequence[t.Any]) -> str:
    """Return the differences between expected and actual resources."""
    if len(actual) != len(desired):
        return f"{len(actual)} and not {len(desired)} of them"
    keys = [
        (one, other, key)
        for one, other in zip(actual, desired)
        for key in {**one, **other}
        if one.get(key) != other.get(key)
    ]
    return "; ".join(f"{key} is {one.get(key)!r}, not {other.get(key)!r}" for one, other, key in keys)


def writes(calls: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """Return the requests that can change something. A POST for a token changes nothing."""
    return [
        f"{one['method']} {one['path']}" for one in calls if one["method"] != "GET" and one["path"] != "/v3/auth/tokens"
    ]


def find_blind_repetitions(calls: t.Iterable[t.Mapping[str, t.Any]], refusals: t.Container[int]) -> list[str]:
    """Return create requests that were repeated without a lookup although the first one may have succeeded.

    Whatever has one of the statuses ``refusals`` was not carried out.
    """
    problems, open_ones = [], set()
    for one in calls:
        what = (one["path"], str(((one["body"] or {}).get("metadata") or one["body"] or {}).get("name")))
        if one["method"] == "GET":
            open_ones = {(path, name) for path, name in open_ones if path != _listed_at(one["path"], path)}
        elif one["method"] == "POST" and one["path"] != "/v3/auth/tokens":
            problems += [f"sent again without a lookup: POST {' '.join(what)}"] if what in open_ones else []
            open_ones |= {what} if one["status"] not in refusals else set()
    return problems


def _listed_at(listed: str, created: str) -> str:
    """Return ``created`` if the list shows it. Releases of all namespaces share one list."""
    return created if re.sub("/namespaces/[^/]+", "", created) == listed else ""


def check_following_runs(emulator: Emulator, operation: Operation, reference: Reference, between: State) -> list[str]:
    """Run the same task twice without faults. Return the problems."""
    environ = variables(emulator, operation.password)
    again = call(operation, environ, FAST)
    end = current_state(emulator)
    problems = check_second_run(operation, reference, again, between, end)
    emulator.control("DELETE", "request_log")
    third = call(operation, environ, FAST)
    return problems + check_third_run(
        operation, reference, third, current_state(emulator), writes(emulator.request_log())
    )
