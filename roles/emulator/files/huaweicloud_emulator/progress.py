# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things that take time: they advance by being read, or by the clock.

A record in progress has ``since`` (when this leg began) and ``seen`` (reads that showed it since then).
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState


def start(emulator: EmulatorState, record: dict[str, t.Any]) -> None:
    record["since"] = emulator.clock.now()
    record["seen"] = 0


def due(emulator: EmulatorState, record: dict[str, t.Any], behavior: str) -> bool:
    """Whether the leg has lasted as long as ``behavior`` (phase_duration, deletion_duration, ...) says."""
    lasts = emulator.behaviors[behavior]
    if emulator.behaviors["advance_by"] == "seconds":
        return emulator.clock.now() - record["since"] >= lasts
    return record["seen"] >= lasts


def observe(record: dict[str, t.Any]) -> None:
    record["seen"] += 1
