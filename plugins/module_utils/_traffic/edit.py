# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""New routes of a VirtualService for a weight, for testers, and for the removal of the gray version. Pure functions.

Only weights and match routes between the two versions change. All other fields keep their values and their order.
"""

from __future__ import annotations

import copy
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import Finding, TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.hosts import get_service_host
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    GRAY,
    ORIGINAL,
    MatchConditions,
    Route,
    TrafficDesired,
    TrafficTarget,
    describe_object,
    get_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.routes import (
    get_match_prefix,
    get_weight,
    parse_name,
)

# The subset of each role, by its name.
SubsetNames = t.Mapping[str, str]


def edit_virtual_service(
    virtual_service: Object,
    routes: t.Sequence[Route],
    desired: TrafficDesired,
    subsets: SubsetNames,
    target: TrafficTarget,
) -> Object:
    """Return a VirtualService with the desired routes. ``routes`` are those of this object that lead to the Service.

    Raise TrafficError if a route has a condition that contradicts those of the testers.
    """
    changed = copy.deepcopy(virtual_service)
    by_index = {route.position: route for route in routes if route.virtual_service == get_name(virtual_service)}
    if not by_index:
        return changed
    replaces_matches = desired.match is not None or desired.absent
    result: list[Object] = []
    number = 0
    for index, content in enumerate(changed["spec"]["http"]):
        route = by_index.get(index)
        if route is None:
            result.append(content)
        elif route.is_match:
            result += [] if replaces_matches else [content]
        else:
            original = _set_destinations(content, route, desired, subsets)
            if desired.match and not desired.absent and original is not None:
                location = Finding("error", describe_object(virtual_service), f"{route.path}.match", "")
                name = f"{get_match_prefix(target)}{number}"
                result.append(make_match_route(content, original, name, desired.match, subsets[GRAY], location))
                number += 1
            result.append(content)
    changed["spec"]["http"] = result
    return changed


def make_virtual_service(target: TrafficTarget, desired: TrafficDesired, subsets: SubsetNames) -> Object:
    """Return a new VirtualService that routes the requests of callers in the mesh to the two versions."""
    name = parse_name(target.virtual_services[0] if target.virtual_services else target.service_name, target)
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    weight = 0 if desired.absent or desired.weight is None else desired.weight
    original: Object = {"destination": {"host": host, "subset": subsets[ORIGINAL]}}
    entries = [original]
    if weight:
        gray = {"destination": {"host": host, "subset": subsets[GRAY]}, "weight": weight}
        entries = [{**original, "weight": 100 - weight}, gray]
    routes: list[Object] = [{"route": entries}]
    if desired.match and not desired.absent:
        location = Finding("error", f"VirtualService {name}", "spec.http[0]", "")
        match_name = f"{get_match_prefix(target)}0"
        routes.insert(0, make_match_route(routes[0], original, match_name, desired.match, subsets[GRAY], location))
    metadata = {"name": name.name, "namespace": name.namespace}
    return {"kind": "VirtualService", "metadata": metadata, "spec": {"hosts": [host], "http": routes}}


def make_match_route(
    route: Object, original: Object, name: str, match: MatchConditions, subset: str, location: Finding
) -> Object:
    """Return a copy of a route for testers: its conditions and theirs, to the gray version, with all other fields of the route."""
    destination = {key: copy.deepcopy(value) for key, value in original.items() if key != "weight"}
    destination["destination"]["subset"] = subset
    tester = make_conditions(match)
    conditions = [_combine(condition, tester, location) for condition in route.get("match") or [{}]]
    rest = {key: copy.deepcopy(value) for key, value in route.items() if key not in ("name", "match", "route")}
    return {"name": name, "match": conditions, "route": [destination], **rest}


def make_conditions(match: MatchConditions) -> Object:
    """Return the conditions of testers as an HTTPMatchRequest. All of them must apply."""
    headers = {name.lower(): _make_string_match(value) for name, value in (match.get("headers") or {}).items()}
    cookies = match.get("cookies") or {}
    if cookies:
        headers["cookie"] = {"regex": make_cookie_regex(cookies)}
    query = {name: _make_string_match(value) for name, value in (match.get("query_params") or {}).items()}
    return {key: value for key, value in (("headers", headers), ("queryParams", query)) if value}


def make_cookie_regex(cookies: t.Mapping[str, t.Any]) -> str:
    """Return a regular expression (RE2) for the whole header Cookie that contains this cookie, among others or alone."""
    ((name, value),) = cookies.items()
    return rf"(.*;\s*)?{re.escape(str(name))}={re.escape(str(value))}(\s*;.*)?"


def _make_string_match(value: t.Any) -> Object:
    return dict(value) if isinstance(value, t.Mapping) else {"exact": str(value)}


def _combine(condition: Object, tester: Object, location: Finding) -> Object:
    """Return a condition that applies if both apply."""
    combined = copy.deepcopy(condition)
    for field, entries in tester.items():
        existing = combined.get(field) or {}
        # Istio compares the names of headers in lower case.
        known = {name.lower() if field == "headers" else name: value for name, value in existing.items()}
        for name, value in entries.items():
            if name in known and known[name] != value:
                problem = f"it already has a condition for {field} '{name}', and a route can have only one."
                finding = location._replace(message=problem)
                raise TrafficError(f"Testers cannot be routed: {finding}", findings=[finding])
        combined[field] = {**existing, **{name: value for name, value in entries.items() if name not in known}}
    return combined


def _get_entry(content: Object, route: Route, role: str) -> Object | None:
    for entry, destination in zip(content["route"], route.destinations):
        if destination.role == role:
            return entry
    return None


def _set_destinations(content: Object, route: Route, desired: TrafficDesired, subsets: SubsetNames) -> Object | None:
    """Set the weights of one route, and pin it to the subsets. Return the destination of the original version, if it has one."""
    entries: list[Object] = content["route"]
    count = len(entries)
    original, gray = (_get_entry(content, route, role) for role in (ORIGINAL, GRAY))
    if desired.weight is None and not desired.absent:
        return original
    weight = 0 if desired.absent else desired.weight or 0
    if original is None:
        if gray is None or weight == 100:
            return None
        original = copy_entry(gray, subsets[ORIGINAL])
        entries.insert(_index_of(entries, gray), original)
    elif "subset" not in original["destination"]:
        original["destination"]["subset"] = subsets[ORIGINAL]
    if gray is None and weight:
        gray = copy_entry(original, subsets[GRAY])
        entries.insert(_index_of(entries, original) + 1, gray)
    elif gray is not None and desired.absent:
        del entries[_index_of(entries, gray)]
        gray = None
    set_weight(original, 100 - weight, count, len(entries))
    if gray is not None:
        set_weight(gray, weight, count, len(entries))
    return original


def copy_entry(entry: Object, subset: str) -> Object:
    """Return a destination of another subset, with all other fields of ``entry`` but its weight."""
    copied = {key: copy.deepcopy(value) for key, value in entry.items() if key != "weight"}
    copied["destination"]["subset"] = subset
    return copied


def _index_of(entries: t.Sequence[Object], wanted: Object) -> int:
    """Return the index of this very object, because another entry may be equal."""
    return next(index for index, entry in enumerate(entries) if entry is wanted)


def set_weight(entry: Object, weight: int, old_count: int, new_count: int) -> None:
    """Set a weight unless the entry has it already, also by the default of a missing weight."""
    if get_weight(entry, old_count) != weight or get_weight(entry, new_count) != weight:
        entry["weight"] = weight
