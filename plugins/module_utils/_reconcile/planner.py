# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Decide what one resource needs: nothing, or one action. Send nothing.

One list of differences decides ``changed`` and makes the diff and the plan.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import DriftError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    HINT_OTHER_RESOURCE,
    NOT_COMPARED,
    TERMINATED,
    TERMINATING,
    Action,
    Difference,
    Observed,
    Resource,
    ResourceResult,
    capitalized_subject,
    format_differences,
    has_condition,
    is_ending,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import check_not_failed


class Outcome(t.NamedTuple):
    """The effect of a task on one resource. ``before`` and ``after`` are results, or None for a resource that does not exist.

    ``planned`` is the result that the plan predicted, if it changes anything. It is the same in check mode.
    """

    changed: bool
    before: t.Optional[ResourceResult]
    after: t.Optional[ResourceResult]
    actions: t.Sequence[Action] = ()
    changed_fields: t.Sequence[str] = ()
    warnings: t.Sequence[str] = ()
    planned: t.Optional[ResourceResult] = None
    # The fields that the task sets and the service does not return.
    not_compared: t.Sequence[str] = ()


class Plan(t.NamedTuple):
    """What one resource needs: nothing, or one of create, update, replace, delete, promote, cancel.

    ``observed`` is the existing object, ``actions`` and ``after`` are the prediction.
    """

    action: t.Optional[str]
    observed: t.Optional[Observed]
    before: t.Optional[ResourceResult]
    after: t.Optional[ResourceResult]
    actions: t.Sequence[Action] = ()
    differences: t.Sequence[Difference] = ()
    fields: t.Sequence[str] = ()
    warnings: t.Sequence[str] = ()
    # The differences that remain, because the task accepts them with a warning.
    tolerated: t.Sequence[Difference] = ()
    # The fields that the task sets and the service does not return.
    not_compared: t.Sequence[str] = ()

    def preview(self) -> Outcome:
        """Return the outcome in check mode."""
        return Outcome(
            self.action is not None,
            self.before,
            self.after,
            self.actions,
            self.fields,
            self.warnings,
            self.after,
            self.not_compared,
        )

    def existing(self) -> Observed:
        """Return the object of a plan that needs one."""
        if self.observed is None:
            raise ValueError(f"a plan with the action {self.action} needs an object")
        return self.observed


def make_plan(resource: Resource, observed: Observed | None) -> Plan:
    """Return what the resource needs. Raise an error if the desired state cannot be reached, as far as it can be known."""
    if resource.desired_state.final_action:
        return _plan_end(resource, observed, resource.desired_state.final_action)
    if observed is None or has_condition(resource, observed, TERMINATED):
        return _plan_create(resource, None)
    if has_condition(resource, observed, TERMINATING):
        return _plan_create(resource, observed)
    return _report_not_compared(resource, observed, _plan_present(resource, observed))


def _plan_present(resource: Resource, observed: Observed) -> Plan:
    differences = resource.diff(observed)
    if not differences:
        return _plan_nothing(resource, observed)
    if not all(difference.changeable for difference in differences):
        return _plan_drifted(resource, observed, differences)
    return _plan_update(resource, observed, differences)


def _report_not_compared(resource: Resource, observed: Observed, plan: Plan) -> Plan:
    """Return the plan of an existing resource with the fields that could not be compared, and one warning about them."""
    fields = [] if plan.action == "replace" else list(resource.desired_state.list_not_compared(observed))
    if not fields:
        return plan
    return plan._replace(not_compared=fields, warnings=[*plan.warnings, NOT_COMPARED.format(kind=resource.kind)])


def _plan_nothing(resource: Resource, observed: Observed) -> Plan:
    check_not_failed(resource, observed)
    result = resource.to_result(observed)
    return Plan(None, observed, result, result)


def _plan_create(resource: Resource, terminating: Observed | None) -> Plan:
    resource.validate("create", None)
    fields = list(resource.desired_state.fields)
    actions = _predict_actions(resource, "create", fields)
    return Plan("create", terminating, None, resource.preview(None, []), actions, fields=fields)


def _plan_update(resource: Resource, observed: Observed, differences: list[Difference]) -> Plan:
    resource.validate("update", observed)
    fields = [difference.field for difference in differences]
    return Plan(
        "update",
        observed,
        resource.to_result(observed),
        resource.preview(observed, differences),
        _predict_actions(resource, "update", fields),
        differences,
        fields,
    )


def _plan_drifted(resource: Resource, observed: Observed, differences: list[Difference]) -> Plan:
    """Plan what ``on_drift`` says about differences that no update can remove."""
    immutable = [difference for difference in differences if not difference.changeable]
    message = (
        f"{capitalized_subject(resource)} differs in fields that cannot be changed: {format_differences(immutable)}"
    )
    if resource.desired_state.on_drift == "warn":
        return _plan_partial_update(resource, observed, differences, message)
    if resource.desired_state.on_drift != "replace":
        raise DriftError(message, hint=resource.desired_state.drift_hint, differences=differences)
    resource.validate("delete", observed)
    # Whatever prevents the creation must be found before the deletion.
    resource.validate("create", observed)
    fields = [difference.field for difference in differences]
    actions = [Action("delete", []), Action("create", fields)]
    before, after = resource.to_result(observed), resource.preview(observed, differences)
    return Plan("replace", observed, before, after, actions, differences, fields)


def _plan_partial_update(resource: Resource, observed: Observed, differences: list[Difference], warning: str) -> Plan:
    """Plan the differences that can be removed, and warn about the others."""
    changeable = [difference for difference in differences if difference.changeable]
    if not changeable:
        return _plan_nothing(resource, observed)._replace(warnings=[warning], tolerated=differences)
    immutable = [difference for difference in differences if not difference.changeable]
    return _plan_update(resource, observed, changeable)._replace(warnings=[warning], tolerated=immutable)


def _plan_end(resource: Resource, observed: Observed | None, action: str) -> Plan:
    if observed is None or is_ending(resource, observed):
        resource.validate(action, observed)
        is_record = observed is not None and has_condition(resource, observed, TERMINATED)
        result = resource.to_result(observed) if observed is not None and is_record else None
        return Plan(None, observed, result, result)
    differences = resource.diff(observed)
    warnings = _check_end_differences(resource, differences) if differences else []
    resource.validate(action, observed)
    before, actions = resource.to_result(observed), [Action(action, [])]
    return Plan(action, observed, before, None, actions, warnings=warnings, tolerated=differences)


def _check_end_differences(resource: Resource, differences: list[Difference]) -> list[str]:
    """Return the warning about an object that differs from the one that the task describes. Raise DriftError with ``on_drift=fail``."""
    message = (
        f"{capitalized_subject(resource)} is not the one that the task describes: {format_differences(differences)}"
    )
    if resource.desired_state.on_drift == "fail":
        raise DriftError(
            message,
            hint=HINT_OTHER_RESOURCE,
            differences=differences,
        )
    return [message]


def _predict_actions(resource: Resource, action: str, fields: list[str]) -> list[Action]:
    """Return the expected actions for these fields: some need an update of their own."""
    separate = [field for field in fields if resource.desired_state.is_post_create_field(field)]
    own = [field for field in fields if field not in separate]
    actions = [Action(action, own)] if own or action == "create" else []
    return actions + ([Action("update", separate)] if separate else [])
