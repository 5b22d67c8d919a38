# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on workshops."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.meshes import routes as meshes
from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.workshops import errors, models

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState


def create_workshop(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    mesh = meshes.get_mesh(emulator, request, writing=True)
    name = request.content["metadata"]["name"]
    if any(record["name"] == name for record in models.list_by_mesh(emulator, mesh["uid"])):
        raise errors.name_in_use(emulator.behaviors, name)
    return HttpResponse(200, models.view(emulator, models.create(emulator, mesh["uid"], request.content)))


def list_workshops(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    """List the workshops. The API reference allows four shapes."""
    mesh = meshes.get_mesh(emulator, request, writing=False)
    elements: list[dict[str, t.Any]] = [
        models.view(emulator, record) for record in models.list_visible(emulator, mesh["uid"])
    ]
    shape = emulator.behaviors["workshop_list_shape"]
    if shape in ("bare", "items"):
        elements = [{"workshop": element} for element in elements]
    return HttpResponse(200, {"items": elements} if shape.startswith("items") else elements)


def delete_workshop(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    mesh = meshes.get_mesh(emulator, request, writing=False)
    key, fields = request.path_values["workshop"], {"name": ("name",), "uid": ("uid",), "both": ("name", "uid")}
    accepted = fields[emulator.behaviors["workshop_delete_key"]]
    for record in models.list_by_mesh(emulator, mesh["uid"]):
        if any(record[field] == key for field in accepted):
            models.delete(emulator, record)
            return HttpResponse(200)
    raise errors.not_found(emulator.behaviors, key)


HANDLERS = {"CreateWorkshop": create_workshop, "GetWorkshops": list_workshops, "DeleteWorkshop": delete_workshop}
