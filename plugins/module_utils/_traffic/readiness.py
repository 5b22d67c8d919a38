# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The pods of one version of a Service, in the cluster with the Istio objects or in others of the mesh."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import POD, Cluster, Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    Readiness,
    TrafficTarget,
    describe_object,
)


def read_readiness(
    clusters: t.Sequence[Cluster], target: TrafficTarget, service: Object, labels: t.Mapping[str, str]
) -> Readiness:
    """Return how many pods of a subset exist and how many are ready.

    The pods of a subset have the labels of the subset and those of the selector of the Service. Raise ClusterError if they cannot be listed, and
    TrafficError if the Service has no selector.
    """
    selector = service["spec"].get("selector")
    if not selector:
        raise TrafficError(
            f"Failed to read the pods of {describe_object(service)}: it has no selector.",
            hint="Set require_ready to false to change the traffic without this check",
        )
    if any(selector[key] != value for key, value in labels.items() if key in selector):
        # No pod can have both labels.
        return Readiness(0, 0)
    text = ",".join(f"{key}={value}" for key, value in sorted({**selector, **labels}.items()))
    pods = [pod for cluster in clusters for pod in cluster.list(POD, target.namespace, text)]
    present = [pod for pod in pods if not is_ending(pod)]
    return Readiness(len(present), sum(map(is_ready, present)))


def is_ready(pod: Object) -> bool:
    """Return whether a pod has the condition Ready, which makes it an endpoint of its Services."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(condition.get("type") == "Ready" and condition.get("status") == "True" for condition in conditions)


def is_ending(pod: Object) -> bool:
    """Return whether a pod is being deleted or has ended, so that it does not count."""
    ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return ended or bool(pod["metadata"].get("deletionTimestamp"))
