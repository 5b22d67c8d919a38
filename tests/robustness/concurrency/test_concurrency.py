# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run two processes in parallel with equal or conflicting desired states, repeatedly, with delays from a seeded generator.

In some rounds, the service rejects the first writes with the status 429, or the writes of one process find no connection.

No run creates duplicates or prints a traceback, resources of others do not change, each outcome is documented, and the last run reaches its desired state.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import typing as t

import pytest
from harness import Emulator, task
from invariants import State, current_state, duplicates, prepare, restore, settled, writes
from operations import FAST, MANY, MANY_DELETED, MANY_SEEDED, SEEDED, Operation, TaskResult, call, variables
from subprocesses import Child
from task_scenarios import MESH, ended_release, no_workshop, no_workspace, release, workshop, workspace

ROUNDS, SOME_ROUNDS = 100, 2
SEED = 20260601
# What a documented failure of one who was overtaken is: somebody else was at it, or took away what it waited for.
OVERTAKEN = {"drift", "wait", "conflict", "bad_request", "not_found"}
# The longest delay of a request, in seconds; a request takes some milliseconds.
LONGEST = 0.012
WAIT_OPTIONS = {**FAST, "wait_timeout": 2}


@dataclasses.dataclass(frozen=True)
class Race:
    """Two tasks for the same resources. ``same``: their desired states are equal, so both succeed in any order."""

    name: str
    one: t.Mapping[str, t.Any]
    other: t.Mapping[str, t.Any]
    seed: t.Mapping[str, t.Sequence[dict[str, t.Any]]] = dataclasses.field(default_factory=dict)
    gray: int | None = None
    same: bool = True
    # The desired states exclude each other, so at most one of them is created.
    creates: bool = False
    # Only one of them can end it.
    ends: bool = False

    def operations(self) -> tuple[Operation, Operation]:
        return tuple(Operation(self.name, desired, self.seed, self.gray) for desired in (self.one, self.other))  # type: ignore[return-value]

    def __str__(self) -> str:
        return self.name


def _seed(kind: str, **more: t.Any) -> dict[str, t.Sequence[dict[str, t.Any]]]:
    return {kind: [{**SEEDED[kind], **more}]}


def _many(**more: t.Any) -> dict[str, t.Any]:
    return task("apply", **{**MANY, **more})


NO_WORKSHOP, NO_WORKSPACE = no_workshop(), no_workspace()
CHANGED, OTHERWISE = workspace(description="Changed"), workspace(description="Otherwise", grants=[{"user_name": "bob"}])
RACES = [
    Race("asm_workshop: create, create", workshop(), workshop(), creates=True),
    Race(
        "asm_workshop: create, create otherwise",
        workshop(),
        workshop(description="Otherwise"),
        same=False,
        creates=True,
    ),
    Race("asm_workshop: create, delete", workshop(), NO_WORKSHOP, same=False),
    Race("asm_workshop: keep, delete", workshop(), NO_WORKSHOP, _seed("workshops"), same=False),
    Race("asm_workshop: delete, delete", NO_WORKSHOP, NO_WORKSHOP, _seed("workshops"), ends=True),
    Race(
        "asm_workshop: replace, replace",
        *[workshop(on_drift="replace")] * 2,
        _seed("workshops", description="As it was"),
        same=False,
    ),
    Race("modelarts_workspace: create, create", workspace(), workspace(), creates=True),
    Race("modelarts_workspace: create, delete", workspace(), NO_WORKSPACE, same=False),
    Race("modelarts_workspace: keep, delete", CHANGED, NO_WORKSPACE, _seed("workspaces"), same=False),
    Race("modelarts_workspace: update, update", CHANGED, CHANGED, _seed("workspaces")),
    Race("modelarts_workspace: update, update otherwise", CHANGED, OTHERWISE, _seed("workspaces"), same=False),
    Race("modelarts_workspace: delete, delete", NO_WORKSPACE, NO_WORKSPACE, _seed("workspaces"), ends=True),
    Race("asm_release: create, create", release(), release(), creates=True),
    Race(
        "asm_release: create, create for one Service", release(), release(name="canary-too"), same=False, creates=True
    ),
    Race("asm_release: update, update", *[release(tag="2.0.1")] * 2, _seed("releases")),
    Race(
        "asm_release: update, update otherwise",
        release(tag="2.0.1"),
        release(tag="2.0.2"),
        _seed("releases"),
        same=False,
    ),
    Race("asm_release: promote, promote", ended_release(), ended_release(), _seed("releases"), gray=100, ends=True),
    Race(
        "asm_release: update, cancel",
        release(tag="2.0.1"),
        ended_release(state="canceled"),
        _seed("releases"),
        0,
        same=False,
    ),
    Race("apply: the same", _many(), _many(), MANY_SEEDED, same=False),
    Race(
        "apply: some of each, delete",
        _many(),
        task("apply", on_error="continue", **MANY_DELETED),
        MANY_SEEDED,
        same=False,
    ),
    Race(
        "apply, asm_workshop: create",
        task("apply", **MESH, workshops=[MANY["workshops"][0]]),
        workshop(name="apply-new"),
        creates=True,
        same=False,
    ),
]


