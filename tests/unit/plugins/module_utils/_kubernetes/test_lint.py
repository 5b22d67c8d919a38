# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import sys
import types
from collections import deque
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.api_facts import get_deployment_name
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.findings import Finding, format_findings
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import lint_release, lint_template
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.schema_check import check_schema

PATH = "gray_deployments[0].template"
DATA = Path(__file__).parent / "data"
REVIEWS = yaml.safe_load((DATA / "reviews-v2.yaml").read_text(encoding="utf-8"))
STOREFRONT = yaml.safe_load((DATA / "storefront-v3.yaml").read_text(encoding="utf-8"))
WRONG = [None, True, 0, 7, 0.5, "", "text", [], ["text"], [[]], [None], {}, {"a": "b"}, {"a": []}, [{}], [{"name": []}]]


def replace_value(field, value, template=REVIEWS):
    """Return ``template`` with ``value`` at ``field`` (keys and indexes, separated by dots); ``...`` removes the field."""
    copied = copy.deepcopy(template)
    keys = [int(key) if key.isdigit() else key for key in field.split(".")]
    holder = copied
    for key in keys[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[keys[-1]]
    else:
        holder[keys[-1]] = value
    return copied


def lint(template, namespace="bookinfo", version="v2"):
    return lint_template(template, PATH, namespace=namespace, version=version, service_name="reviews")


def iterate_fields(value, prefix=""):
    """Yield the path of each field in plain data."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        # Keys of annotations contain dots, so yield only the mapping.
        if "." not in str(key):
            yield f"{prefix}{key}"
            yield from iterate_fields(entry, f"{prefix}{key}.")


@pytest.mark.parametrize(("template", "version"), [(REVIEWS, "v2"), (STOREFRONT, "v3")])
def test_good_templates_have_no_findings(template, version):
    assert lint(template, version=version) == []
    assert lint_template(template, PATH, namespace=None, version=None) == []


REPLICAS_FIX = (
    "Write a native integer, for example replicas: 1 without quotes; with a variable, write the template as YAML text."
)
PORT_FIX = "Write a native integer without quotes, for example containerPort: 9080."
NAME_FIX = "Use lower-case letters, digits, '-' and '.', at most 253, with a letter or digit at both ends."
QUOTE_FIX = "Put it in quotes, as you wrote it."
MAPPING_FIX = "Write keys and values below it."
POD = "spec.template.spec"
LABELS = "spec.template.metadata.labels"
CONTAINER = "spec.template.spec.containers"
PORT = "spec.template.spec.containers.0.ports.0.containerPort"


@pytest.mark.parametrize(
    ("field", "value", "rule", "path", "message", "fix"),
    [
        (
            "kind",
            "Service",
            "kind",
            "kind",
            "is 'Service', must be 'Deployment'",
            "Write kind: Deployment, with a Deployment below it.",
        ),
        (
            "kind",
            ["x"],
            "kind",
            "kind",
            "is [\"x\"], must be 'Deployment'",
            "Write kind: Deployment, with a Deployment below it.",
        ),
        ("kind", ..., "kind", "kind", "is missing", "Write kind: Deployment, with a Deployment below it."),
        ("apiVersion", "v1", "api-version", "apiVersion", "is 'v1', must be 'apps/v1'", "Write apiVersion: apps/v1."),
        ("apiVersion", ..., "api-version", "apiVersion", "is missing", "Write apiVersion: apps/v1."),
        (
            "metadata.name",
            ...,
            "name",
            "metadata.name",
            "is missing",
            "Name the Deployment of the new version, for example reviews-v2.",
        ),
        ("metadata.name", 5, "name", "metadata.name", "is an integer, must be text", QUOTE_FIX),
        (
            "metadata.name",
            "Reviews_v2",
            "name",
            "metadata.name",
            "'Reviews_v2' is not a valid name of a Deployment",
            NAME_FIX,
        ),
        (
            "metadata.name",
            "reviews-",
            "name",
            "metadata.name",
            "'reviews-' is not a valid name of a Deployment",
            NAME_FIX,
        ),
        ("metadata.name", "a..b", "name", "metadata.name", "'a..b' is not a valid name of a Deployment", NAME_FIX),
        (
            "metadata.namespace",
            "shop",
            "namespace",
            "metadata.namespace",
            "is 'shop', the release's namespace is 'bookinfo'",
            "Write namespace: bookinfo, or leave it out.",
        ),
        (
            "spec.selector",
            ...,
            "selector-missing",
            "spec.selector",
            "the Deployment selects no pods",
            "Write selector.matchLabels with the labels app and version of the pod template.",
        ),
        (
            "spec.selector",
            {"matchLabels": {}},
            "selector-missing",
            "spec.selector",
            "the Deployment selects no pods",
            "Write selector.matchLabels with the labels app and version of the pod template.",
        ),
        (
            "spec.selector.matchLabels.app",
            "ratings",
            "selector-foreign",
            "spec.selector.matchLabels.app",
            "the selector requires app=ratings, the pod template has app=reviews",
            f"Write the same value here and in {PATH}.spec.template.metadata.labels.app.",
        ),
        (
            "spec.selector.matchLabels.tier",
            "web",
            "selector-foreign",
            "spec.selector.matchLabels.tier",
            "the selector requires tier=web, the pod template has no label tier",
            f"Add tier: web to {PATH}.spec.template.metadata.labels, or take it out of the selector.",
        ),
        (
            "spec.selector.matchLabels.version",
            2,
            "type",
            "spec.selector.matchLabels.version",
            "is an integer, must be text",
            QUOTE_FIX,
        ),
        (
            f"{LABELS}.app",
            "",
            "label-app",
            LABELS,
            "the pod template has no label app",
            "Add app: reviews to the labels.",
        ),
        (f"{LABELS}.zone", 5, "type", f"{LABELS}.zone", "is an integer, must be text", QUOTE_FIX),
        (f"{LABELS}.zone", True, "type", f"{LABELS}.zone", "is a boolean, must be text", QUOTE_FIX),
        (f"{CONTAINER}.0.name", 5, "containers", f"{CONTAINER}[0].name", "is an integer, must be text", QUOTE_FIX),
        (
            "metadata.namespace",
            5,
            "type",
            "metadata.namespace",
            "is an integer, must be text",
            "Write namespace: bookinfo, or leave it out.",
        ),
        ("metadata.labels", "text", "type", "metadata.labels", "is text, must be a mapping", MAPPING_FIX),
        ("metadata", "text", "type", "metadata", "is text, must be a mapping", MAPPING_FIX),
        ("spec", [], "type", "spec", "is a list, must be a mapping", MAPPING_FIX),
        ("spec.template", 5, "type", "spec.template", "is an integer, must be a mapping", MAPPING_FIX),
        (LABELS, "text", "type", LABELS, "is text, must be a mapping", MAPPING_FIX),
        (POD, [{}], "type", POD, "is a list, must be a mapping", MAPPING_FIX),
        (
            CONTAINER,
            {"name": "x"},
            "type",
            CONTAINER,
            "is a mapping, must be a list",
            "Write its elements with a dash each.",
        ),
        (f"{CONTAINER}.0", "x", "type", f"{CONTAINER}[0]", "is text, must be a mapping", MAPPING_FIX),
        (
            f"{CONTAINER}.0.ports",
            80,
            "type",
            f"{CONTAINER}[0].ports",
            "is an integer, must be a list",
            "Write its elements with a dash each.",
        ),
        (
            CONTAINER,
            [],
            "containers",
            CONTAINER,
            "the pod has no container",
            "Write at least one container with name and image.",
        ),
        (
            CONTAINER,
            ...,
            "containers",
            CONTAINER,
            "the pod has no container",
            "Write at least one container with name and image.",
        ),
        (
            f"{CONTAINER}.0.name",
            ...,
            "containers",
            f"{CONTAINER}[0].name",
            "the container has no name",
            "Give each container its own name.",
        ),
        (
            f"{POD}.initContainers",
            [{"name": "reviews", "image": "x"}],
            "containers",
            f"{CONTAINER}[0].name",
            f"'reviews' is also the name of {PATH}.{POD}.initContainers[0]",
            "Give each container its own name.",
        ),
        (
            f"{CONTAINER}.0.image",
            ...,
            "image-missing",
            f"{CONTAINER}[0].image",
            "the container has no image",
            "Write the image with its tag.",
        ),
        (
            f"{CONTAINER}.0.image",
            "  ",
            "image-missing",
            f"{CONTAINER}[0].image",
            "the container has no image",
            "Write the image with its tag.",
        ),
        (
            f"{CONTAINER}.0.image",
            1.2,
            "image-missing",
            f"{CONTAINER}[0].image",
            "is a number, must be text",
            "Write the image with its tag.",
        ),
        (
            "spec.replicas",
            "3",
            "replicas",
            "spec.replicas",
            "is text ('3'), must be an integer of 0 or more",
            REPLICAS_FIX,
        ),
        ("spec.replicas", -1, "replicas", "spec.replicas", "is -1, must be an integer of 0 or more", REPLICAS_FIX),
        ("spec.replicas", True, "replicas", "spec.replicas", "is true, must be an integer of 0 or more", REPLICAS_FIX),
        ("spec.replicas", 1.0, "replicas", "spec.replicas", "is 1.0, must be an integer of 0 or more", REPLICAS_FIX),
        (
            PORT,
            0,
            "port",
            f"{CONTAINER}[0].ports[0].containerPort",
            "is 0, must be an integer from 1 to 65535",
            PORT_FIX,
        ),
        (
            PORT,
            65536,
            "port",
            f"{CONTAINER}[0].ports[0].containerPort",
            "is 65536, must be an integer from 1 to 65535",
            PORT_FIX,
        ),
        (
            PORT,
            "9080",
            "port",
            f"{CONTAINER}[0].ports[0].containerPort",
            "is '9080', must be an integer from 1 to 65535",
            PORT_FIX,
        ),
        (PORT, ..., "port", f"{CONTAINER}[0].ports[0].containerPort", "is missing", PORT_FIX),
    ],
)
def test_finding_of_each_rule(field, value, rule, path, message, fix):
    if field == f"{LABELS}.app":
        template = replace_value("spec.selector.matchLabels.app", ..., replace_value(field, value))
    else:
        template = replace_value(field, value)
    assert lint(template) == [Finding(rule, f"{PATH}.{path}", message, fix)]


def test_version_differs_from_label():
    (finding,) = lint(REVIEWS, version="v3")
    assert format_findings([finding]) == (
        f"{PATH}.spec.template.metadata.labels.version: the label is 'v2', the release's version is 'v3' (version-mismatch). "
        "Write version: v3 here, or set the release's version to the label."
    )


def test_version_label_is_missing():
    template = replace_value("spec.selector.matchLabels.version", ..., replace_value(f"{LABELS}.version", ...))
    assert lint(template) == [
        Finding(
            "label-version",
            f"{PATH}.{LABELS}",
            "the pod template has no label version",
            "Add version: v2 to the labels.",
        )
    ]


@pytest.mark.parametrize("label", [2, 1.1, 83, True, 0.5])
@pytest.mark.parametrize("version", ["2", "1.10", "0123", "on", "2026-01-01"])
def test_unquoted_version_label_is_one_finding_with_the_version(label, version):
    template = replace_value("spec.selector.matchLabels.version", version, replace_value(f"{LABELS}.version", label))
    (finding,) = lint(template, version=version)
    assert finding.id == "type"
    assert finding.fix == f'Write version: "{version}", which is the version of the release.'


def test_unquoted_version_label_without_a_version():
    template = replace_value("spec.selector.matchLabels.version", "1.10", replace_value(f"{LABELS}.version", 1.1))
    assert [finding.fix for finding in lint(template, version=None)] == [QUOTE_FIX]


@pytest.mark.parametrize("value", [1.1, 83, True, 0.5, 4711])
def test_fixes_show_numbers_of_the_template_only(value):
    for field in iterate_fields(REVIEWS):
        for finding in lint(replace_value(field, value), version=None):
            assert finding.fix.replace(REPLICAS_FIX, "").find(str(value)) == -1


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.10", '"1.10"'), ("yes", '"yes"'), ("v2", "v2"), ("0x1F", '"0x1F"'), ("Null", '"Null"'), ("1e3", '"1e3"')],
)
def test_fixes_quote_text_with_another_meaning_in_yaml(value, text):
    (finding,) = lint(
        replace_value(f"{LABELS}.version", "other", replace_value("spec.selector.matchLabels.version", ...)),
        version=value,
    )
    assert finding.fix.startswith(f"Write version: {text} here")
    (finding,) = lint(replace_value("spec.selector.matchLabels.tier", value))
    assert finding.fix.startswith(f"Add tier: {text} to ")
    (finding,) = lint(REVIEWS, namespace=value)
    assert finding.fix == f"Write namespace: {text}, or leave it out."


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({"key": "app", "operator": "In", "values": ["reviews", "x"]}, None),
        ({"key": "app", "operator": "NotIn", "values": ["x"]}, None),
        ({"key": "tier", "operator": "NotIn", "values": ["x"]}, None),
        ({"key": "app", "operator": "Exists"}, None),
        ({"key": "tier", "operator": "DoesNotExist"}, None),
        (
            {"key": "app", "operator": "In", "values": ["x"]},
            'the selector requires app In ["x"], the pod template has app=reviews',
        ),
        (
            {"key": "tier", "operator": "In", "values": ["x"]},
            'the selector requires tier In ["x"], the pod template has no label tier',
        ),
        (
            {"key": "app", "operator": "NotIn", "values": ["reviews"]},
            'the selector requires app NotIn ["reviews"], the pod template has app=reviews',
        ),
        (
            {"key": "tier", "operator": "Exists"},
            "the selector requires tier Exists, the pod template has no label tier",
        ),
        (
            {"key": "app", "operator": "DoesNotExist"},
            "the selector requires app DoesNotExist, the pod template has app=reviews",
        ),
        ({"key": "app", "operator": "In", "values": []}, "has the operator In with 0 values"),
        ({"key": "app", "operator": "Exists", "values": ["x"]}, "has the operator Exists with 1 values"),
        ({"key": "app", "operator": "Gt", "values": ["1"]}, "has the key 'app' and the operator 'Gt'"),
        ({"operator": "Exists"}, "has the key null and the operator 'Exists'"),
        ({"key": "app", "operator": []}, "has the key 'app' and the operator []"),
    ],
)
def test_selector_expressions(expression, message):
    found = lint(replace_value("spec.selector.matchExpressions", [expression]))
    if message is None:
        assert found == []
    else:
        assert [(finding.id, finding.path, finding.message) for finding in found] == [
            ("selector-foreign", f"{PATH}.spec.selector.matchExpressions[0]", message)
        ]


def test_selector_with_expressions_only():
    assert lint(replace_value("spec.selector", {"matchExpressions": [{"key": "app", "operator": "Exists"}]})) == []


@pytest.mark.parametrize(
    ("template", "rule", "message"),
    [
        (None, "kind", "the template is empty"),
        ({}, "kind", "the template is empty"),
        ("text", "type", "is text, must be a mapping"),
        ([], "type", "is a list, must be a mapping"),
    ],
)
def test_finding_for_other_objects(template, rule, message):
    assert [(finding.id, finding.path, finding.message) for finding in lint(template)] == [(rule, PATH, message)]


def test_almost_empty_template_has_all_findings():
    assert [finding.id for finding in lint({"spec": {}})] == [
        "kind",
        "api-version",
        "name",
        "selector-missing",
        "label-app",
        "label-version",
        "containers",
    ]


@pytest.mark.parametrize("template", [REVIEWS, STOREFRONT], ids=["reviews", "storefront"])
def test_wrong_types_never_raise(template):
    for field in iterate_fields(template):
        for wrong in WRONG:
            for finding in lint(replace_value(field, wrong, template)):
                assert finding.path.startswith(PATH)
                assert finding.message
                assert finding.fix


@pytest.mark.parametrize(
    "private",
    [
        {"env": [{"name": "PASSWORD", "value": "correct-horse"}]},
        {"command": ["correct-horse"]},
        {"args": ["correct-horse"]},
    ],
)
def test_findings_hide_variables_and_command_lines(private):
    container = {"name": "reviews", **private}
    for field in iterate_fields(REVIEWS):
        found = lint_release([{"cluster_id": "c", "template": replace_value(field, [container])}], "bookinfo", "v2")
        assert "correct-horse" not in format_findings(found)


def test_duplicate_deployment_in_release():
    items = [
        {"cluster_id": "east", "template": REVIEWS},
        {"cluster_id": "west", "template": REVIEWS},
        {"cluster_id": "east", "template": replace_value("metadata.name", "reviews-v2b")},
        {"cluster_id": "east", "template": REVIEWS},
    ]
    assert format_findings(lint_release(items, "bookinfo", "v2")) == (
        "gray_deployments[3]: cluster 'east' has the Deployment 'reviews-v2' in gray_deployments[0], too (duplicate-item). "
        "Leave one of them out, or give it another cluster_id or metadata.name."
    )


def test_path_contains_index_of_item():
    found = lint_release(
        [
            {"cluster_id": "a", "template": REVIEWS},
            {"cluster_id": "b", "template": replace_value("spec.selector", ...)},
        ],
        "bookinfo",
        "v2",
    )
    assert [finding.path for finding in found] == ["gray_deployments[1].template.spec.selector"]


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (REVIEWS, "reviews-v2"),
        ({"metadata": []}, None),
        ({"metadata": {"name": 5}}, None),
        ({"metadata": {"name": ""}}, None),
        ([], None),
    ],
)
def test_get_deployment_name(template, name):
    assert get_deployment_name(template) == name


class _FakeValidationError(Exception):
    def __init__(self, path, validator, validator_value, instance, schema=None):
        super().__init__("correct-horse is in the text of the library")
        self.absolute_path = deque(path)
        self.validator = validator
        self.validator_value = validator_value
        self.instance = instance
        self.schema = schema or {}


class _FakeSchemaNotFoundError(Exception):
    pass


@pytest.fixture(name="library")
def _fake_library(monkeypatch):
    """Replace the optional library by a fake that raises ``error``."""
    stand_in = types.ModuleType("kubernetes_validate")
    stand_in.ValidationError = _FakeValidationError
    stand_in.SchemaNotFoundError = stand_in.InvalidSchemaError = _FakeSchemaNotFoundError
    stand_in.latest_version = lambda: "1.99.0"
    stand_in.calls = []
    stand_in.error = None

    def validate(data, desired_version, strict=False):
        stand_in.calls.append((data["metadata"]["name"], desired_version, strict))
        if stand_in.error is not None:
            raise stand_in.error

    stand_in.validate = validate
    monkeypatch.setitem(sys.modules, "kubernetes_validate", stand_in)
    return stand_in


def test_schema_check_is_strict_and_newest(library):
    assert check_schema(REVIEWS, PATH) == []
    assert library.calls == [("reviews-v2", "1.99.0", True)]


@pytest.mark.parametrize(
    ("error", "path", "message"),
    [
        (
            _FakeValidationError(
                ["spec"],
                "additionalProperties",
                False,
                {"replicas": 1, "replcas": "correct-horse"},
                {"properties": {"replicas": {}}},
            ),
            "spec",
            "has keys that Kubernetes does not define: 'replcas'",
        ),
        (
            _FakeValidationError(["spec", "template"], "required", ["spec", "metadata"], {"spec": {}}),
            "spec.template",
            "lacks metadata",
        ),
        (
            _FakeValidationError(
                ["spec", "template", "spec", "containers", 0, "env", 1, "value"], "type", ["string", "null"], 4711
            ),
            "spec.template.spec.containers[0].env[1].value",
            "is an integer, must be string",
        ),
        (
            _FakeValidationError(["spec"], "oneOf", [{"type": ["string", "null"]}, {"type": "integer"}], []),
            "spec",
            "is a list, must be string or integer",
        ),
        (_FakeValidationError(["spec"], "type", "null", []), "spec", "is a list, must be of another type"),
        (
            _FakeValidationError(["spec"], "pattern", "^a", "correct-horse"),
            "spec",
            "does not meet the schema of Kubernetes (pattern)",
        ),
    ],
)
def test_finding_of_schema_violation(library, error, path, message):
    library.error = error
    (finding,) = check_schema(REVIEWS, PATH)
    assert (finding.id, finding.path, finding.message) == ("schema", f"{PATH}.{path}", message)
    assert "correct-horse" not in format_findings([finding])
    assert lint_release([{"cluster_id": "c", "template": REVIEWS}], "bookinfo", "v2") == [finding]


def test_library_without_schema_has_no_findings(library):
    library.error = _FakeSchemaNotFoundError()
    assert check_schema(REVIEWS, PATH) == []


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        (["spec", "replicas"], ["replicas"]),
        (["spec"], ["replicas"]),
        (["spec", "replicasX"], ["replicas", "schema"]),
        (["metadata", "labels"], ["replicas", "schema"]),
    ],
)
def test_schema_does_not_repeat_findings_of_rules(library, field, rules):
    library.error = _FakeValidationError(field, "type", ["integer"], "3")
    found = lint_release([{"cluster_id": "c", "template": replace_value("spec.replicas", "3")}], "bookinfo", "v2")
    assert [finding.id for finding in found] == rules


@pytest.mark.parametrize(
    "template",
    [None, [], {}, {"kind": "Deployment"}, {"kind": "Service", "apiVersion": "v1"}, {"kind": [], "apiVersion": {}}],
)
def test_schema_check_ignores_other_objects(library, template):
    assert check_schema(template, PATH) == []
    assert library.calls == []


def test_schema_check_without_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes_validate", None)
    assert check_schema(replace_value("spec.replicas", "3"), PATH) == []


@pytest.mark.parametrize(
    ("field", "value", "path", "message"),
    [
        ("spec.replicas", "3", "spec.replicas", "is text, must be integer"),
        (f"{CONTAINER}.0.imge", "x", f"{CONTAINER}[0]", "has keys that Kubernetes does not define: 'imge'"),
        (f"{CONTAINER}.0.env.1.value", 4711, f"{CONTAINER}[0].env[1].value", "is an integer, must be string"),
        (
            f"{CONTAINER}.0.livenessProbe",
            {"httpGet": {"path": "/"}},
            f"{CONTAINER}[0].livenessProbe.httpGet",
            "lacks port",
        ),
        (
            f"{CONTAINER}.0.livenessProbe",
            {"tcpSocket": {"port": ["x"]}},
            f"{CONTAINER}[0].livenessProbe.tcpSocket.port",
            "is a list, must be string or integer",
        ),
    ],
)
def test_schema_check_with_real_library(field, value, path, message):
    pytest.importorskip("kubernetes_validate")
    assert check_schema(REVIEWS, PATH) == []
    assert check_schema(STOREFRONT, PATH) == []
    (finding,) = check_schema(replace_value(field, value), PATH)
    assert (finding.path, finding.message) == (f"{PATH}.{path}", message)
