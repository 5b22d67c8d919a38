# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Responses that seem to show something but do not, and refusals that have another reason."""

from __future__ import annotations

import dataclasses
import itertools
import json
import typing as t

import pytest
import trial
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ProtocolError
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.request import ProbeRequest
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import ProbeResponse
from harness import Emulator
from probe_run import (
    RELEASE,
    USER,
    ProbeRun,
    Send,
    change_response,
    has_method,
    has_purpose,
    replace_response,
    respond,
    run_probe,
)

INCONCLUSIVE = "inconclusive"
BASE = "probe-0a1b2c3d"
SECOND = "create another one of the same Service"


def states(run: ProbeRun, *names: str) -> set[str]:
    return {run.findings[name]["state"] for name in names}


@pytest.fixture
def users(emulator: Emulator) -> Emulator:
    emulator.seed(users=[USER])
    return emulator


# Actions of a release


def test_service_that_accepts_unknown_actions(users: Emulator) -> None:
    unknown = has_purpose(f"end it with the action {BASE}-nothing")
    run = run_probe(users, probing=replace_response(unknown, respond(200)))
    names = ("action_end", "action_cancel", "traffic_precondition", "release_traffic", "terminated_releases")
    assert states(run, *names) == {INCONCLUSIVE}
    assert run.findings["action_end"]["evidence"] == "an unknown action is accepted: 200"
    assert not any(purpose.endswith("the action end") for purpose in run.probed)
    assert run.leftovers == []


def test_messages_that_differ_each_time(users: Emulator) -> None:
    """An ID in a message does not show that an action exists, or that a Content-Type is required."""
    users.set(action_end="complete", content_type="optional")
    count = itertools.count()

    def add_trace(request: ProbeRequest, send: Send) -> ProbeResponse:
        response = send()
        error = json.loads(response.text) if response.status >= 400 else {}
        if "errorMsg" not in error:
            return response
        # Once with digits, once only with letters.
        error["errorMsg"] += f" trace {next(count)} {'abcdefgh'[next(count) % 8]}"
        return dataclasses.replace(response, text=json.dumps(error))

    run = run_probe(users, probing=add_trace)
    assert run.findings["action_end"]["state"] == INCONCLUSIVE
    assert run.found()["action_cancel"] == "cancel"
    assert run.found()["content_type"] == "optional"


# Updates, grants and limits


def test_image_that_begins_like_the_new_image(users: Emulator) -> None:
    template = json.loads(json.dumps(trial.DEPLOYMENT).replace("reviews:1", "reviews:2.0.10"))
    release = {**RELEASE, "template": template, "new_image": "registry.example.com/reviews:2.0.1"}
    run = run_probe(users, probing=replace_response(has_purpose("change its image"), respond(200)), release=release)
    assert run.found()["release_update"] == "fails"
    assert run.findings["release_update"]["evidence"] == (
        "the image is registry.example.com/reviews:2.0.10, not registry.example.com/reviews:2.0.1"
    )


def test_grants_that_were_never_returned(users: Emulator) -> None:
    show = has_purpose(f"show workspace {BASE}-d")
    run = run_probe(users, probing=change_response(lambda body: body.pop("grants", None), show))
    assert run.findings["workspace_put_grants"]["state"] == INCONCLUSIVE
    assert run_probe(users, run="1a1b2c3d").found()["workspace_put_grants"] == "cleared"


def test_limit_is_not_a_name_in_use(users: Emulator) -> None:
    full = respond(400, {"error_code": "ModelArts.7006", "error_msg": "limit 2"})
    creations = itertools.count()
    run = run_probe(
        users, probing=lambda request, send: full if request.method == "POST" and next(creations) == 1 else send()
    )
    assert run.findings["duplicate_workspace_name"]["state"] == INCONCLUSIVE
    assert run.found()["workspace_limit"] == "2"


def test_one_workspace_shows_no_page_size(users: Emulator) -> None:
    refused = respond(400, {"error_code": "ModelArts.0104", "error_msg": "no"})
    run = run_probe(users, probing=replace_response(has_method("POST", "modelarts"), refused))
    assert run.findings["page_cap"]["state"] == INCONCLUSIVE
    lists = has_purpose("list all workspaces", "list the workspaces of this run")
    again = run_probe(users, probing=replace_response(lists, respond(200)))
    assert again.findings["page_cap"]["state"] == INCONCLUSIVE


def test_update_requires_the_state_before(users: Emulator) -> None:
    refused = respond(400, {"error_code": "ModelArts.1", "error_msg": "no"})
    run = run_probe(users, probing=replace_response(has_purpose(f"show workspace {BASE}-a"), refused))
    assert states(run, "workspace_update_answer", "workspace_put_omitted", "auth_type_readback") == {INCONCLUSIVE}


# Waits that end after the last check


def set_phase(phase: str) -> t.Callable[[t.Any], None]:
    def change(body: t.Any) -> None:
        for release in body.get("items", [body]):
            release["status"] = {"phase": phase}

    return change


def concerns_release(request: ProbeRequest) -> bool:
    return "/releases" in request.path and request.method in ("GET", "POST")


def test_release_that_is_still_being_created(users: Emulator) -> None:
    run = run_probe(users, probing=change_response(set_phase("Creating"), concerns_release))
    assert states(run, "release_creation", "release_phases", "release_failed_phase") == {INCONCLUSIVE}
    evidence = "the release did not start to run: its phases were Creating"
    assert run.findings["release_creation"]["evidence"] == evidence


