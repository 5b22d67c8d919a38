# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations on workspaces."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.messages import Call, Reply
from huaweicloud_emulator.workspaces import errors, models, quotas

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Record = t.Dict[str, t.Any]


def _get(world: World, call: Call) -> Record:
    return models.get(world, call.path_values["project_id"], call.path_values["workspace_id"])


def _changeable(world: World, call: Call) -> Record:
    record = _get(world, call)
    if record["id"] == models.DEFAULT:
        raise errors.default_protected()
    if record["status"] == "DELETING":
        raise errors.state_forbids(record["id"], record["status"])
    return record


def _check_name(world: World, project_id: str, name: str) -> None:
    if name.lower() == "default":
        raise errors.reserved(name)
    if models.named(world, project_id, name):
        raise errors.taken(world.switches, name)


def create_workspace(world: World, call: Call) -> Reply:
    project_id, body, switches = call.path_values["project_id"], call.content, world.switches
    _check_name(world, project_id, body["name"])
    limit = switches["workspace_limit"]
    if limit and len(models.of_project(world, project_id)) > limit:
        raise errors.too_many(limit)
    if (
        switches["internal_without_grants"] == "refuse"
        and body.get("auth_type", "").lower() == "internal"
        and not body.get("grants")
    ):
        raise errors.grants_needed()
    record = models.create(world, project_id, call.who.user_name, body)
    if switches["workspace_creation"] == "fails":
        models.force(world, record, "CREATE_FAILED", "The workspace could not be created.")
    shown = models.view if switches["workspace_create_answer"] == "full" else models.entry
    return Reply(200, shown(world, record))


def list_workspaces(world: World, call: Call) -> Reply:
    query = call.query
    found = [
        record for record in models.of_project(world, call.path_values["project_id"]) if _wanted(world, call, record)
    ]
    fields = {"name": "name", "update_time": "update_time", "status": "status"}
    found.sort(key=lambda record: (record[fields[query["sort_by"]]], record["id"]), reverse=query["order"] == "desc")
    limit = query["limit"]
    if world.switches["page_cap"]:
        limit = min(limit, world.switches["page_cap"])
    first = query["offset"] * (limit if world.switches["workspace_offset"] == "page" else 1)
    page = found[first : first + limit]
    for record in found:
        models.observe(world, record)
    return Reply(
        200,
        {"total_count": len(found), "count": len(page), "workspaces": [models.entry(world, record) for record in page]},
    )


def _wanted(world: World, call: Call, record: Record) -> bool:
    query = call.query
    if query.get("enterprise_project_id", record["enterprise_project_id"]) != record["enterprise_project_id"]:
        return False
    if query["filter_accessible"] and not _accessible(call, record):
        return False
    return "name" not in query or _is_found(world, query["name"], record["name"])


def _is_found(world: World, part: str, name: str) -> bool:
    if world.switches["workspace_name_filter"] == "insensitive":
        part, name = part.lower(), name.lower()
    return {"substring": part in name, "prefix": name.startswith(part), "exact": part == name}[
        str(world.switches["workspace_name_part"])
    ]


def _accessible(call: Call, record: Record) -> bool:
    """Public ones, one's own, and internal ones one is granted."""
    who = call.who
    if record["auth_type"].lower() == "public" or record["owner"] == who.user_name:
        return True
    return any(
        who.user_id == grant.get("user_id") or who.user_name == grant.get("user_name") for grant in record["grants"]
    )


def show_workspace(world: World, call: Call) -> Reply:
    record = _get(world, call)
    shown = models.view(world, record)
    models.observe(world, record)
    return Reply(200, shown)


def update_workspace(world: World, call: Call) -> Reply:
    record, body = _changeable(world, call), call.content
    if body.get("name", record["name"]) != record["name"]:
        _check_name(world, record["project_id"], body["name"])
    models.update(world, record, body)
    answer = {"workspace_id": record["id"]}
    return Reply(
        200, answer if world.switches["workspace_update_answer"] == "id" else dict(models.view(world, record), **answer)
    )


def delete_workspace(world: World, call: Call) -> Reply:
    record = _changeable(world, call)
    models.delete(world, record)
    return Reply(200, {"workspace_id": record["id"]})


def show_quotas(world: World, call: Call) -> Reply:
    record = _get(world, call)
    return Reply(200, {"quotas": [quotas.view(record, name, used=True) for name in record["quotas"]]})


def update_quotas(world: World, call: Call) -> Reply:
    record, wanted = _changeable(world, call), call.content["quotas"]
    models.change_quotas(world, record, wanted)
    return Reply(200, {"quotas": [quotas.view(record, item["resource"], used=False) for item in wanted]})


def list_users(world: World, call: Call) -> Reply:
    users = world.stores.users.find(domain_id=call.who.domain_id)
    return Reply(200, {"users": [{"userName": user["name"]} for user in users]})


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
