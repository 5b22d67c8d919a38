# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServerError
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Listing, RealClock, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import Patience


def test_a_session_waits_by_default(make_client):
    session = Session(make_client().client)
    assert (session.check_mode, session.patience) == (False, Patience(True, 600, 2))
    assert isinstance(session.clock, RealClock)
    session.warn("nobody hears that")


def test_a_warning_is_said_once(make_client):
    said = []
    session = Session(make_client().client, warn=said.append)
    for text in ("one", "two", "one", "two", "three"):
        session.warn(text)
    assert said == ["one", "two", "three"]
    other = Session(make_client().client, warn=said.append)
    other.warn("one")
    assert said == ["one", "two", "three", "one"]


@pytest.mark.parametrize(("wait", "seconds", "slept"), [(True, None, [3]), (False, None, []), (True, 7, [7]), (False, 7, [7]), (False, 0, [0])])
def test_a_pause_is_between_two_looks_or_as_long_as_it_has_to_be(make_client, clock, wait, seconds, slept):
    session = Session(make_client().client, patience=Patience(wait, 600, 3), clock=clock)
    assert session.pause(seconds) is bool(slept)
    assert clock.sleeps == slept


def test_real_time_goes_on():
    clock = RealClock()
    before = clock.monotonic()
    clock.sleep(0)
    assert clock.monotonic() >= before


def test_a_listing_that_was_not_read_is_older_than_anything(clock):
    listing = Listing(lambda: [], clock)
    assert (listing.age(), listing.entries) == (float("inf"), [])


def test_the_age_of_a_listing_counts_from_before_the_request(clock):
    def read():
        clock.passed += 3
        return [{"at": clock.passed}]

    listing = Listing(read, clock)
    assert listing.refresh() == [{"at": 3}]
    assert listing.age() == 3
    clock.passed += 4
    assert (listing.age(), listing.entries) == (7, [{"at": 3}])
    assert listing.refresh() == listing.entries == [{"at": 10}]
    assert listing.age() == 3


def test_a_listing_that_fails_stays_as_old_as_it_is(clock):
    answers = [[{"n": 1}], ServerError("no")]

    def read():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    listing = Listing(read, clock)
    listing.refresh()
    clock.passed += 9
    with pytest.raises(ServerError):
        listing.refresh()
    assert (listing.age(), listing.entries) == (9, [{"n": 1}])
