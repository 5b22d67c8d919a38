# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The interface between the engine and a kind of resource."""

from __future__ import annotations

import enum
import json
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import NO_DEADLINE, Deadline

# An object as the API returns it, and as modules return it. Each kind defines types with all fields. The engine reads none of the fields.
Observed = t.Mapping[str, object]
ResourceResult = t.Mapping[str, object]
ObservedType = t.TypeVar("ObservedType")
ResultType = t.TypeVar("ResultType")

# For a task that would end a resource other than the one it describes.
HINT_OTHER_RESOURCE = "Correct the task, omit the options that need not match, or set on_drift to warn."

# Conditions of a resource, see Status.
READY, PENDING, TERMINATING, TERMINATED, FAILED = "ready", "pending", "terminating", "terminated", "failed"


class Difference(t.NamedTuple):
    """One field whose actual value is not the desired one.

    ``text`` replaces the message about the field, if the two values alone are unclear. ``private`` means that the values may be secret.
    """

    field: str
    actual: object
    desired: object
    changeable: bool = False
    text: t.Optional[str] = None
    private: bool = False

    def __str__(self) -> str:
        return self.text or f"{self.field} is {_format_value(self.actual)}, desired is {_format_value(self.desired)}"


class Action(t.NamedTuple):
    """One action: applied, with the ID of its request, or predicted, without an ID."""

    action: str
    fields: t.Sequence[str]
    request_id: t.Optional[str] = None


NOT_COMPARED = (
    "Some fields are only used to create the {kind}, because the service does not return them: they are not compared, and changes of them have "
    "no effect. The return value not_compared lists them."
)


class DesiredState(t.NamedTuple):
    """What a task declares about one resource, in the terms that all kinds share."""

    # How the resource is to end: delete, promote or cancel. None if it must exist.
    final_action: t.Optional[str]
    # The fields that the task sets.
    fields: tuple[str, ...]
    # What to do about a difference that no update can remove: fail, warn or replace. The hint is for fail.
    on_drift: str
    drift_hint: str
    # What the task waits for, for messages: "to be NORMAL".
    ready_goal: str
    deleted_goal: str
    # Fields that a create request cannot carry. They are set by an update after it.
    post_create_fields: frozenset[str] = frozenset()
    # Whether the service may keep a record of a resource that has ended.
    keeps_record: bool = False
    # Returns the fields that the task sets and the service does not return. They are only used to create the resource. The argument is the
    # object as the API returns it, whose type depends on the kind.
    list_not_compared: t.Callable[[t.Any], t.Sequence[str]] = lambda observed: ()

    def is_post_create_field(self, field: str) -> bool:
        """Return whether the field is set by an update after the creation. ``quotas.gpu`` belongs to ``quotas``."""
        return field.split(".", maxsplit=1)[0] in self.post_create_fields


class Status(t.NamedTuple):
    """The condition of an object that exists."""

    # READY, PENDING, TERMINATING, TERMINATED (only its record exists) or FAILED.
    condition: str
    # The word of the service for it: "Creating".
    phase: str
    # The same as a clause for the message of a timeout: "its last phase was 'Creating'".
    description: str
    # Why the object cannot become ready, as an error message with its hint. Empty if it still can.
    reason: str = ""
    hint: t.Optional[str] = None
    # Whether the reason also means that a deletion has failed.
    blocks_deletion: bool = False


class Source(enum.Enum):
    """Where a lookup may find an object."""

    # A cached list, or a new one if it is too old.
    CACHED_LIST = "cached list"
    # A list that is read now.
    NEW_LIST = "new list"
    # What proves the effect of a request of this task: a list that is read now, or the object alone.
    AFTER_CHANGE = "after a change"


class SharedList(t.Protocol):
    """A list of the service that all resources of a kind share."""

    def read(self, max_age: float, deadline: Deadline = NO_DEADLINE) -> t.Any:
        """Read the list before the deadline, unless it is younger than ``max_age`` seconds."""

    def age(self) -> float:
        """Return the seconds since the list was read."""

    def invalidate(self) -> None:
        """Have the next lookup read the list again."""


class Resource(t.Protocol[ObservedType, ResultType]):
    """The desired state of one resource, and the operations on that resource.

    Every method may raise HuaweiCloudError. ``lookup`` raises it whenever the state cannot be determined.
    """

    kind: str
    name: str

    @property
    def desired_state(self) -> DesiredState:
        """What the task declares."""

    @property
    def listing(self) -> SharedList:
        """The list that contains the resource."""

    @property
    def unique_keys(self) -> t.Mapping[tuple[object, ...], str]:
        """What no other resource can have at the same time, each with a description: ``the name 'reviews-v2'``."""

    def lookup(self, source: Source = Source.CACHED_LIST, deadline: Deadline = NO_DEADLINE) -> t.Optional[ObservedType]:
        """Return the object, or None if a complete list does not contain it. Raise AmbiguousError if several objects match.

        After a change, None means that the task has to wait until the object exists. No attempt of a request starts after the deadline.
        """

    def diff(self, observed: ObservedType) -> list[Difference]:
        """Return the differences between the actual and the desired state, in fields that the task sets."""

    def validate(self, action: str, observed: t.Optional[ObservedType]) -> None:
        """Raise an error if the action cannot succeed. Send nothing that changes something.

        For ``create``, ``observed`` is the object that the new one replaces, or None. A final action has succeeded already if the object is missing,
        terminating or terminated: then raise DriftError if it did not end in this way.
        """

    def create(self, replacing: t.Optional[ObservedType]) -> t.Optional[str]:
        """Create the resource and return the ID of the request. Copy fields that the task does not set from ``replacing``."""

    def update(self, observed: ObservedType, differences: t.Sequence[Difference]) -> t.Iterator[Action]:
        """Remove the differences. Yield an action after each request, so that a later failure does not hide it."""

    def delete(self, observed: ObservedType) -> t.Optional[str]:
        """Perform the final action, or delete the object to replace it. Return the ID of the request."""

    def status(self, observed: ObservedType) -> Status:
        """Return the condition of the object."""

    def to_result(self, observed: ObservedType) -> ResultType:
        """Return the object in the shape of results."""

    def diff_fields(self, result: ResultType) -> ResourceResult:
        """Return the part of a result that belongs in a diff: without fields that the service changes."""

    def preview(self, observed: t.Optional[ObservedType], differences: t.Sequence[Difference]) -> ResultType:
        """Return the expected result of an update, or of a creation if ``observed`` is None. Unknown values are None."""


def has_condition(resource: Resource, observed: t.Optional[Observed], *conditions: str) -> bool:
    """Return whether the object exists and has one of the conditions."""
    return observed is not None and resource.status(observed).condition in conditions


def is_ending(resource: Resource, observed: t.Optional[Observed]) -> bool:
    """Return whether the object is missing, terminating or terminated."""
    return observed is None or has_condition(resource, observed, TERMINATED, TERMINATING)


def capitalized_subject(resource: Resource) -> str:
    """Return the kind and the name of a resource for the beginning of a message."""
    return f"{resource.kind.capitalize()} '{resource.name}'"


def select_fields(result: ResourceResult, dropped: t.Container[str]) -> dict[str, object]:
    """Return the fields of a result whose names are not in ``dropped``."""
    return {field: value for field, value in result.items() if field not in dropped}


def format_differences(differences: t.Iterable[Difference]) -> str:
    """Return the differences as one line of text."""
    return "; ".join(map(str, differences))


def _format_value(value: object) -> str:
    """Return a value as YAML and JSON show it."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
