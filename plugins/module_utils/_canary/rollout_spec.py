# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The keys of a rollout file, and how to read values that are valid."""

from __future__ import annotations

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
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import is_blank
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import ANALYSIS
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PROMETHEUS
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import METRIC_SPEC, Metric
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import RELEASE
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficTarget
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import parse_match, parse_target
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_duration

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
LIMITS = ("step_timeout", "deadline", "approval_timeout", "end_timeout", "poll_interval", "lease_duration")
SPEC: dict[str, t.Any] = {
    "release": {"type": "dict", "required": True, "options": _RELEASE_SPEC},
    "traffic": {"type": "dict", "required": True, "options": _TRAFFIC_SPEC},
    "steps": {"type": "list", "elements": "dict", "required": True, "options": _STEP_SPEC},
    "metrics": {"type": "list", "elements": "dict", "options": METRIC_SPEC},
    "analysis": {"type": "dict", "options": _ANALYSIS_SPEC},
    "on_failure": {"type": "str", "choices": [ROLLBACK_ON_FAILURE, HOLD_ON_FAILURE]},
    "min_ready_gray": {"type": "int"},
    "min_ready_original": {"type": "int"},
    **{name: {"type": "str"} for name in LIMITS},
}


def drop_blank(value: t.Any) -> t.Any:
    """Return a copy without keys whose value is null or blank text, which means not set. Templates stay unchanged."""
    if isinstance(value, t.Mapping):
        return {
            key: entry if key == "template" else drop_blank(entry)
            for key, entry in value.items()
            if not is_blank(entry)
        }
    return [drop_blank(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def convert_texts(spec: Data, data: Data) -> Params:
    """Return a copy with the types of text options, lists, mappings and numbers, as Ansible converts them for modules. The data must match the spec."""
    return {key: _convert_text(spec[key], value) if key in spec else value for key, value in data.items()}


def _convert_text(option: Data, value: t.Any) -> t.Any:
    kind = option.get("type")
    if value is None:
        return None
    if kind == "list":
        value = check_type_list(value)
    elif kind == "dict" and isinstance(value, str):
        value = check_type_dict(value)
    if isinstance(value, t.Mapping):
        return convert_texts(option["options"], value) if "options" in option else value
    if isinstance(value, (list, tuple)):
        element = {**option, "type": option.get("elements", "raw")}
        return [_convert_text(element, entry) for entry in value]
    if kind == "str" and isinstance(value, (bool, int, float)):
        return str(value)
    convert = {"int": check_type_int, "float": check_type_float}.get(kind or "")
    return convert(value) if convert and isinstance(value, str) else value


def make_release_params(data: Data) -> Params:
    """Return the options of asm_release, with their defaults."""
    given = data["release"]
    defaults = {name: spec.get("default") for name, spec in {**MESH.argument_spec, **RELEASE.argument_spec}.items()}
    return {**defaults, **given, "state": "present", "on_drift": "fail", "on_missing": "ignore"}


def make_target(data: Data) -> TrafficTarget:
    """Return the Service and its Istio objects. Raise OptionError if a name is invalid."""
    release, traffic = data["release"], data["traffic"]
    own = ("connection", "clusters", "propagation_seconds", "create_missing")
    options = {
        **{name: value for name, value in traffic.items() if name not in own},
        "namespace": str(release["namespace"]),
        "service_name": str(release["service_name"]),
        "original_version": str(traffic["original_version"]),
        "gray_version": str(release["version"]),
        "propagation_seconds": read_propagation(data),
        "create_missing": to_bool(traffic.get("create_missing")),
    }
    return parse_target(options)


def parse_steps(data: Data, metrics: t.Sequence[Metric]) -> tuple[Step, ...]:
    """Return the steps of a file whose steps are valid."""
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
        pause=read_seconds(step, "pause", 0.0),
        metrics=tuple(metric.name for metric in judged if metric.name in names),
        approval=to_bool(step.get("approval")),
    )


def analyzes(data: Data) -> bool:
    """Return whether a step analyzes metrics."""
    steps = [step for step in data.get("steps") or [] if step is not None]
    return bool(data.get("metrics")) and any(
        step.get("metrics") or ("weight" in step and "metrics" not in step) for step in steps
    )


def read_propagation(data: Data) -> float:
    """Return ``traffic.propagation_seconds``, or its default."""
    return read_seconds(data.get("traffic") or {}, "propagation_seconds", RolloutFile.propagation)


def read_seconds(data: Data, name: str, default: float = 0.0) -> float:
    """Return a duration in seconds. Raise ValueError if it is invalid."""
    return parse_duration(data[name]) if name in data else default


def to_bool(value: t.Any) -> bool:
    """Return a value that Ansible's own validation has accepted as a boolean."""
    return value if isinstance(value, bool) else str(value).lower() in ("yes", "on", "1", "true", "t", "y")
