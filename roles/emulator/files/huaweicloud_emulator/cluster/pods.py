# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ReplicaSet and the pods of a Deployment."""

from __future__ import annotations

import copy
import typing as t

from huaweicloud_emulator.clock import format_rfc3339
from huaweicloud_emulator.cluster import objects, rollout
from huaweicloud_emulator.cluster.objects import Writer
from huaweicloud_emulator.cluster.resources import PODS, REPLICA_SETS, Resource
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Record = t.Dict[str, t.Any]

HASH = "pod-template-hash"
CONTROLLER = "kube-controller-manager"


def group_by_owner(emulator: EmulatorState, cluster: str, namespace: str | None) -> dict[str, list[Record]]:
    """Return the pods of a namespace, or of a whole cluster, by the UID of their ReplicaSet."""
    groups: dict[str, list[Record]] = {}
    for record in objects.list_records(emulator, cluster, PODS, namespace):
        groups.setdefault(_owner_uid(record) or "", []).append(record)
    return groups


def synchronize(emulator: EmulatorState, deployment: Record, ready: int, groups: dict[str, list[Record]]) -> None:
    """Create, update and remove ReplicaSet and pods, so that they fit the Deployment."""
    replica_set = _synchronize_replica_set(emulator, deployment, ready)
    count = rollout.get_replicas(deployment)
    own = groups.get(replica_set["object"]["metadata"]["uid"], [])
    for record in own[count:]:
        objects.remove(emulator, PODS, record)
    own = own[:count]
    own += [_create_pod(emulator, replica_set) for unused in range(count - len(own))]
    for index, record in enumerate(own):
        if rollout.is_terminating(deployment) and not rollout.is_terminating(record):
            mark_deleted(emulator, PODS, record, 30)
        objects.set_status(emulator, PODS, record, _build_pod_status(emulator, record, index < ready))


def remove_orphans(
    emulator: EmulatorState, cluster: str, namespace: str | None, deployments: t.Sequence[Record]
) -> None:
    """Remove ReplicaSets and pods whose owner does not exist, as the garbage collector does."""
    owners = {record["object"]["metadata"]["uid"] for record in deployments}
    current = {f"{record['name']}-{rollout.hash_template(emulator, record)}" for record in deployments}
    kept = set()
    for record in objects.list_records(emulator, cluster, REPLICA_SETS, namespace):
        if _owner_uid(record) in owners and record["name"] in current:
            kept.add(record["object"]["metadata"]["uid"])
        else:
            objects.remove(emulator, REPLICA_SETS, record)
    for record in objects.list_records(emulator, cluster, PODS, namespace):
        if _owner_uid(record) is not None and _owner_uid(record) not in kept:
            objects.remove(emulator, PODS, record)


def mark_deleted(emulator: EmulatorState, resource: Resource, record: Record, grace: int | None = None) -> None:
    """Set the deletion timestamp of an object that is being deleted."""
    fields: Object = {"deletionTimestamp": format_rfc3339(emulator.clock.now())}
    if grace is not None:
        fields["deletionGracePeriodSeconds"] = grace
    objects.set_metadata(emulator, resource, record, **fields)


def _owner_uid(record: Record) -> str | None:
    owners = record["object"]["metadata"].get("ownerReferences", [])
    return owners[0]["uid"] if owners else None


def _build_owner(record: Record, kind: str) -> list[Object]:
    metadata = record["object"]["metadata"]
    reference = {"apiVersion": "apps/v1", "kind": kind, "name": metadata["name"], "uid": metadata["uid"]}
    return [{**reference, "controller": True, "blockOwnerDeletion": True}]


