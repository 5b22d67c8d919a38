# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The module canary_analysis: its options, and its run."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import SystemClock
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import (
    ANALYSIS,
    AnalysisSettings,
    check_queries,
    find_settings_mistakes,
    find_timing_mistakes,
    parse_settings,
    run_analysis,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import (
    PROMETHEUS,
    PrometheusClient,
    PrometheusSettings,
    build_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.errors import PrometheusError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import (
    METRIC_SPEC,
    Metric,
    find_metric_mistakes,
    parse_metrics,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import is_loopback

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._task import RunContext

METRICS = ArgumentSpec(
    argument_spec={"metrics": {"type": "list", "elements": "dict", "required": True, "options": METRIC_SPEC}}
)
ARGUMENTS = PROMETHEUS.merge(METRICS, ANALYSIS)


class AnalysisTask(t.NamedTuple):
    """The validated options of the module."""

    connection: PrometheusSettings
    metrics: list[Metric]
    settings: AnalysisSettings


def validate_options(params: t.Mapping[str, t.Any]) -> AnalysisTask:
    """Return the options as objects. Raise OptionError with all mistakes and their paths if one is invalid. Send nothing."""
    connection = build_settings(params)
    if not params["metrics"]:
        raise OptionError("metrics: at least one metric is required")
    mistakes = find_metric_mistakes(params["metrics"]) + find_settings_mistakes(params)
    if not mistakes:
        metrics, settings = parse_metrics(params["metrics"]), parse_settings(params)
        mistakes = find_timing_mistakes(metrics, settings)
    if mistakes:
        raise OptionError("; ".join(map(str, mistakes)))
    return AnalysisTask(connection, metrics, settings)


def run(context: RunContext, params: t.Mapping[str, t.Any], task: AnalysisTask) -> dict[str, t.Any]:
    """Run the analysis and return the result of the module.

    Raise PrometheusError if the first requests show that the query, the URL or the credentials are wrong. A temporary failure is left to the
    samples.
    """
    _warn_about_plain_http(task.connection, context.warn)
    clock = SystemClock()
    client = PrometheusClient(task.connection, clock.now)
    try:
        for warning in check_queries(task.metrics, client, task.settings.scrape_interval):
            context.warn(warning)
    except PrometheusError as error:
        if not error.is_transient:
            raise
        context.progress(f"the check of the queries failed: {error.message}")
    result = run_analysis(task.metrics, task.settings, client, clock, context.progress)
    return {"changed": False, **result.to_result()}


def _warn_about_plain_http(connection: PrometheusSettings, warn: t.Callable[[str], None]) -> None:
    parts = urlsplit(connection.url)
    if parts.scheme == "http" and connection.secrets() and not is_loopback(parts.hostname or ""):
        warn(f"{parts.hostname} is queried over plain HTTP: others on the network can read the credentials. Use https.")
