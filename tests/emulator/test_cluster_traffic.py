# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the traffic of a Service: VirtualServices decide whether a release can be ended or canceled."""

from __future__ import annotations

import typing as t

import pytest
from cluster_objects import APPLICATION, Cluster, destination, destination_rule, virtual_service
from emulator_bodies import release_body, template

MATCH = [{"headers": {"x-tester": {"exact": "yes"}}}]


@pytest.fixture
def cluster(make: t.Any) -> Cluster:
    """Return a client of a cluster with a running release of the application."""
    cluster = Cluster(make(seed={"applications": [APPLICATION]}, running_after=0))
    cluster.create(destination_rule(name="versions", v1="v1", v2="v2"))
    assert cluster.emulator("POST", cluster.emulator.releases(), release_body()).status == 200
    return cluster


def _try(cluster: Cluster, action: str) -> int:
    """Return the status of the request to end or cancel the release."""
    return cluster.emulator("DELETE", cluster.emulator.releases(f"/reviews-v2?action={action}")).status


def _allowed(cluster: Cluster) -> list[str]:
    """Return the actions that the service accepts, without any change."""
    before, accepted = cluster.emulator.control("GET", "snapshot"), []
    for action in ("cancel", "end"):
        if _try(cluster, action) == 200:
            accepted.append(action)
        cluster.emulator.control("PUT", "snapshot", before)
    return accepted


def _seed(cluster: Cluster, *items: dict[str, t.Any]) -> None:
    cluster.emulator.control("POST", "seed", {"cluster_objects": list(items)})


def _shares(cluster: Cluster) -> list[dict[str, float]]:
    """Return the history of the traffic by version."""
    (service,) = cluster.emulator.control("GET", "traffic")["services"]
    return [entry["shares"] for entry in service["entries"]]


@pytest.mark.parametrize(
    "destinations, allowed",
    [
        ([destination("v1")], ["cancel"]),
        ([destination("v1", 100), destination("v2", 0)], ["cancel"]),
        ([destination("v1", 99), destination("v2", 1)], []),
        ([destination("v1", 1), destination("v2", 99)], []),
        ([destination("v1", 0), destination("v2", 100)], ["end"]),
        ([destination("v2")], ["end"]),
        ([destination("v2", 30)], ["end"]),
        ([destination("v2", 50), destination("v2", 50, "reviews.default.svc.cluster.local")], ["end"]),
        ([destination(None)], []),
        ([destination("v3")], []),
    ],
)
def test_weights_decide(cluster: Cluster, destinations: list[dict[str, t.Any]], allowed: list[str]) -> None:
    cluster.route(*destinations)
    assert _allowed(cluster) == allowed


def test_error_names_the_version(cluster: Cluster) -> None:
    response = cluster.emulator("DELETE", cluster.emulator.releases("/reviews-v2?action=end"))
    assert "The action end needs the grayscale version to carry all traffic." in response.message


def test_every_route_counts(cluster: Cluster) -> None:
    gray = virtual_service(destination("v2"))
    gray["spec"]["http"] = [{"match": MATCH, "route": [destination("v1")]}, *gray["spec"]["http"]]
    _seed(cluster, gray)
    assert _allowed(cluster) == []
    cluster.patch("virtualservices", "reviews", [{"op": "remove", "path": "/spec/http/0"}])
    assert _allowed(cluster) == ["end"]


def test_ingress_in_another_namespace_counts(cluster: Cluster) -> None:
    cluster.route(destination("v2"))
    ingress = virtual_service(destination("v1", host="reviews.default.svc.cluster.local"), name="shop")
    ingress["metadata"]["namespace"] = "ingress"
    _seed(cluster, ingress)
    assert _allowed(cluster) == []


@pytest.mark.parametrize(
    "host",
    ["ratings", "reviews.default", "reviews.default.svc", "reviews.other.svc.cluster.local", "reviews.example.com"],
)
def test_other_hosts_do_not_count(cluster: Cluster, host: str) -> None:
    cluster.route(destination("v2"))
    _seed(cluster, virtual_service(destination("v1", host=host), name="other"))
    assert _allowed(cluster) == ["end"]
    short = virtual_service(destination("v1"), name="short")
    short["metadata"]["namespace"] = "elsewhere"
    _seed(cluster, short)
    assert _allowed(cluster) == ["end"]


@pytest.mark.parametrize("kind", ["tcp", "tls"])
def test_other_kinds_of_routes_count(cluster: Cluster, kind: str) -> None:
    match = {"match": [{"sniHosts": ["reviews"]}]} if kind == "tls" else {}
    _seed(cluster, virtual_service(name="other", http=[], **{kind: [{**match, "route": [destination("v2")]}]}))
    assert _allowed(cluster) == []
    cluster.route(destination("v2"))
    assert _allowed(cluster) == ["end"]


@pytest.mark.parametrize("ready, allowed", [(None, []), (0, ["end"])])
def test_without_subsets_ready_pods_decide(cluster: Cluster, ready: int | None, allowed: list[str]) -> None:
    cluster.route(destination(None))
    cluster.emulator.control("PUT", "ready_pods", {"deployment": "reviews-v1", "ready": ready})
    assert _allowed(cluster) == allowed


def test_without_virtual_services_the_control_plane_decides(cluster: Cluster) -> None:
    cluster("DELETE", "/apis/networking.istio.io/v1/namespaces/default/virtualservices/reviews")
    assert _allowed(cluster) == ["cancel"]
    cluster.emulator.control("PUT", "traffic", {"namespace": "default", "service": "reviews", "gray": 100})
    assert _allowed(cluster) == ["end"]


