# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Options that several modules share, and checks of their values."""

from __future__ import annotations

import copy
import math
import re
import types
import typing as t

# The import has an effect, so it must be the first one.
from ansible_collections.community.huaweicloud.plugins.module_utils import _zip_import  # noqa: F401 pylint: disable=unused-import
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

# About three years in seconds. Clocks and sockets of the operating system do not accept more.
_MAX_SECONDS = 1e8


class ArgumentSpec(t.NamedTuple):
    """An argument spec with the rules that belong to it."""

    argument_spec: dict[str, dict[str, t.Any]]
    mutually_exclusive: t.Sequence[t.Sequence[str]] = ()
    required_together: t.Sequence[t.Sequence[str]] = ()
    required_one_of: t.Sequence[t.Sequence[str]] = ()
    required_if: t.Sequence[t.Sequence[t.Any]] = ()
    required_by: t.Mapping[str, t.Sequence[str]] = types.MappingProxyType({})

    def merge(self, *others: ArgumentSpec) -> ArgumentSpec:
        """Return all options and rules of this spec and ``others``. Raise ValueError if two of them define an option differently."""
        result = self
        for other in others:
            result = result._with(other)
        return result

    def kwargs(self) -> dict[str, t.Any]:
        """Return a copy as keyword arguments for AnsibleModule, which changes them."""
        return {
            "argument_spec": _copy_options(self.argument_spec),
            "mutually_exclusive": list(self.mutually_exclusive),
            "required_together": list(self.required_together),
            "required_one_of": list(self.required_one_of),
            "required_if": list(self.required_if),
            "required_by": {option: tuple(needed) for option, needed in self.required_by.items()},
        }

    def _with(self, other: ArgumentSpec) -> ArgumentSpec:
        for option in self.argument_spec.keys() & other.argument_spec.keys():
            if self.argument_spec[option] != other.argument_spec[option]:
                raise ValueError(f"option {option} is defined in two different ways")
        return ArgumentSpec(
            argument_spec={**self.argument_spec, **other.argument_spec},
            mutually_exclusive=_union(self.mutually_exclusive, other.mutually_exclusive),
            required_together=_union(self.required_together, other.required_together),
            required_one_of=_union(self.required_one_of, other.required_one_of),
            required_if=_union(self.required_if, other.required_if),
            required_by={
                option: _union(self.required_by.get(option, ()), other.required_by.get(option, ()))
                for option in [*self.required_by, *(name for name in other.required_by if name not in self.required_by)]
            },
        )


