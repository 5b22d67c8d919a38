# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Temporary keys: of an agency that the caller assumes, and of the metadata service of a server.

Sources: IAM API reference, "Obtaining a Temporary Access Key and Security Token Through an Agency", and those of ``_http/metadata.py``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import iam as schemas
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    METADATA,
    Credentials,
    check_header_value,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    OptionError,
    ProtocolError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import metadata
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import Identity
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import Transport

_RENEWAL_INTERVAL = dt.timedelta(seconds=5)
_HINT_AGENCY = (
    "Check agency_name and the account of the agency. "
    "The agency must trust the account of the credentials, and the credentials need the permission Agent Operator."
)


class TemporaryKeys(t.NamedTuple):
    """Temporary keys, their expiration as IAM writes it, and when to renew them."""

    credentials: Credentials
    expires_at: str
    stale_at: dt.datetime


class KeySource(t.Protocol):
    """Provides temporary keys."""

    def fetch(self, client: Client) -> TemporaryKeys: ...


class TemporaryKeysIdentity:
    """The identity of temporary keys: gets new ones before they expire, and looks the project up once. Threads can share it."""

    def __init__(self, connection: Connection, source: KeySource) -> None:
        self._source = source
        self._project_id = connection.project_id
        self._keys: TemporaryKeys | None = None
        self._lock = threading.RLock()
        self._renewed_at: dt.datetime | None = None

    def credentials(self, client: Client) -> Credentials:
        """Return keys that are still valid."""
        with self._lock:
            if self._keys is None or client.now() >= self._keys.stale_at:
                self._keys = self._source.fetch(client)
            return self._keys.credentials

    def token(self, client: Client) -> str:
        """Return an empty text, because keys need no token."""
        return ""

    def renew(self, client: Client) -> bool:
        """Get new keys after the service rejected some as expired."""
        with self._lock:
            if self._renewed_at is None or client.now() - self._renewed_at > _RENEWAL_INTERVAL:
                self._keys = self._source.fetch(client)
                self._renewed_at = client.now()
        return True

    def project_id(self, client: Client) -> str:
        """Return the project ID: the configured one, or the one of the project with the name."""
        with self._lock:
            if not self._project_id:
                self._project_id = iam.find_project(client)
            return self._project_id


class MetadataKeys:
    """The keys of the metadata service."""

    def __init__(self, connection: Connection, transport: Transport) -> None:
        self._connection = connection
        self._transport = transport

    def fetch(self, client: Client) -> TemporaryKeys:
        """Get keys from the metadata service. Raise a ServiceError if it provides none."""
        requested_at = client.now()
        url = self._connection.metadata_url or ""
        data = metadata.fetch_keys(url, self._transport, schemas.TEMPORARY_KEYS, client.redact)
        return _read_keys(client, self._connection.credentials, data["credential"], requested_at)


class AgencyKeys:
    """The keys of an agency, which the caller assumes with its own credentials."""

    def __init__(self, connection: Connection, agency: Agency, caller: Identity) -> None:
        self._agency = agency
        self._caller = caller
        # The project belongs to the account of the agency.
        self._connection = dataclasses.replace(
            connection, agency=None, project_id=None, project_name=None, domain_id=connection.credentials.domain_id
        )

    def fetch(self, client: Client) -> TemporaryKeys:
        """Assume the agency (POST /v3.0/OS-CREDENTIAL/securitytokens). Raise a ServiceError if IAM refuses that."""
        caller = client.act_as(self._connection, self._caller)
        if self._connection.is_signed and not self._connection.domain_id:
            # IAM is a global service: signed requests name the account.
            self._connection = dataclasses.replace(self._connection, domain_id=iam.find_account(caller))
            caller = client.act_as(self._connection, self._caller)
        requested_at = client.now()
        credential = assume_agency(caller, self._agency)
        return _read_keys(client, self._connection.credentials, credential, requested_at)


def build_identity(connection: Connection, make_metadata_transport: t.Callable[[], Transport]) -> TemporaryKeysIdentity:
    """Return the identity of a connection with an agency or with the metadata of a server. Send nothing."""
    credentials, agency = connection.credentials, connection.agency
    caller: Identity | None = None
    if credentials.kind == METADATA:
        caller = TemporaryKeysIdentity(connection, MetadataKeys(connection, make_metadata_transport()))
        if agency is None:
            return caller
    if agency is None:
        raise ValueError(f"credentials of the kind {credentials.kind} are not temporary")
    caller = caller or iam.ProjectIdentity(connection, for_account=True)
    return TemporaryKeysIdentity(connection, AgencyKeys(connection, agency, caller))


def assume_agency(client: Client, agency: Agency) -> dict[str, str]:
    """Return temporary keys of an agency (POST /v3.0/OS-CREDENTIAL/securitytokens). Raise a ServiceError if IAM refuses that."""
    account = {"domain_id": agency.domain_id} if agency.domain_id else {"domain_name": agency.domain_name}
    role = {"agency_name": agency.name, "duration_seconds": agency.duration, **account}
    operation = Operation(
        action=f"assume {agency.label}",
        method="POST",
        service="iam",
        segments=("v3.0", "OS-CREDENTIAL", "securitytokens"),
        body={"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}},
        schema=schemas.TEMPORARY_KEYS,
        in_project=False,
        safe=True,
    )
    try:
        return client.request(operation).data["credential"]
    except (BadRequestError, ForbiddenError, NotFoundError) as error:
        raise error.replace(hint=_HINT_AGENCY) from None


def _read_keys(
    client: Client, origin: Credentials, credential: t.Mapping[str, str], requested_at: dt.datetime
) -> TemporaryKeys:
    """Return keys from a response, and register their secrets."""
    for name in ("secret", "securitytoken"):
        client.register_secret(credential[name])
    try:
        for name in ("access", "securitytoken"):
            check_header_value(name, credential[name])
    except OptionError as error:
        raise ProtocolError(f"Failed to get temporary keys: {error.message}") from None
    credentials = Credentials(
        "aksk",
        origin.source,
        access_key=credential["access"],
        secret_key=credential["secret"],
        security_token=credential["securitytoken"],
        origins=origin.origins,
        location=origin.location,
    )
    expires_at = credential["expires_at"]
    return TemporaryKeys(credentials, expires_at, iam.calculate_stale_at(expires_at, requested_at))
