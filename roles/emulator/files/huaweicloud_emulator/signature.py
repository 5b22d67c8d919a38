# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compute ``SDK-HMAC-SHA256`` signatures from the request line as received.

The string to sign has three lines: algorithm, date and SHA-256 of the canonical request. The secret key is the key of
the HMAC. The canonical request has one line each for method, path, query, headers, header names and body hash.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import re
import typing as t
import urllib.parse

ALGORITHM = "SDK-HMAC-SHA256"
_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-fA-F]{{64}})")


@dataclasses.dataclass(frozen=True)
class Authorization:
    """A parsed Authorization header."""

    access_key: str
    signed: tuple[str, ...]
    signature: str


def parse_authorization(header: str) -> Authorization | None:
    """Parse the header. Returns ``None`` if it does not have the format of the scheme."""
    match = _AUTHORIZATION.fullmatch(header.strip())
    if not match:
        return None
    return Authorization(match[1], tuple(match[2].lower().split(";")), match[3].lower())


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="-_.~")


def canonicalize_path(raw: str) -> str:
    """Return the path decoded once, encoded again by segment, and with a slash at the end."""
    decoded = urllib.parse.unquote(raw or "/")
    path = "/".join(_quote(part) for part in decoded.split("/"))
    return path if path.endswith("/") else f"{path}/"


def canonicalize_query(raw: str) -> str:
    """Return the query sorted by decoded name and value. Each name has an equals sign, and a plus sign is a blank."""
    pairs = sorted(urllib.parse.parse_qsl(raw, keep_blank_values=True))
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in pairs)


def hash_body(headers: t.Mapping[str, str], body: bytes) -> str:
    """Return the body hash to sign, or UNSIGNED-PAYLOAD if the header has it."""
    declared = headers.get("x-sdk-content-sha256", "").strip()
    return declared if declared == "UNSIGNED-PAYLOAD" else hashlib.sha256(body).hexdigest()


def build_canonical_request(
    method: str, path: str, query: str, headers: t.Mapping[str, str], signed: t.Sequence[str], body: bytes
) -> str:
    """Return the canonical request. ``path`` and ``query`` are raw, and ``headers`` have lower-case names."""
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    parts = [
        method.upper(),
        canonicalize_path(path),
        canonicalize_query(query),
        lines,
        ";".join(signed),
        hash_body(headers, body),
    ]
    return "\n".join(parts)


def sign(secret_key: str, date: str, canonical: str) -> str:
    """Return the hexadecimal signature."""
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    text = f"{ALGORITHM}\n{date}\n{digest}"
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
