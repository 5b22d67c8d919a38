# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Indexes of the objects of a cluster, so that a request does not look at all of them.

An index is built again after a change of any object of its resource.
"""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import objects
from huaweicloud_emulator.cluster.resources import DEPLOYMENTS, DESTINATION_RULES, SERVICES, VIRTUAL_SERVICES, Resource

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]
Index = t.Dict[t.Any, t.List[Record]]

_SUFFIX = ".svc.cluster.local"
# The key of DestinationRules whose host has a wildcard.
WILDCARD = "*"


def resolve(host: str, namespace: str) -> tuple[str, str] | str:
    """Return namespace and name of the Service of a host, or ``WILDCARD``. Another host has an empty name."""
    if host.startswith(WILDCARD):
        return WILDCARD
    if "." not in host:
        return namespace, host
    name, unused, rest = host.removesuffix(_SUFFIX).partition(".")
    return (rest, name) if host.endswith(_SUFFIX) and "." not in rest else (namespace, "")


def list_hosts(resource: Resource, item: t.Mapping[str, t.Any]) -> list[str]:
    """Return the hosts to which a VirtualService or a DestinationRule applies: those of its destinations, or its host."""
    spec = item.get("spec", {})
    if resource is DESTINATION_RULES:
        return [spec["host"]]
    routes = [route for kind in ("http", "tls", "tcp") for route in spec.get(kind, [])]
    return [entry["destination"]["host"] for route in routes for entry in route.get("route", [])]


def find_by_host(
    emulator: EmulatorState, cluster: str, resource: Resource, namespace: str, service: str
) -> list[Record]:
    """Return the VirtualServices or DestinationRules that name a Service, and then those with a wildcard."""
    index = _get(emulator, cluster, resource, _by_host)
    return [*index.get((namespace, service), []), *index.get(WILDCARD, [])]


def find_deployments(
    emulator: EmulatorState, cluster: str, namespace: str, labels: t.Mapping[str, str]
) -> list[Record]:
    """Return the Deployments whose pods have the first of the labels."""
    pair = next(iter(labels.items()), None)
    return _get(emulator, cluster, DEPLOYMENTS, _by_pod_label).get((namespace, pair), []) if pair else []


def find_services(emulator: EmulatorState, cluster: str, namespace: str, labels: t.Mapping[str, str]) -> list[Record]:
    """Return the Services whose selector begins with one of the labels."""
    index = _get(emulator, cluster, SERVICES, _by_selector)
    return [record for pair in labels.items() for record in index.get((namespace, pair), [])]


def get_pod_labels(deployment: Record) -> dict[str, str]:
    return deployment["object"]["spec"]["template"].get("metadata", {}).get("labels", {})


def _get(
    emulator: EmulatorState,
    cluster: str,
    resource: Resource,
    list_keys: t.Callable[[Resource, Record], t.Iterable[t.Any]],
) -> Index:
    """Return the index with these keys, from the cache if no object has changed."""
    changes = emulator.stores.cluster_objects.count_changes(cluster, resource.plural)
    cached = emulator.cluster_indexes.get((cluster, resource.plural))
    if cached is None or cached[0] != changes:
        index: Index = {}
        for record in objects.list_records(emulator, cluster, resource):
            for key in dict.fromkeys(list_keys(resource, record)):
                index.setdefault(key, []).append(record)
        cached = emulator.cluster_indexes[cluster, resource.plural] = changes, index
    return cached[1]


def _by_host(resource: Resource, record: Record) -> t.Iterable[t.Any]:
    return [resolve(host, record["namespace"]) for host in list_hosts(resource, record["object"])]


def _by_pod_label(resource: Resource, record: Record) -> t.Iterable[t.Any]:
    return [(record["namespace"], pair) for pair in get_pod_labels(record).items()]


def _by_selector(resource: Resource, record: Record) -> t.Iterable[t.Any]:
    selector = record["object"]["spec"].get("selector") or {}
    return [(record["namespace"], pair) for pair in list(selector.items())[:1]]


def list_affected_services(
    emulator: EmulatorState, cluster: str, resource: Resource, namespace: str, item: t.Mapping[str, t.Any]
) -> list[tuple[str, str]]:
    """Return namespace and name of the Services whose traffic an object can change."""
    if resource is SERVICES:
        return [(namespace, item["metadata"]["name"])]
    if resource is DEPLOYMENTS:
        labels = item["spec"]["template"].get("metadata", {}).get("labels", {})
        return [(record["namespace"], record["name"]) for record in find_services(emulator, cluster, namespace, labels)]
    if resource not in (VIRTUAL_SERVICES, DESTINATION_RULES):
        return []
    found = [resolve(host, namespace) for host in list_hosts(resource, item)]
    if WILDCARD in found:
        return [(record["namespace"], record["name"]) for record in objects.list_records(emulator, cluster, SERVICES)]
    return [service for service in found if isinstance(service, tuple)]
