# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments of the clusters: those of seeds and clients, and those of releases."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.cluster import objects, pods, rollout
from huaweicloud_emulator.cluster.objects import Writer
from huaweicloud_emulator.cluster.resources import DEPLOYMENTS
from huaweicloud_emulator.kubernetes import defaults

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Record = t.Dict[str, t.Any]

SERVICE = Writer("asm-release", "apps/v1")


def build_fields(emulator: EmulatorState, ready: int | None = None, release: str | None = None) -> Record:
    """Return the fields of the record of a new Deployment. ``ready`` is a fixed number of ready pods."""
    now = emulator.clock.now()
    return {"ready": ready, "release": release, "changed": now, "since": None, "reads": 0, "started": False}


def prepare(item: Object) -> Object:
    """Return a Deployment with the defaults of Kubernetes, without a status."""
    result = defaults.apply_defaults({name: value for name, value in item.items() if name != "status"})
    result["spec"].setdefault("replicas", 1)
    return result


def find(emulator: EmulatorState, cluster: str, namespace: str, name: str) -> Record | None:
    return objects.find(emulator, cluster, DEPLOYMENTS, namespace, name)


def advance(
    emulator: EmulatorState,
    cluster: str,
    namespace: str | None,
    selects: t.Callable[[Record], bool] = lambda record: True,
) -> list[Record]:
    """Let the controllers act on the selected Deployments of a namespace, or of a whole cluster, and return those that remain.

    A request advances only the Deployments that its response can contain.
    """
    if emulator.behaviors["deployment_controller"] == "stopped":
        return []
    for record in objects.list_records(emulator, cluster, DEPLOYMENTS, namespace):
        if selects(record):
            advance_deployment(emulator, record)
    remaining = objects.list_records(emulator, cluster, DEPLOYMENTS, namespace)
    selected = [record for record in remaining if selects(record)]
    pods.remove_orphans(emulator, cluster, namespace, remaining)
    _synchronize_pods(emulator, cluster, namespace, selected)
    return selected


def _synchronize_pods(
    emulator: EmulatorState, cluster: str, namespace: str | None, deployments: t.Sequence[Record]
) -> None:
    groups = pods.group_by_owner(emulator, cluster, namespace)
    for record in deployments:
        pods.synchronize(emulator, record, rollout.count_ready(emulator, record), groups)


def advance_one(emulator: EmulatorState, cluster: str, namespace: str, name: str) -> list[Record]:
    """Let the controllers act on one Deployment. Return it if it still exists."""
    record = find(emulator, cluster, namespace, name)
    if record is None or emulator.behaviors["deployment_controller"] == "stopped":
        return []
    advance_deployment(emulator, record)
    remaining = [record] if find(emulator, cluster, namespace, name) is not None else []
    _synchronize_pods(emulator, cluster, namespace, remaining)
    return remaining


def set_first_status(emulator: EmulatorState) -> None:
    """Set the status of new Deployments. Their pods are created when the cluster is read."""
    for record in emulator.stores.cluster_objects.find(resource=DEPLOYMENTS.plural):
        if "status" not in record["object"]:
            advance_deployment(emulator, record)


def advance_deployment(emulator: EmulatorState, record: Record) -> None:
    """Update the status of a Deployment, or remove it at the end of its deletion."""
    if rollout.is_terminating(record) and progress.is_due(emulator, record, "deployment_gone_after"):
        objects.remove(emulator, DEPLOYMENTS, record)
        return
    ready = rollout.count_ready(emulator, record)
    if emulator.behaviors["deployment_controller"] == "works":
        objects.set_status(emulator, DEPLOYMENTS, record, rollout.build_status(emulator, record, ready))


def count_reads(emulator: EmulatorState, cluster: str, namespace: str | None) -> None:
    """Count a read of the Deployments or pods of a namespace, or of all namespaces, for those in progress."""
    for record in objects.list_records(emulator, cluster, DEPLOYMENTS, namespace):
        if record["since"] is not None:
            progress.count_read(record)
            objects.save(emulator, DEPLOYMENTS, record)


def set_ready(emulator: EmulatorState, record: Record, ready: int | None) -> None:
    """Fix the number of ready pods, or let them become ready again."""
    record["ready"] = ready
    objects.save(emulator, DEPLOYMENTS, record)


def delete(emulator: EmulatorState, record: Record) -> None:
    """Delete a Deployment: at once, or in the foreground if the behavior ``deployment_gone_after`` is set."""
    if not emulator.behaviors["deployment_gone_after"]:
        objects.remove(emulator, DEPLOYMENTS, record)
    elif not rollout.is_terminating(record):
        progress.start(emulator, record)
        objects.set_metadata(emulator, DEPLOYMENTS, record, finalizers=["foregroundDeletion"])
        pods.mark_deleted(emulator, DEPLOYMENTS, record)


# -- releases


def apply_gray(emulator: EmulatorState, release: Record) -> None:
    """Create or update the grayscale Deployments of a release."""
    for entry in release["gray"]:
        item = prepare(entry["full"])
        item["metadata"]["namespace"] = release["namespace"]
        record = find(emulator, entry["cluster_id"], release["namespace"], item["metadata"]["name"])
        fields = build_fields(emulator, release=release["uid"])
        if record is None:
            objects.insert(emulator, entry["cluster_id"], DEPLOYMENTS, item, SERVICE, uid=entry["uid"], **fields)
        else:
            record.update(fields)
            objects.replace(emulator, DEPLOYMENTS, record, item, SERVICE)


def ensure_original(emulator: EmulatorState, release: Record, item: Object) -> None:
    """Create the original Deployment of a release unless it exists, because releases assume that it does."""
    spec = release["spec"]
    if find(emulator, spec["clusterID"], release["namespace"], spec["deploymentName"]) is None:
        item = prepare(item)
        item["metadata"]["namespace"] = release["namespace"]
        fields = build_fields(emulator)
        uid = release["original_uid"]
        objects.insert(emulator, spec["clusterID"], DEPLOYMENTS, item, SERVICE, uid=uid, **fields)


def finish_promotion(emulator: EmulatorState, release: Record) -> None:
    """Delete the original Deployment. The grayscale ones no longer belong to the release."""
    spec = release["spec"]
    original = find(emulator, spec["clusterID"], release["namespace"], spec["deploymentName"])
    if original is not None:
        delete(emulator, original)
    for record in list_gray(emulator, release):
        ready = rollout.count_ready(emulator, record)
        record.update(build_fields(emulator, ready=None if ready == rollout.get_replicas(record) else ready))
        objects.save(emulator, DEPLOYMENTS, record)


def list_gray(emulator: EmulatorState, release: Record) -> list[Record]:
    """Return the existing grayscale Deployments of a release."""
    found = [
        find(emulator, entry["cluster_id"], release["namespace"], entry["full"]["metadata"]["name"])
        for entry in release["gray"]
    ]
    return [record for record in found if record is not None and record["release"] == release["uid"]]


def delete_gray(emulator: EmulatorState, release: Record) -> None:
    for record in list_gray(emulator, release):
        delete(emulator, record)
