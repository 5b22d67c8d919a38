# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import routes
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    GRAY,
    ORIGINAL,
    OTHER,
    ObjectName,
)
from istio_objects import HOST, TARGET, make_destination, make_route, make_rule, make_virtual_service

RULE = make_rule("v1", "v2", "v3")
SPLIT = make_route(make_destination("v1", 90), make_destination("v2", 10))


def describe(findings):
    return [(finding.severity, finding.object, finding.path) for finding in findings]


def read(virtual_service, rule=RULE):
    return routes.read_routes(virtual_service, rule, TARGET)


@pytest.mark.parametrize(
    ("virtual_service", "is_relevant"),
    [
        (make_virtual_service(hosts=["reviews"]), True),
        (make_virtual_service(hosts=[HOST], namespace="other"), True),
        (make_virtual_service(hosts=["reviews"], namespace="other"), False),
        (make_virtual_service(SPLIT, hosts=["shop.example.com"], gateways=["public"]), True),
        (make_virtual_service(SPLIT, hosts=["*"]), True),
        (make_virtual_service(make_route(make_destination("v1", host="reviews.shop")), hosts=["a.example"]), False),
        (make_virtual_service(SPLIT, hosts=["shop.example.com"], namespace="other"), False),
        (make_virtual_service(SPLIT, hosts=["reviews"], exportTo=["~"]), False),
        (make_virtual_service(SPLIT, hosts=["reviews"], exportTo=["other"]), True),
        (make_virtual_service(hosts=["*.shop.svc.cluster.local"]), False),
        (make_virtual_service(hosts=["a.example"], tcp=[make_route(make_destination())]), True),
        (make_virtual_service(hosts=["a.example"], tls=[make_route(make_destination())]), True),
    ],
)
def test_virtual_service_counts_by_host_or_destination(virtual_service, is_relevant):
    assert routes.routes_to_service(virtual_service, TARGET) is is_relevant


def test_only_candidate_is_selected():
    found = make_virtual_service(SPLIT)
    selection = routes.select_virtual_services([make_virtual_service(name="x", hosts=["x"]), found], TARGET)
    assert selection == ((found,), (), ())


def test_wildcard_host_for_callers_in_the_mesh_is_selected():
    wildcard = make_virtual_service(SPLIT, hosts=["*.shop.svc.cluster.local"])
    assert routes.select_virtual_services([wildcard], TARGET) == ((wildcard,), (), ())


def test_several_candidates_are_named_with_gateways_and_paths():
    ingress = make_virtual_service(SPLIT, name="ingress", hosts=["shop.example.com"], gateways=["public"])
    selection = routes.select_virtual_services([make_virtual_service(SPLIT), ingress], TARGET)
    assert selection.selected == ()
    assert describe(selection.findings) == [
        ("error", "VirtualService shop/reviews", "spec.http[0].route[0].destination"),
        ("error", "VirtualService shop/ingress", "spec.http[0].route[0].destination"),
    ]
    assert "gateways: mesh" in selection.findings[0].message
    assert "gateways: shop/public" in selection.findings[1].message


def test_ignored_candidate_does_not_count():
    found, ignored = make_virtual_service(SPLIT), make_virtual_service(SPLIT, name="old", namespace="web", hosts=[HOST])
    target = dataclasses.replace(TARGET, ignore_virtual_services=("web/old",))
    assert routes.select_virtual_services([ignored, found], target) == ((found,), (), ())


def test_named_objects_are_selected_in_their_order():
    ingress = make_virtual_service(SPLIT, name="ingress", hosts=["shop.example.com"], gateways=["public"])
    mesh = make_virtual_service(SPLIT)
    target = dataclasses.replace(TARGET, virtual_services=("shop/ingress", "reviews", "missing"))
    selection = routes.select_virtual_services([mesh, ingress], target)
    assert selection == ((ingress, mesh), (ObjectName("shop", "missing"),), ())


def test_route_outside_of_the_named_objects_is_an_error():
    other = make_virtual_service(SPLIT, name="other", hosts=["a.example"], gateways=["web/public"])
    target = dataclasses.replace(TARGET, virtual_services=("reviews",))
    selection = routes.select_virtual_services([make_virtual_service(SPLIT), other], target)
    assert describe(selection.findings) == [("error", "VirtualService shop/other", "spec.http[0].route[0].destination")]
    assert "web/public" in selection.findings[0].message


