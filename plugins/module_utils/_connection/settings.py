# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Resolve and validate single connection settings.

An option takes precedence over its environment variables, and the first variable that is not empty over the others. An empty string means not
set. Related settings must come from one family of variables. Messages contain no URLs, because a URL may contain a password by mistake.
"""

from __future__ import annotations

import os
import re
import typing as t
from urllib.parse import SplitResult, unquote, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    CREDENTIAL_VARIABLES,
    FAMILIES,
    Credentials,
    check_header_value,
    check_text,
    parse_boolean,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._values import host_header

_VARIABLES: dict[str, tuple[str, ...]] = {
    **CREDENTIAL_VARIABLES,
    "project_id": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID", "OS_PROJECT_ID"),
    "project_name": ("HW_PROJECT_NAME", "OS_PROJECT_NAME"),
    "region": ("HW_REGION_NAME", "OS_REGION_NAME"),
    "auth_url": ("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
    "cloud_domain": ("HW_CLOUD",),
    "asm_endpoint": ("HW_ASM_ENDPOINT",),
    "modelarts_endpoint": ("HW_MODELARTS_ENDPOINT",),
    "validate_certs": ("HW_INSECURE", "OS_INSECURE"),
    "ca_path": ("HW_CACERT", "OS_CACERT"),
    "client_cert": ("HW_CERT", "OS_CERT"),
    "client_key": ("HW_KEY", "OS_KEY"),
    "proxy": ("HW_PROXY",),
    "credentials_file": ("HW_SHARED_CONFIG_FILE", "HUAWEICLOUD_SDK_CREDENTIALS_FILE"),
    "profile": ("HW_PROFILE",),
    "cloud": ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE"),
    "use_metadata": ("HW_USE_METADATA",),
    "agency_name": ("HW_ASSUME_ROLE_AGENCY_NAME",),
    "agency_domain_name": ("HW_ASSUME_ROLE_DOMAIN_NAME",),
    "agency_domain_id": ("HW_ASSUME_ROLE_DOMAIN_ID",),
    "agency_duration": ("HW_ASSUME_ROLE_DURATION",),
    "token_cache": ("HW_TOKEN_CACHE",),
}


# Former names and their replacements.
_TENANT_VARIABLES = {"OS_TENANT_ID": "OS_PROJECT_ID", "OS_TENANT_NAME": "OS_PROJECT_NAME"}


def variables_for(option: str) -> tuple[str, ...]:
    """Return the environment variables of a connection option in their order of precedence. Raise KeyError for another option."""
    if option not in CONNECTION.argument_spec:
        raise KeyError(option)
    return _VARIABLES.get(option, ())


class Setting(t.NamedTuple):
    """A value and its source: an environment ``variable``, the ``file`` with the credentials, or a task option. Errors use ``label``."""

    option: str
    value: t.Optional[str] = None
    variable: t.Optional[str] = None
    file: t.Optional[str] = None

    @property
    def label(self) -> str:
        """The option and the source of its value, for messages."""
        source = self.variable or self.file
        return f"{self.option} (from {source})" if source else self.option


class Settings:
    """The settings of a task, of the file with its credentials, and of its environment, in this order of precedence."""

    def __init__(
        self, params: t.Mapping[str, t.Any], environ: t.Mapping[str, str], credentials: Credentials | None = None
    ) -> None:
        self._params = params
        self._environ = environ
        self._in_file = credentials.settings if credentials else {}
        self._file = credentials.location if credentials else None

    def get(self, option: str) -> Setting:
        """Return the task option, or else the value in the file, or else the first environment variable that is not empty."""
        setting = self.from_task(option)
        setting = setting if setting.value else self.from_file(option)
        return setting if setting.value else self.from_environment(option)

    def pair(self, first: str, second: str) -> tuple[Setting, Setting]:
        """Return two settings from one source: the task, the file, or the first family of variables that has one of them."""
        settings = self.from_task(first), self.from_task(second)
        if not any(setting.value for setting in settings):
            settings = self.from_file(first), self.from_file(second)
        for family in FAMILIES:
            if any(setting.value for setting in settings):
                break
            settings = self.from_environment(first, family), self.from_environment(second, family)
        return settings

    def from_task(self, option: str) -> Setting:
        """Return the task option."""
        value = self._params.get(option)
        return Setting(option, str(value).strip() or None if value is not None else None)

    def from_file(self, option: str) -> Setting:
        """Return the value in the file with the credentials."""
        value = self._in_file.get(option)
        return Setting(option, value, file=self._file) if value else Setting(option)

    def from_environment(self, option: str, family: str = "") -> Setting:
        """Return the value of the first variable that is not empty, of all variables or of one family (a prefix)."""
        for variable in variables_for(option):
            value = self._environ.get(variable, "").strip() if variable.startswith(family) else ""
            if value:
                return Setting(option, value, variable)
        return Setting(option)

    def reject_tenant(self) -> None:
        """Raise OptionError if a former OpenStack variable is set, because the module would use the main project instead."""
        for variable, successor in _TENANT_VARIABLES.items():
            if self._environ.get(variable, "").strip():
                raise OptionError(
                    f"The environment variable {variable} is not supported", hint=f"Set {successor} instead"
                )


REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
# The markers of encrypted keys in both PEM formats.
_ENCRYPTED_KEY = re.compile(rb"^(?:-----BEGIN ENCRYPTED |Proc-Type:.*ENCRYPTED)", re.MULTILINE)
_LONGEST_KEY_FILE = 1024 * 1024


def match_host_part(setting: Setting, pattern: re.Pattern[str], what: str) -> str | None:
    """Return a part of a host name. Raise OptionError for other values, because they could send credentials to another host."""
    if setting.value and not pattern.fullmatch(setting.value):
        raise OptionError(f"{setting.label} must be {what}")
    return setting.value


def read_header_value(setting: Setting) -> str | None:
    """Return a value for a header. Raise OptionError if it is invalid, so that the module does not request a token first."""
    check_header_value(setting.label, setting.value or "")
    return setting.value


def read_text(setting: Setting) -> str | None:
    """Return a value for a query or a body. Raise OptionError if it is not valid text."""
    check_text(setting.label, setting.value or "")
    if setting.value and not setting.value.isprintable():
        raise OptionError(f"{setting.label} contains a line break or another control character")
    return setting.value


def normalize_url(setting: Setting) -> str | None:
    """Return a normalized endpoint without a trailing slash. Raise OptionError if it is invalid."""
    if not setting.value:
        return None
    parts = _split_url(setting)
    if parts.username is not None or parts.password is not None:
        raise _invalid_url(setting.label, "it contains a user or a password")
    if "?" in setting.value or "#" in setting.value:
        raise _invalid_url(setting.label, "it contains a query or a fragment")
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise _invalid_url(setting.label, "its path contains unsupported characters")
    return f"{parts.scheme}://{host_header(setting.value)}{path}"


def normalize_auth_url(setting: Setting) -> str | None:
    """Return the URL of IAM without ``/v3``, which Terraform and OpenStack append but the vendor's SDK does not."""
    url = normalize_url(setting)
    return url[: -len("/v3")].rstrip("/") if url and url.endswith("/v3") else url


