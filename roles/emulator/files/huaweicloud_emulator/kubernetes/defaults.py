# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defaults of Deployments (apps/v1), as the Kubernetes API server adds them."""

from __future__ import annotations

import copy
import typing as t

from huaweicloud_emulator.kubernetes.pruning import prune
from huaweicloud_emulator.kubernetes.quantities import to_canonical

Object = t.Dict[str, t.Any]

_DEPLOYMENT = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
_POD = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
}
_CONTAINER = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MODE = 0o644
_SOURCES: dict[str, Object] = {
    "secret": {"defaultMode": _MODE},
    "configMap": {"defaultMode": _MODE},
    "downwardAPI": {"defaultMode": _MODE},
    "projected": {"defaultMode": _MODE},
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
}


def apply_defaults(source: t.Mapping[str, t.Any]) -> Object:
    """Return a copy of a Deployment with the defaults of Kubernetes, and without fields that Kubernetes omits."""
    result: Object = prune(copy.deepcopy(dict(source)))
    result.setdefault("apiVersion", "apps/v1")
    result.setdefault("kind", "Deployment")
    spec = result["spec"]
    _fill(spec, _DEPLOYMENT)
    _add_strategy_defaults(spec.setdefault("strategy", {}))
    template = spec["template"]
    template.setdefault("metadata", {})["creationTimestamp"] = None
    _add_pod_defaults(template["spec"])
    return result


def _fill(target: Object, defaults: t.Mapping[str, t.Any]) -> None:
    for name, value in defaults.items():
        target.setdefault(name, value)


def _add_strategy_defaults(strategy: Object) -> None:
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(strategy.setdefault("rollingUpdate", {}), _ROLLING)


def _add_pod_defaults(spec: Object) -> None:
    _fill(spec, _POD)
    spec.setdefault("securityContext", {})
    if "serviceAccountName" in spec or "serviceAccount" in spec:
        name = spec.get("serviceAccountName") or spec["serviceAccount"]
        # Kubernetes also writes the deprecated field.
        spec.update(serviceAccountName=name, serviceAccount=name)
    for kind in ("containers", "initContainers"):
        for container in spec.get(kind, ()):
            _add_container_defaults(container)
    for volume in spec.get("volumes", ()):
        _add_volume_defaults(volume)


def default_pull_policy(image: str) -> str:
    """Return Always for the tag ``latest`` or no tag, unless the image has a digest, else IfNotPresent."""
    name = image.rpartition("/")[2]
    if "@" in name:
        return "IfNotPresent"
    return "Always" if (name.partition(":")[2] or "latest") == "latest" else "IfNotPresent"


def _add_container_defaults(container: Object) -> None:
    _fill(container, _CONTAINER)
    container.setdefault("imagePullPolicy", default_pull_policy(container["image"]))
    container["resources"] = _to_canonical_resources(container.get("resources", {}))
    for port in container.get("ports", ()):
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", ()):
        _add_reference_defaults(variable.get("valueFrom", {}))
    for name in _PROBES:
        if name in container:
            _fill(container[name], _PROBE)
            _add_handler_defaults(container[name])
    for hook in container.get("lifecycle", {}).values():
        _add_handler_defaults(hook)


def _to_canonical_resources(resources: Object) -> Object:
    """Return limits and requests with canonical quantities."""
    return {
        name: {key: to_canonical(value) for key, value in entry.items()}
        if name in ("limits", "requests") and isinstance(entry, dict)
        else entry
        for name, entry in resources.items()
    }


def _add_handler_defaults(target: Object) -> None:
    if isinstance(target.get("httpGet"), dict):
        _fill(target["httpGet"], {"path": "/", "scheme": "HTTP"})
    if isinstance(target.get("grpc"), dict):
        target["grpc"].setdefault("service", "")


def _add_reference_defaults(source: Object) -> None:
    if "fieldRef" in source:
        source["fieldRef"].setdefault("apiVersion", "v1")
    if "resourceFieldRef" in source:
        reference = source["resourceFieldRef"]
        reference["divisor"] = to_canonical(reference.get("divisor", "0"))


def _add_volume_defaults(volume: Object) -> None:
    """Add the defaults of a volume. A volume without a source is an emptyDir."""
    if set(volume) == {"name"}:
        volume["emptyDir"] = {}
    for kind, defaults in _SOURCES.items():
        if isinstance(volume.get(kind), dict):
            _fill(volume[kind], defaults)
    if "sizeLimit" in volume.get("emptyDir", {}):
        volume["emptyDir"]["sizeLimit"] = to_canonical(volume["emptyDir"]["sizeLimit"])
    for entry in volume.get("downwardAPI", {}).get("items", ()):
        _add_reference_defaults(entry)
    for source in volume.get("projected", {}).get("sources", ()):
        _add_projected_defaults(source)
    if "ephemeral" in volume:
        _add_claim_defaults(volume["ephemeral"].get("volumeClaimTemplate", {}).get("spec", {}))


def _add_projected_defaults(source: Object) -> None:
    if "serviceAccountToken" in source:
        source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    for entry in source.get("downwardAPI", {}).get("items", ()):
        _add_reference_defaults(entry)


def _add_claim_defaults(spec: Object) -> None:
    spec.setdefault("volumeMode", "Filesystem")
    if "resources" in spec:
        spec["resources"] = _to_canonical_resources(spec["resources"])
