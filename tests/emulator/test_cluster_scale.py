# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request to the Kubernetes API reads only the Deployments and Services that it concerns."""

from __future__ import annotations

import typing as t

import pytest
from cluster_objects import Cluster, destination, destination_rule, lease, path
from huaweicloud_emulator.cluster import pods, traffic

COUNT = 20


@pytest.fixture
def cluster(make: t.Any) -> Cluster:
    """Return a client of a cluster with many applications, each with the version v1."""
    return Cluster(make(seed={"applications": [{"name": f"app-{number}"} for number in range(COUNT)]}))


@pytest.fixture
def seen(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return the names of the Deployments whose pods are updated, and of the Services whose traffic is computed."""
    found: dict[str, list[str]] = {"deployments": [], "services": []}
    synchronize, split = pods.synchronize, traffic.split_by_version

    def note_deployment(emulator: t.Any, deployment: t.Any, *arguments: t.Any) -> None:
        found["deployments"].append(deployment["name"])
        synchronize(emulator, deployment, *arguments)

    def note_service(emulator: t.Any, service: t.Any) -> t.Any:
        found["services"].append(service.name)
        return split(emulator, service)

    monkeypatch.setattr(pods, "synchronize", note_deployment)
    monkeypatch.setattr(traffic, "split_by_version", note_service)
    return found


def test_reads_of_istio_objects_and_leases_skip_workloads(cluster: Cluster, seen: t.Any) -> None:
    cluster.get("virtualservices", "app-1")
    cluster.list("virtualservices", namespace=None)
    cluster.list("destinationrules")
    cluster.list("services")
    cluster.create(lease())
    assert seen == {"deployments": [], "services": []}


@pytest.mark.parametrize("target", [path("deployments", "app-1-v1"), path("pods") + "?labelSelector=app%3Dapp-1"])
def test_read_of_one_application_skips_all_others(cluster: Cluster, seen: t.Any, target: str) -> None:
    assert cluster("GET", target).status == 200
    assert seen == {"deployments": ["app-1-v1"], "services": ["app-1"]}


def test_list_of_all_pods_updates_each_deployment_once(cluster: Cluster, seen: t.Any) -> None:
    assert len(cluster.list("pods")) == COUNT
    assert sorted(seen["deployments"]) == sorted(f"app-{number}-v1" for number in range(COUNT))
    assert sorted(seen["services"]) == sorted(f"app-{number}" for number in range(COUNT))


def test_route_change_updates_old_and_new_services(cluster: Cluster, seen: t.Any) -> None:
    replace = {"op": "replace", "path": "/spec/http/0/route", "value": [destination(None, host="app-2")]}
    assert cluster.patch("virtualservices", "app-1", [replace]).status == 200
    assert seen == {"deployments": [], "services": ["app-1", "app-2"]}
    assert traffic.list_routes(cluster.emulator.state, traffic.Service(("demo-cluster",), "default", "app-1")) == [], (
        "the index has the old routes"
    )


def test_wildcard_rule_updates_all_services(cluster: Cluster, seen: t.Any) -> None:
    assert cluster.create(destination_rule("*.svc.cluster.local", "all", v1="v1")).status == 201
    assert len(seen["services"]) == COUNT


def test_reset_restores_what_the_indexes_find(cluster: Cluster, seen: t.Any) -> None:
    cluster("DELETE", path("virtualservices", "app-1"))
    cluster.emulator.state.snapshot_initial_state()
    cluster.emulator.state.reset()
    service = traffic.Service(("demo-cluster",), "default", "app-1")
    assert traffic.list_routes(cluster.emulator.state, service) == []
    assert [record["name"] for record in traffic.list_deployments(cluster.emulator.state, service)] == ["app-1-v1"]
    assert len(cluster.list("virtualservices")) == COUNT - 1
