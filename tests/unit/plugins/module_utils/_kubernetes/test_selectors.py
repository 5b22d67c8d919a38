# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.selectors import matches_selector

LABELS = {"app": "reviews", "version": "v1"}


def make_expression(key: str, operator: str, *values: t.Any) -> dict[str, t.Any]:
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": None, "matchExpressions": None}, True),
        ({"matchLabels": {"app": "reviews"}}, True),
        ({"matchLabels": {"app": "reviews", "version": "v2"}}, False),
        ({"matchLabels": {"tier": "web"}}, False),
        ({"matchExpressions": [make_expression("version", "In", "v1", "v2")]}, True),
        ({"matchExpressions": [make_expression("version", "In", "v2")]}, False),
        ({"matchExpressions": [make_expression("tier", "In", "web")]}, False),
        ({"matchExpressions": [make_expression("version", "NotIn", "v1")]}, False),
        ({"matchExpressions": [make_expression("version", "NotIn", "v2")]}, True),
        ({"matchExpressions": [make_expression("tier", "NotIn", "web")]}, True),
        ({"matchExpressions": [make_expression("app", "Exists")]}, True),
        ({"matchExpressions": [make_expression("tier", "Exists")]}, False),
        ({"matchExpressions": [make_expression("app", "DoesNotExist")]}, False),
        ({"matchExpressions": [make_expression("tier", "DoesNotExist")]}, True),
        ({"matchLabels": {"app": "other"}, "matchExpressions": [make_expression("app", "Exists")]}, False),
        ({"matchLabels": {"app": "reviews"}, "matchExpressions": [make_expression("version", "In", "v2")]}, False),
    ],
)
def test_labels_must_match_the_whole_selector(selector: dict[str, t.Any], expected: bool) -> None:
    assert matches_selector(selector, LABELS) is expected


def test_unknown_operator_is_an_error() -> None:
    selector = {"matchLabels": {"app": "other"}, "matchExpressions": [make_expression("app", "Gt", 1)]}
    with pytest.raises(ValueError, match="unknown operator 'Gt'"):
        matches_selector(selector, LABELS)
