# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Compare Deployments as Kubernetes would: what the user wrote against what exists.

The template is a subset: keys that only exist do not count, unless they were applied before (see _last_applied). Elements of
lists that only exist count, unless a sidecar injector added them (see _sidecar). The order of a list counts if Kubernetes
gives it a meaning (see _order). Merge keys, defaults and pointer fields are those of the Kubernetes API types (k8s.io/api,
apps/v1 and core/v1).
"""

from __future__ import annotations

import copy
import json
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    DEFAULTS,
    FREE_MAPS,
    INT_OR_STRING,
    MERGE_KEYS,
    POD,
    REVISION,
    SERVER_ANNOTATIONS,
    SERVER_METADATA,
    SIDECAR_STATUS,
    ZERO_COUNTS,
    key_elements,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.last_applied import (
    Removed,
    last_applied,
    mark_removed,
    without_marks,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import (
    API_VERSION,
    KIND,
    deployment_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.order import is_unordered, reordered
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import parse_quantity
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.sidecar import Sidecar, is_status
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import (
    PRIVATE_KEYS,
    child,
    shorten,
)

__all__ = (
    "Difference",
    "compare_gray_deployments",
    "describe",
    "differences",
    "match_deployments",
    "only_images",
    "shorten",
    "strip_server_fields",
    "normalize_deployment",
)

_Item = dict[str, t.Any]
_Place = tuple[str, ...]

# Marks in a place for an element found by its merge key, and for one found by its position.
_KEYED = "*"
_ORDERED = "#"
# Lists of Kubernetes are not nested deeper. Deeper ones are compared in order, so that the time remains bounded.
_DEEPEST_MATCHED = 4
_IMAGES = frozenset(POD + (name, _KEYED, "image") for name in ("containers", "initContainers"))


@dataclass(frozen=True)
class Difference:
    """One difference: where, what was asked for and what exists (``None``: nothing).

    ``image``: it is the image of a container that exists, the one thing that can be updated. ``private``: it is a value
    that may be secret; ``describe`` does not show it, and no repr shows any value. ``order``: both sides are the same
    elements of a list, or their names, in different orders.
    """

    path: str
    desired: t.Any = field(repr=False)
    actual: t.Any = field(repr=False)
    image: bool = False
    private: bool = field(default=False, repr=False)
    order: bool = False


def differences(desired: _Item, actual: _Item) -> list[Difference]:
    """Return where the Deployment ``have`` is not like the template ``wish`` (plain data, see parse_template)."""
    return list(_compare_templates(desired, actual, FieldPath()))


def only_images(found: t.Sequence[Difference]) -> bool:
    """Whether there are differences, and every one is the image of an existing container."""
    return bool(found) and all(difference.image for difference in found)


def describe(difference: Difference) -> str:
    """Return one line, from what exists to what is wanted: ``<path>: 'a' -> 'b'``; without values that may be secret."""
    if difference.order and difference.private:
        return f"{difference.path}: another order (values not shown)"
    if difference.order:
        return f"{difference.path}: order {_sequence(difference.actual)} -> {_sequence(difference.desired)}"
    if difference.private:
        verb = (
            "is missing" if difference.actual is None else "is not wanted" if difference.desired is None else "differs"
        )
        return f"{difference.path} {verb} (values not shown)"
    return f"{difference.path}: {_side(difference.actual)} -> {_side(difference.desired)}"


def strip_server_fields(template: _Item) -> _Item:
    """Return a copy of a Deployment without its status and without metadata that only the server sets.

    The annotation of ``kubectl apply`` stays, because the user may mean it.
    """
    stripped = {key: copy.deepcopy(value) for key, value in template.items() if key != "status"}
    if not isinstance(template.get("metadata"), dict):
        return stripped
    metadata = {key: value for key, value in stripped["metadata"].items() if key not in SERVER_METADATA}
    if isinstance(metadata.get("annotations"), dict) and REVISION in metadata["annotations"]:
        annotations = {key: value for key, value in metadata.pop("annotations").items() if key != REVISION}
        metadata.update({"annotations": annotations} if annotations else {})
    return dict(stripped, metadata=metadata)


def normalize_deployment(actual: _Item) -> _Item:
    """Return the Deployment ``have`` as an update sends it back: without what only the server sets.

    Typed servers drop kind and apiVersion of an object inside another one. Here they are added again.
    """
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {}, **strip_server_fields(actual)}


def match_deployments(
    wish_items: t.Sequence[_Item], actual_items: t.Sequence[_Item]
) -> tuple[list[tuple[int, _Item, _Item | None]], list[_Item]]:
    """Pair items ``{cluster_id, template}``: ``[(index, wish_item, have_item or None)]`` and the unmatched have items.

    Same cluster and Deployment name first; then the same cluster, when both sides have exactly one item there.
    """
    free = list(range(len(actual_items)))
    pairs: dict[int, int] = {}
    for identity in (_identity, _single_cluster):
        known = [identity(item, actual_items) for item in actual_items]
        for index, item in enumerate(wish_items):
            key = identity(item, wish_items)
            if index in pairs or key is None:
                continue
            found = next((position for position in free if known[position] == key), None)
            if found is not None:
                pairs[index] = found
                free.remove(found)
    matches = [
        (index, item, actual_items[pairs[index]] if index in pairs else None) for index, item in enumerate(wish_items)
    ]
    return matches, [actual_items[position] for position in free]


def compare_gray_deployments(wish_items: t.Sequence[_Item], actual_items: t.Sequence[_Item]) -> list[Difference]:
    """Differences of all ``{cluster_id, template}``, paths from ``gray_deployments[<index in the wish>]`` on.

    Items that only exist get the indexes after the wish's.
    """
    matches, unmatched = match_deployments(wish_items, actual_items)
    found: list[Difference] = []
    for index, desired, actual in matches:
        path = child("gray_deployments", index)
        if actual is None:
            found.append(Difference(path, desired, None))
            continue
        spot = FieldPath((), child(path, "template"))
        wished, existing = desired.get("template"), actual.get("template")
        if isinstance(wished, dict) and isinstance(existing, dict):
            found += _compare_templates(wished, existing, spot)
        elif wished != existing:
            found.append(spot.difference(wished, existing))
    for index, actual in enumerate(unmatched, start=len(wish_items)):
        found.append(Difference(child("gray_deployments", index), None, actual))
    return found


def _identity(item: _Item, items: t.Sequence[_Item]) -> t.Any:
    name = deployment_name(item.get("template"))
    return None if name is None else (item.get("cluster_id"), name)


def _single_cluster(item: _Item, items: t.Sequence[_Item]) -> t.Any:
    cluster = item.get("cluster_id")
    return cluster if sum(other.get("cluster_id") == cluster for other in items) == 1 else None


def _side(value: t.Any) -> str:
    return "nothing" if value is None else shorten(value)


def _sequence(elements: t.Sequence[t.Any]) -> str:
    names = [element for element in elements if isinstance(element, str)]
    return shorten(elements) if len(names) < len(elements) else shorten(", ".join(names))[1:-1]


@dataclass(frozen=True)
class FieldPath:
    """Where the comparison is: ``place`` in the schema (marks instead of elements) and ``path`` for people."""

    place: _Place = ()
    path: str = ""

    def key(self, key: str) -> FieldPath:
        return FieldPath(self.place + (key,), child(self.path, key))

    def element(self, label: str | int, mark: str) -> FieldPath:
        return FieldPath(self.place + (mark,), f"{self.path}[{label}]")

    @property
    def last(self) -> str:
        return self.place[-1] if self.place else ""

    @property
    def parent(self) -> str:
        return self.place[-2] if len(self.place) > 1 else ""

    def is_shallow(self) -> bool:
        """Return whether the elements of the list here are matched whatever their order."""
        return self.place.count(_ORDERED) < _DEEPEST_MATCHED

    def difference(self, desired: t.Any, actual: t.Any) -> Difference:
        image = self.place in _IMAGES and isinstance(desired, str)
        return Difference(self.path, without_marks(desired), actual, image, self._private())

    def _private(self) -> bool:
        """Values of environment variables, command lines and headers, and all that holds them; not where they come from."""
        for index, key in enumerate(self.place):
            if key in PRIVATE_KEYS and (not index or self.place[index - 1] not in FREE_MAPS):
                below = self.place[index + 1 :]
                return "valueFrom" not in below and below[-1:] != ("name",)
        return False


def _compare_templates(desired: _Item, actual: _Item, spot: FieldPath) -> t.Iterator[Difference]:
    applied = last_applied(actual)
    yield from _compare_mappings(mark_removed(desired, applied), actual, spot, Sidecar.of(desired, actual, applied))


def _compare(desired: t.Any, actual: t.Any, spot: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    if _unspecified(desired, actual, spot):
        return
    if isinstance(desired, Removed):
        yield from _compare_removed(desired.applied, actual, spot, sidecar)
        return
    if _same_by_default(desired, actual, spot):
        return
    if isinstance(desired, dict) and isinstance(actual, dict):
        yield from _compare_mappings(desired, actual, spot, sidecar)
    elif isinstance(desired, list) and isinstance(actual, list):
        yield from _compare_lists(desired, actual, spot, sidecar)
    elif not _same_scalar(desired, actual, spot):
        yield spot.difference(desired, actual)


def _compare_removed(applied: t.Any, actual: t.Any, spot: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    """Compare a field that was ``applied`` before and that the template no longer contains."""
    if spot.last in FREE_MAPS and isinstance(applied, dict) and isinstance(actual, dict):
        for key, value in applied.items():
            if not _unspecified(value, actual.get(key), spot.key(key)):
                yield from _compare_removed(value, actual.get(key), spot.key(key), sidecar)
    elif _remains(applied, actual, spot, sidecar):
        yield spot.difference(None, actual)


def _remains(applied: t.Any, actual: t.Any, spot: FieldPath, sidecar: Sidecar) -> bool:
    """Return whether ``have`` still has something of ``applied`` that the server does not set by default."""
    if actual is None or applied is None:
        return False
    if isinstance(applied, dict) and isinstance(actual, dict):
        return any(_remains(value, actual.get(key), spot.key(key), sidecar) for key, value in applied.items())
    if isinstance(applied, list) and isinstance(actual, list):
        return not all(sidecar.brought(entry, spot.place) for entry in actual)
    return actual not in _defaults(spot) and not _is_empty(actual, spot.place)


def _unspecified(desired: t.Any, actual: t.Any, spot: FieldPath) -> bool:
    """Return whether a field is not the user's: null leaves it to the server, and bookkeeping belongs to the server."""
    if desired is None or spot.place == ("status",):
        return True
    if spot.place == ("metadata", "namespace") and desired == "":
        return True
    if spot.parent == "annotations" and spot.last == SIDECAR_STATUS:
        # An injector replaces it. A text of another form is not an injector's.
        return isinstance(desired, Removed) or is_status(desired) or is_status(actual)
    return (spot.parent == "metadata" and spot.last in SERVER_METADATA) or (
        spot.parent == "annotations" and spot.last in SERVER_ANNOTATIONS
    )


