# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Reconcile one or many resources: look them up, compare, plan, execute, verify. This uses neither HTTP nor Ansible.

* A resource is absent only if a complete list proves it: ``lookup`` raises an error for anything less.
* Nothing is created if the list is older than LIST_MAX_AGE. A create request without a response is followed by a list, not by a second request.
* One list of differences decides ``changed`` and makes the diff and the plan. After the execution, it must be empty.
"""

from __future__ import annotations

import math
import threading
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    LIST_MAX_AGE,
    NO_DEADLINE,
    Clock,
    Deadline,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import (
    EventListener,
    ExecutionPolicy,
    Item,
    SilentListener,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.parallel import WorkerPool
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome, make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    TERMINATING,
    Action,
    Observed,
    Resource,
    SharedList,
    Source,
    has_condition,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import (
    Wait,
    Waiter,
    check_not_failed,
    is_as_declared,
    is_deleted,
    is_ready,
)

if t.TYPE_CHECKING:
    # Most tasks change nothing, so the executor is imported late.
    from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import Execution


def converge(resource: Resource, waiter: Waiter, *, check: bool) -> Outcome:
    """Bring one resource into its desired state, or predict the outcome in check mode. An error has the applied actions in ``actions``."""
    item = Item(resource.kind, resource.name, resource)
    policy = ExecutionPolicy(1, None, waiter.policy, shares_lists=False)
    engine = Engine([item], policy, waiter.clock, SilentListener(), waiter)
    engine.plan()
    if check:
        engine.predict()
    else:
        engine.apply_plan()
    if item.error is not None:
        raise item.error.replace(actions=list(item.applied))
    if item.outcome is None:
        raise ValueError(f"{item.subject} has no outcome")
    return item.outcome


class Engine:
    """The items of one task, and their way into the desired state."""

    def __init__(
        self,
        items: t.Sequence[Item],
        policy: ExecutionPolicy,
        clock: Clock,
        listener: EventListener,
        waiter: Waiter | None = None,
    ) -> None:
        """Create an engine. Without a ``waiter``, the wait policy of each item applies, or else that of ``policy``."""
        self.items = list(items)
        self._waiter = waiter
        self._policy = policy
        self._clock = clock
        self._listener = listener
        self._failures = 0
        self._pool = WorkerPool(policy.parallel)
        self._lock = threading.Lock()

    @property
    def must_stop(self) -> bool:
        """Whether no further item may start: after too many failures, after the deadline, or after an interruption."""
        too_many = self._policy.most_failures is not None and self._failures >= self._policy.most_failures
        return too_many or self._pool.is_stopped or self.is_past_deadline

    @property
    def is_past_deadline(self) -> bool:
        deadline = self._policy.wait_policy.deadline
        return deadline is not None and self._clock.monotonic() >= deadline

    def plan(self) -> None:
        """Plan every valid item. Send only read requests."""
        self._listener.on_start("planning")
        self._read_lists(self._open(self.items), LIST_MAX_AGE)
        self._pool.run(self._open(self.items), self._plan_one)
        if len(self.items) > 1:
            from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.conflicts import (
                fail_conflicting_items,
            )

            fail_conflicting_items(self.items)

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
            self._pool.stop()
            # The timeout of Ansible raises another BaseException. The result must still report the applied actions.
            if isinstance(interruption, (Exception, KeyboardInterrupt, SystemExit)) or not self._policy.shares_lists:
                raise
            self._abandon(str(interruption) or type(interruption).__name__)

    def _execute(self) -> None:
        self._listener.on_start("executing")
        self._failures = sum(1 for item in self.items if item.error)
        for stage in sorted({item.stage for item in self.items}):
            self._execute_stage([item for item in self.items if item.stage == stage])

    def _execute_stage(self, items: t.Sequence[Item]) -> None:
        planned = [item for item in self._open(items) if item.plan is not None]
        unchanged = [item for item in planned if item.action is None]
        todo = [item for item in planned if item.action is not None]
        for item in unchanged:
            self._finish_unchanged(item)
        self._pool.run(todo, self._execute_item)
        self._verify(self._open([*unchanged, *(item for item in todo if item.started)]))
        if self._policy.shares_lists:
            for listing in _list_listings(todo):
                # The cached list may lack a change that was sent.
                listing.invalidate()

    def _open(self, items: t.Iterable[Item]) -> list[Item]:
        return [item for item in items if item.is_open]

    def _read_lists(self, items: t.Sequence[Item], max_age: float) -> None:
        """Read each shared list once. If a list cannot be read, all its items fail with the same error."""
        for listing in _list_listings(items) if self._policy.shares_lists else ():
            try:
                listing.read(max_age)
            except HuaweiCloudError as error:
                for item in self._open(items):
                    if item.resource is not None and item.resource.listing is listing:
                        self._fail(item, error)

    def _plan_one(self, item: Item) -> None:
        if self._pool.is_stopped or self.is_past_deadline:
            return
        try:
            self._make_plan(item)
        except HuaweiCloudError as error:
            item.error = error
            if not self._policy.shares_lists and item.resource is not None:
                item.resource.listing.invalidate()

    def _make_plan(self, item: Item) -> None:
        resource = item.resource
        if item.make_resource is not None:
            resource = item.resource = item.make_resource(item.started)
        if resource is None:
            raise ValueError(f"{item.subject} has no resource")
        item.planned_at = self._clock.monotonic()
        item.observed = resource.lookup()
        item.plan = make_plan(resource, item.observed)
        self._listener.on_progress("executing" if item.started else "planning", self.items)

    def _finish_unchanged(self, item: Item) -> None:
        """Set the outcome of an item without an action, unless it must be waited for."""
        resource, plan = item.planned()
        wait_policy = self._wait_policy_for(item)
        try:
            # A single task reads what became of a resource that is being ended.
            reads_again = not self._policy.shares_lists and resource.desired_state.keeps_record
            is_ending = resource.desired_state.final_action and has_condition(resource, plan.observed, TERMINATING)
            if (wait_policy.wait or (is_ending and reads_again)) and not is_as_declared(resource, plan.observed):
                return
            item.outcome = plan.preview()
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _execute_item(self, item: Item) -> None:
        if self.must_stop:
            return
        from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.executor import apply_plan

        item.started = True
        item.applied = _RecordedActions(lambda action: self._listener.on_event(item, "sent", action))
        self._listener.on_event(item, "began")
        try:
            is_old = item.action == "create" or self._clock.monotonic() - item.planned_at > LIST_MAX_AGE
            if (is_old or item.make_resource is not None) and self._policy.shares_lists:
                # The actual state may have changed, and the list may have been read again for other items.
                self._make_plan(item)
            resource, plan = item.planned()
            item.plan = apply_plan(self._execution(item), plan)
        except HuaweiCloudError as error:
            self._fail(item, error)
        self._listener.on_progress("executing", self.items)

    def _verify(self, items: t.Sequence[Item]) -> None:
        """Wait until each item is in its desired state. One round polls all of them and reads each shared list once."""
        waits = {id(item): self._start_waiting(item) for item in items}
        left = list(items)
        while left:
            self._read_lists(left, 0)
            self._pool.run(self._open(left), lambda item: self._poll(item, waits[id(item)]))
            pauses = [self._find_pause(item, waits[id(item)]) for item in self._open(left)]
            left = self._open(left)
            if left:
                self._listener.on_progress("waiting", left)
                self._clock.sleep(min(pauses))

    def _start_waiting(self, item: Item) -> Wait[t.Optional[Observed]]:
        resource, plan = item.planned()
        must_end, shared = resource.desired_state.final_action is not None, self._policy.shares_lists
        goal, is_done = resource.desired_state.ready_goal, self._is_ready
        if must_end:
            goal, is_done = resource.desired_state.deleted_goal, self._is_deleted
        # A state that was read before and did not change needs no request.
        known = [plan.observed] if not (shared or must_end or item.applied) else []
        return self._find_waiter(item, lambda text: None).start(
            resource,
            lambda deadline: known.pop() if known else self._read(item, deadline),
            lambda observed: is_done(item, observed),
            goal,
        )

    def _read(self, item: Item, deadline: Deadline) -> Observed | None:
        """Return the object after the execution. Shared lists were read before."""
        resource = item.planned()[0]
        if self._policy.shares_lists:
            item.observed = resource.lookup(deadline=deadline)
        elif resource.desired_state.final_action:
            item.observed = resource.lookup(Source.NEW_LIST, deadline)
        else:
            item.observed = resource.lookup(Source.AFTER_CHANGE, deadline)
        return item.observed

    def _is_ready(self, item: Item, observed: Observed | None) -> bool:
        return is_ready(item.planned()[0], observed) and not self._lacks_time(item)

    def _is_deleted(self, item: Item, observed: Observed | None) -> bool:
        return is_deleted(item.planned()[0], observed)

    def _lacks_time(self, item: Item) -> bool:
        """Return whether fields remain that the creation could not carry, and the time of the task is over."""
        resource, plan = item.planned()
        if not self.is_past_deadline or plan.action != "create" or item.observed is None:
            return False
        return bool(resource.diff(item.observed))

    def _poll(self, item: Item, wait: Wait[t.Optional[Observed]]) -> None:
        try:
            if not self._wait_policy_for(item).wait:
                self._finish(item, self._read_once(item, wait))
            elif wait.poll():
                self._finish(item, wait.state)
        except HuaweiCloudError as error:
            self._fail(item, error)

    def _read_once(self, item: Item, wait: Wait[t.Optional[Observed]]) -> Observed | None:
        """Return the object for a task that does not wait, None for one that is being deleted."""
        resource, plan = item.planned()
        shared = self._policy.shares_lists
        if resource.desired_state.final_action:
            if not shared and not resource.desired_state.keeps_record:
                return None
            observed = self._read(item, NO_DEADLINE)
            return None if shared and not is_deleted(resource, observed) else observed
        observed = plan.observed if not shared and not item.applied else self._read(item, NO_DEADLINE)
        if observed is None and shared:
            observed = resource.lookup(Source.AFTER_CHANGE)
        if observed is not None:
            check_not_failed(resource, observed)
        if self._lacks_time(item):
            raise wait.timeout_error()
        return observed

    def _find_pause(self, item: Item, wait: Wait[t.Optional[Observed]]) -> float:
        """Return the seconds until the next poll. The item fails if its time is over."""
        try:
            return wait.next_pause()
        except HuaweiCloudError as error:
            self._fail(item, error)
            return math.inf

    def _finish(self, item: Item, observed: Observed | None) -> None:
        from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.executor import finish

        item.outcome = finish(self._execution(item), item.planned()[1], observed)
        self._listener.on_event(item, "done")

    def _wait_policy_for(self, item: Item) -> WaitPolicy:
        return item.wait_policy or self._policy.wait_policy

    def _execution(self, item: Item) -> Execution:
        from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import Execution

        waiter = self._find_waiter(item, self._listener.on_message)
        return Execution(item.planned()[0], waiter, item.applied, refreshes_lists=self._policy.shares_lists)

    def _find_waiter(self, item: Item, on_message: t.Callable[[str], None]) -> Waiter:
        return self._waiter or Waiter(self._wait_policy_for(item), self._clock, on_message)

    def _abandon(self, reason: str) -> None:
        for item in self.items:
            if item.is_open and item.started:
                what = "its effect" if item.applied else "whether the request was applied"
                self._fail(
                    item,
                    WaitError(
                        f"Interrupted ({reason.rstrip('.')}), so {what} is unknown.",
                        hint="Rerun the task: it checks the actual state first.",
                    ),
                )

    def _fail(self, item: Item, error: HuaweiCloudError) -> None:
        item.error = error
        if item.resource is not None and not self._policy.shares_lists:
            # The cached list may lack a change that was sent.
            item.resource.listing.invalidate()
        with self._lock:
            self._failures += 1
        self._listener.on_event(item, "failed")


class _RecordedActions(t.List[Action]):
    """A list of actions that reports each new action."""

    def __init__(self, on_action: t.Callable[[Action], None]) -> None:
        super().__init__()
        self._on_action = on_action

    def append(self, action: Action) -> None:
        super().append(action)
        self._on_action(action)


def _list_listings(items: t.Iterable[Item]) -> list[SharedList]:
    """Return the lists that contain the items, each once."""
    found = {id(item.resource.listing): item.resource.listing for item in items if item.resource is not None}
    return list(found.values())
