# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""All mistakes in a rollout file that is already parsed, with their paths.

Other checks ignore a value with a mistake. So each mistake is reported once, and all mistakes are reported together.
"""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import KUBERNETES, check_mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_spec import (
    LIMITS,
    SPEC,
    Data,
    analyzes,
    convert_texts,
    drop_blank,
    make_release_params,
    make_target,
    parse_steps,
    read_propagation,
    read_seconds,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import lint_release
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import parse_path
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake, Path, find_mistakes
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import (
    AnalysisSettings,
    find_initial_delay,
    find_settings_mistakes,
    find_timing_mistakes,
    parse_settings,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PROMETHEUS, build_settings
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import (
    Metric,
    find_metric_mistakes,
    parse_metrics,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import desired_release
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import parse_match
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_duration

# Lists whose elements are checked separately. An invalid element becomes None, so that the others keep their index.
_CHECKED_LISTS = ("steps", "metrics", "gray_deployments")
# Valid values that replace missing ones, so that the other values can still be checked.
_TARGET_DEFAULTS = {"namespace": "default", "service_name": "service", "version": "gray-version"}
_URL = "https://prometheus.example.com"
# A mistake can be about several of them.
_CREDENTIALS = ("prometheus_username", "prometheus_password", "prometheus_token")


def find_rollout_mistakes(data: t.Any, broken: t.Sequence[Path] = ()) -> list[Mistake]:
    """Return all mistakes in a rollout file, with their paths. Send nothing.

    ``broken`` are the paths of values that already have another mistake. These values are ignored.
    """
    data = drop_blank(data)
    found = [mistake for mistake in find_mistakes(SPEC, data) if not _is_within(mistake.path, broken)]
    if not isinstance(data, t.Mapping):
        return found
    # The mistake of a missing key has the path of the mapping.
    wrong = [mistake.path for mistake in found if not mistake.missing]
    valid = convert_texts(SPEC, _remove_values(data, [*broken, *wrong]))
    if isinstance(valid.get("release"), dict):
        found += _find_target_mistakes(valid)
        found += _find_release_mistakes(valid, data, [*broken, *(mistake.path for mistake in found)])
    found += _find_cluster_mistakes(valid.get("traffic") or {})
    parts = [
        *([] if valid.get("steps") is None else _find_step_mistakes(valid)),
        *_find_limit_mistakes(valid),
        *_find_metric_mistakes(valid),
        *_find_analysis_mistakes(valid, data),
    ]
    found += parts
    if not parts and not any(path[:1] and path[0] != "release" for path in [*broken, *wrong]) and valid.get("steps"):
        # Times depend on all of these parts.
        found += _find_time_mistakes(valid)
    return found


def _is_within(path: Path, others: t.Sequence[Path]) -> bool:
    return any(path[: len(other)] == other for other in others)


def _remove_values(data: Data, paths: t.Sequence[Path]) -> dict[str, t.Any]:
    """Return a copy without the values at these paths. An element of a checked list becomes None, and other lists are removed as a whole."""
    valid: dict[str, t.Any] = copy.deepcopy(dict(data))
    for path in paths:
        _remove_value(valid, path)
    return valid


def _remove_value(value: t.Any, path: Path) -> None:
    for index, part in enumerate(path):
        following = path[index + 1 : index + 2]
        last = not following or isinstance(following[0], int)
        if not isinstance(value, dict) or part not in value:
            return
        if last and following and part in _CHECKED_LISTS and isinstance(value[part], list):
            if len(value[part]) > int(following[0]):
                value[part][int(following[0])] = None
            return
        if last:
            del value[part]
            return
        value = value[part]


# The release


def _find_target_mistakes(valid: Data) -> list[Mistake]:
    """Return the mistakes in the Service, its versions, and the names of its Istio objects."""
    release = {**_TARGET_DEFAULTS, **valid["release"]}
    traffic = {"original_version": "original-version", **(valid.get("traffic") or {}), "propagation_seconds": 0}
    if str(release["version"]) == str(traffic["original_version"]):
        return [Mistake(("traffic", "original_version"), "must differ from the version of the release")]
    found: list[Mistake] = []
    while True:
        try:
            make_target({"release": release, "traffic": traffic})
        except OptionError as error:
            mistake = _locate_mistake("traffic", error)
            if mistake.path in [one.path for one in found]:
                return found
            found.append(mistake)
            _use_default(release, traffic, str(mistake.path[-1]))
        else:
            return found


def _use_default(release: dict[str, t.Any], traffic: dict[str, t.Any], name: str) -> None:
    """Replace a value with a mistake, so that the next mistake can be found."""
    traffic.pop(name, None)
    release[name] = _TARGET_DEFAULTS.get(name, release.get(name))
    traffic.setdefault("original_version", "original-version")


def _find_release_mistakes(valid: Data, data: Data, wrong: t.Sequence[Path]) -> list[Mistake]:
    """Return the mistakes in the release and in its templates. ``wrong`` are the paths of the mistakes that are known."""
    release = valid["release"]
    found: list[Mistake] = []
    if not {"mesh_name", "mesh_id"} & set(data["release"]) - set(release):
        try:
            check_mesh({"mesh_name": None, "mesh_id": None, **release})
        except OptionError as error:
            found.append(Mistake(("release",), error.message.rstrip(".")))
    templates = _parse_templates(release, found)
    found += _find_lint_mistakes(release, templates, ("release", "namespace") not in wrong)
    for index, template in templates.items():
        path: Path = ("release", "gray_deployments", index, "template")
        found += [Mistake(path, text) for text in _find_template_mistakes(template, valid)]
    if not found and not any(path[:1] == ("release",) for path in wrong):
        try:
            # The linter has no findings.
            desired_release({**make_release_params(valid), "lint": "ignore"})
        except OptionError as error:
            found.append(Mistake(("release",), str(error)))
    return found


def _parse_templates(release: Data, found: list[Mistake]) -> dict[int, dict[str, t.Any]]:
    """Return the valid templates by the index of their gray Deployment. Add the mistakes in the others to ``found``."""
    templates = {}
    items = release.get("gray_deployments")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, t.Mapping) and item.get("template") is not None:
            try:
                templates[index] = parse_template(item["template"], f"gray_deployments[{index}].template")
            except OptionError as error:
                found.append(_locate_in_template(index, error.message))
    return templates


def _find_lint_mistakes(
    release: Data, templates: t.Mapping[int, dict[str, t.Any]], has_namespace: bool
) -> list[Mistake]:
    """Return the findings of the linter at their paths, if ``lint`` is ``strict``."""
    if release.get("lint", "strict") != "strict" or not templates:
        return []
    # Messages contain indexes, so the list is complete.
    items = [
        {"cluster_id": (item or {}).get("cluster_id") or release.get("cluster_id"), "template": templates.get(index)}
        for index, item in enumerate(release["gray_deployments"])
    ]
    names = {name: None if release.get(name) is None else str(release[name]) for name in ("version", "service_name")}
    namespace = str(release["namespace"]) if has_namespace and "namespace" in release else None
    found = []
    for finding in lint_release(items, namespace, names["version"], names["service_name"]):
        _name, number, *rest = parse_path(finding.path)
        found.append(
            Mistake(("release", "gray_deployments", number, *rest), f"{finding.message} ({finding.id}). {finding.fix}")
        )
    return found


def _locate_in_template(index: int, message: str) -> Mistake:
    """Return a mistake at the path with which the message begins, or at the template if it begins with no path."""
    first, _space, text = message.partition(" ")
    prefix = f"gray_deployments[{index}].template"
    path: Path = ("release", "gray_deployments", index, "template")
    if first.rstrip(":").startswith(prefix):
        return Mistake((*path, *parse_path(first.rstrip(":")[len(prefix) :])), text.rstrip("."))
    return Mistake(path, message)


def _find_template_mistakes(template: Data, valid: Data) -> t.Iterator[str]:
    """Yield what prevents a rollout, beside the mistakes that prevent a release."""
    release, traffic = valid["release"], valid.get("traffic") or {}
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    if not isinstance(metadata, t.Mapping) or not isinstance(spec, t.Mapping):
        return
    if metadata.get("name") is not None and metadata.get("name") == release.get("deployment_name"):
        yield "has the name of the original Deployment"
    selector = spec.get("selector") or {}
    labels = selector.get("matchLabels") if isinstance(selector, t.Mapping) else None
    version = labels.get("version") if isinstance(labels, t.Mapping) else None
    if version is not None and str(release.get("version")) != version == str(traffic.get("original_version")):
        yield "its selector matches pods of the original version"
    replicas = 1 if spec.get("replicas") is None else spec["replicas"]
    needed = int(valid.get("min_ready_gray", RolloutFile.min_ready_gray))
    if isinstance(replicas, int) and replicas < needed:
        yield f"has {replicas} replicas, but min_ready_gray is {needed}"


def _find_cluster_mistakes(traffic: Data) -> list[Mistake]:
    found: list[Mistake] = []
    for cluster, options in (traffic.get("clusters") or {}).items():
        found += find_mistakes(KUBERNETES.argument_spec, options, ("traffic", "clusters", str(cluster)))
    return found


# Where the rollout file has these options of asm_traffic.
_TRAFFIC_OPTIONS_OF_RELEASE: dict[str, tuple[str, str]] = {
    "namespace": ("release", "namespace"),
    "service_name": ("release", "service_name"),
    "gray_version": ("release", "version"),
}


def _locate_mistake(block: str, error: OptionError) -> Mistake:
    """Return a mistake at the option that the error is about, or at the block. Some options of traffic are keys of the release."""
    if not error.option:
        return Mistake((block,), str(error))
    path = _TRAFFIC_OPTIONS_OF_RELEASE.get(error.option, (block, error.option))
    text = str(error).removeprefix(f"{error.option} ")
    # A message about several options stays complete.
    return Mistake(path, str(error) if text.startswith("and ") else text)


# Steps


def _find_step_mistakes(data: Data) -> list[Mistake]:
    """Return the mistakes in the steps: rising weights, matches before the first weight, known metrics, durations."""
    steps, found, highest = data["steps"], [], 0
    if not steps:
        return [Mistake(("steps",), "must have at least one step")]
    known = [str(metric.get("name")) for metric in data.get("metrics") or [] if metric]
    for index, step in enumerate(steps):
        if step is None:
            continue
        path: Path = ("steps", index)
        found += _find_route_mistakes(step, path, highest)
        found += _find_duration_mistakes(step, ("pause",), path)
        for number, name in enumerate(step.get("metrics") or []):
            if str(name) not in known and None not in (data.get("metrics") or []):
                words = f"known: {', '.join(known)}" if known else "the file has no metrics"
                found.append(Mistake((*path, "metrics", number), f"is not the name of a metric ({words})"))
        highest = max(highest, int(step.get("weight") or 0))
    if highest == 0 and not found and None not in steps:
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


# Time limits and analysis


def _find_limit_mistakes(data: Data) -> list[Mistake]:
    found = _find_duration_mistakes(data, LIMITS, ())
    found += _find_duration_mistakes(data.get("traffic") or {}, ("propagation_seconds",), ("traffic",))
    found += [
        Mistake((name,), "must be at least 1")
        for name in ("min_ready_gray", "min_ready_original")
        if name in data and int(data[name]) < 1
    ]
    if found:
        return found
    found = [
        Mistake((name,), "must be greater than 0") for name in LIMITS if name in data and not read_seconds(data, name)
    ]
    poll = read_seconds(data, "poll_interval", RolloutFile.poll_interval)
    lease = read_seconds(data, "lease_duration", RolloutFile.lease_duration)
    end = read_seconds(data, "end_timeout", RolloutFile.end_timeout)
    if not found and lease <= poll:
        found.append(Mistake(("lease_duration",), f"must be longer than poll_interval ({format_duration(poll)})"))
    elif not found and end <= lease and "end_timeout" in data:
        found.append(Mistake(("end_timeout",), f"must be longer than lease_duration ({format_duration(lease)})"))
    elif not found and end <= lease:
        found.append(Mistake(("lease_duration",), f"must be shorter than end_timeout ({format_duration(end)})"))
    return found


def _find_metric_mistakes(data: Data) -> list[Mistake]:
    """Return the mistakes in the metrics whose types are correct."""
    metrics = data.get("metrics") or []
    indexes = [index for index, metric in enumerate(metrics) if metric is not None]
    found = find_metric_mistakes([metrics[index] for index in indexes])
    return [
        mistake._replace(path=("metrics", indexes[int(mistake.path[1])], *mistake.path[2:]))
        if len(mistake.path) > 1
        else mistake
        for mistake in found
    ]


def _find_analysis_mistakes(valid: Data, data: Data) -> list[Mistake]:
    """Return the mistakes in the connection to Prometheus and in the times that do not depend on others."""
    given = data.get("analysis") or {}
    if not analyzes(valid) or not isinstance(given, t.Mapping):
        return []
    analysis = dict(valid.get("analysis") or {})
    found = [one._replace(path=("analysis", *one.path)) for one in find_settings_mistakes(analysis)]
    server = {name: value for name, value in analysis.items() if name in PROMETHEUS.argument_spec}
    if "prometheus_url" not in given:
        found.append(Mistake(("analysis", "prometheus_url"), "is required, because a step analyzes metrics"))
    server.setdefault("prometheus_url", _URL)
    reported: set[Path] = set()
    while True:
        try:
            build_settings(server)
        except OptionError as error:
            mistake = _locate_mistake("analysis", error)
            if mistake.path in reported:
                return found
            reported.add(mistake.path)
            found.append(mistake)
            for name in _CREDENTIALS if mistake.message == error.message else [error.option]:
                server.pop(name, None)
            server.setdefault("prometheus_url", _URL)
        else:
            return found


def _find_time_mistakes(data: Data) -> list[Mistake]:
    """Return the mistakes in the times of valid steps and metrics."""
    if not analyzes(data):
        return _find_long_steps(data, AnalysisSettings(), ())
    metrics = tuple(parse_metrics(data["metrics"]))
    if not any(metric.has_absolute_limits for metric in metrics) and all(
        step.weight in (0, 100) for step in parse_steps(data, metrics)
    ):
        text = "all metrics have only limits relative to a baseline, which require a step with a weight below 100"
        return [Mistake(("metrics",), text)]
    settings = parse_settings({**(data.get("analysis") or {}), "propagation_seconds": read_propagation(data)})
    return _find_timing_mistakes(data, metrics, settings) + _find_long_steps(data, settings, metrics)


def _find_timing_mistakes(data: Data, metrics: t.Sequence[Metric], settings: AnalysisSettings) -> list[Mistake]:
    found: dict[Mistake, None] = {}
    for step in parse_steps(data, metrics):
        own = [metric for metric in metrics if metric.name in step.metrics]
        for mistake in find_timing_mistakes(own, settings, step.pause) if own else []:
            is_metric, path = mistake.path[0] == "metrics", mistake.path
            path_in_file: Path = ("metrics", metrics.index(own[int(path[1])])) if is_metric else ("analysis", *path)
            found[mistake._replace(path=path_in_file)] = None
    return list(found)


def _find_long_steps(data: Data, settings: AnalysisSettings, metrics: t.Sequence[Metric]) -> list[Mistake]:
    """Return the steps that cannot end before ``step_timeout``."""
    limit = read_seconds(data, "step_timeout", RolloutFile.step_timeout or 0.0)
    found = []
    for index, step in enumerate(parse_steps(data, metrics)):
        own = [metric for metric in metrics if metric.name in step.metrics]
        analysis = find_initial_delay(own, settings) + (settings.samples - 1) * settings.interval if own else 0.0
        needed = read_propagation(data) + step.pause + analysis
        if needed >= limit:
            text = f"pause and analysis take {format_duration(needed)}, but step_timeout is {format_duration(limit)}"
            found.append(Mistake(("steps", index), text))
    return found


def _find_duration_mistakes(data: Data, names: t.Sequence[str], path: Path) -> list[Mistake]:
    found = []
    for name in names:
        try:
            read_seconds(data, name)
        except ValueError as problem:
            found.append(Mistake((*path, name), str(problem)))
    return found
