# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""One resource of a task on its way through the engine, and what the engine tells its caller."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import WaitPolicy
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome, Plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Observed,
    Resource,
)


class Item:
    """One resource of a task, with its plan, its applied actions, and its outcome or error."""

    # A task can have thousands of items.
    __slots__ = (
        "applied",
        "error",
        "kind",
        "make_resource",
        "name",
        "observed",
        "outcome",
        "path",
        "plan",
        "planned_at",
        "resource",
        "stage",
        "started",
        "wait_policy",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        resource: Resource | None = None,
        *,
        path: str = "",
        wait_policy: WaitPolicy | None = None,
        error: HuaweiCloudError | None = None,
        plan: Plan | None = None,
    ) -> None:
        """Create an item. ``path`` is its path in the task, such as workspaces[0]. Without a wait policy, that of the task applies."""
        self.kind = kind
        self.name = name
        self.resource = resource
        self.path = path
        self.wait_policy = wait_policy
        self.error = error
        self.plan = plan
        self.outcome: Outcome | None = None
        self.applied: list[Action] = []
        self.started = False
        self.planned_at = 0.0
        # The object as it was read last.
        self.observed: Observed | None = None
        # Items of a stage start when those of the stages before it are done.
        self.stage = 0
        # Makes the resource of an item that depends on earlier stages. The argument is whether they are done.
        self.make_resource: t.Callable[[bool], Resource] | None = None

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
        return str(self.error or "").startswith((f"{self.path or self.subject} ", f"{self.subject} "))

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
    """The limits of an execution.

    ``parallel`` is the number of parallel requests, ``most_failures`` the number of failures until it stops (None: no limit). With
    ``shares_lists``, the resources share lists, which are read once for all of them. Otherwise, each resource reads what it needs.
    """

    parallel: int = 8
    most_failures: t.Optional[int] = 1
    wait_policy: WaitPolicy = WaitPolicy()
    shares_lists: bool = True


class EventListener(t.Protocol):
    """Receives events and progress. The methods are called from many threads."""

    def on_start(self, phase: str) -> None:
        """Handle the start of a phase: planning, or executing, which includes waiting."""

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        """Handle the event of an item: began, sent (with the action), done, failed."""

    def on_progress(self, phase: str, items: t.Sequence[Item]) -> None:
        """Handle progress in a phase (planning, executing or waiting) with all items, or with those that are waited for."""

    def on_message(self, text: str) -> None:
        """Handle a line about the waiting for one item."""


class SilentListener:
    """Ignores all events and progress."""

    def on_start(self, phase: str) -> None:
        """Do nothing."""

    def on_event(self, item: Item, event: str, action: Action | None = None) -> None:
        """Do nothing."""

    def on_progress(self, phase: str, items: t.Sequence[Item]) -> None:
        """Do nothing."""

    def on_message(self, text: str) -> None:
        """Do nothing."""
