# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An unexpected list response is an error. It never leads to a creation, and never counts as proof of a deletion."""

from __future__ import annotations

import typing as t

import pytest
from bad_input import NEW_RELEASE, NEW_WORKSHOP, NEW_WORKSPACE, Case, Outcome, attempt, fault, play_in
from harness import Emulator, task

DEMO = {"mesh_name": "demo-mesh"}
PLACE = "The request was sent for project $project to $url."
AGAIN = "Run the task again. If the error persists, give the request ID to the vendor's support."
ADDRESS = f"The URL does not belong to the service: check region and the endpoint options. {PLACE}"
NOTHING = (
    "The module ignored the response. Check that the endpoint is the service itself and not a proxy in front of it."
)
WIRE = "Run the task again. If the error persists, check the connection to the service: http or https, proxies, firewalls, timeouts."
NO_ROUTE = "The API does not exist or has not been published in the environment"
PAGE = "the response is an HTML page, not the service's JSON"
CONNECTION_BROKEN = "the connection to $host broke:"
TOO_SLOW = "$host did not respond within 1 s (read_timeout)"


class CachedList(t.NamedTuple):
    """A list: a task that needs it to create something, one that needs it to remove something, and how many calls it takes until then.

    ``failed`` are code and words of its service for a 500 and a 403; ``shapes`` are answers with what is wrong about them.
    """

    name: str
    action: str
    module: str
    create: dict[str, t.Any]
    end: dict[str, t.Any]
    calls: int
    actions: str
    failed: dict[int, tuple[str, str]]
    shapes: t.Sequence[tuple[str, t.Any, str]]


class ApiResponse(t.NamedTuple):
    """A fault and the expected message."""

    order: dict[str, t.Any]
    said: str
    kind: str
    status: int | None
    code: str | None
    hint: str
    options: dict[str, t.Any] = {}


ASM = {500: ("ASM.01040001", "Internal error"), 403: ("ASM.01000002", "Forbidden")}
MODELARTS = {
    500: ("ModelArts.0010", "The status 500 is an injected fault"),
    403: ("ModelArts.0112", "The status 403 is an injected fault"),
}
NO_ITEMS = ("an object of something else", {"unexpected": True}, "items is missing")
WORKSHOP = {
    "module": "asm_workshop",
    "create": {**DEMO, **NEW_WORKSHOP},
    "end": {**DEMO, "name": "bookinfo", "state": "absent"},
    "failed": ASM,
}

LISTINGS = [
    CachedList(
        name="meshes",
        action="list the meshes",
        calls=1,
        actions="actions asm:mesh:list and asm:mesh:get",
        shapes=[
            NO_ITEMS,
            ("an array", [], "the value must be of type object"),
            ("items of another type", {"items": "none"}, "items must be of type array or null"),
            ("a mesh without id", {"items": [{"metadata": {"name": "demo-mesh"}}]}, "items[0].metadata.uid is missing"),
        ],
        **WORKSHOP,
    ),
    CachedList(
        name="workshops",
        action="list the workshops of mesh '$demo_mesh'",
        calls=2,
        actions="action asm:mesh:listWorkshops",
        shapes=[
            NO_ITEMS,
            ("null", "null", "the value must be of type object"),
            ("arrays in an array", [[]], "[0] must be of type object"),
            ("an empty entry", [{"workshop": {}}], "[0].workshop.metadata is missing; [0].workshop.spec is missing"),
        ],
        **WORKSHOP,
    ),
    CachedList(
        name="releases",
        action="list the releases of mesh '$demo_mesh'",
        module="asm_release",
        create={**DEMO, **NEW_RELEASE},
        end={**DEMO, "namespace": "default", "name": "reviews-v2", "state": "canceled"},
        calls=2,
        actions="action asm:mesh:listReleases",
        failed=ASM,
        shapes=[
            NO_ITEMS,
            ("an array", [], "the value must be of type object"),
            (
                "a release without namespace",
                {"items": [{"metadata": {"name": "reviews-v2"}, "spec": {}}]},
                "items[0].metadata.namespace is missing",
            ),
            (
                "numbers",
                {"items": [1, 2, 3, 4, 5]},
                "items[0] must be of type object; items[1] must be of type object; items[2] must be of type object; and 2 more",
            ),
        ],
    ),
    CachedList(
        name="workspaces",
        action="list the workspaces",
        module="modelarts_workspace",
        create=NEW_WORKSPACE,
        end={"name": "team-blue", "state": "absent"},
        calls=1,
        actions="action modelarts:workspace:list",
        failed=MODELARTS,
        shapes=[
            ("an object of something else", {"unexpected": True}, "total_count is missing; workspaces is missing"),
            ("no total", {"workspaces": []}, "total_count is missing"),
            ("a total alone", {"total_count": 0}, "workspaces is missing"),
            (
                "a workspace without id",
                {"total_count": 1, "workspaces": [{"name": "team-green"}]},
                "workspaces[0].id is missing",
            ),
        ],
    ),
]


