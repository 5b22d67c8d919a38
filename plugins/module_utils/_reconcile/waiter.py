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
    WaitPolicy,
    time_limit,
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
    Status,
)

T = t.TypeVar("T")


class Waiter:
    """Wait for one resource as the task declares it: whether, how long and how often to poll."""

    def __init__(
        self, wait_policy: WaitPolicy, clock: Clock, on_progress: t.Callable[[str], None] = lambda text: None
    ) -> None:
        self._wait_policy = wait_policy
        self._clock = clock
        self._on_progress = on_progress

    def sleep(self, seconds: float | None = None) -> bool:
        """Sleep for some seconds, or for the time between two polls if the task waits. Return False without sleeping if the deadline is earlier."""
        if seconds is None and not self._wait_policy.wait:
            return False
        seconds = self._wait_policy.interval if seconds is None else seconds
        deadline = self._wait_policy.deadline
        if deadline is not None and self._clock.monotonic() + seconds >= deadline:
            return False
        self._clock.sleep(seconds)
        return True

    def wait_until_ready(self, resource: Resource, observed: Observed | None) -> Observed | None:
        """Return the object when it is ready, or after one read if the task does not wait.

        ``observed`` is the object if nothing has changed since it was read. Raise WaitError if it cannot become ready in time.
        """
        if not self._wait_policy.wait:
            found = observed or resource.read_back()
            if found is not None:
                check_not_failed(resource, found)
            return found
        first = [observed] if observed else []
        return self._poll(
            resource,
            lambda: first.pop() if first else resource.read_back(),
            lambda found: is_ready(resource, found),
            resource.desired_state.ready_goal,
        )

    def wait_until_deleted(self, resource: Resource, required: bool = False) -> Observed | None:
        """Return the record that the service keeps of the ended object, or None. ``required`` waits even if the task does not.

        Raise WaitError if the deletion fails or takes too long.
        """
        if not self._wait_policy.wait and not required:
            return resource.lookup(refresh=True) if resource.desired_state.keeps_record else None
        return self._poll(
            resource,
            lambda: resource.lookup(refresh=True),
            lambda found: is_deleted(resource, found),
            resource.desired_state.deleted_goal,
        )

    def _poll(
        self,
        resource: Resource,
        read: t.Callable[[], t.Optional[Observed]],
        is_done: t.Callable[[t.Optional[Observed]], bool],
        goal: str,
    ) -> Observed | None:
        return wait_until(
            read,
            is_done,
            what=f"{resource.kind} '{resource.name}' {goal}",
            describe=lambda found: describe_status(resource, found),
            wait_policy=self._wait_policy,
            clock=self._clock,
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


def wait_until(
    read: t.Callable[[], T],
    is_done: t.Callable[[T], bool],
    *,
    what: str,
    describe: t.Callable[[T], str],
    wait_policy: WaitPolicy,
    clock: Clock,
    phase: t.Callable[[T], str] = lambda observed: "",
    on_progress: t.Callable[[str], None] = lambda text: None,
) -> T:
    """Read until ``is_done`` is true for the result, and return that result.

    ``is_done`` raises WaitError for a state that cannot change any more. After a temporary failure of ``read``, the next read follows. Raise
    WaitError at the end of the time, with the last state as ``describe`` words it. ``what`` completes "Timed out after N s waiting for ...".
    ``on_progress`` receives a line for each change of ``phase``, except if the first read is the last one.
    """
    start = clock.monotonic()
    timeout = wait_policy.seconds_from(start)
    interval = wait_policy.interval
    last_phase: str | None = None
    description = ""
    while True:
        failure: ServiceError | None = None
        try:
            with time_limit(lambda: start + timeout - clock.monotonic()):
                observed = read()
        except ServiceError as error:
            failure = _require_temporary(error)
        else:
            finished, current = is_done(observed), phase(observed)
            if current != last_phase and not (finished and last_phase is None):
                change = current if last_phase is None else f"{last_phase} -> {current}"
                on_progress(f"{change}, {clock.monotonic() - start:.0f} s")
            if finished:
                return observed
            last_phase, description = current, describe(observed)
        remaining = start + timeout - clock.monotonic()
        requested = (failure.retry_after if failure else None) or 0.0
        if remaining <= 0:
            raise _timeout_error(f"Timed out after {timeout:.6g} s waiting for {what}", description, failure)
        if requested > remaining:
            raise _timeout_error(
                f"Stopped waiting for {what}, since the service asks to wait {requested:g} s and {remaining:.3g} s of wait_timeout are left",
                description,
                failure,
            )
        clock.sleep(min(max(interval, requested), remaining))
        interval = min(interval * GROWTH, wait_policy.interval * SLOWEST)


def _require_temporary(error: ServiceError) -> ServiceError:
    """Return the cause of a failed read if the next read may succeed. Otherwise raise the error. Without a token, the cause is the error of IAM."""
    cause = error.cause if isinstance(error, IdentityError) else error
    if not cause.is_transient:
        raise error
    return cause


def _timeout_error(text: str, description: str, failure: ServiceError | None) -> WaitError:
    details = [description] if description else []
    details += [f"the last attempt failed: {failure.message}"] if failure else []
    return WaitError(
        f"{text}: {'; '.join(details)}",
        hint="Check it in the console, raise wait_timeout, or rerun the task to continue waiting.",
    )
