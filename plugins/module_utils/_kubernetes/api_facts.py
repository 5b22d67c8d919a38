# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Facts about the Kubernetes API types (k8s.io/api, apps/v1 and core/v1).

They are merge keys, defaults, pointer fields and bookkeeping fields.
"""

from __future__ import annotations

import typing as t

# The fields that identify an element of a list (patchMergeKey or listMapKey). Other lists are compared in order.
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

# Mappings with free keys, in which an empty value is not the same as a missing one.
FREE_MAPS = frozenset(("labels", "annotations", "matchLabels", "nodeSelector", "limits", "requests", "overhead"))
# Pointer fields in which a zero or empty value is not the same as a missing one.
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
# The values that the server sets if a field is missing, empty or zero, by the key alone or with the key above it. The
# default of imagePullPolicy depends on the tag of the image.
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

# A sidecar injector lists in this annotation what it added.
SIDECAR_STATUS_ANNOTATION = "sidecar.istio.io/status"
# The annotation of kubectl apply contains the whole object, including environment variables.
LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
# The controller of Deployments counts revisions in this annotation.
REVISION_ANNOTATION = "deployment.kubernetes.io/revision"
# Bookkeeping of the server and of kubectl. The comparison ignores it, also in a template that is an export.
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

API_VERSION = "apps/v1"
KIND = "Deployment"
# The path of the pod in a Deployment.
POD: tuple[str, ...] = ("spec", "template", "spec")


def get_mapping(value: t.Any, *keys: str) -> dict[str, t.Any]:
    """Return the mapping at these keys of an object, or an empty one if it is missing or of another type."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def get_deployment_name(template: t.Any) -> str | None:
    """Return ``metadata.name`` of a template of any type, or ``None`` if it has no name."""
    name = get_mapping(template, "metadata").get("name")
    return name if isinstance(name, str) and name else None


def is_integer(value: t.Any) -> bool:
    """Return whether Kubernetes treats ``value`` as an integer. Python treats booleans as integers, too."""
    return isinstance(value, int) and not isinstance(value, bool)


def index_by_key(elements: list[t.Any], keys: tuple[str, ...] | None) -> dict[tuple[str, ...], dict[str, t.Any]] | None:
    """Return the elements by merge key, or ``None`` if they cannot be identified.

    That is the case if the list has no key, an element lacks its key, or two elements share a key.
    """
    if keys is None:
        return None
    found: dict[tuple[str, ...], dict[str, t.Any]] = {}
    for element in elements:
        if not isinstance(element, dict):
            return None
        key = tuple(_format_key(element, name) for name in keys)
        if "" in key or key in found:
            return None
        found[key] = element
    return found


def _format_key(element: dict[str, t.Any], name: str) -> str:
    value = element.get(name) or KEY_DEFAULTS.get(name, "")
    return "" if isinstance(value, (bool, dict, list)) else str(value)
