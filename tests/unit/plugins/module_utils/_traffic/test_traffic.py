# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import dataclasses

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import CheckModeError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError, TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import Readiness, TrafficDesired
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.plan import preview
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.traffic import Traffic
from fake_clock import FakeClock
from fake_cluster import FakeCluster, Refusal
from istio_objects import (
    HOST,
    TARGET,
    make_destination,
    make_pod,
    make_route,
    make_rule,
    make_service,
    make_virtual_service,
)

ISTIO = "/apis/networking.istio.io/v1"
VIRTUAL_SERVICE = f"PATCH {ISTIO}/namespaces/shop/virtualservices/reviews"
RULE = f"PATCH {ISTIO}/namespaces/shop/destinationrules/reviews"
PLAIN = make_route(make_destination())
PINNED = make_route(make_destination("v1"))
SPLIT = make_route(make_destination("v1", 90), make_destination("v2", 10))
READY = (make_pod("a", "v1"), make_pod("b", "v2"))
TESTERS = {"headers": {"x-tester": "yes"}}


class FakeMesh:
    """A cluster with a Service, and the traffic of it."""

    def __init__(self, *objects, service=None, check_mode=False, workload_clusters=(), **target):
        self.api = FakeCluster(make_service() if service is None else service, *objects)
        self.clock = FakeClock()
        self.lines = []
        self.target = dataclasses.replace(TARGET, **target)
        cluster = Cluster(ClusterSettings(), check_mode, transport=self.api, clock=self.clock)
        others = [Cluster(ClusterSettings(), check_mode, transport=other) for other in workload_clusters]
        self.traffic = Traffic(
            cluster, self.target, clock=self.clock, progress=self.lines.append, workload_clusters=others
        )

    def plan(self, **desired):
        return self.traffic.plan(TrafficDesired(**desired), self.traffic.observe())

    def apply(self, annotations=None, **desired):
        return self.traffic.apply(TrafficDesired(**desired), self.traffic.observe(), annotations)

    def routes(self, name="reviews"):
        return [route["route"] for route in self.api.find("VirtualService", "shop", name)["spec"]["http"]]

    @property
    def writes(self):
        return list(map(str, self.api.writes))


def make_mesh(*objects, **settings):
    return FakeMesh(*READY, *objects, **settings)


def planned(changes):
    return [str(change) for change in changes]


# Reading


def test_observation_has_all_facts():
    found = make_virtual_service(make_route(make_destination("v2"), name="canary.reviews.shop.0", match=[{}]), SPLIT)
    found["metadata"].update(
        annotations={"a": "1"},
        managedFields=[
            {"manager": "kubectl", "time": "2026-01-01T00:00:00Z"},
            {"manager": "argocd", "time": "2026-01-02T00:00:00Z"},
            {"manager": "istiod", "time": "2026-01-03T00:00:00Z", "subresource": "status"},
        ],
    )
    mesh = make_mesh(found, make_rule("v1", "v2"), make_pod("c", "v2", ready=False))
    observed = mesh.traffic.observe()
    assert observed.weight == 10
    assert [route.name for route in observed.match_routes] == ["canary.reviews.shop.0"]
    assert observed.readiness == {"v1": Readiness(1, 1), "v2": Readiness(2, 1)}
    assert observed.annotations == {"a": "1"}
    assert observed.field_managers == {"VirtualService shop/reviews": "argocd"}
    versions = {
        f"{kind} shop/reviews": mesh.api.find(kind, "shop", "reviews")["metadata"]["resourceVersion"]
        for kind in ("VirtualService", "DestinationRule")
    }
    assert observed.resource_versions == versions
    assert mesh.api.sent == [
        "GET /api/v1/namespaces/shop/services/reviews",
        "GET /apis/networking.istio.io",
        f"GET {ISTIO}/virtualservices",
        f"GET {ISTIO}/destinationrules",
        "GET /api/v1/namespaces/shop/pods",
        "GET /api/v1/namespaces/shop/pods",
    ]
    assert [request.query["labelSelector"] for request in mesh.api.requests[4:]] == [
        "app=reviews,version=v1",
        "app=reviews,version=v2",
    ]


