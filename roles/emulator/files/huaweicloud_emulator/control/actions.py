# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions of the control plane that seed resources or change their phases and traffic."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import seeds, stores
from huaweicloud_emulator.cluster import paths, workloads
from huaweicloud_emulator.meshes import models as meshes
from huaweicloud_emulator.releases import models as releases
from huaweicloud_emulator.workspaces import models as workspaces

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

SECRET_STORES = (
    "settings",
    "domains",
    "projects",
    "users",
    "keys",
    "tokens",
    "agencies",
    "metadata_tokens",
    "cluster_tokens",
    "prometheus_credentials",
)


def seed(emulator: EmulatorState, body: t.Any) -> t.Any:
    """Add the resources of a seed. Raises ValueError without any change if the seed is invalid."""
    if not isinstance(body, dict):
        raise ValueError("the body must be a mapping of kinds to resources")
    before = stores.TakeSnapshot()
    emulator.stores.accept(before)
    try:
        return seeds.merge(emulator, body)
    except Exception as error:
        emulator.stores.accept(stores.RestoreSnapshot(before.content))
        if isinstance(error, ValueError):
            raise
        raise ValueError(str(error)) from error


def _require_one(records: t.Sequence[Record], kind: str) -> Record:
    if len(records) != 1:
        raise ValueError(f"{len(records)} {kind} match, exactly one must match")
    return records[0]


def _find(records: t.Iterable[Record], criteria: t.Mapping[str, t.Any]) -> list[Record]:
    criteria = {field: value for field, value in criteria.items() if value is not None}
    return [record for record in records if all(record.get(field) == value for field, value in criteria.items())]


def transition(emulator: EmulatorState, body: t.Any) -> t.Any:
    """Put a resource into a phase: ``{kind: release|workspace|mesh, id or name ..., phase or status}``."""
    kinds = {"release": _move_release, "workspace": _move_workspace, "mesh": _move_mesh}
    if not isinstance(body, dict) or body.get("kind") not in kinds:
        raise ValueError("kind: must be one of release, workspace, mesh")
    return kinds[body["kind"]](emulator, body)


def _move_release(emulator: EmulatorState, body: Record) -> Record:
    criteria = {
        "uid": body.get("id"),
        "name": body.get("name"),
        "namespace": body.get("namespace"),
        "mesh_id": body.get("mesh_id"),
    }
    record = _require_one(_find(emulator.stores.releases.records.values(), criteria), "releases")
    releases.set_phase(emulator, record, str(body["phase"]), body.get("state"))
    return {"id": record["uid"], "phase": record["forced_phase"], "state": record["state"]}


def _move_workspace(emulator: EmulatorState, body: Record) -> Record:
    criteria = {"id": body.get("id"), "name": body.get("name"), "project_id": seeds.resolve_project_id(emulator, body)}
    record = _require_one(_find(emulator.stores.workspaces.records.values(), criteria), "workspaces")
    workspaces.set_status(emulator, record, str(body["status"]), str(body.get("status_info", "")))
    return {"id": record["id"], "status": record["status"]}


def _move_mesh(emulator: EmulatorState, body: Record) -> Record:
    criteria = {"uid": body.get("id"), "name": body.get("name")}
    record = _require_one(_find(emulator.stores.meshes.records.values(), criteria), "meshes")
    meshes.set_phase(emulator, record, str(body["phase"]))
    return {"id": record["uid"], "phase": record["phase"]}


def set_traffic(emulator: EmulatorState, body: t.Any) -> t.Any:
    """Route traffic: ``{mesh_id, namespace, service or release, gray: 0..100}``; ``service`` means its active release."""
    gray = body["gray"]
    if isinstance(gray, bool) or not isinstance(gray, int) or not 0 <= gray <= 100:
        raise ValueError("gray: must be an integer from 0 to 100")
    record = _find_release(emulator, body)
    releases.set_gray_weight(emulator, record, gray)
    return {"id": record["uid"], "receiver": {0: "original", 100: "gray"}.get(gray, "split"), "gray": gray}


def list_traffic(emulator: EmulatorState) -> t.Any:
    """Return how the traffic of each Service was split between its versions, the oldest entry first."""
    return list(emulator.stores.traffic_history.records.values())


def set_ready_pods(emulator: EmulatorState, body: t.Any) -> t.Any:
    """Set the number of ready pods: ``{cluster, namespace, deployment, ready: number or null}``."""
    ready = body["ready"]
    if ready is not None and (isinstance(ready, bool) or not isinstance(ready, int) or ready < 0):
        raise ValueError("ready: must be an integer that is not negative, or null")
    cluster = body.get("cluster") or paths.get_default_cluster(emulator)
    record = workloads.find(emulator, cluster, body.get("namespace", "default"), body["deployment"])
    if record is None:
        raise ValueError(f"the deployment {body['deployment']} does not exist")
    workloads.set_ready(emulator, record, ready)
    return {"deployment": record["name"], "ready": ready}


def _find_release(emulator: EmulatorState, body: Record) -> Record:
    mesh_id, namespace = seeds.resolve_mesh_id(emulator, body), body["namespace"]
    if body.get("service"):
        release = releases.find_active_release(emulator, mesh_id, namespace, body["service"])
        return _require_one([release] if release else [], "releases")
    inside = _find(emulator.stores.releases.records.values(), {"mesh_id": mesh_id, "namespace": namespace})
    return _require_one([record for record in inside if body["release"] in (record["uid"], record["name"])], "releases")
