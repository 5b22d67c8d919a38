# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of Deployments, as in the Kubernetes API server.

Messages have the format of the API server: the path of the field, then the reason. They do not contain values, which can
be secrets. A wrong type ends the check, because the API server cannot decode such an object.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from huaweicloud_emulator.kubernetes.deployment_fields import (
    ALTERNATIVES,
    CHOICES,
    FORBIDDEN,
    FORMATS,
    RANGES,
    REQUIRED,
    STRUCTURES,
    field_types,
)
from huaweicloud_emulator.kubernetes.quantities import parse_quantity

Object = t.Dict[str, t.Any]
Errors = t.Iterator[str]

_MAX_ERRORS = 5
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', at most 63 characters"
)
# The pattern, the maximum length and the message of the API server for each format.
_FORMATS: dict[str, tuple[str, int, str]] = {
    "label": (_LABEL, 63, _LABEL_TEXT),
    "subdomain": (
        rf"{_LABEL}(\.{_LABEL})*",
        253,
        "a lowercase RFC 1123 subdomain of at most 253 characters is required",
    ),
    "port-name": (
        rf"(?=[^a-z]*[a-z])(?!.*--){_LABEL}",
        15,
        "must contain only alpha-numeric characters (a-z, 0-9) and hyphens, at least one letter, at most 15 characters",
    ),
    "variable": (
        r"(?!\.\.|\.$)[-._A-Za-z][-._A-Za-z0-9]*",
        10**6,
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.'",
    ),
    "file-key": (r"(?!\.\.|\.$)[-._A-Za-z0-9]+", 253, "a valid config key must consist of alphanumeric characters"),
    "label-value": (
        f"({_NAME})?",
        63,
        "a valid label must be an empty string or consist of alphanumeric characters, at most 63",
    ),
    "relative-path": (
        r"(?!/)(?!\.\.(/|$))(?!.*/\.\.(/|$)).+",
        10**6,
        "must be a relative path and must not contain '..'",
    ),
    "percentage": ("[0-9]+%", 10**6, "must be an integer or percentage"),
}
_KEY_TEXT = "name part must consist of alphanumeric characters, '-', '_' or '.', at most 63, with an optional DNS subdomain prefix"
_LARGEST = {"int32": 2**31, "int64": 2**63, "int-or-text": 2**31}


def find_problems(deployment: Object, path: str) -> list[str]:
    """Return the reasons why Kubernetes rejects ``deployment``, or an empty list."""
    for message in _find_type_errors("Deployment", deployment, path):
        return [f'Deployment in version "v1" cannot be handled as a Deployment: {message}']
    messages = [*_find_value_errors("Deployment", "Deployment", deployment, path), *_deployment(deployment, path)]
    return messages[:_MAX_ERRORS]


# -- types


def _find_type_errors(kind: str, value: t.Any, path: str) -> Errors:
    """Yield a message for each value below ``path`` that cannot be decoded as its type."""
    expected: type | None = {"[": list, "{": dict}.get(kind[0], dict if kind in STRUCTURES else None)
    if value is None:
        return
    if expected is None:
        if not _can_decode(kind, value):
            yield f"{path}: cannot unmarshal {_json_type(value)} into a field of type {kind}"
    elif not isinstance(value, expected):
        yield f"{path}: cannot unmarshal {_json_type(value)} into a field of type {'array' if expected is list else 'object'}"
    else:
        for inner, entry, child_path in _iterate_parts(kind, value, path):
            yield from _find_type_errors(inner, entry, child_path)


def _iterate_parts(kind: str, value: t.Any, path: str) -> t.Iterator[tuple[str, t.Any, str]]:
    """Yield type, value and path of the parts of a list, a mapping or a structure."""
    if kind[0] == "[":
        for index, entry in enumerate(value):
            yield kind[1:-1], entry, f"{path}[{index}]"
    else:
        types = {} if kind[0] == "{" else field_types(kind)
        for key, entry in value.items():
            if kind[0] == "{" or key in types:
                yield types.get(key, kind[1:-1]), entry, _child(path, key)


def _child(path: str, key: str) -> str:
    return f"{path}.{key}" if re.fullmatch(r"[\w-]+", key) else f"{path}[{key}]"


def _can_decode(kind: str, value: t.Any) -> bool:
    if kind == "any":
        return True
    if kind == "quantity":
        return parse_quantity(value) is not None
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int):
        return kind in _LARGEST and -_LARGEST[kind] <= value < _LARGEST[kind]
    return isinstance(value, str) and kind in ("text", "int-or-text")


def _json_type(value: t.Any) -> str:
    names = ((bool, "bool"), ((int, float), "number"), (str, "string"), (list, "array"))
    return next((name for types, name in names if isinstance(value, types)), "object")


# -- values of single fields


