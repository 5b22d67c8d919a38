# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import (
    compare_gray_deployments,
    find_differences,
    match_deployments,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.difference import (
    Difference,
    format_difference,
    has_only_image_changes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.server_fields import (
    normalize_deployment,
    strip_server_fields,
)
from deployments import REVIEWS, STOREFRONT, C, P, add_server_defaults, container, inject_sidecar, list_differences, pod

TEMPLATES = {"reviews": REVIEWS, "storefront": STOREFRONT}
POD = ("spec", "template", "spec")


def iterate_values(value, keys=()):
    """Yield keys and value of each value in plain data."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield keys + (key,), entry
        yield from iterate_values(entry, keys + (key,))


def get_value(value, keys):
    for key in keys:
        value = value[key]
    return value


def replace_value(template, keys, value):
    copied = copy.deepcopy(template)
    get_value(copied, keys[:-1])[keys[-1]] = value
    return copied


def make_other_value(value):
    """Return a value of the same type with another meaning."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ("y" if value[-1:] == "x" else "x")


LEAVES = [
    (name, keys)
    for name, desired in TEMPLATES.items()
    for keys, value in iterate_values(desired)
    if not isinstance(value, (dict, list))
]
ELEMENTS = [
    (name, keys)
    for name, desired in TEMPLATES.items()
    for keys, value in iterate_values(desired)
    if isinstance(keys[-1], int)
]
SERVERS = {
    "same": lambda desired: desired,
    "served": add_server_defaults,
    "injected": lambda desired: inject_sidecar(add_server_defaults(desired)),
}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_served_template_has_no_differences(name, server):
    desired = copy.deepcopy(TEMPLATES[name])
    actual = SERVERS[server](TEMPLATES[name])
    before = copy.deepcopy(actual)
    assert find_differences(desired, actual) == []
    assert (desired, actual) == (TEMPLATES[name], before)


@pytest.mark.parametrize("server", ["served", "injected"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_export_as_template_has_no_differences(name, server):
    actual = SERVERS[server](TEMPLATES[name])
    later = copy.deepcopy(actual)
    later["metadata"].update(resourceVersion="99999", generation=4, uid="other")
    later["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "4"
    later["status"] = {"replicas": 3}
    assert find_differences(actual, later) == []


@pytest.mark.parametrize("server", SERVERS)
def test_each_changed_value_is_a_difference(server):
    for name, keys in LEAVES:
        desired = TEMPLATES[name]
        modified = replace_value(desired, keys, make_other_value(get_value(desired, keys)))
        assert find_differences(modified, SERVERS[server](desired)), (name, keys)


@pytest.mark.parametrize("server", SERVERS)
def test_each_removed_or_added_element_is_a_difference(server):
    for name, keys in ELEMENTS:
        desired = TEMPLATES[name]
        shorter = copy.deepcopy(desired)
        del get_value(shorter, keys[:-1])[keys[-1]]
        assert find_differences(shorter, SERVERS[server](desired)), (name, keys)
        assert find_differences(desired, SERVERS[server](shorter)), (name, keys)


def test_only_image_of_container_counts_as_image():
    for name, keys in LEAVES:
        desired = TEMPLATES[name]
        modified = replace_value(desired, keys, make_other_value(get_value(desired, keys)))
        assert has_only_image_changes(find_differences(modified, add_server_defaults(desired))) == (
            keys[-1] == "image"
        ), (
            name,
            keys,
        )


@pytest.mark.parametrize("name", TEMPLATES)
def test_order_of_keyed_lists_is_ignored(name):
    desired = copy.deepcopy(TEMPLATES[name])
    for keys, value in list(iterate_values(desired)):
        if keys[-1] in ("containers", "volumes", "env", "ports", "volumeMounts", "hostAliases", "tolerations"):
            value.reverse()
    assert find_differences(desired, add_server_defaults(TEMPLATES[name])) == []


# Images.


def test_changed_image_is_an_image_difference():
    desired = replace_value(
        REVIEWS, (*POD, "containers", 0, "image"), "registry.example.com/bookinfo/reviews-v2:1.20.4"
    )
    assert find_differences(desired, add_server_defaults(REVIEWS)) == [
        Difference(
            f"{P}.containers[reviews].image",
            "registry.example.com/bookinfo/reviews-v2:1.20.4",
            "registry.example.com/bookinfo/reviews-v2:1.20.3",
            image=True,
        )
    ]


def test_images_with_other_changes_are_not_only_images():
    desired = replace_value(replace_value(REVIEWS, (*POD, "containers", 0, "image"), "x"), ("spec", "replicas"), 2)
    assert [difference.image for difference in find_differences(desired, add_server_defaults(REVIEWS))] == [False, True]
    assert not has_only_image_changes(find_differences(desired, add_server_defaults(REVIEWS)))
    assert not has_only_image_changes([])


def test_image_of_other_field_is_not_an_image_difference():
    volume = {"name": "model", "image": {"reference": "registry.example.com/model:1"}}
    newer = {"name": "model", "image": {"reference": "registry.example.com/model:2"}}
    (difference,) = find_differences(pod(volumes=[newer]), pod(volumes=[volume]))
    assert (difference.path, difference.image) == (f"{P}.volumes[model].image.reference", False)


@pytest.mark.parametrize(
    ("desired", "actual"),
    [
        ([{"name": "a", "image": "x"}], []),
        ([], [{"name": "a", "image": "x"}]),
        ([{"name": "b", "image": "x"}], [{"name": "a", "image": "x"}]),
        (
            [{"name": "a", "image": "x"}, {"name": "a", "image": "x"}],
            [{"name": "a", "image": "x"}, {"name": "a", "image": "y"}],
        ),
        ([{"image": "x"}], [{"image": "y"}]),
    ],
)
def test_added_or_removed_container_is_not_an_image_change(desired, actual):
    result = find_differences(pod(containers=desired), pod(containers=actual))
    assert result
    assert not any(difference.image for difference in result)


def test_changed_image_of_init_container():
    (difference,) = find_differences(
        pod(initContainers=[{"name": "a", "image": "x"}]), pod(initContainers=[{"name": "a", "image": "y"}])
    )
    assert (difference.path, difference.image) == (f"{P}.initContainers[a].image", True)


# Scalars.


@pytest.mark.parametrize(
    ("desired", "actual"),
    [
        (pod(priority=1), pod(priority=1.0)),
        (container(resources={"limits": {"cpu": 1}}), container(resources={"limits": {"cpu": "1000m"}})),
        (container(resources={"requests": {"cpu": 0.1}}), container(resources={"requests": {"cpu": "100m"}})),
        (container(resources={"requests": {"memory": "1Gi"}}), container(resources={"requests": {"memory": "1024Mi"}})),
        (pod(overhead={"cpu": "0.5"}), pod(overhead={"cpu": "500m"})),
        (
            pod(volumes=[{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}]),
            pod(volumes=[{"name": "v", "emptyDir": {"sizeLimit": "1024Mi"}}]),
        ),
        (
            container(env=[{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": 0}}}]),
            container(
                env=[{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}}]
            ),
        ),
        (
            pod(
                volumes=[
                    {
                        "name": "v",
                        "ephemeral": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "1Ti"}}}}},
                    }
                ]
            ),
            pod(
                volumes=[
                    {
                        "name": "v",
                        "ephemeral": {
                            "volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "1024Gi"}}}}
                        },
                    }
                ]
            ),
        ),
        (container(livenessProbe={"tcpSocket": {"port": "80"}}), container(livenessProbe={"tcpSocket": {"port": 80}})),
        (
            {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "1"}}}},
            {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1}}}},
        ),
        (container(env=[{"name": "A", "value": 8080}]), container(env=[{"name": "A", "value": "8080"}])),
        (container(env=[{"name": "A", "value": 0}]), container(env=[{"name": "A", "value": "0"}])),
        (container(env=[{"name": "A", "value": True}]), container(env=[{"name": "A", "value": "true"}])),
        (container(ports=[{"containerPort": 80, "protocol": "TCP"}]), container(ports=[{"containerPort": 80}])),
    ],
)
def test_equal_values_in_other_notation(desired, actual):
    assert find_differences(desired, actual) == []