@pytest.mark.parametrize(
    ("routes", "weight"),
    [
        ([PINNED], 0),
        ([SPLIT, SPLIT], 10),
        ([SPLIT, PINNED], None),
        ([PLAIN], None),
        ([make_route(make_destination("v2"))], 100),
    ],
)
def test_weight_is_that_of_all_routes(routes, weight):
    mesh = make_mesh(
        make_virtual_service(*[{**route, "match": [{"uri": {"prefix": "/a"}}]} for route in routes]),
        make_rule("v1", "v2"),
    )
    assert mesh.traffic.observe().weight == weight


def test_missing_service_is_an_error():
    mesh = make_mesh(make_virtual_service(SPLIT), service_name="ratings")
    with pytest.raises(TrafficError) as failure:
        mesh.traffic.observe()
    assert str(failure.value) == (
        "The Service shop/ratings does not exist. Check namespace, service_name and the cluster"
    )


def forbid(mesh, plural):
    refusal = Refusal(403, "Forbidden", f"{plural} is forbidden").reply

    def respond(request):
        if request.path == f"{ISTIO}/{plural}":
            return refusal
        return mesh.api.respond(request)

    # The requests that the tests below send at most.
    mesh.api.faults["GET", plural] = [respond] * 10


def test_forbidden_list_of_all_namespaces_requires_names():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    forbid(mesh, "virtualservices")
    with pytest.raises(ClusterError) as failure:
        mesh.traffic.observe()
    assert failure.value.kind == "forbidden"
    assert failure.value.hint == (
        "Grant the permission to list virtualservices in all namespaces, or set virtual_services"
    )


def test_forbidden_list_of_rules_requires_the_name():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    forbid(mesh, "destinationrules")
    with pytest.raises(ClusterError) as failure:
        mesh.traffic.observe()
    assert failure.value.hint.endswith("or set destination_rule")


def test_named_objects_are_read_if_lists_are_forbidden():
    mesh = make_mesh(
        make_virtual_service(SPLIT),
        make_rule("v1", "v2"),
        virtual_services=("reviews", "web/missing"),
        destination_rule="reviews",
    )
    forbid(mesh, "virtualservices")
    forbid(mesh, "destinationrules")
    observed = mesh.traffic.observe()
    assert (observed.weight, observed.missing_virtual_services) == (10, (("web", "missing"),))
    assert [str(finding) for finding in observed.findings] == [
        "VirtualService: virtualservices of all namespaces cannot be listed, so only the named ones are checked."
        " Subsets are not removed, because other objects may use them.",
        "DestinationRule: destinationrules of all namespaces cannot be listed, so only the named ones are checked.",
    ]


def test_inherited_rule_is_read_even_if_lists_are_forbidden():
    root = make_rule(
        name="default", namespace="istio-system", host="*.local", trafficPolicy={"tls": {"mode": "DISABLE"}}
    )
    mesh = make_mesh(make_virtual_service(PLAIN), root, destination_rule="reviews", create_missing=True)
    forbid(mesh, "destinationrules")
    assert mesh.traffic.observe().inherited_rule["metadata"]["name"] == "default"


@pytest.mark.parametrize("reply", [Refusal(500, "InternalError", "x").reply, ClusterError("x", "unreachable")])
def test_failed_list_proves_nothing(reply):
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1"), virtual_services=("reviews",), create_missing=True)
    mesh.api.faults["GET", "virtualservices"] = [reply] * 3
    with pytest.raises(ClusterError):
        mesh.traffic.observe()


# Weights


def test_shift_adds_subsets_waits_and_then_sets_the_weight():
    mesh = make_mesh(make_virtual_service(PLAIN), make_rule())
    changes = mesh.apply(weight=10)
    assert planned(changes) == ["DestinationRule shop/reviews", "VirtualService shop/reviews"]
    assert mesh.writes == [RULE, VIRTUAL_SERVICE]
    assert (
        mesh.api.find("DestinationRule", "shop", "reviews")["spec"]["subsets"]
        == make_rule("v1", "v2")["spec"]["subsets"]
    )
    assert mesh.routes() == [[make_destination("v1", 90), make_destination("v2", 10)]]
    assert mesh.clock.sleeps == [5]
    assert mesh.lines == [
        "Updating DestinationRule shop/reviews",
        "Waiting 5 s until the proxies of the mesh have received the change",
        "Updating VirtualService shop/reviews",
    ]
    assert mesh.plan(weight=10) == []