def normalize_proxy(setting: Setting) -> str | None:
    """Return the URL of a proxy, which may contain a user and a password. Raise OptionError if it is invalid."""
    if setting.value:
        _split_url(setting)
        check_proxy_text(setting.label, setting.value)
    return setting.value


def check_proxy_text(label: str, url: str) -> None:
    """Raise OptionError if the URL of a proxy contains characters that are invalid in a URL or in the header with the password."""
    if not (url.isascii() and url.isprintable()):
        raise _invalid_url(label, "it contains a line break, or a character that must be percent-encoded")
    try:
        unquote(url).encode("latin-1")
    except UnicodeEncodeError:
        raise _invalid_url(
            label, "its user or password contains a character that is invalid in an HTTP header"
        ) from None


def _split_url(setting: Setting) -> SplitResult:
    if not (setting.value or "").isprintable():
        # urlsplit() removes line breaks and tabs.
        raise _invalid_url(setting.label, "it contains a line break or another control character")
    try:
        parts = urlsplit(setting.value or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _invalid_url(setting.label, "its host or port is invalid") from None
    if parts.scheme not in ("http", "https"):
        raise _invalid_url(setting.label, "it does not begin with http:// or https://")
    if not host:
        raise _invalid_url(setting.label, "it contains no host")
    if not _HOST.fullmatch(host) or port == 0:
        raise _invalid_url(setting.label, "its host or port is invalid")
    return parts


def _invalid_url(label: str, reason: str) -> OptionError:
    return OptionError(
        f"{label} is not a usable URL: {reason}", hint="Set a URL such as https://host or https://host:port"
    )


def read_validate_certs(params: t.Mapping[str, t.Any], settings: Settings) -> bool:
    """Return whether to verify certificates. The environment variables have the opposite meaning. Raise OptionError for other values."""
    value = params.get("validate_certs")
    if isinstance(value, bool):
        return value
    setting = settings.get("validate_certs")
    if not setting.value:
        return True
    flag = parse_boolean(setting.variable or setting.option, setting.value)
    return not flag if setting.variable else flag


def read_client_files(settings: Settings) -> tuple[str | None, str | None]:
    """Return the paths of the client certificate and its key. Raise OptionError for a key without a certificate, or an unusable file."""
    cert, key = settings.pair("client_cert", "client_key")
    if key.value and not cert.value:
        raise OptionError(f"{key.label} is set without client_cert")
    # If there is a separate key, a key in the file of the certificate is not used.
    return (read_path(cert) if key.value else _read_key_path(cert)), _read_key_path(key)


def _read_key_path(setting: Setting) -> str | None:
    """Return the path of a file. Raise OptionError if its key is encrypted. The TLS library would prompt for a password, or report no reason."""
    path = read_path(setting)
    if path and os.path.isfile(path):
        with open(path, "rb") as content:
            if _ENCRYPTED_KEY.search(content.read(_LONGEST_KEY_FILE)):
                raise OptionError(
                    f"{setting.label}: the key in '{path}' is encrypted with a password",
                    hint="Store the key without a password, and protect the file instead",
                )
    return path


def read_path(setting: Setting) -> str | None:
    """Return the path of a file or directory. Raise OptionError if it cannot be read, because errors of the HTTP library do not name the option."""
    if not setting.value:
        return None
    path = os.path.expanduser(os.path.expandvars(setting.value)) if setting.variable else setting.value
    if not os.path.exists(path):
        raise OptionError(f"{setting.label}: '{path}' does not exist")
    if not os.access(path, os.R_OK):
        raise OptionError(f"{setting.label}: '{path}' cannot be read")
    return path
