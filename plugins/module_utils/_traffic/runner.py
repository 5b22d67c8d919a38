# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The work of asm_traffic and asm_traffic_info."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.redaction import filter_redactable
from ansible_collections.community.huaweicloud.plugins.module_utils._module import Params, Result, RunContext
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
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


def connect(context: RunContext, params: Params) -> Cluster:
    """Return the cluster of a task, and register the secrets of its connection. Send nothing."""
    settings = resolve_cluster_settings(params, context.environ)
    context.register_secrets(filter_redactable(settings.secrets()))
    return Cluster(settings, context.check_mode)


def run_traffic(context: RunContext, params: Params, options: Options) -> Result:
    """Change the traffic of a Service, or predict the change in check mode."""
    traffic = Traffic(connect(context, params), options.target, progress=context.progress)
    observed = traffic.observe()
    changes = traffic.plan(options.desired, observed)
    _warn(context, observed)
    after = preview(options.target, observed, changes)
    if changes and not context.check_mode:
        try:
            traffic.apply(options.desired, observed)
        except HuaweiCloudError as error:
            raise error.replace(actions=changes_to_actions(error.actions)) from error.__cause__
        after = traffic.observe()
        if traffic.plan(options.desired, after):
            raise TrafficError(
                f"The traffic of the Service {options.target} is not as desired after the change: something else has changed it.",
                hint="Find out who changes the VirtualService, for example in its managedFields",
            ).replace(actions=changes_to_actions(changes))
    return {
        "traffic": traffic_to_result(options.target, after),
        "changed": bool(changes),
        "actions": changes_to_actions(changes),
        "diff": make_diff(changes, options.target),
    }


def run_traffic_info(context: RunContext, params: Params, target: TrafficTarget) -> Result:
    """Return the traffic of a Service."""
    observed = Traffic(connect(context, params), target).observe()
    return {"traffic": traffic_to_result(target, observed), "changed": False}


def _warn(context: RunContext, observed: TrafficObservation) -> None:
    for finding in observed.findings:
        if finding.severity == "warning":
            context.warn(str(finding))
