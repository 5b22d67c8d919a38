# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read meshes. The options of workshops and releases name their mesh by its ID or its name."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import asm
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import AmbiguousError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.fields import mesh_to_result
from ansible_collections.community.huaweicloud.plugins.module_utils._session import CachedList, Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.objects import Mesh
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
        DesiredDeployment,
    )
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult

# Documented in the SDK huaweicloudsdkasm (class MeshStatus).
_FAILED_PHASES = ("CreateFailed", "DeleteFailed", "UpgradeFailed", "RollbackFailed")


def get_mesh_list(session: Session) -> CachedList[Mesh]:
    """Return the list of the meshes of the project."""
    return session.listing(("meshes",), lambda deadline: asm.list_meshes(session.client.until(deadline)), _keys)


def is_failed(phase: object) -> bool:
    """Return whether a mesh cannot leave a phase on its own."""
    return any(equals_ignore_case(phase, failed) for failed in _FAILED_PHASES)


def list_mesh_results(session: Session) -> list[MeshResult]:
    """Return all meshes of the project in the shape of results."""
    return [mesh_to_result(raw) for raw in get_mesh_list(session).read(session.max_age).all()]


def is_deleting(raw: Mesh) -> bool:
    """Return whether the service is deleting the mesh. Its name may be free already."""
    return equals_ignore_case((raw.get("status") or {}).get("phase"), "Deleting")


def identify_mesh(mesh: MeshResult) -> str:
    """Return the ID of a mesh, or the name of one that does not exist yet."""
    return mesh["id"] or mesh["name"]


def get_mesh_id(mesh: MeshResult) -> str:
    """Return the ID of a mesh for a request. Raise ValueError if it does not exist yet."""
    if mesh["id"] is None:
        raise ValueError(f"mesh '{mesh['name']}' does not exist yet")
    return mesh["id"]


def resolve_mesh(session: Session, params: Params) -> MeshResult:
    """Return the result of the mesh that ``mesh_id`` or ``mesh_name`` names. Raise OptionError without a match, AmbiguousError with several."""
    mesh_id, mesh_name = params.get("mesh_id"), params.get("mesh_name")
    key, identity = ("id", mesh_id) if mesh_id else ("name", mesh_name)
    if not identity:
        raise OptionError("mesh_id and mesh_name are both empty.", hint="Set one of them.")
    meshes = list_mesh_results(session)
    found = [mesh for mesh in meshes if (mesh["id"] if mesh_id else mesh["name"]) == identity]
    if len(found) > 1:
        ids = ", ".join(sorted(map(identify_mesh, found)))
        raise AmbiguousError(f"Several meshes have the name '{identity}': {ids}.", hint="Set mesh_id to one of them.")
    if not found:
        known = ", ".join(sorted(f"'{mesh['name']}' ({mesh['id']})" for mesh in meshes)) or "none"
        raise OptionError(
            f"No mesh has the {key} '{identity}' in project {session.client.project_id}.",
            hint=f"Meshes that exist: {known}.",
        )
    return found[0]


def warn_about_foreign_clusters(
    session: Session, mesh: MeshResult, subject: str, clusters: t.Mapping[str | None, str]
) -> None:
    """Warn about each of the ``clusters`` (by ID, with its option) that is not in the mesh, if the service lists the clusters of the mesh."""
    known = sorted(cluster for cluster in mesh["clusters"] if cluster)
    for cluster, option in clusters.items():
        if known and cluster and cluster not in known:
            session.warn(
                f"{subject}: {option} '{cluster}' is not a cluster of mesh '{mesh['name']}' ({mesh['id']}). "
                f"Its clusters are: {', '.join(known)}."
            )


def find_clusters(gray_deployments: t.Sequence[DesiredDeployment], own: str | None) -> dict[str | None, str]:
    """Return the clusters that a task names for a release, each with the first option it comes from. ``own`` is that of the release."""
    clusters = {
        gray["cluster_id"]: f"gray_deployments[{index}].cluster_id"
        for index, gray in reversed(list(enumerate(gray_deployments)))
    }
    return {**clusters, own: "cluster_id"}


def check_running(mesh: MeshResult, purpose: str) -> None:
    """Raise OptionError if the mesh is not in phase Running."""
    if not equals_ignore_case(mesh["phase"], "Running"):
        raise OptionError(
            f"Cannot {purpose}: mesh '{mesh['name']}' ({mesh['id']}) is in phase '{mesh['phase']}', not 'Running'.",
            hint="Wait until the mesh is Running, or repair it.",
        )


def _keys(raw: Mesh) -> list[tuple[str, object]]:
    return [("id", raw["metadata"]["uid"]), ("name", raw["metadata"]["name"])]
