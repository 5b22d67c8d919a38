# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Meshes and their phases."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import format_asm_time
from huaweicloud_emulator.releases.phases import TERMINATED
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

NEWEST = "v1.18"


def create(emulator: EmulatorState, project_id: str, body: t.Mapping[str, t.Any], uid: str | None = None) -> Record:
    """Create a mesh. Names are not checked, because a seed can have duplicates."""
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


def set_phase(emulator: EmulatorState, record: Record, phase: str) -> None:
    record.update(phase=phase, updated=emulator.clock.now(), forced=phase in ("Creating", "Deleting"))
    progress.start(emulator, record)
    emulator.stores.meshes.put(record["uid"], record)


def advance(emulator: EmulatorState, record: Record) -> bool:
    """Advance the mesh and return whether it still exists."""
    if record.get("forced"):
        return True
    if record["phase"] == "Creating" and progress.is_due(emulator, record, "running_after"):
        set_phase(emulator, record, "Running" if emulator.behaviors["mesh_creation"] == "works" else "CreateFailed")
    elif record["phase"] == "Deleting" and progress.is_due(emulator, record, "gone_after"):
        if emulator.behaviors["mesh_deletion"] == "fails":
            set_phase(emulator, record, "DeleteFailed")
            return True
        _remove_with_children(emulator, record)
        return False
    return True


def has_contents(emulator: EmulatorState, record: Record) -> bool:
    """Return whether the mesh contains workshops or active releases."""
    workshops = emulator.stores.workshops.find(mesh_id=record["uid"])
    releases = emulator.stores.releases.find(mesh_id=record["uid"])
    return bool(workshops) or any(release["state"] not in TERMINATED for release in releases)


def _remove_with_children(emulator: EmulatorState, record: Record) -> None:
    """Remove the mesh with its workshops, releases and Deployments."""
    emulator.stores.meshes.remove(record["uid"])
    for store in (emulator.stores.workshops, emulator.stores.releases, emulator.stores.deployments):
        for child in store.find(mesh_id=record["uid"]):
            store.remove(child["uid"])


def count_read(emulator: EmulatorState, record: Record) -> None:
    if record["phase"] in ("Creating", "Deleting"):
        progress.count_read(record)
        emulator.stores.meshes.put(record["uid"], record)


def list_by_project(emulator: EmulatorState, project_id: str) -> list[Record]:
    return [record for record in emulator.stores.meshes.find(project_id=project_id) if advance(emulator, record)]


def get(emulator: EmulatorState, project_id: str | None, uid: str) -> Record | None:
    """Return the mesh if it belongs to the project, or ``None``."""
    record = emulator.stores.meshes.get(uid)
    if record is None or record["project_id"] != project_id or not advance(emulator, record):
        return None
    return record


def view(emulator: EmulatorState, record: Record) -> Record:
    """Return the mesh as in responses, which contain no annotations, labels, tags or selectors."""
    form = emulator.behaviors["asm_time_format"]
    spec = {
        name: value
        for name, value in record["spec"].items()
        if name in ("type", "version", "region", "ipv6Enable", "config")
    }
    if emulator.behaviors["mesh_config_readback"] == "omitted":
        spec.pop("config", None)
    if emulator.behaviors["mesh_version_readback"] == "completed":
        spec["version"] = _complete_version(spec["version"])
    clusters = record["spec"].get("extendParams", {}).get("clusters", [])
    kept = [{name: cluster[name] for name in ("clusterID", "projectID") if name in cluster} for cluster in clusters]
    return {
        "apiVersion": "v1",
        "kind": "Mesh",
        "metadata": {
            "name": record["name"],
            "uid": record["uid"],
            "creationTimestamp": format_asm_time(record["created"], form),
        },
        "spec": dict(spec, extendParams={"clusters": kept}),
        "status": {"phase": record["phase"], "updateTimestamp": format_asm_time(record["updated"], form)},
    }


def _complete_version(version: str) -> str:
    """Return the newest patch version, as the service chooses it for a base version."""
    version = version if version.count(".") > 1 else f"{version}.7"
    return version if "-r" in version else f"{version}-r1"
