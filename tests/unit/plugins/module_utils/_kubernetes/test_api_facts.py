# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import get_mapping

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
