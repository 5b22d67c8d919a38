# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Reconcile many resources: plan all of them from the same lists, then execute the plans in parallel.

This uses neither HTTP nor Ansible. The resources share their lists, so unchanged resources need no requests.
"""

from __future__ import annotations

import concurrent.futures
import functools
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    GROWTH,
    LIST_MAX_AGE,
    SLOWEST,
    Clock,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    HuaweiCloudError,
    OptionError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.executor import (
    apply_plan,
    build_outcome,
    verify,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome, Plan, make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Observed,
    Resource,
    SharedList,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import (
    Waiter,
    describe_status,
    get_phase,
    is_as_declared,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import Execution

# Seconds between two lines of progress.
_PROGRESS_INTERVAL = 2.0

# The key of an action in the summary of the plan, and the word for progress messages.
_SUMMARY_KEYS = {
    "create": "to_create",
    "update": "to_update",
    "replace": "to_replace",
    "delete": "to_delete",
    "promote": "to_promote",
    "cancel": "to_cancel",
}
_WORDS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "promote": "promoted",
    "cancel": "canceled",
}


class Item:
    """One resource of a task, with its plan, its applied actions, and its outcome or error."""

    # A task can have thousands of items.
    __slots__ = (
        "applied",
        "error",
        "kind",
        "name",
        "observed",
        "outcome",
        "place",
        "plan",
        "planned_at",
        "resource",
        "started",
        "wait_policy",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        resource: Resource | None = None,
        *,
        place: str = "",
        wait_policy: WaitPolicy | None = None,
        error: HuaweiCloudError | None = None,
        plan: Plan | None = None,
    ) -> None:
        """Create an item. ``place`` is its path in the task, such as workspaces[0]. Without a wait policy, that of the task applies."""
        self.kind = kind
        self.name = name
        self.resource = resource
        self.place = place
        self.wait_policy = wait_policy
        self.error = error
        self.plan = plan
        self.outcome: Outcome | None = None
        self.applied: list[Action] = []
        self.started = False
        self.planned_at = 0.0
        # The object as it was read last.
        self.observed: Observed | None = None

    @property
    def action(self) -> str | None:
        return self.plan.action if self.plan else None

    @property
    def is_open(self) -> bool:
        """Whether the item has neither an outcome nor an error."""
        return self.error is None and self.outcome is None

    @property
    def subject(self) -> str:
        return f"{self.kind} '{self.name}'"

    @property
    def names_itself(self) -> bool:
        """Whether the message of the error begins with the item."""
        return str(self.error or "").startswith((f"{self.place or self.subject} ", f"{self.subject} "))

    @property
    def is_new(self) -> bool:
        """Whether the plan creates the resource, perhaps to replace an existing one."""
        return self.action in ("create", "replace")

    def planned(self) -> tuple[Resource, Plan]:
        """Return the resource and the plan of an item that has both."""
        if self.resource is None or self.plan is None:
            raise ValueError(f"{self.subject} has no plan")
        return self.resource, self.plan


class ExecutionPolicy(t.NamedTuple):
    """The limits of an execution: parallel requests, failures until it stops (``None``: no limit), waiting and its deadline."""

    parallel: int = 8
    most_failures: t.Optional[int] = 1
    wait_policy: WaitPolicy = WaitPolicy()


# The kind of an item, and one of the unique keys of its resource.
UniqueKey = t.Tuple[str, t.Tuple[t.Any, ...]]
# Unique keys that identify the resource itself.
_IDENTITIES = ("id", "name")


class EventListener(t.Protocol):
    """Receives events and messages. The methods are called from many threads."""

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        """Handle the event of an item: began, sent (with the action), done, failed."""

    def on_message(self, text: str) -> None:
        """Handle a line of progress."""


class _RecordedActions(t.List[Action]):
    """A list of actions that reports each new action."""

    def __init__(self, on_action: t.Callable[[Action], None]) -> None:
        super().__init__()
        self._on_action = on_action

    def append(self, action: Action) -> None:
        super().append(action)
        self._on_action(action)


class _Queue:
    """The items that a group of threads has not started yet."""

    def __init__(self, items: t.Iterable[Item]) -> None:
        self._items = iter(items)
        self._lock = threading.Lock()

    def take(self) -> Item | None:
        """Remove and return the next item, or None if there is none."""
        with self._lock:
            return next(self._items, None)


def plan_summary(items: t.Sequence[Item]) -> dict[str, int]:
    """Return how many items each action has. Items without a plan are not counted."""
    counts = dict.fromkeys([*_SUMMARY_KEYS.values(), "unchanged", "failed"], 0)
    for item in items:
        if item.error is not None:
            counts["failed"] += 1
        elif item.plan is not None:
            counts[_SUMMARY_KEYS.get(item.action or "", "unchanged")] += 1
    return counts


def format_plan(items: t.Sequence[Item]) -> str:
    """Return the plan as text: ``2 to create, 1 to promote, 5 unchanged``."""
    acting = [item.action for item in items if item.error is None and item.action]
    counts = {f"to {action}": acting.count(action) for action in _SUMMARY_KEYS}
    counts.update({word: count for word, count in plan_summary(items).items() if word in ("unchanged", "failed")})
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing"


class BulkExecutor:
    """The items of one task, and their execution."""

    def __init__(self, items: t.Sequence[Item], policy: ExecutionPolicy, clock: Clock, listener: EventListener) -> None:
        self.items = list(items)
        self._policy = policy
        self._clock = clock
        self._listener = listener
        self._failures = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._started_at = self._reported_at = clock.monotonic()
        self._last_report = ""

    @property
    def must_stop(self) -> bool:
        """Whether no further item may start: after too many failures, after the deadline, or after an interruption."""
        too_many = self._policy.most_failures is not None and self._failures >= self._policy.most_failures
        return too_many or self._stopped or self.is_past_deadline

    @property
    def is_past_deadline(self) -> bool:
        deadline = self._policy.wait_policy.deadline
        return deadline is not None and self._clock.monotonic() >= deadline

    def plan(self) -> None:
        """Plan every valid item. Send only read requests."""
        self._started_at = self._reported_at = self._clock.monotonic()
        self._read_lists([item for item in self.items if item.is_open], LIST_MAX_AGE)
        self._run_parallel([item for item in self.items if item.is_open], self._plan_one)
        self._fail_conflicting_items()

    def predict(self) -> None:
        """Take the plans as outcomes, for check mode. Items that would not start after too many failures have none."""
        self._failures = sum(1 for item in self.items if item.error)
        for item in self.items:
            if item.is_open and item.plan is not None and not (item.action and self.must_stop):
                item.outcome = item.plan.preview()

    def apply_plan(self) -> None:
        """Execute the plans until there is a reason to stop. Then wait for the items that have started."""
        try:
            self._execute()
        except BaseException as interruption:
            self._stopped = True
            # The timeout of Ansible raises another BaseException. The result must still report the applied actions.
            if isinstance(interruption, (Exception, KeyboardInterrupt, SystemExit)):
                raise
            self._abandon(str(interruption) or type(interruption).__name__)

    def _execute(self) -> None:
        self._started_at = self._reported_at = self._clock.monotonic()
        self._failures = sum(1 for item in self.items if item.error)
        planned = [item for item in self.items if item.is_open and item.plan is not None]
        waiting = [item for item in planned if item.action is None and not self._is_finished(item)]
        todo = [item for item in planned if item.action is not None]
        self._run_parallel(todo, self._execute_item)
        self._verify(waiting + [item for item in todo if item.started and item.is_open])
        for listing in _listings(todo).values():
            # The cached list may lack a change that was sent.
            listing.invalidate()

    def _run_parallel(self, items: t.Sequence[Item], work: t.Callable[[Item], None]) -> None:
        if len(items) < 2 or self._policy.parallel < 2:
            for item in items:
                work(item)
            return
        # One future for each item would take much memory.
        queue = _Queue(items)
        count = min(self._policy.parallel, len(items))
        pool = concurrent.futures.ThreadPoolExecutor(count)
        try:
            for future in [pool.submit(self._work_off, queue, work) for dummy in range(count)]:
                future.result()
        except BaseException:
            # After any exception, also Ctrl-C, no further item may start.
            self._stopped = True
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()

    def _work_off(self, queue: _Queue, work: t.Callable[[Item], None]) -> None:
        try:
            item = queue.take()
            while item is not None and not self._stopped:
                work(item)
                item = queue.take()
        except BaseException:
            # Set this here, because the main thread may notice the exception much later.
            self._stopped = True
            raise

    def _read_lists(self, items: t.Sequence[Item], max_age: float) -> None:
        """Read each list once. If a list cannot be read, all its items fail with the same error."""
        for listing in _listings(items).values():
            try:
                listing.read(max_age)
            except HuaweiCloudError as error:
                for item in items:
                    if item.is_open and item.resource is not None and item.resource.listing is listing:
                        self._fail(item, error)

    def _plan_one(self, item: Item) -> None:
        if self._stopped or self.is_past_deadline:
            return
        try:
            self._make_plan(item)
        except HuaweiCloudError as error:
            item.error = error

    def _make_plan(self, item: Item) -> None:
        resource = item.resource
        if resource is None:
            raise ValueError(f"{item.subject} has no resource")
        item.planned_at = self._clock.monotonic()
        item.observed = resource.lookup()
        item.plan = make_plan(resource, item.observed)
        self._report_progress(self._format_progress if item.started else self._format_planning)

    def _fail_conflicting_items(self) -> None:
        """Fail each item that is about the same resource as another, or needs what only one resource can have.

        Of two such items, the second fails, or the one whose resource does not exist yet.
        """
        owners: dict[UniqueKey, Item] = {}
        for item in sorted(self.items, key=lambda item: item.is_new):
            for (kind, key), words in _unique_keys(item).items():
                owner = owners.setdefault((kind, key), item)
                same = key[0] in _IDENTITIES
                # Whatever two existing resources share, the service has accepted it.
                if owner is not item and (same or item.is_new):
                    item.error = OptionError(
                        f"{_format_item(item)} and {_format_item(owner)} are both about {words}.",
                        hint="List it once." if same else "Change or delete one of the two items.",
                    )
                    break

    def _is_finished(self, item: Item) -> bool:
        """Return whether an item without an action needs no waiting, and set its outcome then."""
        resource, plan = item.planned()
        try:
            if self._wait_policy_for(item).wait and not is_as_declared(resource, plan.observed):
                return False
            item.outcome = plan.preview()
        except HuaweiCloudError as error:
            self._fail(item, error)
        return True

    def _execute_item(self, item: Item) -> None:
        if self.must_stop:
            return
        item.started = True
        item.applied = _RecordedActions(lambda action: self._listener.on_event(item, "sent", action))
        self._listener.on_event(item, "began")
        try:
            if item.action == "create" or self._clock.monotonic() - item.planned_at > LIST_MAX_AGE:
                # The actual state may have changed, and the list may have been read again for other items.
                self._make_plan(item)
            resource, plan = item.planned()
            item.plan = apply_plan(self._execution(item), plan)
        except HuaweiCloudError as error:
            self._fail(item, error)
        self._report_progress(self._format_progress)

    def _verify(self, items: t.Sequence[Item]) -> None:
        """Poll the items until each is in its desired state. One round reads each list once."""
        left = list(items)
        began = self._clock.monotonic()
        interval = min(
            [self._wait_policy_for(item).interval for item in left], default=self._policy.wait_policy.interval
        )
        while left:
            self._read_lists(left, 0)
            self._run_parallel([item for item in left if item.is_open], self._poll_item)
            for item in left:
                if item.is_open and self._time_to_wait(item, began) <= 0:
                    self._end_waiting(item)
            left = [item for item in left if item.is_open]
            if not left:
                break
            pause = max(self._time_to_wait(item, began) for item in left)
            interval = min(interval, *(self._wait_policy_for(item).interval * SLOWEST for item in left))
            self._report_progress(functools.partial(self._format_waiting, left))
            self._clock.sleep(max(0.0, min(interval, pause)))
            interval *= GROWTH

    def _wait_policy_for(self, item: Item) -> WaitPolicy:
        return item.wait_policy or self._policy.wait_policy

    def _time_to_wait(self, item: Item, began: float) -> float:
        wait_policy = self._wait_policy_for(item)
        return began + wait_policy.seconds_from(began) - self._clock.monotonic() if wait_policy.wait else 0.0

    def _poll_item(self, item: Item) -> None:
        resource, plan = item.planned()
        try:
            item.observed = resource.lookup()
            if is_as_declared(resource, item.observed) and not (self.is_past_deadline and _has_more_to_send(item)):
                if resource.desired_state.final_action:
                    resource.verify_end(item.observed, sent=bool(item.applied))
                item.outcome = build_outcome(self._execution(item), plan, item.observed)
                self._listener.on_event(item, "done")
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _end_waiting(self, item: Item) -> None:
        """Set the outcome of an item that is not in its desired state yet. It is an error if the task waits."""
        resource, plan = item.planned()
        try:
            if self._wait_policy_for(item).wait or (self.is_past_deadline and _has_more_to_send(item)):
                after = f" after its {plan.action}" if plan.action else ""
                raise WaitError(
                    f"Timed out waiting for {resource.kind} '{resource.name}'{after}: {describe_status(resource, item.observed)}",
                    hint="Check it in the console, or rerun the task to continue waiting.",
                )
            execution = self._execution(item)
            if resource.desired_state.final_action:
                item.outcome = build_outcome(execution, plan, None)
            elif item.observed:
                item.outcome = build_outcome(execution, plan, item.observed)
            else:
                item.outcome = verify(execution, plan)
            self._listener.on_event(item, "done")
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _execution(self, item: Item) -> Execution:
        waiter = Waiter(self._wait_policy_for(item), self._clock, self._listener.on_message)
        return Execution(item.planned()[0], waiter, item.applied, refreshes_lists=True)

    def _abandon(self, reason: str) -> None:
        for item in self.items:
            if item.is_open and item.started:
                what = "its effect" if item.applied else "whether the request was applied"
                self._fail(
                    item,
                    WaitError(
                        f"Interrupted ({reason.rstrip('.')}), so {what} is unknown.",
                        hint="Rerun the task: it checks first.",
                    ),
                )

    def _fail(self, item: Item, error: HuaweiCloudError) -> None:
        item.error = error
        with self._lock:
            self._failures += 1
        self._listener.on_event(item, "failed")

    def _report_progress(self, get_texts: t.Callable[[], tuple[str, str]]) -> None:
        """Report the two parts of text that ``get_texts`` returns, unless the first part has not changed since the last report."""
        with self._lock:
            now = self._clock.monotonic()
            if now - self._reported_at < _PROGRESS_INTERVAL:
                return
            self._reported_at = now
        text, suffix = get_texts()
        if text != self._last_report:
            self._last_report = text
            self._listener.on_message(text + suffix)

    def _format_planning(self) -> tuple[str, str]:
        planned = sum(1 for item in self.items if item.plan or item.error)
        return f"planned {planned} of {len(self.items)}", f", {self._clock.monotonic() - self._started_at:.0f} s"

    def _format_progress(self) -> tuple[str, str]:
        planned = [item for item in self.items if item.plan and item.plan.action]
        over = [item for item in planned if item.applied or item.error]
        counts = {
            word: sum(1 for item in over if not item.error and item.action == action) for action, word in _WORDS.items()
        }
        counts["unchanged"] = sum(1 for item in self.items if item.plan and not item.plan.action)
        counts["failed"] = sum(1 for item in self.items if item.error)
        text = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
        seconds = self._clock.monotonic() - self._started_at
        rate = len(over) / seconds if seconds else 0.0
        left = f", about {(len(planned) - len(over)) / rate:.0f} s left" if rate and len(planned) > len(over) else ""
        return f"{sum(counts.values())} of {len(self.items)}: {text}", f", {rate:.0f}/s{left}"

    def _format_waiting(self, left: t.Sequence[Item]) -> tuple[str, str]:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        item = left[0]
        phase = get_phase(item.planned()[0], item.observed)
        return (
            f"waiting for {item.kind} {item.name}{more}: {phase}",
            f", {self._clock.monotonic() - self._started_at:.0f} s",
        )


def _listings(items: t.Iterable[Item]) -> dict[int, SharedList]:
    """Return the lists that contain the items, each once."""
    return {id(item.resource.listing): item.resource.listing for item in items if item.resource is not None}


def _unique_keys(item: Item) -> t.Mapping[UniqueKey, str]:
    """Return what no other item may have, each with a description. An item that deletes its resource has only its identity."""
    if item.plan is None or item.error is not None:
        return {}
    resource, plan = item.planned()
    found = (plan.before or {}).get("id")
    unique_keys: dict[UniqueKey, str] = {(item.kind, ("id", found)): f"the one with the id '{found}'"} if found else {}
    for key, words in resource.unique_keys.items():
        if key[0] in _IDENTITIES or not resource.desired_state.final_action:
            unique_keys[item.kind, key] = words
    return unique_keys


def _format_item(item: Item) -> str:
    return item.subject + (f" ({item.place})" if item.place else "")


def _has_more_to_send(item: Item) -> bool:
    """Return whether fields remain that the creation could not carry."""
    resource, plan = item.planned()
    return plan.action == "create" and item.observed is not None and bool(resource.diff(item.observed))
