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
import functools
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    GROWTH,
    SLOWEST,
    Clock,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    HuaweiCloudError,
    OptionError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import (
    FRESH,
    Outcome,
    Plan,
    apply_plan,
    build_outcome,
    make_plan,
    verify,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Observed,
    Resource,
    SharedList,
)

# A line of progress at most this often (seconds).
_SAY_EVERY = 2.0

# What an action is called among the numbers of the plan, and once it was done.
_COUNTED = {
    "create": "to_create",
    "update": "to_update",
    "replace": "to_replace",
    "delete": "to_delete",
    "promote": "to_delete",
    "cancel": "to_delete",
}
_WORDS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "removed",
    "promote": "promoted",
    "cancel": "canceled",
}


@dataclasses.dataclass
class Item:
    """One wish on its way: what it is called, what is planned, done and come of it, or why it failed."""

    kind: str
    name: str
    resource: t.Optional[Resource] = None
    # Where it comes from: workspaces[0].
    place: str = ""
    # How long to wait for this one, where that is not as for all.
    wait_policy: t.Optional[WaitPolicy] = None
    error: t.Optional[HuaweiCloudError] = None
    plan: t.Optional[Plan] = None
    outcome: t.Optional[Outcome] = None
    applied: t.List[Action] = dataclasses.field(default_factory=list)
    began: bool = False
    planned_at: float = 0.0
    # As it was at the last look.
    seen: t.Optional[Observed] = None

    @property
    def action(self) -> str | None:
        return self.plan.action if self.plan else None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be found out about it."""
        return self.error is None and self.outcome is None

    @property
    def subject(self) -> str:
        return f"{self.kind} '{self.name}'"

    @property
    def names_itself(self) -> bool:
        """Whether its error begins with what it is called, or where it is in the task."""
        return str(self.error or "").startswith((f"{self.place or self.subject} ", f"{self.subject} "))

    @property
    def is_new(self) -> bool:
        """Whether its resource is going to be created, also in place of the present one."""
        return self.action in ("create", "replace")

    def the(self) -> tuple[Resource, Plan]:
        """The means and the plan of an item that has both."""
        return t.cast(Resource, self.resource), t.cast(Plan, self.plan)


class ExecutionPolicy(t.NamedTuple):
    """How far to go: so many requests side by side, until so many failures (``None``: no limit), until the deadline of the patience."""

    parallel: int = 8
    most_failures: t.Optional[int] = 1
    wait_policy: WaitPolicy = WaitPolicy()


# The kind of an item, and what it claims.
Claim = t.Tuple[str, t.Tuple[t.Any, ...]]
# Claims that name the resource itself.
_IDENTITIES = ("id", "name")


class EventListener(t.Protocol):
    """Hears what happens, from many threads."""

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        """An item began, had something sent for it (``receipt``), was done or failed."""

    def on_message(self, text: str) -> None:
        """A line for people."""


class _RecordedActions(t.List[Action]):
    """Receipts that are told of as they come."""

    def __init__(self, told: t.Callable[[Action], None]) -> None:
        super().__init__()
        self._told = told

    def append(self, action: Action) -> None:
        super().append(action)
        self._told(action)


def plan_summary(items: t.Sequence[Item]) -> dict[str, int]:
    """What the plan is, in numbers. What was not looked at in time is in none of them."""
    counts = dict.fromkeys(["to_create", "to_update", "to_replace", "to_delete", "unchanged", "failed"], 0)
    for item in items:
        if item.error is not None:
            counts["failed"] += 1
        elif item.plan is not None:
            counts[_COUNTED.get(item.action or "", "unchanged")] += 1
    return counts


def format_plan(items: t.Sequence[Item]) -> str:
    """What the plan is, for people: ``2 to create, 1 to promote, 5 unchanged``."""
    acting = [item.action for item in items if item.error is None and item.action]
    counts = {f"to {action}": acting.count(action) for action in _COUNTED}
    counts.update({word: count for word, count in plan_summary(items).items() if word in ("unchanged", "failed")})
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing"


class BulkExecutor:
    """Items that go together."""

    def __init__(self, items: t.Sequence[Item], limits: ExecutionPolicy, clock: Clock, listener: EventListener) -> None:
        self.items = list(items)
        self._limits = limits
        self._clock = clock
        self._listener = listener
        self._failures = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._began_at = self._said_at = clock.monotonic()
        self._said = ""

    @property
    def must_stop(self) -> bool:
        """Whether nothing new is to be begun: too many failures, no time left, or an interruption."""
        too_many = self._limits.most_failures is not None and self._failures >= self._limits.most_failures
        return too_many or self._stopped or self.is_past_deadline

    @property
    def is_past_deadline(self) -> bool:
        deadline = self._limits.wait_policy.deadline
        return deadline is not None and self._clock.monotonic() >= deadline

    def plan(self) -> None:
        """Plans every item that is not wrong in itself. Sends nothing but what looking takes."""
        self._began_at = self._said_at = self._clock.monotonic()
        self._read_lists([item for item in self.items if item.is_open], FRESH)
        self._side_by_side([item for item in self.items if item.is_open], self._plan_one)
        self._fail_conflicting_items()

    def predict(self) -> None:
        """What check mode says: the plan of each item is its outcome, unless nothing would be begun after so many failures."""
        self._failures = sum(1 for item in self.items if item.error)
        for item in self.items:
            if item.is_open and item.plan is not None and not (item.action and self.must_stop):
                item.outcome = item.plan.preview()

    def apply_plan(self) -> None:
        """Sends what the plans say, item by item until there is a reason to stop; then waits for what was begun."""
        try:
            self._act()
        except BaseException as interruption:
            self._stopped = True
            # The alarm of a task's own timeout is no Exception, so that nobody takes it for one of theirs. What was done is still to be told.
            if isinstance(interruption, (Exception, KeyboardInterrupt, SystemExit)):
                raise
            self._abandon(str(interruption) or type(interruption).__name__)

    def _act(self) -> None:
        self._began_at = self._said_at = self._clock.monotonic()
        self._failures = sum(1 for item in self.items if item.error)
        planned = [item for item in self.items if item.is_open and item.plan is not None]
        waited_for = [item for item in planned if item.action is None and not self._is_as_it_should_be(item)]
        todo = [item for item in planned if item.action is not None]
        self._side_by_side(todo, self._act_one)
        self._verify(waited_for + [item for item in todo if item.began and item.is_open])
        for listing in _listings(todo).values():
            # What was sent and could not be looked at may be in it or not.
            listing.invalidate()

    def _side_by_side(self, items: t.Sequence[Item], work: t.Callable[[Item], None]) -> None:
        if len(items) < 2 or self._limits.parallel < 2:
            for item in items:
                work(item)
            return
        pool = concurrent.futures.ThreadPoolExecutor(min(self._limits.parallel, len(items)))
        try:
            for future in [pool.submit(self._guarded, work, item) for item in items]:
                future.result()
        except BaseException:
            # Whatever it is, and be it Ctrl-C: those that have not started must not start any more.
            self._stopped = True
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()

    def _guarded(self, work: t.Callable[[Item], None], item: Item) -> None:
        try:
            work(item)
        except BaseException:
            # Nobody may hear of it before many others have begun.
            self._stopped = True
            raise

    def _read_lists(self, items: t.Sequence[Item], max_age: float) -> None:
        """Reads each list once: one that can not be read fails for all its items, and not for each of them anew."""
        for listing in _listings(items).values():
            try:
                listing.read(max_age)
            except HuaweiCloudError as error:
                for item in items:
                    if item.is_open and item.the()[0].listing is listing:
                        self._fail(item, error)

    def _plan_one(self, item: Item) -> None:
        if self._stopped or self.is_past_deadline:
            return
        try:
            self._make_plan(item)
        except HuaweiCloudError as error:
            item.error = error

    def _make_plan(self, item: Item) -> None:
        resource = t.cast(Resource, item.resource)
        item.planned_at = self._clock.monotonic()
        item.seen = resource.lookup()
        item.plan = make_plan(resource, item.seen)
        self._report_progress(self._so_far if item.began else self._planned)

    def _fail_conflicting_items(self) -> None:
        """Fail each item that is about the same resource as another, or needs what only one resource can have.

        Of two such items, the second fails, or the one whose resource does not exist yet.
        """
        owners: dict[Claim, Item] = {}
        for item in sorted(self.items, key=lambda item: item.is_new):
            for (kind, key), words in _unique_keys(item).items():
                owner = owners.setdefault((kind, key), item)
                same = key[0] in _IDENTITIES
                # Whatever two existing resources share, the service has accepted it.
                if owner is not item and (same or item.is_new):
                    item.error = OptionError(
                        f"{_placed(item)} and {_placed(owner)} are both about {words}.",
                        hint="List it once." if same else "Change or remove one of the two items.",
                    )
                    break

    def _is_as_it_should_be(self, item: Item) -> bool:
        """Whether an item with nothing to do is over; if not, it is to be waited for."""
        resource, plan = item.the()
        try:
            if self._wait_policy_for(item).wait and not resource.is_ready(plan.observed):
                return False
            item.outcome = plan.preview()
        except HuaweiCloudError as error:
            self._fail(item, error)
        return True

    def _act_one(self, item: Item) -> None:
        if self.must_stop:
            return
        item.began = True
        item.applied = _RecordedActions(lambda action: self._listener.on_event(item, "sent", action))
        self._listener.on_event(item, "began")
        try:
            if item.action == "create" or self._clock.monotonic() - item.planned_at > FRESH:
                # The world has moved on since, and the list may have been read anew for others.
                self._make_plan(item)
            item.plan = apply_plan(*item.the(), item.applied)
        except HuaweiCloudError as error:
            self._fail(item, error)
        self._report_progress(self._so_far)

    def _verify(self, items: t.Sequence[Item]) -> None:
        """Looks at all that was begun until each is what it should be. One look reads each list once."""
        left = list(items)
        began = self._clock.monotonic()
        interval = min(
            [self._wait_policy_for(item).interval for item in left], default=self._limits.wait_policy.interval
        )
        while left:
            self._read_lists(left, 0)
            self._side_by_side([item for item in left if item.is_open], self._look_at)
            for item in left:
                if item.is_open and self._time_to_wait(item, began) <= 0:
                    self._leave(item)
            left = [item for item in left if item.is_open]
            if not left:
                break
            pause = max(self._time_to_wait(item, began) for item in left)
            interval = min(interval, *(self._wait_policy_for(item).interval * SLOWEST for item in left))
            self._report_progress(functools.partial(self._still_open, left))
            self._clock.sleep(max(0.0, min(interval, pause)))
            interval *= GROWTH

    def _wait_policy_for(self, item: Item) -> WaitPolicy:
        return item.wait_policy or self._limits.wait_policy

    def _time_to_wait(self, item: Item, began: float) -> float:
        wait_policy = self._wait_policy_for(item)
        return began + wait_policy.seconds_from(began) - self._clock.monotonic() if wait_policy.wait else 0.0

    def _look_at(self, item: Item) -> None:
        resource, plan = item.the()
        try:
            item.seen = resource.lookup()
            if resource.is_ready(item.seen) and not (self.is_past_deadline and _has_more_to_send(item)):
                if resource.final_action:
                    resource.verify_end(item.seen, sent=bool(item.applied))
                item.outcome = build_outcome(resource, plan, item.seen, item.applied)
                self._listener.on_event(item, "done")
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _leave(self, item: Item) -> None:
        """What was begun and is not what it should be: an error when it was to be waited for, else simply as it is."""
        resource, plan = item.the()
        try:
            if self._wait_policy_for(item).wait or (self.is_past_deadline and _has_more_to_send(item)):
                after = f" after its {plan.action}" if plan.action else ""
                raise WaitError(
                    f"Timed out waiting for {resource.kind_name} '{resource.label}'{after}: {resource.describe_state(item.seen)}",
                    hint="Look at it in the console, or run again to go on waiting.",
                )
            if resource.final_action:
                item.outcome = build_outcome(resource, plan, None, item.applied)
            else:
                item.outcome = (
                    build_outcome(resource, plan, item.seen, item.applied)
                    if item.seen
                    else verify(resource, plan, item.applied)
                )
            self._listener.on_event(item, "done")
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _abandon(self, reason: str) -> None:
        for item in self.items:
            if item.is_open and item.began:
                what = "what came of it" if item.applied else "whether it was done"
                self._fail(
                    item,
                    WaitError(
                        f"Interrupted ({reason.rstrip('.')}), so {what} is not known.",
                        hint="Run again: it looks first.",
                    ),
                )

    def _fail(self, item: Item, error: HuaweiCloudError) -> None:
        item.error = error
        with self._lock:
            self._failures += 1
        self._listener.on_event(item, "failed")

    def _report_progress(self, tell: t.Callable[[], tuple[str, str]]) -> None:
        """Says what ``tell`` tells, a text and how it goes on, unless the text is what was said last."""
        with self._lock:
            now = self._clock.monotonic()
            if now - self._said_at < _SAY_EVERY:
                return
            self._said_at = now
        text, rest = tell()
        if text != self._said:
            self._said = text
            self._listener.on_message(text + rest)

    def _planned(self) -> tuple[str, str]:
        looked_at = sum(1 for item in self.items if item.plan or item.error)
        return f"looked at {looked_at} of {len(self.items)}", f", {self._clock.monotonic() - self._began_at:.0f} s"

    def _so_far(self) -> tuple[str, str]:
        planned = [item for item in self.items if item.plan and item.plan.action]
        over = [item for item in planned if item.applied or item.error]
        counts = {
            word: sum(1 for item in over if not item.error and item.action == action) for action, word in _WORDS.items()
        }
        counts["unchanged"] = sum(1 for item in self.items if item.plan and not item.plan.action)
        counts["failed"] = sum(1 for item in self.items if item.error)
        said = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
        seconds = self._clock.monotonic() - self._began_at
        rate = len(over) / seconds if seconds else 0.0
        left = f", about {(len(planned) - len(over)) / rate:.0f} s left" if rate and len(planned) > len(over) else ""
        return f"{sum(counts.values())} of {len(self.items)}: {said}", f", {rate:.0f}/s{left}"

    def _still_open(self, left: t.Sequence[Item]) -> tuple[str, str]:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        item = left[0]
        stage = item.the()[0].short_state(item.seen)
        return (
            f"waiting for {item.kind} {item.name}{more}: {stage}",
            f", {self._clock.monotonic() - self._began_at:.0f} s",
        )


def _listings(items: t.Iterable[Item]) -> dict[int, SharedList]:
    """The lists that items are found in, each once."""
    return {id(item.resource.listing): item.resource.listing for item in items if item.resource is not None}


def _unique_keys(item: Item) -> t.Mapping[Claim, str]:
    """Return what no other item may have, in words: the resource itself, its name, and what else it needs for itself alone.

    An item that deletes its resource claims the resource and its name.
    """
    if item.plan is None or item.error is not None:
        return {}
    resource, plan = item.the()
    found = (plan.before or {}).get("id")
    unique_keys: dict[Claim, str] = {(item.kind, ("id", found)): f"the one with the id '{found}'"} if found else {}
    for key, words in resource.unique_keys.items():
        if key[0] in _IDENTITIES or not resource.final_action:
            unique_keys[item.kind, key] = words
    return unique_keys


def _placed(item: Item) -> str:
    return item.subject + (f" ({item.place})" if item.place else "")


def _has_more_to_send(item: Item) -> bool:
    """Whether something of a new thing that no create can carry is still to be set."""
    resource, plan = item.the()
    return plan.action == "create" and item.seen is not None and bool(resource.differences(item.seen))
