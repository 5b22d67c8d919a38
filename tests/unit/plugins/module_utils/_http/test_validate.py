# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http import validate as _check
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import (
    SHOW_VALUE,
    Problem,
    find_problems,
    format_problems,
    validate_request_body,
)

TEXT = {"type": "string", "minLength": 1}


def said(schema, value):
    return [str(problem) for problem in find_problems(schema, value)]


@pytest.mark.parametrize(
    "schema, value, words",
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
def test_what_does_not_fit_is_worded_without_the_value(schema, value, words):
    assert said(schema, value) == [f"the value {words}"]
    assert said({"properties": {"a": {"items": schema}}}, {"a": [value]}) == [f"a[0] {words}"]


def test_a_value_that_nobody_minds_is_quoted():
    schema = {"enum": ["public", "private"], SHOW_VALUE: True}
    assert said(schema, "closed") == ["the value must be one of 'public', 'private', not 'closed'"]
    assert said(schema, "x" * 500) == [f"the value must be one of 'public', 'private', not '{'x' * 116}..."]
    assert said(schema, "public") == []


def test_what_fits_is_no_problem():
    assert find_problems({"type": "object", "required": ["a"]}, {"a": 1, "b": 2}) == []


def test_paths_point_at_the_offending_place():
    schema = {"properties": {"a": {"items": {"required": ["b", "c"], "properties": {"d": {"type": "string"}}}}}}
    assert find_problems(schema, {"a": [{"b": 1, "c": 1}, {"d": 5}]}) == [
        Problem("a[1].b", "is missing"),
        Problem("a[1].c", "is missing"),
        Problem("a[1].d", "must be of type string"),
    ]


def test_what_is_missing_at_the_top_has_no_dot():
    assert find_problems({"required": ["a", "b"]}, {"b": 1}) == [Problem("a", "is missing")]


def test_a_choice_of_one_says_what_is_wrong_in_it():
    assert said({"anyOf": [{"allOf": [{"anyOf": [{"required": ["a"]}]}]}]}, {}) == ["a is missing"]


def test_one_thing_is_said_once():
    assert said({"allOf": [{"type": "string"}, {"type": "string"}]}, 5) == ["the value must be of type string"]


def test_validators_are_made_once():
    schema = {"type": "string"}
    find_problems(schema, "x")
    assert _check._get_validator(schema) is _check._get_validator(schema)
    assert _check._get_validator(schema) is not _check._get_validator({"type": "string"})


def test_a_schema_that_is_gone_is_not_taken_for_another():
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
def test_a_summary_is_short(count, text):
    assert format_problems([Problem(f"a{number}", "is x") for number in range(count)]) == text


def test_without_jsonschema_the_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(LibraryError) as caught:
        find_problems({"type": "null", "title": "not seen before"}, None)
    assert caught.value.message == "The Python library jsonschema is needed, and it cannot be imported."
    assert caught.value.library == "jsonschema"
    assert "from jsonschema import" in caught.value.traceback


# -- before sending ---------------------------------------------------------------------------------------------------

BODY = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "metadata": {"required": ["name"], "properties": {"name": TEXT}},
        "spec": {
            "required": ["port", "list"],
            "properties": {"port": {"minimum": 1}, "list": {"items": {"required": ["id"], "properties": {"id": TEXT}}}},
        },
    },
}
NAMES = {"metadata.name": "name", "spec": "settings", "spec.list": "things", "spec.list[].someID": "things[].some_id"}
GOOD = {"metadata": {"name": "x"}, "spec": {"port": 1, "list": [{"id": "a"}]}}


def refusal(body, **more):
    with pytest.raises(OptionError) as caught:
        validate_request_body(BODY, body, NAMES, **more)
    return caught.value.message


@pytest.mark.parametrize("purpose", [None, "create thing 'x'"])
def test_a_good_body_passes(purpose):
    validate_request_body(BODY, GOOD, NAMES, purpose=purpose)


@pytest.mark.parametrize("purpose", [None, "create thing 'x'"])
def test_what_is_wrong_is_named_as_the_user_wrote_it(purpose):
    body = {"metadata": {"name": ""}, "spec": {"port": 0, "list": [{"id": "a"}, {"id": ""}]}}
    assert refusal(body, purpose=purpose) == (
        "Invalid options: name must not be empty; things[1].id must not be empty; settings.port must be at least 1"
    )


def test_what_is_wrong_goes_before_what_is_missing():
    assert (
        refusal({"metadata": {}, "spec": {"port": 0}}, purpose="create thing 'x'")
        == "Invalid options: settings.port must be at least 1"
    )


def test_what_is_missing_matters_only_for_a_purpose():
    body = {"metadata": {}, "spec": {"list": [{}]}}
    validate_request_body(BODY, body, NAMES)
    assert (
        refusal(body, purpose="create thing 'x'")
        == "To create thing 'x', these options are missing: name, things[0].id, settings.port"
    )


@pytest.mark.parametrize(
    "path, name",
    [
        ("", ""),
        ("spec", "settings"),
        ("spec.port", "settings.port"),
        ("spec.list", "things"),
        ("spec.list[0].a", "things[0].a"),
        ("spec.lists", "settings.lists"),
        ("spec.list[12].someID", "things[12].some_id"),
        ("spec.list[0].someID.a[1]", "things[0].some_id.a[1]"),
        ("spec.list[0].someIDs", "things[0].someIDs"),
    ],
)
def test_the_longest_prefix_names_the_option(path, name):
    assert _check._translate_path(path, NAMES) == name


def test_a_path_nobody_named_stays():
    assert _check._translate_path("specs.list", NAMES) == "specs.list"
