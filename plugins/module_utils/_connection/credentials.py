# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Resolve credentials from task options, environment variables, or the file or metadata service that these select.

All credentials of a set must come from one source: the options of the task, one family of environment variables, or one file. A key from one
source with a security token from another one would cause a 401 that is hard to explain.
"""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

# ---------------------------------------------------------------------------------------------------------------------
# Sources of credentials

# Families of environment variables by prefix, in the order in which they are tried. All values of a set come from one family.
FAMILIES = ("HW_", "HUAWEICLOUD_SDK_", "OS_")

# Option -> environment variables. Within a family, the first variable that is not empty wins.
CREDENTIAL_VARIABLES: dict[str, tuple[str, ...]] = {
    "access_key": ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY"),
    "secret_key": ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY"),
    "security_token": ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
    "auth_token": ("HW_AUTH_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN"),
    "username": ("HW_USER_NAME", "OS_USERNAME"),
    "password": ("HW_USER_PASSWORD", "OS_PASSWORD"),
    "domain_name": ("HW_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME"),
    "domain_id": ("HW_DOMAIN_ID", "HUAWEICLOUD_SDK_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_DOMAIN_ID"),
}

# Users choose these values, so leading and trailing blanks may be intended. They are sent in a JSON body, all others in headers.
_CHOSEN_BY_USERS = ("username", "password", "domain_name")

_NO_CREDENTIALS = "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name"
_HINT_NO_CREDENTIALS = (
    "Or set environment variables, for example HW_ACCESS_KEY and HW_SECRET_KEY, "
    "or select credentials with credentials_file, profile, cloud or use_metadata"
)
_HINT_INCOMPLETE_TASK = "Set all credentials in one source: environment variables do not complete task options"
_HINT_INCOMPLETE_ENVIRONMENT = (
    "Set all credentials in one family of variables (HW_*, HUAWEICLOUD_SDK_* or OS_*): "
    "other families and task options do not complete them"
)
_HINT_UNSUPPORTED = (
    "Unset it, or set credentials as task options: access_key and secret_key, auth_token, or username and password"
)


class _UnsupportedMethod(t.NamedTuple):
    """An unsupported authentication method and the variables that request it; ``*`` marks a prefix."""

    name: str
    variables: tuple[str, ...]

    def find_variable(self, environ: t.Mapping[str, str]) -> str | None:
        """Return the first variable that requests this method, or ``None``."""
        for pattern in self.variables:
            names = sorted(name for name in environ if name.startswith(pattern[:-1])) if "*" in pattern else [pattern]
            for name in names:
                if environ.get(name, "").strip():
                    return name
        return None


# Other tools change the identity with these variables even if keys are set. If a module ignored them, it would use a different identity.
_UNSUPPORTED: dict[str, tuple[_UnsupportedMethod, ...]] = {
    "HW_": (),
    "HUAWEICLOUD_SDK_": (
        _UnsupportedMethod(
            "an identity provider",
            ("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE", "HUAWEICLOUD_OIDC_*"),
        ),
    ),
    "OS_": (_UnsupportedMethod("an agency", ("OS_AGENCY_NAME", "OS_AGENCY_DOMAIN_NAME", "OS_DELEGATED_PROJECT")),),
}

_BOOLEANS = {
    **dict.fromkeys(("1", "true", "yes", "on", "y", "t"), True),
    **dict.fromkeys(("0", "false", "no", "off", "n", "f"), False),
}

METADATA = "metadata"


class Selector(t.NamedTuple):
    """A request for credentials that are not in the options or variables themselves."""

    method: str  # file, cloud or metadata
    source: str  # task or environment
    # The options or variables of the request.
    origins: tuple[str, ...]
    path: t.Optional[str] = None
    # The profile or the cloud in the file.
    name: t.Optional[str] = None

    def describe_path_origin(self) -> str:
        """Return the option or variable with the path of the file. Without a path, return the origins, which select the usual file."""
        names = tuple(name for name in self.origins if name in _PATH_ORIGINS)
        if self.path and not names:
            # A task option selects a profile or a cloud in the file of this variable.
            return _describe_origins("environment", (_CLOUDS_VARIABLE if self.method == "cloud" else _FILE_VARIABLE,))
        return _describe_origins(self.source, names or self.origins)


@dataclass(frozen=True)
class Credentials:
    """A complete set of credentials. Only the fields of its ``kind`` and the domain are set. A set is hashable, so that it can be part of a key."""

    kind: str  # token, aksk, password or metadata
    source: str  # task or environment
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    auth_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    domain_name: str | None = None
    domain_id: str | None = None
    # The options or variables of the values, for error messages. Equality does not depend on them.
    origins: tuple[str, ...] = field(default=(), compare=False, repr=False)
    # Incomplete sets of previous families of variables: the names of the set and the missing variables. They have no effect.
    skipped: tuple[str, ...] = field(default=(), compare=False, repr=False)
    # What the origins select, for messages: a profile or cloud in a file, or the metadata of the server.
    location: str | None = field(default=None, compare=False, repr=False)
    # Other connection options that the file sets, for example the region.
    settings: t.Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    warnings: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def secrets(self) -> tuple[str, ...]:
        """Return the values that must never appear in output."""
        return tuple(value for value in (self.secret_key, self.security_token, self.auth_token, self.password) if value)

    def origin(self) -> str:
        """Return a sentence with the options or variables of the credentials, or an empty string."""
        if not self.origins:
            return ""
        names = _describe_origins(self.source, self.origins)
        if self.location:
            return f"The credentials come from {self.location}, selected by {names}."
        return f"The credentials come from {names}."


class Value(t.NamedTuple):
    """A value that is not empty, and its environment variable or its key in a file; ``None`` for a value of the task."""

    value: str
    variable: t.Optional[str] = None


Values = t.Mapping[str, Value]


class Kind(t.NamedTuple):
    """The options of one kind of credentials. The domain can be part of each kind, so it does not determine the kind."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    needs_domain: bool = False

    def find_set(self, values: Values) -> tuple[str, ...]:
        """Return the options of this kind that have values."""
        return tuple(option for option in self.required + self.optional if option in values)

    def find_missing(self, values: Values) -> tuple[str, ...]:
        """Return the required options that have no values. For a missing account, return ``domain_name``."""
        missing = tuple(option for option in self.required if option not in values)
        if self.needs_domain and "domain_name" not in values and "domain_id" not in values:
            missing += ("domain_name",)
        return missing

    def build(self, values: Values, source: str) -> Credentials:
        """Return the credentials. Raise OptionError for a value that cannot be sent."""
        domain = ("domain_name", "domain_id")
        present = [option for option in self.required + self.optional + domain if option in values]
        for option in present:
            _check_sendable(option, values[option])
        origins = [option for option in present if self.needs_domain or option not in domain]
        fields: dict[str, t.Any] = {option: values[option].value for option in present}
        return Credentials(
            self.name, source, **fields, origins=tuple(values[option].variable or option for option in origins)
        )


