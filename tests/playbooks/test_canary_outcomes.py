# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each outcome of a rollout: the module against the emulator, in the process of the test."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from canary_rollouts import ANNOTATION, VIRTUAL_SERVICE, CanaryModule, Data, Killed, rollout_file
from harness import Emulator
from task_scenarios import template

pytest.importorskip("kubernetes")

STEP_2 = [{"weight": 10}, {"weight": 50, "approval": True}, {"weight": 100}]
DIRECT = [{"weight": 10}, {"weight": 100}]
RELEASES = "/namespaces/default/releases/"


@pytest.fixture
def canary(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CanaryModule:
    return CanaryModule(emulator, tmp_path, monkeypatch)


def summary(result: Data) -> tuple[str, bool, bool]:
    return result["canary_state"], result["succeeded"], result["changed"]


# Promotion


def test_rollout_waits_for_the_approval_and_is_promoted(canary: CanaryModule) -> None:
    waiting = canary.run()
    assert summary(waiting) == ("waiting", True, True)
    assert waiting["msg"] == "Step 2 waits for an approval. Continue with canary_action=approve and canary_step=2."
    assert [f"{entry['stage']} {entry['step']}" for entry in waiting["transitions"]] == [
        *("pinned 0", "shifting 1", "pausing 1", "analyzing 1"),
        *("shifting 2", "pausing 2", "analyzing 2", "waiting 2"),
    ]
    # A retry is not an approval.
    assert summary(canary.run()) == ("waiting", True, False)
    promoted = canary.run("approve", step=2)
    assert summary(promoted) == ("promoted", True, True)
    assert canary.gray_weights() == [0, 10, 50, 100]
    assert canary.weights() == {"v2": 100}
    assert canary.changes() == ["subsets", "create", "routes", "routes", "routes", "end", "routes", "subsets"]
    # A run that finds a finished rollout changes nothing.
    for action, options in (("run", {}), ("approve", {"step": 2}), ("promote", {}), ("enforce", {})):
        assert summary(canary.run(action, **options)) == ("finished", True, False)
    assert summary(canary.run("status")) == ("promoted", True, False)
    refused = canary.run("rollback")
    assert summary(refused) == ("failed", False, False)
    assert refused["msg"].endswith("so a rollback is no longer possible.")


def test_second_rollout_starts_from_the_promoted_version(canary: CanaryModule) -> None:
    canary.write(steps=DIRECT)
    assert canary.run()["canary_state"] == "promoted"
    for old, new in (("v2", "v3"), ("v3", "v4")):
        gray = template(new)
        gray["metadata"] = {"name": f"reviews-{new}", "labels": {"app": "reviews", "version": new}}
        labels = {"app": "reviews", "version": new}
        gray["spec"]["selector"] = {"matchLabels": labels}
        gray["spec"]["template"]["metadata"] = {"labels": labels}
        release = {
            **rollout_file(canary.emulator)["release"],
            "name": f"reviews-{new}",
            "deployment_name": f"reviews-{old}",
            "version": new,
            "gray_deployments": [{"template": gray}],
        }
        traffic = {**rollout_file(canary.emulator)["traffic"], "original_version": old}
        canary.write(steps=DIRECT, release=release, traffic=traffic)
        result = canary.run()
        assert result["canary_state"] == "promoted", result["msg"]
        assert canary.weights() == {new: 100}
    assert canary.warnings == []


def test_blue_green_is_a_rollout_with_one_step(canary: CanaryModule) -> None:
    canary.write(steps=[{"weight": 100}])
    assert canary.run()["canary_state"] == "promoted"
    assert canary.gray_weights() == [0, 100]


def test_testers_reach_the_gray_version_before_the_first_percent(canary: CanaryModule) -> None:
    canary.write(steps=[{"match": {"headers": {"x-tester": "yes"}}, "approval": True}, {"weight": 100}])
    assert canary.run()["canary_state"] == "waiting"
    first, second = canary.virtual_service()["spec"]["http"]
    assert first["match"] == [{"headers": {"x-tester": {"exact": "yes"}}}]
    assert first["route"] == [{"destination": {"host": "reviews", "subset": "v2"}}]
    assert "match" not in second and canary.weights() == {"v1": 100}
    assert canary.run("approve", step=1)["canary_state"] == "promoted"
    assert len(canary.virtual_service()["spec"]["http"]) == 1


def test_steps_below_100_wait_for_a_promotion(canary: CanaryModule) -> None:
    canary.write(steps=[{"weight": 20}])
    assert canary.run()["msg"] == "Step 1 waits for an approval. Continue with canary_action=promote."
    assert summary(canary.run("approve", step=1)) == ("failed", False, False)
    assert summary(canary.run("promote")) == ("promoted", True, True)
    assert canary.gray_weights() == [0, 20, 100]


def test_approval_of_another_step_changes_nothing(canary: CanaryModule) -> None:
    canary.run()
    for step in (1, 3):
        result = canary.run("approve", step=step)
        assert summary(result) == ("failed", False, False)
        assert result["msg"] == (
            f"Step {step} is not waiting for an approval (stage waiting, step 2, 50 % to the gray version)."
        )
    assert canary.gray_weights() == [0, 10, 50]


def test_slow_promotion_is_unknown_and_has_no_way_back(canary: CanaryModule) -> None:
    canary.write(steps=DIRECT, end_timeout="0.2s", lease_duration="0.1s")
    canary.emulator.set(gone_after=1000)
    unknown = canary.run()
    assert summary(unknown) == ("unknown", False, True)
    assert unknown["state"]["stage"] == "promoting"
    assert summary(canary.run("rollback")) == ("failed", False, False)
    assert summary(canary.run("enforce")) == ("running", True, False)
    assert canary.weights() == {"v1": 0, "v2": 100}
    canary.emulator.set(gone_after=0)
    assert canary.run()["canary_state"] == "promoted"
    assert canary.changes().count("end") == 1


def test_promotion_waits_until_the_original_deployment_is_deleted(canary: CanaryModule) -> None:
    canary.write(steps=DIRECT, end_timeout="0.2s", lease_duration="0.1s")
    canary.emulator.set(deployment_gone_after=1000)
    unknown = canary.run()
    assert summary(unknown) == ("unknown", False, True)
    assert "Wait until the original Deployment is deleted." in unknown["msg"]
    canary.emulator.set(deployment_gone_after=0)
    assert canary.run()["canary_state"] == "promoted"


def test_refused_promotion_keeps_the_traffic_and_names_what_to_try(canary: CanaryModule) -> None:
    canary.emulator.set(action_end="finish")
    canary.write(steps=DIRECT)
    held = canary.run()
    assert summary(held) == ("held", False, True)
    assert "set end_action" in held["msg"]
    assert canary.weights() == {"v1": 0, "v2": 100}
    # After a definite refusal, both ways are open.
    release = {**canary.content["release"], "end_action": "finish"}
    canary.write(steps=DIRECT, release=release)
    assert canary.run()["canary_state"] == "promoted"


def test_refused_promotion_can_be_rolled_back(canary: CanaryModule) -> None:
    canary.emulator.set(action_end="finish")
    canary.write(steps=DIRECT)
    assert canary.run()["canary_state"] == "held"
    assert summary(canary.run("rollback")) == ("rolled_back", True, True)


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        ({"kind": "response_dropped", "times": None}, True),
        ({"kind": "status", "status": 500, "times": None, "apply_first": False}, False),
    ],
)
def test_promotion_without_a_clear_response_is_not_rolled_back(
    canary: CanaryModule, fault: Data, applied: bool
) -> None:
    canary.write(steps=DIRECT, end_timeout="0.2s", lease_duration="0.1s")
    options = {name: value for name, value in fault.items() if name != "kind"}
    canary.emulator.fault(fault["kind"], "DELETE", RELEASES, **options)
    result = canary.run(max_retries=0)
    assert result["canary_state"] == ("promoted" if applied else "unknown"), result["msg"]
    if not applied:
        assert canary.state()["stage"] == "promoting"
        assert summary(canary.run("rollback")) == ("failed", False, False)
        canary.emulator.control("DELETE", "faults")
        assert canary.run()["canary_state"] == "promoted"
    assert canary.weights() == {"v2": 100}


