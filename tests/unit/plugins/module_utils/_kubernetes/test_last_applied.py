# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields that a template no longer contains, found with the annotation of ``kubectl apply``."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import find_differences
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import format_difference
from deployments import REVIEWS, STOREFRONT, P, add_server_defaults, inject_sidecar

KEY = "kubectl.kubernetes.io/last-applied-configuration"
POD = ("spec", "template", "spec")
NAME = {"metadata": {"name": "x"}}


def add_last_applied(template, actual=None, text=None):
    """Return a Deployment with the annotation that ``kubectl apply`` of ``template`` writes."""
    # kubectl adds an empty mapping of annotations and the namespace.
    configuration = copy.deepcopy(template)
    configuration.setdefault("metadata", {}).setdefault("annotations", {})
    configuration["metadata"]["namespace"] = "default"
    actual = copy.deepcopy(template if actual is None else actual)
    actual["metadata"].setdefault("annotations", {})[KEY] = json.dumps(configuration) if text is None else text
    return actual


def remove_value(template, *keys):
    shorter = copy.deepcopy(template)
    below = shorter
    for key in keys[:-1]:
        below = below[key]
    del below[keys[-1]]
    return shorter


def compare_texts(desired, actual):
    return [format_difference(difference) for difference in find_differences(desired, actual)]


def deployment(**spec):
    return {**NAME, "spec": {"template": {"spec": spec}}}


CONTAINER = {"name": "c", "image": "x:1"}
PROBE = {"httpGet": {"path": "/ready", "port": 80}}
PATH = f"{P}.containers[c]"


@pytest.mark.parametrize(
    "server", [lambda actual: actual, add_server_defaults, lambda actual: inject_sidecar(add_server_defaults(actual))]
)
@pytest.mark.parametrize("template", [REVIEWS, STOREFRONT])
def test_applied_template_has_no_differences(template, server):
    assert compare_texts(template, add_last_applied(template, server(template))) == []


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("metadata", "labels", "team"), "metadata.labels.team: 'a' -> nothing"),
        (("metadata", "annotations"), "metadata.annotations.note: 'n' -> nothing"),
        (("spec", "minReadySeconds"), "spec.minReadySeconds: 5 -> nothing"),
        ((*POD, "nodeSelector", "disk"), f"{P}.nodeSelector.disk: 'ssd' -> nothing"),
        ((*POD, "hostNetwork"), f"{P}.hostNetwork: true -> nothing"),
        ((*POD, "priority"), f"{P}.priority: 7 -> nothing"),
        ((*POD, "tolerations"), f'{P}.tolerations: [{{"key": "a", "effect": "NoSchedule"}}] -> nothing'),
        ((*POD, "tolerations", 0, "effect"), f"{P}.tolerations[0].effect: 'NoSchedule' -> nothing"),
        ((*POD, "volumes"), f'{P}.volumes: [{{"name": "v", "emptyDir": {{"medium": "Memory"}}}}] -> nothing'),
        ((*POD, "volumes", 0, "emptyDir", "medium"), f"{P}.volumes[v].emptyDir.medium: 'Memory' -> nothing"),
        (
            (*POD, "containers", 0, "readinessProbe"),
            f'{PATH}.readinessProbe: {{"httpGet": {{"path": "/ready", "port": 80}}}} -> nothing',
        ),
        ((*POD, "containers", 0, "resources", "limits", "cpu"), f"{PATH}.resources.limits.cpu: 1 -> nothing"),
        ((*POD, "containers", 0, "env"), f"{PATH}.env is not desired (values not shown)"),
        ((*POD, "containers", 0, "args"), f"{PATH}.args is not desired (values not shown)"),
    ],
)
def test_removed_field_is_a_difference(keys, text):
    spec = deployment(
        nodeSelector={"disk": "ssd", "zone": "a"},
        hostNetwork=True,
        priority=7,
        tolerations=[{"key": "a", "effect": "NoSchedule"}],
        volumes=[{"name": "v", "emptyDir": {"medium": "Memory"}}],
        containers=[
            {
                **CONTAINER,
                "readinessProbe": PROBE,
                "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
                "env": [{"name": "PASSWORD", "value": "hush"}],
                "args": ["hush"],
            }
        ],
    )
    spec["metadata"] = {"name": "x", "labels": {"team": "a", "app": "x"}, "annotations": {"note": "n"}}
    spec["spec"]["minReadySeconds"] = 5
    desired, actual = remove_value(spec, *keys), add_last_applied(spec)
    assert compare_texts(desired, actual) == [text]
    assert "hush" not in repr(find_differences(desired, actual))
    # Without the annotation, a removed field looks like a field of the server.
    assert compare_texts(desired, spec) == []
    # Null is the same as a missing field.
    assert (
        not isinstance(keys[-1], str) or keys[-1] == "emptyDir" or compare_texts(set_null(spec, keys), actual) == [text]
    )


