# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Compare Deployments as Kubernetes does: the template that the user specifies with the Deployment that exists.

The template is a subset: additional keys of the existing Deployment are ignored, unless they were applied before (see
``last_applied``). Additional elements of lists are differences, unless a sidecar injector added them (see ``sidecar``).
The order of a list counts if Kubernetes gives it a meaning (see ``order``). Merge keys, defaults and pointer fields are
those of the Kubernetes API types (k8s.io/api, apps/v1 and core/v1).
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    FREE_MAPS,
    MERGE_KEYS,
    get_deployment_name,
    index_by_key,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import (
    KEYED,
    ORDERED,
    Difference,
    FieldPath,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.equality import (
    equals_as_scalar,
    equals_by_default,
    get_defaults,
    is_empty,
    is_unspecified,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.last_applied import (
    Removed,
    mark_removed,
    read_last_applied,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.order import (
    find_reordered,
    is_unordered,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.sidecar import Sidecar
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path

_Item = dict[str, t.Any]
# A Deployment with its cluster: {cluster_id, template}.
_Desired = t.TypeVar("_Desired", bound=t.Mapping[str, t.Any])
_Actual = t.TypeVar("_Actual", bound=t.Mapping[str, t.Any])


def find_differences(desired: _Item, actual: _Item) -> list[Difference]:
    """Return the differences between a template and a Deployment (plain data, see parse_template)."""
    return list(_compare_templates(desired, actual, FieldPath()))


def match_deployments(
    desired_items: t.Sequence[_Desired], actual_items: t.Sequence[_Actual]
) -> tuple[list[tuple[int, _Desired, _Actual | None]], list[_Actual]]:
    """Pair desired with actual items ``{cluster_id, template}``.

    Items match if cluster and Deployment name are equal. Other items match if each side has exactly one item in that
    cluster. Return ``(index, desired item, actual item or None)`` of each desired item, and the unmatched actual items.
    """
    free = list(range(len(actual_items)))
    pairs: dict[int, int] = {}
    for get_identity in (_get_cluster_and_name, _get_unique_cluster):
        known = [get_identity(item, actual_items) for item in actual_items]
        for index, item in enumerate(desired_items):
            key = get_identity(item, desired_items)
            if index in pairs or key is None:
                continue
            found = next((position for position in free if known[position] == key), None)
            if found is not None:
                pairs[index] = found
                free.remove(found)
    matches = [
        (index, item, actual_items[pairs[index]] if index in pairs else None)
        for index, item in enumerate(desired_items)
    ]
    return matches, [actual_items[position] for position in free]


def compare_gray_deployments(
    desired_items: t.Sequence[t.Mapping[str, t.Any]], actual_items: t.Sequence[t.Mapping[str, t.Any]]
) -> list[Difference]:
    """Return the differences of all items ``{cluster_id, template}``.

    Paths begin with ``gray_deployments[<index of the desired item>]``. Unmatched actual items get the indexes after those
    of the desired items.
    """
    matches, unmatched = match_deployments(desired_items, actual_items)
    found: list[Difference] = []
    for index, item, actual_item in matches:
        item_path = join_path("gray_deployments", index)
        if actual_item is None:
            found.append(Difference(item_path, item, None))
            continue
        path = FieldPath((), join_path(item_path, "template"))
        desired, actual = item.get("template"), actual_item.get("template")
        if isinstance(desired, dict) and isinstance(actual, dict):
            found += _compare_templates(desired, actual, path)
        elif desired != actual:
            found.append(path.difference(desired, actual))
    for index, actual_item in enumerate(unmatched, start=len(desired_items)):
        found.append(Difference(join_path("gray_deployments", index), None, actual_item))
    return found


def _get_cluster_and_name(item: t.Mapping[str, t.Any], items: t.Sequence[t.Mapping[str, t.Any]]) -> t.Any:
    name = get_deployment_name(item.get("template"))
    return None if name is None else (item.get("cluster_id"), name)


def _get_unique_cluster(item: t.Mapping[str, t.Any], items: t.Sequence[t.Mapping[str, t.Any]]) -> t.Any:
    cluster = item.get("cluster_id")
    return cluster if sum(other.get("cluster_id") == cluster for other in items) == 1 else None


def _compare_templates(desired: _Item, actual: _Item, path: FieldPath) -> t.Iterator[Difference]:
    applied = read_last_applied(actual)
    sidecar = Sidecar.detect(desired, actual, applied)
    yield from _compare_mappings(mark_removed(desired, applied), actual, path, sidecar)


def _compare(desired: t.Any, actual: t.Any, path: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    if is_unspecified(desired, actual, path):
        return
    if isinstance(desired, Removed):
        yield from _compare_removed(desired.applied, actual, path, sidecar)
        return
    if equals_by_default(desired, actual, path):
        return
    if isinstance(desired, dict) and isinstance(actual, dict):
        yield from _compare_mappings(desired, actual, path, sidecar)
    elif isinstance(desired, list) and isinstance(actual, list):
        yield from _compare_lists(desired, actual, path, sidecar)
    elif not equals_as_scalar(desired, actual, path):
        yield path.difference(desired, actual)


def _compare_removed(applied: t.Any, actual: t.Any, path: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    """Compare a field that was ``applied`` before and that the template no longer contains."""
    if path.last in FREE_MAPS and isinstance(applied, dict) and isinstance(actual, dict):
        for key, value in applied.items():
            if not is_unspecified(value, actual.get(key), path.child(key)):
                yield from _compare_removed(value, actual.get(key), path.child(key), sidecar)
    elif _remains(applied, actual, path, sidecar):
        yield path.difference(None, actual)


def _remains(applied: t.Any, actual: t.Any, path: FieldPath, sidecar: Sidecar) -> bool:
    """Return whether a part of the removed value still exists that the server does not set by default."""
    if actual is None or applied is None:
        return False
    if isinstance(applied, dict) and isinstance(actual, dict):
        return any(_remains(value, actual.get(key), path.child(key), sidecar) for key, value in applied.items())
    if isinstance(applied, list) and isinstance(actual, list):
        return not all(sidecar.is_injected(entry, path.keys) for entry in actual)
    return actual not in get_defaults(path) and not is_empty(actual, path.keys)


def _compare_mappings(desired: _Item, actual: _Item, path: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    desired = {key: value for key, value in desired.items() if value is not None}
    kind = path.keys[-2:]
    # The server adds an empty value to a variable without one, and emptyDir to a volume without a source.
    if kind == ("env", KEYED) and "valueFrom" not in desired:
        desired.setdefault("value", "")
    if kind == ("volumes", KEYED) and not set(desired) - {"name"}:
        desired["emptyDir"] = {}
    for key, value in desired.items():
        yield from _compare(value, actual.get(key), path.child(key), sidecar)
    if kind in (("env", KEYED), ("volumes", KEYED)):
        # These elements have only one source. Another source is a difference, not an additional key.
        for key, value in actual.items():
            if key not in desired and value not in (None, ""):
                yield path.child(key).difference(None, value)


def _compare_lists(
    desired: list[t.Any], actual: list[t.Any], path: FieldPath, sidecar: Sidecar
) -> t.Iterator[Difference]:
    keys = MERGE_KEYS.get(path.last)
    desired_by_key, actual_by_key = index_by_key(desired, keys), index_by_key(actual, keys)
    if desired_by_key is not None and actual_by_key is not None:
        yield from _compare_keyed(desired_by_key, actual_by_key, path, sidecar)
        return
    own = [entry for entry in actual if not sidecar.is_injected(entry, path.keys) or entry in desired]
    if len(desired) != len(own):
        yield path.difference(desired, own)
    else:
        yield from _compare_sequences(desired, own, path, sidecar)


def _compare_keyed(
    desired: dict[tuple[str, ...], _Item], actual: dict[tuple[str, ...], _Item], path: FieldPath, sidecar: Sidecar
) -> t.Iterator[Difference]:
    for key, entry in desired.items():
        element = path.element(_format_key(key, path.last), KEYED)
        if key in actual:
            yield from _compare_mappings(entry, actual[key], element, sidecar)
        else:
            yield element.difference(entry, None)
    for key, entry in actual.items():
        if key not in desired and not sidecar.is_injected(entry, path.keys):
            yield path.element(_format_key(key, path.last), KEYED).difference(None, entry)
    reordered = find_reordered(path.last, desired, actual)
    if reordered:
        positions = {key: position for position, key in enumerate(actual)}
        before = sorted(reordered, key=positions.__getitem__)
        names, names_before = ([_format_key(key, path.last) for key in keys] for keys in (reordered, before))
        # Names are not secret, even if the values are.
        yield Difference(path.text, names, names_before, order=True)


def _format_key(key: tuple[str, ...], name: str) -> str:
    return "/".join(part for part in key if name != "ports" or part != "TCP")


def _compare_sequences(
    desired: list[t.Any], actual: list[t.Any], path: FieldPath, sidecar: Sidecar
) -> t.Iterator[Difference]:
    """Compare lists of the same length whose elements have no keys."""
    positions: t.Sequence[int] = range(len(desired))
    unordered = is_unordered(path.last, desired)
    # In an ordered list of scalars, the messages about each position already show both orders.
    if path.is_shallow() and (unordered or any(isinstance(entry, dict) for entry in desired)):
        pairs = _match_elements(desired, actual, path)
        if unordered:
            free = sorted(set(positions) - set(pairs), reverse=True)
            positions = [free.pop() if position is None else position for position in pairs]
        elif None not in pairs and pairs != list(positions):
            yield replace(path.difference(desired, actual), order=True)
            return
    for index, position in enumerate(positions):
        yield from _compare_elements(desired[index], actual[position], path.element(index, ORDERED), sidecar)


def _match_elements(desired: list[t.Any], actual: list[t.Any], path: FieldPath) -> list[int | None]:
    """Return the position of an equal actual element for each desired element, each position once."""
    free: dict[str, list[int]] = {}
    for position, entry in reversed(list(enumerate(actual))):
        free.setdefault(_to_canonical_text(entry, path), []).append(position)
    found = (free.get(_to_canonical_text(entry, path)) for entry in desired)
    return [positions.pop() if positions else None for positions in found]


def _to_canonical_text(entry: t.Any, path: FieldPath) -> str:
    """Return the same text for elements that differ only in defaults and in orders without a meaning."""
    return json.dumps(_normalize(entry, path.element(0, ORDERED)), sort_keys=True)


def _normalize(value: t.Any, path: FieldPath) -> t.Any:
    if isinstance(value, dict):
        fields = ((key, entry, path.child(key)) for key, entry in value.items() if not isinstance(entry, Removed))
        return {
            key: _normalize(entry, below)
            for key, entry, below in fields
            if not is_empty(entry, below.keys) and (isinstance(entry, bool) or entry not in get_defaults(below))
        }
    if isinstance(value, list):
        entries = [_normalize(entry, path.element(0, ORDERED)) for entry in value]
        return sorted(entries, key=json.dumps) if path.is_shallow() and is_unordered(path.last, value) else entries
    return value


def _compare_elements(desired: t.Any, actual: t.Any, path: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    """Compare elements found by position. Null, zero and empty text are ordinary values there."""
    if isinstance(desired, (dict, list)) and isinstance(actual, (dict, list)):
        yield from _compare(desired, actual, path, sidecar)
    elif desired is not actual and not (desired is not None and equals_as_scalar(desired, actual, path)):
        yield path.difference(desired, actual)
