# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import subsets
from istio_objects import HOST, TARGET, make_rule, make_virtual_service


def describe(findings):
    return [(finding.severity, finding.object, finding.path) for finding in findings]


def make_subset(name, **labels):
    return {"name": name, "labels": labels}


def test_subset_is_recognized_by_its_labels():
    rule = make_rule()
    rule["spec"]["subsets"] = [make_subset("v2", version="v1"), make_subset("old", version="v2")]
    assert subsets.find_subset(rule, "v1")["name"] == "v2"
    assert subsets.find_subset(rule, "v2")["name"] == "old"
    assert subsets.find_subset(rule, "v3") is None


def test_subset_with_only_the_version_is_preferred():
    rule = make_rule()
    rule["spec"]["subsets"] = [make_subset("eu", version="v1", region="eu"), make_subset("all", version="v1")]
    assert subsets.find_subset(rule, "v1")["name"] == "all"
    assert subsets.find_ambiguous_subsets(rule, "v1") == []


def test_several_narrow_subsets_are_ambiguous():
    rule = make_rule()
    rule["spec"]["subsets"] = [make_subset(region, version="v1", region=region) for region in ("eu", "us")]
    assert subsets.find_subset(rule, "v1") is None
    assert subsets.find_ambiguous_subsets(rule, "v1") == ["eu", "us"]


@pytest.mark.parametrize(
    ("version", "used", "name"),
    [
        ("v2", [], "v2"),
        ("v2", ["v2"], "v2-2"),
        ("v2", ["v2", "v2-2"], "v2-3"),
        ("V1.2_rc", [], "v1-2-rc"),
        ("___", [], "version"),
        ("a" * 63, [], "a" * 59),
    ],
)
def test_new_subset_gets_a_free_name(version, used, name):
    rule = make_rule()
    rule["spec"]["subsets"] = [make_subset(entry, track=entry) for entry in used]
    assert subsets.make_subset(rule, version) == {"name": name, "labels": {"version": version}}


def test_subsets_are_appended_and_everything_else_stays():
    rule = make_rule("v1", trafficPolicy={"tls": {"mode": "ISTIO_MUTUAL"}})
    changed = subsets.with_subsets(rule, ["v1", "v2"])
    assert changed["spec"] == {
        "host": "reviews",
        "subsets": [make_subset("v1", version="v1"), make_subset("v2", version="v2")],
        "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}},
    }
    assert rule == make_rule("v1", trafficPolicy={"tls": {"mode": "ISTIO_MUTUAL"}})


def test_last_subset_is_removed_with_its_field():
    assert subsets.without_subsets(make_rule("v1", "v2"), {"v2"}) == make_rule("v1")
    assert subsets.without_subsets(make_rule("v1"), {"v1"}) == make_rule()


@pytest.mark.parametrize(
    ("namespace", "host"), [("shop", "*.shop.svc.cluster.local"), ("istio-system", "*.local"), ("istio-system", HOST)]
)
def test_new_rule_carries_the_inherited_policy_over(namespace, host):
    policy = {"connectionPool": {"tcp": {"maxConnections": 10}}}
    inherited = make_rule("blue", name="default", namespace=namespace, host=host, trafficPolicy=policy)
    selection = subsets.select_rule([inherited], TARGET)
    assert selection == (None, inherited, ())
    assert subsets.make_rule(TARGET, selection.inherited, ["v1"]) == {
        "kind": "DestinationRule",
        "metadata": {"namespace": "shop", "name": "reviews"},
        "spec": {
            "host": HOST,
            "trafficPolicy": policy,
            "subsets": [make_subset("blue", version="blue"), make_subset("v1", version="v1")],
        },
    }


def test_rule_of_the_namespace_hides_the_one_of_the_root_namespace():
    own = make_rule(name="own", host="*.local")
    root = make_rule(name="root", namespace="istio-system", host=HOST)
    assert subsets.select_rule([root, own], TARGET).inherited is own


