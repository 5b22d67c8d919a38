# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sidecar injection: the parts that Istio adds to a pod template."""

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
    """Return a copy of a defaulted Deployment with the sidecar in its pod template.

    Labels, annotations, containers and volumes of the user keep their values, as with Istio. Only the annotation that
    lists the added parts is always the injector's own.
    """
    result = copy.deepcopy(dict(deployment))
    template = result["spec"]["template"]
    spec, labels = template["spec"], template["metadata"].setdefault("labels", {})
    first, app = spec["containers"][0]["name"], labels.get("app", result["metadata"]["name"])
    _fill(labels, zip(LABELS, ("istio", app, labels.get("version", "latest"))))
    added = _build_injected_parts(spec)
    annotations = template["metadata"].setdefault("annotations", {})
    _fill(annotations, zip(ANNOTATIONS[1:], (first, first)))
    annotations[ANNOTATIONS[0]] = _build_status(added)
    for kind, entries in added.items():
        if entries:
            spec[kind] = [*spec.get(kind, []), *entries]
    return result


def _fill(target: Object, pairs: t.Iterable[tuple[str, str]]) -> None:
    for key, value in pairs:
        target.setdefault(key, value)


def _build_injected_parts(spec: t.Mapping[str, t.Any]) -> dict[str, list[Object]]:
    """Return the injected parts by list, without those whose names the user has used."""
    extra = defaults.apply_defaults({"spec": {"template": {"spec": _build_pod()}}})["spec"]["template"]["spec"]
    containers = _list_names(spec, "containers") | _list_names(spec, "initContainers")
    own = {"containers": containers, "initContainers": containers, "volumes": _list_names(spec, "volumes")}
    return {kind: [entry for entry in extra[kind] if entry["name"] not in names] for kind, names in own.items()}


def _list_names(spec: t.Mapping[str, t.Any], kind: str) -> set[str]:
    return {entry["name"] for entry in spec.get(kind) or () if isinstance(entry, dict) and "name" in entry}


def _build_status(added: t.Mapping[str, t.Sequence[Object]]) -> str:
    names = {kind: [entry["name"] for entry in entries] for kind, entries in added.items()}
    status = {kind: names[kind] for kind in ("initContainers", "containers", "volumes")}
    return json.dumps(dict(status, revision="default"), separators=(",", ":"))


def _build_pod() -> Object:
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
    return {"containers": [proxy], "initContainers": [init], "volumes": _build_volumes()}


def _build_volumes() -> list[Object]:
    token = {"serviceAccountToken": {"path": "istio-token", "expirationSeconds": 43200, "audience": "istio-ca"}}
    sources: dict[str, Object] = {
        "istiod-ca-cert": {"configMap": {"name": "istio-ca-root-cert"}},
        "istio-token": {"projected": {"sources": [token]}},
        "istio-podinfo": {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
        "istio-envoy": {"emptyDir": {"medium": "Memory"}},
    }
    return [dict(sources.get(name, {"emptyDir": {}}), name=name) for name in VOLUMES]


def strip(sent: t.Mapping[str, t.Any], own: t.Mapping[str, t.Any]) -> Object:
    """Return a copy of ``sent`` without the parts that ``inject`` adds to the Deployment ``own``. Both have defaults.

    Other parts are kept, even if they have names that an injector uses, because the user has written them.
    """
    result = copy.deepcopy(dict(sent))
    template, before = result["spec"]["template"], own["spec"]["template"]
    after = inject(own)["spec"]["template"]
    for kind in ("annotations", "labels"):
        _strip_keys(template["metadata"], before["metadata"].get(kind) or {}, after["metadata"][kind], kind)
    for kind in ("containers", "initContainers", "volumes"):
        added = [entry for entry in after["spec"].get(kind) or () if entry not in (before["spec"].get(kind) or ())]
        kept = [entry for entry in template["spec"].get(kind) or () if entry not in added]
        if kept:
            template["spec"][kind] = kept
        else:
            template["spec"].pop(kind, None)
    return result


def _strip_keys(metadata: Object, before: t.Mapping[str, str], after: t.Mapping[str, str], kind: str) -> None:
    """Restore the labels or annotations that have injected values, or remove them if the user has none."""
    remaining = dict(metadata.get(kind) or {})
    for key, value in after.items():
        if before.get(key) != value and remaining.get(key) == value:
            remaining.pop(key)
            remaining.update({key: before[key]} if key in before else {})
    metadata.pop(kind, None)
    if remaining:
        metadata[kind] = remaining
