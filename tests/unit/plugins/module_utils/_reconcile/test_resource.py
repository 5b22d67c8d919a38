# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    PENDING,
    READY,
    TERMINATED,
    TERMINATING,
    Difference,
    format_differences,
    has_condition,
    is_ending,
    select_fields,
)
from fake_resource import FakeResource


def test_difference_can_have_its_own_text():
    assert str(Difference("size", 1, 2)) == "size is 1, desired is 2"
    assert str(Difference("size", None, [1], True)) == "size is null, desired is [1]"
    assert (
        str(Difference("size", True, {"a": [None, False, "\u00e9"]}))
        == 'size is true, desired is {"a": [null, false, "\u00e9"]}'
    )
    assert str(Difference("size", "secret", "secret", text="size differs")) == "size differs"


def test_first_part_of_a_field_decides_about_post_create():
    box = FakeResource({"size": 2, "color.of.it": "red"}, post_create_fields=frozenset(["color"]))
    plan = make_plan(box, None)
    assert [(action.action, action.fields) for action in plan.actions] == [
        ("create", ["size"]),
        ("update", ["color.of.it"]),
    ]


def test_any_value_can_be_formatted():
    assert str(Difference("when", dt.date(2026, 1, 2), "now")) == "when is \"2026-01-02\", desired is 'now'"


@pytest.mark.parametrize(
    ("observed", "is_pending", "ending"),
    [
        (None, False, True),
        ({"condition": READY}, False, False),
        ({"condition": PENDING}, True, False),
        ({"condition": TERMINATING}, False, True),
        ({"condition": TERMINATED}, False, True),
    ],
)
def test_conditions_of_an_object(observed, is_pending, ending):
    box = FakeResource({})
    assert has_condition(box, observed, PENDING) is is_pending
    assert has_condition(box, observed, READY, PENDING) is (is_pending or observed == {"condition": READY})
    assert is_ending(box, observed) is ending


def test_selected_fields_exclude_the_dropped_ones():
    assert select_fields({"a": 1, "b": 2, "c": None}, {"b", "d"}) == {"a": 1, "c": None}


def test_differences_are_one_line():
    differences = [Difference("size", 1, 2), Difference("color", "red", None)]
    assert format_differences(differences) == "size is 1, desired is 2; color is 'red', desired is null"
    assert format_differences([]) == ""
