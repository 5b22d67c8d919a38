# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource that is a mapping, and the failures it meets."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ProtocolError,
    ServerError,
    TransportError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Action, Difference


@dataclasses.dataclass
class FakeResource:
    """A resource that is a mapping, with a log of what is asked of it. ``trouble`` maps a step to what happens in its place."""

    desired: dict[str, t.Any]
    world: t.Optional[dict[str, t.Any]] = None
    final_action: t.Optional[str] = None
    on_drift: str = "fail"
    fixed: t.Sequence[str] = ()
    post_create_fields: t.FrozenSet[str] = frozenset()
    age_of_list: float = 0
    trouble: dict[str, t.List[t.Callable[[], t.Any]]] = dataclasses.field(default_factory=dict)
    log: t.List[str] = dataclasses.field(default_factory=list)
    waits: bool = False

    kind_name = "box"
    label = "b"
    drift_hint = "Mend it."
    unique_keys: t.ClassVar[t.Mapping[t.Hashable, str]] = {}

    @property
    def listing(self):
        return self

    def invalidate(self):
        """A list that is kept for others; here nobody else looks."""

    def step(self, name: str) -> t.Any:
        self.log.append(name)
        actions = self.trouble.get(name)
        return actions.pop(0)() if actions else None

    def lookup(self, refresh: bool = False):
        self.step("find")
        return self.world

    def sleep(self, seconds=None):
        if seconds is None and not self.waits:
            return False
        self.step("pause" if seconds is None else f"pause {seconds}")
        return True

    def age(self):
        return self.age_of_list

    def differences(self, observed):
        return [
            Difference(key, observed.get(key), desired, key not in self.fixed)
            for key, desired in self.desired.items()
            if observed.get(key) != desired
        ]

    def specified_fields(self):
        return list(self.desired)

    def check_create(self, replaced):
        self.step("check_create")

    def create(self, replaced):
        if self.step("create") != "ignored":
            self.world = {
                **(replaced or {}),
                **{key: value for key, value in self.desired.items() if key not in self.post_create_fields},
            }
        return "req-create"

    def check_update(self, observed, differences):
        self.step("check_update")

    def update(self, observed, differences, applied):
        self.step("update")
        self.world = {**observed, **{difference.field: difference.desired for difference in differences}}
        applied.append(Action("update", [difference.field for difference in differences], "req-update"))

    def check_deletion(self, observed):
        self.step("check_end")

    def delete(self, observed):
        if self.step("end") != "ignored":
            self.world = None
        return "req-end"

    def is_terminating(self, observed):
        return observed.get("state") == "ending"

    def is_terminated(self, observed):
        return observed.get("state") == "ended"

    def verify_end(self, observed, sent):
        pass

    def wait_until_ready(self, observed):
        self.step("settle" if observed else "look")
        return observed or self.world or {}

    def check_not_failed(self, observed):
        self.step("check_not_failed")

    def wait_until_deleted(self, required=False):
        self.step("wait_until_deleted!" if required else "wait_until_deleted")
        if self.world and not self.is_terminated(self.world):
            self.world = None
        return self.world

    def to_result(self, observed):
        return dict(observed)

    def preview(self, observed, differences):
        return {**(observed or {}), **self.desired, "id": None}


WRITES = {"create", "update", "end"}


def failing(error):
    def action():
        raise error

    return [action]


def summarize_outcome(outcome):
    return (
        outcome.changed,
        outcome.before,
        outcome.after,
        [tuple(action[:2]) for action in outcome.actions],
        outcome.changed_fields,
        outcome.warnings,
    )


WORLDS = [None, {"size": 1}, {"size": 2}, {"size": 1, "state": "ending"}, {"size": 2, "state": "ended"}]


def refused_after(error, *earlier):
    """An error that came after others."""
    error.previous_attempts = earlier
    return error


LOST = [TransportError("lost"), ServerError("broken", status=500), ProtocolError("garbage", status=200)]


def refused_for_now(error, attempts=1, after=7.0, retries_left=5):
    error.attempts, error.retry_after, error.retries_left = attempts, after, retries_left
    return error


class RecordingResource(FakeResource):
    """A box that writes down what it is handed."""

    def lookup(self, refresh: bool = False):
        self.log.append("anew" if refresh is True else "as it is")
        return super().lookup(refresh)

    def check_create(self, replaced):
        super().check_create(replaced)
        self.log.append(f"over {replaced}")

    def check_deletion(self, observed):
        super().check_deletion(observed)
        self.log.append(f"of {observed}")
