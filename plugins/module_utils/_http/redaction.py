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

# Shorter values occur in any text by chance.
SHORTEST = 4
# Shorter values that consist only of letters or only of digits occur within words and numbers by chance.
_SHORTEST_WITHIN_WORDS = 8
# Values of settings whose names contain a word such as "token" or "secret": none of them is a secret.
_SWITCHES = frozenset(
    (
        "true false none null auto automatic manual always never enable enabled disable disabled required optional preferred allow allowed deny denied "
        "strict basic bearer digest oauth oauth2 oidc saml ldap kerberos plain file header cookie query internal external "
        "debug info warn warning error trace verbose"
    ).split()
)
# Lines of base64 are broken, and its signs spelled; of a longer one that is not looked for, since a pattern for it takes long to make.
_LONGEST_BROKEN = 400
_BREAK = r"(?:\s|\\{1,16}[rn])*"
# How deep code may stand within code.
_SLASHES = r"\\{0,16}"
_LEADING = re.compile("^(?:" + re.escape(_SLASHES) + "|" + re.escape(r"\\{1,16}") + ")")


def without(text: str, secrets: t.Iterable[str], mark: str) -> str:
    """The text with ``mark`` in the place of each secret, in each of its secret_patterns. Secrets of fewer than SHORTEST characters stay."""
    for secret in sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True):
        for spelling in secret_patterns(secret):
            text = spelling.sub(lambda found: mark, text)
    return text


def long_enough(secrets: t.Iterable[str]) -> list[str]:
    """Return the secrets that can be taken out of texts. Shorter ones would take ordinary words with them."""
    return [secret for secret in secrets if len(secret) >= SHORTEST]


def is_switch(value: str) -> bool:
    """Whether a value with a secret-like name is a setting such as ``SOME_TOKEN=true``, and not a secret."""
    return value.strip().lower() in _SWITCHES


def without_assumed(text: str, values: t.Iterable[str], mark: str) -> str:
    """Return the text with ``mark`` in the place of values that are assumed to be secret because of their names.

    A short word or number is replaced only where it is a whole word, so that ``test`` leaves ``latest`` and ``test-mesh`` alone, and where it
    is encoded. All other values are replaced as by ``without``.
    """
    words: list[str] = []
    others: list[str] = []
    for value in values:
        is_word = value.isascii() and (value.isalpha() or value.isdecimal())
        (words if len(value) < _SHORTEST_WITHIN_WORDS and is_word else others).append(value)
    text = without(text, others, mark)
    for word in sorted(long_enough(words), key=len, reverse=True):
        encoded = [pattern for pattern in secret_patterns(word) if pattern.pattern not in (word, word[::-1])]
        for pattern in (re.compile(rf"(?<![\w-])(?<!\w\.){word}(?![\w-])(?!\.\w)"), *encoded):
            text = pattern.sub(lambda found: mark, text)
    return text


@functools.lru_cache(maxsize=1024)
def secret_patterns(secret: str) -> tuple[re.Pattern[str], ...]:
    """What the secret looks like where somebody quotes it: in code, addresses and pages, backwards, in hexadecimal, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    # An end of line may be told in another way than it is kept.
    lines = secret.replace("\r\n", "\n")
    patterns = (
        _spelled(lines),
        _spelled(lines[::-1]),
        _spelled(secret[::-1]),
        raw.hex(),
        raw.hex().upper(),
        *map(_broken, sorted(_in_base64(raw))),
    )
    return tuple(re.compile(pattern) for pattern in dict.fromkeys(patterns))


def _spelled(text: str) -> str:
    """A pattern for a text. No two parts of it can eat the same, so that it never takes long.

    A run of backslashes may be shown as any number of them, and they may belong to the character behind it: so it eats all that there are, at once,
    and that character stands without any.
    """
    runs = [(character, len(list(group))) for character, group in itertools.groupby(text)]
    parts: list[str] = []
    for index, (character, count) in enumerate(runs):
        if character != "\\":
            parts.append(_run(character, count) if not index or runs[index - 1][0] != "\\" else "")
            continue
        behind = runs[index + 1] if index + 1 < len(runs) else (character, 0)
        # A look ahead is not tried in another way.
        all_at_once = rf"(?<!\\)(?=(?P<b{index}>\\{{{count},}}))(?P=b{index})"
        otherwise = _any_of(rf"(?:{name}){{{count}}}" for name in _names("\\")[1:])
        parts.append(_any_of([otherwise + _run(*behind), all_at_once + _run(*behind, bare=True)]))
    return "".join(parts)


def _run(character: str, count: int, bare: bool = False) -> str:
    """A pattern for so many of one character, all of them spelled alike. ``bare``: the backslashes before the first are eaten already."""
    if not count or character.isascii() and character.isalnum():
        return character * count
    names = _names(character)
    return _any_of((_bare(name) if bare else f"(?:{name})") + f"(?:{name}){{{count - 1}}}" for name in names)


def _bare(name: str) -> str:
    return f"(?:{_LEADING.sub('', name)})"


def _any_of(names: t.Iterable[str]) -> str:
    return f"(?:{'|'.join(names)})"


@functools.lru_cache(maxsize=4096)
def _names(character: str) -> tuple[str, ...]:
    """Patterns for all that one character is called, first of all itself."""
    # A line may end in two characters, and who spells one of them spells the other in the same way.
    ends = map("".join, zip(_usual_names("\r"), _usual_names("\n"))) if character == "\n" else ()
    return (*_usual_names(character), *ends, *_in_pages(character), *_OTHERS.get(character, ()))


def _usual_names(character: str) -> tuple[str, ...]:
    """Those that every character has, in one order."""
    short = [rf"\\{{1,16}}{letter}" for letter in _LETTERS.get(character, ())]
    return (
        _SLASHES + re.escape(character),
        *_in_code(character),
        *short,
        *_in_addresses(character),
        *_by_number(character),
    )


# What is written as a letter behind a backslash.
_LETTERS = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e"}
# A quote is doubled in YAML and SQL, and left and entered again in a shell, in one of two ways; a blank is a plus in a query, and a line may be joined to
# the next one.
_OTHERS = {"'": ("''", r"'\\{1,16}''", r"'\\{0,16}\"'\\{0,16}\"'"), " ": (r"\+",), "\n": (" ",)}


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


def _by_number(character: str) -> list[str]:
    """In HTML and XML."""
    number = ord(character)
    return [f"&(?:amp;)*#0*{number};", f"&(?:amp;)*#[xX]0*(?i:{number:x});"]


def _in_pages(character: str) -> list[str]:
    """In HTML, by name."""
    return [f"&(?:amp;)*{name}" for name in _named().get(character, ())]


@functools.lru_cache(maxsize=1)
def _named() -> dict[str, list[str]]:
    """The names of HTML by character, each with its semicolon."""
    found: dict[str, list[str]] = {}
    for name, character in sorted(html.entities.html5.items()):
        if name.endswith(";"):
            found.setdefault(character, []).append(name)
    return found


def _in_base64(raw: bytes) -> set[str]:
    """In both alphabets, wherever it begins there, without the characters that what stands around it has a part in."""
    found = set()
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw)[4 if shift else 0 :].rstrip(b"=")[:-2].decode("ascii")
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")} if len(encoded) >= SHORTEST else set()
    return found


def _broken(encoded: str) -> str:
    """Base64, whole or in lines, and with its signs spelled as in code, addresses and pages."""
    return _BREAK.join(map(_spelled, encoded)) if len(encoded) <= _LONGEST_BROKEN else re.escape(encoded)
