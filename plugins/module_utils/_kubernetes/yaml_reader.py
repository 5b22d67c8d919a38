# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read the nodes of a YAML parser as plain data with the values that kubectl reads."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.non_json_values import (
    Keys,
    is_set_by_server,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.scalars import (
    DATE,
    QUOTE,
    ScalarError,
    parse_plain_scalar,
    parse_tagged_scalar,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.yaml_limits import invalid_yaml

# The loader gives this tag to a scalar that has neither a tag nor quotes. No text can contain it.
PLAIN_TAG = "(plain)"
DUPLICATE_KEY = "a key is written twice in one mapping"
NOT_PLAIN = "this tag or value is not plain data: put the value in quotes, without a tag"
_YAML = "tag:yaml.org,2002:"
STR_TAG, _MAP, _SEQ, _MERGE = (f"{_YAML}{name}" for name in ("str", "map", "seq", "merge"))
_WITH_VALUE = frozenset(f"{_YAML}{name}" for name in ("int", "float", "bool", "null"))
_KEY = f"a key must be text: {QUOTE}"
_JINJA_KEY = "a key must be text (an expression in braces must be in quotes)"


class NodeReader:
    """Turns nodes of a YAML parser into plain data."""

    def __init__(self, yaml: t.Any, path: str) -> None:
        self._yaml = yaml
        self._path = path

    def read(self, node: t.Any, keys: Keys) -> t.Any:
        if isinstance(node, self._yaml.ScalarNode):
            return self._read_scalar(node, keys)
        if isinstance(node, self._yaml.SequenceNode) and node.tag == _SEQ:
            return [self.read(entry, (*keys, index)) for index, entry in enumerate(node.value)]
        if isinstance(node, self._yaml.MappingNode) and node.tag == _MAP:
            return self._read_mapping(node, keys)
        raise self._build_error(node, NOT_PLAIN)

    def _read_mapping(self, node: t.Any, keys: Keys) -> dict[str, t.Any]:
        found: dict[str, t.Any] = {}
        merged: dict[str, t.Any] | None = None
        for key_node, value_node in node.value:
            if self._is_merge(key_node):
                if merged is not None:
                    raise self._build_error(key_node, DUPLICATE_KEY)
                merged = self._read_merge(key_node, value_node, keys)
                if not merged.keys().isdisjoint(found):
                    raise self._build_error(
                        key_node, "kubectl replaces the keys before a merge key: put the merge key first"
                    )
                continue
            key = self._read_key(key_node)
            if key in found:
                raise self._build_error(key_node, DUPLICATE_KEY)
            found[key] = self.read(value_node, (*keys, key))
        return {**(merged or {}), **found}

    def _is_merge(self, node: t.Any) -> bool:
        return isinstance(node, self._yaml.ScalarNode) and node.value == "<<" and node.tag in (PLAIN_TAG, _MERGE)

    def _read_merge(self, key_node: t.Any, node: t.Any, keys: Keys) -> dict[str, t.Any]:
        """Return the keys that a merge key adds. Earlier mappings of a list take precedence."""
        parts = node.value if isinstance(node, self._yaml.SequenceNode) else [node]
        found: dict[str, t.Any] = {}
        for part in reversed(parts):
            if not isinstance(part, self._yaml.MappingNode):
                raise self._build_error(key_node, "a merge key takes a mapping or a list of mappings")
            found.update(self.read(part, keys))
        return found

    def _read_key(self, node: t.Any) -> str:
        """Return the text of a key. kubectl turns numbers into text, and this method refuses those that it would reformat."""
        if not isinstance(node, self._yaml.ScalarNode):
            raise self._build_error(node, _JINJA_KEY)
        key = self._read_scalar(node, ())
        if isinstance(key, int) and not isinstance(key, bool) and str(key) == node.value:
            return node.value
        if not isinstance(key, str):
            raise self._build_error(node, _KEY)
        return key

    def _read_scalar(self, node: t.Any, keys: Keys) -> t.Any:
        try:
            if node.tag == PLAIN_TAG:
                return parse_plain_scalar(node.value)
            if node.tag in _WITH_VALUE:
                return parse_tagged_scalar(node.value, node.tag)
        except ScalarError as error:
            if str(error) == DATE and is_set_by_server(keys):
                return str(node.value)
            raise self._build_error(node, str(error)) from None
        if node.tag != STR_TAG:
            raise self._build_error(node, NOT_PLAIN)
        return str(node.value)

    def _build_error(self, node: t.Any, problem: str) -> OptionError:
        return invalid_yaml(self._path, node.start_mark.line, node.start_mark.column, problem)
