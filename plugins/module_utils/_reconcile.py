# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find, compare, plan, act: the same for every resource. Knows no HTTP and no Ansible.

What keeps it honest:

* A thing is absent only when a complete list says so (the resource's ``find`` raises on anything less).
* Nothing is created on a list older than FRESH seconds, and a create whose answer is lost is followed by a list, not by a second create.
* The one list of differences decides ``changed``, makes the diff and is the plan. After acting it is made again and must be empty.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    ConflictError,
    DriftError,
    HuaweiCloudError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    ServerError,
    ServiceError,
    TransportError,
)

FRESH = 5.0

Thing = dict[str, t.Any]
Shown = dict[str, t.Any]


class Difference(t.NamedTuple):
    """One field in which a thing is not as wished. ``text`` words it where the two values alone would not (or must not) do."""

    field: str
    have: t.Any
    want: t.Any
    changeable: bool = False
    text: t.Optional[str] = None

    def __str__(self) -> str:
        return self.text or f"{self.field} is {self.have!r}, wanted is {self.want!r}"


class Receipt(t.NamedTuple):
    """One action, done (with the id of its request) or predicted (without)."""

    action: str
    fields: list[str]
    request_id: t.Optional[str] = None


class Resource(t.Protocol):
    """One wish about one thing, and the means to look at it and to change it."""

    noun: str
    label: str
    # What the wish is when it is not that the thing be there: remove, promote, cancel.
    ending: t.Optional[str]
    on_drift: str
    drift_hint: str
    # Fields that no create can carry, so that they are set by an update after it.
    set_later: frozenset[str]

    def find(self) -> t.Optional[Thing]:
        """The thing, or None when a complete list, read now, does not hold it. Raises AmbiguousError when several answer."""

    def age(self) -> float:
        """Seconds since that list was read."""

    def differences(self, thing: Thing) -> list[Difference]:
        """Where the thing is not as wished; only what the user wrote counts."""

    def written(self) -> list[str]:
        """The fields the user wrote."""

    def check_create(self, replaced: t.Optional[Thing]) -> None:
        """Raises before anything is sent when the thing can not be created (in place of ``replaced``)."""

    def create(self, replaced: t.Optional[Thing]) -> t.Optional[str]:
        """Creates it, carrying over from ``replaced`` what the user did not write. Returns the id of the request."""

    def check_update(self, thing: Thing, differences: list[Difference]) -> None:
        """Raises before anything is sent when the thing can not be changed so."""

    def update(self, thing: Thing, differences: list[Difference], done: list[Receipt]) -> None:
        """Changes it, noting each request in ``done``."""

    def check_end(self, thing: Thing) -> None:
        """Raises before anything is sent when the thing can not be ended."""

    def end(self, thing: Thing) -> t.Optional[str]:
        """Removes (promotes, cancels) it. Returns the id of the request."""

    def is_ending(self, thing: Thing) -> bool:
        """Whether somebody has already sent it away."""

    def is_ended(self, thing: Thing) -> bool:
        """Whether it is only the record of something that has ended."""

    def settle(self, thing: t.Optional[Thing]) -> Thing:
        """Waits, as far as the user wants it, until it is what it should be, and returns it as read. Raises WaitError.

        ``None`` means: something was sent, so look again.
        """

    def check_settled(self, thing: Thing) -> None:
        """Raises WaitError when nothing leads out of the state the thing is in."""

    def wait_gone(self, required: bool = False) -> t.Optional[Thing]:
        """Waits, as far as the user wants it (or always, when ``required``), until it is gone; returns the record that stays, if any."""

    def shown(self, thing: Thing) -> Shown:
        """The thing in the shape users see."""

    def predicted(self, thing: t.Optional[Thing], differences: list[Difference]) -> Shown:
        """The shape after acting on ``thing`` (None: after creating it), with None for whatever only the service knows."""


