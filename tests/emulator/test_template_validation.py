# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of Deployments that Kubernetes rejects, compared with the linter of the modules."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes import (
    deployment_fields as module_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.lint import lint_template
from emulator_bodies import release_body, template
from huaweicloud_emulator.kubernetes import deployment_fields, validation

PATH = "spec.grayDeployments[0].template"
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
TOLERATIONS = f"{POD}.tolerations"


def change_template(path: str, value: t.Any) -> dict[str, t.Any]:
    """Return a template with ``value`` at ``path`` (keys and indexes, separated by dots)."""
    result: dict[str, t.Any] = copy.deepcopy(template())
    *above, last = path.split(".")
    holder: t.Any = result
    for key in above:
        holder = holder[int(key)] if key.isdigit() else holder.setdefault(key, {})
    holder[last] = value
    return result


def body(deployment: dict[str, t.Any]) -> dict[str, t.Any]:
    return release_body(grayDeployments=[{"clusterID": "demo-cluster", "template": deployment}])


def test_emulator_uses_table_of_modules() -> None:
    names = ("STRUCTURES", "REQUIRED", "CHOICES", "RANGES", "FORMATS", "ALTERNATIVES", "FORBIDDEN")
    for name in names:
        assert getattr(deployment_fields, name) == getattr(module_fields, name)


ALIASES = f"{POD}.hostAliases"


def build_volumes(path: str) -> list[dict[str, t.Any]]:
    """Return volumes with a file of a ConfigMap at ``path``."""
    return [{"name": "a", "configMap": {"name": "x", "items": [{"key": "a", "path": path}]}}]


