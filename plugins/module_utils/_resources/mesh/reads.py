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

Raw = dict[str, t.Any]

# Documented in the SDK huaweicloudsdkasm (class MeshStatus).
_FAILED_PHASES = ("CreateFailed", "DeleteFailed", "UpgradeFailed", "RollbackFailed")


def get_mesh_list(session: Session) -> CachedList:
    """Return the list of the meshes of the project."""
    return session.listing(("meshes",), lambda deadline: asm.list_meshes(session.client.until(deadline)), _keys)


def is_failed(phase: t.Any) -> bool:
    """Return whether a mesh cannot leave a phase on its own."""
    return any(equals_ignore_case(phase, failed) for failed in _FAILED_PHASES)


def list_mesh_results(session: Session) -> list[dict[str, t.Any]]:
    """Return all meshes of the project in the shape of results."""
    return [mesh_to_result(raw) for raw in get_mesh_list(session).read(session.max_age).all()]


def is_deleting(raw: Raw) -> bool:
    """Return whether the service is deleting the mesh. Its name may be free already."""
    return equals_ignore_case((raw.get("status") or {}).get("phase"), "Deleting")


def identify_mesh(mesh: t.Mapping[str, t.Any]) -> str:
    """Return the ID of a mesh, or the name of one that does not exist yet."""
    return str(mesh["id"] or mesh["name"])


def resolve_mesh(session: Session, params: Params) -> dict[str, t.Any]:
    """Return the result of the mesh that ``mesh_id`` or ``mesh_name`` names. Raise OptionError without a match, AmbiguousError with several."""
    key, identity = ("id", params["mesh_id"]) if params.get("mesh_id") else ("name", params.get("mesh_name"))
    if not identity:
        raise OptionError("mesh_id and mesh_name are both empty.", hint="Set one of them.")
    meshes = list_mesh_results(session)
    found = [mesh for mesh in meshes if mesh[key] == identity]
    if len(found) > 1:
        ids = ", ".join(sorted(mesh["id"] for mesh in found))
        raise AmbiguousError(f"Several meshes have the name '{identity}': {ids}.", hint="Set mesh_id to one of them.")
    if not found:
        known = ", ".join(sorted(f"'{mesh['name']}' ({mesh['id']})" for mesh in meshes)) or "none"
        raise OptionError(
            f"No mesh has the {key} '{identity}' in project {session.client.project_id}.",
            hint=f"Meshes that exist: {known}.",
        )
    return found[0]


def warn_about_foreign_clusters(
    session: Session, mesh: dict[str, t.Any], subject: str, clusters: t.Mapping[str, t.Any]
) -> None:
    """Warn about each of the ``clusters`` (by ID, with its option) that is not in the mesh, if the service lists the clusters of the mesh."""
    known = sorted(cluster for cluster in mesh["clusters"] if cluster)
    for cluster, option in clusters.items():
        if known and cluster and cluster not in known:
            session.warn(
                f"{subject}: {option} '{cluster}' is not a cluster of mesh '{mesh['name']}' ({mesh['id']}). "
                f"Its clusters are: {', '.join(known)}."
            )


def find_clusters(spec: Raw) -> dict[t.Any, str]:
    """Return the clusters that the spec of a release names, each with the first option it comes from."""
    clusters = {
        gray.get("clusterID"): f"gray_deployments[{index}].cluster_id"
        for index, gray in reversed(list(enumerate(spec.get("grayDeployments") or [])))
    }
    return {**clusters, spec.get("clusterID"): "cluster_id"}


def check_running(mesh: dict[str, t.Any], purpose: str) -> None:
    """Raise OptionError if the mesh is not in phase Running."""
    if not equals_ignore_case(mesh["phase"], "Running"):
        raise OptionError(
            f"Cannot {purpose}: mesh '{mesh['name']}' ({mesh['id']}) is in phase '{mesh['phase']}', not 'Running'.",
            hint="Wait until the mesh is Running, or repair it.",
        )


def _keys(raw: Raw) -> list[tuple[str, t.Any]]:
    return [("id", raw["metadata"]["uid"]), ("name", raw["metadata"]["name"])]
