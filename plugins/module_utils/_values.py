# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Canonical forms of the values the services answer with."""

from __future__ import annotations

import datetime as dt
import re
import typing as t

_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$")


def text_of(value: t.Any) -> str | None:
    """An id or name as text: ``0`` becomes ``"0"`` (one sample of the vendor shows the default workspace's id as a number)."""
    return None if value is None else str(value)


def same_word(one: t.Any, other: t.Any) -> bool:
    """Whether two words of an enumeration are the same: the services mix cases."""
    return str(one).casefold() == str(other).casefold()


def time_from_millis(value: int | None) -> str | None:
    """Milliseconds since the epoch as RFC 3339 in UTC; ``None`` stays ``None``, a number no calendar has stays a number."""
    if value is None:
        return None
    seconds, millis = divmod(int(value), 1000)
    try:
        return _rfc3339(dt.datetime.fromtimestamp(seconds, dt.timezone.utc).replace(microsecond=millis * 1000))
    except (ValueError, OverflowError, OSError):
        return str(value)


def time_from_text(value: str | int | None) -> str | None:
    """A date and time as RFC 3339 in UTC.

    ASM does not document its format. A text without an offset is taken as UTC, one that is no time stays as it is, and a number is milliseconds.
    """
    if isinstance(value, int):
        return time_from_millis(value)
    match = _TIME.match(value.strip()) if value else None
    if match is None:
        return value or None
    day, clock, fraction, offset = match.groups()
    micros = int(((fraction or ".0")[1:] + "000000")[:6])
    try:
        return _rfc3339(dt.datetime.fromisoformat(f"{day}T{clock}").replace(microsecond=micros, tzinfo=_offset(offset)))
    except (ValueError, OverflowError):
        # A month 13, or a year before the first
        return value


def moment_from_text(value: str) -> dt.datetime | None:
    """The moment an RFC 3339 text names, or ``None`` when it is none."""
    text = time_from_text(value)
    if text is None or not text.endswith("Z"):
        return None
    try:
        return dt.datetime.fromisoformat(text[:-1]).replace(tzinfo=dt.timezone.utc)
    except ValueError:
        return None


def _offset(text: str | None) -> dt.timezone:
    if not text or text in ("Z", "UTC"):
        return dt.timezone.utc
    hours, minutes = int(text[1:3]), int(text[-2:])
    sign = -1 if text[0] == "-" else 1
    return dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))


def _rfc3339(moment: dt.datetime) -> str:
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(dt.timezone.utc).isoformat(timespec=precision).replace("+00:00", "Z")
