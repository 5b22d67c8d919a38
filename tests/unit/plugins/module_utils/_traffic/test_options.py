# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficDesired, TrafficTarget
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.options import (
    INFO_ARGUMENTS,
    parse_options,
    parse_target,
)

PARAMS = {
    "namespace": "shop",
    "service_name": "reviews",
    "original_version": "v1",
    "gray_version": "v2",
    "weight": 10,
    "match": None,
    "state": "present",
    "propagation_seconds": 10.0,
}


def test_options_become_a_target_and_desired_routes():
    params = {
        **PARAMS,
        "match": {"headers": {"x": "1"}, "cookies": None, "query_params": {}},
        "virtual_services": ["reviews", "web/ingress"],
        "ignore_virtual_services": ["old"],
        "destination_rule": "istio/reviews",
        "create_missing": True,
        "require_ready": False,
        "propagation_seconds": 0.0,
        "cluster_domain": "example.org",
        "root_namespace": "istio-config",
    }
    assert parse_options(params) == (
        TrafficTarget(
            namespace="shop",
            service_name="reviews",
            original_version="v1",
            gray_version="v2",
            virtual_services=("reviews", "web/ingress"),
            ignore_virtual_services=("old",),
            destination_rule="istio/reviews",
            create_missing=True,
            require_ready=False,
            propagation_seconds=0.0,
            cluster_domain="example.org",
            root_namespace="istio-config",
        ),
        TrafficDesired(weight=10, match={"headers": {"x": "1"}}),
    )


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        ({}, {}),
        ({"headers": None, "cookies": None, "query_params": None}, {}),
        ({"headers": {"x": 7}}, {"headers": {"x": "7"}}),
        ({"headers": {"x": {"regex": "a.*"}}}, {"headers": {"x": {"regex": "a.*"}}}),
        ({"query_params": {"a b": {"prefix": "c"}}}, {"query_params": {"a b": {"prefix": "c"}}}),
        ({"cookies": {"canary": "yes"}}, {"cookies": {"canary": "yes"}}),
    ],
)
def test_match_is_normalized(given, parsed):
    assert parse_options({**PARAMS, "match": given}).desired.match == parsed


def test_unset_match_differs_from_an_empty_one():
    assert parse_options(PARAMS).desired.match is None


def test_absent_needs_no_weight():
    desired = parse_options({**PARAMS, "state": "absent", "weight": None}).desired
    assert desired == TrafficDesired(absent=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gray_version": "v1"}, "original_version and gray_version must differ: both are 'v1'."),
        ({"weight": 101}, "weight must be a percentage from 0 to 100, not 101."),
        ({"weight": -1}, "weight must be a percentage from 0 to 100, not -1."),
        ({"weight": None}, "one of the following is required: weight, match"),
        ({"state": "absent"}, "weight and match cannot be combined with state=absent."),
        ({"state": "absent", "weight": None, "match": {"headers": {"x": "1"}}}, "cannot be combined"),
        ({"namespace": "Shop"}, "namespace must be a valid Kubernetes name, not 'Shop'."),
        ({"namespace": ""}, "namespace must be"),
        ({"service_name": "reviews.shop"}, "service_name must be a valid Kubernetes name"),
        ({"gray_version": "v2,app=x"}, "gray_version must be a valid value of a Kubernetes label"),
        ({"gray_version": ""}, "gray_version must be"),
        ({"virtual_services": ["a/b/c"]}, "virtual_services must be name or namespace/name, not 'a/b/c'."),
        ({"virtual_services": [""]}, "virtual_services must be"),
        ({"ignore_virtual_services": ["/a"]}, "ignore_virtual_services must be"),
        ({"destination_rule": "A"}, "destination_rule must be"),
        (
            {"virtual_services": ["a"], "ignore_virtual_services": ["shop/a"]},
            "the VirtualService shop/a is in virtual_services and in ignore_virtual_services.",
        ),
        ({"propagation_seconds": -1.0}, "propagation_seconds must be 0 or greater"),
        ({"propagation_seconds": float("inf")}, "propagation_seconds must be"),
        ({"match": {"headers": {"x y": "1"}}}, "match.headers has an invalid name: 'x y'."),
        ({"match": {"query_params": {"": "1"}}}, "match.query_params has an invalid name"),
        ({"match": {"headers": {"x": True}}}, "match.headers.x must be a string. Put the value in quotes."),
        ({"match": {"headers": {"x": None}}}, "match.headers.x must be a string"),
        (
            {"match": {"headers": {"x": {"suffix": "a"}}}},
            "match.headers.x must be a string, or a mapping with one of exact",
        ),
        ({"match": {"headers": {"x": {"exact": "a", "prefix": "b"}}}}, "match.headers.x must be"),
        ({"match": {"headers": {"x": {"exact": 1}}}}, "match.headers.x must be"),
        ({"match": {"cookies": {"a": "1", "b": "2"}}}, "match.cookies must have one cookie"),
        ({"match": {"cookies": {"a": "1; b=2"}}}, "match.cookies.a is not a valid cookie."),
        ({"match": {"cookies": {"a=": "1"}}}, "match.cookies.a= is not a valid cookie."),
        ({"match": {"cookies": {"a": "1"}, "headers": {"Cookie": "x"}}}, "cannot be combined with the header cookie"),
    ],
)
def test_invalid_options_are_refused(changes, message):
    with pytest.raises(OptionError) as failure:
        parse_options({**PARAMS, **changes})
    assert message in str(failure.value)


def test_info_needs_no_versions():
    assert parse_target({"namespace": "shop", "service_name": "reviews"}) == TrafficTarget(
        "shop", "reviews", propagation_seconds=0.0
    )
    assert INFO_ARGUMENTS.required_together == (("original_version", "gray_version"),)
