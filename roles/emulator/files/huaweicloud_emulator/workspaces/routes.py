# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on workspaces."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.messages import HttpRequest, HttpResponse
from huaweicloud_emulator.workspaces import errors, models, quotas

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def _get(emulator: EmulatorState, request: HttpRequest) -> Record:
    return models.get(emulator, request.path_values["project_id"], request.path_values["workspace_id"])


def _get_changeable(emulator: EmulatorState, request: HttpRequest) -> Record:
    record = _get(emulator, request)
    if record["id"] == models.DEFAULT:
        raise errors.protected_default()
    if record["status"] == "DELETING":
        raise errors.invalid_status(record["id"], record["status"])
    return record


def _check_name(emulator: EmulatorState, project_id: str, name: str) -> None:
    if name.lower() == "default":
        raise errors.reserved_name(name)
    if models.find_by_name(emulator, project_id, name):
        raise errors.name_in_use(emulator.behaviors, name)


def create_workspace(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    project_id, body, behaviors = request.path_values["project_id"], request.content, emulator.behaviors
    _check_name(emulator, project_id, body["name"])
    limit = behaviors["workspace_limit"]
    if limit and len(models.list_by_project(emulator, project_id)) > limit:
        raise errors.limit_exceeded(limit)
    if (
        behaviors["internal_without_grants"] == "refuse"
        and body.get("auth_type", "").lower() == "internal"
        and not body.get("grants")
    ):
        raise errors.grants_required()
    record = models.create(emulator, project_id, request.caller.user_name, body)
    if behaviors["workspace_creation"] == "fails":
        models.set_status(emulator, record, "CREATE_FAILED", "The workspace could not be created.")
    body = models.view if behaviors["workspace_create_answer"] == "full" else models.entry
    return HttpResponse(200, body(emulator, record))


def list_workspaces(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    query = request.query
    records = [
        record
        for record in models.list_by_project(emulator, request.path_values["project_id"])
        if _matches_query(emulator, request, record)
    ]
    fields = {"name": "name", "update_time": "update_time", "status": "status"}
    records.sort(key=lambda record: (record[fields[query["sort_by"]]], record["id"]), reverse=query["order"] == "desc")
    limit = query["limit"]
    if emulator.behaviors["page_cap"]:
        limit = min(limit, emulator.behaviors["page_cap"])
    first = query["offset"] * (limit if emulator.behaviors["workspace_offset"] == "page" else 1)
    page = records[first : first + limit]
    for record in records:
        models.count_read(emulator, record)
    return HttpResponse(
        200,
        {
            "total_count": len(records),
            "count": len(page),
            "workspaces": [models.entry(emulator, record) for record in page],
        },
    )


def _matches_query(emulator: EmulatorState, request: HttpRequest, record: Record) -> bool:
    query = request.query
    if query.get("enterprise_project_id", record["enterprise_project_id"]) != record["enterprise_project_id"]:
        return False
    if query["filter_accessible"] and not _is_accessible(request, record):
        return False
    return "name" not in query or _matches_name(emulator, query["name"], record["name"])


def _matches_name(emulator: EmulatorState, part: str, name: str) -> bool:
    if emulator.behaviors["workspace_name_filter"] == "insensitive":
        part, name = part.lower(), name.lower()
    return {"substring": part in name, "prefix": name.startswith(part), "exact": part == name}[
        str(emulator.behaviors["workspace_name_part"])
    ]


def _is_accessible(request: HttpRequest, record: Record) -> bool:
    """Return whether the workspace is public, owned by the caller, or granted to the caller."""
    caller = request.caller
    if record["auth_type"].lower() == "public" or record["owner"] == caller.user_name:
        return True
    return any(
        caller.user_id == grant.get("user_id") or caller.user_name == grant.get("user_name")
        for grant in record["grants"]
    )


def show_workspace(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record = _get(emulator, request)
    body = models.view(emulator, record)
    models.count_read(emulator, record)
    return HttpResponse(200, body)


def update_workspace(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record, body = _get_changeable(emulator, request), request.content
    if body.get("name", record["name"]) != record["name"]:
        _check_name(emulator, record["project_id"], body["name"])
    models.update(emulator, record, body)
    body = {"workspace_id": record["id"]}
    return HttpResponse(
        200,
        body if emulator.behaviors["workspace_update_answer"] == "id" else dict(models.view(emulator, record), **body),
    )


def delete_workspace(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record = _get_changeable(emulator, request)
    models.delete(emulator, record)
    return HttpResponse(200, {"workspace_id": record["id"]})


def show_quotas(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record = _get(emulator, request)
    return HttpResponse(200, {"quotas": [quotas.view(record, name, used=True) for name in record["quotas"]]})


def update_quotas(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    record, items = _get_changeable(emulator, request), request.content["quotas"]
    models.change_quotas(emulator, record, items)
    return HttpResponse(200, {"quotas": [quotas.view(record, item["resource"], used=False) for item in items]})


def list_users(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    users = emulator.stores.users.find(domain_id=request.caller.domain_id)
    return HttpResponse(200, {"users": [{"userName": user["name"]} for user in users]})


HANDLERS = {
    "CreateWorkspace": create_workspace,
    "ListWorkspace": list_workspaces,
    "ShowWorkspace": show_workspace,
    "UpdateWorkspace": update_workspace,
    "DeleteWorkspace": delete_workspace,
    "ShowWorkspaceQuotas": show_quotas,
    "UpdateWorkspaceQuotas": update_quotas,
    "ListUsers": list_users,
}
