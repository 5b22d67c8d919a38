# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of Deployments, ReplicaSets and pods: rollouts, and the Deployments of releases."""

from __future__ import annotations

import copy
import typing as t

import pytest
from cluster_objects import APPLICATION, WHEN, Cluster, path
from emulator_bodies import release_body, template

COUNTS = ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas")


@pytest.fixture
def cluster(make: t.Any) -> Cluster:
    """Return a client of a cluster whose Service has no VirtualService, so that the control plane sets the traffic."""
    return Cluster(make(seed={"applications": [{**APPLICATION, "routes": "none"}]}, running_after=0, gone_after=0))


def _release(replicas: int = 1, **spec: t.Any) -> dict[str, t.Any]:
    deployment = template()
    deployment["spec"].update(replicas=replicas, **spec)
    return release_body(grayDeployments=[{"clusterID": "demo-cluster", "template": deployment}])


def _create_release(cluster: Cluster, replicas: int = 1, **spec: t.Any) -> None:
    emulator = cluster.emulator
    assert emulator("POST", emulator.releases(), _release(replicas, **spec)).status == 200


def _finish(cluster: Cluster, action: str) -> None:
    """End or cancel the release."""
    emulator = cluster.emulator
    gray = 100 if action == "end" else 0
    emulator.control("PUT", "traffic", {"namespace": "default", "service": "reviews", "gray": gray})
    assert emulator("DELETE", emulator.releases(f"/reviews-v2?action={action}")).status == 200


def _names(cluster: Cluster, resource: str = "deployments") -> list[str]:
    return [item["metadata"]["name"] for item in cluster.list(resource)]


def _status(cluster: Cluster, name: str) -> dict[str, t.Any]:
    return cluster.get("deployments", name)["status"]


def _condition(status: dict[str, t.Any], kind: str) -> tuple[str, str]:
    (found,) = [entry for entry in status["conditions"] if entry["type"] == kind]
    return found["status"], found["reason"]


# -- Deployments and pods


def test_status_of_a_ready_deployment(cluster: Cluster) -> None:
    status = _status(cluster, "reviews-v1")
    hash_of_template = cluster.list("replicasets")[0]["metadata"]["labels"]["pod-template-hash"]
    times = {"lastUpdateTime": status["conditions"][0]["lastUpdateTime"]}
    times["lastTransitionTime"] = times["lastUpdateTime"]
    assert status == {
        **dict(zip(COUNTS, (1, 2, 2, 2, 2))),
        "conditions": [
            {
                "type": "Available",
                "status": "True",
                "reason": "MinimumReplicasAvailable",
                "message": "Deployment has minimum availability.",
                **times,
            },
            {
                "type": "Progressing",
                "status": "True",
                "reason": "NewReplicaSetAvailable",
                "message": f'ReplicaSet "reviews-v1-{hash_of_template}" has successfully progressed.',
                **times,
            },
        ],
    }


def test_pods_belong_to_the_replica_set(cluster: Cluster) -> None:
    (replica_set,) = cluster.list("replicasets")
    deployment = cluster.get("deployments", "reviews-v1")
    (owner,) = replica_set["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Deployment", deployment["metadata"]["uid"])
    assert replica_set["status"] == {
        "replicas": 2,
        "fullyLabeledReplicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "observedGeneration": 1,
    }
    for pod in cluster.list("pods"):
        assert pod["metadata"]["labels"] == replica_set["spec"]["selector"]["matchLabels"]
        assert pod["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]
        assert (pod["status"]["phase"], pod["metadata"]["name"].startswith(replica_set["metadata"]["name"])) == (
            "Running",
            True,
        )


def test_scaling_and_new_templates_replace_pods(cluster: Cluster) -> None:
    cluster.patch("deployments", "reviews-v1", {"spec": {"replicas": 3}})
    before = _names(cluster, "pods")
    cluster.patch("deployments", "reviews-v1", {"spec": {"replicas": 1}})
    assert _names(cluster, "pods") == before[:1]
    image = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "registry.example.com/x:2"}
    cluster.patch("deployments", "reviews-v1", [image])
    (pod,) = cluster.list("pods")
    assert pod["spec"]["containers"][0]["image"] == "registry.example.com/x:2"
    assert (len(cluster.list("replicasets")), _status(cluster, "reviews-v1")["observedGeneration"]) == (1, 4)


def test_deleted_pod_is_replaced(cluster: Cluster) -> None:
    before = _names(cluster, "pods")
    response = cluster("DELETE", path("pods", before[0]))
    assert response.json["metadata"]["deletionTimestamp"] == WHEN
    after = _names(cluster, "pods")
    assert (len(after), before[0] in after, before[1] in after) == (2, False, True)


def test_deleted_deployment_takes_its_pods_along(cluster: Cluster) -> None:
    assert cluster("DELETE", path("deployments", "reviews-v1")).status == 200
    assert [_names(cluster, kind) for kind in ("deployments", "replicasets", "pods")] == [[], [], []]


