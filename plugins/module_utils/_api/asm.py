# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The operations of ASM: meshes, workshops and releases (API reference, "Application Service Mesh").

The lists of ASM have no pages, no filters and no order. An empty list is ``[]`` or ``null``. All IDs and versions are returned as text.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as schemas
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import ApiResponse, Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._values import to_text

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.objects import Mesh, Release, Workshop

Raw = dict[str, t.Any]

# One table of the reference swaps the permissions to list and to show meshes, so a role needs both.
READ_MESHES = "asm:mesh:list and asm:mesh:get"

# ASM may respond with 500 if a workshop does not exist.
_DELETE_RETRY_STATUSES = (502, 503, 504)


def is_unknown_release(error: ServiceError) -> bool:
    """Return whether ASM itself may have reported that no release has the ID: 404, or 400 as for every invalid request.

    If the outcome of a previous attempt is unknown, that attempt may have ended the release, so the error proves nothing about the ID.
    """
    return _is_client_error_of_asm(error) and not error.any_outcome_unknown


def is_unknown_workshop(error: ServiceError) -> bool:
    """Return whether ASM itself may have reported that no workshop has the key: 404, 400, or 500 as for a missing workshop."""
    return _is_client_error_of_asm(error) or (error.status == 500 and not error.is_from_gateway)


def _is_client_error_of_asm(error: ServiceError) -> bool:
    return bool(error.code) and not error.is_from_gateway and error.status in (400, 404)


def list_meshes(client: Client) -> list[Mesh]:
    """Return all meshes of the project (GET /v1/{project_id}/meshes)."""
    operation = Operation(
        "list the meshes",
        "GET",
        "asm",
        ("v1", client.project_id, "meshes"),
        permission=READ_MESHES,
        schema=schemas.MESH_LIST,
    )
    return [_normalize_mesh(raw) for raw in client.request(operation).data["items"] or []]


def create_mesh(client: Client, body: Raw) -> ApiResponse:
    """Create a mesh (POST /v1/{project_id}/meshes). The creation takes minutes. SDK huaweicloudsdkasm, CreateMesh."""
    response = client.request(
        Operation(
            f"create mesh '{body['metadata']['name']}'",
            "POST",
            "asm",
            ("v1", client.project_id, "meshes"),
            body=body,
            permission="asm:mesh:create",
            schema=schemas.MESH,
        )
    )
    _normalize_mesh(response.data)
    return response


def delete_mesh(client: Client, mesh_id: str, name: str) -> ApiResponse:
    """Delete a mesh (DELETE /v1/{project_id}/meshes/{mesh_id}). The deletion takes minutes. SDK huaweicloudsdkasm, DeleteMesh."""
    return client.request(
        Operation(
            f"delete mesh '{name}'",
            "DELETE",
            "asm",
            ("v1", client.project_id, "meshes", mesh_id),
            permission="asm:mesh:delete",
        )
    )


def list_workshops(client: Client, mesh_id: str) -> list[Workshop]:
    """Return all workshops of the mesh without wrappers (GET /v2/meshes/{mesh_id}/workshops)."""
    operation = Operation(
        f"list the workshops of mesh '{mesh_id}'",
        "GET",
        "asm",
        ("v2", "meshes", mesh_id, "workshops"),
        permission="asm:mesh:listWorkshops",
        schema=schemas.WORKSHOP_LIST,
    )
    data = client.request(operation).data
    entries = (data if isinstance(data, list) else data["items"]) or []
    return [_normalize_workshop(entry.get("workshop", entry)) for entry in entries]


def create_workshop(client: Client, mesh_id: str, body: Raw) -> ApiResponse:
    """Create a workshop (POST /v2/meshes/{mesh_id}/workshops)."""
    name = body["metadata"]["name"]
    response = client.request(
        Operation(
            f"create workshop '{name}'",
            "POST",
            "asm",
            ("v2", "meshes", mesh_id, "workshops"),
            body=body,
            permission="asm:mesh:createWorkshop",
            schema=schemas.WORKSHOP,
        )
    )
    _normalize_workshop(response.data)
    return response


