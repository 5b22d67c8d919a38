# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Values that YAML has and JSON has not, in templates that Ansible has read as mappings.

Such values become text when the options of a task are turned into JSON, and a module cannot tell them from text that the
user wrote. The action plugin replaces them by marks first.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    FREE_MAPS,
    SERVER_METADATA,
)

# The place of a value: its keys from the top, with the position for an element of a list.
Place = t.Tuple[t.Any, ...]

_MARK = re.compile(r"!!(?:(timestamp) [0-9][-0-9:.+ ]*|(binary|set|null|bool|float))")
_KINDS = {
    "timestamp": "a date",
    "binary": "binary data",
    "set": "a set",
    "null": "null",
    "bool": "a boolean",
    "float": "a number",
}
_KEYS: tuple[tuple[type, str], ...] = ((bool, "bool"), (float, "float"), (type(None), "null"))
# Deletion is set by the server as well.
_SET_BY_SERVER = SERVER_METADATA | {"deletionGracePeriodSeconds", "deletionTimestamp"}
_FREE = frozenset((name,) for name in FREE_MAPS)


def describe_mark(value: t.Any) -> str | None:
    """Return what the value was if ``value`` is a mark, in words."""
    match = _MARK.fullmatch(value) if isinstance(value, str) else None
    return _KINDS[match[1] or match[2]] if match else None


def is_set_by_server(place: Place) -> bool:
    """Return whether the value at ``place`` of a Kubernetes object is status or bookkeeping, which is never compared."""
    if place[:1] == ("status",):
        return True
    return any(
        key in _SET_BY_SERVER and above == "metadata" and place[index - 2 : index - 1] not in _FREE
        for index, (above, key) in enumerate(zip(place, place[1:]), 1)
    )


def mark_non_json_values(value: t.Any) -> t.Any:
    """Return a template with dates and other values that JSON has not replaced by marks that parse_template refuses.

    Call it before the template is turned into JSON for a module. Dates that the server sets are left alone. A template
    without such values is returned unchanged.
    """
    try:
        return _Marks().value(value, ())
    except RecursionError:
        # The limit of levels refuses it later.
        return value


class _Marks:
    """Replaces values; shared parts (YAML anchors) are visited once for each kind of place."""

    def __init__(self) -> None:
        # With the value itself, so that no other value gets its id.
        self._known: dict[tuple[int, Place], tuple[t.Any, t.Any]] = {}

    def value(self, value: t.Any, place: Place) -> t.Any:
        if isinstance(value, (datetime.date, datetime.time)):
            return value if is_set_by_server(place) else f"!!timestamp {value}"
        if isinstance(value, (bytes, bytearray)):
            return "!!binary"
        if isinstance(value, (set, frozenset)):
            return "!!set"
        if not isinstance(value, (dict, list)):
            return value
        known = id(value), _kind_of_place(place)
        if known not in self._known:
            # A mapping within itself keeps its contents there.
            self._known[known] = value, value
            self._known[known] = value, self._inside(value, place)
        return self._known[known][1]

    def _inside(self, value: t.Any, place: Place) -> t.Any:
        if isinstance(value, list):
            entries = [self.value(entry, (*place, index)) for index, entry in enumerate(value)]
            return entries if any(new is not old for new, old in zip(entries, value)) else value
        pairs = [(_marked_key(key), self.value(entry, (*place, key))) for key, entry in value.items()]
        same = all(new is old and key is before for (key, new), (before, old) in zip(pairs, value.items()))
        return value if same else dict(pairs)


def _kind_of_place(place: Place) -> Place:
    """Return all that matters of ``place`` for the values below it."""
    is_free = place[-1:] in _FREE
    is_metadata = place[-1:] == ("metadata",) and place[-2:-1] not in _FREE
    return is_set_by_server(place), is_metadata, is_free, not place


def _marked_key(key: t.Any) -> t.Any:
    """Return ``key`` or its mark: JSON makes text of every key, and a module cannot know what it was."""
    if isinstance(key, (datetime.date, datetime.time)):
        return f"!!timestamp {key}"
    return next((f"!!{mark}" for kind, mark in _KEYS if isinstance(key, kind)), key)
