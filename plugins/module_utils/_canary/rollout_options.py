# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read a rollout file that is already parsed: the rollout with its defaults."""

from __future__ import annotations

import hashlib
import json
import os
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_mistakes import (
    find_rollout_mistakes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_spec import (
    LIMITS,
    SPEC,
    Data,
    Params,
    analyzes,
    convert_texts,
    drop_blank,
    make_release_params,
    make_target,
    parse_steps,
    read_propagation,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    as_mapping,
    list_secret_values,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import (
    AnalysisSettings,
    parse_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import (
    PrometheusSettings,
    build_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import Metric, parse_metrics
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
    Desired,
    desired_release,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficTarget
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import (
    ClusterSettings,
    find_secrets,
    resolve_cluster_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_duration


class Rollout(t.NamedTuple):
    """A valid rollout file, as its parts need it.

    ``release_params`` are options of asm_release without a state, ``connection`` those of the Kubernetes API with the Istio objects, and
    ``clusters`` those of the other clusters of the mesh, by their IDs.
    """

    file: RolloutFile
    release_params: Params
    desired: Desired
    target: TrafficTarget
    connection: Params
    clusters: dict[str, Params]
    metrics: tuple[Metric, ...]
    analysis: AnalysisSettings
    prometheus: t.Optional[PrometheusSettings]

    def secrets(self) -> list[str]:
        """Return the values that must not appear in results and messages."""
        found = [secret for settings in self.resolve_connections(os.environ) for secret in settings.secrets()]
        return [*found, *(self.prometheus.secrets() if self.prometheus else ())]

    def resolve_connections(self, environ: t.Mapping[str, str]) -> list[ClusterSettings]:
        """Return the connection to the cluster with the Istio objects, and those to the clusters of ``clusters`` in their order.

        The environment only completes the first one: host and credentials of one cluster must not be used for another.
        """
        others = [resolve_cluster_settings(options, {}) for options in self.clusters.values()]
        return [resolve_cluster_settings(self.connection, environ), *others]

    def gray_deployments(self) -> list[tuple[str, str]]:
        """Return cluster ID and name of each gray Deployment."""
        gray = self.desired.gray or []
        return [(str(item["cluster_id"]), str(item["template"]["metadata"]["name"])) for item in gray]

    def step_metrics(self, number: int) -> list[Metric]:
        """Return the metrics to analyze in a step, from 1."""
        names = self.file.step(number).metrics
        return [metric for metric in self.metrics if metric.name in names]


def parse_rollout(data: t.Any) -> Rollout:
    """Return the rollout of a file. Raise OptionError for a file with mistakes; ``find_rollout_mistakes`` returns all of them."""
    mistakes = find_rollout_mistakes(data)
    if mistakes:
        raise OptionError(f"The rollout is invalid: {'.'.join(map(str, mistakes[0].path))}: {mistakes[0].message}")
    return build_rollout(data)


def build_rollout(data: t.Any) -> Rollout:
    """Return the rollout of a file in which ``find_rollout_mistakes`` finds nothing."""
    data = convert_texts(SPEC, drop_blank(data))
    params, traffic = make_release_params(data), data["traffic"]
    desired = desired_release(params)
    metrics = tuple(parse_metrics(data.get("metrics") or []))
    file = _make_file(data, desired, metrics)
    return Rollout(
        file,
        params,
        desired,
        make_target(data),
        dict(traffic.get("connection") or {}),
        {str(cluster): dict(options or {}) for cluster, options in (traffic.get("clusters") or {}).items()},
        metrics,
        _parse_analysis(data, file),
        build_settings(data["analysis"]) if analyzes(data) else None,
    )


def find_rollout_secrets(data: t.Any) -> list[str]:
    """Return the secrets in the content of a rollout file, also if it is invalid."""
    content = as_mapping(data) or {}
    traffic = as_mapping(content.get("traffic")) or {}
    clusters = as_mapping(traffic.get("clusters")) or {}
    connections = [traffic.get("connection"), *clusters.values()]
    secrets = [secret for options in connections for secret in find_secrets(options)]
    return [*list_secret_values(SPEC, content), *secrets]


def _make_file(data: Data, desired: Desired, metrics: t.Sequence[Metric]) -> RolloutFile:
    options: dict[str, t.Any] = {name: parse_duration(data[name]) for name in LIMITS if name in data}
    options.update({name: int(data[name]) for name in ("min_ready_gray", "min_ready_original") if name in data})
    return RolloutFile(
        release=f"{desired.namespace}/{desired.name}",
        digest=make_digest(desired),
        listed_steps=parse_steps(data, metrics),
        on_failure=data.get("on_failure", RolloutFile.on_failure),
        propagation=read_propagation(data),
        original_version=str(data["traffic"]["original_version"]),
        gray_version=str(data["release"]["version"]),
        **options,
    )


def make_digest(desired: Desired) -> str:
    """Return what identifies a release with its templates, in 16 characters. Formatting and key order do not matter."""
    content = {"namespace": desired.namespace, "name": desired.name, "spec": desired.spec()}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parse_analysis(data: Data, file: RolloutFile) -> AnalysisSettings:
    settings = parse_settings({**(data.get("analysis") or {}), "propagation_seconds": file.propagation})
    return AnalysisSettings(**{**vars(settings), "poll_interval": file.poll_interval})