@dataclasses.dataclass
class Outcome:
    """What came of a wish. ``before`` and ``after`` are shapes users see, ``None`` for what is not there."""

    changed: bool
    before: t.Optional[Shown]
    after: t.Optional[Shown]
    actions: list[Receipt] = dataclasses.field(default_factory=list)
    changed_fields: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)


def converge(resource: Resource, *, check: bool) -> Outcome:
    """Makes one wish true, or predicts what that would take. Errors carry in ``actions`` what had been done."""
    done: list[Receipt] = []
    try:
        return _end(resource, check, done) if resource.ending else _present(resource, check, done)
    except HuaweiCloudError as error:
        error.actions = done
        raise


def _present(resource: Resource, check: bool, done: list[Receipt]) -> Outcome:
    thing = resource.find()
    if thing is not None and resource.is_ending(thing):
        thing = None if check else resource.wait_gone(required=True)
    if thing is None:
        return _create(resource, check, done)
    differences = resource.differences(thing)
    if not differences:
        return _unchanged(resource, thing, check)
    if not all(difference.changeable for difference in differences):
        return _drifted(resource, thing, differences, check, done)
    resource.check_update(thing, differences)
    before = resource.shown(thing)
    fields = [difference.field for difference in differences]
    if check:
        return Outcome(True, before, resource.predicted(thing, differences), [Receipt("update", fields)], fields)
    resource.update(thing, differences, done)
    return Outcome(True, before, resource.shown(_verified(resource, "update", resource.settle(None))), done, fields)


def _create(resource: Resource, check: bool, done: list[Receipt], replaced: Thing | None = None) -> Outcome:
    resource.check_create(replaced)
    before = resource.shown(replaced) if replaced else None
    fields = resource.written()
    later = [field for field in fields if _is_later(resource, field)]
    if check:
        actions = [Receipt("create", [field for field in fields if field not in later])]
        actions += [Receipt("update", later)] if later else []
        return Outcome(True, before, resource.predicted(None, []), actions, fields)
    if resource.age() > FRESH and not replaced and resource.find() is not None:
        # It came while we were waiting for something else.
        return _present(resource, check, done)
    adopted = _create_once(resource, [field for field in fields if field not in later], replaced, done)
    if adopted is not None and not later:
        return _unchanged(resource, adopted, check)
    created = resource.settle(None)
    rest = [difference for difference in resource.differences(created) if _is_later(resource, difference.field)]
    if rest:
        resource.update(created, rest, done)
        created = resource.settle(None)
    return Outcome(bool(done), before, resource.shown(_verified(resource, "create", created)), done, fields if done else [])


def _create_once(resource: Resource, fields: list[str], replaced: Thing | None, done: list[Receipt]) -> Thing | None:
    """Sends one create. Returns the thing when it turned out to be there already, put there by somebody else."""
    try:
        done.append(Receipt("create", fields, resource.create(replaced)))
        return None
    except (TransportError, ServerError, ProtocolError) as error:
        if isinstance(error, TransportError) and not error.sent:
            raise
        _found_instead(resource, error)
        # Nothing of the kind was there a moment ago, and now what we asked for is: the answer was lost, the work was done.
        done.append(Receipt("create", fields, error.request_id))
        return None
    except (ConflictError, RejectedError) as error:
        if error.status not in (400, 409):
            raise
        return _found_instead(resource, error)


def _found_instead(resource: Resource, error: ServiceError) -> Thing:
    """What a list shows after a create that failed. Raises ``error`` when that is nothing, DriftError when it is something else."""
    try:
        found = resource.find()
    except HuaweiCloudError as second:
        error.hint = f"Whether it was created is not known, since looking failed too: {second.message}. Run the task again: it looks first."
        raise error from None
    if found is None:
        raise error
    others = [difference for difference in resource.differences(found) if not _is_later(resource, difference.field)]
    if others:
        raise DriftError(
            f"{error.message}. Meanwhile {resource.noun} '{resource.label}' exists and differs: {_listed(others)}",
            hint="Somebody else created it. Agree on one wish, then run again.",
        ) from None
    return found


