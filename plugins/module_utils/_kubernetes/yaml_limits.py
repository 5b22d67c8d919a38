# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Limit YAML text before a parser builds its values: size, characters, directives, number of values and depth."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 100
HALF_SURROGATE = "half of a surrogate pair is not a character: write the character itself"

# YAML 1.1 (section 5.1) does not allow these characters.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SURROGATE = re.compile("[\ud800-\udfff]")
# Templates need no directives. libyaml compares each %TAG line with all others and copies a long prefix to each tag.
_DIRECTIVE = re.compile("(?:^|[\n\r\x85\u2028\u2029])\ufeff?(%[^\n\r\x85\u2028\u2029]*)")
_MAX_DIRECTIVES = 16
_MAX_DIRECTIVE_LENGTH = 200
# Quoted names in messages of PyYAML (aliases, tags) are content of the text.
_QUOTED = re.compile(" ?'([^']*)'| ?\"([^\"]*)\"")
_TOKEN = re.compile("<[a-z ]+>|.{0,2}", re.DOTALL)


def check_size(text: str, path: str) -> None:
    """Raise OptionError if ``text`` is longer than MAX_BYTES in UTF-8."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise OptionError(f"{path} is longer than {MAX_BYTES} bytes.")


def check_characters(text: str, path: str) -> None:
    """Raise OptionError if ``text`` has a character that YAML does not allow, or directives that make a parser slow.

    Lines of a scalar that begin with a percent sign count as directives, too.
    """
    match = _UNPRINTABLE.search(text)
    if match is not None:
        line = text.count("\n", 0, match.start())
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        raise invalid_yaml(path, line, column, f"the character U+{ord(match.group()):04X} is not allowed")
    for number, match in enumerate(_DIRECTIVE.finditer(text), 1):
        if number > _MAX_DIRECTIVES or len(match[1]) > _MAX_DIRECTIVE_LENGTH:
            line = len(re.findall("\r\n|[\n\r\x85\u2028\u2029]", text[: match.start(1)]))
            raise invalid_yaml(path, line, 0, "too many or too long directives: remove the lines that begin with %")


def invalid_yaml(path: str, line: int, column: int, problem: str) -> OptionError:
    """Return the error for a position, counted from 0."""
    return OptionError(f"{path} is not valid YAML: line {line + 1}, column {column + 1}: {problem}")


def explain_parser_error(error: t.Any, path: str) -> OptionError:
    """Return the error to raise for a MarkedYAMLError, without content of the text."""
    mark = error.problem_mark or error.context_mark
    problem = _QUOTED.sub(_remove_content, str(error.problem or error.context or "it cannot be read"))
    if mark is None:
        return OptionError(f"{path} is not valid YAML: {problem}")
    return invalid_yaml(path, mark.line, mark.column, problem)


def _remove_content(match: re.Match[str]) -> str:
    # Quoted names of tokens and single characters are not content. Longer quotations are.
    return match.group() if _TOKEN.fullmatch(match.group(1) or match.group(2) or "") else ""


class EventCounter:
    """Counts the values and levels of a stream of YAML events, with aliases expanded, before a parser builds them."""

    def __init__(self, path: str, whole_document: bool = False) -> None:
        """Apply the limits of a template, or with ``whole_document`` those of a file that contains templates."""
        self._path = path
        self._max_nodes = MAX_BYTES if whole_document else MAX_NODES
        self._max_depth = 2 * MAX_DEPTH if whole_document else MAX_DEPTH
        self._subject = "text" if whole_document else "template"
        self._nodes = 0
        self._open: list[tuple[str | None, int]] = []
        self._heights: list[int] = [0]
        # The nodes and levels of each anchor, or None while the parser is inside it.
        self._anchors: dict[str, tuple[int, int] | None] = {}

    def count(self, yaml: t.Any, events: t.Iterable[t.Any]) -> None:
        """Count all events. Raise OptionError if a limit is exceeded."""
        for event in events:
            if isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._add(event, 1, 0)
                # Only the pure parser accepts such an escape.
                if SURROGATE.search(event.value):
                    raise invalid_yaml(self._path, event.start_mark.line, event.start_mark.column, HALF_SURROGATE)
                if event.anchor:
                    self._anchors[event.anchor] = (1, 0)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()

    def _start(self, event: t.Any) -> None:
        self._add(event, 1, 1)
        self._open.append((event.anchor, self._nodes - 1))
        self._heights.append(0)
        if event.anchor:
            self._anchors[event.anchor] = None

    def _end(self) -> None:
        anchor, before = self._open.pop()
        height = self._heights.pop() + 1
        self._heights[-1] = max(self._heights[-1], height)
        if anchor:
            self._anchors[anchor] = (self._nodes - before, height)

    def _alias(self, event: t.Any) -> None:
        # The composer reports an unknown alias.
        size = self._anchors.get(event.anchor, (1, 0))
        if size is None:
            raise invalid_yaml(
                self._path,
                event.start_mark.line,
                event.start_mark.column,
                "an alias refers to a value that contains it",
            )
        self._add(event, *size)
        self._heights[-1] = max(self._heights[-1], size[1])

    def _add(self, event: t.Any, nodes: int, levels: int) -> None:
        self._nodes += nodes
        where = f"{self._path}: line {event.start_mark.line + 1}"
        if self._nodes > self._max_nodes:
            raise OptionError(
                f"{where}: the {self._subject} has more than {self._max_nodes} values; a Deployment needs a few hundred."
            )
        if len(self._open) + levels > self._max_depth:
            raise OptionError(f"{where}: the {self._subject} is nested more than {self._max_depth} levels deep.")