REFUSED = [
    (
        ALIASES,
        [{"ip": "192.0.2.999", "hostnames": ["a"]}],
        f"{ALIASES}[0].ip: Invalid value: must be a valid IP address",
    ),
    (ALIASES, [{"ip": "192.0.2.01", "hostnames": ["a"]}], f"{ALIASES}[0].ip: Invalid value"),
    (ALIASES, [{"ip": "fe80::1%eth0", "hostnames": ["a"]}], f"{ALIASES}[0].ip: Invalid value"),
    (f"{POD}.volumes", build_volumes("../x"), "items[0].path: Invalid value: must be a relative path"),
    (f"{POD}.volumes", build_volumes("a/../x"), "items[0].path: Invalid value: must be a relative path"),
    (f"{POD}.volumes", build_volumes("/x"), "items[0].path: Invalid value: must be a relative path"),
    ("metadata.labels", {"tier": 2}, "metadata.labels.tier"),
    ("metadata.annotations", {"a/b": True}, "metadata.annotations"),
    ("spec.template.metadata.annotations", {"prometheus.io/scrape": True}, "annotations[prometheus.io/scrape]: cannot"),
    (
        f"{CONTAINER}.env",
        [{"name": "PORT", "value": 8080}],
        f"{POD}.containers[0].env[0].value: cannot unmarshal number",
    ),
    (f"{CONTAINER}.args", ["--port", 8080], f"{POD}.containers[0].args[1]: cannot unmarshal number"),
    (f"{POD}.nodeSelector", {"gpu": True}, f"{POD}.nodeSelector.gpu: cannot unmarshal bool"),
    (f"{POD}.nodeSelector", ["gpu"], f"{POD}.nodeSelector: cannot unmarshal array"),
    (f"{POD}.tolerations", {"key": "a"}, f"{POD}.tolerations: cannot unmarshal object"),
    (f"{CONTAINER}.resources", {"limits": {"memory": "512MB"}}, "resources.limits.memory: cannot unmarshal string"),
    (f"{CONTAINER}.stdin", "yes", "containers[0].stdin: cannot unmarshal string"),
    ("spec.minReadySeconds", "5", "spec.minReadySeconds: cannot unmarshal string"),
    ("spec.minReadySeconds", 2**31, "spec.minReadySeconds: cannot unmarshal number"),
    ("spec.strategy", {"rollingUpdate": {"maxSurge": True}}, "rollingUpdate.maxSurge: cannot unmarshal bool"),
    ("metadata.name", "Reviews", "metadata.name: Invalid value"),
    ("metadata.labels", {"tier": "a b"}, "metadata.labels.tier: Invalid value"),
    ("metadata.labels", {"a b": "c"}, "metadata.labels[a b]: Invalid value"),
    ("metadata.annotations", {"a b": "c"}, "metadata.annotations[a b]: Invalid value"),
    ("metadata.annotations", {"a": "x" * 2**18}, "metadata.annotations: Too long"),
    (f"{CONTAINER}.name", "a.b", "containers[0].name: Invalid value"),
    (f"{CONTAINER}.image", "shop/reviews:2.0\n", "containers[0].image: Invalid value"),
    (f"{CONTAINER}.ports.0.name", "a-long-port-name", "ports[0].name: Invalid value"),
    (f"{CONTAINER}.ports", [{"name": "http"}], "ports[0].containerPort: Required value"),
    (f"{CONTAINER}.ports.0.containerPort", 0, "ports[0].containerPort: Invalid value"),
    (f"{CONTAINER}.env", [{"name": "1A"}], "env[0].name: Invalid value"),
    (f"{CONTAINER}.env", [{"value": "a"}], "env[0].name: Required value"),
    (
        f"{CONTAINER}.env",
        [{"name": "A", "value": "a", "valueFrom": {"fieldRef": {"fieldPath": "a"}}}],
        "env[0].valueFrom",
    ),
    (f"{CONTAINER}.imagePullPolicy", "Sometimes", "imagePullPolicy: Unsupported value"),
    (f"{CONTAINER}.volumeMounts.0.name", "other", "volumeMounts[0].name: Not found"),
    (f"{CONTAINER}.livenessProbe", {}, "livenessProbe: Required value"),
    (
        f"{CONTAINER}.livenessProbe",
        {"tcpSocket": {"port": 80}, "exec": {"command": ["a"]}},
        "livenessProbe.tcpSocket: Forbidden",
    ),
    (
        f"{CONTAINER}.startupProbe",
        {"tcpSocket": {"port": 80}, "successThreshold": 2},
        "startupProbe.successThreshold: Invalid value",
    ),
    (f"{CONTAINER}.resources", {"requests": {"cpu": 2}, "limits": {"cpu": 1}}, "resources.requests.cpu: Invalid value"),
    (f"{CONTAINER}.resources", {"limits": {"gpu": 2}}, "resources.limits.gpu: Invalid value"),
    (f"{CONTAINER}.resources", {"limits": {"cpu": "-1"}}, "resources.limits.cpu: Invalid value"),
    (f"{POD}.volumes", [{"name": "tmp"}, {"name": "tmp"}], "volumes[1].name: Duplicate value"),
    (f"{POD}.initContainers", [{"name": "reviews", "image": "x"}], "containers[0].name: Duplicate value"),
    (f"{POD}.ephemeralContainers", [{"name": "x"}], "ephemeralContainers: Forbidden"),
    (f"{POD}.restartPolicy", "Never", "restartPolicy: Unsupported value"),
    (TOLERATIONS, [{"effect": "NoSchedule"}], "tolerations[0].operator: Invalid value"),
    (TOLERATIONS, [{"operator": "Exists", "value": "a"}], "tolerations[0].operator: Invalid value"),
    (TOLERATIONS, [{"key": "a", "tolerationSeconds": 1}], "tolerations[0].effect: Invalid value"),
    ("spec.selector", {}, "spec.selector: Invalid value"),
    ("spec.selector", {"matchLabels": {"app": "other"}}, "spec.template.metadata.labels: Invalid value"),
    ("spec.selector", {"matchExpressions": [{"key": "a", "operator": "Exists"}]}, "labels: Invalid value"),
    ("spec.selector", {"matchExpressions": [{"key": "app", "operator": "In"}]}, "matchExpressions[0].values: Required"),
    ("spec.strategy", {"type": "Recreate", "rollingUpdate": {}}, "strategy.rollingUpdate: Forbidden"),
    ("spec.strategy", {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}, "maxUnavailable: Invalid value"),
    ("spec.progressDeadlineSeconds", 0, "spec.progressDeadlineSeconds: Invalid value"),
]


