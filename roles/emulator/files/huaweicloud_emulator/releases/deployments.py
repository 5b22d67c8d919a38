# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments that promotions have changed. Other Deployments are assumed to exist."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

Record = t.Dict[str, t.Any]


def promote(emulator: EmulatorState, release: Record) -> None:
    """Take the original Deployment of a release offline and make the gray ones the original."""
    spec = release["spec"]
    _put(emulator, release, spec["clusterID"], spec["deploymentName"], exists=False)
    for entry in release["gray"]:
        _put(emulator, release, entry["cluster_id"], entry["full"]["metadata"]["name"], exists=True)


def find(emulator: EmulatorState, mesh_id: str, namespace: str, spec: t.Mapping[str, t.Any]) -> Record | None:
    """Return the record of the original Deployment of a release, if a promotion has changed it."""
    return emulator.stores.deployments.get(_build_key(mesh_id, spec["clusterID"], namespace, spec["deploymentName"]))


def _put(emulator: EmulatorState, release: Record, cluster_id: str, name: str, *, exists: bool) -> None:
    key = _build_key(release["mesh_id"], cluster_id, release["namespace"], name)
    record = {
        "uid": key,
        "mesh_id": release["mesh_id"],
        "service": release["spec"]["serviceName"],
        "version": release["spec"]["version"],
        "exists": exists,
    }
    emulator.stores.deployments.put(key, record)


def _build_key(*parts: str) -> str:
    return "/".join(parts)
