# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.progress import format_plan, plan_summary
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import DriftError, ServerError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import Engine
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import ExecutionPolicy, Item
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    PENDING,
    READY,
    Action,
    DesiredState,
    Difference,
    Source,
    Status,
)


class FakeService:
    """Objects by name in one list, with counters of the requests."""

    def __init__(self, clock) -> None:
        self.clock = clock
        self.objects: dict[str, dict[str, t.Any]] = {}
        self.listed: dict[str, dict[str, t.Any]] = {}
        self.read_at = float("-inf")
        self.reads = self.polls = self.comparisons = 0
        self.lock = threading.Lock()
        self.failures: t.List[Exception] = []

    def read(self, max_age: float, deadline=None) -> None:
        with self.lock:
            if self.clock.monotonic() - self.read_at < max_age:
                return
            self.reads += 1
            for error in self.failures:
                raise error
            self.listed, self.read_at = (
                {name: dict(observed) for name, observed in self.objects.items()},
                self.clock.monotonic(),
            )

    def age(self) -> float:
        return self.clock.monotonic() - self.read_at

    def invalidate(self) -> None:
        self.read_at = float("-inf")


class FakeResource:
    """The desired state of one of the objects."""

    kind = "box"

    def __init__(self, service: FakeService, name: str, **desired: t.Any) -> None:
        self.listing = service
        self.name = name
        self.desired = desired
        self.desired_state = DesiredState(None, tuple(desired), "fail", "Fix it.", "to be ready", "to be deleted")
        self.failures: t.List[Exception] = []
        # How many polls it takes until it is ready.
        self.slow = 0

    @property
    def unique_keys(self):
        return {("name", self.name): f"the name '{self.name}'"}

    def lookup(self, source=Source.CACHED_LIST, deadline=None):
        self.listing.polls += 1
        self.listing.read(5 if source == Source.CACHED_LIST else 0)
        found = self.listing.listed.get(self.name)
        self.slow -= found is not None
        return found

    def diff(self, observed):
        self.listing.comparisons += 1
        return [
            Difference(key, observed.get(key), desired, True)
            for key, desired in self.desired.items()
            if observed.get(key) != desired
        ]

    def validate(self, action, observed):
        pass

    def create(self, replacing):
        for error in self.failures:
            raise error
        self.listing.objects[self.name] = {"id": self.name, **self.desired}
        return f"req-{self.name}"

    def update(self, observed, differences):
        self.listing.objects[self.name].update({difference.field: difference.desired for difference in differences})
        yield Action("update", [difference.field for difference in differences], f"req-{self.name}")

    def status(self, observed):
        return Status(READY if self.slow < 0 else PENDING, "there", "it is there")

    def to_result(self, observed):
        return dict(observed)

    def preview(self, observed, differences):
        return {**(observed or {"id": None}), **self.desired}


