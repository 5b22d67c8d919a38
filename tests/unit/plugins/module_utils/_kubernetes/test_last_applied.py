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
from deployments import REVIEWS, STOREFRONT, P, injected, served

KEY = "kubectl.kubernetes.io/last-applied-configuration"
POD = ("spec", "template", "spec")
NAME = {"metadata": {"name": "x"}}


def applied(template, actual=None, text=None):
    """Return ``template``, or ``have``, with the annotation that ``kubectl apply`` of ``template`` writes."""
    # kubectl adds an empty mapping of annotations and the namespace.
    configuration = copy.deepcopy(template)
    configuration.setdefault("metadata", {}).setdefault("annotations", {})
    configuration["metadata"]["namespace"] = "default"
    actual = copy.deepcopy(template if actual is None else actual)
    actual["metadata"].setdefault("annotations", {})[KEY] = json.dumps(configuration) if text is None else text
    return actual


def without(template, *place):
    shorter = copy.deepcopy(template)
    below = shorter
    for key in place[:-1]:
        below = below[key]
    del below[place[-1]]
    return shorter


def texts(desired, actual):
    return [format_difference(difference) for difference in find_differences(desired, actual)]


def deployment(**spec):
    return {**NAME, "spec": {"template": {"spec": spec}}}


CONTAINER = {"name": "c", "image": "x:1"}
PROBE = {"httpGet": {"path": "/ready", "port": 80}}
PLACE = f"{P}.containers[c]"


@pytest.mark.parametrize("server", [lambda actual: actual, served, lambda actual: injected(served(actual))])
@pytest.mark.parametrize("template", [REVIEWS, STOREFRONT])
def test_nothing_is_missing_from_what_was_applied(template, server):
    assert texts(template, applied(template, server(template))) == []


@pytest.mark.parametrize(
    ("place", "text"),
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
            f'{PLACE}.readinessProbe: {{"httpGet": {{"path": "/ready", "port": 80}}}} -> nothing',
        ),
        ((*POD, "containers", 0, "resources", "limits", "cpu"), f"{PLACE}.resources.limits.cpu: 1 -> nothing"),
        ((*POD, "containers", 0, "env"), f"{PLACE}.env is not desired (values not shown)"),
        ((*POD, "containers", 0, "args"), f"{PLACE}.args is not desired (values not shown)"),
    ],
)
def test_a_removed_field_is_found(place, text):
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
    desired, actual = without(spec, *place), applied(spec)
    assert texts(desired, actual) == [text]
    assert "hush" not in repr(find_differences(desired, actual))
    # Nobody can tell a removed field from one of the server without the annotation.
    assert texts(desired, spec) == []
    # Null means the same as leaving the field out.
    assert not isinstance(place[-1], str) or place[-1] == "emptyDir" or texts(_with_null(spec, place), actual) == [text]


def _with_null(template, place):
    changed = copy.deepcopy(template)
    below = changed
    for key in place[:-1]:
        below = below[key]
    below[place[-1]] = None
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
    "place",
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
def test_a_removed_default_is_no_difference(place):
    assert texts(without(DEFAULTED, *place), applied(DEFAULTED)) == []


def test_the_other_name_of_a_service_account_is_no_removal():
    desired = without(DEFAULTED, *POD, "serviceAccount")
    desired["spec"]["template"]["spec"]["serviceAccountName"] = "old"
    actual = applied(DEFAULTED)
    actual["spec"]["template"]["spec"]["serviceAccountName"] = "old"
    assert texts(desired, actual) == []


def test_a_field_that_is_gone_already_is_no_difference():
    old = deployment(containers=[{**CONTAINER, "readinessProbe": PROBE}])
    new = deployment(containers=[CONTAINER])
    assert texts(new, applied(old, new)) == []


def test_another_source_of_a_volume_is_one_difference():
    old = deployment(volumes=[{"name": "v", "configMap": {"name": "a"}}])
    assert texts(deployment(volumes=[{"name": "v"}]), applied(old)) == [
        f'{P}.volumes[v].configMap: {{"name": "a"}} -> nothing'
    ]


def test_an_element_that_is_missing_is_shown_as_it_is_written():
    old = deployment(containers=[{**CONTAINER, "tty": True}])
    (difference,) = find_differences(deployment(containers=[CONTAINER]), applied(old, deployment(containers=[])))
    assert (difference.desired, difference.actual) == (CONTAINER, None)


def test_an_own_part_that_was_removed_is_not_taken_for_an_injected_one():
    old = deployment(
        containers=[CONTAINER, {"name": "istio-proxy", "image": "own:1"}],
        initContainers=[{"name": "istio-init", "image": "own:1"}],
        volumes=[{"name": "istio-token", "emptyDir": {}}],
    )
    assert [
        difference.path
        for difference in find_differences(
            deployment(containers=[CONTAINER], volumes=[], initContainers=[]), applied(old)
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
def test_an_unreadable_or_foreign_annotation_says_nothing(text):
    desired, actual = {**NAME, "spec": {}}, {**NAME, "spec": {"replicas": 2}}
    assert texts(desired, applied(actual)) == ["spec.replicas: 2 -> nothing"]
    actual = copy.deepcopy(actual)
    actual["metadata"]["annotations"] = {KEY: text}
    assert texts(desired, actual) == []


def test_parts_of_other_shapes_are_compared_without_the_annotation():
    desired = deployment(containers=[CONTAINER], tolerations=[{"key": "a"}])
    for other in ({"containers": "text"}, {"containers": [5]}, {"tolerations": [{}, {}]}, {"tolerations": {"a": 1}}):
        assert texts(desired, applied(deployment(**other), desired)) == []
