# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the module canary_rollout with all services in memory."""

from __future__ import annotations

import copy
import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import (
    decision,
    observer,
    rollout_options,
    runner,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.runner import (
    locate_mistakes,
    validate_options,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    OptionError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors, traffic
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError
from fake_cluster import Refusal
from rollout_rig import ANNOTATION, NAMESPACE, RolloutRig, make_file

UNDO = decision._UNDO
APPROVAL = make_file(steps=[{"weight": 10, "approval": True, "metrics": []}, {"weight": 100, "metrics": []}])
PROMOTED = [
    "subsets",
    "routes, pinned 0, 0 %",
    "create",
    "pinned 0, 0 %",
    "shifting 1, 10 %",
    "routes, shifting 1, 10 %",
    "pausing 1, 10 %",
    "analyzing 1, 10 %",
    "shifting 2, 100 %",
    "routes, shifting 2, 100 %",
    "pausing 2, 100 %",
    "analyzing 2, 100 %",
    "promoting 2, 100 %",
    "end",
    "finished 2, 100 %",
    "routes, finished 2, 100 %",
    "subsets",
]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> RolloutRig:
    return RolloutRig(monkeypatch)


def make_split(**weights: int) -> dict[str, t.Any]:
    """Return a route with these weights of subsets."""
    entries = weights.items()
    return {"route": [{"destination": {"host": "reviews", "subset": name}, "weight": part} for name, part in entries]}


def set_subsets(rig: RolloutRig, *versions: str) -> None:
    """Replace the subsets, as somebody else would."""
    rule = rig.cluster.find("DestinationRule", NAMESPACE, "reviews")
    subsets = [{"name": name, "labels": {"version": name}} for name in versions]
    rig.cluster.store({**rule, "spec": {**rule["spec"], "subsets": subsets}})


def summary(result: dict[str, t.Any]) -> tuple[str, bool, bool]:
    return result["canary_state"], result["succeeded"], result["changed"]


def test_whole_rollout_writes_in_this_order(rig: RolloutRig) -> None:
    result = rig.run(run_id="run-1")
    assert rig.events == PROMOTED
    assert rig.weights() == {"v2": 100}
    assert summary(result) == ("promoted", True, True)
    assert (result["can_continue"], result["failed"], result["run_id"], result["next_action"]) == (
        False,
        False,
        "run-1",
        None,
    )
    assert result["state"] == rig.state()
    assert result["msg"].startswith("Release 'bookinfo/reviews-v2' was promoted at 2026-03-01T12:")
    assert [(entry["stage"], entry["step"], entry["weight"]) for entry in result["transitions"]][-2:] == [
        ("promoting", 2, 100),
        ("finished", 2, 100),
    ]
    assert rig.warnings == []
    # The pauses, the waits for the proxies and the delays of the analysis.
    assert 200 < rig.clock.passed < 600


def list_writes(rig: RolloutRig) -> t.Iterator[tuple[str, list[str]]]:
    """Yield each write to an object other than a Lease, with the requests since the one before."""
    before: list[str] = []
    for line in map(str, rig.cluster.requests):
        if line.startswith("GET") or "/leases" in line:
            before.append(line)
        else:
            yield line, before
            before = []


def test_lease_and_routes_are_read_before_each_write(rig: RolloutRig) -> None:
    rig.run()
    writes = list(list_writes(rig))
    assert len(writes) == len(PROMOTED) - len(["create", "end"])
    for _write, before in writes:
        assert any(line.startswith("GET") and "/leases/" in line for line in before)
        assert any(line.startswith("GET") and line.endswith("/virtualservices") for line in before)


def test_replicas_and_autoscalers_are_never_edited(rig: RolloutRig) -> None:
    rig.prometheus.answers["error_ratio"] = [0.01, 0.5]
    rig.run()
    assert {line.split("/")[-2] for line, _before in list_writes(rig)} == {"virtualservices", "destinationrules"}


def test_record_has_one_line_for_each_event(rig: RolloutRig, tmp_path: Path) -> None:
    path = tmp_path / "canary.jsonl"
    result = rig.run(record_path=str(path))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == result["record"]
    events = [(line["event"], line["stage"], line["step"]) for line in lines]
    assert events[:6] == [
        ("state", "pinned", 0),
        ("weight", "pinned", 0),
        ("decision", "pinned", 0),
        ("weight", "pinned", 0),
        ("state", "shifting", 1),
        ("weight", "shifting", 1),
    ]
    (sample, *_rest) = [line for line in lines if line["event"] == "sample"]
    assert (sample["metric"], sample["value"], sample["max"], sample["weight"]) == ("errors", 0.01, 0.05, 10)
    assert [line["verdict"] for line in lines if line["event"] == "decision"] == [None, "passed", "passed"]
    assert (lines[-1]["event"], lines[-1]["verdict"]) == ("outcome", "promoted")


def test_failed_analysis_rolls_back(rig: RolloutRig) -> None:
    rig.prometheus.answers["error_ratio"] = [0.01, 0.5]
    result = rig.run()
    assert summary(result) == ("rolled_back", False, True)
    assert rig.events[8:] == [
        "rolling_back 1, 10 %",
        "routes, rolling_back 1, 0 %",
        "cancel",
        "finished 1, 0 %",
    ]
    assert rig.weights() == {"v1": 100, "v2": 0}


def test_progress_has_one_line_for_each_new_action(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    lines = [line for line in rig.progress if line.startswith("bookinfo/reviews-v2: ")]
    assert all(first != second for first, second in zip(lines, lines[1:]))
    assert len(lines) == 9
    assert lines[-1] == "bookinfo/reviews-v2: Step 1 waits for an approval."


def test_lease_is_given_up_at_the_end_and_kept_between_changes(rig: RolloutRig) -> None:
    result = rig.run(until="change", run_id="run-1", file=APPROVAL)
    lease = rig.cluster.find("Lease", NAMESPACE, "huaweicloud-canary-reviews")
    assert (result["can_continue"], result["canary_state"], lease["spec"]["holderIdentity"]) == (
        True,
        "running",
        "run-1 host",
    )
    while result["can_continue"]:
        result = rig.run(until="change", run_id="run-1", file=APPROVAL)
    lease = rig.cluster.find("Lease", NAMESPACE, "huaweicloud-canary-reviews")
    assert (result["canary_state"], lease["spec"]["holderIdentity"]) == ("waiting", "")


def test_requested_rollback_can_also_be_followed_change_by_change(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    stages = []
    result: dict[str, t.Any] = {"can_continue": True}
    while result["can_continue"]:
        result = rig.run("rollback", until="change", run_id="run-2", file=APPROVAL)
        stages += [entry["stage"] for entry in result["transitions"]]
    assert stages == ["rolling_back", "finished"]
    assert summary(result) == ("rolled_back", True, False)


def test_waiting_run_sends_no_write_and_needs_no_lease(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    rig.cluster.requests.clear()
    assert summary(rig.run(file=APPROVAL)) == ("waiting", True, False)
    assert rig.cluster.writes == []


def test_check_mode_and_status_only_read(rig: RolloutRig) -> None:
    predicted = rig.run(check=True)
    assert (predicted["next_action"], predicted["changed"], predicted["can_continue"]) == ("pin", True, True)
    assert predicted["diff"] == {"before": {}, "after": {"stage": "pinned", "step": 0, "weight": 0}}
    assert rig.run("status")["canary_state"] == "finished"
    assert (rig.events, rig.cluster.writes) == ([], [])


def test_check_mode_predicts_that_the_traffic_cannot_move(rig: RolloutRig) -> None:
    rig.react["Begin step 1"] = lambda: rig.cluster.objects.pop(("pods", NAMESPACE, "reviews-v2-0"))
    rig.react["Wait until the gray version is ready"] = lambda: rig.cluster.faults.update(
        {("GET", "virtualservices"): [Refusal(403, "Forbidden", "forbidden").reply]}
    )
    assert rig.run(file=APPROVAL)["canary_state"] == "unknown"
    predicted = rig.run(file=APPROVAL, check=True)
    assert (predicted["next_action"], predicted["msg"]) == (
        "wait",
        "The next action would be: Wait until the gray version is ready: Service bookinfo/reviews has no ready pod with the label"
        " version=v2. Step 1: 10 % to the gray version, then an approval. The run would end at the approval.",
    )


def test_all_reasons_against_a_start_are_collected(rig: RolloutRig) -> None:
    from fake_prometheus import failure

    rig.cluster.objects.pop(("pods", NAMESPACE, "reviews-v1-0"))
    rig.prometheus.answers["error_ratio"] = [failure(400, "bad_data", "parse error")]
    result = rig.run(positions={"": "c.yml:1:1", "traffic": "c.yml:9:1", "metrics[0]": "c.yml:20:3"})
    assert summary(result) == ("failed", False, False)
    assert [(one["position"], one["path"]) for one in result["mistakes"]][:1] == [
        ("c.yml:9:1", "traffic.original_version")
    ]
    assert ("c.yml:20:3", "metrics[0]") in [(one["position"], one["path"]) for one in result["mistakes"]]
    assert result["msg"].startswith(
        "The rollout cannot start: c.yml:9:1: traffic.original_version: the original version"
    )
    assert rig.cluster.writes == [] and result["error"]["kind"] == "options"


def test_selector_that_matches_original_pods_is_refused(rig: RolloutRig) -> None:
    file = make_file()
    gray = json.loads(json.dumps(file["release"]["gray_deployments"][0]["template"]))
    gray["spec"]["selector"]["matchLabels"] = {"app": "reviews"}
    file["release"].update(gray_deployments=[{"template": gray}], lint="ignore")
    result = rig.run(file=file)
    assert [one["message"] for one in result["mistakes"]] == [
        "the selector matches pods of the original version: reviews-v1-0"
    ]


def test_unreachable_prometheus_before_the_start_is_unknown(rig: RolloutRig) -> None:
    from fake_prometheus import failure

    rig.prometheus.answers["error_ratio"] = [failure(503, "unavailable", "starting")]
    result = rig.run()
    assert summary(result) == ("unknown", False, False)
    assert rig.cluster.writes == []


def test_active_release_of_the_service_is_found_before_the_first_write(rig: RolloutRig) -> None:
    other = make_file()
    other["release"]["name"] = "reviews-other"
    rig.run(file=APPROVAL)
    annotations = rig.cluster.find("VirtualService", NAMESPACE, "reviews")["metadata"]["annotations"]
    annotations.clear()
    rig.events.clear()
    result = rig.run(file=other)
    assert summary(result) == ("failed", False, False)
    assert [one["path"] for one in result["mistakes"]] == ["release"]
    assert rig.events == []


def test_conflict_is_followed_by_a_new_decision(rig: RolloutRig) -> None:
    conflict = Refusal(422, "Invalid", "the test operation failed").reply
    rig.cluster.faults["PATCH", "reviews"] = [conflict, conflict]
    assert rig.run()["canary_state"] == "promoted"
    assert rig.events[-len(PROMOTED) + 1 :] == PROMOTED[1:]


def test_conflicts_without_end_are_an_error(rig: RolloutRig) -> None:
    rig.cluster.faults["PATCH", "reviews"] = [Refusal(422, "Invalid", "the test operation failed").reply] * 20
    result = rig.run()
    assert summary(result) == ("unknown", False, False)
    assert result["error"]["kind"] == errors.CONFLICT


def test_short_outage_of_the_api_server_is_tolerated(rig: RolloutRig) -> None:
    failure = ClusterError("down", errors.UNREACHABLE, method="GET")
    rig.react["Begin step 1"] = lambda: rig.cluster.faults.update({("GET", "services"): [failure] * 12})
    assert rig.run()["canary_state"] == "promoted"
    assert "bookinfo/reviews-v2: down Trying again." in rig.progress


def test_outage_longer_than_the_lease_is_unknown(rig: RolloutRig) -> None:
    failure = ClusterError("down", errors.UNREACHABLE, method="GET")
    rig.react["Begin step 1"] = lambda: rig.cluster.faults.update({("GET", "services"): [failure] * 500})
    result = rig.run()
    assert summary(result) == ("unknown", False, True)
    assert (result["state"]["stage"], result["msg"]) == ("shifting", "down")
    line = result["record"][-1]
    assert (line["event"], line["verdict"], line["message"], line["stage"]) == (
        "outcome",
        "unknown",
        "down",
        "shifting",
    )
    rig.cluster.faults.clear()
    assert rig.run()["canary_state"] == "promoted"


def test_failed_write_is_not_repeated(rig: RolloutRig) -> None:
    lost = ClusterError("lost", errors.UNREACHABLE, method="PATCH")
    rig.react["Begin step 1"] = lambda: rig.cluster.faults.update({("PATCH", "reviews"): [lost]})
    assert summary(rig.run()) == ("unknown", False, True)


@pytest.mark.parametrize("error", ["lost", "throttled"])
def test_failed_renewal_of_the_lease_is_repeated(rig: RolloutRig, error: str) -> None:
    kinds = {"lost": errors.UNREACHABLE, "throttled": errors.RATE_LIMIT}
    path = "/apis/coordination.k8s.io/v1/namespaces/bookinfo/leases/huaweicloud-canary-reviews"
    failure = ClusterError(error, kinds[error], method="PUT", path=path)
    faults = {("PUT", "leases"): [failure, failure]}
    rig.react["Pause after step 1"] = lambda: rig.cluster.faults.update(faults)
    assert summary(rig.run()) == ("promoted", True, True)
    assert faults == {("PUT", "leases"): []}


def test_controller_that_restores_the_routes_is_not_fought(rig: RolloutRig) -> None:
    initial = [{"route": [{"destination": {"host": "reviews", "subset": "v1"}}]}]
    rig.cluster.on_write = lambda request: rig.set_routes(initial) if "/virtualservices/" in request.path else None
    held = rig.run()
    assert summary(held) == ("held", False, True)
    assert held["msg"] == f"The traffic has changed: expected 10 % to the gray version, actual 0 %. {UNDO}"
    assert rig.events.count("routes, shifting 1, 10 %") == 1


def test_rollback_repairs_weights_that_do_not_add_up(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    rig.set_routes([make_split(v1=70, v2=10)])
    assert summary(rig.run(file=APPROVAL)) == ("held", False, False)
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)
    assert rig.weights() == {"v1": 100, "v2": 0}


def add_virtual_service(rig: RolloutRig, subset: str) -> None:
    """Add a second VirtualService that routes to a version of the Service."""
    found = copy.deepcopy(rig.cluster.find("VirtualService", NAMESPACE, "reviews"))
    found["metadata"] = {"namespace": NAMESPACE, "name": "web"}
    found["spec"]["http"] = [{"route": [{"destination": {"host": "reviews", "subset": subset}}]}]
    rig.cluster.store(found)


def test_second_virtual_service_holds_and_a_rollback_names_it(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    add_virtual_service(rig, "v2")
    place = "VirtualService bookinfo/web, spec.http[0].route[0].destination"
    held = rig.run(file=APPROVAL)
    assert summary(held) == ("held", False, False)
    assert held["msg"].startswith(f"{place}: it also routes to the Service bookinfo/reviews")
    held = rig.run("rollback", file=APPROVAL)
    assert (summary(held), rig.weights()) == (("held", False, True), {"v1": 100, "v2": 0})
    assert held["msg"] == (
        "The rollout has routed all traffic that it manages back to the original version, but release 'bookinfo/reviews-v2' is not"
        f" canceled, because other routes lead to the gray version: {place}: the gray version gets 100 % of the requests. Change these"
        " routes, then use canary_action=rollback again."
    )
    assert [line.partition(": it also")[0] for line in rig.warnings] == [f"The rollback does not change this: {place}"]
    add_virtual_service(rig, "v1")
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)


def test_rollback_ignores_second_virtual_service_of_original(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    add_virtual_service(rig, "v1")
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)


def test_rollback_moves_the_gray_weight_beside_a_third_version(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    set_subsets(rig, "v1", "v2", "v3")
    rig.set_routes([make_split(v1=60, v2=10, v3=30)])
    assert summary(rig.run(file=APPROVAL)) == ("held", False, False)
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)
    assert rig.weights() == {"v1": 70, "v2": 0, "v3": 30}
    assert [line.partition(": subset")[2] for line in rig.warnings] == [
        " 'v3' gets 30 % of the traffic. Only the versions v1 and v2 may get traffic."
    ]


def test_rollback_works_after_the_gray_subset_was_deleted(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    set_subsets(rig, "v1")
    assert summary(rig.run(file=APPROVAL)) == ("held", False, False)
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)
    assert (rig.weights(), rig.warnings) == ({"v1": 100}, [])


def test_rollback_finishes_if_no_route_to_the_service_is_left(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    rig.set_routes([{"route": [{"destination": {"host": "maintenance", "subset": "v1"}}]}])
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)


def test_rollback_needs_no_more_than_one_ready_pod(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    # An autoscaler has reduced the original version, which has little traffic.
    found = copy.deepcopy(rig.cluster.find("Deployment", NAMESPACE, "reviews-v1"))
    rig.cluster.store({**found, "status": {"observedGeneration": 1, "readyReplicas": 0}})
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)
    assert rig.weights() == {"v1": 100, "v2": 0}


def test_rollback_by_another_run_is_noticed_during_the_analysis(rig: RolloutRig) -> None:
    rig.react["waiting"] = lambda: rig.change_state(stage="rolling_back", run="other", reason="requested")
    result = rig.run()
    assert summary(result) == ("running", False, True)
    assert result["msg"].startswith("Another run has begun the rollback")
    assert rig.events[-1] == "analyzing 1, 10 %"


def test_lost_lease_ends_the_run_without_another_write(rig: RolloutRig) -> None:
    rig.react["Pause after step 1"] = lambda: steal_lease(rig)
    result = rig.run()
    assert summary(result) == ("failed", False, True)
    assert result["error"]["kind"] == "lease_held"
    assert rig.events[-1] == "pausing 1, 10 %"
    assert rig.cluster.find("Lease", NAMESPACE, "huaweicloud-canary-reviews")["spec"]["holderIdentity"] == "thief"


def steal_lease(rig: RolloutRig) -> None:
    lease = rig.cluster.find("Lease", NAMESPACE, "huaweicloud-canary-reviews")
    rig.cluster.store({**lease, "spec": {**lease["spec"], "holderIdentity": "thief"}})


def test_lease_is_renewed_between_subsets_and_routes(rig: RolloutRig) -> None:
    file = make_file(steps=APPROVAL["steps"], poll_interval="2s", lease_duration="3s")
    rig.react["until the proxies of the mesh have"] = rig.cluster.requests.clear
    rig.react["until the proxies route everything"] = lambda: sent.extend(rig.cluster.sent)
    sent: list[str] = []
    assert rig.run(file=file)["canary_state"] == "waiting"
    # Every 2 of the 10 seconds, and once before the next action.
    assert sum(line.startswith("PUT") and line.endswith("huaweicloud-canary-reviews") for line in sent) == 6


def test_lease_lost_between_subsets_and_routes_stops_the_run(rig: RolloutRig) -> None:
    rig.react["until the proxies of the mesh have"] = lambda: steal_lease(rig)
    result = rig.run()
    assert (summary(result), rig.events) == (("failed", False, True), ["subsets"])
    assert (result["error"]["kind"], rig.routes()) == (
        "lease_held",
        [{"route": [{"destination": {"host": "reviews"}}]}],
    )


def test_state_added_before_routes_is_not_overwritten(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    found = copy.deepcopy(rig.cluster.find("VirtualService", NAMESPACE, "reviews"))
    rig.run("rollback", file=APPROVAL)
    set_subsets(rig, "v1")
    rig.set_routes([{"route": [{"destination": {"host": "reviews"}}]}])
    rig.events.clear()
    rig.react["until the proxies of the mesh have"] = lambda: rig.cluster.store(found)
    held = rig.run(file=APPROVAL, restart=True)
    assert (summary(held), rig.events) == (("held", False, True), ["subsets"])
    assert "but release 'bookinfo/reviews-v2' is not active" in held["msg"]


def test_deadline_during_the_analysis_ends_it(rig: RolloutRig) -> None:
    file = make_file(deadline="150s")
    result = rig.run(file=file)
    assert summary(result) == ("rolled_back", False, True)
    assert "deadline of 150 s has passed" in result["msg"]


def test_exceeded_progress_deadline_during_the_pause_rolls_back(rig: RolloutRig) -> None:
    condition = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    rig.react["Pause after step 1"] = lambda: rig.set_gray(observedGeneration=1, conditions=[condition])
    result = rig.run()
    assert summary(result) == ("rolled_back", False, True)
    assert "has exceeded its progress deadline" in result["msg"]


def test_refused_promotion_is_held_with_the_whole_reason(rig: RolloutRig) -> None:
    rig.cloud.respond("DELETE", 400, {"errorCode": "ASM.01010001", "errorMsg": "No."})
    result = rig.run()
    assert summary(result) == ("held", False, True)
    assert "set end_action" in result["msg"] and rig.weights() == {"v1": 0, "v2": 100}
    assert rig.run()["canary_state"] == "promoted"


def test_promotion_with_a_lost_response_is_only_waited_for(rig: RolloutRig) -> None:
    rig.cloud.respond("DELETE", 500, {"errorCode": "ASM.01040001", "errorMsg": "Internal error."}, times=9)
    result = rig.run()
    assert summary(result) == ("unknown", False, True)
    assert (result["state"]["stage"], rig.events.count("end")) == ("promoting", 0)
    assert "the outcome of the request is unknown" in result["msg"]
    assert rig.run("rollback")["canary_state"] == "failed"


def test_end_request_is_not_repeated_after_the_lease_has_expired(rig: RolloutRig) -> None:
    times: list[float] = []

    def throttle(do: t.Any) -> t.Any:
        times.append(rig.clock.passed)
        return 429, {}, {"retry-after": "25"}

    rig.cloud.rule("DELETE", throttle, 9)
    rig.run(file=make_file(lease_duration="20s"))
    assert len(times) == 1


def test_wait_for_earlier_request_starts_at_lease_takeover(rig: RolloutRig) -> None:
    rig.cloud.respond("DELETE", 500, {"errorCode": "ASM.01040001", "errorMsg": "Internal error."}, times=9)
    assert rig.run(run_id="run-1")["canary_state"] == "unknown"
    # The first run is killed, so it does not release its Lease.
    lease = rig.cluster.find("Lease", NAMESPACE, "huaweicloud-canary-reviews")
    spec = {**lease["spec"], "holderIdentity": "run-1 host", "leaseDurationSeconds": 60}
    rig.cluster.store({**lease, "spec": spec})
    rig.cloud.rules.clear()
    rig.cloud.respond("DELETE", 400, {"errorCode": "ASM.01010001", "errorMsg": "No."}, times=9)
    start = rig.clock.passed
    assert rig.run(run_id="run-2")["canary_state"] == "held"
    # The duration of the Lease until the takeover, and again until the refusal counts.
    assert rig.clock.passed - start >= 120


def test_error_before_the_end_request_does_not_count_as_its_answer(rig: RolloutRig) -> None:
    rig.react["Promote release"] = lambda: rig.cloud.respond("GET /v2/meshes/m-1/releases", 403, {}, times=9)
    result = rig.run()
    assert summary(result) == ("unknown", False, True)
    assert result["state"]["stage"] == "promoting"


def test_refused_cancellation_keeps_the_traffic_on_the_original_version(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    rig.cloud.respond("DELETE", 400, {"errorCode": "ASM.01010001", "errorMsg": "No."})
    result = rig.run("rollback", file=APPROVAL)
    assert summary(result) == ("failed", False, True)
    assert result["msg"].startswith(
        "All traffic is back on the original version, but the service refused to cancel the release:"
    )
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)


def test_failed_cleanup_is_a_warning_and_is_repeated(rig: RolloutRig) -> None:
    def forbid() -> None:
        rig.cluster.faults["PATCH", "reviews"] = [Refusal(403, "Forbidden", "forbidden").reply]

    rig.react["Remove the routes"] = forbid
    result = rig.run()
    assert summary(result) == ("promoted", True, True)
    assert len(rig.warnings) == 1 and rig.warnings[0].startswith(
        "The routes to the original version could not be removed"
    )
    assert summary(rig.run()) == ("finished", True, True)
    assert rig.weights() == {"v2": 100}
    assert summary(rig.run()) == ("finished", True, False)


def test_subset_that_a_new_route_needs_survives_the_cleanup(rig: RolloutRig) -> None:
    rig.react["Remove the routes"] = lambda: rig.react.update(
        {"until the proxies of the mesh have": lambda: add_virtual_service(rig, "v1")}
    )
    assert summary(rig.run()) == ("promoted", True, True)
    rule = rig.cluster.find("DestinationRule", NAMESPACE, "reviews")
    assert [subset["name"] for subset in rule["spec"]["subsets"]] == ["v1", "v2"]


def promote_without_cleanup(rig: RolloutRig) -> None:
    """Promote the release, and let the cleanup fail."""
    forbidden = Refusal(403, "Forbidden", "forbidden").reply
    rig.react["Remove the routes"] = lambda: rig.cluster.faults.update({("PATCH", "reviews"): [forbidden]})
    assert summary(rig.run()) == ("promoted", True, True)
    rig.warnings.clear()


def test_cleanup_that_the_routes_do_not_allow_is_not_predicted(rig: RolloutRig) -> None:
    promote_without_cleanup(rig)
    set_subsets(rig, "v1", "v2", "v3")
    rig.set_routes([make_split(v1=0, v2=60, v3=40)])
    rig.events.clear()
    predicted = rig.run(check=True)
    assert (summary(predicted), predicted["next_action"]) == (("finished", True, False), None)
    warnings = list(rig.warnings)
    assert len(warnings) == 1 and "subset 'v3' gets 40 % of the traffic" in warnings[0]
    rig.warnings.clear()
    assert (summary(rig.run()), rig.events) == (("finished", True, False), [])
    assert rig.warnings == warnings


def test_cleanup_that_fails_after_its_first_write_is_a_change(rig: RolloutRig) -> None:
    promote_without_cleanup(rig)
    file = make_file()
    file["traffic"]["propagation_seconds"] = 0
    forbidden = Refusal(403, "Forbidden", "forbidden").reply
    rig.cluster.faults["PATCH", "reviews"] = [rig.cluster.respond, forbidden]
    assert summary(rig.run(file=file)) == ("finished", True, True)
    assert len(rig.warnings) == 1
    assert summary(rig.run(file=file)) == ("finished", True, True)
    assert summary(rig.run(file=file)) == ("finished", True, False)


def test_cleanup_writes_what_it_has_planned_from(rig: RolloutRig) -> None:
    rig.react["Remove the routes"] = rig.cluster.requests.clear
    rig.run()
    sent = rig.cluster.sent
    first = next(index for index, line in enumerate(sent) if line.startswith("PATCH"))
    assert sum(line.endswith("/virtualservices") for line in sent[:first]) == 1


def test_short_outage_does_not_end_the_cleanup(rig: RolloutRig) -> None:
    faults = {("GET", "services"): [Refusal(503, "ServiceUnavailable", "later").reply] * 7}
    rig.react["Remove the routes"] = lambda: rig.react.update(
        {"until the proxies of the mesh have": lambda: rig.cluster.faults.update(faults)}
    )
    assert summary(rig.run()) == ("promoted", True, True)
    assert (rig.events, rig.warnings, faults) == (PROMOTED, [], {("GET", "services"): []})


def test_lease_lost_during_the_cleanup_does_not_fail_the_run(rig: RolloutRig) -> None:
    rig.react["Remove the routes"] = lambda: rig.react.update(
        {"until the proxies of the mesh have": lambda: steal_lease(rig)}
    )
    assert summary(rig.run()) == ("promoted", True, True)
    assert rig.events == PROMOTED[:-1]
    assert len(rig.warnings) == 1 and "Another run controls the rollout" in rig.warnings[0]


def test_lease_lost_in_the_cleanup_before_a_start_fails_the_run(rig: RolloutRig) -> None:
    promote_without_cleanup(rig)
    rig.events.clear()
    rig.react["until the proxies of the mesh have"] = lambda: steal_lease(rig)
    result = rig.run(file=make_next_file())
    assert (summary(result), result["error"]["kind"]) == (("failed", False, True), "lease_held")
    assert rig.events == ["routes, finished 2, 100 %"]


def test_each_rollback_is_planned_once(rig: RolloutRig, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[bool] = []
    make_plan = traffic.make_plan

    def note(target: t.Any, desired: t.Any, observed: t.Any) -> t.Any:
        plans.append(desired.rollback)
        return make_plan(target, desired, observed)

    monkeypatch.setattr(traffic, "make_plan", note)
    rig.run(file=APPROVAL)
    assert summary(rig.run("rollback", file=APPROVAL)) == ("rolled_back", True, True)
    assert plans.count(True) == 1


def test_only_a_rollback_searches_other_routes_to_gray(rig: RolloutRig, monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[str] = []
    monkeypatch.setattr(observer, "find_remaining_traffic", lambda *args: searches.append(rig.state()["stage"]) or [])
    rig.run(file=APPROVAL)
    rig.run("rollback", file=APPROVAL)
    assert set(searches) == {"rolling_back"}


def make_next_file() -> dict[str, t.Any]:
    """Return the file of the next release, from v2 to v3."""
    file = json.loads(json.dumps(make_file()).replace("v2", "v3").replace("v1", "v2"))
    file["release"]["gray_deployments"][0]["template"]["apiVersion"] = "apps/v1"
    return file


def test_next_release_repeats_a_failed_cleanup_after_its_checks(rig: RolloutRig) -> None:
    forbidden = Refusal(403, "Forbidden", "forbidden").reply
    rig.react["Remove the routes"] = lambda: rig.cluster.faults.update({("PATCH", "reviews"): [forbidden]})
    rig.run()
    rig.events.clear()
    file = make_next_file()
    invalid = {**file, "traffic": {**file["traffic"], "virtual_services": ["web"]}}
    assert (rig.run(file=invalid)["canary_state"], rig.events) == ("failed", [])
    assert rig.run(file=file, check=True)["next_action"] == "clean_up"
    rig.cloud.respond("POST", 403, {"errorCode": "ASM.01000002", "errorMsg": "No."})
    rig.run(file=file)
    # The new VirtualService has only the pin of the next release.
    assert rig.events[:4] == ["routes, finished 2, 100 %", "subsets", "subsets", "pinned 0, 0 %"]
    assert (rig.state()["release"], rig.weights()) == ("bookinfo/reviews-v3", {"v2": 100})
    rule = rig.cluster.find("DestinationRule", NAMESPACE, "reviews")
    assert [subset["name"] for subset in rule["spec"]["subsets"]] == ["v2", "v3"]


def test_version_that_receives_requests_again_is_not_cleaned_up(rig: RolloutRig) -> None:
    rig.run()
    set_subsets(rig, "v1", "v2")
    rig.set_routes([make_split(v1=50, v2=50)])
    assert summary(rig.run()) == ("finished", True, False)
    assert rig.weights() == {"v1": 50, "v2": 50}


def test_release_that_exists_is_compared_before_it_is_confirmed(rig: RolloutRig) -> None:
    rig.cluster.faults["PATCH", "reviews"] = []
    stop = ClusterError("lost", errors.UNREACHABLE, method="PATCH")
    rig.react["Confirm the release"] = lambda: rig.cluster.faults.update({("PATCH", "reviews"): [stop]})
    assert rig.run(file=APPROVAL)["canary_state"] == "unknown"
    rig.cloud.releases[0]["spec"]["grayDeployments"][0]["template"]["spec"]["replicas"] = 7
    result = rig.run(file=APPROVAL)
    assert summary(result) == ("failed", False, False)
    assert result["error"]["kind"] == "drift"


def test_routes_that_the_service_edits_at_the_creation_are_set_back(rig: RolloutRig) -> None:
    def edit() -> None:
        weights = {"v1": 60, "v2": 40}
        entries = [
            {"destination": {"host": "reviews", "subset": name}, "weight": weight} for name, weight in weights.items()
        ]
        rig.set_routes([{"route": entries}])

    rig.react["Confirm the release"] = edit
    assert rig.run(file=APPROVAL)["canary_state"] == "waiting"
    assert rig.events[:5] == [
        "subsets",
        "routes, pinned 0, 0 %",
        "create",
        "routes, pinned 0, 0 %",
        "shifting 1, 10 %",
    ]


def test_run_makes_the_desired_release_only_once(rig: RolloutRig, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    make = rollout_options.desired_release

    def note(params: t.Any) -> t.Any:
        calls.append(params["state"])
        return make(params)

    monkeypatch.setattr(rollout_options, "desired_release", note)
    monkeypatch.setattr(runner, "desired_release", note, raising=False)
    assert rig.run()["canary_state"] == "promoted"
    assert calls == ["present"]


def test_api_server_without_time_is_an_error(rig: RolloutRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rollout_rig.email.utils.format_datetime", lambda moment, usegmt: "")
    result = rig.run()
    assert summary(result) == ("unknown", False, False)
    assert "does not send the header Date" in result["msg"]


def test_step_must_be_positive() -> None:
    with pytest.raises(OptionError) as caught:
        validate_options({"step": 0, "rollout": make_file()})
    assert str(caught.value) == "step must be 1 or greater, not 0."


def test_place_of_a_mistake_is_that_of_its_nearest_parent() -> None:
    positions = {"": "f:1:1", "traffic": "f:5:1"}
    mistakes = [Mistake(("traffic", "original_version"), "a"), Mistake(("metrics", 0), "b")]
    assert locate_mistakes(mistakes, positions) == [
        {"path": "traffic.original_version", "position": "f:5:1", "message": "a"},
        {"path": "metrics[0]", "position": "f:1:1", "message": "b"},
    ]
    assert locate_mistakes(mistakes[:1], {})[0]["position"] is None


def test_routes_for_testers_are_part_of_the_state(rig: RolloutRig) -> None:
    match = {"headers": {"x-tester": "yes"}}
    steps = [{"match": match, "approval": True}, {"weight": 50, "approval": True, "metrics": []}, {"weight": 100}]
    file = make_file(steps=steps, metrics=[])
    assert rig.run(file=file)["canary_state"] == "waiting"
    assert rig.routes()[0]["match"] == [{"headers": {"x-tester": {"exact": "yes"}}}]
    # They stay for the next steps.
    assert rig.run("approve", step=1, file=file)["canary_state"] == "waiting"
    assert len(rig.routes()) == 2
    rig.set_routes(rig.routes()[1:])
    held = rig.run(file=file)
    assert summary(held) == ("held", False, False)
    assert held["msg"] == f"The match routes of step 2 differ from those in the file. {UNDO}"
    assert summary(rig.run("rollback", file=file)) == ("rolled_back", True, True)
    assert len(rig.routes()) == 1


def test_changed_conditions_of_testers_are_held(rig: RolloutRig) -> None:
    steps = [{"match": {"headers": {"x-tester": "yes"}}, "approval": True}, {"weight": 100}]
    assert rig.run(file=make_file(steps=steps, metrics=[]))["canary_state"] == "waiting"
    steps[0]["match"] = {"headers": {"x-tester": "no"}}
    assert rig.run(file=make_file(steps=steps, metrics=[]))["canary_state"] == "held"


def test_annotation_that_is_not_a_state_is_held(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    found = json.loads(json.dumps(rig.cluster.find("VirtualService", NAMESPACE, "reviews")))
    found["metadata"]["annotations"] = {ANNOTATION: "[]"}
    rig.cluster.store(found)
    held = rig.run(file=APPROVAL)
    assert summary(held) == ("held", False, False)
    assert held["msg"].startswith("The annotation does not have the keys of a rollout.")


def test_problem_of_the_routes_is_held(rig: RolloutRig) -> None:
    rig.run(file=APPROVAL)
    set_subsets(rig, "v1", "v2", "v3")
    rig.set_routes([make_split(v1=80, v2=10, v3=10)])
    held = rig.run(file=APPROVAL)
    assert summary(held) == ("held", False, False)
    assert "VirtualService bookinfo/reviews" in held["msg"]


def test_other_clusters_of_the_mesh_are_read_for_their_deployments(rig: RolloutRig) -> None:
    file = make_file()
    file["release"]["gray_deployments"][0]["cluster_id"] = "c-2"
    file["traffic"]["clusters"] = {"c-2": {"host": "https://other.example.com", "api_key": "CANARY-other"}}
    result = rig.run(file=file)
    assert result["canary_state"] == "promoted"
    assert rig.hosts == ["https://cluster.example.com", "https://other.example.com"]
