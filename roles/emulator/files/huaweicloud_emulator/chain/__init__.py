# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request: a chain of small steps, each calling the next one, with the operation's handler at the end."""

from __future__ import annotations

import functools
import typing as t

from huaweicloud_emulator.chain.authenticating import Authenticating
from huaweicloud_emulator.chain.delaying import Delaying
from huaweicloud_emulator.chain.faulting import Faulting
from huaweicloud_emulator.chain.marking import Marking
from huaweicloud_emulator.chain.permitting import Permitting
from huaweicloud_emulator.chain.recording import Recording
from huaweicloud_emulator.chain.refusing import Refusing
from huaweicloud_emulator.chain.routing import Routing
from huaweicloud_emulator.chain.saving import Saving
from huaweicloud_emulator.chain.throttling import Throttling
from huaweicloud_emulator.chain.validating import Validating
from huaweicloud_emulator.messages import Call, Reply

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Proceed = t.Callable[[Call], t.Awaitable[Reply]]
Handler = t.Callable[["World", Call], Reply]

STEPS = (
    Marking,
    Recording,
    Refusing,
    Faulting,
    Delaying,
    Routing,
    Throttling,
    Authenticating,
    Permitting,
    Validating,
    Saving,
)


def build(world: World, handlers: t.Mapping[str, Handler]) -> Proceed:
    """The chain as one function from call to reply."""

    async def handle(call: Call) -> Reply:
        return handlers[call.operation.id](world, call)

    proceed: Proceed = handle
    for step in reversed(STEPS):
        proceed = functools.partial(step(world).__call__, proceed=proceed)
    return proceed
