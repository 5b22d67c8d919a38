# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Validate the variables of playbooks and roles. A blank variable has its default: surveys of AWX pass unanswered questions as empty text or null."""

from __future__ import annotations

import math
import typing as t

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int, check_type_list
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._text import kind_of
from ansible_collections.community.huaweicloud.plugins.module_utils._options._mistakes import (
    find_mistakes,
    format_path,
    is_blank,
)

Spec = t.Mapping[str, t.Any]

# As for the wait options of modules: clocks and sockets do not accept more seconds.
_MOST = 1e8
_CONVERSIONS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "bool": check_type_bool,
    "float": check_type_float,
    "int": check_type_int,
    "list": check_type_list,
    "str": str,
}


def read(specs: Spec, variables: t.Mapping[str, t.Any], render: t.Callable[[t.Any], t.Any]) -> dict[str, t.Any]:
    """Return the rendered values of the variables, with the default for each that is blank or missing."""
    values = {}
    for name, spec in specs.items():
        value = render(variables[name]) if name in variables else None
        values[name] = (spec or {}).get("default") if is_blank(value) else value
    return values


def find_problems(specs: Spec, values: t.Mapping[str, t.Any]) -> list[str]:
    """Return what is wrong with the variables, in their order. No message contains a value."""
    problems = []
    for name, spec in specs.items():
        problems += _find_problems_of(name, spec or {}, values[name])
    return problems


def convert(specs: Spec, values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values with the types of their specs. Secret ones are left out, because the result of a task is shown."""
    converted = {}
    for name, spec in specs.items():
        if not (spec or {}).get("no_log"):
            value, type_ = values[name], (spec or {}).get("type", "str")
            converted[name] = value if value is None else _CONVERSIONS.get(type_, lambda same: same)(value)
    return converted


def _find_problems_of(name: str, spec: Spec, value: t.Any) -> list[str]:
    if is_blank(value):
        example = f", for example -e {name}={spec['example']}" if "example" in spec else ""
        return [f"{name} is required{example}"] if spec.get("required") else []
    # Where a mapping or list is expected, text would reach tasks as text.
    for type_, expected, words in (("dict", t.Mapping, "a mapping"), ("list", (list, tuple), "a list")):
        if spec.get("type") == type_ and not isinstance(value, expected):
            return [f"{name} must be {words}, it is {kind_of(value)}"]
    mistakes = find_mistakes({name: spec}, {name: value})
    if mistakes:
        return [f"{format_path(mistake.path)} {mistake.message}" for mistake in mistakes]
    if spec.get("positive") and not 0 < float(value) < math.inf:
        return [f"{name} must be greater than 0"]
    if spec.get("positive") and float(value) > _MOST:
        return [f"{name} must be at most {_MOST:.0f}"]
    return []
