# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Options that Ansible has not validated: all mistakes with their paths, and the secrets in them. Ansible's own check stops at the first mistake."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.validation import (
    check_type_bits,
    check_type_bool,
    check_type_bytes,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import type_name

Spec = t.Mapping[str, t.Any]
Path = t.Tuple[t.Union[str, int], ...]

_CONVERSION_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_SCALARS: dict[str, tuple[t.Callable[[t.Any], t.Any], str]] = {
    "bool": (check_type_bool, "true or false"),
    "int": (check_type_int, "a whole number"),
    "float": (check_type_float, "a number"),
    "bits": (check_type_bits, "a number of bits"),
    "bytes": (check_type_bytes, "a number of bytes"),
}
# Examples of mappings and list elements, for messages.
_EXAMPLES = {
    "grants": "{user_name: anna}",
    "quotas": "{resource: exemlProject.gpu_duration, quota: 600}",
    "gray_deployments": "{template: {...}}",
    "ingress": "{elb_id: ..., elb_ip: 192.0.2.10, port: 80}",
    "clusters": "{cluster_id: ..., installation_nodes: {...}}",
    "meshes": "{name: shop-mesh}",
    "workspaces": "{name: team-a}",
    "workshops": "{name: demo}",
    "releases": "{namespace: default, name: reviews-v2}",
}


class Mistake(t.NamedTuple):
    """A mistake at the path of a value. The message never contains the value. ``missing`` is the key that the mapping at the path lacks."""

    path: Path
    message: str
    missing: str = ""

    def __str__(self) -> str:
        return f"{format_path(self.path)}: {self.message}"


def is_blank(value: t.Any) -> bool:
    """Return whether a value means not set: null or blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def find_mistakes(spec: Spec, options: t.Any, path: Path = ()) -> list[Mistake]:
    """Return all mistakes in a mapping of options, in its order: unknown keys, missing keys, wrong types and choices."""
    if not isinstance(options, t.Mapping):
        return [Mistake(path, f"must be a mapping{_example(path)}, it is {type_name(options)}")]
    found = [
        mistake
        for key, value in options.items()
        for mistake in (
            _check_value(spec[key], value, (*path, key)) if key in spec else [_report_unknown_key(spec, str(key), path)]
        )
    ]
    missing = [key for key, option in spec.items() if option.get("required") and options.get(key) is None]
    return found + [Mistake(path, f"{key} is required", key) for key in missing]


def find_shape_mistakes(spec: Spec, options: Spec, path: Path = ()) -> list[Mistake]:
    """Return only the lists and mappings that have another type. Ansible's own message about them does not contain the path."""
    found: list[Mistake] = []
    for key, option in spec.items():
        value = options.get(key)
        if value is not None and option.get("type") in ("list", "dict"):
            found += _check_shape(option, value, (*path, key))
    return found


def format_path(path: Path, labels: t.Mapping[Path, str] | None = None) -> str:
    """Return a path as text: ``workspaces[0] ('team-b').grants[1]``. ``labels`` has the names of items."""
    text = ""
    for index, part in enumerate(path):
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
        label = (labels or {}).get(path[: index + 1])
        text += f" ('{label}')" if label else ""
    return text


def _report_unknown_key(spec: Spec, key: str, path: Path) -> Mistake:
    return Mistake((*path, key), f"unknown key (known: {', '.join(sorted(spec))})")


def _check_value(option: Spec, value: t.Any, path: Path) -> list[Mistake]:
    if value is None:
        return []
    type_ = option.get("type", "str")
    if type_ == "list":
        return _check_list(option, value, path)
    if type_ == "dict":
        return _check_mapping(option, value, path)
    if type_ == "raw":
        return []
    if isinstance(value, (t.Mapping, list, tuple)):
        expected = _SCALARS[type_][1] if type_ in _SCALARS else "text"
        return [Mistake(path, f"must be {expected}, it is {type_name(value)}")]
    return _check_scalar(type_, option, value, path)


