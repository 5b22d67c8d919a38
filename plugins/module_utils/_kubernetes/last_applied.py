# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Detect fields that a user removed from a template with the annotation of ``kubectl apply``.

A template contains only the fields that a user specifies. Another field of the Deployment may come from the server or from
an earlier version of the template. Like Kubernetes, the comparison needs the last applied configuration to distinguish
the two. Without the annotation, removed fields are not detected.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    LAST_APPLIED_ANNOTATION,
    MERGE_KEYS,
    get_mapping,
    index_by_key,
)

_Item = dict[str, t.Any]

# Fields of the object that a template may omit.
_OPTIONAL = frozenset(("kind", "apiVersion", "status"))
# The field for the service account has two names. The server sets both.
_ALIASES = {"serviceAccount": "serviceAccountName", "serviceAccountName": "serviceAccount"}
# Elements of these lists have only one source. The comparison reports another source itself.
_UNIONS = ("env", "volumes")


@dataclass(frozen=True)
class Removed:
    """Replaces a value that was applied before and that the template no longer contains."""

    applied: t.Any = field(repr=False)


def read_last_applied(actual: _Item) -> _Item:
    """Return the configuration in the annotation of a Deployment, or an empty one if the annotation does not apply to it."""
    text = get_mapping(actual, "metadata", "annotations").get(LAST_APPLIED_ANNOTATION)
    try:
        applied = json.loads(text) if isinstance(text, str) else None
    except (RecursionError, ValueError):
        return {}
    if not isinstance(applied, dict):
        return {}
    # A template that is an export of another Deployment has the annotation of that Deployment.
    same = get_mapping(applied, "metadata").get("name") == get_mapping(actual, "metadata").get("name")
    return {key: value for key, value in applied.items() if key not in _OPTIONAL} if same else {}


def mark_removed(desired: _Item, applied: _Item) -> _Item:
    """Return a copy of ``desired`` with Removed for each value that only ``applied`` has."""
    return _mark_mapping(desired, applied, "") if applied else desired


def strip_marks(desired: t.Any) -> t.Any:
    """Return a copy of a part of a template without Removed. Return ``None`` for Removed itself."""
    if isinstance(desired, dict):
        return {key: strip_marks(entry) for key, entry in desired.items() if not isinstance(entry, Removed)}
    if isinstance(desired, list):
        return [strip_marks(entry) for entry in desired]
    return None if isinstance(desired, Removed) else desired


def _mark_mapping(desired: _Item, applied: _Item, name: str, fixed: t.Container[str] = ()) -> _Item:
    """``name`` is the key of the mapping, and ``fixed`` are keys in it that cannot be removed."""
    marked = dict(desired)
    for key, before in applied.items():
        now = desired.get(key)
        if now is not None:
            marked[key] = _mark(now, before, key)
        elif before is not None and key not in fixed and not _has_alias(desired, key) and (name, key) != _NAMESPACE:
            marked[key] = Removed(before)
    return marked


# kubectl adds the namespace to what it applies.
_NAMESPACE = ("metadata", "namespace")


def _has_alias(desired: _Item, key: str) -> bool:
    return key in _ALIASES and desired.get(_ALIASES[key]) is not None


def _mark(desired: t.Any, applied: t.Any, name: str) -> t.Any:
    if isinstance(desired, dict) and isinstance(applied, dict):
        return _mark_mapping(desired, applied, name)
    if isinstance(desired, list) and isinstance(applied, list):
        return _mark_list(desired, applied, name)
    return desired


def _mark_list(desired: list[t.Any], applied: list[t.Any], name: str) -> list[t.Any]:
    keys = MERGE_KEYS.get(name)
    now, before = index_by_key(desired, keys), index_by_key(applied, keys)
    if keys and now is not None and before is not None:
        return [
            element if key not in before else _mark_element(element, before[key], name, keys)
            for key, element in now.items()
        ]
    if len(desired) != len(applied):
        return desired
    return [_mark(*pair, name="") for pair in zip(desired, applied)]


def _mark_element(desired: _Item, applied: _Item, name: str, keys: tuple[str, ...]) -> _Item:
    return _mark_mapping(desired, applied, "", applied if name in _UNIONS else keys)
