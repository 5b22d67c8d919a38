# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
import re

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import edit
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import GRAY, ORIGINAL, TrafficDesired
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.patches import make_patch
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.routes import get_match_prefix, read_routes
from fake_cluster import apply_patch
from hypothesis import given, settings
from hypothesis import strategies as st
from istio_objects import HOST, TARGET, make_destination, make_route, make_rule, make_virtual_service

RULE = make_rule("v1", "v2", "v3")
SUBSETS = {ORIGINAL: "v1", GRAY: "v2"}
TESTERS = {"headers": {"x-tester": "yes"}}
TESTER_CONDITION = {"headers": {"x-tester": {"exact": "yes"}}}


def change(virtual_service, **desired):
    routes, findings = read_routes(virtual_service, RULE, TARGET)
    before = copy.deepcopy(virtual_service)
    after = edit.edit_virtual_service(virtual_service, routes, TrafficDesired(**desired), SUBSETS, TARGET)
    assert virtual_service == before, "the argument is not changed"
    return after


def set_weight(*destinations, **desired):
    return change(make_virtual_service(make_route(*destinations)), **desired)["spec"]["http"][0]["route"]


V1, V2, V3 = (lambda weight=None, subset=subset: make_destination(subset, weight) for subset in ("v1", "v2", "v3"))


@pytest.mark.parametrize(
    ("before", "weight", "after"),
    [
        ([make_destination()], 0, [V1()]),
        ([make_destination()], 10, [V1(90), V2(10)]),
        ([make_destination()], 100, [V1(0), V2(100)]),
        ([make_destination(weight=100)], 0, [V1(100)]),
        ([V1()], 0, [V1()]),
        ([V1()], 10, [V1(90), V2(10)]),
        ([V1(100)], 10, [V1(90), V2(10)]),
        ([V1(90), V2(10)], 10, [V1(90), V2(10)]),
        ([V1(90), V2(10)], 50, [V1(50), V2(50)]),
        ([V2(10), V1(90)], 50, [V2(50), V1(50)]),
        ([V1(90), V2(10)], 0, [V1(100), V2(0)]),
        ([V1(100), V2()], 0, [V1(100), V2()]),
        ([V1(100), V2()], 100, [V1(0), V2(100)]),
        ([V2()], 100, [V2()]),
        ([V2()], 30, [V1(70), V2(30)]),
        ([V2(100)], 0, [V1(100), V2(0)]),
        ([V1(100), V3(0)], 10, [V1(90), V2(10), V3(0)]),
        ([V3(0), V1(100)], 10, [V3(0), V1(90), V2(10)]),
    ],
)
def test_weight_is_set(before, weight, after):
    assert set_weight(*before, weight=weight) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([make_destination()], [V1()]),
        ([V1(90), V2(10)], [V1(100)]),
        ([V2(100), V1(0)], [V1(100)]),
        ([V1()], [V1()]),
        ([V2()], [V1()]),
        ([V1(50), V2(50), V3(0)], [V1(100), V3(0)]),
    ],
)
def test_absent_leaves_only_the_original_version(before, after):
    assert set_weight(*before, absent=True) == after


def test_match_without_weight_leaves_the_weights_alone():
    after = change(make_virtual_service(make_route(V1(90), V2(10))), match=TESTERS)
    assert after["spec"]["http"][1] == make_route(V1(90), V2(10))


def test_new_destination_copies_port_and_headers():
    entry = {
        "destination": {"host": HOST, "port": {"number": 80}, "subset": "v1"},
        "headers": {"request": {"set": {"x": "1"}}},
        "unknownField": [1],
    }
    assert set_weight(entry, weight=25) == [
        {**entry, "weight": 75},
        {**entry, "destination": {"host": HOST, "port": {"number": 80}, "subset": "v2"}, "weight": 25},
    ]


def test_routes_to_other_services_stay():
    other = make_route(
        make_destination("v1", 40, host="ratings"),
        make_destination("v2", 60, host="ratings"),
        match=[{"uri": {"exact": "/"}}],
    )
    after = change(
        make_virtual_service(other, make_route(V1()), {"redirect": {"uri": "/x"}}), weight=100, match=TESTERS
    )
    assert [after["spec"]["http"][index] for index in (0, 3)] == [other, {"redirect": {"uri": "/x"}}]


def test_every_route_to_the_service_is_shifted():
    first, second = make_route(V1(), match=[{"uri": {"prefix": "/a"}}]), make_route(V2(100))
    after = change(make_virtual_service(first, second), weight=20)
    assert [route["route"] for route in after["spec"]["http"]] == [[V1(80), V2(20)], [V1(80), V2(20)]]


