# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a release advances, and the words for it. The vendor does not publish the words, so all of them are behaviors.

States: starting (one leg for each word but the last), running, failed; then ending or canceling; then ended or
canceled for those that stay.
"""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

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


def phase_sequence(emulator: EmulatorState) -> list[str]:
    """The words of a new release, in order."""
    return [word.strip() for word in emulator.behaviors["release_phases"].split(",")]


def word(emulator: EmulatorState, record: Record) -> str:
    if record["word"] is not None:
        return record["word"]
    if record["state"] in WORDS:
        return emulator.behaviors[WORDS[record["state"]]]
    words = phase_sequence(emulator)
    return words[-1] if record["state"] == "running" else words[min(record["leg"], len(words) - 1)]


def enter(emulator: EmulatorState, record: Record, state: str, forced: str | None = None) -> None:
    """Begins a state; ``forced`` is a word of the control plane's, and with it nothing moves by itself."""
    record.update(state=state, word=forced, updated=emulator.clock.now())
    progress.start(emulator, record)


def begin(emulator: EmulatorState, record: Record) -> None:
    record["leg"] = 0
    enter(emulator, record, "starting")
    _start_up(emulator, record)


def advance(emulator: EmulatorState, record: Record) -> bool:
    """Lets the release advance; false when it is gone."""
    if record["word"] is not None:
        return True
    if record["state"] == "starting":
        _start_up(emulator, record)
    elif record["state"] in LEAVING and progress.due(emulator, record, "deletion_duration"):
        if emulator.behaviors["terminated_releases"] == "removed":
            return False
        enter(emulator, record, LEAVING[record["state"]])
    return True


def _start_up(emulator: EmulatorState, record: Record) -> None:
    """Walks through the legs that are over; reads are counted anew on each."""
    last = len(phase_sequence(emulator)) - 1
    while record["state"] == "starting" and (record["leg"] >= last or progress.due(emulator, record, "phase_duration")):
        record["leg"] += 1
        if record["leg"] >= last:
            enter(emulator, record, "running" if emulator.behaviors["release_creation"] == "succeeds" else "failed")
        else:
            progress.start(emulator, record)


def state_of(emulator: EmulatorState, record: Record, phase: str) -> str:
    """The state a word of the control plane's most likely means."""
    lowered = phase.lower()
    for state, behavior in WORDS.items():
        if emulator.behaviors[behavior].lower() == lowered:
            return state
    words = [one.lower() for one in phase_sequence(emulator)]
    if lowered == words[-1]:
        return "running"
    return "starting" if lowered in words else record["state"]
