# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The violations of a JSON Schema, with messages for users. This file is only loaded for an invalid value.

The messages do not quote the value, because a body may contain data that must not appear in a log. The keyword SHOW_VALUE of a schema allows it.
"""

from __future__ import annotations

import re
import traceback
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.schema import SHOW_VALUE, Schema
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import shorten
from ansible_collections.community.huaweicloud.plugins.module_utils._values import IdentityCache

MAX_PROBLEMS = 3
MISSING = "is missing"


class Problem(t.NamedTuple):
    """A violation of a schema: ``path`` is like ``a.b[0].c``, and empty for the whole value."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or 'the value'} {self.message}"


def find_problems(schema: Schema, value: t.Any) -> list[Problem]:
    """Return where ``value`` violates ``schema``, sorted by path. Raise LibraryError if jsonschema is missing."""
    errors = _validators.get(schema).iter_errors(value)
    return sorted({problem for found in errors for error in _find_leaves(found) for problem in _describe(error)})


def format_problems(problems: t.Sequence[Problem]) -> str:
    """Return the first problems as one text."""
    more = len(problems) - MAX_PROBLEMS
    tail = f"; and {more} more" if more > 0 else ""
    return "; ".join(str(problem) for problem in problems[:MAX_PROBLEMS]) + tail


def _make_validator(schema: Schema) -> t.Any:
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise LibraryError(
            "The Python library jsonschema is needed, and it cannot be imported.",
            library="jsonschema",
            traceback=traceback.format_exc(),
        ) from None
    return Draft202012Validator(schema)


_validators: IdentityCache[Schema, t.Any] = IdentityCache(_make_validator)


def _find_leaves(error: t.Any) -> t.Iterator[t.Any]:
    """Yield the errors within an anyOf or oneOf with one branch. With several branches, only the error itself is clear."""
    if len(error.context or []) == 1:
        yield from _find_leaves(error.context[0])
    else:
        yield error


def _describe(error: t.Any) -> list[Problem]:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    if error.validator == "required":
        return [
            Problem(f"{path}.{name}".lstrip("."), MISSING)
            for name in error.validator_value
            if name not in error.instance
        ]
    if error.validator == "additionalProperties":
        return [Problem(path, "contains an unknown key")]
    if "description" in error.schema:
        # A rule in words, where the keyword alone is hard to understand.
        return [Problem(path, error.schema["description"])]
    format_limit = _MESSAGES.get(error.validator, lambda limit: f"does not satisfy '{error.validator}'")
    value = f", not {shorten(error.instance)}" if error.schema.get(SHOW_VALUE) else ""
    return [Problem(path, format_limit(error.validator_value) + value)]


_MESSAGES: dict[str, t.Callable[[t.Any], str]] = {
    "type": lambda names: "must be of type " + (names if isinstance(names, str) else " or ".join(names)),
    "pattern": lambda pattern: f"must match {pattern}",
    "minimum": lambda limit: f"must be at least {limit}",
    "maximum": lambda limit: f"must be at most {limit}",
    "minLength": lambda limit: "must not be empty" if limit == 1 else f"must have at least {limit} characters",
    "maxLength": lambda limit: f"must have at most {limit} characters",
    "minItems": lambda limit: f"must have at least {limit} element{'s' if limit > 1 else ''}",
    "maxItems": lambda limit: f"must have at most {limit} elements",
    "const": lambda value: f"must be {value!r}",
    "enum": lambda choices: "must be one of " + ", ".join(repr(choice) for choice in choices),
    "minProperties": lambda limit: "must not be empty",
    "anyOf": lambda branches: "does not match a documented schema",
    "oneOf": lambda branches: "does not match a documented schema",
}


def translate_path(path: str, names: t.Mapping[str, str]) -> str:
    """Return the option for a path of the body. In ``names``, ``[]`` stands for any index."""
    for prefix in sorted(names, key=len, reverse=True):
        pattern = re.escape(prefix).replace(r"\[\]", r"\[([0-9]+)\]")
        match = re.match(rf"{pattern}(?=[.\[]|$)", path)
        if match is not None:
            option = names[prefix]
            for index in match.groups():
                option = option.replace("[]", f"[{index}]", 1)
            return option + path[match.end() :]
    return path
