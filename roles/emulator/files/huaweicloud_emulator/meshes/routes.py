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


def _get(emulator: EmulatorState, request: HttpRequest) -> dict[str, t.Any]:
    record = models.get(emulator, request.path_values["project_id"], request.path_values["mesh_id"])
    if record is None:
        raise errors.not_found(request.path_values["mesh_id"])
    return record


def _read(emulator: EmulatorState, record: dict[str, t.Any]) -> dict[str, t.Any]:
    body = models.view(emulator, record)
    models.count_read(emulator, record)
    return body


def list_meshes(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    records = models.list_by_project(emulator, request.path_values["project_id"])
    return HttpResponse(
        200, {"apiVersion": "v1", "kind": "MeshList", "items": [_read(emulator, record) for record in records]}
    )


def show_mesh(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, _read(emulator, _get(emulator, request)))


def create_mesh(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    project_id, name = request.path_values["project_id"], request.content["metadata"]["name"]
    if any(record["name"] == name for record in models.list_by_project(emulator, project_id)):
        raise errors.name_in_use(emulator.behaviors, name)
    return HttpResponse(201, models.view(emulator, models.create(emulator, project_id, request.content)))


def delete_mesh(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record = _get(emulator, request)
    if record["phase"] == "Deleting":
        raise errors.deletion_in_progress(record["uid"])
    if emulator.behaviors["mesh_with_contents"] == "refuse" and models.has_contents(emulator, record):
        raise errors.not_empty(record["uid"])
    models.set_phase(emulator, record, "Deleting")
    record["forced"] = False
    return HttpResponse(200, models.view(emulator, record))


def get_mesh(emulator: EmulatorState, request: HttpRequest, writing: bool) -> dict[str, t.Any]:
    """Return the mesh of a v2 operation. It must exist in the project of the caller and, for writes, be Running."""
    mesh_id = request.path_values["mesh_id"]
    record = models.get(emulator, request.caller.project_id, mesh_id)
    if record is None:
        raise errors.mesh_not_found(emulator.behaviors, mesh_id)
    if writing and record["phase"] != "Running":
        raise errors.not_running(mesh_id, record["phase"])
    return record


HANDLERS = {"ListMeshes": list_meshes, "ShowMesh": show_mesh, "CreateMesh": create_mesh, "DeleteMesh": delete_mesh}
