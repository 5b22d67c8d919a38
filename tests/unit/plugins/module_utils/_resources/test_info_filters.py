# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, MESH
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.info_filters import (
    apply_filters,
    check_filters,
    filters,
)
from ansible_collections.community.huaweicloud.plugins.modules import (
    asm_mesh_info,
    asm_release_info,
    asm_workshop_info,
    modelarts_workspace_info,
)
from simulated_cloud import fail

RESOURCES = [
    {"id": "1", "name": "one", "tags": ["a", "b"], "status": {"phase": "Running"}},
    {"id": "2", "name": "two", "tags": [], "status": {"phase": None}},
]


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({}, ["1", "2"]),
        ({"id": None, "name": None, "name_regex": None, "tag": None, "phase": None}, ["1", "2"]),
        ({"id": "1"}, ["1"]),
        ({"name": "tw"}, []),
        ({"name_regex": "o"}, ["1", "2"]),
        ({"name_regex": "^o"}, ["1"]),
        ({"tag": "b"}, ["1"]),
        ({"phase": "RUNNING"}, ["1"]),
        ({"phase": "RUNNING", "id": "2"}, []),
    ],
)
def test_chosen(params, ids):
    found = apply_filters(
        RESOURCES, params, exact={"id": "id", "name": "name", "tag": "tags"}, words={"phase": "status.phase"}
    )
    assert [observed["id"] for observed in found] == ids


def test_words_are_optional():
    assert apply_filters(RESOURCES, {"id": "2", "phase": "Running"}, exact={"id": "id"}) == [RESOURCES[1]]


def test_options():
    text = {"type": "str"}
    assert filters("owner").argument_spec == {"id": text, "name": text, "name_regex": text, "owner": text}


@pytest.mark.parametrize("pattern", [None, "a|b", "^team-[0-9]+$"])
def test_good_patterns(pattern):
    check_filters({"name_regex": pattern})


def test_bad_pattern():
    with pytest.raises(OptionError) as caught:
        check_filters({"name_regex": "team-[0-9"})
    assert (
        str(caught.value)
        == "Invalid options: name_regex is not a regular expression: unterminated character set at position 5."
    )


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 5000 + ")" * 5000])
def test_pattern_beyond_all_limits(pattern):
    with pytest.raises(OptionError, match="^Invalid options: name_regex is not a regular expression: "):
        check_filters({"name_regex": pattern})


@pytest.mark.parametrize("module", [asm_mesh_info, asm_release_info, asm_workshop_info, modelarts_workspace_info])
def test_empty_filter_is_an_error(cloud, module):
    spec = module.TASK.arguments.argument_spec
    who = {"mesh_id": "", "mesh_name": "shop"} if "mesh_name" in spec else {}
    names = [
        name
        for name in spec
        if name not in CONNECTION.argument_spec and name not in MESH.argument_spec and spec[name]["type"] == "str"
    ]
    assert {"id", "name", "name_regex"} < set(names)
    for name in names:
        error, ran = fail(cloud, module, **who, region="", **{name: ""})
        assert (type(error), str(error), ran.request_log) == (
            OptionError,
            f"Invalid options: {name} is empty. Omit it to get all.",
            [],
        )


@pytest.mark.parametrize("module", [asm_mesh_info, asm_release_info, asm_workshop_info, modelarts_workspace_info])
def test_bad_pattern_is_refused_before_any_call(cloud, module):
    who = {"mesh_name": "shop"} if "mesh_name" in module.TASK.arguments.argument_spec else {}
    error, ran = fail(cloud, module, **who, name_regex="*")
    assert (type(error), ran.request_log) == (OptionError, [])
    assert str(error) == "Invalid options: name_regex is not a regular expression: nothing to repeat at position 0."
