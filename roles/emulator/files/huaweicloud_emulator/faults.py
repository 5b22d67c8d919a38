# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults ordered by the control plane for the next calls that match."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from huaweicloud_emulator.messages import HttpRequest

KINDS = (
    "status",
    "delay",
    "reset",
    "truncated",
    "invalid_json",
    "html",
    "redirect",
    "schema_mismatch",
    "response_dropped",
    "stall",
)
# The call is carried out and only its answer suffers, unless the fault says otherwise.
DONE = ("truncated", "response_dropped")


@dataclasses.dataclass
class Fault:
    """``times`` calls (``None``: for ever) after the first ``skip`` that match."""

    kind: str
    method: str | None = None
    path_regex: str = ""
    times: int | None = 1
    skip: int = 0
    status: int | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: t.Any = None
    seconds: float = 1.0
    apply_first: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault: kind {self.kind!r} is none of {', '.join(KINDS)}")
        if self.apply_first is None:
            self.apply_first = self.kind in DONE
        try:
            self._pattern = re.compile(self.path_regex)
        except re.error as error:
            raise ValueError(f"fault: path_regex does not compile: {error}") from None

    def matches(self, call: HttpRequest) -> bool:
        return self.method in (None, "", "*", call.method) and bool(self._pattern.search(call.path))

    @property
    def spent(self) -> bool:
        return self.times is not None and self.times <= 0


class Faults:
    """The faults in force, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, orders: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        """All of them or none; ValueError names what is wrong."""
        names = {field.name for field in dataclasses.fields(Fault)}
        made = []
        for order in orders:
            unknown = sorted(set(order) - names)
            if unknown or "kind" not in order:
                raise ValueError(f"fault: unknown {', '.join(unknown)}" if unknown else "fault: kind is required")
            made.append(Fault(**order))
        self._faults += made

    def take(self, call: HttpRequest) -> Fault | None:
        """The fault this call meets, used up by one."""
        for fault in self._faults:
            if fault.spent or not fault.matches(call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None

    def pending(self) -> list[dict[str, t.Any]]:
        return [dataclasses.asdict(fault) for fault in self._faults if not fault.spent]

    def clear(self) -> None:
        self._faults.clear()
