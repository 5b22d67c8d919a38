# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find what is wrong with the templates of a release before anything is sent.

The reference does not document what the service checks in a template (CreateRelease lists only a 400). Each finding has a path, what is wrong
and a fix. A fix contains only values from the template or the options. No rule raises: a wrong type anywhere is a finding.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_check import (
    QUOTE_FIX,
    check_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.text import child, shorten, type_name

API_VERSION = "apps/v1"
KIND = "Deployment"

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
# Kubernetes validates the name of a Deployment as an RFC 1123 subdomain.
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_CONTAINER_LISTS = ("initContainers", "containers")
# Text that every YAML parser reads as text without quotes.
_PLAIN_TEXT = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][-./A-Za-z0-9_]*", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the rule's ``id``, where, what, and what to write instead."""

    id: str
    path: str
    message: str
    fix: str


def format_findings(findings: t.Iterable[Finding]) -> str:
    """One line for each finding: ``<path>: <message> (<id>). <fix>``."""
    return "\n".join(f"{finding.path}: {finding.message} ({finding.id}). {finding.fix}" for finding in findings)


def lint_release(
    gray_deployments: list[dict[str, t.Any]],
    namespace: str | None,
    version: str | None,
    service_name: str | None = None,
) -> list[Finding]:
    """Findings for all ``{cluster_id, template}`` of a release, templates parsed, the full check included when available."""
    findings: list[Finding] = []
    for index, item in enumerate(gray_deployments):
        path = f"gray_deployments[{index}].template"
        template = item.get("template")
        own = lint_template(template, path, namespace=namespace, version=version, service_name=service_name)
        findings += own
        findings += [finding for finding in check_schema(template, path) if not _is_reported(finding, own)]
    return findings + _duplicate_items(gray_deployments)


def lint_template(
    template: t.Any,
    path: str,
    *,
    namespace: str | None,
    version: str | None,
    service_name: str | None = None,
) -> list[Finding]:
    """Return the findings for one parsed template at ``path``.

    ``namespace`` and ``version`` are those of the release; with ``None``, their rules are skipped. ``service_name`` is used in fixes.
    """
    found = _lint_deployment(template, path, namespace, version, service_name)
    if not isinstance(template, dict) or template.get("kind") not in (KIND, None):
        return found
    fields = [Finding(*problem) for problem in check_fields(template, path)]
    return found + [finding for finding in fields if not any(_covers(other, finding) for other in found)]


def _covers(known: Finding, further: Finding) -> bool:
    """Return whether ``known`` makes ``further`` redundant: it is about the same value, or about the whole expression."""
    return further.path == known.path or (known.id == "selector-foreign" and _within(further.path, known.path))


def _lint_deployment(
    template: t.Any, path: str, namespace: str | None, version: str | None, service_name: str | None
) -> list[Finding]:
    findings = _Findings()
    root = findings.mapping({"template": template}, "template", path)
    if root.broken:
        return findings.found
    if not root.value:
        findings.add("kind", path, "the template is empty", "Write a Kubernetes Deployment.")
        return findings.found
    if not _lint_kind(findings, root):
        return findings.found
    metadata = findings.below(root, "metadata")
    _lint_name(findings, metadata)
    _lint_namespace(findings, metadata, namespace)
    findings.below(metadata, "labels")
    findings.below(metadata, "annotations")
    spec = findings.below(root, "spec")
    _lint_replicas(findings, spec)
    pod = findings.below(spec, "template")
    labels = findings.below(findings.below(pod, "metadata"), "labels")
    _lint_selector(findings, spec, labels)
    _lint_labels(findings, labels, version, service_name)
    _lint_pod(findings, findings.below(pod, "spec"))
    return findings.found


