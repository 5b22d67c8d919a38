# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Difference
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import quotas as _quotas
from simulated_cloud import CREATED, quota

NAME = "exemlProject.gpu_duration"
ZERO = "The service does not allow a quota of 0. Set -1 for unlimited."


def make_desired(value, resource=NAME):
    return [{"resource": resource, "quota": value}]


@pytest.mark.parametrize("value", [-1, 1, 60000])
def test_good_quotas(value):
    _quotas.check(make_desired(value))
    _quotas.check([])


@pytest.mark.parametrize(
    ("quotas", "message"),
    [
        (make_desired(-2), "quotas[0].quota must be a positive number, or -1 for unlimited, not -2."),
        (
            make_desired(1) + make_desired(0, "b"),
            f"quotas[1].quota must be a positive number, or -1 for unlimited, not 0. {ZERO}",
        ),
        (make_desired(1, "a b"), "quotas[0].resource must not contain whitespace or line breaks"),
        (
            make_desired(0) + make_desired(1),
            f"quotas[0].quota must be a positive number, or -1 for unlimited, not 0; quotas names {NAME} more than once. {ZERO}",
        ),
        (make_desired(1, ""), "quotas[0].resource must not be empty"),
        (make_desired(1) + make_desired(2) + make_desired(1, "b") * 2, f"quotas names b, {NAME} more than once."),
    ],
)
def test_bad_quotas(quotas, message):
    with pytest.raises(OptionError) as caught:
        _quotas.check(quotas)
    assert str(caught.value) == f"Invalid options: {message}"


@pytest.mark.parametrize(
    ("value", "low", "high", "limits"),
    [
        (60001, -1, 60000, "must be -1 for unlimited or from 1 to 60000 (unit: minute)."),
        (4, 5, 60000, "must be from 5 to 60000 (unit: minute)."),
        (-1, 0, 60000, "must be from 1 to 60000 (unit: minute)."),
        (4, 5, -1, "must be at least 5 (unit: minute)."),
        (4, 5, None, "must be at least 5 (unit: minute)."),
        (9, None, 8, "must be at most 8 (unit: minute)."),
    ],
)
def test_outside_of_the_limits(value, low, high, limits):
    with pytest.raises(OptionError) as caught:
        _quotas.check_limits(make_desired(value), [quota(NAME, 1, low, high)])
    assert str(caught.value) == f"Invalid options: quotas[0].quota of '{NAME}' is {value}, and {limits}"


@pytest.mark.parametrize(
    ("value", "low", "high"), [(-1, -1, 60000), (60000, -1, 60000), (10**9, -1, -1), (10**9, None, None), (1, 1, 1)]
)
def test_inside_of_the_limits(value, low, high):
    _quotas.check_limits(make_desired(value), [quota(NAME, 1, low, high)])


@pytest.mark.parametrize(("actual", "known"), [([], "none"), ([quota("b", 1), quota("a", 1)], "a, b")])
def test_unknown_resource(actual, known):
    with pytest.raises(OptionError) as caught:
        _quotas.check_limits(make_desired(1), actual)
    assert caught.value.message == f"Invalid options: quotas[0].resource '{NAME}' is not a quota of the workspace."
    assert caught.value.hint == f"Its quotas are: {known}."


def test_all_quotas_outside_of_the_limits_are_reported():
    with pytest.raises(OptionError) as caught:
        _quotas.check_limits(
            make_desired(9, "a") + make_desired(9, "b") + make_desired(9, "c"),
            [dict(quota("a", 1, 1, 8), unit_en=None), quota("c", 1)],
        )
    assert str(caught.value) == (
        "Invalid options: quotas[0].quota of 'a' is 9, and must be from 1 to 8; "
        "quotas[1].resource 'b' is not a quota of the workspace. Its quotas are: a, c."
    )


def test_differences_and_their_body():
    actual = [quota("a", -1), quota("b.c", 2), quota("d", 3)]
    desired = make_desired(5, "b.c") + make_desired(-1, "a") + make_desired(7, "new")
    found = _quotas.differences(desired, actual)
    assert found == [Difference("quotas.b.c", 2, 5, True), Difference("quotas.new", None, 7, True)]
    assert _quotas.to_request(found) == {"quotas": [{"resource": "b.c", "quota": 5}, {"resource": "new", "quota": 7}]}


def test_returned_quotas_are_complete_and_in_order():
    unknown = dict.fromkeys(
        ("min_quota", "max_quota", "used_quota", "name_en", "name_cn", "unit_en", "unit_cn", "updated_at")
    )
    full = dict(quota("b", 5, 1, 9), used_quota=2.5, name_en="B", more="than documented")
    assert _quotas.to_result([full, {"resource": "a", "quota": 1}]) == [
        dict(unknown, resource="a", quota=1),
        dict(
            unknown,
            resource="b",
            quota=5,
            min_quota=1,
            max_quota=9,
            used_quota=2.5,
            name_en="B",
            unit_en="minute",
            updated_at=CREATED,
        ),
    ]


def test_prediction_keeps_known_values():
    found = _quotas.preview(make_desired(5, "a") + make_desired(6, "b"), [quota("a", 1), quota("c", 3)])
    assert [(each["resource"], each["quota"], each["unit_en"]) for each in found] == [
        ("a", 5, "minute"),
        ("b", 6, None),
        ("c", 3, "minute"),
    ]


def test_of_a_new_workspace_only_the_limits_are_known():
    known = quota("a", 1)
    assert _quotas.unused([dict(known, used_quota=5)]) == [dict(known, used_quota=None, update_time=None)]
