# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on workshops."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.meshes import routes as meshes
from huaweicloud_emulator.messages import Call, Reply
from huaweicloud_emulator.workshops import errors, models

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World


def create_workshop(world: World, call: Call) -> Reply:
    mesh = meshes.of_call(world, call, writing=True)
    name = call.content["metadata"]["name"]
    if any(record["name"] == name for record in models.of_mesh(world, mesh["uid"])):
        raise errors.taken(world.switches, name)
    return Reply(200, models.view(world, models.create(world, mesh["uid"], call.content)))


def list_workshops(world: World, call: Call) -> Reply:
    """The vendor's page can be read in four ways."""
    mesh = meshes.of_call(world, call, writing=False)
    elements: list[dict[str, t.Any]] = [models.view(world, record) for record in models.listed(world, mesh["uid"])]
    shape = world.switches["workshop_list_shape"]
    if shape in ("bare", "items"):
        elements = [{"workshop": element} for element in elements]
    return Reply(200, {"items": elements} if shape.startswith("items") else elements)


def delete_workshop(world: World, call: Call) -> Reply:
    mesh = meshes.of_call(world, call, writing=False)
    key, fields = call.path_values["workshop"], {"name": ("name",), "uid": ("uid",), "both": ("name", "uid")}
    accepted = fields[world.switches["workshop_delete_key"]]
    for record in models.of_mesh(world, mesh["uid"]):
        if any(record[field] == key for field in accepted):
            models.delete(world, record)
            return Reply(200)
    raise errors.missing(world.switches, key)


HANDLERS = {"CreateWorkshop": create_workshop, "GetWorkshops": list_workshops, "DeleteWorkshop": delete_workshop}