def test_match_route_is_a_copy_directly_before_its_route():
    first = make_route(V1(), name="first", match=[{"uri": {"prefix": "/a"}}, {"headers": {"x": {"exact": "1"}}}])
    second = make_route(
        V1(90),
        V2(10),
        timeout="3s",
        retries={"attempts": 2},
        rewrite={"uri": "/"},
        headers={"request": {"remove": ["x"]}},
        unknownField={"a": None},
    )
    after = change(make_virtual_service(first, second), match=TESTERS)
    assert after["spec"]["http"] == [
        {
            "name": "canary.reviews.shop.0",
            "match": [
                {"uri": {"prefix": "/a"}, **TESTER_CONDITION},
                {"headers": {"x": {"exact": "1"}, "x-tester": {"exact": "yes"}}},
            ],
            "route": [V2()],
        },
        first,
        {
            "name": "canary.reviews.shop.1",
            "match": [TESTER_CONDITION],
            "route": [V2()],
            "timeout": "3s",
            "retries": {"attempts": 2},
            "rewrite": {"uri": "/"},
            "headers": {"request": {"remove": ["x"]}},
            "unknownField": {"a": None},
        },
        second,
    ]


def test_route_that_only_leads_to_gray_gets_no_match_route():
    virtual_service = make_virtual_service(make_route(V2()))
    assert change(virtual_service, match=TESTERS) == virtual_service


def test_match_routes_are_replaced_kept_and_removed():
    once = change(make_virtual_service(make_route(V1())), match=TESTERS)
    assert change(once, match=TESTERS) == once
    assert change(once, weight=0) == once
    other = change(once, match={"query_params": {"beta": {"prefix": "1"}}})
    assert [route.get("match") for route in other["spec"]["http"]] == [
        [{"queryParams": {"beta": {"prefix": "1"}}}],
        None,
    ]
    assert change(once, match={}) == make_virtual_service(make_route(V1()))
    assert change(once, absent=True) == make_virtual_service(make_route(V1()))


def test_match_routes_of_another_service_stay():
    foreign = make_route(make_destination("v2", host="ratings"), name="canary.ratings.shop.0", match=[{}])
    virtual_service = make_virtual_service(foreign, make_route(V1()))
    assert change(virtual_service, absent=True) == virtual_service


@pytest.mark.parametrize(
    ("match", "conditions"),
    [
        ({"headers": {"X-Tester": "yes"}}, {"headers": {"x-tester": {"exact": "yes"}}}),
        ({"headers": {"x": {"regex": "a.*"}}}, {"headers": {"x": {"regex": "a.*"}}}),
        ({"query_params": {"beta": "1"}}, {"queryParams": {"beta": {"exact": "1"}}}),
        (
            {"headers": {"x": "1"}, "query_params": {"y": "2"}},
            {"headers": {"x": {"exact": "1"}}, "queryParams": {"y": {"exact": "2"}}},
        ),
        (
            {"cookies": {"canary": "a.b"}},
            {"headers": {"cookie": {"regex": r"(.*;\s*)?canary=a\.b(\s*;.*)?"}}},
        ),
    ],
)
def test_conditions_of_testers(match, conditions):
    assert edit.make_conditions(match) == conditions


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        ("canary=yes", True),
        ("a=b; canary=yes", True),
        ("canary=yes; a=b", True),
        ("a=b;canary=yes;c=d", True),
        ("canary=yess", False),
        ("xcanary=yes", False),
        ("a=canary=yes", False),
        ("canary=no", False),
    ],
)
def test_cookie_is_one_of_several(header, matches):
    assert bool(re.fullmatch(edit.make_cookie_regex({"canary": "yes"}), header)) is matches


def test_condition_for_the_same_header_is_an_error():
    route = make_route(V1(), match=[{"headers": {"X-Tester": {"exact": "no"}}}])
    with pytest.raises(TrafficError) as failure:
        change(make_virtual_service(route), match=TESTERS)
    assert str(failure.value) == (
        "Testers cannot be routed: VirtualService shop/reviews, spec.http[0].match: it already has a condition for headers"
        " 'x-tester', and a route can have only one."
    )


def test_equal_condition_is_not_repeated():
    route = make_route(V1(), match=[{"headers": {"X-Tester": {"exact": "yes"}}}])
    after = change(make_virtual_service(route), match=TESTERS)
    assert after["spec"]["http"][0]["match"] == [{"headers": {"X-Tester": {"exact": "yes"}}}]


