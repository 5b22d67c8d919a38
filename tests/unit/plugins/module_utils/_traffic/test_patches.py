# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.patches import (
    apply_annotations,
    make_patch,
)
from fake_cluster import apply_patch
from istio_objects import make_destination, make_route, make_rule, make_virtual_service

VERSION = {"op": "test", "path": "/metadata/resourceVersion", "value": "1"}
OLD = make_route(make_destination("v1", 90), make_destination("v2", 10), timeout="1s")
NEW = make_route(make_destination("v1", 50), make_destination("v2", 50), timeout="1s")


def test_equal_objects_need_no_patch():
    assert make_patch(make_virtual_service(OLD), make_virtual_service(OLD)) == []
    assert make_patch(make_rule("v1"), make_rule("v1"), {}) == []


def test_weight_replaces_only_the_destinations_of_its_route():
    before, after = make_virtual_service(OLD, OLD), make_virtual_service(OLD, NEW)
    assert make_patch(before, after) == [
        VERSION,
        {"op": "test", "path": "/spec/http", "value": [OLD, OLD]},
        {"op": "replace", "path": "/spec/http/1/route", "value": NEW["route"]},
    ]


def test_changed_match_route_is_replaced():
    match = make_route(make_destination("v2"), name="canary.reviews.shop.0", match=[{"uri": {"exact": "/a"}}])
    changed = {**match, "match": [{"uri": {"exact": "/b"}}]}
    assert make_patch(make_virtual_service(match, OLD), make_virtual_service(changed, OLD)) == [
        VERSION,
        {"op": "test", "path": "/spec/http", "value": [match, OLD]},
        {"op": "replace", "path": "/spec/http/0", "value": changed},
    ]


def test_inserted_route_replaces_the_list():
    match = make_route(make_destination("v2"), name="canary.reviews.shop.0")
    assert make_patch(make_virtual_service(OLD), make_virtual_service(match, OLD)) == [
        VERSION,
        {"op": "test", "path": "/spec/http", "value": [OLD]},
        {"op": "replace", "path": "/spec/http", "value": [match, OLD]},
    ]


def test_subsets_are_added_and_removed():
    subsets = make_rule("v1")["spec"]["subsets"]
    test = {"op": "test", "path": "/spec/subsets", "value": subsets}
    assert make_patch(make_rule(), make_rule("v1")) == [
        VERSION,
        {"op": "add", "path": "/spec/subsets", "value": subsets},
    ]
    assert make_patch(make_rule("v1"), make_rule()) == [VERSION, test, {"op": "remove", "path": "/spec/subsets"}]
    both = make_rule("v1", "v2")
    assert make_patch(make_rule("v1"), both) == [
        VERSION,
        test,
        {"op": "replace", "path": "/spec/subsets", "value": both["spec"]["subsets"]},
    ]


def test_annotations_are_part_of_the_patch():
    before, after = make_virtual_service(OLD), make_virtual_service(NEW)
    patch = make_patch(before, after, {"example.com/a~b": "1", "gone": None})
    assert patch == [
        VERSION,
        {"op": "test", "path": "/spec/http", "value": [OLD]},
        {"op": "replace", "path": "/spec/http/0/route", "value": NEW["route"]},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/example.com~1a~0b", "value": "1"},
    ]
    assert apply_patch(before, patch) == apply_annotations(after, {"example.com/a~b": "1", "gone": None})


def test_existing_annotations_are_changed_and_removed():
    before = make_virtual_service(OLD)
    before["metadata"]["annotations"] = {"a": "1", "b": "2", "c": "3"}
    patch = make_patch(before, before, {"a": "9", "b": None, "c": "3"})
    assert patch == [
        VERSION,
        {"op": "add", "path": "/metadata/annotations/a", "value": "9"},
        {"op": "remove", "path": "/metadata/annotations/b"},
    ]
    assert apply_annotations(before, {"a": "9", "b": None})["metadata"]["annotations"] == {"a": "9", "c": "3"}


def test_object_without_annotations_stays_without_them():
    assert apply_annotations(make_rule(), {"a": None}) == make_rule()
