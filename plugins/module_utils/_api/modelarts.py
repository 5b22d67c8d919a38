# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The operations of ModelArts: workspaces and their quotas (API reference, "Workspace Management")."""

from __future__ import annotations

import re
import sys
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as schemas
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    NotFoundError,
    ProtocolError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import ApiResponse, Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._values import id_to_text

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.objects import Quota, Workspace

Raw = dict[str, t.Any]

PAGE_SIZE = 1000
# The fields of a workspace that the collection uses. First those that have the same text in many workspaces.
_REPEATED_FIELDS = (
    "auth_type",
    "description",
    "enterprise_project_id",
    "enterprise_project_name",
    "owner",
    "status",
    "status_info",
)
_OTHER_FIELDS = ("id", "name", "create_time", "update_time", "grants")
_UNKNOWN_WORKSPACE_CODES = ("ModelArts.7005", "ModelArts.0102")


def is_unknown_workspace(error: ServiceError) -> bool:
    """Return whether the error means that the workspace does not exist.

    The service reports 404, or 400 with one of the codes 7005, 0102 and formerly 0104 ("Error Codes").
    """
    if isinstance(error, NotFoundError):
        return True
    if error.status != 400:
        return False
    has_former_code = error.code == "ModelArts.0104" and re.search(r"not exist", error.service_message or "")
    return error.code in _UNKNOWN_WORKSPACE_CODES or bool(has_former_code)


def list_workspaces(client: Client, name: str | None = None) -> list[Workspace]:
    """Return all workspaces, or those whose names contain ``name`` (GET /v1/{project_id}/workspaces).

    The reference describes ``offset`` as a page number, but production clients count records. The function counts records first, and pages only if
    workspaces are missing. Raise ProtocolError if the list is incomplete.
    """
    seen: dict[str, Workspace] = {}
    total = _collect(client, name, seen, step=PAGE_SIZE, start=0)
    if len(seen) < total:
        total = _collect(client, name, seen, step=1, start=1)
    if len(seen) < total:
        raise ProtocolError(
            f"Failed to list the workspaces: the service announced {total} workspaces and returned {len(seen)}",
            method="GET",
            hint="The module ignored the list. Another client may be changing it, so run the task again.",
        )
    return list(seen.values())


def _collect(client: Client, name: str | None, seen: dict[str, Workspace], *, step: int, start: int) -> int:
    """Add pages to ``seen`` until the list is complete or a page contains nothing new, and return the announced total.

    Raise ProtocolError if there are more pages than workspaces.
    """
    offset, pages, limit = start, 0, 0
    known: set[str] = set()
    while True:
        page = _read_page(client, name, offset)
        pages += 1
        # Each page contains at least one workspace, and others may create a few meanwhile. A total that grows with each page never ends.
        limit = limit or page["total_count"] + 2
        entries = {id_to_text(entry["id"]): _normalize_workspace(entry) for entry in page["workspaces"] or []}
        seen.update(entries)
        if len(seen) >= page["total_count"] or known.issuperset(entries):
            return page["total_count"]
        if pages >= limit:
            raise ProtocolError(
                f"Failed to list the workspaces: the service announced {limit - 2} workspaces at first, and "
                f"{page['total_count']} after {pages} pages",
                method="GET",
                hint="The module ignored the list. Another client may be changing it, so run the task again.",
            )
        known.update(entries)
        # A server may return fewer entries than the requested page size.
        offset += len(entries) if step == PAGE_SIZE else 1


def _read_page(client: Client, name: str | None, offset: int) -> Raw:
    query = [("offset", str(offset)), ("limit", str(PAGE_SIZE)), ("sort_by", "name"), ("order", "asc")]
    if name:
        query.append(("name", name))
    return client.request(
        Operation(
            "list the workspaces",
            "GET",
            "modelarts",
            _workspaces_path(client),
            query=tuple(query),
            permission="modelarts:workspace:list",
            schema=schemas.WORKSPACE_PAGE,
        )
    ).data


def get_workspace(client: Client, workspace_id: str, name: str) -> Workspace:
    """Return one workspace with its grants, which the list omits (GET /v1/{project_id}/workspaces/{id})."""
    operation = Operation(
        f"read workspace '{name}'",
        "GET",
        "modelarts",
        _workspaces_path(client) + (workspace_id,),
        permission="modelarts:workspace:get",
        schema=schemas.WORKSPACE,
    )
    return _normalize_workspace(client.request(operation).data)


def create_workspace(client: Client, body: Raw) -> ApiResponse:
    """Create a workspace (POST /v1/{project_id}/workspaces)."""
    return client.request(
        Operation(
            f"create workspace '{body['name']}'",
            "POST",
            "modelarts",
            _workspaces_path(client),
            body=body,
            permission="modelarts:workspace:create",
            schema=schemas.WORKSPACE_CREATED,
        )
    )


def update_workspace(client: Client, workspace_id: str, name: str, body: Raw) -> ApiResponse:
    """Replace all fields of a workspace (PUT /v1/{project_id}/workspaces/{id}).

    The effect of an omitted field is not documented, so the body contains all fields.
    """
    return client.request(
        Operation(
            f"update workspace '{name}'",
            "PUT",
            "modelarts",
            _workspaces_path(client) + (workspace_id,),
            body=body,
            permission="modelarts:workspace:update",
        )
    )


def delete_workspace(client: Client, workspace_id: str, name: str) -> ApiResponse:
    """Start to delete a workspace (DELETE /v1/{project_id}/workspaces/{id}). The service continues in the background."""
    return client.request(
        Operation(
            f"delete workspace '{name}'",
            "DELETE",
            "modelarts",
            _workspaces_path(client) + (workspace_id,),
            permission="modelarts:workspace:delete",
        )
    )


def list_quotas(client: Client, workspace_id: str, name: str) -> list[Quota]:
    """Return the quotas of a workspace (GET /v1/{project_id}/workspaces/{id}/quotas)."""
    operation = Operation(
        f"read the quotas of workspace '{name}'",
        "GET",
        "modelarts",
        _workspaces_path(client) + (workspace_id, "quotas"),
        permission="modelarts:workspace:getQuotas",
        schema=schemas.QUOTA_LIST,
    )
    return client.request(operation).data["quotas"]


def update_quotas(client: Client, workspace_id: str, name: str, body: Raw) -> ApiResponse:
    """Change the quotas in the body and no others (PUT /v1/{project_id}/workspaces/{id}/quotas)."""
    return client.request(
        Operation(
            f"update the quotas of workspace '{name}'",
            "PUT",
            "modelarts",
            _workspaces_path(client) + (workspace_id, "quotas"),
            body=body,
            permission="modelarts:workspace:updateQuotas",
        )
    )


def _normalize_workspace(raw: t.Any) -> Workspace:
    """Return the fields of a workspace that the collection uses. This saves memory if there are thousands of workspaces."""
    used: t.Any = {field: raw[field] for field in (*_OTHER_FIELDS, *_REPEATED_FIELDS) if field in raw}
    if not used.get("status_info"):
        # A mapping with eleven keys takes almost twice the memory of one with ten.
        used = {field: value for field, value in used.items() if field != "status_info"}
    for field in _REPEATED_FIELDS:
        if isinstance(used.get(field), str):
            used[field] = sys.intern(used[field])
    return used


def _workspaces_path(client: Client) -> tuple[str, ...]:
    return ("v1", client.project_id, "workspaces")
