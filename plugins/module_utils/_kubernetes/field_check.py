# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check each field of a Deployment against the table of fields: type, characters, length, range and required fields.

Unknown fields are ignored. Messages contain no value that may be secret.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import is_integer
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.deployment_fields import (
    ALTERNATIVES,
    CHOICES,
    FORBIDDEN,
    FORMATS,
    RANGES,
    REQUIRED,
    STRUCTURES,
    get_field_types,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_formats import FormatFindings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_rules import MAP_RULES, RULES
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import QUOTE_FIX, Finding
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import is_quantity
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import (
    join_path,
    shorten,
    type_name,
)

_VARIABLE_FIX = "with a variable, write the template as YAML text."


def check_fields(deployment: dict[str, t.Any], path: str) -> list[Finding]:
    """Return the fields of ``deployment`` that Kubernetes does not accept. Values may have any type."""
    check = _FieldCheck()
    check.check_structure("Deployment", deployment, path)
    return check.found


class _FieldCheck(FormatFindings):
    """Checks a tree of fields."""

    def check_structure(self, name: str, value: dict[str, t.Any], path: str) -> None:
        types = get_field_types(name)
        for key, entry in value.items():
            if entry is not None and key in types:
                self._check_field(f"{name}.{key}", types[key], entry, join_path(path, key))
        self._check_required(name, value, path)
        self._check_alternatives(name, value, path)
        for key in FORBIDDEN.get(name, "").split():
            if value.get(key) not in (None, [], {}):
                self.add("value", join_path(path, key), "is not allowed in a Deployment", "Remove it.")
        if name in RULES:
            RULES[name](self, value, path)

    def _check_field(self, field: str, kind: str, value: t.Any, path: str) -> None:
        if not self._check_type(field, kind, value, path):
            return
        if kind[0] == "{":
            if field in FORMATS:
                MAP_RULES[FORMATS[field]](self, value, path)
        elif kind[0] != "[":
            self._check_content(field, value, path)

    def _check_type(self, field: str, kind: str, value: t.Any, path: str) -> bool:
        """Check the type of a value and everything below it. Return whether its own type is correct."""
        if kind[0] == "[":
            return self._check_list(field, kind[1:-1], value, path)
        if kind[0] == "{" or kind in STRUCTURES:
            if not isinstance(value, dict):
                message = f"is {type_name(value)}, must be a mapping"
                self.add("type", path, message, "Write keys and values below it.")
                return False
            if kind[0] != "{":
                self.check_structure(kind, value, path)
                return True
            for key, entry in value.items():
                self._check_scalar(kind[1:-1], entry, join_path(path, key))
            return True
        return self._check_scalar(kind, value, path)

    def _check_list(self, field: str, kind: str, value: t.Any, path: str) -> bool:
        if not isinstance(value, list):
            message = f"is {type_name(value)}, must be a list"
            self.add("type", path, message, "Write its elements with a dash each.")
            return False
        for index, entry in enumerate(value):
            if entry is not None:
                self._check_field(field, kind, entry, join_path(path, index))
            elif kind in STRUCTURES:
                # An empty element is an element without fields.
                self.check_structure(kind, {}, join_path(path, index))
        return True

    def _check_scalar(self, kind: str, value: t.Any, path: str) -> bool:
        if value is None or _TYPES[kind].accepts(value):
            return True
        type_words = _TYPES[kind].name
        if kind == "quantity" and isinstance(value, str):
            message = f"{shorten(value, 60)} is not {type_words}"
        elif kind in _LIMITS and isinstance(value, int) and not isinstance(value, bool):
            message = f"is {shorten(value, 60)}, which is out of range"
        else:
            message = f"is {type_name(value)}, must be {type_words}"
        self.add("type", path, message, _explain_type(kind, value))
        return False

    def _check_content(self, field: str, value: t.Any, path: str) -> None:
        if isinstance(value, str) and value:
            choices = CHOICES.get(field, "").split()
            if choices and value not in choices:
                self.add(
                    "value", path, f"is {shorten(value, 60)}, must be {_join_choices(choices)}", "Correct the spelling."
                )
            if field in FORMATS:
                self.check_text(FORMATS[field], value, path)
        low, high = RANGES.get(field, (None, None))
        if is_integer(value) and ((low is not None and value < low) or (high is not None and value > high)):
            limits = f"at least {low}" if high is None else f"from {low} to {high}"
            self.add("value", path, f"is {shorten(value, 60)}, must be {limits}", "Write a number in this range.")

    def _check_required(self, name: str, value: dict[str, t.Any], path: str) -> None:
        for key in REQUIRED.get(name, "").split():
            if value.get(key) in (None, "", [], {}):
                self.add("required", join_path(path, key), "is missing", f"Add {key}.")

    def _check_alternatives(self, name: str, value: dict[str, t.Any], path: str) -> None:
        keys, needed = ALTERNATIVES.get(name, ("", False))
        present = [key for key in keys.split() if value.get(key) is not None]
        if len(present) > 1:
            self.add("value", path, f"has {' and '.join(present)}", "Leave one of them.")
        elif needed and not present:
            self.add("required", path, f"has none of {', '.join(keys.split())}", "Add one of them.")


class _ScalarType(t.NamedTuple):
    """A type of scalars: the check, and the name in messages."""

    accepts: t.Callable[[t.Any], bool]
    name: str


_LIMITS = {"int32": 2**31, "int64": 2**63, "int-or-text": 2**31}


def _make_integer_check(kind: str) -> t.Callable[[t.Any], bool]:
    limit = _LIMITS[kind]
    return lambda value: is_integer(value) and -limit <= value < limit


_TYPES: dict[str, _ScalarType] = {
    "any": _ScalarType(lambda value: True, "any value"),
    "boolean": _ScalarType(lambda value: isinstance(value, bool), "a boolean"),
    "int-or-text": _ScalarType(
        lambda value: isinstance(value, str) or _make_integer_check("int-or-text")(value), "an integer or text"
    ),
    "int32": _ScalarType(_make_integer_check("int32"), "an integer"),
    "int64": _ScalarType(_make_integer_check("int64"), "an integer"),
    "quantity": _ScalarType(is_quantity, "a quantity"),
    "text": _ScalarType(lambda value: isinstance(value, str), "text"),
}


def _explain_type(kind: str, value: t.Any) -> str:
    if kind == "text":
        return "Write text." if isinstance(value, (list, dict)) else QUOTE_FIX
    if kind == "quantity":
        return "Write a number with a suffix of Kubernetes, for example 500m, 512Mi or 2Gi."
    if kind == "boolean":
        return f"Write true or false without quotes; {_VARIABLE_FIX}"
    if kind == "int-or-text":
        return "Write a native integer without quotes, or text."
    return f"Write a native integer without quotes; {_VARIABLE_FIX}"


def _join_choices(choices: t.Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
