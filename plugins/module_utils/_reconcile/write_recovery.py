# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""One write at a time, and what came of it: a write whose answer is lost, or says nothing, is followed by a list, not by a second write."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import decision_age_limit
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
    is_post_create_field,
    listed,
)

# How often a list is read once more for what may come into it late.
EXTRA_LOOKUPS = 3
# How often a create may come too late to its turn for what it was decided by.
MOST_LATE = 20
_HINT_UNKNOWN_CREATOR = (
    "It is unknown who created it: the service may have changed what was sent, or somebody else created it. "
    "Agree on one desired state, then rerun the task."
)
_HINT_NOT_LISTED = "Whether it was done is not known: a list shows nothing of it so far, and the next run looks first."


def create_with_recovery(
    resource: Resource, fields: list[str], replaced: Observed | None, applied: list[Action]
) -> Observed | None:
    """Sends one create. Returns the thing when it turned out to be there already, put there by somebody else.

    What was refused for now is sent again only on a new list: the one before has grown old meanwhile.
    """
    sent = late = 0
    perhaps: tuple[ServiceError, ...] = ()
    while True:
        try:
            with decision_age_limit(resource.age):
                applied.append(Action("create", fields, resource.create(replaced)))
            return None
        except ServiceError as error:
            sent, late = sent + error.requests_sent, late + (error.requests_sent == 0)
            error.previous_attempts = (*perhaps, *error.previous_attempts)
            perhaps = tuple(failure for failure in (*error.previous_attempts, error) if failure.outcome_unknown)
            again = (
                error.retry_after is not None
                and sent <= error.retries_left
                and late <= MOST_LATE
                and resource.sleep(error.retry_after)
            )
            _count_all(error, sent)
            if not again and not _may_exist(error):
                raise
            found = _lookup_conflicting(resource, error)
            if found is None and not again:
                raise
            if found is not None and perhaps:
                # Nothing of the kind was there a moment ago, and now what we asked for is: the answer was lost, the work was done.
                applied.append(Action("create", fields, _id_of(error)))
                return None
            if found is not None:
                return found
            # What stands in the way of it is in that list too.
            resource.check_create(replaced)


def _id_of(error: ServiceError) -> str | None:
    """The id of a request that failed and was carried out all the same; unknown where the last that was sent was one to IAM."""
    return None if isinstance(error, IdentityError) else error.request_id


def _may_exist(error: ServiceError) -> bool:
    """Whether a list may show what a failed create asked for."""
    return error.any_outcome_unknown or error.is_create_conflict


def _count_all(error: ServiceError, sent: int) -> None:
    """Has the failure of a later round tell of all before it, too."""
    if sent > error.requests_sent and not isinstance(error, IdentityError):
        error.message, error.attempts = f"{error.message}, the last of {sent} attempts", sent
        error.args = (error.message,)


def _lookup_conflicting(resource: Resource, error: ServiceError) -> Observed | None:
    """What a list shows after a create that failed. Raises DriftError when that is something else."""
    found = _lookup_after_failure(resource, error, lambda observed: observed is not None)
    if found is None:
        if error.any_outcome_unknown:
            _prepend_hint(error, _HINT_NOT_LISTED)
        return None
    others = [
        difference for difference in resource.differences(found) if not is_post_create_field(resource, difference.field)
    ]
    if others:
        raise DriftError(
            f"{error.message}. Meanwhile {resource.kind_name} '{resource.label}' exists and differs: {listed(others)}",
            hint=_HINT_UNKNOWN_CREATOR
            if error.any_outcome_unknown
            else "Somebody else created it. Agree on one wish, then run again.",
        ) from None
    return found


def _lookup_after_failure(
    resource: Resource, error: ServiceError, fits: t.Callable[[t.Optional[Observed]], bool]
) -> Observed | None:
    """What a list shows after a request that failed: looks a few times more for what ``fits``, if the answer was lost and the user wants to wait.

    Raises ``error`` when that can not be told either.
    """
    try:
        # What was not even sent needs no list that is newer than that.
        found = resource.lookup(refresh=error.requests_sent > 0)
        for _more in range(EXTRA_LOOKUPS if error.any_outcome_unknown else 0):
            if fits(found) or not resource.sleep():
                break
            found = resource.lookup(refresh=True)
        return found
    except HuaweiCloudError as second:
        if error.any_outcome_unknown or error.retry_after is None:
            error.hint = f"Whether it was done is not known, since looking failed too: {second.message}. Run the task again: it looks first."
        raise error from None


def update_with_recovery(
    resource: Resource, observed: Observed, differences: list[Difference], applied: list[Action]
) -> None:
    """Sends one change. An answer that says nothing of it counts as success as far as a list shows that it was done; the rest is sent then."""
    try:
        resource.update(observed, differences, applied)
    except ServiceError as error:
        if not error.any_outcome_unknown:
            raise

        def parted(found: Observed | None) -> tuple[list[str], list[Difference]]:
            return _parted(resource, found, differences, applied) if found is not None else ([], differences)

        def tells(found: Observed | None) -> bool:
            came, left = parted(found)
            return bool(came) or not left

        found = _lookup_after_failure(resource, error, tells)
        came, left = parted(found)
        if not tells(found):
            _prepend_hint(
                error,
                _HINT_NOT_LISTED
                if found is not None
                else "Whether it was done is not known: it is not listed any more.",
            )
            raise
        applied.append(Action("update", came, _id_of(error)))
        if left:
            update_with_recovery(resource, t.cast(Observed, found), left, applied)


def _parted(
    resource: Resource, observed: Observed, differences: list[Difference], applied: list[Action]
) -> tuple[list[str], list[Difference]]:
    """Of a change without a clear answer: the fields that came of it as a list shows them, and what is left to do."""
    wanted = {difference.field for difference in differences}
    left = [difference for difference in resource.differences(observed) if difference.field in wanted]
    told = {field for action in applied for field in action.fields} | {difference.field for difference in left}
    return [difference.field for difference in differences if difference.field not in told], left


def end_with_recovery(resource: Resource, observed: Observed, action: str, applied: list[Action]) -> None:
    """Send one end. A failure counts as success if a list shows that the resource is missing, has ended or is ending: repeats fail in this way.

    Raise DriftError if the list shows that it ends in another way than this task asks for.
    """
    try:
        applied.append(Action(action, [], resource.delete(observed)))
    except ServiceError as error:
        if not _may_concern_resource(error):
            raise
        left = _lookup_after_failure(resource, error, lambda left: _is_leaving(resource, left))
        if not _is_leaving(resource, left):
            if error.any_outcome_unknown:
                _prepend_hint(error, _HINT_NOT_LISTED)
            raise
        resource.verify_end(left, sent=error.any_outcome_unknown)
        if error.any_outcome_unknown:
            applied.append(Action(action, [], _id_of(error)))


def _may_concern_resource(error: ServiceError) -> bool:
    """Whether a failed end may be one of what is gone already. Who may not ask, or not now, is told nothing of the thing."""
    return error.any_outcome_unknown or not isinstance(
        error, (AuthError, ForbiddenError, IdentityError, RateLimitError)
    )


def _prepend_hint(error: ServiceError, text: str) -> None:
    """Says that a list has not settled it, before what is said of the failure itself."""
    error.hint = f"{text} {error.hint or ''}".rstrip()


def _is_leaving(resource: Resource, left: Observed | None) -> bool:
    return left is None or resource.is_terminated(left) or resource.is_terminating(left)
