# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything the steps and handlers work on, in one place."""

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
        """Lets go of what it holds."""


class EmulatorState:
    """State, behaviors, time, faults and request log of one emulator. ``saver`` visits the stores after every call."""

    def __init__(
        self,
        openapi: OpenApiDocument,
        behaviors: Behaviors,
        clock: Clock | None = None,
        saver: storage.Visitor | None = None,
    ) -> None:
        self.openapi = openapi
        self.behaviors = behaviors
        self.clock = clock or Clock()
        self.stores = storage.Stores()
        self.saver = saver or storage.Clear()
        self.faults = Faults()
        self.request_log = RequestLog()
        self.buckets: dict[str, tuple[float, float]] = {}
        self.initial: dict[str, dict[str, storage.Record]] = {}
        self.url = ""

    def save(self) -> None:
        self.stores.accept(self.saver)

    def snapshot_initial_state(self) -> None:
        """What is there now is what a reset goes back to."""
        taken = storage.TakeSnapshot(without=("tokens",))
        self.stores.accept(taken)
        self.initial = dict(taken.content, tokens={})

    def reset(self) -> None:
        """State, behaviors, time, faults and request log as at the start. Credentials are part of the initial state."""
        self.stores.accept(storage.RestoreSnapshot(self.initial))
        self.behaviors.reset()
        self.clock.offset = 0.0
        self.faults.clear()
        self.request_log.clear()
        self.buckets.clear()
        self.save()

    def secrets(self) -> list[str]:
        """Every value that must never be written down."""
        found = [user["password"] for user in self.stores.users.records.values()]
        for key in self.stores.keys.records.values():
            found += [key["secret"], key["security_token"]]
        return [secret for secret in (*found, *self.stores.tokens.records) if secret]


def new_id() -> str:
    """32 hexadecimal digits, as the vendor's ids."""
    return uuid.uuid4().hex


def new_uid() -> str:
    """A UUID with hyphens, as Kubernetes' uids."""
    return str(uuid.uuid4())


def new_secret(length: int = 40) -> str:
    return secrets.token_hex(length)[:length]
