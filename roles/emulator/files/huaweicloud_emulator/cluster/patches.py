# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386)."""

from __future__ import annotations

import copy
import typing as t

_MISSING = object()
_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")


class PatchError(Exception):
    """An operation cannot be applied."""


class MalformedPatch(Exception):
    """The body is not a patch."""


def apply_merge_patch(document: t.Any, patch: t.Any) -> t.Any:
    """Return the document after a merge patch: ``null`` deletes a key, and lists are replaced. Raises MalformedPatch."""
    if not isinstance(patch, dict):
        raise MalformedPatch("json: cannot unmarshal the body into an object")
    return _merge(document, patch)


def _merge(document: t.Any, patch: t.Any) -> t.Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge(result.get(key), value)
    return result


def apply_json_patch(document: t.Any, operations: t.Any) -> t.Any:
    """Return the document after a JSON patch. Raises MalformedPatch, or PatchError if an operation fails."""
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise MalformedPatch("json: cannot unmarshal the body into a list of operations")
    result = copy.deepcopy(document)
    for operation in operations:
        result = _apply_operation(result, operation)
    return result


def _apply_operation(document: t.Any, operation: t.Mapping[str, t.Any]) -> t.Any:
    kind, path = operation.get("op"), operation.get("path")
    if kind not in _OPERATIONS or not isinstance(path, str):
        raise PatchError(f"unexpected kind: {kind}")
    pointer = _parse_pointer(path)
    if kind == "test":
        return _test(document, pointer, operation.get("value"))
    if kind == "remove":
        return _remove(document, pointer)
    if kind in ("add", "replace"):
        if "value" not in operation:
            raise PatchError("missing value")
        return _put(document, pointer, copy.deepcopy(operation["value"]), replace=kind == "replace")
    return _transfer(document, operation, pointer)


def _transfer(document: t.Any, operation: t.Mapping[str, t.Any], pointer: list[str]) -> t.Any:
    """Move or copy a value."""
    source = _parse_pointer(str(operation.get("from", "")))
    value = copy.deepcopy(_get(document, source))
    if operation["op"] == "move":
        document = _remove(document, source)
    return _put(document, pointer, value, replace=False)


def _test(document: t.Any, pointer: list[str], expected: t.Any) -> t.Any:
    try:
        actual = _get(document, pointer)
    except PatchError:
        # A missing key equals null.
        actual = None
    if not is_equal(actual, expected):
        raise PatchError(f"testing value /{'/'.join(pointer)} failed")
    return document


def is_equal(one: t.Any, other: t.Any) -> bool:
    """Compare JSON values. Other than in Python, ``true`` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(is_equal(*pair) for pair in zip(one, other))
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _parse_pointer(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise PatchError(f"invalid path: {path}")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _index(parent: list[t.Any], part: str, limit: int) -> int:
    if not part.isascii() or not part.isdigit() or int(part) > limit:
        raise PatchError(f"invalid index: {part}")
    return int(part)


def _child(parent: t.Any, part: str) -> t.Any:
    if isinstance(parent, list):
        return parent[_index(parent, part, len(parent) - 1)]
    child = parent.get(part, _MISSING) if isinstance(parent, dict) else _MISSING
    if child is _MISSING:
        raise PatchError(f"missing key: {part}")
    return child


def _get(document: t.Any, pointer: t.Sequence[str]) -> t.Any:
    for part in pointer:
        document = _child(document, part)
    return document


def _remove(document: t.Any, pointer: t.Sequence[str]) -> t.Any:
    if not pointer:
        raise PatchError("the whole document cannot be removed")
    parent = _get(document, pointer[:-1])
    _child(parent, pointer[-1])
    del parent[int(pointer[-1]) if isinstance(parent, list) else pointer[-1]]
    return document


def _put(document: t.Any, pointer: t.Sequence[str], value: t.Any, *, replace: bool) -> t.Any:
    if not pointer:
        return value
    parent, last = _get(document, pointer[:-1]), pointer[-1]
    if replace:
        _child(parent, last)
    if isinstance(parent, list):
        index = len(parent) if last == "-" else _index(parent, last, len(parent))
        parent[index : index + (1 if replace else 0)] = [value]
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise PatchError(f"missing key: {last}")
    return document