def _copy_options(options: dict[str, dict[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
    """Return a copy of the options and suboptions. It is made for each task, and many times faster than copy.deepcopy."""
    return {
        name: {
            keyword: _copy_options(value)
            if keyword == "options"
            else copy.copy(value)
            if isinstance(value, (dict, list))
            else value
            for keyword, value in spec.items()
        }
        for name, spec in options.items()
    }


def _union(first: t.Sequence[t.Any], second: t.Sequence[t.Any]) -> tuple[t.Any, ...]:
    return (*first, *(rule for rule in second if rule not in first))


CONNECTION = ArgumentSpec(
    argument_spec={
        "access_key": {"type": "str", "aliases": ["ak"], "no_log": False},
        "secret_key": {"type": "str", "aliases": ["sk"], "no_log": True},
        "security_token": {"type": "str", "no_log": True},
        "auth_token": {"type": "str", "no_log": True},
        "username": {"type": "str", "aliases": ["user"]},
        "password": {"type": "str", "no_log": True},
        "domain_name": {"type": "str", "aliases": ["domain"]},
        "domain_id": {"type": "str"},
        "credentials_file": {"type": "path"},
        "profile": {"type": "str"},
        "cloud": {"type": "str"},
        "use_metadata": {"type": "bool"},
        "agency_name": {"type": "str"},
        "agency_domain_name": {"type": "str"},
        "agency_domain_id": {"type": "str"},
        # No default, because a variable applies if the option is not set.
        "agency_duration": {"type": "int"},
        # The path of a directory.
        "token_cache": {"type": "path", "no_log": False},
        "project_id": {"type": "str"},
        "project_name": {"type": "str", "aliases": ["project"]},
        "region": {"type": "str"},
        "auth_url": {"type": "str", "aliases": ["identity_endpoint"]},
        "cloud_domain": {"type": "str"},
        "asm_endpoint": {"type": "str"},
        "modelarts_endpoint": {"type": "str"},
        # No default, because HW_INSECURE applies if the option is not set.
        "validate_certs": {"type": "bool"},
        "ca_path": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        # The URL may contain a password.
        "proxy": {"type": "str", "no_log": True},
        "connect_timeout": {"type": "float", "default": 5.0},
        "read_timeout": {"type": "float", "default": 30.0},
        "max_retries": {"type": "int", "default": 5},
        "retry_max_delay": {"type": "float", "default": 30.0},
    }
)

# The names of kubernetes.core. No defaults, because the variables K8S_AUTH_* apply if an option is not set.
KUBERNETES = ArgumentSpec(
    argument_spec={
        "host": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        # A mapping contains much that is not secret, so ClusterSettings.secrets() selects what to mask.
        "kubeconfig": {"type": "raw", "no_log": False},
        "context": {"type": "str"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "client_cert": {"type": "path", "aliases": ["cert_file"]},
        "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
        "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
        "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
        # The URL may contain a password.
        "proxy": {"type": "str", "no_log": True},
        "no_proxy": {"type": "str"},
        "proxy_headers": {
            "type": "dict",
            "options": {
                "proxy_basic_auth": {"type": "str", "no_log": True},
                "basic_auth": {"type": "str", "no_log": True},
                "user_agent": {"type": "str"},
            },
        },
        "persist_config": {"type": "bool"},
        "impersonate_user": {"type": "str"},
        "impersonate_groups": {"type": "list", "elements": "str"},
        "connect_timeout": {"type": "float", "default": 5.0},
        "read_timeout": {"type": "float", "default": 30.0},
    }
)

WAIT = ArgumentSpec(
    argument_spec={
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 600.0},
        "wait_interval": {"type": "float", "default": 2.0},
    }
)

REDACT = ArgumentSpec(argument_spec={"redact": {"type": "bool", "default": False}})

# The wait options of one item of apply, without defaults: those of the task apply.
ITEM_WAIT = ArgumentSpec(argument_spec={option: {"type": spec["type"]} for option, spec in WAIT.argument_spec.items()})

# Exactly one of them is required, see check_one_of. Ansible's own rules treat an empty string as a value.
MESH = ArgumentSpec(argument_spec={"mesh_id": {"type": "str"}, "mesh_name": {"type": "str"}})


# Types of text options. Ansible itself converts any value to text.
_TEXT_TYPES = ("str", "path")
_WRONG_TYPES = {bool: "a boolean", float: "a number with a fraction", dict: "a mapping", list: "a list"}


# Whether a connection or wait option, by its name or alias, is a text option.
_IS_TEXT = {
    name: spec["type"] in _TEXT_TYPES
    for option, spec in {**CONNECTION.argument_spec, **WAIT.argument_spec}.items()
    for name in (option, *spec.get("aliases", ()))
}


def drop_unset(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options without connection and wait options that are null, or blank where a number or a boolean is required.

    Ansible treats null as a value and cannot convert it to a number. Blank text options stay, because they may be passwords.
    """
    return {
        name: value
        for name, value in options.items()
        if name not in _IS_TEXT
        or value is not None
        and (_IS_TEXT[name] or not isinstance(value, str) or value.strip() != "")
    }


def check_types(options: t.Mapping[str, t.Any]) -> None:
    """Raise OptionError for a text option with another type, for example the region ``no``, which YAML reads as a boolean."""
    for name, value in options.items():
        if not _IS_TEXT.get(name):
            continue
        for kind, description in _WRONG_TYPES.items():
            if isinstance(value, kind):
                raise OptionError(
                    f"{name} must be a string, not {description}", hint="Put the value in quotes, or omit the option"
                )


def check_one_of(params: t.Mapping[str, t.Any], *options: str) -> None:
    """Raise OptionError with a message like Ansible's unless exactly one of the options is set. An empty string means not set."""
    check_at_most_one_of(params, *options)
    if all(params.get(option) in (None, "") for option in options):
        raise OptionError(f"one of the following is required: {', '.join(options)}")


def check_at_most_one_of(params: t.Mapping[str, t.Any], *options: str) -> None:
    """Raise OptionError with a message like Ansible's if several of the options are set. An empty string means not set."""
    if sum(1 for option in options if params.get(option) not in (None, "")) > 1:
        raise OptionError(f"parameters are mutually exclusive: {'|'.join(options)}")


def compile_regex(pattern: str, what: str) -> re.Pattern[str]:
    """Compile a regular expression of a user. Raise OptionError, which contains ``what``, if Python cannot compile it."""
    try:
        return re.compile(pattern)
    except (OverflowError, RecursionError, re.error) as problem:
        raise OptionError(f"{what} is not a regular expression: {problem}.") from None


def check_mesh(params: t.Mapping[str, t.Any]) -> None:
    """Raise OptionError unless exactly one of mesh_id and mesh_name is set."""
    check_one_of(params, *MESH.argument_spec)


def check_wait(params: t.Mapping[str, t.Any]) -> None:
    """Raise OptionError if ``wait_timeout`` or ``wait_interval`` is invalid."""
    parse_number(params, WAIT, "wait_timeout", positive=True)
    parse_number(params, WAIT, "wait_interval", positive=True)


def parse_number(params: t.Mapping[str, t.Any], arguments: ArgumentSpec, option: str, *, positive: bool) -> float:
    """Return the number of an option, or its default. Raise OptionError if it is negative, too large, or 0 although it must be ``positive``."""
    given = params.get(option)
    value: float = arguments.argument_spec[option]["default"] if given is None else given
    # math.isfinite fails for an integer that is larger than every float.
    if not 0 <= value < math.inf or (positive and value == 0):
        raise OptionError(f"{option} must be {'greater than 0' if positive else '0 or greater'}, not {value}")
    if value > _MAX_SECONDS:
        raise OptionError(f"{option} must be at most {_MAX_SECONDS:.0f}")
    return value