def test_ready_pods_can_be_set(cluster: Cluster) -> None:
    set_ready = {"deployment": "reviews-v1", "ready": 1}
    assert cluster.emulator.control("PUT", "ready_pods", set_ready) == set_ready
    assert sorted(cluster.versions("v1")) == [False, True]
    status = _status(cluster, "reviews-v1")
    assert (status["readyReplicas"], status["unavailableReplicas"]) == (1, 1)
    assert [_condition(status, kind) for kind in ("Available", "Progressing")] == [
        ("False", "MinimumReplicasUnavailable"),
        ("True", "NewReplicaSetAvailable"),
    ]
    cluster.emulator.control("PUT", "ready_pods", {"deployment": "reviews-v1", "ready": None})
    assert cluster.versions("v1") == [True, True]
    for ready, text in ((True, "ready: must be"), (-1, "ready: must be")):
        wrong = {"deployment": "reviews-v1", "ready": ready}
        assert text in cluster.emulator.control("PUT", "ready_pods", wrong, status=400)["error"]
    missing = cluster.emulator.control("PUT", "ready_pods", {"deployment": "x", "ready": 1}, status=400)
    assert missing["error"] == "the deployment x does not exist"


def test_new_deployment_becomes_ready_step_by_step(cluster: Cluster) -> None:
    cluster.emulator.set(pods_ready_after=4)
    item = template("v3") | {"spec": {**template("v3")["spec"], "replicas": 2}}
    assert cluster.create(item).status == 201
    ready = [_status(cluster, "reviews-v3").get("readyReplicas", 0) for unused in range(5)]
    assert ready == [0, 0, 1, 1, 2]


def test_stopped_controller_does_not_observe_changes(cluster: Cluster) -> None:
    assert _status(cluster, "reviews-v1")["observedGeneration"] == 1
    cluster.emulator.set(deployment_controller="stopped")
    cluster.patch("deployments", "reviews-v1", {"spec": {"replicas": 5}})
    item = cluster.get("deployments", "reviews-v1")
    assert (item["metadata"]["generation"], item["status"]["observedGeneration"]) == (2, 1)
    assert len(cluster.list("pods")) == 2


def test_transition_times_change_with_the_status_only(cluster: Cluster) -> None:
    first = _status(cluster, "reviews-v1")["conditions"]
    cluster.emulator.state.clock.advance(60)
    assert _status(cluster, "reviews-v1")["conditions"] == first
    cluster.emulator.control("PUT", "ready_pods", {"deployment": "reviews-v1", "ready": 0})
    available, progressing = _status(cluster, "reviews-v1")["conditions"]
    assert (available["lastTransitionTime"], progressing) == ("2027-01-15T08:01:00Z", first[1])


# -- Deployments of releases


def test_release_creates_gray_deployment(make: t.Any) -> None:
    cluster = Cluster(make(seed={"applications": [APPLICATION]}, running_after=2))
    _create_release(cluster, 2)
    read = cluster.emulator("GET", cluster.emulator.releases("/reviews-v2")).json["status"]
    item = cluster.get("deployments", "reviews-v2")
    assert item["metadata"]["uid"] == read["grayDeployments"][0]["metadata"]["uid"]
    assert item["status"] == read["grayDeployments"][0]["status"]
    assert dict(item["status"], conditions=[]) == {
        **dict(zip(COUNTS, (1, 2, 2))),
        "unavailableReplicas": 2,
        "conditions": [],
    }
    assert _condition(item["status"], "Progressing") == ("True", "ReplicaSetUpdated")
    assert read["deployment"]["metadata"]["uid"] == cluster.get("deployments", "reviews-v1")["metadata"]["uid"]
    assert cluster.versions("v2") == [True, True]


def test_release_creates_missing_original_deployment(make: t.Any) -> None:
    cluster = Cluster(make(running_after=0))
    _create_release(cluster)
    assert _names(cluster) == ["reviews-v1", "reviews-v2"]
    assert (cluster.versions("v1"), cluster.versions("v2")) == ([True], [True])


def test_reads_of_the_cluster_advance_the_release(make: t.Any) -> None:
    cluster = Cluster(make(running_after=2))
    _create_release(cluster)
    assert [cluster.versions("v2") for unused in range(3)] == [[False], [False], [True]]


def test_time_advances_the_release_in_the_cluster(make: t.Any) -> None:
    cluster = Cluster(make(advance_by="seconds", running_after=30, pods_ready_after=10))
    _create_release(cluster)
    assert cluster.versions("v2") == [False]
    cluster.emulator.state.clock.advance(30)
    assert cluster.versions("v2") == [False]
    cluster.emulator.state.clock.advance(10)
    assert cluster.versions("v2") == [True]


def test_pods_can_stay_unready(cluster: Cluster) -> None:
    cluster.emulator.set(gray_pods="never")
    _create_release(cluster)
    assert cluster.versions("v2") == [False]
    assert _condition(_status(cluster, "reviews-v2"), "Progressing") == ("True", "ReplicaSetUpdated")
    cluster.emulator.state.clock.advance(601)
    status = _status(cluster, "reviews-v2")
    assert _condition(status, "Progressing") == ("False", "ProgressDeadlineExceeded")
    assert _condition(status, "Available") == ("False", "MinimumReplicasUnavailable")
    read = cluster.emulator("GET", cluster.emulator.releases("/reviews-v2")).json["status"]
    assert (read["phase"], read["grayDeployments"][0]["status"]) == ("Running", status)


