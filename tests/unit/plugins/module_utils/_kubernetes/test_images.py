# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.images import (
    copy_images,
    matches_images,
)


def build_deployment(containers, init=None, name="reviews-v2", **fields):
    """Return a Deployment with these images by container. None omits the image."""
    pod = {"containers": build_with_images(containers)}
    if init:
        pod["initContainers"] = build_with_images(init)
    return {"metadata": {"name": name}, "spec": {"replicas": 2, "template": {"spec": pod}}, **fields}


def build_with_images(images):
    return [{"name": container, **({"image": image} if image else {})} for container, image in images.items()]


SHAPELESS = [
    None,
    {},
    {"spec": None},
    {"spec": {"template": None}},
    {"spec": {"template": {"spec": None}}},
    {"spec": {"template": {"spec": {"containers": None}}}},
    {"spec": {"template": {"spec": {"containers": ["reviews", None]}}}},
]


# Copying images


def test_images_are_copied_by_name_and_kind_of_container():
    found = build_deployment(
        {"reviews": "r:1", "tracer": "t:1"}, init={"reviews": "i:1"}, status={"availableReplicas": 2}
    )
    desired = build_deployment({"tracer": "t:2", "reviews": "r:2"}, init={"reviews": "i:2"})
    desired["spec"]["replicas"] = 7
    before = copy.deepcopy(desired)
    copy_images(desired, found)
    assert found == build_deployment(
        {"reviews": "r:2", "tracer": "t:2"}, init={"reviews": "i:2"}, status={"availableReplicas": 2}
    )
    assert desired == before


def test_other_containers_keep_their_images():
    found = build_deployment({"reviews": "r:1", "tracer": "t:1", "istio-proxy": "p:1"})
    copy_images(
        build_deployment({"reviews": "r:2", "tracer": None, "another": "a:2"}, init={"istio-proxy": "p:2"}), found
    )
    assert found == build_deployment({"reviews": "r:2", "tracer": "t:1", "istio-proxy": "p:1"})


@pytest.mark.parametrize("shapeless", SHAPELESS)
def test_template_without_containers_has_no_images(shapeless):
    before, found = copy.deepcopy(shapeless), build_deployment({"reviews": "r:1"})
    copy_images(build_deployment({"reviews": "r:2"}), shapeless)
    copy_images(shapeless, found)
    assert (shapeless, found) == (before, build_deployment({"reviews": "r:1"}))


# Matching images


@pytest.mark.parametrize(
    ("observed", "matches"),
    [
        ([build_deployment({"reviews": "r:2"}, init={"migrate": "m:2"})], True),
        ([build_deployment({"reviews": "r:1"}, init={"migrate": "m:2"})], False),
        ([build_deployment({"reviews": "r:2"}, init={"migrate": "m:1"})], False),
        # The template lacks these containers.
        ([build_deployment({"reviews": "r:2", "istio-proxy": "p:1"})], True),
        ([build_deployment({"migrate": "m:1"}, init={"reviews": "r:1"})], True),
        ([build_deployment({"reviews": "r:1"}, name="ratings-v2")], True),
        ([build_deployment({"reviews": None})], True),
        # One outdated Deployment is enough.
        ([build_deployment({"reviews": "r:2"}), build_deployment({"reviews": "r:1"})], False),
        ([], True),
    ],
)
def test_images_are_matched_by_deployment_and_container(observed, matches):
    assert matches_images(observed, [build_deployment({"reviews": "r:2"}, init={"migrate": "m:2"})]) is matches
    assert matches_images(observed, []) is True


def test_same_name_in_two_clusters_may_have_two_images():
    sent = [build_deployment({"reviews": "r:2"}), build_deployment({"reviews": "r:3"})]
    assert [matches_images([build_deployment({"reviews": f"r:{tag}"})], sent) for tag in (1, 2, 3)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("shapeless", SHAPELESS)
def test_missing_containers_match_any_image(shapeless):
    assert matches_images([shapeless], [build_deployment({"reviews": "r:2"})])
    assert matches_images([build_deployment({"reviews": "r:1"})], [shapeless])


ODD = [
    5,
    "text",
    {"a": 1},
    [5, "text", None],
    [{"name": ["x"], "image": "odd"}, {"name": {"a": 1}, "image": "odd"}, {"image": "odd"}],
]


@pytest.mark.parametrize("kind", ["containers", "initContainers"])
@pytest.mark.parametrize("odd", ODD)
def test_unnamed_containers_have_no_images(kind, odd):
    """Templates are not checked if lint is off."""
    template = {"metadata": {"name": "reviews-v2"}, "spec": {"template": {"spec": {kind: odd}}}}
    found = copy.deepcopy(template)
    copy_images(template, found)
    copy_images(build_deployment({"x": "new"}), found)
    assert found == template
    assert matches_images([template], [template])
    assert matches_images([build_deployment({"x": "new"})], [template])
