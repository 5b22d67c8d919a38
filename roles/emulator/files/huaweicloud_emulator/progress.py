# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things that take time: they advance by being read, or by the clock.

A record in progress has ``since`` (when this leg began) and ``seen`` (reads that showed it since then).
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World


def start(world: World, record: dict[str, t.Any]) -> None:
    record["since"] = world.clock.now()
    record["seen"] = 0


def due(world: World, record: dict[str, t.Any], switch: str) -> bool:
    """Whether the leg has lasted as long as ``switch`` (running_after, gone_after, ...) says."""
    lasts = world.switches[switch]
    if world.switches["advance_by"] == "seconds":
        return world.clock.now() - record["since"] >= lasts
    return record["seen"] >= lasts


def observe(record: dict[str, t.Any]) -> None:
    record["seen"] += 1
