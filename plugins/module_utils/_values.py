# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Canonical forms of values in requests and responses, and a cache by the identity of a value."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import typing as t
from urllib.parse import urlsplit

K = t.TypeVar("K")
V = t.TypeVar("V")

# Go prints the name of the time zone after the offset ("+0800 CST", "+0330 +0330").
_TIME = re.compile(
    r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s*(?:(Z|UTC|GMT)|([+-]\d\d:?\d\d)(?:\s+(?:[A-Za-z]{1,6}|[+-]\d{2,4}))?)?$",
    re.ASCII,
)
_DIGITS = re.compile(r"^\d{9,13}$", re.ASCII)
# A larger number is in milliseconds (times from 1973), a smaller one in seconds (times until 5138).
_MAX_SECONDS = 10**11


class IdentityCache(t.Generic[K, V]):
    """A cache of expensive values. Keys are compared by identity, because they are not hashable, and must not change.

    An entry also holds its key: while the entry exists, no other object can have the identity of the key.
    """

    def __init__(self, make: t.Callable[[K], V]) -> None:
        self._make = make
        self._entries: dict[int, tuple[K, V]] = {}

    def get(self, key: K) -> V:
        """Return the value for a key. Raise the errors of ``make``, which is called again then."""
        entry = self._entries.get(id(key))
        if entry is None:
            entry = self._entries[id(key)] = (key, self._make(key))
        return entry[1]


def to_text(value: t.Any) -> str | None:
    """Return an ID or a name as text, None for None."""
    return None if value is None else id_to_text(value)


def id_to_text(value: str | float) -> str:
    """Return an ID as text; ``0`` and ``0.0`` become ``"0"``.

    A sample of the reference shows the ID of the default workspace as a number.
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def encode_json(value: t.Any) -> bytes:
    """Return the body of a request as JSON. Raise ValueError with a text that completes "the body ..."."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (RecursionError, TypeError, ValueError):
        raise ValueError("contains a value that JSON cannot represent") from None


def equals_ignore_case(one: t.Any, other: t.Any) -> bool:
    """Return whether two enumeration values are equal; the services use different cases."""
    return str(one).casefold() == str(other).casefold()


def format_time(value: str | float | None) -> str | None:
    """Return a date and time as RFC 3339 in UTC.

    ASM does not document its format, and ModelArts documents milliseconds. A text without an offset is in UTC. A number, also as text, is in
    milliseconds or seconds since the epoch, depending on its size. Other values are returned unchanged as text.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return _format_number(value)
    if _DIGITS.match(value.strip()):
        return _format_number(int(value))
    match = _TIME.match(value.strip())
    if match is None:
        return value
    day, clock, fraction, _name, offset = match.groups()
    micros = int(((fraction or ".0")[1:] + "000000")[:6])
    try:
        return _format_rfc3339(
            dt.datetime.fromisoformat(f"{day}T{clock}").replace(microsecond=micros, tzinfo=_parse_offset(offset))
        )
    except (ValueError, OverflowError):
        # For example month 13, or a year before 1.
        return value


def parse_moment(value: str) -> dt.datetime | None:
    """Return the time of an RFC 3339 text, or ``None`` for another text."""
    text = format_time(value)
    if text is None or not text.endswith("Z"):
        return None
    try:
        return dt.datetime.fromisoformat(text[:-1]).replace(tzinfo=dt.timezone.utc)
    except ValueError:
        return None


@functools.lru_cache(maxsize=1024, typed=True)
def _format_number(value: float) -> str:
    """Return a number as format_time does. Thousands of objects that were created together share the text."""
    try:
        millis = int(value * 1000) if abs(value) < _MAX_SECONDS else int(value)
        moment = dt.datetime.fromtimestamp(millis // 1000, dt.timezone.utc)
    except (ValueError, OverflowError, OSError):
        # The number is outside of the calendar.
        return str(value)
    return _format_rfc3339(moment.replace(microsecond=millis % 1000 * 1000))


def _parse_offset(text: str | None) -> dt.timezone:
    if not text:
        return dt.timezone.utc
    hours, minutes = int(text[1:3]), int(text[-2:])
    sign = -1 if text[0] == "-" else 1
    return dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))


def _format_rfc3339(moment: dt.datetime) -> str:
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(dt.timezone.utc).isoformat(timespec=precision).replace("+00:00", "Z")


_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_header(url: str) -> str:
    """Return the ``Host`` header that HTTP libraries send: in lower case, with IPv6 in brackets, without the default port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def is_loopback(host: str) -> bool:
    """Return whether a host name or an IP address is that of this machine."""
    import ipaddress

    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)(ms|s|m|h|d))", re.ASCII)
_PLAIN_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# About three years. Clocks of the operating system do not accept more.
_LONGEST_DURATION = 1e8


def parse_duration(value: float | str) -> float:
    """Return a duration in seconds: a number, or text such as ``30``, ``30s``, ``5m`` or ``1h30m``.

    Raise ValueError with a text that completes "the option ..." if the value is not a duration, or negative, or longer than three years.
    """
    seconds = _sum_units(value.strip()) if isinstance(value, str) else value
    if seconds is None or isinstance(seconds, bool) or not 0 <= seconds <= _LONGEST_DURATION:
        raise ValueError("must be a duration, for example 30, 30s, 5m or 2h")
    return float(seconds)


def _sum_units(text: str) -> float | None:
    if _PLAIN_SECONDS.fullmatch(text):
        return float(text)
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Return a duration in its largest units, for example ``1h30m`` or ``45s``."""
    millis = round(seconds * 1000)
    text = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, millis = divmod(millis, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
