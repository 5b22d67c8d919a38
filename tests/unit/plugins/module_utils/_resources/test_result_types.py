# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of results have the keys that the modules document."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._resources import results
from ansible_collections.community.huaweicloud.plugins.modules import (
    asm_mesh_info,
    asm_release,
    asm_release_info,
    asm_workshop,
    asm_workshop_info,
    modelarts_workspace,
    modelarts_workspace_info,
)

Docs = t.Mapping[str, t.Any]
YAML_TYPES = {str: "str", int: "int", float: "float"}


def find_differences(typed: t.Any, documented: Docs, path: str) -> list[str]:
    """Return where a type and the documentation of a result differ, at any depth."""
    fields = t.get_type_hints(typed)
    found = [f"{path}.{field}: only on one side" for field in sorted(set(fields) ^ set(documented))]
    for field in sorted(set(fields) & set(documented)):
        found += find_value_differences(fields[field], documented[field], f"{path}.{field}")
    return found


def find_value_differences(annotation: t.Any, documented: Docs, path: str) -> list[str]:
    (inner,) = set(t.get_args(annotation)) - {type(None)} if t.get_origin(annotation) is t.Union else {annotation}
    kind = "list" if t.get_origin(inner) is list else YAML_TYPES.get(inner, "dict")
    if kind != documented["type"]:
        return [f"{path}: the type is {kind}, documented is {documented['type']}"]
    if kind == "list":
        (inner,) = t.get_args(inner)
    return find_differences(inner, documented["contains"], path) if "contains" in documented else []


@pytest.mark.parametrize(
    ("typed", "module", "key"),
    [
        (results.MeshResult, asm_mesh_info, "meshes"),
        (results.WorkshopResult, asm_workshop, "workshop"),
        (results.WorkshopResult, asm_workshop_info, "workshops"),
        (results.ReleaseResult, asm_release, "release"),
        (results.ReleaseResult, asm_release_info, "releases"),
        (results.WorkspaceResult, modelarts_workspace, "workspace"),
        (results.WorkspaceResult, modelarts_workspace_info, "workspaces"),
    ],
)
def test_types_have_the_documented_keys(typed: t.Any, module: t.Any, key: str) -> None:
    documented = yaml.safe_load(module.RETURN)[key]["contains"]
    assert find_differences(typed, documented, key) == []


def test_differences_are_found() -> None:
    documented = {"user_id": {"type": "int"}, "user_name": {"type": "str"}, "other": {"type": "str"}}
    assert find_differences(results.GrantResult, documented, "grant") == [
        "grant.other: only on one side",
        "grant.user_type: only on one side",
        "grant.user_id: the type is str, documented is int",
    ]
