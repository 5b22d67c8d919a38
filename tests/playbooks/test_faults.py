# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inject each fault a fixed number of times into each kind of request.

The task recovers or fails, and its result is accurate. A second run reaches the desired state, without duplicates and without a wrong ``changed``.
"""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from expectations import check_quiet
from harness import Player, Record, control
from task_scenarios import (
    CLUSTER,
    Case,
    Scenario,
    ended_release,
    look,
    no_workshop,
    no_workspace,
    release,
    run_cases,
    template,
    workshop,
    workspace,
)

HEALS, FAILS = "heals", "fails"


@dataclasses.dataclass(frozen=True)
class Fault:
    """One kind of fault; ``orders`` go to the control plane."""

    name: str
    kind: str
    orders: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    # Whether safe requests are sent again, and whether unsafe requests are.
    repeated: bool = True
    proven: bool = False
    # Whether the service executed the request anyway.
    done: bool = False


FAULTS = [
    Fault("500", "status", {"status": 500}),
    Fault("503", "status", {"status": 503}),
    Fault("503-retry-after", "status", {"status": 503, "headers": {"Retry-After": "0"}}, proven=True),
    Fault("429", "status", {"status": 429}, proven=True),
    Fault(
        "429-retry-after",
        "status",
        {"status": 429, "headers": {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}},
        proven=True,
    ),
    Fault("403", "status", {"status": 403}, repeated=False),
    Fault(
        "gateway-404",
        "status",
        {"status": 404, "body": {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}},
        repeated=False,
    ),
    Fault("reset", "reset"),
    Fault("truncated", "truncated", done=True),
    Fault("lost-answer", "response_dropped", done=True),
    Fault("invalid_json", "invalid_json", repeated=False),
    Fault("garbage-after-all", "invalid_json", {"apply_first": True}, repeated=False, done=True),
    Fault("html", "html"),
    Fault("redirect", "redirect", repeated=False),
    Fault("wrong-shape", "schema_mismatch", repeated=False),
    Fault(
        "200-error",
        "status",
        {"status": 200, "body": {"error_code": "APIGW.0308", "error_msg": "throttled"}},
        repeated=False,
    ),
]


@dataclasses.dataclass(frozen=True)
class Request:
    """One kind of request of one resource: the task that sends it, and the state before and after."""

    name: str
    method: str
    path_regex: str
    task: t.Callable[[str], dict[str, t.Any]]
    seed: dict[str, t.Any]
    store: str
    before: list[t.Any]
    after: list[t.Any]
    # The part of the state that the test compares.
    shows: t.Callable[[dict[str, t.Any]], t.Any]

    @property
    def has_a_shape(self) -> bool:
        return self.method in ("GET", "POST")

    def state(self, stores: dict[str, t.Any]) -> list[t.Any]:
        return sorted(self.shows(record) for record in stores[self.store].values() if record["name"] != "default")


def _workshop(record: dict[str, t.Any]) -> t.Any:
    return [record["name"], record["description"]]


def _workspace(record: dict[str, t.Any]) -> t.Any:
    return [record["name"], record["description"], [grant["user_name"] for grant in record["grants"]]]


def _release(record: dict[str, t.Any]) -> t.Any:
    return [record["name"], record["gray"][0]["sent"]["spec"]["template"]["spec"]["containers"][0]["image"]]


WORKSHOP = {"workshops": [{"name": "demo", "description": "A demo"}]}
TEAM = ["team", "A team", ["alice"]]
WORKSPACE = {
    "workspaces": [
        {"name": "team", "description": "A team", "auth_type": "internal", "grants": [{"user_name": "alice"}]}
    ]
}
GRAY = [{"clusterID": CLUSTER, "template": template()}]
CANARY = ["canary", "registry.example.com/reviews:2.0.0"]
SPEC = {
    "serviceName": "reviews",
    "clusterID": CLUSTER,
    "deploymentName": "reviews-v1",
    "version": "v2",
    "type": "canary",
    "grayDeployments": GRAY,
}
RELEASE = {"releases": [{"name": "canary", "spec": SPEC}]}
OTHER = {"description": "Another team", "grants": [{"user_name": "bob"}]}
SHORT = {"wait_timeout": 2}

REQUESTS = {
    "TestWorkshops": [
        Request(
            "list",
            "GET",
            "/workshops$",
            lambda name: workshop(name, **SHORT),
            {},
            "workshops",
            [],
            [["demo", "A demo"]],
            _workshop,
        ),
        Request(
            "create",
            "POST",
            "/workshops$",
            lambda name: workshop(name, **SHORT),
            {},
            "workshops",
            [],
            [["demo", "A demo"]],
            _workshop,
        ),
        Request(
            "delete",
            "DELETE",
            "/workshops/",
            lambda name: no_workshop(name, **SHORT),
            WORKSHOP,
            "workshops",
            [["demo", "A demo"]],
            [],
            _workshop,
        ),
    ],
    "TestWorkspaces": [
        Request(
            "list",
            "GET",
            "/workspaces$",
            lambda name: workspace(name, **SHORT),
            {},
            "workspaces",
            [],
            [TEAM],
            _workspace,
        ),
        Request(
            "create",
            "POST",
            "/workspaces$",
            lambda name: workspace(name, **SHORT),
            {},
            "workspaces",
            [],
            [TEAM],
            _workspace,
        ),
        Request(
            "update",
            "PUT",
            "/workspaces/",
            lambda name: workspace(name, **SHORT, **OTHER),
            WORKSPACE,
            "workspaces",
            [TEAM],
            [["team", "Another team", ["bob"]]],
            _workspace,
        ),
        Request(
            "delete",
            "DELETE",
            "/workspaces/",
            lambda name: no_workspace(name, **SHORT),
            WORKSPACE,
            "workspaces",
            [TEAM],
            [],
            _workspace,
        ),
    ],
    "TestReleases": [
        Request(
            "list", "GET", "/releases$", lambda name: release(name, **SHORT), {}, "releases", [], [CANARY], _release
        ),
        Request(
            "create", "POST", "/releases$", lambda name: release(name, **SHORT), {}, "releases", [], [CANARY], _release
        ),
        Request(
            "update",
            "PUT",
            "/releases/",
            lambda name: release(name, tag="2.0.1", **SHORT),
            RELEASE,
            "releases",
            [CANARY],
            [["canary", "registry.example.com/reviews:2.0.1"]],
            _release,
        ),
        Request(
            "delete",
            "DELETE",
            "/releases/",
            lambda name: ended_release(name, "canceled", **SHORT),
            RELEASE,
            "releases",
            [CANARY],
            [],
            _release,
        ),
    ],
}


def outcome(request: Request, fault: Fault) -> str:
    """Return the expected outcome of the first task.

    Safe requests are repeated after transient faults, other requests only with a proof that the service did not execute them. A list shows
    whether a request with an unknown outcome succeeded.
    """
    if fault.kind in ("invalid_json", "schema_mismatch") and not request.has_a_shape:
        return HEALS if fault.done else FAILS
    if request.method == "POST":
        return HEALS if fault.proven or fault.done else FAILS
    if request.store == "workshops" and request.method == "DELETE" and fault.name == "500":
        # The response can mean that the resource does not exist, so the request is not repeated.
        return FAILS
    return HEALS if fault.repeated else FAILS


def times(request: Request, fault: Fault) -> int:
    """Return 2 if the task continues after the request, and 1 otherwise."""
    repeatable = fault.proven or (request.method != "POST" and fault.repeated and not fault.done)
    return 2 if repeatable and outcome(request, fault) == HEALS else 1


def case(request: Request, fault: Fault) -> Case:
    orders = dict(
        fault.orders, kind=fault.kind, method=request.method, path_regex=request.path_regex, times=times(request, fault)
    )
    tasks = (
        *([control("POST", "seed", request.seed)] if request.seed else []),
        control("POST", "faults", orders),
        request.task("first"),
        look("between"),
        request.task("again"),
        look("at the end"),
    )
    return Case(
        f"{request.name}-{fault.name}",
        {"gone_after": 1, "running_after": 1},
        tasks,
        lambda scenario: check(scenario, request, fault),
    )


def check(scenario: Scenario, request: Request, fault: Fault) -> None:
    first, again, between = scenario["first"], scenario["again"], request.state(scenario.stores("between"))
    assert scenario["between"].result["answer"]["faults"] == []
    assert len([call for call in first.requests if call["fault"]]) == times(request, fault)
    assert not again.failed, again.msg
    assert request.state(scenario.stores("at the end")) == request.after
    if outcome(request, fault) == HEALS:
        assert not first.failed, first.msg
        assert first.changed and between == request.after
        check_quiet(again)
    else:
        check_failure(first, request, fault)
        assert between == request.before
        assert again.changed
    if request.method == "POST":
        check_never_two(first, request, fault)


def check_failure(record: Record, request: Request, fault: Fault) -> None:
    """Check that the task failed with a message, and that its result is accurate."""
    assert record.failed and "Traceback" not in record.msg
    assert record.result["error"]["hint"]
    assert not record.changed and record.result["actions"] == []
    assert record.result["error"]["method"] == request.method
    assert "Failed to " in record.msg


def check_never_two(record: Record, request: Request, fault: Fault) -> None:
    """Check that a list follows a creation with unknown outcome, and that only a proof of failure allows a second attempt."""
    posts = [index for index, call in enumerate(record.requests) if call["method"] == "POST"]
    assert len(posts) == (times(request, fault) + 1 if fault.proven else 1)
    if not fault.proven and fault.name not in ("403", "gateway-404", "redirect"):
        after = record.requests[posts[-1] + 1]
        assert (after["method"], after["path"].rpartition("/")[2]) == ("GET", request.store)


# One resource is enough for behavior that does not depend on the resource.
ANYWHERE = ("503", "429", "403", "gateway-404")
ANY_LIST = (*ANYWHERE, "503-retry-after", "429-retry-after", "reset", "lost-answer", "redirect", "garbage-after-all")


def is_worth_it(request: Request, fault: Fault) -> bool:
    return request.store == "workshops" or fault.name not in (ANY_LIST if request.method == "GET" else ANYWHERE)


def cases_of(name: str) -> dict[str, Case]:
    apply_filters = [
        case(request, fault) for request in REQUESTS[name] for fault in FAULTS if is_worth_it(request, fault)
    ]
    return {one.name: one for one in apply_filters}


@pytest.fixture(scope="class")
def scenarios(request: pytest.FixtureRequest, shared_play: Player) -> dict[str, Scenario]:
    return run_cases(shared_play, list(request.cls.CASES.values()))


class TestWorkshops:
    CASES = cases_of("TestWorkshops")

    @pytest.mark.parametrize("name", list(CASES))
    def test_fault_and_recovery(self, scenarios: dict[str, Scenario], name: str) -> None:
        self.CASES[name].check(scenarios[name])


class TestWorkspaces:
    CASES = cases_of("TestWorkspaces")

    @pytest.mark.parametrize("name", list(CASES))
    def test_fault_and_recovery(self, scenarios: dict[str, Scenario], name: str) -> None:
        self.CASES[name].check(scenarios[name])


class TestReleases:
    CASES = cases_of("TestReleases")

    @pytest.mark.parametrize("name", list(CASES))
    def test_fault_and_recovery(self, scenarios: dict[str, Scenario], name: str) -> None:
        self.CASES[name].check(scenarios[name])


# -- attempts and delays


def check_exhausted(scenario: Scenario) -> None:
    record = scenario["first"]
    assert record.failed and not record.changed
    assert len(record.requests) == 3 and record.result["error"]["attempts"] == 3
    assert "3 attempts" in record.msg
    assert scenario.stores("at the end")["workspaces"].keys() == scenario.stores("before")["workspaces"].keys()


def check_much_later(scenario: Scenario) -> None:
    """No request is sent before the time that the service requests."""
    record = scenario["first"]
    assert record.failed and not record.changed
    assert len(record.requests) == record.result["error"]["attempts"] == 1
    assert (
        record.result["error"]["hint"]
        == "The service asks to wait 3600 s, retry_max_delay is 0.02. Run the task again later, or increase retry_max_delay."
    )
    assert scenario.stores("at the end")["workspaces"].keys() == scenario.stores("before")["workspaces"].keys()


def check_throttled(scenario: Scenario) -> None:
    """If there are more tasks than the service accepts, each task slows down, none fails, and no write is repeated."""
    for record in [record for record in scenario.records if record.name.startswith("first")]:
        assert not record.failed, record.msg
    assert len([call for record in scenario.records for call in record.requests if call["status"] == 429]) > 0
    names = [record["name"] for record in scenario.stores("at the end")["workspaces"].values()]
    assert sorted(names) == ["default", "team-0", "team-1"]


def check_delayed(scenario: Scenario) -> None:
    """Check that slow requests are repeated if that is safe, and that other requests are followed by a lookup."""
    listed, created = scenario["list"], scenario["create"]
    assert not listed.failed and [call["method"] for call in listed.requests].count("GET") >= 2
    assert created.changed and not created.failed, created.msg
    assert [call["method"] for call in created.requests].count("POST") == 1
    assert [record["name"] for record in scenario.stores("at the end")["workspaces"].values()].count("team") == 1


def endless(**more: t.Any) -> dict[str, t.Any]:
    return control("POST", "faults", dict(more, method="GET", path_regex="/workspaces$", times=99))


TWICE = (look("before"), workspace("first", max_retries=2), look("at the end"))
LIMITS = {
    "500": Case("500", {}, (endless(kind="status", status=500), *TWICE), check_exhausted),
    "503": Case("503", {}, (endless(kind="status", status=503), *TWICE), check_exhausted),
    "429": Case("429", {}, (endless(kind="status", status=429, headers={"Retry-After": "0"}), *TWICE), check_exhausted),
    "much-later": Case(
        "much-later",
        {},
        (endless(kind="status", status=429, headers={"Retry-After": "3600"}), *TWICE),
        check_much_later,
    ),
    "reset": Case("reset", {}, (endless(kind="reset"), *TWICE), check_exhausted),
    "truncated": Case("truncated", {}, (endless(kind="truncated"), *TWICE), check_exhausted),
    "html": Case("html", {}, (endless(kind="html"), *TWICE), check_exhausted),
    "throttled": Case(
        "throttled",
        {"rate_limit": 2, "retry_after": "0"},
        (
            *(
                workspace(f"first {number}", name=f"team-{number}", retry_max_delay=0.2, max_retries=20)
                for number in range(2)
            ),
            look("at the end"),
        ),
        check_throttled,
    ),
    "delayed": Case(
        "delayed",
        {},
        (
            control("POST", "faults", {"kind": "stall", "method": "GET", "path_regex": "/workspaces$", "seconds": 600}),
            workspace("list", read_timeout=2, _check_mode=True),
            control(
                "POST",
                "faults",
                {"kind": "stall", "method": "POST", "path_regex": "/workspaces$", "seconds": 600, "apply_first": True},
            ),
            workspace("create", read_timeout=2),
            look("at the end"),
        ),
        check_delayed,
    ),
}


class TestLimits:
    CASES = LIMITS

    @pytest.mark.parametrize("name", list(CASES))
    def test_fault_and_recovery(self, scenarios: dict[str, Scenario], name: str) -> None:
        self.CASES[name].check(scenarios[name])