@pytest.mark.parametrize(
    "rule",
    [
        make_rule(namespace="istio-system", host="*.local", exportTo=["."]),
        make_rule(host="*.local", exportTo=["~"]),
        make_rule(host="*.local", workloadSelector={"matchLabels": {"app": "client"}}),
        make_rule(namespace="other", host="*.local"),
        make_rule(host="ratings"),
    ],
)
def test_rule_that_does_not_apply_is_not_inherited(rule):
    assert subsets.select_rule([rule], TARGET) == (None, None, ())


def test_several_rules_for_the_service_are_named():
    selection = subsets.select_rule([make_rule(name="a"), make_rule(name="b", host=HOST)], TARGET)
    assert selection.rule is None
    assert describe(selection.findings) == [("error", "Service shop/reviews", "")]
    assert "shop/a, shop/b" in selection.findings[0].message


def test_rule_can_be_named():
    first, second = make_rule(name="a"), make_rule(name="b", host=HOST)
    target = dataclasses.replace(TARGET, destination_rule="b")
    assert subsets.select_rule([first, second], target) == (second, None, ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ratings", [("error", "DestinationRule shop/ratings", "spec.host")]),
        ("other/missing", [("error", "DestinationRule other/missing", "")]),
        ("missing", []),
        ("client/reviews", [("error", "DestinationRule client/reviews", "metadata.namespace")]),
    ],
)
def test_named_rule_must_be_for_the_service(name, expected):
    target = dataclasses.replace(TARGET, destination_rule=name)
    rules = [make_rule(name="ratings", host="ratings"), make_rule(namespace="client", host=HOST)]
    selection = subsets.select_rule(rules, target)
    assert selection.rule is None
    assert describe(selection.findings) == expected


@pytest.mark.parametrize(
    ("rule", "is_problem"),
    [
        (make_rule(name="other", namespace="client", host=HOST), True),
        (make_rule("v1", name="other", namespace="client", host="*.local"), True),
        (make_rule("v1", "v2", name="other", namespace="client", host=HOST), False),
        (make_rule(name="other", host="reviews", workloadSelector={"matchLabels": {"app": "x"}}), True),
        (make_rule(name="other", namespace="client", host="reviews"), False),
        (make_rule(name="other", namespace="istio-system", host="*.local"), False),
        (make_rule(name="other", host="*.local"), False),
    ],
)
def test_rule_of_callers_that_lacks_the_subsets_is_an_error(rule, is_problem):
    selected = make_rule("v1", "v2")
    found = subsets.check_other_rules([rule, selected], selected, [make_virtual_service()], TARGET)
    name = f"DestinationRule {rule['metadata']['namespace']}/other"
    assert describe(found) == ([("error", name, "spec.subsets")] if is_problem else [])


def test_rule_of_the_namespace_replaces_a_named_one_of_the_root_namespace():
    selected = make_rule("v1", "v2", namespace="istio-system", host=HOST)
    own = make_rule(name="own", host="*.local")
    found = subsets.check_other_rules([own, selected], selected, [make_virtual_service()], TARGET)
    assert describe(found) == [("error", "DestinationRule shop/own", "spec.subsets")]


def test_rule_of_callers_that_do_not_see_the_routes_is_ignored():
    selected = make_rule("v1", "v2")
    other = make_rule(name="other", namespace="client", host=HOST)
    assert subsets.check_other_rules([other], selected, [make_virtual_service(exportTo=["."])], TARGET) == []


@pytest.mark.parametrize(
    ("rule_export", "route_export", "is_problem"),
    [
        (None, None, False),
        (["."], None, True),
        (["."], ["."], False),
        (["shop", "web"], ["web"], False),
        (["shop"], ["shop", "web"], True),
    ],
)
def test_subsets_must_be_visible_wherever_the_routes_are(rule_export, route_export, is_problem):
    rule = make_rule("v1", **({"exportTo": rule_export} if rule_export else {}))
    virtual_service = make_virtual_service(**({"exportTo": route_export} if route_export else {}))
    found = subsets.check_visibility(rule, [virtual_service])
    assert describe(found) == ([("error", "DestinationRule shop/reviews", "spec.exportTo")] if is_problem else [])
