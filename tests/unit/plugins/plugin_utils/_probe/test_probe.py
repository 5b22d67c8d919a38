# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract's conversation without any service: its options, what settles a call, and answers nobody expects.

What it makes of the emulator's answers is in tests/robustness/contract.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import steps
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.assumptions import (
    ASSUMPTIONS,
    NOT_LOOKED_AT,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import Answer

TEMPLATE = {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a:1"}]}}}}
RELEASE = {
    "namespace": "n",
    "service_name": "s",
    "cluster_id": "c",
    "deployment_name": "d",
    "version": "v2",
    "template": TEMPLATE,
}
WORKSHOP = {"primary_cluster": "c", "elb_id": "e", "elb_ip": "192.0.2.1", "port": 80}
READS = {"reads": "releases", "name": "look-0a1b2c3d", "looks": 3}
OPTIONS = {"prefix": "look", "run": "0a1b2c3d", "services": ["modelarts", "asm"]}


def answer(status=200, content=None, signed=True):
    return {
        "status": status,
        "content": content if isinstance(content, str) else json.dumps(content),
        "auth_method": "aksk" if signed else "token",
    }


def converse(reply, cleaning=False, **options):
    """All calls up to the end, each answered by ``reply(call)``, and the last step."""
    given, results, calls = {**OPTIONS, **options}, [], []
    while True:
        step = steps.next_of(results, given, cleaning=cleaning)
        if not step["calls"]:
            return calls, step
        calls += step["calls"]
        results += [reply(call) for call in step["calls"]]
        assert len(calls) < 500


def test_every_assumption_has_one_name():
    names = [one.name for one in ASSUMPTIONS]
    assert len(set(names)) == len(names) > 50
    assert set(NOT_LOOKED_AT) == {one.name for one in ASSUMPTIONS if one.service == "gateway"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"prefix": "A"},
            "contract_prefix must be 3 to 32 lower-case letters, digits and hyphens, and begin with a letter",
        ),
        ({"services": []}, "contract_services must be a list of modelarts and asm"),
        ({"services": "asm"}, "contract_services must be a list of modelarts and asm"),
        ({"services": ["asm", "cce"]}, "contract_services must be a list of modelarts and asm, not cce"),
        ({"cancel_actions": "cancel"}, "contract_cancel_actions must be a list of words"),
        ({"end_actions": []}, "contract_end_actions must be a list of words"),
        ({"workshop": "demo"}, "contract_workshop must be a mapping"),
        ({"workshop": {**WORKSHOP, "port": None}}, "contract_workshop lacks port"),
        ({"workshop": {**WORKSHOP, "colour": "red"}}, "contract_workshop has colour, which is unknown"),
        ({"run": "mine"}, "the name of the run must be eight hexadecimal digits"),
        ({"cancel_actions": [1]}, "contract_cancel_actions must be a list of words"),
        ({"end_actions": [None]}, "contract_end_actions must be a list of words"),
        ({"end_actions": ["end", " "]}, "contract_end_actions must be a list of words"),
        (
            {"workshop": {**WORKSHOP, "port": "http"}},
            "contract_workshop.port must be a number from 1 to 65535, not http",
        ),
        (
            {"workshop": {**WORKSHOP, "port": 70000}},
            "contract_workshop.port must be a number from 1 to 65535, not 70000",
        ),
        (
            {"release": {**RELEASE, "new_image": "a:1"}},
            "contract_release.new_image must be another image than that of the template",
        ),
        ({"release": {**RELEASE, "template": {}}}, "contract_release.template must be a Deployment, as a mapping"),
    ],
)
def test_options_that_can_not_be_right(options, problem):
    step = steps.next_of([], {**OPTIONS, **options})
    assert step["problems"] == [problem]
    assert step["calls"] == []


