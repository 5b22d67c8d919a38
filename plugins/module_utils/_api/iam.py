# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The operations of IAM: tokens and projects (API reference, "Token Management", "Project Management")."""

from __future__ import annotations

import datetime as dt
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import iam as schemas
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
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_time, parse_moment

if t.TYPE_CHECKING:
    # Most tasks use no cache, so this file is imported late.
    from ansible_collections.community.huaweicloud.plugins.module_utils._api.token_cache import TokenCache

# A token is renewed when less than this is left of it (or half its life, when that is less).
_MARGIN = dt.timedelta(minutes=5)
_RENEWAL_INTERVAL = dt.timedelta(seconds=5)


TOKEN_KEYS = ("value", "project_id")


class Token(t.NamedTuple):
    """A token, its project (``None`` for a token without project), its expiration (RFC 3339), and when to renew it."""

    value: str
    project_id: t.Optional[str]
    expires_at: t.Optional[str]
    stale_at: dt.datetime


def issue_token(client: Client, *, for_account: bool = False) -> Token:
    """Issue a token for the user name and password, with the scope of the project or of the account (POST /v3/auth/tokens).

    Raise OptionError without a user name and a password, and AuthError if IAM rejects them.
    """
    connection, credentials = client.connection, client.connection.credentials
    if credentials.kind != "password":
        raise OptionError(
            "A token is issued for a user name and a password, and none are given.",
            hint=f"Set username, password and domain_name. {credentials.origin()}".rstrip(),
        )
    requested_at = client.now()
    scope = {"domain": _find_domain(credentials)} if for_account else {"project": _project_scope(connection)}
    response = client.request(
        Operation(
            action=f"get a token for user '{credentials.username}'",
            method="POST",
            service="iam",
            segments=("v3", "auth", "tokens"),
            query=(("nocatalog", "true"),),
            body={"auth": {"identity": _password_identity(credentials), "scope": scope}},
            schema=schemas.TOKEN,
            in_project=False,
            authenticated=False,
            safe=True,
        )
    )
    value = response.headers.get("x-subject-token")
    if not value:
        raise ProtocolError(
            "Failed to get a token: the response lacks the header X-Subject-Token",
            status=201,
            request_id=response.request_id,
        )
    client.register_secret(value)
    token = response.data["token"]
    return Token(
        value,
        token.get("project", {}).get("id"),
        format_time(token["expires_at"]),
        calculate_stale_at(token["expires_at"], requested_at),
    )


def find_project(client: Client) -> str:
    """Return the ID of the project with the name of the connection (GET /v3/projects?name=).

    If the user has no permission for that, search the accessible projects (GET /v3/auth/projects). Raise OptionError if no project has the name or
    no name is known, and AmbiguousError if several projects have it.
    """
    name = client.connection.project_scope_name()
    if not name:
        raise OptionError(
            "No project is given.", hint="Set project_id (no look-up is needed then), project_name or region."
        )
    try:
        projects = _list_projects(client, ("v3", "projects"), (("name", name),))
    except ForbiddenError:
        # This list needs no permission (iam_06_0003).
        projects = _list_projects(client, ("v3", "auth", "projects"), ())
    ids = [project["id"] for project in projects if project["name"] == name]
    if len(ids) > 1:
        raise AmbiguousError(
            f"Several projects have the name '{name}': {', '.join(ids)}.", hint="Set project_id to one of them."
        )
    if not ids:
        raise OptionError(
            f"No project is called '{name}', the value of {client.connection.project_name_origin or 'project_name'}.",
            hint="Set project_id, or project_name to its exact name; a region's main project is named like the region.",
        )
    return ids[0]


