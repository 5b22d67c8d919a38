# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each call of the whole conversation of the contract, met once by each kind of outage: no finding changes but to "could not be looked at"."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._resources import raw
from ansible_collections.community.huaweicloud.plugins.modules import api_request
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import steps
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe.script import UNSEEN
from simulated_cloud import EXISTS, NOT_FOUND, Cloud, open_session, parameters

TEMPLATE = {
    "metadata": {"name": "reviews-v2"},
    "spec": {"template": {"spec": {"containers": [{"name": "reviews", "image": "reviews:1"}]}}},
}
RELEASE = {
    "namespace": "default",
    "service_name": "reviews",
    "cluster_id": "c-1",
    "deployment_name": "reviews-v1",
    "version": "v2",
    "template": TEMPLATE,
    "new_image": "reviews:2",
}
OPTIONS = {
    "prefix": "look",
    "run": "0a1b2c3d",
    "workshop": {"primary_cluster": "c-1", "elb_id": "e", "elb_ip": "192.0.2.1", "port": 80},
    "release": RELEASE,
    "cancel_actions": ["cancel", "terminate"],
    "end_actions": ["end", "finish"],
}
OUTAGES = [
    (503, {"error_code": "X.1", "error_msg": "unavailable"}),
    (429, {"error_code": "APIGW.0308", "error_msg": "throttled"}),
    (401, {"error_code": "APIGW.0301", "error_msg": "token expires"}),
    # A portal on the way, and an error with the status of a success.
    (200, "<html>Please log in</html>"),
    (201, {"errorCode": "X.1", "errorMsg": "unavailable"}),
    (302, ""),
    (404, "<!DOCTYPE html><title>Not found</title>"),
]


class Services(Cloud):
    """With what the contract asks for beside the modules' calls."""

    def _answer(self, method, path, query, body):
        parts = path.strip("/").split("/")
        if parts[:2] == ["v2", "meshes"] and parts[2] != "m-1":
            return NOT_FOUND
        if parts[2:] == ["workspaces", "users", "list"]:
            return 200, {"users": [{"userName": "alice"}]}
        if parts[0] == "v1" and parts[2] not in ("meshes", "workspaces"):
            return 404, {"error_code": "APIGW.0101", "error_msg": "no such API"}
        return super()._answer(method, path, query, body)

    def _release(self, method, rest, question, body):
        if rest == ["releases"] or method == "POST":
            return super()._release(method, rest, question, body)
        found = next(
            (one for one in self.releases if rest[3] in (one["metadata"]["uid"], one["metadata"]["name"])), None
        )
        if found is None or method == "GET":
            return (200, found) if found else NOT_FOUND
        return super()._release(method, [*rest[:3], found["metadata"]["uid"]], question, body)

    def _new_release(self, body):
        names = [one["metadata"]["name"] for one in self.releases]
        if names:
            return (
                EXISTS
                if body["metadata"]["name"] in names
                else (400, {"errorCode": "ASM.01010001", "errorMsg": "The Service has a release."})
            )
        return super()._new_release(body)

    def _end_release(self, found, action):
        if action not in ("end", "cancel"):
            return 400, {"errorCode": "ASM.01010001", "errorMsg": f"The action {action} is not supported."}
        return super()._end_release(found, action)

    def _quotas(self, method, found, body):
        if method == "PUT" and body["quotas"][0]["quota"] == 0:
            return 400, {"error_code": "ModelArts.0104", "error_msg": "a bad quota"}
        return super()._quotas(method, found, body)


def sent(cloud, call):
    options = {name: value for name, value in call.items() if name not in ("name", "until")}
    params = parameters(api_request, {**options, "fail_on_error": False})
    for attempts in range(1, 6):
        result = dict(
            raw.run(open_session(cloud, False, params, []), params, raw.parse_request(params)),
            auth_method="aksk",
            attempts=attempts,
        )
        if "until" not in call or steps.settled(result, call["until"]):
            break
    return result


def findings(number=-1, outage=(0, "")):
    """What is told when the call of that number is answered so and not sent, and the names of all calls."""
    cloud, results, asked = Services(), [], []
    said = outage[1] if isinstance(outage[1], str) else json.dumps(outage[1])
    while True:
        step = steps.next_of(results, OPTIONS)
        if not step["calls"]:
            return {one["name"]: (one["state"], one["setting"]) for one in step["report"]["findings"]}, asked
        for call in step["calls"]:
            lost = len(asked) == number
            asked.append(call["name"])
            results.append({"status": outage[0], "content": said, "auth_method": "aksk"} if lost else sent(cloud, call))


@pytest.fixture(scope="module")
def usual():
    return findings()


def test_without_an_outage_nearly_everything_is_seen(usual):
    told, asked = usual
    assert len(asked) > 50
    assert sum(state == UNSEEN for state, unused in told.values()) < 14


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: str(outage[0]))
def test_no_outage_is_taken_for_an_answer(usual, outage):
    told, asked = usual
    for number, name in enumerate(asked):
        found, unused = findings(number, outage)
        wrong = {key: (told[key], value) for key, value in found.items() if value != told[key] and value[0] != UNSEEN}
        assert wrong == {}, f"{number}: {name}"
