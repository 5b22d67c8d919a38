# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check the templates of a release before the module sends a request.

The reference does not document which checks of a template the service makes (CreateRelease lists only a 400). Each
finding has a path, a mistake and a fix. A fix contains only values from the template or the options. No rule raises:
values of the wrong type are findings, too.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import (
    API_VERSION,
    KIND,
    get_deployment_name,
    is_integer,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_check import check_fields
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import (
    QUOTE_FIX,
    Finding,
    Findings,
    Node,
    is_within,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.schema_check import check_schema
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import (
    join_path,
    shorten,
    type_name,
)

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
# Kubernetes validates the name of a Deployment as an RFC 1123 subdomain.
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_NAME = 253
_LONGEST_LABEL = 63
# All YAML parsers read this text as text, even without quotes.
_PLAIN_TEXT = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][-./A-Za-z0-9_]*", re.IGNORECASE)


def lint_release(
    gray_deployments: t.Sequence[t.Mapping[str, t.Any]],
    namespace: str | None,
    version: str | None,
    service_name: str | None = None,
) -> list[Finding]:
    """Return the findings for all items ``{cluster_id, template}`` of a release with parsed templates. Items without a template are skipped.

    They include a violation of the published schema if ``kubernetes-validate`` is installed.
    """
    findings: list[Finding] = []
    for index, item in enumerate(gray_deployments):
        path = f"gray_deployments[{index}].template"
        template = item.get("template")
        if template is None:
            continue
        own = lint_template(template, path, namespace=namespace, version=version, service_name=service_name)
        findings += own
        findings += [
            finding
            for finding in check_schema(template, path)
            if not any(is_within(finding.path, one.path) or is_within(one.path, finding.path) for one in own)
        ]
    return findings + _find_duplicate_items(gray_deployments)


def lint_template(
    template: t.Any,
    path: str,
    *,
    namespace: str | None,
    version: str | None,
    service_name: str | None = None,
) -> list[Finding]:
    """Return the findings for one parsed template at ``path``.

    ``namespace`` and ``version`` are those of the release; with ``None``, their rules are skipped. Only fixes contain
    ``service_name``.
    """
    found = _lint_deployment(template, path, namespace, version, service_name)
    if not isinstance(template, dict) or template.get("kind") not in (KIND, None):
        return found
    return found + [
        finding for finding in check_fields(template, path) if not any(_covers(reported, finding) for reported in found)
    ]


def _covers(finding: Finding, other: Finding) -> bool:
    """Return whether ``finding`` makes ``other`` redundant: it is about the same value, or about the whole expression."""
    return other.path == finding.path or (finding.id == "selector-foreign" and is_within(other.path, finding.path))


def _lint_deployment(
    template: t.Any, path: str, namespace: str | None, version: str | None, service_name: str | None
) -> list[Finding]:
    findings = Findings()
    root = findings.read_mapping(template, path)
    if root.broken:
        return findings.found
    if not root.value:
        findings.add("kind", path, "the template is empty", "Write a Kubernetes Deployment.")
        return findings.found
    if not _lint_kind(findings, root):
        return findings.found
    metadata = findings.read_child(root, "metadata")
    _lint_name(findings, metadata)
    _lint_namespace(findings, metadata, namespace)
    findings.read_child(metadata, "labels")
    findings.read_child(metadata, "annotations")
    spec = findings.read_child(root, "spec")
    _lint_replicas(findings, spec)
    pod = findings.read_child(spec, "template")
    labels = findings.read_child(findings.read_child(pod, "metadata"), "labels")
    _lint_selector(findings, spec, labels)
    _lint_labels(findings, labels, version, service_name)
    _lint_pod(findings, findings.read_child(pod, "spec"))
    return findings.found


def _lint_kind(findings: Findings, root: Node) -> bool:
    """Return False for another kind of object, to which no other rule applies."""
    kind = root.value.get("kind")
    if kind != KIND:
        message = "is missing" if kind is None else f"is {shorten(kind)}, must be '{KIND}'"
        findings.add("kind", join_path(root.path, "kind"), message, f"Write kind: {KIND}, with a Deployment below it.")
        if kind is not None:
            return False
    version = root.value.get("apiVersion")
    if version != API_VERSION:
        message = "is missing" if version is None else f"is {shorten(version)}, must be '{API_VERSION}'"
        findings.add("api-version", join_path(root.path, "apiVersion"), message, f"Write apiVersion: {API_VERSION}.")
    return True


def _lint_name(findings: Findings, metadata: Node) -> None:
    if metadata.broken:
        return
    name, path = metadata.value.get("name"), join_path(metadata.path, "name")
    if name in (None, ""):
        findings.add("name", path, "is missing", "Name the Deployment of the new version, for example reviews-v2.")
    elif not isinstance(name, str):
        findings.add("name", path, f"is {type_name(name)}, must be text", QUOTE_FIX)
    elif len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        fix = f"Use lower-case letters, digits, '-' and '.', at most {_LONGEST_NAME}, with a letter or digit at both ends."
        findings.add("name", path, f"{shorten(name)} is not a valid name of a Deployment", fix)


def _lint_namespace(findings: Findings, metadata: Node, namespace: str | None) -> None:
    actual = metadata.value.get("namespace")
    if namespace is None or actual in (None, "") or actual == namespace:
        return
    path, fix = (
        join_path(metadata.path, "namespace"),
        f"Write {_to_yaml_entry('namespace', namespace)}, or leave it out.",
    )
    if not isinstance(actual, str):
        findings.add("type", path, f"is {type_name(actual)}, must be text", fix)
        return
    findings.add("namespace", path, f"is {shorten(actual)}, the release's namespace is {shorten(namespace)}", fix)


def _lint_replicas(findings: Findings, spec: Node) -> None:
    replicas: t.Any = spec.value.get("replicas")
    if replicas is None or (is_integer(replicas) and replicas >= 0):
        return
    value = shorten(replicas) if isinstance(replicas, (int, float)) else f"{type_name(replicas)} ({shorten(replicas)})"
    fix = "Write a native integer, for example replicas: 1 without quotes; with a variable, write the template as YAML text."
    findings.add("replicas", join_path(spec.path, "replicas"), f"is {value}, must be an integer of 0 or more", fix)


def _lint_selector(findings: Findings, spec: Node, labels: Node) -> None:
    if spec.broken:
        return
    selector = findings.read_child(spec, "selector")
    match_labels = findings.read_child(selector, "matchLabels")
    expressions = findings.read_elements(selector, "matchExpressions")
    if selector.broken or match_labels.broken:
        return
    if not selector.value.get("matchLabels") and not selector.value.get("matchExpressions"):
        fix = "Write selector.matchLabels with the labels app and version of the pod template."
        findings.add("selector-missing", selector.path, "the Deployment selects no pods", fix)
    if labels.broken:
        return
    for key, value in match_labels.value.items():
        _lint_match_label(findings, join_path(match_labels.path, key), key, value, labels)
    for expression in expressions:
        _lint_expression(findings, expression, labels.value)


def _lint_match_label(findings: Findings, path: str, key: str, value: t.Any, labels: Node) -> None:
    actual = labels.value.get(key)
    if not isinstance(value, str) or not isinstance(actual, (str, type(None))):
        # check_fields reports both.
        return
    if actual is None:
        message = f"the selector requires {key}={_format_text(value)}, the pod template has no label {key}"
        label = _to_yaml_entry(key, value) if len(value) <= _LONGEST_LABEL else f"the label {key}"
        fix = f"Add {label} to {labels.path}, or take it out of the selector."
        findings.add("selector-foreign", path, message, fix)
    elif actual != value:
        message = (
            f"the selector requires {key}={_format_text(value)}, the pod template has {key}={_format_text(actual)}"
        )
        findings.add(
            "selector-foreign", path, message, f"Write the same value here and in {join_path(labels.path, key)}."
        )


def _lint_expression(findings: Findings, expression: Node, labels: dict[str, t.Any]) -> None:
    if expression.broken:
        return
    key, operator = expression.value.get("key"), expression.value.get("operator")
    if not isinstance(key, str) or not isinstance(operator, str) or operator not in _OPERATORS:
        fix = f"Write key (text) and operator, one of {', '.join(sorted(_OPERATORS))}."
        message = f"has the key {shorten(key)} and the operator {shorten(operator)}"
        findings.add("selector-foreign", expression.path, message, fix)
        return
    values = findings.read_list(expression, "values")
    if bool(values) != (operator in ("In", "NotIn")):
        message = f"has the operator {operator} with {len(values)} values"
        findings.add(
            "selector-foreign", expression.path, message, "Give values to In and NotIn, and none to the others."
        )
    elif not _OPERATORS[operator](labels.get(key), values):
        operands = f" {shorten(values)}" if values else ""
        message = f"the selector requires {key} {operator}{operands}, the pod template has {_format_label(key, labels)}"
        findings.add(
            "selector-foreign", expression.path, message, "Make selector and labels of the pod template agree."
        )


# As in labels.Requirement.Matches of Kubernetes, a missing label satisfies NotIn.
_OPERATORS: dict[str, t.Callable[[t.Any, list[t.Any]], bool]] = {
    "In": lambda actual, values: actual is not None and actual in values,
    "NotIn": lambda actual, values: actual is None or actual not in values,
    "Exists": lambda actual, values: actual is not None,
    "DoesNotExist": lambda actual, values: actual is None,
}


def _format_label(key: str, labels: dict[str, t.Any]) -> str:
    return f"{key}={_format_text(labels[key])}" if labels.get(key) is not None else f"no label {key}"


def _format_text(value: t.Any) -> str:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_LABEL else shorten(value, _LONGEST_LABEL)
    return f"{shorten(value)} ({type_name(value)})"


def _lint_labels(findings: Findings, labels: Node, version: str | None, service_name: str | None) -> None:
    if labels.broken:
        return
    for key, option, value in (("app", "service_name", service_name), ("version", "version", version)):
        if labels.value.get(key) in (None, ""):
            message = f"the pod template has no label {key}"
            label = _to_yaml_entry(key, value) if value else f"the label {key} with the value of {option}"
            findings.add(f"label-{key}", labels.path, message, f"Add {label} to the labels.")
    if version is not None:
        _lint_version(findings, join_path(labels.path, "version"), labels.value.get("version"), version)


def _lint_version(findings: Findings, path: str, label: t.Any, version: str) -> None:
    if label in (None, "", version):
        return
    if not isinstance(label, str):
        fix = f"Write {_to_yaml_entry('version', version, quote=True)}, which is the version of the release."
        findings.add("type", path, f"is {type_name(label)}, must be text", fix)
        return
    message = f"the label is {shorten(label)}, the release's version is {shorten(version)}"
    fix = f"Write {_to_yaml_entry('version', version)} here, or set the release's version to the label."
    findings.add("version-mismatch", path, message, fix)


def _to_yaml_entry(key: str, value: str, *, quote: bool = False) -> str:
    """Return a line of YAML with quotes where YAML would not read the value as text."""
    return f"{_to_yaml_text(key)}: {_to_yaml_text(value, quote)}"


def _to_yaml_text(value: str, quote: bool = False) -> str:
    return value if _PLAIN_TEXT.fullmatch(value) and not quote else json.dumps(value, ensure_ascii=False)


def _lint_pod(findings: Findings, pod: Node) -> None:
    if pod.broken:
        return
    if pod.value.get("containers") in (None, [], {}, ""):
        fix = "Write at least one container with name and image."
        findings.add("containers", join_path(pod.path, "containers"), "the pod has no container", fix)
    names: dict[str, str] = {}
    for key in ("initContainers", "containers"):
        if not pod.value.get(key):
            continue
        for container in findings.read_elements(pod, key):
            if not container.broken:
                _lint_container(findings, container, names)


def _lint_container(findings: Findings, container: Node, names: dict[str, str]) -> None:
    name, path = container.value.get("name"), join_path(container.path, "name")
    if not isinstance(name, str) or not name:
        missing = name in (None, "")
        message = "the container has no name" if missing else f"is {type_name(name)}, must be text"
        findings.add("containers", path, message, "Give each container its own name." if missing else QUOTE_FIX)
    elif name in names:
        findings.add(
            "containers",
            path,
            f"{shorten(name)} is also the name of {names[name]}",
            "Give each container its own name.",
        )
    else:
        names[name] = container.path
    image = container.value.get("image")
    if not isinstance(image, str) or not image.strip():
        message = (
            "the container has no image"
            if image is None or isinstance(image, str)
            else f"is {type_name(image)}, must be text"
        )
        findings.add("image-missing", join_path(container.path, "image"), message, "Write the image with its tag.")
    for port in findings.read_elements(container, "ports"):
        _lint_port(findings, port)


def _lint_port(findings: Findings, port: Node) -> None:
    number: t.Any = port.value.get("containerPort")
    path = join_path(port.path, "containerPort")
    if port.broken or (is_integer(number) and 1 <= number <= 65535):
        return
    message = "is missing" if number is None else f"is {shorten(number)}, must be an integer from 1 to 65535"
    fix = "Write a native integer without quotes, for example containerPort: 9080."
    findings.add("port", path, message, fix)


def _find_duplicate_items(items: t.Sequence[t.Mapping[str, t.Any]]) -> list[Finding]:
    findings: list[Finding] = []
    first: dict[tuple[str, str], int] = {}
    for index, item in enumerate(items):
        name = get_deployment_name(item.get("template"))
        if name is None:
            continue
        key = (str(item.get("cluster_id")), name)
        if key not in first:
            first[key] = index
            continue
        message = f"cluster {shorten(key[0])} has the Deployment {shorten(name)} in gray_deployments[{first[key]}], too"
        fix = "Leave one of them out, or give it another cluster_id or metadata.name."
        findings.append(Finding("duplicate-item", f"gray_deployments[{index}]", message, fix))
    return findings
