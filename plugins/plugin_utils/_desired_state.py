# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Validate the keys and values of a desired-state file.

Messages never contain a value of the file, because any value may come from a vault.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    ITEM_WAIT,
    WAIT,
    check_wait,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.items import APPLY, check_settings
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import type_name
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    Path,
    find_mistakes,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import (
    RESOURCE_TYPES,
    ResourceType,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import RELEASE

Data = t.Mapping[str, t.Any]

# The options of apply that a file can set for all of its resources.
OPTIONS = {
    name: spec
    for name, spec in {**WAIT.argument_spec, **APPLY.argument_spec}.items()
    if name in ("audit_log", "max_failures", "on_error", "parallel", "rate_limit", "timeout", *WAIT.argument_spec)
}
MESH_KEYS = ("mesh_id", "mesh_name")
KEYS = tuple(sorted((*MESH_KEYS, "options", "prune", "services", *(kind.plural for kind in RESOURCE_TYPES))))
_RELEASE_ENDS = ("promoted", "canceled")
# The template of a gray Deployment can also be in a file.
_GRAY_DEPLOYMENTS = {
    **RELEASE.argument_spec["gray_deployments"],
    "options": {"cluster_id": {"type": "str"}, "template": {"type": "raw"}, "template_file": {"type": "str"}},
}
_TOP = {name: {"type": "str"} for name in MESH_KEYS}


def validate(desired_state: Data) -> list[Mistake]:
    """Return all mistakes in a rendered desired-state file."""
    found = [
        Mistake((key,), f"unknown key (known: {', '.join(KEYS)})") for key in map(str, desired_state) if key not in KEYS
    ]
    found += find_mistakes(_TOP, {key: desired_state.get(key) for key in MESH_KEYS})
    if all(not is_blank(desired_state.get(key)) for key in MESH_KEYS):
        found.append(Mistake(("mesh_id",), "mesh_id and mesh_name are mutually exclusive"))
    for kind in RESOURCE_TYPES:
        found += _check_items(kind, desired_state)
    found += _check_names(desired_state) + _check_services(desired_state) + _check_options(desired_state)
    return found + _check_prune(desired_state)


def apply_mesh(desired_state: dict[str, t.Any], mesh: Data) -> tuple[dict[str, t.Any], list[Mistake]]:
    """Return the desired state with a mesh as its default, and a mistake for each other mesh that it names.

    Arguments:
        desired_state: The rendered content of the file.
        mesh: ``mesh_id`` and ``mesh_name``, empty if any mesh is allowed.
    """
    if not mesh:
        return desired_state, []
    paths: list[tuple[Path, Data]] = [((), desired_state)]
    for kind in RESOURCE_TYPES:
        paths += _enumerate_items(desired_state, kind.plural) if kind.in_mesh else []
    found = [
        Mistake((*path, key), "differs from the mesh in the inventory variables of the target")
        for path, source in paths
        for key, value in mesh.items()
        if not is_blank(source.get(key)) and str(source[key]) != value
    ]
    if any(not is_blank(desired_state.get(key)) for key in MESH_KEYS):
        return desired_state, found
    default = next(key for key in MESH_KEYS if key in mesh)
    return {**desired_state, default: mesh[default]}, found


def read_labels(desired_state: Data) -> dict[Path, str]:
    """Return the names of all items by their paths, for messages. Plans and results show these names, too."""
    labels = {
        path: _format_label(item)
        for kind in RESOURCE_TYPES
        for path, item in _enumerate_items(desired_state, kind.plural)
    }
    return {path: label for path, label in labels.items() if label}


def apply_wait_options(desired_state: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the desired state with the wait options of ``options`` in each item that does not set them."""
    options = desired_state.get("options") or {}
    shared = {name: options[name] for name in WAIT.argument_spec if not is_blank(options.get(name))}
    if not shared:
        return desired_state
    lists = {
        kind.plural: [{**shared, **item} for item in _get_items(desired_state, kind.plural)]
        for kind in RESOURCE_TYPES
        if desired_state.get(kind.plural)
    }
    rest = {name: value for name, value in options.items() if name not in WAIT.argument_spec}
    return {**desired_state, **lists, "options": rest}


def to_deletion(desired_state: Data, release_state: str) -> dict[str, t.Any]:
    """Return the lists of resources that end all releases, and delete all other resources.

    Arguments:
        desired_state: The content of the file, with wait options in its items.
        release_state: The state of the releases, unless the file declares another end.
    """
    deleted = {
        kind.plural: [_to_deleted_item(kind, item) for item in _get_items(desired_state, kind.plural)]
        for kind in RESOURCE_TYPES
    }
    releases = [_to_ended_release(item, release_state) for item in _get_items(desired_state, "releases")]
    return {**deleted, "releases": releases}


def _to_ended_release(item: Data, state: str) -> dict[str, t.Any]:
    # A release ends even if its template differs. The other fields must match, so that no other release ends.
    identity = {key: value for key, value in item.items() if key not in ("gray_deployments", "lint")}
    return identity if item.get("state") in _RELEASE_ENDS else {**identity, "state": state}


def _to_deleted_item(kind: ResourceType, item: Data) -> dict[str, t.Any]:
    kept = _select(item, (*(MESH_KEYS if kind.in_mesh else ()), *WAIT.argument_spec))
    return {**_identify(item), **kept, "state": "absent"}


def _identify(item: Data) -> dict[str, t.Any]:
    """Return the ID or the current name of a resource."""
    return {"id": item["id"]} if item.get("id") else {"name": item.get("new_name") or item["name"]}


def _select(item: Data, keys: t.Iterable[str]) -> dict[str, t.Any]:
    return {key: item[key] for key in keys if key in item}


def _format_label(item: Data) -> str:
    name = item.get("new_name") or item.get("name") or item.get("id")
    return "/".join(str(part) for part in (item.get("namespace"), name) if isinstance(part, (str, int)) and part)


def _get_items(desired_state: Data, plural: str) -> t.Sequence[t.Any]:
    value = desired_state.get(plural)
    return value if isinstance(value, (list, tuple)) else ()


def _enumerate_items(desired_state: Data, plural: str) -> list[tuple[Path, Data]]:
    return [
        ((plural, index), item)
        for index, item in enumerate(_get_items(desired_state, plural))
        if isinstance(item, t.Mapping)
    ]


def _check_items(kind: ResourceType, desired_state: Data) -> list[Mistake]:
    value = desired_state.get(kind.plural)
    if is_blank(value):
        return []
    spec = {**kind.arguments.argument_spec, **ITEM_WAIT.argument_spec}
    if "gray_deployments" in spec:
        spec["gray_deployments"] = _GRAY_DEPLOYMENTS
    found = find_mistakes({kind.plural: {"type": "list", "elements": "dict", "options": spec}}, {kind.plural: value})
    for path, item in _enumerate_items(desired_state, kind.plural):
        found += _check_numbers(path, item, ("wait_timeout", "wait_interval"))
        if "id" in spec and all(item.get(key) in (None, "") for key in ("id", "name")):
            found.append(Mistake(path, "name or id is required"))
        if kind.in_mesh and not any(desired_state.get(key) or item.get(key) for key in MESH_KEYS):
            found.append(Mistake(path, "has no mesh: set mesh_name or mesh_id, here or for the whole file"))
    return found


def _check_numbers(path: Path, options: Data, names: t.Iterable[str]) -> list[Mistake]:
    """Check the range of each number separately, so that each mistake has the path of its key."""
    return [
        Mistake((*path, name), mistake.message.removeprefix(f"{name} "))
        for name in names
        for mistake in _check_settings(path, {name: _parse_number(options.get(name))})
    ]


def _check_names(desired_state: Data) -> list[Mistake]:
    """Return a mistake for each name that two meshes share, because the facts of roles contain one resource for each name."""
    found: list[Mistake] = []
    for kind in RESOURCE_TYPES:
        meshes: dict[str, t.Any] = {}
        for path, item in _enumerate_items(desired_state, kind.plural) if kind.in_mesh else []:
            mesh = next((item[key] for key in MESH_KEYS if item.get(key)), "")
            if meshes.setdefault(kind.label(item), mesh) != mesh:
                found.append(
                    Mistake(path, "another mesh has a resource with the same name: write one file for each mesh")
                )
    return found


def _check_services(desired_state: Data) -> list[Mistake]:
    services = desired_state.get("services")
    if is_blank(services):
        return []
    if not isinstance(services, t.Mapping):
        return [Mistake(("services",), f"must be a mapping from service names to facts, it is {type_name(services)}")]
    return [
        Mistake((*path, "service_name"), "is not among the services of this file")
        for path, item in _enumerate_items(desired_state, "releases")
        # A value of another type is another mistake.
        if services and isinstance(item.get("service_name"), str) and item["service_name"] not in ("", *services)
    ]


def _check_options(desired_state: Data) -> list[Mistake]:
    options = desired_state.get("options")
    if options is None or is_blank(options):
        return []
    if isinstance(options, t.Mapping):
        options = {key: None if is_blank(value) else value for key, value in options.items()}
    found = find_mistakes(OPTIONS, options, ("options",))
    return found or _check_numbers(("options",), options, (name for name in OPTIONS if name != "audit_log"))


def _check_prune(desired_state: Data) -> list[Mistake]:
    prune = desired_state.get("prune")
    if prune is None or is_blank(prune):
        return []
    spec = {kind.plural: {"type": "list", "elements": "str"} for kind in RESOURCE_TYPES}
    found = find_mistakes(spec, prune, ("prune",))
    if found:
        return found
    for kind in RESOURCE_TYPES:
        if kind.in_mesh and prune.get(kind.plural) and not _has_mesh(desired_state, kind):
            found.append(Mistake(("prune", kind.plural), "needs a mesh: set mesh_name or mesh_id for the whole file"))
        found += _check_patterns(kind.plural, prune.get(kind.plural) or [])
    return found


def _check_patterns(plural: str, patterns: t.Any) -> list[Mistake]:
    """Return the mistakes of all patterns of a kind, each with its index."""
    path = ("prune", plural)
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        return [Mistake(path, "must be a list of regular expressions")]
    return [
        Mistake((*path, index), mistake.message.replace(f"prune: {plural}[0] ", "", 1))
        for index, pattern in enumerate(patterns)
        for mistake in _check_settings(path, {"prune": {plural: [pattern]}})
    ]


def _has_mesh(desired_state: Data, kind: ResourceType) -> bool:
    return any(desired_state.get(key) for key in MESH_KEYS) or bool(desired_state.get(kind.plural))


def _check_settings(path: Path, settings: Data) -> list[Mistake]:
    """Check numbers and patterns as apply does. Their types are correct already."""
    try:
        check_settings(settings)
        check_wait(settings)
    except OptionError as error:
        return [Mistake(path, error.message)]
    return []


def _parse_number(value: t.Any) -> t.Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else number
