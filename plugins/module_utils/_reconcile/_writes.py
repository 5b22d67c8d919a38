# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""One write at a time, and what came of it: a write whose answer is lost, or says nothing, is followed by a list, not by a second write."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import (
    AuthError,
    ConflictError,
    DriftError,
    ForbiddenError,
    HuaweiCloudError,
    IdentityError,
    RateLimitError,
    RejectedError,
    ServiceError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import (
    Difference,
    Receipt,
    Resource,
    Thing,
    is_later,
    listed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._wait import decided_by

# How often a list is read once more for what may come into it late.
MORE_LOOKS = 3
# How often a create may come too late to its turn for what it was decided by.
MOST_LATE = 20
_OURS_OR_THEIRS = "Whether it was created is not known: the service changed what was sent, or somebody else created it. Agree on one wish, then run again."
_UNSEEN = "Whether it was done is not known: a list shows nothing of it so far, and the next run looks first."


def create_once(resource: Resource, fields: list[str], replaced: Thing | None, done: list[Receipt]) -> Thing | None:
    """Sends one create. Returns the thing when it turned out to be there already, put there by somebody else.

    What was refused for now is sent again only on a new list: the one before has grown old meanwhile.
    """
    sent = late = 0
    perhaps: tuple[ServiceError, ...] = ()
    while True:
        try:
            with decided_by(resource.age):
                done.append(Receipt("create", fields, resource.create(replaced)))
            return None
        except ServiceError as error:
            sent, late = sent + error.tried, late + (error.tried == 0)
            error.earlier = (*perhaps, *error.earlier)
            perhaps = tuple(failure for failure in (*error.earlier, error) if failure.may_be_done)
            again = (
                error.repeat_after is not None
                and sent <= error.repeats
                and late <= MOST_LATE
                and resource.pause(error.repeat_after)
            )
            _count_all(error, sent)
            if not again and not _may_be_there(error):
                raise
            found = _found_instead(resource, error)
            if found is None and not again:
                raise
            if found is not None and perhaps:
                # Nothing of the kind was there a moment ago, and now what we asked for is: the answer was lost, the work was done.
                done.append(Receipt("create", fields, _id_of(error)))
                return None
            if found is not None:
                return found
            # What stands in the way of it is in that list too.
            resource.check_create(replaced)


def _id_of(error: ServiceError) -> str | None:
    """The id of a request that failed and was carried out all the same; unknown where the last that was sent was one to IAM."""
    return None if isinstance(error, IdentityError) else error.request_id


def _may_be_there(error: ServiceError) -> bool:
    """Whether a list may show what a failed create asked for."""
    return error.was_perhaps_done or isinstance(error, (ConflictError, RejectedError)) and error.status in (400, 409)


def _count_all(error: ServiceError, sent: int) -> None:
    """Has the failure of a later round tell of all before it, too."""
    if sent > error.tried and not isinstance(error, IdentityError):
        error.message, error.attempts = f"{error.message}, the last of {sent} attempts", sent
        error.args = (error.message,)


def _found_instead(resource: Resource, error: ServiceError) -> Thing | None:
    """What a list shows after a create that failed. Raises DriftError when that is something else."""
    found = _found_after(resource, error, lambda thing: thing is not None)
    if found is None:
        if error.was_perhaps_done:
            _doubt(error, _UNSEEN)
        return None
    others = [difference for difference in resource.differences(found) if not is_later(resource, difference.field)]
    if others:
        raise DriftError(
            f"{error.message}. Meanwhile {resource.noun} '{resource.label}' exists and differs: {listed(others)}",
            hint=_OURS_OR_THEIRS
            if error.was_perhaps_done
            else "Somebody else created it. Agree on one wish, then run again.",
        ) from None
    return found


def _found_after(resource: Resource, error: ServiceError, fits: t.Callable[[t.Optional[Thing]], bool]) -> Thing | None:
    """What a list shows after a request that failed: looks a few times more for what ``fits``, if the answer was lost and the user wants to wait.

    Raises ``error`` when that can not be told either.
    """
    try:
        # What was not even sent needs no list that is newer than that.
        found = resource.find(anew=error.tried > 0)
        for _more in range(MORE_LOOKS if error.was_perhaps_done else 0):
            if fits(found) or not resource.pause():
                break
            found = resource.find(anew=True)
        return found
    except HuaweiCloudError as second:
        if error.was_perhaps_done or error.repeat_after is None:
            error.hint = f"Whether it was done is not known, since looking failed too: {second.message}. Run the task again: it looks first."
        raise error from None


def update_once(resource: Resource, thing: Thing, differences: list[Difference], done: list[Receipt]) -> None:
    """Sends one change. An answer that says nothing of it counts as success as far as a list shows that it was done; the rest is sent then."""
    try:
        resource.update(thing, differences, done)
    except ServiceError as error:
        if not error.was_perhaps_done:
            raise

        def parted(found: Thing | None) -> tuple[list[str], list[Difference]]:
            return _parted(resource, found, differences, done) if found is not None else ([], differences)

        def tells(found: Thing | None) -> bool:
            came, left = parted(found)
            return bool(came) or not left

        found = _found_after(resource, error, tells)
        came, left = parted(found)
        if not tells(found):
            _doubt(
                error, _UNSEEN if found is not None else "Whether it was done is not known: it is not listed any more."
            )
            raise
        done.append(Receipt("update", came, _id_of(error)))
        if left:
            update_once(resource, t.cast(Thing, found), left, done)


def _parted(
    resource: Resource, thing: Thing, differences: list[Difference], done: list[Receipt]
) -> tuple[list[str], list[Difference]]:
    """Of a change without a clear answer: the fields that came of it as a list shows them, and what is left to do."""
    wanted = {difference.field for difference in differences}
    left = [difference for difference in resource.differences(thing) if difference.field in wanted]
    told = {field for receipt in done for field in receipt.fields} | {difference.field for difference in left}
    return [difference.field for difference in differences if difference.field not in told], left


def end_once(resource: Resource, thing: Thing, action: str, done: list[Receipt]) -> None:
    """Send one end. A failure counts as success if a list shows that the resource is missing, has ended or is ending: repeats fail in this way.

    Raise DriftError if the list shows that it ends in another way than this task asks for.
    """
    try:
        done.append(Receipt(action, [], resource.end(thing)))
    except ServiceError as error:
        if not _tells_of_the_thing(error):
            raise
        left = _found_after(resource, error, lambda left: _is_on_its_way(resource, left))
        if not _is_on_its_way(resource, left):
            if error.was_perhaps_done:
                _doubt(error, _UNSEEN)
            raise
        resource.verify_end(left, sent=error.was_perhaps_done)
        if error.was_perhaps_done:
            done.append(Receipt(action, [], _id_of(error)))


def _tells_of_the_thing(error: ServiceError) -> bool:
    """Whether a failed end may be one of what is gone already. Who may not ask, or not now, is told nothing of the thing."""
    return error.was_perhaps_done or not isinstance(error, (AuthError, ForbiddenError, IdentityError, RateLimitError))


def _doubt(error: ServiceError, text: str) -> None:
    """Says that a list has not settled it, before what is said of the failure itself."""
    error.hint = f"{text} {error.hint or ''}".rstrip()


def _is_on_its_way(resource: Resource, left: Thing | None) -> bool:
    return left is None or resource.is_ended(left) or resource.is_ending(left)
