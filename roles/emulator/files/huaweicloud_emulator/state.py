# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State of one emulator, which middleware and handlers share."""

from __future__ import annotations

import secrets
import typing as t
import uuid

from huaweicloud_emulator import stores as storage
from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.clock import Clock
from huaweicloud_emulator.faults import Faults
from huaweicloud_emulator.openapi import OpenApiDocument
from huaweicloud_emulator.request_log import RequestLog


class Closable(storage.Visitor, t.Protocol):
    def close(self) -> None:
        """Close files and connections."""


class EmulatorState:
    """Stores, behaviors, clock, faults and request log. ``persistence`` visits the stores after each request."""

    def __init__(
        self,
        openapi: OpenApiDocument,
        behaviors: Behaviors,
        clock: Clock | None = None,
        persistence: storage.Visitor | None = None,
    ) -> None:
        self.openapi = openapi
        self.behaviors = behaviors
        self.clock = clock or Clock()
        self.stores = storage.Stores()
        self.persistence = persistence or storage.DiscardChanges()
        self.faults = Faults()
        self.request_log = RequestLog()
        # The remaining objects of paged lists of the Kubernetes API, by the key in their token.
        self.open_lists: dict[str, list[storage.Record]] = {}
        # Indexes of the objects of the Kubernetes API, with the number of changes that they include.
        self.cluster_indexes: dict[tuple[str, str], tuple[int, dict[t.Any, list[storage.Record]]]] = {}
        # Pod templates and their hashes by the UID of their Deployment.
        self.template_hashes: dict[str, tuple[dict[str, t.Any], str]] = {}
        self.rate_limit_buckets: dict[str, tuple[float, float]] = {}
        self.initial: dict[str, dict[str, storage.Record]] = {}
        self.url = ""

    def save(self) -> None:
        self.stores.accept(self.persistence)

    def snapshot_initial_state(self) -> None:
        """Make the current stores the state that a reset restores."""
        snapshot = storage.TakeSnapshot(exclude=("tokens", "metadata_tokens"))
        self.stores.accept(snapshot)
        self.initial = dict(snapshot.content, tokens={}, metadata_tokens={})

    def reset(self) -> None:
        """Restore stores, behaviors, clock, faults and request log to the start. The initial state has the credentials."""
        self.stores.accept(storage.RestoreSnapshot(self.initial))
        self.behaviors.reset()
        self.clock.offset = 0.0
        self.faults.clear()
        self.request_log.clear()
        self.cluster_indexes.clear()
        self.template_hashes.clear()
        self.rate_limit_buckets.clear()
        self.open_lists.clear()
        self.save()

    def list_secrets(self) -> list[str]:
        """Return all values that must not appear in logs."""
        values = [user["password"] for user in self.stores.users.records.values()]
        for key in self.stores.keys.records.values():
            values += [key["secret"], key["security_token"]]
        for store in (self.stores.tokens, self.stores.metadata_tokens, self.stores.cluster_tokens):
            values += store.records
        values += [record["secret"] for record in self.stores.prometheus_credentials.records.values()]
        return [secret for secret in values if secret]


def new_id() -> str:
    """Return an ID of 32 hexadecimal digits, as the vendor uses them."""
    return uuid.uuid4().hex


def new_uid() -> str:
    """Return a UUID with hyphens, as Kubernetes uses them."""
    return str(uuid.uuid4())


def new_secret(length: int = 40) -> str:
    return secrets.token_hex(length)[:length]
