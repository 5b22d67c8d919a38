# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find items that cannot both be carried out."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item

# The kind of an item, and one of the unique keys of its resource.
UniqueKey = t.Tuple[str, t.Tuple[t.Any, ...]]
# Unique keys that identify the resource itself.
_IDENTITIES = ("id", "name")


def fail_conflicting_items(items: t.Sequence[Item]) -> None:
    """Fail each item that is about the same resource as another, or needs what only one resource can have.

    Of two such items, the second fails, or the one whose resource does not exist yet.
    """
    owners: dict[UniqueKey, Item] = {}
    for item in sorted(items, key=lambda item: item.is_new):
        for (kind, key), words in _unique_keys(item).items():
            owner = owners.setdefault((kind, key), item)
            same = key[0] in _IDENTITIES
            # Whatever two existing resources share, the service has accepted it.
            if owner is not item and (same or item.is_new):
                item.error = OptionError(
                    f"{_format_item(item)} and {_format_item(owner)} both use {words}.",
                    hint="List it once." if same else "Change or delete one of the two items.",
                )
                break


def _unique_keys(item: Item) -> t.Mapping[UniqueKey, str]:
    """Return what no other item may have, each with a description. An item that deletes its resource has only its identity."""
    if item.plan is None or item.error is not None:
        return {}
    resource, plan = item.planned()
    found = (plan.before or {}).get("id")
    unique_keys: dict[UniqueKey, str] = {(item.kind, ("id", found)): f"the one with the id '{found}'"} if found else {}
    for key, words in resource.unique_keys.items():
        if key[0] in _IDENTITIES or not resource.desired_state.final_action:
            unique_keys[item.kind, key] = words
    return unique_keys


def _format_item(item: Item) -> str:
    return item.subject + (f" ({item.path})" if item.path else "")
