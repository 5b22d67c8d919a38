# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The record of a rollout: one JSON object in a line for each event, for reports and for other programs."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import format_moment
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

STATE, WEIGHT, SAMPLE, DECISION, OUTCOME = "state", "weight", "sample", "decision", "outcome"
EVENTS = (STATE, WEIGHT, SAMPLE, DECISION, OUTCOME)
# The record can name internal services.
_MODE = 0o600

Line = t.Dict[str, t.Any]


class Record:
    """The events of one run. Each line is also appended to a file when it happens, so that a killed run leaves it complete."""

    def __init__(
        self, release: str, service: str, path: str | None = None, warn: t.Callable[[str], None] = lambda text: None
    ) -> None:
        self.lines: list[Line] = []
        self._warn = warn
        self._fixed = {"release": release, "service": service}
        self._path = path

    def open(self) -> None:
        """Create the file if it does not exist. Raise OptionError if it cannot be written."""
        try:
            self._append("")
        except OSError as error:
            raise OptionError(f"The record {self._path} cannot be written: {error.strerror}.") from None

    def add(
        self,
        event: str,
        moment: dt.datetime | str,
        message: str,
        *,
        step: int | None = None,
        stage: str = "",
        weight: int | None = None,
        metric: str | None = None,
        value: float | None = None,
        baseline: float | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        verdict: str | None = None,
    ) -> None:
        """Add an event. Numbers that JSON cannot represent become None.

        A rollout in progress does not end because its record cannot be written any more, so that is a warning.
        """
        line = {
            "time": moment if isinstance(moment, str) else format_moment(moment),
            "event": event,
            **self._fixed,
            "step": step,
            "stage": stage,
            "weight": weight,
            "metric": metric,
            "value": _finite(value),
            "baseline": _finite(baseline),
            "min": _finite(minimum),
            "max": _finite(maximum),
            "verdict": verdict,
            "message": message,
        }
        self.lines.append(line)
        try:
            self._append(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
        except OSError as error:
            self._warn(f"The record {self._path} cannot be written: {error.strerror}.")

    def _append(self, text: str) -> None:
        if not self._path:
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE)
        try:
            # One call, so that the lines of two processes are never mixed.
            os.write(descriptor, text.encode("utf-8"))
        finally:
            os.close(descriptor)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
