# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe without any service: options, waiting, unexpected responses and the result of the module.

tests/robustness/probe tests it against the emulator.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    OptionError,
    ProtocolError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._probe import asm, modelarts, releases, runner
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.assumptions import ASSUMPTIONS, UNPROBED
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.cleanup import clean_up
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings, count_states
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import (
    ARGUMENTS,
    ProbeOptions,
    validate_options,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.prober import Prober
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import ProbeResponse
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.runner import RequestSender
from ansible_collections.community.huaweicloud.plugins.module_utils._task import validate_params
from probed_cloud import ProbedCloud
from simulated_cloud import open_session

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
OPTIONS = ProbeOptions("probe", "0a1b2c3d")
COMPLETE = ProbeOptions("probe", "0a1b2c3d", workshop=WORKSHOP, release=RELEASE)
MESHES = {"items": [{"metadata": {"name": "shop", "uid": "m"}}]}
LIST = ProbeRequest("list", "asm", "GET", "v2/meshes/m/workshops")


def respond(status=200, content=None):
    return ProbeResponse(status, content if isinstance(content, str) else json.dumps(content))


class Recorder:
    """Answers requests with ``reply(request)`` and records them."""

    def __init__(self, reply):
        self.reply = reply
        self.requests = []
        self.slept = []

    def send(self, request):
        self.requests.append(request)
        assert len(self.requests) < 1000
        return self.reply(request)

    def prober(self, tries=4, tolerant=False):
        return Prober(self.send, self.slept.append, interval=2, tries=tries, tolerant=tolerant)


def probe_with(reply, options=COMPLETE):
    """Probe services that answer each request with ``reply(request)``. Return the assumptions."""
    findings, recorder = Findings(), Recorder(reply)
    modelarts.probe(recorder.prober(), options, findings)
    asm.probe(recorder.prober(), options, findings)
    assert recorder.requests
    return findings.to_result(options.services)


def replies(*responses):
    """Return a reply that gives one response after the other, and the last one again."""
    left = list(responses)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def test_every_assumption_has_one_name():
    names = [assumption.name for assumption in ASSUMPTIONS]
    assert len(set(names)) == len(names) > 50
    assert set(UNPROBED) == {assumption.name for assumption in ASSUMPTIONS if assumption.service == "gateway"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"prefix": "A"},
            "prefix must be 3 to 32 lower-case letters, digits and hyphens, and begin with a letter",
        ),
        ({"services": []}, "services must contain at least one service"),
        ({"end_actions": []}, "end_actions must be a list of words that are not empty"),
        ({"end_actions": ["end", " "]}, "end_actions must be a list of words that are not empty"),
        ({"cancel_actions": [""]}, "cancel_actions must be a list of words that are not empty"),
        ({"interval": -1}, "interval must be 0 or greater, not -1.0"),
        ({"tries": 0}, "tries must be from 1 to 10000"),
        ({"tries": 10001}, "tries must be from 1 to 10000"),
        ({"workshop": {**WORKSHOP, "elb_id": ""}}, "workshop.elb_id must not be empty"),
        ({"workshop": {**WORKSHOP, "port": 70000}}, "workshop.port must be a number from 1 to 65535"),
        ({"release": {**RELEASE, "namespace": "a/b"}}, "release.namespace must be the name of a Kubernetes namespace"),
        (
            {"release": {**RELEASE, "new_image": "a:1"}},
            "release.new_image must differ from the image in release.template",
        ),
        ({"release": {**RELEASE, "template": {}}}, "release.template must not be empty"),
        (
            {"release": {**RELEASE, "template": {"kind": "Deployment"}}},
            "release.template must be a Deployment with a container, as a mapping",
        ),
        (
            {"release": {**RELEASE, "template": {**TEMPLATE, "metadata": ["a"]}}},
            "release.template must be a Deployment with a container, as a mapping",
        ),
        (
            {"release": {**RELEASE, "template": {**TEMPLATE, "replicas": float("inf")}}},
            "release contains values that JSON cannot carry",
        ),
    ],
)
def test_invalid_options_are_refused(options, problem):
    params, mistakes = validate_params(ARGUMENTS, options)
    assert mistakes is None
    with pytest.raises(OptionError) as raised:
        validate_options(params)
    assert raised.value.message == problem


