# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workshops. They have no phase, and they disappear from the list some time after a delete request."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import format_asm_time
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def create(emulator: EmulatorState, mesh_id: str, body: t.Mapping[str, t.Any]) -> Record:
    """Create a workshop. Names are not checked, because a seed can have duplicates."""
    now = emulator.clock.now()
    record: Record = {
        "uid": new_uid(),
        "mesh_id": mesh_id,
        "name": body["metadata"]["name"],
        "description": body.get("description") or "",
        "spec": _keep_documented_fields(body["spec"]),
        "state": "new" if emulator.behaviors["workshop_listed_after"] else "up",
        "created": now,
        "updated": now,
    }
    progress.start(emulator, record)
    return emulator.stores.workshops.put(record["uid"], record)


def _keep_documented_fields(spec: t.Mapping[str, t.Any]) -> Record:
    """Return the documented fields. Other fields are ignored."""
    ingress = {
        name: spec["ingress"][name] for name in ("elbId", "elbIp", "port", "imageAddress") if name in spec["ingress"]
    }
    return {"primaryCluster": spec["primaryCluster"], "ingress": ingress}


def _advance(emulator: EmulatorState, record: Record) -> bool:
    """Advance the workshop and return whether it still exists."""
    if record["state"] == "new" and progress.is_due(emulator, record, "workshop_listed_after"):
        record.update(state="up", updated=emulator.clock.now())
        emulator.stores.workshops.put(record["uid"], record)
    if record["state"] == "deleting" and progress.is_due(emulator, record, "gone_after"):
        emulator.stores.workshops.remove(record["uid"])
        return False
    return True


def list_by_mesh(emulator: EmulatorState, mesh_id: str) -> list[Record]:
    return [record for record in emulator.stores.workshops.find(mesh_id=mesh_id) if _advance(emulator, record)]


def list_visible(emulator: EmulatorState, mesh_id: str) -> list[Record]:
    """Return the workshops that a list contains, and count the read."""
    records = list_by_mesh(emulator, mesh_id)
    visible = [record for record in records if record["state"] != "new"]
    for record in records:
        if record["state"] != "up":
            progress.count_read(record)
            emulator.stores.workshops.put(record["uid"], record)
    return visible


def delete(emulator: EmulatorState, record: Record) -> None:
    """Start the deletion. A second request does not start it again."""
    if record["state"] == "deleting":
        return
    record.update(state="deleting", updated=emulator.clock.now())
    progress.start(emulator, record)
    emulator.stores.workshops.put(record["uid"], record)
    _advance(emulator, record)


def view(emulator: EmulatorState, record: Record) -> Record:
    form = emulator.behaviors["asm_time_format"]
    return {
        "description": record["description"],
        "metadata": {
            "name": record["name"],
            "uid": record["uid"],
            "creationTimestamp": format_asm_time(record["created"], form),
        },
        "spec": record["spec"],
        "status": {"updateTime": format_asm_time(record["updated"], form)},
    }
