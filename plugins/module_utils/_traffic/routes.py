# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find and read the routes to a Service in VirtualServices. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import VIRTUAL_SERVICE, Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import Finding
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.hosts import (
    MESH_GATEWAY,
    get_service_host,
    is_partial_name,
    is_visible,
    list_gateways,
    list_hosts,
    matches_host,
    resolve_host,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    GRAY,
    MISSING,
    ORIGINAL,
    OTHER,
    Destination,
    ObjectName,
    Route,
    TrafficTarget,
    describe_object,
    get_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.subsets import (
    get_subset_version,
    list_subsets,
    parse_name,
)

# Lists of routes in a VirtualService.
_ROUTE_LISTS = ("http", "tls", "tcp")
_RESPONSES = ("redirect", "directResponse")


class Reference(t.NamedTuple):
    """A destination that is the Service. ``path`` is that of the destination, ``protocol`` one of http, tls and tcp, ``weight`` the one in force."""

    protocol: str
    position: int
    path: str
    subset: t.Optional[str]
    weight: int


class Selection(t.NamedTuple):
    """The VirtualServices to change, those that do not exist yet, and the problems."""

    selected: t.Tuple[Object, ...]
    missing: t.Tuple[ObjectName, ...]
    findings: t.Tuple[Finding, ...]


def get_match_prefix(target: TrafficTarget) -> str:
    """Return the beginning of the names of match routes. Names of Services and namespaces contain no dot."""
    return f"canary.{target.service_name}.{target.namespace}."


def list_references(virtual_service: Object, target: TrafficTarget) -> list[Reference]:
    """Return the destinations of a VirtualService that are the Service, without those of mirrored requests."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    return [
        Reference(protocol, index, path, destination.get("subset"), weight)
        for protocol, index, path, weight, destination in _iterate_destinations(virtual_service)
        if _resolve(destination, virtual_service, target) == host
    ]


def list_named_subsets(virtual_service: Object, target: TrafficTarget) -> set[str]:
    """Return the subsets of the Service that a VirtualService names, including those of mirrored requests."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    routes = virtual_service["spec"].get("http") or []
    mirrors = [route["mirror"] for route in routes if route.get("mirror")]
    mirrors += [mirror.get("destination") or {} for route in routes for mirror in route.get("mirrors") or []]
    destinations = [*mirrors, *(destination for *location, destination in _iterate_destinations(virtual_service))]
    return {
        destination["subset"]
        for destination in destinations
        if destination.get("subset") and _resolve(destination, virtual_service, target) == host
    }


def _iterate_destinations(virtual_service: Object) -> t.Iterator[tuple[str, int, str, int, Object]]:
    for protocol in _ROUTE_LISTS:
        for index, route in enumerate(virtual_service["spec"].get(protocol) or []):
            entries = route.get("route") or []
            for number, entry in enumerate(entries):
                path = f"spec.{protocol}[{index}].route[{number}].destination"
                yield protocol, index, path, get_weight(entry, len(entries)), entry.get("destination") or {}


def _resolve(destination: Object, virtual_service: Object, target: TrafficTarget) -> str:
    return resolve_host(str(destination.get("host") or ""), get_name(virtual_service).namespace, target.cluster_domain)


def has_service_host(virtual_service: Object, target: TrafficTarget) -> bool:
    """Return whether the Service is one of the hosts of a VirtualService, without wildcards."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    return host in list_hosts(virtual_service, target.cluster_domain)


def routes_to_service(virtual_service: Object, target: TrafficTarget) -> bool:
    """Return whether a VirtualService is for the Service: it has its host, or names it as a destination, and some proxy sees it."""
    if not is_visible(virtual_service):
        return False
    return has_service_host(virtual_service, target) or bool(list_references(virtual_service, target))


def select_virtual_services(found: t.Sequence[Object], target: TrafficTarget) -> Selection:
    """Return the VirtualServices to change among all of the cluster."""
    ignored = {parse_name(text, target) for text in target.ignore_virtual_services}
    relevant = [
        virtual_service
        for virtual_service in found
        if routes_to_service(virtual_service, target) and get_name(virtual_service) not in ignored
    ]
    if target.virtual_services:
        return _select_named(found, relevant, target)
    if len(relevant) > 1:
        # A rollout that has begun must find its state although somebody has added a VirtualService.
        owned = [one for one in relevant if target.owner_annotation in (one["metadata"].get("annotations") or {})]
        selected = owned if len(owned) == 1 else []
        findings = [_describe_candidate(one, target) for one in relevant if one not in selected]
        return Selection(tuple(selected), (), tuple(findings))
    if not relevant:
        return Selection((), (ObjectName(target.namespace, target.service_name),), ())
    if not _routes_mesh_traffic(relevant[0], target):
        problem = (
            "it only routes requests for other hosts or from gateways to the Service, and no VirtualService routes the requests"
            " of callers in the mesh. If that is intended, name it in virtual_services."
        )
        return Selection((), (), (Finding("error", describe_object(relevant[0]), "spec.hosts", problem),))
    return Selection((relevant[0],), (), ())


def _select_named(found: t.Sequence[Object], relevant: t.Sequence[Object], target: TrafficTarget) -> Selection:
    by_name = {get_name(virtual_service): virtual_service for virtual_service in found}
    names = list(dict.fromkeys(parse_name(text, target) for text in target.virtual_services))
    selected = [by_name[name] for name in names if name in by_name]
    findings = [
        Finding("error", describe_object(virtual_service), "spec", f"it does not route to the Service {target}.")
        for virtual_service in selected
        if not routes_to_service(virtual_service, target)
    ]
    findings += [
        _describe_candidate(virtual_service, target)
        for virtual_service in relevant
        if get_name(virtual_service) not in names
    ]
    missing = tuple(name for name in names if name not in by_name)
    if not missing and not any(_routes_mesh_traffic(virtual_service, target) for virtual_service in selected):
        problem = (
            "no VirtualService routes the requests of callers in the mesh, so they reach the pods of all versions."
        )
        findings.append(Finding("warning", f"Service {target}", "", problem))
    return Selection(tuple(selected), missing, tuple(findings))


def _describe_candidate(virtual_service: Object, target: TrafficTarget) -> Finding:
    references = list_references(virtual_service, target)
    path = references[0].path if references else "spec.hosts"
    gateways = ", ".join(list_gateways(virtual_service))
    problem = (
        f"it also routes to the Service {target} (gateways: {gateways}). Name every VirtualService of the Service in"
        " virtual_services or ignore_virtual_services."
    )
    return Finding("error", describe_object(virtual_service), path, problem)


def _routes_mesh_traffic(virtual_service: Object, target: TrafficTarget) -> bool:
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    applies = any(matches_host(pattern, host) for pattern in list_hosts(virtual_service, target.cluster_domain))
    return applies and MESH_GATEWAY in list_gateways(virtual_service)


def find_wildcard(found: t.Sequence[Object], target: TrafficTarget) -> Object | None:
    """Return a VirtualService whose wildcard host applies to callers of the Service in the mesh."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    for virtual_service in found:
        hosts = [name for name in list_hosts(virtual_service, target.cluster_domain) if name.startswith("*")]
        if (
            is_visible(virtual_service)
            and MESH_GATEWAY in list_gateways(virtual_service)
            and any(matches_host(pattern, host) for pattern in hosts)
        ):
            return virtual_service
    return None


def find_partial_names(found: t.Sequence[Object], target: TrafficTarget) -> list[Finding]:
    """Return the hosts that look like the Service although Istio does not resolve them to it."""
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    findings = []
    for virtual_service in found:
        names = [
            (f"spec.hosts[{index}]", name) for index, name in enumerate(virtual_service["spec"].get("hosts") or [])
        ]
        names += [
            (f"{path}.host", str(destination.get("host") or ""))
            for _protocol, _index, path, _weight, destination in _iterate_destinations(virtual_service)
        ]
        for path, name in names:
            if is_partial_name(name, host):
                problem = f"Istio does not resolve '{name}' to the Service, because a short name cannot contain a dot. Use {host}."
                findings.append(Finding("warning", describe_object(virtual_service), path, problem))
    return findings


def read_routes(
    virtual_service: Object, rule: Object | None, target: TrafficTarget
) -> tuple[list[Route], list[Finding]]:
    """Return the HTTP routes of a VirtualService that lead to the Service, and what prevents or limits a change."""
    routes, findings = [], _check_shape(virtual_service, target)
    lists = virtual_service["spec"].get("http") or []
    for index in dict.fromkeys(
        reference.position for reference in list_references(virtual_service, target) if reference.protocol == "http"
    ):
        route = _read_route(virtual_service, index, rule, target)
        routes.append(route)
        findings += [] if route.is_match else _check_route(route, lists[index], virtual_service, rule, target)
    findings += _check_shadows(virtual_service, routes, target)
    return routes, findings


def _read_route(virtual_service: Object, index: int, rule: Object | None, target: TrafficTarget) -> Route:
    route = virtual_service["spec"]["http"][index]
    entries = route["route"]
    versions = {subset["name"]: get_subset_version(subset) for subset in list_subsets(rule)}
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    destinations = []
    for number, entry in enumerate(entries):
        destination = entry.get("destination") or {}
        subset = destination.get("subset")
        version = versions.get(subset) if subset else None
        resolved = _resolve(destination, virtual_service, target)
        destinations.append(
            Destination(
                path=f"spec.http[{index}].route[{number}]",
                host=resolved,
                role=_get_role(resolved == host, subset, versions, target),
                version=version if resolved == host else None,
                subset=subset,
                weight=get_weight(entry, len(entries)),
            )
        )
    name = route.get("name")
    is_match = bool(name) and str(name).startswith(get_match_prefix(target))
    return Route(get_name(virtual_service), index, name, is_match, tuple(destinations))


def _get_role(is_service: bool, subset: str | None, versions: t.Mapping[str, str | None], target: TrafficTarget) -> str:
    if not is_service:
        return OTHER
    # Without a subset, the requests go to the pods of all versions. The original version takes this place.
    if subset is None:
        return ORIGINAL
    if subset not in versions:
        return MISSING
    version = versions[subset]
    if version is not None and version == target.original_version:
        return ORIGINAL
    return GRAY if version is not None and version == target.gray_version else OTHER


def get_weight(entry: Object, count: int) -> int:
    """Return the weight of one of ``count`` destinations. A missing weight means 100 for a single destination and 0 otherwise."""
    weight = entry.get("weight")
    return int(weight) if weight is not None else 100 if count == 1 else 0


def _check_shape(virtual_service: Object, target: TrafficTarget) -> list[Finding]:
    name = describe_object(virtual_service)
    findings = []
    if not virtual_service["spec"].get("hosts"):
        problem = "it is a delegate of another VirtualService, and delegates are not supported."
        findings.append(Finding("error", name, "spec.hosts", problem))
    for reference in list_references(virtual_service, target):
        if reference.protocol != "http":
            problem = f"a {reference.protocol.upper()} route to the Service. Only HTTP routes can be changed."
            findings.append(Finding("error", name, reference.path, problem))
    if has_service_host(virtual_service, target):
        findings += [
            Finding("error", name, f"spec.http[{index}].delegate", "delegates are not supported.")
            for index, route in enumerate(virtual_service["spec"].get("http") or [])
            if route.get("delegate")
        ]
        if not list_references(virtual_service, target):
            problem = f"no route leads to the Service {target}, although it is for this host."
            findings.append(Finding("error", name, "spec.http", problem))
    return findings


def _check_route(
    route: Route, content: Object, virtual_service: Object, rule: Object | None, target: TrafficTarget
) -> list[Finding]:
    name = describe_object(virtual_service)
    host = get_service_host(target.namespace, target.service_name, target.cluster_domain)
    findings = []
    for destination in route.destinations:
        if destination.role == MISSING:
            problem = f"the DestinationRule of the Service has no subset '{destination.subset}'."
            findings.append(Finding("error", name, destination.path, problem))
        elif destination.role == OTHER and destination.weight and target.original_version:
            what = f"subset '{destination.subset}'" if destination.host == host else f"host '{destination.host}'"
            problem = (
                f"{what} gets {destination.weight} % of the traffic. Only the versions {target.original_version} and"
                f" {target.gray_version} may get traffic."
            )
            findings.append(Finding("error", name, destination.path, problem))
    for role in (ORIGINAL, GRAY):
        paths = [destination.path for destination in route.destinations if destination.role == role]
        if len(paths) > 1:
            findings.append(
                Finding("error", name, paths[1], f"the route has several destinations of the {role} version.")
            )
    return findings + find_wrong_sums([route])


def find_wrong_sums(routes: t.Sequence[Route]) -> list[Finding]:
    """Return the routes whose weights do not add up to 100."""
    totals = [(route, sum(destination.weight for destination in route.destinations)) for route in routes]
    return [
        Finding(
            "error",
            f"{VIRTUAL_SERVICE.kind} {route.virtual_service}",
            f"{route.path}.route",
            f"the sum of the weights is {total}. Istio accepts that, but only routes with the sum 100 can be changed.",
        )
        for route, total in totals
        if total != 100
    ]


def _check_shadows(virtual_service: Object, routes: t.Sequence[Route], target: TrafficTarget) -> list[Finding]:
    """Return the routes that answer requests before a route to the Service can."""
    findings = []
    last = max((route.position for route in routes), default=-1)
    for index, route in enumerate(virtual_service["spec"].get("http") or []):
        response = next((field for field in _RESPONSES if field in route), None)
        path = f"spec.http[{index}]" + (f".{response}" if response else "")
        if _matches_everything(route) and index < last:
            severity = "error" if response else "warning"
            problem = "it applies to all requests, so the routes after it never receive a request."
            findings.append(Finding(severity, describe_object(virtual_service), path, problem))
        elif response and index < last and has_service_host(virtual_service, target):
            problem = "requests that match do not reach any version of the Service."
            findings.append(Finding("warning", describe_object(virtual_service), path, problem))
    return findings


def _matches_everything(route: Object) -> bool:
    conditions = route.get("match") or [{}]
    return any(
        not {key: value for key, value in condition.items() if key not in ("name", "ignoreUriCase")}
        or {key: value for key, value in condition.items() if key not in ("name", "ignoreUriCase")}
        == {"uri": {"prefix": "/"}}
        for condition in conditions
    )
