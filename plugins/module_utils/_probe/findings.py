# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The findings of the probes, one for each assumption."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._probe.assumptions import (
    ASSUMPTIONS,
    GATEWAY,
    UNPROBED,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.response import Data, ProbeResponse

CONFIRMED, REFUTED, INCONCLUSIVE = "confirmed", "refuted", "inconclusive"
STATES = (CONFIRMED, REFUTED, INCONCLUSIVE)

_ASSUMED = {assumption.name: assumption.assumed for assumption in ASSUMPTIONS}
_TIME_FORMATS = {
    "epoch_ms": r"\d{13}",
    "rfc3339_fraction": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)",
    "rfc3339": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
}


class Findings:
    """Collects what the probes find out about each assumption."""

    def __init__(self) -> None:
        self._found: dict[str, Data] = {}

    def record(
        self, name: str, found: t.Any, evidence: t.Any, *responses: ProbeResponse, confirmed: bool | None = None
    ) -> None:
        """Record the value ``found``, or inconclusive if the evidence or one of ``responses`` is an inconclusive response.

        The assumption is confirmed if the value is the assumed one. ``confirmed`` overrides this comparison.
        """
        candidates = [response for response in (evidence, *responses) if isinstance(response, ProbeResponse)]
        unusable = [response for response in candidates if response.is_inconclusive]
        if unusable:
            self.mark_inconclusive(unusable[0], name)
            return
        is_confirmed = str(found) == _ASSUMED[name] if confirmed is None else confirmed
        state = CONFIRMED if is_confirmed else REFUTED
        self._found[name] = {"found": str(found), "state": state, "evidence": str(evidence)}

    def record_with_control(self, control: ProbeResponse, name: str, found: t.Any, response: ProbeResponse) -> None:
        """Record ``found`` if ``response`` accepts, or if the service accepted the same request without the tested feature."""
        if response.accepted or control.accepted:
            self.record(name, found, response)
        else:
            self.mark_inconclusive(f"the control request is refused too: {control}", name)

    def record_time_format(self, times: t.Iterable[t.Any]) -> None:
        """Record the format of the first time that is set."""
        text = str(next((time for time in times if time), ""))
        if text:
            formats = (name for name, pattern in _TIME_FORMATS.items() if re.fullmatch(pattern, text))
            self.record("asm_time_format", next(formats, "other"), text)

    def mark_inconclusive(self, reason: t.Any, *names: str) -> None:
        """Record why nothing can be concluded about ``names``. Earlier findings have precedence."""
        for name in names:
            self._found.setdefault(name, {"found": None, "state": INCONCLUSIVE, "evidence": str(reason)})

    def found_value(self, name: str) -> str | None:
        """Return the value that was found, or None."""
        return self._found.get(name, {}).get("found")

    def is_recorded(self, name: str) -> bool:
        """Return whether a finding exists, also an inconclusive one."""
        return name in self._found

    def to_result(self, services: t.Collection[str]) -> list[Data]:
        """Return one entry for each assumption about ``services`` and the gateway, in the order of ASSUMPTIONS."""
        return [
            {
                "service": assumption.service,
                "name": assumption.name,
                "description": assumption.description,
                "assumed": assumption.assumed,
                **self._found.get(assumption.name, _describe_unprobed(assumption.name)),
            }
            for assumption in ASSUMPTIONS
            if assumption.service in (*services, GATEWAY)
        ]


def count_states(assumptions: t.Sequence[Data]) -> dict[str, int]:
    """Return the number of assumptions in each state."""
    return {state: sum(entry["state"] == state for entry in assumptions) for state in STATES}


def _describe_unprobed(name: str) -> Data:
    return {"found": None, "state": INCONCLUSIVE, "evidence": UNPROBED.get(name, "the probe did not get this far")}
