# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Wait until a resource is ready or deleted, within the time that the task allows."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import (
    GROWTH,
    SLOWEST,
    Clock,
    Deadline,
    WaitPolicy,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    IdentityError,
    ServiceError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    READY,
    TERMINATED,
    Observed,
    Resource,
    Source,
    Status,
)

T = t.TypeVar("T")


class Waiter:
    """Wait for one resource as the task declares it: whether, how long and how often to poll."""

    def __init__(
        self, wait_policy: WaitPolicy, clock: Clock, on_progress: t.Callable[[str], None] = lambda text: None
    ) -> None:
        self.policy = wait_policy
        self.clock = clock
        self._on_progress = on_progress

    def sleep(self, seconds: float | None = None) -> bool:
        """Sleep for some seconds, or for the time between two polls if the task waits. Return False without sleeping if the deadline is earlier."""
        if seconds is None and not self.policy.wait:
            return False
        seconds = self.policy.interval if seconds is None else seconds
        deadline = self.policy.deadline
        if deadline is not None and self.clock.monotonic() + seconds >= deadline:
            return False
        self.clock.sleep(seconds)
        return True

    def wait_until_ready(self, resource: Resource, observed: Observed | None) -> Observed | None:
        """Return the object when it is ready, or after one read if the task does not wait.

        ``observed`` is the object if nothing has changed since it was read. Raise WaitError if it cannot become ready in time.
        """
        if not self.policy.wait:
            found = observed or resource.lookup(Source.AFTER_CHANGE)
            if found is not None:
                check_not_failed(resource, found)
            return found
        first = [observed] if observed else []
        wait = self.start(
            resource,
            lambda deadline: first.pop() if first else resource.lookup(Source.AFTER_CHANGE, deadline),
            lambda found: is_ready(resource, found),
            resource.desired_state.ready_goal,
        )
        return wait_until(wait, self.clock)

    def wait_until_deleted(self, resource: Resource, required: bool = False) -> Observed | None:
        """Return the record that the service keeps of the ended object, or None. ``required`` waits even if the task does not.

        Raise WaitError if the deletion fails or takes too long.
        """
        if not self.policy.wait and not required:
            return resource.lookup(Source.NEW_LIST) if resource.desired_state.keeps_record else None
        wait = self.start(
            resource,
            lambda deadline: resource.lookup(Source.NEW_LIST, deadline),
            lambda found: is_deleted(resource, found),
            resource.desired_state.deleted_goal,
        )
        return wait_until(wait, self.clock)

    def start(
        self,
        resource: Resource,
        read: t.Callable[[Deadline], t.Optional[Observed]],
        is_done: t.Callable[[t.Optional[Observed]], bool],
        goal: str,
    ) -> Wait[t.Optional[Observed]]:
        """Begin to wait for a state of a resource. ``goal`` completes the message "Timed out waiting for workspace 'x' ..."."""
        return Wait(
            read,
            is_done,
            what=f"{resource.kind} '{resource.name}' {goal}",
            describe=lambda found: describe_status(resource, found),
            wait_policy=self.policy,
            clock=self.clock,
            phase=lambda found: get_phase(resource, found),
            on_progress=lambda text: self._on_progress(f"{resource.kind} {resource.name}: {text}"),
        )


def is_ready(resource: Resource, observed: Observed | None) -> bool:
    """Return whether the object exists and is ready. Raise WaitError if it cannot become ready."""
    return observed is not None and check_not_failed(resource, observed).condition == READY


def is_deleted(resource: Resource, observed: Observed | None) -> bool:
    """Return whether the object has ended. Raise WaitError if its deletion has failed."""
    if observed is None:
        return True
    status = resource.status(observed)
    if status.blocks_deletion:
        raise WaitError(status.reason, hint=status.hint)
    return status.condition == TERMINATED


def is_as_declared(resource: Resource, observed: Observed | None) -> bool:
    """Return whether there is nothing to wait for. Raise WaitError if waiting cannot help."""
    return is_deleted(resource, observed) if resource.desired_state.final_action else is_ready(resource, observed)


def check_not_failed(resource: Resource, observed: Observed) -> Status:
    """Return the status of the object. Raise WaitError if the object cannot become ready."""
    status = resource.status(observed)
    if status.reason:
        raise WaitError(status.reason, hint=status.hint)
    return status


