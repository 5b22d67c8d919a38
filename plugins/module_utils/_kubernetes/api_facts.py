# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Facts of the Kubernetes API types (k8s.io/api, apps/v1 and core/v1): merge keys, defaults, pointer fields, bookkeeping."""

from __future__ import annotations

import typing as t

# What identifies an element of a list (patchMergeKey or listMapKey); all other lists are compared in order.
MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "claims": ("name",),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
KEY_DEFAULTS = {"protocol": "TCP"}

# Mappings from free keys: an empty value is a value there.
FREE_MAPS = frozenset(("labels", "annotations", "matchLabels", "nodeSelector", "limits", "requests", "overhead"))
# Pointer fields whose zero or empty value means something else than leaving them out.
MEANINGFUL_ZEROS = frozenset(
    (
        "activeDeadlineSeconds",
        "allowPrivilegeEscalation",
        "automountServiceAccountToken",
        "defaultMode",
        "enableServiceLinks",
        "fsGroup",
        "hostUsers",
        "labelSelector",
        "maxSurge",
        "maxUnavailable",
        "mode",
        "namespaceSelector",
        "progressDeadlineSeconds",
        "replicas",
        "revisionHistoryLimit",
        "runAsGroup",
        "runAsNonRoot",
        "runAsUser",
        "storageClassName",
        "terminationGracePeriodSeconds",
        "tolerationSeconds",
    )
)
# What the server puts where nothing, or an empty or zero value, was sent; the key alone or with the one above it. The policy
# for pulling depends on the tag.
DEFAULTS: dict[str, tuple[t.Any, ...]] = {
    "configMap.defaultMode": (420,),
    "dnsPolicy": ("ClusterFirst",),
    "downwardAPI.defaultMode": (420,),
    "failureThreshold": (3,),
    "fieldRef.apiVersion": ("v1",),
    "httpGet.path": ("/",),
    "imagePullPolicy": ("Always", "IfNotPresent"),
    "periodSeconds": (10,),
    "projected.defaultMode": (420,),
    "protocol": ("TCP",),
    "resourceFieldRef.divisor": ("0",),
    "rollingUpdate.maxSurge": ("25%",),
    "rollingUpdate.maxUnavailable": ("25%",),
    "schedulerName": ("default-scheduler",),
    "scheme": ("HTTP",),
    "secret.defaultMode": (420,),
    "serviceAccountToken.expirationSeconds": (3600,),
    "spec.progressDeadlineSeconds": (600,),
    "spec.replicas": (1,),
    "spec.restartPolicy": ("Always",),
    "spec.revisionHistoryLimit": (10,),
    "spec.terminationGracePeriodSeconds": (30,),
    "spec.volumeMode": ("Filesystem",),
    "strategy.type": ("RollingUpdate",),
    "successThreshold": (1,),
    "terminationMessagePath": ("/dev/termination-log",),
    "terminationMessagePolicy": ("File",),
    "timeoutSeconds": (1,),
}
INT_OR_STRING = frozenset(("port", "targetPort", "maxSurge", "maxUnavailable"))

# Where an injector of sidecars tells what it has added.
SIDECAR_STATUS_ANNOTATION = "sidecar.istio.io/status"
# It repeats the whole object, environment included.
LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
# Counted by the controller of Deployments.
REVISION_ANNOTATION = "deployment.kubernetes.io/revision"
# Bookkeeping of the server and of kubectl. It counts neither when the server adds it nor in a template made from an export.
SERVER_METADATA = frozenset(
    (
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    )
)
SERVER_ANNOTATIONS = frozenset((REVISION_ANNOTATION, LAST_APPLIED_ANNOTATION))

# Where the pod is in a Deployment.
POD: tuple[str, ...] = ("spec", "template", "spec")


def get_mapping(value: t.Any, *keys: str) -> dict[str, t.Any]:
    """The mapping below these keys of an object; an empty one where there is none, or something else."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def index_by_key(elements: list[t.Any], keys: tuple[str, ...] | None) -> dict[tuple[str, ...], dict[str, t.Any]] | None:
    """Return elements by merge key; ``None`` if the list has no key, an element lacks it, or two elements share it."""
    if keys is None:
        return None
    found: dict[tuple[str, ...], dict[str, t.Any]] = {}
    for element in elements:
        if not isinstance(element, dict):
            return None
        key = tuple(_key_text(element, name) for name in keys)
        if "" in key or key in found:
            return None
        found[key] = element
    return found


def _key_text(element: dict[str, t.Any], name: str) -> str:
    value = element.get(name) or KEY_DEFAULTS.get(name, "")
    return "" if isinstance(value, (bool, dict, list)) else str(value)
