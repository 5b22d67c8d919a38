# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read JSON text in bounded time and memory.

kubectl reads text that begins with a brace as JSON. Such text may be invalid YAML, because only JSON writes a character
beyond U+FFFF as two escapes.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.scalars import LONGEST_NUMBER

_SPACE = re.compile(r"[ \t\r\n]*")
# A string without an end matches the rest of the text, so that each character is read once.
_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_BEYOND_64_BITS = 2**64


class JsonError(ValueError):
    """Text is not JSON. ``line`` and ``column`` are counted from 0. The message contains no content."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


class RepeatedKey:
    """Replaces an object in which a key is written twice."""


def looks_like_json(text: str) -> bool:
    """Return whether kubectl tries to read ``text`` as JSON."""
    return text.lstrip("\ufeff").lstrip().startswith("{")


def exceeds_limits(text: str, max_values: int, max_depth: int) -> bool:
    """Return whether ``text`` has more values or levels. Stop reading when a limit is exceeded."""
    values = depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        values += token in ("[", "{", ",")
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        if values > max_values or depth > max_depth:
            return True
    return False


def parse_json_documents(text: str) -> list[t.Any]:
    """Return the consecutive JSON values in ``text``. Raise JsonError if it is not JSON.

    The caller must limit the size and depth of ``text`` first. Numbers that JSON does not support, and integers that are
    too long to convert, become numbers that parse_template refuses.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_build_object, parse_int=_parse_integer)
    documents = []
    start = _skip_space(text, 1 if text.startswith("\ufeff") else 0)
    try:
        while start < len(text):
            value, end = decoder.raw_decode(text, start)
            documents.append(value)
            start = _skip_space(text, end)
    except json.JSONDecodeError as error:
        raise JsonError(error.msg, error.lineno - 1, error.colno - 1) from None
    return documents


def _skip_space(text: str, start: int) -> int:
    return t.cast(re.Match[str], _SPACE.match(text, start)).end()


def _build_object(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any] | RepeatedKey:
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatedKey()


def _parse_integer(digits: str) -> int:
    return int(digits) if len(digits) <= LONGEST_NUMBER else _BEYOND_64_BITS
