# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Compare Deployments as Kubernetes would: what the user wrote against what exists.

The wish is compared as a subset: keys that only the server has (defaults, status, bookkeeping) do not count, elements of lists do,
unless a sidecar injector brought them. Merge keys, defaults and pointer fields are those of the Kubernetes API types
(k8s.io/api, apps/v1 and core/v1), names of injected parts those of Istio's injection template.
"""

from __future__ import annotations

import copy
import typing as t
from dataclasses import dataclass, field

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._api_types import (
    DEFAULTS,
    FREE_MAPS,
    INT_OR_STRING,
    KEY_DEFAULTS,
    MERGE_KEYS,
    POD,
    REVISION,
    SERVER_ANNOTATIONS,
    SERVER_METADATA,
    ZERO_COUNTS,
    mapping_at,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._lint import (
    API_VERSION,
    KIND,
    deployment_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._quantity import parse_quantity
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._sidecar import Sidecar
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes._text import (
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
    "without_bookkeeping",
)

_Item = dict[str, t.Any]
_Place = tuple[str, ...]

# Marks in a place for an element found by its merge key, and for one found by its position.
_KEYED = "*"
_ORDERED = "#"
_IMAGES = frozenset(POD + (name, _KEYED, "image") for name in ("containers", "initContainers"))


@dataclass(frozen=True)
class Difference:
    """One difference: where, what was asked for and what exists (``None``: nothing).

    ``image``: it is the image of a container that exists, the one thing that can be updated. ``private``: it is a value
    that may be secret; ``describe`` does not show it, and no repr shows any value.
    """

    path: str
    wish: t.Any = field(repr=False)
    have: t.Any = field(repr=False)
    image: bool = False
    private: bool = field(default=False, repr=False)


def differences(wish: _Item, have: _Item) -> list[Difference]:
    """What in the template ``wish`` (plain data, see parse_template) is not so in the Deployment ``have``; in the wish's order."""
    return list(_compare_mappings(wish, have, _Spot(), Sidecar.of(wish, have)))


def only_images(found: t.Sequence[Difference]) -> bool:
    """Whether there are differences, and every one is the image of an existing container."""
    return bool(found) and all(difference.image for difference in found)


def describe(difference: Difference) -> str:
    """One line, from what exists to what is wanted: ``<path>: 'a' -> 'b'``; without values where they may be secret."""
    if difference.private:
        verb = "is missing" if difference.have is None else "is not wanted" if difference.wish is None else "differs"
        return f"{difference.path} {verb} (values not shown)"
    return f"{difference.path}: {_side(difference.have)} -> {_side(difference.wish)}"


def without_bookkeeping(have: _Item) -> _Item:
    """The Deployment ``have`` as an update takes it back: a copy without status and without what only the server writes.

    Typed servers drop kind and apiVersion of an object inside another; here they are again.
    """
    template = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        **copy.deepcopy({key: value for key, value in have.items() if key != "status"}),
    }
    metadata = {key: value for key, value in mapping_at(template, "metadata").items() if key not in SERVER_METADATA}
    annotations = {key: value for key, value in mapping_at(metadata, "annotations").items() if key != REVISION}
    metadata.pop("annotations", None)
    return dict(template, metadata=dict(metadata, **({"annotations": annotations} if annotations else {})))


def match_deployments(
    wish_items: t.Sequence[_Item], have_items: t.Sequence[_Item]
) -> tuple[list[tuple[int, _Item, _Item | None]], list[_Item]]:
    """Pair items ``{cluster_id, template}``: ``[(index, wish_item, have_item or None)]`` and the unmatched have items.

    Same cluster and Deployment name first; then the same cluster, when both sides have exactly one item there.
    """
    free = list(range(len(have_items)))
    pairs: dict[int, int] = {}
    for identity in (_identity, _single_cluster):
        known = [identity(item, have_items) for item in have_items]
        for index, item in enumerate(wish_items):
            key = identity(item, wish_items)
            if index in pairs or key is None:
                continue
            found = next((position for position in free if known[position] == key), None)
            if found is not None:
                pairs[index] = found
                free.remove(found)
    matches = [
        (index, item, have_items[pairs[index]] if index in pairs else None) for index, item in enumerate(wish_items)
    ]
    return matches, [have_items[position] for position in free]