@pytest.mark.parametrize(
    ("desired", "actual"),
    [
        ({"spec": {"replicas": "3"}}, {"spec": {"replicas": 3}}),
        ({"spec": {"replicas": True}}, {"spec": {"replicas": 1}}),
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": True}}),
        (pod(hostNetwork="true"), pod(hostNetwork=True)),
        (pod(nodeSelector={"size": "1"}), pod(nodeSelector={"size": "1000m"})),
        (container(args=["1"]), container(args=["1000m"])),
        (container(env=[{"name": "A", "value": "1"}]), container(env=[{"name": "A", "value": "1000m"}])),
        (container(env=[{"name": "A", "value": 0}]), container(env=[{"name": "A"}])),
        (container(env=[{"name": "A", "value": False}]), container(env=[{"name": "A"}])),
        (container(resources={"limits": {"cpu": "x"}}), container(resources={"limits": {"cpu": "y"}})),
        (container(resources={"limits": {"cpu": "x"}}), container(resources={"limits": {"cpu": 1}})),
        (container(resources={"limits": {"cpu": 0}}), container(resources={"limits": {"cpu": 1}})),
        (container(image="x"), container(image="x:latest")),
        (container(resources={"limits": "text"}), container(resources={"limits": {"cpu": 1}})),
        (container(resources={"limits": {"cpu": 1}}), container(resources={"limits": "text"})),
        (container(args=[]), container(args="text")),
        (container(args=["x"]), container(args={})),
    ],
)
def test_different_values(desired, actual):
    assert len(find_differences(desired, actual)) == 1


