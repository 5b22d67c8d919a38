# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""ASM: meshes, workshops and releases, one function an operation (API reference, "Application Service Mesh").

No list of ASM has pages, filters or an order. A list may be empty as ``[]`` or as ``null``. Ids and versions are texts here, whatever they come as.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import ApiResponse, Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._values import to_text

Raw = dict[str, t.Any]

# One published table says list and show of a mesh the other way round, so a role needs both.
READ_MESHES = "asm:mesh:list and asm:mesh:get"

# A missing workshop may be answered with 500.
_DELETE_REPEATS = (502, 503, 504)


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


def list_meshes(client: Client) -> list[Raw]:
    """GET /v1/{project_id}/meshes: every mesh of the project."""
    operation = Operation(
        "list the meshes",
        "GET",
        "asm",
        ("v1", client.project_id, "meshes"),
        permission=READ_MESHES,
        schema=shapes.MESH_LIST,
    )
    return client.request(operation).data["items"] or []


def list_workshops(client: Client, mesh_id: str) -> list[Raw]:
    """GET /v2/meshes/{mesh_id}/workshops: every workshop of the mesh, out of any wrapping."""
    operation = Operation(
        f"list the workshops of mesh '{mesh_id}'",
        "GET",
        "asm",
        ("v2", "meshes", mesh_id, "workshops"),
        permission="asm:mesh:listWorkshops",
        schema=shapes.WORKSHOP_LIST,
    )
    data = client.request(operation).data
    entries = (data if isinstance(data, list) else data["items"]) or []
    return [_workshop(entry.get("workshop", entry)) for entry in entries]


def create_workshop(client: Client, mesh_id: str, body: Raw) -> ApiResponse:
    """POST /v2/meshes/{mesh_id}/workshops."""
    name = body["metadata"]["name"]
    answer = client.request(
        Operation(
            f"create workshop '{name}'",
            "POST",
            "asm",
            ("v2", "meshes", mesh_id, "workshops"),
            body=body,
            permission="asm:mesh:createWorkshop",
            schema=shapes.WORKSHOP,
        )
    )
    _workshop(answer.data)
    return answer


def delete_workshop(client: Client, mesh_id: str, name: str, key: str) -> ApiResponse:
    """DELETE /v2/meshes/{mesh_id}/workshops/{workshop}; ``key`` is the name or the uid, the reference does not say which it takes."""
    return client.request(
        Operation(
            f"remove workshop '{name}'",
            "DELETE",
            "asm",
            ("v2", "meshes", mesh_id, "workshops", key),
            permission="asm:mesh:deleteWorkshop",
            retry_statuses=_DELETE_REPEATS,
        )
    )


def list_releases(client: Client, mesh_id: str) -> list[Raw]:
    """GET /v2/meshes/{mesh_id}/releases: every release of the mesh, of all namespaces."""
    operation = Operation(
        f"list the releases of mesh '{mesh_id}'",
        "GET",
        "asm",
        ("v2", "meshes", mesh_id, "releases"),
        permission="asm:mesh:listReleases",
        schema=shapes.RELEASE_LIST,
    )
    return [_release(raw) for raw in client.request(operation).data["items"] or []]


def create_release(client: Client, mesh_id: str, body: Raw) -> ApiResponse:
    """POST /v2/meshes/{mesh_id}/namespaces/{namespace}/releases."""
    name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
    answer = client.request(
        Operation(
            f"create release '{namespace}/{name}'",
            "POST",
            "asm",
            _releases(mesh_id, namespace),
            body=body,
            permission="asm:mesh:createRelease",
            schema=shapes.RELEASE,
        )
    )
    _release(answer.data)
    return answer


def update_release(client: Client, mesh_id: str, release_id: str, body: Raw) -> ApiResponse:
    """PUT /v2/meshes/{mesh_id}/namespaces/{namespace}/releases/{release_id}: exists to change the version of an image."""
    name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
    return client.request(
        Operation(
            f"change the image of release '{namespace}/{name}'",
            "PUT",
            "asm",
            _releases(mesh_id, namespace) + (release_id,),
            body=body,
            permission="asm:mesh:updateRelease",
        )
    )


def finish_release(
    client: Client, mesh_id: str, namespace: str, name: str, release_id: str, *, verb: str, action: str
) -> ApiResponse:
    """DELETE of the release with the ``action`` that says how: the words for *end* and *cancel* are not published.

    ``verb`` words it for people: promote or cancel.
    """
    return client.request(
        Operation(
            f"{verb} release '{namespace}/{name}'",
            "DELETE",
            "asm",
            _releases(mesh_id, namespace) + (release_id,),
            query=(("action", action),),
            permission="asm:mesh:deleteRelease",
        )
    )


def _releases(mesh_id: str, namespace: str) -> tuple[str, ...]:
    return ("v2", "meshes", mesh_id, "namespaces", namespace, "releases")


def _workshop(raw: Raw) -> Raw:
    _as_text(raw["metadata"], "uid")
    _as_text(raw["spec"], "primaryCluster")
    _as_text(raw["spec"]["ingress"], "elbId")
    return raw


def _release(raw: Raw) -> Raw:
    _as_text(raw["metadata"], "uid")
    _as_text(raw["spec"], "serviceName", "clusterID", "deploymentName", "version", "type")
    for gray in raw["spec"].get("grayDeployments") or []:
        _as_text(gray, "clusterID")
    return raw


def _as_text(place: Raw, *keys: str) -> None:
    for key in keys:
        if key in place:
            place[key] = to_text(place[key])
