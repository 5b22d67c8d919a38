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
import json
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
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import decided_by

FRESH = 5.0
# How often a list is read once more for what may come into it late.
MORE_LOOKS = 3
# How often a create may come too late to its turn for what it was decided by.
MOST_LATE = 20

Thing = dict[str, t.Any]
Shown = dict[str, t.Any]


class Difference(t.NamedTuple):
    """One field in which a thing is not as wished. ``text`` words it where the two values alone would not (or must not) do.

    ``private``: the values may be secret.
    """

    field: str
    have: t.Any
    want: t.Any
    changeable: bool = False
    text: t.Optional[str] = None
    private: bool = False

    def __str__(self) -> str:
        return self.text or f"{self.field} is {_in_words(self.have)}, wanted is {_in_words(self.want)}"


class Receipt(t.NamedTuple):
    """One action, done (with the id of its request) or predicted (without)."""

    action: str
    fields: list[str]
    request_id: t.Optional[str] = None


class Listed(t.Protocol):
    """A list that others use too."""

    def read(self, max_age: float) -> t.Any:
        """Reads it unless it is younger than that many seconds."""

    def forget(self) -> None:
        """Makes the next look read it anew."""


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

    @property
    def listing(self) -> Listed:
        """The list it is found in, shared with others of its kind."""

    @property
    def claims(self) -> t.Mapping[tuple[t.Any, ...], str]:
        """What creating it takes for itself alone, each with words for it: ``the name 'reviews-v2'``."""

    def find(self, anew: bool = False) -> t.Optional[Thing]:
        """The thing, or None when a complete list does not hold it. Raises AmbiguousError when several answer.

        The list is read now when ``anew``; else it may be one that was read a moment ago.
        """

    def age(self) -> float:
        """Seconds since that list was read."""

    def pause(self, seconds: t.Optional[float] = None) -> bool:
        """Lets so many seconds pass; without a number those between two looks, if the user wants to wait. Says whether any passed."""

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

    def is_there_yet(self, thing: t.Optional[Thing]) -> bool:
        """Whether what was looked at is what it should be by now. Raises WaitError when it can not become so."""

    def settle(self, thing: t.Optional[Thing]) -> Thing:
        """Waits, as far as the user wants it, until it is what it should be, and returns it as read. Raises WaitError.

        ``None`` means: something was sent, so look again. Empty when there is nothing, and it is not to be waited for.
        """

    def check_settled(self, thing: Thing) -> None:
        """Raises WaitError when nothing leads out of the state the thing is in."""

    def state_of(self, thing: t.Optional[Thing]) -> str:
        """In words, how far it is: ``its last phase was 'Creating'``."""

    def stage_of(self, thing: t.Optional[Thing]) -> str:
        """The same in a word or two, to be told while it is waited for: ``Creating``."""

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


@dataclasses.dataclass
class Plan:
    """What making one wish true takes: nothing, or one of create, update, replace, remove, promote, cancel.

    ``thing`` is what is there, ``receipts`` and ``after`` are the prediction.
    """

    action: t.Optional[str]
    thing: t.Optional[Thing]
    before: t.Optional[Shown]
    after: t.Optional[Shown]
    receipts: t.List[Receipt] = dataclasses.field(default_factory=list)
    differences: t.List[Difference] = dataclasses.field(default_factory=list)
    fields: t.List[str] = dataclasses.field(default_factory=list)
    warnings: t.List[str] = dataclasses.field(default_factory=list)
    # What may stay as it is, since the user was warned of it.
    tolerated: t.List[Difference] = dataclasses.field(default_factory=list)

    def predicted(self) -> Outcome:
        """What check mode says."""
        return Outcome(self.action is not None, self.before, self.after, self.receipts, self.fields, self.warnings)


def converge(resource: Resource, *, check: bool) -> Outcome:
    """Makes one wish true, or predicts what that would take. Errors carry in ``actions`` what had been done."""
    done: list[Receipt] = []
    try:
        plan = make_plan(resource, resource.find())
        if check:
            return plan.predicted()
        return confirm(resource, act(resource, plan, done), done)
    except HuaweiCloudError as error:
        error.actions = done
        # What was sent and not read back may be in a list that is kept for the next task or not.
        resource.listing.forget()
        raise


def make_plan(resource: Resource, thing: Thing | None) -> Plan:
    """What it takes, given what is there. Sends nothing; raises whatever can be known to refuse it."""
    if resource.ending:
        return _plan_end(resource, thing)
    if thing is None or resource.is_ending(thing):
        return _plan_create(resource, thing)
    differences = resource.differences(thing)
    if not differences:
        return _plan_nothing(resource, thing)
    if not all(difference.changeable for difference in differences):
        return _plan_drifted(resource, thing, differences)
    return _plan_update(resource, thing, differences)


