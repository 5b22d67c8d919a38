# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import Readiness
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.readiness import (
    check_deployments,
    count_replicas,
    default_minimum,
    is_deleting,
)


def deployment(ready: int | None = 2, observed: int = 3, **changes: t.Any) -> dict[str, t.Any]:
    status = {"observedGeneration": observed, **({} if ready is None else {"readyReplicas": ready})}
    return {"metadata": {"name": "v1", "generation": 3}, "spec": {"replicas": 2}, "status": status, **changes}


EXCEEDED = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}


@pytest.mark.parametrize(
    ("found", "minimum", "readiness"),
    [
        (deployment(), 2, Readiness()),
        (deployment(), 3, Readiness(False, "Deployment v1 has 2 ready replicas, but needs 3.")),
        (deployment(None), 1, Readiness(False, "Deployment v1 has 0 ready replicas, but needs 1.")),
        (None, 1, Readiness(False, "Deployment v1 does not exist.")),
        (deployment(observed=2), 1, Readiness(False, "Deployment v1 has changed, and its status is not current yet.")),
        (
            deployment(status={}),
            1,
            Readiness(False, "Deployment v1 has changed, and its status is not current yet."),
        ),
        (
            deployment(metadata={"name": "v1", "deletionTimestamp": "2026-01-01T00:00:00Z"}),
            1,
            Readiness(False, "Deployment v1 is being deleted."),
        ),
        (
            deployment(status={"observedGeneration": 3, "readyReplicas": 2, "conditions": [EXCEEDED]}),
            1,
            Readiness(False, "Deployment v1 has exceeded its progress deadline.", True),
        ),
    ],
)
def test_readiness_of_one_deployment(found: dict[str, t.Any] | None, minimum: int, readiness: Readiness) -> None:
    assert check_deployments([("v1", found)], minimum) == readiness


def test_each_of_several_deployments_needs_the_minimum() -> None:
    both = [("a", deployment(2)), ("b", deployment(1))]
    assert check_deployments(both, 1) == Readiness()
    assert check_deployments(both, 2).reason == "Deployment b has 1 ready replicas, but needs 2."
    failed = deployment(status={"observedGeneration": 3, "conditions": [EXCEEDED]})
    assert check_deployments([("a", None), ("b", failed)], 1).failed
    assert check_deployments([("a", deployment(5)), ("b", None)], 2).reason == "Deployment b does not exist."


def test_condition_of_another_kind_is_not_a_failure() -> None:
    other = {"type": "Available", "status": "False", "reason": "ProgressDeadlineExceeded"}
    status = {"observedGeneration": 3, "readyReplicas": 2, "conditions": [other]}
    assert check_deployments([("v1", deployment(status=status))], 1).ready


def test_replicas_have_the_default_of_kubernetes() -> None:
    assert [count_replicas(found) for found in (None, {"spec": {}}, {"spec": {"replicas": 0}})] == [1, 1, 0]


def test_minimum_is_half_of_the_replicas() -> None:
    assert [default_minimum(replicas) for replicas in (0, 1, 2, 3, 10)] == [1, 1, 1, 2, 5]


def test_missing_deployment_is_not_being_deleted() -> None:
    assert not is_deleting(None) and not is_deleting(deployment())
