# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The work of asm_traffic and asm_traffic_info."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import filter_redactable
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError, TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    Change,
    TrafficObservation,
    TrafficTarget,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import Options
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.plan import preview
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.results import (
    changes_to_actions,
    make_diff,
    traffic_to_result,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import resolve_cluster_settings
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.traffic import Traffic

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._task import Params, Result, RunContext


def connect(context: RunContext, params: Params) -> Cluster:
    """Return the cluster of a task, and register the secrets of its connection. Send nothing."""
    settings = resolve_cluster_settings(params, context.environ)
    context.register_secrets(filter_redactable(settings.secrets()))
    return Cluster(settings, context.check_mode)


def run_traffic(context: RunContext, params: Params, options: Options) -> Result:
    """Run the module asm_traffic."""
    return change_traffic(connect(context, params), context, options)


def run_traffic_info(context: RunContext, params: Params, target: TrafficTarget) -> Result:
    """Run the module asm_traffic_info."""
    return {"traffic": traffic_to_result(target, Traffic(connect(context, params), target).observe()), "changed": False}


def change_traffic(cluster: Cluster, context: RunContext, options: Options, clock: Clock | None = None) -> Result:
    """Change the traffic of a Service, or predict the change in check mode. Return the result, also of a failed change."""
    target, desired = options
    traffic = Traffic(cluster, target, clock=clock, progress=context.progress)
    applied: t.Sequence[Change] = ()
    try:
        observed = traffic.observe()
        changes = traffic.plan(desired, observed)
        _warn(context, observed)
        after = preview(target, observed, changes)
        if changes and not context.check_mode:
            applied = traffic.apply(desired, observed)
            after = _verify(traffic, options)
    except (ClusterError, TrafficError) as error:
        return _build_failure(error, error.actions or applied)
    return {
        "traffic": traffic_to_result(target, after),
        "changed": bool(changes),
        "actions": changes_to_actions(changes),
        "diff": make_diff(changes, target),
    }


def _verify(traffic: Traffic, options: Options) -> TrafficObservation:
    """Read everything again, and raise TrafficError if the traffic is not as desired."""
    after = traffic.observe()
    if traffic.plan(options.desired, after):
        raise TrafficError(
            f"The traffic of the Service {options.target} has changed again after the task had changed it.",
            hint="Find out which client changes the VirtualService. Its managedFields list the clients",
        )
    return after


def _build_failure(error: HuaweiCloudError, applied: t.Sequence[Change]) -> Result:
    findings = error.findings if isinstance(error, TrafficError) else ()
    return {
        "failed": True,
        "msg": str(error),
        "error": error.facts(),
        "findings": [finding._asdict() for finding in findings],
        "changed": bool(applied),
        "actions": changes_to_actions(applied),
    }


def _warn(context: RunContext, observed: TrafficObservation) -> None:
    for finding in observed.findings:
        if finding.severity == "warning":
            context.warn(str(finding))
