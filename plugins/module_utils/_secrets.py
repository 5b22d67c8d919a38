# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Taking secrets out of texts, however whoever wrote the text spells them."""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

# What is shorter is found in any text by chance.
SHORTEST = 4
# One byte in an address.
_ENCODED = re.compile(r"%[0-9A-F]{2}")


def without(text: str, secrets: t.Iterable[str], mark: str) -> str:
    """The text with ``mark`` in the place of each secret, in each of its spellings. Secrets of fewer than SHORTEST characters stay."""
    known = {spelled for secret in secrets if len(secret) >= SHORTEST for spelled in spellings(secret)}
    for spelled in sorted(known, key=len, reverse=True):
        text = text.replace(spelled, mark)
    return text


@functools.lru_cache(maxsize=1024)
def spellings(secret: str) -> frozenset[str]:
    """The secret, and what it looks like where somebody quotes a request."""
    found = {secret, secret[::-1], *_in_code(secret), *_in_pages(secret)}
    with contextlib.suppress(UnicodeError):
        found |= {*_in_addresses(secret), *_in_bytes(secret.encode("utf-8"))}
    return frozenset(spelled for spelled in found if len(spelled) >= SHORTEST)


def _in_code(secret: str) -> set[str]:
    """In JSON as written by Python, Go, Java and PHP, in JSON within JSON, in Python and YAML."""
    plain = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    found = {_escaped(text, characters) for text in plain for characters in ("", "&<>", "&<>='")}
    found |= {text.replace("/", "\\/") for text in found} | {repr(secret)[1:-1], secret.replace("'", "''")}
    return found | {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for text in found for ascii_only in (True, False)}


def _escaped(text: str, characters: str) -> str:
    return "".join(f"\\u{ord(character):04x}" if character in characters else character for character in text)


def _in_pages(secret: str) -> set[str]:
    """In HTML and XML, where quotes have several names."""
    page = html.escape(secret)
    single, double = ("&#x27;", "&#39;", "&apos;", "'"), ("&quot;", "&#34;", '"')
    return {page.replace("&#x27;", one).replace("&quot;", two) for one in single for two in double}


def _in_addresses(secret: str) -> set[str]:
    found = {quote(secret), quote_plus(secret), quote_plus(secret).replace("+", "%20")}
    return found | {_ENCODED.sub(lambda match: match.group().lower(), text) for text in found}


def _in_bytes(raw: bytes) -> set[str]:
    """In hexadecimal, and in base64 wherever it begins there."""
    found = {raw.hex(), raw.hex().upper()}
    for shift in range(3):
        # Without the characters that what stands around it has a part in.
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return found
