# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read the template of a release: a Kubernetes object as a mapping, YAML text or JSON text, in bounded time and memory.

Text is read as kubectl reads it. What kubectl would change or refuse, and dates without quotes, are errors that name the place.
"""

from __future__ import annotations

import datetime
import math
import re
import traceback
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, LintError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import Finding, format_findings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.json_text import (
    JsonError,
    RepeatedKey,
    exceeds_limits,
    looks_like_json,
    parse_json_documents,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.non_json_values import (
    Place,
    describe_mark,
    is_set_by_server,
    mark_non_json_values,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.scalars import (
    DATE,
    QUOTE,
    ScalarError,
    fits_64_bits,
    parse_plain_scalar,
    parse_tagged_scalar,
    to_json_number,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, type_name

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 100

# What YAML 1.1 (section 5.1) does not allow in a stream.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_YAML = "tag:yaml.org,2002:"
_STR, _MAP, _SEQ, _MERGE = (f"{_YAML}{name}" for name in ("str", "map", "seq", "merge"))
_WITH_VALUE = frozenset(f"{_YAML}{name}" for name in ("int", "float", "bool", "null"))
# What the loader gives a scalar that has neither a tag nor quotes. No document can contain this tag.
_PLAIN = "(plain)"
_TAGGED = "this tag or value is not plain data: put the value in quotes, without a tag"
_LONE_TAG = re.compile(r"(?:^|[\s\[{,])!(?=[\s,\]}]|\Z)")
_TWICE = "a key is written twice in one mapping"
_KEY = f"a key must be text: {QUOTE}"
_JINJA_KEY = "a key must be text (an expression in braces must be in quotes)"
_SURROGATE = re.compile("[\ud800-\udfff]")
_HALF = "half of a surrogate pair is not a character: write the character itself"
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
# How ansible-core before 2.19 writes a mapping with dates that comes from a Jinja expression.
_PYTHON_DATE = re.compile(r"[:,\[] ?datetime\.(?:date|datetime|time)\(")
# Directives, which no template needs. libyaml compares each %TAG line with all others, and a long prefix is copied to each
# tag that uses it.
_DIRECTIVE = re.compile("(?:^|[\n\r\x85\u2028\u2029])\ufeff?(%[^\n\r\x85\u2028\u2029]*)")
_MAX_DIRECTIVES = 16
_MAX_DIRECTIVE_LENGTH = 200
_LONGEST_PATH = 160
# Names inside PyYAML's messages (aliases, tags) come from the document.
_QUOTED = re.compile(" ?'([^']*)'| ?\"([^\"]*)\"")
# What the constructors of PyYAML and its pure scanner raise for values that Python cannot represent.
_UNSUITABLE_VALUE = (ValueError, LookupError, OverflowError)
_TOKEN = re.compile("<[a-z ]+>|.{0,2}", re.DOTALL)


def parse_template(value: t.Any, path: str) -> dict[str, t.Any]:
    """Return one Kubernetes object as a plain deep copy of text, numbers, booleans, null, lists and mappings with text keys.

    ``path`` is where the template stands, for messages. Raise LintError (several documents, a List), OptionError
    (anything else that is wrong with it; the message names path or line, never the content) or LibraryError (YAML text
    without PyYAML).
    """
    is_text = isinstance(value, str)
    if is_text:
        # libyaml takes no subclass of str, and Ansible tags its text.
        value = _load(str(value), path)
    elif not isinstance(value, dict):
        raise OptionError(f"{path} must be a mapping or YAML text, it is {type_name(value)}.")
    else:
        value = mark_non_json_values(value)
    plain = _Copier(marked=not is_text).mapping(value, path, 1)
    if isinstance(plain.get("items"), list) and str(plain.get("kind", "List")).endswith("List"):
        raise _not_one(path, f"holds a list of {len(plain['items'])} objects, it must be one Deployment")
    return plain


class _Copier:
    """Copies plain data; shared parts (YAML anchors) count as often as they are used."""

    def __init__(self, marked: bool) -> None:
        """``marked``: the data may contain marks of mark_foreign_values."""
        self._nodes = 0
        self._marked = marked

    def mapping(self, value: dict[t.Any, t.Any], path: str, depth: int) -> dict[str, t.Any]:
        self._count(path, depth)
        copy: dict[str, t.Any] = {}
        for key, entry in value.items():
            self._count(path, depth)
            name = self._key(key, path)
            if name in copy:
                raise OptionError(f"{join_path(path, name)}: {_TWICE}.")
            copy[name] = self._value(entry, join_path(path, name), depth + 1)
        return copy

    def _key(self, key: t.Any, path: str) -> str:
        if isinstance(key, int) and not isinstance(key, bool) and fits_64_bits(key):
            return str(int(key))
        kind = describe_mark(key) if self._marked else None
        if kind or not isinstance(key, str):
            raise OptionError(f"{path} has a key that is {kind or type_name(key)}; keys must be text: {QUOTE}.")
        _check_pairs(key, path)
        return str(key)

    def _value(self, value: t.Any, path: str, depth: int) -> t.Any:
        if isinstance(value, dict):
            return self.mapping(value, path, depth)
        if isinstance(value, list):
            self._count(path, depth)
            return [self._value(entry, join_path(path, index), depth + 1) for index, entry in enumerate(value)]
        self._count(path, 1)
        kind = describe_mark(value) if self._marked else None
        if kind:
            raise OptionError(f"{path} is {kind}, it must be text: {QUOTE}.")
        return _scalar(value, path)

    def _count(self, path: str, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise OptionError(
                f"{path}: the template has more than {MAX_NODES} values; a Deployment needs a few hundred."
            )
        if depth > MAX_DEPTH:
            raise OptionError(f"{path[:_LONGEST_PATH]}...: the template is nested more than {MAX_DEPTH} levels deep.")


def _check_pairs(text: str, path: str) -> None:
    if _SURROGATE.search(text):
        raise OptionError(f"{path}: {_HALF}.")


def _scalar(value: t.Any, path: str) -> t.Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        # mark_foreign_values leaves those that the server sets.
        return value.isoformat()
    # Subclasses (Ansible tags its values) become the plain type.
    if isinstance(value, str):
        _check_pairs(value, path)
        return str(value)
    if isinstance(value, int):
        if not fits_64_bits(value):
            raise OptionError(f"{path} is a number of more than 64 bits: {QUOTE}.")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise OptionError(f"{path} is not a finite number: {QUOTE}.")
        return to_json_number(float(value))
    if isinstance(value, RepeatedKey):
        raise OptionError(f"{path}: {_TWICE}.")
    raise OptionError(
        f"{path} is {type_name(value)}; a template holds text, numbers, booleans, null, lists and mappings only."
    )


def find_syntax_error(text: str, path: str) -> str:
    """Return why ``text`` is not valid YAML or JSON, with line and column; empty if it is valid.

    The message quotes nothing of the text. ``path`` names the text in it. A text of more than MAX_BYTES is not checked,
    because the pure parser needs seconds for it: the answer is empty.
    """
    if len(text) > MAX_BYTES:
        return ""
    try:
        if _json_in(text, MAX_BYTES, 2 * MAX_DEPTH):
            return ""
        _check_characters(text, path)
        _check_directives(text, path)
        found = _pure_error(_import_yaml(), text, _Measure(path, whole_document=True))
    except OptionError as error:
        return error.message
    except _UNSUITABLE_VALUE:
        return f"{path} is not valid YAML: a value does not fit its tag."
    return _explain(found, path).message if found else ""


def _load(text: str, path: str) -> dict[str, t.Any]:
    """Return the single mapping that a YAML or JSON text holds. Empty documents do not count."""
    _check_size(text, path)
    documents = _json_in(text, MAX_NODES, MAX_DEPTH)
    kind = "YAML" if documents is None else "JSON"
    if documents is None:
        documents = _yaml_in(text, path)
    if not documents:
        raise OptionError(f"{path} is empty, it must be a Kubernetes Deployment.")
    if len(documents) > 1:
        raise _not_one(path, f"holds {len(documents)} {kind} documents, it must be one Deployment")
    document = documents[0]
    if isinstance(document, RepeatedKey):
        raise OptionError(f"{path}: {_TWICE}.")
    if not isinstance(document, dict):
        hint = None
        if isinstance(document, str):
            hint = "The option takes the Deployment itself, not the name of a file; lookup('file', ...) reads one."
        raise OptionError(f"{path} must be YAML text of a mapping, it is {type_name(document)}.", hint=hint)
    return document


def _json_in(text: str, max_nodes: int, max_depth: int) -> list[t.Any] | None:
    """Return the values that a text holds as JSON. ``None`` if it is not JSON or too large: read it as YAML then."""
    if not looks_like_json(text) or exceeds_limits(text, max_nodes, max_depth):
        return None
    try:
        return parse_json_documents(text)
    except JsonError:
        return None


def _yaml_in(text: str, path: str) -> list[t.Any]:
    if looks_like_json(text) and _PYTHON_DATE.search(text):
        raise OptionError(f"{path} holds a date that is not text: {QUOTE}.")
    try:
        _check_characters(text, path)
        _check_directives(text, path)
        return _documents(_import_yaml(), text, path)
    except OptionError as error:
        raise _json_fault(text, path) or error from None


def _json_fault(text: str, path: str) -> OptionError | None:
    """Return why a text is not JSON if YAML can only report that the escapes of JSON are not those of YAML."""
    if not _SURROGATE_ESCAPE.search(text) or not looks_like_json(text) or exceeds_limits(text, MAX_NODES, MAX_DEPTH):
        return None
    try:
        parse_json_documents(text)
    except JsonError as error:
        where = f"line {error.line + 1}, column {error.column + 1}"
        return OptionError(f"{path} is not valid JSON: {where}: {error.problem}")
    return None


def _not_one(path: str, message: str) -> LintError:
    fix = "Give each Deployment a separate item in gray_deployments, and remove other objects."
    return LintError(format_findings([Finding("one-deployment", path, message, fix)]))


def _check_size(text: str, path: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise OptionError(f"{path} is longer than {MAX_BYTES} bytes.")


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
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # The composer is recursive and merging copies, so size and depth are measured on the stream of events first.
        _Measure(path).run(yaml, yaml.parse(text, Loader=parser))
        if _LONE_TAG.search(text):
            _check_lone_tags(yaml, text, path)
        found = [_Reader(yaml, path).value(node, ()) for node in _nodes(_loader(yaml, parser)(text))]
    except yaml.MarkedYAMLError as exc:
        raise _described(yaml, text, path, exc) from None
    except yaml.YAMLError:
        raise OptionError(f"{path} is not valid YAML.") from None
    except _UNSUITABLE_VALUE:
        raise OptionError(f"{path} is not valid YAML: a value does not fit its tag.") from None
    return [document for document in found if document is not None]


def _check_lone_tags(yaml: t.Any, text: str, path: str) -> None:
    """Refuse a tag that is only an exclamation mark. kubectl makes text of the value, and libyaml does not report the tag."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "tag", None) == "!":
            raise _invalid(path, event.start_mark.line, event.start_mark.column, _TAGGED)


