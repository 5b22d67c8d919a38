# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read the text of a template as kubectl reads it: YAML or JSON, in bounded time and memory.

Values that kubectl would change or refuse, and dates without quotes, are errors. Messages name path and line, never content.
"""

from __future__ import annotations

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
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.scalars import QUOTE
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import type_name
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_limits import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    EventCounter,
    check_characters,
    check_size,
    explain_parser_error,
    invalid_yaml,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_reader import (
    DUPLICATE_KEY,
    NOT_PLAIN,
    PLAIN_TAG,
    STR_TAG,
    NodeReader,
)

_LONE_TAG = re.compile(r"(?:^|[\s\[{,])!(?=[\s,\]}]|\Z)")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
# ansible-core before 2.19 writes a mapping with dates from a Jinja expression in this way.
_PYTHON_DATE = re.compile(r"[:,\[] ?datetime\.(?:date|datetime|time)\(")
# The constructors of PyYAML and its pure scanner raise these for values that Python cannot represent.
_UNSUITABLE_VALUE = (ValueError, LookupError, OverflowError)


def load_text(text: str, path: str) -> dict[str, t.Any]:
    """Return the single mapping in YAML or JSON text. Empty documents are ignored.

    Raise LintError for several documents, OptionError for any other mistake, and LibraryError for YAML without PyYAML.
    """
    check_size(text, path)
    documents = _parse_json(text, MAX_NODES, MAX_DEPTH)
    language = "YAML" if documents is None else "JSON"
    if documents is None:
        documents = _parse_yaml(text, path)
    if not documents:
        raise OptionError(f"{path} is empty, it must be a Kubernetes Deployment.")
    if len(documents) > 1:
        raise several_objects(path, f"holds {len(documents)} {language} documents, it must be one Deployment")
    document = documents[0]
    if isinstance(document, RepeatedKey):
        raise OptionError(f"{path}: {DUPLICATE_KEY}.")
    if not isinstance(document, dict):
        hint = None
        if isinstance(document, str):
            hint = "The option takes the Deployment itself, not the name of a file; lookup('file', ...) reads one."
        raise OptionError(f"{path} must be YAML text of a mapping, it is {type_name(document)}.", hint=hint)
    return document


def find_syntax_error(text: str, path: str) -> str:
    """Return why ``text`` is not valid YAML or JSON, with line and column; empty text if it is valid.

    ``path`` names the text in the message. Text longer than MAX_BYTES is not checked, because the pure parser needs
    seconds for it; the result is empty then.
    """
    if len(text) > MAX_BYTES:
        return ""
    try:
        if _parse_json(text, MAX_BYTES, 2 * MAX_DEPTH):
            return ""
        check_characters(text, path)
        error = _find_pure_error(_import_yaml(), text, EventCounter(path, whole_document=True))
    except OptionError as limit:
        return limit.message
    except _UNSUITABLE_VALUE:
        return f"{path} is not valid YAML: a value does not fit its tag."
    return explain_parser_error(error, path).message if error else ""


def several_objects(path: str, message: str) -> LintError:
    """Return the error for a template with more than one object."""
    fix = "Give each Deployment a separate item in gray_deployments, and remove other objects."
    return LintError(format_findings([Finding("one-deployment", path, message, fix)]))


def _parse_json(text: str, max_nodes: int, max_depth: int) -> list[t.Any] | None:
    """Return the values in JSON text, or ``None`` if the text is not JSON or too large. YAML reports these cases."""
    if not looks_like_json(text) or exceeds_limits(text, max_nodes, max_depth):
        return None
    try:
        return parse_json_documents(text)
    except JsonError:
        return None


def _parse_yaml(text: str, path: str) -> list[t.Any]:
    if looks_like_json(text) and _PYTHON_DATE.search(text):
        raise OptionError(f"{path} holds a date that is not text: {QUOTE}.")
    try:
        check_characters(text, path)
        return _parse_documents(_import_yaml(), text, path)
    except OptionError as error:
        raise _find_json_error(text, path) or error from None


def _find_json_error(text: str, path: str) -> OptionError | None:
    """Return the JSON error of a text whose escapes are valid in JSON only, so that the YAML error would mislead."""
    if not _SURROGATE_ESCAPE.search(text) or not looks_like_json(text) or exceeds_limits(text, MAX_NODES, MAX_DEPTH):
        return None
    try:
        parse_json_documents(text)
    except JsonError as error:
        position = f"line {error.line + 1}, column {error.column + 1}"
        return OptionError(f"{path} is not valid JSON: {position}: {error.problem}")
    return None


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


def _parse_documents(yaml: t.Any, text: str, path: str) -> list[t.Any]:
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # The composer is recursive and copies merged mappings, so count the values and levels of the events first.
        EventCounter(path).count(yaml, yaml.parse(text, Loader=parser))
        if _LONE_TAG.search(text):
            _check_lone_tags(yaml, text, path)
        found = [NodeReader(yaml, path).read(node, ()) for node in _iterate_nodes(_make_loader(yaml, parser)(text))]
    except yaml.MarkedYAMLError as error:
        raise _explain(yaml, text, path, error) from None
    except yaml.YAMLError:
        raise OptionError(f"{path} is not valid YAML.") from None
    except _UNSUITABLE_VALUE:
        raise OptionError(f"{path} is not valid YAML: a value does not fit its tag.") from None
    return [document for document in found if document is not None]


def _check_lone_tags(yaml: t.Any, text: str, path: str) -> None:
    """Refuse a tag that is only an exclamation mark. kubectl reads the value as text, and libyaml does not report the tag."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "tag", None) == "!":
            raise invalid_yaml(path, event.start_mark.line, event.start_mark.column, NOT_PLAIN)


def _make_loader(yaml: t.Any, parser: t.Any) -> t.Any:
    """Return a loader whose nodes distinguish plain scalars from those with quotes or a tag."""

    class Loader(parser):
        def resolve(self, kind: t.Any, value: t.Any, implicit: t.Any) -> t.Any:
            if kind is yaml.ScalarNode:
                return PLAIN_TAG if implicit[0] else STR_TAG
            return super().resolve(kind, value, implicit)

    return Loader


def _iterate_nodes(loader: t.Any) -> t.Iterator[t.Any]:
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def _explain(yaml: t.Any, text: str, path: str, error: t.Any) -> OptionError:
    """Return the error to raise for an error of either parser."""
    try:
        return explain_parser_error(_find_pure_error(yaml, text, EventCounter(path)) or error, path)
    except OptionError as limit:
        return limit
    except _UNSUITABLE_VALUE:
        # An escaped character or a version number is out of range. libyaml reports a position.
        return explain_parser_error(error, path)


def _find_pure_error(yaml: t.Any, text: str, counter: EventCounter) -> t.Any:
    """Return the error of the pure Python parser, or ``None``. Messages then do not depend on libyaml.

    The pure parser needs time that grows with the square of the nesting depth. libyaml may have refused the text for
    its depth already, so count the levels here, too. Raise OptionError if the text exceeds the limits of ``counter``,
    or one of _UNSUITABLE_VALUE.
    """
    try:
        counter.count(yaml, yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        return error
    return None
