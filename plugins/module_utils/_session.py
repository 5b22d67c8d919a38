# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What one task works with: the client, the clock, how long to wait, and where warnings go."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._http import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import Clock, Patience

Params = t.Mapping[str, t.Any]


class RealClock:
    """Time as it is."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclasses.dataclass
class Session:
    """One task's means. Knows no Ansible: a module and an action plugin both make one."""

    client: Client
    check_mode: bool = False
    patience: Patience = Patience()
    clock: Clock = dataclasses.field(default_factory=RealClock)
    warn: t.Callable[[str], None] = lambda text: None

    def __post_init__(self) -> None:
        # What is worth a warning is found again at every look, and said once.
        self.warn = _once(self.warn)

    def pause(self, seconds: float | None = None) -> bool:
        """Lets so many seconds pass; without a number those between two looks, if the user wants to wait. Says whether any passed."""
        if seconds is None and not self.patience.wait:
            return False
        self.clock.sleep(self.patience.interval if seconds is None else seconds)
        return True


def _once(say: t.Callable[[str], None]) -> t.Callable[[str], None]:
    said: set[str] = set()

    def say_new(text: str) -> None:
        if text not in said:
            said.add(text)
            say(text)

    return say_new


class Listing:
    """One complete list of a service, and how old it is."""

    def __init__(self, read: t.Callable[[], list[dict[str, t.Any]]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._read_at = float("-inf")
        self.entries: list[dict[str, t.Any]] = []

    def refresh(self) -> list[dict[str, t.Any]]:
        """Reads the list now. Its age counts from before the request: what came during it may be missing."""
        asked_at = self._clock.monotonic()
        self.entries = self._read()
        self._read_at = asked_at
        return self.entries

    def age(self) -> float:
        return self._clock.monotonic() - self._read_at
