# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""IAM: tokens and projects (API reference, "Token Management", "Project Management")."""

from __future__ import annotations

import datetime as dt
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import iam as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AmbiguousError,
    ForbiddenError,
    OptionError,
    ProtocolError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._values import moment_from_text, time_from_text

# A token is renewed when less than this is left of it (or half its life, when that is less).
_MARGIN = dt.timedelta(minutes=5)
_JUST_NOW = dt.timedelta(seconds=5)


class Token(t.NamedTuple):
    """A token, the project it is for (``None`` for a global one), when it ends (RFC 3339) and from when on to renew it."""

    value: str
    project_id: t.Optional[str]
    expires_at: t.Optional[str]
    stale_at: dt.datetime


def issue_token(client: Client) -> Token:
    """POST /v3/auth/tokens with user name and password, scoped to the project of the connection.

    Raises OptionError without user name and password, AuthError when they are refused.
    """
    connection, credentials = client.connection, client.connection.credentials
    if credentials.kind != "password":
        raise OptionError(
            "A token is issued for a user name and a password, and none are given.",
            hint=f"Set username, password and domain_name. {credentials.origin()}".rstrip(),
        )
    asked_at = client.now()
    answer = client.request(
        Operation(
            action=f"get a token for user '{credentials.username}'",
            method="POST",
            service="iam",
            segments=("v3", "auth", "tokens"),
            query=(("nocatalog", "true"),),
            body={"auth": {"identity": _password_identity(credentials), "scope": {"project": _scope(connection)}}},
            schema=shapes.TOKEN,
            in_project=False,
            authenticated=False,
            safe=True,
        )
    )
    value = answer.headers.get("x-subject-token")
    if not value:
        raise ProtocolError(
            "Failed to get a token: the answer lacks the header X-Subject-Token",
            status=201,
            request_id=answer.request_id,
        )
    client.register_secret(value)
    token = answer.data["token"]
    return Token(
        value,
        token.get("project", {}).get("id"),
        time_from_text(token["expires_at"]),
        _stale_at(token["expires_at"], asked_at),
    )


def find_project(client: Client) -> str:
    """GET /v3/projects?name=: the id of the one project of that name. Where that is not allowed, what GET /v3/auth/projects lists.

    Raises OptionError when no project has the name or no name is known, AmbiguousError when several have it.
    """
    name = client.connection.project_scope_name()
    if not name:
        raise OptionError(
            "No project is given.", hint="Set project_id (no look-up is needed then), project_name or region."
        )
    try:
        projects = _projects(client, ("v3", "projects"), (("name", name),))
    except ForbiddenError:
        # Listing what one can reach needs no permission at all (iam_06_0003).
        projects = _projects(client, ("v3", "auth", "projects"), ())
    ids = [project["id"] for project in projects if project["name"] == name]
    if len(ids) > 1:
        raise AmbiguousError(
            f"Several projects are called '{name}': {', '.join(ids)}.", hint="Set project_id to one of them."
        )
    if not ids:
        raise OptionError(
            f"No project is called '{name}', the value of {client.connection.project_name_origin or 'project_name'}.",
            hint="Set project_id, or project_name to its exact name; a region's main project is named like the region.",
        )
    return ids[0]


class ProjectIdentity:
    """The identity of one connection: issues a token when one is needed and can be had, and looks the project up once."""

    def __init__(self, connection: Connection) -> None:
        self._credentials = connection.credentials
        self._project_id = connection.project_id
        self._token: Token | None = None
        # Many threads may find the same token missing or stale.
        self._lock = threading.RLock()
        self._renewed_at: dt.datetime | None = None

    def token(self, client: Client) -> str:
        """The token to send now: the one that was given, or one of our own that has time left."""
        if self._credentials.kind == "token":
            return t.cast(str, self._credentials.auth_token)
        return self.issued(client).value

    def issued(self, client: Client) -> Token:
        """A token of our own, new when the last one is stale."""
        with self._lock:
            if self._token is None or client.now() >= self._token.stale_at:
                self._token = issue_token(client)
            return self._token

    def renew(self, client: Client) -> bool:
        """Gets a new token after a refusal; false where we can not (a token that was given, or keys)."""
        if self._credentials.kind != "password":
            return False
        with self._lock:
            # Of many that were refused at once, one gets the new token for all.
            if self._renewed_at is None or client.now() - self._renewed_at > _JUST_NOW:
                self._token = issue_token(client)
                self._renewed_at = client.now()
        return True

    def project_id(self, client: Client) -> str:
        """The project's id: given, or the token's, or looked up by name."""
        with self._lock:
            if not self._project_id and self._credentials.kind == "password":
                self._project_id = self.issued(client).project_id
            if not self._project_id:
                self._project_id = find_project(client)
            return self._project_id


def _projects(client: Client, segments: tuple[str, ...], query: tuple[tuple[str, str], ...]) -> list[dict[str, t.Any]]:
    name = client.connection.project_scope_name()
    return client.request(
        Operation(
            action=f"look up project '{name}'",
            method="GET",
            service="iam",
            segments=segments,
            query=query,
            permission="iam:projects:listProjects",
            schema=shapes.PROJECTS,
            in_project=False,
        )
    ).data["projects"]


def _password_identity(credentials: Credentials) -> dict[str, t.Any]:
    domain = {"name": credentials.domain_name} if credentials.domain_name else {"id": credentials.domain_id}
    user = {"name": credentials.username, "password": credentials.password, "domain": domain}
    return {"methods": ["password"], "password": {"user": user}}


def _scope(connection: Connection) -> dict[str, str]:
    if connection.project_id:
        return {"id": connection.project_id}
    name = connection.project_scope_name()
    if not name:
        raise OptionError(
            "No project is given, and a token must have one.", hint="Set project_id, project_name or region."
        )
    return {"name": name}


def _stale_at(expires_at: str, asked_at: dt.datetime) -> dt.datetime:
    end = moment_from_text(expires_at)
    if end is None or end <= asked_at:
        # An unreadable end, or a clock that is far ahead: use the token for this task, a refusal renews it.
        return asked_at + dt.timedelta(hours=1)
    return end - min(_MARGIN, (end - asked_at) / 2)
