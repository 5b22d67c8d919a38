# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's own time, so that tests can move it instead of sleeping."""

from __future__ import annotations

import datetime
import time
import typing as t


class Clock:
    """Seconds since the epoch: the system's clock plus an offset that only grows or shrinks when told to."""

    def __init__(self, source: t.Callable[[], float] = time.time) -> None:
        self._source = source
        self.offset = 0.0

    def now(self) -> float:
        return self._source() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def millis(self) -> int:
        return int(self.now() * 1000)


def moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, tz=datetime.timezone.utc)


def rfc3339(seconds: float) -> str:
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def iam_time(seconds: float) -> str:
    """The form of IAM: ``2025-01-02T03:04:05.678000Z``."""
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def asm_time(seconds: float, form: str) -> str | int:
    """The vendor does not publish the form of ASM's times; ``form`` is the behavior ``asm_time_format``."""
    if form == "epoch_ms":
        return int(seconds * 1000)
    if form == "rfc3339_fraction":
        return iam_time(seconds)
    return rfc3339(seconds)
