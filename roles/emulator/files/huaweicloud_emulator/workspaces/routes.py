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


def _get(emulator: EmulatorState, call: HttpRequest) -> Record:
    return models.get(emulator, call.path_values["project_id"], call.path_values["workspace_id"])


def _changeable(emulator: EmulatorState, call: HttpRequest) -> Record:
    record = _get(emulator, call)
    if record["id"] == models.DEFAULT:
        raise errors.default_protected()
    if record["status"] == "DELETING":
        raise errors.state_forbids(record["id"], record["status"])
    return record


def _check_name(emulator: EmulatorState, project_id: str, name: str) -> None:
    if name.lower() == "default":
        raise errors.reserved(name)
    if models.named(emulator, project_id, name):
        raise errors.taken(emulator.behaviors, name)


def create_workspace(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    project_id, body, behaviors = call.path_values["project_id"], call.content, emulator.behaviors
    _check_name(emulator, project_id, body["name"])
    limit = behaviors["workspace_limit"]
    if limit and len(models.of_project(emulator, project_id)) > limit:
        raise errors.too_many(limit)
    if (
        behaviors["internal_without_grants"] == "reject"
        and body.get("auth_type", "").lower() == "internal"
        and not body.get("grants")
    ):
        raise errors.grants_needed()
    record = models.create(emulator, project_id, call.who.user_name, body)
    if behaviors["workspace_creation"] == "fails":
        models.force(emulator, record, "CREATE_FAILED", "The workspace could not be created.")
    shown = models.view if behaviors["workspace_create_response"] == "full" else models.entry
    return HttpResponse(200, shown(emulator, record))


def list_workspaces(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    query = call.query
    found = [
        record
        for record in models.of_project(emulator, call.path_values["project_id"])
        if _wanted(emulator, call, record)
    ]
    fields = {"name": "name", "update_time": "update_time", "status": "status"}
    found.sort(key=lambda record: (record[fields[query["sort_by"]]], record["id"]), reverse=query["order"] == "desc")
    limit = query["limit"]
    if emulator.behaviors["page_size_limit"]:
        limit = min(limit, emulator.behaviors["page_size_limit"])
    first = query["offset"] * (limit if emulator.behaviors["workspace_offset_unit"] == "page" else 1)
    page = found[first : first + limit]
    for record in found:
        models.observe(emulator, record)
    return HttpResponse(
        200,
        {
            "total_count": len(found),
            "count": len(page),
            "workspaces": [models.entry(emulator, record) for record in page],
        },
    )


def _wanted(emulator: EmulatorState, call: HttpRequest, record: Record) -> bool:
    query = call.query
    if query.get("enterprise_project_id", record["enterprise_project_id"]) != record["enterprise_project_id"]:
        return False
    if query["filter_accessible"] and not _accessible(call, record):
        return False
    return "name" not in query or _is_found(emulator, query["name"], record["name"])


def _is_found(emulator: EmulatorState, part: str, name: str) -> bool:
    if emulator.behaviors["workspace_name_case"] == "insensitive":
        part, name = part.lower(), name.lower()
    return {"substring": part in name, "prefix": name.startswith(part), "exact": part == name}[
        str(emulator.behaviors["workspace_name_match"])
    ]


def _accessible(call: HttpRequest, record: Record) -> bool:
    """Public ones, one's own, and internal ones one is granted."""
    who = call.who
    if record["auth_type"].lower() == "public" or record["owner"] == who.user_name:
        return True
    return any(
        who.user_id == grant.get("user_id") or who.user_name == grant.get("user_name") for grant in record["grants"]
    )


def show_workspace(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record = _get(emulator, call)
    shown = models.view(emulator, record)
    models.observe(emulator, record)
    return HttpResponse(200, shown)


def update_workspace(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record, body = _changeable(emulator, call), call.content
    if body.get("name", record["name"]) != record["name"]:
        _check_name(emulator, record["project_id"], body["name"])
    models.update(emulator, record, body)
    answer = {"workspace_id": record["id"]}
    return HttpResponse(
        200,
        answer
        if emulator.behaviors["workspace_update_response"] == "id"
        else dict(models.view(emulator, record), **answer),
    )


def delete_workspace(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record = _changeable(emulator, call)
    models.delete(emulator, record)
    return HttpResponse(200, {"workspace_id": record["id"]})


def show_quotas(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record = _get(emulator, call)
    return HttpResponse(200, {"quotas": [quotas.view(record, name, used=True) for name in record["quotas"]]})


def update_quotas(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    record, wanted = _changeable(emulator, call), call.content["quotas"]
    models.change_quotas(emulator, record, wanted)
    return HttpResponse(200, {"quotas": [quotas.view(record, item["resource"], used=False) for item in wanted]})


def list_users(emulator: EmulatorState, call: HttpRequest) -> HttpResponse:
    users = emulator.stores.users.find(domain_id=call.who.domain_id)
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