def _find_value_errors(field: str, kind: str, value: t.Any, path: str) -> Errors:
    """Yield a message for each invalid value below ``path``. The types are valid."""
    if value is None and kind in STRUCTURES:
        value = {}
    if value is None:
        return
    if kind in STRUCTURES:
        yield from _structure(kind, value, path)
        for inner, entry, child_path in _iterate_parts(kind, value, path):
            if entry is not None:
                yield from _find_value_errors(f"{kind}.{child_path.rpartition('.')[2]}", inner, entry, child_path)
    elif kind[0] == "[":
        for inner, entry, child_path in _iterate_parts(kind, value, path):
            yield from _find_value_errors(field, inner, entry, child_path)
    elif kind[0] == "{":
        yield from _MAPS.get(FORMATS.get(field, ""), _any_map)(value, path)
    else:
        yield from _scalar(field, value, path)


def _scalar(field: str, value: t.Any, path: str) -> Errors:
    if isinstance(value, str) and value:
        choices = CHOICES.get(field, "").split()
        if choices and value not in choices:
            yield f"{path}: Unsupported value: supported values: {', '.join(choices)}"
        if field in FORMATS:
            yield from _text(FORMATS[field], value, path)
    low, high = RANGES.get(field, (None, None))
    if isinstance(value, int) and ((low is not None and value < low) or (high is not None and value > high)):
        limits = f"greater than or equal to {low}" if high is None else f"between {low} and {high}, inclusive"
        yield f"{path}: Invalid value: must be {limits}"


def _text(name: str, value: str, path: str) -> Errors:
    if name == "qualified-name":
        yield from _key(value, path)
        return
    if name == "address":
        yield from _address(value, path)
        return
    pattern, longest, reason = _FORMATS[name]
    if len(value) > longest or not re.fullmatch(pattern, value):
        yield f"{path}: Invalid value: {reason}"


def _address(value: str, path: str) -> Errors:
    try:
        ipaddress.ip_address(value)
        if "%" not in value:
            return
    except ValueError:
        pass
    yield f"{path}: Invalid value: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def _key(key: str, path: str) -> Errors:
    prefix, slash, name = key.rpartition("/")
    pattern, longest, _reason = _FORMATS["subdomain"]
    bad_prefix = slash and (len(prefix) > longest or not re.fullmatch(pattern, prefix))
    if bad_prefix or len(name) > 63 or not re.fullmatch(_NAME, name):
        yield f"{path}: Invalid value: {_KEY_TEXT}"


def _any_map(value: Object, path: str) -> Errors:
    yield from ()


def _labels(value: Object, path: str) -> Errors:
    for key, entry in value.items():
        yield from _key(key, _child(path, key))
        yield from _text("label-value", entry or "", _child(path, key))


def _annotations(value: Object, path: str) -> Errors:
    for key in value:
        yield from _key(key.lower(), _child(path, key))
    # Text can contain a lone surrogate, which has no encoding.
    size = sum(len((text or "").encode("utf-8", "replace")) for entry in value.items() for text in entry)
    if size > 256 * 1024:
        yield f"{path}: Too long: must have at most {256 * 1024} bytes"


def _resources(value: Object, path: str) -> Errors:
    for key, entry in value.items():
        child_path = _child(path, key)
        yield from _key(key, child_path)
        if "/" not in key and key not in ("cpu", "memory", "ephemeral-storage") and not key.startswith("hugepages-"):
            yield f"{child_path}: Invalid value: must be a standard resource for containers"
        if (parse_quantity(entry) or 0) < 0:
            yield f"{child_path}: Invalid value: must be greater than or equal to 0"


_MAPS: dict[str, t.Callable[[Object, str], Errors]] = {
    "labels": _labels,
    "annotations": _annotations,
    "resources": _resources,
}


# -- structures


def _structure(name: str, value: Object, path: str) -> Errors:
    for key in REQUIRED.get(name, "").split():
        if value.get(key) in (None, "", [], {}):
            yield f"{path}.{key}: Required value"
    keys, needed = ALTERNATIVES.get(name, ("", False))
    present = [key for key in keys.split() if value.get(key) is not None]
    for key in present[1:]:
        yield f"{path}.{key}: Forbidden: may not specify more than one of {', '.join(present)}"
    if needed and not present:
        yield f"{path}: Required value: must specify one of: {', '.join(keys.split())}"
    for key in FORBIDDEN.get(name, "").split():
        if value.get(key) not in (None, [], {}):
            yield f"{path}.{key}: Forbidden: not allowed in the template of a Deployment"
    yield from _RULES.get(name, _any_map)(value, path)


def _container(value: Object, path: str) -> Errors:
    for key in ("name", "image"):
        if not (value.get(key) or "").strip():
            yield f"{path}.{key}: Required value"
    if (value.get("image") or "x") != (value.get("image") or "x").strip():
        yield f"{path}.image: Invalid value: must not have leading or trailing whitespace"
    yield from _duplicates(value, "ports", "name", path)
    yield from _duplicates(value, "volumeMounts", "mountPath", path)
    for index, port in enumerate(value.get("ports") or ()):
        if (port or {}).get("containerPort") is None:
            yield f"{path}.ports[{index}].containerPort: Required value"
    for key in ("livenessProbe", "startupProbe"):
        if ((value.get(key) or {}).get("successThreshold") or 1) > 1:
            yield f"{path}.{key}.successThreshold: Invalid value: must be 1"


