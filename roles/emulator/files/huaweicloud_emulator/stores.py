# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State as named stores of JSON records, and the visitors that save, load and copy them.

Handlers use stores only. Visitors decide whether records are written to a file.
"""

from __future__ import annotations

import copy
import typing as t

Record = t.Dict[str, t.Any]

NAMES = (
    "settings",
    "domains",
    "projects",
    "users",
    "keys",
    "tokens",
    "agencies",
    "metadata_tokens",
    "meshes",
    "workshops",
    "releases",
    "deployments",
    "workspaces",
    "cluster_tokens",
    "cluster_state",
    "cluster_objects",
    "traffic_history",
    "prometheus_credentials",
    "metrics",
    "series",
)


class Store:
    """Records by key, in insertion order. ``dirty`` holds the keys that have changed since the last save, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: dict[str, Record] = {}
        self.dirty: dict[str, None] = {}

    def get(self, key: str) -> Record | None:
        return self.records.get(key)

    def load(self, key: str, record: Record) -> None:
        """Store a record that is saved already."""
        self.records[key] = record

    def put(self, key: str, record: Record) -> Record:
        """Store a new or changed record and return it."""
        self.load(key, record)
        self.dirty[key] = None
        return record

    def remove(self, key: str) -> None:
        self.records.pop(key, None)
        self.dirty[key] = None

    def clear(self) -> None:
        self.dirty.update(dict.fromkeys(self.records))
        self.records.clear()

    def find(self, **fields: t.Any) -> list[Record]:
        """Return the records with these field values. The most selective field should be the first."""
        records = list(self.records.values())
        for field, value in fields.items():
            records = [record for record in records if record.get(field) == value]
        return records

    def accept(self, visitor: Visitor) -> None:
        visitor.visit(self)


class GroupedStore(Store):
    """Records that are also found by cluster, resource and namespace, without reading all others."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._groups: dict[tuple[str, str], dict[str, dict[str, Record]]] = {}
        self._changes: dict[tuple[str, str], int] = {}

    def load(self, key: str, record: Record) -> None:
        super().load(key, record)
        group = record["cluster"], record["resource"]
        self._groups.setdefault(group, {}).setdefault(record["namespace"], {})[key] = record
        self._changes[group] = self._changes.get(group, 0) + 1

    def remove(self, key: str) -> None:
        record = self.records.get(key)
        super().remove(key)
        if record is not None:
            group = record["cluster"], record["resource"]
            self._groups[group][record["namespace"]].pop(key, None)
            self._changes[group] += 1

    def clear(self) -> None:
        super().clear()
        self._groups.clear()
        self._changes = {group: count + 1 for group, count in self._changes.items()}

    def list_group(self, cluster: str, resource: str, namespace: str | None = None) -> list[Record]:
        """Return the records of a resource in a namespace, or in all of them."""
        groups = self._groups.get((cluster, resource), {})
        if namespace is not None:
            return list(groups.get(namespace, {}).values())
        return [record for group in groups.values() for record in group.values()]

    def count_changes(self, cluster: str, resource: str) -> int:
        """Return how often a record of a resource has changed."""
        return self._changes.get((cluster, resource), 0)


class Visitor(t.Protocol):
    def visit(self, store: Store) -> None:
        """Process one store."""


class Stores:
    """All stores of an emulator."""

    def __init__(self) -> None:
        self.cluster_objects = GroupedStore("cluster_objects")
        self._stores = {name: self.cluster_objects if name == "cluster_objects" else Store(name) for name in NAMES}

    def __getattr__(self, name: str) -> Store:
        try:
            return self.__dict__["_stores"][name]
        except KeyError:
            raise AttributeError(name) from None

    def accept(self, visitor: Visitor) -> None:
        for store in self._stores.values():
            store.accept(visitor)


class TakeSnapshot:
    """Copy the visited stores, except for ``exclude``."""

    def __init__(self, exclude: t.Collection[str] = ()) -> None:
        self.exclude = exclude
        self.content: dict[str, dict[str, Record]] = {}

    def visit(self, store: Store) -> None:
        if store.name not in self.exclude:
            self.content[store.name] = copy.deepcopy(store.records)


class RestoreSnapshot:
    """Restore the stores that TakeSnapshot copied. Other stores do not change."""

    def __init__(self, content: t.Mapping[str, t.Mapping[str, Record]]) -> None:
        self.content = content

    def visit(self, store: Store) -> None:
        if store.name in self.content:
            store.clear()
            for key, record in self.content[store.name].items():
                store.put(key, copy.deepcopy(dict(record)))


class DiscardChanges:
    """Discard the list of changes, because the state is kept in memory only."""

    def visit(self, store: Store) -> None:
        store.dirty.clear()