def describe_status(resource: Resource, observed: Observed | None) -> str:
    """Return the status of a resource as a clause for messages."""
    return "it is not listed" if observed is None else resource.status(observed).description


def get_phase(resource: Resource, observed: Observed | None) -> str:
    """Return the status of a resource in one or two words, for progress messages."""
    return "not listed" if observed is None else resource.status(observed).phase


class Wait(t.Generic[T]):
    """The waiting for one state. It starts when the object is created; the caller polls and sleeps."""

    def __init__(
        self,
        read: t.Callable[[Deadline], T],
        is_done: t.Callable[[T], bool],
        *,
        what: str,
        describe: t.Callable[[T], str],
        wait_policy: WaitPolicy,
        clock: Clock,
        phase: t.Callable[[T], str] = lambda observed: "",
        on_progress: t.Callable[[str], None] = lambda text: None,
    ) -> None:
        """Begin to wait.

        Arguments:
            read: Returns the current state. No request starts after the deadline that it gets.
            is_done: Returns whether the state is the expected one. Raises WaitError for a state that cannot change any more.
            what: Completes the message "Timed out after N s waiting for ...".
            describe: Returns a state as a clause for that message.
            wait_policy: How long to wait, and how often to poll.
            clock: Tells the time.
            phase: Returns a state in one or two words.
            on_progress: Receives a line for each change of the phase, except if the first poll is the last one.
        """
        self._read = read
        self._is_done = is_done
        self._what = what
        self._describe = describe
        self._clock = clock
        self._phase = phase
        self._on_progress = on_progress
        self._start = clock.monotonic()
        self._timeout = wait_policy.seconds_from(self._start)
        self._interval = wait_policy.interval
        self._longest_interval = wait_policy.interval * SLOWEST
        self._deadline = Deadline(clock, self._start + self._timeout)
        self._last_phase: str | None = None
        self._failure: ServiceError | None = None
        self._states: list[T] = []

    @property
    def state(self) -> T:
        """The last state that was read."""
        return self._states[-1]

    def poll(self) -> bool:
        """Read the state once. Return whether it is the expected one. After a temporary failure, the next poll may succeed."""
        try:
            observed = self._read(self._deadline)
        except ServiceError as error:
            self._failure = _require_temporary(error)
            return False
        self._failure, self._states = None, [observed]
        finished, current = self._is_done(observed), self._phase(observed)
        if current != self._last_phase and not (finished and self._last_phase is None):
            change = current if self._last_phase is None else f"{self._last_phase} -> {current}"
            self._on_progress(f"{change}, {self._clock.monotonic() - self._start:.0f} s")
        self._last_phase = current
        return finished

    def next_pause(self) -> float:
        """Return the seconds until the next poll. Raise WaitError with the last state if the time is over."""
        remaining, failure = self._deadline.time_left(), self._failure
        requested = (failure.retry_after if failure else None) or 0.0
        if remaining <= 0:
            raise self.timeout_error()
        if requested > remaining:
            raise self._build_error(
                f"Stopped waiting for {self._what}, because the service asks to wait {requested:g} s and "
                f"{remaining:.3g} s of wait_timeout are left"
            )
        pause = min(max(self._interval, requested), remaining)
        self._interval = min(self._interval * GROWTH, self._longest_interval)
        return pause

    def timeout_error(self) -> WaitError:
        """Return the error for the end of the time, with the last state."""
        return self._build_error(f"Timed out after {self._timeout:.6g} s waiting for {self._what}")

    def _build_error(self, text: str) -> WaitError:
        details = [self._describe(state) for state in self._states]
        details += [f"the last attempt failed: {self._failure.message}"] if self._failure else []
        return WaitError(
            f"{text}: {'; '.join(details)}",
            hint="Check it in the console, raise wait_timeout, or rerun the task to continue waiting.",
        )


def wait_until(wait: Wait[T], clock: Clock) -> T:
    """Poll until the state is the expected one, and return it. Raise WaitError at the end of the time."""
    while not wait.poll():
        clock.sleep(wait.next_pause())
    return wait.state


def _require_temporary(error: ServiceError) -> ServiceError:
    """Return the cause of a failed read if the next read may succeed. Otherwise raise the error. Without a token, the cause is the error of IAM."""
    cause = error.cause if isinstance(error, IdentityError) else error
    if not cause.is_transient:
        raise error
    return cause
