# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stored objects of all clusters, with their server-set metadata."""

from __future__ import annotations

import copy
import typing as t

from huaweicloud_emulator.clock import format_rfc3339
from huaweicloud_emulator.cluster import managed_fields
from huaweicloud_emulator.cluster.resources import Resource
from huaweicloud_emulator.state import new_uid

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Object = t.Dict[str, t.Any]
Record = t.Dict[str, t.Any]

FIRST_REVISION = 1000
_SERVER_SET = (
    *("name", "namespace", "uid", "creationTimestamp", "generation", "managedFields", "resourceVersion"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)
_VERSIONING = ("resourceVersion", "managedFields", "generation")


class Writer(t.NamedTuple):
    """The client that writes an object, and the API version that it uses."""

    manager: str
    api_version: str


def build_key(cluster: str, resource: Resource, namespace: str, name: str) -> str:
    return "/".join((cluster, resource.plural, namespace, name))


def find(emulator: EmulatorState, cluster: str, resource: Resource, namespace: str, name: str) -> Record | None:
    return emulator.stores.cluster_objects.get(build_key(cluster, resource, namespace, name))


def list_records(
    emulator: EmulatorState, cluster: str, resource: Resource, namespace: str | None = None
) -> list[Record]:
    """Return the records of a resource, sorted by namespace and name. ``None`` means all namespaces."""
    found = emulator.stores.cluster_objects.list_group(cluster, resource.plural, namespace)
    return sorted(found, key=lambda record: (record["namespace"], record["name"]))


def current_revision(emulator: EmulatorState) -> int:
    record = emulator.stores.cluster_state.get("revision")
    return record["value"] if record else FIRST_REVISION


def next_revision(emulator: EmulatorState) -> str:
    """Return a new resource version. All objects share one counter, as in etcd."""
    value = current_revision(emulator) + 1
    emulator.stores.cluster_state.put("revision", {"value": value})
    return str(value)


def insert(
    emulator: EmulatorState, cluster: str, resource: Resource, item: Object, writer: Writer, **fields: t.Any
) -> Record:
    """Store a new object, which must have a namespace and a name, and return its record."""
    item = {name: copy.deepcopy(value) for name, value in item.items() if name not in ("apiVersion", "kind")}
    metadata = item["metadata"]
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields", "generation"):
        metadata.pop(name, None)
    now = format_rfc3339(emulator.clock.now())
    metadata.update(uid=fields.pop("uid", None) or new_uid(), creationTimestamp=now)
    metadata["resourceVersion"] = next_revision(emulator)
    if resource.has_generation:
        metadata["generation"] = 1
    managed_fields.update(None, item, writer.manager, writer.api_version, now)
    namespace, name = metadata["namespace"], metadata["name"]
    record = dict(fields, cluster=cluster, resource=resource.plural, namespace=namespace, name=name, object=item)
    return emulator.stores.cluster_objects.put(build_key(cluster, resource, namespace, name), record)


def replace(emulator: EmulatorState, resource: Resource, record: Record, item: Object, writer: Writer) -> None:
    """Replace the object of a record. Without a change, its version stays the same, as in etcd."""
    before = record["object"]
    item = {name: copy.deepcopy(value) for name, value in item.items() if name not in ("apiVersion", "kind")}
    metadata = item.setdefault("metadata", {})
    for name in _SERVER_SET:
        metadata.pop(name, None)
        if name in before["metadata"]:
            metadata[name] = copy.deepcopy(before["metadata"][name])
    if _without_versioning(before) == _without_versioning(item):
        return
    if resource.has_generation and item.get("spec") != before.get("spec"):
        metadata["generation"] = before["metadata"]["generation"] + 1
    managed_fields.update(before, item, writer.manager, writer.api_version, format_rfc3339(emulator.clock.now()))
    metadata["resourceVersion"] = next_revision(emulator)
    _store(emulator, resource, record, item)


def _without_versioning(item: Object) -> Object:
    metadata = {name: value for name, value in item["metadata"].items() if name not in _VERSIONING}
    return dict(item, metadata=metadata)


def set_status(emulator: EmulatorState, resource: Resource, record: Record, status: Object) -> None:
    """Replace the status, as a controller does. The version changes only with the status."""
    if record["object"].get("status") != status:
        item = dict(record["object"], status=status)
        item["metadata"] = dict(item["metadata"], resourceVersion=next_revision(emulator))
        _store(emulator, resource, record, item)


def set_metadata(emulator: EmulatorState, resource: Resource, record: Record, **fields: t.Any) -> None:
    """Set server-set metadata, such as the deletion timestamp."""
    metadata = dict(record["object"]["metadata"], **fields, resourceVersion=next_revision(emulator))
    _store(emulator, resource, record, dict(record["object"], metadata=metadata))


def _store(emulator: EmulatorState, resource: Resource, record: Record, item: Object) -> None:
    record["object"] = item
    key = build_key(record["cluster"], resource, record["namespace"], record["name"])
    emulator.stores.cluster_objects.put(key, record)


def save(emulator: EmulatorState, resource: Resource, record: Record) -> None:
    """Save a record whose fields outside of the object have changed."""
    _store(emulator, resource, record, record["object"])


def remove(emulator: EmulatorState, resource: Resource, record: Record) -> None:
    next_revision(emulator)
    key = build_key(record["cluster"], resource, record["namespace"], record["name"])
    emulator.stores.cluster_objects.remove(key)


def render(record: Record, resource: Resource, version: str) -> Object:
    """Return the object in an API version."""
    return {"apiVersion": resource.api_version(version), "kind": resource.kind, **record["object"]}
