# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A release's template: a Kubernetes object as mapping or YAML text, read in bounded time and memory."""

from __future__ import annotations

import datetime
import math
import re
import traceback
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, LintError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._lint import Finding, format_findings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._text import child, kind_of

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 100

# What YAML 1.1 (section 5.1) does not allow in a stream.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The tags whose values JSON can carry. Everything else (dates, sets, binary, tags of applications) is refused.
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "merge")
)
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
# Directives, which no template needs. libyaml compares each %TAG line with all others, and a long prefix is copied to each
# tag that uses it.
_DIRECTIVE = re.compile("(?:^|[\n\r\x85\u2028\u2029])\ufeff?(%[^\n\r\x85\u2028\u2029]*)")
_MAX_DIRECTIVES = 16
_MAX_DIRECTIVE_LENGTH = 200
# Converting digits to a number takes quadratic time; no field of a Deployment is longer than this.
_LONGEST_NUMBER = 400
_LONGEST_PATH = 160
# Names inside PyYAML's messages (aliases, tags) come from the document.
_QUOTED = re.compile(" ?'([^']*)'| ?\"([^\"]*)\"")
# What the constructors of PyYAML and its pure scanner raise for values that Python cannot represent.
_UNSUITABLE_VALUE = (ValueError, LookupError, OverflowError)
# What an unquoted Jinja expression becomes: a mapping as the key of a mapping.
_PLAINER = {"found unhashable key": "a key must be text (an expression in braces must stand in quotes)"}
_TOKEN = re.compile("<[a-z ]+>|.{0,2}", re.DOTALL)


def parse_template(value: t.Any, path: str) -> dict[str, t.Any]:
    """One Kubernetes object as a plain deep copy of text, numbers, booleans, null, lists and mappings with text keys.

    ``path`` is where the template stands, for messages. Raises LintError (several documents, a List), OptionError
    (anything else that is wrong with it; the message names path or line, never the content) or LibraryError (YAML text
    without PyYAML).
    """
    if isinstance(value, str):
        # libyaml takes no subclass of str, and Ansible tags its text.
        value = _load(str(value), path)
    elif not isinstance(value, dict):
        raise OptionError(f"{path} must be a mapping or YAML text, it is {kind_of(value)}.")
    plain = _Copy().mapping(value, path, 1)
    if isinstance(plain.get("items"), list) and str(plain.get("kind", "List")).endswith("List"):
        raise _not_one(path, f"holds a list of {len(plain['items'])} objects, it must be one Deployment")
    return plain


