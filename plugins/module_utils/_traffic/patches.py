# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""JSON patches (RFC 6902) of VirtualServices and DestinationRules. Pure functions.

Each patch begins with ``test`` operations for the resourceVersion and for the old routes or subsets, so that it changes nothing if somebody else has changed
the object.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object

Operation = t.Dict[str, t.Any]
Annotations = t.Mapping[str, t.Optional[str]]


def make_patch(before: Object, after: Object, annotations: Annotations | None = None) -> list[Operation]:
    """Return the patch from ``before`` to ``after``, which differ in routes or subsets only. It is empty if nothing changes.

    ``annotations`` are set in the same patch; ``None`` as a value removes one.
    """
    changes = [
        *_patch_list(before["spec"], after["spec"], "http"),
        *_patch_list(before["spec"], after["spec"], "subsets"),
        *_patch_annotations(before, annotations or {}),
    ]
    if not changes:
        return []
    version = before["metadata"]["resourceVersion"]
    return [{"op": "test", "path": "/metadata/resourceVersion", "value": version}, *changes]


def apply_annotations(found: Object, annotations: Annotations) -> Object:
    """Return an object with these annotations."""
    current = dict(found["metadata"].get("annotations") or {})
    for name, value in annotations.items():
        if value is None:
            current.pop(name, None)
        else:
            current[name] = value
    metadata = {**found["metadata"], "annotations": current}
    if not current and "annotations" not in found["metadata"]:
        del metadata["annotations"]
    return {**found, "metadata": metadata}


def _patch_list(before: Object, after: Object, field: str) -> list[Operation]:
    old, new = before.get(field), after.get(field)
    if old == new:
        return []
    path = f"/spec/{field}"
    if old is None:
        return [{"op": "add", "path": path, "value": new}]
    test = {"op": "test", "path": path, "value": old}
    if new is None:
        return [test, {"op": "remove", "path": path}]
    if len(old) != len(new):
        return [test, {"op": "replace", "path": path, "value": new}]
    return [test, *_patch_entries(path, old, new)]


def _patch_entries(path: str, old: t.Sequence[Object], new: t.Sequence[Object]) -> list[Operation]:
    operations: list[Operation] = []
    for index, (before, after) in enumerate(zip(old, new)):
        if before == after:
            continue
        if {**before, "route": None} == {**after, "route": None}:
            operations.append({"op": "replace", "path": f"{path}/{index}/route", "value": after["route"]})
        else:
            operations.append({"op": "replace", "path": f"{path}/{index}", "value": after})
    return operations


def _patch_annotations(before: Object, annotations: Annotations) -> list[Operation]:
    current = before["metadata"].get("annotations")
    changed = {name: value for name, value in annotations.items() if (current or {}).get(name) != value}
    if not changed:
        return []
    operations: list[Operation] = []
    if current is None:
        operations.append({"op": "add", "path": "/metadata/annotations", "value": {}})
    for name, value in changed.items():
        path = f"/metadata/annotations/{_escape(name)}"
        operations.append(
            {"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value}
        )
    return operations


def _escape(name: str) -> str:
    """Return a key for a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