def _duplicates(owner: Object, key: str, name: str, path: str) -> Errors:
    values_so_far: set[str] = set()
    for index, entry in enumerate(owner.get(key) or ()):
        value = (entry or {}).get(name)
        if value and value in values_so_far:
            yield f"{path}.{key}[{index}].{name}: Duplicate value"
        values_so_far.add(value or "")


def _pod(pod: Object, path: str) -> Errors:
    yield from _duplicates(pod, "volumes", "name", path)
    volumes = {(volume or {}).get("name") for volume in pod.get("volumes") or ()}
    names: set[str] = set()
    for kind in ("initContainers", "containers"):
        for index, entry in enumerate(pod.get(kind) or ()):
            child_path, container = f"{path}.{kind}[{index}]", entry or {}
            if container.get("name") and container["name"] in names:
                yield f"{child_path}.name: Duplicate value"
            names.add(container.get("name") or "")
            for key in ("volumeMounts", "volumeDevices"):
                for number, mount in enumerate(container.get(key) or ()):
                    if (mount or {}).get("name") and mount["name"] not in volumes:
                        yield f"{child_path}.{key}[{number}].name: Not found"


def _limits(value: Object, path: str) -> Errors:
    limits = value.get("limits") or {}
    for key, request in (value.get("requests") or {}).items():
        low, high = parse_quantity(request), parse_quantity(limits.get(key))
        if low is not None and high is not None and low > high:
            yield f"{_child(f'{path}.requests', key)}: Invalid value: must be less than or equal to {key} limit"


def _variable(value: Object, path: str) -> Errors:
    if value.get("value") and value.get("valueFrom") is not None:
        yield f"{path}.valueFrom: Invalid value: may not be specified when `value` is not empty"


def _toleration(value: Object, path: str) -> Errors:
    exists = value.get("operator") == "Exists"
    if not value.get("key") and not exists:
        yield f"{path}.operator: Invalid value: operator must be Exists when `key` is empty"
    if exists and value.get("value"):
        yield f"{path}.operator: Invalid value: value must be empty when `operator` is 'Exists'"
    if value.get("tolerationSeconds") is not None and value.get("effect") != "NoExecute":
        yield f"{path}.effect: Invalid value: effect must be 'NoExecute' when `tolerationSeconds` is set"


def _requirement(value: Object, path: str) -> Errors:
    operator, number = value.get("operator"), len(value.get("values") or ())
    if operator in ("In", "NotIn") and not number:
        yield f"{path}.values: Required value: must be specified when `operator` is 'In' or 'NotIn'"
    if operator in ("Exists", "DoesNotExist") and number:
        yield f"{path}.values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    if operator in ("Gt", "Lt") and number != 1:
        yield f"{path}.values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'"


def _strategy(value: Object, path: str) -> Errors:
    rolling = value.get("rollingUpdate")
    if value.get("type") == "Recreate" and rolling is not None:
        yield f"{path}.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"
    elif rolling and all(re.fullmatch("0+%?", str(rolling.get(key))) for key in ("maxSurge", "maxUnavailable")):
        yield f"{path}.rollingUpdate.maxUnavailable: Invalid value: may not be 0 when `maxSurge` is 0"


_RULES: dict[str, t.Callable[[Object, str], Errors]] = {
    "Container": _container,
    "DeploymentStrategy": _strategy,
    "EnvVar": _variable,
    "LabelSelectorRequirement": _requirement,
    "NodeSelectorRequirement": _requirement,
    "PodSpec": _pod,
    "ResourceRequirements": _limits,
    "Toleration": _toleration,
}


# -- the Deployment as a whole


def _deployment(deployment: Object, path: str) -> Errors:
    yield from _text("subdomain", deployment["metadata"].get("name") or "", f"{path}.metadata.name")
    spec = deployment["spec"]
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    if 0 <= (600 if deadline is None else deadline) <= ready:
        yield f"{path}.spec.progressDeadlineSeconds: Invalid value: must be greater than minReadySeconds"
    selector = spec["selector"]
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield f"{path}.spec.selector: Invalid value: empty selector is invalid for deployment"
    elif not _selects(selector, labels):
        yield f"{path}.spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"


def _selects(selector: Object, labels: Object) -> bool:
    expected = (selector.get("matchLabels") or {}).items()
    expressions = (entry or {} for entry in selector.get("matchExpressions") or ())
    return all(key in labels and (labels[key] or "") == (value or "") for key, value in expected) and all(
        _matches(expression, labels) for expression in expressions
    )


def _matches(expression: Object, labels: Object) -> bool:
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values") or ()
    within = key in labels and labels[key] in values
    return {"In": within, "NotIn": not within, "Exists": key in labels, "DoesNotExist": key not in labels}.get(
        str(operator), True
    )