def test_precondition_can_be_disabled(cluster: Cluster) -> None:
    cluster.emulator.set(traffic_precondition="no")
    assert _allowed(cluster) == ["cancel", "end"]


def test_subsets_are_those_of_the_most_specific_rule(make: t.Any) -> None:
    """A rule in the namespace of the route precedes one of the Service, and an exact host precedes a wildcard."""
    cluster = Cluster(make(seed={"applications": [{**APPLICATION, "routes": "plain"}]}, running_after=0))
    cluster.emulator("POST", cluster.emulator.releases(), release_body())
    cluster.route(destination("live"))
    rules = [
        destination_rule("*", "root", "istio-system", live="v2"),
        destination_rule("*.default.svc.cluster.local", "wildcard", live="v1"),
        destination_rule(name="exact", live="v2"),
    ]
    found = []
    for rule in rules:
        _seed(cluster, rule)
        found.append(_allowed(cluster))
    assert found == [["end"], ["cancel"], ["end"]]


def test_traffic_of_several_clusters(make: t.Any) -> None:
    """The Istio objects are in the first cluster of the mesh, the gray Deployment in the second one."""
    seed = {"meshes": [{"name": "m", "clusters": ["one", "two"]}], "applications": [APPLICATION]}
    cluster = Cluster(make(seed=seed, running_after=0))
    cluster.create(destination_rule(name="versions", v1="v1", v2="v2"))
    gray = [{"clusterID": "two", "template": template()}]
    body = release_body(clusterID="one", grayDeployments=gray)
    assert cluster.emulator("POST", cluster.emulator.releases(), body).status == 200
    assert [item["metadata"]["name"] for item in Cluster(cluster.emulator, "/clusters/two").list("deployments")] == [
        "reviews-v2"
    ]
    cluster.route(destination("v2"))
    assert _allowed(cluster) == ["end"]


@pytest.mark.parametrize("edits, weights", [("no", [None]), ("gray_added", [100, 0]), ("split", [50, 50])])
def test_creation_of_a_release_can_edit_routes(make: t.Any, edits: str, weights: list[int | None]) -> None:
    cluster = Cluster(make(seed={"applications": [APPLICATION]}, running_after=0, release_edits=edits))
    assert cluster.emulator("POST", cluster.emulator.releases(), release_body()).status == 200
    item = cluster.get("virtualservices", "reviews")
    (route,) = item["spec"]["http"]
    subsets = [subset["name"] for subset in cluster.get("destinationrules", "reviews")["spec"]["subsets"]]
    assert [entry.get("weight") for entry in route["route"]] == weights
    assert [entry["destination"]["subset"] for entry in route["route"]] == ["v1", "v2"][: len(weights)]
    assert subsets == ["v1", "v2"][: len(weights)]
    assert item["metadata"]["managedFields"][-1]["manager"] == ("seed" if edits == "no" else "asm-release")


# -- history


def test_history_of_weights(cluster: Cluster) -> None:
    for gray in (10, 50, 100):
        cluster.route(destination("v1", 100 - gray), destination("v2", gray))
    assert _shares(cluster) == [
        {"v1": 100.0},
        {"v1": 90.0, "v2": 10.0},
        {"v1": 50.0, "v2": 50.0},
        {"v2": 100.0},
    ]


def test_history_has_no_entry_without_a_change(cluster: Cluster) -> None:
    cluster.patch("virtualservices", "reviews", {"metadata": {"annotations": {"a": "1"}}})
    cluster.list("pods")
    assert _shares(cluster) == [{"v1": 100.0}]


def test_history_follows_pods_without_routes(make: t.Any) -> None:
    cluster = Cluster(
        make(seed={"applications": [{"name": "reviews", "versions": {"v1": 3, "v2": 1}, "routes": "plain"}]})
    )
    assert _shares(cluster) == [{"v1": 75.0, "v2": 25.0}]
    cluster.emulator.control("PUT", "ready_pods", {"deployment": "reviews-v1", "ready": 1})
    cluster.list("pods")
    assert _shares(cluster)[1:] == [{"v1": 50.0, "v2": 50.0}]
    cluster("DELETE", "/apis/networking.istio.io/v1/namespaces/default/virtualservices/reviews")
    assert len(_shares(cluster)) == 2


def test_history_of_a_release_without_routes(make: t.Any) -> None:
    cluster = Cluster(make(seed={"applications": [{**APPLICATION, "routes": "none"}]}, running_after=0))
    cluster.emulator("POST", cluster.emulator.releases(), release_body())
    cluster.emulator.control("PUT", "traffic", {"namespace": "default", "service": "reviews", "gray": 25})
    cluster.list("pods")
    assert _shares(cluster) == [{"v1": 100.0}, {"v1": 75.0, "v2": 25.0}]


def test_testers_have_their_own_share(cluster: Cluster) -> None:
    item = virtual_service(destination("v1"))
    item["spec"]["http"] = [{"match": MATCH, "route": [destination("v2")]}, *item["spec"]["http"]]
    _seed(cluster, item)
    (service,) = cluster.emulator.control("GET", "traffic")["services"]
    last = service["entries"][-1]
    assert (last["shares"], last["testers"]) == ({"v1": 100.0}, {"v2": 100.0})
