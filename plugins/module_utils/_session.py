# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What one task works with: the client, the clock, how long to wait, and where warnings go."""

from __future__ import annotations

import dataclasses
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock, SystemClock, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client

Params = t.Mapping[str, t.Any]
Entry = t.Dict[str, t.Any]
Keys = t.Callable[[Entry], t.Iterable[t.Hashable]]


class CachedList:
    """One complete list of a service: how old it is, and what is in it by key.

    ``keys`` gives the keys an entry is found under; the first of them says which entry it is. ``failure_lasts`` says for how many seconds
    a list that could not be read is not tried again for one who asks next.
    """

    def __init__(
        self,
        read: t.Callable[[], list[Entry]],
        keys: Keys,
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
        self._index: dict[t.Hashable, dict[t.Hashable, Entry]] = {}

    def refresh(self) -> CachedList:
        """Reads the list now. Its age counts from before the request: what came during it may be missing."""
        with self._lock:
            asked_at = self._clock.monotonic()
            # Whoever asked for it anew does not want the old one when the new one can not be had.
            self._read_at = float("-inf")
            try:
                entries = self._read()
            except HuaweiCloudError as error:
                self._failed_at, self._failure = self._clock.monotonic(), error
                raise
            self._failure = None
            self._entries, self._index = {}, {}
            for number, entry in enumerate(entries):
                self._add(entry, number)
            self._read_at = asked_at
        return self

    def read(self, max_age: float) -> CachedList:
        """The list, read anew unless it is younger than ``max_age`` seconds. Raises the last error again where that is to last."""
        with self._lock:
            if max_age > 0 and self._failure and self._clock.monotonic() - self._failed_at < self._failure_max_age():
                raise self._failure
            return self if self.age() < max_age else self.refresh()

    def age(self) -> float:
        return self._clock.monotonic() - self._read_at

    def all(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())

    def find_by_key(self, key: t.Hashable) -> list[Entry]:
        """The entries with that key, in the order of the list."""
        with self._lock:
            return list(self._index.get(key, {}).values())

    def update(self, entry: Entry) -> None:
        """Takes over what was just read back of one entry, so that the next look needs no list."""
        with self._lock:
            self.remove(entry)
            self._add(entry, None)

    def invalidate(self) -> None:
        """Makes the next look read the list anew: something is about to change in it."""
        with self._lock:
            self._read_at = float("-inf")

    def remove(self, entry: Entry) -> None:
        """Takes an entry out that is known to be gone."""
        with self._lock:
            known = self._entries.pop(self._identity(entry, None), None)
            for key in self._keys(known) if known else ():
                self._index[key].pop(self._identity(entry, None), None)

    def _add(self, entry: Entry, number: int | None) -> None:
        identity = self._identity(entry, number)
        self._entries[identity] = entry
        for key in self._keys(entry):
            self._index.setdefault(key, {})[identity] = entry

    def _identity(self, entry: Entry, number: int | None) -> t.Hashable:
        first = next(iter(self._keys(entry)))
        # Twins without an id are still two.
        return (first, number) if number is not None and first in self._entries else first


class ListCache:
    """What outlives one item of a loop: the client and the lists, for one connection."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listings: dict[t.Hashable, CachedList] = {}
        # How long a failure to read a list stands for all who want to know. Many who each tried again would do nothing else for hours.
        self.failure_max_age = 0.0

    def listing(self, name: t.Hashable, read: t.Callable[[], list[Entry]], keys: Keys) -> CachedList:
        """The list of that name, the same each time; not read yet the first time."""
        if name not in self._listings:
            self._listings[name] = CachedList(read, keys, self._clock, lambda: self.failure_max_age)
        return self._listings[name]


@dataclasses.dataclass
class CachePolicy:
    """How old a kept list may be when something is looked up in it. 0: every look reads it anew."""

    max_age: float = 0.0


@dataclasses.dataclass
class Session:
    """One task's means. Knows no Ansible: a module and an action plugin both make one."""

    client: Client
    check_mode: bool = False
    wait_policy: WaitPolicy = WaitPolicy()
    clock: Clock = dataclasses.field(default_factory=SystemClock)
    warn: t.Callable[[str], None] = lambda text: None
    # Told each change of state while something is waited for.
    progress: t.Callable[[str], None] = lambda text: None
    list_cache: t.Optional[ListCache] = None
    # One for all copies of a session.
    cache_policy: CachePolicy = dataclasses.field(default_factory=CachePolicy)
    # Reads of a thing only what the wish is about, and leaves it to the caller to look after many at once.
    skip_details: bool = False
    first_request: int = 0

    def __post_init__(self) -> None:
        # What is worth a warning is found again at every look, and said once.
        self.warn = _once(self.warn)
        if self.list_cache is None:
            self.list_cache = ListCache(self.clock)

    def request_ids(self) -> list[str]:
        """The ids of the requests made for this task so far."""
        return self.client.request_ids[self.first_request :]

    def listing(self, name: t.Hashable, read: t.Callable[[], list[Entry]], keys: Keys) -> CachedList:
        """The list of that name, shared with whoever shares the shelf."""
        return t.cast(ListCache, self.list_cache).listing(name, read, keys)

    @property
    def max_age(self) -> float:
        """How old a list may be now."""
        return self.cache_policy.max_age

    @property
    def keeps_lists(self) -> bool:
        return self.max_age > 0


def _once(say: t.Callable[[str], None]) -> t.Callable[[str], None]:
    said: set[str] = set()
    lock = threading.Lock()

    def say_new(text: str) -> None:
        with lock:
            is_new = text not in said
            said.add(text)
        if is_new:
            say(text)

    return say_new