# Empty values.


@pytest.mark.parametrize("missing", ["missing", "null"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hostNetwork", False),
        ("hostname", ""),
        ("priority", 0),
        ("tolerations", []),
        ("affinity", {}),
        ("securityContext", {"seLinuxOptions": {"level": "", "role": None}}),
        ("nodeSelector", None),
        ("volumes", []),
        ("enableServiceLinks", None),
    ],
)
def test_empty_equals_missing(key, value, missing):
    actual = pod() if missing == "missing" else pod(**{key: None})
    assert find_differences(pod(**{key: value}), actual) == []


@pytest.mark.parametrize(
    ("desired", "path"),
    [
        ({"spec": {"replicas": 0}}, "spec.replicas"),
        ({"spec": {"replicas": True}}, "spec.replicas"),
        (
            pod(initContainers=[{"name": "i"}], containers=[{"name": "c", "restartPolicy": "Always"}]),
            f"{C}.restartPolicy",
        ),
        (container(imagePullPolicy="Always"), f"{C}.imagePullPolicy"),
        ({"metadata": {"labels": {"protocol": "TCP"}}}, "metadata.labels.protocol"),
        ({"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": 0}}}}, "spec.strategy"),
        (pod(enableServiceLinks=False), f"{P}.enableServiceLinks"),
        (pod(automountServiceAccountToken=False), f"{P}.automountServiceAccountToken"),
        (pod(terminationGracePeriodSeconds=0), f"{P}.terminationGracePeriodSeconds"),
        (container(securityContext={"runAsUser": 0}), f"{C}.securityContext"),
        (pod(nodeSelector={"a": ""}), f"{P}.nodeSelector"),
        ({"metadata": {"labels": {"a.b/c": ""}}}, "metadata.labels[a.b/c]"),
    ],
)
def test_meaningful_empty_values_differ_from_missing(desired, path):
    actual = {
        "metadata": {"labels": {}},
        "spec": {"template": {"spec": {"containers": [{"name": "c"}], "initContainers": [{"name": "i"}]}}},
    }
    assert [difference.path for difference in find_differences(desired, actual)] == [path]


