# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import DriftError, ServerError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._many import Fleet, Item, Limits, counted, in_words
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._converge import Plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import Difference, Receipt
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import Patience


class World:
    """Things by name behind one list, and how often everything was asked for."""

    def __init__(self, clock) -> None:
        self.clock = clock
        self.things: dict[str, dict[str, t.Any]] = {}
        self.listed: dict[str, dict[str, t.Any]] = {}
        self.read_at = float("-inf")
        self.reads = self.looks = self.comparisons = 0
        self.lock = threading.Lock()
        self.troubles: t.List[Exception] = []

    def read(self, max_age: float) -> None:
        with self.lock:
            if self.clock.monotonic() - self.read_at < max_age:
                return
            self.reads += 1
            for error in self.troubles:
                raise error
            self.listed, self.read_at = (
                {name: dict(thing) for name, thing in self.things.items()},
                self.clock.monotonic(),
            )

    def forget(self) -> None:
        self.read_at = float("-inf")


class Box:
    """A wish about one of them."""

    noun = "box"
    ending: t.Optional[str] = None
    on_drift = "fail"
    drift_hint = "Mend it."
    set_later: t.FrozenSet[str] = frozenset()

    def __init__(self, world: World, name: str, **wish: t.Any) -> None:
        self.listing = world
        self.label = name
        self.wish = wish
        self.refusals: t.List[Exception] = []
        # How many looks it takes until it is there.
        self.slow = 0

    @property
    def claims(self):
        return {("name", self.label): f"the name '{self.label}'"}

    def find(self, anew=False):
        self.listing.looks += 1
        self.listing.read(0 if anew else 5)
        return self.listing.listed.get(self.label)

    def pause(self, seconds=None):
        return False

    def age(self):
        return self.listing.clock.monotonic() - self.listing.read_at

    def differences(self, thing):
        self.listing.comparisons += 1
        return [
            Difference(key, thing.get(key), want, True) for key, want in self.wish.items() if thing.get(key) != want
        ]

    def written(self):
        return list(self.wish)

    def check_create(self, replaced):
        pass

    def create(self, replaced):
        for error in self.refusals:
            raise error
        self.listing.things[self.label] = {"id": self.label, **self.wish}
        return f"req-{self.label}"

    def check_update(self, thing, differences):
        pass

    def update(self, thing, differences, done):
        self.listing.things[self.label].update({difference.field: difference.want for difference in differences})
        done.append(Receipt("update", [difference.field for difference in differences], f"req-{self.label}"))

    def is_ending(self, thing):
        return False

    def is_ended(self, thing):
        return False

    def verify_end(self, thing, sent):
        pass

    def check_settled(self, thing):
        pass

    def state_of(self, thing):
        return "it is there" if thing else "it is not there"

    def stage_of(self, thing):
        return "there" if thing else "not there"

    def is_there_yet(self, thing):
        self.slow -= 1
        return thing is not None and self.slow < 0

    def shown(self, thing):
        return dict(thing)

    def predicted(self, thing, differences):
        return {**(thing or {"id": None}), **self.wish}