def delays(generator: random.Random) -> list[dict[str, t.Any]]:
    """One for each of the requests that are to come, in whatever order; every third takes no time."""
    lengths = [0.0 if generator.random() < 1 / 3 else generator.uniform(0, LONGEST) for number in range(200)]
    return [{"kind": "delay", "seconds": seconds} for seconds in lengths]


@dataclasses.dataclass(frozen=True)
class Trouble:
    """Disturbances of the writes: temporary rejections of any process, and lost requests of the first and of the second process."""

    refusals: tuple[dict[str, t.Any], ...] = ()
    unsent: tuple[int, int] = (0, 0)


def trouble(generator: random.Random) -> Trouble:
    """In two of three rounds there is some."""
    kind, times = generator.randrange(3), generator.randint(1, 3)
    if kind == 0:
        return Trouble()
    if kind == 1:
        return Trouble(unsent=generator.choice([(times, 0), (0, times)]))
    refused = {
        "kind": "status",
        "status": 429,
        "headers": {"Retry-After": "0"},
        "skip": generator.randrange(2),
        "times": times,
    }
    return Trouble(refusals=tuple({**refused, "method": method} for method in ("POST", "PUT", "DELETE")))


def run_race(emulator: Emulator, race: Race, snapshot: t.Mapping[str, t.Any], number: int) -> list[str]:
    """One round. Says all that is wrong."""
    restore(emulator, snapshot)
    generator = random.Random(f"{SEED}/{race.name}/{number}")
    delayed, troubled = delays(generator), trouble(generator)
    emulator.control("POST", "faults", [*troubled.refusals, *delayed])
    operations, environ = race.operations(), variables(emulator)
    ordered = operations if generator.random() < 0.5 else operations[::-1]
    children = [
        Child(operation, environ, WAIT_OPTIONS, unsent=unsent) for operation, unsent in zip(ordered, troubled.unsent)
    ]
    results = [t.cast(TaskResult, child.result()) for child in children]
    emulator.control("DELETE", "faults")
    calls = emulator.request_log()
    problems = judge(race, results, current_state(emulator), calls)
    last = generator.choice(operations)
    return problems + judge_last(emulator, last, environ)


def judge(
    race: Race, results: t.Sequence[TaskResult], state: State, calls: t.Sequence[t.Mapping[str, t.Any]]
) -> list[str]:
    problems = duplicates(state)
    for one in results:
        kinds = kinds_of_failure(one)
        if one.crash or "Traceback" in one.msg:
            problems.append(f"a traceback: {one.crash or one.msg}")
        elif kinds - OVERTAKEN or (kinds and race.same):
            problems.append(f"an outcome that nobody foresees: {one.result['error']}: {one.msg}")
    created = [call for call in calls if call["method"] == "POST" and call["status"] == 200]
    if race.creates and len(created) != 1:
        problems.append(f"{len(created)} were created")
    claims = sum(one.changed for one in results)
    if race.creates and claims != 1:
        problems.append(f"{claims} of two say that they created it")
    ended = [call for call in calls if call["method"] == "DELETE" and 200 <= call["status"] < 300]
    if race.ends and not claims == len(ended) > 0:
        problems.append(f"{claims} of two say that they ended it, and {len(ended)} did")
    if any(one.changed for one in results) and not writes(calls):
        problems.append("changed without a request")
    return problems