@pytest.mark.parametrize(
    ("desired", "actual"),
    [
        (container(imagePullPolicy=""), container(imagePullPolicy="Always")),
        (container(imagePullPolicy=""), container(imagePullPolicy="IfNotPresent")),
        (container(livenessProbe={"periodSeconds": 0}), container(livenessProbe={"periodSeconds": 10})),
        (pod(dnsPolicy=""), pod(dnsPolicy="ClusterFirst")),
        (pod(restartPolicy=None), pod(restartPolicy="Always")),
        (pod(restartPolicy=""), pod(restartPolicy="Always")),
        (pod(restartPolicy="Always", terminationGracePeriodSeconds=30), pod()),
        ({"spec": {"replicas": 1, "revisionHistoryLimit": 10}}, {"spec": {}}),
        ({"spec": {"strategy": {}}}, {"spec": {"strategy": {"type": "RollingUpdate"}}}),
        ({"metadata": {"namespace": ""}}, {"metadata": {"namespace": "bookinfo"}}),
        ({"kind": "Deployment", "apiVersion": "apps/v1"}, {}),
        (pod(volumes=[{"name": "v"}]), pod(volumes=[{"name": "v", "emptyDir": {}}])),
        (pod(volumes=[{"name": "v", "emptyDir": None}]), pod(volumes=[{"name": "v", "emptyDir": {}}])),
        (pod(volumes=[{"name": "v", "emptyDir": {}}]), pod(volumes=[{"name": "v"}])),
    ],
)
def test_empty_equals_server_default(desired, actual):
    assert find_differences(desired, actual) == []


@pytest.mark.parametrize(
    ("desired", "actual", "expected"),
    [
        (container(imagePullPolicy=""), container(imagePullPolicy="Never"), [(f"{C}.imagePullPolicy", "", "Never")]),
        (pod(hostNetwork=False), pod(hostNetwork=True), [(f"{P}.hostNetwork", False, True)]),
        (
            container(env=[{"name": "A", "value": ""}]),
            container(env=[{"name": "A", "value": "x"}]),
            [(f"{C}.env[A].value", "", "x")],
        ),
        (
            container(env=[{"name": "A"}]),
            container(env=[{"name": "A", "value": "x"}]),
            [(f"{C}.env[A].value", "", "x")],
        ),
        (container(args=[]), container(args=["x"]), [(f"{C}.args", [], ["x"])]),
        (
            pod(volumes=[{"name": "v", "emptyDir": {}}]),
            pod(volumes=[{"name": "v", "configMap": {"name": "x"}}]),
            [(f"{P}.volumes[v].configMap", None, {"name": "x"})],
        ),
        (
            container(env=[{"name": "A", "value": ""}]),
            container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
            [(f"{C}.env[A].valueFrom", None, {"secretKeyRef": {"name": "s", "key": "k"}})],
        ),
    ],
)
def test_empty_differs_from_other_values(desired, actual, expected):
    assert list_differences(desired, actual) == expected


# Lists.


