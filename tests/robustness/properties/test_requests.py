# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of requests: lists are read completely, and requests with an unknown outcome are not repeated."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import typing as t
from urllib.parse import parse_qs, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._api.iam import ProjectIdentity
from ansible_collections.community.huaweicloud.plugins.module_utils._api.modelarts import list_workspaces
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ServiceError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
)
from fake_clock import FakeClock
from hypothesis import strategies as st
from propositions import holds
from simulated_cloud import CONNECTION, NOW

RETRIES = 3
# Outcomes after which the request may have been processed. Any proxy can return 503, so it does not prove the contrary.
DONE = ("lost", "500", "502", "503", "503 after 1", "504", "invalid_json", "200")
# Outcomes after which the request was not processed and may succeed later.
REFUSED = ("unsent", "429", "429 after 1")
OUTCOMES = st.sampled_from(
    [
        "unsent",
        "lost",
        "429",
        "429 after 1",
        "500",
        "502",
        "503",
        "503 after 1",
        "504",
        "400",
        "403",
        "404",
        "409",
        "invalid_json",
        "200",
    ]
)


def client(wire: t.Callable[[HttpRequest], HttpResponse], clock: FakeClock) -> Client:
    connection = dataclasses.replace(CONNECTION, max_retries=RETRIES)
    return Client(
        connection,
        wire,
        ProjectIdentity(connection),
        now=lambda: NOW,
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        jitter=lambda: 1.0,
    )


# -- pages


class Pages:
    """A service that pages a list: at most ``cap`` entries a page; ``offset`` counts entries or pages."""

    def __init__(self, names: list[str], cap: int, unit: str) -> None:
        self.names, self.cap, self.unit = names, cap, unit
        self.asked = 0

    def __call__(self, call: HttpRequest) -> HttpResponse:
        self.asked += 1
        query = {name: found[0] for name, found in parse_qs(urlsplit(call.url).query).items()}
        size = min(int(query["limit"]), self.cap)
        start = int(query["offset"]) * (size if self.unit == "page" else 1)
        fits = [(number, name) for number, name in enumerate(self.names) if query.get("name", "") in name]
        entries = [
            {"id": f"id-{number}", "name": name, "auth_type": "public", "status": "NORMAL"}
            for number, name in fits[start : start + size]
        ]
        body = {"total_count": len(fits), "count": len(entries), "workspaces": entries}
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps(body).encode())


NAMES = st.lists(st.sampled_from(["team", "team-a", "other"]), max_size=30)


@holds(
    names=NAMES, cap=st.integers(1, 12), unit=st.sampled_from(["record", "page"]), part=st.sampled_from([None, "team"])
)
def test_each_page_is_read_once(names: list[str], cap: int, unit: str, part: str | None) -> None:
    wire = Pages(names, cap, unit)
    found = list_workspaces(client(wire, FakeClock()), part)
    expected = [f"id-{number}" for number, name in enumerate(names) if (part or "") in name]
    assert sorted(entry["id"] for entry in found) == sorted(expected)
    # The client needs one more page, and overlapping ones, to determine the unit.
    assert wire.asked <= 2 * (len(expected) // cap + 2)


@holds(names=NAMES.filter(bool), cap=st.integers(1, 5), lost=st.integers(0, 100))
def test_incomplete_list_is_an_error(names: list[str], cap: int, lost: int) -> None:
    """An entry that the total counts and no page contains is an error, not a shorter list."""
    wire = Pages(names, cap, "record")

    def hide_entry(call: HttpRequest) -> HttpResponse:
        reply = wire(call)
        body = json.loads(reply.body)
        body["workspaces"] = [entry for entry in body["workspaces"] if entry["id"] != f"id-{lost % len(names)}"]
        return reply._replace(body=json.dumps(body).encode())

    try:
        found = list_workspaces(client(hide_entry, FakeClock()))
    except ServiceError as error:
        assert "the service announced" in error.message
    else:
        raise AssertionError(f"it was taken for whole: {found}")


# -- repetitions


class FaultyService:
    """Returns the outcomes in order, then success. Counts how often a request may have been processed."""

    def __init__(self, outcomes: list[str]) -> None:
        self.left = list(outcomes)
        self.sent: list[str] = []

    def __call__(self, call: HttpRequest) -> HttpResponse:
        outcome = self.left.pop(0) if self.left else "200"
        self.sent.append(outcome)
        if outcome in ("unsent", "lost"):
            raise TransportError("the connection broke", request_sent=outcome == "lost")
        if outcome == "invalid_json":
            return HttpResponse(200, {"content-type": "text/html"}, b"<html>sign in</html>")
        status, dummy, after = outcome.partition(" after ")
        headers = {"content-type": "application/json", **({"retry-after": after} if after else {})}
        return HttpResponse(
            int(status), headers, b'{"error_code": "ModelArts.0001", "error_msg": "no"}' if status != "200" else b"{}"
        )

    @property
    def done(self) -> int:
        return sum(outcome in DONE for outcome in self.sent)


def find_unsafe_repetitions(sent: list[str]) -> list[str]:
    """Return the outcomes after which a request was repeated although it may have been processed."""
    return [outcome for outcome in sent[:-1] if outcome not in REFUSED]


def test_unsafe_repetitions_are_detected() -> None:
    """Only three of all outcomes allow another attempt."""
    wire = FaultyService(["429", "503 after 1"])
    for dummy in range(3):
        with contextlib.suppress(TransportError):
            wire(t.cast(HttpRequest, None))
    assert (wire.sent, find_unsafe_repetitions(wire.sent), wire.done) == (
        ["429", "503 after 1", "200"],
        ["503 after 1"],
        2,
    )
    assert not set(DONE) & set(REFUSED)


def operation(method: str) -> Operation:
    return Operation(
        "do it", method, "modelarts", ("v1", "p-1", "things"), body={} if method in ("POST", "PUT") else None, schema={}
    )


@holds(weight=4, outcomes=st.lists(OUTCOMES, max_size=8))
def test_request_with_unknown_outcome_is_not_repeated(outcomes: list[str]) -> None:
    wire = FaultyService(outcomes)
    try:
        client(wire, FakeClock()).request(operation("POST"))
    except ServiceError as error:
        assert error.attempts == len(wire.sent)
    else:
        assert wire.sent[-1] == "200"
    assert find_unsafe_repetitions(wire.sent) == []
    assert wire.done <= 1
    assert len(wire.sent) <= RETRIES + 1


@holds(weight=4, method=st.sampled_from(["GET", "PUT", "DELETE"]), outcomes=st.lists(OUTCOMES, max_size=8))
def test_safe_request_is_repeated_within_limits(method: str, outcomes: list[str]) -> None:
    clock, wire = FakeClock(), FaultyService(outcomes)
    final = ("400", "403", "404", "409", "invalid_json", "200")
    try:
        client(wire, clock).request(operation(method))
    except ServiceError:
        assert len(wire.sent) == RETRIES + 1 or wire.sent[-1] in final[:-1]
    else:
        assert wire.sent[-1] == "200"
    assert not any(outcome in final for outcome in wire.sent[:-1])
    assert len(clock.sleeps) == len(wire.sent) - 1
    assert all(0 < pause <= CONNECTION.retry_max_delay for pause in clock.sleeps)
