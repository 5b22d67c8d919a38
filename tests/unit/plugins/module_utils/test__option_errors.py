# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    find_mistakes,
    find_shape_mistakes,
    format_path,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import RELEASE
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.options import WORKSPACE

SPEC = WORKSPACE.argument_spec


def find_texts(spec, options):
    return [f"{format_path(mistake.path)}: {mistake.message}" for mistake in find_mistakes(spec, options)]


def test_missing_key_is_a_field_of_the_mistake():
    spec = {"a": {"type": "dict", "options": {"b": {"required": True}}}, "c": {"required": True}}
    assert find_mistakes(spec, {"a": {"b": None}, "d": 1}) == [
        Mistake(("a",), "b is required", "b"),
        Mistake(("d",), "unknown key (known: a, c)"),
        Mistake((), "c is required", "c"),
    ]


@pytest.mark.parametrize(
    "value, blank", [(None, True), ("", True), (" ", True), (False, False), (0, False), ([], False)]
)
def test_only_null_and_empty_text_are_blank(value, blank):
    assert is_blank(value) is blank


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"name": "a", "grants": None, "quotas": []},
        {
            "name": 3,
            "purge_grants": "yes",
            "grants": [{"user_name": "anna"}],
            "quotas": [{"resource": "a", "quota": "-1"}],
        },
        {"grants": ["user_name=anna"]},
        {"grants": ['{"user_name": "anna"}']},
    ],
)
def test_value_that_ansible_accepts_is_not_a_mistake(options):
    assert find_texts(SPEC, options) == []
    assert find_shape_mistakes(SPEC, options) == []


def test_every_mistake_has_its_path():
    options = {
        "grants": [{"user_name": "anna"}, "anna", None, {"user": 1}],
        "quotas": {"resource": "a"},
        "purge_grants": "perhaps",
        "state": "gone",
        "auth_type": ["private"],
        "size": 1,
    }
    assert find_texts(SPEC, options) == [
        "grants[1]: must be a mapping, for example {user_name: anna}, it is text",
        "grants[2]: must not be null, for example {user_name: anna}",
        "grants[3].user: unknown key (known: user_id, user_name, user_type)",
        "quotas: must be a list, it is a mapping",
        "purge_grants: must be true or false, it is text",
        "state: must be one of present, absent",
        "auth_type: must be text, it is a list",
        "size: unknown key (known: " + ", ".join(sorted(SPEC)) + ")",
    ]


def test_missing_key_belongs_to_its_mapping():
    assert find_texts(SPEC, {"quotas": [{"resource": "a"}]}) == ["quotas[0]: quota is required"]


def test_text_is_a_list_of_text_only():
    assert find_texts(RELEASE.argument_spec, {"namespace": "a", "name": "b", "done_phases": "Ended,Gone"}) == []
    assert find_texts(RELEASE.argument_spec, {"namespace": "a", "name": "b", "gray_deployments": "a.yaml"}) == [
        "gray_deployments: must be a list, it is text"
    ]


def test_no_message_contains_a_value():
    secret = "CANARY"
    options = {name: [secret] for name in SPEC if name != "grants"}
    options.update(grants=[secret, {"user_name": {secret: secret}}], state=secret)
    assert secret not in "".join(find_texts(SPEC, options))


def test_shape_mistakes_are_those_of_lists_and_mappings():
    options = {"grants": ["anna"], "quotas": [{"resource": "a", "quota": "many"}], "state": "gone"}
    assert [format_path(mistake.path) for mistake in find_shape_mistakes(SPEC, options)] == ["grants[0]"]


def test_labels_follow_their_items():
    assert format_path(("a", 0, "b", 1), {("a", 0): "team-b"}) == "a[0] ('team-b').b[1]"
