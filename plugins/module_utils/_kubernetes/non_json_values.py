# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mark values of YAML that JSON does not support, in templates that Ansible reads as mappings.

These values become text when Ansible turns the options of a task into JSON, and a module cannot distinguish them from text
of the user. The action plugin therefore replaces them by marks first.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    FREE_MAPS,
    SERVER_METADATA,
)

# The keys from the top to a value, with the index for an element of a list.
Keys = t.Tuple[t.Any, ...]

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
# The server also sets the fields of a deletion.
_SET_BY_SERVER = SERVER_METADATA | {"deletionGracePeriodSeconds", "deletionTimestamp"}
_FREE = frozenset((name,) for name in FREE_MAPS)


def describe_mark(value: t.Any) -> str | None:
    """Return the type of the marked value in words, or ``None`` if ``value`` is not a mark."""
    match = _MARK.fullmatch(value) if isinstance(value, str) else None
    return _KINDS[match[1] or match[2]] if match else None


def is_set_by_server(keys: Keys) -> bool:
    """Return whether the value at ``keys`` of a Kubernetes object is status or bookkeeping. These are never compared."""
    if keys[:1] == ("status",):
        return True
    return any(
        key in _SET_BY_SERVER and above == "metadata" and keys[index - 2 : index - 1] not in _FREE
        for index, (above, key) in enumerate(zip(keys, keys[1:]), 1)
    )


def mark_non_json_values(value: t.Any) -> t.Any:
    """Return a template with marks, which parse_template refuses, in place of values that JSON does not support.

    Call this function before the template is turned into JSON. Dates that the server sets stay. A template without such
    values is returned unchanged.
    """
    try:
        return _Marker().mark(value, ())
    except RecursionError:
        # parse_template refuses the number of levels later.
        return value


class _Marker:
    """Replaces values. It visits shared parts (YAML anchors) once for each class of keys."""

    def __init__(self) -> None:
        # The value is kept, so that no other value gets its id.
        self._known: dict[tuple[int, Keys], tuple[t.Any, t.Any]] = {}

    def mark(self, value: t.Any, keys: Keys) -> t.Any:
        if isinstance(value, (datetime.date, datetime.time)):
            return value if is_set_by_server(keys) else f"!!timestamp {value}"
        if isinstance(value, (bytes, bytearray)):
            return "!!binary"
        if isinstance(value, (set, frozenset)):
            return "!!set"
        if not isinstance(value, (dict, list)):
            return value
        known = id(value), _classify(keys)
        if known not in self._known:
            # A mapping that contains itself stays unchanged at that point.
            self._known[known] = value, value
            self._known[known] = value, self._mark_inside(value, keys)
        return self._known[known][1]

    def _mark_inside(self, value: t.Any, keys: Keys) -> t.Any:
        if isinstance(value, list):
            entries = [self.mark(entry, (*keys, index)) for index, entry in enumerate(value)]
            return entries if any(new is not old for new, old in zip(entries, value)) else value
        pairs = [(_mark_key(key), self.mark(entry, (*keys, key))) for key, entry in value.items()]
        same = all(new is old and key is before for (key, new), (before, old) in zip(pairs, value.items()))
        return value if same else dict(pairs)


def _classify(keys: Keys) -> Keys:
    """Return the properties of ``keys`` that affect the values below them."""
    is_free = keys[-1:] in _FREE
    is_metadata = keys[-1:] == ("metadata",) and keys[-2:-1] not in _FREE
    return is_set_by_server(keys), is_metadata, is_free, not keys


def _mark_key(key: t.Any) -> t.Any:
    """Return ``key`` or its mark. JSON turns each key into text, so a module cannot determine its type."""
    if isinstance(key, (datetime.date, datetime.time)):
        return f"!!timestamp {key}"
    return next((f"!!{mark}" for kind, mark in _KEYS if isinstance(key, kind)), key)
