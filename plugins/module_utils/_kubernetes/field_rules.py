# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check rules of Kubernetes that concern several fields of a Deployment, or all keys of a mapping."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import is_integer
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_formats import (
    FormatFindings,
    is_qualified_name,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.quantity import parse_quantity
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import join_path, shorten

_RESOURCES = re.compile(r"cpu|memory|ephemeral-storage|hugepages-.+|.+/.+")
_LONGEST_ANNOTATIONS = 256 * 1024


def _check_labels(findings: FormatFindings, value: dict[str, t.Any], path: str) -> None:
    for key, entry in value.items():
        findings.check_key(key, path)
        if isinstance(entry, str):
            findings.check_text("label-value", entry, join_path(path, key))


def _check_annotations(findings: FormatFindings, value: dict[str, t.Any], path: str) -> None:
    for key in value:
        # Unlike labels, annotations may have upper-case letters in the domain.
        findings.check_key(key.lower(), path)
    size = sum(len(str(text).encode("utf-8", "replace")) for pair in value.items() for text in pair)
    if size > _LONGEST_ANNOTATIONS:
        findings.add(
            "format", path, f"is longer than {_LONGEST_ANNOTATIONS} bytes in total", "Shorten the annotations."
        )


def _check_resources(findings: FormatFindings, value: dict[str, t.Any], path: str) -> None:
    for key, entry in value.items():
        field_path = join_path(path, key)
        if not is_qualified_name(key) or not _RESOURCES.fullmatch(key):
            fix = "Write cpu, memory, ephemeral-storage, or the full name with a domain, for example nvidia.com/gpu."
            findings.add("format", field_path, "is not a resource of a container", fix)
        amount = parse_quantity(entry)
        if amount is not None and amount < 0:
            findings.add(
                "value", field_path, f"is {shorten(entry, 60)}, must be at least 0", "Write a positive quantity."
            )


MAP_RULES: dict[str, t.Callable[[FormatFindings, dict[str, t.Any], str], None]] = {
    "labels": _check_labels,
    "annotations": _check_annotations,
    "resources": _check_resources,
}


def _check_pod(findings: FormatFindings, pod: dict[str, t.Any], path: str) -> None:
    volumes = _check_unique(findings, pod, "volumes", "name", path)
    for kind in ("initContainers", "containers"):
        for index, container in _enumerate_mappings(pod, kind):
            for key in ("volumeMounts", "volumeDevices"):
                for position, mount in _enumerate_mappings(container, key):
                    name = mount.get("name")
                    if isinstance(name, str) and name and name not in volumes:
                        name_path = join_path(path, kind, index, key, position, "name")
                        message = f"the pod has no volume {shorten(name, 60)}"
                        findings.add("value", name_path, message, "Add the volume, or correct the name.")


def _check_container(findings: FormatFindings, container: dict[str, t.Any], path: str) -> None:
    _check_unique(findings, container, "ports", "name", path)
    _check_unique(findings, container, "volumeMounts", "mountPath", path)
    image = container.get("image")
    if isinstance(image, str) and image.strip() and image != image.strip():
        findings.add(
            "format", join_path(path, "image"), "begins or ends with whitespace", "Remove whitespace and line breaks."
        )
    for key in ("livenessProbe", "startupProbe"):
        probe = container.get(key)
        successes: t.Any = probe.get("successThreshold") if isinstance(probe, dict) else None
        if is_integer(successes) and successes > 1:
            field_path = join_path(path, key, "successThreshold")
            findings.add("value", field_path, f"is {successes}, must be 1", "Leave successThreshold out.")


def _check_unique(findings: FormatFindings, owner: dict[str, t.Any], key: str, name: str, path: str) -> dict[str, int]:
    """Report names that two elements of a list share. Return the position of each name."""
    found: dict[str, int] = {}
    for index, entry in _enumerate_mappings(owner, key):
        value = entry.get(name)
        if not isinstance(value, str) or not value:
            continue
        if value in found:
            field_path = join_path(path, key, index, name)
            message = f"{shorten(value, 60)} is also the {name} of {join_path(key, found[value])}"
            findings.add("value", field_path, message, f"Use another {name}.")
        found.setdefault(value, index)
    return found


def _enumerate_mappings(owner: dict[str, t.Any], key: str) -> list[tuple[int, dict[str, t.Any]]]:
    value = owner.get(key)
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(index, entry) for index, entry in entries if isinstance(entry, dict)]