class Ear:
    """Hears everything."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, t.Optional[str]]] = []
        self.lines: list[str] = []

    def noted(self, item, event, receipt=None):
        self.events.append((event, item.name, receipt.request_id if receipt else None))

    def said(self, text):
        self.lines.append(text)


@pytest.fixture
def world(clock):
    return World(clock)


def fleet(world: World, count: int, limits: t.Optional[Limits] = None, there: int = 0, **wish: t.Any) -> Fleet:
    names = [f"b{number}" for number in range(count)]
    world.things.update({name: {"id": name, **(wish or {"size": 1})} for name in names[:there]})
    return Fleet(
        [Item("box", name, Box(world, name, **(wish or {"size": 1}))) for name in names],
        limits or Limits(),
        world.clock,
        Ear(),
    )


def test_numbers_of_a_plan():
    plans = [
        Plan(action, None, None, None)
        for action in ("create", "create", "update", "replace", "remove", "promote", "cancel", None)
    ]
    items = [Item("box", "b", plan=plan) for plan in plans]
    assert (
        in_words(items) == "2 to create, 1 to update, 1 to replace, 1 to remove, 1 to promote, 1 to cancel, 1 unchanged"
    )
    items += [
        Item("box", "wrong", error=DriftError("no")),
        Item("box", "wrong after all", error=DriftError("no"), plan=plans[0]),
        Item("box", "not looked at"),
    ]
    assert counted(items) == {
        "to_create": 2,
        "to_update": 1,
        "to_replace": 1,
        "to_remove": 3,
        "unchanged": 1,
        "failed": 2,
    }


@pytest.mark.parametrize("count", [10, 100, 1000])
@pytest.mark.parametrize("there", [True, False])
def test_the_work_grows_with_the_number_of_items_and_not_faster(world, count, there):
    """Looks into the list, comparisons and reads of it, for what is unchanged and for what is created."""
    ran = fleet(world, count, there=count if there else 0)
    ran.plan()
    ran.act()
    assert all(item.outcome for item in ran.items)
    assert (world.looks, world.comparisons, world.reads) == ((count, count, 1) if there else (3 * count, 2 * count, 2))


@pytest.mark.parametrize("parallel", [1, 3, 8])
def test_items_are_acted_on_side_by_side(world, parallel):
    ran = fleet(world, 24, Limits(parallel))
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
    ran.act()
    assert len(threads) == parallel
    assert [item.outcome.changed for item in ran.items] == [True] * 24


def test_what_happens_is_heard_in_order(world):
    ran = fleet(world, 2, Limits(1))
    ran.plan()
    ran.act()
    assert ran._observer.events == [
        ("began", "b0", None),
        ("sent", "b0", "req-b0"),
        ("began", "b1", None),
        ("sent", "b1", "req-b1"),
        ("done", "b0", None),
        ("done", "b1", None),
    ]


@pytest.mark.parametrize("most, begun", [(1, 1), (2, 2), (5, 5), (None, 10)])
def test_so_many_failures_and_no_more(world, most, begun):
    ran = fleet(world, 10, Limits(1, most))
    for item in ran.items:
        item.resource.refusals = [ServerError("no", status=400)]
    ran.plan()
    ran.act()
    assert sum(item.began for item in ran.items) == begun
    assert ran.has_given_up == (most is not None)


def test_a_list_that_can_not_be_read_is_asked_for_once(world):
    ran = fleet(world, 50)
    world.troubles = [ServerError("no list")]
    ran.plan()
    assert (world.reads, {str(item.error) for item in ran.items}) == (1, {"no list"})
    ran.act()
    assert not any(item.began for item in ran.items)


def test_a_list_that_can_not_be_read_again_leaves_what_was_sent(world):
    ran = fleet(world, 5, Limits(1, None))
    ran.plan()
    for item in ran.items:
        create = item.resource.create

        def then_trouble(replaced, create=create):
            found = create(replaced)
            world.troubles = [ServerError("no list")]
            return found

        item.resource.create = then_trouble
    ran.act()
    assert [(len(item.done), str(item.error)) for item in ran.items] == [(1, "no list")] * 5
    assert world.reads == 2


def test_looks_get_rarer_and_end(world, clock):
    ran = fleet(world, 3, Limits(1, 1, Patience(True, 30, 2)))
    for item in ran.items:
        item.resource.slow = 99
    ran.plan()
    ran.act()
    assert clock.sleeps == [2, 3, 4.5, 6.75, 10, pytest.approx(3.75)]
    assert [type(item.error) for item in ran.items] == [WaitError] * 3
    assert str(ran.items[0].error).startswith("Timed out waiting for box 'b0' after its create: it is there. ")


def test_who_is_there_is_not_looked_at_again(world, clock):
    ran = fleet(world, 3, Limits(1, 1, Patience(True, 30, 2)))
    ran.items[1].resource.slow = 3
    ran.plan()
    looks = world.looks
    ran.act()
    # Each once before it is created and once after, and the slow one three times more.
    assert world.looks - looks == 3 + 3 + 3
    assert world.reads == 1 + 4
    assert clock.sleeps == [2, 3, 4.5]


@pytest.mark.parametrize("seconds, begun", [(0, 0), (2.5, 3), (100, 10)])
def test_nothing_begins_after_the_deadline(world, clock, seconds, begun):
    ran = fleet(world, 10, Limits(1, 1, Patience(deadline=clock.monotonic() + seconds)))
    for item in ran.items:
        create = item.resource.create

        def slowly(replaced, create=create):
            clock.passed += 1
            return create(replaced)

        item.resource.create = slowly
    ran.plan()
    ran.act()
    assert sum(item.began for item in ran.items) == begun
    # What was begun is looked at once more.
    assert [bool(item.outcome) for item in ran.items] == [True] * begun + [False] * (10 - begun)
    assert ran.is_late == (seconds < 100)


def test_check_mode_takes_the_plan_for_the_outcome(world):
    ran = fleet(world, 4, there=2)
    ran.plan()
    ran.predict()
    assert [item.outcome.changed for item in ran.items] == [False, False, True, True]
    assert ran._observer.events == []
    assert len(world.things) == 2


def test_an_item_that_is_wrong_is_left_alone(world):
    ran = fleet(world, 2, Limits(1, None))
    ran.items.append(Item("box", "wrong", error=DriftError("no")))
    ran.plan()
    ran.act()
    assert [bool(item.outcome) for item in ran.items] == [True, True, False]
    assert not ran.items[2].began
