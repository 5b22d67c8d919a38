# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments as in public repositories: Helm output, exports, digests, projected volumes, and more.

``deployment(number)`` always returns the same Deployment for the same number.
"""

from __future__ import annotations

import copy
import json
import random
import re
import typing as t

import yaml

Object = t.Dict[str, t.Any]

COUNT = 200
NAME = "reviews-v2"
LABELS = {"app": "reviews", "version": "v2"}

# Each image before and after the update.
IMAGES = [
    ("reviews:2.0", "reviews:2.1"),
    ("shop/reviews", "shop/reviews:2.1"),
    ("docker.io/shop/reviews:latest", "docker.io/shop/reviews:2.1"),
    ("registry.example.com:5000/shop/reviews:2.0", "registry.example.com:5000/shop/reviews:2.1"),
    ("localhost:32000/reviews", "localhost:32000/reviews:2.1"),
    ("registry.example.com/reviews@sha256:" + 64 * "a", "registry.example.com/reviews@sha256:" + 64 * "b"),
    ("registry.example.com/reviews:2.0@sha256:" + 64 * "c", "registry.example.com/reviews:2.1@sha256:" + 64 * "d"),
    (
        "swr.eu-de.otc.t-systems.com/shop/a/b/c/reviews:2.0_rc-1",
        "swr.eu-de.otc.t-systems.com/shop/a/b/c/reviews:2.0_rc-2",
    ),
]

HELM_LABELS = {
    "app.kubernetes.io/name": "reviews",
    "app.kubernetes.io/instance": "shop",
    "app.kubernetes.io/version": "2.0.0",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "reviews-1.4.2",
}


def minimal(image: str) -> Object:
    """Return the smallest Deployment that the service accepts."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "labels": dict(LABELS)},
        "spec": {
            "selector": {"matchLabels": dict(LABELS)},
            "template": {
                "metadata": {"labels": dict(LABELS)},
                "spec": {"containers": [{"name": "reviews", "image": image}]},
            },
        },
    }


def _pod(it: Object) -> Object:
    return it["spec"]["template"]["spec"]


def _container(it: Object) -> Object:
    return next(container for container in _pod(it)["containers"] if container["name"] == "reviews")


def _filled(part: Object, field: str, empty: t.Any) -> t.Any:
    """Return the value of ``field``, which becomes ``empty`` if it is absent or null: Kubernetes treats both alike."""
    if part.get(field) is None:
        part[field] = empty
    return part[field]


def _annotations(it: Object) -> Object:
    return _filled(it["spec"]["template"]["metadata"], "annotations", {})


def _env(it: Object) -> list[Object]:
    return _filled(_container(it), "env", [])


def _mount(it: Object, volume: Object, path: str, **options: t.Any) -> None:
    _filled(_pod(it), "volumes", []).append(volume)
    mount = {"name": volume["name"], "mountPath": path, **options}
    _filled(_container(it), "volumeMounts", []).append(mount)


# One function for each feature. Each changes the Deployment in place.


def helm(it: Object) -> None:
    it["metadata"]["labels"].update(HELM_LABELS)
    it["metadata"]["annotations"] = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "default"}
    it["spec"]["template"]["metadata"]["labels"].update(HELM_LABELS)
    _annotations(it)["checksum/config"] = 64 * "0"
    _pod(it).update(securityContext={}, nodeSelector={}, affinity={}, tolerations=[], imagePullSecrets=[])
    _container(it).update(resources={}, securityContext={})