def _check_limits(findings: FormatFindings, resources: dict[str, t.Any], path: str) -> None:
    limits, requests = resources.get("limits"), resources.get("requests")
    if not isinstance(limits, dict) or not isinstance(requests, dict):
        return
    for key, request in requests.items():
        low, high = parse_quantity(request), parse_quantity(limits.get(key))
        if low is not None and high is not None and low > high:
            message = f"is {shorten(request, 60)}, the limit is {shorten(limits[key], 60)}"
            field_path = join_path(path, "requests", key)
            findings.add("value", field_path, message, "Request at most the limit.")


def _check_variable(findings: FormatFindings, variable: dict[str, t.Any], path: str) -> None:
    if variable.get("value") not in (None, "") and variable.get("valueFrom") is not None:
        findings.add("value", path, "has value and valueFrom", "Leave one of them.")


def _check_toleration(findings: FormatFindings, toleration: dict[str, t.Any], path: str) -> None:
    exists = toleration.get("operator") == "Exists"
    if not toleration.get("key") and not exists:
        findings.add("value", path, "has no key and not the operator Exists", "Add key, or write operator: Exists.")
    if exists and toleration.get("value"):
        findings.add("value", join_path(path, "value"), "is not allowed with the operator Exists", "Remove value.")
    if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
        field_path = join_path(path, "tolerationSeconds")
        findings.add(
            "value", field_path, "is only allowed with the effect NoExecute", "Remove it, or change the effect."
        )


def _check_requirement(findings: FormatFindings, requirement: dict[str, t.Any], path: str) -> None:
    operator, values = requirement.get("operator"), requirement.get("values")
    counts = {"In": (1, None), "NotIn": (1, None), "Exists": (0, 0), "DoesNotExist": (0, 0), "Gt": (1, 1), "Lt": (1, 1)}
    if not isinstance(operator, str) or operator not in counts or not isinstance(values, (list, type(None))):
        return
    low, high = counts[operator]
    number = len(values or ())
    if number < low or (high is not None and number > high):
        expected = "values" if high is None else "one value" if high else "no values"
        findings.add("value", path, f"has the operator {operator} with {number} values", f"Write {expected}.")


def _check_strategy(findings: FormatFindings, strategy: dict[str, t.Any], path: str) -> None:
    rolling = strategy.get("rollingUpdate")
    field_path = join_path(path, "rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling is not None:
        findings.add("value", field_path, "is not allowed with the type Recreate", "Remove rollingUpdate.")
    elif isinstance(rolling, dict) and all(_is_zero(rolling.get(key)) for key in ("maxSurge", "maxUnavailable")):
        findings.add("value", field_path, "has 0 for maxSurge and maxUnavailable", "Write at least 1 for one of them.")


def _is_zero(value: t.Any) -> bool:
    return (is_integer(value) and value == 0) or (isinstance(value, str) and re.fullmatch("0+%", value) is not None)


def _check_deployment(findings: FormatFindings, spec: dict[str, t.Any], path: str) -> None:
    deadline = spec.get("progressDeadlineSeconds")
    ready = spec.get("minReadySeconds")
    deadline, ready = 600 if deadline is None else deadline, 0 if ready is None else ready
    if is_integer(deadline) and is_integer(ready) and 0 <= deadline <= ready:
        field_path = join_path(path, "progressDeadlineSeconds")
        message = f"is {deadline}, must be greater than minReadySeconds ({ready})"
        findings.add("value", field_path, message, "Raise progressDeadlineSeconds.")


RULES: dict[str, t.Callable[[FormatFindings, dict[str, t.Any], str], None]] = {
    "Container": _check_container,
    "DeploymentSpec": _check_deployment,
    "DeploymentStrategy": _check_strategy,
    "EnvVar": _check_variable,
    "LabelSelectorRequirement": _check_requirement,
    "NodeSelectorRequirement": _check_requirement,
    "PodSpec": _check_pod,
    "ResourceRequirements": _check_limits,
    "Toleration": _check_toleration,
}