def _answers(listing: CachedList) -> dict[str, ApiResponse]:
    path = f"/{listing.name}$"
    gateway = {"error_msg": NO_ROUTE, "error_code": "APIGW.0101", "request_id": "0123456789abcdef0123456789abcdef"}
    shapes = {
        name: ApiResponse(
            fault("schema_mismatch", path, body=body),
            f"the response does not match the documented schema: {problem}",
            "protocol",
            200,
            None,
            NOTHING,
        )
        for name, body, problem in listing.shapes
    }
    return {
        "500": ApiResponse(
            fault("status", path, status=500), listing.failed[500][1], "server", 500, listing.failed[500][0], AGAIN
        ),
        "403": ApiResponse(
            fault("status", path, status=403),
            listing.failed[403][1],
            "forbidden",
            403,
            listing.failed[403][0],
            f"Grant the identity the IAM {listing.actions}. {PLACE}",
        ),
        "404 of the gateway": ApiResponse(
            fault("status", path, status=404, body=gateway), NO_ROUTE, "bad_request", 404, "APIGW.0101", ADDRESS
        ),
        "404 as HTML": ApiResponse(fault("html", path, status=404), PAGE, "bad_request", 404, None, ADDRESS),
        "502 as HTML": ApiResponse(fault("html", path), PAGE, "server", 502, None, AGAIN),
        "200 as HTML": ApiResponse(fault("html", path, status=200), PAGE, "protocol", 200, None, NOTHING),
        "invalid_json": ApiResponse(
            fault("invalid_json", path), "the response is not valid JSON", "protocol", 200, None, NOTHING
        ),
        "no body": ApiResponse(
            fault("invalid_json", path, body=""),
            "the response is empty, not valid JSON",
            "protocol",
            200,
            None,
            NOTHING,
        ),
        "half a body": ApiResponse(
            fault("truncated", path),
            f"{CONNECTION_BROKEN} the connection was closed before the response was complete",
            "transport",
            None,
            None,
            WIRE,
        ),
        "an error with 200": ApiResponse(
            fault("schema_mismatch", path, body=[{"errorCode": "ASM.01040001", "errorMsg": "Internal error."}]),
            "the response contains the error ASM.01040001: Internal error although its status is 200",
            "protocol",
            200,
            "ASM.01040001",
            NOTHING,
        ),
        "redirect": ApiResponse(
            fault("redirect", path),
            "the service responded with a redirect, which is not followed",
            "protocol",
            302,
            None,
            "Check the endpoint: it must name the service itself.",
        ),
        "reset": ApiResponse(
            fault("reset", path), f"{CONNECTION_BROKEN} Connection reset by peer", "transport", None, None, WIRE
        ),
        "silence": ApiResponse(
            fault("stall", path, seconds=600), TOO_SLOW, "transport", None, None, WIRE, {"read_timeout": 1}
        ),
        **shapes,
    }


def _case(listing: CachedList, name: str, options: dict[str, t.Any], answer: ApiResponse) -> Case:
    facts = (
        [f"HTTP {answer.status}"] * bool(answer.status)
        + [answer.code] * bool(answer.code)
        + ["request id $request"] * bool(answer.status)
    )
    said = f"Failed to {listing.action}: {answer.said}" + (f" ({', '.join(facts)})" if facts else "")
    return Case(
        f"{listing.name}: {name}",
        listing.module,
        {**options, **answer.options},
        f"{said}. {answer.hint}",
        answer.kind,
        answer.status,
        answer.code,
        calls=listing.calls,
        before=[answer.order],
    )


def _cases(listing: CachedList) -> t.Iterator[Case]:
    answers = _answers(listing)
    for name, answer in answers.items():
        yield _case(listing, name, listing.create, answer)
    # Responses that could be mistaken for an empty list.
    for name in ("404 of the gateway", "200 as HTML", "no body", "an error with 200", listing.shapes[0][0]):
        yield _case(listing, f"{name}, to remove", listing.end, answers[name])


CASES = [
    *(case for listing in LISTINGS for case in _cases(listing)),
    Case(
        "workspaces: fewer than promised",
        "modelarts_workspace",
        NEW_WORKSPACE,
        "Failed to list the workspaces: the service announced 5 workspaces and returned 0. The module ignored the list. "
        "Another client may be changing it, so run the task again.",
        "protocol",
        calls=2,
        before=[fault("schema_mismatch", "/workspaces$", body={"total_count": 5, "workspaces": []}, times=2)],
    ),
    Case(
        "workspaces: 500 three times",
        "modelarts_workspace",
        dict(NEW_WORKSPACE, max_retries=2, retry_max_delay=0),
        f"Failed to list the workspaces: The status 500 is an injected fault (HTTP 500, ModelArts.0010, request id $request, 3 attempts). {AGAIN}",
        "server",
        500,
        "ModelArts.0010",
        calls=3,
        before=[fault("status", "/workspaces$", status=500, times=3)],
    ),
]


def _prepare(server: Emulator) -> dict[str, str]:
    server.seed(
        workshops=[{"name": "bookinfo"}],
        releases=[{"name": "reviews-v2", "service_name": "reviews"}],
        workspaces=[{"name": "team-blue"}],
    )
    return {
        "demo_mesh": next(iter(server.stores()["meshes"])),
        "project": server.credentials["project_id"],
        "url": server.url,
        "host": server.url.partition("//")[2],
    }


@pytest.fixture(scope="module")
def outcome(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    player = play_in(server, tmp_path_factory.mktemp("answers"))
    return attempt(player, CASES, _prepare(server))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_bad_response_fails_the_task(outcome: Outcome, case: Case) -> None:
    outcome.check(case)


def test_no_secret_leaks(outcome: Outcome) -> None:
    assert outcome.leaks(outcome.run.output) == []


def test_same_tasks_succeed_without_faults(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Prove that the responses are the only reason for the failures."""
    player = play_in(server, tmp_path_factory.mktemp("proof"))
    _prepare(server)
    requests = {
        (listing.module, kind): options
        for listing in LISTINGS
        for kind, options in (("create", listing.create), ("end", listing.end))
    }
    run = player(
        [task(module, f"{module}: {kind}", **options) for (module, kind), options in requests.items()], check=True
    )
    assert [record.status for record in run.modules()] == ["changed"] * 6