# Rollback


def test_failed_analysis_rolls_back_and_stays_rolled_back(canary: CanaryModule) -> None:
    canary.set_errors(0.5)
    result = canary.run()
    assert summary(result) == ("rolled_back", False, True)
    assert "the analysis failed, step 1" in result["msg"]
    assert canary.gray_weights() == [0, 10, 0]
    assert canary.changes() == ["subsets", "create", "routes", "routes", "cancel"]
    again = canary.run()
    assert summary(again) == ("rolled_back", False, False)
    assert again["msg"] == f"{result['msg']} To start it again, change the template, or set canary_restart=true."
    assert summary(canary.run("rollback")) == ("rolled_back", True, False)
    assert summary(canary.run("status")) == ("rolled_back", True, False)


@pytest.mark.parametrize("how", ["restart", "template"])
def test_rolled_back_rollout_starts_again_if_it_is_asked_for(canary: CanaryModule, how: str) -> None:
    canary.set_errors(0.5)
    assert canary.run()["canary_state"] == "rolled_back"
    canary.set_errors(0.01)
    if how == "template":
        release = {**canary.content["release"], "gray_deployments": [{"template": template("2.0.1")}]}
        canary.write(release=release)
    result = canary.run(restart=how == "restart")
    assert summary(result) == ("waiting", True, True)


