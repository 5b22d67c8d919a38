# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The headers of a request, and the identity that provides tokens and the project ID."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import Credentials
from ansible_collections.community.huaweicloud.plugins.module_utils._http import signing
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._values import host_header

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client

USER_AGENT = "community.huaweicloud (Ansible)"


class Identity(t.Protocol):
    """Provides credentials, tokens and the project ID of a client. Each method may send requests with that client."""

    def credentials(self, client: Client) -> Credentials: ...

    def token(self, client: Client) -> str: ...

    def renew(self, client: Client) -> bool: ...

    def project_id(self, client: Client) -> str: ...


class FixedIdentity:
    """The identity of a connection with a project ID, and with keys or a token: it needs no requests to IAM."""

    def __init__(self, connection: Connection) -> None:
        self._credentials = connection.credentials
        self._project_id = connection.project_id or ""

    def credentials(self, client: Client) -> Credentials:
        """Return the configured credentials."""
        return self._credentials

    def token(self, client: Client) -> str:
        """Return the configured token."""
        return self._credentials.auth_token or ""

    def renew(self, client: Client) -> bool:
        """Return false: configured keys and tokens cannot be renewed."""
        return False

    def project_id(self, client: Client) -> str:
        """Return the configured project ID."""
        return self._project_id


def build_headers(
    operation: Operation,
    url: str,
    body: bytes | None,
    connection: Connection,
    *,
    credentials: t.Callable[[], Credentials],
    token: t.Callable[[], str],
    project_id: t.Callable[[], str],
    now: t.Callable[[], dt.datetime],
) -> dict[str, str]:
    """Return the headers of a request with a token or a signature. The functions are called only if their values are needed."""
    headers = {"Host": host_header(url), "User-Agent": USER_AGENT, "Accept": "application/json"}
    if operation.method != "GET" and operation.with_content_type:
        # ASM requires the header on every write, even on a DELETE without a body.
        headers["Content-Type"] = "application/json"
    if operation.in_project:
        headers["X-Project-Id"] = project_id()
    if not operation.authenticated:
        return headers
    keys = credentials()
    if keys.kind != "aksk":
        headers["X-Auth-Token"] = token()
        return headers
    if not operation.in_project and connection.domain_id:
        headers["X-Domain-Id"] = connection.domain_id
    if keys.security_token:
        headers["X-Security-Token"] = keys.security_token
    access_key, secret_key = keys.access_key or "", keys.secret_key or ""
    headers.update(signing.sign(operation.method, url, headers, body, access_key, secret_key, now()))
    return headers
