# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments as a cluster shows them: with what the server sets, and with a status."""

from __future__ import annotations

import copy
import typing as t

from huaweicloud_emulator.clock import rfc3339

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


def admitted(deployment: t.Mapping[str, t.Any], namespace: str, uid: str, created: float, generation: int) -> Object:
    """A copy with the metadata an API server sets."""
    result = copy.deepcopy(dict(deployment))
    metadata = result["metadata"]
    metadata["annotations"] = dict(metadata.get("annotations", {}), **{REVISION: str(generation)})
    metadata.update(
        namespace=namespace,
        uid=uid,
        resourceVersion=str(100000 + generation),
        generation=generation,
        creationTimestamp=rfc3339(created),
    )
    return result


def with_status(deployment: t.Mapping[str, t.Any], available: bool, at: float) -> Object:
    """A copy with the status of a Deployment whose replicas are all up, or none."""
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
    text, time = ("True" if available else "False"), rfc3339(at)
    reason = "MinimumReplicasAvailable" if available else "MinimumReplicasUnavailable"
    status["conditions"] = [
        {"type": "Available", "status": text, "reason": reason, "lastTransitionTime": time, "lastUpdateTime": time}
    ]
    # Counts of zero are not written.
    return dict(copy.deepcopy(dict(deployment)), status={name: value for name, value in status.items() if value != 0})


def intent(deployment: t.Mapping[str, t.Any]) -> Object:
    """A copy without what only a server sets."""
    result = {name: copy.deepcopy(value) for name, value in deployment.items() if name != "status"}
    metadata = {name: value for name, value in result["metadata"].items() if name not in SERVER_FIELDS}
    if metadata.get("annotations"):
        metadata["annotations"] = {name: value for name, value in metadata["annotations"].items() if name != REVISION}
    return dict(result, metadata=metadata)
