# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The longer actions of the control plane."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import seeds, stores
from huaweicloud_emulator.meshes import models as meshes
from huaweicloud_emulator.releases import models as releases
from huaweicloud_emulator.workspaces import models as workspaces

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

SECRET_STORES = ("settings", "domains", "projects", "users", "keys", "tokens")


def seed(emulator: EmulatorState, body: t.Any) -> t.Any:
    """Merges a seed, or leaves everything as it was."""
    if not isinstance(body, dict):
        raise ValueError("a mapping of kinds to objects is wanted")
    before = stores.TakeSnapshot()
    emulator.stores.accept(before)
    try:
        return seeds.merge(emulator, body)
    except Exception as error:
        emulator.stores.accept(stores.RestoreSnapshot(before.content))
        if isinstance(error, ValueError):
            raise
        raise ValueError(str(error)) from error


def _one(records: t.Sequence[Record], what: str) -> Record:
    if len(records) != 1:
        raise ValueError(f"{len(records)} {what} match, 1 is wanted")
    return records[0]


def _matching(records: t.Iterable[Record], wanted: t.Mapping[str, t.Any]) -> list[Record]:
    given = {field: value for field, value in wanted.items() if value is not None}
    return [record for record in records if all(record.get(field) == value for field, value in given.items())]


def transition(emulator: EmulatorState, body: t.Any) -> t.Any:
    """``{kind: release|workspace|mesh, id or name ..., phase or status}``: puts a thing into that phase."""
    kinds = {"release": _release, "workspace": _workspace, "mesh": _mesh}
    if not isinstance(body, dict) or body.get("kind") not in kinds:
        raise ValueError("kind: release, workspace or mesh is wanted")
    return kinds[body["kind"]](emulator, body)


def _release(emulator: EmulatorState, body: Record) -> Record:
    wanted = {
        "uid": body.get("id"),
        "name": body.get("name"),
        "namespace": body.get("namespace"),
        "mesh_id": body.get("mesh_id"),
    }
    record = _one(_matching(emulator.stores.releases.records.values(), wanted), "releases")
    releases.force(emulator, record, str(body["phase"]), body.get("state"))
    return {"id": record["uid"], "phase": record["word"], "state": record["state"]}


def _workspace(emulator: EmulatorState, body: Record) -> Record:
    wanted = {"id": body.get("id"), "name": body.get("name"), "project_id": seeds.project_id(emulator, body)}
    record = _one(_matching(emulator.stores.workspaces.records.values(), wanted), "workspaces")
    workspaces.force(emulator, record, str(body["status"]), str(body.get("status_info", "")))
    return {"id": record["id"], "status": record["status"]}


def _mesh(emulator: EmulatorState, body: Record) -> Record:
    wanted = {"uid": body.get("id"), "name": body.get("name")}
    record = _one(_matching(emulator.stores.meshes.records.values(), wanted), "meshes")
    meshes.force(emulator, record, str(body["phase"]))
    return {"id": record["uid"], "phase": record["phase"]}


def shift_traffic(emulator: EmulatorState, body: t.Any) -> t.Any:
    """``{mesh_id, namespace, service or release, gray: 0..100}``; for a Service, its release that is under way."""
    gray = body["gray"]
    if isinstance(gray, bool) or not isinstance(gray, int) or not 0 <= gray <= 100:
        raise ValueError("gray: a number from 0 to 100 is wanted")
    record = _addressed(emulator, body)
    releases.shift(emulator, record, gray)
    return {"id": record["uid"], "carrier": {0: "original", 100: "gray"}.get(gray, "split"), "gray": gray}


def _addressed(emulator: EmulatorState, body: Record) -> Record:
    mesh_id, namespace = seeds.mesh_id(emulator, body), body["namespace"]
    if body.get("service"):
        found = releases.holder(emulator, mesh_id, namespace, body["service"])
        return _one([found] if found else [], "releases")
    inside = _matching(emulator.stores.releases.records.values(), {"mesh_id": mesh_id, "namespace": namespace})
    return _one([record for record in inside if body["release"] in (record["uid"], record["name"])], "releases")
