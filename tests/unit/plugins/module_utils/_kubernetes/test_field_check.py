# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import importlib.resources
import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes import deployment_fields as fields
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_check import check_fields
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.field_formats import is_qualified_name
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import format_findings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import lint_template

REVIEWS = yaml.safe_load((Path(__file__).parent / "data" / "reviews-v2.yaml").read_text(encoding="utf-8"))
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
VOLUMES = REVIEWS["spec"]["template"]["spec"]["volumes"]

# Values that each type refuses, and values that it accepts.
WRONG = {
    "text": [True, 0, 7, 0.5, ["text"], {"a": "b"}],
    "boolean": ["true", "yes", 0, 1, [], {}],
    "int32": ["7", True, 0.5, 1.0, 2**31, [], {}],
    "int64": ["7", False, 0.5, 2**63, [], {}],
    "quantity": [True, "512MB", "1 Gi", "", "half", [], {}],
    "int-or-text": [True, 0.5, 2**31, [], {}],
    "list": ["text", 7, True, {"a": "b"}],
    "mapping": ["text", 7, False, ["a"]],
}
RIGHT = {
    "text": [""],
    "boolean": [True, False],
    "int32": [1],
    "int64": [1],
    "quantity": ["1", 1, 0.5],
    "int-or-text": [1],
}


def set_value(template, field, value):
    """Return a copy of ``template`` with ``value`` at ``field``. Missing parts become mappings and lists of one element."""
    copied = copy.deepcopy(template)
    keys = field.split(".") if isinstance(field, str) else field
    holder = copied
    for key, following in zip(keys, keys[1:]):
        empty = [{}] if str(following).isdigit() else {}
        if isinstance(holder, list):
            if len(holder) <= int(key):
                holder.append(empty)
            holder = holder[int(key)]
        else:
            if not isinstance(holder.get(key), type(empty)):
                holder[key] = empty
            holder = holder[key]
    if isinstance(holder, list):
        holder[:] = [value]
    else:
        holder[keys[-1]] = value
    return copied


def iterate_fields(structure="Deployment", field=()):
    """Yield the path and the type of each field of a Deployment."""
    for name, kind in fields.get_field_types(structure).items():
        yield (*field, name), kind
        inner, below = kind, (*field, name)
        while inner[0] in "[{":
            inner, below = inner[1:-1], (*below, "0" if inner[0] == "[" else "a")
            yield below, inner
        if inner in fields.STRUCTURES:
            yield from iterate_fields(inner, below)


def format_path(field):
    return "T." + "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in field).lstrip(".")


def lint(template):
    return lint_template(template, "T", namespace=None, version=None)


def check(field, value):
    return [
        (finding.id, finding.path, finding.message) for finding in check_fields(set_value(REVIEWS, field, value), "T")
    ]


@pytest.mark.parametrize("structure", ["ObjectMeta", "DeploymentSpec"])
def test_each_field_has_a_finding_for_a_wrong_type(structure):
    start = ("metadata",) if structure == "ObjectMeta" else ("spec",)
    number = 0
    for field, kind in iterate_fields(structure, start):
        group = "list" if kind[0] == "[" else "mapping" if kind[0] == "{" or kind in fields.STRUCTURES else kind
        for value in WRONG.get(group, ()):
            if field[-1] in ("replicas", "containerPort", "image", "name", "containers") and value in (0, "", [], {}):
                continue
            paths = [finding.path for finding in lint(set_value(REVIEWS, field, value))]
            # An invalid selector is one finding.
            expected = format_path(field)
            assert expected in paths or (
                ".matchExpressions[0]." in expected and expected.rpartition(".")[0] in paths
            ), field
            number += 1
    assert number > 50


def test_each_field_accepts_its_type():
    for field, kind in iterate_fields():
        for value in RIGHT.get(kind, ()):
            messages = [
                finding
                for finding in check_fields(set_value(REVIEWS, field, value), "T")
                if finding.path == format_path(field)
            ]
            assert [finding for finding in messages if finding.id == "type"] == []


def test_null_is_accepted_everywhere():
    for field, _kind in iterate_fields():
        assert [finding for finding in check_fields(set_value(REVIEWS, field, None), "T") if finding.id == "type"] == []


