# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations that take time: they advance with each read or with the clock.

A record in progress has ``since``, the start of the current step, and ``reads``, the reads since then.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState


def start(emulator: EmulatorState, record: dict[str, t.Any]) -> None:
    record["since"] = emulator.clock.now()
    record["reads"] = 0


def is_due(emulator: EmulatorState, record: dict[str, t.Any], behavior: str) -> bool:
    """Return whether the current step has lasted as long as the value of ``behavior``, such as running_after."""
    duration = emulator.behaviors[behavior]
    if emulator.behaviors["advance_by"] == "seconds":
        return emulator.clock.now() - record["since"] >= duration
    return record["reads"] >= duration


def count_read(record: dict[str, t.Any]) -> None:
    record["reads"] += 1
