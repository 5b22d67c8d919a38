# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phases of a release. The vendor does not publish their names, so all of them are behaviors.

The states are starting (with one step for each phase before the last), running and failed; then ending or canceling;
then, for releases that are kept, ended or canceled.
"""

from __future__ import annotations

import typing as t

from huaweicloud_emulator import progress

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

PHASE_BEHAVIORS = {
    "failed": "release_failed_phase",
    "ending": "release_ending_phase",
    "canceling": "release_canceling_phase",
    "ended": "release_ended_phase",
    "canceled": "release_canceled_phase",
}
TERMINATED = ("ended", "canceled")
TERMINATING = {"ending": "ended", "canceling": "canceled"}


def phase_sequence(emulator: EmulatorState) -> list[str]:
    """Return the phases of a new release, in order."""
    return [phase.strip() for phase in emulator.behaviors["release_phases"].split(",")]


def get_phase(emulator: EmulatorState, record: Record) -> str:
    if record["forced_phase"] is not None:
        return record["forced_phase"]
    if record["state"] in PHASE_BEHAVIORS:
        return emulator.behaviors[PHASE_BEHAVIORS[record["state"]]]
    phases = phase_sequence(emulator)
    return phases[-1] if record["state"] == "running" else phases[min(record["step"], len(phases) - 1)]


def enter_state(emulator: EmulatorState, record: Record, state: str, forced: str | None = None) -> None:
    """Enter a state. In a phase ``forced`` by the control plane, the release does not advance."""
    record.update(state=state, forced_phase=forced, updated=emulator.clock.now())
    progress.start(emulator, record)


def start(emulator: EmulatorState, record: Record) -> None:
    record["step"] = 0
    enter_state(emulator, record, "starting")
    _start_up(emulator, record)


def advance(emulator: EmulatorState, record: Record) -> bool:
    """Advance the release and return whether it still exists."""
    if record["forced_phase"] is not None:
        return True
    if record["state"] == "starting":
        _start_up(emulator, record)
    elif record["state"] in TERMINATING and progress.is_due(emulator, record, "gone_after"):
        if emulator.behaviors["terminated_releases"] == "vanish":
            return False
        enter_state(emulator, record, TERMINATING[record["state"]])
    return True


def _start_up(emulator: EmulatorState, record: Record) -> None:
    """Pass the steps whose duration is over. Each step counts its own reads."""
    last = len(phase_sequence(emulator)) - 1
    while record["state"] == "starting" and (
        record["step"] >= last or progress.is_due(emulator, record, "running_after")
    ):
        record["step"] += 1
        if record["step"] >= last:
            enter_state(emulator, record, "running" if emulator.behaviors["release_creation"] == "works" else "failed")
        else:
            progress.start(emulator, record)


def infer_state(emulator: EmulatorState, record: Record, phase: str) -> str:
    """Return the state that a phase set by the control plane most likely means."""
    lowered = phase.lower()
    for state, behavior in PHASE_BEHAVIORS.items():
        if emulator.behaviors[behavior].lower() == lowered:
            return state
    phases = [entry.lower() for entry in phase_sequence(emulator)]
    if lowered == phases[-1]:
        return "running"
    return "starting" if lowered in phases else record["state"]