def _same_by_default(desired: t.Any, actual: t.Any, spot: FieldPath) -> bool:
    """Whether one side is empty and the other is that, or what the server puts there."""
    # A boolean is no default, though Python takes true for 1.
    defaults = () if isinstance(desired if actual is None else actual, bool) else _defaults(spot)
    if actual is None:
        # Typed servers drop kind and apiVersion of an object inside another.
        return (
            spot.place in (("kind",), ("apiVersion",)) or _is_empty(desired, spot.place) or [desired] == list(defaults)
        )
    return actual in defaults and _is_empty(desired, spot.place)


def _defaults(spot: FieldPath) -> tuple[t.Any, ...]:
    if spot.parent in FREE_MAPS:
        return ()
    return DEFAULTS.get(spot.last) or DEFAULTS.get(f"{spot.parent}.{spot.last}") or ()


def _is_empty(value: t.Any, place: _Place) -> bool:
    """Whether the server does not tell ``value`` at ``place`` from a missing key."""
    if value is None or isinstance(value, Removed):
        return True
    if place[-1] in ZERO_COUNTS or (len(place) > 1 and place[-2] in FREE_MAPS):
        return False
    if isinstance(value, dict):
        return all(_is_empty(entry, place + (key,)) for key, entry in value.items())
    return value in ("", 0, []) and not (place[-1] == "value" and "env" in place and value == 0)


