# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are invented and damaged, at any request of any operation: never a traceback, never a wrong ``changed``, never two of one name."""

from __future__ import annotations

import collections
import contextlib
import json
import random
import typing as t
from unittest import mock

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import TransportError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import client as _http
from ansible_collections.community.huaweicloud.plugins.module_utils._http import operation as _operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
)
from counting import Tally
from damage import spoiled
from fuzzing import fuzz
from hypothesis import strategies as st
from invariants import is_open
from operations import OPERATIONS, SEEDED, SWIFT, Operation, TaskResult, with_settings
from simulated_cloud import TOKENS, Cloud, release, workshop, workspace
from wire import ENVIRONMENT, LOGIN, SECRET, Ran, Wire, in_process

FEW, MANY = 12, 600
# Operations that create something.
CREATING = [
    operation
    for operation in OPERATIONS
    if not operation.reads_only and ("create" in operation.name or "some of each" in operation.name)
]
# A task that is turned away again and again gives up soon.
SETTINGS = {**SWIFT, "max_retries": 2, "wait_timeout": 1}


def _cloud(operation: Operation) -> Cloud:
    """What the operation begins with, in memory."""
    cloud = Cloud()
    for number, given in enumerate(operation.seed.get("workspaces", [])):
        cloud.workspaces.append(
            workspace(f"seed-{number}", given["name"], **{key: value for key, value in given.items() if key != "name"})
        )
        cloud.quotas[f"seed-{number}"] = [
            {**each, "resource": name} for name, each in zip(("gpu", "cpu"), cloud.quotas["0"])
        ]
    for number, given in enumerate(operation.seed.get("workshops", [])):
        spec = {"primaryCluster": "c-1", **SEEDED["workshops"]["spec"]}
        cloud.workshops.append(workshop(f"seed-{number}", {"name": given["name"]}, spec, given.get("description", "")))
    for number, given in enumerate(operation.seed.get("releases", [])):
        spec = json.loads(json.dumps(given["spec"]).replace("demo-cluster", "c-1"))
        cloud.releases.append(
            release(f"seed-{number}", {"name": given["name"], "namespace": "default", "meshID": "m-1"}, spec)
        )
    cloud.receives_traffic = "gray" if operation.gray else "original"
    return cloud


def _options(operation: Operation) -> dict[str, t.Any]:
    text = json.dumps(with_settings(operation, SETTINGS))
    found = (
        text.replace("demo-mesh", "shop")
        .replace("demo-cluster", "c-1")
        .replace("exemlProject.gpu_duration", "gpu")
        .replace("service.gpu_num", "cpu")
    )
    return t.cast("dict[str, t.Any]", json.loads(found))


class ResponseCorruptor:
    """Spoils some of the answers, and knows what they are answers to."""

    def __init__(self, seed: int, answers: int, *, lists_are_true: bool = False) -> None:
        """``answers``: how many there are when none is spoiled, of those that may be. One of them is spoiled in any case.

        ``lists_are_true``: only answers to writes are spoiled, and some of them never arrive.
        """
        self._chance = random.Random(seed)
        self._lists_are_true = lists_are_true
        self._share = self._chance.choice([0.1, 0.3, 1.0])
        self._left = self._chance.randrange(answers)
        self._operation: _operation.Operation | None = None
        self.spoiled = 0
        # The methods of calls whose answers were.
        self.methods: set[str] = set()

    @contextlib.contextmanager
    def watching(self) -> t.Iterator[None]:
        original = _http.Client.request

        def request(client: _http.Client, operation: _operation.Operation) -> _operation.ApiResponse:
            before, self._operation = self._operation, operation
            try:
                return original(client, operation)
            finally:
                self._operation = before

        with mock.patch.object(_http.Client, "request", request):
            yield

    def __call__(self, call: HttpRequest, do: t.Callable[[], HttpResponse]) -> HttpResponse:
        reply = do()
        if self._lists_are_true and (call.method == "GET" or call.url.endswith(TOKENS)):
            return reply
        due, self._left = not self.spoiled and self._left <= 0, self._left - 1
        if not due and self._chance.random() >= self._share:
            return reply
        done = call.method != "GET" and 200 <= reply.status < 300
        if self._lists_are_true and self._chance.random() < 0.2:
            self._note(call)
            raise TransportError("the connection broke", request_sent=True)
        schema = self._operation.schema if self._operation else None
        found = spoiled(reply, schema, self._chance, done=done)
        while due and _meaning(found) == _meaning(reply):
            found = spoiled(reply, schema, self._chance, done=done)
        if _meaning(found) != _meaning(reply):
            self._note(call)
        return found

    def _note(self, call: HttpRequest) -> None:
        self.spoiled += 1
        self.methods.add(call.method)

    @property
    def is_of_both(self) -> bool:
        """Whether a list and the answer to a write are both spoiled. What then is there all at once can not be told from what was written."""
        return "GET" in self.methods and len(self.methods) > 1


