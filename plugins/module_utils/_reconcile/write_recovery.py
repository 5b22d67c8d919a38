# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Send one write request and find out its effect: a list follows a request without a clear response, not a second request."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    DriftError,
    ForbiddenError,
    HuaweiCloudError,
    IdentityError,
    RateLimitError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Difference,
    Observed,
    Resource,
    Source,
    format_differences,
    is_ending,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Waiter

# How often a list is read again if it does not show the effect of a request yet.
EXTRA_LOOKUPS = 3
# How often a creation may be delayed until the list that it is based on is too old.
MOST_DELAYS = 20
_HINT_UNKNOWN_CREATOR = (
    "It is unknown who created it: the service may have changed what was sent, or another client created it. "
    "Agree on one desired state, then rerun the task."
)
_HINT_OTHER_CREATOR = "Another client created it. Agree on one desired state, then rerun the task."
_HINT_NOT_LISTED = "It is unknown whether the request was applied: no list shows its effect yet. Rerun the task: it checks the actual state first."
_HINT_LEFT_LIST = "It is unknown whether the request was applied: the resource is not listed any more."


@dataclasses.dataclass
class Execution:
    """The work on one resource: how to wait for it, and the actions that were applied so far."""

    resource: Resource
    waiter: Waiter
    applied: t.List[Action] = dataclasses.field(default_factory=list)
    # Whether the caller reads the lists again, once for many resources.
    refreshes_lists: bool = False


def create_with_recovery(execution: Execution, fields: t.Sequence[str], replacing: Observed | None) -> Observed | None:
    """Send one create request. Return the object if another client has created an equal one.

    A request that was refused temporarily is sent again only if a new list still does not show the object.
    """
    resource, applied = execution.resource, execution.applied
    sent = delays = 0
    unclear: tuple[ServiceError, ...] = ()
    while True:
        try:
            applied.append(Action("create", fields, resource.create(replacing)))
            return None
        except ServiceError as failure:
            sent, delays = sent + failure.requests_sent, delays + (failure.requests_sent == 0)
            error = failure.replace(previous_attempts=(*unclear, *failure.previous_attempts))
            unclear = tuple(attempt for attempt in (*error.previous_attempts, error) if attempt.outcome_unknown)
            is_repeated = (
                error.retry_after is not None
                and sent <= error.retries_left
                and delays <= MOST_DELAYS
                and execution.waiter.sleep(error.retry_after)
            )
            error = _count_attempts(error, sent)
            if not is_repeated and not _may_exist(error):
                raise error from None
            found = _find_created(execution, error)
            if found is None and not is_repeated:
                raise (_prepend_hint(error, _HINT_NOT_LISTED) if error.any_outcome_unknown else error) from None
            if found is not None and unclear:
                # The last list did not contain it, and now it exists as requested: only the response was lost.
                applied.append(Action("create", fields, _get_request_id(error)))
                return None
            if found is not None:
                return found
            # The new list may also show what prevents the creation.
            resource.validate("create", replacing)


def update_with_recovery(execution: Execution, observed: Observed, differences: t.Sequence[Difference]) -> None:
    """Send the updates. Without a clear response, they count as applied as far as a list shows it. The remaining ones are sent then."""
    resource, applied = execution.resource, execution.applied
    try:
        for action in resource.update(observed, differences):
            applied.append(action)
    except ServiceError as error:
        if not error.any_outcome_unknown:
            raise

        def split(found: Observed | None) -> tuple[list[str], t.Sequence[Difference]]:
            return ([], differences) if found is None else _split_differences(execution, found, differences)

        def shows_effect(found: Observed | None) -> bool:
            done, remaining = split(found)
            return bool(done) or not remaining

        found = _lookup_after_failure(execution, error, shows_effect)
        if found is None or not shows_effect(found):
            hint = _HINT_NOT_LISTED if found is not None else _HINT_LEFT_LIST
            raise _prepend_hint(error, hint) from None
        done, remaining = split(found)
        applied.append(Action("update", done, _get_request_id(error)))
        if remaining:
            update_with_recovery(execution, found, remaining)


