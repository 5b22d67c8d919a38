# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The results of modules: of a success, of a failure, and the diff."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import Connection
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.planner import Outcome
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Action,
    Resource,
    select_fields,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Session

# From this verbosity on, a result contains the kind and the source of the credentials.
_SHOW_SOURCE_VERBOSITY = 3

Result = dict[str, t.Any]


def build_result(result: Result, session: Session, *, diff_mode: bool, verbosity: int) -> Result:
    """Return the complete result of a successful task: with request IDs, and with a diff only in diff mode."""
    result = dict(result, request_ids=session.request_ids())
    if not diff_mode:
        result.pop("diff", None)
    if verbosity >= _SHOW_SOURCE_VERBOSITY:
        result["auth_source"] = _describe_auth_source(session.client.connection)
    return result


def _describe_auth_source(connection: Connection) -> Result:
    """Return where the credentials come from, without the credentials."""
    credentials = connection.credentials
    return {"kind": credentials.kind, "source": credentials.source, "origin": connection.origin()}


def build_failure(error: HuaweiCloudError, session: Session | None) -> Result:
    """Return the result of a failed task, with the actions that were applied before."""
    return {
        "msg": str(error),
        "error": error.facts(),
        "changed": bool(error.actions),
        "actions": actions_to_result(error.actions),
        "request_ids": session.request_ids() if session else [],
    }


def actions_to_result(actions: t.Sequence[Action]) -> list[dict[str, t.Any]]:
    return [
        {"action": action.action, "fields": list(action.fields), "request_id": action.request_id} for action in actions
    ]


def make_diff(resource: Resource, outcome: Outcome) -> dict[str, t.Any]:
    """Return the diff of what the plan changes. It is the same in check mode and after the change.

    What only the service knows of a new object, such as its ID, is not in it.
    """
    after = outcome.planned if outcome.changed else outcome.after
    before = outcome.before if outcome.changed else after
    old, new = (resource.diff_fields(result) if result else {} for result in (before, after))
    unknown = {field for field, value in new.items() if value is None} if new.get("id") is None else set()
    return {"before": dict(old), "after": select_fields(new, unknown)}
