# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversion of JSON Schemas to flat tables of fields, and comparison of such tables.

The conversion supports the keywords that our schemas use. Other keywords raise an error.
"""

from __future__ import annotations

import dataclasses
import typing as t

Schema = t.Mapping[str, t.Any]
Resolve = t.Callable[[Schema], Schema]

ANY = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_ORDINARY = (
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "contains",
)
_SILENT = ("description", "default", "additionalProperties", "x-shown")
_BRANCHES = ("anyOf", "oneOf")
_KNOWN = {
    "type",
    "const",
    "enum",
    "required",
    "properties",
    "items",
    "allOf",
    "if",
    "then",
    "else",
    "not",
    *_BRANCHES,
    *_ORDINARY,
    *_SILENT,
}


@dataclasses.dataclass(frozen=True)
class Field:
    """A field at a path: its types, whether it is required, and other rules by keyword."""

    types: frozenset[str]
    needed: bool = False
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


Fields = t.Dict[str, Field]


class Difference(t.NamedTuple):
    """A difference. ``what`` is presence, types, needed or a keyword. The last two fields are the values on both sides."""

    path: str
    what: str
    client: t.Any
    document: t.Any


def fields(schema: Schema, resolve: Resolve = lambda node: node) -> Fields:
    """Return all fields of a schema by path, such as ``a.b[].c``. ``.*`` means any key, and the root has an empty path."""
    return _fields(schema, "", resolve)


def _fields(schema: Schema, path: str, resolve: Resolve) -> Fields:
    node = resolve(schema)
    unknown = set(node) - _KNOWN
    assert not unknown, f"{path or 'the whole'} uses {sorted(unknown)}, which is not compared yet"
    found = _parse_node(node, path, resolve)
    for part in node.get("allOf", ()):
        found = _merge_all(found, _fields(part, path, resolve))
    for branches in (node[keyword] for keyword in _BRANCHES if keyword in node):
        found = _merge_all(found, _resolve_alternatives(branches, path, resolve))
    if "if" in node:
        found = _merge_all(
            found,
            _merge_alternatives(
                _merge_all(_fields(node["if"], path, resolve), _fields(node["then"], path, resolve)),
                _fields(node["else"], path, resolve),
            ),
        )
    return found


def _parse_node(node: Schema, path: str, resolve: Resolve) -> Fields:
    """Return the fields of a node without the keywords that combine schemas."""
    rules = {name: node[name] for name in _ORDINARY if name in node}
    values = [node["const"]] if "const" in node else node.get("enum")
    if values is not None:
        rules["values"] = sorted(values)
    if "not" in node:
        rules["never"] = sorted(node["not"]["required"])
    found = {path: Field(_types(node, values), False, rules)}
    for name, child in node.get("properties", {}).items():
        found.update(_fields(child, f"{path}.{name}".lstrip("."), resolve))
    if isinstance(node.get("additionalProperties"), dict):
        found.update(_fields(node["additionalProperties"], f"{path}.*", resolve))
    if "items" in node:
        found.update(_fields(node["items"], f"{path}[]", resolve))
    for name in node.get("required", ()):
        child_path = f"{path}.{name}".lstrip(".")
        found[child_path] = dataclasses.replace(found.get(child_path, Field(ANY)), needed=True)
    return found


def _types(node: Schema, values: t.Sequence[t.Any] | None) -> frozenset[str]:
    named = node.get("type", ())
    types = {named} if isinstance(named, str) else set(named)
    if not types and values:
        types = {{str: "string", int: "integer", bool: "boolean"}[type(value)] for value in values}
    # A schema with properties is for objects, even if it has no type.
    return frozenset(types | ({"integer"} if "number" in types else set())) or ANY


def _resolve_alternatives(branches: t.Sequence[Schema], path: str, resolve: Resolve) -> Fields:
    if all(set(branch) == {"required"} for branch in branches):
        return {path: Field(ANY, False, {"at least one of": sorted(sorted(branch["required"]) for branch in branches)})}
    found = _fields(branches[0], path, resolve)
    for branch in branches[1:]:
        found = _merge_alternatives(found, _fields(branch, path, resolve))
    return found


def _merge_all(one: Fields, other: Fields) -> Fields:
    """Return the fields of schemas that must all be valid."""
    merged = {**one, **other}
    for path in one.keys() & other.keys():
        first, second = one[path], other[path]
        merged[path] = Field(first.types & second.types, first.needed or second.needed, {**first.rules, **second.rules})
    return merged


def _merge_alternatives(one: Fields, other: Fields) -> Fields:
    """Return the fields of alternative schemas, with the rules that all of them have."""
    merged = {path: dataclasses.replace(field, needed=False) for path, field in {**one, **other}.items()}
    for path in one.keys() & other.keys():
        first, second = one[path], other[path]
        rules = {name: value for name, value in first.rules.items() if second.rules.get(name) == value}
        merged[path] = Field(first.types | second.types, first.needed and second.needed, rules)
    return merged


def compare_requests(client: Fields, document: Fields) -> list[Difference]:
    """Return all differences between requests of the client and the document."""
    found = _presence(client, document)
    for path in sorted(client.keys() & document.keys()):
        mine, theirs = client[path], document[path]
        if mine.types != theirs.types:
            found.append(Difference(path, "types", sorted(mine.types), sorted(theirs.types)))
        if mine.needed != theirs.needed:
            found.append(Difference(path, "needed", mine.needed, theirs.needed))
        found += _rules(path, mine, theirs, mine.rules.keys() | theirs.rules.keys())
    return found


def compare_responses(client: Fields, document: Fields) -> list[Difference]:
    """Return the differences in which the client accepts less than the document allows in a response."""
    found = _presence(client, document)
    for path in sorted(client.keys() & document.keys()):
        mine, theirs = client[path], document[path]
        if theirs.types - mine.types:
            found.append(Difference(path, "types", sorted(mine.types), sorted(theirs.types)))
        if mine.needed and not theirs.needed:
            found.append(Difference(path, "needed", True, False))
        found += _rules(path, mine, theirs, mine.rules)
    return found


def _presence(client: Fields, document: Fields) -> list[Difference]:
    return [
        Difference(path, "presence", path in client, path in document)
        for path in sorted(client.keys() ^ document.keys())
    ]


def _rules(path: str, mine: Field, theirs: Field, names: t.Iterable[str]) -> list[Difference]:
    pairs = [(name, mine.rules.get(name), theirs.rules.get(name)) for name in sorted(names)]
    return [Difference(path, name, one, other) for name, one, other in pairs if one != other]
