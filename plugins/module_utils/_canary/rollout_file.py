# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The content of a rollout file, validated and with its defaults. ``rollout_options`` reads it."""

from __future__ import annotations

import dataclasses
import typing as t

ROLLBACK_ON_FAILURE, HOLD_ON_FAILURE = "rollback", "hold"


@dataclasses.dataclass(frozen=True)
class Step:
    """One step. ``match`` are the conditions of testers, ``metrics`` the names of the metrics to analyze, ``pause`` is in seconds."""

    weight: int = 0
    match: t.Optional[t.Mapping[str, t.Any]] = None
    pause: float = 0.0
    metrics: tuple[str, ...] = ()
    approval: bool = False


@dataclasses.dataclass(frozen=True)
class RolloutFile:
    """A rollout. All times are in seconds; None means no limit.

    ``release`` is ``namespace/name``, ``digest`` identifies the release and its templates. ``original_version`` and
    ``gray_version`` are values of the label ``version``. ``listed_steps`` are those of the file. If they do not
    end at 100 %, the rollout waits after the last one, and a promotion adds a step of 100 %.
    """

    release: str
    digest: str
    listed_steps: tuple[Step, ...]
    on_failure: str = ROLLBACK_ON_FAILURE
    step_timeout: t.Optional[float] = 3600.0
    deadline: t.Optional[float] = None
    approval_timeout: t.Optional[float] = None
    end_timeout: float = 600.0
    propagation: float = 10.0
    poll_interval: float = 5.0
    lease_duration: float = 60.0
    min_ready_gray: int = 1
    min_ready_original: t.Optional[int] = None
    original_version: str = ""
    gray_version: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of a promoted rollout. The last one has a weight of 100."""
        return self.listed_steps if self._ends_at_100() else (*self.listed_steps, Step(100))

    @property
    def last_listed(self) -> int:
        """The number of the last step of the file, from 1."""
        return len(self.listed_steps)

    def step(self, number: int) -> Step:
        """Return a step by its number, from 1."""
        return self.steps[number - 1]

    def match(self, number: int) -> t.Mapping[str, t.Any]:
        """Return the conditions of testers that are in force in a step: those of the last step up to it that sets any, or an empty mapping."""
        found = [step.match for step in self.steps[:number] if step.match is not None]
        return found[-1] if found else {}

    def needs_approval(self, number: int) -> bool:
        """Return whether the rollout waits after a step."""
        return self.step(number).approval or (number == self.last_listed and not self._ends_at_100())

    def is_approvable(self, number: int) -> bool:
        """Return whether an approval of a step is enough to continue. After the last step below 100 %, only a promotion does."""
        return number != self.last_listed or self._ends_at_100()

    def _ends_at_100(self) -> bool:
        return self.listed_steps[-1].weight == 100