def test_unknown_fields_are_ignored():
    assert check("spec.replcas", 1) == []
    assert check(f"{CONTAINER}.imge", 1) == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("metadata.labels", {"tier": 2}, ("metadata.labels.tier", "is an integer, must be text")),
        ("metadata.annotations", {"a/auto": True}, ("metadata.annotations[a/auto]", "is a boolean, must be text")),
        (
            "spec.template.metadata.annotations",
            {"prometheus.io/scrape": True},
            ("spec.template.metadata.annotations[prometheus.io/scrape]", "is a boolean, must be text"),
        ),
        (f"{POD}.nodeSelector", {"gpu": True}, (f"{POD}.nodeSelector.gpu", "is a boolean, must be text")),
        (
            f"{CONTAINER}.env",
            [{"name": "PORT", "value": 8080}],
            (f"{POD}.containers[0].env[0].value", "is an integer, must be text"),
        ),
        (f"{CONTAINER}.args", ["--port", 8080], (f"{POD}.containers[0].args[1]", "is an integer, must be text")),
        (
            f"{CONTAINER}.resources.limits.memory",
            "512MB",
            (f"{POD}.containers[0].resources.limits.memory", "'512MB' is not a quantity"),
        ),
        (
            f"{CONTAINER}.securityContext.runAsUser",
            "1000",
            (f"{POD}.containers[0].securityContext.runAsUser", "is text, must be an integer"),
        ),
        (
            f"{CONTAINER}.livenessProbe",
            {"tcpSocket": {"port": 80}, "periodSeconds": 2**31},
            (f"{POD}.containers[0].livenessProbe.periodSeconds", "is 2147483648, which is out of range"),
        ),
    ],
)
def test_finding_of_wrong_type(field, value, message):
    path, words = message
    (finding,) = lint(set_value(REVIEWS, field, value))
    assert (finding.id, finding.path, finding.message) == ("type", f"T.{path}", words)
    assert finding.fix


LABELS = "spec.template.metadata.labels"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        (f"{LABELS}.tier", "a b", f"{LABELS}.tier"),
        (f"{LABELS}.tier", "-a", f"{LABELS}.tier"),
        (f"{LABELS}.tier", "a\n", f"{LABELS}.tier"),
        (f"{LABELS}.tier", "x" * 64, f"{LABELS}.tier"),
        ("metadata.labels", {"a b": "c"}, "metadata.labels[a b]"),
        ("metadata.labels", {"": "c"}, "metadata.labels[]"),
        ("metadata.labels", {"Example.com/a": "c"}, "metadata.labels[Example.com/a]"),
        ("metadata.labels", {"a/b/c": "d"}, "metadata.labels[a/b/c]"),
        ("metadata.annotations", {"a b": "c"}, "metadata.annotations[a b]"),
        ("metadata.annotations", {"a": "x" * 2**18}, "metadata.annotations"),
        ("metadata.namespace", "a.b", "metadata.namespace"),
        (f"{CONTAINER}.name", "Reviews", f"{POD}.containers[0].name"),
        (f"{CONTAINER}.name", "a.b", f"{POD}.containers[0].name"),
        (f"{CONTAINER}.name", "x" * 64, f"{POD}.containers[0].name"),
        (f"{CONTAINER}.ports.0.name", "a-long-port-name", f"{POD}.containers[0].ports[0].name"),
        (f"{CONTAINER}.ports.0.name", "8080", f"{POD}.containers[0].ports[0].name"),
        (f"{CONTAINER}.ports.0.name", "a--b", f"{POD}.containers[0].ports[0].name"),
        (f"{CONTAINER}.env", [{"name": "1BAD"}], f"{POD}.containers[0].env[0].name"),
        (f"{CONTAINER}.env", [{"name": "A=B"}], f"{POD}.containers[0].env[0].name"),
        (f"{CONTAINER}.env", [{"name": ".."}], f"{POD}.containers[0].env[0].name"),
        (f"{POD}.volumes", [*VOLUMES, {"name": "A_b"}], f"{POD}.volumes[2].name"),
        (f"{POD}.nodeSelector", {"a": "b c"}, f"{POD}.nodeSelector.a"),
        (f"{POD}.serviceAccountName", "A", f"{POD}.serviceAccountName"),
        (f"{POD}.hostname", "a.b", f"{POD}.hostname"),
        (
            f"{CONTAINER}.livenessProbe",
            {"tcpSocket": {"port": "80"}},
            f"{POD}.containers[0].livenessProbe.tcpSocket.port",
        ),
        (f"{CONTAINER}.resources.limits.gpu", 1, f"{POD}.containers[0].resources.limits.gpu"),
        ("spec.strategy.rollingUpdate.maxSurge", "1", "spec.strategy.rollingUpdate.maxSurge"),
        ("spec.selector.matchLabels.tier", "a b", "spec.selector.matchLabels.tier"),
    ],
)
def test_finding_of_invalid_characters_or_length(field, value, path):
    assert [finding[:2] for finding in check(field, value) if finding[0] == "format"] == [("format", f"T.{path}")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (f"{LABELS}.tier", ""),
        (f"{LABELS}.tier", "A.b_c-1"),
        ("metadata.labels", {"app.kubernetes.io/name": "x", "X_y.z": "1"}),
        ("metadata.annotations", {"Example.COM/Key": "any text\nof several lines", "b": ""}),
        (
            f"{CONTAINER}.env",
            [{"name": "_A.b-c1", "value": ""}, {"name": "A", "value": "x"}, {"name": "A", "value": "y"}],
        ),
        (f"{CONTAINER}.ports", [{"containerPort": 80, "name": "http-web2"}, {"containerPort": 81, "hostPort": 0}]),
        (
            f"{CONTAINER}.resources",
            {"limits": {"cpu": 0.5, "memory": " 1Gi ", "nvidia.com/gpu": 1, "hugepages-2Mi": "4Mi"}},
        ),
        (f"{CONTAINER}.resources", {"limits": {"cpu": "1e3", "memory": "1E"}, "requests": {"cpu": "100m"}}),
        (f"{CONTAINER}.livenessProbe", {"httpGet": {"port": "http"}, "successThreshold": 1}),
        ("spec.strategy", {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}),
        ("spec.strategy", {"type": "Recreate", "rollingUpdate": None}),
        (f"{POD}.tolerations", [{"operator": "Exists"}, {"key": "a", "effect": "NoExecute", "tolerationSeconds": 5}]),
        (f"{POD}.restartPolicy", "Always"),
        (f"{POD}.volumes", [*VOLUMES, {"name": "cache"}]),
        ("metadata.creationTimestamp", None),
        ("status", {"replicas": "any"}),
    ],
)
def test_valid_values_have_no_findings(field, value):
    assert check(field, value) == []