@pytest.mark.parametrize(
    "options",
    [
        {"services": ["asm", "cce"]},
        {"workshop": "demo"},
        {"workshop": {}},
        {"workshop": {**WORKSHOP, "colour": "red"}},
        {"workshop": {**WORKSHOP, "port": "http"}},
        {"release": {**RELEASE, "template": "Deployment"}},
    ],
)
def test_argument_spec_refuses_wrong_types_and_keys(options):
    assert validate_params(ARGUMENTS, options)[1]


def test_valid_options_keep_their_values():
    params, _mistakes = validate_params(ARGUMENTS, {"workshop": WORKSHOP, "release": RELEASE, "mesh_name": "shop"})
    options = validate_options(params)
    assert (options.workshop, options.release) == (WORKSHOP, {**RELEASE, "type": "canary"})
    assert options.mesh_name == "shop" and len(options.run) == 8 and options.base == f"probe-{options.run}"
    assert validate_options(params).run != options.run


@pytest.mark.parametrize(
    ("wait", "response", "is_last"),
    [
        ("workspace deleted", respond(content={"status": "DELETING"}), False),
        ("workspace deleted", respond(content={"status": "NORMAL"}), True),
        ("workspace deleted", respond(400), True),
        ("workspace deleted", respond(503), False),
        ("workshop listed", respond(429), False),
        ("workshop listed", respond(content=[{"workshop": {"metadata": {"name": "a"}}}]), True),
        ("workshop listed", respond(content=[]), False),
        ("workshop listed", ProbeResponse(0), False),
        ("workshop deleted", respond(content={"items": [{"metadata": {"name": "a"}}]}), False),
        ("workshop deleted", respond(content="<html>"), False),
        ("workshop deleted", respond(content=[]), True),
        ("phase changed", respond(content={"status": {"phase": "Creating"}}), False),
        ("phase changed", respond(content={"status": {"phase": "Running"}}), True),
    ],
)
def test_poll_ends_with_expected_response(wait, response, is_last):
    recorder = Recorder(replies(response, respond(404)))
    prober = recorder.prober()
    waits = {
        "workspace deleted": lambda: modelarts.wait_until_deleted(prober, {"id": "1"}),
        "workshop listed": lambda: asm.wait_until_listed(prober, "m", "a"),
        "workshop deleted": lambda: asm.wait_until_deleted(prober, "m", "a"),
        "phase changed": lambda: releases.wait_for_next_phase(
            prober, releases.ReleaseRequests(COMPLETE, "m"), "r", "Creating"
        ),
    }
    assert waits[wait]() == (response if is_last else respond(404))
    assert recorder.slept == ([] if is_last else [2])


def test_poll_returns_last_response_after_all_tries():
    recorder = Recorder(lambda request: respond(503))
    assert recorder.prober(tries=4).poll(LIST, lambda response: True) == respond(503)
    assert (len(recorder.requests), recorder.slept) == (4, [2, 2, 2])


@pytest.mark.parametrize(
    ("responses", "number"),
    [
        ([respond(content=[])], 3),
        ([respond(400, "no")], 3),
        ([respond(500, "oops"), respond(content=[])], 4),
        ([respond(content=[]), respond(content=["found"])], 2),
        ([respond(content=["found"])], 1),
    ],
)
def test_list_is_empty_after_three_complete_responses(responses, number):
    recorder = Recorder(replies(*responses))
    recorder.prober(tries=9).poll_list(LIST, lambda response: bool(response.json))
    assert len(recorder.requests) == number


def test_batch_is_sent_completely_before_failure():
    failure = TransportError("the connection broke")
    recorder = Recorder(replies(ProbeResponse(0, failure=failure), respond()))
    with pytest.raises(TransportError):
        recorder.prober().send_all([LIST, LIST, LIST])
    assert len(recorder.requests) == 3
    recorder = Recorder(lambda request: ProbeResponse(0, failure=failure))
    assert recorder.prober(tolerant=True).send(LIST).outcome_unknown


