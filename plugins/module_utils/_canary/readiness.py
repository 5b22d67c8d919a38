# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Whether Deployments can receive traffic, as far as the API server has observed them."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import Readiness
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Object


def check_deployments(found: t.Sequence[tuple[str, Object | None]], minimum: int) -> Readiness:
    """Return whether each of the Deployments, given with their names, has ``minimum`` ready replicas.

    The status counts only if it belongs to the current generation (Kubernetes, "Deployment status": ``observedGeneration``).
    """
    problems = [_find_problem(name, deployment, minimum) for name, deployment in found]
    # A failure that no wait can end precedes the others.
    return min(filter(None, problems), key=lambda problem: not problem.failed, default=Readiness())


def count_replicas(deployment: Object | None) -> int:
    """Return the desired number of replicas. Kubernetes has a default of 1."""
    replicas = ((deployment or {}).get("spec") or {}).get("replicas")
    return 1 if replicas is None else int(replicas)


def is_deleting(deployment: Object | None) -> bool:
    """Return whether a Deployment exists and is being deleted."""
    return deployment is not None and bool(deployment["metadata"].get("deletionTimestamp"))


def default_minimum(replicas: int) -> int:
    """Return how many replicas of the original version must stay ready: half of those at the start."""
    return max(1, math.ceil(replicas / 2))


def _find_problem(name: str, deployment: Object | None, minimum: int) -> Readiness | None:
    if deployment is None:
        return Readiness(False, f"Deployment {name} does not exist.")
    metadata, status = deployment["metadata"], deployment.get("status") or {}
    if is_deleting(deployment):
        return Readiness(False, f"Deployment {name} is being deleted.")
    if int(status.get("observedGeneration") or 0) < int(metadata.get("generation") or 0):
        return Readiness(False, f"Deployment {name} has changed, and its status is not current yet.")
    for condition in status.get("conditions") or []:
        # "Failed Deployment": the condition Progressing is False with this reason after progressDeadlineSeconds.
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return Readiness(False, f"Deployment {name} has exceeded its progress deadline.", True)
    ready = int(status.get("readyReplicas") or 0)
    if ready < minimum:
        return Readiness(False, f"Deployment {name} has {ready} ready replicas, but needs {minimum}.")
    return None
