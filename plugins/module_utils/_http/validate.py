# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Holding a value against a JSON Schema, and wording what does not fit.

The wording does not quote the value: a body may hold what its owner would not like to see in a log. Where nobody could mind, the schema
says so with the keyword SHOWN.
"""

from __future__ import annotations

import re
import traceback
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import shorten

Schema = dict[str, t.Any]

MOST_PROBLEMS = 3
MISSING = "is missing"
SHOWN = "x-shown"

# A schema is a module-level value, so its identity is as good a key as its content, and free.
_validators: dict[int, t.Any] = {}

# IDs never contain blanks. One that does was copied with its surroundings, and no request can find it.
NO_BLANKS: Schema = {"pattern": r"^[^\s\x00-\x1f\x7f]*$(?!\n)", "description": "must not contain blanks or line ends"}
# For names, which may contain blanks.
TRIMMED: Schema = {
    "pattern": r"^(?!\s)[^\x00-\x1f\x7f]*$(?<!\s)",
    "description": "must not begin or end with a blank, or contain line ends",
}


class Problem(t.NamedTuple):
    """One thing that does not fit: ``path`` as ``a.b[0].c`` (empty for the whole) and what is wrong there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or 'the whole'} {self.message}"


def find_problems(schema: Schema, value: t.Any) -> list[Problem]:
    """What of ``value`` does not fit ``schema``, in the order of the paths. Raises LibraryError without jsonschema."""
    errors = _validator(schema).iter_errors(value)
    return sorted({problem for found in errors for error in _leaves(found) for problem in _worded(error)})


def validate_request_body(
    schema: Schema, body: t.Any, option_names: t.Mapping[str, str], *, purpose: str | None = None
) -> None:
    """Raises OptionError when a body we may be about to send does not fit.

    ``option_names`` translates paths of the body into the options they came from (longest prefix wins, ``[]`` is any index). Without a ``purpose``
    ("create workshop 'demo'") what is missing is let pass: it is only needed when there is something to send.
    """
    problems = [
        problem._replace(path=_translated(problem.path, option_names)) for problem in find_problems(schema, body)
    ]
    wrong = [problem for problem in problems if problem.message != MISSING]
    if wrong:
        raise OptionError("Invalid options: " + summary(wrong))
    if problems and purpose:
        raise OptionError(f"To {purpose}, these options are missing: {', '.join(problem.path for problem in problems)}")


def summary(problems: t.Sequence[Problem]) -> str:
    """The first few problems as one text."""
    more = len(problems) - MOST_PROBLEMS
    tail = f"; and {more} more" if more > 0 else ""
    return "; ".join(str(problem) for problem in problems[:MOST_PROBLEMS]) + tail


def _validator(schema: Schema) -> t.Any:
    found = _validators.get(id(schema))
    if found is None:
        try:
            from jsonschema import Draft202012Validator
        except ImportError:
            raise LibraryError(
                "The Python library jsonschema is needed, and it can not be imported.",
                library="jsonschema",
                traceback=traceback.format_exc(),
            ) from None
        found = _validators[id(schema)] = Draft202012Validator(schema)
    return found


def _leaves(error: t.Any) -> t.Iterator[t.Any]:
    """The errors inside an anyOf/oneOf of one branch say more than the branch itself; several branches say less."""
    if len(error.context or []) == 1:
        yield from _leaves(error.context[0])
    else:
        yield error


def _worded(error: t.Any) -> list[Problem]:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    if error.validator == "required":
        return [
            Problem(f"{path}.{name}".lstrip("."), MISSING)
            for name in error.validator_value
            if name not in error.instance
        ]
    if error.validator == "additionalProperties":
        return [Problem(path, "holds a key that is not known")]
    if "description" in error.schema:
        # A rule that people can read, where the keyword alone says little.
        return [Problem(path, error.schema["description"])]
    words = _WORDS.get(error.validator, lambda limit: f"does not satisfy '{error.validator}'")
    given = f", not {shorten(error.instance)}" if error.schema.get(SHOWN) else ""
    return [Problem(path, words(error.validator_value) + given)]


def _types(names: t.Any) -> str:
    return "must be of type " + (names if isinstance(names, str) else " or ".join(names))


_WORDS: dict[str, t.Callable[[t.Any], str]] = {
    "type": _types,
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
    "anyOf": lambda branches: "has none of the documented shapes",
    "oneOf": lambda branches: "has none of the documented shapes",
}


def _translated(path: str, names: t.Mapping[str, str]) -> str:
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
