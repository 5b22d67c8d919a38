# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Checks before the first write of a rollout: everything that the services show to be impossible, all at once, with its path in the file."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observer import Snapshot
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import Rollout
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    DriftError,
    HuaweiCloudError,
    OptionError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.selectors import matches_selector
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import check_queries
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.errors import PrometheusError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import converge
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Waiter
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import POD, Object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    VERSION_LABEL,
    TrafficDesired,
)

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout import Services


class PreflightError(OptionError):
    """The rollout cannot start. ``mistakes`` are the reasons, with their paths in the file."""

    def __init__(self, mistakes: t.Sequence[Mistake]) -> None:
        texts = "; ".join(mistake.message.rstrip(".") for mistake in mistakes)
        super().__init__(f"The rollout cannot start: {texts}.")
        self.mistakes = tuple(mistakes)


def check_before_start(rollout: Rollout, services: Services, snapshot: Snapshot) -> list[str]:
    """Return warnings. Raise PreflightError if the rollout cannot start, and any other error if that cannot be determined."""
    mistakes = _find_release_problems(services)
    mistakes += find_pod_problems(rollout, services, snapshot)
    mistakes += _find_traffic_problems(services, snapshot)
    warnings: list[str] = []
    mistakes += _find_query_problems(rollout, services, warnings)
    if mistakes:
        raise PreflightError(mistakes)
    return warnings


def _find_release_problems(services: Services) -> list[Mistake]:
    """Return why the service would refuse the release, as far as its lists show."""
    try:
        converge(
            services.make_release("present", NO_DEADLINE), Waiter(WaitPolicy(wait=False), services.clock), check=True
        )
    except ServiceError:
        raise
    except HuaweiCloudError as error:
        hint = f" {error.hint}" if isinstance(error, DriftError) and error.hint else ""
        return [Mistake(("release",), f"{error.message}{hint}")]
    return []


def find_pod_problems(rollout: Rollout, services: Services, snapshot: Snapshot) -> list[Mistake]:
    """Return the problems of pods and selectors.

    The pods of the original version must be ready, no gray Deployment may select them, and the Service must select the pods of each gray
    Deployment. Raise ClusterError if the pods cannot be listed.
    """
    target, found = rollout.target, []
    if not snapshot.observation.original.ready:
        text = f"the original version cannot receive all traffic: {snapshot.observation.original.reason}"
        found.append(Mistake(("traffic", "original_version"), text))
    for index, item in enumerate(rollout.desired.gray or []):
        # A Deployment selects only pods in the cluster that contains it.
        cluster = services.observer.get_cluster(str(item["cluster_id"]))
        pods = cluster.list(POD, target.namespace, f"{VERSION_LABEL}={target.original_version}")
        spec = item["template"].get("spec") or {}
        problems = [_find_selected_pods(spec, pods), _find_service_problem(spec, snapshot.traffic.service, str(target))]
        path = ("release", "gray_deployments", index, "template")
        found += [Mistake(path, problem) for problem in problems if problem]
    return found


def _find_selected_pods(spec: t.Mapping[str, t.Any], pods: t.Sequence[Object]) -> str:
    """Return which pods of the original version the selector of a gray Deployment matches, or an empty text."""
    try:
        selected = [
            pod["metadata"]["name"]
            for pod in pods
            if matches_selector(spec.get("selector") or {}, pod["metadata"].get("labels") or {})
        ]
    except ValueError as error:
        return str(error)
    return f"the selector matches pods of the original version: {', '.join(sorted(selected)[:3])}" if selected else ""


def _find_service_problem(spec: t.Mapping[str, t.Any], service: Object, name: str) -> str:
    """Return why the Service would not select the pods of a gray Deployment, or an empty text."""
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    selector = service["spec"].get("selector") or {}
    if matches_selector({"matchLabels": selector}, labels):
        return ""
    wanted = ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))
    return f"Service {name} would not select its pods, because they do not have these labels: {wanted}"


def _find_traffic_problems(services: Services, snapshot: Snapshot) -> list[Mistake]:
    try:
        services.traffic.plan(TrafficDesired(weight=0, match={}), snapshot.traffic)
    except TrafficError as error:
        return [Mistake(("traffic",), str(error))]
    return []


def _find_query_problems(rollout: Rollout, services: Services, warnings: list[str]) -> list[Mistake]:
    """Evaluate each query once. A query that Prometheus refuses is a problem, an unreachable server is not one of the file."""
    if services.prometheus is None:
        return []
    found = []
    for index, metric in enumerate(rollout.metrics):
        try:
            warnings += check_queries([metric], services.prometheus, rollout.analysis.scrape_interval)
        except PrometheusError as error:
            if error.is_transient:
                raise
            found.append(Mistake(("metrics", index), str(error)))
    return found
