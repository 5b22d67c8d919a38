# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in another order differ only if Kubernetes gives the order a meaning."""

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import find_differences
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import (
    format_difference,
    has_only_image_changes,
)
from deployments import C, P, add_server_defaults, container, inject_sidecar, pod

MIGRATE, WAIT = {"name": "migrate", "image": "m:1"}, {"name": "wait-for-db", "image": "b:1"}
HOST, URL, PORT = (
    {"name": "HOST", "value": "db"},
    {"name": "URL", "value": "pg://$(HOST)/x"},
    {"name": "PORT", "value": "1"},
)


def compare_texts(desired, actual):
    return [format_difference(difference) for difference in find_differences(desired, actual)]


@pytest.mark.parametrize("server", [lambda actual: actual, inject_sidecar])
def test_order_of_init_containers_counts(server):
    actual = pod(initContainers=[WAIT, MIGRATE], containers=[{"name": "c"}])
    actual["spec"]["template"]["metadata"] = {"labels": {}}
    desired = pod(initContainers=[MIGRATE, WAIT], containers=[{"name": "c"}])
    found = find_differences(desired, server(actual))
    assert [format_difference(difference) for difference in found] == [
        f"{P}.initContainers: order wait-for-db, migrate -> migrate, wait-for-db"
    ]
    assert (found[0].desired, found[0].actual) == (["migrate", "wait-for-db"], ["wait-for-db", "migrate"])
    assert not has_only_image_changes(found)


def test_order_of_init_containers_is_reported_separately():
    actual = pod(initContainers=[WAIT, MIGRATE, {"name": "old"}])
    desired = pod(initContainers=[{"name": "new"}, dict(MIGRATE, image="m:2"), WAIT])
    assert compare_texts(desired, actual) == [
        f'{P}.initContainers[new]: nothing -> {{"name": "new"}}',
        f"{P}.initContainers[migrate].image: 'm:1' -> 'm:2'",
        f'{P}.initContainers[old]: {{"name": "old"}} -> nothing',
        f"{P}.initContainers: order wait-for-db, migrate -> migrate, wait-for-db",
    ]


@pytest.mark.parametrize(
    ("desired", "actual", "order"),
    [
        ([URL, HOST], [HOST, URL], "order HOST, URL -> URL, HOST"),
        ([HOST, URL], [URL, HOST], "order URL, HOST -> HOST, URL"),
        ([URL, PORT, HOST], [PORT, HOST, URL], "order HOST, URL -> URL, HOST"),
        ([PORT, HOST, URL], [HOST, PORT, URL], None),
        ([PORT, HOST], [HOST, PORT], None),
        # Variables from other sources are not in the list.
        ([{"name": "A", "value": "$(OTHER)"}, HOST], [HOST, {"name": "A", "value": "$(OTHER)"}], None),
        # An escaped reference, and one without an end, are plain text.
        ([{"name": "A", "value": "$$(HOST)"}, HOST], [HOST, {"name": "A", "value": "$$(HOST)"}], None),
        ([{"name": "A", "value": "$(HOST"}, HOST], [HOST, {"name": "A", "value": "$(HOST"}], None),
        (
            [{"name": "A", "value": "$$$(HOST)"}, HOST],
            [HOST, {"name": "A", "value": "$$$(HOST)"}],
            "order HOST, A -> A, HOST",
        ),
        # A variable does not refer to itself.
        ([{"name": "A", "value": "$(A)"}, HOST], [HOST, {"name": "A", "value": "$(A)"}], None),
    ],
)
def test_order_of_variables_counts_with_references(desired, actual, order):
    assert compare_texts(container(env=desired), container(env=actual)) == ([f"{C}.env: {order}"] if order else [])


def test_order_of_variables_counts_in_init_containers():
    desired = pod(initContainers=[{"name": "c", "env": [URL, HOST]}])
    actual = pod(initContainers=[{"name": "c", "env": [HOST, URL]}])
    assert compare_texts(desired, actual) == [f"{P}.initContainers[c].env: order HOST, URL -> URL, HOST"]


def test_order_never_shows_values():
    secret = [{"name": "A", "value": "hush"}, {"name": "A", "value": "hush-too"}]
    (difference,) = find_differences(container(env=secret), container(env=secret[::-1]))
    assert format_difference(difference) == f"{C}.env: another order (values not shown)"
    assert "hush" not in repr(difference)


ALIAS, SAME, OTHER = (
    {"ip": "192.0.2.1", "hostnames": ["a", "db"]},
    {"ip": "192.0.2.2", "hostnames": ["db"]},
    {"ip": "192.0.2.3", "hostnames": ["c"]},
)
ITEMS = [{"key": "a", "path": "a"}]


