# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Regular expressions for the names of resources to prune."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import compile_regex
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES

# Patterns that are meant to match every name.
_EVERY_NAME_PATTERNS = (".*", "^.*", ".*$", "^.*$")

# Other patterns must not match the empty text in any of these samples, as (team-old)?, x*, ^, \b and lookaheads do.
_EMPTY_MATCH_SAMPLES = ("", "a", "team-old", "Team_1")


def compile_patterns(plural: str, patterns: t.Any) -> list[re.Pattern[str]]:
    """Return the compiled patterns of a kind. Raise OptionError for those that are invalid, or match without using a character."""
    plurals = [kind.plural for kind in RESOURCE_TYPES]
    if plural not in plurals:
        raise OptionError(f"prune: the key must be one of {', '.join(plurals)}, but it is '{plural}'")
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise OptionError(f"prune: {plural} must be a list of regular expressions")
    return [_compile_pattern(pattern, f"prune: {plural}[{index}]") for index, pattern in enumerate(patterns)]


def _compile_pattern(pattern: str, what: str) -> re.Pattern[str]:
    found = compile_regex(pattern, what)
    for sample in _EMPTY_MATCH_SAMPLES if pattern not in _EVERY_NAME_PATTERNS else ():
        check_match(found.search(sample), what)
    return found


def check_match(match: re.Match[str] | None, what: str) -> None:
    """Raise OptionError for an empty match. Such a pattern matches every name, which is seldom intended."""
    if match is not None and not match.group():
        text = f" in '{match.string}'" if match.string else ""
        raise OptionError(
            f"{what} '{match.re.pattern}' matches the empty text{text}. Such a pattern can match every name and delete everything that is not listed.",
            hint="Write .* if that is meant. Otherwise, write a pattern that matches at least one character of each name to delete.",
        )