class RecordingListener:
    """Records all events and messages."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, t.Optional[str]]] = []
        self.lines: list[str] = []

    def on_start(self, phase):
        pass

    def on_progress(self, phase, items):
        pass

    def on_event(self, item, event, action=None):
        self.events.append((event, item.name, action.request_id if action else None))

    def on_message(self, text):
        self.lines.append(text)


@pytest.fixture
def service(clock):
    return FakeService(clock)


def fleet(
    service: FakeService, count: int, limits: t.Optional[ExecutionPolicy] = None, there: int = 0, **desired: t.Any
) -> Engine:
    names = [f"b{number}" for number in range(count)]
    service.objects.update({name: {"id": name, **(desired or {"size": 1})} for name in names[:there]})
    return Engine(
        [Item("box", name, FakeResource(service, name, **(desired or {"size": 1}))) for name in names],
        limits or ExecutionPolicy(),
        service.clock,
        RecordingListener(),
    )


def test_numbers_of_a_plan():
    plans = [
        Plan(action, None, None, None)
        for action in ("create", "create", "update", "replace", "delete", "promote", "cancel", None)
    ]
    items = [Item("box", "b", plan=plan) for plan in plans]
    assert (
        format_plan(items)
        == "2 to create, 1 to update, 1 to replace, 1 to delete, 1 to promote, 1 to cancel, 1 unchanged"
    )
    items += [
        Item("box", "wrong", error=DriftError("no")),
        Item("box", "wrong after all", error=DriftError("no"), plan=plans[0]),
        Item("box", "not checked"),
    ]
    assert plan_summary(items) == {
        "to_create": 2,
        "to_update": 1,
        "to_replace": 1,
        "to_delete": 1,
        "to_promote": 1,
        "to_cancel": 1,
        "unchanged": 1,
        "failed": 2,
    }


@pytest.mark.parametrize("count", [10, 100, 1000])
@pytest.mark.parametrize("there", [True, False])
def test_work_grows_linearly_with_items(service, count, there):
    """Looks into the list, comparisons and reads of it, for what is unchanged and for what is created."""
    ran = fleet(service, count, there=count if there else 0)
    ran.plan()
    ran.apply_plan()
    assert all(item.outcome for item in ran.items)
    assert (service.polls, service.comparisons, service.reads) == (
        (count, count, 1) if there else (3 * count, 2 * count, 2)
    )


@pytest.mark.parametrize("parallel", [1, 3, 8])
def test_items_are_processed_in_parallel(service, parallel):
    ran = fleet(service, 24, ExecutionPolicy(parallel))
    ran.plan()
    # That many have to be at it at once, or nobody gets on.
    together, threads = threading.Barrier(parallel, timeout=300), set()
    for item in ran.items:
        create = item.resource.create

        def slowly(replaced, create=create):
            together.wait()
            threads.add(threading.get_ident())
            return create(replaced)

        item.resource.create = slowly
    ran.apply_plan()
    assert len(threads) == parallel
    assert [item.outcome.changed for item in ran.items] == [True] * 24


def test_events_arrive_in_order(service):
    ran = fleet(service, 2, ExecutionPolicy(1))
    ran.plan()
    ran.apply_plan()
    assert ran._listener.events == [
        ("began", "b0", None),
        ("sent", "b0", "req-b0"),
        ("began", "b1", None),
        ("sent", "b1", "req-b1"),
        ("done", "b0", None),
        ("done", "b1", None),
    ]


@pytest.mark.parametrize("most, begun", [(1, 1), (2, 2), (5, 5), (None, 10)])
def test_max_failures_stops_the_run(service, most, begun):
    ran = fleet(service, 10, ExecutionPolicy(1, most))
    for item in ran.items:
        item.resource.failures = [ServerError("no", status=400)]
    ran.plan()
    ran.apply_plan()
    assert sum(item.started for item in ran.items) == begun
    assert ran.must_stop == (most is not None)


def test_failed_list_is_read_once(service):
    ran = fleet(service, 50)
    service.failures = [ServerError("no list")]
    ran.plan()
    assert (service.reads, {str(item.error) for item in ran.items}) == (1, {"no list"})
    ran.apply_plan()
    assert not any(item.started for item in ran.items)


def test_failed_second_list_keeps_sent_actions(service):
    ran = fleet(service, 5, ExecutionPolicy(1, None))
    ran.plan()
    for item in ran.items:
        create = item.resource.create

        def then_trouble(replaced, create=create):
            found = create(replaced)
            service.failures = [ServerError("no list")]
            return found

        item.resource.create = then_trouble
    ran.apply_plan()
    assert [(len(item.applied), str(item.error)) for item in ran.items] == [(1, "no list")] * 5
    assert service.reads == 2


def test_polling_slows_down_and_ends(service, clock):
    ran = fleet(service, 3, ExecutionPolicy(1, 1, WaitPolicy(True, 30, 2)))
    for item in ran.items:
        item.resource.slow = 99
    ran.plan()
    ran.apply_plan()
    assert clock.sleeps == [2, 3, 4.5, 6.75, 10, pytest.approx(3.75)]
    assert [type(item.error) for item in ran.items] == [WaitError] * 3
    assert str(ran.items[0].error).startswith("Timed out after 30 s waiting for box 'b0' to be ready: it is there. ")


def test_ready_item_is_not_polled_again(service, clock):
    ran = fleet(service, 3, ExecutionPolicy(1, 1, WaitPolicy(True, 30, 2)))
    ran.items[1].resource.slow = 3
    ran.plan()
    polls = service.polls
    ran.apply_plan()
    # Each once before it is created and once after, and the slow one three times more.
    assert service.polls - polls == 3 + 3 + 3
    assert service.reads == 1 + 4
    assert clock.sleeps == [2, 3, 4.5]


@pytest.mark.parametrize("seconds, begun", [(0, 0), (2.5, 3), (100, 10)])
def test_no_action_starts_after_the_deadline(service, clock, seconds, begun):
    ran = fleet(service, 10, ExecutionPolicy(1, 1, WaitPolicy(deadline=clock.monotonic() + seconds)))
    for item in ran.items:
        create = item.resource.create

        def slowly(replaced, create=create):
            clock.passed += 1
            return create(replaced)

        item.resource.create = slowly
    ran.plan()
    ran.apply_plan()
    assert sum(item.started for item in ran.items) == begun
    # The items that have started are polled once more.
    assert [bool(item.outcome) for item in ran.items] == [True] * begun + [False] * (10 - begun)
    assert ran.is_past_deadline == (seconds < 100)


def test_check_mode_returns_the_plan_as_outcome(service):
    ran = fleet(service, 4, there=2)
    ran.plan()
    ran.predict()
    assert [item.outcome.changed for item in ran.items] == [False, False, True, True]
    assert ran._listener.events == []
    assert len(service.objects) == 2


def test_invalid_item_is_skipped(service):
    ran = fleet(service, 2, ExecutionPolicy(1, None))
    ran.items.append(Item("box", "wrong", error=DriftError("no")))
    ran.plan()
    ran.apply_plan()
    assert [bool(item.outcome) for item in ran.items] == [True, True, False]
    assert not ran.items[2].started
