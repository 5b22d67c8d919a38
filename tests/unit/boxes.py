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
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import Difference, Receipt


@dataclasses.dataclass
class Box:
    """A resource that is a mapping, with a log of what is asked of it. ``trouble`` maps a step to what happens in its place."""

    wish: dict[str, t.Any]
    world: t.Optional[dict[str, t.Any]] = None
    ending: t.Optional[str] = None
    on_drift: str = "fail"
    fixed: t.Sequence[str] = ()
    set_later: t.FrozenSet[str] = frozenset()
    age_of_list: float = 0
    trouble: dict[str, t.List[t.Callable[[], t.Any]]] = dataclasses.field(default_factory=dict)
    log: t.List[str] = dataclasses.field(default_factory=list)
    waits: bool = False

    noun = "box"
    label = "b"
    drift_hint = "Mend it."
    claims: t.ClassVar[t.Mapping[t.Hashable, str]] = {}

    @property
    def listing(self):
        return self

    def forget(self):
        """A list that is kept for others; here nobody else looks."""

    def step(self, name: str) -> t.Any:
        self.log.append(name)
        actions = self.trouble.get(name)
        return actions.pop(0)() if actions else None

    def find(self, anew: bool = False):
        self.step("find")
        return self.world

    def pause(self, seconds=None):
        if seconds is None and not self.waits:
            return False
        self.step("pause" if seconds is None else f"pause {seconds}")
        return True

    def age(self):
        return self.age_of_list

    def differences(self, thing):
        return [
            Difference(key, thing.get(key), want, key not in self.fixed)
            for key, want in self.wish.items()
            if thing.get(key) != want
        ]

    def written(self):
        return list(self.wish)

    def check_create(self, replaced):
        self.step("check_create")

    def create(self, replaced):
        if self.step("create") != "ignored":
            self.world = {
                **(replaced or {}),
                **{key: value for key, value in self.wish.items() if key not in self.set_later},
            }
        return "req-create"

    def check_update(self, thing, differences):
        self.step("check_update")

    def update(self, thing, differences, done):
        self.step("update")
        self.world = {**thing, **{difference.field: difference.want for difference in differences}}
        done.append(Receipt("update", [difference.field for difference in differences], "req-update"))

    def check_end(self, thing):
        self.step("check_end")

    def end(self, thing):
        if self.step("end") != "ignored":
            self.world = None
        return "req-end"

    def is_ending(self, thing):
        return thing.get("state") == "ending"

    def is_ended(self, thing):
        return thing.get("state") == "ended"

    def verify_end(self, thing, sent):
        pass

    def settle(self, thing):
        self.step("settle" if thing else "look")
        return thing or self.world or {}

    def check_settled(self, thing):
        self.step("check_settled")

    def wait_gone(self, required=False):
        self.step("wait_gone!" if required else "wait_gone")
        if self.world and not self.is_ended(self.world):
            self.world = None
        return self.world

    def shown(self, thing):
        return dict(thing)

    def predicted(self, thing, differences):
        return {**(thing or {}), **self.wish, "id": None}


WRITES = {"create", "update", "end"}


def failing(error):
    def action():
        raise error

    return [action]


def said(outcome):
    return (
        outcome.changed,
        outcome.before,
        outcome.after,
        [tuple(receipt[:2]) for receipt in outcome.actions],
        outcome.changed_fields,
        outcome.warnings,
    )


WORLDS = [None, {"size": 1}, {"size": 2}, {"size": 1, "state": "ending"}, {"size": 2, "state": "ended"}]


def refused_after(error, *earlier):
    """An error that came after others."""
    error.earlier = earlier
    return error


LOST = [TransportError("lost"), ServerError("broken", status=500), ProtocolError("garbage", status=200)]


def refused_for_now(error, attempts=1, after=7.0, repeats=5):
    error.attempts, error.repeat_after, error.repeats = attempts, after, repeats
    return error


class Told(Box):
    """A box that writes down what it is handed."""

    def find(self, anew: bool = False):
        self.log.append("anew" if anew is True else "as it is")
        return super().find(anew)

    def check_create(self, replaced):
        super().check_create(replaced)
        self.log.append(f"over {replaced}")

    def check_end(self, thing):
        super().check_end(thing)
        self.log.append(f"of {thing}")
