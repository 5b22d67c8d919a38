# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Results and diffs of asm_traffic and asm_traffic_info. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.hosts import (
    get_service_host,
    list_gateways,
    list_hosts,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    Change,
    Route,
    TrafficObservation,
    TrafficTarget,
    get_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.routes import get_match_prefix
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.subsets import (
    get_subset_version,
    list_subsets,
)

Result = t.Dict[str, t.Any]


def traffic_to_result(target: TrafficTarget, observed: TrafficObservation) -> Result:
    """Return the result ``traffic`` of both modules."""
    return {
        "namespace": target.namespace,
        "service_name": target.service_name,
        "host": get_service_host(target.namespace, target.service_name, target.cluster_domain),
        "original_version": target.original_version,
        "gray_version": target.gray_version,
        "weight": observed.weight if target.gray_version else None,
        "match_routes": [str(route.name) for route in observed.match_routes],
        "virtual_services": [
            {
                "namespace": get_name(found).namespace,
                "name": get_name(found).name,
                "hosts": list_hosts(found, target.cluster_domain),
                "gateways": list_gateways(found),
            }
            for found in observed.virtual_services
        ],
        "destination_rule": _rule_to_result(observed.destination_rule),
        "routes": [_route_to_result(route) for route in observed.routes],
        "pods": [
            {"version": version, "total": state.pods, "ready": state.ready}
            for version, state in observed.readiness.items()
        ],
        "findings": [finding._asdict() for finding in observed.findings],
    }


def _rule_to_result(rule: Object | None) -> Result | None:
    if rule is None:
        return None
    subsets = [{"name": subset["name"], "version": get_subset_version(subset)} for subset in list_subsets(rule)]
    return {"namespace": get_name(rule).namespace, "name": get_name(rule).name, "subsets": subsets}


def _route_to_result(route: Route) -> Result:
    return {
        "virtual_service": str(route.virtual_service),
        "path": route.path,
        "name": route.name,
        "is_match": route.is_match,
        "destinations": [
            {
                "host": destination.host,
                "subset": destination.subset,
                "version": destination.version,
                "weight": destination.weight,
            }
            for destination in route.destinations
        ],
    }


def changes_to_actions(changes: t.Sequence[Change]) -> list[Result]:
    """Return the result ``actions``: the writes in their order."""
    return [
        {
            "action": "create" if change.before is None else "update",
            "kind": change.resource.kind,
            "namespace": change.name.namespace,
            "name": change.name.name,
        }
        for change in changes
    ]


def make_diff(changes: t.Sequence[Change], target: TrafficTarget) -> list[Result]:
    """Return the diff of the changes: one entry for each object, with only the fields that differ."""
    merged: dict[str, tuple[Object | None, Object]] = {}
    for change in changes:
        first = merged.get(str(change), (change.before, change.after))[0]
        merged[str(change)] = first, change.after
    entries = []
    for title, (before, after) in merged.items():
        old: Result = {}
        new: Result = {"metadata": after["metadata"], "spec": after["spec"]}
        if before is not None:
            old, new = _compare(_by_name(before, target), _by_name(after, target))
        if old != new:
            entries.append({"before_header": title, "after_header": title, "before": old, "after": new})
    return entries


def _by_name(found: Object, target: TrafficTarget) -> Result:
    """Return the parts that may change: match routes and subsets by their names, because their positions change with others."""
    spec = found["spec"]
    prefix = get_match_prefix(target)
    parts: Result = {}
    plain = [route for route in spec.get("http") or [] if not str(route.get("name") or "").startswith(prefix)]
    for index, route in enumerate(plain):
        parts[f"spec.http[{index}]"] = route
    for route in spec.get("http") or []:
        if route not in plain:
            parts[f"spec.http[name={route['name']}]"] = route
    for subset in list_subsets(found):
        parts[f"spec.subsets[name={subset['name']}]"] = subset
    return parts


def _compare(before: t.Any, after: t.Any, path: str = "") -> tuple[Result, Result]:
    """Return the values that differ, each by its path."""
    if before == after:
        return {}, {}
    old_parts, new_parts = _get_parts(before, path), _get_parts(after, path)
    if old_parts is None or new_parts is None or isinstance(before, dict) != isinstance(after, dict):
        return {path: before}, {path: after}
    old: Result = {}
    new: Result = {}
    for name in dict.fromkeys([*old_parts, *new_parts]):
        if name not in old_parts:
            new[name] = new_parts[name]
        elif name not in new_parts:
            old[name] = old_parts[name]
        else:
            old_entry, new_entry = _compare(old_parts[name], new_parts[name], name)
            old.update(old_entry)
            new.update(new_entry)
    return old, new


def _get_parts(value: t.Any, path: str) -> Result | None:
    if isinstance(value, dict):
        return {f"{path}.{name}" if path else str(name): entry for name, entry in value.items()}
    if isinstance(value, list):
        return {f"{path}[{index}]": entry for index, entry in enumerate(value)}
    return None
