# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces, their grants and their deletion."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress
from huaweicloud_emulator.state import new_id
from huaweicloud_emulator.workspaces import errors, quotas

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

DEFAULT = "0"
FAILED = "Resources in the workspace could not be cleared."


def _key(project_id: str, workspace_id: str) -> str:
    return f"{project_id}/{workspace_id}"


def _put(emulator: EmulatorState, record: Record) -> Record:
    return emulator.stores.workspaces.put(_key(record["project_id"], record["id"]), record)


def create(
    emulator: EmulatorState, project_id: str, owner: str, body: t.Mapping[str, t.Any], workspace_id: str | None = None
) -> Record:
    """Create a workspace. Names and limits are not checked, because a seed can violate them."""
    now = emulator.clock.now_ms()
    auth_type = body.get("auth_type", "public")
    record: Record = {
        "id": workspace_id or new_id(),
        "project_id": project_id,
        "name": body["name"],
        "description": body.get("description") or "",
        "owner": owner,
        "create_time": now,
        "update_time": now,
        "enterprise_project_id": body.get("enterprise_project_id", "0"),
        "auth_type": auth_type,
        "grants": grants(emulator, auth_type, body.get("grants")),
        "status": "NORMAL",
        "status_info": "",
        "quotas": quotas.initial(),
    }
    progress.start(emulator, record)
    return _put(emulator, record)


def add_default(emulator: EmulatorState, project_id: str) -> Record:
    """Add the default workspace, which each project has."""
    return create(emulator, project_id, "", {"name": "default"}, DEFAULT)


def grants(emulator: EmulatorState, auth_type: str, sent: t.Sequence[t.Mapping[str, t.Any]] | None) -> list[Record]:
    """Return the grants to store. Only INTERNAL workspaces have grants, and the ID takes precedence over the name."""
    if auth_type.lower() != "internal":
        return []
    return [_complete_grant(emulator, grant) for grant in sent or ()]


def _complete_grant(emulator: EmulatorState, grant: t.Mapping[str, t.Any]) -> Record:
    """Complete a grant with the ID or the name from IAM."""
    field, value = ("id", grant["user_id"]) if grant.get("user_id") else ("name", grant.get("user_name", ""))
    users = emulator.stores.users.find(**{field: value})
    if not users and emulator.behaviors["unknown_grant_user"] == "refuse":
        raise errors.unknown_user(value)
    known = {"user_id": users[0]["id"], "user_name": users[0]["name"]} if users else {f"user_{field}": value}
    return dict(known, user_type=grant.get("user_type", "IAM"))


def _advance(emulator: EmulatorState, record: Record) -> bool:
    """Advance a deletion and return whether the workspace still exists."""
    if record["status"] != "DELETING" or record.get("forced") or not progress.is_due(emulator, record, "gone_after"):
        return True
    if emulator.behaviors["workspace_delete"] == "failed" and not record.get("retried"):
        record.update(status="DELETE_FAILED", status_info=FAILED, update_time=emulator.clock.now_ms())
        _put(emulator, record)
        return True
    emulator.stores.workspaces.remove(_key(record["project_id"], record["id"]))
    return False


def list_by_project(emulator: EmulatorState, project_id: str) -> list[Record]:
    return [record for record in emulator.stores.workspaces.find(project_id=project_id) if _advance(emulator, record)]


def get(emulator: EmulatorState, project_id: str, workspace_id: str) -> Record:
    record = emulator.stores.workspaces.get(_key(project_id, workspace_id))
    if record is None or not _advance(emulator, record):
        raise errors.not_found(emulator.behaviors, workspace_id)
    return record


def count_read(emulator: EmulatorState, record: Record) -> None:
    if record["status"] == "DELETING":
        progress.count_read(record)
        _put(emulator, record)


def find_by_name(emulator: EmulatorState, project_id: str, name: str) -> list[Record]:
    return [
        record
        for record in emulator.stores.workspaces.find(name=name, project_id=project_id)
        if _advance(emulator, record)
    ]


def update(emulator: EmulatorState, record: Record, body: t.Mapping[str, t.Any]) -> None:
    """Update a workspace. Omitted grants are cleared. A behavior defines the effect on other omitted fields."""
    kept: Record = (
        record if emulator.behaviors["workspace_put_omitted"] == "keep" else {"description": "", "auth_type": "public"}
    )
    auth_type = body.get("auth_type", kept["auth_type"])
    new_grants = grants(emulator, auth_type, body.get("grants"))
    record.update(
        name=body.get("name", record["name"]),
        description=body.get("description", kept["description"]),
        auth_type=auth_type,
        grants=new_grants,
        update_time=emulator.clock.now_ms(),
    )
    _put(emulator, record)


def delete(emulator: EmulatorState, record: Record) -> None:
    """Start the deletion."""
    retried = record["status"] == "DELETE_FAILED" and emulator.behaviors["workspace_delete_again"] == "works"
    record.update(status="DELETING", status_info="", update_time=emulator.clock.now_ms(), retried=retried, forced=False)
    progress.start(emulator, record)
    _put(emulator, record)
    if emulator.behaviors["workspace_delete"] == "immediate":
        emulator.stores.workspaces.remove(_key(record["project_id"], record["id"]))
    else:
        _advance(emulator, record)


def set_status(emulator: EmulatorState, record: Record, status: str, status_info: str) -> None:
    """Set a status, which stays until the next operation on the workspace."""
    record.update(status=status, status_info=status_info, update_time=emulator.clock.now_ms(), forced=True)
    _put(emulator, record)


def change_quotas(emulator: EmulatorState, record: Record, items: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    quotas.change(emulator, record, items)
    _put(emulator, record)


def entry(emulator: EmulatorState, record: Record) -> Record:
    """Return the workspace as in a list, without grants."""
    form = emulator.behaviors["auth_type_readback"]
    auth_type = record["auth_type"]
    return {
        "id": 0 if record["id"] == DEFAULT and emulator.behaviors["default_workspace_id"] == "number" else record["id"],
        "name": record["name"],
        "description": record["description"],
        "owner": record["owner"],
        "create_time": record["create_time"],
        "update_time": record["update_time"],
        "enterprise_project_id": record["enterprise_project_id"],
        "enterprise_project_name": "default"
        if record["enterprise_project_id"] == "0"
        else f"ep-{record['enterprise_project_id'][:8]}",
        "auth_type": auth_type if form == "as_sent" else getattr(auth_type, form)(),
        "status": record["status"],
        "status_info": record["status_info"],
    }


def view(emulator: EmulatorState, record: Record) -> Record:
    """Return the workspace as in other responses, with the grants of an INTERNAL workspace."""
    body = entry(emulator, record)
    return dict(body, grants=record["grants"]) if record["auth_type"].lower() == "internal" else body
