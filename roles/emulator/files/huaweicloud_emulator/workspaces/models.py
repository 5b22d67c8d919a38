# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces, their grants and their removal."""

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
    """Names and limits are not looked at here: the seed may want what a client may not."""
    now = emulator.clock.millis()
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
    """Every project has one."""
    return create(emulator, project_id, "", {"name": "default"}, DEFAULT)


def grants(emulator: EmulatorState, auth_type: str, given: t.Sequence[t.Mapping[str, t.Any]] | None) -> list[Record]:
    """The grants as kept: only those of an INTERNAL workspace count, and the id wins over the name."""
    if auth_type.lower() != "internal":
        return []
    return [_completed(emulator, grant) for grant in given or ()]


def _completed(emulator: EmulatorState, grant: t.Mapping[str, t.Any]) -> Record:
    """The missing one of id and name comes from IAM."""
    field, value = ("id", grant["user_id"]) if grant.get("user_id") else ("name", grant.get("user_name", ""))
    found = emulator.stores.users.find(**{field: value})
    if not found and emulator.behaviors["unknown_grant_user"] == "reject":
        raise errors.unknown_user(value)
    known = {"user_id": found[0]["id"], "user_name": found[0]["name"]} if found else {f"user_{field}": value}
    return dict(known, user_type=grant.get("user_type", "IAM"))


def _advance(emulator: EmulatorState, record: Record) -> bool:
    """Lets a removal advance; false when the workspace is gone."""
    if (
        record["status"] != "DELETING"
        or record.get("forced")
        or not progress.due(emulator, record, "deletion_duration")
    ):
        return True
    if emulator.behaviors["workspace_deletion"] == "fails" and not record.get("again"):
        record.update(status="DELETE_FAILED", status_info=FAILED, update_time=emulator.clock.millis())
        _put(emulator, record)
        return True
    emulator.stores.workspaces.remove(_key(record["project_id"], record["id"]))
    return False


def of_project(emulator: EmulatorState, project_id: str) -> list[Record]:
    return [record for record in emulator.stores.workspaces.find(project_id=project_id) if _advance(emulator, record)]


def get(emulator: EmulatorState, project_id: str, workspace_id: str) -> Record:
    record = emulator.stores.workspaces.get(_key(project_id, workspace_id))
    if record is None or not _advance(emulator, record):
        raise errors.missing(emulator.behaviors, workspace_id)
    return record


def observe(emulator: EmulatorState, record: Record) -> None:
    if record["status"] == "DELETING":
        progress.observe(record)
        _put(emulator, record)


def named(emulator: EmulatorState, project_id: str, name: str) -> list[Record]:
    return [
        record
        for record in emulator.stores.workspaces.find(name=name, project_id=project_id)
        if _advance(emulator, record)
    ]


def update(emulator: EmulatorState, record: Record, body: t.Mapping[str, t.Any]) -> None:
    """Grants left out are cleared; what becomes of the rest is a behavior."""
    kept: Record = (
        record
        if emulator.behaviors["workspace_update_omitted"] == "keep"
        else {"description": "", "auth_type": "public"}
    )
    auth_type = body.get("auth_type", kept["auth_type"])
    new_grants = grants(emulator, auth_type, body.get("grants"))
    record.update(
        name=body.get("name", record["name"]),
        description=body.get("description", kept["description"]),
        auth_type=auth_type,
        grants=new_grants,
        update_time=emulator.clock.millis(),
    )
    _put(emulator, record)


def delete(emulator: EmulatorState, record: Record) -> None:
    """Begins the removal."""
    again = record["status"] == "DELETE_FAILED" and emulator.behaviors["workspace_deletion_retry"] == "succeeds"
    record.update(status="DELETING", status_info="", update_time=emulator.clock.millis(), again=again, forced=False)
    progress.start(emulator, record)
    _put(emulator, record)
    if emulator.behaviors["workspace_deletion"] == "immediate":
        emulator.stores.workspaces.remove(_key(record["project_id"], record["id"]))
    else:
        _advance(emulator, record)


def force(emulator: EmulatorState, record: Record, status: str, status_info: str) -> None:
    """A status the control plane wants; it stays until something else happens."""
    record.update(status=status, status_info=status_info, update_time=emulator.clock.millis(), forced=True)
    _put(emulator, record)


def change_quotas(emulator: EmulatorState, record: Record, wanted: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    quotas.change(emulator, record, wanted)
    _put(emulator, record)


def entry(emulator: EmulatorState, record: Record) -> Record:
    """As a list shows it: without grants."""
    form = emulator.behaviors["auth_type_readback"]
    auth_type = record["auth_type"]
    return {
        "id": 0
        if record["id"] == DEFAULT and emulator.behaviors["default_workspace_id_type"] == "number"
        else record["id"],
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
    """As a show or a creation answers: with the grants of an INTERNAL workspace."""
    shown = entry(emulator, record)
    return dict(shown, grants=record["grants"]) if record["auth_type"].lower() == "internal" else shown
