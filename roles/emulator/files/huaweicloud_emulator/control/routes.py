# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes of the control plane."""

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
from huaweicloud_emulator.iam import temporary_keys

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Body = t.Any
Action = t.Callable[["EmulatorState", Body], t.Any]


class ControlError(ValueError):
    """The body is not valid for the action."""


def _health(emulator: EmulatorState, body: Body) -> t.Any:
    return {
        "status": "ok",
        "pid": os.getpid(),
        "time": emulator.clock.now(),
        "requests": len(emulator.request_log.entries()),
    }


def _reset(emulator: EmulatorState, body: Body) -> t.Any:
    emulator.reset()
    return {}


def _behaviors(emulator: EmulatorState, body: Body) -> t.Any:
    return {"behaviors": emulator.behaviors.describe()}


def _change_behaviors(emulator: EmulatorState, body: Body) -> t.Any:
    if not isinstance(body, dict):
        raise ControlError("the body must be a mapping of names to values")
    emulator.behaviors.change(body)
    return {"behaviors": emulator.behaviors.values()}


def _seed(emulator: EmulatorState, body: Body) -> t.Any:
    return {"created": actions.seed(emulator, body)}


def _snapshot(emulator: EmulatorState, body: Body) -> t.Any:
    """Return the stores without credentials and keys, which a test does not restore."""
    snapshot = stores.TakeSnapshot(exclude=actions.SECRET_STORES)
    emulator.stores.accept(snapshot)
    return {"stores": snapshot.content, "behaviors": emulator.behaviors.values(), "clock": emulator.clock.offset}


def _restore(emulator: EmulatorState, body: Body) -> t.Any:
    if not isinstance(body, dict) or not isinstance(body.get("stores"), dict):
        raise ControlError("the body must be a snapshot")
    content = {name: records for name, records in body["stores"].items() if name not in actions.SECRET_STORES}
    emulator.behaviors.change(body.get("behaviors", {}))
    emulator.clock.offset = float(body.get("clock", emulator.clock.offset))
    emulator.stores.accept(stores.RestoreSnapshot(content))
    return {}


def _transitions(emulator: EmulatorState, body: Body) -> t.Any:
    return actions.transition(emulator, body)


def _traffic(emulator: EmulatorState, body: Body) -> t.Any:
    return actions.set_traffic(emulator, body)


def _list_traffic(emulator: EmulatorState, body: Body) -> t.Any:
    return {"services": actions.list_traffic(emulator)}


def _set_ready_pods(emulator: EmulatorState, body: Body) -> t.Any:
    return actions.set_ready_pods(emulator, body)


def _faults(emulator: EmulatorState, body: Body) -> t.Any:
    return {"faults": emulator.faults.pending()}


def _add_faults(emulator: EmulatorState, body: Body) -> t.Any:
    emulator.faults.add(body if isinstance(body, list) else [body])
    return _faults(emulator, body)


def _clear_faults(emulator: EmulatorState, body: Body) -> t.Any:
    emulator.faults.clear()
    return {}


def _request_log(emulator: EmulatorState, body: Body) -> t.Any:
    return {"requests": emulator.request_log.entries()}


def _clear_request_log(emulator: EmulatorState, body: Body) -> t.Any:
    emulator.request_log.clear()
    return {}


def _expire_tokens(emulator: EmulatorState, body: Body) -> t.Any:
    return {"expired": iam.expire_tokens(emulator)}


def _expire_keys(emulator: EmulatorState, body: Body) -> t.Any:
    return {"expired": temporary_keys.expire(emulator)}


def _unlock_keys(emulator: EmulatorState, body: Body) -> t.Any:
    return {"unlocked": iam.unlock_keys(emulator)}


def _advance_clock(emulator: EmulatorState, body: Body) -> t.Any:
    """Advance the clock by a number of seconds, which can be negative."""
    if not isinstance(body, dict) or not isinstance(body.get("advance"), (int, float)):
        raise ControlError("the body must be {advance: seconds}")
    emulator.clock.advance(body["advance"])
    return {"time": emulator.clock.now()}


TABLE: tuple[tuple[str, str, Action], ...] = (
    ("GET", "health", _health),
    ("POST", "reset", _reset),
    ("GET", "behaviors", _behaviors),
    ("PATCH", "behaviors", _change_behaviors),
    ("POST", "seed", _seed),
    ("GET", "snapshot", _snapshot),
    ("PUT", "snapshot", _restore),
    ("POST", "transitions", _transitions),
    ("GET", "traffic", _list_traffic),
    ("PUT", "traffic", _traffic),
    ("PUT", "ready_pods", _set_ready_pods),
    ("GET", "faults", _faults),
    ("POST", "faults", _add_faults),
    ("DELETE", "faults", _clear_faults),
    ("GET", "request_log", _request_log),
    ("DELETE", "request_log", _clear_request_log),
    ("POST", "tokens/expire", _expire_tokens),
    ("POST", "keys/expire", _expire_keys),
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


async def _serve(emulator: EmulatorState, action: Action, request: Request) -> JSONResponse:
    if not _is_local(request):
        return JSONResponse({"error": "the control plane only accepts requests from this machine"}, 403)
    try:
        raw = await request.body()
        result = action(emulator, json.loads(raw) if raw else {})
    except (ValueError, KeyError, TypeError) as error:
        # A rejected action does not change the state.
        return JSONResponse({"error": str(error) or type(error).__name__}, 400)
    emulator.save()
    return JSONResponse(result)


def routes(emulator: EmulatorState) -> list[Route]:
    return [
        Route(f"/_emulator/{path}", functools.partial(_serve, emulator, action), methods=[method])
        for method, path, action in TABLE
    ]
