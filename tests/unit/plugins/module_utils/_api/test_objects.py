# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of objects have the fields that the schemas of responses describe."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm, modelarts

# Fields that no schema describes: names of quotas, and the quotas that the collection adds to a workspace.
UNDESCRIBED = {"Quota": {"name_en", "name_cn", "unit_en", "unit_cn"}, "Workspace": {"quotas"}}
JSON_TYPES = {str: "string", int: "integer", float: "number", type(None): "null"}
QUOTA = modelarts.QUOTA_LIST["properties"]["quotas"]["items"]


def find_differences(typed: t.Any, schema: t.Mapping[str, t.Any], path: str) -> list[str]:
    """Return where a type and the schema of an object differ, at any depth."""
    fields = t.get_type_hints(typed)
    described = set(fields) - UNDESCRIBED.get(typed.__name__, set())
    found = [f"{path}.{field}: only on one side" for field in sorted(described ^ set(schema["properties"]))]
    required = set(schema.get("required", ()))
    if set(typed.__required_keys__) != required:
        found.append(f"{path}: required are {sorted(typed.__required_keys__)}, not {sorted(required)}")
    for field in sorted(described & set(schema["properties"])):
        found += find_value_differences(fields[field], schema["properties"][field], f"{path}.{field}")
    return found


def find_value_differences(annotation: t.Any, schema: t.Mapping[str, t.Any], path: str) -> list[str]:
    alternatives = set(t.get_args(annotation)) if t.get_origin(annotation) is t.Union else {annotation}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if ("null" in kinds) != (type(None) in alternatives):
        return [f"{path}: null is possible on one side only"]
    (inner, *others) = sorted(alternatives - {type(None)}, key=repr)
    if "object" in kinds:
        # A Deployment is a mapping with fields that the collection does not interpret.
        return [] if t.get_origin(inner) is dict else find_differences(inner, schema, path)
    if "array" in kinds:
        (item,) = t.get_args(inner)
        return [] if t.get_origin(item) is dict else find_differences(item, schema["items"], f"{path}[]")
    unexpected = {JSON_TYPES[each] for each in (inner, *others)} - {*kinds, *(["integer"] if "number" in kinds else [])}
    return [f"{path}: {sorted(unexpected)} is not described"] if unexpected else []


@pytest.mark.parametrize(
    ("typed", "schema"),
    [
        (objects.Mesh, asm.MESH),
        (objects.Workshop, asm.WORKSHOP),
        (objects.Release, asm.RELEASE),
        (objects.Workspace, modelarts.WORKSPACE),
        (objects.Quota, QUOTA),
    ],
    ids=["mesh", "workshop", "release", "workspace", "quota"],
)
def test_types_have_the_fields_of_the_schemas(typed: t.Any, schema: t.Mapping[str, t.Any]) -> None:
    assert find_differences(typed, schema, typed.__name__) == []


def test_differences_are_found() -> None:
    schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "uid": {"type": "string"}, "other": {"type": "string"}},
    }
    assert find_differences(objects.Metadata, schema, "Metadata") == [
        "Metadata.creationTimestamp: only on one side",
        "Metadata.other: only on one side",
        "Metadata.uid: null is possible on one side only",
    ]
