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

    def put(self, key: str, record: Record) -> Record:
        """Store a new or changed record and return it."""
        self.records[key] = record
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


class Visitor(t.Protocol):
    def visit(self, store: Store) -> None:
        """Process one store."""


class Stores:
    """All stores of an emulator."""

    def __init__(self) -> None:
        self._stores = {name: Store(name) for name in NAMES}

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
