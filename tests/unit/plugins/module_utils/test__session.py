# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    NO_DEADLINE,
    Deadline,
    SystemClock,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServerError
from ansible_collections.community.huaweicloud.plugins.module_utils._session import (
    CachedList,
    CachePolicy,
    ListCache,
    Session,
)


def test_session_waits_by_default(make_client):
    session = Session(make_client().client)
    assert (session.check_mode, session.wait_policy) == (False, WaitPolicy(True, 600, 2))
    assert isinstance(session.clock, SystemClock)
    session.warn("nobody hears that")


def test_session_caches_no_lists_and_reads_details_by_default(make_client):
    client = make_client().client
    client.request_ids.append("a")
    session = Session(client)
    assert (session.max_age, session.keeps_lists, session.skip_details) == (0, False, False)
    assert session.request_ids() == ["a"]
    assert CachePolicy().max_age == 0


def test_session_reports_progress_and_skips_details_on_request(make_client):
    lines = []
    session = Session(make_client().client, progress=lines.append, skip_details=True)
    session.progress("creating")
    assert (lines, session.skip_details) == (["creating"], True)


def test_copy_of_a_session_has_a_client_with_a_deadline(make_client, clock):
    session, deadline = Session(make_client().client), Deadline(clock, 60.0)
    limited = session.until(deadline)
    # A client that has a deadline already is returned unchanged.
    assert limited.client.until(deadline) is limited.client
    assert session.client.until(NO_DEADLINE) is session.client
    assert (limited.list_cache, limited.warn) == (session.list_cache, session.warn)


def test_copy_of_a_session_shares_its_warnings(make_client):
    warnings = []
    session = Session(make_client().client, warn=warnings.append)
    copy = session.with_wait_policy(WaitPolicy(False))
    assert copy.warn is session.warn
    session.warn("one")
    copy.warn("one")
    assert warnings == ["one"]


def test_warning_is_reported_once(make_client):
    said = []
    session = Session(make_client().client, warn=said.append)
    for text in ("one", "two", "one", "two", "three"):
        session.warn(text)
    assert said == ["one", "two", "three"]
    other = Session(make_client().client, warn=said.append)
    other.warn("one")
    assert said == ["one", "two", "three", "one"]


def test_failure_is_cached_until_its_age_limit(clock):
    asked = []

    def read(deadline):
        asked.append(clock.passed)
        raise ServerError("down")

    list_cache = ListCache(clock)
    listing = list_cache.listing("things", read, lambda entry: [])
    for max_age in (5, 5, 0):
        with pytest.raises(ServerError):
            listing.read(max_age)
    assert len(asked) == 3
    list_cache.failure_max_age = 4
    # A refresh sends a request. Other reads raise the last error for four seconds.
    times = []
    for max_age, seconds in ((5, 0), (5, 3.9), (0, 0), (0.5, 3.9), (5, 0.2)):
        clock.passed += seconds
        with pytest.raises(ServerError):
            listing.read(max_age)
        times.append(len(asked))
    assert times == [3, 3, 4, 4, 5]


def test_system_clock_advances():
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0)
    assert clock.monotonic() >= before


def test_list_that_was_not_read_is_older_than_anything(clock):
    listing = CachedList(lambda deadline: [], lambda entry: [], clock)
    assert (listing.age(), listing.all(), listing.find_by_key("any")) == (float("inf"), [], [])


def test_age_of_a_list_counts_from_before_the_request(clock):
    def read(deadline):
        clock.passed += 3
        return [{"at": clock.passed}]

    listing = CachedList(read, lambda entry: [tuple(entry.items())], clock)
    assert listing.refresh().all() == [{"at": 3}]
    assert listing.age() == 3
    clock.passed += 4
    assert (listing.age(), listing.all()) == (7, [{"at": 3}])
    assert listing.refresh().all() == listing.all() == [{"at": 10}]
    assert listing.age() == 3


def test_failed_list_is_read_again(clock):
    respond = [[{"n": 1}], ServerError("no")]

    def read(deadline):
        answer = respond.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    listing = CachedList(read, lambda entry: [tuple(entry.items())], clock)
    listing.refresh()
    clock.passed += 2
    with pytest.raises(ServerError):
        listing.refresh()
    # A refresh has a reason: the list of two seconds ago may be wrong by now.
    assert listing.age() == float("inf")


