# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import (
    KEYED,
    ORDERED,
    FieldPath,
)


@pytest.mark.parametrize(
    ("keys", "last", "parent"),
    [((), "", ""), (("a",), "a", ""), (("a", "b"), "b", "a"), (("a", "b", "c"), "c", "b")],
)
def test_last_keys_of_a_path(keys, last, parent):
    assert (FieldPath(keys).last, FieldPath(keys).parent) == (last, parent)


@pytest.mark.parametrize(
    ("keys", "is_shallow"),
    [
        ((), True),
        ((ORDERED,) * 3, True),
        ((ORDERED, "a") * 3, True),
        ((ORDERED,) * 4, False),
        ((ORDERED, "a") * 4, False),
        ((KEYED, "a") * 4, True),
    ],
)
def test_only_three_lists_without_keys_are_shallow(keys, is_shallow):
    assert FieldPath(keys).is_shallow() is is_shallow


@pytest.mark.parametrize(
    ("keys", "private"),
    [
        ((), False),
        (("env",), True),
        (("env", KEYED), True),
        (("env", KEYED, "value"), True),
        (("containers", KEYED, "env", KEYED, "value"), True),
        (("valueFrom", "env", "value"), True),
        # The name of a variable and the reference to its source, also if the list is a mapping by mistake.
        (("env", KEYED, "name"), False),
        (("env", "name"), False),
        (("env", KEYED, "valueFrom", "secretKeyRef", "key"), False),
        (("env", "valueFrom"), False),
        # A label may have any name.
        (("labels", "env"), False),
        (("env", "labels", "env"), True),
    ],
)
def test_values_of_variables_are_private(keys, private):
    assert FieldPath(keys).difference("a", "b").private is private