def act(resource: Resource, plan: Plan, done: list[Receipt]) -> Plan:
    """Sends what the plan says. Returns the plan that was followed: another one, when the world has moved on since."""
    if plan.action == "create":
        return _act_create(resource, plan, done)
    if plan.action == "update":
        _update_once(resource, t.cast(Thing, plan.thing), plan.differences, done)
    elif plan.action == "replace":
        _end_once(resource, t.cast(Thing, plan.thing), "remove", done)
        resource.wait_gone(required=True)
        theirs = _create_once(resource, plan.fields, plan.thing, done)
        if theirs is not None and not done:
            # Both halves were somebody else's.
            return act(resource, make_plan(resource, theirs), done)
    elif plan.action is not None:
        _end_once(resource, t.cast(Thing, plan.thing), plan.action, done)
    return plan


def confirm(resource: Resource, plan: Plan, done: list[Receipt]) -> Outcome:
    """Waits as far as the user wants it, sets what could not be set at once, and makes sure that the thing reads back as wished."""
    if resource.ending:
        return _confirm_end(resource, plan, done)
    if not done:
        return finish(resource, plan, resource.settle(plan.thing), done)
    return finish(resource, plan, _settled(resource, plan), done)


def finish(resource: Resource, plan: Plan, thing: Thing | None, done: list[Receipt]) -> Outcome:
    """The outcome of a plan that was acted on, of the thing as read back since (``None``: it is gone)."""
    shown = resource.shown(thing) if thing else None
    if not done:
        # There was nothing to do, or somebody else did it meanwhile.
        return Outcome(False, shown, shown, warnings=plan.warnings)
    if resource.ending or thing is None:
        return Outcome(True, plan.before, shown, done, warnings=plan.warnings)
    rest = [difference for difference in resource.differences(thing) if _is_later(resource, difference.field)] if plan.action == "create" else []
    if rest:
        _update_once(resource, thing, rest, done)
        thing = _settled(resource, plan)
    return Outcome(True, plan.before, resource.shown(_verified(resource, plan, thing)), done, plan.fields, plan.warnings)


def _plan_nothing(resource: Resource, thing: Thing, warnings: t.Sequence[str] = ()) -> Plan:
    resource.check_settled(thing)
    shown = resource.shown(thing)
    return Plan(None, thing, shown, shown, warnings=list(warnings))


def _plan_create(resource: Resource, leaving: Thing | None) -> Plan:
    resource.check_create(None)
    fields = resource.written()
    return Plan("create", leaving, None, resource.predicted(None, []), _receipts(resource, "create", fields), fields=fields)


def _plan_update(resource: Resource, thing: Thing, differences: list[Difference]) -> Plan:
    resource.check_update(thing, differences)
    fields = [difference.field for difference in differences]
    after = resource.predicted(thing, differences)
    return Plan("update", thing, resource.shown(thing), after, _receipts(resource, "update", fields), differences, fields)


def _plan_drifted(resource: Resource, thing: Thing, differences: list[Difference]) -> Plan:
    stuck = [difference for difference in differences if not difference.changeable]
    message = f"{resource.noun.capitalize()} '{resource.label}' differs in what can not be changed: {_listed(stuck)}"
    if resource.on_drift == "warn":
        return _plan_despite(resource, thing, differences, message)
    if resource.on_drift != "recreate":
        raise DriftError(message, hint=resource.drift_hint, differences=differences)
    resource.check_end(thing)
    # Everything that could refuse the second half must refuse before the first.
    resource.check_create(thing)
    fields = [difference.field for difference in differences]
    receipts = [Receipt("remove", []), Receipt("create", fields)]
    return Plan("replace", thing, resource.shown(thing), resource.predicted(thing, differences), receipts, differences, fields)


def _plan_despite(resource: Resource, thing: Thing, differences: list[Difference], warning: str) -> Plan:
    """Changes what can be changed, and leaves the rest."""
    changeable = [difference for difference in differences if difference.changeable]
    if not changeable:
        plan = _plan_nothing(resource, thing, [warning])
        plan.tolerated = differences
        return plan
    plan = _plan_update(resource, thing, changeable)
    plan.warnings = [warning]
    plan.tolerated = [difference for difference in differences if not difference.changeable]
    return plan