def export(it: Object) -> None:
    """``kubectl get -o yaml``: with fields that the server sets."""
    it["metadata"].update(
        uid="0c0a2f0e-57a7-4b6c-9a55-3a1d8f8c1b11",
        resourceVersion="184467",
        generation=4,
        creationTimestamp="2026-03-01T08:00:00Z",
        managedFields=[{"manager": "kubectl", "operation": "Update", "apiVersion": "apps/v1"}],
    )
    _filled(it["metadata"], "annotations", {})["deployment.kubernetes.io/revision"] = "4"
    it["spec"].update(progressDeadlineSeconds=600, revisionHistoryLimit=10, replicas=2)
    it["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    it["spec"]["template"]["metadata"]["creationTimestamp"] = None
    _pod(it).update(dnsPolicy="ClusterFirst", restartPolicy="Always", schedulerName="default-scheduler")
    _container(it).update(resources={}, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
    it["status"] = {"observedGeneration": 4, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2}


def text_like_numbers(it: Object) -> None:
    _annotations(it).update(
        {"prometheus.io/scrape": "true", "prometheus.io/port": "9080", "build": "0123", "e": "1e3", "y": "y"}
    )
    environment = [
        {"name": "WINDOW", "value": "22:30"},
        {"name": "DEBUG", "value": "no"},
        {"name": "RATIO", "value": "0.10"},
    ]
    _env(it).extend(environment)


def sources(it: Object) -> None:
    _env(it).extend(
        [
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "LIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
            {"name": "USER", "valueFrom": {"secretKeyRef": {"name": "db", "key": "user", "optional": True}}},
            {"name": "HOST", "value": "db"},
            {"name": "URL", "value": "postgresql://$(HOST):5432/reviews"},
            {"name": "EMPTY", "value": ""},
        ]
    )
    _container(it)["envFrom"] = [{"configMapRef": {"name": "common"}}, {"prefix": "DB_", "secretRef": {"name": "db"}}]


def quantities(it: Object) -> None:
    _container(it)["resources"] = {
        "requests": {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "1Gi"},
        "limits": {"cpu": 1, "memory": "1.5Gi", "nvidia.com/gpu": "1"},
    }


def probes(it: Object) -> None:
    _container(it)["ports"] = [
        {"name": "http", "containerPort": 9080},
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    ]
    _container(it)["livenessProbe"] = {
        "httpGet": {"path": "/health", "port": "http", "httpHeaders": [{"name": "X", "value": "1"}]}
    }
    _container(it)["readinessProbe"] = {"tcpSocket": {"port": 9080}, "initialDelaySeconds": 0, "periodSeconds": 5}
    _container(it)["startupProbe"] = {"exec": {"command": ["sh", "-c", "test -f /ready"]}, "failureThreshold": 30}
    _container(it)["lifecycle"] = {"preStop": {"exec": {"command": ["/bin/sleep", "5"]}}}


def projected(it: Object) -> None:
    token = {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 7200, "path": "token"}}
    labels = {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}
    settings = {"configMap": {"name": "settings", "items": [{"key": "a", "path": "a", "mode": 292}]}}
    _mount(it, {"name": "all", "projected": {"defaultMode": 420, "sources": [token, labels, settings]}}, "/all")


def volumes(it: Object) -> None:
    _mount(it, {"name": "cache", "emptyDir": {}}, "/cache")
    _mount(it, {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}, "/memory")
    _mount(it, {"name": "data", "persistentVolumeClaim": {"claimName": "reviews"}}, "/data", subPath="v2")
    _mount(it, {"name": "certificates", "secret": {"secretName": "tls", "defaultMode": 256}}, "/tls", readOnly=True)
    _mount(it, {"name": "logs", "hostPath": {"path": "/var/log", "type": "Directory"}}, "/host", readOnly=True)


def init_containers(it: Object) -> None:
    _pod(it)["initContainers"] = [
        {
            "name": "wait-for-db",
            "image": "busybox:1.36",
            "command": ["sh", "-c", "until nc -z db 5432; do sleep 1; done"],
        },
        {"name": "migrate", "image": "shop/migrate:7", "args": ["--to", "latest"]},
    ]


def companions(it: Object) -> None:
    """Other containers before and after the main one."""
    _pod(it)["containers"].insert(0, {"name": "log-shipper", "image": "fluent/fluent-bit:3.1"})
    _pod(it)["containers"].append({"name": "metrics", "image": "shop/exporter:1", "ports": [{"containerPort": 9102}]})


def like_injected(it: Object) -> None:
    """Parts that the injector also adds, declared by the user."""
    _annotations(it)["kubectl.kubernetes.io/default-container"] = "reviews"
    it["spec"]["template"]["metadata"]["labels"]["service.istio.io/canonical-name"] = "reviews"
    _mount(it, {"name": "istio-certificates", "secret": {"secretName": "istio"}}, "/etc/istio-certificates")


def own_proxy(it: Object) -> None:
    """Customize the sidecar as Istio documents it."""
    _pod(it)["containers"].append({"name": "istio-proxy", "image": "auto", "resources": {"requests": {"cpu": "50m"}}})
    _annotations(it).update({"proxy.istio.io/config": "concurrency: 2\n", "sidecar.istio.io/inject": "true"})


def scheduling(it: Object) -> None:
    term = {"labelSelector": {"matchLabels": {"app": "reviews"}}, "topologyKey": "kubernetes.io/hostname"}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    _pod(it).update(
        nodeSelector={"kubernetes.io/os": "linux", "pool": "1"},
        tolerations=[
            {"key": "gpu", "operator": "Exists", "effect": "NoSchedule"},
            {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30},
        ],
        affinity={"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}},
        priorityClassName="high",
        topologySpreadConstraints=[
            {
                "maxSkew": 1,
                "topologyKey": "zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": "reviews"}},
            }
        ],
    )


