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
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Difference,
    Observed,
    Resource,
    ResourceResult,
    is_post_create_field,
    listed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import (
    create_with_recovery,
    end_with_recovery,
    update_with_recovery,
)

FRESH = 5.0


@dataclasses.dataclass
class Outcome:
    """What came of a wish. ``before`` and ``after`` are shapes users see, ``None`` for what is not there.

    ``planned`` is what the plan made of ``before``, as far as it changed anything. It is the same in check mode.
    """

    changed: bool
    before: t.Optional[ResourceResult]
    after: t.Optional[ResourceResult]
    actions: list[Action] = dataclasses.field(default_factory=list)
    changed_fields: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    planned: t.Optional[ResourceResult] = None


@dataclasses.dataclass
class Plan:
    """What making one wish true takes: nothing, or one of create, update, replace, remove, promote, cancel.

    ``thing`` is what is there, ``receipts`` and ``after`` are the prediction.
    """

    action: t.Optional[str]
    observed: t.Optional[Observed]
    before: t.Optional[ResourceResult]
    after: t.Optional[ResourceResult]
    actions: t.List[Action] = dataclasses.field(default_factory=list)
    differences: t.List[Difference] = dataclasses.field(default_factory=list)
    fields: t.List[str] = dataclasses.field(default_factory=list)
    warnings: t.List[str] = dataclasses.field(default_factory=list)
    # What may stay as it is, since the user was warned of it.
    tolerated: t.List[Difference] = dataclasses.field(default_factory=list)

    def preview(self) -> Outcome:
        """What check mode says."""
        return Outcome(
            self.action is not None, self.before, self.after, self.actions, self.fields, self.warnings, self.after
        )


def converge(resource: Resource, *, check: bool) -> Outcome:
    """Makes one wish true, or predicts what that would take. Errors carry in ``actions`` what had been done."""
    applied: list[Action] = []
    try:
        plan = make_plan(resource, resource.lookup())
        if check:
            return plan.preview()
        return verify(resource, apply_plan(resource, plan, applied), applied)
    except HuaweiCloudError as error:
        error.actions = applied
        # What was sent and not read back may be in a list that is kept for the next task or not.
        resource.listing.invalidate()
        raise


def make_plan(resource: Resource, observed: Observed | None) -> Plan:
    """What it takes, given what is there. Sends nothing; raises whatever can be known to refuse it."""
    if resource.final_action:
        return _plan_end(resource, observed)
    if observed is None or resource.is_terminated(observed):
        return _plan_create(resource, None)
    if resource.is_terminating(observed):
        return _plan_create(resource, observed)
    differences = resource.differences(observed)
    if not differences:
        return _plan_nothing(resource, observed)
    if not all(difference.changeable for difference in differences):
        return _plan_drifted(resource, observed, differences)
    return _plan_update(resource, observed, differences)


def apply_plan(resource: Resource, plan: Plan, applied: list[Action]) -> Plan:
    """Sends what the plan says. Returns the plan that was followed: another one, when the world has moved on since."""
    if plan.action == "create":
        return _act_create(resource, plan, applied)
    if plan.action == "update":
        update_with_recovery(resource, t.cast(Observed, plan.observed), plan.differences, applied)
    elif plan.action == "replace":
        end_with_recovery(resource, t.cast(Observed, plan.observed), "delete", applied)
        resource.wait_until_deleted(required=True)
        adopted = create_with_recovery(resource, plan.fields, plan.observed, applied)
        if adopted is not None and not applied:
            # Both halves were somebody else's.
            return apply_plan(resource, make_plan(resource, adopted), applied)
    elif plan.action is not None:
        end_with_recovery(resource, t.cast(Observed, plan.observed), plan.action, applied)
    return plan


def verify(resource: Resource, plan: Plan, applied: list[Action]) -> Outcome:
    """Waits as far as the user wants it, sets what could not be set at once, and makes sure that the thing reads back as wished."""
    if resource.final_action:
        return _verify_final_action(resource, plan, applied)
    if not applied:
        return build_outcome(resource, plan, resource.wait_until_ready(plan.observed), applied)
    return build_outcome(resource, plan, _read_when_ready(resource, plan), applied)


def build_outcome(resource: Resource, plan: Plan, observed: Observed | None, applied: list[Action]) -> Outcome:
    """The outcome of a plan that was acted on, of the thing as read back since (``None``: it is gone)."""
    result = resource.to_result(observed) if observed else None
    if not applied:
        # There was nothing to do, or somebody else did it meanwhile.
        return Outcome(False, result, result, warnings=plan.warnings)
    if resource.final_action or observed is None:
        return Outcome(True, plan.before, result, applied, warnings=plan.warnings, planned=plan.after)
    rest = (
        [
            difference
            for difference in resource.differences(observed)
            if is_post_create_field(resource, difference.field)
        ]
        if plan.action == "create"
        else []
    )
    if rest:
        update_with_recovery(resource, observed, rest, applied)
        observed = _read_when_ready(resource, plan)
    after = resource.to_result(_verified(resource, plan, observed))
    return Outcome(True, plan.before, after, applied, plan.fields, plan.warnings, plan.after)


def _plan_nothing(resource: Resource, observed: Observed, warnings: t.Sequence[str] = ()) -> Plan:
    resource.check_not_failed(observed)
    result = resource.to_result(observed)
    return Plan(None, observed, result, result, warnings=list(warnings))


def _plan_create(resource: Resource, terminating: Observed | None) -> Plan:
    resource.check_create(None)
    fields = resource.specified_fields()
    return Plan(
        "create", terminating, None, resource.preview(None, []), _receipts(resource, "create", fields), fields=fields
    )