# Listings


def read_nothing(deadline):
    return []


def by_id(entry):
    return [("id", entry["id"]), ("name", entry["name"])] if entry.get("id") else [("name", entry["name"])]


def listing_of(entries, clock, keys=by_id):
    reads = []

    def read(deadline):
        reads.append(clock.passed)
        return list(entries)

    return CachedList(read, keys, clock), reads


A, B = {"id": "1", "name": "a"}, {"id": "2", "name": "b"}


def test_list_is_read_again_when_it_is_too_old(clock):
    listing, reads = listing_of([A], clock)
    listing.read(5)
    clock.passed += 4.9
    listing.read(5)
    assert reads == [0]
    clock.passed += 0.1
    listing.read(5)
    assert reads == [0, 5.0]
    listing.read(0)
    assert len(reads) == 3
    listing.invalidate()
    listing.read(1e9)
    assert len(reads) == 4


def test_request_of_a_list_has_the_deadline_of_its_reader(clock):
    deadlines = []
    listing = CachedList(lambda deadline: deadlines.append(deadline) or [], by_id, clock)
    listing.refresh(Deadline(clock, 60.0))
    listing.read(0, Deadline(clock, 70.0))
    listing.refresh().read(0)
    assert deadlines == [Deadline(clock, 60.0), Deadline(clock, 70.0), NO_DEADLINE, NO_DEADLINE]


def test_entries_are_found_before_the_list_is_read(clock):
    listing, reads = listing_of([], clock)
    same_name = {"id": "3", "name": "a"}
    listing.update(A)
    listing.update(same_name)
    assert listing.find_by_key(("name", "a")) == [A, same_name]
    assert reads == []


def test_entry_with_equal_keys_can_be_removed(clock):
    listing = listing_of(["a", "b"], clock, lambda entry: [entry, entry])[0].refresh()
    listing.remove("a")
    assert (listing.all(), listing.find_by_key("a")) == (["b"], [])


def test_entries_are_found_under_each_of_their_keys(clock):
    listing = listing_of([A, B], clock)[0].refresh()
    assert listing.find_by_key(("id", "1")) == listing.find_by_key(("name", "a")) == [A]
    assert (listing.find_by_key(("id", "3")), listing.all()) == ([], [A, B])


def test_duplicates_are_found_with_and_without_ids(clock):
    duplicates = [{"id": "1", "name": "a"}, {"id": "2", "name": "a"}, {"name": "c"}, {"name": "c"}]
    listing = listing_of(duplicates, clock)[0].refresh()
    assert listing.find_by_key(("name", "a")) == duplicates[:2]
    assert listing.find_by_key(("name", "c")) == duplicates[2:]
    assert listing.all() == duplicates


@pytest.mark.parametrize("removed", ["1", "2", "3"])
def test_other_duplicates_of_a_removed_entry_are_found(clock, removed):
    duplicates = [{"id": id_, "name": "a"} for id_ in ("1", "2", "3")]
    listing = listing_of(duplicates, clock)[0].refresh()
    listing.remove({"id": removed, "name": "a"})
    left = [entry for entry in duplicates if entry["id"] != removed]
    assert (listing.find_by_key(("name", "a")), listing.find_by_key(("id", removed)), listing.all()) == (left, [], left)


def test_updated_entry_replaces_the_known_one(clock):
    listing, reads = listing_of([A, B], clock)
    listing.refresh().update({"id": "1", "name": "renamed", "more": True})
    assert listing.find_by_key(("name", "a")) == []
    assert (
        listing.find_by_key(("name", "renamed"))
        == listing.find_by_key(("id", "1"))
        == [{"id": "1", "name": "renamed", "more": True}]
    )
    listing.update({"id": "3", "name": "new"})
    assert sorted(entry["id"] for entry in listing.all()) == ["1", "2", "3"]
    assert len(reads) == 1


def test_removed_entry_is_not_found(clock):
    listing = listing_of([A, B], clock)[0].refresh()
    listing.remove({"id": "1", "name": "whatever it is called by now"})
    listing.remove({"id": "9", "name": "never there"})
    assert (listing.all(), listing.find_by_key(("name", "a"))) == ([B], [])