@pytest.mark.parametrize(
    ("reply", "until", "settled"),
    [
        (answer(content={"status": "DELETING"}), {"status_is_not": "DELETING"}, False),
        (answer(content={"status": "NORMAL"}), {"status_is_not": "DELETING"}, True),
        (answer(400), {"status_is_not": "DELETING"}, True),
        (answer(503), {"status_is_not": "DELETING"}, False),
        (answer(429), {"lists": "a"}, False),
        (answer(content={"status": {"phase": "Creating"}}), {"phase_is_not": "Creating"}, False),
        (answer(content={"status": {"phase": "Running"}}), {"phase_is_not": "Creating"}, True),
        (answer(content=[{"workshop": {"metadata": {"name": "a"}}}]), {"lists": "a"}, True),
        (answer(content={"items": [{"metadata": {"name": "a"}}]}), {"lists_no": "a"}, False),
        (answer(content=[]), {"lists": "a"}, False),
        ({"failed": True, "msg": "Connection reset by peer"}, {"lists": "a"}, False),
        (answer(content="<html>"), {"lists_no": "a"}, False),
        (dict(answer(500, "oops"), attempts=9), READS, False),
        (dict(answer(400, "no"), attempts=2), READS, False),
        (dict(answer(400, "no"), attempts=3), READS, True),
        (dict(answer(content={"items": []}), attempts=2), READS, False),
        (dict(answer(content={"items": []}), attempts=3), READS, True),
        (dict(answer(content={"items": [{"metadata": {"name": "look-0a1b2c3d-r"}}]}), attempts=1), READS, True),
        (
            dict(answer(content=[{"workshop": {"metadata": {"name": "look-0a1b2c3d-w"}}}]), attempts=1),
            {**READS, "reads": "workshops"},
            True,
        ),
        (
            dict(answer(content={"items": [{"metadata": {"name": "shop", "uid": "m"}}]}), attempts=1),
            {**READS, "reads": "meshes", "name": ""},
            True,
        ),
        (
            dict(answer(content={"workspaces": [{"name": "look-0a1b2c3d-a"}]}), attempts=1),
            {**READS, "reads": "workspaces"},
            True,
        ),
        (
            dict(answer(content={"workspaces": [{"name": "theirs"}]}), attempts=1),
            {**READS, "reads": "workspaces"},
            False,
        ),
    ],
)
def test_what_settles_a_call(reply, until, settled):
    assert steps.settled(reply, until) is settled


@pytest.mark.parametrize(
    "reply",
    [
        answer(content="<html>"),
        answer(content=""),
        answer(content=[]),
        answer(content={}),
        answer(content=None),
        answer(content=[[1], "a", None]),
        answer(content={"workspaces": "none", "items": 3, "users": [], "quotas": {}}),
        answer(
            content={
                "workspaces": [None],
                "items": [{"metadata": None}, 4],
                "id": "1",
                "metadata": {"uid": "u", "name": "m"},
                "status": 5,
            }
        ),
        answer(
            content={
                "users": [None, {}],
                "quotas": [{"quota": -1}, 3],
                "workspaces": [{"name": "look-0a1b2c3d-a"}],
                "total_count": 4,
                "id": {},
            }
        ),
        answer(
            content={
                "items": [{"metadata": {"uid": "m", "name": "look-0a1b2c3d-w"}, "status": [1]}],
                "metadata": {"uid": "r"},
                "spec": {},
            }
        ),
        answer(
            content={
                "items": [{"metadata": {"name": "m"}}],
                "metadata": [],
                "spec": {"grayDeployments": [{"template": []}]},
                "status": {"phase": 3},
            }
        ),
        answer(500, "Internal error"),
        answer(403, {"error_code": "APIGW.0302", "error_msg": "no"}),
        answer(404, [None]),
        answer(400, [{"errorCode": 7}]),
    ],
)
@pytest.mark.parametrize("cleaning", [True, False])
def test_whatever_is_answered_it_comes_to_an_end(reply, cleaning):
    calls, step = converse(lambda call: reply, cleaning=cleaning, workshop=WORKSHOP, release=RELEASE)
    assert calls
    assert all(call["service"] in ("asm", "modelarts") for call in calls)
    if not cleaning:
        assert len(step["report"]["findings"]) == len(ASSUMPTIONS)
        assert sum(step["report"]["counts"].values()) == len(ASSUMPTIONS)


def test_what_is_forbidden_proves_nothing():
    unused, step = converse(
        lambda call: answer(403, {"error_code": "APIGW.0302", "error_msg": "no"}), workshop=WORKSHOP, release=RELEASE
    )
    assert [one["name"] for one in step["report"]["findings"] if one["state"] == "not held"] == []


@pytest.mark.parametrize("content", ["<html>", {"error_code": "X.1", "error_msg": "no"}])
def test_pages_and_errors_with_a_good_status_prove_nothing(content):
    unused, step = converse(lambda call: answer(200, content), workshop=WORKSHOP, release=RELEASE)
    assert {one["state"] for one in step["report"]["findings"]} == {"could not be looked at"}


