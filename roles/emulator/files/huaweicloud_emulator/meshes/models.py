# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Meshes and their phases."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import asm_time
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

NEWEST = "v1.18"


def create(emulator: EmulatorState, project_id: str, body: t.Mapping[str, t.Any], uid: str | None = None) -> Record:
    """A mesh that is being made. Names are not compared here: the seed may want two of one name."""
    now = emulator.clock.now()
    record: Record = {
        "uid": uid or new_uid(),
        "project_id": project_id,
        "name": body["metadata"]["name"],
        "spec": dict({"version": NEWEST, "ipv6Enable": False}, **body["spec"]),
        "phase": "Creating",
        "created": now,
        "updated": now,
    }
    progress.start(emulator, record)
    return emulator.stores.meshes.put(record["uid"], record)


def force(emulator: EmulatorState, record: Record, phase: str) -> None:
    record.update(phase=phase, updated=emulator.clock.now(), forced=phase in ("Creating", "Deleting"))
    progress.start(emulator, record)
    emulator.stores.meshes.put(record["uid"], record)


def advance(emulator: EmulatorState, record: Record) -> bool:
    """Lets the mesh advance; false when it is gone."""
    if record.get("forced"):
        return True
    if record["phase"] == "Creating" and progress.due(emulator, record, "phase_duration"):
        force(emulator, record, "Running" if emulator.behaviors["mesh_creation"] == "succeeds" else "CreateFailed")
    elif record["phase"] == "Deleting" and progress.due(emulator, record, "deletion_duration"):
        _drop(emulator, record)
        return False
    return True


def _drop(emulator: EmulatorState, record: Record) -> None:
    """What stands in a mesh goes with it."""
    emulator.stores.meshes.remove(record["uid"])
    for store in (emulator.stores.workshops, emulator.stores.releases, emulator.stores.deployments):
        for child in store.find(mesh_id=record["uid"]):
            store.remove(child["uid"])


def observe(emulator: EmulatorState, record: Record) -> None:
    if record["phase"] in ("Creating", "Deleting"):
        progress.observe(record)
        emulator.stores.meshes.put(record["uid"], record)


def of_project(emulator: EmulatorState, project_id: str) -> list[Record]:
    return [record for record in emulator.stores.meshes.find(project_id=project_id) if advance(emulator, record)]


def get(emulator: EmulatorState, project_id: str | None, uid: str) -> Record | None:
    """The mesh, when it belongs to that project."""
    record = emulator.stores.meshes.get(uid)
    if record is None or record["project_id"] != project_id or not advance(emulator, record):
        return None
    return record


def view(emulator: EmulatorState, record: Record) -> Record:
    """As the service reads it back: no annotations, labels, tags or selectors."""
    form = emulator.behaviors["asm_time_format"]
    spec = {
        name: value
        for name, value in record["spec"].items()
        if name in ("type", "version", "region", "ipv6Enable", "config")
    }
    clusters = record["spec"].get("extendParams", {}).get("clusters", [])
    kept = [{name: cluster[name] for name in ("clusterID", "projectID") if name in cluster} for cluster in clusters]
    return {
        "apiVersion": "v1",
        "kind": "Mesh",
        "metadata": {
            "name": record["name"],
            "uid": record["uid"],
            "creationTimestamp": asm_time(record["created"], form),
        },
        "spec": dict(spec, extendParams={"clusters": kept}),
        "status": {"phase": record["phase"], "updateTimestamp": asm_time(record["updated"], form)},
    }
