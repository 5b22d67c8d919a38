# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workshops. They have no phase: they are listed, and some time after a delete they are not."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import asm_time
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def create(emulator: EmulatorState, mesh_id: str, body: t.Mapping[str, t.Any]) -> Record:
    """Names are not compared here: the seed may want two of one name."""
    now = emulator.clock.now()
    record: Record = {
        "uid": new_uid(),
        "mesh_id": mesh_id,
        "name": body["metadata"]["name"],
        "description": body.get("description") or "",
        "spec": _known(body["spec"]),
        "state": "new" if emulator.behaviors["workshop_listing_delay"] else "up",
        "created": now,
        "updated": now,
    }
    progress.start(emulator, record)
    return emulator.stores.workshops.put(record["uid"], record)


def _known(spec: t.Mapping[str, t.Any]) -> Record:
    """The documented fields; what else was sent is ignored."""
    ingress = {
        name: spec["ingress"][name] for name in ("elbId", "elbIp", "port", "imageAddress") if name in spec["ingress"]
    }
    return {"primaryCluster": spec["primaryCluster"], "ingress": ingress}


def _advance(emulator: EmulatorState, record: Record) -> bool:
    """Lets the workshop advance; false when it is gone."""
    if record["state"] == "new" and progress.due(emulator, record, "workshop_listing_delay"):
        record.update(state="up", updated=emulator.clock.now())
        emulator.stores.workshops.put(record["uid"], record)
    if record["state"] == "deleting" and progress.due(emulator, record, "deletion_duration"):
        emulator.stores.workshops.remove(record["uid"])
        return False
    return True


def of_mesh(emulator: EmulatorState, mesh_id: str) -> list[Record]:
    return [record for record in emulator.stores.workshops.find(mesh_id=mesh_id) if _advance(emulator, record)]


def listed(emulator: EmulatorState, mesh_id: str) -> list[Record]:
    """What a list shows; being looked at lets it advance."""
    found = of_mesh(emulator, mesh_id)
    shown = [record for record in found if record["state"] != "new"]
    for record in found:
        if record["state"] != "up":
            progress.observe(record)
            emulator.stores.workshops.put(record["uid"], record)
    return shown


def delete(emulator: EmulatorState, record: Record) -> None:
    """Begins the removal; a second delete does not begin it anew."""
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
            "creationTimestamp": asm_time(record["created"], form),
        },
        "spec": record["spec"],
        "status": {"updateTime": asm_time(record["updated"], form)},
    }
