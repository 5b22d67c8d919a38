# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.grants import (
    is_equal,
    merge,
    normalize,
    to_diff,
    to_request,
    to_result,
)

ANN, BOB = {"user_id": "u-1", "user_name": "ann"}, {"user_id": "u-2", "user_name": "bob"}


def test_empty_fields_of_grants_are_not_sent():
    assert normalize([{"user_id": "u-1", "user_name": "", "user_type": None}]) == [{"user_id": "u-1"}]
    assert to_request([{"user_name": "ann", "more": "than documented"}, {"user_type": "IAM"}]) == [{"user_name": "ann"}]


def test_numbers_are_text():
    grants = [{"user_id": 123, "user_name": 5}, {"user_id": 7.0, "user_name": "a"}, {"user_name": "b", "user_id": 0}]
    assert to_request(grants) == [
        {"user_id": "123", "user_name": "5"},
        {"user_id": "7", "user_name": "a"},
        {"user_id": "0", "user_name": "b"},
    ]
    assert [grant["user_name"] for grant in to_result(grants)] == ["5", "a", "b"]
    assert is_equal([{"user_id": "123"}], [{"user_id": "123", "user_name": "5"}])


@pytest.mark.parametrize(
    ("grants", "message"),
    [
        ([ANN, BOB, {"user_name": "ann"}], "grants[2] names the same user as grants[0]: 'ann'"),
        ([ANN, {"user_id": "u-1"}], "grants[1] names the same user as grants[0]: 'u-1'"),
        (
            [BOB, dict(ANN, user_type="IAM"), {"user_name": "ann", "user_type": "AGENCY"}],
            "grants[2] names the same user as grants[1] with another user_type: 'ann'",
        ),
        (
            [ANN, {}, ANN],
            "grants[1] needs user_id or user_name; grants[2] names the same user as grants[0]: 'ann'",
        ),
    ],
)
def test_written_grants_name_each_user_once(grants, message):
    with pytest.raises(OptionError) as caught:
        normalize(grants)
    assert str(caught.value) == f"Invalid options: {message}."


def test_two_users_of_one_name_differ_by_id():
    users = [ANN, dict(ANN, user_id="u-9")]
    assert normalize(users) == users


def test_brief_grants_have_no_empty_keys():
    assert to_diff([BOB, {"user_name": "ann", "user_id": None, "user_type": ""}]) == [{"user_name": "ann"}, BOB]


@pytest.mark.parametrize("grant", [{}, {"user_type": "IAM"}, {"user_id": "", "user_name": None}])
def test_grant_needs_a_user(grant):
    with pytest.raises(OptionError) as caught:
        normalize([ANN, grant])
    assert str(caught.value) == "Invalid options: grants[1] needs user_id or user_name."


def test_returned_grants_are_complete_and_in_order():
    grants = [
        {"user_id": "u-9"},
        {},
        {"user_name": "bob"},
        {"user_name": "ann", "user_id": "u-2"},
        {"user_name": "ann", "user_id": "u-1", "user_type": ""},
    ]
    assert to_result(grants) == [
        {"user_id": "u-9", "user_name": None, "user_type": None},
        {"user_id": "u-1", "user_name": "ann", "user_type": None},
        {"user_id": "u-2", "user_name": "ann", "user_type": None},
        {"user_id": None, "user_name": "bob", "user_type": None},
    ]


@pytest.mark.parametrize(
    ("desired", "actual", "equal"),
    [
        ([], [], True),
        ([ANN], [], False),
        ([], [ANN], False),
        ([ANN, BOB], [BOB, ANN], True),
        ([{"user_id": "u-1"}], [ANN], True),
        ([{"user_name": "ann"}], [ANN], True),
        # The id wins where both sides have it.
        ([{"user_id": "u-1", "user_name": "old name"}], [ANN], True),
        ([{"user_id": "u-3", "user_name": "ann"}], [ANN], False),
        ([{"user_id": "u-1"}], [{"user_name": "ann"}], False),
        ([{"user_name": "ann", "user_type": "IAM"}], [ANN], True),
        ([{"user_name": "ann"}], [dict(ANN, user_type="iam")], True),
        # A service that leaves the type out says nothing about it.
        ([{"user_name": "ann", "user_type": "FEDERATE"}], [ANN], True),
        ([{"user_name": "ann"}], [dict(ANN, user_type="AGENCY")], True),
        ([{"user_name": "ann", "user_type": "FEDERATE"}], [dict(ANN, user_type="IAM")], False),
        ([{"user_name": "Ann"}], [ANN], False),
    ],
)
def test_same(desired, actual, equal):
    assert is_equal(desired, actual) is equal


@pytest.mark.parametrize(
    ("desired", "actual", "purge", "result"),
    [
        ([{"user_name": "ann"}], [ANN, BOB], True, [ANN]),
        ([{"user_name": "ann"}], [ANN, BOB], False, [ANN, BOB]),
        ([{"user_name": "eve"}], [BOB], False, [{"user_name": "eve"}, BOB]),
        ([], [BOB], False, [BOB]),
        ([], [BOB], True, []),
        ([{"user_id": "u-1"}, {"user_name": "ann"}], [ANN], True, [ANN]),
        ([ANN, {"user_id": "u-1"}], [], True, [ANN]),
        # A user keeps the type and is listed once, whatever the desired type is.
        ([{"user_id": "u-1"}], [dict(ANN, user_type="AGENCY"), BOB], True, [dict(ANN, user_type="AGENCY")]),
        (
            [{"user_name": "eve"}],
            [dict(ANN, user_type="AGENCY")],
            False,
            [{"user_name": "eve"}, dict(ANN, user_type="AGENCY")],
        ),
        (
            [{"user_id": "u-1", "user_type": "AGENCY"}],
            [dict(ANN, user_type="IAM")],
            False,
            [dict(ANN, user_type="AGENCY")],
        ),
        ([{"user_id": "u-1", "user_type": "AGENCY"}], [ANN], False, [dict(ANN, user_type="AGENCY")]),
        # Two of one name: the type that is written tells which is meant.
        (
            [{"user_name": "ann", "user_type": "federate"}],
            [dict(ANN, user_type="IAM"), {"user_id": "u-9", "user_name": "ann", "user_type": "FEDERATE"}],
            True,
            [{"user_id": "u-9", "user_name": "ann", "user_type": "federate"}],
        ),
    ],
)
def test_merged(desired, actual, purge, result):
    assert merge(desired, actual, purge) == result


def test_grants_without_id_come_first():
    users = [{"user_name": "alice", "user_id": "B-1"}, {"user_name": "alice"}]
    assert [grant["user_id"] for grant in to_result(users)] == [None, "B-1"]