class ProjectIdentity:
    """The identity of one connection: issues tokens for a user, and looks the project up once."""

    def __init__(self, connection: Connection, *, for_account: bool = False, cache: TokenCache | None = None) -> None:
        """``for_account`` is the identity of a caller that assumes an agency, because its account does not have the project."""
        self._for_account = for_account
        self._cache = cache
        self._credentials = connection.credentials
        self._project_id = connection.project_id
        self._token: Token | None = None
        # Several threads may need a new token at the same time.
        self._lock = threading.RLock()
        self._renewed_at: dt.datetime | None = None

    def credentials(self, client: Client) -> Credentials:
        """Return the configured credentials."""
        return self._credentials

    def token(self, client: Client) -> str:
        """Return the configured token, or an issued one that is still valid."""
        if self._credentials.kind == "token":
            return self._credentials.auth_token or ""
        return self.get_issued_token(client).value

    def get_issued_token(self, client: Client) -> Token:
        """Return the issued token. Issue a new one for the first call, and if the token expires soon. If this fails, use the token until it expires."""
        token = self._token
        if token is not None and client.now() < token.stale_at:
            return token
        with self._lock:
            if self._token is None or client.now() >= self._token.stale_at:
                self._token = self._renew_valid(client) or self._issue(client)
            return self._token

    def renew(self, client: Client) -> bool:
        """Issue a new token after the service rejected one; return false for a configured token and for keys."""
        if self._credentials.kind != "password":
            return False
        with self._lock:
            # If the service rejects several requests at once, one thread issues the new token for all.
            if self._renewed_at is None or client.now() - self._renewed_at > _RENEWAL_INTERVAL:
                self._token = self._issue(client, self._token.value if self._token else None)
                self._renewed_at = client.now()
        return True

    def project_id(self, client: Client) -> str:
        """Return the project ID: the configured one, the one of the token, or the one of the project with the name."""
        if self._project_id:
            return self._project_id
        with self._lock:
            if not self._project_id and self._credentials.kind == "password":
                self._project_id = self.get_issued_token(client).project_id
            if not self._project_id:
                self._project_id = find_project(client)
            return self._project_id

    def _issue(self, client: Client, rejected: str | None = None) -> Token:
        """Return a new token, or the one of the cache unless the service rejected it."""
        if self._cache is None:
            return issue_token(client, for_account=self._for_account)
        entry = self._cache.get_or_create(client.now, lambda: self._create(client), rejected, client.time_left())
        return _read_entry(client, entry)

    def _create(self, client: Client) -> dict[str, str | None]:
        token = issue_token(client, for_account=self._for_account)
        return {name: getattr(token, name) for name in (*TOKEN_KEYS, "expires_at")}

    def _renew_valid(self, client: Client) -> Token | None:
        """Return the token of the cache, a new token from a single attempt, or the valid one after a failure; ``None`` without a valid token."""
        token = self._token
        if token is None or not is_valid(token.expires_at, client.now()):
            entry = self._cache.find_valid(client.now()) if self._cache else None
            if self._cache is None or entry is None:
                return None
            token = _read_entry(client, entry)
            if self._cache.is_fresh(entry, client.now()):
                return token
        # Other threads use the valid token during the attempt.
        self._token = token._replace(stale_at=parse_moment(token.expires_at or "") or token.stale_at)
        # Most tasks end before their token must be renewed, so this file is imported late.
        from ansible_collections.community.huaweicloud.plugins.module_utils._api.renewal import renew_once

        found = renew_once(client, token.expires_at or "", self._create, lambda dummy: self._cache)
        if isinstance(found, dt.datetime):
            return token._replace(stale_at=found)
        return _read_entry(client, found) if found else None


def find_account(client: Client) -> str:
    """Return the ID of the account of the credentials (GET /v3/auth/domains). Raise ProtocolError unless there is exactly one."""
    response = client.request(
        Operation(
            action="look up the account of the credentials",
            method="GET",
            service="iam",
            segments=("v3", "auth", "domains"),
            schema=schemas.ACCOUNTS,
            in_project=False,
        )
    )
    ids = [domain["id"] for domain in response.data["domains"]]
    if len(ids) != 1:
        raise ProtocolError(
            f"Failed to look up the account of the credentials: IAM returned {len(ids)} accounts",
            hint="Set domain_id together with the credentials.",
            request_id=response.request_id,
        )
    return ids[0]


def _list_projects(
    client: Client, segments: tuple[str, ...], query: tuple[tuple[str, str], ...]
) -> list[dict[str, t.Any]]:
    name = client.connection.project_scope_name()
    return client.request(
        Operation(
            action=f"look up project '{name}'",
            method="GET",
            service="iam",
            segments=segments,
            query=query,
            permission="iam:projects:listProjects",
            schema=schemas.PROJECTS,
            in_project=False,
        )
    ).data["projects"]


def _read_entry(client: Client, entry: t.Mapping[str, t.Optional[str]]) -> Token:
    value, expires_at = entry["value"] or "", entry["expires_at"] or ""
    client.register_secret(value)
    return Token(value, entry["project_id"], expires_at, calculate_stale_at(expires_at, client.now()))


def _password_identity(credentials: Credentials) -> dict[str, t.Any]:
    user = {"name": credentials.username, "password": credentials.password, "domain": _find_domain(credentials)}
    return {"methods": ["password"], "password": {"user": user}}


def _find_domain(credentials: Credentials) -> dict[str, str | None]:
    return {"name": credentials.domain_name} if credentials.domain_name else {"id": credentials.domain_id}


def _project_scope(connection: Connection) -> dict[str, str]:
    if connection.project_id:
        return {"id": connection.project_id}
    name = connection.project_scope_name()
    if not name:
        raise OptionError(
            "No project is given, and a token must have one.", hint="Set project_id, project_name or region."
        )
    return {"name": name}


def is_valid(expires_at: str | None, now: dt.datetime) -> bool:
    """Return whether a token or temporary keys are still valid. This is false if the expiration is unreadable."""
    expiration = parse_moment(expires_at or "")
    return expiration is not None and expiration > now


def calculate_stale_at(expires_at: str, requested_at: dt.datetime) -> dt.datetime:
    """Return when to renew a token or temporary keys: five minutes before they expire, or after half of a shorter life."""
    expiration = parse_moment(expires_at)
    if expiration is None or expiration <= requested_at:
        # The expiration is unreadable, or the local clock is far ahead. Use the token for this task; if it is rejected, it is renewed.
        return requested_at + dt.timedelta(hours=1)
    return expiration - min(_MARGIN, (expiration - requested_at) / 2)
