# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The traffic of a release whose Service has no VirtualService: the control plane sets it."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.releases import phases

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]

GRAY_WEIGHTS = {"original": 0, "gray": 100, "split": 50}


def get_gray_weight(emulator: EmulatorState, record: Record) -> int:
    """Return the percentage of the traffic that the grayscale version receives."""
    return GRAY_WEIGHTS[emulator.behaviors["release_traffic"]] if record["traffic"] is None else record["traffic"]


def find_active(emulator: EmulatorState, namespace: str, service: str) -> Record | None:
    """Return the active release of a Service in any mesh, or ``None``."""
    for record in emulator.stores.releases.records.values():
        if (
            record["namespace"] == namespace
            and record["spec"]["serviceName"] == service
            and record["state"] not in phases.TERMINATED
        ):
            return record
    return None


def list_gray_names(record: Record) -> set[str]:
    return {entry["full"]["metadata"]["name"] for entry in record["gray"]}
