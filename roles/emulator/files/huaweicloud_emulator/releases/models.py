# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases and their traffic."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import format_asm_time
from huaweicloud_emulator.cluster import paths, release_routes, traffic, workloads
from huaweicloud_emulator.releases import deployments, phases, templates, weights
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

IDENTITY = ("serviceName", "clusterID", "deploymentName", "version", "type")


def _put(emulator: EmulatorState, record: Record) -> Record:
    return emulator.stores.releases.put(record["uid"], record)


def create(emulator: EmulatorState, mesh_id: str, body: t.Mapping[str, t.Any]) -> Record:
    """Create a release. Names and services are not checked, because a seed can have duplicates."""
    now, metadata, spec = emulator.clock.now(), body["metadata"], body["spec"]
    record: Record = {
        "uid": new_uid(),
        "mesh_id": mesh_id,
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "spec": {name: spec[name] for name in IDENTITY},
        "gray": [templates.build_entry(entry["clusterID"], entry["template"]) for entry in spec["grayDeployments"]],
        "original_uid": new_uid(),
        "traffic": None,
        "created": now,
        "updated": now,
    }
    phases.start(emulator, record)
    _put(emulator, record)
    workloads.ensure_original(emulator, record, templates.build_original(record))
    workloads.apply_gray(emulator, record)
    release_routes.edit_routes(emulator, _get_service(emulator, record), record["spec"]["version"])
    return record


def mark_running(emulator: EmulatorState, record: Record) -> None:
    """Put a release into its last phase, as for a seed."""
    phases.enter_state(emulator, record, "running")
    _put(emulator, record)


def _advance(emulator: EmulatorState, record: Record) -> bool:
    state = record["state"]
    stays = phases.advance(emulator, record)
    if state in phases.TERMINATING and (not stays or record["state"] in phases.TERMINATED):
        _finish(emulator, record, state == "ending")
    if stays:
        return True
    emulator.stores.releases.remove(record["uid"])
    return False


def _finish(emulator: EmulatorState, record: Record, promotes: bool) -> None:
    """Remove the Deployments of the version that no longer runs."""
    if promotes:
        deployments.promote(emulator, record)
        workloads.finish_promotion(emulator, record)
    else:
        workloads.delete_gray(emulator, record)


def list_by_mesh(emulator: EmulatorState, mesh_id: str) -> list[Record]:
    return [record for record in emulator.stores.releases.find(mesh_id=mesh_id) if _advance(emulator, record)]


def advance_all(emulator: EmulatorState) -> None:
    """Advance the releases of all meshes, as a read of each list does."""
    for record in list(emulator.stores.releases.records.values()):
        _advance(emulator, record)


def count_cluster_read(emulator: EmulatorState, cluster: str, namespace: str | None) -> None:
    """Count a read of the Deployments of a cluster as a read of the releases that they belong to."""
    for record in emulator.stores.releases.records.values():
        clusters = {record["spec"]["clusterID"], *(entry["cluster_id"] for entry in record["gray"])}
        if cluster in clusters and namespace in (None, record["namespace"]):
            count_read(emulator, record)


def find(emulator: EmulatorState, mesh_id: str, namespace: str, key: str) -> Record | None:
    """Find a release by UID or name, depending on the behavior ``release_key``."""
    fields = {"both": ("uid", "name"), "uid": ("uid",), "name": ("name",)}[emulator.behaviors["release_key"]]
    records = [record for record in list_by_mesh(emulator, mesh_id) if record["namespace"] == namespace]
    return next((record for field in fields for record in records if record[field] == key), None)


def find_active_release(emulator: EmulatorState, mesh_id: str, namespace: str, service: str) -> Record | None:
    """Return the active release of a Service, which has at most one, or ``None``."""
    for record in list_by_mesh(emulator, mesh_id):
        if (
            record["namespace"] == namespace
            and record["spec"]["serviceName"] == service
            and record["state"] not in phases.TERMINATED
        ):
            return record
    return None


def count_read(emulator: EmulatorState, record: Record) -> None:
    if record["state"] == "starting" or record["state"] in phases.TERMINATING:
        progress.count_read(record)
        _put(emulator, record)


def receives_all_traffic(emulator: EmulatorState, record: Record, *, gray: bool) -> bool:
    """Return whether the grayscale or the original version receives all traffic.

    Every route of a VirtualService to the Service counts. Without such routes, the control plane sets the traffic.
    """
    routes = traffic.list_routes(emulator, _get_service(emulator, record))
    if not routes:
        return weights.get_gray_weight(emulator, record) == (100 if gray else 0)
    names = weights.list_gray_names(record) if gray else {record["spec"]["deploymentName"]}
    totals = [sum(share for name, share in route.shares.items() if name in names) for route in routes]
    return all(round(total, 6) == 100 for total in totals)


def _get_service(emulator: EmulatorState, record: Record) -> traffic.Service:
    mesh = emulator.stores.meshes.records[record["mesh_id"]]
    clusters = [*paths.list_clusters(mesh), record["spec"]["clusterID"]]
    clusters += [entry["cluster_id"] for entry in record["gray"]]
    return traffic.Service(tuple(dict.fromkeys(clusters)), record["namespace"], record["spec"]["serviceName"])


def set_gray_weight(emulator: EmulatorState, record: Record, gray: int) -> None:
    record["traffic"] = gray
    _put(emulator, record)


def change_images(emulator: EmulatorState, record: Record, sent: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Change the images and restart the rollout. Other differences are rejected."""
    entries = templates.apply_update(emulator, record, sent)
    if entries != record["gray"]:
        before = record["updated"]
        record["gray"] = entries
        phases.start(emulator, record)
        # Times have whole seconds, and two updates within a second must have different times.
        record["updated"] = max(record["updated"], before + 1)
        _put(emulator, record)
        workloads.apply_gray(emulator, record)


def terminate(emulator: EmulatorState, record: Record, state: str) -> None:
    """Enter the state ``ending`` or ``canceling``."""
    phases.enter_state(emulator, record, state)
    _put(emulator, record)
    _advance(emulator, record)


def remove(emulator: EmulatorState, record: Record) -> None:
    emulator.stores.releases.remove(record["uid"])


def set_phase(emulator: EmulatorState, record: Record, phase: str, state: str | None) -> None:
    """Set a phase, which stays until the next operation on the release."""
    phases.enter_state(emulator, record, state or phases.infer_state(emulator, record, phase), forced=phase)
    if record["state"] in phases.TERMINATED:
        _finish(emulator, record, record["state"] == "ended")
    _put(emulator, record)


def view(emulator: EmulatorState, record: Record) -> Record:
    form = emulator.behaviors["asm_time_format"]
    return {
        "kind": "Release",
        "apiVersion": "asm/v2",
        "metadata": {
            "name": record["name"],
            "namespace": record["namespace"],
            "meshID": record["mesh_id"],
            "uid": record["uid"],
            "creationTimestamp": format_asm_time(record["created"], form),
        },
        "spec": dict(
            record["spec"],
            grayDeployments=[templates.render_entry(emulator, record, entry) for entry in record["gray"]],
        ),
        "status": {
            "phase": phases.get_phase(emulator, record),
            "startTime": format_asm_time(record["created"], form),
            "updateTime": format_asm_time(record["updated"], form),
            "deployment": templates.render_original_deployment(emulator, record),
            "grayDeployments": [templates.render_gray_deployment(emulator, record, entry) for entry in record["gray"]],
        },
    }