def _plan_end(resource: Resource, thing: Thing | None) -> Plan:
    if thing is None:
        return Plan(None, None, None, None)
    if resource.is_ended(thing):
        shown = resource.shown(thing)
        return Plan(None, thing, shown, shown)
    if resource.is_ending(thing):
        return Plan(None, thing, None, None)
    differences = resource.differences(thing)
    warnings = _end_despite(resource, differences) if differences else []
    resource.check_end(thing)
    action = t.cast(str, resource.ending)
    return Plan(action, thing, resource.shown(thing), None, [Receipt(action, [])], warnings=warnings, tolerated=differences)


def _act_create(resource: Resource, plan: Plan, done: list[Receipt]) -> Plan:
    if plan.thing is not None:
        # Somebody sent the old one away; its name is free only when it is gone.
        resource.wait_gone(required=True)
    if plan.thing is not None or resource.age() > FRESH:
        # A list that is shared has perhaps been read anew for another thing.
        thing = resource.find(anew=plan.thing is not None)
        if thing is not None:
            # It came while we were waiting for something else.
            return act(resource, make_plan(resource, thing), done)
        # What stands in the way of it is in that list too.
        resource.check_create(None)
    adopted = _create_once(resource, plan.receipts[0].fields, None, done)
    if adopted is None:
        return plan
    return act(resource, make_plan(resource, adopted), done)


def _confirm_end(resource: Resource, plan: Plan, done: list[Receipt]) -> Outcome:
    # An action that was not ours in the end was somebody else's: either way it is on its way.
    rest = resource.wait_gone() if plan.action or (plan.thing is not None and resource.is_ending(plan.thing)) else plan.thing
    return finish(resource, plan, rest, done)


def _create_once(resource: Resource, fields: list[str], replaced: Thing | None, done: list[Receipt]) -> Thing | None:
    """Sends one create. Returns the thing when it turned out to be there already, put there by somebody else.

    What was refused for now is sent again only on a new list: the one before has grown old meanwhile.
    """
    sent = late = 0
    while True:
        try:
            with decided_by(resource.age):
                done.append(Receipt("create", fields, resource.create(replaced)))
            return None
        except ServiceError as error:
            sent, late = sent + error.attempts, late + (error.attempts == 0)
            again = error.repeat_after is not None and sent <= error.repeats and late <= MOST_LATE and resource.pause(error.repeat_after)
            if not again and not _may_be_there(error):
                raise
            found = _found_instead(resource, error)
            if found is None and not again:
                raise
            if found is not None and sent <= 1 and not _may_be_done(error):
                return found
            if found is not None:
                # Nothing of the kind was there a moment ago, and now what we asked for is: the answer was lost, the work was done.
                done.append(Receipt("create", fields, error.request_id))
                return None
            # What stands in the way of it is in that list too.
            resource.check_create(replaced)


def _may_be_there(error: ServiceError) -> bool:
    """Whether a list may show what a failed create asked for."""
    return _may_be_done(error) or isinstance(error, (ConflictError, RejectedError)) and error.status in (400, 409)


def _is_lost(error: ServiceError) -> bool:
    """Whether nothing but a list can tell what came of it."""
    return _may_be_done(error) and not error.repeats


def _found_instead(resource: Resource, error: ServiceError) -> Thing | None:
    """What a list shows after a create that failed. Raises DriftError when that is something else."""
    found = _found_after(resource, error, lambda thing: thing is not None)
    if found is None:
        if _is_lost(error):
            error.hint = "Whether it was created is not known; run again: it looks first."
        return None
    others = [difference for difference in resource.differences(found) if not _is_later(resource, difference.field)]
    if others:
        raise DriftError(
            f"{error.message}. Meanwhile {resource.noun} '{resource.label}' exists and differs: {_listed(others)}",
            hint="Somebody else created it. Agree on one wish, then run again.",
        ) from None
    return found


def _found_after(resource: Resource, error: ServiceError, fits: t.Callable[[t.Optional[Thing]], bool]) -> Thing | None:
    """What a list shows after a request that failed: looks a few times more for what ``fits``, if the answer was lost and the user wants to wait.

    Raises ``error`` when that can not be told either.
    """
    try:
        # What was not even sent needs no list that is newer than that.
        found = resource.find(anew=error.attempts > 0)
        for _more in range(MORE_LOOKS if _is_lost(error) else 0):
            if fits(found) or not resource.pause():
                break
            found = resource.find(anew=True)
        return found
    except HuaweiCloudError as second:
        if _was_perhaps_done(error) or error.repeat_after is None:
            error.hint = f"Whether it was done is not known, since looking failed too: {second.message}. Run the task again: it looks first."
        raise error from None


def _receipts(resource: Resource, action: str, fields: list[str]) -> list[Receipt]:
    """What is sent for these fields: some take an update of their own."""
    later = [field for field in fields if _is_later(resource, field)]
    own = [field for field in fields if field not in later]
    receipts = [Receipt(action, own)] if own or action == "create" else []
    return receipts + ([Receipt("update", later)] if later else [])


