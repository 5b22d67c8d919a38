# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Get and renew temporary keys of an agency that the caller assumes, or of the metadata service of a server.

Source: IAM API reference, "Obtaining a Temporary Access Key and Security Token Through an Agency". See also the sources of ``_http/metadata.py``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import iam
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import iam as schemas
from ansible_collections.community.huaweicloud.plugins.module_utils._api.token_cache import Entry, TokenCache
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
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http import metadata
from ansible_collections.community.huaweicloud.plugins.module_utils._http.auth import Identity
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._http.operation import Operation
from ansible_collections.community.huaweicloud.plugins.module_utils._http.transport import (
    HttpRequest,
    HttpResponse,
    Transport,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_moment

_RENEWAL_INTERVAL = dt.timedelta(seconds=5)
_HINT_AGENCY = (
    "Check agency_name and the account of the agency. "
    "The agency must trust the account of the credentials, and the credentials need the permission Agent Operator."
)


class TemporaryKeys(t.NamedTuple):
    """Temporary keys, their expiration in the format of IAM, and when to renew them."""

    credentials: Credentials
    expires_at: str
    stale_at: dt.datetime


class KeySource(t.Protocol):
    """Provides temporary keys."""

    def find_server_key(self, client: Client) -> str:
        """Return the access key of the server that the keys depend on, or an empty text. Raise a ServiceError if the server has no key."""

    def fetch(self, client: Client) -> Entry:
        """Return new keys, as the field ``credential`` of a response. Raise a ServiceError if this fails."""


CREDENTIAL_KEYS = ("securitytoken", "access", "secret")


class TemporaryKeysIdentity:
    """Provides temporary keys, gets new ones before they expire, and looks up the project once. Threads can share an identity."""

    def __init__(self, connection: Connection, source: KeySource, cache: TokenCache | None = None) -> None:
        self._source = source
        self._cache = cache
        self._origin = connection.credentials
        self._project_id = connection.project_id
        self._keys: TemporaryKeys | None = None
        self._lock = threading.RLock()
        self._renewed_at: dt.datetime | None = None

    def credentials(self, client: Client) -> Credentials:
        """Return keys that are still valid. Get new ones before they expire. If this fails, use the keys until they expire."""
        keys = self._keys
        if keys is not None and client.now() < keys.stale_at:
            return keys.credentials
        with self._lock:
            if self._keys is None or client.now() >= self._keys.stale_at:
                self._keys = self._renew_valid(client) or self._fetch(client)
            return self._keys.credentials

    def token(self, client: Client) -> str:
        """Return an empty text, because keys need no token."""
        return ""

    def renew(self, client: Client) -> bool:
        """Get new keys after the service rejected the current ones as expired, and return true. Raise a ServiceError if this fails."""
        with self._lock:
            if self._renewed_at is None or client.now() - self._renewed_at > _RENEWAL_INTERVAL:
                rejected = self._keys.credentials.security_token if self._keys else None
                self._keys = self._fetch(client, rejected)
                self._renewed_at = client.now()
        return True

    def project_id(self, client: Client) -> str:
        """Return the configured project ID, or look up the ID by the name of the project."""
        if self._project_id:
            return self._project_id
        with self._lock:
            if not self._project_id:
                self._project_id = iam.find_project(client)
            return self._project_id

    def _fetch(self, client: Client, rejected: str | None = None) -> TemporaryKeys:
        requested_at = client.now()
        cache = self._find_cache(client)
        if cache is None:
            credential = self._source.fetch(client)
        else:
            credential = cache.get_or_create(
                client.now, lambda: self._source.fetch(client), rejected, client.time_left()
            )
        return _read_keys(client, self._origin, credential, requested_at)

    def _find_cache(self, client: Client) -> TokenCache | None:
        """Return the cache entry for the current keys of the server. Raise a ServiceError if the server has no key."""
        # Other servers, and the same server with another agency, must not use these keys.
        return self._cache.for_server(self._source.find_server_key(client)) if self._cache else None

    def _create(self, client: Client) -> Entry:
        """Return new keys that requests can contain."""
        credential = self._source.fetch(client)
        _read_keys(client, self._origin, credential, client.now())
        return credential

    def _renew_valid(self, client: Client) -> TemporaryKeys | None:
        """Return the keys of the cache, new keys from a single attempt, or the valid ones after a failure; ``None`` without valid keys."""
        keys = self._keys
        if keys is None or not iam.is_valid(keys.expires_at, client.now()):
            cache = self._find_cache(client)
            entry = cache.find_valid(client.now()) if cache else None
            if cache is None or entry is None:
                return None
            keys = _read_keys(client, self._origin, entry, client.now())
            if cache.is_fresh(entry, client.now()):
                return keys
        # Other threads use the valid keys during the attempt.
        self._keys = keys._replace(stale_at=parse_moment(keys.expires_at) or keys.stale_at)
        # Most tasks end before their keys must be renewed, so this file is imported late.
        from ansible_collections.community.huaweicloud.plugins.module_utils._api.renewal import renew_once

        found = renew_once(client, keys.expires_at, self._create, self._find_cache)
        if isinstance(found, dt.datetime):
            return keys._replace(stale_at=found)
        return _read_keys(client, self._origin, found, client.now()) if found else None


class MetadataKeys:
    """The keys of the metadata service."""

    def __init__(self, connection: Connection, transport: Transport) -> None:
        self._connection = connection
        self._transport = transport

    def find_server_key(self, client: Client) -> str:
        """Return an empty text, because these keys are not cached."""
        return ""

    def fetch(self, client: Client) -> Entry:
        """Get keys from the metadata service. Raise a ServiceError if the service provides no keys."""
        url = self._connection.metadata_url or ""

        def send(request: HttpRequest) -> HttpResponse:
            return self._transport(client.limit(request))

        try:
            return metadata.fetch_keys(url, send, schemas.TEMPORARY_KEYS, client.redact)["credential"]
        except ServiceError as error:
            # A profile can select the metadata service as well.
            raise error.replace(hint=". ".join(filter(None, (error.hint, self._connection.origin())))) from None


class AgencyKeys:
    """The keys of an agency, which the caller assumes with its own credentials."""

    def __init__(self, connection: Connection, agency: Agency, caller: Identity) -> None:
        self._agency = agency
        self._caller = caller
        # The project belongs to the account of the agency.
        self._connection = dataclasses.replace(
            connection, agency=None, project_id=None, project_name=None, domain_id=connection.credentials.domain_id
        )

    def find_server_key(self, client: Client) -> str:
        """Return the access key that the metadata service provides, or an empty text if the connection contains the credentials of the caller.

        Raise a ServiceError if the service provides no keys.
        """
        if self._connection.credentials.kind != METADATA:
            return ""
        return self._caller.credentials(client).access_key or ""

    def fetch(self, client: Client) -> Entry:
        """Assume the agency (POST /v3.0/OS-CREDENTIAL/securitytokens). Raise a ServiceError if IAM refuses the request."""
        caller = client.act_as(self._connection, self._caller)
        if self._connection.is_signed and not self._connection.domain_id:
            # IAM is a global service, so signed requests must contain the account.
            self._connection = dataclasses.replace(self._connection, domain_id=iam.find_account(caller))
            caller = client.act_as(self._connection, self._caller)
        credential = assume_agency(caller, self._agency)
        return {key: credential[key] for key in (*CREDENTIAL_KEYS, "expires_at")}


def build_identity(
    connection: Connection, make_metadata_transport: t.Callable[[], Transport], cache: TokenCache | None = None
) -> TemporaryKeysIdentity:
    """Return the identity of a connection with an agency or with the metadata of a server. Send no requests.

    ``make_metadata_transport`` returns the transport for the metadata service. The ``cache`` is for keys of the agency. Keys of the metadata service
    are not cached, because this service is on the same server. Raise ValueError for a connection without temporary keys.
    """
    credentials, agency = connection.credentials, connection.agency
    caller: Identity | None = None
    if credentials.kind == METADATA:
        caller = TemporaryKeysIdentity(connection, MetadataKeys(connection, make_metadata_transport()))
        if agency is None:
            return caller
    if agency is None:
        raise ValueError(f"credentials of the kind {credentials.kind} are not temporary")
    caller = caller or iam.ProjectIdentity(connection, for_account=True)
    return TemporaryKeysIdentity(connection, AgencyKeys(connection, agency, caller), cache)


def fetch_server_key(url: str, transport: Transport) -> str:
    """Return the ID of the access key that the metadata service at ``url`` provides now. It identifies the agency of the server.

    Raise a ServiceError if the service provides no keys.
    """
    return metadata.fetch_keys(url, transport, schemas.TEMPORARY_KEYS, str)["credential"]["access"]


def assume_agency(client: Client, agency: Agency) -> dict[str, str]:
    """Return temporary keys of an agency (POST /v3.0/OS-CREDENTIAL/securitytokens). Raise a ServiceError if IAM refuses the request."""
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


def _read_keys(client: Client, origin: Credentials, credential: Entry, requested_at: dt.datetime) -> TemporaryKeys:
    """Return keys from a response, and register their secrets."""
    access_key, secret_key, token = (credential[name] or "" for name in ("access", "secret", "securitytoken"))
    for secret in (secret_key, token):
        client.register_secret(secret)
    try:
        check_header_value("access", access_key)
        check_header_value("securitytoken", token)
    except OptionError as error:
        raise ProtocolError(f"Failed to get temporary keys: {error.message}") from None
    credentials = Credentials(
        "aksk",
        origin.source,
        access_key=access_key,
        secret_key=secret_key,
        security_token=token,
        origins=origin.origins,
        location=origin.location,
    )
    expires_at = credential["expires_at"] or ""
    return TemporaryKeys(credentials, expires_at, iam.calculate_stale_at(expires_at, requested_at))
