# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cells of the fault matrix: a kind of fault, at a request of an operation, once, each time, or with everything after it."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import zlib
from unittest import mock

from ansible_collections.community.huaweicloud.plugins.module_utils._http import rate_limiter as _rate
from harness import Emulator
from invariants import (
    Reference,
    check_first_run,
    check_following_runs,
    current_state,
    find_blind_repetitions,
    reference_run,
    restore,
)
from operations import FAST_RATE, FEW_RETRIES, FEW_RETRIES_LONG_WAIT, SHORT_READ_TIMEOUT, Operation, call, variables

# The request meets it once; whenever it is sent from then on; or it and everything after it does.
ONCE, EACH_TIME, ALL_AFTER = "once", "each time", "all after it"
MODES = (ONCE, EACH_TIME, ALL_AFTER)


@dataclasses.dataclass(frozen=True)
class Fault:
    """One kind of fault; ``orders`` go to the control plane. With ``then`` it is met once, and after it those requests meet another one."""

    name: str
    kind: str
    orders: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    then: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


# Responses that prove that nothing was done. A 503 does not, because any intermediate host can send it.
REFUSALS = frozenset({401, 429})
_STATUSES = (400, 401, 403, 404, 408, 409, 413, 429, 500, 501, 502, 503, 504)
_GATEWAY = {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}
_THROTTLED = {"error_code": "APIGW.0308", "error_msg": "throttled"}

FAULTS = [
    *(Fault(str(status), "status", {"status": status}) for status in _STATUSES),
    # The gateway times out, but the service executes the request,
    *(Fault(f"{status}, done", "status", {"status": status, "apply_first": True}) for status in (500, 502, 504)),
    # and it rejects a second attempt, which does not prove that the first one failed.
    *(
        Fault(f"502, done, then {status}", "status", {"status": 502, "apply_first": True}, {"status": status})
        for status in (400, 403, 429)
    ),
    Fault("429, Retry-After", "status", {"status": 429, "headers": {"Retry-After": "0"}}),
    Fault("503, Retry-After", "status", {"status": 503, "headers": {"Retry-After": "0"}}),
    Fault("503, Retry-After, done", "status", {"status": 503, "headers": {"Retry-After": "0"}, "apply_first": True}),
    Fault("503, Retry-After an hour", "status", {"status": 503, "headers": {"Retry-After": "3600"}}),
    Fault("gateway's 404", "status", {"status": 404, "body": _GATEWAY}),
    Fault("error with 200", "status", {"status": 200, "body": _THROTTLED}),
    Fault("reset", "reset"),
    Fault("answer lost", "response_dropped"),
    Fault("stall", "stall", {"seconds": 600}),
    Fault("hang, done", "stall", {"seconds": 600, "apply_first": True}),
    Fault("truncated", "truncated", {"apply_first": False, "body": {"items": []}}),
    Fault("truncated, done", "truncated"),
    Fault("invalid_json", "invalid_json"),
    Fault("garbage, done", "invalid_json", {"apply_first": True}),
    Fault("HTML", "html"),
    Fault("HTML, done", "html", {"apply_first": True}),
    Fault("HTML with 200", "html", {"status": 200}),
    Fault("redirect", "redirect"),
    Fault("wrong shape", "schema_mismatch"),
    Fault("wrong shape, done", "schema_mismatch", {"apply_first": True}),
]

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True)
class Cell:
    """One case. ``request`` is the number of the request in a run without faults."""

    operation: Operation
    fault: Fault
    request: int
    mode: str


def pattern_of(path: str) -> str:
    """Fits this path in each run, whatever ids are made up in it."""
    pieces = [re.escape(piece) for piece in _ID.split(path)]
    return f"^{'[^/]+'.join(pieces)}$"


def orders(cell: Cell, requests: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the settings of the control plane that make this request the first one with the fault."""
    times = 1 if cell.mode == ONCE else None
    met = {"kind": cell.fault.kind, **_where(cell, requests)}
    if not cell.fault.then:
        return [{**cell.fault.orders, **met, "times": times}]
    return [{**cell.fault.orders, **met, "times": 1}, {**cell.fault.then, **met, "times": times}]


def _where(cell: Cell, requests: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    if cell.mode == ALL_AFTER:
        return {"skip": cell.request}
    found = requests[cell.request]
    pattern = pattern_of(found["path"])
    earlier = [
        one for one in requests[: cell.request] if one["method"] == found["method"] and re.match(pattern, one["path"])
    ]
    return {"method": found["method"], "path_regex": pattern, "skip": len(earlier)}


def title_of(request: t.Mapping[str, t.Any]) -> str:
    """Return the title of a request in the table, for example ``PUT /workspaces/ID/quotas``."""
    path = _ID.sub("ID", request["path"])
    return f"{request['method']} {re.sub(r'^/v[0-9]+/(ID/)?|^/v2/meshes/ID/', '/', path)}"


def cells_of(operation: Operation, fault: Fault, requests: int, whole: bool) -> list[Cell]:
    """All cells, or one of them: another one for each operation and fault."""
    cells = [Cell(operation, fault, number, mode) for number in range(requests) for mode in MODES]
    return cells if whole else [cells[zlib.crc32(f"{operation.name}/{fault.name}".encode()) % len(cells)]]


class Matrix:
    """Tries cells with one emulator, and keeps the runs without faults they are compared with."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._references: dict[str, Reference] = {}

    def reference(self, operation: Operation) -> Reference:
        if operation.name not in self._references:
            self._references[operation.name] = reference_run(self._emulator, operation)
        return self._references[operation.name]

    def try_cell(self, cell: Cell) -> tuple[bool, list[str]]:
        """Whether the task succeeded in spite of the fault, and all that is wrong."""
        emulator, operation, reference = self._emulator, cell.operation, self.reference(cell.operation)
        more = SHORT_READ_TIMEOUT if cell.fault.kind == "stall" else {}
        for settings in (FEW_RETRIES, FEW_RETRIES_LONG_WAIT):
            restore(emulator, reference.before)
            emulator.control("POST", "faults", orders(cell, reference.requests))
            with mock.patch.multiple(_rate, **FAST_RATE):
                task_result = call(operation, variables(emulator, operation.password), {**settings, **more})
            between = current_state(emulator)
            calls = emulator.request_log()
            met = any(one["fault"] for one in calls)
            emulator.control("DELETE", "faults")
            if met:
                break
        problems = [] if met else ["the fault was not met"]
        problems += check_first_run(operation, reference, task_result, between)
        problems += find_blind_repetitions(calls, REFUSALS)
        problems += check_following_runs(emulator, operation, reference, between)
        return not task_result.failed, problems
