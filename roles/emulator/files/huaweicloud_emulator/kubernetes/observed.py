# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments as the Kubernetes API returns them: with server-set metadata and a status."""

from __future__ import annotations

import copy
import typing as t

from huaweicloud_emulator.clock import format_rfc3339

Object = t.Dict[str, t.Any]

REVISION = "deployment.kubernetes.io/revision"
SERVER_FIELDS = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
)


def add_server_metadata(
    deployment: t.Mapping[str, t.Any], namespace: str, uid: str, created: float, generation: int
) -> Object:
    """Return a copy with the metadata that an API server sets."""
    result = copy.deepcopy(dict(deployment))
    metadata = result["metadata"]
    metadata["annotations"] = dict(metadata.get("annotations", {}), **{REVISION: str(generation)})
    metadata.update(
        namespace=namespace,
        uid=uid,
        resourceVersion=str(100000 + generation),
        generation=generation,
        creationTimestamp=format_rfc3339(created),
    )
    return result


def add_status(deployment: t.Mapping[str, t.Any], available: bool, updated_at: float) -> Object:
    """Return a copy with the status of a Deployment in which all replicas are available, or none."""
    replicas = deployment["spec"].get("replicas", 1)
    status: Object = {
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": replicas,
        "updatedReplicas": replicas,
    }
    if available:
        status.update(readyReplicas=replicas, availableReplicas=replicas)
    else:
        status["unavailableReplicas"] = replicas
    text, time = ("True" if available else "False"), format_rfc3339(updated_at)
    reason = "MinimumReplicasAvailable" if available else "MinimumReplicasUnavailable"
    status["conditions"] = [
        {"type": "Available", "status": text, "reason": reason, "lastTransitionTime": time, "lastUpdateTime": time}
    ]
    # Kubernetes omits counts of zero.
    return dict(copy.deepcopy(dict(deployment)), status={name: value for name, value in status.items() if value != 0})


def strip_server_fields(deployment: t.Mapping[str, t.Any]) -> Object:
    """Return a copy without the fields that only a server sets."""
    result = {name: copy.deepcopy(value) for name, value in deployment.items() if name != "status"}
    metadata = {name: value for name, value in result["metadata"].items() if name not in SERVER_FIELDS}
    if metadata.get("annotations"):
        metadata["annotations"] = {name: value for name, value in metadata["annotations"].items() if name != REVISION}
    return dict(result, metadata=metadata)
