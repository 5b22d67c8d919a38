# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send SIGKILL after each request of an operation, and after each response.

A second run reaches the state of an uninterrupted run. Before that, the run creates no duplicates, leaves no unknown intermediate states and loses nothing.
"""

from __future__ import annotations

import typing as t

import pytest
from harness import Emulator, task
from invariants import Reference, check_following_runs, current_state, duplicates, reference_run, restore
from operations import FAST, INTERNAL, OPERATIONS, QUOTAS, Operation, a_workspace, spec_of_release, variables
from subprocesses import MOMENTS, Child, Killing
from task_scenarios import MESH, a_release, a_workshop

KILLED = ("create", "update", "rename", "delete", "replace", "promote", "cancel")


def twenty() -> Operation:
    """Return operations that create, change, replace and delete twenty resources, eight in parallel."""
    document = {
        "workspaces": [
            *(a_workspace(f"team-{number}") for number in range(5)),
            *(a_workspace(f"closed-{number}", **INTERNAL, quotas=QUOTAS) for number in range(3)),
            a_workspace("old-0", description="Changed"),
            {"name": "old-1", "state": "absent"},
        ],
        "workshops": [
            *(a_workshop(f"demo-{number}") for number in range(3)),
            a_workshop("old-0", description="Changed", on_drift="replace"),
            {"name": "old-1", "state": "absent"},
        ],
        "releases": [
            *(a_release(f"app-{number}") for number in range(3)),
            a_release("old-0", "2.0.1"),
            {"namespace": "default", "name": "old-1-canary", "state": "canceled"},
        ],
    }
    assert sum(len(items) for items in document.values()) == 20
    ingress = {"elbId": "elb-1", "elbIp": "192.0.2.10", "port": 8080}
    seed: dict[str, t.Any] = {
        "workspaces": [{"name": f"old-{number}", "description": "As it was"} for number in range(2)],
        "workshops": [
            {"name": f"old-{number}", "description": "As it was", "spec": {"ingress": ingress}} for number in range(2)
        ],
        "releases": [{"name": f"old-{number}-canary", "spec": spec_of_release(f"old-{number}")} for number in range(2)],
    }
    return Operation("apply: twenty resources", task("apply", **MESH, **document), seed)


def read_action(operation: Operation) -> str:
    """Return the action in the name of an operation."""
    return operation.name.partition(": ")[2].partition(",")[0]


ONE_BY_ONE = [operation for operation in OPERATIONS if read_action(operation) in KILLED]
OPERATIONS_TO_KILL = [*ONE_BY_ONE, twenty()]


def most_requests(reference: Reference) -> int:
    """More than any run of it sends: how often it looks depends on what happens at once."""
    return 4 * len(reference.requests)


def kill(emulator: Emulator, operation: Operation, reference: Reference, killing: Killing) -> list[str] | None:
    """Return the problems after the task was killed, or None if it had already ended."""
    restore(emulator, reference.before)
    task_result = Child(operation, variables(emulator, operation.password), FAST, killing).result()
    if task_result is not None:
        assert not task_result.failed, task_result.crash or task_result.msg
        return None
    between = current_state(emulator)
    return [
        *duplicates(between),
        *reference.find_unexpected(between),
        *check_following_runs(emulator, operation, reference, between),
    ]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("operation", OPERATIONS_TO_KILL, ids=str)
def test_killed_after_each_request(server: Emulator, tally, whole: bool, operation: Operation, moment: str) -> None:
    reference = reference_run(server, operation)
    tried, found = 0, []
    step = 1 if whole else 3 if len(reference.requests) < 10 else 7
    for number in range(MOMENTS.index(moment) % step, most_requests(reference), step):
        problems = kill(server, operation, reference, Killing(number, moment))
        if problems is None:
            break
        tried += 1
        tally.add(f"kills: {operation.name}", 1, int(not problems))
        found += [f"request {number}: {problem}" for problem in problems]
    else:
        pytest.fail("it never came to its end")
    # Each request of a run has its turn.
    assert tried * step >= len([one for one in reference.requests if one["method"] != "GET"])
    assert not found, "\n".join(found)


def test_every_action_has_an_operation() -> None:
    assert {read_action(operation) for operation in ONE_BY_ONE} == set(KILLED)