def _same_scalar(desired: t.Any, actual: t.Any, spot: FieldPath) -> bool:
    if isinstance(desired, (dict, list)) or isinstance(actual, (dict, list)) or actual is None:
        return False
    if spot.last == "value" and "env" in spot.place:
        return _env_text(desired) == _env_text(actual)
    if _is_quantity(spot.place):
        numbers = parse_quantity(desired), parse_quantity(actual)
        if None not in numbers:
            return numbers[0] == numbers[1]
    if isinstance(desired, bool) or isinstance(actual, bool):
        return desired is actual
    if spot.last in INT_OR_STRING:
        return str(desired) == str(actual)
    return bool(desired == actual)


def _env_text(value: t.Any) -> str:
    # The server knows text only; a number or a word of YAML counts as it would be written.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_quantity(place: _Place) -> bool:
    if len(place) > 2 and place[-2] in ("limits", "requests") and place[-3] == "resources":
        return True
    return place[-2:] in (("emptyDir", "sizeLimit"), ("resourceFieldRef", "divisor")) or place[-2:-1] == ("overhead",)


def _compare_mappings(desired: _Item, actual: _Item, spot: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    desired = _with_default_member(desired, spot)
    for key, value in desired.items():
        yield from _compare(value, actual.get(key), spot.key(key), sidecar)
    for key in _foreign_members(desired, actual, spot):
        yield spot.key(key).difference(None, actual[key])


def _with_default_member(desired: _Item, spot: FieldPath) -> _Item:
    """A variable without value has an empty one, a volume without source is an emptyDir: so the server reads them."""
    desired = {key: value for key, value in desired.items() if value is not None}
    if spot.place[-2:] == ("env", _KEYED) and "valueFrom" not in desired:
        desired.setdefault("value", "")
    if spot.place[-2:] == ("volumes", _KEYED) and not set(desired) - {"name"}:
        desired["emptyDir"] = {}
    return desired


def _foreign_members(desired: _Item, actual: _Item, spot: FieldPath) -> list[str]:
    """Where only one of several keys may stand (source of a volume, of a variable): another one than the wish's."""
    if spot.place[-2:] not in (("env", _KEYED), ("volumes", _KEYED)):
        return []
    return [key for key, value in actual.items() if key not in desired and value not in (None, "")]


def _compare_lists(
    desired: list[t.Any], actual: list[t.Any], spot: FieldPath, sidecar: Sidecar
) -> t.Iterator[Difference]:
    keys = MERGE_KEYS.get(spot.last)
    wished, existing = key_elements(desired, keys), key_elements(actual, keys)
    if wished is not None and existing is not None:
        yield from _compare_keyed(wished, existing, spot, sidecar)
        return
    own = [entry for entry in actual if not sidecar.brought(entry, spot.place) or entry in desired]
    if len(desired) != len(own):
        yield spot.difference(desired, own)
    else:
        yield from _compare_sequences(desired, own, spot, sidecar)


def _compare_sequences(
    desired: list[t.Any], actual: list[t.Any], spot: FieldPath, sidecar: Sidecar
) -> t.Iterator[Difference]:
    """Compare lists of the same length whose elements have no keys."""
    positions: t.Sequence[int] = range(len(desired))
    unordered = is_unordered(spot.last, desired)
    # Of scalars in an ordered list, the messages about each position already name both orders.
    if spot.is_shallow() and (unordered or any(isinstance(entry, dict) for entry in desired)):
        pairs = _match_elements(desired, actual, spot)
        if unordered:
            positions = _complete(pairs)
        elif None not in pairs and pairs != list(positions):
            yield replace(spot.difference(desired, actual), order=True)
            return
    for index, position in enumerate(positions):
        yield from _compare_elements(desired[index], actual[position], spot.element(index, _ORDERED), sidecar)


def _match_elements(desired: list[t.Any], actual: list[t.Any], spot: FieldPath) -> list[int | None]:
    """Return for each element of ``wish`` the position of an equal one in ``have``, each position once."""
    free: dict[str, list[int]] = {}
    for position, entry in reversed(list(enumerate(actual))):
        free.setdefault(_canonical(entry, spot), []).append(position)
    found = (free.get(_canonical(entry, spot)) for entry in desired)
    return [positions.pop() if positions else None for positions in found]


def _complete(positions: list[int | None]) -> list[int]:
    """Return positions with the free ones, in order, in place of ``None``."""
    free = iter(sorted(set(range(len(positions))) - set(positions)))
    return [next(free) if position is None else position for position in positions]


def _canonical(entry: t.Any, spot: FieldPath) -> str:
    """Return a text that is the same for elements that differ only in defaults and in orders without a meaning."""
    return json.dumps(_normalize(entry, spot.element(0, _ORDERED)), sort_keys=True)


def _normalize(value: t.Any, spot: FieldPath) -> t.Any:
    if isinstance(value, dict):
        fields = ((key, entry, spot.key(key)) for key, entry in value.items() if not isinstance(entry, Removed))
        return {
            key: _normalize(entry, place)
            for key, entry, place in fields
            if not _is_empty(entry, place.place) and (isinstance(entry, bool) or entry not in _defaults(place))
        }
    if isinstance(value, list):
        entries = [_normalize(entry, spot.element(0, _ORDERED)) for entry in value]
        return sorted(entries, key=json.dumps) if spot.is_shallow() and is_unordered(spot.last, value) else entries
    return value


def _compare_keyed(
    desired: dict[tuple[str, ...], _Item], actual: dict[tuple[str, ...], _Item], spot: FieldPath, sidecar: Sidecar
) -> t.Iterator[Difference]:
    for key, entry in desired.items():
        element = spot.element(_label(key, spot.last), _KEYED)
        if key in actual:
            yield from _compare_mappings(entry, actual[key], element, sidecar)
        else:
            yield element.difference(entry, None)
    for key, entry in actual.items():
        if key not in desired and not sidecar.brought(entry, spot.place):
            yield spot.element(_label(key, spot.last), _KEYED).difference(None, entry)
    involved = reordered(spot.last, desired, actual)
    if involved:
        now = [_label(key, spot.last) for key in involved]
        positions = {key: position for position, key in enumerate(actual)}
        before = [_label(key, spot.last) for key in sorted(involved, key=positions.__getitem__)]
        # Names are not secret, even where values are.
        yield Difference(spot.path, now, before, order=True)


def _compare_elements(desired: t.Any, actual: t.Any, spot: FieldPath, sidecar: Sidecar) -> t.Iterator[Difference]:
    """Elements found by position: there, null, zero and empty text are values like any other."""
    if isinstance(desired, (dict, list)) and isinstance(actual, (dict, list)):
        yield from _compare(desired, actual, spot, sidecar)
    elif desired is not actual and not (desired is not None and _same_scalar(desired, actual, spot)):
        yield spot.difference(desired, actual)


def _label(key: tuple[str, ...], name: str) -> str:
    return "/".join(part for part in key if name != "ports" or part != "TCP")