def _meaning(reply: HttpResponse) -> t.Any:
    """What an answer says, however its JSON is set."""
    try:
        return reply.status, dict(reply.headers), json.dumps(json.loads(reply.body))
    except (RecursionError, ValueError):
        return reply.status, dict(reply.headers), reply.body


def _problems(operation: Operation, ran: Ran, wire: Wire, spoiler: ResponseCorruptor) -> list[str]:
    task_result = ran.task_result
    if task_result.crash:
        return [task_result.crash]
    text = json.dumps(task_result.result)
    problems = ["a traceback in the result"] if "Traceback" in text else []
    problems += ["the secret is in the result"] if SECRET in text else []
    problems += [f"it wrote: {wire.writes}"] if operation.reads_only and wire.writes else []
    problems += _changed_for_nothing(operation, ran, wire, spoiler)
    if task_result.failed:
        problems += (
            []
            if task_result.msg and (task_result.result.get("error") or {}).get("kind")
            else ["the failure says too little"]
        )
    return problems


def _changed_for_nothing(operation: Operation, ran: Ran, wire: Wire, spoiler: ResponseCorruptor) -> list[str]:
    task_result = ran.task_result
    if operation.reads_only:
        return [] if operation.check or not task_result.changed else ["changed by a task that only looks"]
    problems = []
    if task_result.changed and not wire.writes:
        problems.append("changed, and nothing was ever sent")
    if task_result.changed and not wire.done and not spoiler.is_of_both:
        problems.append("changed, and nothing was done")
    if wire.done and not task_result.changed and not (task_result.failed and is_open(task_result)):
        problems.append(f"silent about {wire.done}: {task_result.msg}")
    return problems


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_answers(operation: Operation, whole: bool, tally: Tally) -> None:
    options = _options(operation)
    environ = LOGIN if operation.password else ENVIRONMENT

    plain = Wire(_cloud(operation))
    in_process(operation.definition, options, plain, environ, check=operation.check)

    def check(seed: int) -> None:
        spoiler = ResponseCorruptor(seed, len(plain.calls))
        wire = Wire(_cloud(operation), spoiler)
        with spoiler.watching():
            ran = in_process(operation.definition, options, wire, environ, check=operation.check)
        assert spoiler.spoiled, wire.calls
        problems = _problems(operation, ran, wire, spoiler)
        assert not problems, "\n".join([*problems, *wire.calls])

    fuzz(tally, "answers", MANY if whole else FEW, check, st.integers(0, 2**32))


@pytest.mark.parametrize("operation", CREATING, ids=str)
def test_nothing_is_there_twice(operation: Operation, whole: bool, tally: Tally) -> None:
    """Where names may be taken twice and answers to writes say nothing, or what is not so, only a look keeps from making a second one."""
    options = _options(operation)
    environ = LOGIN if operation.password else ENVIRONMENT
    plain = Wire(_cloud(operation))
    in_process(operation.definition, options, plain, environ)

    def check(seed: int) -> None:
        spoiler = ResponseCorruptor(seed, len(plain.writes), lists_are_true=True)
        cloud = _cloud(operation)
        cloud.enforces_names = False
        wire = Wire(cloud, spoiler)
        with spoiler.watching():
            ran = in_process(operation.definition, options, wire, environ)
        assert spoiler.spoiled, wire.calls
        problems = [*_problems(operation, ran, wire, spoiler), *_twins(cloud)]
        assert not problems, "\n".join([*problems, *wire.calls])

    fuzz(
        tally, "answers to writes, where names may be taken twice", MANY if whole else FEW, check, st.integers(0, 2**32)
    )


