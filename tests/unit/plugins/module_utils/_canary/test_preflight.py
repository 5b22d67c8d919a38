# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import types
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import preflight
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import Readiness
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import (
    Rollout,
    parse_rollout,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from example_release import DESIRED, TEMPLATE
from fake_cluster import FakeCluster
from istio_objects import make_pod, make_service

ORIGINAL_POD = make_pod("reviews-v1-0", "v1", namespace="bookinfo")


APP, ONLY_V2 = {"matchLabels": {"app": "reviews"}}, {"key": "version", "operator": "In", "values": ["v2"]}
SERVICE = make_service()
PATH = ("release", "gray_deployments", 0, "template")


def make_rollout(cluster_id: str = "c-1", selector: t.Any = None, **labels: str) -> Rollout:
    """Return a rollout whose gray Deployment, in a cluster of the mesh, has a selector that is not only for its pods."""
    template = copy.deepcopy(TEMPLATE)
    template["spec"]["selector"] = APP if selector is None else selector
    template["spec"]["template"]["metadata"]["labels"].update(labels)
    release = {**DESIRED, "gray_deployments": [{"cluster_id": cluster_id, "template": template}], "lint": "ignore"}
    traffic = {"original_version": "v1", "clusters": {"c-2": {"host": "https://other.example.com"}}}
    return parse_rollout({"release": release, "traffic": traffic, "steps": [{"weight": 100}]})


def find_problems(rollout: Rollout, apis: dict[str, FakeCluster], service: t.Any = None) -> list[Mistake]:
    clusters = {name: Cluster(ClusterSettings(), True, transport=api) for name, api in apis.items()}
    services: t.Any = types.SimpleNamespace(observer=types.SimpleNamespace(get_cluster=clusters.__getitem__))
    observation, traffic = (
        types.SimpleNamespace(original=Readiness()),
        types.SimpleNamespace(service=service or SERVICE),
    )
    snapshot: t.Any = types.SimpleNamespace(observation=observation, traffic=traffic)
    return preflight.find_pod_problems(rollout, services, snapshot)


@pytest.mark.parametrize(
    ("gray_cluster", "pod_cluster"), [("c-1", "c-1"), ("c-1", "c-2"), ("c-2", "c-1"), ("c-2", "c-2")]
)
def test_selector_is_compared_with_the_pods_of_its_own_cluster(gray_cluster: str, pod_cluster: str) -> None:
    apis = {name: FakeCluster(*([ORIGINAL_POD] if name == pod_cluster else [])) for name in ("c-1", "c-2")}
    found = find_problems(make_rollout(gray_cluster), apis)
    expected = Mistake(PATH, "the selector matches pods of the original version: reviews-v1-0")
    assert found == ([expected] if gray_cluster == pod_cluster else [])
    assert apis[gray_cluster].sent == ["GET /api/v1/namespaces/bookinfo/pods"]


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        (APP, True),
        ({**APP, "matchExpressions": [ONLY_V2]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "version", "operator": "NotIn", "values": ["v1"]}]}, False),
    ],
)
def test_selector_expressions_are_evaluated(selector: dict[str, t.Any], matches: bool) -> None:
    found = find_problems(make_rollout(selector=selector), {"c-1": FakeCluster(ORIGINAL_POD)})
    expected = Mistake(PATH, "the selector matches pods of the original version: reviews-v1-0")
    assert found == ([expected] if matches else [])


def test_unknown_operator_of_the_selector_is_refused() -> None:
    selector = {"matchExpressions": [{"key": "app", "operator": "Gt"}]}
    found = find_problems(make_rollout(selector=selector), {"c-1": FakeCluster(ORIGINAL_POD)})
    assert found == [Mistake(PATH, "the selector has the unknown operator 'Gt'")]


def test_service_must_select_the_gray_pods() -> None:
    service = make_service(app="reviews", version="v1")
    found = find_problems(make_rollout(), {"c-1": FakeCluster()}, service)
    text = "would not select its pods, because they do not have these labels"
    assert found == [Mistake(PATH, f"Service bookinfo/reviews {text}: app=reviews, version=v1")]