def compare_gray_deployments(wish_items: t.Sequence[_Item], have_items: t.Sequence[_Item]) -> list[Difference]:
    """Differences of all ``{cluster_id, template}``, paths from ``gray_deployments[<index in the wish>]`` on.

    Items that only exist get the indexes after the wish's.
    """
    matches, unmatched = match_deployments(wish_items, have_items)
    found: list[Difference] = []
    for index, wish, have in matches:
        path = child("gray_deployments", index)
        if have is None:
            found.append(Difference(path, wish, None))
            continue
        spot = _Spot((), child(path, "template"))
        wished, existing = wish.get("template"), have.get("template")
        if isinstance(wished, dict) and isinstance(existing, dict):
            found += _compare_mappings(wished, existing, spot, Sidecar.of(wished, existing))
        elif wished != existing:
            found.append(spot.difference(wished, existing))
    for index, have in enumerate(unmatched, start=len(wish_items)):
        found.append(Difference(child("gray_deployments", index), None, have))
    return found


def _identity(item: _Item, items: t.Sequence[_Item]) -> t.Any:
    name = deployment_name(item.get("template"))
    return None if name is None else (item.get("cluster_id"), name)


def _single_cluster(item: _Item, items: t.Sequence[_Item]) -> t.Any:
    cluster = item.get("cluster_id")
    return cluster if sum(other.get("cluster_id") == cluster for other in items) == 1 else None


def _side(value: t.Any) -> str:
    return "nothing" if value is None else shorten(value)


@dataclass(frozen=True)
class _Spot:
    """Where the comparison is: ``place`` in the schema (marks instead of elements) and ``path`` for people."""

    place: _Place = ()
    path: str = ""

    def key(self, key: str) -> _Spot:
        return _Spot(self.place + (key,), child(self.path, key))

    def element(self, label: str | int, mark: str) -> _Spot:
        return _Spot(self.place + (mark,), f"{self.path}[{label}]")

    @property
    def last(self) -> str:
        return self.place[-1] if self.place else ""

    @property
    def parent(self) -> str:
        return self.place[-2] if len(self.place) > 1 else ""

    def difference(self, wish: t.Any, have: t.Any) -> Difference:
        image = self.place in _IMAGES and isinstance(wish, str)
        return Difference(self.path, wish, have, image, self._private())

    def _private(self) -> bool:
        """Values of environment variables, command lines and headers, and all that holds them; not where they come from."""
        for index, key in enumerate(self.place):
            if key in PRIVATE_KEYS and (not index or self.place[index - 1] not in FREE_MAPS):
                below = self.place[index + 1 :]
                return "valueFrom" not in below and below[-1:] != ("name",)
        return False


def _compare(wish: t.Any, have: t.Any, spot: _Spot, sidecar: Sidecar) -> t.Iterator[Difference]:
    if _unwritten(wish, spot) or _same_by_default(wish, have, spot):
        return
    if isinstance(wish, dict) and isinstance(have, dict):
        yield from _compare_mappings(wish, have, spot, sidecar)
    elif isinstance(wish, list) and isinstance(have, list):
        yield from _compare_lists(wish, have, spot, sidecar)
    elif not _same_scalar(wish, have, spot):
        yield spot.difference(wish, have)


def _unwritten(wish: t.Any, spot: _Spot) -> bool:
    """Null leaves a field to the server, as leaving it out does; bookkeeping is not the user's."""
    if wish is None or spot.place == ("status",):
        return True
    if spot.place == ("metadata", "namespace") and wish == "":
        return True
    return (spot.parent == "metadata" and spot.last in SERVER_METADATA) or (
        spot.parent == "annotations" and spot.last in SERVER_ANNOTATIONS
    )


def _same_by_default(wish: t.Any, have: t.Any, spot: _Spot) -> bool:
    """Whether one side is empty and the other is that, or what the server puts there."""
    # A boolean is no default, though Python takes true for 1.
    defaults = () if isinstance(wish if have is None else have, bool) else _defaults(spot)
    if have is None:
        # Typed servers drop kind and apiVersion of an object inside another.
        return spot.place in (("kind",), ("apiVersion",)) or _is_empty(wish, spot.place) or [wish] == list(defaults)
    return have in defaults and _is_empty(wish, spot.place)


def _defaults(spot: _Spot) -> tuple[t.Any, ...]:
    if spot.parent in FREE_MAPS:
        return ()
    return DEFAULTS.get(spot.last) or DEFAULTS.get(f"{spot.parent}.{spot.last}") or ()


def _is_empty(value: t.Any, place: _Place) -> bool:
    """Whether the server does not tell ``value`` at ``place`` from a missing key."""
    if value is None:
        return True
    if place[-1] in ZERO_COUNTS or (len(place) > 1 and place[-2] in FREE_MAPS):
        return False
    if isinstance(value, dict):
        return all(_is_empty(entry, place + (key,)) for key, entry in value.items())
    return value in ("", 0, []) and not (place[-1] == "value" and "env" in place and value == 0)