@pytest.mark.parametrize(
    "response",
    [
        respond(content="<html>"),
        respond(content=""),
        respond(content=[]),
        respond(content={}),
        respond(content=None),
        respond(content=[[1], "a", None]),
        respond(content={"workspaces": "none", "items": 3, "users": [], "quotas": {}}),
        respond(
            content={
                "workspaces": [None],
                "items": [{"metadata": None}, 4],
                "id": "1",
                "metadata": {"uid": "u", "name": "m"},
                "status": 5,
            }
        ),
        respond(
            content={
                "users": [None, {}],
                "quotas": [{"quota": -1}, 3],
                "workspaces": [{"name": "probe-0a1b2c3d-a"}],
                "total_count": 4,
                "id": {},
            }
        ),
        respond(
            content={
                "items": [{"metadata": {"uid": "m", "name": "probe-0a1b2c3d-w"}, "status": [1]}],
                "metadata": {"uid": "r"},
                "spec": {},
            }
        ),
        respond(
            content={
                "items": [{"metadata": {"name": "m"}}],
                "metadata": [],
                "spec": {"grayDeployments": [{"template": []}]},
                "status": {"phase": 3},
            }
        ),
        respond(500, "Internal error"),
        respond(403, {"error_code": "APIGW.0302", "error_msg": "no"}),
        respond(404, [None]),
        respond(400, [{"errorCode": 7}]),
    ],
)
def test_unexpected_responses_end_a_run(response):
    assumptions = probe_with(lambda request: response)
    assert len(assumptions) == sum(count_states(assumptions).values()) == len(ASSUMPTIONS)
    recorder = Recorder(lambda request: response)
    clean_up(recorder.prober(tolerant=True), COMPLETE)
    assert {request.service for request in recorder.requests} == {"asm", "modelarts"}


def test_forbidden_requests_refute_nothing():
    refusal = respond(403, {"error_code": "APIGW.0302", "error_msg": "no"})
    assert count_states(probe_with(lambda request: refusal))["refuted"] == 0


@pytest.mark.parametrize("content", ["<html>", {"error_code": "X.1", "error_msg": "no"}])
def test_pages_and_errors_with_status_200_are_inconclusive(content):
    assumptions = probe_with(lambda request: respond(200, content))
    assert {entry["state"] for entry in assumptions} == {"inconclusive"}


@pytest.mark.parametrize("status", [0, 401, 403, 408, 429, 500, 502, 503, 504])
def test_outage_statuses_are_inconclusive(status):
    response = respond(status, {"error_code": "X.1", "error_msg": "no"})
    assert {entry["state"] for entry in probe_with(lambda request: response)} == {"inconclusive"}


def test_empty_lists_leave_no_leftovers():
    empty = {"total_count": 0, "count": 0, "workspaces": None, "items": None}
    recorder = Recorder(lambda request: respond(content=MESHES if request.path.endswith("/meshes") else empty))
    assert clean_up(recorder.prober(tolerant=True), COMPLETE) == []
    assert {request.method for request in recorder.requests} == {"GET"}
    assert [request.purpose for request in recorder.requests] == [
        *["list all workspaces"] * 3,
        "list the meshes",
        *["list the releases"] * 3,
        *["list the workshops"] * 3,
    ]
    assert all("name" not in request.query for request in recorder.requests)


def test_cleanup_needs_three_empty_lists_after_deletion():
    """A resource whose create request got no response can be listed after another one was deleted."""
    ours = {"name": "probe-0a1b2c3d-a", "id": "1", "uid": "u"}
    listed = set()

    def reply(request):
        if request.path.endswith("/meshes"):
            return respond(content=MESHES)
        is_first = request.purpose.startswith("list ") and request.path not in listed
        listed.add(request.path if is_first else "")
        found = [{**ours, "metadata": ours}] if is_first else []
        return respond(content={"total_count": len(found), "workspaces": found, "items": found})

    recorder = Recorder(reply)
    assert clean_up(recorder.prober(tolerant=True), COMPLETE) == []
    for purpose in ("list all workspaces", "list the releases", "list the workshops"):
        assert [request.purpose for request in recorder.requests].count(purpose) == 4