def _loader(yaml: t.Any, parser: t.Any) -> t.Any:
    """Return a loader whose nodes tell a plain scalar from one with quotes or a tag."""

    class Loader(parser):
        def resolve(self, kind: t.Any, value: t.Any, implicit: t.Any) -> t.Any:
            if kind is yaml.ScalarNode:
                return _PLAIN if implicit[0] else _STR
            return super().resolve(kind, value, implicit)

    return Loader


def _nodes(loader: t.Any) -> t.Iterator[t.Any]:
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def _described(yaml: t.Any, text: str, path: str, exc: t.Any) -> OptionError:
    """Return the error to raise for ``exc`` of either parser."""
    try:
        return _explain(_pure_error(yaml, text, _Measure(path)) or exc, path)
    except OptionError as error:
        return error
    except _UNSUITABLE_VALUE:
        # An escaped character or a version number is out of range. The other parser reports a position.
        return _explain(exc, path)


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
    problem = _QUOTED.sub(_without_content, str(exc.problem or exc.context or "it cannot be read"))
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
                # Only the pure parser accepts such an escape.
                if _SURROGATE.search(event.value):
                    raise _invalid(self._path, event.start_mark.line, event.start_mark.column, _HALF)
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
                self._path, event.start_mark.line, event.start_mark.column, "an alias refers to what it is in"
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


