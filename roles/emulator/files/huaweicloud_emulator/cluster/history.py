# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of the traffic of each Service, from which the metrics are computed."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.cluster import objects, traffic
from huaweicloud_emulator.cluster.resources import SERVICES
from huaweicloud_emulator.cluster.traffic import Service, Split

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def record_all(emulator: EmulatorState) -> None:
    """Add an entry for each Service of all clusters, and of the metrics, whose traffic has changed."""
    services = [
        (record["cluster"], record["namespace"], record["name"])
        for record in emulator.stores.cluster_objects.find(resource=SERVICES.plural)
    ]
    for store in (emulator.stores.metrics, emulator.stores.traffic_history):
        services += [(record["cluster"], record["namespace"], record["service"]) for record in store.records.values()]
    for key in dict.fromkeys(services):
        record_service(emulator, *key)


def get(emulator: EmulatorState, cluster: str, namespace: str, name: str) -> Record:
    """Return the record of a Service, and create it with its current traffic if it does not exist."""
    record = emulator.stores.traffic_history.get("/".join((cluster, namespace, name)))
    return record_service(emulator, cluster, namespace, name) if record is None else record


def record_changes(emulator: EmulatorState, cluster: str, services: t.Iterable[tuple[str, str]]) -> None:
    """Add an entry for each of these Services of a cluster, by namespace and name, if its traffic has changed."""
    for namespace, name in dict.fromkeys(services):
        if objects.find(emulator, cluster, SERVICES, namespace, name) is not None:
            record_service(emulator, cluster, namespace, name)


def record_service(emulator: EmulatorState, cluster: str, namespace: str, name: str) -> Record:
    """Add an entry if the traffic of the Service has changed, and return the record with all entries."""
    service = Service(traffic.list_mesh_clusters(emulator, cluster), namespace, name)
    split = traffic.split_by_version(emulator, service)
    key = "/".join((cluster, namespace, name))
    record = emulator.stores.traffic_history.get(key)
    if record is None:
        record = {"cluster": cluster, "namespace": namespace, "service": name, "entries": []}
    entry = {"time": emulator.clock.now(), "shares": split.shares, "testers": split.testers}
    entries = record["entries"]
    if entries and all(entries[-1][field] == entry[field] for field in ("shares", "testers")):
        return record
    record["entries"] = [*entries, entry]
    return emulator.stores.traffic_history.put(key, record)


def list_intervals(emulator: EmulatorState, record: Record, start: float, end: float) -> list[tuple[float, Split]]:
    """Return the splits in force from ``start`` to ``end``, each with its seconds.

    A change is in force ``propagation_delay`` seconds later. Before the first entry, the traffic was as in this entry.
    """
    delay = emulator.behaviors["propagation_delay"]
    entries = record["entries"]
    starts = [float("-inf"), *(entry["time"] + delay for entry in entries[1:])]
    ends = [*starts[1:], float("inf")]
    return [
        (min(end, until) - max(start, since), Split(entry["shares"], entry["testers"]))
        for entry, since, until in zip(entries, starts, ends)
        if min(end, until) > max(start, since)
    ]


def get_split(emulator: EmulatorState, record: Record, at: float) -> Split:
    """Return the split that is in force at a time."""
    delay = emulator.behaviors["propagation_delay"]
    entries = record["entries"]
    current = next((entry for entry in reversed(entries) if entry["time"] + delay <= at), entries[0])
    return Split(current["shares"], current["testers"])
