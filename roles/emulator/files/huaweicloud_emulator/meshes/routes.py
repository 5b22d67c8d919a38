# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on meshes."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.meshes import errors, models
from huaweicloud_emulator.messages import HttpRequest, HttpResponse

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState


def _get(emulator: EmulatorState, call: HttpRequest) -> dict[str, t.Any]:
    record = models.get(emulator, call.path_values["project_id"], call.path_values["mesh_id"])
    if record is None:
        raise errors.missing(call.path_values["mesh_id"])
    return record


def _shown(emulator: EmulatorState, record: dict[str, t.Any]) -> dict[str, t.Any]:
    shown = models.view(emulator, record)
    models.observe(emulator, record)
    return shown


def list_meshes(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    found = models.of_project(emulator, call.path_values["project_id"])
    return HttpResponse(
        200, {"apiVersion": "v1", "kind": "MeshList", "items": [_shown(emulator, record) for record in found]}
    )


def show_mesh(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    return HttpResponse(200, _shown(emulator, _get(emulator, call)))


def create_mesh(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    project_id, name = call.path_values["project_id"], call.content["metadata"]["name"]
    if any(record["name"] == name for record in models.of_project(emulator, project_id)):
        raise errors.taken(emulator.behaviors, name)
    return HttpResponse(201, models.view(emulator, models.create(emulator, project_id, call.content)))


def delete_mesh(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record = _get(emulator, call)
    if record["phase"] == "Deleting":
        raise errors.being_deleted(record["uid"])
    models.force(emulator, record, "Deleting")
    record["forced"] = False
    return HttpResponse(200, models.view(emulator, record))


def of_call(emulator: EmulatorState, call: HttpRequest, writing: bool) -> dict[str, t.Any]:
    """The mesh of a v2 operation: it must exist in the caller's project and, to write below it, run."""
    mesh_id = call.path_values["mesh_id"]
    record = models.get(emulator, call.who.project_id, mesh_id)
    if record is None:
        raise errors.unknown_parent(emulator.behaviors, mesh_id)
    if writing and record["phase"] != "Running":
        raise errors.not_running(mesh_id, record["phase"])
    return record


HANDLERS = {"ListMeshes": list_meshes, "ShowMesh": show_mesh, "CreateMesh": create_mesh, "DeleteMesh": delete_mesh}
