# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that the control plane injects into the next matching requests."""

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
# The service handles the request before the fault occurs, unless apply_first is set.
APPLY_FIRST_KINDS = ("truncated", "response_dropped")


@dataclasses.dataclass
class Fault:
    """A fault for ``times`` matching requests (``None``: no limit) after the first ``skip`` ones."""

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
            raise ValueError(f"fault: kind {self.kind!r} must be one of {', '.join(KINDS)}")
        if self.apply_first is None:
            self.apply_first = self.kind in APPLY_FIRST_KINDS
        try:
            self._pattern = re.compile(self.path_regex)
        except re.error as error:
            raise ValueError(f"fault: path_regex is not a valid regular expression: {error}") from None

    def matches(self, request: HttpRequest) -> bool:
        return self.method in (None, "", "*", request.method) and bool(self._pattern.search(request.path))

    @property
    def is_used_up(self) -> bool:
        return self.times is not None and self.times <= 0


class Faults:
    """The active faults, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, definitions: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        """Add all faults. Raises ValueError without adding any if one is invalid."""
        names = {field.name for field in dataclasses.fields(Fault)}
        added = []
        for definition in definitions:
            unknown = sorted(set(definition) - names)
            if unknown or "kind" not in definition:
                known = ", ".join(sorted(names))
                reason = f"unknown key {', '.join(unknown)} (known: {known})" if unknown else "kind is required"
                raise ValueError(f"fault: {reason}")
            added.append(Fault(**definition))
        self._faults += added

    def take(self, request: HttpRequest) -> Fault | None:
        """Return the fault for this request, if any, and count its use."""
        for fault in self._faults:
            if fault.is_used_up or not fault.matches(request):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None

    def pending(self) -> list[dict[str, t.Any]]:
        return [dataclasses.asdict(fault) for fault in self._faults if not fault.is_used_up]

    def clear(self) -> None:
        self._faults.clear()