def test_shift_with_existing_subsets_needs_one_request_and_no_wait():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    version = mesh.api.find("VirtualService", "shop", "reviews")["metadata"]["resourceVersion"]
    mesh.apply(weight=50)
    (write,) = mesh.api.writes
    assert write.body == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": version},
        {"op": "test", "path": "/spec/http", "value": [SPLIT]},
        {
            "op": "replace",
            "path": "/spec/http/0/route",
            "value": [make_destination("v1", 50), make_destination("v2", 50)],
        },
    ]
    assert mesh.clock.sleeps == []


def test_desired_weight_needs_no_request():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    assert mesh.apply(weight=10) == []
    assert mesh.api.writes == []


def test_all_named_virtual_services_are_shifted_in_their_order():
    ingress = make_virtual_service(SPLIT, name="ingress", hosts=["shop.example.com"], gateways=["public"])
    mesh = make_mesh(
        make_virtual_service(SPLIT), ingress, make_rule("v1", "v2"), virtual_services=("ingress", "reviews")
    )
    assert planned(mesh.apply(weight=20)) == ["VirtualService shop/ingress", "VirtualService shop/reviews"]
    assert (
        mesh.routes("ingress") == mesh.routes("reviews") == [[make_destination("v1", 80), make_destination("v2", 20)]]
    )
    assert mesh.clock.sleeps == []


def test_virtual_service_that_only_names_the_service_as_destination_is_not_overlooked():
    ingress = make_virtual_service(
        SPLIT, name="ingress", namespace="web", hosts=["shop.example.com"], gateways=["public"]
    )
    ingress["spec"]["http"][0]["route"][0]["destination"]["host"] = HOST
    mesh = make_mesh(make_virtual_service(SPLIT), ingress, make_rule("v1", "v2"))
    with pytest.raises(TrafficError) as failure:
        mesh.plan(weight=20)
    assert (
        "VirtualService web/ingress, spec.http[0].route[0].destination: it also routes to the Service shop/reviews (gateways: web/public)"
        in str(failure.value)
    )


def test_conflict_stops_the_change_and_reports_what_was_applied():
    mesh = make_mesh(make_virtual_service(PLAIN), make_rule())

    def edit_by_hand(request):
        if request.path.endswith("destinationrules/reviews"):
            found = copy.deepcopy(mesh.api.find("VirtualService", "shop", "reviews"))
            mesh.api.store(found)

    mesh.api.on_write = edit_by_hand
    with pytest.raises(ClusterError) as failure:
        mesh.apply(weight=10)
    assert failure.value.kind == "conflict"
    assert planned(failure.value.actions) == ["DestinationRule shop/reviews"]
    assert mesh.routes() == [[make_destination()]]


def test_check_mode_plans_and_writes_nothing():
    mesh = make_mesh(make_virtual_service(PLAIN), make_rule(), check_mode=True)
    assert planned(mesh.plan(weight=10)) == ["DestinationRule shop/reviews", "VirtualService shop/reviews"]
    with pytest.raises(CheckModeError):
        mesh.apply(weight=10)
    assert mesh.api.writes == []


@pytest.mark.parametrize(
    "desired", [{"weight": 10}, {"weight": 0}, {"weight": 100, "match": TESTERS}, {"match": TESTERS}, {"absent": True}]
)
@pytest.mark.parametrize("route", [PLAIN, PINNED, SPLIT])
def test_preview_equals_what_is_observed_afterwards(desired, route):
    mesh = make_mesh(make_virtual_service(route), make_rule("v1", "v2"))
    before = mesh.traffic.observe()
    predicted = preview(mesh.target, before, mesh.traffic.plan(TrafficDesired(**desired), before))
    mesh.apply(**desired)
    observed = mesh.traffic.observe()
    assert (predicted.routes, predicted.readiness, predicted.findings, predicted.weight) == (
        observed.routes,
        observed.readiness,
        observed.findings,
        observed.weight,
    )
    assert mesh.plan(**desired) == []


# Creation


def test_missing_virtual_service_is_an_error_by_default():
    mesh = make_mesh(make_rule("v1", "v2"))
    with pytest.raises(TrafficError) as failure:
        mesh.plan(weight=10)
    assert str(failure.value) == (
        "Failed to change the traffic of the Service shop/reviews: no VirtualService routes to it."
        " Create what is missing, or set create_missing to true"
    )


