# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the journal."""

from __future__ import annotations

from huaweicloud_emulator.chain.step import Proceed, Step
from huaweicloud_emulator.messages import Call, Reply


class Recording(Step):
    async def __call__(self, call: Call, proceed: Proceed) -> Reply:
        world = self.world
        entry = world.journal.open(call, world.clock.now(), world.secrets())
        reply = await proceed(call)
        world.journal.close(entry, call, reply, world.secrets())
        return reply
