# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short constructors of Kubernetes and Istio objects for tests."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficTarget

HOST = "reviews.shop.svc.cluster.local"
TARGET = TrafficTarget("shop", "reviews", "v1", "v2", propagation_seconds=5)


def make_service(**selector: str) -> dict[str, t.Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": "shop", "name": "reviews"},
        "spec": {"selector": selector or {"app": "reviews"}},
    }


def make_pod(name: str, version: str, ready: bool = True, app: str = "reviews", **metadata: t.Any) -> dict[str, t.Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": "shop", "name": name, "labels": {"app": app, "version": version}, **metadata},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }


def make_destination(subset: str | None = None, weight: int | None = None, host: str = "reviews") -> dict[str, t.Any]:
    destination = {"host": host} if subset is None else {"host": host, "subset": subset}
    return {"destination": destination} if weight is None else {"destination": destination, "weight": weight}


def make_virtual_service(
    *routes: dict[str, t.Any],
    name: str = "reviews",
    namespace: str = "shop",
    hosts: t.Sequence[str] = ("reviews",),
    **spec: t.Any,
) -> dict[str, t.Any]:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"namespace": namespace, "name": name, "resourceVersion": "1"},
        "spec": {"hosts": list(hosts), "http": copy.deepcopy(list(routes)), **spec},
    }


def make_route(*destinations: dict[str, t.Any], **fields: t.Any) -> dict[str, t.Any]:
    return {"route": list(destinations), **fields}


def make_rule(
    *versions: str, name: str = "reviews", namespace: str = "shop", host: str = "reviews", **spec: t.Any
) -> dict[str, t.Any]:
    subsets = [{"name": version, "labels": {"version": version}} for version in versions]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"namespace": namespace, "name": name, "resourceVersion": "1"},
        "spec": {"host": host, **({"subsets": subsets} if subsets else {}), **spec},
    }
