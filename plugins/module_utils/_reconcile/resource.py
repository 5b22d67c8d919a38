# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a resource is to whoever reconciles it: one wish about one thing, and the means to look at it and to change it."""

from __future__ import annotations

import json
import typing as t

Observed = dict[str, t.Any]
ResourceResult = dict[str, t.Any]


class Difference(t.NamedTuple):
    """One field in which a thing is not as wished. ``text`` words it where the two values alone would not (or must not) do.

    ``private``: the values may be secret.
    """

    field: str
    actual: t.Any
    desired: t.Any
    changeable: bool = False
    text: t.Optional[str] = None
    private: bool = False

    def __str__(self) -> str:
        return self.text or f"{self.field} is {_in_words(self.actual)}, wanted is {_in_words(self.desired)}"


class Action(t.NamedTuple):
    """One action, done (with the id of its request) or predicted (without)."""

    action: str
    fields: list[str]
    request_id: t.Optional[str] = None


class SharedList(t.Protocol):
    """A list that others use too."""

    def read(self, max_age: float) -> t.Any:
        """Reads it unless it is younger than that many seconds."""

    def invalidate(self) -> None:
        """Makes the next look read it anew."""


class Resource(t.Protocol):
    """One wish about one thing, and the means to look at it and to change it."""

    kind_name: str
    label: str
    # What the wish is when it is not that the thing be there: remove, promote, cancel.
    final_action: t.Optional[str]
    on_drift: str
    drift_hint: str
    # Fields that no create can carry, so that they are set by an update after it.
    post_create_fields: frozenset[str]

    @property
    def listing(self) -> SharedList:
        """The list it is found in, shared with others of its kind."""

    @property
    def unique_keys(self) -> t.Mapping[tuple[t.Any, ...], str]:
        """What creating it takes for itself alone, each with words for it: ``the name 'reviews-v2'``."""

    def lookup(self, refresh: bool = False) -> t.Optional[Observed]:
        """The thing, or None when a complete list does not hold it. Raises AmbiguousError when several answer.

        The list is read now when ``anew``; else it may be one that was read a moment ago.
        """

    def age(self) -> float:
        """Seconds since that list was read."""

    def sleep(self, seconds: t.Optional[float] = None) -> bool:
        """Lets so many seconds pass; without a number those between two looks, if the user wants to wait. Says whether any passed."""

    def differences(self, observed: Observed) -> list[Difference]:
        """Where the thing is not as wished; only what the user wrote counts."""

    def specified_fields(self) -> list[str]:
        """The fields the user wrote."""

    def check_create(self, replaced: t.Optional[Observed]) -> None:
        """Raises before anything is sent when the thing can not be created (in place of ``replaced``)."""

    def create(self, replaced: t.Optional[Observed]) -> t.Optional[str]:
        """Creates it, carrying over from ``replaced`` what the user did not write. Returns the id of the request."""

    def check_update(self, observed: Observed, differences: list[Difference]) -> None:
        """Raises before anything is sent when the thing can not be changed so."""

    def update(self, observed: Observed, differences: list[Difference], applied: list[Action]) -> None:
        """Changes it, noting each request in ``done``."""

    def check_deletion(self, observed: Observed) -> None:
        """Raises before anything is sent when the thing can not be ended."""

    def delete(self, observed: Observed) -> t.Optional[str]:
        """Removes (promotes, cancels) it. Returns the id of the request."""

    def is_terminating(self, observed: Observed) -> bool:
        """Whether somebody has already sent it away."""

    def is_terminated(self, observed: Observed) -> bool:
        """Whether it is only the record of something that has ended."""

    def verify_end(self, observed: t.Optional[Observed], sent: bool) -> None:
        """Raise DriftError if a resource that is missing, ending or ended is not what the task declares.

        ``sent`` means that a request of this task ended it. Does nothing for an active resource.
        """

    def is_ready(self, observed: t.Optional[Observed]) -> bool:
        """Whether what was looked at is what it should be by now. Raises WaitError when it can not become so."""

    def wait_until_ready(self, observed: t.Optional[Observed]) -> Observed:
        """Waits, as far as the user wants it, until it is what it should be, and returns it as read. Raises WaitError.

        ``None`` means: something was sent, so look again. Empty when there is nothing, and it is not to be waited for.
        """

    def check_not_failed(self, observed: Observed) -> None:
        """Raises WaitError when nothing leads out of the state the thing is in."""

    def describe_state(self, observed: t.Optional[Observed]) -> str:
        """In words, how far it is: ``its last phase was 'Creating'``."""

    def short_state(self, observed: t.Optional[Observed]) -> str:
        """The same in a word or two, to be told while it is waited for: ``Creating``."""

    def wait_until_deleted(self, required: bool = False) -> t.Optional[Observed]:
        """Waits, as far as the user wants it (or always, when ``required``), until it is gone; returns the record that stays, if any."""

    def to_result(self, observed: Observed) -> ResourceResult:
        """The thing in the shape users see."""

    def diff_fields(self, result: ResourceResult) -> ResourceResult:
        """Return what a diff contains of the shape users see: without fields that the service changes."""

    def preview(self, observed: t.Optional[Observed], differences: list[Difference]) -> ResourceResult:
        """The shape after acting on ``thing`` (None: after creating it), with None for whatever only the service knows."""


def is_post_create_field(resource: Resource, field: str) -> bool:
    return field.split(".", maxsplit=1)[0] in resource.post_create_fields


def _in_words(value: t.Any) -> str:
    """A value as people of YAML and JSON write it."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def select_fields(result: ResourceResult, dropped: t.Container[str]) -> ResourceResult:
    """Return the fields of ``shown`` whose names are not in ``dropped``."""
    return {field: value for field, value in result.items() if field not in dropped}


def listed(differences: list[Difference]) -> str:
    return "; ".join(str(difference) for difference in differences)
