# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of defaults, quantities and sidecars of Deployments."""

from __future__ import annotations

import typing as t

import pytest
from emulator_bodies import OWN_PARTS, template, with_own_part
from huaweicloud_emulator.kubernetes import defaults, observed, sidecar
from huaweicloud_emulator.kubernetes.quantities import to_canonical


@pytest.mark.parametrize(
    "source, expected",
    [
        ("1000m", "1"),
        ("1", "1"),
        (1, "1"),
        ("1500m", "1500m"),
        ("1.5", "1500m"),
        (0.5, "500m"),
        ("0.1", "100m"),
        ("100m", "100m"),
        ("0", "0"),
        ("0m", "0"),
        ("2000", "2k"),
        ("1500k", "1500k"),
        ("1000k", "1M"),
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1.5Gi", "1536Mi"),
        ("1Gi", "1Gi"),
        ("64Mi", "64Mi"),
        ("2048Ki", "2Mi"),
        ("0.5Mi", "512Ki"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("12e6", "12e6"),
        ("1e2", "100"),
        ("5E", "5E"),
        ("1.", "1"),
        (".5", "500m"),
        ("+1", "1"),
        ("-1500m", "-1500m"),
        ("0.0000000001", "1n"),
        ("not a quantity", "not a quantity"),
        (None, None),
        (True, True),
    ],
)
def test_canonical_quantities(source: t.Any, expected: t.Any) -> None:
    assert to_canonical(source) == expected


def _pod(**spec: t.Any) -> dict[str, t.Any]:
    source = template()
    source["spec"]["template"]["spec"].update(spec)
    return defaults.apply_defaults(source)["spec"]["template"]["spec"]


def _container(**fields: t.Any) -> dict[str, t.Any]:
    return _pod(containers=[dict({"name": "app", "image": "registry.example.com/app:1"}, **fields)])["containers"][0]


def test_defaults_of_bookinfo_deployment() -> None:
    """Compare with the complete response of a cluster for this manifest."""
    labels = {"app": "reviews", "version": "v2"}
    assert defaults.apply_defaults(template()) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "reviews-v2", "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
            "template": {
                "metadata": {"labels": labels, "creationTimestamp": None},
                "spec": {
                    "containers": [
                        {
                            "name": "reviews",
                            "image": "registry.example.com/reviews:2.0",
                            "imagePullPolicy": "IfNotPresent",
                            "env": [{"name": "LOG_DIR", "value": "/tmp/logs"}],
                            "ports": [{"containerPort": 9080, "protocol": "TCP"}],
                            "resources": {},
                            "terminationMessagePath": "/dev/termination-log",
                            "terminationMessagePolicy": "File",
                            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                        }
                    ],
                    "dnsPolicy": "ClusterFirst",
                    "restartPolicy": "Always",
                    "schedulerName": "default-scheduler",
                    "securityContext": {},
                    "terminationGracePeriodSeconds": 30,
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                },
            },
        },
    }


def test_defaults_do_not_change_specified_fields() -> None:
    source = template()
    source["spec"].update(replicas=0, strategy={"type": "Recreate"}, revisionHistoryLimit=0)
    before = repr(source)
    result = defaults.apply_defaults(source)
    assert (result["spec"]["replicas"], result["spec"]["strategy"], result["spec"]["revisionHistoryLimit"]) == (
        0,
        {"type": "Recreate"},
        0,
    )
    assert repr(source) == before


def test_incomplete_strategy_gets_defaults() -> None:
    source = template()
    source["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": 2}}
    assert defaults.apply_defaults(source)["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 2, "maxUnavailable": "25%"},
    }


@pytest.mark.parametrize(
    "image, policy",
    [
        ("app", "Always"),
        ("app:latest", "Always"),
        ("app:1", "IfNotPresent"),
        ("host:5000/app", "Always"),
        ("host:5000/app:1", "IfNotPresent"),
        ("app@sha256:" + "0" * 64, "IfNotPresent"),
        ("app:latest@sha256:" + "0" * 64, "IfNotPresent"),
    ],
)
def test_default_pull_policy(image: str, policy: str) -> None:
    assert _container(image=image)["imagePullPolicy"] == policy


PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


@pytest.mark.parametrize(
    "fields, name, expected",
    [
        (
            {"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}},
            "resources",
            {"limits": {"cpu": "1", "memory": "1Gi"}},
        ),
        ({"resources": {"limits": {}, "requests": {"cpu": 0.5}}}, "resources", {"requests": {"cpu": "500m"}}),
        ({"resources": None}, "resources", {}),
        (
            {"readinessProbe": {"httpGet": {"port": 80}, "initialDelaySeconds": 0}},
            "readinessProbe",
            dict(PROBE, httpGet={"port": 80, "path": "/", "scheme": "HTTP"}),
        ),
        (
            {"livenessProbe": {"grpc": {"port": 80}, "periodSeconds": 5}},
            "livenessProbe",
            dict(PROBE, periodSeconds=5, grpc={"port": 80, "service": ""}),
        ),
        ({"startupProbe": {"exec": {"command": ["true"]}}}, "startupProbe", dict(PROBE, exec={"command": ["true"]})),
        (
            {"lifecycle": {"preStop": {"httpGet": {"port": 80}}}},
            "lifecycle",
            {"preStop": {"httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}}},
        ),
        (
            {
                "env": [
                    {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                    {"name": "B", "value": ""},
                ]
            },
            "env",
            [
                {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"}}},
                {"name": "B"},
            ],
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]},
            "env",
            [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}}],
        ),
        (
            {"volumeMounts": [{"name": "a", "mountPath": "/a", "readOnly": False, "subPath": ""}]},
            "volumeMounts",
            [{"name": "a", "mountPath": "/a"}],
        ),
        (
            {"securityContext": {"privileged": False, "runAsUser": 0}},
            "securityContext",
            {"privileged": False, "runAsUser": 0},
        ),
    ],
)
def test_container_defaults(fields: dict[str, t.Any], name: str, expected: t.Any) -> None:
    assert _container(**fields)[name] == expected


@pytest.mark.parametrize(
    "fields", [{"args": []}, {"command": None}, {"stdin": False, "tty": False}, {"workingDir": ""}, {"envFrom": []}]
)
def test_empty_fields_are_omitted(fields: dict[str, t.Any]) -> None:
    assert set(_container(**fields)) == set(_container())


def test_empty_fields_of_pods_and_maps_are_omitted() -> None:
    pod = _pod(hostNetwork=False, nodeSelector={}, tolerations=[], affinity={}, automountServiceAccountToken=False)
    assert {"hostNetwork", "nodeSelector", "tolerations"}.isdisjoint(pod)
    assert (pod["affinity"], pod["automountServiceAccountToken"]) == ({}, False)
    source = template()
    source["metadata"].update(annotations={}, labels={"empty": "", "app": "reviews"})
    metadata = defaults.apply_defaults(source)["metadata"]
    assert (metadata["labels"], "annotations" in metadata) == ({"empty": "", "app": "reviews"}, False)


@pytest.mark.parametrize(
    "volume, expected",
    [
        ({}, {"emptyDir": {}}),
        ({"emptyDir": {"sizeLimit": "1024Mi", "medium": ""}}, {"emptyDir": {"sizeLimit": "1Gi"}}),
        ({"configMap": {"name": "c"}}, {"configMap": {"name": "c", "defaultMode": 420}}),
        ({"secret": {"secretName": "s", "defaultMode": 256}}, {"secret": {"secretName": "s", "defaultMode": 256}}),
        ({"hostPath": {"path": "/x"}}, {"hostPath": {"path": "/x", "type": ""}}),
        (
            {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
            {
                "downwardAPI": {
                    "defaultMode": 420,
                    "items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels", "apiVersion": "v1"}}],
                }
            },
        ),
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "defaultMode": 420,
                    "sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}],
                }
            },
        ),
        (
            {
                "projected": {
                    "sources": [{"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}}]
                }
            },
            {
                "projected": {
                    "defaultMode": 420,
                    "sources": [
                        {
                            "downwardAPI": {
                                "items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"}}]
                            }
                        }
                    ],
                }
            },
        ),
        (
            {"ephemeral": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}}},
            {
                "ephemeral": {
                    "volumeClaimTemplate": {
                        "spec": {"volumeMode": "Filesystem", "resources": {"requests": {"storage": "1Gi"}}}
                    }
                }
            },
        ),
    ],
)
def test_volume_defaults(volume: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    assert _pod(volumes=[dict(volume, name="v")])["volumes"] == [dict(expected, name="v")]


def test_service_account_is_written_to_both_fields() -> None:
    assert _pod(serviceAccountName="bookinfo-reviews")["serviceAccount"] == "bookinfo-reviews"
    assert _pod(serviceAccount="old")["serviceAccountName"] == "old"


def test_init_containers_get_container_defaults() -> None:
    pod = _pod(initContainers=[{"name": "i", "image": "app"}])
    assert (pod["initContainers"][0]["imagePullPolicy"], pod["initContainers"][0]["resources"]) == ("Always", {})


def test_sidecar_is_injected_and_stripped() -> None:
    plain = defaults.apply_defaults(template())
    injected = sidecar.inject(plain)
    assert [container["name"] for container in injected["spec"]["template"]["spec"]["containers"]] == [
        "reviews",
        "istio-proxy",
    ]
    assert injected["spec"]["template"]["metadata"]["labels"]["service.istio.io/canonical-revision"] == "v2"
    proxy = injected["spec"]["template"]["spec"]["containers"][1]
    assert proxy["resources"]["limits"] == {"cpu": "2", "memory": "1Gi"}
    assert sidecar.strip(injected, plain) == plain
    assert sidecar.strip(plain, plain) == plain


@pytest.mark.parametrize("part", OWN_PARTS)
def test_injection_keeps_parts_of_user(part: str) -> None:
    plain = defaults.apply_defaults(with_own_part(part))
    injected = sidecar.inject(plain)
    assert sidecar.strip(injected, plain) == plain
    pod = injected["spec"]["template"]["spec"]
    for kinds in (("containers", "initContainers"), ("volumes",)):
        names = [entry["name"] for kind in kinds for entry in pod[kind]]
        assert len(names) == len(set(names))
    for kind, entries in OWN_PARTS[part].items():
        assert kind == "metadata" or all(plain["spec"]["template"]["spec"][kind][-1] in pod[kind] for unused in entries)


@pytest.mark.parametrize("part", OWN_PARTS)
def test_missing_own_parts_are_not_treated_as_injected(part: str) -> None:
    plain = defaults.apply_defaults(with_own_part(part))
    without = defaults.apply_defaults(template())
    assert sidecar.strip(without, plain) == without != plain


def test_changed_sidecar_is_not_stripped() -> None:
    plain = defaults.apply_defaults(template())
    injected = sidecar.inject(plain)
    injected["spec"]["template"]["spec"]["containers"][-1]["image"] = "elsewhere/proxy:1"
    remaining = sidecar.strip(injected, plain)["spec"]["template"]["spec"]["containers"]
    assert [container["name"] for container in remaining] == ["reviews", "istio-proxy"]


def test_server_fields_can_be_stripped() -> None:
    plain = defaults.apply_defaults(template())
    deployment = observed.add_server_metadata(plain, "default", "uid-1", 1_800_000_000, 3)
    assert deployment["metadata"]["annotations"] == {observed.REVISION: "3"}
    assert deployment["metadata"]["creationTimestamp"] == "2027-01-15T08:00:00Z"
    observed_deployment = observed.add_status(deployment, True, 1_800_000_000)
    assert observed_deployment["status"]["observedGeneration"] == 3
    stripped = observed.strip_server_fields(observed_deployment)
    assert "status" not in stripped
    assert stripped["metadata"] == dict(plain["metadata"], namespace="default", annotations={})


def test_zero_counts_are_omitted_from_status() -> None:
    source = template()
    source["spec"]["replicas"] = 0
    deployment = observed.add_server_metadata(defaults.apply_defaults(source), "default", "uid-1", 0, 1)
    assert set(observed.add_status(deployment, True, 0)["status"]) == {"observedGeneration", "conditions"}
