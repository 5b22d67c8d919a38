# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Credentials and where they come from.

Nothing here opens a connection. Credentials are resolved as a set and from one source only: the options of the task, or one family of
environment variables. A key of one source with a security token of another would be a 401 that nobody can explain.
"""

from __future__ import annotations

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

# People choose these, so blanks at either end may be meant; only line breaks cannot be. They travel in a JSON body, all others in headers.
_CHOSEN_BY_PEOPLE = ("username", "password", "domain_name")

_NO_CREDENTIALS = "No credentials: set access_key and secret_key, or auth_token, or username, password and domain_name"
_NO_CREDENTIALS_HINT = "Or set environment variables, for example HW_ACCESS_KEY and HW_SECRET_KEY"
_TASK_HALF_HINT = "A set comes from one source: environment variables do not complete what the task options begin"
_ENVIRONMENT_HALF_HINT = (
    "A set comes from one family of variables (HW_*, HUAWEICLOUD_SDK_* or OS_*): "
    "neither another family nor the task options complete it"
)
_UNSUPPORTED_HINT = (
    "Unset it, or set credentials as task options: access_key and secret_key, auth_token, or username and password"
)


class _UnsupportedWay(t.NamedTuple):
    """A way to authenticate that the collection does not implement, and the variables that request it (a prefix if one ends in ``*``)."""

    name: str
    variables: tuple[str, ...]

    def requested_by(self, environ: t.Mapping[str, str]) -> str | None:
        """Return the first variable that requests this way, if one does."""
        for pattern in self.variables:
            names = sorted(name for name in environ if name.startswith(pattern[:-1])) if "*" in pattern else [pattern]
            for name in names:
                if environ.get(name, "").strip().lower() not in _OFF.get(name, ("",)):
                    return name
        return None


# Variables that are switches: these values request nothing.
_OFF = {"HW_USE_METADATA": ("", "0", "false", "no", "off", "n", "f")}

# Tools that read these variables change the identity with them even if keys are set. To ignore them would be to act as somebody else.
_BEFORE_KEYS: dict[str, tuple[_UnsupportedWay, ...]] = {
    "HW_": (
        _UnsupportedWay(
            "an agency", ("HW_ASSUME_ROLE_AGENCY_NAME", "HW_ASSUME_ROLE_DOMAIN_NAME", "HW_ASSUME_ROLE_DOMAIN_ID")
        ),
        _UnsupportedWay("a shared configuration file", ("HW_SHARED_CONFIG_FILE", "HW_PROFILE")),
    ),
    "HUAWEICLOUD_SDK_": (
        _UnsupportedWay(
            "an identity provider",
            ("HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE", "HUAWEICLOUD_OIDC_*"),
        ),
    ),
    "OS_": (_UnsupportedWay("an agency", ("OS_AGENCY_NAME", "OS_AGENCY_DOMAIN_NAME", "OS_DELEGATED_PROJECT")),),
}

# Complete credentials of the same family, or of one before it, win over these.
_AFTER_KEYS: dict[str, tuple[_UnsupportedWay, ...]] = {
    "HW_": (_UnsupportedWay("the metadata of a server", ("HW_USE_METADATA",)),),
    "HUAWEICLOUD_SDK_": (_UnsupportedWay("a credentials file", ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",)),),
    "OS_": (_UnsupportedWay("clouds.yaml", ("OS_CLOUD", "OS_CLIENT_CONFIG_FILE")),),
}


@dataclass(frozen=True)
class Credentials:
    """One complete set. Only the fields of its ``kind`` and the domain are filled. Hashable, so it can be part of a key."""

    kind: str  # token, aksk or password
    source: str  # task or environment
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    auth_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    domain_name: str | None = None
    domain_id: str | None = None
    # The options or variables that gave the values of the kind, for error messages. The same values are the same credentials.
    origins: tuple[str, ...] = field(default=(), compare=False, repr=False)
    # Half sets of earlier families of variables, by the names of what is set and what is missing. Users should know that they have no effect.
    skipped: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown to anybody."""
        return tuple(value for value in (self.secret_key, self.security_token, self.auth_token, self.password) if value)

    def origin(self) -> str:
        """Return a sentence that names the options or variables that gave the credentials, or an empty string."""
        if not self.origins:
            return ""
        what = "task options" if self.source == "task" else "environment variables"
        return f"The credentials come from the {what[:-1] if len(self.origins) == 1 else what} {_listed(self.origins)}."


class _Value(t.NamedTuple):
    """A value that is not empty, and the environment variable that gave it; ``None`` for a value of the task."""

    value: str
    variable: t.Optional[str] = None


_Values = t.Mapping[str, _Value]