@pytest.mark.parametrize(
    "response",
    [
        ProbeResponse(200, '{"id": "1"}', failure=ProtocolError("the response is an HTML page")),
        respond(content="<html>"),
        respond(content={"error_code": "ModelArts.0104", "error_msg": "no"}),
        respond(201, [{"errorCode": "ASM.01010001"}]),
        respond(content={"error": {"code": "ModelArts.0104", "message": "no"}}),
    ],
)
def test_error_with_success_status_is_inconclusive(response):
    assert (response.accepted, response.is_inconclusive, response.outcome_unknown, response.is_transient) == (
        False,
        True,
        True,
        True,
    )


@pytest.mark.parametrize("content", ["", None, {}, {"id": "1", "error_code": ""}, []])
def test_success_with_little_content_is_accepted(content):
    response = respond(content=content)
    assert (response.accepted, response.is_inconclusive, response.outcome_unknown, response.is_transient) == (
        True,
        False,
        False,
        False,
    )


def test_body_that_is_nested_too_deeply_is_not_json():
    response = ProbeResponse(200, "[" * 100_000)
    assert (response.json, response.body) == (None, {})


def probe_cloud(**behaviors):
    """Probe a simulated cloud with other behaviors. Return the found values."""
    labels = {"app": "a", "version": "v2"}
    template = {**TEMPLATE, "metadata": {"name": "a-v2", "labels": labels}}
    options = ProbeOptions("probe", "0a1b2c3d", workshop=WORKSHOP, release={**RELEASE, "template": template})
    cloud = ProbedCloud()
    for name, value in behaviors.items():
        assert hasattr(cloud, name)
        setattr(cloud, name, value)
    findings = Findings()
    prober = Prober(RequestSender(open_session(cloud, False, {}, [])).send, lambda seconds: None, interval=0, tries=4)
    modelarts.probe(prober, options, findings)
    asm.probe(prober, options, findings)
    return {entry["name"]: entry["found"] for entry in findings.to_result(options.services)}, cloud


@pytest.mark.parametrize(
    ("behaviors", "expected"),
    [
        ({"workshop_key": "uid"}, {"workshop_delete_key": "uid"}),
        ({"receives_traffic": "gray"}, {"release_traffic": "gray", "terminated_releases": "vanish"}),
        ({"receives_traffic": "neither"}, {"release_traffic": "split", "terminated_releases": None}),
        ({"keeps_ended": True}, {"terminated_releases": "stay", "release_canceled_phase": "Canceled"}),
    ],
)
def test_other_behaviors_are_found(behaviors, expected):
    found, _cloud = probe_cloud(**behaviors)
    assert {name: found[name] for name in expected} == expected


def test_next_version_is_released_after_a_promotion():
    _found, cloud = probe_cloud(receives_traffic="gray")
    bodies = [body for body in cloud.bodies if isinstance(body, dict) and body.get("kind") == "Release"]
    versions = [(body["spec"]["deploymentName"], body["spec"]["version"]) for body in bodies]
    assert versions == [("d", "v2")] * 3 + [("a-v2", "v2-next")]
    (gray,) = bodies[-1]["spec"]["grayDeployments"]
    assert gray["template"]["metadata"] == {"name": "a-v2-next", "labels": {"app": "a", "version": "v2-next"}}


