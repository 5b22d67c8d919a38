# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Canonical forms of the values that are sent, and that the services answer with."""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t
from urllib.parse import urlsplit

# Go prints the name of the zone behind the offset ("+0800 CST", "+0330 +0330").
_TIME = re.compile(
    r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s*(?:(Z|UTC|GMT)|([+-]\d\d:?\d\d)(?:\s+(?:[A-Za-z]{1,6}|[+-]\d{2,4}))?)?$",
    re.ASCII,
)
_DIGITS = re.compile(r"^\d{9,13}$", re.ASCII)
# Above it a number counts milliseconds (from 1973 on), below it seconds (to 5138).
_MOST_SECONDS = 10**11


def to_text(value: t.Any) -> str | None:
    """An id or name as text: ``0`` becomes ``"0"`` (one sample of the vendor shows the default workspace's id as a number), and so does ``0.0``."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else str(value)


def as_json(value: t.Any) -> bytes:
    """The body of a request. Raises ValueError with words that complete "the body ..."."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (RecursionError, TypeError, ValueError):
        raise ValueError("holds what JSON can not carry") from None


def equals_ignore_case(one: t.Any, other: t.Any) -> bool:
    """Whether two words of an enumeration are the same: the services mix cases."""
    return str(one).casefold() == str(other).casefold()


def time_from_text(value: str | float | None) -> str | None:
    """A date and time as RFC 3339 in UTC.

    ASM does not document its format, ModelArts says milliseconds. A text without an offset is taken as UTC, a number (or its digits) as milliseconds
    or seconds since the epoch, whichever its size tells. What is no time stays as it is, as text.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return _time_from_number(value)
    if _DIGITS.match(value.strip()):
        return _time_from_number(int(value))
    match = _TIME.match(value.strip())
    if match is None:
        return value
    day, clock, fraction, _name, offset = match.groups()
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


def _time_from_number(value: float) -> str:
    try:
        millis = int(value * 1000) if abs(value) < _MOST_SECONDS else int(value)
        moment = dt.datetime.fromtimestamp(millis // 1000, dt.timezone.utc)
    except (ValueError, OverflowError, OSError):
        # No calendar has it.
        return str(value)
    return _rfc3339(moment.replace(microsecond=millis % 1000 * 1000))


def _offset(text: str | None) -> dt.timezone:
    if not text:
        return dt.timezone.utc
    hours, minutes = int(text[1:3]), int(text[-2:])
    sign = -1 if text[0] == "-" else 1
    return dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))


def _rfc3339(moment: dt.datetime) -> str:
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(dt.timezone.utc).isoformat(timespec=precision).replace("+00:00", "Z")


_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_header(url: str) -> str:
    """The ``Host`` that HTTP libraries send for ``url``: in lower case, IPv6 in brackets, without a default port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"
