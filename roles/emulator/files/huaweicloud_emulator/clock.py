# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the emulator, which tests advance instead of sleeping."""

from __future__ import annotations

import datetime
import time
import typing as t


class Clock:
    """Seconds since the epoch: the system clock plus an offset that only ``advance`` changes."""

    def __init__(self, source: t.Callable[[], float] = time.time) -> None:
        self._source = source
        self.offset = 0.0

    def now(self) -> float:
        return self._source() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def now_ms(self) -> int:
        return int(self.now() * 1000)


def to_datetime(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, tz=datetime.timezone.utc)


def format_rfc3339(seconds: float) -> str:
    return to_datetime(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_iam_time(seconds: float) -> str:
    """Return the format of IAM: ``2025-01-02T03:04:05.678000Z``."""
    return to_datetime(seconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def format_asm_time(seconds: float, form: str) -> str | int:
    """Return a time in the format of the behavior ``asm_time_format``, because the vendor does not publish one."""
    if form == "epoch_ms":
        return int(seconds * 1000)
    if form == "rfc3339_fraction":
        return format_iam_time(seconds)
    return format_rfc3339(seconds)
