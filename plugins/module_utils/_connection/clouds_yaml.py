# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read credentials from ``clouds.yaml`` and ``secure.yaml``, the files of OpenStack clients.

Paths and keys are those of openstacksdk ("Configuring OpenStack SDK Applications") and, for access keys, of otcextensions.
"""

from __future__ import annotations

import os
import traceback
import typing as t
from dataclasses import replace

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.credentials import (
    Credentials,
    Selector,
    Values,
    find_complete_kinds,
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
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_limits import (
    EventCounter,
    check_characters,
    explain_parser_error,
)

_DIRECTORIES = (".", "~/.config/openstack", "/etc/openstack")
_SUFFIXES = (".yaml", ".yml", ".json")
_SECURE_VARIABLE = "OS_CLIENT_SECURE_FILE"

_KEYS = {
    "access_key": ("ak", "access_key"),
    "secret_key": ("sk", "secret_key"),
    "security_token": ("security_token",),
    "auth_token": ("token",),
    "username": ("username",),
    "password": ("password",),
}
# The first key that is set applies, as in openstacksdk.
_DOMAIN_KEYS = {"domain_name": ("user_domain_name", "domain_name"), "domain_id": ("user_domain_id", "domain_id")}
_SECRET_KEYS = ("sk", "secret_key", "security_token", "token", "password")
_AUTH_SETTINGS = {"project_id": ("project_id",), "project_name": ("project_name",), "auth_url": ("auth_url",)}
_CLOUD_SETTINGS = {
    "region": ("region_name",),
    "ca_path": ("cacert",),
    "client_cert": ("cert",),
    "client_key": ("key",),
}
_PATHS = ("ca_path", "client_cert", "client_key")
# Kinds of credentials by auth_type. OpenStack has no type for access keys, so any unknown type allows them.
_KINDS = {
    "": ("token", "aksk", "password"),
    "v3": ("token", "aksk", "password"),
    "password": ("password",),
    "v3password": ("password",),
    "token": ("token",),
    "v3token": ("token",),
}

_Mapping = t.Dict[str, t.Any]


def load_cloud(selector: Selector, environ: t.Mapping[str, str]) -> Credentials:
    """Return the credentials of a cloud, with its other settings.

    ``selector`` contains the path of the file and the name of the cloud. Without a path, search the usual directories. Without a name, the file must
    contain exactly one cloud. ``environ`` can contain the path of ``secure.yaml``. Raise OptionError if a file cannot be read, or if a file or the
    cloud is invalid. Raise LibraryError without PyYAML.
    """
    path = _find_clouds(selector)
    file = read_secret_file(path, selector.describe_path_origin())
    secure_path, secure_origin = _find_secure(environ)
    clouds = _read_clouds(file)
    name = selector.name or (next(iter(clouds)) if len(clouds) == 1 else "")
    if name not in clouds:
        raise unknown_name("cloud", name, path, clouds, "Set cloud, or the variable OS_CLOUD, to one of them")
    cloud = _read_mapping(clouds[name], f"cloud '{name}' of '{path}'")
    warnings = _find_warnings(file, cloud)
    if secure_path:
        secure = read_secret_file(secure_path, secure_origin)
        secrets = _read_mapping(_read_clouds(secure).get(name), f"cloud '{name}' of '{secure_path}'")
        warnings += _find_warnings(secure, secrets)
        cloud = _merge(cloud, secrets)
    return replace(_build(selector, path, name, cloud), warnings=warnings)


def _find_clouds(selector: Selector) -> str:
    if selector.path:
        return expand_path(selector.path)
    path = _find_file("clouds")
    if path is None:
        raise OptionError(
            f"clouds.yaml does not exist in {', '.join(map(expand_path, _DIRECTORIES))}",
            hint="Set the variable OS_CLIENT_CONFIG_FILE to the path of the file",
        )
    return path


def _find_secure(environ: t.Mapping[str, str]) -> tuple[str, str]:
    """Return the path of ``secure.yaml``, and the variable that it comes from. Both can be empty."""
    path = environ.get(_SECURE_VARIABLE, "").strip()
    return (
        (expand_path(path), f"the environment variable {_SECURE_VARIABLE}")
        if path
        else (_find_file("secure") or "", "")
    )


def _find_file(stem: str) -> str | None:
    candidates = (expand_path(f"{directory}/{stem}{suffix}") for directory in _DIRECTORIES for suffix in _SUFFIXES)
    return next((path for path in candidates if os.path.exists(path)), None)


def _read_clouds(file: SecretFile) -> _Mapping:
    content = _read_mapping(_parse_yaml(file), f"'{file.path}'")
    return _read_mapping(content.get("clouds"), f"'clouds' in '{file.path}'")


def _parse_yaml(file: SecretFile) -> t.Any:
    """Return the content of the file. Limit the number of its values first, because aliases can multiply them."""
    try:
        import yaml
    except ImportError:
        raise LibraryError(
            "The Python library PyYAML is needed to read clouds.yaml, and it cannot be imported.",
            library="PyYAML",
            traceback=traceback.format_exc(),
        ) from None
    label = f"'{file.path}'"
    check_characters(file.text, label)
    try:
        EventCounter(label, whole_document=True).count(yaml, yaml.parse(file.text, Loader=yaml.SafeLoader))
        return yaml.safe_load(file.text)
    except yaml.MarkedYAMLError as error:
        raise explain_parser_error(error, label) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise OptionError(f"{label} is not valid YAML") from None


def _read_mapping(value: t.Any, label: str) -> _Mapping:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise OptionError(f"{label} is not a mapping with text keys")
    return value


def _find_warnings(file: SecretFile, cloud: _Mapping) -> tuple[str, ...]:
    auth = cloud.get("auth")
    entries = {**cloud, **(auth if isinstance(auth, dict) else {})}
    return file.find_warnings() if any(entries.get(key) for key in _SECRET_KEYS) else ()


def _merge(cloud: _Mapping, secrets: _Mapping) -> _Mapping:
    """Return a cloud with the values of ``secure.yaml``, which take precedence."""
    merged = dict(cloud)
    for key, value in secrets.items():
        known = merged.get(key)
        merged[key] = _merge(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _build(selector: Selector, path: str, name: str, cloud: _Mapping) -> Credentials:
    location = f"cloud '{name}' of '{path}'"
    auth = _read_mapping(cloud.get("auth"), f"auth of {location}")
    entries = {**{key: cloud[key] for keys in _KEYS.values() for key in keys if key in cloud}, **auth}
    values = read_values(path, entries, _KEYS)
    for option, keys in _DOMAIN_KEYS.items():
        found = [read_values(path, entries, {option: (key,)}) for key in keys]
        values.update(next(filter(None, found), {}))
    auth_type = cloud.get("auth_type")
    kinds = _KINDS.get(auth_type.lower() if isinstance(auth_type, str) else "" if auth_type is None else "?")
    if kinds is None and not ("access_key" in values and "secret_key" in values):
        raise OptionError(
            f"The auth_type of {location} is not supported", hint="Set it to password or token, or set ak and sk"
        )
    _reject_several_kinds(values, kinds or ("aksk",), location)
    credentials = build_credentials(selector, location, values, {**_KEYS, **_DOMAIN_KEYS}, kinds or ("aksk",))
    return replace(credentials, settings=_read_settings(path, location, auth, cloud))


def _read_settings(path: str, location: str, auth: _Mapping, cloud: _Mapping) -> dict[str, str]:
    settings = {**read_values(path, auth, _AUTH_SETTINGS), **read_values(path, cloud, _CLOUD_SETTINGS)}
    texts = {option: value.value for option, value in settings.items()}
    texts.update((option, expand_path(texts[option])) for option in _PATHS if option in texts)
    verify = cloud.get("verify")
    if verify is not None and not isinstance(verify, bool):
        raise OptionError(f"verify of {location} must be true or false")
    if verify is not None:
        texts["validate_certs"] = "true" if verify else "false"
    return texts


def _reject_several_kinds(values: Values, kinds: t.Sequence[str], location: str) -> None:
    """Raise OptionError if several of the kinds are complete, because they may belong to different users."""
    complete = [kind for kind in find_complete_kinds(values) if kind.name in kinds]
    if len(complete) > 1:
        keys = "; ".join(
            join_names([values[option].variable or option for option in kind.required]) for kind in complete
        )
        raise OptionError(
            f"More than one kind of credentials in {location}: {keys}",
            hint="Keep one of them, or select one with auth_type: token, password or aksk",
        )
