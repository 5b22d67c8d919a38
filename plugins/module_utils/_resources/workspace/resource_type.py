# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workspaces as a type of resource."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource, ResourceResult
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.resource_type import (
    Options,
    PruneCandidate,
    ReportedResult,
    ResourceType,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.options import (
    WORKSPACE,
    check_workspace,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    DEFAULT_ID,
    DEFAULT_NAME,
    get_workspace_list,
    is_failed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.resource import Workspace
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import to_text


def _make_workspace(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    return Workspace(session, params)


def _list_removals(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    """Return all workspaces but the default one, which cannot be deleted."""
    entries = get_workspace_list(session).read(session.max_age).all()
    return [
        (frozenset([("id", str(entry["id"])), ("name", entry["name"])]), {"name": entry["name"], "state": "absent"})
        for entry in entries
        if to_text(entry["id"]) != DEFAULT_ID and entry["name"] != DEFAULT_NAME
    ]


def _summarize(result: ReportedResult) -> str:
    users = " ".join(str(grant["user_name"]) for grant in result.get("grants") or [])
    limited = " ".join(str(quota["resource"]) for quota in result.get("quotas") or [] if quota["quota"] != -1)
    details = ", ".join(filter(None, [result["auth_type"], users, limited]))
    return f"{result['name']:<24} {result.get('status') or '?':<10} {details}"


def _describe_failure(result: ReportedResult, options: Options) -> str:
    if not is_failed(result.get("status")):
        return ""
    return f"status {result['status']}: {result.get('status_info') or 'the service gives no reason'}"


WORKSPACE_TYPE = ResourceType(
    "workspace",
    "workspaces",
    WORKSPACE,
    False,
    check_workspace,
    _make_workspace,
    _list_removals,
    summarize=_summarize,
    describe_failure=_describe_failure,
)