def _is_later(resource: Resource, field: str) -> bool:
    return field.split(".", maxsplit=1)[0] in resource.set_later


def _verified(resource: Resource, action: str, thing: Thing) -> Thing:
    """The thing as read back after acting. Raises DriftError when it still is not as wished: to say changed again next time would be no truth."""
    left = resource.differences(thing)
    if left:
        raise DriftError(
            f"The {action} of {resource.noun} '{resource.label}' was accepted, but it reads back otherwise: {_listed(left)}",
            hint="The service changed or ignored what was sent, or somebody else changed it at the same time.",
        )
    return thing


def _unchanged(resource: Resource, thing: Thing, check: bool) -> Outcome:
    resource.check_settled(thing)
    shown = resource.shown(thing if check else resource.settle(thing))
    return Outcome(False, shown, shown)


def _drifted(resource: Resource, thing: Thing, differences: list[Difference], check: bool, done: list[Receipt]) -> Outcome:
    stuck = [difference for difference in differences if not difference.changeable]
    message = f"{resource.noun.capitalize()} '{resource.label}' differs in what can not be changed: {_listed(stuck)}"
    if resource.on_drift == "warn":
        outcome = _unchanged(resource, thing, check)
        outcome.warnings.append(message)
        return outcome
    if resource.on_drift != "recreate":
        raise DriftError(message, hint=resource.drift_hint)
    return _replace(resource, thing, differences, check, done)


def _replace(resource: Resource, thing: Thing, differences: list[Difference], check: bool, done: list[Receipt]) -> Outcome:
    resource.check_end(thing)
    # Everything that could refuse the second half must refuse before the first.
    resource.check_create(thing)
    fields = [difference.field for difference in differences]
    before = resource.shown(thing)
    if check:
        return Outcome(True, before, resource.predicted(thing, differences), [Receipt("remove", []), Receipt("create", fields)], fields)
    _end_once(resource, thing, "remove", done)
    resource.wait_gone(required=True)
    outcome = _create(resource, check, done, replaced=thing)
    return Outcome(True, before, outcome.after, done, fields)


def _end(resource: Resource, check: bool, done: list[Receipt]) -> Outcome:
    thing = resource.find()
    if thing is None or resource.is_ended(thing):
        shown = resource.shown(thing) if thing else None
        return Outcome(False, shown, shown)
    if resource.is_ending(thing):
        rest = None if check else resource.wait_gone()
        shown = resource.shown(rest) if rest else None
        return Outcome(False, shown, shown)
    differences = resource.differences(thing)
    warnings = _end_despite(resource, differences) if differences else []
    resource.check_end(thing)
    before = resource.shown(thing)
    action = t.cast(str, resource.ending)
    if check:
        return Outcome(True, before, None, [Receipt(action, [])], warnings=warnings)
    _end_once(resource, thing, action, done)
    rest = resource.wait_gone()
    return Outcome(True, before, resource.shown(rest) if rest else None, done, warnings=warnings)


def _end_despite(resource: Resource, differences: list[Difference]) -> list[str]:
    message = f"{resource.noun.capitalize()} '{resource.label}' is not the one that was meant: {_listed(differences)}"
    if resource.on_drift == "fail":
        raise DriftError(message, hint=resource.drift_hint)
    return [message]


def _end_once(resource: Resource, thing: Thing, action: str, done: list[Receipt]) -> None:
    """Sends one end. A failure counts as success when a list shows that the thing is gone, ended or on its way: repeats answer so."""
    try:
        done.append(Receipt(action, [], resource.end(thing)))
    except (TransportError, ServerError, ProtocolError, NotFoundError, ConflictError, RejectedError) as error:
        left = resource.find()
        if left is not None and not resource.is_ended(left) and not resource.is_ending(left):
            raise
        done.append(Receipt(action, [], error.request_id))


def _listed(differences: list[Difference]) -> str:
    return "; ".join(str(difference) for difference in differences)