def set_null(template, keys):
    changed = copy.deepcopy(template)
    below = changed
    for key in keys[:-1]:
        below = below[key]
    below[keys[-1]] = None
    return changed


DEFAULTED = deployment(
    restartPolicy="Always",
    terminationGracePeriodSeconds=30,
    securityContext={},
    serviceAccount="old",
    hostPID=False,
    volumes=[{"name": "v", "configMap": {"name": "a", "defaultMode": 420}}],
    containers=[
        {
            **CONTAINER,
            "resources": {},
            "readinessProbe": {**PROBE, "periodSeconds": 10},
            "imagePullPolicy": "IfNotPresent",
        }
    ],
)
DEFAULTED["spec"].update(
    replicas=1, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
)


@pytest.mark.parametrize(
    "keys",
    [
        ("spec", "replicas"),
        ("spec", "strategy"),
        ("spec", "strategy", "rollingUpdate"),
        (*POD, "restartPolicy"),
        (*POD, "terminationGracePeriodSeconds"),
        (*POD, "securityContext"),
        (*POD, "hostPID"),
        (*POD, "volumes", 0, "configMap", "defaultMode"),
        (*POD, "containers", 0, "resources"),
        (*POD, "containers", 0, "readinessProbe", "periodSeconds"),
        (*POD, "containers", 0, "imagePullPolicy"),
    ],
)
def test_removed_default_is_ignored(keys):
    assert compare_texts(remove_value(DEFAULTED, *keys), add_last_applied(DEFAULTED)) == []


def test_alias_of_service_account_is_not_a_deletion():
    desired = remove_value(DEFAULTED, *POD, "serviceAccount")
    desired["spec"]["template"]["spec"]["serviceAccountName"] = "old"
    actual = add_last_applied(DEFAULTED)
    actual["spec"]["template"]["spec"]["serviceAccountName"] = "old"
    assert compare_texts(desired, actual) == []


def test_removed_field_that_is_missing_is_ignored():
    old = deployment(containers=[{**CONTAINER, "readinessProbe": PROBE}])
    new = deployment(containers=[CONTAINER])
    assert compare_texts(new, add_last_applied(old, new)) == []


def test_other_source_of_volume_is_one_difference():
    old = deployment(volumes=[{"name": "v", "configMap": {"name": "a"}}])
    assert compare_texts(deployment(volumes=[{"name": "v"}]), add_last_applied(old)) == [
        f'{P}.volumes[v].configMap: {{"name": "a"}} -> nothing'
    ]


def test_missing_element_is_reported_without_marks():
    old = deployment(containers=[{**CONTAINER, "tty": True}])
    (difference,) = find_differences(
        deployment(containers=[CONTAINER]), add_last_applied(old, deployment(containers=[]))
    )
    assert (difference.desired, difference.actual) == (CONTAINER, None)


def test_removed_own_part_does_not_count_as_injected():
    old = deployment(
        containers=[CONTAINER, {"name": "istio-proxy", "image": "own:1"}],
        initContainers=[{"name": "istio-init", "image": "own:1"}],
        volumes=[{"name": "istio-token", "emptyDir": {}}],
    )
    assert [
        difference.path
        for difference in find_differences(
            deployment(containers=[CONTAINER], volumes=[], initContainers=[]), add_last_applied(old)
        )
    ] == [
        f"{P}.containers[istio-proxy]",
        f"{P}.volumes[istio-token]",
        f"{P}.initContainers[istio-init]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        "[" * 100_000,
        '{"metadata": 5}',
        '{"metadata": {"name": "y"}, "spec": {"replicas": 2}}',
        5,
        None,
    ],
)
def test_invalid_or_foreign_annotation_is_ignored(text):
    desired, actual = {**NAME, "spec": {}}, {**NAME, "spec": {"replicas": 2}}
    assert compare_texts(desired, add_last_applied(actual)) == ["spec.replicas: 2 -> nothing"]
    actual = copy.deepcopy(actual)
    actual["metadata"]["annotations"] = {KEY: text}
    assert compare_texts(desired, actual) == []


def test_values_of_other_types_ignore_the_annotation():
    desired = deployment(containers=[CONTAINER], tolerations=[{"key": "a"}])
    for other in ({"containers": "text"}, {"containers": [5]}, {"tolerations": [{}, {}]}, {"tolerations": {"a": 1}}):
        assert compare_texts(desired, add_last_applied(deployment(**other), desired)) == []