def test_missing_named_virtual_service_is_an_error_by_default():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"), virtual_services=("reviews", "web/ingress"))
    with pytest.raises(TrafficError, match="the VirtualService web/ingress does not exist"):
        mesh.plan(weight=10)


def test_missing_rule_is_an_error_by_default():
    with pytest.raises(TrafficError) as failure:
        make_mesh(make_virtual_service(PLAIN)).plan(weight=10)
    assert str(failure.value) == (
        "Failed to change the traffic of the Service shop/reviews: it has no DestinationRule."
        " Create what is missing, or set create_missing to true"
    )


def test_all_missing_objects_are_reported_at_once():
    with pytest.raises(TrafficError) as failure:
        make_mesh().plan(weight=10)
    assert str(failure.value) == (
        "Failed to change the traffic of the Service shop/reviews: it has no DestinationRule, and no VirtualService routes to it."
        " Create what is missing, or set create_missing to true"
    )
    assert [finding.message for finding in failure.value.findings] == [
        "it has no DestinationRule.",
        "no VirtualService routes to it.",
    ]


def test_missing_objects_are_created_in_their_order():
    root = make_rule(
        name="default", namespace="istio-system", host="*.local", trafficPolicy={"tls": {"mode": "DISABLE"}}
    )
    mesh = make_mesh(root, create_missing=True)
    mesh.apply(weight=10, annotations={"a": "1"})
    assert mesh.writes == [
        f"POST {ISTIO}/namespaces/shop/destinationrules",
        f"POST {ISTIO}/namespaces/shop/virtualservices",
    ]
    assert mesh.clock.sleeps == [5]
    rule, virtual_service = (write.body for write in mesh.api.writes)
    assert rule == {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"namespace": "shop", "name": "reviews"},
        "spec": {
            "host": HOST,
            "trafficPolicy": {"tls": {"mode": "DISABLE"}},
            "subsets": make_rule("v1", "v2")["spec"]["subsets"],
        },
    }
    assert virtual_service == {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"namespace": "shop", "name": "reviews", "annotations": {"a": "1"}},
        "spec": {
            "hosts": [HOST],
            "http": [make_route(make_destination("v1", 90, HOST), make_destination("v2", 10, HOST))],
        },
    }
    assert mesh.plan(weight=10) == []


def test_missing_one_of_the_named_objects_is_created_at_its_place():
    ingress = make_virtual_service(SPLIT, name="ingress", hosts=["shop.example.com"], gateways=["public"])
    mesh = make_mesh(ingress, make_rule("v1", "v2"), virtual_services=("mesh", "ingress"), create_missing=True)
    assert planned(mesh.apply(weight=20)) == ["VirtualService shop/mesh", "VirtualService shop/ingress"]
    assert mesh.plan(weight=20) == []


def test_wildcard_virtual_service_is_not_replaced():
    wildcard = make_virtual_service(
        make_route(make_destination(host="proxy")), name="all", hosts=["*.shop.svc.cluster.local"]
    )
    mesh = make_mesh(wildcard, make_rule("v1", "v2"), create_missing=True)
    with pytest.raises(TrafficError) as failure:
        mesh.plan(weight=10)
    assert "VirtualService shop/all applies to it by a wildcard host" in str(failure.value)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a", "b"), "several VirtualServices do not exist: shop/a, shop/b"),
        (("web/a",), "not in the namespace of the Service"),
    ],
)
def test_only_one_object_in_the_own_namespace_is_created(names, message):
    mesh = make_mesh(make_rule("v1", "v2"), virtual_services=names, create_missing=True)
    with pytest.raises(TrafficError, match=message):
        mesh.plan(weight=10)


# Removal


def test_absent_removes_routes_then_waits_and_removes_the_subset():
    match = make_route(make_destination("v2"), name="canary.reviews.shop.0", match=[{"headers": {"x": {"exact": "1"}}}])
    mesh = make_mesh(make_virtual_service(match, SPLIT), make_rule("v1", "v2"))
    changes = mesh.apply(absent=True)
    assert planned(changes) == ["VirtualService shop/reviews", "DestinationRule shop/reviews"]
    assert mesh.writes == [VIRTUAL_SERVICE, RULE]
    assert mesh.routes() == [[make_destination("v1", 100)]]
    assert mesh.api.find("DestinationRule", "shop", "reviews")["spec"] == make_rule("v1")["spec"]
    assert mesh.clock.sleeps == [5]
    assert mesh.plan(absent=True) == []