class _Copy:
    """Copies plain data; shared parts (YAML anchors) count as often as they are used."""

    def __init__(self) -> None:
        self._nodes = 0

    def mapping(self, value: dict[t.Any, t.Any], path: str, depth: int) -> dict[str, t.Any]:
        self._count(path, depth)
        copy: dict[str, t.Any] = {}
        for key, entry in value.items():
            self._count(path, depth)
            if not isinstance(key, str):
                raise OptionError(
                    f"{path} has a key that is {_describe_key(key)}; keys must be text: put it in quotes."
                )
            copy[str(key)] = self._value(entry, child(path, key), depth + 1)
        return copy

    def _value(self, value: t.Any, path: str, depth: int) -> t.Any:
        if isinstance(value, dict):
            return self.mapping(value, path, depth)
        if isinstance(value, list):
            self._count(path, depth)
            return [self._value(entry, child(path, index), depth + 1) for index, entry in enumerate(value)]
        self._count(path, 1)
        return _scalar(value, path)

    def _count(self, path: str, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise OptionError(
                f"{path}: the template has more than {MAX_NODES} values; a Deployment needs a few hundred."
            )
        if depth > MAX_DEPTH:
            raise OptionError(f"{path[:_LONGEST_PATH]}...: the template is nested more than {MAX_DEPTH} levels deep.")


def _scalar(value: t.Any, path: str) -> t.Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        raise OptionError(f"{path} is {kind_of(value)}, it must be text: put it in quotes.")
    # Subclasses (Ansible tags its values) become the plain type.
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        if _is_too_long(value):
            raise OptionError(f"{path} is a number of more than {_LONGEST_NUMBER} digits.")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise OptionError(f"{path} is not a finite number.")
        return float(value)
    raise OptionError(
        f"{path} is {kind_of(value)}; a template holds text, numbers, booleans, null, lists and mappings only."
    )


def _describe_key(key: t.Any) -> str:
    return f"{kind_of(key)} ({key})" if isinstance(key, int) and not _is_too_long(key) else kind_of(key)


def _is_too_long(number: int) -> bool:
    """Return whether ``number`` has more digits than a template may contain. Python cannot print some of these."""
    return number.bit_length() > _LONGEST_NUMBER * math.log2(10)


def fault_of(text: str, path: str) -> str:
    """Return why ``text`` is not valid YAML, with line and column; empty if it is valid.

    The message quotes nothing of the text. ``path`` names the text in it. A text of more than MAX_BYTES is not checked,
    because the pure parser needs seconds for it: the answer is empty.
    """
    if len(text) > MAX_BYTES:
        return ""
    try:
        _check_characters(text, path)
        _check_directives(text, path)
        found = _pure_error(_import_yaml(), text, _Measure(path, whole_document=True))
    except OptionError as error:
        return error.message
    except _UNSUITABLE_VALUE:
        return f"{path} is not valid YAML: a value does not fit its tag."
    return _explain(found, path).message if found else ""


def _load(text: str, path: str) -> dict[t.Any, t.Any]:
    """The single mapping a YAML text holds. Empty documents do not count."""
    _check_text(text, path)
    yaml = _import_yaml()
    documents = _documents(yaml, text, path)
    if not documents:
        raise OptionError(f"{path} is empty, it must be a Kubernetes Deployment.")
    if len(documents) > 1:
        raise _not_one(path, f"holds {len(documents)} YAML documents, it must be one Deployment")
    if not isinstance(documents[0], dict):
        hint = None
        if isinstance(documents[0], str):
            hint = "The option takes the Deployment itself, not the name of a file; lookup('file', ...) reads one."
        raise OptionError(f"{path} must be YAML text of a mapping, it is {kind_of(documents[0])}.", hint=hint)
    return documents[0]


def _not_one(path: str, message: str) -> LintError:
    fix = "Give each Deployment an item of its own in gray_deployments, and leave other objects out."
    return LintError(format_findings([Finding("one-deployment", path, message, fix)]))


def _check_text(text: str, path: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise OptionError(f"{path} is longer than {MAX_BYTES} bytes.")
    _check_characters(text, path)
    _check_directives(text, path)


def _check_directives(text: str, path: str) -> None:
    """Refuse directives that make a parser slow. Lines of a scalar that begin with a percent sign count as well."""
    for number, match in enumerate(_DIRECTIVE.finditer(text), 1):
        if number > _MAX_DIRECTIVES or len(match[1]) > _MAX_DIRECTIVE_LENGTH:
            line = len(re.findall("\r\n|[\n\r\x85\u2028\u2029]", text[: match.start(1)]))
            raise _invalid(path, line, 0, "too many or too long directives: remove the lines that begin with %")


def _check_characters(text: str, path: str) -> None:
    match = _UNPRINTABLE.search(text)
    if match is not None:
        line = text.count("\n", 0, match.start())
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        raise _invalid(path, line, column, f"the character U+{ord(match.group()):04X} is not allowed")


def _import_yaml() -> t.Any:
    try:
        import yaml
    except ImportError:
        raise LibraryError(
            "A template as YAML text needs the Python library PyYAML.",
            library="PyYAML",
            traceback=traceback.format_exc(),
            hint="Install PyYAML, or write the template as a mapping.",
        ) from None
    return yaml


def _documents(yaml: t.Any, text: str, path: str) -> list[t.Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # The composer is recursive and merging copies, so size and depth are measured on the stream of events first.
        _Measure(path).run(yaml, yaml.parse(text, Loader=loader))
        return [document for document in _construct(yaml, loader(text), path) if document is not None]
    except yaml.MarkedYAMLError as exc:
        raise _described(yaml, text, path, exc) from None
    except yaml.YAMLError:
        raise OptionError(f"{path} is not valid YAML.") from None
    except _UNSUITABLE_VALUE:
        raise OptionError(f"{path} is not valid YAML: a value does not fit its tag.") from None


def _described(yaml: t.Any, text: str, path: str, exc: t.Any) -> OptionError:
    """Return the error to raise for ``exc`` of either parser."""
    try:
        return _explain(_pure_error(yaml, text, _Measure(path)) or exc, path)
    except OptionError as error:
        return error
    except _UNSUITABLE_VALUE:
        # An escaped character or a version number is out of range. The other parser reports a position.
        return _explain(exc, path)


def _construct(yaml: t.Any, loader: t.Any, path: str) -> t.Iterator[t.Any]:
    try:
        while loader.check_node():
            node = loader.get_node()
            _check_nodes(yaml, node, path)
            yield loader.construct_document(node)
    finally:
        loader.dispose()


def _pure_error(yaml: t.Any, text: str, measure: _Measure) -> t.Any:
    """Return the error of the pure Python parser, so that messages do not depend on libyaml; ``None`` if it has none.

    The pure parser needs time that grows with the square of the nesting depth. libyaml may have refused the text for
    its depth already, so measure it here too. Raise OptionError if the text exceeds the limits of ``measure``,
    or one of _UNSUITABLE_VALUE.
    """
    try:
        measure.run(yaml, yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as exc:
        return exc
    return None


def _explain(exc: t.Any, path: str) -> OptionError:
    mark = exc.problem_mark or exc.context_mark
    problem = _QUOTED.sub(_without_content, str(exc.problem or exc.context or "it can not be read"))
    problem = _PLAINER.get(problem, problem)
    if mark is None:
        return OptionError(f"{path} is not valid YAML: {problem}")
    return _invalid(path, mark.line, mark.column, problem)


def _without_content(match: re.Match[str]) -> str:
    """Quoted tokens and single characters stay, longer quotations are content."""
    return match.group() if _TOKEN.fullmatch(match.group(1) or match.group(2) or "") else ""


def _invalid(path: str, line: int, column: int, problem: str) -> OptionError:
    return OptionError(f"{path} is not valid YAML: line {line + 1}, column {column + 1}: {problem}")


class _Measure:
    """Counts nodes, aliases expanded, and levels of a stream of YAML events, without building anything."""

    def __init__(self, path: str, whole_document: bool = False) -> None:
        """``whole_document``: allow any number of values, and levels above those of the templates in it."""
        self._path = path
        self._max_nodes = MAX_BYTES if whole_document else MAX_NODES
        self._max_depth = 2 * MAX_DEPTH if whole_document else MAX_DEPTH
        self._subject = "text" if whole_document else "template"
        self._nodes = 0
        self._open: list[tuple[str | None, int]] = []
        self._heights: list[int] = [0]
        # What an anchor stands for: (nodes, levels), or None while it is still open.
        self._anchors: dict[str, tuple[int, int] | None] = {}

    def run(self, yaml: t.Any, events: t.Iterable[t.Any]) -> None:
        for event in events:
            if isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._add(event, 1, 0)
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
        # An unknown alias is the composer's error to tell.
        measured = self._anchors.get(event.anchor, (1, 0))
        if measured is None:
            raise _invalid(
                self._path, event.start_mark.line, event.start_mark.column, "an alias refers to what it stands in"
            )
        self._add(event, *measured)
        self._heights[-1] = max(self._heights[-1], measured[1])

    def _add(self, event: t.Any, nodes: int, levels: int) -> None:
        self._nodes += nodes
        where = f"{self._path}: line {event.start_mark.line + 1}"
        if self._nodes > self._max_nodes:
            raise OptionError(
                f"{where}: the {self._subject} has more than {self._max_nodes} values; a Deployment needs a few hundred."
            )
        if len(self._open) + levels > self._max_depth:
            raise OptionError(f"{where}: the {self._subject} is nested more than {self._max_depth} levels deep.")


def _check_nodes(yaml: t.Any, root: t.Any, path: str) -> None:
    """Refuse keys written twice, and values that would not become plain data, with the line they stand in."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        problem = _scalar_problem(node) or _mapping_problem(yaml, node)
        if problem is not None:
            raise _invalid(path, problem[0].line, problem[0].column, problem[1])
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)


def _scalar_problem(node: t.Any) -> tuple[t.Any, str] | None:
    if node.tag == _TIMESTAMP:
        return node.start_mark, "a date or time must be text: put it in quotes"
    if node.tag not in _TAGS:
        return node.start_mark, "this tag or value is not plain data: put the value in quotes, without a tag"
    if node.tag in _NUMBERS and len(node.value) > _LONGEST_NUMBER:
        return node.start_mark, "the number is too long: put it in quotes"
    return None


def _mapping_problem(yaml: t.Any, node: t.Any) -> tuple[t.Any, str] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    keys: set[tuple[str, str]] = set()
    for key in (pair[0] for pair in node.value):
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in keys:
                return key.start_mark, "a key is written twice in one mapping"
            keys.add((key.tag, key.value))
    return None
