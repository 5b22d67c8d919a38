# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cleanup after failures, outages and lost responses. It reports whatever it cannot delete."""

from __future__ import annotations

import itertools
import typing as t

import pytest
import trial
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import ProbeResponse
from harness import Emulator
from probe_run import (
    Interceptor,
    ProbeRun,
    Send,
    has_method,
    has_purpose,
    open_sender,
    pass_through,
    replace_response,
    respond,
    run_probe,
)

BASE = "probe-0a1b2c3d"
KINDS = ("workspaces", "workshops", "releases")
LISTS = {
    "list all workspaces": (f"workspaces that begin with {BASE}: the list could not be read", ["workspaces"]),
    "list the releases": (f"releases that begin with {BASE}: the list could not be read", ["releases"]),
    "list the workshops": (f"workshops that begin with {BASE}: the list could not be read", ["workshops"]),
    "list the meshes": (
        f"releases and workshops that begin with {BASE}: the mesh was not found",
        ["workshops", "releases"],
    ),
}
UNREADABLE = [
    (respond(500, "oops"), "500 oops"),
    (respond(429, {"error_code": "APIGW.0308"}), "429 APIGW.0308"),
    (respond(0), "no response"),
    (respond(200, "<html>"), "200 <html>"),
]


def clean_up_only(emulator: Emulator, cleaning: Interceptor, **options: t.Any) -> ProbeRun:
    """Clean up after a run that has created everything and was then refused."""
    emulator.seed(
        workspaces=[{"name": f"{BASE}-a"}, {"name": f"{BASE}-b"}],
        workshops=[{"name": f"{BASE}-w"}],
        releases=[{"name": f"{BASE}-r", "namespace": "default"}],
    )
    return run_probe(emulator, probing=lambda request, send: respond(403), cleaning=cleaning, **options)


def list_created(emulator: Emulator, kind: str) -> list[str]:
    return [record["name"] for record in emulator.stores()[kind].values() if record["name"].startswith(BASE)]


@pytest.mark.parametrize("purpose", LISTS)
def test_unreadable_list_is_not_empty(emulator: Emulator, purpose: str) -> None:
    beginning, kinds = LISTS[purpose]
    for response, reason in UNREADABLE:
        emulator.reset()
        run = clean_up_only(emulator, replace_response(has_purpose(purpose), response))
        assert run.leftovers == [f"{beginning} ({reason})"]
        assert [kind for kind in KINDS if list_created(emulator, kind)] == sorted(kinds, key=KINDS.index)


def test_deletion_without_response_is_repeated(emulator: Emulator) -> None:
    lost: set[str] = set()

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        if request.method == "DELETE" and request.path not in lost:
            lost.add(request.path)
            return respond(0)
        return send()

    run = clean_up_only(emulator, intercept)
    assert len(lost) > 3
    assert run.leftovers == [] and [list_created(emulator, kind) for kind in KINDS] == [[], [], []]


def test_resources_without_any_response_are_reported(emulator: Emulator) -> None:
    run = clean_up_only(emulator, replace_response(has_method("DELETE"), respond(0)))
    assert sorted(leftover.split(" (")[0] for leftover in run.leftovers) == [
        f"release default/{BASE}-r",
        f"workshop {BASE}-w",
        f"workspace {BASE}-a",
        f"workspace {BASE}-b",
    ]
    assert f"workspace {BASE}-a (status NORMAL)" in run.leftovers


def test_first_accepted_action_ends_a_release(emulator: Emulator) -> None:
    run = clean_up_only(emulator, pass_through)
    assert run.leftovers == []
    actions = [purpose for purpose in run.cleaned if purpose.startswith("end it with the action")]
    assert actions == ["end it with the action cancel"]


def test_late_workshop_is_deleted(emulator: Emulator) -> None:
    """A workshop whose create request got no response is listed only after another one was deleted."""
    emulator.set(workshop_listed_after=2)
    lists = itertools.count()
    body = {
        "metadata": {"name": f"{BASE}-w2"},
        "spec": {"primaryCluster": "c", "ingress": {"elbId": "e", "elbIp": "192.0.2.1", "port": 81}},
    }

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        if request.purpose == "list the workshops" and next(lists) == 1:
            create = ProbeRequest("create it", "asm", "POST", request.path, body=body)
            assert open_sender(emulator).send(create).status in (200, 201)
        return send()

    run = clean_up_only(emulator, intercept, services=("asm",), workshop=trial.WORKSHOP, release={})
    assert run.leftovers == [] and list_created(emulator, "workshops") == []
    assert f"delete workshop {BASE}-w2" in run.cleaned


def test_workspaces_are_found_without_a_filter(emulator: Emulator) -> None:
    emulator.set(workspace_name_part="exact")
    refused = respond(403, {"error_code": "ModelArts.0204", "error_msg": "no"})
    run = clean_up_only(emulator, replace_response(has_method("DELETE"), refused))
    assert sorted(leftover for leftover in run.leftovers if "workspace" in leftover) == [
        f"workspace {BASE}-{letter} (status NORMAL)" for letter in "ab"
    ]


@pytest.mark.parametrize("offset", ["record", "page"])
def test_all_pages_of_workspaces_are_read(emulator: Emulator, offset: str) -> None:
    """Few requests find workspaces in the middle of many, whatever an offset counts."""
    emulator.set(page_cap=3, workspace_offset=offset, workspace_name_part="exact")
    emulator.seed(workspaces=[{"name": f"{prefix}-{number}"} for prefix in ("a", "z") for number in range(9)])
    run = clean_up_only(emulator, pass_through)
    assert run.leftovers == [] and list_created(emulator, "workspaces") == []
    # There are 21 workspaces, then 19: pages 1 to 6, and the records 3, 6, 9, 12, 15 and 18.
    assert run.cleaned.count("list more of them") == 2 * len({1, 2, 3, 4, 5, 6, 9, 12, 15, 18})


def test_list_is_read_after_an_unknown_outcome(emulator: Emulator) -> None:
    pages = itertools.count()

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        if request.purpose.startswith("end it with the action") and not next(pages):
            return respond(200, "<html>Please log in</html>")
        return send()

    run = clean_up_only(emulator, intercept)
    actions = [
        purpose
        for purpose in run.cleaned
        if purpose.startswith("end it with the action") or purpose == "list the releases"
    ]
    assert actions[:3] == ["list the releases", "end it with the action cancel", "list the releases"]
    assert run.leftovers == [] and list_created(emulator, "releases") == []