def end_with_recovery(execution: Execution, observed: Observed, action: str) -> None:
    """Send one request that ends the resource. A failure counts as success if a list shows that the resource has ended or is terminating.

    Raise DriftError if the list shows that the resource ends in another way than the task declares.
    """
    resource, applied = execution.resource, execution.applied
    if not execution.refreshes_lists:
        resource.listing.invalidate()
    try:
        applied.append(Action(action, [], resource.delete(observed)))
    except ServiceError as error:
        if not _may_concern_resource(error):
            raise
        found = _lookup_after_failure(execution, error, lambda found: is_ending(resource, found))
        if not is_ending(resource, found):
            raise (_prepend_hint(error, _HINT_NOT_LISTED) if error.any_outcome_unknown else error) from None
        resource.validate(action, found)
        if error.any_outcome_unknown:
            applied.append(Action(action, [], _get_request_id(error)))


def _get_request_id(error: ServiceError) -> str | None:
    """Return the ID of a request that failed but was applied. It is unknown if the last request went to IAM."""
    return None if isinstance(error, IdentityError) else error.request_id


def _may_exist(error: ServiceError) -> bool:
    """Return whether a list may show the object after a failed creation."""
    return error.any_outcome_unknown or error.is_create_conflict


def _count_attempts(error: ServiceError, sent: int) -> ServiceError:
    """Return the last failure with the attempts of earlier rounds in its message."""
    if sent <= error.requests_sent or isinstance(error, IdentityError):
        return error
    return error.replace(message=f"{error.message}, the last of {sent} attempts", attempts=sent)


def _find_created(execution: Execution, error: ServiceError) -> Observed | None:
    """Return the object that a list shows after a failed creation. Raise DriftError if it is a different one."""
    resource = execution.resource
    found = _lookup_after_failure(execution, error, lambda observed: observed is not None)
    if found is None:
        return None
    others = [
        difference
        for difference in resource.diff(found)
        if not resource.desired_state.is_post_create_field(difference.field)
    ]
    if others:
        raise DriftError(
            f"{error.message}. Meanwhile {resource.kind} '{resource.name}' exists and differs: {format_differences(others)}",
            hint=_HINT_UNKNOWN_CREATOR if error.any_outcome_unknown else _HINT_OTHER_CREATOR,
        ) from None
    return found


def _lookup_after_failure(
    execution: Execution, error: ServiceError, is_expected: t.Callable[[t.Optional[Observed]], bool]
) -> Observed | None:
    """Return the object that a list shows after a failed request. Raise ``error`` if the list cannot be read.

    If the response was lost and the task waits, read the list a few more times until it shows what is expected.
    """
    resource = execution.resource
    try:
        # A request that was not sent needs no new list.
        found = resource.lookup(Source.NEW_LIST if error.requests_sent else Source.CACHED_LIST)
        for _attempt in range(EXTRA_LOOKUPS if error.any_outcome_unknown else 0):
            if is_expected(found) or not execution.waiter.sleep():
                break
            found = resource.lookup(Source.NEW_LIST)
        return found
    except HuaweiCloudError as second:
        if not error.any_outcome_unknown and error.retry_after is not None:
            raise error from None
        hint = (
            f"It is unknown whether the request was applied, because the check failed too: {second.message}. "
            "Rerun the task: it checks the actual state first."
        )
        raise error.replace(hint=hint) from None


def _split_differences(
    execution: Execution, observed: Observed, differences: t.Sequence[Difference]
) -> tuple[list[str], t.Sequence[Difference]]:
    """Return the fields of an update that a list shows as applied, and the differences that remain."""
    requested = {difference.field for difference in differences}
    remaining = [difference for difference in execution.resource.diff(observed) if difference.field in requested]
    known = {field for action in execution.applied for field in action.fields}
    known |= {difference.field for difference in remaining}
    return [difference.field for difference in differences if difference.field not in known], remaining


def _may_concern_resource(error: ServiceError) -> bool:
    """Return whether the failure may mean that the resource has ended already. Errors of authorization and rate limits do not."""
    return error.any_outcome_unknown or not isinstance(
        error, (AuthError, ForbiddenError, IdentityError, RateLimitError)
    )


def _prepend_hint(error: ServiceError, text: str) -> ServiceError:
    """Return the failure with the result of the check before its own hint."""
    return error.replace(hint=f"{text} {error.hint or ''}".rstrip())