def test_release_that_is_still_being_canceled(users: Emulator) -> None:
    unknown_sent: list[str] = []

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        is_cancel = request.method == "DELETE" and request.query.get("action") == "cancel"
        if is_cancel and RELEASE["namespace"] in request.path and unknown_sent:
            return respond(200)
        response = send()
        if request.purpose.endswith("-naught"):
            unknown_sent.append(request.path)
        change = change_response(set_phase("Canceling"), concerns_release)
        return change(request, lambda: response) if unknown_sent else response

    run = run_probe(users, probing=intercept)
    names = ("terminated_releases", "release_canceled_phase", "release_canceling_phase")
    assert states(run, *names) == {INCONCLUSIVE}
    assert run.findings["terminated_releases"]["evidence"] == "it is still Canceling"
    assert run.leftovers == []


def test_workspace_that_is_still_being_deleted(users: Emulator) -> None:
    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        is_wait = request.purpose == "wait until it is deleted" and request.service == "modelarts"
        return respond(200, {"status": "DELETING"}) if is_wait else send()

    run = run_probe(users, probing=intercept)
    evidence = "the deletion did not complete: DELETING, then DELETING"
    assert run.findings["workspace_delete"]["evidence"] == evidence
    assert run.findings["workspace_delete"]["state"] == INCONCLUSIVE


# Responses of a portal, and refusals that have another reason


@pytest.mark.parametrize(
    "foreign", [respond(200, "<html>portal</html>"), respond(200, {"errorCode": "X.1", "errorMsg": "no such user"})]
)
def test_success_that_no_service_sent(users: Emulator, foreign: ProbeResponse) -> None:
    users.set(action_end="complete")
    purposes = (
        "grant it to a user that does not exist",
        "set its quota exemlProject.gpu_duration to 0",
        "end it with the action end",
    )
    run = run_probe(users, probing=replace_response(has_purpose(*purposes), foreign))
    assert set(purposes) <= set(run.probed)
    names = ("unknown_grant_user", "quota_zero", "action_end", "traffic_precondition", "release_traffic")
    assert states(run, *names) == {INCONCLUSIVE}


def test_success_that_the_client_reports_as_failure(users: Emulator) -> None:
    """For example a JSON body whose content type is HTML."""
    page = dataclasses.replace(respond(200, {}), failure=ProtocolError("the response is an HTML page"))
    grant = has_purpose("grant it to a user that does not exist")
    run = run_probe(users, probing=replace_response(grant, page))
    assert run.findings["unknown_grant_user"]["state"] == INCONCLUSIVE


def test_all_updates_are_refused(users: Emulator) -> None:
    refused = respond(400, {"error_code": "ModelArts.0104", "error_msg": "status of the workspace does not allow it"})
    run = run_probe(users, probing=replace_response(has_method("PUT"), refused), services=("modelarts",))
    assert states(run, "unknown_grant_user", "quota_zero") == {INCONCLUSIVE}
    evidence = run.findings["quota_zero"]["evidence"]
    assert evidence.startswith("the control request is refused too: 400 ModelArts.0104")


def test_all_later_creations_are_refused(users: Emulator) -> None:
    refused = respond(400, {"error_code": "ModelArts.0104", "error_msg": "enterprise project is frozen"})
    creations = itertools.count()
    run = run_probe(
        users,
        probing=lambda request, send: refused if request.method == "POST" and next(creations) else send(),
        services=("modelarts",),
    )
    assert states(run, "duplicate_workspace_name", "internal_without_grants", "workspace_limit") == {INCONCLUSIVE}


def test_internal_is_refused_with_grants_too(users: Emulator) -> None:
    refused = respond(400, {"error_code": "ModelArts.0104", "error_msg": "no"})
    both = has_purpose(f"create workspace {BASE}-c", f"create workspace {BASE}-d")
    run = run_probe(users, probing=replace_response(both, refused), services=("modelarts",))
    assert run.findings["internal_without_grants"]["state"] == INCONCLUSIVE
    without = has_purpose(f"create workspace {BASE}-c")
    run = run_probe(users, probing=replace_response(without, refused), services=("modelarts",))
    assert run.found()["internal_without_grants"] == "refuse"


def test_busy_service_refuses_a_release_of_any_name(users: Emulator) -> None:
    """The refusal of both names does not depend on the name."""
    busy = respond(400, {"errorCode": "ASM.01010001", "errorMsg": "The Service already has a running task."})
    repetitions = itertools.count()

    def intercept(request: ProbeRequest, send: Send) -> ProbeResponse:
        repeats = request.path.endswith("/releases") and request.purpose in ("create it again", SECOND)
        return busy if repeats and next(repetitions) < 2 else send()

    run = run_probe(users, probing=intercept)
    assert run.findings["duplicate_release"]["state"] == INCONCLUSIVE
    assert run.found()["one_release_a_service"] == "refused"
    assert run.probed.count(SECOND) == 2


def test_second_release_with_an_invalid_name(users: Emulator) -> None:
    """It is refused with and without the first release, so the first one is not the reason."""
    refused = respond(400, {"errorCode": "ASM.01010001", "errorMsg": "metadata.name is invalid"})
    for traffic in ("original", "gray"):
        users.set(release_traffic=traffic)
        run = run_probe(users, probing=replace_response(has_purpose(SECOND), refused))
        assert run.findings["one_release_a_service"]["state"] == INCONCLUSIVE
        assert run.found()["duplicate_release"] == "409"


@pytest.mark.parametrize("traffic", ["original", "gray"])
def test_second_release_is_refused_because_of_the_first(users: Emulator, traffic: str) -> None:
    users.set(release_traffic=traffic)
    run = run_probe(users)
    assert states(run, "one_release_a_service", "duplicate_release") == {"confirmed"}
    assert run.leftovers == []
