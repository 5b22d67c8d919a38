# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison ignores the parts that a sidecar injector added."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import find_differences
from deployments import STOREFRONT, C, P, add_server_defaults, inject_sidecar, list_differences, pod


def test_removed_container_is_found_beside_sidecar():
    desired = copy.deepcopy(STOREFRONT)
    del desired["spec"]["template"]["spec"]["volumes"][0]
    desired["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = []
    assert [
        difference.path for difference in find_differences(desired, inject_sidecar(add_server_defaults(STOREFRONT)))
    ] == [
        f"{P}.containers[server].volumeMounts[/etc/flags]",
        f"{P}.volumes[flags]",
    ]


@pytest.mark.parametrize("name", ["istio-proxy", "istio-init", "istio-validation"])
@pytest.mark.parametrize("key", ["containers", "initContainers"])
def test_sidecar_without_annotation_is_ignored(key, name):
    actual = pod(
        **{key: [{"name": "c"}, {"name": name}], "volumes": [{"name": "istio-data"}, {"name": "workload-certs"}]}
    )
    assert find_differences(pod(**{key: [{"name": "c"}], "volumes": []}), actual) == []


def test_volume_names_of_sidecar_without_sidecar():
    actual = pod(volumes=[{"name": "workload-data"}, {"name": "istio-data"}], containers=[{"name": "c"}])
    assert [difference.path for difference in find_differences(pod(volumes=[]), actual)] == [
        f"{P}.volumes[workload-data]",
        f"{P}.volumes[istio-data]",
    ]


def test_specified_sidecar_is_compared():
    desired = pod(containers=[{"name": "c"}, {"name": "istio-proxy", "image": "auto"}])
    actual = pod(containers=[{"name": "c"}, {"name": "istio-proxy", "image": "proxyv2"}])
    assert list_differences(desired, actual) == [(f"{P}.containers[istio-proxy].image", "auto", "proxyv2")]


def test_mount_of_specified_volume_is_compared():
    volumes = [{"name": "istio-certs", "emptyDir": {}}]
    mounts = [{"name": "istio-certs", "mountPath": "/certs"}]
    desired = pod(volumes=volumes, containers=[{"name": "c", "volumeMounts": []}])
    actual = pod(volumes=volumes, containers=[{"name": "c", "volumeMounts": mounts}, {"name": "istio-proxy"}])
    assert list_differences(desired, actual) == [(f"{C}.volumeMounts[/certs]", None, mounts[0])]


def test_sidecar_in_list_without_keys_is_ignored():
    twice = [{"name": "c", "image": "x"}, {"name": "c", "image": "y"}]
    assert find_differences(pod(containers=twice), pod(containers=[{"name": "istio-proxy"}, *twice])) == []


@pytest.mark.parametrize(
    "status", ["", "{", "[" * 100_000, "[]", '{"containers": "extra"}', '{"containers": [5]}', 5, None]
)
def test_invalid_annotation_is_ignored(status):
    actual = pod(containers=[{"name": "c"}, {"name": "extra"}])
    actual["spec"]["template"]["metadata"] = {"annotations": {"sidecar.istio.io/status": status}}
    assert list_differences(pod(containers=[{"name": "c"}]), actual) == [
        (f"{P}.containers[extra]", None, {"name": "extra"})
    ]


def test_annotation_alone_proves_injection():
    pod = {"containers": [{"name": "app", "image": "app:1"}]}
    desired = {"spec": {"template": {"spec": {**pod, "volumes": [{"name": "data", "emptyDir": {}}]}}}}
    volumes = [{"name": "data", "emptyDir": {}}, {"name": "istio-envoy", "emptyDir": {}}]
    status = {"sidecar.istio.io/status": json.dumps({"containers": ["another-proxy"]})}
    actual = {"spec": {"template": {"metadata": {"annotations": status}, "spec": {**pod, "volumes": volumes}}}}
    assert find_differences(desired, actual) == []
    actual["spec"]["template"]["metadata"]["annotations"] = {}
    assert len(find_differences(desired, actual)) == 1


STATUS = "sidecar.istio.io/status"


def set_status(template, text):
    template = copy.deepcopy(template)
    annotations = template["spec"]["template"].setdefault("metadata", {}).setdefault("annotations", {})
    annotations[STATUS] = text
    return template


@pytest.mark.parametrize("server", [lambda actual: actual, inject_sidecar])
@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("annotations", "kubectl.kubernetes.io/default-container"),
        ("annotations", "kubectl.kubernetes.io/default-logs-container"),
        ("annotations", STATUS),
        ("labels", "security.istio.io/tlsMode"),
        ("labels", "service.istio.io/canonical-name"),
    ],
)
def test_specified_label_or_annotation_is_compared(kind, key, server):
    def deployment(value):
        return {
            "spec": {
                "template": {"metadata": {"labels": {}, kind: {key: value}}, "spec": {"containers": [{"name": "c"}]}}
            }
        }

    desired, actual = deployment("own"), server(deployment("other"))
    # An injector keeps the user's fields, except for its own annotation.
    actual["spec"]["template"]["metadata"][kind].update({} if key == STATUS else {key: "other"})
    expected = (
        []
        if key == STATUS and server is inject_sidecar
        else [(f"spec.template.metadata.{kind}[{key}]", "own", "other")]
    )
    assert list_differences(desired, actual) == expected
    if key != STATUS:
        actual["spec"]["template"]["metadata"][kind][key] = "own"
    assert list_differences(desired, actual) == ([] if key != STATUS else expected)