def security(it: Object) -> None:
    _pod(it).update(serviceAccountName="reviews", automountServiceAccountToken=False)
    _pod(it)["securityContext"] = {"runAsNonRoot": True, "fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    _container(it)["securityContext"] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        "readOnlyRootFilesystem": True,
        "runAsUser": 0,
    }


def other_scripts(it: Object) -> None:
    """Text outside of ASCII, also beyond U+FFFF, and text with line breaks."""
    _annotations(it).update(
        {"shop/owner": "Jürgen Groß, 王小明", "shop/motd": "Ready \U0001f680", "shop/notes": "one\ntwo\n"}
    )
    _container(it)["command"] = ["sh", "-ec", "echo 'größer'\nexec python -m reviews \\\n  --port=9080\n"]
    _env(it).append({"name": "GREETING", "value": "naïve\t'\"\\ #: @`%"})


def networking(it: Object) -> None:
    _pod(it).update(
        hostAliases=[{"ip": "192.0.2.7", "hostnames": ["b.example.com", "a.example.com"]}],
        dnsPolicy="None",
        dnsConfig={
            "nameservers": ["192.0.2.53"],
            "searches": ["b.local", "a.local"],
            "options": [{"name": "ndots", "value": "2"}],
        },
        enableServiceLinks=False,
    )


def rollout(it: Object) -> None:
    it["spec"].update(replicas=0, minReadySeconds=0, revisionHistoryLimit=2, paused=False)
    it["spec"]["strategy"] = {"type": "Recreate"}
    _pod(it)["terminationGracePeriodSeconds"] = 0


def empty_parts(it: Object) -> None:
    """Empty and null values, as templates leave them."""
    it["metadata"]["annotations"] = {}
    it["spec"]["template"]["metadata"]["annotations"] = None
    _pod(it).update(volumes=[], initContainers=[], hostNetwork=False)
    _container(it).update(env=[], args=[], volumeMounts=None, command=None, stdin=False)


# empty_parts comes first, because it would delete what others add.
FEATURES: t.List[t.Callable[[Object], None]] = [
    *(empty_parts, helm, export, text_like_numbers, sources, quantities, probes, projected, volumes, init_containers),
    *(companions, like_injected, own_proxy, scheduling, security, other_scripts, networking, rollout),
]


def features(number: int) -> list[t.Callable[[Object], None]]:
    """Return none to six features. The first 18 Deployments have one each, so that a failure names its cause."""
    if number < len(FEATURES):
        return [FEATURES[number]]
    apply_filters = random.Random(number)
    picked = apply_filters.sample(range(len(FEATURES)), apply_filters.randint(0, 6))
    return [FEATURES[index] for index in sorted(picked)]


def deployment(number: int) -> Object:
    """Return the Deployment with this number, from 0 to COUNT - 1."""
    it = minimal(IMAGES[number % len(IMAGES)][0])
    for add in features(number):
        add(it)
    return it


def with_new_image(it: Object, number: int) -> Object:
    """Return a copy with the next image in the main container, and in half of the cases also in all init containers."""
    changed = copy.deepcopy(it)
    _container(changed)["image"] = IMAGES[number % len(IMAGES)][1]
    if number % 2:
        for container in _pod(changed).get("initContainers") or []:
            container["image"] += "-new"
    return changed


class _Dumper(yaml.SafeDumper):
    """Puts quotes around each text that kubectl reads as a number or boolean. PyYAML does not for 1e3 and y."""


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:0[oO][0-7]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$"),
    list("-+.0123456789"),
)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("[yYnN]$"), list("yYnN"))


FORMS: t.Dict[str, t.Callable[[Object], t.Any]] = {
    "mapping": lambda it: it,
    "YAML": lambda it: yaml.dump(it, Dumper=_Dumper, sort_keys=False),
    "YAML, not escaped": lambda it: "---\n" + yaml.dump(it, Dumper=_Dumper, allow_unicode=True, width=60),
    "JSON": json.dumps,
    "JSON, indented": lambda it: json.dumps(it, indent=2, ensure_ascii=False),
}


def form(number: int) -> str:
    """Return the name of the form in which a task gets this Deployment."""
    return list(FORMS)[number % len(FORMS)]