def delete_workshop(client: Client, mesh_id: str, name: str, key: str) -> ApiResponse:
    """Delete a workshop (DELETE /v2/meshes/{mesh_id}/workshops/{workshop}).

    ``key`` is the name or the UID, since the reference does not specify which one the service expects.
    """
    return client.request(
        Operation(
            f"delete workshop '{name}'",
            "DELETE",
            "asm",
            ("v2", "meshes", mesh_id, "workshops", key),
            permission="asm:mesh:deleteWorkshop",
            retry_statuses=_DELETE_RETRY_STATUSES,
        )
    )


def list_releases(client: Client, mesh_id: str) -> list[Release]:
    """Return all releases of the mesh in all namespaces (GET /v2/meshes/{mesh_id}/releases)."""
    operation = Operation(
        f"list the releases of mesh '{mesh_id}'",
        "GET",
        "asm",
        ("v2", "meshes", mesh_id, "releases"),
        permission="asm:mesh:listReleases",
        schema=schemas.RELEASE_LIST,
    )
    return [_normalize_release(raw) for raw in client.request(operation).data["items"] or []]


def create_release(client: Client, mesh_id: str, body: Raw) -> ApiResponse:
    """Create a release (POST /v2/meshes/{mesh_id}/namespaces/{namespace}/releases)."""
    name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
    response = client.request(
        Operation(
            f"create release '{namespace}/{name}'",
            "POST",
            "asm",
            _releases_path(mesh_id, namespace),
            body=body,
            permission="asm:mesh:createRelease",
            schema=schemas.RELEASE,
        )
    )
    _normalize_release(response.data)
    return response


def update_release(client: Client, mesh_id: str, release_id: str, body: Raw) -> ApiResponse:
    """Change the images of a release (PUT /v2/meshes/{mesh_id}/namespaces/{namespace}/releases/{release_id})."""
    name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
    return client.request(
        Operation(
            f"change the image of release '{namespace}/{name}'",
            "PUT",
            "asm",
            _releases_path(mesh_id, namespace) + (release_id,),
            body=body,
            permission="asm:mesh:updateRelease",
        )
    )


def end_release(
    client: Client, mesh_id: str, namespace: str, name: str, release_id: str, *, verb: str, action: str
) -> ApiResponse:
    """Promote or cancel a release (DELETE /v2/meshes/{mesh_id}/namespaces/{namespace}/releases/{release_id}).

    ``action`` is the value of the query parameter, which the reference does not list. ``verb`` is "promote" or "cancel", for messages.
    """
    return client.request(
        Operation(
            f"{verb} release '{namespace}/{name}'",
            "DELETE",
            "asm",
            _releases_path(mesh_id, namespace) + (release_id,),
            query=(("action", action),),
            permission="asm:mesh:deleteRelease",
        )
    )


def _releases_path(mesh_id: str, namespace: str) -> tuple[str, ...]:
    return ("v2", "meshes", mesh_id, "namespaces", namespace, "releases")


def _normalize_mesh(raw: t.Any) -> Mesh:
    _convert_to_text(raw["metadata"], "uid")
    _convert_to_text(raw.get("spec") or {}, "type", "version")
    for cluster in ((raw.get("spec") or {}).get("extendParams") or {}).get("clusters") or []:
        _convert_to_text(cluster, "clusterID")
    return raw


def _normalize_workshop(raw: t.Any) -> Workshop:
    _convert_to_text(raw["metadata"], "uid")
    _convert_to_text(raw["spec"], "primaryCluster")
    _convert_to_text(raw["spec"]["ingress"], "elbId")
    return raw


def _normalize_release(raw: t.Any) -> Release:
    _convert_to_text(raw["metadata"], "uid")
    _convert_to_text(raw["spec"], "serviceName", "clusterID", "deploymentName", "version", "type")
    for gray in raw["spec"].get("grayDeployments") or []:
        _convert_to_text(gray, "clusterID")
    return raw


def _convert_to_text(container: Raw, *keys: str) -> None:
    for key in keys:
        if key in container:
            container[key] = to_text(container[key])
