# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The traces Istio's injector leaves in a pod template."""

from __future__ import annotations

import copy
import json
import typing as t

from huaweicloud_emulator.kubernetes import defaults

Object = t.Dict[str, t.Any]

CONTAINERS = ("istio-proxy",)
INIT_CONTAINERS = ("istio-init",)
ANNOTATIONS = (
    "sidecar.istio.io/status",
    "kubectl.kubernetes.io/default-container",
    "kubectl.kubernetes.io/default-logs-container",
)
LABELS = ("security.istio.io/tlsMode", "service.istio.io/canonical-name", "service.istio.io/canonical-revision")
_IMAGE = "istio/proxyv2:1.18.7"
_MOUNTS = {
    "istiod-ca-cert": "/var/run/secrets/istio",
    "istio-data": "/var/lib/istio/data",
    "istio-envoy": "/etc/istio/proxy",
    "istio-token": "/var/run/secrets/tokens",
    "istio-podinfo": "/etc/istio/pod",
}
VOLUMES = tuple(_MOUNTS)


def inject(deployment: t.Mapping[str, t.Any]) -> Object:
    """A copy of a defaulted Deployment with the sidecar in its pod template."""
    result = copy.deepcopy(dict(deployment))
    template = result["spec"]["template"]
    spec, labels = template["spec"], template["metadata"].setdefault("labels", {})
    first, app = spec["containers"][0]["name"], labels.get("app", result["metadata"]["name"])
    labels.update(zip(LABELS, ("istio", app, labels.get("version", "latest"))))
    template["metadata"].setdefault("annotations", {}).update(zip(ANNOTATIONS, (_status(), first, first)))
    added = {"spec": {"template": {"spec": _pod()}}}
    extra = defaults.deployment(added)["spec"]["template"]["spec"]
    for kind in ("containers", "initContainers", "volumes"):
        spec[kind] = [*spec.get(kind, []), *extra[kind]]
    return result


def _status() -> str:
    status = {"initContainers": INIT_CONTAINERS, "containers": CONTAINERS, "volumes": VOLUMES, "revision": "default"}
    return json.dumps(status, separators=(",", ":"))


def _pod() -> Object:
    limits = {"cpu": "2000m", "memory": "1024Mi"}
    proxy = {
        "name": CONTAINERS[0],
        "image": _IMAGE,
        "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
        "env": [{"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}],
        "ports": [{"containerPort": 15090, "name": "http-envoy-prom"}],
        "readinessProbe": {"httpGet": {"path": "/healthz/ready", "port": 15021}, "initialDelaySeconds": 1},
        "resources": {"limits": limits, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 1337,
        },
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in _MOUNTS.items()],
    }
    init = {
        "name": INIT_CONTAINERS[0],
        "image": _IMAGE,
        "args": ["istio-iptables", "-p", "15001", "-z", "15006", "-u", "1337"],
        "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]}, "runAsUser": 0},
    }
    return {"containers": [proxy], "initContainers": [init], "volumes": _volumes()}


def _volumes() -> list[Object]:
    token = {"serviceAccountToken": {"path": "istio-token", "expirationSeconds": 43200, "audience": "istio-ca"}}
    sources: dict[str, Object] = {
        "istiod-ca-cert": {"configMap": {"name": "istio-ca-root-cert"}},
        "istio-token": {"projected": {"sources": [token]}},
        "istio-podinfo": {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
        "istio-envoy": {"emptyDir": {"medium": "Memory"}},
    }
    return [dict(sources.get(name, {"emptyDir": {}}), name=name) for name in VOLUMES]


def strip(deployment: t.Mapping[str, t.Any]) -> Object:
    """A copy without the sidecar: what the user wrote, with its defaults."""
    result = copy.deepcopy(dict(deployment))
    template = result["spec"]["template"]
    spec, metadata = template["spec"], template.get("metadata") or {}
    for kind, names in (("containers", CONTAINERS), ("initContainers", INIT_CONTAINERS), ("volumes", VOLUMES)):
        if kind in spec:
            spec[kind] = [entry for entry in spec[kind] or () if entry.get("name") not in names]
    for kind, names in (("annotations", ANNOTATIONS), ("labels", LABELS)):
        if metadata.get(kind):
            metadata[kind] = {key: value for key, value in metadata[kind].items() if key not in names}
    return result