@pytest.mark.parametrize(
    "deployment",
    [
        container(envFrom=[{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}]),
        pod(hostAliases=[ALIAS, SAME]),
        pod(dnsConfig={"searches": ["a", "b"]}),
        pod(dnsConfig={"nameservers": ["192.0.2.1", "192.0.2.2"]}),
        container(command=["a", "b"]),
        container(args=["a", "b"]),
        pod(
            volumes=[{"name": "v", "projected": {"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}]}}]
        ),
        container(
            livenessProbe={"httpGet": {"httpHeaders": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}}
        ),
    ],
)
def test_order_that_counts(deployment):
    assert find_differences(_reverse_lists(deployment), deployment)
    assert find_differences(deployment, deployment) == []


def test_order_of_env_from_is_one_difference():
    first, second = {"configMapRef": {"name": "a"}}, {"configMapRef": {"name": "b"}}
    assert compare_texts(container(envFrom=[second, first]), container(envFrom=[first, second])) == [
        f'{C}.envFrom: order [{{"configMapRef": {{"name": "a"}}}}, {{"configMapRef": {{"name": "b"}}}}] '
        '-> [{"configMapRef": {"name": "b"}}, {"configMapRef": {"name": "a"}}]'
    ]


def _reverse_lists(value):
    """Return a copy with all lists reversed."""
    if isinstance(value, dict):
        return {key: _reverse_lists(entry) for key, entry in value.items()}
    return [_reverse_lists(entry) for entry in value[::-1]] if isinstance(value, list) else value


TERM = {"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "In", "values": ["x", "y"]}]}


@pytest.mark.parametrize(
    "deployment",
    [
        pod(containers=[{"name": "a"}, {"name": "b"}]),
        pod(tolerations=[{"key": "a"}, {"key": "b", "effect": "NoSchedule"}]),
        pod(imagePullSecrets=[{"name": "a"}, {"name": "b"}]),
        pod(hostAliases=[ALIAS, OTHER]),
        pod(
            topologySpreadConstraints=[
                {"topologyKey": "a", "whenUnsatisfiable": "x"},
                {"topologyKey": "b", "whenUnsatisfiable": "x"},
            ]
        ),
        pod(securityContext={"supplementalGroups": [1, 2], "sysctls": [{"name": "a"}, {"name": "b"}]}),
        pod(dnsConfig={"options": [{"name": "ndots", "value": "1"}, {"name": "debug"}]}),
        pod(readinessGates=[{"conditionType": "a"}, {"conditionType": "b"}]),
        pod(
            affinity={
                "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [TERM, {}]}}
            }
        ),
        pod(
            affinity={
                "podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}, {"weight": 2}]}
            }
        ),
        pod(volumes=[{"name": "a"}, {"name": "v", "configMap": {"items": [*ITEMS, {"key": "b", "path": "b"}]}}]),
        pod(
            volumes=[
                {
                    "name": "v",
                    "projected": {"sources": [{"configMap": {"items": ITEMS}}, {"serviceAccountToken": {"path": "t"}}]},
                }
            ]
        ),
        container(ports=[{"containerPort": 1}, {"containerPort": 2}]),
        container(ports=[{"containerPort": 1, "name": "a"}, {"containerPort": 1, "name": "b"}]),
        container(volumeMounts=[{"name": "a", "mountPath": "/a"}, {"name": "b", "mountPath": "/a/b"}]),
        container(securityContext={"capabilities": {"add": ["A", "B"], "drop": ["C", "D"]}}),
    ],
)
def test_order_that_does_not_count(deployment):
    actual = _reverse_lists(deployment)
    # The order of the host names of one alias counts.
    for alias in actual["spec"]["template"]["spec"].get("hostAliases", []):
        alias["hostnames"].reverse()
    assert compare_texts(deployment, actual) == []


def test_unordered_elements_match_despite_other_differences():
    first, second, third = ({"key": key, "effect": "NoSchedule"} for key in "abc")
    assert compare_texts(
        pod(tolerations=[first, third, second]), pod(tolerations=[second, first, dict(third, effect="x")])
    ) == [f"{P}.tolerations[1].effect: 'x' -> 'NoSchedule'"]


def test_order_differs_despite_defaults():
    token, plain = {"serviceAccountToken": {"path": "t"}}, {"configMap": {"name": "a"}}
    expiring = {"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}

    def deployment(*sources):
        return pod(volumes=[{"name": "v", "projected": {"sources": list(sources)}}])

    (difference,) = find_differences(deployment(plain, token), deployment(expiring, plain))
    assert (difference.path, difference.order) == (f"{P}.volumes[v].projected.sources", True)


def test_deeply_nested_lists_are_compared_in_bounded_time():
    def nested(leaf):
        value = leaf
        for _level in range(90):
            value = {"values": [value, {"key": "x"}]}
        return {"spec": value}

    assert len(find_differences(nested({"key": "a"}), nested({"key": "b"}))) == 1


def test_injected_init_container_does_not_affect_order():
    desired = pod(
        initContainers=[WAIT, MIGRATE], containers=[{"name": "c", "env": [HOST, URL]}], serviceAccountName="a"
    )
    desired["metadata"] = {"name": "x"}
    desired["spec"]["template"]["metadata"] = {"labels": {}}
    assert find_differences(desired, inject_sidecar(add_server_defaults(desired))) == []
