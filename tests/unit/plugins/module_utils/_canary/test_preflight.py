# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

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
from istio_objects import make_pod

ORIGINAL_POD = make_pod("reviews-v1-0", "v1", namespace="bookinfo")


def make_rollout(cluster_id: str) -> Rollout:
    """Return a rollout whose gray Deployment, in a cluster of the mesh, has a selector that is not only for its pods."""
    template = {**TEMPLATE, "spec": {**TEMPLATE["spec"], "selector": {"matchLabels": {"app": "reviews"}}}}
    release = {**DESIRED, "gray_deployments": [{"cluster_id": cluster_id, "template": template}]}
    traffic = {"original_version": "v1", "clusters": {"c-2": {"host": "https://other.example.com"}}}
    return parse_rollout({"release": release, "traffic": traffic, "steps": [{"weight": 100}]})


@pytest.mark.parametrize(
    ("gray_cluster", "pod_cluster"), [("c-1", "c-1"), ("c-1", "c-2"), ("c-2", "c-1"), ("c-2", "c-2")]
)
def test_selector_is_compared_with_the_pods_of_its_own_cluster(gray_cluster: str, pod_cluster: str) -> None:
    apis = {name: FakeCluster(*([ORIGINAL_POD] if name == pod_cluster else [])) for name in ("c-1", "c-2")}
    clusters = {name: Cluster(ClusterSettings(), True, transport=api) for name, api in apis.items()}
    services: t.Any = types.SimpleNamespace(observer=types.SimpleNamespace(get_cluster=clusters.__getitem__))
    snapshot: t.Any = types.SimpleNamespace(observation=types.SimpleNamespace(original=Readiness()))
    found = preflight.find_pod_problems(make_rollout(gray_cluster), services, snapshot)
    path = ("release", "gray_deployments", 0, "template")
    expected = Mistake(path, "the selector matches pods of the original version: reviews-v1-0")
    assert found == ([expected] if gray_cluster == pod_cluster else [])
    assert apis[gray_cluster].sent == ["GET /api/v1/namespaces/bookinfo/pods"]
