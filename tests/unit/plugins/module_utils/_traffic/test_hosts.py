# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import hosts
from istio_objects import HOST, make_rule, make_virtual_service


@pytest.mark.parametrize(
    ("host", "namespace", "resolved"),
    [
        ("reviews", "shop", "reviews.shop.svc.cluster.local"),
        ("reviews", "other", "reviews.other.svc.cluster.local"),
        ("reviews.shop.svc.cluster.local", "other", "reviews.shop.svc.cluster.local"),
        ("reviews.shop", "shop", "reviews.shop"),
        ("reviews.shop.svc", "shop", "reviews.shop.svc"),
        ("shop.example.com", "shop", "shop.example.com"),
        ("*", "shop", "*"),
        ("*.shop.svc.cluster.local", "other", "*.shop.svc.cluster.local"),
        ("2001:db8::1", "shop", "2001:db8::1"),
        ("", "shop", ""),
    ],
)
def test_host_is_resolved_like_istio(host, namespace, resolved):
    assert hosts.resolve_host(host, namespace, "cluster.local") == resolved


def test_short_name_is_resolved_in_the_cluster_domain():
    assert hosts.resolve_host("reviews", "shop", "mesh.example") == "reviews.shop.svc.mesh.example"


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        (HOST, True),
        ("*", True),
        ("*.local", True),
        ("*.shop.svc.cluster.local", True),
        ("*.other.svc.cluster.local", False),
        ("reviews.shop", False),
        ("ratings.shop.svc.cluster.local", False),
    ],
)
def test_host_pattern_matches_service(pattern, matches):
    assert hosts.matches_host(pattern, HOST) is matches


@pytest.mark.parametrize(
    ("host", "partial"),
    [
        ("reviews.shop", True),
        ("reviews.shop.svc", True),
        ("reviews.shop.svc.cluster.local.", True),
        (HOST, False),
        ("reviews", False),
        ("reviews.shopping", False),
    ],
)
def test_partial_name_is_recognized(host, partial):
    assert hosts.is_partial_name(host, HOST) is partial


@pytest.mark.parametrize(
    ("export_to", "visibility"),
    [
        (None, None),
        ([], None),
        (["*"], None),
        (["other", "*"], None),
        (["."], {"shop"}),
        ([".", "other"], {"shop", "other"}),
        (["~"], set()),
    ],
)
def test_export_to_decides_which_namespaces_see_an_object(export_to, visibility):
    found = make_virtual_service(**({} if export_to is None else {"exportTo": export_to}))
    assert hosts.get_visibility(found) == visibility
    assert hosts.is_visible(found) is (visibility != set())
    assert hosts.is_visible_in(found, "other") is (visibility is None or "other" in visibility)


@pytest.mark.parametrize(
    ("gateways", "resolved"),
    [
        (None, ["mesh"]),
        (["public", "mesh", "istio-system/public"], ["shop/public", "mesh", "istio-system/public"]),
    ],
)
def test_gateways_default_to_mesh_and_belong_to_the_own_namespace(gateways, resolved):
    found = make_virtual_service(**({} if gateways is None else {"gateways": gateways}))
    assert hosts.list_gateways(found) == resolved


def test_most_specific_rule_wins():
    rules = [
        make_rule(name=name, host=host)
        for name, host in (("a", "*"), ("b", "*.shop.svc.cluster.local"), ("c", "*.local"))
    ]
    assert hosts.select_most_specific(rules, HOST, "cluster.local")["metadata"]["name"] == "b"
    exact = make_rule(name="d", host="reviews")
    assert hosts.select_most_specific([*rules, exact], HOST, "cluster.local") is exact
    assert hosts.select_most_specific([make_rule(host="ratings")], HOST, "cluster.local") is None
