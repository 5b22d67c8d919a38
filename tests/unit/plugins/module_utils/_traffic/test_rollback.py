# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    Change,
    Readiness,
    TrafficDesired,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.plan import (
    interpret,
    make_plan,
    preview,
    with_readiness,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.rollback import find_remaining_traffic
from istio_objects import TARGET, make_destination, make_route, make_rule, make_service, make_virtual_service

Object = t.Dict[str, t.Any]
SPLIT = make_route(make_destination("v1", 90), make_destination("v2", 10))
BACK = [make_destination("v1", 100), make_destination("v2", 0)]
OWNED = dataclasses.replace(TARGET, owner_annotation="example.com/state")


def observe(*virtual_services: Object, rule: Object | None = None, ready: int = 1, target: t.Any = TARGET) -> t.Any:
    rules = [make_rule("v1", "v2", "v3") if rule is None else rule]
    observed = interpret(target, make_service(), virtual_services, rules)
    return with_readiness(observed, {"v1": Readiness(1, ready), "v2": Readiness(1, 1), "v3": Readiness(1, 1)})


def roll_back(observed: t.Any, target: t.Any = TARGET) -> list[Change]:
    return make_plan(target, TrafficDesired(rollback=True), observed)


def routes_after(route: Object, rule: Object | None = None) -> list[Object]:
    """Return the destinations of a route after a rollback. The next plan has no changes."""
    observed = observe(make_virtual_service(route), rule=rule)
    changes = roll_back(observed)
    after = preview(TARGET, observed, changes)
    assert roll_back(after) == []
    return after.virtual_services[0]["spec"]["http"][0]["route"]


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ([("v1", 90), ("v2", 10)], BACK),
        ([("v2", None)], [make_destination("v1", 100), make_destination("v2", 0)]),
        ([(None, None)], [make_destination("v1")]),
        ([(None, 90), ("v2", 10)], BACK),
        # Another version keeps its share, also if the sum is wrong.
        ([("v1", 60), ("v2", 10), ("v3", 30)], [make_destination("v1", 70), make_destination("v2", 0), make_destination("v3", 30)]),
        ([("v1", 70), ("v2", 10), ("v3", 10)], [make_destination("v1", 80), make_destination("v2", 0), make_destination("v3", 10)]),
        ([("v2", 70), ("v3", 30)], [make_destination("v1", 70), make_destination("v2", 0), make_destination("v3", 30)]),
        ([("v1", 70), ("v2", 10)], BACK),
        ([("v1", 40), ("v1", 40), ("v2", 20)], [make_destination("v1", 60), make_destination("v1", 40), make_destination("v2", 0)]),
        ([("v1", 50), ("v2", 20), ("v2", 30)], [make_destination("v1", 100), make_destination("v2", 0), make_destination("v2", 0)]),
        # Requests to a subset that does not exist fail.
        ([("v1", 90), ("gray", 10)], [make_destination("v1", 100)]),
        ([("gray", None)], [make_destination("v1")]),
        ([("gray", 0), ("v3", 100)], [make_destination("v3", 100)]),
    ],
)  # fmt: skip
def test_weight_of_the_gray_version_moves_to_the_original(route: list[tuple[str, int]], expected: list[Object]) -> None:
    assert routes_after(make_route(*(make_destination(*entry) for entry in route))) == expected


def test_deleted_subsets_of_both_versions_are_repaired() -> None:
    observed = observe(make_virtual_service(SPLIT), rule=make_rule())
    changes = roll_back(observed)
    assert list(map(str, changes)) == ["DestinationRule shop/reviews", "VirtualService shop/reviews"]
    assert changes[0].after["spec"]["subsets"] == [{"name": "v1", "labels": {"version": "v1"}}]
    assert changes[1].after["spec"]["http"] == [make_route(make_destination("v1", 100))]


def test_rollback_restores_deleted_original_subset() -> None:
    changes = roll_back(observe(make_virtual_service(make_route(make_destination("v1"))), rule=make_rule("v2")))
    assert list(map(str, changes)) == ["DestinationRule shop/reviews"]


def test_rollback_removes_only_match_routes() -> None:
    testers = make_route(
        make_destination("v2"), name="canary.reviews.shop.0", match=[{"headers": {"x": {"exact": "y"}}}]
    )
    other = make_route(make_destination(host="ratings"), match=[{"uri": {"prefix": "/ratings"}}])
    retries = {"retries": {"attempts": 2}, "timeout": "3s"}
    tcp = [{"route": [make_destination("v2")]}]
    changed = make_virtual_service(other, testers, {**SPLIT, **retries}, tcp=tcp)
    (change,) = roll_back(observe(changed))
    assert change.after == make_virtual_service(other, {**make_route(*BACK), **retries}, tcp=tcp)


