# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The connection to the Kubernetes API: options and environment variables with the names of kubernetes.core."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
from urllib.parse import urlsplit

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_list
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import KUBERNETES
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    as_mapping,
    list_secret_values,
    list_texts,
)

# The variables of options whose variable is not K8S_AUTH_ with the name of the option.
_VARIABLES = {
    "client_cert": "K8S_AUTH_CERT_FILE",
    "client_key": "K8S_AUTH_KEY_FILE",
    "ca_cert": "K8S_AUTH_SSL_CA_CERT",
    "validate_certs": "K8S_AUTH_VERIFY_SSL",
}
_BOOLEANS = ("validate_certs", "persist_config")
# Keys below users in a kubeconfig; value is the one of an environment variable of a credential plugin.
_SECRET_KEY = re.compile(r"token$|password$|secret$|key-data$|^value$")
_PROXY_HEADERS = {"proxy_basic_auth": str, "basic_auth": str, "user_agent": str}


@dataclasses.dataclass(frozen=True)
class ClusterSettings:
    """How to reach a Kubernetes API. ``None`` means not set; times are in seconds.

    ``kubeconfig`` is a path or the JSON text of a kubeconfig.
    """

    host: t.Optional[str] = None
    api_key: t.Optional[str] = None
    kubeconfig: t.Optional[str] = None
    context: t.Optional[str] = None
    username: t.Optional[str] = None
    password: t.Optional[str] = None
    client_cert: t.Optional[str] = None
    client_key: t.Optional[str] = None
    ca_cert: t.Optional[str] = None
    validate_certs: t.Optional[bool] = None
    proxy: t.Optional[str] = None
    no_proxy: t.Optional[str] = None
    proxy_headers: t.Tuple[t.Tuple[str, t.Any], ...] = ()
    persist_config: t.Optional[bool] = None
    impersonate_user: t.Optional[str] = None
    impersonate_groups: t.Tuple[str, ...] = ()
    connect_timeout: float = 5.0
    read_timeout: float = 30.0

    def secrets(self) -> list[str]:
        """Return the values that must not appear in results and messages."""
        headers = [value for name, value in self.proxy_headers if name.endswith("basic_auth")]
        found = [self.api_key, self.password, self.proxy, _get_password(self.proxy), *headers]
        return [str(value) for value in [*found, *_find_kubeconfig_secrets(self.kubeconfig)] if value]


def _get_password(url: str | None) -> str | None:
    """Return the password in the URL of a proxy, which messages of libraries may contain without the rest."""
    try:
        return urlsplit(url or "").password
    except ValueError:
        return None


def find_secrets(options: t.Any) -> list[str]:
    """Return the secrets in the connection options of a task, also if the options are invalid. Does not read the environment."""
    given = as_mapping(options) or {}
    password = _get_password(str(given.get("proxy") or ""))
    found = [*list_secret_values(KUBERNETES.argument_spec, given), *([password] if password else [])]
    return [*found, *_find_kubeconfig_secrets(given.get("kubeconfig"))]


def _find_kubeconfig_secrets(value: t.Any) -> list[str]:
    """Return the secrets in a kubeconfig: a mapping, its JSON text, or a path, which has none. Text that cannot be parsed is a secret."""
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return []
    mapping = as_mapping(value)
    return list_texts(value) if mapping is None else _find_secrets(mapping.get("users"))


def _find_secrets(value: t.Any, key: str = "") -> list[str]:
    """Return the secrets in the users of a kubeconfig, including the environment of credential plugins."""
    if isinstance(value, t.Mapping):
        return [secret for name, entry in value.items() for secret in _find_secrets(entry, str(name))]
    if isinstance(value, list):
        return [secret for entry in value for secret in _find_secrets(entry, key)]
    return [value] if isinstance(value, str) and _SECRET_KEY.search(key) else []


def variable_for(option: str) -> str:
    """Return the environment variable of a connection option, for example ``K8S_AUTH_HOST``."""
    return _VARIABLES.get(option, f"K8S_AUTH_{option.upper()}")


def resolve_cluster_settings(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> ClusterSettings:
    """Return the connection of a task. An option takes precedence over its variable; an empty text means not set.

    Raise OptionError if a value has a wrong type or if options contradict each other.
    """
    values = {
        field.name: _resolve(field.name, params, environ)
        for field in dataclasses.fields(ClusterSettings)
        if field.name not in ("proxy_headers", "connect_timeout", "read_timeout")
    }
    values["impersonate_groups"] = tuple(_parse_groups(values["impersonate_groups"]))
    values["proxy_headers"] = tuple(sorted(_resolve_proxy_headers(params, environ).items()))
    values["kubeconfig"] = _encode_kubeconfig(values["kubeconfig"])
    for option in ("connect_timeout", "read_timeout"):
        if params.get(option) is not None:
            values[option] = float(params[option])
    settings = ClusterSettings(**values)
    _check(settings)
    return settings


def _resolve(option: str, params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> t.Any:
    value, origin = params.get(option), option
    if value in (None, "", [], {}):
        value, origin = environ.get(variable_for(option)), variable_for(option)
    if value in (None, "", [], {}):
        return None
    if option in _BOOLEANS:
        try:
            return check_type_bool(value)
        except TypeError:
            raise OptionError(f"{origin} must be true or false.") from None
    return str(value).rstrip("/") if option == "host" else value


def _parse_groups(value: t.Any) -> list[str]:
    return [str(group).strip() for group in check_type_list(value)] if value else []


def _resolve_proxy_headers(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    given = params.get("proxy_headers") or {}
    found = {name: given.get(name) or environ.get(f"K8S_AUTH_PROXY_HEADERS_{name.upper()}") for name in _PROXY_HEADERS}
    return {name: value for name, value in found.items() if value}


def _encode_kubeconfig(value: t.Any) -> str | None:
    """Return a path unchanged, and a mapping as JSON text, so that settings can be compared and hashed."""
    if value is None:
        return None
    if isinstance(value, t.Mapping):
        return json.dumps(value)
    if not isinstance(value, str):
        raise OptionError("kubeconfig must be a path or a mapping.")
    return json.dumps(check_type_dict(value)) if value.lstrip().startswith("{") else value


def _check(settings: ClusterSettings) -> None:
    if bool(settings.username) != bool(settings.password) and not settings.api_key:
        raise OptionError("username and password are required together.")
    if bool(settings.client_cert) != bool(settings.client_key):
        raise OptionError("client_cert and client_key are required together.")
    if settings.host is not None and not settings.host.startswith(("http://", "https://")):
        raise OptionError("host must be a URL that starts with https:// or http://.")
