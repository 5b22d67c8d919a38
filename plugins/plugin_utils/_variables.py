# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Validate the variables of playbooks and roles.

A blank variable has its default, because surveys of AWX pass unanswered questions as empty text or null.
"""

from __future__ import annotations

import datetime
import math
import re
import typing as t

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int, check_type_list
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ITEM_WAIT
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import type_name
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    find_mistakes,
    format_path,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES

Spec = t.Mapping[str, t.Any]

# Variables that the action plugins of all modules read. No playbook has to name them.
SETTINGS: Spec = {
    "huaweicloud_in_process": {"type": "bool"},
    "huaweicloud_progress": {"type": "bool"},
    "huaweicloud_redact": {"type": "bool"},
    "huaweicloud_redact_digests": {"type": "bool"},
}
# Clocks and sockets do not accept more seconds. The wait options of modules have the same limit.
_MAX_SECONDS = 1e8
# Extra variables set the variables of this host.
_LOCALHOST = "localhost"
# The lists of apply, with the arguments of their elements.
_LISTS = {kind.plural: kind.arguments.merge(ITEM_WAIT) for kind in RESOURCE_TYPES}
_FILE_MODE = re.compile(r"[0-7]{3,5}|[ugoa]*[-+=][rwxXstugo]*(,[ugoa]*[-+=][rwxXstugo]*)*")
_CONVERSIONS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "bool": check_type_bool,
    "float": check_type_float,
    "int": check_type_int,
    "list": check_type_list,
    "path": str,
    "str": str,
}


def read(specs: Spec, variables: t.Mapping[str, t.Any], render: t.Callable[[t.Any], t.Any]) -> dict[str, t.Any]:
    """Return the rendered values of the variables, with the default for each that is blank or missing."""
    values = {}
    for name, spec in specs.items():
        value = _render(variables[name], variables.get("omit"), render) if name in variables else None
        values[name] = (spec or {}).get("default") if is_blank(value) else value
    return values


def find_problems(specs: Spec, values: t.Mapping[str, t.Any], host: str = _LOCALHOST) -> list[str]:
    """Return the mistakes in the variables, in their order. Messages contain no values.

    Arguments:
        specs: The specifications of the variables by their names.
        values: The values that ``read`` has returned.
        host: The name of the host that has the variables. Targets have their own values in the inventory.
    """
    return [
        problem for name, spec in specs.items() for problem in _check_variable(name, spec or {}, values[name], host)
    ]


def convert(specs: Spec, values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values with the types of their specs, without secrets, because Ansible shows the result of a task."""
    converted = {}
    for name, spec in specs.items():
        # Items can contain secrets, and types that JSON does not have.
        if not (spec or {}).get("no_log") and not (spec or {}).get("elements_of"):
            value, type_ = values[name], (spec or {}).get("type", "str")
            converted[name] = value if value is None else _CONVERSIONS.get(type_, lambda same: same)(value)
            if (spec or {}).get("file_mode") and isinstance(value, int):
                # YAML reads an octal number as an integer. Its text must have octal digits.
                converted[name] = f"{value:04o}"
    return converted


def _render(value: t.Any, omit: t.Any, render: t.Callable[[t.Any], t.Any]) -> t.Any:
    """Return the rendered value of a variable, or ``None`` if it is omitted."""
    # Ansible removes omitted values only from arguments of tasks.
    rendered = _remove_omitted(render([value]), omit)
    return rendered[0] if rendered else None


def _remove_omitted(value: t.Any, omit: t.Any) -> t.Any:
    """Return a copy of the value without omitted values."""
    if omit is None:
        return value
    if isinstance(value, t.Mapping):
        return {key: _remove_omitted(entry, omit) for key, entry in value.items() if not _is_omitted(entry, omit)}
    if isinstance(value, (list, tuple)):
        return [_remove_omitted(entry, omit) for entry in value if not _is_omitted(entry, omit)]
    return value


def _is_omitted(value: t.Any, omit: t.Any) -> bool:
    # The placeholder is text in ansible-core 2.18 and an object in later versions.
    return value is omit or (isinstance(value, str) and value == omit)


def _describe_missing(name: str, spec: Spec, host: str) -> str:
    if "example" not in spec:
        return f"{name} is required"
    if host == _LOCALHOST:
        return f"{name} is required, for example -e {name}={spec['example']}"
    # An extra variable would be the same for all hosts.
    return f"{name} is required: set it for the host {host} in the inventory, for example {name}: {spec['example']}"


def _check_variable(name: str, spec: Spec, value: t.Any, host: str) -> list[str]:
    if is_blank(value):
        return [_describe_missing(name, spec, host)] if spec.get("required") else []
    # Tasks do not convert text to a mapping or a list.
    for type_, expected, words in (("dict", t.Mapping, "a mapping"), ("list", (list, tuple), "a list")):
        if spec.get("type") == type_ and not isinstance(value, expected):
            return [f"{name} must be {words}, it is {type_name(value)}"]
    mistakes = _find_mistakes(name, spec, value)
    if mistakes:
        return [_format(mistake) for mistake in mistakes]
    if spec.get("file_mode") and not _is_file_mode(value):
        return [f"{name} must be a file mode, for example '0640' or u=rw,g=r"]
    if spec.get("positive") and not 0 < float(value) < math.inf:
        return [f"{name} must be greater than 0"]
    if spec.get("positive") and float(value) > _MAX_SECONDS:
        return [f"{name} must be at most {_MAX_SECONDS:.0f}"]
    return []


def _find_mistakes(name: str, spec: Spec, value: t.Any) -> list[Mistake]:
    """Return the mistakes in one value."""
    option = spec.get("elements_of")
    if not option:
        return find_mistakes({name: spec}, {name: value})
    # Messages have examples that depend on the name of an option, so check a list of apply under that name.
    items = {"type": "list", "elements": "dict", "options": _LISTS[option].argument_spec}
    mistakes = find_mistakes({option: items}, {option: value})
    return [Mistake((name, *mistake.path[1:]), mistake.message) for mistake in mistakes] or _find_dates(value, (name,))


def _find_dates(value: t.Any, path: tuple[str | int, ...]) -> list[Mistake]:
    """Return a mistake for each date and time in a value."""
    # With ansible-core 2.18, a Jinja expression turns a list with a date into text.
    if isinstance(value, (datetime.date, datetime.time)):
        return [Mistake(path, f"is {type_name(value)}, it must be text: put it in quotes")]
    if isinstance(value, t.Mapping):
        entries: t.Iterable[tuple[t.Any, t.Any]] = value.items()
    else:
        entries = enumerate(value) if isinstance(value, (list, tuple)) else ()
    return [mistake for key, entry in entries for mistake in _find_dates(entry, (*path, key))]


def _format(mistake: Mistake) -> str:
    """Return a mistake as text, with a colon after the path of a value in a list or mapping."""
    return f"{format_path(mistake.path)}{':' if len(mistake.path) > 1 else ''} {mistake.message}"


def _is_file_mode(value: t.Any) -> bool:
    """Return whether the module copy accepts a value as a file mode."""
    if isinstance(value, int):
        return not isinstance(value, bool) and 0 <= value <= 0o7777
    return isinstance(value, str) and _FILE_MODE.fullmatch(value.strip()) is not None