@pytest.mark.parametrize(
    ("desired", "actual", "expected"),
    [
        (pod(volumes=[]), pod(volumes=[{"name": "v"}]), [(f"{P}.volumes[v]", None, {"name": "v"})]),
        (pod(volumes=[{"name": "v"}]), pod(), [(f"{P}.volumes", [{"name": "v"}], None)]),
        (
            container(ports=[{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP", "name": "b"}]),
            container(
                ports=[{"containerPort": 53, "protocol": "UDP", "name": "a"}, {"containerPort": 53, "protocol": "TCP"}]
            ),
            [(f"{C}.ports[53/UDP].name", "b", "a")],
        ),
        (
            container(ports=[{"containerPort": "80"}]),
            container(ports=[{"containerPort": 80}]),
            [(f"{C}.ports[80].containerPort", "80", 80)],
        ),
        (
            container(
                volumeMounts=[{"name": "a", "mountPath": "/a"}, {"name": "a", "mountPath": "/b", "readOnly": True}]
            ),
            container(volumeMounts=[{"name": "a", "mountPath": "/b"}, {"name": "a", "mountPath": "/a"}]),
            [(f"{C}.volumeMounts[/b].readOnly", True, None)],
        ),
        (
            container(volumeDevices=[{"name": "a", "devicePath": "/dev/a"}]),
            container(volumeDevices=[{"name": "b", "devicePath": "/dev/a"}]),
            [(f"{C}.volumeDevices[/dev/a].name", "a", "b")],
        ),
        (
            pod(hostAliases=[{"ip": "192.0.2.1", "hostnames": ["a", "b"]}]),
            pod(hostAliases=[{"ip": "192.0.2.1", "hostnames": ["b", "a"]}]),
            [
                (f"{P}.hostAliases[192.0.2.1].hostnames[0]", "a", "b"),
                (f"{P}.hostAliases[192.0.2.1].hostnames[1]", "b", "a"),
            ],
        ),
        (
            pod(
                topologySpreadConstraints=[{"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2}]
            ),
            pod(
                topologySpreadConstraints=[
                    {"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1},
                    {"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 1},
                ]
            ),
            [
                (f"{P}.topologySpreadConstraints[zone/DoNotSchedule].maxSkew", 2, 1),
                (
                    f"{P}.topologySpreadConstraints[zone/ScheduleAnyway]",
                    None,
                    {"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1},
                ),
            ],
        ),
        (
            pod(tolerations=[{"key": "a"}, {"key": "b"}]),
            pod(tolerations=[{"key": "b", "effect": "x"}, {"key": "b"}]),
            [(f"{P}.tolerations[0].key", "a", "b")],
        ),
        (
            container(envFrom=[{"configMapRef": {"name": "a"}}]),
            container(envFrom=[{"configMapRef": {"name": "a"}}, {"configMapRef": {"name": "b"}}]),
            [
                (
                    f"{C}.envFrom",
                    [{"configMapRef": {"name": "a"}}],
                    [{"configMapRef": {"name": "a"}}, {"configMapRef": {"name": "b"}}],
                )
            ],
        ),
        (container(command=["a", "b"]), container(command=["a", "c"]), [(f"{C}.command[1]", "b", "c")]),
        (container(command=["a", ""]), container(command=["a", "0"]), [(f"{C}.command[1]", "", "0")]),
        (container(command=[None]), container(command=["a"]), [(f"{C}.command[0]", None, "a")]),
        (container(command=[""]), container(command=[None]), [(f"{C}.command[0]", "", None)]),
        (container(command=["", None, [], {}]), container(command=["", None, [], {}]), []),
        (container(command=["a", "b"]), container(command=["a"]), [(f"{C}.command", ["a", "b"], ["a"])]),
        (
            container(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
            container(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
            [],
        ),
        (
            container(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
            container(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]),
            [(f"{C}.env[1].value", "2", "3")],
        ),
        (pod(volumes=["text"]), pod(volumes=[{"name": "v"}]), [(f"{P}.volumes[0]", "text", {"name": "v"})]),
    ],
)
def test_differences_of_lists(desired, actual, expected):
    assert list_differences(desired, actual) == expected


def test_unspecified_fields_are_ignored():
    actual = add_server_defaults(REVIEWS)
    actual["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = {"exec": {"command": ["true"]}}
    actual["spec"]["template"]["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/restartedAt": "2026-01-31T10:00:00Z"
    }
    actual["metadata"]["labels"]["added"] = "by a webhook"
    assert find_differences(REVIEWS, actual) == []


@pytest.mark.parametrize(
    "actual",
    [
        {},
        {"spec": None},
        {"spec": []},
        {"spec": {"template": {"spec": {"containers": "x", "volumes": [5, {"name": 5}]}}}},
    ],
)
def test_value_of_wrong_type_is_a_difference(actual):
    assert find_differences(REVIEWS, actual)


# Format.


@pytest.mark.parametrize(
    ("desired", "actual", "text"),
    [
        ({"spec": {"replicas": 2}}, {"spec": {"replicas": 1}}, "spec.replicas: 1 -> 2"),
        (container(image="x:2"), container(image="x:1"), f"{C}.image: 'x:1' -> 'x:2'"),
        (pod(volumes=[{"name": "v"}]), pod(volumes=[]), f'{P}.volumes[v]: nothing -> {{"name": "v"}}'),
        (pod(volumes=[]), pod(volumes=[{"name": "v"}]), f'{P}.volumes[v]: {{"name": "v"}} -> nothing'),
        (pod(nodeSelector={"env": "b"}), pod(nodeSelector={"env": "a"}), f"{P}.nodeSelector.env: 'a' -> 'b'"),
        (
            container(env=[{"name": "DB_PASSWORD", "value": "hush-new"}]),
            container(env=[{"name": "DB_PASSWORD", "value": "hush-old"}]),
            f"{C}.env[DB_PASSWORD].value differs (values not shown)",
        ),
        (
            container(env=[{"name": "A]", "value": "hush-new"}]),
            container(env=[]),
            f"{C}.env[A]] is missing (values not shown)",
        ),
        (
            container(env=[]),
            container(env=[{"name": "A", "value": "hush-old"}]),
            f"{C}.env[A] is not desired (values not shown)",
        ),
        (container(env=[{"name": "A", "value": "hush-new"}]), container(), f"{C}.env is missing (values not shown)"),
        (container(env={"A": "hush-new"}), container(env=[]), f"{C}.env differs (values not shown)"),
        (container(env=["hush-new"]), container(env=["hush-old"]), f"{C}.env[0] differs (values not shown)"),
        (
            container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"key": "b"}}}]),
            container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"key": "a"}}}]),
            f"{C}.env[A].valueFrom.secretKeyRef.key: 'a' -> 'b'",
        ),
        (
            container(livenessProbe={"httpGet": {"httpHeaders": [{"name": "Cookie", "value": "hush-new"}]}}),
            container(livenessProbe={"httpGet": {"httpHeaders": [{"name": "Cookie", "value": "hush-old"}]}}),
            f"{C}.livenessProbe.httpGet.httpHeaders[0].value differs (values not shown)",
        ),
        (
            container(command=["sh", "hush-new"]),
            container(command=["sh", "hush-old"]),
            f"{C}.command[1] differs (values not shown)",
        ),
        (
            container(args=["--key=hush-new"]),
            container(args=["--key=hush-old", "-v"]),
            f"{C}.args differs (values not shown)",
        ),
        (container(args=["--key=hush-new"]), container(), f"{C}.args is missing (values not shown)"),
        (
            container(lifecycle={"preStop": {"exec": {"command": ["hush-new"]}}}),
            container(lifecycle={"preStop": {"exec": {"command": ["hush-old"]}}}),
            f"{C}.lifecycle.preStop.exec.command[0] differs (values not shown)",
        ),
        (
            pod(nodeSelector={"command": "b"}),
            pod(nodeSelector={"command": "a"}),
            f"{P}.nodeSelector.command: 'a' -> 'b'",
        ),
        (
            pod(containers=[{"name": "c", "args": ["hush-new"]}]),
            pod(containers=[]),
            f'{C}: nothing -> {{"name": "c", "args": "<not shown>"}}',
        ),
        (
            pod(containers=[{"name": "c", "env": [{"name": "A", "value": "hush-new"}]}]),
            pod(containers=[]),
            f'{C}: nothing -> {{"name": "c", "env": "<not shown>"}}',
        ),
    ],
)
def test_format_of_difference(desired, actual, text):
    (difference,) = find_differences(desired, actual)
    assert format_difference(difference) == text
    assert "hush" not in repr(difference)


def test_format_hides_variable_that_replaces_reference():
    desired = container(env=[{"name": "A", "value": "hush-new"}])
    actual = container(env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}])
    assert [format_difference(difference) for difference in find_differences(desired, actual)] == [
        f"{C}.env[A].value is missing (values not shown)",
        f'{C}.env[A].valueFrom: {{"secretKeyRef": {{"name": "s"}}}} -> nothing',
    ]