def _plan_update(resource: Resource, observed: Observed, differences: list[Difference]) -> Plan:
    resource.check_update(observed, differences)
    fields = [difference.field for difference in differences]
    after = resource.preview(observed, differences)
    return Plan(
        "update",
        observed,
        resource.to_result(observed),
        after,
        _receipts(resource, "update", fields),
        differences,
        fields,
    )


def _plan_drifted(resource: Resource, observed: Observed, differences: list[Difference]) -> Plan:
    stuck = [difference for difference in differences if not difference.changeable]
    message = (
        f"{resource.kind_name.capitalize()} '{resource.label}' differs in what can not be changed: {listed(stuck)}"
    )
    if resource.on_drift == "warn":
        return _plan_despite(resource, observed, differences, message)
    if resource.on_drift != "replace":
        raise DriftError(message, hint=resource.drift_hint, differences=differences)
    resource.check_deletion(observed)
    # Everything that could refuse the second half must refuse before the first.
    resource.check_create(observed)
    fields = [difference.field for difference in differences]
    actions = [Action("delete", []), Action("create", fields)]
    return Plan(
        "replace",
        observed,
        resource.to_result(observed),
        resource.preview(observed, differences),
        actions,
        differences,
        fields,
    )


def _plan_despite(resource: Resource, observed: Observed, differences: list[Difference], warning: str) -> Plan:
    """Changes what can be changed, and leaves the rest."""
    changeable = [difference for difference in differences if difference.changeable]
    if not changeable:
        plan = _plan_nothing(resource, observed, [warning])
        plan.tolerated = differences
        return plan
    plan = _plan_update(resource, observed, changeable)
    plan.warnings = [warning]
    plan.tolerated = [difference for difference in differences if not difference.changeable]
    return plan


def _plan_end(resource: Resource, observed: Observed | None) -> Plan:
    resource.verify_end(observed, sent=False)
    if observed is None:
        return Plan(None, None, None, None)
    if resource.is_terminated(observed):
        result = resource.to_result(observed)
        return Plan(None, observed, result, result)
    if resource.is_terminating(observed):
        return Plan(None, observed, None, None)
    differences = resource.differences(observed)
    warnings = _end_despite(resource, differences) if differences else []
    resource.check_deletion(observed)
    action = t.cast(str, resource.final_action)
    return Plan(
        action,
        observed,
        resource.to_result(observed),
        None,
        [Action(action, [])],
        warnings=warnings,
        tolerated=differences,
    )


def _act_create(resource: Resource, plan: Plan, applied: list[Action]) -> Plan:
    if plan.observed is not None:
        # Somebody sent the old one away; its name is free only when it is gone.
        resource.wait_until_deleted(required=True)
    if plan.observed is not None or resource.age() > FRESH:
        # A list that is shared has perhaps been read anew for another thing.
        observed = resource.lookup(refresh=plan.observed is not None)
        if observed is not None:
            # It came while we were waiting for something else.
            return apply_plan(resource, make_plan(resource, observed), applied)
        # What stands in the way of it is in that list too.
        resource.check_create(None)
    adopted = create_with_recovery(resource, plan.actions[0].fields, None, applied)
    if adopted is None:
        return plan
    return apply_plan(resource, make_plan(resource, adopted), applied)


def _verify_final_action(resource: Resource, plan: Plan, applied: list[Action]) -> Outcome:
    # An action that was not ours in the end was somebody else's: either way it is on its way.
    rest = (
        resource.wait_until_deleted()
        if plan.action or (plan.observed is not None and resource.is_terminating(plan.observed))
        else plan.observed
    )
    resource.verify_end(rest, sent=bool(applied))
    return build_outcome(resource, plan, rest, applied)


def _receipts(resource: Resource, action: str, fields: list[str]) -> list[Action]:
    """What is sent for these fields: some take an update of their own."""
    later = [field for field in fields if is_post_create_field(resource, field)]
    own = [field for field in fields if field not in later]
    actions = [Action(action, own)] if own or action == "create" else []
    return actions + ([Action("update", later)] if later else [])


def _read_when_ready(resource: Resource, plan: Plan) -> Observed:
    """The thing as it is after acting. Raises WaitError when it is not there."""
    observed = resource.wait_until_ready(None)
    if not observed:
        raise WaitError(
            f"The {plan.action} of {resource.kind_name} '{resource.label}' was accepted, but it is not listed.",
            hint="Set wait to true to have it waited for.",
        )
    return observed


def _verified(resource: Resource, plan: Plan, observed: Observed) -> Observed:
    """The thing as read back after acting. Raises DriftError when it still is not as wished: to say changed again next time would be no truth."""
    tolerated = {difference.field for difference in plan.tolerated}
    left = [difference for difference in resource.differences(observed) if difference.field not in tolerated]
    if left:
        raise DriftError(
            f"The {plan.action} of {resource.kind_name} '{resource.label}' was accepted, but it reads back otherwise: {listed(left)}",
            hint="The service changed or ignored what was sent, or somebody else changed it at the same time.",
        )
    return observed


def _end_despite(resource: Resource, differences: list[Difference]) -> list[str]:
    message = (
        f"{resource.kind_name.capitalize()} '{resource.label}' is not the one that was meant: {listed(differences)}"
    )
    if resource.on_drift == "fail":
        raise DriftError(
            message,
            hint="Correct the task, leave out the options that need not fit, or set on_drift to warn.",
            differences=differences,
        )
    return [message]
