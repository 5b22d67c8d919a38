# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What one task uses: client, clock, waiting policy, cached lists, warnings."""

from __future__ import annotations

import copy
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    NO_DEADLINE,
    Clock,
    Deadline,
    SystemClock,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client

Params = t.Mapping[str, t.Any]
# An object as lists contain it.
Entry = t.TypeVar("Entry")


class CachedList(t.Generic[Entry]):
    """One complete list of a service, with its age and an index.

    ``read`` requests the list before a deadline. ``keys`` returns the keys of an entry; the first one identifies it. ``failure_max_age``
    returns for how many seconds an error of the list request is raised again without a new request.
    """

    def __init__(
        self,
        read: t.Callable[[Deadline], list[Entry]],
        keys: t.Callable[[Entry], t.Iterable[t.Hashable]],
        clock: Clock,
        failure_max_age: t.Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._read = read
        self._keys = keys
        self._clock = clock
        self._failure_max_age = failure_max_age
        self._read_at = self._failed_at = float("-inf")
        self._failure: HuaweiCloudError | None = None
        self._lock = threading.RLock()
        self._entries: dict[t.Hashable, Entry] = {}
        # The first entry of each key, and the rare additional ones. A list for each key would use too much memory.
        self._index: dict[t.Hashable, Entry] = {}
        self._further: dict[t.Hashable, list[Entry]] = {}

    def refresh(self, deadline: Deadline = NO_DEADLINE) -> CachedList[Entry]:
        """Read the list now. Its age counts from before the request, because it may lack what was created during the request."""
        with self._lock:
            asked_at = self._clock.monotonic()
            # On a failed refresh, do not fall back to the cached list.
            self._read_at = float("-inf")
            try:
                entries = self._read(deadline)
            except HuaweiCloudError as error:
                self._failed_at, self._failure = self._clock.monotonic(), error
                raise
            self._failure = None
            self._entries, self._index, self._further = {}, {}, {}
            for number, entry in enumerate(entries):
                self._add(entry, number)
            self._read_at = asked_at
        return self

    def read(self, max_age: float, deadline: Deadline = NO_DEADLINE) -> CachedList[Entry]:
        """Return the list, and read it before if it is older than ``max_age`` seconds. Raise a recent error of the request again."""
        with self._lock:
            if max_age > 0 and self._failure and self._clock.monotonic() - self._failed_at < self._failure_max_age():
                raise self._failure
            return self if self.age() < max_age else self.refresh(deadline)

    def age(self) -> float:
        return self._clock.monotonic() - self._read_at

    def all(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())

    def find_by_key(self, key: t.Hashable) -> list[Entry]:
        """Return the entries with that key, in the order of the list."""
        with self._lock:
            return [self._index[key], *self._further.get(key, ())] if key in self._index else []

    def update(self, entry: Entry) -> None:
        """Replace an entry with one that was read alone, so that the next lookup needs no list."""
        with self._lock:
            self.remove(entry)
            self._add(entry, None)

    def invalidate(self) -> None:
        """Have the next lookup read the list again."""
        with self._lock:
            self._read_at = float("-inf")

    def remove(self, entry: Entry) -> None:
        """Remove an entry."""
        with self._lock:
            known = self._entries.pop(next(iter(self._keys(entry))), None)
            for key in self._keys(known) if known else ():
                others = [other for other in self.find_by_key(key) if other is not known]
                self._index.pop(key, None)
                self._further.pop(key, None)
                for other in others:
                    self._add_key(key, other)

    def _add(self, entry: Entry, number: int | None) -> None:
        keys = list(self._keys(entry))
        # Two entries without an ID may have the same keys.
        is_taken = number is not None and keys[0] in self._entries
        self._entries[(keys[0], number) if is_taken else keys[0]] = entry
        for key in keys:
            self._add_key(key, entry)

    def _add_key(self, key: t.Hashable, entry: Entry) -> None:
        if self._index.setdefault(key, entry) is not entry:
            self._further.setdefault(key, []).append(entry)


class ListCache:
    """The cached lists of one connection, which all items of a loop share."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listings: dict[t.Hashable, CachedList[t.Any]] = {}
        # For how many seconds an error of a list request is raised again. Without it, many items would each repeat the failing request.
        self.failure_max_age = 0.0

    def clear(self) -> None:
        """Forget all lists. A resource that has one of them keeps it."""
        self._listings.clear()

    def listing(
        self,
        name: t.Hashable,
        read: t.Callable[[Deadline], list[Entry]],
        keys: t.Callable[[Entry], t.Iterable[t.Hashable]],
    ) -> CachedList[Entry]:
        """Return the list of that name. A new one is not read yet."""
        if name not in self._listings:
            self._listings[name] = CachedList(read, keys, self._clock, lambda: self.failure_max_age)
        return self._listings[name]


class CachePolicy:
    """How old a cached list may be for a lookup, in seconds. With 0, each lookup reads it again."""

    def __init__(self, max_age: float = 0.0) -> None:
        self.max_age = max_age


class DistinctWarnings:
    """Report each warning once. Many threads may call it."""

    def __init__(self, report: t.Callable[[str], None]) -> None:
        self._report = report
        self._reported: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, text: str) -> None:
        with self._lock:
            is_new = text not in self._reported
            self._reported.add(text)
        if is_new:
            self._report(text)


class Session:
    """What one task uses. It does not depend on Ansible, because modules and action plugins use it."""

    def __init__(
        self,
        client: Client,
        *,
        check_mode: bool = False,
        wait_policy: WaitPolicy | None = None,
        clock: Clock | None = None,
        warn: t.Callable[[str], None] = lambda text: None,
        progress: t.Callable[[str], None] = lambda text: None,
        list_cache: ListCache | None = None,
        cache_policy: CachePolicy | None = None,
        skip_details: bool = False,
        first_request: int = 0,
    ) -> None:
        """Create a session.

        ``progress`` receives a line for each change of a status during waiting. ``skip_details`` is whether lookups omit details that the task
        does not set, for tasks with many resources. ``first_request`` is the number of requests that the client has sent before.
        """
        self.client = client
        self.check_mode = check_mode
        self.wait_policy = wait_policy or WaitPolicy()
        self.clock: Clock = clock or SystemClock()
        # Several lookups may find a reason for the same warning.
        self.warn: t.Callable[[str], None] = DistinctWarnings(warn)
        self.progress = progress
        self.list_cache = list_cache or ListCache(self.clock)
        self.cache_policy = cache_policy or CachePolicy()
        self.skip_details = skip_details
        self._first_request = first_request

    def with_wait_policy(self, wait_policy: WaitPolicy) -> Session:
        """Return a session for one resource that may wait in another way. It shares everything else."""
        if wait_policy == self.wait_policy:
            return self
        session = copy.copy(self)
        session.wait_policy = wait_policy
        return session

    def until(self, deadline: Deadline) -> Session:
        """Return a session whose write requests are not sent after a deadline. It shares everything else."""
        session = copy.copy(self)
        session.client = self.client.until(deadline)
        return session

    def request_ids(self) -> list[str]:
        """Return the IDs of the requests of this task."""
        return self.client.request_ids[self._first_request :]

    def listing(
        self,
        name: t.Hashable,
        read: t.Callable[[Deadline], list[Entry]],
        keys: t.Callable[[Entry], t.Iterable[t.Hashable]],
    ) -> CachedList[Entry]:
        """Return the list of that name. All users of the cache share it."""
        return self.list_cache.listing(name, read, keys)

    @property
    def max_age(self) -> float:
        """How old a list may be for a lookup."""
        return self.cache_policy.max_age

    @property
    def keeps_lists(self) -> bool:
        return self.max_age > 0
