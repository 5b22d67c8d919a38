# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The AK/SK signature (``SDK-HMAC-SHA256``), and URLs in the form that is signed and sent.

The signature follows the vendor's API Request Signing Guide and equals what the official Python library computes. The three lines that
are signed hold the algorithm, the date and the hash of the canonical request. The secret key is the unchanged HMAC key.
"""

from __future__ import annotations

import hashlib
import hmac
import typing as t
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._values import host_header

# ---------------------------------------------------------------------------------------------------------------------
# URLs in the form that is both signed and sent, so that order and encoding cannot differ


def canonical_url(
    base: str, segments: t.Iterable[str], query: t.Mapping[str, t.Any] | t.Iterable[tuple[str, t.Any]] | None = None
) -> str:
    """Return the URL to send.

    ``base`` is an endpoint, ``segments`` are the parts of the path as plain text, and ``query`` is a mapping or pairs of plain
    values, without those that are ``None``. Raise OptionError for a segment that the HTTP library would remove.
    """
    parts = [str(segment) for segment in segments]
    for part in parts:
        if part in ("", ".", ".."):
            raise OptionError(f"'{part}' cannot be part of a request path")
    url = "/".join([base.rstrip("/")] + [_quote(part) for part in parts])
    text = canonical_query(_query_pairs(query))
    return f"{url}?{text}" if text else url


def canonical_query(query: str | t.Iterable[tuple[str, str]]) -> str:
    """Return a query string, or decoded pairs, in the order and encoding that are signed."""
    if isinstance(query, str):
        # Unlike in a path, a plus sign in a query stands for a blank.
        query = parse_qsl(query, keep_blank_values=True)
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in sorted(query))


def _query_pairs(query: t.Mapping[str, t.Any] | t.Iterable[tuple[str, t.Any]] | None) -> list[tuple[str, str]]:
    pairs = query.items() if isinstance(query, Mapping) else query or ()
    return [
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in pairs
        if value is not None
    ]


def _quote(text: str) -> str:
    return quote(text, safe="")


# ---------------------------------------------------------------------------------------------------------------------
# Signature

ALGORITHM = "SDK-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"

# Proxies and the HTTP library may change the other headers (user-agent, accept, content-length).
SIGNED_NAMES = (
    "content-type",
    "host",
    "x-domain-id",
    "x-project-id",
    "x-sdk-content-sha256",
    "x-sdk-date",
    "x-security-token",
)


def sign(
    method: str,
    url: str,
    headers: t.Mapping[str, str],
    body: bytes | None,
    access_key: str,
    secret_key: str,
    when: datetime,
) -> dict[str, str]:
    """Return the headers that authenticate a request: ``X-Sdk-Date`` and ``Authorization``.

    ``headers`` are those of the request, with a ``Host`` only if it is not the one of ``url``; an older signature among
    them is ignored, so that a retry can sign again. ``body`` must be the very bytes that are sent, ``when`` an aware time.
    """
    if when.tzinfo is None:
        raise ValueError("the time of a signature needs a time zone")
    date = when.astimezone(timezone.utc).strftime(DATE_FORMAT)
    lowered = {"host": host_header(url)}
    lowered.update((name.lower(), value) for name, value in headers.items())
    lowered["x-sdk-date"] = date
    request = canonical_request(method, url, lowered, body, SIGNED_NAMES)
    names = ";".join(name for name, dummy in _signed_headers(lowered, SIGNED_NAMES))
    signature = _hmac(secret_key, string_to_sign(request, date))
    return {
        "X-Sdk-Date": date,
        "Authorization": f"{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}",
    }


def canonical_request(
    method: str,
    url: str,
    headers: t.Mapping[str, str],
    body: bytes | None,
    signed_names: t.Iterable[str] | None = None,
) -> str:
    """Return the text whose hash is signed. Without ``signed_names`` (in lower case), it contains all headers without an underscore."""
    signed = _signed_headers(headers, signed_names)
    parts = urlsplit(url)
    lines = [method.upper(), _canonical_path(parts.path), canonical_query(parts.query)]
    lines += [f"{name}:{value}" for name, value in signed]
    lines += ["", ";".join(name for name, dummy in signed), _body_hash(headers, body)]
    return "\n".join(lines)


def string_to_sign(request: str, date: str) -> str:
    """Return the three lines that are signed, for a canonical request and the value of its ``X-Sdk-Date``."""
    return "\n".join((ALGORITHM, date, hashlib.sha256(request.encode("utf-8")).hexdigest()))


def _signed_headers(headers: t.Mapping[str, str], signed_names: t.Iterable[str] | None) -> list[tuple[str, str]]:
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    names = (
        (name for name in lowered if "_" not in name)
        if signed_names is None
        else (name for name in signed_names if name in lowered)
    )
    return [(name, lowered[name]) for name in sorted(names)]


def _canonical_path(path: str) -> str:
    # The trailing slash is part of the signature, but not of the request. An encoded slash becomes a separator, as in the official library.
    encoded = "/".join(_quote(part) for part in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def _body_hash(headers: t.Mapping[str, str], body: bytes | None) -> str:
    declared = (value.strip() for name, value in headers.items() if name.lower() == "x-sdk-content-sha256")
    return next(declared, "") or hashlib.sha256(body or b"").hexdigest()


def _hmac(secret_key: str, text: str) -> str:
    return hmac.new(secret_key.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).hexdigest()
