# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Carry out the plan of one resource and verify the result."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import LIST_MAX_AGE
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import DriftError, WaitError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome, Plan, make_plan
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Observed,
    Resource,
    Source,
    format_differences,
    is_ending,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.write_recovery import (
    Execution,
    create_with_recovery,
    end_with_recovery,
    update_with_recovery,
)


def apply_plan(execution: Execution, plan: Plan) -> Plan:
    """Carry out the plan. Return the plan that was carried out: a new one, if the actual state has changed since the plan was made."""
    if plan.action == "create":
        return _apply_creation(execution, plan)
    if plan.action == "replace":
        return _apply_replacement(execution, plan)
    if plan.action == "update":
        update_with_recovery(execution, plan.existing(), plan.differences)
    elif plan.action is not None:
        end_with_recovery(execution, plan.existing(), plan.action)
    return plan


def finish(execution: Execution, plan: Plan, observed: Observed | None) -> Outcome:
    """Return the outcome of a plan that was carried out. ``observed`` is the object as it was read after the waiting.

    Raise an error if the resource is not in the desired state.
    """
    resource, applied = execution.resource, execution.applied
    if resource.desired_state.final_action:
        if is_ending(resource, observed):
            resource.validate(resource.desired_state.final_action, observed)
    elif applied:
        observed = _require_listed(resource, plan, observed)
    return build_outcome(execution, plan, observed)


def build_outcome(execution: Execution, plan: Plan, observed: Observed | None) -> Outcome:
    """Return the outcome of a plan that was carried out. ``observed`` is the object as it was read afterwards.

    Fields that a creation could not carry are set first.
    """
    resource, applied = execution.resource, execution.applied
    result = resource.to_result(observed) if observed else None
    if not applied:
        # There was nothing to do, or another request did the same in the meantime.
        return Outcome(False, result, result, warnings=plan.warnings, not_compared=plan.not_compared)
    if resource.desired_state.final_action or observed is None:
        return Outcome(True, plan.before, result, applied, warnings=plan.warnings, planned=plan.after)
    if plan.action == "create":
        remaining = [
            difference
            for difference in resource.diff(observed)
            if resource.desired_state.is_post_create_field(difference.field)
        ]
        if remaining:
            update_with_recovery(execution, observed, remaining)
            observed = _require_listed(resource, plan, execution.waiter.wait_until_ready(resource, None))
    _check_applied(execution, plan, observed)
    after = resource.to_result(observed)
    return Outcome(True, plan.before, after, applied, plan.fields, plan.warnings, plan.after, plan.not_compared)


def _apply_creation(execution: Execution, plan: Plan) -> Plan:
    resource = execution.resource
    if plan.observed is not None:
        # The name is free only after the deletion.
        execution.waiter.wait_until_deleted(resource, required=True)
    if plan.observed is not None or resource.listing.age() > LIST_MAX_AGE:
        # An old list may have been read again for another resource.
        observed = resource.lookup(Source.CACHED_LIST if plan.observed is None else Source.NEW_LIST)
        if observed is not None:
            return apply_plan(execution, make_plan(resource, observed))
        # The new list may also show what prevents the creation.
        resource.validate("create", None)
    adopted = create_with_recovery(execution, plan.actions[0].fields, None)
    if adopted is None:
        return plan
    return apply_plan(execution, make_plan(resource, adopted))


def _apply_replacement(execution: Execution, plan: Plan) -> Plan:
    resource = execution.resource
    end_with_recovery(execution, plan.existing(), "delete")
    execution.waiter.wait_until_deleted(resource, required=True)
    adopted = create_with_recovery(execution, plan.fields, plan.observed)
    if adopted is not None and not execution.applied:
        # Other requests deleted and created it.
        return apply_plan(execution, make_plan(resource, adopted))
    return plan


def _require_listed(resource: Resource, plan: Plan, observed: Observed | None) -> Observed:
    """Return the object after a change. Raise WaitError if it does not exist."""
    if not observed:
        raise WaitError(
            f"Failed to {plan.action} {resource.kind} '{resource.name}': the request was accepted, but the resource is not listed.",
            hint="Set wait to true to wait for it.",
        )
    return observed


def _check_applied(execution: Execution, plan: Plan, observed: Observed) -> None:
    """Raise DriftError if the object still differs after the change. Otherwise, each run would report the same change again."""
    resource = execution.resource
    tolerated = {difference.field for difference in plan.tolerated}
    remaining = [difference for difference in resource.diff(observed) if difference.field not in tolerated]
    if remaining:
        raise DriftError(
            f"Failed to {plan.action} {resource.kind} '{resource.name}': the request was accepted, but these values still differ: "
            f"{format_differences(remaining)}",
            hint="The service changed or ignored what was sent, or another client changed it at the same time.",
        )
