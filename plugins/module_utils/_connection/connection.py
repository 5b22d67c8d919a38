# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Resolve the connection options of a task to a ``Connection``.

Credentials, project ID and name, and client certificate and key each come from one source, and in the environment from one family of variables.
"""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, parse_number
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    METADATA,
    Credentials,
    resolve_credentials,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import (
    DOMAIN,
    REGION,
    Setting,
    Settings,
    match_host_part,
    normalize_auth_url,
    normalize_proxy,
    normalize_url,
    read_client_files,
    read_header_value,
    read_path,
    read_text,
    read_validate_certs,
    variables_for,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

if t.TYPE_CHECKING:
    # Most tasks assume no agency, so this file is imported late.
    from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import Agency

_DEFAULT_CLOUD = "myhuaweicloud.com"
_CLOUDS = (
    (re.compile(r"eu-(?:de|nl)"), "otc.t-systems.com"),
    (re.compile(r"eu-west-1\d\d"), "myhuaweicloud.eu"),
)
_ENDPOINT_OPTIONS = {"asm": "asm_endpoint", "modelarts": "modelarts_endpoint", "iam": "auth_url"}
_PASSWORD_IN_URL = re.compile(r"//[^/@:]*:(.+)@")
_SECRET_OPTIONS = tuple(
    name
    for option, spec in CONNECTION.argument_spec.items()
    if spec.get("no_log")
    for name in (option, *spec.get("aliases", ()))
)
_AGENCY_OPTIONS = ("agency_name", "agency_domain_name", "agency_domain_id")
# The address of the metadata service on each ECS. Tests set the variable to a different address.
_METADATA_URL = "http://169.254.169.254"
_METADATA_VARIABLE = "HW_METADATA_ENDPOINT"
_SERVICE_NAMES = {"asm": "ASM", "modelarts": "ModelArts"}


@dataclass(frozen=True)
class Connection:
    """The endpoints, credentials and limits of requests. A connection is hashable, so that it can be part of a key."""

    credentials: Credentials
    region: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    domain_id: str | None = None
    auth_url: str | None = None
    cloud_domain: str | None = None
    asm_endpoint: str | None = None
    modelarts_endpoint: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    max_retries: int = 5
    retry_max_delay: float = 30.0
    # The agency that the credentials assume. The project and the account of the connection are then those of the agency.
    agency: Agency | None = None
    metadata_url: str | None = None
    # The directory of cached tokens and temporary keys.
    token_cache: str | None = None
    # The option or variable with the name of the project, for error messages.
    project_name_origin: str | None = field(default=None, compare=False, repr=False)

    def endpoint(self, service: str) -> str:
        """Return the base URL of ``asm``, ``modelarts`` or ``iam`` without a trailing slash and without ``/v3``.

        Raise OptionError if neither the endpoint nor the region is known, and KeyError for another service.
        """
        url = self._find_endpoint(service)
        if url:
            return url
        raise OptionError(
            f"The URL of {_SERVICE_NAMES[service]} is unknown: neither region nor {_ENDPOINT_OPTIONS[service]} is set",
            hint=f"Set region, or the variable {variables_for('region')[0]}",
        )

    def endpoints(self) -> dict[str, str | None]:
        """Return the base URLs of all services by option, ``None`` for unknown ones. They contain no passwords, see normalize_url."""
        return {option: self._find_endpoint(service) for service, option in _ENDPOINT_OPTIONS.items()}

    def _find_endpoint(self, service: str) -> str | None:
        explicit = {"asm": self.asm_endpoint, "modelarts": self.modelarts_endpoint, "iam": self.auth_url}[service]
        if explicit:
            return explicit
        if self.region:
            return f"https://{service}.{self.region}.{self.cloud_domain or _derive_cloud_domain(self.region)}"
        return f"https://iam.{self.cloud_domain or _DEFAULT_CLOUD}" if service == "iam" else None

    @property
    def is_signed(self) -> bool:
        """Whether keys sign the requests. Otherwise, the requests have a token."""
        return self.agency is not None or self.credentials.kind in ("aksk", METADATA)

    @property
    def shares_tokens(self) -> bool:
        """Whether tasks share issued tokens or keys of an agency in the directory ``token_cache``. Other credentials need no directory."""
        return self.token_cache is not None and (self.agency is not None or self.credentials.kind == "password")

    def origin(self) -> str:
        """Return sentences with the source of the credentials and the assumed agency, or an empty string."""
        assumed = f"They assume {self.agency.label}." if self.agency else ""
        return f"{self.credentials.origin()} {assumed}".strip()

    def project_scope_name(self) -> str | None:
        """Return the name of the project. By default, this is the main project of the region, which has the name of the region."""
        return self.project_name or self.region

    def secrets(self) -> tuple[str, ...]:
        """Return the values that must never appear in output, including the password of the proxy, both encoded and decoded."""
        password = urlsplit(self.proxy).password if self.proxy else None
        passwords = dict.fromkeys((password, unquote(password))) if password else ()
        return self.credentials.secrets() + tuple(passwords)


def resolve_connection(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Connection:
    """Return the connection for task options and the environment. Raise OptionError for an invalid setting."""
    credentials = resolve_credentials(params, environ)
    settings = Settings(params, environ, credentials)
    agency = find_agency(settings, credentials)
    project_id, project_name = settings.pair("project_id", "project_name")
    if not (project_id.value or project_name.value):
        settings.reject_tenant()
    region = settings.get("region")
    client_cert, client_key = read_client_files(settings)
    return Connection(
        credentials=credentials,
        region=match_host_part(region, REGION, "letters, digits and hyphens, for example eu-de"),
        project_id=read_header_value(project_id),
        project_name=read_text(project_name),
        # The account belongs to the credentials and must not be combined with others.
        domain_id=agency.domain_id if agency else credentials.domain_id,
        auth_url=normalize_auth_url(settings.get("auth_url")),
        cloud_domain=match_host_part(
            settings.get("cloud_domain"), DOMAIN, f"a domain name, for example {_DEFAULT_CLOUD}"
        ),
        asm_endpoint=normalize_url(settings.get("asm_endpoint")),
        modelarts_endpoint=normalize_url(settings.get("modelarts_endpoint")),
        validate_certs=read_validate_certs(params, settings),
        ca_path=read_path(settings.get("ca_path")),
        client_cert=client_cert,
        client_key=client_key,
        proxy=normalize_proxy(settings.get("proxy")),
        connect_timeout=parse_number(params, CONNECTION, "connect_timeout", positive=True),
        read_timeout=parse_number(params, CONNECTION, "read_timeout", positive=True),
        max_retries=int(parse_number(params, CONNECTION, "max_retries", positive=False)),
        retry_max_delay=parse_number(params, CONNECTION, "retry_max_delay", positive=False),
        agency=agency,
        metadata_url=_read_metadata_url(environ) if credentials.kind == METADATA else None,
        token_cache=_read_token_cache(settings.get("token_cache")),
        project_name_origin=(project_name if project_name.value else region).label,
    )


def find_agency(settings: Settings, credentials: Credentials) -> Agency | None:
    """Return the agency of the task, of the file with the credentials, or of the environment. Raise OptionError if one of its settings is invalid.

    If task options contain or select the credentials, ignore the agency of the environment. It must not change the identity of the task.
    """
    sources = [settings.from_task, settings.from_file]
    if credentials.source == "environment":
        sources.append(settings.from_environment)
    for source in sources:
        name, domain_name, domain_id = (source(option) for option in _AGENCY_OPTIONS)
        if name.value or domain_name.value or domain_id.value:
            from ansible_collections.community.huaweicloud.plugins.module_utils._connection.agency import read_agency

            return read_agency(name, domain_name, domain_id, settings.get("agency_duration"))
    return None


def _read_token_cache(setting: Setting) -> str | None:
    return (
        os.path.expanduser(os.path.expandvars(setting.value)) if setting.value and setting.variable else setting.value
    )


def _read_metadata_url(environ: t.Mapping[str, str]) -> str | None:
    return normalize_url(Setting(_METADATA_VARIABLE, environ.get(_METADATA_VARIABLE, "").strip() or _METADATA_URL))


def misplaced_secrets(params: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Return secrets in options that must not contain any: passwords in endpoints, and secret options in items.

    The module rejects them, but Ansible prints the options of a task unchanged.
    """
    urls = (str(params.get(option) or "") for option in _ENDPOINT_OPTIONS.values())
    passwords = [match.group(1) for match in map(_PASSWORD_IN_URL.search, urls) if match]
    entries = (
        entry for value in params.values() if isinstance(value, list) for entry in value if isinstance(entry, dict)
    )
    return (*passwords, *(str(entry[option]) for entry in entries for option in _SECRET_OPTIONS if entry.get(option)))


def _derive_cloud_domain(region: str) -> str:
    return next((domain for pattern, domain in _CLOUDS if pattern.fullmatch(region)), _DEFAULT_CLOUD)