@pytest.mark.parametrize("status", [0, 401, 403, 408, 429, 500, 502, 503, 504])
def test_what_no_service_says_proves_nothing(status):
    unused, step = converse(
        lambda call: answer(status, {"error_code": "X.1", "error_msg": "no"}), workshop=WORKSHOP, release=RELEASE
    )
    assert {one["state"] for one in step["report"]["findings"]} == {"could not be looked at"}


def test_a_removal_that_broke_off_leaves_something():
    assert steps.next_of([], OPTIONS, cleaning=True)["left"] == [
        "whatever begins with look-0a1b2c3d: the removal did not come to its end"
    ]


def test_lists_that_are_empty_leave_nothing():
    empty = {"total_count": 0, "count": 0, "workspaces": None, "items": None}
    meshes = {"items": [{"metadata": {"name": "shop", "uid": "m"}}]}
    calls, step = converse(
        lambda call: answer(content=meshes if call["path"].endswith("/meshes") else empty),
        True,
        workshop=WORKSHOP,
        release=RELEASE,
    )
    assert step["left"] == []
    assert {call["method"] for call in calls} == {"GET"} and all(call["until"]["looks"] for call in calls)


def test_nothing_is_concluded_from_one_look():
    """What was created without an answer may be listed after another thing was removed."""
    meshes = {"items": [{"metadata": {"name": "shop", "uid": "m"}}]}
    ours = {"name": "look-0a1b2c3d-a", "id": "1", "uid": "u"}
    shown = set()

    def reply(call):
        if call["path"].endswith("/meshes"):
            return answer(content=meshes)
        first = "reads" in call.get("until", {}) and call["path"] not in shown
        shown.add(call["path"] if first else "")
        found = [{**ours, "metadata": ours}] if first else []
        return answer(content={"total_count": len(found), "workspaces": found, "items": found})

    calls, step = converse(reply, True, workshop=WORKSHOP, release=RELEASE)
    lists = [call for call in calls if "reads" in call.get("until", {}) and not call["path"].endswith("/meshes")]
    assert step["left"] == []
    assert [call["name"] for call in lists] == [
        name for name in ("list all workspaces", "list the releases", "list the workshops") for unused in range(2)
    ]
    assert [call["until"]["looks"] for call in lists] == [3] * 6
    assert all("name" not in call.get("query", {}) for call in lists)


@pytest.mark.parametrize(
    "result",
    [
        {
            **answer(content={"id": "1"}),
            "error": {"code": None, "message": "the response is an HTML page, not the service's JSON"},
        },
        answer(content="<html>"),
        answer(content={"error_code": "ModelArts.0104", "error_msg": "no"}),
        answer(201, [{"errorCode": "ASM.01010001"}]),
        answer(content={"error": {"code": "ModelArts.0104", "message": "no"}}),
    ],
)
def test_a_success_that_is_a_refusal_tells_nothing(result):
    kept = steps.next_of([result], OPTIONS)["answers"][0]
    found = Answer.of(kept)
    assert (found.accepted, found.tells_nothing, found.is_none, found.passes) == (False, True, True, True)


@pytest.mark.parametrize("content", ["", None, {}, {"id": "1", "error_code": ""}, []])
def test_a_success_that_says_little_is_one(content):
    found = Answer.of(answer(content=content))
    assert (found.accepted, found.tells_nothing, found.is_none, found.passes) == (True, False, False, False)


def test_an_answer_that_is_nested_too_deep_is_no_json():
    found = Answer(200, "[" * 100_000)
    assert (found.json, found.body) == (None, {})


def test_the_same_answers_lead_to_the_same_calls():
    first = steps.next_of([], OPTIONS)
    results = [answer() for unused in first["calls"]]
    assert steps.next_of(results, OPTIONS) == steps.next_of(results, OPTIONS)
    assert steps.next_of(results[:-1], OPTIONS)["calls"] == first["calls"]


def test_answers_are_kept_without_what_is_not_needed():
    step = steps.next_of([{**answer(), "invocation": {"module_args": {}}, "request_ids": ["r"]}], OPTIONS)
    assert step["answers"] == [{**answer(), "error": None}]
