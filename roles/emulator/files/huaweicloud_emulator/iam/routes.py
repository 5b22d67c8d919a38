# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations of IAM."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.errors import iam
from huaweicloud_emulator.iam import models
from huaweicloud_emulator.messages import Call, Reply

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World


def create_token(world: World, call: Call) -> Reply:
    auth = call.content["auth"]
    user = models.log_in(world, auth["identity"]["password"]["user"])
    project, domain = models.scope(world, user, auth.get("scope", {}))
    token, record = models.issue(world, user, project, domain)
    return Reply(201, models.token_view(world, record, "nocatalog" not in call.query), {"X-Subject-Token": token})


def _subject(world: World, call: Call) -> tuple[str, dict[str, t.Any]]:
    token = call.headers["x-subject-token"]
    record = world.stores.tokens.get(token)
    if record is None or record["expires_at"] <= world.clock.now():
        raise iam.refused(404, "Could not find token.")
    return token, record


def show_token(world: World, call: Call) -> Reply:
    token, record = _subject(world, call)
    return Reply(200, models.token_view(world, record, "nocatalog" not in call.query), {"X-Subject-Token": token})


def revoke_token(world: World, call: Call) -> Reply:
    token, record = _subject(world, call)
    world.stores.tokens.put(token, dict(record, expires_at=world.clock.now()))
    return Reply(204)


def _projects(world: World, call: Call) -> list[dict[str, t.Any]]:
    return [record for record in world.stores.projects.records.values() if record["domain_id"] == call.who.domain_id]


def _list(world: World, records: list[dict[str, t.Any]]) -> Reply:
    links = {"self": f"{world.url}/v3/projects", "next": None, "previous": None}
    return Reply(200, {"links": links, "projects": [models.project_view(world, record) for record in records]})


def list_projects(world: World, call: Call) -> Reply:
    found = _projects(world, call)
    for field in ("name", "domain_id"):
        if field in call.query:
            found = [record for record in found if record[field] == call.query[field]]
    if call.query.get("enabled") is False:
        found = []
    if "parent_id" in call.query:
        found = [record for record in found if record["domain_id"] == call.query["parent_id"]]
    return _list(world, found)


def list_own_projects(world: World, call: Call) -> Reply:
    return _list(world, [record for record in _projects(world, call) if models.reaches(world, call.who, record["id"])])


HANDLERS = {
    "KeystoneCreateUserTokenByPassword": create_token,
    "KeystoneValidateToken": show_token,
    "KeystoneRevokeToken": revoke_token,
    "KeystoneListProjects": list_projects,
    "KeystoneListAuthProjects": list_own_projects,
}
