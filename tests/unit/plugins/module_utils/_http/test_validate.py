# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import sys
import typing as t

import jsonschema
import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm, iam, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import SHOW_VALUE, Schema
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import (
    describe_problems,
    is_valid,
    validate_request_body,
)

TEXT = {"type": "string", "minLength": 1}

VALID = [
    ({}, object()),
    ({"type": "string"}, "x"),
    ({"type": "number"}, 1.5),
    ({"type": "number"}, 1),
    ({"type": "integer"}, 1),
    ({"type": "integer"}, 1.0),
    ({"type": "boolean"}, True),
    ({"type": ["string", "null"]}, None),
    ({"minLength": 1}, 5),
    ({"minLength": 1}, "x"),
    ({"maxLength": 1}, "x"),
    ({"minItems": 1}, [1]),
    ({"maxItems": 1}, [1]),
    ({"minProperties": 1}, {"a": 1}),
    ({"minimum": 1}, 1),
    ({"minimum": 1}, "x"),
    ({"maximum": 1}, 1),
    ({"maximum": 1}, True),
    ({"pattern": "^a"}, "ab"),
    ({"pattern": "^a"}, 5),
    ({"enum": ["a", "b"], SHOW_VALUE: True}, "b"),
    ({"const": "a"}, "a"),
    ({"required": ["a"], "description": "must have a"}, {"a": None}),
    ({"required": ["a"]}, 5),
    ({"properties": {"a": TEXT}}, {"b": 5}),
    ({"properties": {"a": TEXT}}, {"a": "x"}),
    ({"properties": {"a": TEXT}}, 5),
    ({"properties": {"a": TEXT}, "additionalProperties": False}, {"a": "x"}),
    ({"additionalProperties": False}, 5),
    ({"items": TEXT}, ["x", "y"]),
    ({"items": TEXT}, 5),
    ({"allOf": [TEXT, {"pattern": "^a"}]}, "a"),
    ({"anyOf": [TEXT, {"type": "null"}]}, None),
    ({"if": {"type": "array"}, "then": {"minItems": 1}, "else": TEXT}, [1]),
    ({"if": {"type": "array"}, "then": {"minItems": 1}, "else": TEXT}, "x"),
    ({"if": {"required": ["a"]}, "then": {"maxItems": 0}}, 5),
]

INVALID = [
    ({"type": "string"}, 5),
    ({"type": "number"}, True),
    ({"type": "integer"}, True),
    ({"type": "integer"}, 1.5),
    ({"type": "object"}, []),
    ({"type": ["string", "null"]}, 5),
    ({"minLength": 1}, ""),
    ({"maxLength": 1}, "xx"),
    ({"minItems": 1}, []),
    ({"maxItems": 1}, [1, 2]),
    ({"minProperties": 1}, {}),
    ({"minimum": 1}, 0),
    ({"maximum": 1}, 2),
    ({"pattern": "^a"}, "ba"),
    ({"enum": ["a", "b"]}, "c"),
    ({"const": "a"}, "b"),
    ({"required": ["a"]}, {}),
    ({"properties": {"a": TEXT}}, {"a": ""}),
    ({"properties": {"a": TEXT}, "additionalProperties": False}, {"b": "x"}),
    ({"items": TEXT}, ["x", ""]),
    ({"allOf": [TEXT, {"pattern": "^a"}]}, "b"),
    ({"anyOf": [TEXT, {"type": "null"}]}, 5),
    ({"if": {"type": "array"}, "then": {"minItems": 1}, "else": TEXT}, []),
    ({"if": {"type": "array"}, "then": {"minItems": 1}, "else": TEXT}, ""),
]

# Valid values that only jsonschema accepts.
UNDECIDED = [
    ({"uniqueItems": True}, [1, 2]),
    ({"additionalProperties": {"type": "string"}}, {"a": "x"}),
    ({"enum": [1]}, 1),
    ({"const": None}, None),
    ({"if": {"minLength": 1}, "then": {"type": "string"}}, "x"),
    ({"properties": {"a": {"format": "date"}}}, {"a": "2026-01-01"}),
]


