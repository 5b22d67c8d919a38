# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Kubernetes objects of a sample application: a Service, a Deployment for each version, and its Istio objects."""

from __future__ import annotations

import typing as t

Object = t.Dict[str, t.Any]
Fields = t.Mapping[str, t.Any]

ROUTES = ("subsets", "plain", "none")
ISTIO_VERSION = "networking.istio.io/v1"
DEFAULT_PORT = 9080


def build_objects(fields: Fields) -> list[Object]:
    """Return the objects of an application of a seed.

    ``versions`` maps versions to replicas (default: one replica of v1), and the first version receives all traffic.
    ``routes`` is ``subsets`` (default), ``plain`` (a VirtualService without subsets) or ``none`` (no Istio objects).
    """
    name, versions = str(fields["name"]), dict(fields.get("versions") or {"v1": 1})
    routes = fields.get("routes", ROUTES[0])
    if routes not in ROUTES:
        raise ValueError(f"routes: {routes!r} must be one of {', '.join(ROUTES)}")
    port = fields.get("port", DEFAULT_PORT)
    metadata = {"name": name, "namespace": fields.get("namespace", "default")}
    found = [_build_service(metadata, port)]
    found += [_build_deployment(metadata, str(version), replicas, port) for version, replicas in versions.items()]
    if routes == "subsets":
        found.append(_build_destination_rule(metadata, [str(version) for version in versions]))
    if routes != "none":
        found.append(_build_virtual_service(metadata, str(next(iter(versions))) if routes == "subsets" else None))
    return found


def _build_service(metadata: Object, port: int) -> Object:
    spec = {"selector": {"app": metadata["name"]}, "ports": [{"name": "http", "port": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": dict(metadata), "spec": spec}


def _build_deployment(metadata: Object, version: str, replicas: int, port: int) -> Object:
    name = metadata["name"]
    labels = {"app": name, "version": version}
    container = {"name": name, "image": f"registry.example.com/{name}:{version}", "ports": [{"containerPort": port}]}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": dict(labels)},
        "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container]}},
    }
    own = {**metadata, "name": f"{name}-{version}", "labels": dict(labels)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": own, "spec": spec}


def _build_destination_rule(metadata: Object, versions: list[str]) -> Object:
    subsets = [{"name": version, "labels": {"version": version}} for version in versions]
    spec = {"host": metadata["name"], "subsets": subsets}
    return {"apiVersion": ISTIO_VERSION, "kind": "DestinationRule", "metadata": dict(metadata), "spec": spec}


def _build_virtual_service(metadata: Object, version: str | None) -> Object:
    destination = {"host": metadata["name"], **({"subset": version} if version else {})}
    spec = {"hosts": [metadata["name"]], "http": [{"route": [{"destination": destination}]}]}
    return {"apiVersion": ISTIO_VERSION, "kind": "VirtualService", "metadata": dict(metadata), "spec": spec}
