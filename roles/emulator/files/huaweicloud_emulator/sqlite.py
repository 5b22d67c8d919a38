# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State in an SQLite file."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
import typing as t

if t.TYPE_CHECKING:
    from huaweicloud_emulator.stores import Store, Stores


class Database:
    """A visitor that saves changed records. It loads all records at the start."""

    def __init__(self, path: pathlib.Path) -> None:
        """Open or create the file, readable by its owner only, because it contains keys."""
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS records (store TEXT, key TEXT, record TEXT, PRIMARY KEY (store, key))"
        )
        self._connection.commit()

    def visit(self, store: Store) -> None:
        """Save the changed records of one store."""
        if not store.dirty:
            return
        for key in store.dirty:
            self._save(store.name, key, store.records.get(key))
        store.dirty.clear()
        self._connection.commit()

    def _save(self, name: str, key: str, record: t.Any) -> None:
        if record is None:
            self._connection.execute("DELETE FROM records WHERE store = ? AND key = ?", (name, key))
            return
        upsert = "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (store, key) DO UPDATE SET record = excluded.record"
        self._connection.execute(upsert, (name, key, json.dumps(record)))

    def load(self, stores: Stores) -> bool:
        """Load all stores and return whether the file had any records."""
        rows = self._connection.execute("SELECT store, key, record FROM records ORDER BY rowid").fetchall()
        for name, key, record in rows:
            store = getattr(stores, name)
            store.load(key, json.loads(record))
        return bool(rows)

    def close(self) -> None:
        self._connection.close()