def test_named_object_without_route_to_the_service_is_an_error():
    target = dataclasses.replace(TARGET, virtual_services=("reviews", "x"))
    other = make_virtual_service(name="x", hosts=["x"])
    selection = routes.select_virtual_services([make_virtual_service(SPLIT), other], target)
    assert describe(selection.findings) == [("error", "VirtualService shop/x", "spec")]


def test_ingress_alone_must_be_named():
    ingress = make_virtual_service(SPLIT, name="ingress", hosts=["shop.example.com"], gateways=["public"])
    selection = routes.select_virtual_services([ingress], TARGET)
    assert selection.selected == ()
    assert describe(selection.findings) == [("error", "VirtualService shop/ingress", "spec.hosts")]
    named = routes.select_virtual_services([ingress], dataclasses.replace(TARGET, virtual_services=("ingress",)))
    assert named.selected == (ingress,)
    assert describe(named.findings) == [("warning", "Service shop/reviews", "")]


def test_service_without_virtual_service_is_missing():
    assert routes.select_virtual_services([], TARGET) == ((), (ObjectName("shop", "reviews"),), ())


@pytest.mark.parametrize(
    ("virtual_service", "applies"),
    [
        (make_virtual_service(hosts=["*.shop.svc.cluster.local"]), True),
        (make_virtual_service(hosts=["*"]), True),
        (make_virtual_service(hosts=["*"], gateways=["public"]), False),
        (make_virtual_service(hosts=["*"], exportTo=["~"]), False),
        (make_virtual_service(hosts=["*.other.svc.cluster.local"]), False),
    ],
)
def test_wildcard_for_callers_in_the_mesh_is_found(virtual_service, applies):
    assert (routes.find_wildcard([virtual_service], TARGET) is virtual_service) is applies


def test_partial_names_are_findings():
    found = make_virtual_service(make_route(make_destination("v1", host="reviews.shop.svc")), hosts=["reviews.shop"])
    assert describe(routes.find_partial_names([found], TARGET)) == [
        ("warning", "VirtualService shop/reviews", "spec.hosts[0]"),
        ("warning", "VirtualService shop/reviews", "spec.http[0].route[0].destination.host"),
    ]


def test_route_is_read_with_roles_versions_and_weights():
    found = make_virtual_service(
        make_route(make_destination("x", host="ratings"), match=[{"uri": {"prefix": "/ratings"}}]),
        make_route(make_destination("v2", 10), make_destination("v1", 90), make_destination("v3"), name="main"),
    )
    (route,), findings = read(found)
    assert findings == []
    assert (route.virtual_service, route.position, route.name, route.is_match) == (
        ("shop", "reviews"),
        1,
        "main",
        False,
    )
    assert [entry[2:] for entry in route.destinations] == [
        (GRAY, "v2", "v2", 10),
        (ORIGINAL, "v1", "v1", 90),
        (OTHER, "v3", "v3", 0),
    ]
    assert route.is_pinned


@pytest.mark.parametrize(
    ("destinations", "weights"),
    [
        ([make_destination("v1")], [100]),
        ([make_destination("v1", 100)], [100]),
        ([make_destination("v1", 100), make_destination("v2")], [100, 0]),
    ],
)
def test_missing_weight_has_the_default_of_istio(destinations, weights):
    (route,), findings = read(make_virtual_service(make_route(*destinations)))
    assert [entry.weight for entry in route.destinations] == weights
    assert findings == []


def test_destination_without_subset_counts_as_original_and_is_not_pinned():
    (route,), findings = read(make_virtual_service(make_route(make_destination())), rule=None)
    assert [(entry.role, entry.version) for entry in route.destinations] == [(ORIGINAL, None)]
    assert not route.is_pinned
    assert findings == []


def test_match_route_is_recognized_by_its_name():
    match = make_route(make_destination("v2"), name="canary.reviews.shop.0", match=[{}])
    other = make_route(make_destination("v1"), name="canary.ratings.shop.0")
    found, findings = read(make_virtual_service(match, other))
    assert [route.is_match for route in found] == [True, False]


