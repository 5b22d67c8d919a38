# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check each field of a Deployment against the table of fields: type, characters, length, range and required fields.

Unknown fields are ignored. The messages show no value that may be secret.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.deployment_fields import (
    ALTERNATIVES,
    CHOICES,
    FORBIDDEN,
    FORMATS,
    RANGES,
    REQUIRED,
    STRUCTURES,
    field_types,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import (
    is_quantity,
    parse_quantity,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import child, shorten, type_name

QUOTE_FIX = "Put it in quotes, as you wrote it."

_VARIABLE_FIX = "with a variable, write the template as YAML text."
_ALNUM = "[A-Za-z0-9]"
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME_PART = rf"{_ALNUM}(?:[-A-Za-z0-9_.]*{_ALNUM})?"
_PREFIX = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAME = re.compile(_NAME_PART)
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253
_LONGEST_ANNOTATIONS = 256 * 1024


def is_address(value: str) -> bool:
    """Return whether Kubernetes accepts a text as an IP address: without a zone, and IPv4 without leading zeros."""
    try:
        return "%" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


class Format(t.NamedTuple):
    """Text that Kubernetes accepts: a pattern, the greatest length, what the text is, and how to write it."""

    pattern: re.Pattern[str]
    longest: int
    kind_name: str
    fix: str

    def accepts(self, value: str) -> bool:
        return len(value) <= self.longest and self.pattern.fullmatch(value) is not None


_ENDS = "with a letter or digit at both ends."
_FORMATS: dict[str, Format] = {
    "label": Format(
        re.compile(_LABEL),
        _LONGEST_LABEL,
        "a valid name",
        f"Use lower-case letters, digits and '-', at most {_LONGEST_LABEL}, {_ENDS}",
    ),
    "subdomain": Format(
        _PREFIX,
        _LONGEST_SUBDOMAIN,
        "a valid name",
        f"Use lower-case letters, digits, '-' and '.', at most {_LONGEST_SUBDOMAIN}, {_ENDS}",
    ),
    "port-name": Format(
        re.compile(rf"(?=[^a-z]*[a-z])(?!.*--){_LABEL}"),
        15,
        "a valid name of a port",
        f"Use lower-case letters, digits and single '-', at most 15, {_ENDS} Write a number without quotes.",
    ),
    # Kubernetes accepts more from 1.32 on, but older clusters refuse it.
    "variable": Format(
        re.compile(r"(?!\.\.|\.$)[-._A-Za-z][-._A-Za-z0-9]*"),
        10**6,
        "a valid name of an environment variable",
        "Use letters, digits, '_', '-' and '.', and do not begin with a digit.",
    ),
    "file-key": Format(
        re.compile(r"(?!\.\.|\.$)[-._A-Za-z0-9]+"),
        _LONGEST_SUBDOMAIN,
        "a valid key",
        f"Use letters, digits, '-', '_' and '.', at most {_LONGEST_SUBDOMAIN}.",
    ),
    "label-value": Format(
        re.compile(f"(?:{_NAME_PART})?"),
        _LONGEST_LABEL,
        "a valid label value",
        f"Use letters, digits, '-', '_' and '.', at most {_LONGEST_LABEL}, {_ENDS}",
    ),
    "relative-path": Format(
        re.compile(r"(?!/)(?!(.*/)?\.\.(/|$)).+"),
        10**6,
        "a relative path",
        "Write a path that does not begin with '/' and does not contain '..'.",
    ),
    "percentage": Format(
        re.compile("[0-9]+%"), 10**6, "a percentage", "Write a percentage such as 25%, or a number without quotes."
    ),
}
_KEY_FIX = (
    f"Use letters, digits, '-', '_' and '.', at most {_LONGEST_LABEL}, {_ENDS} "
    f"A domain of at most {_LONGEST_SUBDOMAIN} lower-case characters and '/' can precede it."
)
_RESOURCES = re.compile(r"cpu|memory|ephemeral-storage|hugepages-.+|.+/.+")


class Problem(t.NamedTuple):
    """One field that Kubernetes does not accept."""

    rule: str
    path: str
    message: str
    fix: str


def check_fields(deployment: dict[str, t.Any], path: str) -> list[Problem]:
    """Return what Kubernetes does not accept in ``deployment``, which may hold values of any type."""
    check = _Check()
    check.structure("Deployment", deployment, path)
    return check.found


class _Check:
    """Collects the problems of a tree of fields."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, rule: str, path: str, message: str, fix: str) -> None:
        self.found.append(Problem(rule, path, message, fix))

    def structure(self, name: str, value: dict[str, t.Any], path: str) -> None:
        types = field_types(name)
        for key, entry in value.items():
            if entry is not None and key in types:
                self._field(f"{name}.{key}", types[key], entry, child(path, key))
        self._required(name, value, path)
        self._alternatives(name, value, path)
        for key in FORBIDDEN.get(name, "").split():
            if value.get(key) not in (None, [], {}):
                self.add("value", child(path, key), "is not allowed in a Deployment", "Remove it.")
        if name in _RULES:
            _RULES[name](self, value, path)

    def _field(self, field: str, kind: str, value: t.Any, path: str) -> None:
        if not self._container(field, kind, value, path):
            return
        if kind[0] == "{":
            if field in FORMATS:
                _MAP_FORMATS[FORMATS[field]](self, value, path)
        elif kind[0] != "[":
            self._content(field, value, path)

    def _container(self, field: str, kind: str, value: t.Any, path: str) -> bool:
        """Check the type of a value of any kind, and everything below it. Return whether its own type is right."""
        if kind[0] == "[":
            return self._list(field, kind[1:-1], value, path)
        if kind[0] == "{" or kind in STRUCTURES:
            if not isinstance(value, dict):
                message = f"is {type_name(value)}, must be a mapping"
                self.add("type", path, message, "Write keys and values below it.")
                return False
            if kind[0] != "{":
                self.structure(kind, value, path)
                return True
            for key, entry in value.items():
                self._scalar(kind[1:-1], entry, child(path, key))
            return True
        return self._scalar(kind, value, path)

    def _list(self, field: str, kind: str, value: t.Any, path: str) -> bool:
        if not isinstance(value, list):
            message = f"is {type_name(value)}, must be a list"
            self.add("type", path, message, "Write its elements with a dash each.")
            return False
        for index, entry in enumerate(value):
            if entry is not None:
                self._field(field, kind, entry, child(path, index))
            elif kind in STRUCTURES:
                # An empty element is an element without fields.
                self.structure(kind, {}, child(path, index))
        return True

    def _scalar(self, kind: str, value: t.Any, path: str) -> bool:
        if value is None or _TYPES[kind].accepts(value):
            return True
        words = _TYPES[kind].kind_name
        if kind == "quantity" and isinstance(value, str):
            message = f"{shorten(value, 60)} is not {words}"
        elif kind in _LIMITS and isinstance(value, int) and not isinstance(value, bool):
            message = f"is {shorten(value, 60)}, which is out of range"
        else:
            message = f"is {type_name(value)}, must be {words}"
        self.add("type", path, message, _type_fix(kind, value))
        return False

    def _content(self, field: str, value: t.Any, path: str) -> None:
        if isinstance(value, str) and value:
            choices = CHOICES.get(field, "").split()
            if choices and value not in choices:
                self.add("value", path, f"is {shorten(value, 60)}, must be {_either(choices)}", "Correct the spelling.")
            if field in FORMATS:
                self.text(FORMATS[field], value, path)
        low, high = RANGES.get(field, (None, None))
        if _is_integer(value) and ((low is not None and value < low) or (high is not None and value > high)):
            limits = f"at least {low}" if high is None else f"from {low} to {high}"
            self.add("value", path, f"is {shorten(value, 60)}, must be {limits}", "Write a number in this range.")

    def text(self, name: str, value: str, path: str) -> None:
        """Check a text against a format. Messages do not show names of environment variables."""
        if name == "qualified-name":
            if not is_qualified_name(value):
                self.add("format", path, f"{shorten(value, 60)} is not a valid key", _KEY_FIX)
        elif name == "address":
            if not is_address(value):
                self.add("format", path, f"{shorten(value, 60)} is not an IP address", "Write it like 192.0.2.1.")
        elif not _FORMATS[name].accepts(value):
            shown = "the text" if name == "variable" else shorten(value, 60)
            self.add("format", path, f"{shown} is not {_FORMATS[name].kind_name}", _FORMATS[name].fix)

    def key(self, key: str, path: str) -> None:
        if not is_qualified_name(key):
            self.add("format", child(path, key), "the key is not valid", _KEY_FIX)

    def _required(self, name: str, value: dict[str, t.Any], path: str) -> None:
        for key in REQUIRED.get(name, "").split():
            if value.get(key) in (None, "", [], {}):
                self.add("required", child(path, key), "is missing", f"Add {key}.")

    def _alternatives(self, name: str, value: dict[str, t.Any], path: str) -> None:
        keys, needed = ALTERNATIVES.get(name, ("", False))
        given = [key for key in keys.split() if value.get(key) is not None]
        if len(given) > 1:
            self.add("value", path, f"has {' and '.join(given)}", "Leave one of them.")
        elif needed and not given:
            self.add("required", path, f"has none of {', '.join(keys.split())}", "Add one of them.")


def is_qualified_name(text: str) -> bool:
    """Return whether ``text`` can be the key of a label: a name, and before it perhaps a domain and a slash."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (len(prefix) <= _LONGEST_SUBDOMAIN and _PREFIX.fullmatch(prefix)):
        return False
    return len(name) <= _LONGEST_LABEL and _NAME.fullmatch(name) is not None


def _labels(check: _Check, value: dict[str, t.Any], path: str) -> None:
    for key, entry in value.items():
        check.key(key, path)
        if isinstance(entry, str):
            check.text("label-value", entry, child(path, key))


def _annotations(check: _Check, value: dict[str, t.Any], path: str) -> None:
    for key in value:
        # Annotations may have upper-case letters in the domain too.
        check.key(key.lower(), path)
    size = sum(len(str(text).encode("utf-8", "replace")) for pair in value.items() for text in pair)
    if size > _LONGEST_ANNOTATIONS:
        check.add("format", path, f"is longer than {_LONGEST_ANNOTATIONS} bytes in total", "Shorten the annotations.")


def _resources(check: _Check, value: dict[str, t.Any], path: str) -> None:
    for key, entry in value.items():
        place = child(path, key)
        if not is_qualified_name(key) or not _RESOURCES.fullmatch(key):
            fix = "Write cpu, memory, ephemeral-storage, or the full name with a domain, for example nvidia.com/gpu."
            check.add("format", place, "is not a resource of a container", fix)
        amount = parse_quantity(entry)
        if amount is not None and amount < 0:
            check.add("value", place, f"is {shorten(entry, 60)}, must be at least 0", "Write a positive quantity.")


_MAP_FORMATS: dict[str, t.Callable[[_Check, dict[str, t.Any], str], None]] = {
    "labels": _labels,
    "annotations": _annotations,
    "resources": _resources,
}


# -- rules that concern several fields


def _pod(check: _Check, pod: dict[str, t.Any], path: str) -> None:
    volumes = _unique(check, pod, "volumes", "name", path)
    for kind in ("initContainers", "containers"):
        for index, container in _mappings(pod, kind):
            for key in ("volumeMounts", "volumeDevices"):
                for place, mount in _mappings(container, key):
                    name = mount.get("name")
                    if isinstance(name, str) and name and name not in volumes:
                        where = f"{child(child(child(child(path, kind), index), key), place)}.name"
                        message = f"the pod has no volume {shorten(name, 60)}"
                        check.add("value", where, message, "Add the volume, or correct the name.")


def _container(check: _Check, container: dict[str, t.Any], path: str) -> None:
    _unique(check, container, "ports", "name", path)
    _unique(check, container, "volumeMounts", "mountPath", path)
    image = container.get("image")
    if isinstance(image, str) and image.strip() and image != image.strip():
        check.add("format", child(path, "image"), "begins or ends with a blank", "Remove blanks and line ends.")
    for key in ("livenessProbe", "startupProbe"):
        probe = container.get(key)
        successes: t.Any = probe.get("successThreshold") if isinstance(probe, dict) else None
        if _is_integer(successes) and successes > 1:
            place = child(child(path, key), "successThreshold")
            check.add("value", place, f"is {successes}, must be 1", "Leave successThreshold out.")


def _unique(check: _Check, owner: dict[str, t.Any], key: str, name: str, path: str) -> dict[str, int]:
    """Return the position of each name in a list. Report names that are used twice."""
    found: dict[str, int] = {}
    for index, entry in _mappings(owner, key):
        value = entry.get(name)
        if not isinstance(value, str) or not value:
            continue
        if value in found:
            place = child(child(child(path, key), index), name)
            message = f"{shorten(value, 60)} is the {name} of {child(key, found[value])} too"
            check.add("value", place, message, f"Use another {name}.")
        found.setdefault(value, index)
    return found


def _mappings(owner: dict[str, t.Any], key: str) -> list[tuple[int, dict[str, t.Any]]]:
    value = owner.get(key)
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(index, entry) for index, entry in entries if isinstance(entry, dict)]


def _limits(check: _Check, resources: dict[str, t.Any], path: str) -> None:
    limits, requests = resources.get("limits"), resources.get("requests")
    if not isinstance(limits, dict) or not isinstance(requests, dict):
        return
    for key, request in requests.items():
        low, high = parse_quantity(request), parse_quantity(limits.get(key))
        if low is not None and high is not None and low > high:
            message = f"is {shorten(request, 60)}, the limit is {shorten(limits[key], 60)}"
            place = child(child(path, "requests"), key)
            check.add("value", place, message, "Request at most the limit.")


def _variable(check: _Check, variable: dict[str, t.Any], path: str) -> None:
    if variable.get("value") not in (None, "") and variable.get("valueFrom") is not None:
        check.add("value", path, "has value and valueFrom", "Leave one of them.")


def _toleration(check: _Check, toleration: dict[str, t.Any], path: str) -> None:
    exists = toleration.get("operator") == "Exists"
    if not toleration.get("key") and not exists:
        check.add("value", path, "has no key and not the operator Exists", "Add key, or write operator: Exists.")
    if exists and toleration.get("value"):
        check.add("value", child(path, "value"), "is not allowed with the operator Exists", "Remove value.")
    if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
        place = child(path, "tolerationSeconds")
        check.add("value", place, "is only allowed with the effect NoExecute", "Remove it, or change the effect.")


def _requirement(check: _Check, requirement: dict[str, t.Any], path: str) -> None:
    operator, values = requirement.get("operator"), requirement.get("values")
    counts = {"In": (1, None), "NotIn": (1, None), "Exists": (0, 0), "DoesNotExist": (0, 0), "Gt": (1, 1), "Lt": (1, 1)}
    if not isinstance(operator, str) or operator not in counts or not isinstance(values, (list, type(None))):
        return
    low, high = counts[operator]
    number = len(values or ())
    if number < low or (high is not None and number > high):
        wanted = "values" if high is None else "one value" if high else "no values"
        check.add("value", path, f"has the operator {operator} with {number} values", f"Write {wanted}.")


def _strategy(check: _Check, strategy: dict[str, t.Any], path: str) -> None:
    rolling = strategy.get("rollingUpdate")
    place = child(path, "rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling is not None:
        check.add("value", place, "is not allowed with the type Recreate", "Remove rollingUpdate.")
    elif isinstance(rolling, dict) and all(_is_zero(rolling.get(key)) for key in ("maxSurge", "maxUnavailable")):
        check.add("value", place, "has 0 for maxSurge and maxUnavailable", "Write at least 1 for one of them.")


def _is_zero(value: t.Any) -> bool:
    return (_is_integer(value) and value == 0) or (isinstance(value, str) and re.fullmatch("0+%", value) is not None)


def _deployment(check: _Check, spec: dict[str, t.Any], path: str) -> None:
    deadline = spec.get("progressDeadlineSeconds")
    ready = spec.get("minReadySeconds")
    deadline, ready = 600 if deadline is None else deadline, 0 if ready is None else ready
    if _is_integer(deadline) and _is_integer(ready) and 0 <= deadline <= ready:
        place = child(path, "progressDeadlineSeconds")
        message = f"is {deadline}, must be greater than minReadySeconds ({ready})"
        check.add("value", place, message, "Raise progressDeadlineSeconds.")


_RULES: dict[str, t.Callable[[_Check, dict[str, t.Any], str], None]] = {
    "Container": _container,
    "DeploymentSpec": _deployment,
    "DeploymentStrategy": _strategy,
    "EnvVar": _variable,
    "LabelSelectorRequirement": _requirement,
    "NodeSelectorRequirement": _requirement,
    "PodSpec": _pod,
    "ResourceRequirements": _limits,
    "Toleration": _toleration,
}


# -- types of single values


class Scalar(t.NamedTuple):
    """A type of single values: the check, and its name in messages."""

    accepts: t.Callable[[t.Any], bool]
    kind_name: str


_LIMITS = {"int32": 2**31, "int64": 2**63, "int-or-text": 2**31}


def _is_integer(value: t.Any) -> bool:
    # True and False are integers to Python, not to Kubernetes.
    return isinstance(value, int) and not isinstance(value, bool)


def _integer(kind: str) -> t.Callable[[t.Any], bool]:
    limit = _LIMITS[kind]
    return lambda value: _is_integer(value) and -limit <= value < limit


_TYPES: dict[str, Scalar] = {
    "any": Scalar(lambda value: True, "any value"),
    "boolean": Scalar(lambda value: isinstance(value, bool), "a boolean"),
    "int-or-text": Scalar(lambda value: isinstance(value, str) or _integer("int-or-text")(value), "an integer or text"),
    "int32": Scalar(_integer("int32"), "an integer"),
    "int64": Scalar(_integer("int64"), "an integer"),
    "quantity": Scalar(is_quantity, "a quantity"),
    "text": Scalar(lambda value: isinstance(value, str), "text"),
}


def _type_fix(kind: str, value: t.Any) -> str:
    if kind == "text":
        return "Write text." if isinstance(value, (list, dict)) else QUOTE_FIX
    if kind == "quantity":
        return "Write a number with a suffix of Kubernetes, for example 500m, 512Mi or 2Gi."
    if kind == "boolean":
        return f"Write true or false without quotes; {_VARIABLE_FIX}"
    if kind == "int-or-text":
        return "Write a native integer without quotes, or text."
    return f"Write a native integer without quotes; {_VARIABLE_FIX}"


def _either(choices: t.Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