def test_format_never_shows_variables():
    for keys, _value in iterate_values(REVIEWS):
        for desired, actual in (
            (REVIEWS, replace_value(REVIEWS, keys, "x")),
            (replace_value(REVIEWS, keys, []), REVIEWS),
        ):
            assert "correct-horse" not in "".join(
                format_difference(difference) for difference in find_differences(desired, actual)
            )


# Several Deployments.


def build_item(cluster, name, **keys):
    return {"cluster_id": cluster, "template": dict({"metadata": {"name": name}}, **keys)}


@pytest.mark.parametrize(
    ("desired", "actual", "pairs", "left"),
    [
        ("a/x b/x", "b/x a/x", [1, 0], []),
        ("a/x a/y", "a/y a/x", [1, 0], []),
        ("a/x", "a/y", [0], []),
        ("a/x", "b/x", [None], [0]),
        ("a/x", "a/y a/z", [None], [0, 1]),
        ("a/x a/y", "a/z", [None, None], [0]),
        ("a/x a/y", "a/y a/z", [None, 0], [1]),
        ("a/x a/x", "a/x", [0, None], []),
        ("a/x b/y", "b/z a/x", [1, 0], []),
        ("a/", "a/", [0], []),
        ("/x", "/x", [0], []),
        ("/x", "/y", [None], [0]),
        ("", "a/x", [], [0]),
    ],
)
def test_match_deployments(desired, actual, pairs, left):
    def items(text):
        return [build_item(part.split("/")[0] or None, part.split("/")[1] or None) for part in text.split()]

    desired_items, actual_items = items(desired), items(actual)
    matches, unmatched = match_deployments(desired_items, actual_items)
    assert [(index, entry) for index, entry, unused in matches] == list(enumerate(desired_items))
    assert [
        next((position for position, make_other_value in enumerate(actual_items) if make_other_value is entry), None)
        for unused, unused2, entry in matches
    ] == pairs
    assert [
        next(position for position, make_other_value in enumerate(actual_items) if make_other_value is entry)
        for entry in unmatched
    ] == left


