# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""New routes of a VirtualService for a rollback, and what a rollback cannot change. Pure functions.

A rollback must be possible in situations in which every other change is refused: another version receives traffic, the subset of the gray version is
deleted, the weights do not add up to 100, or another VirtualService routes to the Service. So it changes only what leads to the gray version.
"""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.edit import copy_entry, set_weight
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import Finding
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    GRAY,
    MISSING,
    ORIGINAL,
    OTHER,
    Route,
    TrafficObservation,
    TrafficTarget,
    describe_object,
    get_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.routes import (
    list_references,
    routes_to_service,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.subsets import (
    get_subset_version,
    list_subsets,
    parse_name,
)


def return_traffic(virtual_service: Object, routes: t.Sequence[Route], subset: str) -> Object:
    """Return a VirtualService without match routes and without traffic to the gray version.

    ``routes`` are those of this object that lead to the Service, and ``subset`` is the one of the original version. The original version gets the
    weight of the gray version. Weights of other versions stay. Destinations whose subset does not exist are removed, because their requests fail.
    """
    changed = copy.deepcopy(virtual_service)
    by_index = {route.position: route for route in routes}
    result: list[Object] = []
    for index, content in enumerate(changed["spec"].get("http") or []):
        route = by_index.get(index)
        if route is not None and route.is_match:
            continue
        if route is not None:
            _return_route(content, route, subset)
        result.append(content)
    if "http" in changed["spec"]:
        changed["spec"]["http"] = result
    return changed


def _return_route(content: Object, route: Route, subset: str) -> None:
    """Move the weight of the gray version to the original version in one route."""
    pairs = list(zip(content["route"], route.destinations))
    count = len(pairs)
    left = [entry for entry, destination in pairs if destination.role in (GRAY, MISSING)]
    moved = sum(destination.weight for _entry, destination in pairs if destination.role in (GRAY, MISSING))
    originals = [entry for entry, destination in pairs if destination.role == ORIGINAL]
    for entry in originals:
        # Without a subset, the gray pods receive a share of the requests.
        entry["destination"].setdefault("subset", subset)
    if not left:
        return
    entries = [entry for entry, destination in pairs if destination.role != MISSING]
    if not originals and (moved or not entries):
        originals = [copy_entry(left[0], subset)]
        entries.insert(0, originals[0])
    for entry, destination in pairs:
        if destination.role == GRAY:
            set_weight(entry, 0, count, len(entries))
    if originals:
        set_weight(originals[0], _find_weight(route, moved), count, len(entries))
    content["route"] = entries


def _find_weight(route: Route, moved: int) -> int:
    """Return the new weight of the first destination of the original version."""
    first = next((one.weight for one in route.destinations if one.role == ORIGINAL), 0)
    others = any(one.weight for one in route.destinations if one.role == OTHER)
    several = sum(one.role == ORIGINAL for one in route.destinations) > 1
    # Without another destination, the weight is 100, even if the weights do not add up to 100.
    return first + moved if others or several else 100


def find_remaining_traffic(observed: TrafficObservation, target: TrafficTarget) -> list[Finding]:
    """Return the destinations of the gray version that receive requests and that a rollback does not change.

    These are TCP and TLS routes, and routes of VirtualServices that do not belong to the task. VirtualServices in ``ignore_virtual_services`` are omitted.
    """
    rule = observed.destination_rule or observed.inherited_rule
    gray = {subset["name"] for subset in list_subsets(rule) if get_subset_version(subset) == target.gray_version}
    ignored = {parse_name(text, target) for text in target.ignore_virtual_services}
    selected = {get_name(found) for found in observed.virtual_services}
    return [
        Finding(
            "error",
            describe_object(found),
            reference.path,
            f"the gray version gets {reference.weight} % of the requests.",
        )
        for found in observed.all_virtual_services
        if get_name(found) not in ignored and routes_to_service(found, target)
        for reference in list_references(found, target)
        if reference.subset in gray and not (reference.protocol == "http" and get_name(found) in selected)
        if reference.weight
    ]
