# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Many wishes at once: all are planned on the same lists before the first is acted on, then acted on side by side.

Knows no HTTP and no Ansible. Lists are shared through the session of the resources, so that what is unchanged costs no request.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile import (
    Outcome,
    Plan,
    Receipt,
    Resource,
    Thing,
    act,
    finish,
    make_plan,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import GROWTH, SLOWEST, Clock, Patience

# A line of progress at most this often (seconds).
_SAY_EVERY = 2.0

_COUNTED = {
    "create": "to_create",
    "update": "to_update",
    "replace": "to_replace",
    "remove": "to_remove",
    "promote": "to_remove",
    "cancel": "to_remove",
}


@dataclasses.dataclass
class Item:
    """One wish on its way: what it is called, what is planned, done and come of it, or why it failed."""

    kind: str
    name: str
    resource: t.Optional[Resource] = None
    error: t.Optional[HuaweiCloudError] = None
    plan: t.Optional[Plan] = None
    outcome: t.Optional[Outcome] = None
    done: t.List[Receipt] = dataclasses.field(default_factory=list)
    began: bool = False

    @property
    def action(self) -> str | None:
        return self.plan.action if self.plan else None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be found out about it."""
        return self.error is None and self.outcome is None


class Limits(t.NamedTuple):
    """How far to go: so many requests side by side, until so many failures, until that moment of the clock (``None``: no limit)."""

    parallel: int = 8
    most_failures: t.Optional[int] = 1
    deadline: t.Optional[float] = None
    patience: Patience = Patience()


class Observer(t.Protocol):
    """Hears what happens, from many threads."""

    def noted(self, item: Item, event: str) -> None:
        """An item began, was done or failed."""

    def said(self, text: str) -> None:
        """A line for people."""


def counted(items: t.Sequence[Item]) -> dict[str, int]:
    """What the plan is, in numbers."""
    counts = dict.fromkeys(["to_create", "to_update", "to_replace", "to_remove", "unchanged", "failed"], 0)
    for item in items:
        if item.plan is None:
            counts["failed"] += 1
        else:
            counts[_COUNTED.get(item.action or "", "unchanged")] += 1
    return counts


class Fleet:
    """Items that go together."""

    def __init__(self, items: t.Sequence[Item], limits: Limits, clock: Clock, observer: Observer) -> None:
        self.items = list(items)
        self._limits = limits
        self._clock = clock
        self._observer = observer
        self._failures = 0
        self._lock = threading.Lock()
        self._began_at = clock.monotonic()
        self._said_at = clock.monotonic()

    @property
    def has_given_up(self) -> bool:
        """Whether nothing new is to be begun: too many failures, or no time left."""
        too_many = self._limits.most_failures is not None and self._failures >= self._limits.most_failures
        return too_many or self.is_late

    @property
    def is_late(self) -> bool:
        return self._limits.deadline is not None and self._clock.monotonic() >= self._limits.deadline

    def plan(self) -> None:
        """Plans every item that is not wrong in itself. Sends nothing but what looking takes."""
        self._side_by_side([item for item in self.items if item.is_open], self._plan_one)

    def predict(self) -> None:
        """What check mode says: the plan of each item is its outcome."""
        for item in self.items:
            if item.is_open and item.plan is not None:
                item.outcome = item.plan.predicted()

    def act(self) -> None:
        """Sends what the plans say, item by item until there is a reason to stop; then waits for what was begun."""
        for item in self.items:
            if item.is_open and item.plan is not None and item.action is None:
                item.outcome = item.plan.predicted()
        todo = [item for item in self.items if item.is_open and item.plan is not None]
        self._side_by_side(todo, self._act_one)
        self._confirm([item for item in todo if item.is_open and item.began])

    def _side_by_side(self, items: t.Sequence[Item], work: t.Callable[[Item], None]) -> None:
        if len(items) < 2 or self._limits.parallel < 2:
            for item in items:
                work(item)
            return
        with concurrent.futures.ThreadPoolExecutor(self._limits.parallel) as pool:
            for future in [pool.submit(work, item) for item in items]:
                future.result()

    def _plan_one(self, item: Item) -> None:
        resource = t.cast(Resource, item.resource)
        try:
            item.plan = make_plan(resource, resource.find())
        except HuaweiCloudError as error:
            item.error = error

    def _act_one(self, item: Item) -> None:
        if self.has_given_up:
            return
        item.began = True
        self._observer.noted(item, "began")
        try:
            item.plan = act(t.cast(Resource, item.resource), t.cast(Plan, item.plan), item.done)
        except HuaweiCloudError as error:
            self._fail(item, error)
        else:
            self._observer.noted(item, "sent")
        self._say_now_and_then()

    def _confirm(self, items: t.Sequence[Item]) -> None:
        """Looks at all that was begun until each is what it should be. One look reads each list once."""
        patience, began = self._limits.patience, self._clock.monotonic()
        interval = patience.interval
        open_items = list(items)
        while open_items:
            for listing in {id(item.resource.listing): item.resource.listing for item in open_items if item.resource}.values():
                listing.forget()
            self._side_by_side(open_items, self._look_at)
            open_items = [item for item in open_items if item.is_open]
            if not open_items or not patience.wait or self.is_late:
                break
            if self._clock.monotonic() - began >= patience.timeout:
                break
            self._say_now_and_then()
            self._clock.sleep(interval)
            interval = min(interval * GROWTH, patience.interval * SLOWEST)
        for item in open_items:
            self._leave(item)

    def _look_at(self, item: Item) -> None:
        resource = t.cast(Resource, item.resource)
        try:
            thing = resource.find()
            if resource.is_there_yet(thing):
                item.outcome = finish(resource, t.cast(Plan, item.plan), thing, item.done)
                self._observer.noted(item, "done")
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _leave(self, item: Item) -> None:
        """What was begun and is not what it should be: an error when it was to be waited for, else simply as it is."""
        resource, plan = t.cast(Resource, item.resource), t.cast(Plan, item.plan)
        if self._limits.patience.wait or self.is_late:
            message = f"Timed out waiting for {resource.noun} '{resource.label}' after its {plan.action}."
            self._fail(item, WaitError(message, hint="Run again to go on waiting."))
            return
        try:
            thing = resource.find()
            item.outcome = Outcome(True, plan.before, _shown(resource, thing), item.done, plan.fields, plan.warnings)
            self._observer.noted(item, "done")
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _fail(self, item: Item, error: HuaweiCloudError) -> None:
        item.error = error
        with self._lock:
            self._failures += 1
        self._observer.noted(item, "failed")

    def _say_now_and_then(self) -> None:
        with self._lock:
            now = self._clock.monotonic()
            if now - self._said_at < _SAY_EVERY:
                return
            self._said_at = now
        self._observer.said(self._so_far(now - self._began_at))

    def _so_far(self, seconds: float) -> str:
        planned = [item for item in self.items if item.action]
        sent = [item for item in planned if item.done or item.error]
        words = {"create": "created", "update": "updated", "replace": "replaced", "remove": "removed", "promote": "promoted", "cancel": "canceled"}
        counts = {word: sum(1 for item in sent if item.action == action) for action, word in words.items()}
        counts["unchanged"] = sum(1 for item in self.items if item.plan and not item.action)
        said = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
        rate = len(sent) / seconds if seconds else 0.0
        left = f", about {(len(planned) - len(sent)) / rate:.0f} s left" if rate and len(planned) > len(sent) else ""
        return f"{len(sent) + counts['unchanged']} of {len(self.items)}: {said}, {rate:.0f}/s{left}"


def _shown(resource: Resource, thing: Thing | None) -> dict[str, t.Any] | None:
    return resource.shown(thing) if thing and not resource.ending else None