def test_another_version_can_follow_a_rolled_back_one(canary: CanaryModule) -> None:
    canary.set_errors(0.5)
    assert canary.run()["canary_state"] == "rolled_back"
    canary.set_errors(0.01)
    gray = json.loads(json.dumps(template("3")).replace("v2", "v3"))
    release = {**canary.content["release"], "name": "reviews-v3", "version": "v3"}
    canary.write(steps=DIRECT, release={**release, "gray_deployments": [{"template": gray}]})
    result = canary.run()
    assert result["canary_state"] == "promoted", result["msg"]
    assert canary.weights()["v3"] == 100


def test_gray_version_that_never_becomes_ready_is_rolled_back_by_the_step_timeout(canary: CanaryModule) -> None:
    canary.emulator.set(gray_pods="never")
    canary.write(step_timeout="60s")
    canary.on_progress("Wait until the gray version is ready", lambda: canary.advance(60))
    result = canary.run()
    assert summary(result) == ("rolled_back", False, True)
    assert "step_timeout of 60 s has passed" in result["msg"]
    assert canary.gray_weights() == [0]


def test_exceeded_progress_deadline_is_rolled_back_at_once(canary: CanaryModule) -> None:
    canary.emulator.set(gray_pods="deadline_exceeded")
    result = canary.run()
    assert summary(result) == ("rolled_back", False, True)
    assert "has exceeded its progress deadline" in result["msg"]


def test_failure_holds_if_the_file_demands_it(canary: CanaryModule) -> None:
    canary.write(on_failure="hold")
    canary.set_errors(0.5)
    held = canary.run()
    assert summary(held) == ("held", False, True)
    assert canary.weights() == {"v1": 90, "v2": 10}
    canary.set_errors(0.01)
    assert canary.run()["canary_state"] == "waiting"


def test_empty_result_is_neither_a_pass_nor_a_failure(canary: CanaryModule) -> None:
    canary.set_errors(None)
    held = canary.run()
    assert summary(held) == ("held", False, True)
    assert held["msg"].startswith("inconclusive, step 1:")
    assert canary.weights() == {"v1": 90, "v2": 10}
    assert summary(canary.run("rollback")) == ("rolled_back", True, True)


def test_rollback_of_a_waiting_rollout_is_a_success(canary: CanaryModule) -> None:
    canary.run()
    result = canary.run("rollback")
    assert summary(result) == ("rolled_back", True, True)
    assert canary.gray_weights() == [0, 10, 50, 0]
    assert canary.changes()[-2:] == ["routes", "cancel"]
    assert canary.state()["requested"] is True


