# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of asm_traffic and asm_traffic_info."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    KUBERNETES,
    ArgumentSpec,
    parse_number,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficDesired, TrafficTarget
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.subsets import parse_name

Params = t.Mapping[str, t.Any]

_SERVICE_OPTIONS: dict[str, dict[str, t.Any]] = {
    "namespace": {"type": "str", "required": True},
    "service_name": {"type": "str", "required": True},
    "virtual_services": {"type": "list", "elements": "str", "default": []},
    "ignore_virtual_services": {"type": "list", "elements": "str", "default": []},
    "destination_rule": {"type": "str"},
    "require_ready": {"type": "bool", "default": True},
    "cluster_domain": {"type": "str", "default": "cluster.local"},
    "root_namespace": {"type": "str", "default": "istio-system"},
}
TIMES = ArgumentSpec(argument_spec={"propagation_seconds": {"type": "float", "default": 10.0}})

ARGUMENTS = KUBERNETES.merge(
    TIMES,
    ArgumentSpec(
        argument_spec={
            **_SERVICE_OPTIONS,
            "original_version": {"type": "str", "required": True},
            "gray_version": {"type": "str", "required": True},
            "weight": {"type": "int"},
            "match": {
                "type": "dict",
                "options": {
                    "headers": {"type": "dict"},
                    "cookies": {"type": "dict"},
                    "query_params": {"type": "dict"},
                },
            },
            "create_missing": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        }
    ),
)
INFO_ARGUMENTS = KUBERNETES.merge(
    ArgumentSpec(
        argument_spec={
            **_SERVICE_OPTIONS,
            "original_version": {"type": "str"},
            "gray_version": {"type": "str"},
        },
        required_together=[("original_version", "gray_version")],
    )
)

# Names of Services and namespaces are labels of DNS (RFC 1123); other objects may also have dots.
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
# The syntax of a label value.
_VERSION = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
# A token of HTTP (RFC 9110), which the names of headers and cookies are, and the characters of a cookie value (RFC 6265).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]+")
_MATCH_TYPES = ("exact", "prefix", "regex")


class Options(t.NamedTuple):
    """The options of a task as typed values."""

    target: TrafficTarget
    desired: TrafficDesired


def parse_options(params: Params) -> Options:
    """Return the options of asm_traffic. Raise OptionError if they are invalid."""
    parse_number(params, TIMES, "propagation_seconds", positive=False)
    absent = params.get("state") == "absent"
    weight, match = params.get("weight"), params.get("match")
    if absent and (weight is not None or match):
        raise OptionError("weight and match cannot be combined with state=absent.")
    if not absent and weight is None and match is None:
        raise OptionError("one of the following is required: weight, match")
    if weight is not None and not 0 <= weight <= 100:
        raise OptionError(f"weight must be a percentage from 0 to 100, not {weight}.")
    return Options(parse_target(params), TrafficDesired(weight, parse_match(match), absent))


def parse_target(params: Params) -> TrafficTarget:
    """Return the Service, its versions and its objects. Raise OptionError if one of the names is invalid."""
    for option, pattern in (("namespace", _LABEL), ("service_name", _LABEL)):
        _check_text(option, params[option], pattern, "a valid Kubernetes name")
    for option in ("original_version", "gray_version"):
        if params.get(option) is not None:
            _check_text(option, params[option], _VERSION, "a valid value of a Kubernetes label")
    if params.get("original_version") is not None and params["original_version"] == params["gray_version"]:
        raise OptionError(f"original_version and gray_version must differ: both are '{params['gray_version']}'.")
    fields = ("original_version", "gray_version", "create_missing", "require_ready", "cluster_domain", "root_namespace")
    target = TrafficTarget(
        namespace=params["namespace"],
        service_name=params["service_name"],
        virtual_services=tuple(params.get("virtual_services") or ()),
        ignore_virtual_services=tuple(params.get("ignore_virtual_services") or ()),
        destination_rule=params.get("destination_rule") or None,
        propagation_seconds=float(params.get("propagation_seconds") or 0.0),
        **{field: params[field] for field in fields if params.get(field) is not None},
    )
    _check_object_names(target)
    return target


def _check_object_names(target: TrafficTarget) -> None:
    options = {
        "virtual_services": target.virtual_services,
        "ignore_virtual_services": target.ignore_virtual_services,
        "destination_rule": (target.destination_rule,) if target.destination_rule else (),
    }
    for option, names in options.items():
        for text in names:
            namespace, found, name = text.rpartition("/")
            if not _NAME.fullmatch(name) or (found and not _LABEL.fullmatch(namespace)):
                raise OptionError(f"{option} must be name or namespace/name, not '{text}'.", option=option)
    managed, ignored = (
        {parse_name(text, target) for text in names}
        for names in (target.virtual_services, target.ignore_virtual_services)
    )
    for both in sorted(managed & ignored):
        raise OptionError(f"the VirtualService {both} is in virtual_services and in ignore_virtual_services.")


def _check_text(option: str, value: str, pattern: re.Pattern[str], what: str) -> None:
    if not pattern.fullmatch(value):
        raise OptionError(f"{option} must be {what}, not '{value}'.", option=option)


def parse_match(match: Params | None) -> dict[str, t.Any] | None:
    """Return the conditions of testers without empty parts. Raise OptionError if one of them is invalid."""
    if match is None:
        return None
    parts: dict[str, t.Any] = {}
    for option, pattern in (("headers", _TOKEN), ("query_params", None)):
        for name, value in (match.get(option) or {}).items():
            if not str(name) or (pattern and not pattern.fullmatch(str(name))):
                raise OptionError(f"match.{option} has an invalid name: '{name}'.")
            parts.setdefault(option, {})[str(name)] = _parse_string_match(f"match.{option}.{name}", value)
    cookies = {str(name): str(value) for name, value in (match.get("cookies") or {}).items()}
    if cookies:
        _check_cookies(cookies, parts.get("headers") or {})
        parts["cookies"] = cookies
    return parts


def _parse_string_match(path: str, value: t.Any) -> str | dict[str, str]:
    if isinstance(value, t.Mapping):
        if len(value) != 1 or next(iter(value)) not in _MATCH_TYPES or not isinstance(next(iter(value.values())), str):
            raise OptionError(f"{path} must be a string, or a mapping with one of {', '.join(_MATCH_TYPES)}.")
        return dict(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise OptionError(f"{path} must be a string. Put the value in quotes.")
    return str(value)


def _check_cookies(cookies: t.Mapping[str, str], headers: t.Mapping[str, t.Any]) -> None:
    if len(cookies) > 1:
        raise OptionError(
            "match.cookies must have one cookie: a route can have only one condition for the header cookie."
        )
    if any(name.lower() == "cookie" for name in headers):
        raise OptionError("match.cookies cannot be combined with the header cookie in match.headers.")
    for name, value in cookies.items():
        if not _TOKEN.fullmatch(name) or not _COOKIE_VALUE.fullmatch(value):
            raise OptionError(f"match.cookies.{name} is not a valid cookie.")
