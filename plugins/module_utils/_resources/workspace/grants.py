# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Grants of a workspace: a set of users. The service may add the ID or the name that a request omits.

Types are compared only if both grants have one, because one edition of the service never returns them.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._values import equals_ignore_case, to_text

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import GrantResult

# A grant of options, of the service or of a result.
Grant = t.Mapping[str, t.Any]
# Grants without empty values.
Grants = t.List[t.Dict[str, str]]

_KEYS = ("user_id", "user_name", "user_type")


def normalize(grants: t.Sequence[Grant]) -> Grants:
    """Return the grants of a task without empty values. Raise OptionError if one names no user, or the user of another one."""
    given = [_without_empty(grant) for grant in grants]
    problems = [problem for index in range(len(given)) for problem in _problems(given, index)]
    if problems:
        raise OptionError(f"Invalid options: {'; '.join(problems)}.")
    return given


def to_request(grants: t.Sequence[Grant]) -> Grants:
    """Return the grants for a request: the three documented keys as text, without empty values and without grants that name no user."""
    return [grant for grant in map(_without_empty, grants) if _names_user(grant)]


def to_diff(grants: t.Sequence[Grant]) -> Grants:
    """Return the grants in the order of results, without the keys that have no value."""
    return [_without_empty(grant) for grant in to_result(grants)]


def to_result(grants: t.Sequence[Grant]) -> list[GrantResult]:
    """Return the grants in the shape of results, sorted."""
    full: list[GrantResult] = [
        {"user_id": grant.get("user_id"), "user_name": grant.get("user_name"), "user_type": grant.get("user_type")}
        for grant in to_request(grants)
    ]
    return sorted(full, key=lambda grant: (grant["user_name"] or "", grant["user_id"] or ""))


def merge(desired: t.Sequence[Grant], actual: t.Sequence[Grant], purge: bool) -> Grants:
    """Return the desired grants, each user once. Without ``purge``, they include the existing ones.

    Existing users keep the ID, name and type that the task does not set.
    """
    existing = to_request(actual)
    result = [_complete(grant, existing) for grant in to_request(desired)]
    return _unique(result if purge else result + existing)


def is_equal(desired: t.Sequence[Grant], actual: t.Sequence[Grant]) -> bool:
    """Return whether both lists have the same users in any order, without contradicting types."""
    return _covers(desired, actual) and _covers(actual, desired)


def _without_empty(grant: Grant) -> dict[str, str]:
    texts = {key: to_text(grant.get(key)) for key in _KEYS}
    return {key: text for key, text in texts.items() if text}


def _problems(grants: t.Sequence[Grant], index: int) -> t.Iterator[str]:
    """Yield what is wrong with one of the grants, given those before it."""
    grant = grants[index]
    if not _names_user(grant):
        yield f"grants[{index}] needs user_id or user_name"
        return
    earlier = next((position for position, other in enumerate(grants[:index]) if _is_same(grant, other)), None)
    if earlier is not None:
        name = grant.get("user_name") or grant.get("user_id")
        type_ = "" if _agree(grant, grants[earlier]) else " with another user_type"
        yield f"grants[{index}] names the same user as grants[{earlier}]{type_}: '{name}'"


def _names_user(grant: Grant) -> bool:
    return bool(grant.get("user_id") or grant.get("user_name"))


def _unique(grants: Grants) -> Grants:
    found: Grants = []
    for grant in grants:
        known = next((other for other in found if _is_same(grant, other)), None)
        if known is None:
            found.append(dict(grant))
        else:
            # The first grant takes precedence. Later ones add missing values.
            known.update({key: value for key, value in grant.items() if key not in known})
    return found


def _covers(some: t.Sequence[Grant], others: t.Sequence[Grant]) -> bool:
    return all(any(_is_same(grant, other) and _agree(grant, other) for other in others) for grant in some)


def _complete(grant: dict[str, str], existing: Grants) -> dict[str, str]:
    found = [other for other in existing if _is_same(grant, other)]
    # A federated user and an IAM user may have the same name. Then the type identifies them.
    best = next((other for other in found if _agree(grant, other)), found[0] if found else {})
    return dict(best, **grant)


def _agree(one: Grant, other: Grant) -> bool:
    return (
        not one.get("user_type")
        or not other.get("user_type")
        or equals_ignore_case(one["user_type"], other["user_type"])
    )


def _is_same(one: Grant, other: Grant) -> bool:
    key = "user_id" if one.get("user_id") and other.get("user_id") else "user_name"
    return bool(one.get(key)) and one.get(key) == other.get(key)