def _synchronize_replica_set(emulator: EmulatorState, deployment: Record, ready: int) -> Record:
    cluster, namespace, digest = (
        deployment["cluster"],
        deployment["namespace"],
        rollout.hash_template(emulator, deployment),
    )
    name, replicas = f"{deployment['name']}-{digest}", rollout.get_replicas(deployment)
    record = objects.find(emulator, cluster, REPLICA_SETS, namespace, name)
    if record is None:
        item = _build_replica_set(deployment, name, digest)
        record = objects.insert(emulator, cluster, REPLICA_SETS, item, Writer(CONTROLLER, "apps/v1"))
    elif record["object"]["spec"]["replicas"] != replicas:
        spec = dict(record["object"]["spec"], replicas=replicas)
        changed = dict(record["object"], spec=spec)
        objects.replace(emulator, REPLICA_SETS, record, changed, Writer(CONTROLLER, "apps/v1"))
    generation = record["object"]["metadata"]["generation"]
    counts = {"fullyLabeledReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready}
    status = {"replicas": replicas, **{field: value for field, value in counts.items() if value}}
    objects.set_status(emulator, REPLICA_SETS, record, {**status, "observedGeneration": generation})
    return record


def _build_replica_set(deployment: Record, name: str, digest: str) -> Object:
    spec = deployment["object"]["spec"]
    template = copy.deepcopy(spec["template"])
    template.setdefault("metadata", {})["labels"] = {**template["metadata"].get("labels", {}), HASH: digest}
    selector = copy.deepcopy(spec["selector"])
    selector["matchLabels"] = {**selector.get("matchLabels", {}), HASH: digest}
    return {
        "metadata": {
            "name": name,
            "namespace": deployment["namespace"],
            "labels": dict(template["metadata"]["labels"]),
            "annotations": {"deployment.kubernetes.io/desired-replicas": str(spec.get("replicas", 1))},
            "ownerReferences": _build_owner(deployment, "Deployment"),
        },
        "spec": {"replicas": spec.get("replicas", 1), "selector": selector, "template": template},
    }


def _create_pod(emulator: EmulatorState, replica_set: Record) -> Record:
    template = replica_set["object"]["spec"]["template"]
    metadata: Object = {
        "name": f"{replica_set['name']}-{new_uid()[:5]}",
        "generateName": f"{replica_set['name']}-",
        "namespace": replica_set["namespace"],
        "labels": dict(template["metadata"]["labels"]),
        "ownerReferences": _build_owner(replica_set, "ReplicaSet"),
    }
    if template["metadata"].get("annotations"):
        metadata["annotations"] = dict(template["metadata"]["annotations"])
    item = {"metadata": metadata, "spec": {**copy.deepcopy(template["spec"]), "nodeName": "node-1"}}
    return objects.insert(emulator, replica_set["cluster"], PODS, item, Writer(CONTROLLER, "v1"))


def _build_pod_status(emulator: EmulatorState, record: Record, ready: bool) -> Object:
    before = {entry["type"]: entry for entry in record["object"].get("status", {}).get("conditions", [])}
    names = [container["name"] for container in record["object"]["spec"]["containers"]]
    now, created = format_rfc3339(emulator.clock.now()), record["object"]["metadata"]["creationTimestamp"]
    conditions = []
    for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready"):
        done = ready or kind in ("PodScheduled", "Initialized")
        condition: Object = {"type": kind, "status": "True" if done else "False", "lastProbeTime": None}
        if not done:
            condition["reason"] = "ContainersNotReady"
            condition["message"] = f"containers with unready status: [{' '.join(names)}]"
        same = before.get(kind, {}).get("status") == condition["status"]
        condition["lastTransitionTime"] = before[kind]["lastTransitionTime"] if same else now
        conditions.append(condition)
    return {
        "phase": "Running",
        "conditions": conditions,
        "hostIP": "192.0.2.20",
        "startTime": created,
        "qosClass": "BestEffort",
        "containerStatuses": [
            _build_container_status(container, ready, created) for container in record["object"]["spec"]["containers"]
        ],
    }


def _build_container_status(container: Object, ready: bool, started: str) -> Object:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": ready,
        "started": True,
        "restartCount": 0,
        "lastState": {},
        "state": {"running": {"startedAt": started}},
    }