def check_schema(template: t.Any, path: str) -> list[Finding]:
    """The first thing the schema of the newest known Kubernetes refuses, when ``kubernetes-validate`` can be imported.

    Empty without that library, and for what is no apps/v1 Deployment (which the rules above tell).
    """
    if not isinstance(template, dict) or (template.get("kind"), template.get("apiVersion")) != (KIND, API_VERSION):
        return []
    try:
        import kubernetes_validate
    except ImportError:
        return []
    known = (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError)
    try:
        kubernetes_validate.validate(template, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.ValidationError as exc:
        return [_schema_finding(exc, path)]
    except known:
        # The library lacks the schema: that says nothing about the template.
        return []
    return []


@dataclass(frozen=True)
class Node:
    """A mapping inside the template and its path. ``broken``: something else stands there, and a finding tells so."""

    value: dict[str, t.Any]
    path: str
    broken: bool = False


class _Findings:
    """Collects findings, and goes down a tree whose types nobody has checked."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(self, rule: str, path: str, message: str, fix: str) -> None:
        self.found.append(Finding(rule, path, message, fix))

    def below(self, part: Node, key: str) -> Node:
        below = self.mapping(part.value, key, child(part.path, key))
        return Node({}, below.path, True) if part.broken else below

    def mapping(self, holder: dict[str, t.Any], key: str, path: str) -> Node:
        value = holder.get(key)
        if value is None or isinstance(value, dict):
            return Node(value or {}, path)
        self.add("type", path, f"is {type_name(value)}, must be a mapping", "Write keys and values below it.")
        return Node({}, path, True)

    def sequence(self, part: Node, key: str) -> list[t.Any]:
        value = part.value.get(key)
        if value is None or isinstance(value, list):
            return value or []
        self.add(
            "type",
            child(part.path, key),
            f"is {type_name(value)}, must be a list",
            "Write its elements with a dash each.",
        )
        return []

    def elements(self, part: Node, key: str) -> list[Node]:
        path = child(part.path, key)
        entries = self.sequence(part, key)
        return [self.mapping({"element": entry}, "element", child(path, index)) for index, entry in enumerate(entries)]


def _lint_kind(findings: _Findings, root: Node) -> bool:
    """False when this is another kind of object, for which no other rule makes sense."""
    kind = root.value.get("kind")
    if kind != KIND:
        message = "is missing" if kind is None else f"is {shorten(kind)}, must be '{KIND}'"
        findings.add("kind", child(root.path, "kind"), message, f"Write kind: {KIND}, with a Deployment below it.")
        if kind is not None:
            return False
    version = root.value.get("apiVersion")
    if version != API_VERSION:
        message = "is missing" if version is None else f"is {shorten(version)}, must be '{API_VERSION}'"
        findings.add("api-version", child(root.path, "apiVersion"), message, f"Write apiVersion: {API_VERSION}.")
    return True


def _lint_name(findings: _Findings, metadata: Node) -> None:
    if metadata.broken:
        return
    name, path = metadata.value.get("name"), child(metadata.path, "name")
    if name in (None, ""):
        findings.add("name", path, "is missing", "Name the Deployment of the new version, for example reviews-v2.")
    elif not isinstance(name, str):
        findings.add("name", path, f"is {type_name(name)}, must be text", QUOTE_FIX)
    elif len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        fix = f"Use lower-case letters, digits, '-' and '.', at most {_LONGEST_NAME}, with a letter or digit at both ends."
        findings.add("name", path, f"{shorten(name)} is no name for a Deployment", fix)


def _lint_namespace(findings: _Findings, metadata: Node, namespace: str | None) -> None:
    given = metadata.value.get("namespace")
    if namespace is None or given in (None, "") or given == namespace:
        return
    path, fix = child(metadata.path, "namespace"), f"Write {_entry('namespace', namespace)}, or leave it out."
    if not isinstance(given, str):
        findings.add("type", path, f"is {type_name(given)}, must be text", fix)
        return
    findings.add("namespace", path, f"is {shorten(given)}, the release's namespace is {shorten(namespace)}", fix)


def _is_integer(value: t.Any) -> bool:
    # True and False are integers to Python, not to Kubernetes.
    return isinstance(value, int) and not isinstance(value, bool)


def _lint_replicas(findings: _Findings, spec: Node) -> None:
    replicas: t.Any = spec.value.get("replicas")
    if replicas is None or (_is_integer(replicas) and replicas >= 0):
        return
    shown = shorten(replicas) if isinstance(replicas, (int, float)) else f"{type_name(replicas)} ({shorten(replicas)})"
    fix = "Write a native integer, for example replicas: 1 without quotes; with a variable, write the template as YAML text."
    findings.add("replicas", child(spec.path, "replicas"), f"is {shown}, must be an integer of 0 or more", fix)


def _lint_selector(findings: _Findings, spec: Node, labels: Node) -> None:
    if spec.broken:
        return
    selector = findings.below(spec, "selector")
    wanted = findings.below(selector, "matchLabels")
    expressions = findings.elements(selector, "matchExpressions")
    if selector.broken or wanted.broken:
        return
    if not selector.value.get("matchLabels") and not selector.value.get("matchExpressions"):
        fix = "Write selector.matchLabels with the labels app and version of the pod template."
        findings.add("selector-missing", selector.path, "the Deployment selects no pods", fix)
    if labels.broken:
        return
    for key, value in wanted.value.items():
        _lint_wanted_label(findings, child(wanted.path, key), key, value, labels)
    for expression in expressions:
        _lint_expression(findings, expression, labels.value)


def _lint_wanted_label(findings: _Findings, path: str, key: str, value: t.Any, labels: Node) -> None:
    actual = labels.value.get(key)
    if not isinstance(value, str) or not isinstance(actual, (str, type(None))):
        # The check of the fields reports both.
        return
    if actual is None:
        message = f"the selector wants {key}={_plain(value)}, the pod template has no label {key}"
        label = _entry(key, value) if len(value) <= _LONGEST_LABEL else f"the label {key}"
        fix = f"Add {label} to {labels.path}, or take it out of the selector."
        findings.add("selector-foreign", path, message, fix)
    elif actual != value:
        message = f"the selector wants {key}={_plain(value)}, the pod template has {key}={_plain(actual)}"
        findings.add("selector-foreign", path, message, f"Write the same value here and in {child(labels.path, key)}.")


def _lint_expression(findings: _Findings, expression: Node, labels: dict[str, t.Any]) -> None:
    if expression.broken:
        return
    key, operator = expression.value.get("key"), expression.value.get("operator")
    if not isinstance(key, str) or not isinstance(operator, str) or operator not in _OPERATORS:
        fix = f"Write key (text) and operator, one of {', '.join(sorted(_OPERATORS))}."
        message = f"has the key {shorten(key)} and the operator {shorten(operator)}"
        findings.add("selector-foreign", expression.path, message, fix)
        return
    values = findings.sequence(expression, "values")
    if bool(values) != (operator in ("In", "NotIn")):
        message = f"has the operator {operator} with {len(values)} values"
        findings.add(
            "selector-foreign", expression.path, message, "Give values to In and NotIn, and none to the others."
        )
    elif not _OPERATORS[operator](labels.get(key), values):
        shown = "" if not values else " " + shorten(values)
        message = f"the selector wants {key} {operator}{shown}, the pod template has {_actual(key, labels)}"
        findings.add(
            "selector-foreign", expression.path, message, "Make selector and labels of the pod template agree."
        )


# Kubernetes labels.Requirement.Matches: a missing label satisfies NotIn.
_OPERATORS: dict[str, t.Callable[[t.Any, list[t.Any]], bool]] = {
    "In": lambda actual, values: actual is not None and actual in values,
    "NotIn": lambda actual, values: actual is None or actual not in values,
    "Exists": lambda actual, values: actual is not None,
    "DoesNotExist": lambda actual, values: actual is None,
}


def _actual(key: str, labels: dict[str, t.Any]) -> str:
    return f"{key}={_plain(labels[key])}" if labels.get(key) is not None else f"no label {key}"


def _plain(value: t.Any) -> str:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_LABEL else shorten(value, _LONGEST_LABEL)
    return f"{shorten(value)} ({type_name(value)})"


def _lint_labels(findings: _Findings, labels: Node, version: str | None, service_name: str | None) -> None:
    if labels.broken:
        return
    for key, option, advice in (("app", "service_name", service_name), ("version", "version", version)):
        if labels.value.get(key) in (None, ""):
            message = f"the pod template has no label {key}"
            label = _entry(key, advice) if advice else f"the label {key} with the value of {option}"
            findings.add(f"label-{key}", labels.path, message, f"Add {label} to the labels.")
    if version is not None:
        _lint_version(findings, child(labels.path, "version"), labels.value.get("version"), version)


def _lint_version(findings: _Findings, path: str, label: t.Any, version: str) -> None:
    if label in (None, "", version):
        return
    if not isinstance(label, str):
        fix = f"Write {_entry('version', version, quote=True)}, which is the version of the release."
        findings.add("type", path, f"is {type_name(label)}, must be text", fix)
        return
    message = f"the label is {shorten(label)}, the release's version is {shorten(version)}"
    fix = f"Write {_entry('version', version)} here, or set the release's version to the label."
    findings.add("version-mismatch", path, message, fix)


def _entry(key: str, value: str, *, quote: bool = False) -> str:
    """Return a line of YAML, in which numbers and the like are text because they are in quotes."""
    return f"{_yaml_text(key)}: {_yaml_text(value, quote)}"


def _yaml_text(value: str, quote: bool = False) -> str:
    return value if _PLAIN_TEXT.fullmatch(value) and not quote else json.dumps(value, ensure_ascii=False)


def _lint_pod(findings: _Findings, pod: Node) -> None:
    if pod.broken:
        return
    if pod.value.get("containers") in (None, [], {}, ""):
        fix = "Write at least one container with name and image."
        findings.add("containers", child(pod.path, "containers"), "the pod has no container", fix)
    names: dict[str, str] = {}
    for key in _CONTAINER_LISTS:
        if not pod.value.get(key):
            continue
        for container in findings.elements(pod, key):
            if not container.broken:
                _lint_container(findings, container, names)


def _lint_container(findings: _Findings, container: Node, names: dict[str, str]) -> None:
    name, path = container.value.get("name"), child(container.path, "name")
    if not isinstance(name, str) or not name:
        missing = name in (None, "")
        message = "the container has no name" if missing else f"is {type_name(name)}, must be text"
        findings.add("containers", path, message, "Give each container a name of its own." if missing else QUOTE_FIX)
    elif name in names:
        findings.add(
            "containers",
            path,
            f"{shorten(name)} is the name of {names[name]} too",
            "Give each container a name of its own.",
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
        findings.add("image-missing", child(container.path, "image"), message, "Write the image with its tag.")
    for port in findings.elements(container, "ports"):
        _lint_port(findings, port)


def _lint_port(findings: _Findings, port: Node) -> None:
    number: t.Any = port.value.get("containerPort")
    path = child(port.path, "containerPort")
    if port.broken or (_is_integer(number) and 1 <= number <= 65535):
        return
    shown = "is missing" if number is None else f"is {shorten(number)}, must be an integer from 1 to 65535"
    fix = "Write a native integer without quotes, for example containerPort: 9080."
    findings.add("port", path, shown, fix)


def _duplicate_items(items: list[dict[str, t.Any]]) -> list[Finding]:
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
        message = f"cluster {shorten(key[0])} has the Deployment {shorten(name)} in gray_deployments[{first[key]}] too"
        fix = "Leave one of them out, or give it another cluster_id or metadata.name."
        findings.append(Finding("duplicate-item", f"gray_deployments[{index}]", message, fix))
    return findings


def get_deployment_name(template: t.Any) -> str | None:
    """``metadata.name`` of a template of any shape, ``None`` when there is none."""
    metadata = template.get("metadata") if isinstance(template, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) and name else None


def _is_reported(finding: Finding, others: list[Finding]) -> bool:
    """Whether one of ``others`` stands at the same place, inside it or around it."""
    return any(_within(finding.path, other.path) or _within(other.path, finding.path) for other in others)


def _within(path: str, around: str) -> bool:
    return path == around or (path.startswith(around) and path[len(around)] in ".[")


def _schema_finding(error: t.Any, path: str) -> Finding:
    """A finding from a jsonschema error, in words of our own: the library's quote the value, which may be secret."""
    for key in error.absolute_path:
        path = child(path, key)
    explain = _EXPLAIN.get(error.validator, _explain_other)
    message, fix = explain(error)
    return Finding("schema", path, message, fix)


def _explain_unknown(error: t.Any) -> tuple[str, str]:
    unknown = sorted(set(error.instance) - set(error.schema.get("properties") or {}))
    names = ", ".join(shorten(name, 60) for name in unknown)
    return f"has keys Kubernetes does not know: {names}", "Correct the spelling, or move them where they belong."


def _explain_required(error: t.Any) -> tuple[str, str]:
    missing = [name for name in error.validator_value if name not in error.instance]
    return f"lacks {', '.join(missing)}", "Add what is missing."


def _explain_type(error: t.Any) -> tuple[str, str]:
    return f"is {type_name(error.instance)}, must be {_types(error.validator_value)}", "Write a value of that type."


def _explain_one_of(error: t.Any) -> tuple[str, str]:
    types = [name for schema in error.validator_value for name in _as_list(schema.get("type"))]
    return f"is {type_name(error.instance)}, must be {_types(types)}", "Write a value of that type."


def _explain_other(error: t.Any) -> tuple[str, str]:
    return f"does not meet the schema of Kubernetes ({error.validator})", "See the reference of this field."


def _types(names: t.Any) -> str:
    return " or ".join(dict.fromkeys(str(name) for name in _as_list(names) if name != "null")) or "of another type"


def _as_list(value: t.Any) -> list[t.Any]:
    return list(value) if isinstance(value, list) else [value] if value else []


_EXPLAIN: dict[str, t.Callable[[t.Any], tuple[str, str]]] = {
    "additionalProperties": _explain_unknown,
    "required": _explain_required,
    "type": _explain_type,
    "oneOf": _explain_one_of,
}
