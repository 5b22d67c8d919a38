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


def changed(place, value, template=REVIEWS):
    """``template`` with ``value`` at ``place`` (keys and indexes, separated by dots); ``...`` removes."""
    copied = copy.deepcopy(template)
    keys = [int(key) if key.isdigit() else key for key in place.split(".")]
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


def places(value, prefix=""):
    """Every place in plain data."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        # The annotations' keys have dots in them; one place above is enough.
        if "." not in str(key):
            yield f"{prefix}{key}"
            yield from places(entry, f"{prefix}{key}.")


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
    ("place", "value", "rule", "path", "message", "fix"),
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
def test_each_rule(place, value, rule, path, message, fix):
    if place == f"{LABELS}.app":
        template = changed("spec.selector.matchLabels.app", ..., changed(place, value))
    else:
        template = changed(place, value)
    assert lint(template) == [Finding(rule, f"{PATH}.{path}", message, fix)]


def test_another_version_than_the_label():
    (finding,) = lint(REVIEWS, version="v3")
    assert format_findings([finding]) == (
        f"{PATH}.spec.template.metadata.labels.version: the label is 'v2', the release's version is 'v3' (version-mismatch). "
        "Write version: v3 here, or set the release's version to the label."
    )


def test_the_version_label_is_missing():
    template = changed("spec.selector.matchLabels.version", ..., changed(f"{LABELS}.version", ...))
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
    template = changed("spec.selector.matchLabels.version", version, changed(f"{LABELS}.version", label))
    (finding,) = lint(template, version=version)
    assert finding.id == "type"
    assert finding.fix == f'Write version: "{version}", which is the version of the release.'


def test_unquoted_version_label_without_a_version():
    template = changed("spec.selector.matchLabels.version", "1.10", changed(f"{LABELS}.version", 1.1))
    assert [finding.fix for finding in lint(template, version=None)] == [QUOTE_FIX]


@pytest.mark.parametrize("value", [1.1, 83, True, 0.5, 4711])
def test_no_fix_shows_a_number_that_the_template_does_not_have(value):
    for place in places(REVIEWS):
        for finding in lint(changed(place, value), version=None):
            assert finding.fix.replace(REPLICAS_FIX, "").find(str(value)) == -1


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1.10", '"1.10"'), ("yes", '"yes"'), ("v2", "v2"), ("0x1F", '"0x1F"'), ("Null", '"Null"'), ("1e3", '"1e3"')],
)
def test_fixes_quote_what_yaml_reads_as_something_else(value, shown):
    (finding,) = lint(
        changed(f"{LABELS}.version", "other", changed("spec.selector.matchLabels.version", ...)), version=value
    )
    assert finding.fix.startswith(f"Write version: {shown} here")
    (finding,) = lint(changed("spec.selector.matchLabels.tier", value))
    assert finding.fix.startswith(f"Add tier: {shown} to ")
    (finding,) = lint(REVIEWS, namespace=value)
    assert finding.fix == f"Write namespace: {shown}, or leave it out."


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
    found = lint(changed("spec.selector.matchExpressions", [expression]))
    if message is None:
        assert found == []
    else:
        assert [(finding.id, finding.path, finding.message) for finding in found] == [
            ("selector-foreign", f"{PATH}.spec.selector.matchExpressions[0]", message)
        ]


def test_expressions_alone_select():
    assert lint(changed("spec.selector", {"matchExpressions": [{"key": "app", "operator": "Exists"}]})) == []


@pytest.mark.parametrize(
    ("template", "rule", "message"),
    [
        (None, "kind", "the template is empty"),
        ({}, "kind", "the template is empty"),
        ("text", "type", "is text, must be a mapping"),
        ([], "type", "is a list, must be a mapping"),
    ],
)
def test_no_template(template, rule, message):
    assert [(finding.id, finding.path, finding.message) for finding in lint(template)] == [(rule, PATH, message)]


def test_an_almost_empty_template_tells_everything_at_once():
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
def test_no_wrong_type_anywhere_raises(template):
    for place in places(template):
        for wrong in WRONG:
            for finding in lint(changed(place, wrong, template)):
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
def test_no_finding_shows_a_variable_or_a_command_line(private):
    container = {"name": "reviews", **private}
    for place in places(REVIEWS):
        found = lint_release([{"cluster_id": "c", "template": changed(place, [container])}], "bookinfo", "v2")
        assert "correct-horse" not in format_findings(found)


def test_a_release_with_one_deployment_twice():
    items = [
        {"cluster_id": "east", "template": REVIEWS},
        {"cluster_id": "west", "template": REVIEWS},
        {"cluster_id": "east", "template": changed("metadata.name", "reviews-v2b")},
        {"cluster_id": "east", "template": REVIEWS},
    ]
    assert format_findings(lint_release(items, "bookinfo", "v2")) == (
        "gray_deployments[3]: cluster 'east' has the Deployment 'reviews-v2' in gray_deployments[0], too (duplicate-item). "
        "Leave one of them out, or give it another cluster_id or metadata.name."
    )


def test_the_path_names_the_item():
    found = lint_release(
        [{"cluster_id": "a", "template": REVIEWS}, {"cluster_id": "b", "template": changed("spec.selector", ...)}],
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
def test_the_name_of_a_deployment(template, name):
    assert get_deployment_name(template) == name


class _Refusal(Exception):
    def __init__(self, path, validator, validator_value, instance, schema=None):
        super().__init__("correct-horse stands in the text of the library")
        self.absolute_path = deque(path)
        self.validator = validator
        self.validator_value = validator_value
        self.instance = instance
        self.schema = schema or {}


class _NoSchema(Exception):
    pass


@pytest.fixture(name="library")
def _library(monkeypatch):
    """A stand-in for the optional library, that raises what it is told."""
    stand_in = types.ModuleType("kubernetes_validate")
    stand_in.ValidationError = _Refusal
    stand_in.SchemaNotFoundError = stand_in.InvalidSchemaError = _NoSchema
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


def test_the_full_check_is_strict_and_newest(library):
    assert check_schema(REVIEWS, PATH) == []
    assert library.calls == [("reviews-v2", "1.99.0", True)]


@pytest.mark.parametrize(
    ("error", "path", "message"),
    [
        (
            _Refusal(
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
            _Refusal(["spec", "template"], "required", ["spec", "metadata"], {"spec": {}}),
            "spec.template",
            "lacks metadata",
        ),
        (
            _Refusal(
                ["spec", "template", "spec", "containers", 0, "env", 1, "value"], "type", ["string", "null"], 4711
            ),
            "spec.template.spec.containers[0].env[1].value",
            "is an integer, must be string",
        ),
        (
            _Refusal(["spec"], "oneOf", [{"type": ["string", "null"]}, {"type": "integer"}], []),
            "spec",
            "is a list, must be string or integer",
        ),
        (_Refusal(["spec"], "type", "null", []), "spec", "is a list, must be of another type"),
        (
            _Refusal(["spec"], "pattern", "^a", "correct-horse"),
            "spec",
            "does not meet the schema of Kubernetes (pattern)",
        ),
    ],
)
def test_a_refusal_of_the_schema_in_our_words(library, error, path, message):
    library.error = error
    (finding,) = check_schema(REVIEWS, PATH)
    assert (finding.id, finding.path, finding.message) == ("schema", f"{PATH}.{path}", message)
    assert "correct-horse" not in format_findings([finding])
    assert lint_release([{"cluster_id": "c", "template": REVIEWS}], "bookinfo", "v2") == [finding]


def test_a_library_without_the_schema_says_nothing(library):
    library.error = _NoSchema()
    assert check_schema(REVIEWS, PATH) == []


@pytest.mark.parametrize(
    ("place", "rules"),
    [
        (["spec", "replicas"], ["replicas"]),
        (["spec"], ["replicas"]),
        (["spec", "replicasX"], ["replicas", "schema"]),
        (["metadata", "labels"], ["replicas", "schema"]),
    ],
)
def test_what_a_rule_told_the_schema_does_not_repeat(library, place, rules):
    library.error = _Refusal(place, "type", ["integer"], "3")
    found = lint_release([{"cluster_id": "c", "template": changed("spec.replicas", "3")}], "bookinfo", "v2")
    assert [finding.id for finding in found] == rules


@pytest.mark.parametrize(
    "template",
    [None, [], {}, {"kind": "Deployment"}, {"kind": "Service", "apiVersion": "v1"}, {"kind": [], "apiVersion": {}}],
)
def test_only_deployments_are_checked_in_full(library, template):
    assert check_schema(template, PATH) == []
    assert library.calls == []


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes_validate", None)
    assert check_schema(changed("spec.replicas", "3"), PATH) == []


@pytest.mark.parametrize(
    ("place", "value", "path", "message"),
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
def test_the_real_library(place, value, path, message):
    pytest.importorskip("kubernetes_validate")
    assert check_schema(REVIEWS, PATH) == []
    assert check_schema(STOREFRONT, PATH) == []
    (finding,) = check_schema(changed(place, value), PATH)
    assert (finding.path, finding.message) == (f"{PATH}.{path}", message)