def _same_scalar(wish: t.Any, have: t.Any, spot: _Spot) -> bool:
    if isinstance(wish, (dict, list)) or isinstance(have, (dict, list)) or have is None:
        return False
    if spot.last == "value" and "env" in spot.place:
        return _env_text(wish) == _env_text(have)
    if _is_quantity(spot.place):
        numbers = parse_quantity(wish), parse_quantity(have)
        if None not in numbers:
            return numbers[0] == numbers[1]
    if isinstance(wish, bool) or isinstance(have, bool):
        return wish is have
    if spot.last in INT_OR_STRING:
        return str(wish) == str(have)
    return bool(wish == have)


def _env_text(value: t.Any) -> str:
    # The server knows text only; a number or a word of YAML counts as it would be written.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_quantity(place: _Place) -> bool:
    if len(place) > 2 and place[-2] in ("limits", "requests") and place[-3] == "resources":
        return True
    return place[-2:] in (("emptyDir", "sizeLimit"), ("resourceFieldRef", "divisor")) or place[-2:-1] == ("overhead",)


def _compare_mappings(wish: _Item, have: _Item, spot: _Spot, sidecar: Sidecar) -> t.Iterator[Difference]:
    wish = _with_default_member(wish, spot)
    for key, value in wish.items():
        yield from _compare(value, have.get(key), spot.key(key), sidecar)
    for key in _foreign_members(wish, have, spot):
        yield spot.key(key).difference(None, have[key])


def _with_default_member(wish: _Item, spot: _Spot) -> _Item:
    """A variable without value has an empty one, a volume without source is an emptyDir: so the server reads them."""
    wish = {key: value for key, value in wish.items() if value is not None}
    if spot.place[-2:] == ("env", _KEYED) and "valueFrom" not in wish:
        wish.setdefault("value", "")
    if spot.place[-2:] == ("volumes", _KEYED) and not set(wish) - {"name"}:
        wish["emptyDir"] = {}
    return wish


def _foreign_members(wish: _Item, have: _Item, spot: _Spot) -> list[str]:
    """Where only one of several keys may stand (source of a volume, of a variable): another one than the wish's."""
    if spot.place[-2:] not in (("env", _KEYED), ("volumes", _KEYED)):
        return []
    return [key for key, value in have.items() if key not in wish and value not in (None, "")]


def _compare_lists(wish: list[t.Any], have: list[t.Any], spot: _Spot, sidecar: Sidecar) -> t.Iterator[Difference]:
    keys = MERGE_KEYS.get(spot.last)
    wished, existing = _keyed(wish, keys), _keyed(have, keys)
    if wished is not None and existing is not None:
        yield from _compare_keyed(wished, existing, spot, sidecar)
        return
    own = [entry for entry in have if entry in wish or not sidecar.brought(entry, spot.place)]
    if len(wish) != len(own):
        yield spot.difference(wish, own)
        return
    for index, (wish_entry, have_entry) in enumerate(zip(wish, own)):
        yield from _compare_elements(wish_entry, have_entry, spot.element(index, _ORDERED), sidecar)


def _compare_keyed(
    wish: dict[tuple[str, ...], _Item], have: dict[tuple[str, ...], _Item], spot: _Spot, sidecar: Sidecar
) -> t.Iterator[Difference]:
    for key, entry in wish.items():
        element = spot.element(_label(key, spot.last), _KEYED)
        if key in have:
            yield from _compare_mappings(entry, have[key], element, sidecar)
        else:
            yield element.difference(entry, None)
    for key, entry in have.items():
        if key not in wish and not sidecar.brought(entry, spot.place):
            yield spot.element(_label(key, spot.last), _KEYED).difference(None, entry)


def _compare_elements(wish: t.Any, have: t.Any, spot: _Spot, sidecar: Sidecar) -> t.Iterator[Difference]:
    """Elements found by position: there, null, zero and empty text are values like any other."""
    if isinstance(wish, (dict, list)) and isinstance(have, (dict, list)):
        yield from _compare(wish, have, spot, sidecar)
    elif wish is not have and not (wish is not None and _same_scalar(wish, have, spot)):
        yield spot.difference(wish, have)


def _keyed(elements: list[t.Any], keys: tuple[str, ...] | None) -> dict[tuple[str, ...], _Item] | None:
    """Elements by merge key, ``None`` when the list has none, or an element lacks it, or two share it."""
    if keys is None:
        return None
    found: dict[tuple[str, ...], _Item] = {}
    for element in elements:
        if not isinstance(element, dict):
            return None
        key = tuple(_key_text(element, name) for name in keys)
        if "" in key or key in found:
            return None
        found[key] = element
    return found


def _key_text(element: _Item, name: str) -> str:
    value = element.get(name) or KEY_DEFAULTS.get(name, "")
    return "" if isinstance(value, (bool, dict, list)) else str(value)


def _label(key: tuple[str, ...], name: str) -> str:
    return "/".join(part for part in key if name != "ports" or part != "TCP")