def _twins(cloud: Cloud) -> list[str]:
    """Names that more than one thing has, of those that are not on their way out."""
    names = [("workspace", "", each["name"]) for each in cloud.workspaces if each["status"] != "DELETING"]
    names += [("workshop", "", each["metadata"]["name"]) for each in cloud.workshops]
    names += [("release", each["metadata"]["namespace"], each["metadata"]["name"]) for each in cloud.releases]
    return [f"{count} are called {' '.join(name)}" for name, count in collections.Counter(names).items() if count > 1]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_undamaged(operation: Operation, tally: Tally) -> None:
    """What the rest is worth: with the answers as they are, each operation does what it is for."""
    wire = Wire(_cloud(operation))
    ran = in_process(
        operation.definition,
        _options(operation),
        wire,
        LOGIN if operation.password else ENVIRONMENT,
        check=operation.check,
    )
    held = not ran.task_result.failed and not _problems(operation, ran, wire, ResponseCorruptor(0, 1))
    tally.add("answers that are right", 1, int(held))
    assert held, (ran, wire.calls)


def test_a_wrong_changed_is_seen() -> None:
    """The judge is worth something: a result that claims too much, or too little, does not hold."""
    operation, spoiler = OPERATIONS[0], ResponseCorruptor(0, 1)
    wire = Wire(_cloud(operation))
    ran = in_process(operation.definition, _options(operation), wire, ENVIRONMENT)
    assert ran.task_result.changed and wire.done
    assert _changed_for_nothing(operation, Ran(ran.task_result), Wire(Cloud()), spoiler) == [
        "changed, and nothing was ever sent",
        "changed, and nothing was done",
    ]
    ran.task_result.result["changed"] = False
    assert len(_changed_for_nothing(operation, ran, wire, spoiler)) == 1
    for hint, seen in (("Run the task again.", 1), ("Whether it was done is not known.", 0)):
        error = {"kind": "transport", "message": "It broke.", "hint": hint}
        failed = Ran(TaskResult(True, {"msg": f"It broke. {hint}", "changed": False, "error": error}))
        assert len(_problems(operation, failed, wire, spoiler)) == seen
    claiming = Ran(
        TaskResult(True, {"msg": "It broke.", "changed": True, "error": {"kind": "server", "message": "It broke."}})
    )
    refused = Wire(Cloud())
    refused.calls.append("POST /v1/p-1/workspaces")
    assert _changed_for_nothing(operation, claiming, refused, spoiler) == ["changed, and nothing was done"]
    # One that hides what there is, and one that says nothing: all but what was never sent may be so.
    spoiler.methods = {"GET", "POST"}
    assert _changed_for_nothing(operation, claiming, refused, spoiler) == []
    spoiler.methods = {"GET"}
    assert _changed_for_nothing(operation, claiming, refused, spoiler) == ["changed, and nothing was done"]


def test_twins_are_seen() -> None:
    """Names are unique unless that is switched off; then whoever creates without a look makes a second one, which the judge sees."""
    cloud = Cloud()
    for enforces, duplicates in ((True, []), (False, ["2 are called workspace  team"])):
        cloud.enforces_names = enforces
        for dummy in range(2 if enforces else 1):
            cloud(HttpRequest("POST", "http://modelarts.example/v1/p-1/workspaces", {}, b'{"name": "team"}'))
        assert _twins(cloud) == duplicates


def test_the_wire_hands_on_what_breaks() -> None:
    """A connection that breaks is the client's business too, and no crash."""

    def breaks(call: HttpRequest, do: t.Callable[[], HttpResponse]) -> t.NoReturn:
        raise TransportError("it broke", request_sent=True)

    operation = OPERATIONS[0]
    task_result = in_process(
        operation.definition, _options(operation), Wire(_cloud(operation), breaks), ENVIRONMENT
    ).task_result
    assert task_result.failed and not task_result.crash
