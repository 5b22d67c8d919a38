# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The switch ``latency``."""

from __future__ import annotations

import asyncio

from huaweicloud_emulator.chain.step import Proceed, Step
from huaweicloud_emulator.messages import Call, Reply


class Delaying(Step):
    async def __call__(self, call: Call, proceed: Proceed) -> Reply:
        if self.world.switches["latency"]:
            await asyncio.sleep(self.world.switches["latency"])
        return await proceed(call)
