# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests and developers do to an emulator."""

from __future__ import annotations

import functools
import ipaddress
import json
import os
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from huaweicloud_emulator import stores
from huaweicloud_emulator.control import actions
from huaweicloud_emulator.iam import models as iam

if t.TYPE_CHECKING:
    from huaweicloud_emulator.world import World

Body = t.Any
Action = t.Callable[["World", Body], t.Any]


class Wrong(ValueError):
    """The body is not what the action takes."""


def _health(world: World, body: Body) -> t.Any:
    return {"status": "ok", "pid": os.getpid(), "time": world.clock.now(), "calls": len(world.journal.entries())}


def _reset(world: World, body: Body) -> t.Any:
    world.reset()
    return {}


def _switches(world: World, body: Body) -> t.Any:
    return {"behaviors": world.switches.describe()}


def _change_behaviors(world: World, body: Body) -> t.Any:
    if not isinstance(body, dict):
        raise Wrong("a mapping from names to values is wanted")
    world.switches.change(body)
    return {"behaviors": world.switches.values()}


def _seed(world: World, body: Body) -> t.Any:
    return {"made": actions.seed(world, body)}


def _snapshot(world: World, body: Body) -> t.Any:
    """Credentials and keys stay here: they are no part of what a test puts back."""
    taken = stores.TakeSnapshot(without=actions.SECRET_STORES)
    world.stores.accept(taken)
    return {"stores": taken.content, "behaviors": world.switches.values(), "clock": world.clock.offset}


def _restore(world: World, body: Body) -> t.Any:
    if not isinstance(body, dict) or not isinstance(body.get("stores"), dict):
        raise Wrong("a snapshot is wanted")
    content = {name: records for name, records in body["stores"].items() if name not in actions.SECRET_STORES}
    world.switches.change(body.get("behaviors", {}))
    world.clock.offset = float(body.get("clock", world.clock.offset))
    world.stores.accept(stores.RestoreSnapshot(content))
    return {}


def _transitions(world: World, body: Body) -> t.Any:
    return actions.transition(world, body)


def _traffic(world: World, body: Body) -> t.Any:
    return actions.shift_traffic(world, body)


def _faults(world: World, body: Body) -> t.Any:
    return {"faults": world.faults.pending()}


def _add_faults(world: World, body: Body) -> t.Any:
    world.faults.add(body if isinstance(body, list) else [body])
    return _faults(world, body)


def _clear_faults(world: World, body: Body) -> t.Any:
    world.faults.clear()
    return {}


def _journal(world: World, body: Body) -> t.Any:
    return {"calls": world.journal.entries()}


def _clear_journal(world: World, body: Body) -> t.Any:
    world.journal.clear()
    return {}


def _expire_tokens(world: World, body: Body) -> t.Any:
    return {"expired": iam.expire_all(world)}


def _unlock_keys(world: World, body: Body) -> t.Any:
    return {"unlocked": iam.unlock_all(world)}


def _advance_clock(world: World, body: Body) -> t.Any:
    """Seconds forward, or back when negative."""
    if not isinstance(body, dict) or not isinstance(body.get("advance"), (int, float)):
        raise Wrong("{advance: seconds} is wanted")
    world.clock.advance(body["advance"])
    return {"time": world.clock.now()}


TABLE: tuple[tuple[str, str, Action], ...] = (
    ("GET", "health", _health),
    ("POST", "reset", _reset),
    ("GET", "behaviors", _switches),
    ("PATCH", "behaviors", _change_behaviors),
    ("POST", "seed", _seed),
    ("GET", "snapshot", _snapshot),
    ("PUT", "snapshot", _restore),
    ("POST", "transitions", _transitions),
    ("PUT", "traffic", _traffic),
    ("GET", "faults", _faults),
    ("POST", "faults", _add_faults),
    ("DELETE", "faults", _clear_faults),
    ("GET", "request_log", _journal),
    ("DELETE", "request_log", _clear_journal),
    ("POST", "tokens/expire", _expire_tokens),
    ("POST", "keys/unlock", _unlock_keys),
    ("POST", "clock", _advance_clock),
)


def _is_local(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _serve(world: World, action: Action, request: Request) -> JSONResponse:
    if not _is_local(request):
        return JSONResponse({"error": "the control plane answers to this machine only"}, 403)
    try:
        raw = await request.body()
        answer = action(world, json.loads(raw) if raw else {})
    except (ValueError, KeyError, TypeError) as error:
        # Nothing of what was asked is half done: a refused action leaves the state as it was.
        return JSONResponse({"error": str(error) or type(error).__name__}, 400)
    world.save()
    return JSONResponse(answer)


def routes(world: World) -> list[Route]:
    return [
        Route(f"/_emulator/{path}", functools.partial(_serve, world, action), methods=[method])
        for method, path, action in TABLE
    ]