NAME = "VirtualService shop/reviews"


@pytest.mark.parametrize(
    ("virtual_service", "expected"),
    [
        pytest.param(
            make_virtual_service(make_route(make_destination("v1", 80), make_destination("v2", 10))),
            ("error", NAME, "spec.http[0].route"),
            id="sum 90",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v1", 60), make_destination("v2", 60))),
            ("error", NAME, "spec.http[0].route"),
            id="sum 120",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v1", 50))),
            ("error", NAME, "spec.http[0].route"),
            id="single 50",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v1", 90), make_destination("v3", 10))),
            ("error", NAME, "spec.http[0].route[1]"),
            id="third version",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v1", 90), make_destination("v1", 10, host="ratings"))),
            ("error", NAME, "spec.http[0].route[1]"),
            id="other host",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v1", 90), make_destination("v1", 10))),
            ("error", NAME, "spec.http[0].route[1]"),
            id="version twice",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v9"))),
            ("error", NAME, "spec.http[0].route[0]"),
            id="unknown subset",
        ),
        pytest.param(
            make_virtual_service(SPLIT, tcp=[make_route(make_destination("v1"))]),
            ("error", NAME, "spec.tcp[0].route[0].destination"),
            id="tcp",
        ),
        pytest.param(
            make_virtual_service(SPLIT, tls=[make_route(make_destination("v1"))]),
            ("error", NAME, "spec.tls[0].route[0].destination"),
            id="tls",
        ),
        pytest.param(
            make_virtual_service({"delegate": {"name": "x"}, "match": [{"uri": {"prefix": "/x"}}]}, SPLIT),
            ("error", NAME, "spec.http[0].delegate"),
            id="delegate",
        ),
        pytest.param(make_virtual_service(SPLIT, hosts=[]), ("error", NAME, "spec.hosts"), id="is a delegate"),
        pytest.param(
            make_virtual_service({"redirect": {"uri": "/"}}, SPLIT),
            ("error", NAME, "spec.http[0].redirect"),
            id="redirect",
        ),
        pytest.param(
            make_virtual_service({"directResponse": {"status": 503}, "match": [{"uri": {"prefix": "/"}}]}, SPLIT),
            ("error", NAME, "spec.http[0].directResponse"),
            id="direct response",
        ),
        pytest.param(
            make_virtual_service({"redirect": {"uri": "/"}, "match": [{"uri": {"exact": "/old"}}]}, SPLIT),
            ("warning", NAME, "spec.http[0].redirect"),
            id="redirect with condition",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination("v1")), SPLIT),
            ("warning", NAME, "spec.http[0]"),
            id="route behind a catch-all",
        ),
        pytest.param(
            make_virtual_service(make_route(make_destination(host="ratings"))),
            ("error", NAME, "spec.http"),
            id="no route to the Service",
        ),
    ],
)
def test_route_that_cannot_be_changed_is_a_finding(virtual_service, expected):
    assert describe(read(virtual_service)[1]) == [expected]


def test_sum_of_weights_is_explained():
    found = make_virtual_service(make_route(make_destination("v1", 2), make_destination("v2", 1)))
    assert str(read(found)[1][0]) == (
        "VirtualService shop/reviews, spec.http[0].route: the sum of the weights is 3. Istio accepts that, but only"
        " routes with the sum 100 can be changed."
    )


def test_third_version_without_weight_does_not_block():
    found = make_virtual_service(make_route(make_destination("v1", 100), make_destination("v3", 0)))
    assert read(found)[1] == []


def test_mirrors_name_subsets_but_are_no_routes():
    mirrored = make_route(
        make_destination("v1"),
        mirror={"host": "reviews", "subset": "v2"},
        mirrors=[{"destination": {"host": HOST, "subset": "v3"}, "percentage": {"value": 1.0}}],
    )
    found = make_virtual_service(mirrored, make_route(make_destination("v4", host="ratings")))
    assert routes.list_named_subsets(found, TARGET) == {"v1", "v2", "v3"}
    assert [reference.subset for reference in routes.list_references(found, TARGET)] == ["v1"]
