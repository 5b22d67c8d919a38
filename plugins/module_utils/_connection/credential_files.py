# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Credentials in the credentials file of the vendor's SDK (INI) and in the profiles of KooCLI (JSON)."""

from __future__ import annotations

import configparser
import json
import re
import typing as t
from dataclasses import replace

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    METADATA,
    Credentials,
    Selector,
    Value,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.secret_files import (
    SecretFile,
    build_credentials,
    expand_path,
    read_secret_file,
    read_values,
    unknown_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

_DEFAULT_PATH = "~/.hcloud/config.json"
_DECRYPT = "hcloud configure set --cli-auth-encrypt=false"

# The SDK reads the section "basic" for regional services (huaweicloudsdkcore, auth/provider.py).
_INI_SECTION = "basic"
_INI_KEYS = {
    "access_key": ("ak",),
    "secret_key": ("sk",),
    "security_token": ("security_token",),
    "domain_id": ("domain_id",),
}
_INI_SETTINGS = {"project_id": ("project_id",), "auth_url": ("iam_endpoint",)}

# Keys of a profile (terraform-provider-huaweicloud, config/auth.go).
_PROFILE_KEYS = {
    "access_key": ("accessKeyId",),
    "secret_key": ("secretAccessKey",),
    "security_token": ("securityToken",),
}
_PROFILE_DOMAIN = {"domain_id": ("domainId",)}
_PROFILE_SETTINGS = {
    "region": ("region",),
    "project_id": ("projectId",),
    "agency_name": ("agencyName",),
    "agency_domain_name": ("agencyDomainName",),
    "agency_domain_id": ("agencyDomainId",),
}
_MODES = {"": "keys", "aksk": "keys", "assumerole": "keys", "sso": "sso", "ecsagency": "metadata"}
# An encrypted access key has other characters, or is longer.
_ACCESS_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def load_profile(selector: Selector) -> Credentials:
    """Return the credentials of a profile, with its other settings. Raise OptionError if the file or the profile cannot be used.

    A file that begins with a brace is one of KooCLI, and any other file is one of the SDK. Without a path, read the file of KooCLI.
    """
    file = read_secret_file(expand_path(selector.path or _DEFAULT_PATH))
    return (_load_koocli if file.text.lstrip().startswith("{") else _load_ini)(selector, file)


def _load_ini(selector: Selector, file: SecretFile) -> Credentials:
    # The secret key may contain a percent sign.
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.text)
    except configparser.Error as error:
        raise OptionError(f"'{file.path}' is not a valid INI file{_find_line(error)}") from None
    section = selector.name or _INI_SECTION
    if not parser.has_section(section):
        raise unknown_name("section", section, file.path, parser.sections(), "Set profile to one of them")
    location = f"section '{section}' of '{file.path}'"
    entries = dict(parser.items(section))
    if entries.get("idp_id") and entries.get("id_token_file"):
        raise OptionError(f"An identity provider is not supported, and {location} requests one")
    values = read_values(file.path, entries, _INI_KEYS)
    credentials = build_credentials(selector, location, values, _INI_KEYS)
    return _complete(credentials, read_values(file.path, entries, _INI_SETTINGS), file)


def _find_line(error: configparser.Error) -> str:
    """Return the line of an error. The message of the error contains the text of the line."""
    lines = [number for number, dummy in getattr(error, "errors", ())] or [getattr(error, "lineno", None)]
    return f": line {lines[0]}" if lines[0] else ""


def _load_koocli(selector: Selector, file: SecretFile) -> Credentials:
    content = _parse_json(file)
    profiles = _read_profiles(file, content)
    name = selector.name or content.get("current") or ""
    if not isinstance(name, str) or name not in profiles:
        raise unknown_name("profile", str(name), file.path, profiles, "Set profile to one of them")
    location, profile = f"profile '{name}' of '{file.path}'", profiles[name]
    settings = read_values(file.path, profile, _PROFILE_SETTINGS)
    mode = profile.get("mode")
    kind = _MODES.get(mode.lower() if isinstance(mode, str) else "" if mode is None else "?")
    if kind is None:
        raise OptionError(
            f"The mode of {location} is not supported", hint="Supported modes are AKSK, AssumeRole, SSO and ecsAgency"
        )
    if kind == "metadata":
        return _complete(
            Credentials(METADATA, selector.source, origins=selector.origins, location=location), settings, file
        )
    keys = _find_mapping(profile, "ssoAuth", "stsToken") if kind == "sso" else profile
    values = read_values(file.path, keys, _PROFILE_KEYS)
    _reject_encrypted(content, values, location)
    values.update(read_values(file.path, profile, _PROFILE_DOMAIN))
    return _complete(build_credentials(selector, location, values, _PROFILE_KEYS), settings, file)


def _find_mapping(value: t.Any, *keys: str) -> dict[str, t.Any]:
    """Return the mapping below nested keys, or an empty one."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _parse_json(file: SecretFile) -> dict[str, t.Any]:
    try:
        content = json.loads(file.text)
    except RecursionError:
        raise OptionError(f"'{file.path}' has too many levels") from None
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise OptionError(f"'{file.path}' is not valid JSON{f': line {line}' if line else ''}") from None
    if not isinstance(content, dict):
        raise OptionError(f"'{file.path}' contains no profiles of KooCLI")
    return content


def _read_profiles(file: SecretFile, content: t.Mapping[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    profiles = content.get("profiles")
    if not isinstance(profiles, list) or not all(
        isinstance(profile, dict) and isinstance(profile.get("name"), str) for profile in profiles
    ):
        raise OptionError(f"'{file.path}' contains no list of profiles with names")
    found = {profile["name"]: profile for profile in profiles}
    if len(found) < len(profiles):
        raise OptionError(f"'{file.path}' contains two profiles with the same name")
    return found


def _reject_encrypted(content: t.Mapping[str, t.Any], values: t.Mapping[str, Value], location: str) -> None:
    """Raise OptionError if KooCLI has encrypted the keys, which is its default. Only KooCLI can decrypt them."""
    marker = str(content.get("authEncrypt", "")).strip().lower()
    access_key = values.get("access_key")
    looks_encrypted = access_key is not None and not _ACCESS_KEY.fullmatch(access_key.value)
    if marker == "true" or (marker != "false" and looks_encrypted):
        raise OptionError(
            f"The credentials in {location} are encrypted, and only KooCLI can decrypt them", hint=f"Run: {_DECRYPT}"
        )


def _complete(credentials: Credentials, settings: t.Mapping[str, Value], file: SecretFile) -> Credentials:
    return replace(
        credentials,
        settings={option: value.value for option, value in settings.items()},
        warnings=file.find_warnings() if credentials.secrets() else (),
    )