def test_rollback_requires_a_ready_pod_of_the_original_version() -> None:
    with pytest.raises(TrafficError, match="none of its 1 pods is ready"):
        roll_back(observe(make_virtual_service(SPLIT), ready=0))
    assert roll_back(observe(make_virtual_service(make_route(*BACK)), ready=0)) == []


def test_rollback_without_destination_rule_fails() -> None:
    observed = interpret(TARGET, make_service(), [make_virtual_service(SPLIT)], [])
    with pytest.raises(TrafficError) as caught:
        roll_back(observed)
    assert str(caught.value) == (
        "Failed to change the traffic of the Service shop/reviews: it has no DestinationRule."
        " Create what is missing, or set create_missing to true"
    )


def test_rollback_can_create_the_destination_rule() -> None:
    target = dataclasses.replace(TARGET, create_missing=True)
    observed = interpret(target, make_service(), [make_virtual_service(SPLIT)], [])
    observed = with_readiness(observed, {"v1": Readiness(1, 1)})
    changes = roll_back(observed, target)
    assert [(str(change), change.before is None) for change in changes] == [
        ("DestinationRule shop/reviews", True),
        ("VirtualService shop/reviews", False),
    ]
    assert changes[0].after["spec"]["subsets"] == [{"name": "v1", "labels": {"version": "v1"}}]
    assert changes[1].after["spec"]["http"] == [make_route(make_destination("v1", 100))]
    assert roll_back(preview(target, observed, changes), target) == []
    with pytest.raises(TrafficError, match="none of its 1 pods is ready"):
        roll_back(with_readiness(observed, {"v1": Readiness(1, 0)}), target)


@pytest.mark.parametrize("create", [False, True])
def test_rollback_creates_no_second_destination_rule(create: bool) -> None:
    target = dataclasses.replace(TARGET, create_missing=create)
    rules = [make_rule("v1", name=name) for name in ("reviews", "other")]
    observed = interpret(target, make_service(), [make_virtual_service(SPLIT)], rules)
    with pytest.raises(TrafficError, match="shop/other"):
        roll_back(observed, target)


def test_rollback_compares_routes_at_the_same_place() -> None:
    lost = make_route(
        make_destination("gone", 0), make_destination(weight=100, host="ratings"), match=[{"uri": {"prefix": "/a"}}]
    )
    testers = make_route(make_destination("v2"), name="canary.reviews.shop.0", match=[{"uri": {"prefix": "/b"}}])
    observed = observe(make_virtual_service(testers, lost, make_route(*BACK)), ready=0)
    (change,) = roll_back(observed)
    # Only the first route loses its destination. The original version gets no more requests than before.
    left = make_route(make_destination(host="ratings", weight=100), match=[{"uri": {"prefix": "/a"}}])
    assert change.after["spec"]["http"] == [left, make_route(*BACK)]


def test_second_virtual_service_is_reported_and_not_changed() -> None:
    own = make_virtual_service(SPLIT)
    own["metadata"]["annotations"] = {"example.com/state": "{}"}
    other = make_virtual_service(SPLIT, name="web", tcp=[{"route": [make_destination("v2")]}])
    observed = observe(own, other, target=OWNED)
    assert [str(finding).partition(": ")[0] for finding in observed.errors] == [
        "VirtualService shop/web, spec.http[0].route[0].destination"
    ]
    assert list(map(str, roll_back(observed, OWNED))) == ["VirtualService shop/reviews"]
    assert list(map(str, find_remaining_traffic(observed, OWNED))) == [
        "VirtualService shop/web, spec.http[0].route[1].destination: the gray version gets 10 % of the requests.",
        "VirtualService shop/web, spec.tcp[0].route[0].destination: the gray version gets 100 % of the requests.",
    ]
    ignored = dataclasses.replace(OWNED, ignore_virtual_services=("web",))
    assert find_remaining_traffic(observe(own, other, target=ignored), ignored) == []


@pytest.mark.parametrize("annotated", [0, 2])
def test_owner_is_unknown_unless_one_object_is_annotated(annotated: int) -> None:
    found = [make_virtual_service(SPLIT, name=name) for name in ("reviews", "web")]
    for virtual_service in found[:annotated]:
        virtual_service["metadata"]["annotations"] = {"example.com/state": "{}"}
    observed = observe(*found, target=OWNED)
    assert (observed.virtual_services, len(observed.errors)) == ((), 2)
