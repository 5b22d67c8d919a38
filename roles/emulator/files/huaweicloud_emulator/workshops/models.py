# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workshops. They have no phase: they are listed, and some time after a delete they are not."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.clock import asm_time
from huaweicloud_emulator.world import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Record = t.Dict[str, t.Any]


def create(world: World, mesh_id: str, body: t.Mapping[str, t.Any]) -> Record:
    """Names are not compared here: the seed may want two of one name."""
    now = world.clock.now()
    record: Record = {
        "uid": new_uid(),
        "mesh_id": mesh_id,
        "name": body["metadata"]["name"],
        "description": body.get("description") or "",
        "spec": _known(body["spec"]),
        "state": "new" if world.switches["workshop_listed_after"] else "up",
        "created": now,
        "updated": now,
    }
    progress.start(world, record)
    return world.stores.workshops.put(record["uid"], record)


def _known(spec: t.Mapping[str, t.Any]) -> Record:
    """The documented fields; what else was sent is ignored."""
    ingress = {
        name: spec["ingress"][name] for name in ("elbId", "elbIp", "port", "imageAddress") if name in spec["ingress"]
    }
    return {"primaryCluster": spec["primaryCluster"], "ingress": ingress}


def _settle(world: World, record: Record) -> bool:
    """Lets the workshop advance; false when it is gone."""
    if record["state"] == "new" and progress.due(world, record, "workshop_listed_after"):
        record.update(state="up", updated=world.clock.now())
        world.stores.workshops.put(record["uid"], record)
    if record["state"] == "deleting" and progress.due(world, record, "gone_after"):
        world.stores.workshops.remove(record["uid"])
        return False
    return True


def of_mesh(world: World, mesh_id: str) -> list[Record]:
    return [record for record in world.stores.workshops.find(mesh_id=mesh_id) if _settle(world, record)]


def listed(world: World, mesh_id: str) -> list[Record]:
    """What a list shows; being looked at lets it advance."""
    found = of_mesh(world, mesh_id)
    shown = [record for record in found if record["state"] != "new"]
    for record in found:
        if record["state"] != "up":
            progress.observe(record)
            world.stores.workshops.put(record["uid"], record)
    return shown


def delete(world: World, record: Record) -> None:
    """Begins the removal; a second delete does not begin it anew."""
    if record["state"] == "deleting":
        return
    record.update(state="deleting", updated=world.clock.now())
    progress.start(world, record)
    world.stores.workshops.put(record["uid"], record)
    _settle(world, record)


def view(world: World, record: Record) -> Record:
    form = world.switches["asm_time_format"]
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
