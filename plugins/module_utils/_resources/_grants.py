# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Grants of a workspace: a set of users. The service may fill in whichever of id and name was not given."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._values import same_word

Grant = t.Mapping[str, t.Any]
Grants = list[dict[str, t.Any]]

_KEYS = ("user_id", "user_name", "user_type")
# What a grant without a type is.
_DEFAULT_TYPE = "IAM"


def written(grants: t.Sequence[Grant]) -> Grants:
    """Grants as the user wrote them, without what is empty. Raises OptionError for one without a user."""
    given = sent(grants)
    for index, grant in enumerate(given):
        if not grant.get("user_id") and not grant.get("user_name"):
            raise OptionError(f"Invalid options: grants[{index}] needs user_id or user_name.")
    return given


def sent(grants: t.Sequence[Grant]) -> Grants:
    """Grants as they are sent: the three documented keys, without what is empty."""
    return [{key: grant[key] for key in _KEYS if grant.get(key)} for grant in grants]


def shown(grants: t.Sequence[Grant]) -> Grants:
    """Grants in the shape users see, in an order that does not depend on the service's."""
    full = [{key: grant.get(key) or None for key in _KEYS} for grant in grants]
    return sorted(full, key=lambda grant: (grant["user_name"] or "", grant["user_id"] or ""))


def merged(wish: t.Sequence[Grant], have: t.Sequence[Grant], purge: bool) -> Grants:
    """The grants to have: those wished and, without ``purge``, the present ones beside them. Who is there already keeps both id and name."""
    wanted = [_known(grant, have) for grant in sent(wish)]
    others = [] if purge else [grant for grant in sent(have) if not any(_is_same(grant, other) for other in wanted)]
    unique: Grants = []
    for grant in wanted + others:
        if not any(_is_same(grant, other) for other in unique):
            unique.append(grant)
    return unique


def same(want: t.Sequence[Grant], have: t.Sequence[Grant]) -> bool:
    """Whether both name the same users, in any order."""
    return _covers(want, have) and _covers(have, want)


def _covers(some: t.Sequence[Grant], others: t.Sequence[Grant]) -> bool:
    return all(any(_is_same(grant, other) for other in others) for grant in some)


def _known(grant: dict[str, t.Any], have: t.Sequence[Grant]) -> dict[str, t.Any]:
    for other in have:
        if _is_same(grant, other):
            return dict(sent([other])[0], **grant)
    return grant


def _is_same(one: Grant, other: Grant) -> bool:
    key = "user_id" if one.get("user_id") and other.get("user_id") else "user_name"
    same_user = bool(one.get(key)) and one.get(key) == other.get(key)
    return same_user and same_word(one.get("user_type") or _DEFAULT_TYPE, other.get("user_type") or _DEFAULT_TYPE)