def test_overdue_approval_is_reported_and_rolled_back_by_the_next_run(canary: CanaryModule) -> None:
    canary.run()
    assert summary(canary.run("enforce")) == ("waiting", True, False)
    canary.write(approval_timeout="60s")
    canary.advance(60)
    status = canary.run("status")
    assert "Overdue: approval_timeout of 60 s has passed" in status["msg"]
    assert summary(canary.run("approve", step=2)) == ("rolled_back", False, True)
    assert canary.gray_weights() == [0, 10, 50, 0]


def test_enforce_rolls_back_what_is_overdue(canary: CanaryModule) -> None:
    canary.run()
    canary.write(deadline="60s")
    canary.advance(60)
    assert summary(canary.run("enforce")) == ("rolled_back", True, True)


# Changes by others


def test_edit_by_hand_is_held_with_both_weights_and_the_manager(canary: CanaryModule) -> None:
    canary.run()
    canary.advance(1)
    canary.edit_weights(v1=70, v2=30)
    for action, options in (("run", {}), ("approve", {"step": 2}), ("enforce", {})):
        result = canary.run(action, **options)
        assert (result["canary_state"], result["changed"]) == ("held", False)
        assert result["msg"].startswith(
            "The traffic has changed (last change by kubectl-edit): expected 50 % to the gray version, actual 30 %. To continue,"
        )
    assert canary.weights() == {"v1": 70, "v2": 30}
    canary.edit_weights(v1=50, v2=50)
    assert canary.run("approve", step=2)["canary_state"] == "promoted"


def test_edit_during_a_pause_is_noticed_at_the_next_poll(canary: CanaryModule) -> None:
    canary.write(steps=[{"weight": 10, "pause": "1h"}, {"weight": 100}], step_timeout="2h")
    canary.on_progress("Pause after step 1", lambda: canary.edit_weights(v1=80, v2=20))
    result = canary.run()
    assert summary(result) == ("held", False, True)
    assert "expected 10 % to the gray version, actual 20 %" in result["msg"]


@pytest.mark.parametrize("text", [None, pytest.param("{}", marks=pytest.mark.complete)])
def test_missing_annotation_is_held_and_can_be_rolled_back(canary: CanaryModule, text: str | None) -> None:
    canary.run()
    path = f"/metadata/annotations/{ANNOTATION.replace('/', '~1')}"
    change: Data = {"op": "remove", "path": path} if text is None else {"op": "replace", "path": path, "value": text}
    canary.kubernetes("PATCH", VIRTUAL_SERVICE, [change])
    held = canary.run()
    assert summary(held) == ("held", False, False)
    problem = "is missing" if text is None else "does not have the keys of a rollout"
    assert held["msg"] == (
        f"The annotation {problem}. However, release 'default/reviews-v2' is active (Running) and the gray version receives 50 %."
        " To return all traffic to the original version and cancel the release, use canary_action=rollback."
    )
    assert summary(canary.run("rollback")) == ("rolled_back", True, True)


def test_release_that_somebody_canceled_is_held(canary: CanaryModule) -> None:
    canary.run()
    canary.emulator.transition("release", namespace="default", name="reviews-v2", phase="Canceled")
    result = canary.run()
    assert (result["canary_state"], result["changed"]) == ("held", False)


def test_conflict_is_decided_again(canary: CanaryModule) -> None:
    def touch(method: str, path: str) -> None:
        if method == "PATCH" and canary.writes == 4:
            canary.before_write = lambda method, path: None
            patch = [{"op": "add", "path": "/metadata/labels", "value": {"team": "shop"}}]
            canary.kubernetes("PATCH", VIRTUAL_SERVICE, patch)

    canary.before_write = touch
    assert canary.run()["canary_state"] == "waiting"
    assert canary.virtual_service()["metadata"]["labels"] == {"team": "shop"}


