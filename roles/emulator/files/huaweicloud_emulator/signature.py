# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifies ``SDK-HMAC-SHA256`` signatures from the request line as it came.

The scheme: string to sign = algorithm, date and SHA-256 of the canonical request, one a line; the key of the HMAC is
the secret key itself. The canonical request is method, path, query, headers, names of the headers, hash of the body.
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


def parse(header: str) -> Authorization | None:
    """``None`` when the header does not have the form of the scheme."""
    found = _AUTHORIZATION.fullmatch(header.strip())
    if not found:
        return None
    return Authorization(found[1], tuple(found[2].lower().split(";")), found[3].lower())


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="-_.~")


def canonical_path(raw: str) -> str:
    """Decoded once, encoded part by part, with a slash at the end that the request line need not have."""
    decoded = urllib.parse.unquote(raw or "/")
    path = "/".join(_quote(part) for part in decoded.split("/"))
    return path if path.endswith("/") else f"{path}/"


def canonical_query(raw: str) -> str:
    """Sorted by decoded name and value; every name with its equals sign; a plus sign is a blank."""
    pairs = sorted(urllib.parse.parse_qsl(raw, keep_blank_values=True))
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in pairs)


def body_hash(headers: t.Mapping[str, str], body: bytes) -> str:
    """The hash that was signed. A hash given in the header must be that of the body; UNSIGNED-PAYLOAD frees the body."""
    declared = headers.get("x-sdk-content-sha256", "").strip()
    return declared if declared == "UNSIGNED-PAYLOAD" else hashlib.sha256(body).hexdigest()


def canonical_request(
    method: str, path: str, query: str, headers: t.Mapping[str, str], signed: t.Sequence[str], body: bytes
) -> str:
    """``path`` and ``query`` are raw, ``headers`` have lower-case names."""
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    parts = [
        method.upper(),
        canonical_path(path),
        canonical_query(query),
        lines,
        ";".join(signed),
        body_hash(headers, body),
    ]
    return "\n".join(parts)


def sign(secret_key: str, date: str, canonical: str) -> str:
    """The hexadecimal signature."""
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    text = f"{ALGORITHM}\n{date}\n{digest}"
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
