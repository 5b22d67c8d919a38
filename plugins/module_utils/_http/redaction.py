# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Redaction of secrets in texts, in all encodings in which software quotes them.

Letters and digits are the same in every encoding. Every other character has several notations in JSON, source code, URLs and HTML, and encoders
differ in which of them they use, in upper and lower case, and in how often they encode. The pattern of a secret therefore matches all notations of
each character.
"""

from __future__ import annotations

import base64
import functools
import html.entities
import itertools
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import (
    MIN_SECRET_LENGTH,
    filter_redactable,
)

# Shorter values that consist only of letters or only of digits occur within words and numbers by chance.
_MIN_LENGTH_WITHIN_WORDS = 8
# Values of settings whose names contain a word such as "token" or "secret": none of them is a secret.
_SETTING_VALUES = frozenset(
    (
        "true false none null auto automatic manual always never enable enabled disable disabled required optional preferred allow allowed deny denied "
        "strict basic bearer digest oauth oauth2 oidc saml ldap kerberos plain file header cookie query internal external "
        "debug info warn warning error trace verbose"
    ).split()
)
# Encoders break base64 into lines and escape its characters. For longer secrets, patterns that match breaks take too long to compile.
_LONGEST_BROKEN_BASE64 = 400
_LINE_BREAK = r"(?:\s|\\{1,16}[rn])*"
# Code within code, at most this deep.
_BACKSLASHES = r"\\{0,16}"
_LEADING_BACKSLASHES = re.compile("^(?:" + re.escape(_BACKSLASHES) + "|" + re.escape(r"\\{1,16}") + ")")


def redact(text: str, secrets: t.Iterable[str], mark: str) -> str:
    """Return the text with ``mark`` in place of each secret in any encoding. Secrets shorter than MIN_SECRET_LENGTH stay."""
    for secret in sorted(set(filter_redactable(secrets)), key=len, reverse=True):
        for pattern in secret_patterns(secret):
            text = pattern.sub(lambda found: mark, text)
    return text


def is_setting_value(value: str) -> bool:
    """Return whether a value with a secret-like name is a setting such as ``SOME_TOKEN=true``, and not a secret."""
    return value.strip().lower() in _SETTING_VALUES


def redact_assumed(text: str, values: t.Iterable[str], mark: str) -> str:
    """Return the text with ``mark`` in place of values that are assumed to be secret because of their names.

    A short word or number is replaced only where it is a whole word, so that ``test`` leaves ``latest`` and ``test-mesh`` alone, and where it
    is encoded. All other values are replaced as by ``redact``.
    """
    words: list[str] = []
    others: list[str] = []
    for value in values:
        is_word = value.isascii() and (value.isalpha() or value.isdecimal())
        (words if len(value) < _MIN_LENGTH_WITHIN_WORDS and is_word else others).append(value)
    text = redact(text, others, mark)
    for word in sorted(filter_redactable(words), key=len, reverse=True):
        encoded = [pattern for pattern in secret_patterns(word) if pattern.pattern not in (word, word[::-1])]
        for pattern in (re.compile(rf"(?<![\w-])(?<!\w\.){word}(?![\w-])(?!\.\w)"), *encoded):
            text = pattern.sub(lambda found: mark, text)
    return text


@functools.lru_cache(maxsize=1024)
def secret_patterns(secret: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns for the secret: in code, URLs and HTML, reversed, in hexadecimal and in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    # Text processing may change \r\n to \n.
    lines = secret.replace("\r\n", "\n")
    patterns = (
        _build_pattern(lines),
        _build_pattern(lines[::-1]),
        _build_pattern(secret[::-1]),
        raw.hex(),
        raw.hex().upper(),
        *map(_allow_line_breaks, sorted(_encode_base64(raw))),
    )
    return tuple(re.compile(pattern) for pattern in dict.fromkeys(patterns))


def _build_pattern(text: str) -> str:
    """Return a pattern for a text. No two parts of it can match the same characters, so the search time is linear.

    Encoders may multiply a run of backslashes, and escape the next character. The pattern therefore matches all backslashes at once, followed by
    that character without any.
    """
    runs = [(character, len(list(group))) for character, group in itertools.groupby(text)]
    parts: list[str] = []
    for index, (character, count) in enumerate(runs):
        if character != "\\":
            parts.append(_match_run(character, count) if not index or runs[index - 1][0] != "\\" else "")
            continue
        following = runs[index + 1] if index + 1 < len(runs) else (character, 0)
        # The regular expression engine never backtracks into a lookahead.
        all_at_once = rf"(?<!\\)(?=(?P<b{index}>\\{{{count},}}))(?P=b{index})"
        otherwise = _alternatives(rf"(?:{name}){{{count}}}" for name in _notations("\\")[1:])
        parts.append(
            _alternatives([otherwise + _match_run(*following), all_at_once + _match_run(*following, bare=True)])
        )
    return "".join(parts)


def _match_run(character: str, count: int, bare: bool = False) -> str:
    """Return a pattern for a run of one character in one notation. ``bare`` omits the backslashes before the first one."""
    if not count or character.isascii() and character.isalnum():
        return character * count
    names = _notations(character)
    return _alternatives(
        (_strip_backslashes(name) if bare else f"(?:{name})") + f"(?:{name}){{{count - 1}}}" for name in names
    )


def _strip_backslashes(name: str) -> str:
    return f"(?:{_LEADING_BACKSLASHES.sub('', name)})"


def _alternatives(names: t.Iterable[str]) -> str:
    return f"(?:{'|'.join(names)})"


@functools.lru_cache(maxsize=4096)
def _notations(character: str) -> tuple[str, ...]:
    """Return the patterns of all notations of a character, beginning with the character itself."""
    # A line may end with two characters, both in the same notation.
    ends = map("".join, zip(_common_notations("\r"), _common_notations("\n"))) if character == "\n" else ()
    return (*_common_notations(character), *ends, *_named_entities(character), *_SPECIAL_NOTATIONS.get(character, ()))


def _common_notations(character: str) -> tuple[str, ...]:
    """Return the notations that every character has, in a fixed order."""
    short = [rf"\\{{1,16}}{letter}" for letter in _ESCAPE_LETTERS.get(character, ())]
    return (
        _BACKSLASHES + re.escape(character),
        *_code_notations(character),
        *short,
        *_url_notations(character),
        *_numeric_entities(character),
    )


# Characters that are written as a letter after a backslash.
_ESCAPE_LETTERS = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e"}
# YAML and SQL double a quote, and a shell closes and reopens the quotes in one of two ways. A blank is a plus in a query, and lines may be joined.
_SPECIAL_NOTATIONS = {"'": ("''", r"'\\{1,16}''", r"'\\{0,16}\"'\\{0,16}\"'"), " ": (r"\+",), "\n": (" ",)}


def _code_notations(character: str) -> list[str]:
    """Return the escapes of JSON, Python and similar languages, which may be nested: UTF-16 units, code points and bytes."""
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = [units[index : index + 2].hex() for index in range(0, len(units), 2)]
    in_bytes = ["".join(rf"\\{{1,16}}x(?i:{byte:02x})" for byte in raw) for raw in _encode(character)]
    return ["".join(rf"\\{{1,16}}u(?i:{pair})" for pair in pairs), rf"\\{{1,16}}U(?i:{ord(character):08x})", *in_bytes]


def _url_notations(character: str) -> list[str]:
    """Return percent-encodings, which may be encoded again."""
    return ["".join(f"%(?:25)*(?i:{byte:02x})" for byte in raw) for raw in _encode(character)]


def _encode(character: str) -> list[bytes]:
    """Return the character in UTF-8, and in Latin-1 if that has the character."""
    written = (character.encode("utf-8", "surrogatepass"), character.encode("latin-1", "ignore"))
    return [raw for raw in dict.fromkeys(written) if raw]


def _numeric_entities(character: str) -> list[str]:
    """Return the entities of HTML and XML by number."""
    number = ord(character)
    return [f"&(?:amp;)*#0*{number};", f"&(?:amp;)*#[xX]0*(?i:{number:x});"]


def _named_entities(character: str) -> list[str]:
    """Return the entities of HTML by name."""
    return [f"&(?:amp;)*{name}" for name in _load_entity_names().get(character, ())]


@functools.lru_cache(maxsize=1)
def _load_entity_names() -> dict[str, list[str]]:
    """Return the names of HTML entities by character, each with its semicolon."""
    found: dict[str, list[str]] = {}
    for name, character in sorted(html.entities.html5.items()):
        if name.endswith(";"):
            found.setdefault(character, []).append(name)
    return found


def _encode_base64(raw: bytes) -> set[str]:
    """Return the parts of a base64 text that depend only on the secret, for each offset and both alphabets."""
    found = set()
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")} if len(encoded) >= MIN_SECRET_LENGTH else set()
    return found


def _allow_line_breaks(encoded: str) -> str:
    """Return a pattern for base64 that may be broken into lines and escaped."""
    return (
        _LINE_BREAK.join(map(_build_pattern, encoded)) if len(encoded) <= _LONGEST_BROKEN_BASE64 else re.escape(encoded)
    )
