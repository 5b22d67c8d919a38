# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the state saved after every call, reads too: they let things advance."""

from __future__ import annotations

from huaweicloud_emulator.chain.step import Proceed, Step
from huaweicloud_emulator.messages import Call, Reply


class Saving(Step):
    async def __call__(self, call: Call, proceed: Proceed) -> Reply:
        try:
            return await proceed(call)
        finally:
            self.world.save()
