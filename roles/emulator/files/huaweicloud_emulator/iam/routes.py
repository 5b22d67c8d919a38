# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations of IAM."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.errors import iam
from huaweicloud_emulator.iam import models, temporary_keys
from huaweicloud_emulator.messages import HttpRequest, HttpResponse

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState


def create_token(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    auth = request.content["auth"]
    user = _authenticate(emulator, request, auth["identity"])
    project, domain = models.scope(emulator, user, auth.get("scope", {}))
    method = "password" if _is_by_password(auth["identity"]) else "assume_role"
    token, record = models.issue(emulator, user, project, domain, method)
    return HttpResponse(
        201, models.render_token(emulator, record, "nocatalog" not in request.query), {"X-Subject-Token": token}
    )


def _is_by_password(identity: dict[str, t.Any]) -> bool:
    return "password" in identity["methods"] and "password" in identity


def _authenticate(emulator: EmulatorState, request: HttpRequest, identity: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the user with the password, or the user of the agency that the caller assumes."""
    if _is_by_password(identity):
        return models.check_password(emulator, identity["password"]["user"])
    token = emulator.stores.tokens.get(request.headers.get("x-auth-token", ""))
    if token is None or token["expires_at"] <= emulator.clock.now():
        raise iam.service_error(401, "The request you have made requires authentication.")
    caller = emulator.stores.users.records[token["user_id"]]
    return temporary_keys.assume(emulator, caller["domain_id"], identity["assume_role"])


def _subject(emulator: EmulatorState, request: HttpRequest) -> tuple[str, dict[str, t.Any]]:
    token = request.headers["x-subject-token"]
    record = emulator.stores.tokens.get(token)
    if record is None or record["expires_at"] <= emulator.clock.now():
        raise iam.service_error(404, "Could not find token.")
    return token, record


def show_token(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    token, record = _subject(emulator, request)
    return HttpResponse(
        200, models.render_token(emulator, record, "nocatalog" not in request.query), {"X-Subject-Token": token}
    )


def revoke_token(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    token, record = _subject(emulator, request)
    emulator.stores.tokens.put(token, dict(record, expires_at=emulator.clock.now()))
    return HttpResponse(204)


def _projects(emulator: EmulatorState, request: HttpRequest) -> list[dict[str, t.Any]]:
    return [
        record
        for record in emulator.stores.projects.records.values()
        if record["domain_id"] == request.caller.domain_id
    ]


def _list(emulator: EmulatorState, records: list[dict[str, t.Any]]) -> HttpResponse:
    links = {"self": f"{emulator.url}/v3/projects", "next": None, "previous": None}
    return HttpResponse(
        200, {"links": links, "projects": [models.render_project(emulator, record) for record in records]}
    )


def list_projects(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    projects = _projects(emulator, request)
    for field in ("name", "domain_id"):
        if field in request.query:
            projects = [record for record in projects if record[field] == request.query[field]]
    if request.query.get("enabled") is False:
        projects = []
    if "parent_id" in request.query:
        projects = [record for record in projects if record["domain_id"] == request.query["parent_id"]]
    return _list(emulator, projects)


def list_own_projects(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    return _list(
        emulator,
        [
            record
            for record in _projects(emulator, request)
            if models.can_access_project(emulator, request.caller, record["id"])
        ],
    )


def list_own_domains(emulator: EmulatorState, request: HttpRequest) -> HttpResponse:
    domain = emulator.stores.domains.records[request.caller.domain_id]
    links = {"self": f"{emulator.url}/v3/auth/domains", "next": None, "previous": None}
    return HttpResponse(
        200, {"domains": [{"id": domain["id"], "name": domain["name"], "enabled": True}], "links": links}
    )


HANDLERS = {
    **temporary_keys.HANDLERS,
    "KeystoneListAuthDomains": list_own_domains,
    "KeystoneCreateUserTokenByPassword": create_token,
    "KeystoneValidateToken": show_token,
    "KeystoneRevokeToken": revoke_token,
    "KeystoneListProjects": list_projects,
    "KeystoneListAuthProjects": list_own_projects,
}
