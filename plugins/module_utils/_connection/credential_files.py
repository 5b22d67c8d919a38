# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read credentials from the credentials file of the vendor's SDK (INI) and from the profiles of KooCLI (JSON)."""

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
    join_names,
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
_PROFILE_SETTINGS = {"region": ("region",), "project_id": ("projectId",)}
_PROFILE_AGENCY = {
    "agency_name": ("agencyName",),
    "agency_domain_name": ("agencyDomainName",),
    "agency_domain_id": ("agencyDomainId",),
}
# A profile can contain the values of several modes, and its mode selects those that apply (KooCLI User Guide, "Configuration Item Parameters").
# A file for Terraform may have profiles without a mode.
_MODES = ("AKSK", "AssumeRole", "SSO", "ecsAgency")
_NO_MODE = ""
# The profile with the keys that assume the agency, which is the option cli-source-profile of KooCLI. The key in the file is not documented. This one
# follows the pattern of the other options.
_SOURCE_PROFILE = "sourceProfile"
# What the mode of a profile without keys requires, and the hint.
_REQUIRED_KEYS = {
    "AKSK": (
        "an access key",
        "Run: hcloud configure set --cli-profile={name} --cli-access-key=... --cli-secret-key=...",
    ),
    "AssumeRole": (
        "a source profile or an access key",
        "Run: hcloud configure set --cli-profile={name} --cli-source-profile=...",
    ),
    "SSO": ("temporary keys", "Run: hcloud configure sso --cli-profile={name}"),
}
# Text that cannot be a secret.
_WORD = re.compile(r"[A-Za-z]{1,20}")
# An encrypted access key has other characters, or is longer.
_ACCESS_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def load_profile(selector: Selector) -> Credentials:
    """Return the credentials of a profile, with its other settings. Raise OptionError if the file or the profile is invalid.

    ``selector`` contains the path of the file and the name of the profile. Without a path, read the file of KooCLI. Without a name, read the current
    profile of KooCLI or the section ``basic``. A file that begins with a brace belongs to KooCLI, and any other file belongs to the SDK.
    """
    file = read_secret_file(expand_path(selector.path or _DEFAULT_PATH), selector.describe_path_origin())
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
        raise OptionError(f"The {location} requests an identity provider, which is not supported")
    values = read_values(file.path, entries, _INI_KEYS)
    credentials = build_credentials(selector, location, values, _INI_KEYS)
    return _complete(credentials, read_values(file.path, entries, _INI_SETTINGS), file)


def _find_line(error: configparser.Error) -> str:
    """Return the number of the line of an error. Messages must not contain the text of the error, because that text contains the line."""
    lines = [number for number, dummy in getattr(error, "errors", ())] or [getattr(error, "lineno", None)]
    return f": line {lines[0]}" if lines[0] else ""


class _Profile(t.NamedTuple):
    """A profile of KooCLI: its name, its description for messages, its mode and its values."""

    name: str
    location: str
    mode: str
    values: dict[str, t.Any]


def _load_koocli(selector: Selector, file: SecretFile) -> Credentials:
    content = _parse_json(file)
    profiles = _read_profiles(file, content)
    name = selector.name or content.get("current") or ""
    if not isinstance(name, str) or name not in profiles:
        raise unknown_name("profile", str(name), file.path, profiles, "Set profile to one of them")
    profile = _read_profile(file, profiles, name)
    settings = read_values(file.path, profile.values, _PROFILE_SETTINGS)
    if profile.mode == "ecsAgency":
        credentials = Credentials(METADATA, selector.source, origins=selector.origins)
    else:
        settings.update(_read_agency(file, profile))
        caller = _find_caller(file, profiles, profile)
        keys = _read_keys(file, content, caller)
        credentials = build_credentials(selector, caller.location, keys, _PROFILE_KEYS)
    return _complete(replace(credentials, location=profile.location), settings, file)


def _read_profile(file: SecretFile, profiles: t.Mapping[str, dict[str, t.Any]], name: str) -> _Profile:
    """Return a profile. Raise OptionError if its mode is not supported."""
    location, values = f"profile '{name}' of '{file.path}'", profiles[name]
    mode = _NO_MODE if values.get("mode") is None else values["mode"]
    modes = {known.lower(): known for known in (*_MODES, _NO_MODE)}
    if isinstance(mode, str) and mode.lower() in modes:
        return _Profile(name, location, modes[mode.lower()], values)
    word = f"{mode} " if isinstance(mode, str) and _WORD.fullmatch(mode) else ""
    raise OptionError(
        f"The mode {word}of {location} is not supported", hint=f"Supported modes are {join_names(_MODES)}"
    )


def _read_agency(file: SecretFile, profile: _Profile) -> dict[str, Value]:
    """Return the agency of a profile. In other modes than AssumeRole, ignore the values of an agency."""
    if profile.mode not in ("AssumeRole", _NO_MODE):
        return {}
    agency = read_values(file.path, profile.values, _PROFILE_AGENCY)
    if profile.mode == "AssumeRole" and not ("agency_name" in agency and len(agency) > 1):
        raise OptionError(
            f"The mode AssumeRole of {profile.location} requires agencyName, and agencyDomainName or agencyDomainId",
            hint="Set them in the profile, or set its mode to AKSK",
        )
    return agency


def _find_caller(file: SecretFile, profiles: t.Mapping[str, dict[str, t.Any]], profile: _Profile) -> _Profile:
    """Return the profile with the keys that assume the agency of a profile. Terraform requires them in the profile itself."""
    source = profile.values.get(_SOURCE_PROFILE)
    if profile.mode != "AssumeRole" or not source:
        return profile
    if not isinstance(source, str) or source not in profiles:
        raise OptionError(f"{_SOURCE_PROFILE} of {profile.location} is not the name of a profile in the file")
    caller = _read_profile(file, profiles, source)
    if caller.mode not in ("AKSK", _NO_MODE):
        raise OptionError(
            f"{_SOURCE_PROFILE} of {profile.location} is a profile with the mode {caller.mode}",
            hint="Set it to a profile with the mode AKSK",
        )
    return caller


def _read_keys(file: SecretFile, content: t.Mapping[str, t.Any], profile: _Profile) -> dict[str, Value]:
    """Return the keys of a profile and their account. Keys of another mode have no effect."""
    is_sso = profile.mode == "SSO"
    entries = _find_mapping(profile.values, "ssoAuth", "stsToken") if is_sso else profile.values
    keys = read_values(file.path, entries, _PROFILE_KEYS)
    _reject_encrypted(content, keys, profile.location)
    if not keys and profile.mode in _REQUIRED_KEYS:
        required, hint = _REQUIRED_KEYS[profile.mode]
        raise OptionError(
            f"The mode {profile.mode} of {profile.location} requires {required}, and the profile contains none",
            hint=hint.format(name=profile.name),
        )
    return {**keys, **read_values(file.path, profile.values, _PROFILE_DOMAIN)}


def _find_mapping(value: t.Any, *keys: str) -> dict[str, t.Any]:
    """Return the mapping below nested keys, or an empty one."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _parse_json(file: SecretFile) -> dict[str, t.Any]:
    try:
        content = json.loads(file.text)
    except RecursionError:
        raise OptionError(f"'{file.path}' is nested too deeply") from None
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
