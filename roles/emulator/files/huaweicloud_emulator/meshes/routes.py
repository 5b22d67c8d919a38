# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on meshes."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.meshes import errors, models
from huaweicloud_emulator.messages import Call, Reply

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World


def _get(world: World, call: Call) -> dict[str, t.Any]:
    record = models.get(world, call.path_values["project_id"], call.path_values["mesh_id"])
    if record is None:
        raise errors.missing(call.path_values["mesh_id"])
    return record


def _shown(world: World, record: dict[str, t.Any]) -> dict[str, t.Any]:
    shown = models.view(world, record)
    models.observe(world, record)
    return shown


def list_meshes(world: World, call: Call) -> Reply:
    found = models.of_project(world, call.path_values["project_id"])
    return Reply(200, {"apiVersion": "v1", "kind": "MeshList", "items": [_shown(world, record) for record in found]})


def show_mesh(world: World, call: Call) -> Reply:
    return Reply(200, _shown(world, _get(world, call)))


def create_mesh(world: World, call: Call) -> Reply:
    project_id, name = call.path_values["project_id"], call.content["metadata"]["name"]
    if any(record["name"] == name for record in models.of_project(world, project_id)):
        raise errors.taken(world.switches, name)
    return Reply(201, models.view(world, models.create(world, project_id, call.content)))


def delete_mesh(world: World, call: Call) -> Reply:
    record = _get(world, call)
    if record["phase"] == "Deleting":
        raise errors.being_deleted(record["uid"])
    models.force(world, record, "Deleting")
    record["forced"] = False
    return Reply(200, models.view(world, record))


def of_call(world: World, call: Call, writing: bool) -> dict[str, t.Any]:
    """The mesh of a v2 operation: it must exist in the caller's project and, to write below it, run."""
    mesh_id = call.path_values["mesh_id"]
    record = models.get(world, call.who.project_id, mesh_id)
    if record is None:
        raise errors.unknown_parent(world.switches, mesh_id)
    if writing and record["phase"] != "Running":
        raise errors.not_running(mesh_id, record["phase"])
    return record


HANDLERS = {"ListMeshes": list_meshes, "ShowMesh": show_mesh, "CreateMesh": create_mesh, "DeleteMesh": delete_mesh}