@pytest.mark.parametrize(
    ("field", "value", "rule", "path"),
    [
        (f"{CONTAINER}.imagePullPolicy", "Sometimes", "value", f"{POD}.containers[0].imagePullPolicy"),
        (f"{POD}.restartPolicy", "Never", "value", f"{POD}.restartPolicy"),
        (f"{POD}.dnsPolicy", "Cluster", "value", f"{POD}.dnsPolicy"),
        (f"{CONTAINER}.ports.0.protocol", "tcp", "value", f"{POD}.containers[0].ports[0].protocol"),
        (f"{CONTAINER}.ports.0.hostPort", 65536, "value", f"{POD}.containers[0].ports[0].hostPort"),
        (f"{POD}.terminationGracePeriodSeconds", -1, "value", f"{POD}.terminationGracePeriodSeconds"),
        (f"{CONTAINER}.env", [{"value": "x"}], "required", f"{POD}.containers[0].env[0].name"),
        (f"{CONTAINER}.env", [None], "required", f"{POD}.containers[0].env[0].name"),
        (f"{CONTAINER}.env", [{"name": "A", "valueFrom": {}}], "required", f"{POD}.containers[0].env[0].valueFrom"),
        (
            f"{CONTAINER}.env",
            [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            "value",
            f"{POD}.containers[0].env[0]",
        ),
        (f"{CONTAINER}.envFrom", [{"prefix": "A"}], "required", f"{POD}.containers[0].envFrom[0]"),
        (f"{CONTAINER}.volumeMounts.0.name", "other", "value", f"{POD}.containers[0].volumeMounts[0].name"),
        (
            f"{CONTAINER}.ports",
            [{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}],
            "value",
            f"{POD}.containers[0].ports[1].name",
        ),
        (f"{POD}.volumes", [*VOLUMES, {"name": "tmp"}], "value", f"{POD}.volumes[2].name"),
        (
            f"{POD}.volumes",
            [*VOLUMES, {"name": "a", "emptyDir": {}, "secret": {"secretName": "a"}}],
            "value",
            f"{POD}.volumes[2]",
        ),
        (f"{CONTAINER}.livenessProbe", {"periodSeconds": 5}, "required", f"{POD}.containers[0].livenessProbe"),
        (
            f"{CONTAINER}.livenessProbe",
            {"tcpSocket": {"port": 80}, "successThreshold": 2},
            "value",
            f"{POD}.containers[0].livenessProbe.successThreshold",
        ),
        (
            f"{CONTAINER}.resources",
            {"requests": {"cpu": 2}, "limits": {"cpu": "1500m"}},
            "value",
            f"{POD}.containers[0].resources.requests.cpu",
        ),
        (f"{CONTAINER}.resources.limits", {"cpu": "-1"}, "value", f"{POD}.containers[0].resources.limits.cpu"),
        ("spec.strategy", {"type": "Recreate", "rollingUpdate": {}}, "value", "spec.strategy.rollingUpdate"),
        (
            "spec.strategy",
            {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}},
            "value",
            "spec.strategy.rollingUpdate",
        ),
        ("spec.progressDeadlineSeconds", 0, "value", "spec.progressDeadlineSeconds"),
        (f"{POD}.ephemeralContainers", [{"name": "a"}], "value", f"{POD}.ephemeralContainers"),
        (f"{POD}.tolerations", [{"effect": "NoSchedule"}], "value", f"{POD}.tolerations[0]"),
        (f"{POD}.tolerations", [{"operator": "Exists", "value": "x"}], "value", f"{POD}.tolerations[0].value"),
        (
            f"{POD}.tolerations",
            [{"key": "a", "tolerationSeconds": 5}],
            "value",
            f"{POD}.tolerations[0].tolerationSeconds",
        ),
        (
            f"{POD}.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution",
            [{"labelSelector": {}}],
            "required",
            f"{POD}.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey",
        ),
        (
            f"{POD}.topologySpreadConstraints",
            [{"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "Never"}],
            "value",
            f"{POD}.topologySpreadConstraints[0].whenUnsatisfiable",
        ),
    ],
)
def test_finding_of_missing_or_invalid_value(field, value, rule, path):
    assert [finding[:2] for finding in check(field, value)] == [(rule, f"T.{path}")]


def test_selector_expression_is_reported_once():
    template = set_value(REVIEWS, "spec.selector.matchExpressions", [{"key": "app", "operator": "In", "values": []}])
    assert [finding.id for finding in lint(template)] == ["selector-foreign"]


@pytest.mark.parametrize(
    ("text", "valid"),
    [("a", True), ("a.b/c", True), ("/c", False), ("a/", False), ("a" * 63, True), ("a" * 64, False), ("é", False)],
)
def test_qualified_names(text, valid):
    assert is_qualified_name(text) is valid
    assert is_qualified_name(f"{'a.' * 127}{text}") is False
    assert is_qualified_name(f"{'a' * 254}/a") is False


def test_messages_hide_values_that_may_be_secret():
    secret = "correct horse"
    for field in ("env.0.name", "env.0.value", "args.0", "command.0"):
        for value in (secret, [secret], {secret: secret}):
            findings = check_fields(set_value(REVIEWS, f"{CONTAINER}.{field}", value), "T")
            assert secret not in str([(finding.message, finding.fix) for finding in findings])
    assert secret not in format_findings(lint(set_value(REVIEWS, "metadata.annotations", {"a": [secret]})))


# -- comparison of the table with the schemas of Kubernetes, if the library is installed

_KINDS = {"Quantity": "quantity", "IntOrString": "int-or-text", "Time": "any", "FieldsV1": "any"}
_SIMPLE = {"string": "text", "boolean": "boolean"}


def schema_type(schema):
    if "$ref" in schema:
        name = schema["$ref"].rpartition(".")[2]
        return _KINDS.get(name, name)
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    (kind,) = (name for name in kinds if name != "null")
    if kind == "array":
        return f"[{schema_type(schema['items'])}]"
    if kind == "object":
        return "{" + schema_type(schema["additionalProperties"]) + "}"
    return schema["format"] if kind == "integer" else _SIMPLE[kind]


def test_table_matches_schemas_of_kubernetes():
    pytest.importorskip("kubernetes_validate")
    directory = importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema"
    paths = [path / "_definitions.json" for path in directory.iterdir() if path.name.endswith("-local")]
    assert paths
    for path in paths:
        definitions = json.loads(path.read_text(encoding="utf-8"))["$defs"]
        for structure in fields.STRUCTURES:
            for name in (
                name
                for name in definitions
                if name.endswith((f"core.v1.{structure}", f"apps.v1.{structure}", f"meta.v1.{structure}"))
            ):
                own = fields.get_field_types(structure)
                for key, schema in definitions[name].get("properties", {}).items():
                    if (structure, key) == ("Deployment", "status"):
                        continue
                    assert key in own, (path.parent.name, structure, key)
                    # Two types of claims were renamed. Their fields did not change.
                    if structure != "PersistentVolumeClaimSpec":
                        assert own[key] == schema_type(schema), (path.parent.name, structure, key)