def _check_scalar(type_: str, option: Spec, value: t.Any, path: Path) -> list[Mistake]:
    converted = value
    if type_ in _SCALARS:
        convert, expected = _SCALARS[type_]
        try:
            converted = convert(value)
        except _CONVERSION_ERRORS:
            return [Mistake(path, f"must be {expected}, it is {type_name(value)}")]
    choices = option.get("choices")
    if choices and converted not in choices:
        return [Mistake(path, f"must be one of {', '.join(map(str, choices))}")]
    return []


def _check_list(option: Spec, value: t.Any, path: Path) -> list[Mistake]:
    elements = option.get("elements", "raw")
    # Ansible converts text and numbers to a list, which is correct only if the elements are text.
    if isinstance(value, t.Mapping) or (elements == "dict" and not isinstance(value, (list, tuple))):
        return [Mistake(path, f"must be a list, it is {type_name(value)}")]
    try:
        entries = check_type_list(value)
    except _CONVERSION_ERRORS:
        return [Mistake(path, f"must be a list, it is {type_name(value)}")]
    element = {**option, "type": elements}
    found: list[Mistake] = []
    for index, entry in enumerate(entries):
        if entry is None and elements != "raw":
            found.append(Mistake((*path, index), f"must not be null{_example((*path, index))}"))
        found += _check_value(element, entry, (*path, index))
    return found


def _check_mapping(option: Spec, value: t.Any, path: Path) -> list[Mistake]:
    mapping = as_mapping(value)
    if mapping is None:
        return [Mistake(path, f"must be a mapping{_example(path)}, it is {type_name(value)}")]
    return find_mistakes(option["options"], mapping, path) if "options" in option else []


def _check_shape(option: Spec, value: t.Any, path: Path) -> list[Mistake]:
    if option["type"] == "dict":
        return _check_mapping_shape(option, value, path)
    if option.get("elements") != "dict":
        return [] if not isinstance(value, t.Mapping) else [Mistake(path, "must be a list, it is a mapping")]
    if not isinstance(value, (list, tuple)):
        return [Mistake(path, f"must be a list, it is {type_name(value)}")]
    return [
        mistake for index, entry in enumerate(value) for mistake in _check_mapping_shape(option, entry, (*path, index))
    ]


def _check_mapping_shape(option: Spec, value: t.Any, path: Path) -> list[Mistake]:
    mapping = as_mapping(value)
    if mapping is None:
        return [Mistake(path, f"must be a mapping{_example(path)}, it is {type_name(value)}")]
    return find_shape_mistakes(option.get("options", {}), mapping, path)


def as_mapping(value: t.Any) -> t.Mapping[str, t.Any] | None:
    """Return a mapping, also from JSON or ``key=value``; ``None`` for other values."""
    if isinstance(value, t.Mapping):
        return value
    try:
        return check_type_dict(value) if isinstance(value, str) else None
    except _CONVERSION_ERRORS:
        return None


def list_secret_values(spec: Spec, options: t.Any) -> list[str]:
    """Return the values of the secret options of ``spec`` at any depth, also if ``options`` are invalid."""
    if isinstance(options, (list, tuple)):
        return [secret for entry in options for secret in list_secret_values(spec, entry)]
    found: list[str] = []
    given = as_mapping(options) or {}
    for name, option in spec.items():
        for value in [given[key] for key in (name, *option.get("aliases", ())) if key in given]:
            if option.get("no_log"):
                found += list_texts(value)
            elif "options" in option:
                found += list_secret_values(option["options"], value)
    return found


def list_texts(value: t.Any) -> list[str]:
    """Return all texts and numbers in a value, as text."""
    if isinstance(value, t.Mapping):
        return [text for entry in value.values() for text in list_texts(entry)]
    if isinstance(value, (list, tuple)):
        return [text for entry in value for text in list_texts(entry)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _example(path: Path) -> str:
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    return f", for example {_EXAMPLES[name]}" if name in _EXAMPLES else ""
