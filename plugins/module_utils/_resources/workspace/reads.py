# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read workspaces: lists, the grants and quotas that lists omit, and the shape of results."""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Deadline
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.client import Client
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import (
    grants as workspace_grants,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import (
    quotas as workspace_quotas,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import CachedList, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import (
    equals_ignore_case,
    format_time,
    id_to_text,
    to_text,
)

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import (
        GrantResult,
        WorkspaceResult,
    )


DEFAULT_NAME = "default"
DEFAULT_ID = "0"
# The enterprise project of a workspace that names none.
DEFAULT_PROJECT = "0"
_FAILED_STATUSES = ("CREATE_FAILED", "DELETE_FAILED")


def workspace_to_result(raw: objects.Workspace) -> WorkspaceResult:
    """Return a workspace in the shape of results.

    ``grants`` are ``[]`` unless ``auth_type`` is internal, because the service ignores them otherwise. They are ``None`` if they were not read.
    """
    project = to_text(raw.get("enterprise_project_id")) or (DEFAULT_PROJECT if "id" in raw else None)
    result = make_workspace_result(
        raw["name"],
        workspace_id=to_text(raw.get("id")),
        description=raw.get("description"),
        auth_type=raw.get("auth_type"),
        grants=grants_to_result(raw),
        enterprise_project_id=project,
        enterprise_project_name=to_text(raw.get("enterprise_project_name")),
        owner=to_text(raw.get("owner")),
        status=raw.get("status"),
        status_info=raw.get("status_info"),
        created_at=format_time(raw.get("create_time")),
        updated_at=format_time(raw.get("update_time")),
    )
    if workspace_quotas.KEY in raw:
        result["quotas"] = workspace_quotas.to_result(raw[workspace_quotas.KEY])
    return result


def make_workspace_result(
    name: str,
    *,
    workspace_id: str | None = None,
    description: str | None = None,
    auth_type: str | None = None,
    grants: list[GrantResult] | None = None,
    enterprise_project_id: str | None = None,
    enterprise_project_name: str | None = None,
    owner: str | None = None,
    status: str | None = None,
    status_info: str | None = None,
    created_at: str | None = None,
    updated_at: str | None = None,
) -> WorkspaceResult:
    """Return a result with all keys except for the quotas. What is not given is not known yet."""
    return {
        "id": workspace_id,
        "name": name,
        "description": description or "",
        # Thousands of workspaces share the text.
        "auth_type": sys.intern(auth_type.lower()) if auth_type else auth_type,
        "grants": grants,
        "enterprise_project_id": enterprise_project_id,
        "enterprise_project_name": enterprise_project_name,
        "owner": owner,
        "status": status,
        "status_info": status_info or "",
        "created_at": created_at,
        "updated_at": updated_at,
    }


def grants_to_result(raw: objects.Workspace) -> list[GrantResult] | None:
    """Return the grants in the shape of results, or ``None`` if they are relevant and were not read."""
    if not is_internal(raw.get("auth_type")):
        return []
    grants = raw.get("grants")
    return None if grants is None else workspace_grants.to_result(grants)


def is_failed(status: str | None) -> bool:
    """Return whether the creation or the deletion of a workspace has failed."""
    return any(equals_ignore_case(status, failed) for failed in _FAILED_STATUSES)


def is_internal(auth_type: str | None) -> bool:
    """Return whether only the users in its grants can use the workspace."""
    return equals_ignore_case(auth_type, "internal")


def is_known(auth_type: str | None) -> bool:
    """Return whether the reference documents this auth_type, so that the meaning of grants is certain."""
    return (auth_type or "").lower() in shapes.AUTH_TYPES


def get_workspace_list(session: Session, name: str | None = None) -> CachedList[objects.Workspace]:
    """Return the list of workspaces whose name contains ``name``, or of all workspaces if lists are cached."""
    part = None if session.keeps_lists else name
    return session.listing(
        ("workspaces", part), lambda deadline: modelarts.list_workspaces(session.client.until(deadline), part), _keys
    )


def default_quotas(session: Session) -> CachedList[objects.Quota]:
    """Return the quotas of the default workspace. All workspaces have the same resources and limits."""

    def read(deadline: Deadline) -> list[objects.Quota]:
        return modelarts.list_quotas(session.client.until(deadline), DEFAULT_ID, DEFAULT_NAME)

    return session.listing(("quotas", DEFAULT_ID), read, lambda quota: [("resource", quota["resource"])])


def read_details(client: Client, entry: objects.Workspace) -> objects.Workspace:
    """Return the entry of a list with its grants. Without a request, if grants are certainly irrelevant."""
    if is_known(entry.get("auth_type")) and not is_internal(entry["auth_type"]):
        return entry
    return {**entry, **read_workspace(client, id_to_text(entry["id"]), entry["name"])}


def read_workspace(client: Client, workspace_id: str, name: str) -> objects.Workspace:
    """Return one workspace with its grants. It is read by its ID."""
    observed = modelarts.get_workspace(client, workspace_id, name)
    # A response without grants means an empty list, and one without status_info an empty text. The ID in the request is the reliable one.
    grants, status_info = observed.get("grants") or [], observed.get("status_info") or ""
    return {**observed, "id": workspace_id, "grants": grants, "status_info": status_info}


def with_quotas(client: Client, observed: objects.Workspace) -> objects.Workspace:
    """Return the workspace with its quotas, which need a request of their own."""
    return {**observed, "quotas": modelarts.list_quotas(client, id_to_text(observed["id"]), observed["name"])}


def list_workspace_results(
    session: Session, is_match: t.Callable[[WorkspaceResult], bool], *, grants: bool, quotas: bool
) -> list[WorkspaceResult]:
    """Return the results of all workspaces whose list entry ``is_match``. Grants and quotas need one request each."""
    listing = get_workspace_list(session)
    found = []
    for entry in listing.read(session.max_age).all():
        if not is_match(workspace_to_result(entry)):
            continue
        try:
            observed = read_details(session.client, entry) if grants else entry
            found.append(workspace_to_result(with_quotas(session.client, observed) if quotas else observed))
        except ServiceError as error:
            # It may have been deleted since. Only a list proves that.
            if not modelarts.is_unknown_workspace(error) or listing.refresh().find_by_key(("id", to_text(entry["id"]))):
                raise
    return found


def _keys(raw: objects.Workspace) -> list[tuple[str, object]]:
    return [("id", to_text(raw["id"])), ("name", raw["name"])]