def test_new_virtual_service_is_pinned_with_testers():
    created = edit.make_virtual_service(TARGET, TrafficDesired(weight=5, match=TESTERS), SUBSETS)
    full = [make_destination(subset, weight, host=HOST) for subset, weight in (("v1", 95), ("v2", 5))]
    assert created == {
        "kind": "VirtualService",
        "metadata": {"namespace": "shop", "name": "reviews"},
        "spec": {
            "hosts": [HOST],
            "http": [
                {
                    "name": "canary.reviews.shop.0",
                    "match": [TESTER_CONDITION],
                    "route": [make_destination("v2", host=HOST)],
                },
                {"route": full},
            ],
        },
    }


# Properties

STABLE = settings(derandomize=True, database=None, deadline=None)

FIELDS = st.sampled_from(
    [
        {},
        {"timeout": "3s"},
        {"retries": {"attempts": 3, "perTryTimeout": "2s"}, "rewrite": {"uri": "/"}},
        {"corsPolicy": {"allowOrigins": [{"exact": "*"}]}, "x-unknown": [None, True, 1.5]},
        {"headers": {"request": {"remove": ["b", "a"]}}},
    ]
)


@st.composite
def service_routes(draw):
    weight = draw(st.integers(0, 100))
    pairs = [[make_destination()], [V1()], [V2()], [V1(weight), V2(100 - weight)], [V2(weight), V1(100 - weight)]]
    entries = copy.deepcopy(draw(st.sampled_from(pairs)))
    if len(entries) == 2 and draw(st.booleans()):
        entries.insert(draw(st.integers(0, 2)), V3(0))
    for entry in entries:
        entry.update(draw(FIELDS))
    return {**draw(FIELDS), "route": entries, **draw(FIELDS)}


OTHER_ROUTES = st.just({"redirect": {"uri": "/"}}) | FIELDS.map(
    lambda fields: {
        **fields,
        "route": [make_destination("v1", 7, host="ratings"), make_destination("v2", 9, host="ratings")],
    }
)
VIRTUAL_SERVICES = st.lists(service_routes() | OTHER_ROUTES, max_size=4).map(
    lambda routes: make_virtual_service(*routes)
)
DESIRED = st.builds(TrafficDesired, st.integers(0, 100), st.sampled_from([None, {}, TESTERS])) | st.just(
    TrafficDesired(absent=True)
)


def strip_traffic(virtual_service):
    """Return an object as JSON without what may change: match routes, and subsets and weights of the Service."""
    stripped = copy.deepcopy(virtual_service)
    routes = [
        route for route in stripped["spec"]["http"] if not str(route.get("name")).startswith(get_match_prefix(TARGET))
    ]
    stripped["spec"]["http"] = routes
    for route in routes:
        if any(entry["destination"]["host"] == "reviews" for entry in route.get("route") or []):
            route["route"] = None
    return json.dumps(stripped)


@STABLE
@given(VIRTUAL_SERVICES, DESIRED)
def test_weights_are_as_desired_and_their_sum_is_100(virtual_service, desired):
    routes, findings = read_routes(virtual_service, RULE, TARGET)
    after = edit.edit_virtual_service(virtual_service, routes, desired, SUBSETS, TARGET)
    for route in read_routes(after, RULE, TARGET)[0]:
        assert sum(entry.weight for entry in route.destinations) == 100
        assert route.is_pinned
        assert route.weight_of(GRAY) == (100 if route.is_match else desired.weight or 0)


@STABLE
@given(VIRTUAL_SERVICES, DESIRED)
def test_all_other_fields_keep_value_and_order(virtual_service, desired):
    routes, findings = read_routes(virtual_service, RULE, TARGET)
    after = edit.edit_virtual_service(virtual_service, routes, desired, SUBSETS, TARGET)
    assert strip_traffic(after) == strip_traffic(virtual_service)


@STABLE
@given(VIRTUAL_SERVICES, DESIRED)
def test_second_edit_changes_nothing(virtual_service, desired):
    once = edit.edit_virtual_service(
        virtual_service, read_routes(virtual_service, RULE, TARGET)[0], desired, SUBSETS, TARGET
    )
    assert edit.edit_virtual_service(once, read_routes(once, RULE, TARGET)[0], desired, SUBSETS, TARGET) == once


@STABLE
@given(VIRTUAL_SERVICES, DESIRED)
def test_patch_leads_to_exactly_the_edited_object(virtual_service, desired):
    routes, findings = read_routes(virtual_service, RULE, TARGET)
    after = edit.edit_virtual_service(virtual_service, routes, desired, SUBSETS, TARGET)
    patch = make_patch(virtual_service, after)
    assert json.dumps(apply_patch(virtual_service, patch)) == json.dumps(after)
    assert bool(patch) is (virtual_service != after)