def _is_later(resource: Resource, field: str) -> bool:
    return field.split(".", maxsplit=1)[0] in resource.set_later


def _settled(resource: Resource, plan: Plan) -> Thing:
    """The thing as it is after acting. Raises WaitError when it is not there."""
    thing = resource.settle(None)
    if not thing:
        raise WaitError(
            f"The {plan.action} of {resource.noun} '{resource.label}' was accepted, but it is not listed.", hint="Set wait to true to have it waited for."
        )
    return thing


def _verified(resource: Resource, plan: Plan, thing: Thing) -> Thing:
    """The thing as read back after acting. Raises DriftError when it still is not as wished: to say changed again next time would be no truth."""
    tolerated = {difference.field for difference in plan.tolerated}
    left = [difference for difference in resource.differences(thing) if difference.field not in tolerated]
    if left:
        raise DriftError(
            f"The {plan.action} of {resource.noun} '{resource.label}' was accepted, but it reads back otherwise: {_listed(left)}",
            hint="The service changed or ignored what was sent, or somebody else changed it at the same time.",
        )
    return thing


def _end_despite(resource: Resource, differences: list[Difference]) -> list[str]:
    message = f"{resource.noun.capitalize()} '{resource.label}' is not the one that was meant: {_listed(differences)}"
    if resource.on_drift == "fail":
        raise DriftError(message, hint="Correct the task, leave out the options that need not fit, or set on_drift to warn.", differences=differences)
    return [message]


def _update_once(resource: Resource, thing: Thing, differences: list[Difference], done: list[Receipt]) -> None:
    """Sends one change. An answer that says nothing of it counts as success as far as a list shows that it was done; the rest is sent then."""
    try:
        resource.update(thing, differences, done)
    except ServiceError as error:
        if not _was_perhaps_done(error):
            raise

        def parted(found: Thing | None) -> tuple[list[str], list[Difference]]:
            return _parted(resource, found, differences, done) if found is not None else ([], differences)

        def tells(found: Thing | None) -> bool:
            came, left = parted(found)
            return bool(came) or not left

        found = _found_after(resource, error, tells)
        came, left = parted(found)
        if not tells(found):
            _doubt(error)
            raise
        done.append(Receipt("update", came, error.request_id))
        if left:
            _update_once(resource, t.cast(Thing, found), left, done)


def _parted(resource: Resource, thing: Thing, differences: list[Difference], done: list[Receipt]) -> tuple[list[str], list[Difference]]:
    """Of a change without a clear answer: the fields that came of it as a list shows them, and what is left to do."""
    wanted = {difference.field for difference in differences}
    left = [difference for difference in resource.differences(thing) if difference.field in wanted]
    told = {field for receipt in done for field in receipt.fields} | {difference.field for difference in left}
    return [difference.field for difference in differences if difference.field not in told], left


def _end_once(resource: Resource, thing: Thing, action: str, done: list[Receipt]) -> None:
    """Sends one end. A failure counts as success when a list shows that the thing is gone, ended or on its way: repeats answer so."""
    try:
        done.append(Receipt(action, [], resource.end(thing)))
    except (TransportError, ServerError, ProtocolError, NotFoundError, ConflictError, RejectedError) as error:
        left = _found_after(resource, error, lambda left: _is_on_its_way(resource, left))
        if not _is_on_its_way(resource, left):
            if _was_perhaps_done(error):
                _doubt(error)
            raise
        if _was_perhaps_done(error):
            done.append(Receipt(action, [], error.request_id))


def _may_be_done(failure: ServiceError) -> bool:
    """Whether what failed so may have been carried out all the same. What was refused outright, somebody else has done."""
    return failure.sent if isinstance(failure, TransportError) else isinstance(failure, (ServerError, ProtocolError))


def _doubt(error: ServiceError) -> None:
    """Says that a list has not settled it."""
    error.hint = f"Whether it was done is not known: a list shows nothing of it so far. {error.hint or ''}".rstrip()


def _was_perhaps_done(error: ServiceError) -> bool:
    """Whether one of the tries may have been carried out."""
    return any(_may_be_done(failure) for failure in (error, *error.earlier))


def _is_on_its_way(resource: Resource, left: Thing | None) -> bool:
    return left is None or resource.is_ended(left) or resource.is_ending(left)


def _in_words(value: t.Any) -> str:
    """A value as people of YAML and JSON write it."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _listed(differences: list[Difference]) -> str:
    return "; ".join(str(difference) for difference in differences)
