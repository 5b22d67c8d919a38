# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State as named stores of JSON records, and the visitors that save, load and copy them.

Handlers know stores only. Whether they end in a file is the visitor's business.
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
    "meshes",
    "workshops",
    "releases",
    "deployments",
    "workspaces",
)


class Store:
    """Records by key, in the order they came. ``dirty`` holds the keys that changed since a visitor saved them, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: dict[str, Record] = {}
        self.dirty: dict[str, None] = {}

    def get(self, key: str) -> Record | None:
        return self.records.get(key)

    def put(self, key: str, record: Record) -> Record:
        """Stores a new or a changed record."""
        self.records[key] = record
        self.dirty[key] = None
        return record

    def remove(self, key: str) -> None:
        self.records.pop(key, None)
        self.dirty[key] = None

    def clear(self) -> None:
        self.dirty.update(dict.fromkeys(self.records))
        self.records.clear()

    def find(self, **wanted: t.Any) -> list[Record]:
        """The records whose fields equal ``wanted``; quickest when the first of them rules out the most."""
        found = list(self.records.values())
        for field, value in wanted.items():
            found = [record for record in found if record.get(field) == value]
        return found

    def accept(self, visitor: Visitor) -> None:
        visitor.visit(self)


class Visitor(t.Protocol):
    def visit(self, store: Store) -> None:
        """Does its work on one store."""


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
    """Copies what it visits."""

    def __init__(self, without: t.Collection[str] = ()) -> None:
        self.without = without
        self.content: dict[str, dict[str, Record]] = {}

    def visit(self, store: Store) -> None:
        if store.name not in self.without:
            self.content[store.name] = copy.deepcopy(store.records)


class RestoreSnapshot:
    """Puts back what TakeSnapshot copied; stores that are not in it stay as they are."""

    def __init__(self, content: t.Mapping[str, t.Mapping[str, Record]]) -> None:
        self.content = content

    def visit(self, store: Store) -> None:
        if store.name in self.content:
            store.clear()
            for key, record in self.content[store.name].items():
                store.put(key, copy.deepcopy(dict(record)))


class Clear:
    """Drops what changed without saving it: state lives in memory."""

    def visit(self, store: Store) -> None:
        store.dirty.clear()