# In their order of precedence within a family.
_KINDS = (
    Kind("token", ("auth_token",)),
    Kind("aksk", ("access_key", "secret_key"), ("security_token",)),
    Kind("password", ("username", "password"), needs_domain=True),
)


def resolve_credentials(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Credentials:
    """Return the credentials of a task from its options, from the environment, or from the file or metadata service that these select.

    The first source with a complete set applies: the options (including module_defaults), then each family of variables. An empty string means not
    set. Raise OptionError without a complete set, if the task options are incomplete or contain several sets, if a family of variables contains a
    set and selects another one, if a variable requests an unsupported method, if a value cannot be sent, or if a selected file does not contain exactly
    one complete set.
    """
    task = _read_task(params)
    complete = find_complete_kinds(task)
    selectors = _find_task_selectors(params, environ)
    found = [kind.required for kind in complete] + [selector.origins for selector in selectors]
    if len(found) > 1:
        raise OptionError(
            "More than one kind of credentials in the task options: " + "; ".join(map(" and ".join, found)),
            hint="Keep one of them",
        )
    incomplete = describe_incomplete(task, lambda option: option)
    if incomplete:
        raise OptionError(
            f"Incomplete credentials in the task options: {'; '.join(incomplete)}", hint=_HINT_INCOMPLETE_TASK
        )
    if complete:
        return complete[0].build(task, "task")
    if selectors:
        return _load_selected(selectors[0], environ)
    return _resolve_from_environment(params, environ)


def find_family(variable: str) -> str:
    """Return the family (a prefix) that an environment variable belongs to."""
    return next(family for family in FAMILIES if variable.startswith(family))


def check_header_value(label: str, value: str) -> None:
    """Raise OptionError if ``value`` cannot be sent in an HTTP header. The error contains only ``label``."""
    if not (value.isascii() and value.isprintable()):
        raise OptionError(
            f"{label} contains a character that is invalid in an HTTP header",
            hint="Remove line breaks, other control characters, and characters outside ASCII",
        )


def check_text(label: str, value: str) -> None:
    """Raise OptionError if ``value`` is not valid text. The error contains only ``label``."""
    try:
        # Python represents bytes of the environment that are not UTF-8 as surrogates.
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise OptionError(f"{label} is not valid text in UTF-8", hint="Check the encoding of its source") from None


def parse_boolean(label: str, value: str) -> bool:
    """Return the boolean that ``value`` means. Raise OptionError for any other text. The error contains only ``label``."""
    flag = _BOOLEANS.get(value.lower())
    if flag is None:
        raise OptionError(f"{label} must be a boolean, for example true or false")
    return flag


def _resolve_from_environment(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Credentials:
    incomplete: list[str] = []
    for family in FAMILIES:
        _reject_unsupported(_UNSUPPORTED[family], environ)
        values = _read_family(family, environ)
        complete = find_complete_kinds(values)
        selector = _find_environment_selector(family, environ)
        # The path of clouds.yaml alone selects no cloud if variables contain credentials, as in openstacksdk.
        if complete and selector and (selector.name or selector.method == "file"):
            # openstacksdk uses the file, the vendor's SDK uses the variables, and Terraform documents one order and implements the other one.
            raise OptionError(
                "Two sources of credentials in the environment: "
                f"{join_names(complete[0].build(values, 'environment').origins)}; {join_names(selector.origins)}",
                hint="Unset one of them, because tools disagree about which one takes precedence",
            )
        if complete:
            return replace(complete[0].build(values, "environment"), skipped=tuple(incomplete))
        incomplete += describe_incomplete(values, functools.partial(_find_sibling, family))
        selector = selector or _find_metadata_selector(family, params, environ)
        if selector:
            return replace(_load_selected(selector, environ), skipped=tuple(incomplete))
    if incomplete:
        raise OptionError(
            f"Incomplete credentials in the environment: {'; '.join(incomplete)}", hint=_HINT_INCOMPLETE_ENVIRONMENT
        )
    raise OptionError(_NO_CREDENTIALS, hint=_HINT_NO_CREDENTIALS)


def _find_task_selectors(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> list[Selector]:
    path, profile, cloud = (_clean(option, params.get(option)) for option in ("credentials_file", "profile", "cloud"))
    selectors = []
    if path or profile:
        origins = tuple(option for option, value in (("credentials_file", path), ("profile", profile)) if value)
        selectors.append(
            Selector("file", "task", origins, path or _read_path(environ, _FILE_VARIABLE), profile or None)
        )
    if cloud:
        selectors.append(Selector("cloud", "task", ("cloud",), _read_path(environ, _CLOUDS_VARIABLE), cloud))
    if params.get("use_metadata") is True:
        selectors.append(Selector(METADATA, "task", ("use_metadata",)))
    return selectors


def _read_path(environ: t.Mapping[str, str], variable: str) -> str | None:
    return environ.get(variable, "").strip() or None


# Family -> method, variable with the path of the file, variable with the name of the profile or cloud in it.
_FILE_VARIABLE, _CLOUDS_VARIABLE = "HW_SHARED_CONFIG_FILE", "OS_CLIENT_CONFIG_FILE"
_FILE_SELECTORS = {
    "HW_": ("file", _FILE_VARIABLE, "HW_PROFILE"),
    "HUAWEICLOUD_SDK_": ("file", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", ""),
    "OS_": ("cloud", _CLOUDS_VARIABLE, "OS_CLOUD"),
}
_PATH_ORIGINS = ("credentials_file", *(path_variable for _method, path_variable, _name in _FILE_SELECTORS.values()))
_METADATA_VARIABLE = "HW_USE_METADATA"


def _find_environment_selector(family: str, environ: t.Mapping[str, str]) -> Selector | None:
    method, path_variable, name_variable = _FILE_SELECTORS[family]
    path, name = environ.get(path_variable, "").strip(), environ.get(name_variable, "").strip()
    origins = tuple(variable for variable, value in ((path_variable, path), (name_variable, name)) if value)
    return Selector(method, "environment", origins, path or None, name or None) if origins else None


def _find_metadata_selector(
    family: str, params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]
) -> Selector | None:
    value = environ.get(_METADATA_VARIABLE, "").strip()
    if not value or params.get("use_metadata") is False or not _METADATA_VARIABLE.startswith(family):
        return None
    is_on = parse_boolean(_METADATA_VARIABLE, value)
    return Selector(METADATA, "environment", (_METADATA_VARIABLE,)) if is_on else None


def _load_selected(selector: Selector, environ: t.Mapping[str, str]) -> Credentials:
    """Return the credentials in a selected file. The keys of the metadata service are requested later, because they expire."""
    if selector.method == METADATA:
        return Credentials(METADATA, selector.source, origins=selector.origins, location="the metadata of this server")
    # Most tasks select no file, so these files are imported late.
    if selector.method == "cloud":
        from ansible_collections.community.huaweicloud.plugins.module_utils._connection import clouds_yaml

        return clouds_yaml.load_cloud(selector, environ)
    from ansible_collections.community.huaweicloud.plugins.module_utils._connection import credential_files

    return credential_files.load_profile(selector)


def _reject_unsupported(methods: t.Iterable[_UnsupportedMethod], environ: t.Mapping[str, str]) -> None:
    for method in methods:
        variable = method.find_variable(environ)
        if variable:
            raise OptionError(
                f"The environment variable {variable} requests {method.name}, which is not supported",
                hint=_HINT_UNSUPPORTED,
            )


def _read_task(params: t.Mapping[str, t.Any]) -> dict[str, Value]:
    cleaned = {option: _clean(option, params.get(option)) for option in CREDENTIAL_VARIABLES}
    return {option: Value(value) for option, value in cleaned.items() if value}


def _read_family(family: str, environ: t.Mapping[str, str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for option, variables in CREDENTIAL_VARIABLES.items():
        for variable in variables:
            value = _clean(option, environ.get(variable)) if variable.startswith(family) else ""
            if value:
                values.setdefault(option, Value(value, variable))
    return values


def _clean(option: str, value: t.Any) -> str:
    """Return the value without line breaks at both ends, and without blanks unless users choose it. Values in files often end with a line break."""
    if value is None:
        return ""
    return str(value).strip("\r\n") if option in _CHOSEN_BY_USERS else str(value).strip()


def _check_sendable(option: str, value: Value) -> None:
    label = f"{option} (from {value.variable})" if value.variable else option
    (check_text if option in _CHOSEN_BY_USERS else check_header_value)(label, value.value)


def find_complete_kinds(values: Values) -> list[Kind]:
    """Return the kinds of credentials that are complete, in their order of precedence."""
    return [kind for kind in _KINDS if not kind.find_missing(values)]


def describe_incomplete(values: Values, name: t.Callable[[str], str]) -> list[str]:
    """Return a text for each incomplete set with the names of its options and of the missing ones. ``name`` returns the name of a missing option."""
    texts = []
    for kind in _KINDS:
        present, missing = kind.find_set(values), kind.find_missing(values)
        if present and missing:
            missing_names = [name(option) for option in missing]
            if "domain_name" in missing:
                missing_names[-1] += f" (or {name('domain_id')})"
            texts.append(
                f"{join_names([values[option].variable or option for option in present])} without {join_names(missing_names)}"
            )
    return texts


def _find_sibling(family: str, option: str) -> str:
    """Return the first variable of ``option`` in a family."""
    return next(variable for variable in CREDENTIAL_VARIABLES[option] if variable.startswith(family))


def _describe_origins(source: str, names: t.Sequence[str]) -> str:
    noun = "task option" if source == "task" else "environment variable"
    return f"the {noun}{'' if len(names) == 1 else 's'} {join_names(names)}"


def join_names(names: t.Sequence[str]) -> str:
    """Return the names as a phrase: ``a, b and c``."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