def test_rollback_while_another_run_pauses_stops_that_run(canary: CanaryModule) -> None:
    canary.write(steps=[{"weight": 10, "pause": "1h"}, {"weight": 100}], step_timeout="2h")
    pausing = threading.Event()
    canary.on_progress("Pause after step 1", pausing.set)
    results: list[Data] = []
    first = threading.Thread(target=lambda: results.append(canary.run()))
    first.start()
    assert pausing.wait(300)
    rolled_back = canary.run("rollback")
    first.join(300)
    assert summary(rolled_back) == ("rolled_back", True, True)
    assert summary(results[0]) == ("running", False, True)
    assert results[0]["msg"] == "Another run has begun the rollback of release 'default/reviews-v2'. This run stops."
    assert canary.gray_weights() == [0, 10, 0]


def test_second_run_at_the_same_time_fails_and_names_the_holder(canary: CanaryModule) -> None:
    canary.write(steps=[{"weight": 10, "pause": "1h"}, {"weight": 100}], step_timeout="2h")
    pausing = threading.Event()
    canary.on_progress("Pause after step 1", pausing.set)
    first = threading.Thread(target=canary.run, kwargs={"run_id": "first-run"})
    first.start()
    assert pausing.wait(300)
    second = canary.run(run_id="second-run")
    assert summary(second) == ("failed", False, False)
    assert second["error"]["kind"] == "lease_held"
    assert second["msg"].startswith("Another run controls the rollout of Service 'default/reviews': first-run ")
    canary.run("rollback")
    first.join(300)
    assert canary.gray_weights() == [0, 10, 0]


# Failures


@pytest.mark.parametrize(
    "path",
    [
        "/apis/networking.istio.io",
        pytest.param("/api/v1/namespaces/default/services", marks=pytest.mark.complete),
        pytest.param("/v2/meshes", marks=pytest.mark.complete),
    ],
)
def test_unreachable_service_leaves_everything_and_is_unknown(canary: CanaryModule, path: str) -> None:
    canary.run()
    canary.write(lease_duration="0.1s")
    canary.emulator.fault("reset", "*", path, times=None)
    result = canary.run("approve", step=2, max_retries=0)
    assert summary(result) == ("unknown", False, False)
    canary.emulator.control("DELETE", "faults")
    assert canary.weights() == {"v1": 50, "v2": 50}
    assert canary.run("approve", step=2)["canary_state"] == "promoted"


def test_short_outage_does_not_end_a_run(canary: CanaryModule) -> None:
    canary.write(steps=DIRECT, lease_duration="30s", end_timeout="60s")
    canary.on_progress("Begin step 1", lambda: canary.emulator.fault("reset", "GET", "/virtualservices", times=5))
    assert canary.run()["canary_state"] == "promoted"
    assert canary.emulator.pending_faults() == []


@pytest.mark.parametrize("kind", [pytest.param("reset", marks=pytest.mark.complete), "response_dropped"])
def test_failed_renewal_of_the_lease_is_repeated(canary: CanaryModule, kind: str) -> None:
    canary.write(steps=DIRECT, lease_duration="30s", end_timeout="60s")
    canary.on_progress("Begin step 1", lambda: canary.emulator.fault(kind, "PUT", "/leases/", times=2))
    assert canary.run()["canary_state"] == "promoted"
    assert canary.emulator.pending_faults() == []


def test_all_reasons_against_a_start_are_reported_with_their_places(canary: CanaryModule) -> None:
    canary.emulator.seed(series=[{"query": "error_ratio", "error": {"status": 400, "type": "bad_data"}}])
    wrong = template()
    wrong["spec"]["selector"] = {"matchLabels": {"app": "reviews"}}
    release = {**canary.content["release"], "gray_deployments": [{"template": wrong}], "lint": "ignore"}
    canary.write(release=release)
    positions = {"": "canary.yml", "metrics[0]": "canary.yml:31:3", "release": "canary.yml:2:1"}
    result = canary.run(positions=positions)
    assert summary(result) == ("failed", False, False)
    assert [(one["path"], one["position"]) for one in result["mistakes"]] == [
        ("release.gray_deployments[0].template", "canary.yml:2:1"),
        ("metrics[0]", "canary.yml:31:3"),
    ]
    assert canary.requests() == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"original_version": "v0"}, "traffic.original_version"),
        ({"virtual_services": ["unknown"]}, "traffic"),
    ],
)
def test_impossible_traffic_is_refused_before_the_first_write(canary: CanaryModule, changes: Data, path: str) -> None:
    canary.write(traffic={**canary.content["traffic"], **changes})
    result = canary.run()
    assert summary(result) == ("failed", False, False)
    assert path in [one["path"] for one in result["mistakes"]]
    assert canary.requests() == []


