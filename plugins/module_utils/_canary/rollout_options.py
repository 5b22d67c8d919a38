# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read a rollout file that is already parsed: all mistakes with their paths, or the rollout with its defaults."""

from __future__ import annotations

import hashlib
import json
import os
import typing as t

from ansible.module_utils.common.validation import (
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import KUBERNETES, MESH
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import (
    HOLD_ON_FAILURE,
    ROLLBACK_ON_FAILURE,
    RolloutFile,
    Step,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    Mistake,
    Path,
    find_mistakes,
    is_blank,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import (
    ANALYSIS,
    AnalysisSettings,
    find_initial_delay,
    find_settings_mistakes,
    find_timing_mistakes,
    parse_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import (
    PROMETHEUS,
    PrometheusSettings,
    build_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import (
    METRIC_SPEC,
    Metric,
    find_metric_mistakes,
    parse_metrics,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
    RELEASE,
    Desired,
    desired_release,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficTarget
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import parse_match, parse_target
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import (
    ClusterSettings,
    resolve_cluster_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_duration, parse_duration

Data = t.Mapping[str, t.Any]
Params = t.Dict[str, t.Any]

# The rollout sets these options of a release.
_NOT_OF_RELEASE = ("state", "on_missing", "on_drift")
_REQUIRED_OF_RELEASE = (
    "namespace",
    "name",
    "service_name",
    "cluster_id",
    "deployment_name",
    "version",
    "gray_deployments",
)
_RELEASE_SPEC = {
    name: {**spec, "required": name in _REQUIRED_OF_RELEASE}
    for name, spec in {**MESH.argument_spec, **RELEASE.argument_spec}.items()
    if name not in _NOT_OF_RELEASE
}
_TRAFFIC_SPEC: dict[str, t.Any] = {
    "original_version": {"type": "str", "required": True},
    "virtual_services": {"type": "list", "elements": "str"},
    "ignore_virtual_services": {"type": "list", "elements": "str"},
    "destination_rule": {"type": "str"},
    "create_missing": {"type": "bool"},
    "cluster_domain": {"type": "str"},
    "root_namespace": {"type": "str"},
    "propagation_seconds": {"type": "str"},
    "connection": {"type": "dict", "options": KUBERNETES.argument_spec},
    "clusters": {"type": "dict"},
}
_ANALYSIS_SPEC = {
    **{name: {**spec, "required": False} for name, spec in PROMETHEUS.argument_spec.items()},
    **{
        name: spec
        for name, spec in ANALYSIS.argument_spec.items()
        if name not in ("propagation_seconds", "compare_baseline")
    },
}
_MATCH_SPEC = {"headers": {"type": "dict"}, "cookies": {"type": "dict"}, "query_params": {"type": "dict"}}
_STEP_SPEC: dict[str, t.Any] = {
    "weight": {"type": "int"},
    "match": {"type": "dict", "options": _MATCH_SPEC},
    "pause": {"type": "str"},
    "metrics": {"type": "list", "elements": "str"},
    "approval": {"type": "bool"},
}
# The times that the rollout itself measures: their names in the file and in RolloutFile.
_LIMITS = ("step_timeout", "deadline", "approval_timeout", "end_timeout", "poll_interval", "lease_duration")
SPEC: dict[str, t.Any] = {
    "release": {"type": "dict", "required": True, "options": _RELEASE_SPEC},
    "traffic": {"type": "dict", "required": True, "options": _TRAFFIC_SPEC},
    "steps": {"type": "list", "elements": "dict", "required": True, "options": _STEP_SPEC},
    "metrics": {"type": "list", "elements": "dict", "options": METRIC_SPEC},
    "analysis": {"type": "dict", "options": _ANALYSIS_SPEC},
    "on_failure": {"type": "str", "choices": [ROLLBACK_ON_FAILURE, HOLD_ON_FAILURE]},
    "min_ready_gray": {"type": "int"},
    "min_ready_original": {"type": "int"},
    **{name: {"type": "str"} for name in _LIMITS},
}


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


def find_rollout_mistakes(data: t.Any) -> list[Mistake]:
    """Return all mistakes in a rollout file, with their paths. Send nothing."""
    data = _drop_blank(data)
    found = find_mistakes(SPEC, data)
    if found:
        return found
    data = _convert_texts(SPEC, data)
    found = _find_release_mistakes(data) + _find_step_mistakes(data) + _find_limit_mistakes(data)
    metrics = find_metric_mistakes(data.get("metrics") or [])
    return found + metrics + ([] if metrics or found else _find_analysis_mistakes(data))


def parse_rollout(data: t.Any) -> Rollout:
    """Return the rollout of a file. Raise OptionError for a file with mistakes; ``find_rollout_mistakes`` returns all of them."""
    mistakes = find_rollout_mistakes(data)
    if mistakes:
        raise OptionError(f"The rollout is invalid: {'.'.join(map(str, mistakes[0].path))}: {mistakes[0].message}")
    data = _convert_texts(SPEC, _drop_blank(data))
    params, traffic = _release_params(data), data["traffic"]
    desired = desired_release(params)
    metrics = tuple(parse_metrics(data.get("metrics") or []))
    file = _make_file(data, desired, metrics)
    return Rollout(
        file,
        params,
        desired,
        _make_target(data),
        dict(traffic.get("connection") or {}),
        {str(cluster): dict(options or {}) for cluster, options in (traffic.get("clusters") or {}).items()},
        metrics,
        _parse_analysis(data, file),
        build_settings(data["analysis"]) if _analyzes(data) else None,
    )


def _make_file(data: Data, desired: Desired, metrics: t.Sequence[Metric]) -> RolloutFile:
    options: dict[str, t.Any] = {name: parse_duration(data[name]) for name in _LIMITS if name in data}
    options.update({name: int(data[name]) for name in ("min_ready_gray", "min_ready_original") if name in data})
    return RolloutFile(
        release=f"{desired.namespace}/{desired.name}",
        digest=make_digest(desired),
        listed_steps=_parse_steps(data, metrics),
        on_failure=data.get("on_failure", RolloutFile.on_failure),
        propagation=_propagation(data),
        **options,
    )


def make_digest(desired: Desired) -> str:
    """Return what identifies a release with its templates, in 16 characters. Formatting and key order do not matter."""
    content = {"namespace": desired.namespace, "name": desired.name, "spec": desired.spec()}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _drop_blank(value: t.Any) -> t.Any:
    """Return a copy without keys whose value is null or blank text, which means not set. Templates stay unchanged."""
    if isinstance(value, t.Mapping):
        return {
            key: entry if key == "template" else _drop_blank(entry)
            for key, entry in value.items()
            if not is_blank(entry)
        }
    return [_drop_blank(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _convert_texts(spec: Data, data: Data) -> Params:
    """Return a copy with the types of text options, lists and mappings, as Ansible converts them for modules."""
    return {key: _convert_text(spec[key], value) if key in spec else value for key, value in data.items()}


def _convert_text(option: Data, value: t.Any) -> t.Any:
    if option.get("type") == "list":
        value = check_type_list(value)
    elif option.get("type") == "dict" and isinstance(value, str):
        value = check_type_dict(value)
    if isinstance(value, t.Mapping):
        return _convert_texts(option["options"], value) if "options" in option else value
    if isinstance(value, (list, tuple)):
        element = {**option, "type": option.get("elements", "raw")}
        return [_convert_text(element, entry) for entry in value]
    if option.get("type") == "str" and isinstance(value, (bool, int, float)):
        return str(value)
    convert = {"int": check_type_int, "float": check_type_float}.get(option.get("type", "")) if isinstance(value, str) else None
    return convert(value) if convert else value


# The release


def _release_params(data: Data) -> Params:
    """Return the options of asm_release, with their defaults."""
    given = data["release"]
    defaults = {name: spec.get("default") for name, spec in {**MESH.argument_spec, **RELEASE.argument_spec}.items()}
    return {**defaults, **given, "state": "present", "on_drift": "fail", "on_missing": "ignore"}


def _find_release_mistakes(data: Data) -> list[Mistake]:
    release, traffic = data["release"], data["traffic"]
    found = []
    if str(release["version"]) == str(traffic["original_version"]):
        found.append(Mistake(("traffic", "original_version"), "must differ from the version of the release"))
    else:
        try:
            _make_target({**data, "traffic": {**traffic, "propagation_seconds": 0}})
        except OptionError as error:
            found.append(_locate_mistake("traffic", error.message))
    try:
        desired = desired_release(_release_params(data))
    except OptionError as error:
        return [*found, Mistake(("release",), str(error))]
    for index, item in enumerate(desired.gray or []):
        path: Path = ("release", "gray_deployments", index, "template")
        found += [Mistake(path, text) for text in _find_template_mistakes(item["template"], release, data)]
    return found + _find_cluster_mistakes(traffic)


def _find_template_mistakes(template: Data, release: Data, data: Data) -> t.Iterator[str]:
    """Yield what prevents a rollout, beside the mistakes that prevent a release."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    if metadata.get("name") == release["deployment_name"]:
        yield "has the name of the original Deployment"
    selector = spec.get("selector") or {}
    labels = {**(selector.get("matchLabels") or {})}
    if str(release["version"]) != labels.get("version") == str(data["traffic"]["original_version"]):
        yield "its selector matches pods of the original version"
    replicas = 1 if spec.get("replicas") is None else spec["replicas"]
    needed = int(data.get("min_ready_gray", RolloutFile.min_ready_gray))
    if isinstance(replicas, int) and replicas < needed:
        yield f"has {replicas} replicas, but min_ready_gray is {needed}"


def _find_cluster_mistakes(traffic: Data) -> list[Mistake]:
    found: list[Mistake] = []
    for cluster, options in (traffic.get("clusters") or {}).items():
        found += find_mistakes(KUBERNETES.argument_spec, options, ("traffic", "clusters", str(cluster)))
    return found


def _make_target(data: Data) -> TrafficTarget:
    """Return the Service and its Istio objects. Raise OptionError if a name is invalid."""
    release, traffic = data["release"], data["traffic"]
    own = ("connection", "clusters", "propagation_seconds", "create_missing")
    options = {
        **{name: value for name, value in traffic.items() if name not in own},
        "namespace": str(release["namespace"]),
        "service_name": str(release["service_name"]),
        "original_version": str(traffic["original_version"]),
        "gray_version": str(release["version"]),
        "propagation_seconds": _propagation(data),
        "create_missing": _to_bool(traffic.get("create_missing")),
    }
    return parse_target(options)


# Where the rollout file has these options of asm_traffic.
_TRAFFIC_OPTIONS_OF_RELEASE: dict[str, tuple[str, str]] = {
    "namespace": ("release", "namespace"),
    "service_name": ("release", "service_name"),
    "gray_version": ("release", "version"),
}


def _locate_mistake(block: str, message: str) -> Mistake:
    """Return a mistake at the key that begins the message, or else at the block. Some options of traffic are keys of the release."""
    name, _space, text = message.partition(" ")
    path = _TRAFFIC_OPTIONS_OF_RELEASE.get(name, (block, name))
    return Mistake(path, text) if path[1] in SPEC[path[0]]["options"] else Mistake((block,), message)


# Steps


def _find_step_mistakes(data: Data) -> list[Mistake]:
    """Return the mistakes in the steps: rising weights, matches before the first weight, known metrics, durations."""
    steps, found, highest = data["steps"], [], 0
    if not steps:
        return [Mistake(("steps",), "must have at least one step")]
    known = [str(metric.get("name")) for metric in data.get("metrics") or []]
    for index, step in enumerate(steps):
        path: Path = ("steps", index)
        found += _find_route_mistakes(step, path, highest)
        found += _find_duration_mistakes(step, ("pause",), path)
        for number, name in enumerate(step.get("metrics") or []):
            if str(name) not in known:
                words = f"known: {', '.join(known)}" if known else "the file has no metrics"
                found.append(Mistake((*path, "metrics", number), f"is not the name of a metric ({words})"))
        highest = max(highest, int(step.get("weight") or 0))
    if highest == 0 and not found:
        found.append(Mistake(("steps",), "must have a step with a weight"))
    return found


def _find_route_mistakes(step: Data, path: Path, highest: int) -> list[Mistake]:
    if ("weight" in step) == ("match" in step):
        return [Mistake(path, "must have either weight or match")]
    if "match" in step:
        if highest:
            return [Mistake((*path, "match"), "must be before the first step with a weight")]
        try:
            return [] if parse_match(step["match"]) else [Mistake((*path, "match"), "must have a condition")]
        except OptionError as error:
            return [Mistake((*path, "match"), error.message)]
    weight = int(step["weight"])
    if isinstance(step["weight"], bool) or not 1 <= weight <= 100:
        return [Mistake((*path, "weight"), "must be between 1 and 100")]
    if weight <= highest:
        return [Mistake((*path, "weight"), f"must be greater than the weight of the previous step ({highest})")]
    return []


def _parse_steps(data: Data, metrics: t.Sequence[Metric]) -> tuple[Step, ...]:
    return tuple(_parse_step(step, metrics) for step in data["steps"])


def _parse_step(step: Data, metrics: t.Sequence[Metric]) -> Step:
    """Return a step. A step with a weight analyzes all metrics by default; testers alone rarely cause enough requests."""
    weight = int(step.get("weight") or 0)
    default = [metric.name for metric in metrics] if weight else []
    names = [str(name) for name in step["metrics"]] if "metrics" in step else default
    # At 100 % the original version has no requests to compare with.
    judged = [metric for metric in metrics if weight < 100 or metric.has_absolute_limits]
    return Step(
        weight=weight,
        match=parse_match(step.get("match")),
        pause=_seconds(step, "pause", 0.0),
        metrics=tuple(metric.name for metric in judged if metric.name in names),
        approval=_to_bool(step.get("approval")),
    )


# Time limits and analysis


def _find_limit_mistakes(data: Data) -> list[Mistake]:
    found = _find_duration_mistakes(data, _LIMITS, ())
    found += _find_duration_mistakes(data["traffic"], ("propagation_seconds",), ("traffic",))
    found += [
        Mistake((name,), "must be at least 1")
        for name in ("min_ready_gray", "min_ready_original")
        if name in data and int(data[name]) < 1
    ]
    if found:
        return found
    found = [
        Mistake((name,), "must be greater than 0") for name in _LIMITS if name in data and not _seconds(data, name)
    ]
    poll = _seconds(data, "poll_interval", RolloutFile.poll_interval)
    lease, propagation = _seconds(data, "lease_duration", RolloutFile.lease_duration), _propagation(data)
    if not found and lease <= poll:
        found.append(Mistake(("lease_duration",), f"must be longer than poll_interval ({format_duration(poll)})"))
    elif not found and lease <= propagation:
        # The Lease is not renewed between the writes of subsets and routes.
        text = f"must be longer than traffic.propagation_seconds ({format_duration(propagation)})"
        found.append(Mistake(("lease_duration",), text))
    return found


def _find_analysis_mistakes(data: Data) -> list[Mistake]:
    """Return the mistakes in the analysis of valid steps and metrics."""
    if not _analyzes(data):
        return _find_long_steps(data, AnalysisSettings(), ())
    metrics = tuple(parse_metrics(data["metrics"]))
    analysis = data.get("analysis") or {}
    found = [Mistake(("analysis", *path), message) for path, message in find_settings_mistakes(analysis)]
    try:
        build_settings(analysis)
    except OptionError as error:
        found.append(_locate_mistake("analysis", str(error)))
    if not any(metric.has_absolute_limits for metric in metrics) and all(
        step.weight in (0, 100) for step in _parse_steps(data, metrics)
    ):
        text = "all metrics have only limits relative to a baseline, which require a step with a weight below 100"
        found.append(Mistake(("metrics",), text))
    if found:
        return found
    settings = parse_settings({**analysis, "propagation_seconds": _propagation(data)})
    return _find_timing_mistakes(data, metrics, settings) + _find_long_steps(data, settings, metrics)


def _find_timing_mistakes(data: Data, metrics: t.Sequence[Metric], settings: AnalysisSettings) -> list[Mistake]:
    found: dict[Mistake, None] = {}
    for step in _parse_steps(data, metrics):
        own = [metric for metric in metrics if metric.name in step.metrics]
        for path, message in find_timing_mistakes(own, settings, step.pause) if own else []:
            is_metric = path[0] == "metrics"
            place: Path = ("metrics", metrics.index(own[int(path[1])])) if is_metric else ("analysis", *path)
            found[Mistake(place, message)] = None
    return list(found)


def _find_long_steps(data: Data, settings: AnalysisSettings, metrics: t.Sequence[Metric]) -> list[Mistake]:
    """Return the steps that cannot end before ``step_timeout``."""
    limit = _seconds(data, "step_timeout", RolloutFile.step_timeout or 0.0)
    found = []
    for index, step in enumerate(_parse_steps(data, metrics)):
        own = [metric for metric in metrics if metric.name in step.metrics]
        analysis = find_initial_delay(own, settings) + (settings.samples - 1) * settings.interval if own else 0.0
        needed = _propagation(data) + step.pause + analysis
        if needed >= limit:
            text = f"pause and analysis take {format_duration(needed)}, but step_timeout is {format_duration(limit)}"
            found.append(Mistake(("steps", index), text))
    return found


def _parse_analysis(data: Data, file: RolloutFile) -> AnalysisSettings:
    settings = parse_settings({**(data.get("analysis") or {}), "propagation_seconds": file.propagation})
    return AnalysisSettings(**{**vars(settings), "poll_interval": file.poll_interval})


def _analyzes(data: Data) -> bool:
    """Return whether a step analyzes metrics."""
    names = [metric.get("name") for metric in data.get("metrics") or []]
    return bool(names) and any(
        step.get("metrics") or ("weight" in step and "metrics" not in step) for step in data["steps"]
    )


def _propagation(data: Data) -> float:
    return _seconds(data["traffic"], "propagation_seconds", RolloutFile.propagation)


def _find_duration_mistakes(data: Data, names: t.Sequence[str], path: Path) -> list[Mistake]:
    found = []
    for name in names:
        try:
            _seconds(data, name)
        except ValueError as problem:
            found.append(Mistake((*path, name), str(problem)))
    return found


def _seconds(data: Data, name: str, default: float = 0.0) -> float:
    return parse_duration(data[name]) if name in data else default


def _to_bool(value: t.Any) -> bool:
    """Return a value that Ansible's own validation has accepted as a boolean."""
    return value if isinstance(value, bool) else str(value).lower() in ("yes", "on", "1", "true", "t", "y")
