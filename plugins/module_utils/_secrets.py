# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Taking secrets out of texts, however whoever wrote the text spells them.

Letters and digits stand for themselves everywhere. Any other character has names of its own in JSON and code, in addresses and in pages, and
which of them an encoder takes, in which case and how often one within the other, differs from one to the next: so each of them is looked for.
"""

from __future__ import annotations

import base64
import functools
import html.entities
import itertools
import re
import typing as t

# What is shorter is found in any text by chance.
SHORTEST = 4
# Lines of base64 are broken; in a longer text that is not looked for, since a pattern for it takes long to make.
_LONGEST_BROKEN = 400
_BREAK = r"(?:\s|\\{1,16}[rn])*"
# How deep code may stand within code.
_SLASHES = r"\\{0,16}"


def without(text: str, secrets: t.Iterable[str], mark: str) -> str:
    """The text with ``mark`` in the place of each secret, in each of its spellings. Secrets of fewer than SHORTEST characters stay."""
    for secret in sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True):
        for spelling in spellings(secret):
            text = spelling.sub(lambda found: mark, text)
    return text


@functools.lru_cache(maxsize=1024)
def spellings(secret: str) -> tuple[re.Pattern[str], ...]:
    """What the secret looks like where somebody quotes it: in code, addresses and pages, backwards, in hexadecimal, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    patterns = (_spelled(secret), _spelled(secret[::-1]), raw.hex(), raw.hex().upper(), *map(_broken, sorted(_in_base64(raw))))
    return tuple(re.compile(pattern) for pattern in dict.fromkeys(patterns))


def _spelled(secret: str) -> str:
    return "".join(_run(character, len(list(group))) for character, group in itertools.groupby(secret))


def _run(character: str, count: int) -> str:
    """A pattern for so many of one character. A run of backslashes may be any number of them, which only one pattern may eat: several would take for ever."""
    if character.isascii() and character.isalnum():
        return character * count
    if character == "\\":
        return rf"(?:\\{{{count},}}|{_any_of(_names(character)[1:])}{{{count}}})"
    return f"{_any_of(_names(character))}{{{count}}}"


def _any_of(names: t.Iterable[str]) -> str:
    return f"(?:{'|'.join(names)})"


@functools.lru_cache(maxsize=4096)
def _names(character: str) -> tuple[str, ...]:
    """Patterns for all that one character is called, first of all itself."""
    others = (*_in_code(character), *_in_addresses(character), *_in_pages(character), *_OTHERS.get(character, ()))
    return (_SLASHES + re.escape(character), *others)


# A quote is doubled in YAML and SQL, a blank is a plus in a query, and a line may end in two characters, or be joined to the next one.
_OTHERS = {
    "'": ("''",),
    " ": (r"\+",),
    "\n": (r"\r\n", " ", r"(?:\\{1,16}r)?\\{1,16}n", "%(?:25)*0[dD]%(?:25)*0[aA]"),
    "\r": (r"\\{1,16}r",),
    "\t": (r"\\{1,16}t",),
}


def _in_code(character: str) -> list[str]:
    """In JSON, Python and their like, also one within the other: in UTF-16, by number, in bytes."""
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = [units[index : index + 2].hex() for index in range(0, len(units), 2)]
    in_bytes = ["".join(rf"\\{{1,16}}x(?i:{byte:02x})" for byte in raw) for raw in _bytes_of(character)]
    return ["".join(rf"\\{{1,16}}u(?i:{pair})" for pair in pairs), rf"\\{{1,16}}U(?i:{ord(character):08x})", *in_bytes]


def _in_addresses(character: str) -> list[str]:
    """Also encoded more than once."""
    return ["".join(f"%(?:25)*(?i:{byte:02x})" for byte in raw) for raw in _bytes_of(character)]


def _bytes_of(character: str) -> list[bytes]:
    """In UTF-8, and in Latin-1 where it has the character."""
    written = (character.encode("utf-8", "surrogatepass"), character.encode("latin-1", "ignore"))
    return [raw for raw in dict.fromkeys(written) if raw]


def _in_pages(character: str) -> list[str]:
    """In HTML and XML, by number and by name."""
    number = ord(character)
    name = "apos" if character == "'" else html.entities.codepoint2name.get(number)
    return [f"&(?:amp;)*#0*{number};", f"&(?:amp;)*#[xX]0*(?i:{number:x});", *([f"&(?:amp;)*{name};"] if name else [])]


def _in_base64(raw: bytes) -> set[str]:
    """In both alphabets, wherever it begins there, without the characters that what stands around it has a part in."""
    found = set()
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")} if len(encoded) >= SHORTEST else set()
    return found


def _broken(encoded: str) -> str:
    """Base64, whole or in lines."""
    return (_BREAK if len(encoded) <= _LONGEST_BROKEN else "").join(map(re.escape, encoded))
