# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.lease import LeaseHeldError, RolloutLease
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import Cluster
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import ClusterSettings
from fake_clock import FakeClock
from fake_cluster import FakeCluster, Refusal

NAME = "huaweicloud-canary-reviews"
PATH = "/apis/coordination.k8s.io/v1/namespaces/shop/leases"
READ, CREATE, REPLACE = f"GET {PATH}/{NAME}", f"POST {PATH}", f"PUT {PATH}/{NAME}"
TIME = "2026-01-02T03:04:05.000000Z"


class Api:
    """A cluster, a clock, and the Leases of several runs."""

    def __init__(self) -> None:
        self.fake = FakeCluster()
        self.clock = FakeClock()

    def lease(self, run: str = "run-1", duration: float = 60.0) -> RolloutLease:
        cluster = Cluster(ClusterSettings(), False, transport=self.fake, clock=self.clock)
        return RolloutLease(cluster, "shop", "reviews", run, "host", duration, self.clock)

    def spec(self) -> dict[str, t.Any]:
        return self.fake.find("Lease", "shop", NAME)["spec"]


@pytest.fixture
def api() -> Api:
    return Api()


def test_first_run_creates_the_lease(api: Api) -> None:
    api.lease().acquire(5)
    assert api.fake.sent == [READ, CREATE]
    assert api.spec() == {
        "acquireTime": TIME,
        "leaseTransitions": 0,
        "holderIdentity": "run-1 host",
        "leaseDurationSeconds": 60,
        "renewTime": TIME,
    }
    assert api.clock.sleeps == []


def test_renewal_keeps_the_time_of_acquisition(api: Api) -> None:
    api.lease().acquire(5)
    api.fake.find("Lease", "shop", NAME)["spec"].update(acquireTime="before", renewTime="before")
    api.fake.requests.clear()
    api.lease().renew()
    assert api.fake.sent == [READ, REPLACE]
    assert (api.spec()["acquireTime"], api.spec()["renewTime"]) == ("before", TIME)


def test_deadline_counts_from_before_the_last_renewal(api: Api) -> None:
    lease = api.lease(duration=20)
    assert lease.deadline().time_left() == math.inf
    lease.acquire(5)
    api.clock.sleep(8)
    assert lease.deadline().time_left() == 12
    api.fake.responses = [lambda request: (api.clock.sleep(3), api.fake.respond(request))[1]] * 2
    lease.renew()
    # The request that reads the Lease comes before the renewal.
    assert lease.deadline().time_left() == 17


def test_released_lease_is_free_at_once(api: Api) -> None:
    first = api.lease()
    first.acquire(5)
    first.release()
    assert (api.spec()["holderIdentity"], api.spec()["leaseDurationSeconds"]) == ("", 1)
    api.lease("run-2").acquire(5)
    assert (api.spec()["holderIdentity"], api.spec()["leaseTransitions"]) == ("run-2 host", 1)
    assert api.clock.sleeps == []


def test_lease_that_is_not_renewed_is_taken_over_after_its_duration(api: Api) -> None:
    api.lease(duration=20).acquire(5)
    api.lease("run-2").acquire(6)
    # The duration is the one that the holder wrote.
    assert api.clock.sleeps == [6, 6, 6, 6]
    assert api.spec()["holderIdentity"] == "run-2 host"


def test_lease_that_is_renewed_is_not_taken_over(api: Api) -> None:
    first = api.lease()
    first.acquire(5)
    api.clock.sleep = lambda seconds: first.renew()  # type: ignore[method-assign]
    with pytest.raises(LeaseHeldError) as caught:
        api.lease("run-2").acquire(5)
    assert caught.value.message == "Another run controls the rollout of Service 'shop/reviews': run-1 host."
    assert api.spec()["holderIdentity"] == "run-1 host"


def test_run_can_wait_until_the_holder_gives_up(api: Api) -> None:
    first = api.lease()
    first.acquire(5)
    polls: list[float] = []

    def sleep(seconds: float) -> None:
        polls.append(seconds)
        api.clock.passed += seconds
        if len(polls) < 3:
            first.renew()
        else:
            first.release()

    api.clock.sleep = sleep  # type: ignore[method-assign]
    api.lease("run-2").acquire(5, max_wait=100)
    assert polls == [5, 5, 5]
    assert api.spec()["holderIdentity"] == "run-2 host"


def test_waiting_for_the_holder_ends(api: Api) -> None:
    first = api.lease()
    first.acquire(5)

    def sleep(seconds: float) -> None:
        api.clock.passed += seconds
        first.renew()

    api.clock.sleep = sleep  # type: ignore[method-assign]
    with pytest.raises(LeaseHeldError):
        api.lease("run-2").acquire(5, max_wait=20)
    assert api.clock.passed == 20


def test_lost_lease_is_not_renewed(api: Api) -> None:
    first = api.lease(duration=1)
    first.acquire(5)
    api.lease("run-2").acquire(5)
    for attempt in (first.renew, first.release):
        if attempt == first.renew:
            with pytest.raises(LeaseHeldError) as caught:
                attempt()
            assert caught.value.message == "Another run controls the rollout of Service 'shop/reviews': run-2 host."
        else:
            attempt()
    assert api.spec()["holderIdentity"] == "run-2 host"


def test_deleted_lease_is_lost(api: Api) -> None:
    lease = api.lease()
    with pytest.raises(LeaseHeldError) as caught:
        lease.renew()
    assert caught.value.message == "Another run controls the rollout of Service 'shop/reviews'."
    lease.release()
    assert api.fake.writes == []


@pytest.mark.parametrize("existing", [False, True])
def test_conflict_means_that_another_run_was_faster(api: Api, existing: bool) -> None:
    if existing:
        first = api.lease("run-0")
        first.acquire(5)
        first.release()
        api.fake.faults["PUT", NAME] = [Refusal(409, "Conflict", "changed", name=NAME).reply]
    else:
        api.fake.faults["POST", "leases"] = [Refusal(409, "AlreadyExists", "exists", name=NAME).reply]
    with pytest.raises(LeaseHeldError):
        api.lease().acquire(5)


def test_failed_request_is_not_taken_for_a_free_lease(api: Api) -> None:
    failure = ClusterError("gone", errors.UNREACHABLE, method="GET")
    api.fake.responses = [failure, failure, failure]
    with pytest.raises(ClusterError):
        api.lease().acquire(5)
    assert api.fake.writes == []


def test_other_failures_of_a_write_are_raised(api: Api) -> None:
    api.fake.faults["POST", "leases"] = [Refusal(403, "Forbidden", "forbidden").reply]
    with pytest.raises(ClusterError) as caught:
        api.lease().acquire(5)
    assert caught.value.kind == errors.FORBIDDEN


def test_duration_is_a_whole_number_of_seconds(api: Api) -> None:
    api.lease(duration=0.2).acquire(5)
    assert api.spec()["leaseDurationSeconds"] == 1