def test_any_sum_is_accepted_only_if_that_is_asked_for():
    wrong = make_route(make_destination("v1", 70), make_destination("v2", 10))
    mesh = make_mesh(make_virtual_service(wrong), make_rule("v1", "v2"))
    with pytest.raises(TrafficError, match="the sum of the weights is 80"):
        mesh.plan(weight=0)
    mesh.apply(rollback=True)
    assert mesh.routes() == [[make_destination("v1", 100), make_destination("v2", 0)]]


def test_absent_keeps_the_subset_if_lists_are_forbidden():
    # This VirtualService, which the task cannot read, routes to the subset as well.
    other = make_virtual_service(SPLIT, name="web", hosts=["web.example.com"], gateways=["web/gateway"])
    mesh = make_mesh(make_virtual_service(SPLIT), other, make_rule("v1", "v2"), virtual_services=("reviews",))
    forbid(mesh, "virtualservices")
    assert planned(mesh.apply(absent=True)) == ["VirtualService shop/reviews"]
    assert mesh.writes == [VIRTUAL_SERVICE]
    assert mesh.plan(absent=True) == []


def test_absent_pins_an_unpinned_route_first():
    mesh = make_mesh(make_virtual_service(PLAIN), make_rule("v2"))
    assert planned(mesh.apply(absent=True)) == [
        "DestinationRule shop/reviews",
        "VirtualService shop/reviews",
        "DestinationRule shop/reviews",
    ]
    assert mesh.routes() == [[make_destination("v1")]]
    assert mesh.api.find("DestinationRule", "shop", "reviews")["spec"]["subsets"] == make_rule("v1")["spec"]["subsets"]
    assert mesh.clock.sleeps == [5, 5]


@pytest.mark.parametrize(
    "user",
    [
        make_virtual_service(
            make_route(make_destination("v2", host=HOST)), name="user", namespace="web", hosts=["a.b"]
        ),
        make_virtual_service(
            make_route(make_destination(host="other"), mirror={"host": HOST, "subset": "v2"}),
            name="user",
            namespace="web",
            hosts=["a.b"],
        ),
    ],
)
def test_subset_that_something_names_stays(user):
    mesh = make_mesh(make_virtual_service(SPLIT), user, make_rule("v1", "v2"), ignore_virtual_services=("web/user",))
    assert planned(mesh.apply(absent=True)) == ["VirtualService shop/reviews"]
    assert mesh.clock.sleeps == []


def test_absent_without_routes_changes_nothing():
    assert make_mesh().plan(absent=True) == []


def test_three_releases_in_a_row():
    mesh = make_mesh(make_virtual_service(PLAIN), make_rule(), make_pod("c", "v3"), make_pod("d", "v4"))
    for original, gray in (("v1", "v2"), ("v2", "v3"), ("v3", "v4")):
        mesh.traffic.target = dataclasses.replace(TARGET, original_version=original, gray_version=gray)
        for weight in (0, 10, 100):
            mesh.apply(weight=weight, match=TESTERS)
        mesh.apply(match={})
        mesh.traffic.target = dataclasses.replace(TARGET, original_version=gray, gray_version=original)
        mesh.apply(absent=True)
        assert mesh.routes() == [[make_destination(gray, 100)]]
        assert mesh.api.find("DestinationRule", "shop", "reviews")["spec"] == make_rule(gray)["spec"]


# Readiness


