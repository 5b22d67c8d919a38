# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._resources._grants import merged, same, sent, shown, written

ANN, BOB = {"user_id": "u-1", "user_name": "ann"}, {"user_id": "u-2", "user_name": "bob"}


def test_written_grants_lose_what_is_empty():
    assert written([{"user_id": "u-1", "user_name": "", "user_type": None}]) == [{"user_id": "u-1"}]
    assert sent([{"user_name": "ann", "more": "than documented"}]) == [{"user_name": "ann"}]


@pytest.mark.parametrize("grant", [{}, {"user_type": "IAM"}, {"user_id": "", "user_name": None}])
def test_a_grant_needs_a_user(grant):
    with pytest.raises(OptionError) as caught:
        written([ANN, grant])
    assert str(caught.value) == "Invalid options: grants[1] needs user_id or user_name."


def test_shown_grants_are_complete_and_in_order():
    grants = [{"user_id": "u-9"}, {"user_name": "bob"}, {"user_name": "ann", "user_id": "u-2"}, {"user_name": "ann", "user_id": "u-1", "user_type": ""}]
    assert shown(grants) == [
        {"user_id": "u-9", "user_name": None, "user_type": None},
        {"user_id": "u-1", "user_name": "ann", "user_type": None},
        {"user_id": "u-2", "user_name": "ann", "user_type": None},
        {"user_id": None, "user_name": "bob", "user_type": None},
    ]


@pytest.mark.parametrize(
    ("want", "have", "equal"),
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
        ([{"user_name": "ann", "user_type": "FEDERATE"}], [ANN], False),
        ([{"user_name": "Ann"}], [ANN], False),
    ],
)
def test_same(want, have, equal):
    assert same(want, have) is equal


@pytest.mark.parametrize(
    ("want", "have", "purge", "result"),
    [
        ([{"user_name": "ann"}], [ANN, BOB], True, [ANN]),
        ([{"user_name": "ann"}], [ANN, BOB], False, [ANN, BOB]),
        ([{"user_name": "eve"}], [BOB], False, [{"user_name": "eve"}, BOB]),
        ([], [BOB], False, [BOB]),
        ([], [BOB], True, []),
        ([{"user_id": "u-1"}, {"user_name": "ann"}], [ANN], True, [ANN]),
        ([ANN, {"user_id": "u-1"}], [], True, [ANN]),
        # Another type is another grant of the same person.
        ([{"user_id": "u-1", "user_type": "AGENCY"}], [ANN], False, [{"user_id": "u-1", "user_type": "AGENCY"}, ANN]),
    ],
)
def test_merged(want, have, purge, result):
    assert merged(want, have, purge) == result
