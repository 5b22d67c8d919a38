# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Example Deployments, and functions that change them as a server does."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.compare import find_differences

DATA = Path(__file__).parent / "plugins/module_utils/_kubernetes/data"
REVIEWS = yaml.safe_load((DATA / "reviews-v2.yaml").read_text(encoding="utf-8"))
STOREFRONT = yaml.safe_load((DATA / "storefront-v3.yaml").read_text(encoding="utf-8"))
C = "spec.template.spec.containers[c]"
P = "spec.template.spec"


def _default_probe(probe):
    for key, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        probe.setdefault(key, value)
    if "httpGet" in probe:
        probe["httpGet"].setdefault("scheme", "HTTP")


def _default_container(container):
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("imagePullPolicy", "IfNotPresent")
    container.setdefault("resources", {})
    for port in container.get("ports", []):
        port.setdefault("protocol", "TCP")
    for key in ("livenessProbe", "readinessProbe"):
        if key in container:
            _default_probe(container[key])
    for variable in container.get("env", []):
        if variable.get("value") == "":
            del variable["value"]


def add_server_defaults(desired):
    """Return a template as an API server of version 1.30 returns it."""
    actual = copy.deepcopy(desired)
    actual["metadata"].setdefault("namespace", "default")
    actual["metadata"].update(
        uid="6e5d8c4a-0c0e-4d3e-9d3a-1b5f1c1d2e3f",
        resourceVersion="81234",
        generation=3,
        creationTimestamp="2026-01-31T10:00:00Z",
        managedFields=[{"manager": "asm", "operation": "Update"}],
    )
    actual["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "3"
    spec = actual["spec"]
    for key, value in (("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)):
        spec.setdefault(key, value)
    spec.setdefault(
        "strategy", {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    )
    spec["template"]["metadata"]["creationTimestamp"] = None
    pod = spec["template"]["spec"]
    for key, value in (
        ("restartPolicy", "Always"),
        ("dnsPolicy", "ClusterFirst"),
        ("schedulerName", "default-scheduler"),
    ):
        pod.setdefault(key, value)
    pod.setdefault("terminationGracePeriodSeconds", 30)
    pod.setdefault("securityContext", {})
    pod["serviceAccount"] = pod["serviceAccountName"]
    for container in pod.get("initContainers", []) + pod["containers"]:
        _default_container(container)
    for volume in pod.get("volumes", []):
        if "configMap" in volume:
            volume["configMap"].setdefault("defaultMode", 420)
    actual["status"] = {"observedGeneration": 3, "replicas": 1, "availableReplicas": 1}
    return actual


def inject_sidecar(actual):
    """Return a Deployment with the parts that a sidecar injector adds."""
    actual = copy.deepcopy(actual)
    template = actual["spec"]["template"]
    template["metadata"]["labels"].update(
        {"security.istio.io/tlsMode": "istio", "service.istio.io/canonical-name": "x"}
    )
    status = {
        "initContainers": ["istio-init", "mesh-warmup"],
        "containers": ["istio-proxy", "mesh-agent"],
        "volumes": ["workload-socket", "istio-envoy", "mesh-state"],
        "imagePullSecrets": ["mesh-registry"],
        "revision": "default",
    }
    template["metadata"].setdefault("annotations", {})["sidecar.istio.io/status"] = json.dumps(status)
    pod = template["spec"]
    for name in ("workload-socket", "istio-envoy", "istiod-ca-cert", "mesh-state"):
        pod.setdefault("volumes", []).insert(0, {"name": name, "emptyDir": {}})
    pod.setdefault("imagePullSecrets", []).append({"name": "mesh-registry"})
    for name in ("istio-init", "istio-validation", "mesh-warmup"):
        pod.setdefault("initContainers", []).append({"name": name, "image": "proxyv2"})
    for container in pod["containers"]:
        container.setdefault("volumeMounts", []).append(
            {"name": "workload-socket", "mountPath": "/var/run/secrets/workload"}
        )
    for name in ("istio-proxy", "mesh-agent"):
        pod["containers"].insert(
            0, {"name": name, "image": "proxyv2", "volumeMounts": [{"name": "istio-envoy", "mountPath": "/etc/istio"}]}
        )
    return actual


def container(**keys):
    return {"spec": {"template": {"spec": {"containers": [dict({"name": "c"}, **keys)]}}}}


def pod(**keys):
    return {"spec": {"template": {"spec": keys}}}


def list_differences(desired, actual):
    return [
        (difference.path, difference.desired, difference.actual) for difference in find_differences(desired, actual)
    ]