@pytest.mark.parametrize("path, value, words", REFUSED)
def test_rejected_by_emulator_and_linter(path: str, value: t.Any, words: str) -> None:
    deployment = change_template(path, value)
    found = validation.find_problems(deployment, PATH)
    assert any(words in problem for problem in found), found
    assert lint_template(deployment, PATH, namespace=None, version=None)


ACCEPTED = [
    (ALIASES, [{"ip": "192.0.2.1", "hostnames": ["a"]}, {"ip": "2001:db8::1", "hostnames": ["b"]}]),
    (f"{POD}.volumes", [*build_volumes("a/..b/c.."), {"name": "tmp"}]),
    ("metadata.annotations", {"Example.COM/Key": "any\ntext", "empty": None}),
    ("metadata.labels", {"app.kubernetes.io/name": "x", "empty": "", "null": None}),
    (f"{CONTAINER}.args", ["a", None]),
    (f"{CONTAINER}.resources", {"limits": {"cpu": 0.5, "memory": " 1Gi ", "nvidia.com/gpu": 1}}),
    (f"{CONTAINER}.unknown", {"a": [1]}),
    (f"{CONTAINER}.livenessProbe", {"httpGet": {"port": "http"}}),
    (TOLERATIONS, [{"operator": "Exists"}]),
    (f"{POD}.initContainers", None),
    ("spec.selector", {"matchExpressions": [{"key": "app", "operator": "In", "values": ["reviews"]}]}),
    ("spec.selector", {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}),
    ("spec.strategy", {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}),
]


@pytest.mark.parametrize("path, value", ACCEPTED)
def test_accepted_by_emulator_and_linter(path: str, value: t.Any) -> None:
    deployment = change_template(path, value)
    assert validation.find_problems(deployment, PATH) == []
    assert lint_template(deployment, PATH, namespace=None, version=None) == []


def test_create_and_update_report_field(make: t.Any) -> None:
    emulator = make(running_after=0)
    invalid = body(change_template(f"{CONTAINER}.args", [8080]))
    response = emulator("POST", emulator.releases(), invalid)
    words = f"{PATH}.spec.template.spec.containers[0].args[0]: cannot unmarshal number into a field of type text"
    assert (response.status, words in response.message) == (400, True)
    assert emulator("POST", emulator.releases(), release_body()).status == 200
    response = emulator("PUT", emulator.releases("/reviews-v2"), invalid)
    assert (response.status, words in response.message) == (400, True)


@pytest.mark.parametrize(
    "quantity", ["1" * 10**5 + "x", "1e" + "9" * 999, "1e" + "9" * 5000, "9" * 5000, "1E+99999999"]
)
def test_long_quantities_are_checked_quickly(quantity: str, make: t.Any) -> None:
    emulator = make()
    deployment = change_template(f"{CONTAINER}.resources", {"limits": {"memory": quantity}})
    lint_template(deployment, PATH, namespace=None, version=None)
    assert emulator("POST", emulator.releases(), body(deployment)).status in (200, 400)


def test_text_with_lone_surrogate_is_accepted(make: t.Any) -> None:
    emulator = make()
    deployment = change_template("metadata.annotations", {"a": "\ud800"})
    assert lint_template(deployment, PATH, namespace=None, version=None) == []
    assert validation.find_problems(deployment, PATH) == []
    assert emulator("POST", emulator.releases(), release_body()).status == 200


def test_messages_do_not_contain_values() -> None:
    for value in ("correct horse", ["correct horse"], {"correct horse": 1}):
        for key in ("env", "args", "command"):
            assert "correct" not in str(validation.find_problems(change_template(f"{CONTAINER}.{key}", value), PATH))
    assert "correct" not in str(
        validation.find_problems(change_template(f"{CONTAINER}.env", [{"name": "correct horse"}]), PATH)
    )