@pytest.mark.parametrize(
    ("pods", "desired", "version"),
    [
        ([make_pod("a", "v1"), make_pod("b", "v2", ready=False)], {"weight": 20}, "v2"),
        ([make_pod("a", "v1"), make_pod("b", "v2", ready=False)], {"match": TESTERS}, "v2"),
        ([make_pod("a", "v1"), make_pod("b", "v2", deletionTimestamp="2026-01-01T00:00:00Z")], {"weight": 20}, "v2"),
        ([make_pod("a", "v1"), make_pod("b", "v2", app="other")], {"weight": 20}, "v2"),
        ([make_pod("b", "v2")], {"weight": 5}, "v1"),
        ([make_pod("b", "v2")], {"weight": 0}, "v1"),
        ([make_pod("b", "v2")], {"absent": True}, "v1"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_version_without_ready_pod_gets_no_more_traffic(pods, desired, version, check_mode):
    mesh = FakeMesh(*pods, make_virtual_service(SPLIT), make_rule("v1", "v2"), check_mode=check_mode)
    with pytest.raises(TrafficError) as failure:
        mesh.plan(**desired)
    assert f"to the version '{version}'" in str(failure.value)
    assert mesh.api.writes == []


@pytest.mark.parametrize(
    ("version", "desired"),
    [("v1", {"weight": 5}), ("v1", {"absent": True}), ("v2", {"weight": 20}), ("v2", {"weight": 10})],
)
def test_only_the_version_with_more_traffic_must_be_ready(version, desired):
    mesh = FakeMesh(make_pod("a", version), make_virtual_service(SPLIT), make_rule("v1", "v2"))
    mesh.plan(**desired)


def test_original_label_that_no_pod_has_is_refused():
    mesh = FakeMesh(make_pod("b", "v2"), make_virtual_service(PLAIN), make_rule())
    with pytest.raises(TrafficError) as failure:
        mesh.plan(weight=0)
    assert str(failure.value) == (
        "Failed to route traffic of the Service shop/reviews to the version 'v1': none of its 0 pods is ready."
        " Wait until a pod is ready. Compare the labels of the pods with the selector of the Service"
    )


def test_existing_match_route_needs_no_ready_pod_but_a_changed_one_does():
    match = make_route(
        make_destination("v2"), name="canary.reviews.shop.0", match=[{"headers": {"x-tester": {"exact": "yes"}}}]
    )
    mesh = FakeMesh(make_pod("a", "v1"), make_virtual_service(match, PINNED), make_rule("v1", "v2"))
    assert mesh.plan(match=TESTERS) == []
    with pytest.raises(TrafficError, match="to the version 'v2'"):
        mesh.plan(match={"headers": {"x-tester": "no"}})


def test_readiness_can_be_switched_off():
    mesh = FakeMesh(make_virtual_service(SPLIT), make_rule("v1", "v2"), require_ready=False)
    mesh.apply(weight=50)
    assert mesh.routes() == [[make_destination("v1", 50), make_destination("v2", 50)]]
    assert not any(request.path.endswith("/pods") for request in mesh.api.requests)


def test_unreadable_readiness_is_an_error():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    mesh.api.faults["GET", "pods"] = [Refusal(403, "Forbidden", "pods is forbidden").reply]
    with pytest.raises(ClusterError) as failure:
        mesh.plan(weight=20)
    assert failure.value.kind == "forbidden"


def test_service_without_selector_is_an_error():
    service = make_service()
    del service["spec"]["selector"]
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"), service=service)
    with pytest.raises(TrafficError, match="it has no selector"):
        mesh.plan(weight=20)


def test_selector_that_excludes_the_version_has_no_pods():
    mesh = make_mesh(
        make_virtual_service(SPLIT), make_rule("v1", "v2"), service=make_service(app="reviews", version="v1")
    )
    assert mesh.traffic.observe().readiness == {"v1": Readiness(1, 1), "v2": Readiness(0, 0)}


def test_subset_labels_decide_which_pods_count():
    rule = make_rule("v1")
    rule["spec"]["subsets"].append({"name": "v2", "labels": {"version": "v2", "region": "eu"}})
    mesh = make_mesh(make_virtual_service(SPLIT), rule)
    assert mesh.traffic.observe().readiness["v2"] == Readiness(0, 0)


def test_pods_of_other_clusters_count():
    other = FakeCluster(make_pod("b", "v2"))
    mesh = FakeMesh(make_pod("a", "v1"), make_virtual_service(SPLIT), make_rule("v1", "v2"), workload_clusters=[other])
    assert mesh.traffic.observe().readiness["v2"] == Readiness(1, 1)
    mesh.apply(weight=20)


# Other versions


def test_zero_weight_of_another_version_without_pods_does_not_block():
    route = make_route(make_destination("v1", 100), make_destination("v3", 0))
    mesh = make_mesh(make_virtual_service(route), make_rule("v1", "v2", "v3"))
    mesh.apply(weight=10)
    assert mesh.routes() == [[make_destination("v1", 90), make_destination("v2", 10), make_destination("v3", 0)]]


def test_zero_weight_of_another_version_with_pods_blocks_only_more_gray_traffic():
    route = make_route(make_destination("v1", 90), make_destination("v2", 10), make_destination("v3", 0))
    mesh = make_mesh(make_virtual_service(route), make_rule("v1", "v2", "v3"), make_pod("c", "v3", ready=False))
    with pytest.raises(TrafficError) as failure:
        mesh.plan(weight=20)
    assert "VirtualService shop/reviews, spec.http[0].route[2]: the version 'v3' has pods." in str(failure.value)
    mesh.apply(weight=0)
    assert mesh.routes() == [[make_destination("v1", 100), make_destination("v2", 0), make_destination("v3", 0)]]


@pytest.mark.parametrize(
    "virtual_service",
    [
        make_virtual_service(make_route(make_destination("v1", 90), make_destination("v3", 10))),
        make_virtual_service(SPLIT, tcp=[make_route(make_destination("v1"))]),
        make_virtual_service(make_route(make_destination("v1", 1), make_destination("v2", 1))),
    ],
)
def test_finding_prevents_each_change_with_object_and_path(virtual_service):
    mesh = make_mesh(virtual_service, make_rule("v1", "v2", "v3"))
    for desired in ({"weight": 20}, {"match": TESTERS}, {"absent": True}):
        with pytest.raises(TrafficError) as failure:
            mesh.plan(**desired)
        assert failure.value.findings == mesh.traffic.observe().errors
        assert "VirtualService shop/reviews, spec." in str(failure.value)


# Annotations


def test_annotations_are_written_with_the_weights():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    mesh.apply(weight=20, annotations={"example.com/state": "x"})
    assert mesh.writes == [VIRTUAL_SERVICE]
    assert mesh.traffic.observe().annotations == {"example.com/state": "x"}
    assert mesh.routes() == [[make_destination("v1", 80), make_destination("v2", 20)]]


def test_annotations_are_written_without_a_change_of_the_weights():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    assert mesh.apply(weight=10, annotations={"a": "1"}) == []
    assert mesh.traffic.observe().annotations == {"a": "1"}
    mesh.api.requests.clear()
    mesh.apply(weight=10, annotations={"a": "1"})
    assert mesh.api.writes == []


def test_annotations_belong_to_the_first_virtual_service():
    ingress = make_virtual_service(SPLIT, name="ingress", hosts=["shop.example.com"], gateways=["public"])
    twenty = make_route(make_destination("v1", 80), make_destination("v2", 20))
    mesh = make_mesh(
        ingress, make_virtual_service(twenty), make_rule("v1", "v2"), virtual_services=("reviews", "ingress")
    )
    mesh.apply(weight=20, annotations={"a": "1"})
    assert mesh.writes == [f"PATCH {ISTIO}/namespaces/shop/virtualservices/ingress", VIRTUAL_SERVICE]
    assert mesh.traffic.observe().annotations == {"a": "1"}
    assert "annotations" not in mesh.api.find("VirtualService", "shop", "ingress")["metadata"]


def test_annotate_writes_only_annotations():
    mesh = make_mesh(make_virtual_service(SPLIT), make_rule("v1", "v2"))
    observed = mesh.traffic.observe()
    version = observed.resource_versions["VirtualService shop/reviews"]
    found = mesh.traffic.annotate(observed, {"a/b": "1"})
    assert found["metadata"]["annotations"] == {"a/b": "1"}
    assert mesh.api.writes[0].body == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": version},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/a~1b", "value": "1"},
    ]
    with pytest.raises(ClusterError) as failure:
        mesh.traffic.annotate(observed, {"a/b": "2"})
    assert failure.value.kind == "conflict"


def test_annotate_names_ambiguous_virtual_services():
    mesh = make_mesh(
        make_rule("v1"),
        *(make_virtual_service(make_route(make_destination("v1")), name=name) for name in ("reviews", "web")),
    )
    with pytest.raises(TrafficError) as caught:
        mesh.traffic.annotate(mesh.traffic.observe(), {"a": "b"})
    assert "VirtualService shop/reviews" in str(caught.value) and "VirtualService shop/web" in str(caught.value)
    assert "virtual_services or ignore_virtual_services" in str(caught.value)


def test_annotate_needs_a_virtual_service():
    mesh = make_mesh()
    with pytest.raises(TrafficError, match="it does not exist"):
        mesh.traffic.annotate(mesh.traffic.observe(), {"a": "1"})