def test_paths_of_several_deployments():
    desired = [build_item("a", "x", spec={"replicas": 2}), build_item("b", "x"), build_item("c", "new")]
    actual = [build_item("d", "old"), build_item("b", "y"), build_item("a", "x", spec={"replicas": 1})]
    assert compare_gray_deployments(desired, actual) == [
        Difference("gray_deployments[0].template.spec.replicas", 2, 1),
        Difference("gray_deployments[1].template.metadata.name", "x", "y"),
        Difference("gray_deployments[2]", desired[2], None),
        Difference("gray_deployments[3]", None, actual[0]),
    ]


def test_several_deployments_without_differences():
    desired = [{"cluster_id": "a", "template": REVIEWS}, {"cluster_id": "b", "template": REVIEWS}]
    actual = [
        {"cluster_id": "b", "template": inject_sidecar(REVIEWS)},
        {"cluster_id": "a", "template": add_server_defaults(REVIEWS)},
    ]
    assert compare_gray_deployments(desired, actual) == []


def test_changed_image_of_one_of_several_deployments():
    newer = replace_value(REVIEWS, (*POD, "containers", 0, "image"), "x")
    result = compare_gray_deployments(
        [{"cluster_id": "a", "template": newer}], [{"cluster_id": "a", "template": add_server_defaults(REVIEWS)}]
    )
    assert [difference.path for difference in result] == [
        "gray_deployments[0].template.spec.template.spec.containers[reviews].image"
    ]
    assert has_only_image_changes(result)


@pytest.mark.parametrize(("template", "count"), [(None, 1), ("text", 1), ([], 1)])
def test_template_of_wrong_type_is_a_difference(template, count):
    result = compare_gray_deployments(
        [{"cluster_id": "a", "template": REVIEWS}], [{"cluster_id": "a", "template": template}]
    )
    assert [difference.path for difference in result] == ["gray_deployments[0].template"] * count


def test_normalized_deployment_is_a_deep_copy():
    actual = {"metadata": {"name": "a"}, "spec": {"template": {"metadata": {"labels": {"app": "a"}}}}}
    normalize_deployment(actual)["spec"]["template"]["metadata"]["labels"]["app"] = "b"
    assert actual["spec"]["template"]["metadata"]["labels"]["app"] == "a"


def test_normalized_deployment_has_kind_and_metadata():
    assert normalize_deployment({"spec": {}, "status": {}}) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {},
        "spec": {},
    }
    actual = {"apiVersion": "apps/v2", "kind": "Other", "metadata": {"name": "a"}}
    assert normalize_deployment({**actual, "metadata": {"name": "a", "uid": "u"}}) == actual


