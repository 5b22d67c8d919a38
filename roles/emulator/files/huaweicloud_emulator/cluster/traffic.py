# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The traffic of a Service, as the VirtualServices and DestinationRules of its mesh split it between Deployments."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import indexes, objects, paths, rollout, selectors
from huaweicloud_emulator.cluster.indexes import get_pod_labels
from huaweicloud_emulator.cluster.resources import DESTINATION_RULES, SERVICES, VIRTUAL_SERVICES, Resource
from huaweicloud_emulator.releases import weights

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]
Object = t.Dict[str, t.Any]

ROOT_NAMESPACE = "istio-system"
VERSION = "version"
_TESTER_CONDITIONS = ("headers", "queryParams")


class Service(t.NamedTuple):
    """A Service in the clusters of its mesh."""

    clusters: tuple[str, ...]
    namespace: str
    name: str

    def is_host(self, host: str, namespace: str) -> bool:
        """Return whether a host in an object of ``namespace`` is the Service. Short names belong to that namespace.

        As in Istio, only a name without a dot is short: ``reviews.shop`` is another host than ``reviews.shop.svc.cluster.local``.
        """
        if "." not in host:
            return (host, namespace) == (self.name, self.namespace)
        return host == f"{self.name}.{self.namespace}.svc.cluster.local"

    def matches_host(self, host: str, namespace: str) -> bool:
        """Return whether the host of a DestinationRule, which can have a wildcard, covers the Service."""
        if host.startswith("*"):
            return f"{self.name}.{self.namespace}.svc.cluster.local".endswith(host[1:])
        return self.is_host(host, namespace)


class Route(t.NamedTuple):
    """One route to the Service: the percentage of each Deployment, and whether only testers match."""

    path: str
    for_testers: bool
    shares: dict[str, float]


def list_mesh_clusters(emulator: EmulatorState, cluster: str) -> tuple[str, ...]:
    """Return the cluster and the other clusters of its meshes."""
    found = {cluster: None}
    for mesh in emulator.stores.meshes.records.values():
        clusters = paths.list_clusters(mesh)
        if cluster in clusters:
            found.update(dict.fromkeys(clusters))
    return tuple(found)


def list_routes(emulator: EmulatorState, service: Service) -> list[Route]:
    """Return all routes to a Service. An empty list means that no VirtualService routes to it."""
    found = []
    for record in _list_objects(emulator, service, VIRTUAL_SERVICES):
        for kind in ("http", "tls", "tcp"):
            for index, route in enumerate(record["object"].get("spec", {}).get(kind, [])):
                shares = _split_route(emulator, service, record["namespace"], route)
                if shares is not None:
                    path = f"{record['namespace']}/{record['name']} spec.{kind}[{index}]"
                    found.append(Route(path, _is_for_testers(route), shares))
    return found


def _list_objects(emulator: EmulatorState, service: Service, resource: Resource) -> list[Record]:
    """Return the objects that name the Service as a host, in all namespaces of all clusters of the mesh."""
    return [
        record
        for cluster in service.clusters
        for record in indexes.find_by_host(emulator, cluster, resource, service.namespace, service.name)
    ]


def _is_for_testers(route: Object) -> bool:
    matches = route.get("match", [])
    return bool(matches) and all(any(name in match for name in _TESTER_CONDITIONS) for match in matches)


def _split_route(emulator: EmulatorState, service: Service, namespace: str, route: Object) -> dict[str, float] | None:
    """Return the percentage of each Deployment, or ``None`` if the route sends nothing to the Service."""
    destinations = route.get("route", [])
    weights = [destination.get("weight", 100 if len(destinations) == 1 else 0) for destination in destinations]
    own = [
        (destination["destination"].get("subset"), weight)
        for destination, weight in zip(destinations, weights)
        if weight and service.is_host(destination["destination"]["host"], namespace)
    ]
    total = sum(weight for subset, weight in own)
    if not total:
        return None
    shares: dict[str, float] = {}
    for subset, weight in own:
        labels = _find_subset_labels(emulator, service, namespace, subset) if subset else {}
        for name, part in _split_by_pods(emulator, service, labels).items():
            shares[name] = shares.get(name, 0.0) + 100.0 * weight / total * part
    return shares


