# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The managed fields of an object: which client has set which fields."""

from __future__ import annotations

import typing as t

Object = t.Dict[str, t.Any]
Paths = t.Set[t.Tuple[str, ...]]

_SERVER_METADATA = (
    *("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)


def list_paths(value: t.Mapping[str, t.Any]) -> dict[tuple[str, ...], t.Any]:
    """Return the values of an object by path. Lists are atomic. Fields that only a server sets are omitted."""
    found: dict[tuple[str, ...], t.Any] = {}
    for key, entry in value.items():
        if key in ("apiVersion", "kind"):
            continue
        hidden = _SERVER_METADATA if key == "metadata" else ()
        visible = {name: part for name, part in entry.items() if name not in hidden} if hidden else entry
        _collect(visible, (key,), found)
    return found


def _collect(value: t.Any, path: tuple[str, ...], found: dict[tuple[str, ...], t.Any]) -> None:
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            _collect(entry, (*path, key), found)
    elif value != {} or len(path) > 1:
        found[path] = value


def update(before: t.Mapping[str, t.Any] | None, after: Object, manager: str, api_version: str, time: str) -> None:
    """Set ``metadata.managedFields`` of ``after``: the manager owns the fields that it has set or changed."""
    old, new = list_paths(before or {}), list_paths(after)
    changed = {path for path, value in new.items() if path not in old or old[path] != value}
    entries: list[Object] = []
    own: Paths = set(changed)
    for entry in (before or {}).get("metadata", {}).get("managedFields", []):
        owned = _parse_tree(entry["fieldsV1"], ())
        if (entry["manager"], entry["apiVersion"]) == (manager, api_version):
            own |= owned & set(new)
        elif (owned & set(new)) - changed:
            entries.append(dict(entry, fieldsV1=_build_tree((owned & set(new)) - changed)))
    entries.append(
        {
            "manager": manager,
            "operation": "Update",
            "apiVersion": api_version,
            "time": time,
            "fieldsType": "FieldsV1",
            "fieldsV1": _build_tree(own),
        }
    )
    after["metadata"]["managedFields"] = entries


def _build_tree(paths: t.Iterable[tuple[str, ...]]) -> Object:
    tree: Object = {}
    for path in sorted(paths):
        node = tree
        for part in path:
            node = node.setdefault(f"f:{part}", {})
    return tree


def _parse_tree(tree: t.Mapping[str, t.Any], path: tuple[str, ...]) -> Paths:
    if not tree:
        return {path}
    return {found for key, node in tree.items() for found in _parse_tree(node, (*path, key[2:]))}