@pytest.mark.parametrize("schema, value", VALID)
def test_valid_value_needs_no_library(monkeypatch, schema, value):
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    assert is_valid(schema, value)
    assert describe_problems(schema, value) == ""


@pytest.mark.parametrize("schema, value", INVALID)
def test_invalid_value_is_not_accepted(schema, value):
    assert not is_valid(schema, value)
    assert describe_problems(schema, value)


@pytest.mark.parametrize("schema, value", UNDECIDED)
def test_library_decides_about_other_keywords(schema, value):
    assert not is_valid(schema, value)
    assert describe_problems(schema, value) == ""


def test_cached_check_is_not_used_for_another_schema():
    for kind, value in (("string", "x"), ("integer", 1)) * 20:
        assert is_valid({"type": kind}, value)


# -- the schemas of the services ---------------------------------------------------------------------------------------

SCHEMAS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": schema
    for module in (asm, iam, modelarts)
    for name, schema in vars(module).items()
    if isinstance(schema, dict) and name.isupper() and not name.startswith("_") and not name.endswith("_OPTIONS")
}
VALUES: list[t.Any] = [None, True, False, 0, 1, -1, 1.0, 1.5, "", "a", " a", "name-1", [], {}, "a\n"]


def draw_value(schema: Schema, draw: random.Random, depth: int = 0) -> t.Any:
    """Return a value that is likely to satisfy the schema, but not certain to."""
    if depth > 8 or draw.random() < 0.03:
        return draw.choice(VALUES)
    if "if" in schema:
        schema = {**schema, **draw.choice([schema["if"], schema["then"], schema["else"]])}
    if "enum" in schema or "const" in schema:
        return draw.choice(schema.get("enum", [schema.get("const")]))
    if "properties" in schema:
        names = [*schema["properties"], "another"]
        kept = [name for name in names if name in schema.get("required", ()) or draw.random() < 0.5]
        return {name: draw_value(schema["properties"].get(name, {}), draw, depth + 1) for name in kept}
    if "items" in schema:
        return [draw_value(schema["items"], draw, depth + 1) for number in range(draw.randrange(3))]
    return draw.choice(VALUES)


@pytest.mark.parametrize("name", SCHEMAS)
def test_accepted_values_satisfy_the_schemas_of_the_services(name):
    draw, schema = random.Random(name), SCHEMAS[name]
    validator = jsonschema.Draft202012Validator(schema)
    values = [draw_value(schema, draw) for number in range(400)]
    for value in values:
        assert is_valid(schema, value) == validator.is_valid(value), value


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
NAMES = {
    "metadata.name": "name",
    "spec": "settings",
    "spec.list": "resources",
    "spec.list[].someID": "resources[].some_id",
}
GOOD = {"metadata": {"name": "x"}, "spec": {"port": 1, "list": [{"id": "a"}]}}


def validation_error(body, **more):
    with pytest.raises(OptionError) as caught:
        validate_request_body(BODY, body, NAMES, **more)
    return caught.value.message


@pytest.mark.parametrize("purpose", [None, "create resource 'x'"])
def test_valid_body_is_accepted(purpose):
    validate_request_body(BODY, GOOD, NAMES, purpose=purpose)


@pytest.mark.parametrize("purpose", [None, "create resource 'x'"])
def test_problem_has_the_option_of_the_user(purpose):
    body = {"metadata": {"name": ""}, "spec": {"port": 0, "list": [{"id": "a"}, {"id": ""}]}}
    assert validation_error(body, purpose=purpose) == (
        "Invalid options: name must not be empty; resources[1].id must not be empty; settings.port must be at least 1"
    )


def test_violations_are_reported_before_missing_options():
    assert (
        validation_error({"metadata": {}, "spec": {"port": 0}}, purpose="create resource 'x'")
        == "Invalid options: settings.port must be at least 1"
    )


def test_missing_options_matter_only_for_a_purpose():
    body = {"metadata": {}, "spec": {"list": [{}]}}
    validate_request_body(BODY, body, NAMES)
    assert (
        validation_error(body, purpose="create resource 'x'")
        == "To create resource 'x', these options are missing: name, resources[0].id, settings.port"
    )