def _find_subset_labels(
    emulator: EmulatorState, service: Service, namespace: str, subset: str
) -> t.Mapping[str, str] | None:
    """Return the labels of a subset, or ``None`` if no DestinationRule in force defines it."""
    rules = _list_objects(emulator, service, DESTINATION_RULES)
    for candidate in (namespace, service.namespace, ROOT_NAMESPACE):
        hosts = [
            (rule["object"]["spec"]["host"], rule)
            for rule in rules
            if rule["namespace"] == candidate and service.matches_host(rule["object"]["spec"]["host"], candidate)
        ]
        if hosts:
            # An exact host precedes a wildcard, and a longer wildcard precedes a shorter one.
            best = max(hosts, key=lambda entry: (not entry[0].startswith("*"), len(entry[0])))[0]
            found = [
                entry for host, rule in hosts if host == best for entry in rule["object"]["spec"].get("subsets", [])
            ]
            return next((entry.get("labels", {}) for entry in found if entry["name"] == subset), None)
    return None


def _split_by_pods(emulator: EmulatorState, service: Service, labels: t.Mapping[str, str] | None) -> dict[str, float]:
    """Return the part of each Deployment with these labels, by ready pods, or by all pods if none is ready."""
    if labels is None:
        return {}
    selected = [
        record for record in list_deployments(emulator, service) if selectors.matches(get_pod_labels(record), labels)
    ]
    counts = {record["name"]: rollout.count_ready(emulator, record) for record in selected}
    if not any(counts.values()):
        counts = {record["name"]: rollout.get_replicas(record) for record in selected}
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items() if count}


def list_deployments(emulator: EmulatorState, service: Service) -> list[Record]:
    """Return the Deployments whose pods the Service selects. Without a Service, the label ``app`` has its name."""
    found = [
        record["object"]["spec"].get("selector", {})
        for cluster in service.clusters
        for record in [objects.find(emulator, cluster, SERVICES, service.namespace, service.name)]
        if record is not None
    ]
    selector = found[0] if found else {"app": service.name}
    return [
        record
        for cluster in service.clusters
        for record in indexes.find_deployments(emulator, cluster, service.namespace, selector)
        if selectors.matches(get_pod_labels(record), selector)
    ]


# -- totals


class Split(t.NamedTuple):
    """The percentages of the versions of a Service: of its traffic, and of the requests of testers."""

    shares: dict[str, float]
    testers: dict[str, float]


def split_by_version(emulator: EmulatorState, service: Service) -> Split:
    """Return the split of a Service by the label ``version`` of its pods. Without routes, the ready pods decide."""
    versions: dict[str, str] = {
        record["name"]: get_pod_labels(record).get(VERSION) or record["name"]
        for record in list_deployments(emulator, service)
    }
    routes = list_routes(emulator, service)
    common = [route.shares for route in routes if not route.for_testers]
    if not common:
        common = [_split_without_routes(emulator, service)]
    testers = [route.shares for route in routes if route.for_testers] or common
    return Split(_average(common, versions), _average(testers, versions))


def _split_without_routes(emulator: EmulatorState, service: Service) -> dict[str, float]:
    """Return the percentages of the Deployments, which an active release or else the ready pods decide."""
    release = weights.find_active(emulator, service.namespace, service.name)
    if release is None:
        return {name: 100.0 * part for name, part in _split_by_pods(emulator, service, {}).items()}
    gray, names = weights.get_gray_weight(emulator, release), sorted(weights.list_gray_names(release))
    shares = {name: gray / len(names) for name in names}
    return {**shares, release["spec"]["deploymentName"]: 100.0 - gray}


def _average(routes: t.Sequence[t.Mapping[str, float]], versions: t.Mapping[str, str]) -> dict[str, float]:
    """Return the mean of several routes, with the percentages of a version added up."""
    result: dict[str, float] = {}
    for shares in routes:
        for name, share in shares.items():
            version = versions.get(name, name)
            result[version] = result.get(version, 0.0) + share / len(routes)
    return {version: round(share, 6) for version, share in sorted(result.items())}