@pytest.mark.parametrize(
    ("template", "stripped"),
    [
        ({"status": {}, "spec": {"status": 1}}, {"spec": {"status": 1}}),
        ({"metadata": None}, {"metadata": None}),
        ({"metadata": "text"}, {"metadata": "text"}),
        ({"metadata": {"annotations": None}}, {"metadata": {"annotations": None}}),
        ({"metadata": {"annotations": "text", "uid": "u"}}, {"metadata": {"annotations": "text"}}),
        ({"metadata": {"annotations": {}}}, {"metadata": {"annotations": {}}}),
        ({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "3"}}}, {"metadata": {}}),
        (
            {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "3", "a": "b"}, "resourceVersion": "7"}},
            {"metadata": {"annotations": {"a": "b"}}},
        ),
        # Fields of the same names in other positions belong to the user.
        ({"spec": {"template": {"metadata": {"uid": "u"}}}}, {"spec": {"template": {"metadata": {"uid": "u"}}}}),
    ],
)
def test_only_server_fields_are_stripped(template, stripped):
    before = copy.deepcopy(template)
    assert strip_server_fields(template) == stripped
    assert template == before


def test_deployments_after_a_missing_one_are_compared():
    def build_item(name, replicas):
        return {"cluster_id": "c-1", "template": {"metadata": {"name": name}, "spec": {"replicas": replicas}}}

    found = compare_gray_deployments([build_item("a", 1), build_item("b", 2)], [build_item("b", 3)])
    assert [difference.path for difference in found] == [
        "gray_deployments[0]",
        "gray_deployments[1].template.spec.replicas",
    ]


def test_deployments_without_name_do_not_match():
    nameless = [{"cluster_id": "c-1", "template": {"spec": {"replicas": number}}} for number in (1, 2)]
    matches, unmatched = match_deployments(nameless, nameless)
    assert ([actual for index, desired, actual in matches], unmatched) == ([None, None], nameless)


def test_name_of_variable_is_not_secret():
    def deployment(*names):
        env = [{"name": name, "value": "x"} for name in names]
        return {"spec": {"template": {"spec": {"containers": [{"name": "app", "env": env}]}}}}

    found = find_differences(deployment("a", "a"), deployment("a", "b"))
    assert [(difference.path.rpartition(".")[2], difference.private) for difference in found] == [("name", False)]


def test_text_none_differs_from_missing():
    def deployment(**value):
        return {"spec": {"template": {"spec": {"containers": [{"name": "app", "env": [{"name": "a", **value}]}]}}}}

    assert len(find_differences(deployment(value="None"), deployment())) == 1


@pytest.mark.parametrize(("desired", "actual"), [("A", "a"), ({"a": 1}, "{'a': 1}")])
def test_different_texts_of_variable_are_a_difference(desired, actual):
    def deployment(value):
        return {
            "spec": {"template": {"spec": {"containers": [{"name": "app", "env": [{"name": "a", "value": value}]}]}}}
        }

    assert len(find_differences(deployment(desired), deployment(actual))) == 1


def test_only_values_of_variables_are_compared_as_text():
    def deployment(value):
        probe = {"httpGet": {"port": 80, "httpHeaders": [{"name": "a", "value": value}]}}
        return {"spec": {"template": {"spec": {"containers": [{"name": "app", "readinessProbe": probe}]}}}}

    assert len(find_differences(deployment(1), deployment("1"))) == 1


def test_empty_value_beside_source_is_ignored():
    source = {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}

    def deployment(**more):
        return {
            "spec": {"template": {"spec": {"containers": [{"name": "app", "env": [{"name": "a", **source, **more}]}]}}}
        }

    assert find_differences(deployment(), deployment(value="")) == []


def test_null_element_differs_from_other_elements():
    def deployment(toleration):
        return {"spec": {"template": {"spec": {"tolerations": [toleration]}}}}

    assert len(find_differences(deployment(None), deployment({"key": "a"}))) == 1


def test_equal_words_of_command_are_equal():
    def deployment(word):
        return {"spec": {"template": {"spec": {"containers": [{"name": "app", "command": [word]}]}}}}

    assert find_differences(deployment("run it"), deployment(" ".join(["run", "it"]))) == []


def test_element_key_must_be_a_scalar():
    def deployment(*volumes):
        return {"spec": {"template": {"spec": {"volumes": list(volumes)}}}}

    odd, plain = {"name": True, "hostPath": {"path": "/a"}}, {"name": "b", "hostPath": {"path": "/b"}}
    assert find_differences(deployment(odd, plain), deployment(plain, odd)) != []