@pytest.mark.parametrize("server", [lambda actual: actual, inject_sidecar])
@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("containers", "istio-proxy"),
        ("initContainers", "istio-init"),
        ("volumes", "istio-token"),
        ("volumes", "workload-socket"),
    ],
)
def test_specified_element_is_compared(key, name, server):
    def deployment(value):
        own = {"name": name, "image": value} if key != "volumes" else {"name": name, "configMap": {"name": value}}
        spec = {"containers": [{"name": "c"}], "volumes": []}
        return {"spec": {"template": {"metadata": {"labels": {}}, "spec": {**spec, key: [*spec.get(key, []), own]}}}}

    desired, actual = deployment("own"), server(deployment("other"))
    pod = actual["spec"]["template"]["spec"]
    own = deployment("other")["spec"]["template"]["spec"][key][-1]
    pod[key] = [own, *(entry for entry in pod[key] if entry["name"] != name)]
    assert len(list_differences(desired, actual)) == 1
    pod[key][0] = deployment("own")["spec"]["template"]["spec"][key][-1]
    assert list_differences(desired, actual) == []
    pod[key].pop(0)
    assert [path for path, desired, actual in list_differences(desired, actual)] == [f"{P}.{key}[{name}]"]


def test_element_that_annotation_lacks_is_a_difference():
    status = json.dumps({"containers": ["another-proxy"], "initContainers": [], "volumes": []})
    actual = set_status(
        pod(containers=[{"name": "c"}, {"name": "istio-proxy"}], initContainers=[{"name": "istio-init"}]), status
    )
    assert [
        path for path, desired, actual in list_differences(pod(containers=[{"name": "c"}], initContainers=[]), actual)
    ] == [
        f"{P}.containers[istio-proxy]",
        f"{P}.initContainers[istio-init]",
    ]


def test_specified_annotation_does_not_prove_injection():
    status = json.dumps({"containers": ["agent"]})
    desired, actual = pod(containers=[{"name": "c"}]), pod(containers=[{"name": "c"}, {"name": "agent"}])
    assert list_differences(desired, set_status(actual, status)) == []
    assert list_differences(set_status(desired, status), set_status(actual, status)) == [
        (f"{P}.containers[agent]", None, {"name": "agent"})
    ]


def test_volumes_with_similar_names_are_compared():
    actual = pod(
        containers=[{"name": "c"}, {"name": "istio-proxy"}], volumes=[{"name": "istio-config"}, {"name": "istio-envoy"}]
    )
    assert [
        path for path, desired, actual in list_differences(pod(containers=[{"name": "c"}], volumes=[]), actual)
    ] == [f"{P}.volumes[istio-config]"]
