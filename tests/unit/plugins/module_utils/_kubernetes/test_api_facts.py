# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    get_deployment_name,
    get_mapping,
    index_by_key,
    is_integer,
)

INSIDE = {"a": {"b": {"c": 1}, "list": [{"c": 1}], "none": None}}


@pytest.mark.parametrize(
    "keys, expected",
    [
        ((), INSIDE),
        (("a", "b"), {"c": 1}),
        (("a", "none"), {}),
        (("a", "list"), {}),
        (("a", "b", "c"), {}),
        (("a", "b", "c", "d"), {}),
        (("x", "b"), {}),
    ],
)
def test_mapping_at_keys(keys, expected):
    assert get_mapping(INSIDE, *keys) == expected


@pytest.mark.parametrize("value", [None, "text", [], 5])
def test_mapping_is_empty_for_other_types(value):
    assert get_mapping(value) == {}
    assert get_mapping(value, "a") == {}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ({"metadata": {"name": "a"}}, "a"),
        ({"metadata": {"name": ""}}, None),
        ({"metadata": {"name": 5}}, None),
        ({"metadata": {}}, None),
        ({"name": "a"}, None),
        ("text", None),
    ],
)
def test_name_of_a_deployment_is_text(template, name):
    assert get_deployment_name(template) == name


@pytest.mark.parametrize(("value", "expected"), [(0, True), (5, True), (True, False), (5.0, False), ("5", False)])
def test_boolean_is_not_an_integer(value, expected):
    assert is_integer(value) is expected


A, B = {"name": "a", "value": 1}, {"name": "b"}


@pytest.mark.parametrize(
    ("elements", "keys", "indexed"),
    [
        ([], ("name",), {}),
        ([A, B], ("name",), {("a",): A, ("b",): B}),
        ([{"name": 5}], ("name",), {("5",): {"name": 5}}),
        # These cannot be identified.
        ([A], None, None),
        ([A, "text"], ("name",), None),
        ([A, A], ("name",), None),
        ([A, {}], ("name",), None),
        ([{"name": ""}], ("name",), None),
        ([{"name": True}], ("name",), None),
        ([{"name": ["a"]}], ("name",), None),
        ([{"name": {"a": 1}}], ("name",), None),
    ],
)
def test_elements_by_merge_key(elements, keys, indexed):
    assert index_by_key(elements, keys) == indexed


def test_protocol_of_a_port_has_a_default():
    keys = ("containerPort", "protocol")
    ports = [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]
    assert index_by_key(ports, keys) == {("53", "TCP"): ports[0], ("53", "UDP"): ports[1]}
    assert index_by_key([*ports, {"containerPort": 53, "protocol": "TCP"}], keys) is None
