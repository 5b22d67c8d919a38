# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request bodies for the tests."""

from __future__ import annotations

import typing as t


def workshop_body(name: str = "demo", **fields: t.Any) -> dict[str, t.Any]:
    spec = {"primaryCluster": "demo-cluster", "ingress": {"elbId": "elb-1", "elbIp": "192.0.2.1", "port": 8080}}
    return dict({"metadata": {"name": name}, "description": "a demo", "spec": spec}, **fields)


def template(version: str = "v2", image: str = "registry.example.com/reviews:2.0") -> dict[str, t.Any]:
    labels = {"app": "reviews", "version": version}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"reviews-{version}", "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [
                        {
                            "name": "reviews",
                            "image": image,
                            "imagePullPolicy": "IfNotPresent",
                            "env": [{"name": "LOG_DIR", "value": "/tmp/logs"}],
                            "ports": [{"containerPort": 9080}],
                            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                        }
                    ],
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                },
            },
        },
    }


def release_body(
    name: str = "reviews-v2", service: str = "reviews", namespace: str = "default", **spec: t.Any
) -> dict[str, t.Any]:
    base = {
        "serviceName": service,
        "clusterID": "demo-cluster",
        "deploymentName": f"{service}-v1",
        "version": "v2",
        "type": "canary",
        "grayDeployments": [{"clusterID": "demo-cluster", "template": template()}],
    }
    metadata = {"name": name, "namespace": namespace}
    return {"kind": "Release", "apiVersion": "asm/v2", "metadata": metadata, "spec": dict(base, **spec)}


# Parts of a template that a user can write, but that look like those of an injector.
OWN_PARTS: dict[str, dict[str, t.Any]] = {
    "annotation": {"metadata": {"annotations": {"kubectl.kubernetes.io/default-container": "other"}}},
    "injected annotation": {"metadata": {"annotations": {"kubectl.kubernetes.io/default-container": "reviews"}}},
    "status": {"metadata": {"annotations": {"sidecar.istio.io/status": "custom"}}},
    "label": {"metadata": {"labels": {"service.istio.io/canonical-name": "own"}}},
    "revision label": {"metadata": {"labels": {"service.istio.io/canonical-revision": "v2"}}},
    "container": {"containers": [{"name": "istio-proxy", "image": "auto"}]},
    "init container": {"initContainers": [{"name": "istio-init", "image": "own/init:1"}]},
    "native sidecar": {"initContainers": [{"name": "istio-proxy", "image": "auto", "restartPolicy": "Always"}]},
    "volume": {"volumes": [{"name": "istio-token", "configMap": {"name": "own"}}]},
    "injected volume": {"volumes": [{"name": "istio-envoy", "emptyDir": {"medium": "Memory"}}]},
}


def with_own_part(part: str) -> dict[str, t.Any]:
    """Return the sample template with one of OWN_PARTS in its pod template."""
    result = template()
    pod = result["spec"]["template"]
    for kind, entries in OWN_PARTS[part].items():
        if kind == "metadata":
            for key, values in entries.items():
                pod["metadata"][key] = {**pod["metadata"].get(key, {}), **values}
        else:
            pod["spec"][kind] = [*pod["spec"].get(kind, []), *entries]
    return result
