# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every step has."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.messages import Call, Reply

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Proceed = t.Callable[[Call], t.Awaitable[Reply]]


class Step:
    def __init__(self, world: World) -> None:
        self.world = world

    async def __call__(self, call: Call, proceed: Proceed) -> Reply:
        """Answers itself, or lets the rest of the chain answer."""
        return await proceed(call)