def test_release_that_is_ending_is_not_ended_again():
    release = {"metadata": {"name": "probe-0a1b2c3d-r", "uid": "u"}, "status": {"phase": "Canceling"}}
    listed = [[release], []]

    def reply(request):
        if request.path.endswith("/meshes"):
            return respond(content=MESHES)
        if request.path.endswith("/releases"):
            return respond(content={"items": listed.pop(0) if len(listed) > 1 else listed[0]})
        if request.service == "asm":
            return replies_to_show(request)
        return respond(content={"total_count": 0, "workspaces": []})

    ending = respond(content={**release, "status": {"phase": "Ending"}})
    replies_to_show = replies(ending, respond(404, {"errorCode": "ASM.01010002"}))
    options = ProbeOptions("probe", "0a1b2c3d", release=RELEASE)
    recorder = Recorder(reply)
    assert clean_up(recorder.prober(tolerant=True), options) == []
    assert "DELETE" not in {request.method for request in recorder.requests}


class TestRun:
    """The result of the module, with simulated services."""

    PARAMS = {"interval": 1.0, "tries": 5, "fail_on_difference": False}
    WORKSPACES = ProbeOptions("probe", "0a1b2c3d", services=("modelarts",))

    def run(self, cloud, check=False, options=WORKSPACES, **params):
        return runner.run(open_session(cloud, check, {}, []), {**self.PARAMS, **params}, options)

    def test_created_workspaces_are_deleted(self):
        cloud = ProbedCloud()
        result = self.run(cloud)
        assert (result["changed"], result["leftovers"], result["name_prefix"]) == (True, [], "probe-0a1b2c3d")
        assert result["counts"] == count_states(result["assumptions"])
        assert "failed" not in result
        assert cloud.workspaces == [] or all("probe-" not in entry["name"] for entry in cloud.workspaces)

    def test_check_mode_only_reads(self):
        cloud = ProbedCloud()
        result = self.run(cloud, check=True)
        assert {line.split()[0] for line in cloud.request_log} == {"GET"}
        assert (result["changed"], result["leftovers"], "failed" in result) == (True, [], False)
        states = {entry["name"]: entry for entry in result["assumptions"]}
        assert states["workspace_list_shape"]["state"] == "confirmed"
        evidence = "a workspace could not be created: not sent in check mode"
        assert (states["quota_zero"]["state"], states["quota_zero"]["evidence"]) == ("inconclusive", evidence)

    def test_nothing_is_deleted_unless_created(self):
        cloud = ProbedCloud()
        cloud.break_connection("GET", times=100)
        result = self.run(cloud)
        assert {line.split()[0] for line in cloud.request_log} == {"GET"}
        assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "transport")

    def test_lost_response_fails_after_cleanup(self):
        cloud = ProbedCloud()
        cloud.drop_response("POST")
        result = self.run(cloud)
        assert (result["failed"], result["error"]["kind"], result["leftovers"]) == (True, "transport", [])
        assert all("probe-" not in entry["name"] for entry in cloud.workspaces)

    def test_leftovers_fail_the_task(self):
        cloud = ProbedCloud()
        cloud.respond("DELETE", 403, {"error_code": "ModelArts.0204", "error_msg": "no"}, times=100)
        result = self.run(cloud)
        names = sorted(entry["name"] for entry in cloud.workspaces if entry["name"].startswith("probe-"))
        assert sorted(result["leftovers"]) == [f"workspace {name} (status NORMAL)" for name in names]
        assert (result["failed"], result["error"]["kind"], result["actions"]) == (True, "leftovers", [])
        assert result["msg"].startswith("Failed to delete resources: workspace probe-0a1b2c3d-")
        assert result["msg"].endswith("Delete them by hand.")

    def test_difference_fails_the_task_on_request(self):
        result = self.run(ProbedCloud(), fail_on_difference=True)
        refuted = [entry["name"] for entry in result["assumptions"] if entry["state"] == "refuted"]
        assert (result["failed"], result["error"]["kind"]) == (True, "refuted")
        assert result["msg"] == f"These assumptions are refuted: {', '.join(refuted)} (fail_on_difference)."

    def test_cleanup_runs_after_unexpected_exception(self, monkeypatch):
        def fail(*args):
            raise KeyError("unexpected")

        cloud = ProbedCloud()
        monkeypatch.setattr(modelarts, "_probe_changes", fail)
        with pytest.raises(KeyError):
            self.run(cloud)
        assert all("probe-" not in entry["name"] for entry in cloud.workspaces)