def test_active_release_of_the_service_is_refused_before_the_first_write(canary: CanaryModule) -> None:
    canary.run()
    release = {**canary.content["release"], "name": "another"}
    canary.write(release=release)
    count = len(canary.requests())
    result = canary.run()
    assert (result["canary_state"], result["changed"]) == ("held", False)
    assert "unfinished rollout of release 'default/reviews-v2'" in result["msg"]
    assert len(canary.requests()) == count


# Check mode and status


def test_check_mode_predicts_the_next_action_and_writes_nothing(canary: CanaryModule) -> None:
    predicted = canary.run(check_mode=True)
    assert (predicted["canary_state"], predicted["next_action"], predicted["changed"]) == ("running", "pin", True)
    assert predicted["diff"] == {"before": {}, "after": {"stage": "pinned", "step": 0, "weight": 0}}
    assert canary.requests() == [] and not canary.record_path.exists()
    canary.run()
    count = len(canary.requests())
    predicted = canary.run("approve", step=2, check_mode=True)
    assert predicted["diff"] == {
        "before": {"stage": "waiting", "step": 2, "weight": 50},
        "after": {"stage": "shifting", "step": 3, "weight": 100},
    }
    unchanged = canary.run(check_mode=True)
    assert (unchanged["canary_state"], unchanged["next_action"], unchanged["changed"]) == ("waiting", None, False)
    assert len(canary.requests()) == count


def test_status_reports_a_killed_run(canary: CanaryModule) -> None:
    with pytest.raises(Killed):
        canary.run(kill_after=6)
    status = canary.run("status")
    assert (status["canary_state"], status["succeeded"]) == ("running", True)
    assert status["state"]["weight"] == 10
    assert canary.run()["canary_state"] == "waiting"


def test_annotation_and_record_describe_the_rollout(canary: CanaryModule) -> None:
    canary.run()
    text = canary.virtual_service()["metadata"]["annotations"][ANNOTATION]
    assert len(text) < 1024 and json.loads(text)["stage"] == "waiting"
    lines = canary.record()
    assert {line["event"] for line in lines} == {"state", "weight", "sample", "decision", "outcome"}
    assert [line["weight"] for line in lines if line["event"] == "weight"] == [0, 0, 10, 50]
    samples = [line for line in lines if line["event"] == "sample"]
    assert [(line["metric"], line["value"], line["max"], line["verdict"]) for line in samples] == [
        ("errors", 0.01, 0.05, "passed")
    ] * 4
    assert [line["verdict"] for line in lines if line["event"] == "outcome"] == ["waiting"]


def test_each_change_of_the_state_can_be_a_task(canary: CanaryModule) -> None:
    stages: list[str] = []
    result: Data = {"run_id": "run-of-a-role", "can_continue": True}
    while result["can_continue"]:
        result = canary.run(until="change", run_id=result["run_id"])
        stages += [f"{entry['stage']} {entry['step']}" for entry in result["transitions"]]
    assert result["canary_state"] == "waiting"
    assert stages == [
        *("pinned 0", "shifting 1", "pausing 1", "analyzing 1"),
        *("shifting 2", "pausing 2", "analyzing 2", "waiting 2"),
    ]


# A killed run is resumed after any of its writes


@pytest.mark.parametrize(
    "kill_after", [4, *(pytest.param(number, marks=pytest.mark.complete) for number in (1, 9, 14))]
)
def test_run_that_is_killed_after_any_write_is_resumed(canary: CanaryModule, kill_after: int) -> None:
    canary.write(steps=DIRECT)
    with pytest.raises(Killed):
        canary.run(kill_after=kill_after)
    resumed = canary.run()
    assert resumed["canary_state"] == "promoted", resumed["msg"]
    assert canary.gray_weights() == [0, 10, 100]
    assert canary.changes().count("create") == 1 and canary.changes().count("end") == 1