@dataclass(frozen=True)
class _Kind:
    """What belongs to one kind of credentials. The domain belongs to all of them and starts none."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    needs_domain: bool = False

    def started(self, values: _Values) -> tuple[str, ...]:
        return tuple(option for option in self.required + self.optional if option in values)

    def missing(self, values: _Values) -> tuple[str, ...]:
        missing = tuple(option for option in self.required if option not in values)
        if self.needs_domain and "domain_name" not in values and "domain_id" not in values:
            missing += ("domain_name",)
        return missing

    def take(self, values: _Values, source: str) -> Credentials:
        """Build the credentials. Raises OptionError for a value that cannot be sent."""
        domain = ("domain_name", "domain_id")
        taken = [option for option in self.required + self.optional + domain if option in values]
        for option in taken:
            _check_sendable(option, values[option])
        origins = [option for option in taken if self.needs_domain or option not in domain]
        given: dict[str, t.Any] = {option: values[option].value for option in taken}
        return Credentials(
            self.name, source, **given, origins=tuple(values[option].variable or option for option in origins)
        )


# In the order in which they win within a family.
_KINDS = (
    _Kind("token", ("auth_token",)),
    _Kind("aksk", ("access_key", "secret_key"), ("security_token",)),
    _Kind("password", ("username", "password"), needs_domain=True),
)


def resolve_credentials(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Credentials:
    """Find the credentials of a task.

    ``params`` are task options (module_defaults included), ``environ`` is the environment. The first source that has a
    complete set wins: the task, then each family of variables. An empty string is "not set". Raises OptionError without a complete
    set, if the task has half a set or several, if a variable requests a way that is not supported, and if a value cannot be sent.
    """
    task = _task_values(params)
    complete = _complete_kinds(task)
    if len(complete) > 1:
        raise OptionError(
            "More than one kind of credentials in the task options: "
            + "; ".join(" and ".join(kind.required) for kind in complete),
            hint="Keep one of them",
        )
    halves = _halves(task)
    if halves:
        raise OptionError(f"Incomplete credentials in the task options: {'; '.join(halves)}", hint=_TASK_HALF_HINT)
    if complete:
        return complete[0].take(task, "task")
    return _from_environment(environ)


def family_of(variable: str) -> str:
    """Return the family (a prefix) that an environment variable belongs to."""
    return next(family for family in FAMILIES if variable.startswith(family))


def check_header_value(label: str, value: str) -> None:
    """Raise OptionError if an HTTP header cannot carry ``value``. The error shows ``label`` only."""
    if not (value.isascii() and value.isprintable()):
        raise OptionError(
            f"{label} contains a character that an HTTP header cannot carry",
            hint="Remove line breaks, other control characters, and characters outside ASCII",
        )


def check_text(label: str, value: str) -> None:
    """Raise OptionError if ``value`` is not valid text. The error shows ``label`` only."""
    try:
        # Python keeps bytes of the environment that are not UTF-8 as such characters.
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise OptionError(f"{label} is not valid text in UTF-8", hint="Check the encoding of its source") from None


def _from_environment(environ: t.Mapping[str, str]) -> Credentials:
    halves: list[str] = []
    for family in FAMILIES:
        _refuse_unsupported(_BEFORE_KEYS[family], environ)
        values = _family_values(family, environ)
        complete = _complete_kinds(values)
        if complete:
            return replace(complete[0].take(values, "environment"), skipped=tuple(halves))
        _refuse_unsupported(_AFTER_KEYS[family], environ)
        halves += _halves(values)
    if halves:
        raise OptionError(
            f"Incomplete credentials in the environment: {'; '.join(halves)}", hint=_ENVIRONMENT_HALF_HINT
        )
    raise OptionError(_NO_CREDENTIALS, hint=_NO_CREDENTIALS_HINT)


def _refuse_unsupported(ways: t.Iterable[_UnsupportedWay], environ: t.Mapping[str, str]) -> None:
    for way in ways:
        variable = way.requested_by(environ)
        if variable:
            raise OptionError(
                f"The environment variable {variable} requests {way.name}, which is not supported",
                hint=_UNSUPPORTED_HINT,
            )


def _task_values(params: t.Mapping[str, t.Any]) -> dict[str, _Value]:
    cleaned = {option: _clean(option, params.get(option)) for option in CREDENTIAL_VARIABLES}
    return {option: _Value(value) for option, value in cleaned.items() if value}


def _family_values(family: str, environ: t.Mapping[str, str]) -> dict[str, _Value]:
    values: dict[str, _Value] = {}
    for option, variables in CREDENTIAL_VARIABLES.items():
        for variable in variables:
            value = _clean(option, environ.get(variable)) if variable.startswith(family) else ""
            if value:
                values.setdefault(option, _Value(value, variable))
    return values


def _clean(option: str, value: t.Any) -> str:
    """Keys read from files and vaults tend to end in a line feed, which the signature would not survive."""
    if value is None:
        return ""
    return str(value).strip("\r\n") if option in _CHOSEN_BY_PEOPLE else str(value).strip()


def _check_sendable(option: str, given: _Value) -> None:
    label = f"{option} (from {given.variable})" if given.variable else option
    (check_text if option in _CHOSEN_BY_PEOPLE else check_header_value)(label, given.value)


def _complete_kinds(values: _Values) -> list[_Kind]:
    return [kind for kind in _KINDS if not kind.missing(values)]


def _halves(values: _Values) -> list[str]:
    """Say for each half set which options or variables are set and which are missing. Names only, never values."""
    texts = []
    for kind in _KINDS:
        started, missing = kind.started(values), kind.missing(values)
        if started and missing:
            first = values[started[0]].variable
            needed = [_sibling(option, first) for option in missing]
            if "domain_name" in missing:
                needed[-1] += f" (or {_sibling('domain_id', first)})"
            texts.append(
                f"{_listed([values[option].variable or option for option in started])} without {_listed(needed)}"
            )
    return texts


def _sibling(option: str, variable: str | None) -> str:
    """Return the variable that gives ``option`` in the family of ``variable``, or the option itself without one."""
    if variable is None:
        return option
    return next(other for other in CREDENTIAL_VARIABLES[option] if other.startswith(family_of(variable)))


def _listed(names: t.Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