def kinds_of_failure(result: TaskResult) -> set[str]:
    """Return the kinds of the errors of a task, or of all failed items of apply."""
    if not result.failed or result.crash:
        return set()
    errors = [item["error"] for item in result.result.get("results", []) if item["error"]]
    return {error["kind"] for error in errors or [result.result["error"]]}


def judge_last(emulator: Emulator, operation: Operation, environ: t.Mapping[str, str]) -> list[str]:
    """Run one of the two tasks again alone, then once more without changes. A permanent conflict is allowed."""
    first = call(operation, environ, FAST)
    second = call(operation, environ, FAST)
    problems = [f"alone: {one.crash}" for one in (first, second) if one.crash]
    if first.failed:
        return problems if kinds_of_failure(first) == {"drift"} else [*problems, f"alone, it fails: {first.msg}"]
    return problems + (["alone, it changes for ever"] if second.failed or second.changed else [])


@pytest.mark.parametrize("race", RACES, ids=str)
def test_two_concurrent_runs(server: Emulator, tally, whole: bool, race: Race) -> None:
    snapshot = prepare(server, race.operations()[0])
    untouched = bystanders(current_state(server), race)
    found = []
    for number in range(ROUNDS if whole else SOME_ROUNDS):
        problems = run_race(server, race, snapshot, number)
        problems += ["resources of others were changed"] if bystanders(current_state(server), race) != untouched else []
        tally.add(f"races: {race.name}", 1, int(not problems))
        found += [f"round {number}: {problem}" for problem in problems]
    assert not found, "\n".join(found)


def bystanders(state: State, race: Race) -> State:
    return {
        place: resources
        for place, resources in settled(state).items()
        if place[-1].endswith("-of-others") or place[-1] == "Team"
    }


def test_delays_are_the_same_each_time() -> None:
    assert delays(random.Random("a")) == delays(random.Random("a"))
    lengths = [order["seconds"] for order in itertools.chain(delays(random.Random("a")), delays(random.Random("b")))]
    assert len(set(lengths)) > 200 and max(lengths) <= LONGEST


def test_there_is_trouble_of_each_kind() -> None:
    found = [trouble(random.Random(str(number))) for number in range(60)]
    assert {bool(one.refusals) for one in found} == {True, False}
    assert {one.unsent for one in found} == {
        (0, 0),
        *((times, 0) for times in (1, 2, 3)),
        *((0, times) for times in (1, 2, 3)),
    }
    assert {order["times"] for one in found for order in one.refusals} == {1, 2, 3}


def test_writes_that_do_not_get_out_are_sent_later(server: Emulator) -> None:
    operation = RACES[0].operations()[0]
    restore(server, prepare(server, operation))
    task_result = t.cast(TaskResult, Child(operation, variables(server), WAIT_OPTIONS, unsent=2).result())
    assert task_result.changed and not task_result.failed
    assert [call["status"] for call in server.request_log() if call["method"] == "POST"] == [200]


@pytest.mark.parametrize(
    ("name", "says", "statuses", "seen"),
    [
        ("asm_workshop: delete, delete", (True, True), (200, 404), "2 of two say that they ended it, and 1 did"),
        ("asm_workshop: delete, delete", (False, False), (200,), "0 of two say that they ended it, and 1 did"),
        ("asm_workshop: delete, delete", (True, False), (429,), "1 of two say that they ended it, and 0 did"),
        ("asm_workshop: delete, delete", (True, False), (429, 200, 404), ""),
        ("modelarts_workspace: delete, delete", (True, True), (200,), "2 of two say that they ended it, and 1 did"),
        ("asm_release: promote, promote", (True, True), (200, 400), "2 of two say that they ended it, and 1 did"),
        ("asm_release: promote, promote", (True, False), (200, 400), ""),
    ],
)
def test_run_that_ended_the_release_is_reported(
    name: str, says: tuple[bool, bool], statuses: tuple[int, ...], seen: str
) -> None:
    """The judge can fail: it holds what is said against what was carried out."""
    race = next(race for race in RACES if race.name == name)
    task_result = [TaskResult(False, {"changed": changed, "msg": ""}) for changed in says]
    calls = [{"method": "DELETE", "path": "/resources/demo", "status": status, "body": None} for status in statuses]
    assert judge(race, task_result, {}, calls) == [seen] * bool(seen)
