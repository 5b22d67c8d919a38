# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import problems
from ansible_collections.community.huaweicloud.plugins.module_utils._http.problems import (
    Problem,
    find_problems,
    format_problems,
    translate_path,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import SHOW_VALUE


def messages(schema, value):
    return [str(problem) for problem in find_problems(schema, value)]


@pytest.mark.parametrize(
    "schema, value, text",
    [
        ({"type": "string"}, 5, "must be of type string"),
        ({"type": ["string", "null"]}, 5, "must be of type string or null"),
        ({"type": "integer"}, True, "must be of type integer"),
        ({"pattern": "^a"}, "CANARY", "must match ^a"),
        ({"minimum": 1}, 0, "must be at least 1"),
        ({"maximum": 65535}, 65536, "must be at most 65535"),
        ({"minLength": 1}, "", "must not be empty"),
        ({"minLength": 4}, "abc", "must have at least 4 characters"),
        ({"maxLength": 3}, "CANARY", "must have at most 3 characters"),
        ({"minItems": 1}, [], "must have at least 1 element"),
        ({"minItems": 2}, [1], "must have at least 2 elements"),
        ({"maxItems": 1}, [1, 2], "must have at most 1 elements"),
        ({"const": "Release"}, "CANARY", "must be 'Release'"),
        ({"enum": ["public", "private"]}, "CANARY", "must be one of 'public', 'private'"),
        ({"minProperties": 1}, {}, "must not be empty"),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, 5, "does not match a documented schema"),
        ({"oneOf": [{"type": "string"}, {"type": "array"}]}, 5, "does not match a documented schema"),
        ({"uniqueItems": True}, [1, 1], "does not satisfy 'uniqueItems'"),
        ({"pattern": "^a", "description": "must begin with an a"}, "CANARY", "must begin with an a"),
        ({"additionalProperties": False}, {"CANARY": 1}, "contains an unknown key"),
    ],
)
def test_problem_does_not_contain_the_value(schema, value, text):
    assert messages(schema, value) == [f"the value {text}"]
    assert messages({"properties": {"a": {"items": schema}}}, {"a": [value]}) == [f"a[0] {text}"]


def test_value_is_quoted_if_the_schema_allows_it():
    schema = {"enum": ["public", "private"], SHOW_VALUE: True}
    assert messages(schema, "closed") == ["the value must be one of 'public', 'private', not 'closed'"]
    assert messages(schema, "x" * 500) == [f"the value must be one of 'public', 'private', not '{'x' * 116}..."]
    assert messages(schema, "public") == []


def test_valid_value_has_no_problems():
    assert find_problems({"type": "object", "required": ["a"]}, {"a": 1, "b": 2}) == []


def test_problem_has_the_path():
    schema = {"properties": {"a": {"items": {"required": ["b", "c"], "properties": {"d": {"type": "string"}}}}}}
    assert find_problems(schema, {"a": [{"b": 1, "c": 1}, {"d": 5}]}) == [
        Problem("a[1].b", "is missing"),
        Problem("a[1].c", "is missing"),
        Problem("a[1].d", "must be of type string"),
    ]


def test_missing_top_level_field_has_no_dot():
    assert find_problems({"required": ["a", "b"]}, {"b": 1}) == [Problem("a", "is missing")]


def test_single_branch_reports_its_problem():
    assert messages({"anyOf": [{"allOf": [{"anyOf": [{"required": ["a"]}]}]}]}, {}) == ["a is missing"]


def test_same_problem_is_reported_once():
    assert messages({"allOf": [{"type": "string"}, {"type": "string"}]}, 5) == ["the value must be of type string"]


def test_validator_is_cached():
    schema = {"type": "string"}
    find_problems(schema, "x")
    assert problems._validators.get(schema) is problems._validators.get(schema)
    assert problems._validators.get(schema) is not problems._validators.get({"type": "string"})


def test_new_schema_never_gets_an_old_validator():
    for kind, value in (("string", "x"), ("integer", 1)) * 20:
        assert find_problems({"type": kind}, value) == []


@pytest.mark.parametrize(
    "count, text",
    [
        (0, ""),
        (1, "a0 is x"),
        (3, "a0 is x; a1 is x; a2 is x"),
        (4, "a0 is x; a1 is x; a2 is x; and 1 more"),
        (9, "a0 is x; a1 is x; a2 is x; and 6 more"),
    ],
)
def test_only_first_problems_are_formatted(count, text):
    assert format_problems([Problem(f"a{number}", "is x") for number in range(count)]) == text


def test_missing_jsonschema_library_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(LibraryError) as caught:
        find_problems({"type": "null", "title": "not seen before"}, None)
    assert caught.value.message == "The Python library jsonschema is needed, and it cannot be imported."
    assert caught.value.library == "jsonschema"
    assert "from jsonschema import" in caught.value.traceback


NAMES = {
    "metadata.name": "name",
    "spec": "settings",
    "spec.list": "resources",
    "spec.list[].someID": "resources[].some_id",
}


@pytest.mark.parametrize(
    "path, name",
    [
        ("", ""),
        ("spec", "settings"),
        ("spec.port", "settings.port"),
        ("spec.list", "resources"),
        ("spec.list[0].a", "resources[0].a"),
        ("spec.lists", "settings.lists"),
        ("spec.list[12].someID", "resources[12].some_id"),
        ("spec.list[0].someID.a[1]", "resources[0].some_id.a[1]"),
        ("spec.list[0].someIDs", "resources[0].someIDs"),
    ],
)
def test_longest_prefix_determines_the_option(path, name):
    assert translate_path(path, NAMES) == name


def test_path_without_option_is_unchanged():
    assert translate_path("specs.list", NAMES) == "specs.list"
