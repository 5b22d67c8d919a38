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
    DriftError,
    HuaweiCloudError,
    WaitError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import (
    Difference,
    Receipt,
    Resource,
    Shown,
    Thing,
    is_later,
    listed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._writes import (
    create_once,
    end_once,
    update_once,
)

FRESH = 5.0


@dataclasses.dataclass
class Outcome:
    """What came of a wish. ``before`` and ``after`` are shapes users see, ``None`` for what is not there.

    ``planned`` is what the plan made of ``before``, as far as it changed anything. It is the same in check mode.
    """

    changed: bool
    before: t.Optional[Shown]
    after: t.Optional[Shown]
    actions: list[Receipt] = dataclasses.field(default_factory=list)
    changed_fields: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    planned: t.Optional[Shown] = None


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
        return Outcome(
            self.action is not None, self.before, self.after, self.receipts, self.fields, self.warnings, self.after
        )


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
    if thing is None or resource.is_ended(thing):
        return _plan_create(resource, None)
    if resource.is_ending(thing):
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
        update_once(resource, t.cast(Thing, plan.thing), plan.differences, done)
    elif plan.action == "replace":
        end_once(resource, t.cast(Thing, plan.thing), "remove", done)
        resource.wait_gone(required=True)
        theirs = create_once(resource, plan.fields, plan.thing, done)
        if theirs is not None and not done:
            # Both halves were somebody else's.
            return act(resource, make_plan(resource, theirs), done)
    elif plan.action is not None:
        end_once(resource, t.cast(Thing, plan.thing), plan.action, done)
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
        return Outcome(True, plan.before, shown, done, warnings=plan.warnings, planned=plan.after)
    rest = (
        [difference for difference in resource.differences(thing) if is_later(resource, difference.field)]
        if plan.action == "create"
        else []
    )
    if rest:
        update_once(resource, thing, rest, done)
        thing = _settled(resource, plan)
    after = resource.shown(_verified(resource, plan, thing))
    return Outcome(True, plan.before, after, done, plan.fields, plan.warnings, plan.after)


def _plan_nothing(resource: Resource, thing: Thing, warnings: t.Sequence[str] = ()) -> Plan:
    resource.check_settled(thing)
    shown = resource.shown(thing)
    return Plan(None, thing, shown, shown, warnings=list(warnings))


def _plan_create(resource: Resource, leaving: Thing | None) -> Plan:
    resource.check_create(None)
    fields = resource.written()
    return Plan(
        "create", leaving, None, resource.predicted(None, []), _receipts(resource, "create", fields), fields=fields
    )


def _plan_update(resource: Resource, thing: Thing, differences: list[Difference]) -> Plan:
    resource.check_update(thing, differences)
    fields = [difference.field for difference in differences]
    after = resource.predicted(thing, differences)
    return Plan(
        "update", thing, resource.shown(thing), after, _receipts(resource, "update", fields), differences, fields
    )


def _plan_drifted(resource: Resource, thing: Thing, differences: list[Difference]) -> Plan:
    stuck = [difference for difference in differences if not difference.changeable]
    message = f"{resource.noun.capitalize()} '{resource.label}' differs in what can not be changed: {listed(stuck)}"
    if resource.on_drift == "warn":
        return _plan_despite(resource, thing, differences, message)
    if resource.on_drift != "recreate":
        raise DriftError(message, hint=resource.drift_hint, differences=differences)
    resource.check_end(thing)
    # Everything that could refuse the second half must refuse before the first.
    resource.check_create(thing)
    fields = [difference.field for difference in differences]
    receipts = [Receipt("remove", []), Receipt("create", fields)]
    return Plan(
        "replace", thing, resource.shown(thing), resource.predicted(thing, differences), receipts, differences, fields
    )


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
    resource.verify_end(thing, sent=False)
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
    return Plan(
        action, thing, resource.shown(thing), None, [Receipt(action, [])], warnings=warnings, tolerated=differences
    )


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
    adopted = create_once(resource, plan.receipts[0].fields, None, done)
    if adopted is None:
        return plan
    return act(resource, make_plan(resource, adopted), done)


def _confirm_end(resource: Resource, plan: Plan, done: list[Receipt]) -> Outcome:
    # An action that was not ours in the end was somebody else's: either way it is on its way.
    rest = (
        resource.wait_gone()
        if plan.action or (plan.thing is not None and resource.is_ending(plan.thing))
        else plan.thing
    )
    resource.verify_end(rest, sent=bool(done))
    return finish(resource, plan, rest, done)


def _receipts(resource: Resource, action: str, fields: list[str]) -> list[Receipt]:
    """What is sent for these fields: some take an update of their own."""
    later = [field for field in fields if is_later(resource, field)]
    own = [field for field in fields if field not in later]
    receipts = [Receipt(action, own)] if own or action == "create" else []
    return receipts + ([Receipt("update", later)] if later else [])


def _settled(resource: Resource, plan: Plan) -> Thing:
    """The thing as it is after acting. Raises WaitError when it is not there."""
    thing = resource.settle(None)
    if not thing:
        raise WaitError(
            f"The {plan.action} of {resource.noun} '{resource.label}' was accepted, but it is not listed.",
            hint="Set wait to true to have it waited for.",
        )
    return thing


def _verified(resource: Resource, plan: Plan, thing: Thing) -> Thing:
    """The thing as read back after acting. Raises DriftError when it still is not as wished: to say changed again next time would be no truth."""
    tolerated = {difference.field for difference in plan.tolerated}
    left = [difference for difference in resource.differences(thing) if difference.field not in tolerated]
    if left:
        raise DriftError(
            f"The {plan.action} of {resource.noun} '{resource.label}' was accepted, but it reads back otherwise: {listed(left)}",
            hint="The service changed or ignored what was sent, or somebody else changed it at the same time.",
        )
    return thing


def _end_despite(resource: Resource, differences: list[Difference]) -> list[str]:
    message = f"{resource.noun.capitalize()} '{resource.label}' is not the one that was meant: {listed(differences)}"
    if resource.on_drift == "fail":
        raise DriftError(
            message,
            hint="Correct the task, leave out the options that need not fit, or set on_drift to warn.",
            differences=differences,
        )
    return [message]
