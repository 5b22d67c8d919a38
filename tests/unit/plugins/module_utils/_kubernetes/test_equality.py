# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import FieldPath
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.equality import (
    equals_as_scalar,
    is_empty,
    is_unspecified,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.last_applied import Removed

SIDECAR = "sidecar.istio.io/status"
STATUS = '{"containers": ["istio-proxy"]}'


@pytest.mark.parametrize(
    ("desired", "actual", "is_left"),
    [
        (STATUS, STATUS, True),
        (STATUS, "text", True),
        ("text", STATUS, True),
        (Removed("text"), "text", True),
        ("text", "other", False),
        ("text", None, False),
    ],
)
def test_status_of_an_injector_is_left_to_it(desired, actual, is_left):
    assert is_unspecified(desired, actual, FieldPath(("metadata", "annotations", SIDECAR))) is is_left
    assert is_unspecified(desired, actual, FieldPath(("metadata", "labels", SIDECAR))) is False
    assert is_unspecified(desired, actual, FieldPath(("metadata", "annotations", "other"))) is False


@pytest.mark.parametrize(
    ("keys", "empty"),
    [
        (("labels",), True),
        (("labels", "a"), False),
        (("metadata", "labels", "a"), False),
        (("labels", "a", "b"), True),
        (("replicas",), False),
    ],
)
def test_value_in_a_mapping_with_free_keys_is_never_empty(keys, empty):
    assert is_empty("", keys) is empty
    assert is_empty(None, keys) is True


@pytest.mark.parametrize(
    ("keys", "is_quantity"),
    [
        (("resources", "limits", "cpu"), True),
        (("resources", "requests", "cpu"), True),
        (("a", "resources", "limits", "cpu"), True),
        (("limits", "cpu"), False),
        (("other", "limits", "cpu"), False),
        (("resources", "limits"), False),
        (("emptyDir", "sizeLimit"), True),
        (("resourceFieldRef", "divisor"), True),
        (("other", "divisor"), False),
        (("resourceFieldRef", "other"), False),
        (("overhead", "cpu"), True),
        (("cpu",), False),
    ],
)
def test_only_quantities_are_compared_as_numbers(keys, is_quantity):
    assert equals_as_scalar("1", "1000m", FieldPath(keys)) is is_quantity
