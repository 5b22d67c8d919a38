# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes objects and requests for the tests of the Kubernetes API."""

from __future__ import annotations

import copy
import json
import typing as t

Object = t.Dict[str, t.Any]

ISTIO = "/apis/networking.istio.io/v1"
PATHS = {
    "pods": "/api/v1",
    "services": "/api/v1",
    "deployments": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    "virtualservices": ISTIO,
    "destinationrules": ISTIO,
}
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLICATION: Object = {"name": "reviews", "versions": {"v1": 2}}
# The fixed time of the clock of the emulator.
NOW = 1_800_000_000
WHEN = "2027-01-15T08:00:00Z"


def path(resource: str, name: str = "", namespace: str | None = "default") -> str:
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{PATHS[resource]}{scope}/{resource}" + (f"/{name}" if name else "")


def destination(subset: str | None, weight: int | None = None, host: str = "reviews") -> Object:
    target = {"host": host, **({"subset": subset} if subset else {})}
    return {"destination": target, **({} if weight is None else {"weight": weight})}


def virtual_service(*destinations: Object, name: str = "reviews", **spec: t.Any) -> Object:
    route = [copy.deepcopy(entry) for entry in destinations or (destination("v1", 100),)]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"hosts": [name], "http": [{"route": route}], **spec},
    }


def destination_rule(
    host: str = "reviews", name: str = "reviews", namespace: str = "default", **subsets: str
) -> Object:
    """Return a DestinationRule with subsets, given as names and values of the label ``version``."""
    entries = [{"name": subset, "labels": {"version": version}} for subset, version in subsets.items()]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"host": host, "subsets": entries},
    }


def lease(name: str = "reviews", **spec: t.Any) -> Object:
    base = {"holderIdentity": "run-1", "leaseDurationSeconds": 30, "renewTime": "2027-01-15T08:00:00.000000Z"}
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": {**base, **spec}}


class Cluster:
    """A client of the Kubernetes API of an emulator, without credentials."""

    def __init__(self, emulator: t.Any, prefix: str = "") -> None:
        self.emulator = emulator
        self.prefix = prefix
        self.headers = {"User-Agent": "tests/1.0 (linux)"}

    def __call__(self, method: str, target: str, content: t.Any = None, **headers: str) -> t.Any:
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        body = b"" if content is None else json.dumps(content).encode()
        if content is not None and "Content-Type" not in sent:
            sent["Content-Type"] = "application/json"
        return self.emulator.raw(method, self.prefix + target, sent, body)

    def get(self, resource: str, name: str, namespace: str = "default") -> Object:
        response = self("GET", path(resource, name, namespace))
        assert response.status == 200, response.body
        return response.json

    def list(self, resource: str, query: str = "", namespace: str | None = "default") -> list[Object]:
        response = self("GET", path(resource, namespace=namespace) + (f"?{query}" if query else ""))
        assert response.status == 200, response.body
        return response.json["items"]

    def create(self, item: Object, query: str = "") -> t.Any:
        resource = {"VirtualService": "virtualservices", "DestinationRule": "destinationrules"}.get(
            item["kind"], f"{item['kind'].lower()}s"
        )
        namespace = item["metadata"].get("namespace", "default")
        return self("POST", path(resource, namespace=namespace) + (f"?{query}" if query else ""), item)

    def patch(self, resource: str, name: str, operations: t.Any, query: str = "") -> t.Any:
        media_type = JSON_PATCH if isinstance(operations, list) else MERGE_PATCH
        target = path(resource, name) + (f"?{query}" if query else "")
        return self("PATCH", target, operations, Content_Type=media_type)

    def route(self, *destinations: Object) -> None:
        """Replace the route of the VirtualService."""
        operation = {"op": "replace", "path": "/spec/http/0/route", "value": list(destinations)}
        assert self.patch("virtualservices", "reviews", [operation]).status == 200

    def versions(self, version: str) -> list[bool]:
        """Return whether each pod of a version is ready."""
        pods = self.list("pods", f"labelSelector=version%3D{version}")
        return [
            condition["status"] == "True"
            for pod in pods
            for condition in pod["status"]["conditions"]
            if condition["type"] == "Ready"
        ]
