# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find words that the glossary replaces: ``words.py [PATH ...]`` prints file, line, word and replacement."""

from __future__ import annotations

import dataclasses
import functools
import io
import re
import sys
import tokenize
import typing as t
from pathlib import Path

import yaml
from checkout import git_files
from environment import ROOT

WORDS = ROOT / "tests" / "repository" / "words.yml"
SUFFIXES = (".py", ".yml", ".yaml", ".rst", ".md", ".j2")
# The lists themselves, texts of others, and generated files.
EXCLUDED = (
    *("tests/repository/words.yml", "tests/repository/tools/test_words.py", "CODE_OF_CONDUCT.md"),
    *("changelogs/changelog.yaml", "docs/robustness.md", "docs/benchmarks.md"),
)


@dataclasses.dataclass(frozen=True)
class Hit:
    """A retired word in a line of a file."""

    path: str
    line: int
    word: str
    replacement: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: '{self.word}': write {self.replacement}"


class Rules:
    """The retired words, grouped by the kind of text in which they must not appear."""

    def __init__(self, content: t.Mapping[str, t.Any]) -> None:
        # Underscores separate the words of a name, as blanks do in prose.
        everywhere = content.get("prose_and_names", {})
        self.prose = _compile({**everywhere, **content.get("prose", {})}, r"\b", r"\b")
        self.names = _compile({**everywhere, **content.get("names", {})}, r"(?<![^\W_])", r"(?![^\W_])")
        self.retired = _compile(content.get("retired", {}), r"\b", r"\b")
        self.allowed = [(entry["path"], entry["text"]) for entry in content.get("allowed", [])]

    def check(self, path: str, text: str) -> list[Hit]:
        """Return the retired words in a file, in the order of its lines."""
        parts = (
            list(_split_python(text))
            if path.endswith(".py")
            else [(line, "prose", part) for line, part in _lines(text)]
        )
        parts += [(line, "retired", part) for line, part in _lines(text)]
        hits = {
            Hit(path, line, match.group().strip(), replacement)
            for line, kind, part in parts
            for pattern, replacement in getattr(self, kind)
            for match in pattern.finditer(part)
        }
        lines = text.splitlines()
        return sorted(
            (hit for hit in hits if not self._is_allowed(path, lines[hit.line - 1])),
            key=lambda hit: (hit.line, hit.word),
        )

    def _is_allowed(self, path: str, line: str) -> bool:
        return any(path == allowed and text in line for allowed, text in self.allowed)


def _compile(words: t.Mapping[str, str], before: str, after: str) -> list[tuple[re.Pattern[str], str]]:
    # YAML folds lines, so a pattern matches any white space where it has a blank.
    return [
        (re.compile(f"{before}(?:{pattern}){after}", re.IGNORECASE), replacement)
        for pattern, replacement in words.items()
    ]


def _lines(text: str) -> t.Iterator[tuple[int, str]]:
    yield from enumerate(text.splitlines(), 1)


def _split_python(text: str) -> t.Iterator[tuple[int, str, str]]:
    """Yield line, group of rules, and text of the names, comments, and string literals with blanks."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], "names", token.string
        elif token.type == tokenize.COMMENT or " " in token.string and token.type in _STRINGS:
            for offset, part in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, "prose", part


# Since Python 3.12, the text of an f-string is a separate token.
_STRINGS = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))


@functools.cache
def load_rules() -> Rules:
    return Rules(yaml.safe_load(WORDS.read_text(encoding="utf-8")))


def list_files() -> list[str]:
    """Return the files of the checkout that must not contain retired words."""
    return [
        name for name in git_files() if name.endswith(SUFFIXES) and name not in EXCLUDED and (ROOT / name).is_file()
    ]


def check_file(name: str) -> list[Hit]:
    return load_rules().check(name, (ROOT / name).read_text(encoding="utf-8"))


def main() -> int:
    starts = [Path(argument).resolve() for argument in sys.argv[1:]] or [ROOT]
    selected = [name for name in list_files() if any((ROOT / name).is_relative_to(start) for start in starts)]
    hits = [hit for name in selected for hit in check_file(name)]
    print(*hits, f"{len(hits)} retired words in {len({hit.path for hit in hits})} files", sep="\n")
    return int(bool(hits))


if __name__ == "__main__":
    sys.exit(main())
