# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386)."""

from __future__ import annotations

import copy
import typing as t

import pytest
from huaweicloud_emulator.cluster import patches

DOCUMENT: dict[str, t.Any] = {"a": {"b": [1, 2, 3]}, "x/y": 1, "m~n": 2}


@pytest.mark.parametrize(
    "operation, expected",
    [
        ({"op": "add", "path": "/c", "value": 1}, {**DOCUMENT, "c": 1}),
        ({"op": "add", "path": "/a/b/0", "value": 0}, {**DOCUMENT, "a": {"b": [0, 1, 2, 3]}}),
        ({"op": "add", "path": "/a/b/3", "value": 4}, {**DOCUMENT, "a": {"b": [1, 2, 3, 4]}}),
        ({"op": "add", "path": "/a/b/-", "value": 4}, {**DOCUMENT, "a": {"b": [1, 2, 3, 4]}}),
        ({"op": "add", "path": "", "value": {}}, {}),
        ({"op": "replace", "path": "/a/b/1", "value": 9}, {**DOCUMENT, "a": {"b": [1, 9, 3]}}),
        ({"op": "replace", "path": "/x~1y", "value": 5}, {**DOCUMENT, "x/y": 5}),
        ({"op": "replace", "path": "/m~0n", "value": 5}, {**DOCUMENT, "m~n": 5}),
        ({"op": "remove", "path": "/a/b/0"}, {**DOCUMENT, "a": {"b": [2, 3]}}),
        ({"op": "remove", "path": "/a"}, {"x/y": 1, "m~n": 2}),
        ({"op": "move", "from": "/a/b", "path": "/c"}, {"a": {}, "x/y": 1, "m~n": 2, "c": [1, 2, 3]}),
        ({"op": "copy", "from": "/a/b/2", "path": "/c"}, {**DOCUMENT, "c": 3}),
        ({"op": "test", "path": "/a", "value": {"b": [1, 2, 3.0]}}, DOCUMENT),
        ({"op": "test", "path": "/missing", "value": None}, DOCUMENT),
    ],
)
def test_operations(operation: dict[str, t.Any], expected: t.Any) -> None:
    document = copy.deepcopy(DOCUMENT)
    assert patches.apply_json_patch(document, [operation]) == expected
    assert document == DOCUMENT


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a", "value": {"b": [1, 2]}},
        {"op": "test", "path": "/a/b/0", "value": True},
        {"op": "test", "path": "/missing", "value": 1},
        {"op": "replace", "path": "/missing", "value": 1},
        {"op": "replace", "path": "/a/b/3", "value": 1},
        {"op": "remove", "path": "/missing"},
        {"op": "remove", "path": ""},
        {"op": "add", "path": "/a/b/4", "value": 1},
        {"op": "add", "path": "/a/b/-1", "value": 1},
        {"op": "add", "path": "/missing/c", "value": 1},
        {"op": "add", "path": "/x~1y/c", "value": 1},
        {"op": "add", "path": "/c"},
        {"op": "add", "path": "c", "value": 1},
        {"op": "move", "from": "/missing", "path": "/c"},
        {"op": "merge", "path": "/c", "value": 1},
        {"op": "add", "value": 1},
    ],
)
def test_operations_that_fail(operation: dict[str, t.Any]) -> None:
    with pytest.raises(patches.PatchError):
        patches.apply_json_patch(DOCUMENT, [operation])


@pytest.mark.parametrize("body", [{"op": "add"}, ["add"], "add", None])
def test_bodies_that_are_no_patch(body: t.Any) -> None:
    with pytest.raises(patches.MalformedPatch):
        patches.apply_json_patch(DOCUMENT, body)


@pytest.mark.parametrize(
    "document, patch, expected",
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "foo"}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ],
)
def test_merge_patch(document: t.Any, patch: t.Any, expected: t.Any) -> None:
    assert patches.apply_merge_patch(document, patch) == expected
