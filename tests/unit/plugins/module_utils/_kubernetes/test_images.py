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


def deployment(containers, init=None, name="reviews-v2", **fields):
    """A Deployment with these images by container; None leaves the image out."""
    pod = {"containers": with_images(containers)}
    if init:
        pod["initContainers"] = with_images(init)
    return {"metadata": {"name": name}, "spec": {"replicas": 2, "template": {"spec": pod}}, **fields}


def with_images(images):
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


# Images of one Deployment for another


def test_images_are_given_by_name_and_kind_of_container():
    found = deployment({"reviews": "r:1", "tracer": "t:1"}, init={"reviews": "i:1"}, status={"availableReplicas": 2})
    wished = deployment({"tracer": "t:2", "reviews": "r:2"}, init={"reviews": "i:2"})
    wished["spec"]["replicas"] = 7
    before = copy.deepcopy(wished)
    copy_images(wished, found)
    assert found == deployment(
        {"reviews": "r:2", "tracer": "t:2"}, init={"reviews": "i:2"}, status={"availableReplicas": 2}
    )
    assert wished == before


def test_containers_of_which_nothing_is_wished_keep_their_images():
    found = deployment({"reviews": "r:1", "tracer": "t:1", "istio-proxy": "p:1"})
    copy_images(deployment({"reviews": "r:2", "tracer": None, "another": "a:2"}, init={"istio-proxy": "p:2"}), found)
    assert found == deployment({"reviews": "r:2", "tracer": "t:1", "istio-proxy": "p:1"})


@pytest.mark.parametrize("shapeless", SHAPELESS)
def test_what_shows_no_containers_gives_and_takes_no_images(shapeless):
    before, found = copy.deepcopy(shapeless), deployment({"reviews": "r:1"})
    copy_images(deployment({"reviews": "r:2"}), shapeless)
    copy_images(shapeless, found)
    assert (shapeless, found) == (before, deployment({"reviews": "r:1"}))


# Images in what runs


@pytest.mark.parametrize(
    ("observed", "shows"),
    [
        ([deployment({"reviews": "r:2"}, init={"migrate": "m:2"})], True),
        ([deployment({"reviews": "r:1"}, init={"migrate": "m:2"})], False),
        ([deployment({"reviews": "r:2"}, init={"migrate": "m:1"})], False),
        # Nothing was wished of these.
        ([deployment({"reviews": "r:2", "istio-proxy": "p:1"})], True),
        ([deployment({"migrate": "m:1"}, init={"reviews": "r:1"})], True),
        ([deployment({"reviews": "r:1"}, name="ratings-v2")], True),
        ([deployment({"reviews": None})], True),
        # One that lags behind is enough.
        ([deployment({"reviews": "r:2"}), deployment({"reviews": "r:1"})], False),
        ([], True),
    ],
)
def test_what_runs_is_compared_by_deployment_and_container(observed, shows):
    assert matches_images(observed, [deployment({"reviews": "r:2"}, init={"migrate": "m:2"})]) is shows
    assert matches_images(observed, []) is True


def test_deployments_of_one_name_in_two_clusters_may_have_two_images():
    sent = [deployment({"reviews": "r:2"}), deployment({"reviews": "r:3"})]
    assert [matches_images([deployment({"reviews": f"r:{tag}"})], sent) for tag in (1, 2, 3)] == [False, True, True]


@pytest.mark.parametrize("shapeless", SHAPELESS)
def test_what_shows_no_containers_contradicts_no_image(shapeless):
    assert matches_images([shapeless], [deployment({"reviews": "r:2"})])
    assert matches_images([deployment({"reviews": "r:1"})], [shapeless])


ODD = [
    5,
    "text",
    {"a": 1},
    [5, "text", None],
    [{"name": ["x"], "image": "odd"}, {"name": {"a": 1}, "image": "odd"}, {"image": "odd"}],
]


@pytest.mark.parametrize("kind", ["containers", "initContainers"])
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_list_of_named_containers_has_no_image(kind, odd):
    """Nobody has looked at a template before, where the lint is turned off."""
    strange = {"metadata": {"name": "reviews-v2"}, "spec": {"template": {"spec": {kind: odd}}}}
    found = copy.deepcopy(strange)
    copy_images(strange, found)
    copy_images(deployment({"x": "new"}), found)
    assert found == strange
    assert matches_images([strange], [strange])
    assert matches_images([deployment({"x": "new"})], [strange])
