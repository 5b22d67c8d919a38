# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a release advances, and the words for it. The vendor does not publish the words, so all of them are switches.

States: starting (one leg for each word but the last), running, failed; then ending or canceling; then ended or
canceled for those that stay.
"""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Record = t.Dict[str, t.Any]

WORDS = {
    "failed": "release_failed_phase",
    "ending": "release_ending_phase",
    "canceling": "release_canceling_phase",
    "ended": "release_ended_phase",
    "canceled": "release_canceled_phase",
}
OVER = ("ended", "canceled")
LEAVING = {"ending": "ended", "canceling": "canceled"}


def course(world: World) -> list[str]:
    """The words of a new release, in order."""
    return [word.strip() for word in world.switches["release_phases"].split(",")]


def word(world: World, record: Record) -> str:
    if record["word"] is not None:
        return record["word"]
    if record["state"] in WORDS:
        return world.switches[WORDS[record["state"]]]
    words = course(world)
    return words[-1] if record["state"] == "running" else words[min(record["leg"], len(words) - 1)]


def enter(world: World, record: Record, state: str, forced: str | None = None) -> None:
    """Begins a state; ``forced`` is a word of the control plane's, and with it nothing moves by itself."""
    record.update(state=state, word=forced, updated=world.clock.now())
    progress.start(world, record)


def begin(world: World, record: Record) -> None:
    record["leg"] = 0
    enter(world, record, "starting")
    _start_up(world, record)


def settle(world: World, record: Record) -> bool:
    """Lets the release advance; false when it is gone."""
    if record["word"] is not None:
        return True
    if record["state"] == "starting":
        _start_up(world, record)
    elif record["state"] in LEAVING and progress.due(world, record, "gone_after"):
        if world.switches["terminated_releases"] == "vanish":
            return False
        enter(world, record, LEAVING[record["state"]])
    return True


def _start_up(world: World, record: Record) -> None:
    """Walks through the legs that are over; reads are counted anew on each."""
    last = len(course(world)) - 1
    while record["state"] == "starting" and (record["leg"] >= last or progress.due(world, record, "running_after")):
        record["leg"] += 1
        if record["leg"] >= last:
            enter(world, record, "running" if world.switches["release_creation"] == "works" else "failed")
        else:
            progress.start(world, record)


def state_of(world: World, record: Record, phase: str) -> str:
    """The state a word of the control plane's most likely means."""
    lowered = phase.lower()
    for state, switch in WORDS.items():
        if world.switches[switch].lower() == lowered:
            return state
    words = [one.lower() for one in course(world)]
    if lowered == words[-1]:
        return "running"
    return "starting" if lowered in words else record["state"]