class _Reader:
    """Turns nodes into plain data, with the values that kubectl reads."""

    def __init__(self, yaml: t.Any, path: str) -> None:
        self._yaml = yaml
        self._path = path

    def value(self, node: t.Any, place: Place) -> t.Any:
        if isinstance(node, self._yaml.ScalarNode):
            return self._scalar(node, place)
        if isinstance(node, self._yaml.SequenceNode) and node.tag == _SEQ:
            return [self.value(entry, (*place, index)) for index, entry in enumerate(node.value)]
        if isinstance(node, self._yaml.MappingNode) and node.tag == _MAP:
            return self._mapping(node, place)
        raise self._error(node, _TAGGED)

    def _mapping(self, node: t.Any, place: Place) -> dict[str, t.Any]:
        found: dict[str, t.Any] = {}
        merged: dict[str, t.Any] | None = None
        for key_node, value_node in node.value:
            if self._is_merge(key_node):
                if merged is not None:
                    raise self._error(key_node, _TWICE)
                merged = self._merged(key_node, value_node, place)
                if not merged.keys().isdisjoint(found):
                    raise self._error(key_node, "kubectl replaces the keys before a merge key: put the merge key first")
                continue
            key = self._key(key_node)
            if key in found:
                raise self._error(key_node, _TWICE)
            found[key] = self.value(value_node, (*place, key))
        return {**(merged or {}), **found}

    def _is_merge(self, node: t.Any) -> bool:
        return isinstance(node, self._yaml.ScalarNode) and node.value == "<<" and node.tag in (_PLAIN, _MERGE)

    def _merged(self, key_node: t.Any, node: t.Any, place: Place) -> dict[str, t.Any]:
        """Return what the merge key adds. Earlier mappings of a list win."""
        parts = node.value if isinstance(node, self._yaml.SequenceNode) else [node]
        found: dict[str, t.Any] = {}
        for part in reversed(parts):
            if not isinstance(part, self._yaml.MappingNode):
                raise self._error(key_node, "a merge key takes a mapping or a list of mappings")
            found.update(self.value(part, place))
        return found

    def _key(self, node: t.Any) -> str:
        """Return the text of a key. kubectl makes text of numbers; those that it would write in another way are refused."""
        if not isinstance(node, self._yaml.ScalarNode):
            raise self._error(node, _JINJA_KEY)
        key = self._scalar(node, ())
        if isinstance(key, int) and not isinstance(key, bool) and str(key) == node.value:
            return node.value
        if not isinstance(key, str):
            raise self._error(node, _KEY)
        return key

    def _scalar(self, node: t.Any, place: Place) -> t.Any:
        try:
            if node.tag == _PLAIN:
                return parse_plain_scalar(node.value)
            if node.tag in _WITH_VALUE:
                return parse_tagged_scalar(node.value, node.tag)
        except ScalarError as error:
            if str(error) == DATE and is_set_by_server(place):
                return str(node.value)
            raise self._error(node, str(error)) from None
        if node.tag != _STR:
            raise self._error(node, _TAGGED)
        return str(node.value)

    def _error(self, node: t.Any, problem: str) -> OptionError:
        return _invalid(self._path, node.start_mark.line, node.start_mark.column, problem)
