# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""ModelArts: workspaces and their quotas, one function an operation (API reference, "Workspace Management")."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    NotFoundError,
    ProtocolError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import ApiResponse, Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._values import to_text

Raw = dict[str, t.Any]

PAGE = 1000
_ABSENT_CODES = ("ModelArts.7005", "ModelArts.0102")


def is_unknown_workspace(error: ServiceError) -> bool:
    """Whether the service says that the workspace does not exist: 404, or the 400 that means it ("Error Codes": 7005, 0102, old 0104)."""
    if isinstance(error, NotFoundError):
        return True
    if error.status != 400:
        return False
    old_code = error.code == "ModelArts.0104" and re.search(r"not exist", error.service_message or "")
    return error.code in _ABSENT_CODES or bool(old_code)


def list_workspaces(client: Client, name: str | None = None) -> list[Raw]:
    """GET /v1/{project_id}/workspaces: every workspace, or every one whose name contains ``name``.

    The reference calls ``offset`` a page in one place and production clients count records. Records are tried first; only when some are
    still missing then are pages. Raises ProtocolError when the list can not be completed.
    """
    seen: dict[str, Raw] = {}
    total = _collect(client, name, seen, step=PAGE, start=0)
    if len(seen) < total:
        total = _collect(client, name, seen, step=1, start=1)
    if len(seen) < total:
        raise ProtocolError(
            f"Failed to list the workspaces: {total} were promised and {len(seen)} came",
            method="GET",
            hint="Nothing was concluded from it. Something may be changing the list right now: run again.",
        )
    return list(seen.values())


def _collect(client: Client, name: str | None, seen: dict[str, Raw], *, step: int, start: int) -> int:
    """Reads pages into ``seen`` until all are there or a page brings nothing that these pages did not bring; returns the promised total.

    Raises ProtocolError when that takes more pages than there can be.
    """
    offset, asked, most = start, 0, 0
    brought: set[str] = set()
    while True:
        page = _page(client, name, offset)
        asked += 1
        # Every page brings one at least, and a few may have come since: a total that grows from page to page has no end.
        most = most or page["total_count"] + 2
        entries = {t.cast(str, to_text(entry["id"])): _workspace(entry) for entry in page["workspaces"] or []}
        seen.update(entries)
        if len(seen) >= page["total_count"] or brought.issuperset(entries):
            return page["total_count"]
        if asked >= most:
            raise ProtocolError(
                f"Failed to list the workspaces: {most - 2} were promised at first, and {page['total_count']} after {asked} pages",
                method="GET",
                hint="Nothing was concluded from it. Something may be changing the list right now: run again.",
            )
        brought.update(entries)
        # A server may cap the page below what was asked for.
        offset += len(entries) if step == PAGE else 1


def _page(client: Client, name: str | None, offset: int) -> Raw:
    query = [("offset", str(offset)), ("limit", str(PAGE)), ("sort_by", "name"), ("order", "asc")]
    if name:
        query.append(("name", name))
    return client.request(
        Operation(
            "list the workspaces",
            "GET",
            "modelarts",
            _workspaces(client),
            query=tuple(query),
            permission="modelarts:workspace:list",
            schema=shapes.WORKSPACE_PAGE,
        )
    ).data


def show_workspace(client: Client, workspace_id: str, name: str) -> Raw:
    """GET /v1/{project_id}/workspaces/{id}: one workspace with its grants, which no list holds."""
    operation = Operation(
        f"read workspace '{name}'",
        "GET",
        "modelarts",
        _workspaces(client) + (workspace_id,),
        permission="modelarts:workspace:get",
        schema=shapes.WORKSPACE,
    )
    return _workspace(client.request(operation).data)


def create_workspace(client: Client, body: Raw) -> ApiResponse:
    """POST /v1/{project_id}/workspaces."""
    return client.request(
        Operation(
            f"create workspace '{body['name']}'",
            "POST",
            "modelarts",
            _workspaces(client),
            body=body,
            permission="modelarts:workspace:create",
            schema=shapes.WORKSPACE_CREATED,
        )
    )


def update_workspace(client: Client, workspace_id: str, name: str, body: Raw) -> ApiResponse:
    """PUT /v1/{project_id}/workspaces/{id}: always the full state, since what an omitted field does is not documented."""
    return client.request(
        Operation(
            f"update workspace '{name}'",
            "PUT",
            "modelarts",
            _workspaces(client) + (workspace_id,),
            body=body,
            permission="modelarts:workspace:update",
        )
    )


def delete_workspace(client: Client, workspace_id: str, name: str) -> ApiResponse:
    """DELETE /v1/{project_id}/workspaces/{id}: starts the removal, which goes on in the background."""
    return client.request(
        Operation(
            f"remove workspace '{name}'",
            "DELETE",
            "modelarts",
            _workspaces(client) + (workspace_id,),
            permission="modelarts:workspace:delete",
        )
    )


def list_quotas(client: Client, workspace_id: str, name: str) -> list[Raw]:
    """GET /v1/{project_id}/workspaces/{id}/quotas."""
    operation = Operation(
        f"read the quotas of workspace '{name}'",
        "GET",
        "modelarts",
        _workspaces(client) + (workspace_id, "quotas"),
        permission="modelarts:workspace:getQuotas",
        schema=shapes.QUOTA_LIST,
    )
    return client.request(operation).data["quotas"]


def update_quotas(client: Client, workspace_id: str, name: str, body: Raw) -> ApiResponse:
    """PUT /v1/{project_id}/workspaces/{id}/quotas: only the quotas to change."""
    return client.request(
        Operation(
            f"update the quotas of workspace '{name}'",
            "PUT",
            "modelarts",
            _workspaces(client) + (workspace_id, "quotas"),
            body=body,
            permission="modelarts:workspace:updateQuotas",
        )
    )


def _workspace(raw: Raw) -> Raw:
    # Quotas have a call of their own; whatever else may be called so is something else.
    raw.pop("quotas", None)
    return raw


def _workspaces(client: Client) -> tuple[str, ...]:
    return ("v1", client.project_id, "workspaces")
