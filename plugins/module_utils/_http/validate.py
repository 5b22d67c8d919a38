# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Validation of a value against a JSON Schema.

The function ``is_valid`` is compiled from a schema and needs no library. ``problems.py`` finds what is wrong with the jsonschema library, which takes
longer to import than an unchanged task takes to run. It also decides about each value that ``is_valid`` does not accept.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import SHOW_VALUE, Schema
from ansible_collections.community.huaweicloud.plugins.module_utils._values import IdentityCache

# Returns whether a value is valid. False may also mean that jsonschema has to decide.
Check = t.Callable[[t.Any], bool]


def is_valid(schema: Schema, value: t.Any) -> bool:
    """Return whether ``value`` certainly satisfies ``schema``. If not, ``find_problems`` decides, and finds the reasons."""
    return compile_schema(schema)(value)


def compile_schema(schema: Schema) -> Check:
    """Return the check of ``schema``. It is compiled once."""
    return _checks.get(schema)


def validate_request_body(
    schema: Schema, body: t.Any, option_names: t.Mapping[str, str], *, purpose: str | None = None
) -> None:
    """Raise OptionError if a request body violates a schema.

    ``option_names`` maps paths of the body to the options that they come from. The longest prefix applies, and ``[]`` is any index. Missing
    fields are an error only with a ``purpose`` such as "create workshop 'demo'", because without it nothing is sent.
    """
    if is_valid(schema, body):
        return
    from ansible_collections.community.huaweicloud.plugins.module_utils._http import problems

    found = [
        problem._replace(path=problems.translate_path(problem.path, option_names))
        for problem in problems.find_problems(schema, body)
    ]
    violations = [problem for problem in found if problem.message != problems.MISSING]
    if violations:
        raise OptionError("Invalid options: " + problems.format_problems(violations))
    if found and purpose:
        raise OptionError(f"To {purpose}, these options are missing: {', '.join(problem.path for problem in found)}")


def describe_problems(schema: Schema, value: t.Any) -> str:
    """Return the first violations of a schema as one text. It is empty for a valid value."""
    if is_valid(schema, value):
        return ""
    from ansible_collections.community.huaweicloud.plugins.module_utils._http import problems

    return problems.format_problems(problems.find_problems(schema, value))


def _compile(schema: Schema) -> Check:
    """Return a function that checks a value. It accepts nothing if the schema contains a keyword that is not supported here."""
    if not schema.keys() <= _KEYWORDS:
        return _accept_nothing
    checks = [_COMPILERS[keyword](schema) for keyword in schema if keyword in _COMPILERS]
    return _accept_if_all(checks)


def _accept_if_all(checks: t.Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def accepts(value: t.Any) -> bool:
        for check in checks:  # noqa: SIM110 - this is faster than all() with a generator
            if not check(value):
                return False
        return True

    return accepts


def _accept_if_any(checks: t.Sequence[Check]) -> Check:
    def accepts(value: t.Any) -> bool:
        for check in checks:  # noqa: SIM110 - this is faster than any() with a generator
            if check(value):
                return True
        return False

    return accepts


def _accept_nothing(value: t.Any) -> bool:
    return False


def _is_integer(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) or (isinstance(value, float) and value.is_integer())


_TYPES: dict[str, Check] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "null": lambda value: value is None,
    "number": lambda value: type(value) in (int, float),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def _compile_type(schema: Schema) -> Check:
    names = schema["type"]
    if isinstance(names, str):
        return _TYPES[names]
    return _accept_if_any([_TYPES[name] for name in names])


def _compile_properties(schema: Schema) -> Check:
    checks = [(name, _compile(entry)) for name, entry in schema["properties"].items()]

    def accepts(value: t.Any) -> bool:
        if isinstance(value, dict):
            for name, check in checks:
                if name in value and not check(value[name]):
                    return False
        return True

    return accepts


def _compile_additional(schema: Schema) -> Check:
    if schema["additionalProperties"] is not False:
        return _accept_nothing
    known = schema.get("properties", {}).keys()
    return lambda value: not isinstance(value, dict) or value.keys() <= known


def _compile_required(schema: Schema) -> Check:
    names = frozenset(schema["required"])
    return lambda value: not isinstance(value, dict) or names <= value.keys()


def _compile_items(schema: Schema) -> Check:
    check = _compile(schema["items"])
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _compile_pattern(schema: Schema) -> Check:
    search = re.compile(schema["pattern"]).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _compile_size(
    keyword: str, kind: type[t.Sized], accepts: t.Callable[[int, int], bool]
) -> t.Callable[[Schema], Check]:
    def compile_limit(schema: Schema) -> Check:
        limit = schema[keyword]
        return lambda value: not isinstance(value, kind) or accepts(len(value), limit)

    return compile_limit


def _compile_limit(keyword: str, accepts: t.Callable[[t.Any, t.Any], bool]) -> t.Callable[[Schema], Check]:
    def compile_limit(schema: Schema) -> Check:
        limit = schema[keyword]
        return lambda value: type(value) not in (int, float) or accepts(value, limit)

    return compile_limit


def _compile_enum(schema: Schema) -> Check:
    # Other types than text are compared in special ways, for example 1 and true.
    words = frozenset(word for word in schema.get("enum", [schema.get("const")]) if isinstance(word, str))
    return lambda value: isinstance(value, str) and value in words


def _compile_all(schema: Schema) -> Check:
    return _accept_if_all([_compile(entry) for entry in schema["allOf"]])


def _compile_any(schema: Schema) -> Check:
    return _accept_if_any([_compile(entry) for entry in schema["anyOf"]])


def _compile_condition(schema: Schema) -> Check:
    """Return a check for ``if``. Only conditions whose result is always certain are supported."""
    condition, branches = schema["if"], (schema.get("then", {}), schema.get("else", {}))
    if not condition.keys() <= {"type", "required"}:
        return _accept_nothing
    applies, then, otherwise = _compile(condition), _compile(branches[0]), _compile(branches[1])
    return lambda value: (then if applies(value) else otherwise)(value)


_COMPILERS: dict[str, t.Callable[[Schema], Check]] = {
    "type": _compile_type,
    "required": _compile_required,
    "properties": _compile_properties,
    "additionalProperties": _compile_additional,
    "items": _compile_items,
    "pattern": _compile_pattern,
    "minLength": _compile_size("minLength", str, lambda length, limit: length >= limit),
    "maxLength": _compile_size("maxLength", str, lambda length, limit: length <= limit),
    "minItems": _compile_size("minItems", list, lambda length, limit: length >= limit),
    "maxItems": _compile_size("maxItems", list, lambda length, limit: length <= limit),
    "minProperties": _compile_size("minProperties", dict, lambda length, limit: length >= limit),
    "minimum": _compile_limit("minimum", lambda value, limit: value >= limit),
    "maximum": _compile_limit("maximum", lambda value, limit: value <= limit),
    "enum": _compile_enum,
    "const": _compile_enum,
    "allOf": _compile_all,
    "anyOf": _compile_any,
    "if": _compile_condition,
}
# "then" and "else" belong to "if". The others do not restrict the value.
_KEYWORDS = {*_COMPILERS, "then", "else", "description", SHOW_VALUE}


_checks: IdentityCache[Schema, Check] = IdentityCache(_compile)