def test_progress_deadline_can_be_exceeded_at_once(cluster: Cluster) -> None:
    cluster.emulator.set(gray_pods="deadline_exceeded")
    _create_release(cluster)
    assert _condition(_status(cluster, "reviews-v2"), "Progressing") == ("False", "ProgressDeadlineExceeded")
    assert cluster.versions("v1") == [True, True]


def test_unavailable_pods_within_the_strategy(cluster: Cluster) -> None:
    cluster.emulator.set(pods_ready_after=4)
    _create_release(cluster, 4, strategy={"rollingUpdate": {"maxUnavailable": 1}})
    seen = [_condition(_status(cluster, "reviews-v2"), "Available")[0] for unused in range(5)]
    assert seen == ["False", "False", "False", "True", "True"]


def test_update_of_the_release_changes_the_deployment(cluster: Cluster) -> None:
    _create_release(cluster)
    first = _names(cluster, "replicasets")
    body = copy.deepcopy(_release())
    container = body["spec"]["grayDeployments"][0]["template"]["spec"]["template"]["spec"]["containers"][0]
    container["image"] = "registry.example.com/reviews:2.1"
    assert cluster.emulator("PUT", cluster.emulator.releases("/reviews-v2"), body).status == 200
    item = cluster.get("deployments", "reviews-v2")
    assert (item["metadata"]["generation"], item["status"]["observedGeneration"]) == (2, 2)
    assert item["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/reviews:2.1"
    assert len(set(_names(cluster, "replicasets")) - set(first)) == 1


def test_promotion_removes_the_original_deployment(cluster: Cluster) -> None:
    _create_release(cluster)
    _finish(cluster, "end")
    assert _names(cluster) == ["reviews-v2"]
    assert (cluster.versions("v1"), cluster.versions("v2")) == ([], [True])


def test_original_deployment_can_be_deleted_slowly(cluster: Cluster) -> None:
    cluster.emulator.set(deployment_gone_after=2)
    _create_release(cluster)
    _finish(cluster, "end")
    item = cluster.get("deployments", "reviews-v1")
    assert (item["metadata"]["deletionTimestamp"], item["metadata"]["finalizers"]) == (WHEN, ["foregroundDeletion"])
    assert (item["status"].get("readyReplicas"), item["status"]["unavailableReplicas"]) == (None, 2)
    pods = cluster.list("pods", "labelSelector=version%3Dv1")
    assert [pod["metadata"]["deletionGracePeriodSeconds"] for pod in pods] == [30, 30]
    assert _names(cluster) == ["reviews-v2"]


def test_original_deployment_stays_while_the_release_ends(cluster: Cluster) -> None:
    cluster.emulator.set(gone_after=2)
    _create_release(cluster)
    _finish(cluster, "end")
    assert [_names(cluster) for unused in range(3)] == [["reviews-v1", "reviews-v2"]] * 2 + [["reviews-v2"]]


def test_cancellation_removes_the_gray_deployment(cluster: Cluster) -> None:
    cluster.emulator.set(gone_after=1)
    _create_release(cluster)
    _finish(cluster, "cancel")
    assert cluster.versions("v2") == [False]
    assert (_names(cluster), cluster.versions("v2"), cluster.versions("v1")) == (["reviews-v1"], [], [True, True])


def test_three_promotions_in_a_row(cluster: Cluster) -> None:
    emulator = cluster.emulator
    for number in (2, 3, 4):
        deployment = template(f"v{number}")
        body = release_body(
            deploymentName=f"reviews-v{number - 1}",
            version=f"v{number}",
            grayDeployments=[{"clusterID": "demo-cluster", "template": deployment}],
        )
        assert emulator("POST", emulator.releases(), body).status == 200
        assert cluster.versions(f"v{number}") == [True]
        _finish(cluster, "end")
        assert _names(cluster) == [f"reviews-v{number}"]


def test_release_again_after_original_was_recreated(cluster: Cluster) -> None:
    original = cluster.get("deployments", "reviews-v1")
    _create_release(cluster)
    _finish(cluster, "end")
    missing = cluster.emulator("POST", cluster.emulator.releases(), release_body(version="v3"))
    assert (missing.status, "The deployment reviews-v1 does not exist" in missing.message) == (400, True)
    original["metadata"] = {"name": "reviews-v1", "namespace": "default"}
    assert cluster.create(original).status == 201
    assert cluster.emulator("POST", cluster.emulator.releases(), release_body(version="v3")).status == 200


@pytest.mark.parametrize("state, names", [("ended", ["reviews-v2"]), ("canceled", ["reviews-v1"])])
def test_transitions_of_the_control_plane(cluster: Cluster, state: str, names: list[str]) -> None:
    _create_release(cluster)
    body = {"kind": "release", "name": "reviews-v2", "namespace": "default", "phase": "Done", "state": state}
    cluster.emulator.control("POST", "transitions", body)
    assert _names(cluster) == names