def test_concurrent_readers_read_the_list_once(clock):
    both, reads = threading.Barrier(8, timeout=300), []

    def read(deadline):
        reads.append(threading.get_ident())
        return [A]

    listing = CachedList(read, by_id, clock)
    found = []

    def look():
        both.wait()
        found.append(listing.read(5).find_by_key(("id", "1")))

    threads = [threading.Thread(target=look) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(reads), found) == (1, [[A]] * 8)


def test_partial_list_is_never_visible(clock):
    """A look between the old and the new one waits for the new one."""
    reading, go_on = threading.Event(), threading.Event()
    respond = [[A], [A, B]]

    def read(deadline):
        if len(respond) == 1:
            reading.set()
            assert go_on.wait(300)
        return respond.pop(0)

    listing = CachedList(read, by_id, clock).refresh()
    refreshing = threading.Thread(target=listing.refresh)
    refreshing.start()
    assert reading.wait(300)
    found = []
    looking = threading.Thread(target=lambda: found.append(listing.find_by_key(("name", "b"))))
    looking.start()
    assert found == []
    go_on.set()
    for thread in (refreshing, looking):
        thread.join()
    assert found == [[B]]


def test_list_cache_returns_same_list_by_name(clock):
    list_cache = ListCache(clock)
    one = list_cache.listing(("workspaces", None), read_nothing, by_id)
    assert list_cache.listing(("workspaces", None), read_nothing, by_id) is one
    assert list_cache.listing(("workspaces", "a"), read_nothing, by_id) is not one


def test_sessions_share_lists_of_their_cache(make_client, clock):
    client, list_cache = make_client().client, ListCache(clock)
    one, two, alone = Session(client, list_cache=list_cache), Session(client, list_cache=list_cache), Session(client)
    assert one.listing("x", read_nothing, by_id) is two.listing("x", read_nothing, by_id)
    assert alone.listing("x", read_nothing, by_id) is not one.listing("x", read_nothing, by_id)
    assert alone.listing("x", read_nothing, by_id) is alone.listing("x", read_nothing, by_id)


def test_session_counts_only_its_own_requests(make_client):
    client = make_client().client
    client.request_ids += ["a", "b"]
    later = Session(client, first_request=2)
    client.request_ids.append("c")
    assert later.request_ids() == ["c"]


def test_warning_of_many_threads_is_reported_once(make_client):
    said, together = [], threading.Barrier(8, timeout=300)
    session = Session(make_client().client, warn=said.append)

    def warn():
        together.wait()
        session.warn("the same")

    threads = [threading.Thread(target=warn) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == ["the same"]


def test_real_clock_sleeps(monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    SystemClock().sleep(2.5)
    assert slept == [2.5]


def test_list_that_could_not_be_read_is_tried_again_immediately(clock):
    failures = [ServerError("no", status=500)]

    def read(deadline):
        if failures:
            raise failures.pop()
        return ["one"]

    listing = CachedList(read, lambda entry: [entry], clock)
    with pytest.raises(ServerError):
        listing.read(5)
    assert listing.read(5).all() == ["one"]


def test_age_of_a_list_follows_the_clock(make_client, clock):
    listing = Session(make_client().client, clock=clock).listing("x", read_nothing, by_id).refresh()
    clock.passed += 3
    assert listing.age() == 3


@pytest.mark.parametrize(("most", "keeps"), [(0, False), (0.5, True), (5, True)])
def test_session_keeps_lists_until_their_age_limit(make_client, most, keeps):
    session = Session(make_client().client, cache_policy=CachePolicy(most))
    assert (session.max_age, session.keeps_lists) == (most, keeps)


def test_cleared_cache_reads_lists_again(clock):
    list_cache = ListCache(clock)
    one = list_cache.listing("x", read_nothing, by_id)
    list_cache.clear()
    assert list_cache.listing("x", read_nothing, by_id) is not one


def test_session_is_shared_unless_an_item_waits_otherwise(make_client, clock):
    session = Session(make_client().client, clock=clock, wait_policy=WaitPolicy(True, 60, 1))
    assert session.with_wait_policy(WaitPolicy(True, 60, 1)) is session
    other = session.with_wait_policy(WaitPolicy(False))
    assert (session.wait_policy.wait, other.wait_policy.wait, other.client) == (True, False, session.client)
