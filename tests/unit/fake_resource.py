# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource that is a mapping, and failures for it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ProtocolError,
    ServerError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile import engine
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    READY,
    TERMINATED,
    TERMINATING,
    Action,
    DesiredState,
    Difference,
    Source,
    Status,
)
from fake_clock import FakeClock


@dataclasses.dataclass
class FakeResource:
    """A resource that is a mapping, with a log of the methods that are called. ``failures`` maps a method to replacements of its next calls."""

    desired: dict[str, t.Any]
    actual: t.Optional[dict[str, t.Any]] = None
    final_action: t.Optional[str] = None
    on_drift: str = "fail"
    fixed: t.Sequence[str] = ()
    post_create_fields: t.FrozenSet[str] = frozenset()
    age_of_list: float = 0
    failures: dict[str, t.List[t.Callable[[], t.Any]]] = dataclasses.field(default_factory=dict)
    log: t.List[str] = dataclasses.field(default_factory=list)
    waits: bool = False
    # Fields that the task sets and the service does not return.
    not_compared: t.Sequence[str] = ()

    kind = "box"
    name = "b"
    unique_keys: t.ClassVar[t.Mapping[t.Hashable, str]] = {}

    @property
    def desired_state(self):
        return DesiredState(
            self.final_action,
            tuple(self.desired),
            self.on_drift,
            "Fix it.",
            "to be ready",
            "to be deleted",
            self.post_create_fields,
            list_not_compared=lambda observed: [field for field in self.not_compared if field not in observed],
        )

    @property
    def listing(self):
        return self

    def invalidate(self):
        """Do nothing, because nothing is cached."""

    def step(self, name: str) -> t.Any:
        self.log.append(name)
        actions = self.failures.get(name)
        return actions.pop(0)() if actions else None

    def lookup(self, source=Source.CACHED_LIST, deadline=None):
        self.step("read after change" if source == Source.AFTER_CHANGE else "lookup")
        return self.actual

    def age(self):
        return self.age_of_list

    def diff(self, observed):
        return [
            Difference(key, observed.get(key), desired, key not in self.fixed)
            for key, desired in self.desired.items()
            if observed.get(key) != desired
        ]

    def validate(self, action, observed):
        self.step(f"validate {action}")

    def create(self, replacing):
        if self.step("create") != "ignored":
            self.actual = {
                **(replacing or {}),
                **{key: value for key, value in self.desired.items() if key not in self.post_create_fields},
            }
        return "req-create"

    def update(self, observed, differences):
        self.step("update")
        self.actual = {**observed, **{difference.field: difference.desired for difference in differences}}
        yield Action("update", [difference.field for difference in differences], "req-update")

    def delete(self, observed):
        if self.step("delete") != "ignored":
            self.actual = None
        return "req-delete"

    def status(self, observed):
        condition = observed.get("condition", READY)
        return Status(condition, condition, f"it is {condition}")

    def to_result(self, observed):
        return dict(observed)

    def preview(self, observed, differences):
        return {**(observed or {}), **self.desired, "id": None}


class FakeWaiter:
    """A waiter that does not wait, and logs its calls with those of the resource."""

    policy = WaitPolicy()

    def __init__(self, resource: FakeResource) -> None:
        self.resource = resource
        # A waiter of the engine that uses this clock instead ends without real sleeps.
        self.clock = FakeClock()

    def start(self, resource, read, is_done, goal):
        return FakeWait(self, read, goal == resource.desired_state.deleted_goal)

    def sleep(self, seconds=None):
        if seconds is None and not self.resource.waits:
            return False
        self.resource.step("sleep" if seconds is None else f"sleep {seconds}")
        return True

    def wait_until_ready(self, resource, observed):
        resource.step("wait_until_ready" if observed else "read after change")
        return observed or resource.actual

    def wait_until_deleted(self, resource, required=False):
        resource.step("wait_until_deleted!" if required else "wait_until_deleted")
        if resource.actual and resource.actual.get("condition") != TERMINATED:
            resource.actual = None
        return resource.actual


class FakeWait:
    """A wait that ends with the first poll."""

    def __init__(self, waiter: FakeWaiter, read, must_end: bool) -> None:
        self.waiter = waiter
        self.read = read
        self.must_end = must_end
        self.state = None

    def poll(self):
        resource = self.waiter.resource
        self.state = self.waiter.wait_until_deleted(resource) if self.must_end else self.read(None)
        return True


def converge(resource: FakeResource, *, check: bool) -> Outcome:
    """Reconcile the resource without waiting."""
    return engine.converge(resource, FakeWaiter(resource), check=check)


WRITES = {"create", "update", "delete"}


def failing(error):
    def action():
        raise error

    return [action]


def is_copy(error, original):
    """Return whether an error is another one with additional facts. The message may count the attempts."""
    return type(error) is type(original) and error.message.startswith(original.message)


def summarize_outcome(outcome):
    return (
        outcome.changed,
        outcome.before,
        outcome.after,
        [tuple(action[:2]) for action in outcome.actions],
        list(outcome.changed_fields),
        list(outcome.warnings),
    )


ACTUAL_STATES = [
    None,
    {"size": 1},
    {"size": 2},
    {"size": 1, "condition": TERMINATING},
    {"size": 2, "condition": TERMINATED},
]


def refused_after(error, *earlier):
    """Return the error with earlier failures of the same request."""
    error.previous_attempts = earlier
    return error


LOST = [TransportError("lost"), ServerError("broken", status=500), ProtocolError("garbage", status=200)]


def refused_for_now(error, attempts=1, after=7.0, retries_left=5):
    error.attempts, error.retry_after, error.retries_left = attempts, after, retries_left
    return error


class RecordingResource(FakeResource):
    """A resource that logs the arguments of its methods, too."""

    def lookup(self, source=Source.CACHED_LIST, deadline=None):
        if source != Source.AFTER_CHANGE:
            self.log.append("refresh" if source == Source.NEW_LIST else "cached")
        return super().lookup(source)

    def validate(self, action, observed):
        super().validate(action, observed)
        self.log.append(f"{action}: {observed}")
