# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the service tells of workspaces: lists, what no list holds (grants and quotas), and the shape users see."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._api import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Observed, ResourceResult
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import grants as grants_of
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace import quotas as quotas_of
from ansible_collections.community.huaweicloud.plugins.module_utils._session import CachedList, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import (
    equals_ignore_case,
    format_time,
    to_text,
)

DEFAULT_NAME = "default"
DEFAULT_ID = "0"
# Of a workspace that names no enterprise project.
DEFAULT_PROJECT = "0"


def workspace_to_result(raw: Observed) -> ResourceResult:
    """A workspace in the shape users see.

    ``grants`` mean something only where ``auth_type`` is internal and are ``[]`` elsewhere; they are ``None`` where they were not read.
    """
    auth_type = raw.get("auth_type")
    result = {
        "id": to_text(raw.get("id")),
        "name": raw["name"],
        "description": raw.get("description") or "",
        "auth_type": auth_type.lower() if auth_type else auth_type,
        "grants": grants_to_result(raw),
        "enterprise_project_id": to_text(raw.get("enterprise_project_id"))
        or (DEFAULT_PROJECT if "id" in raw else None),
        "enterprise_project_name": to_text(raw.get("enterprise_project_name")),
        "owner": to_text(raw.get("owner")),
        "status": raw.get("status"),
        "status_info": raw.get("status_info") or "",
        "created_at": format_time(raw.get("create_time")),
        "updated_at": format_time(raw.get("update_time")),
    }
    if quotas_of.KEY in raw:
        result["quotas"] = quotas_of.to_result(raw[quotas_of.KEY])
    return result


def grants_to_result(raw: Observed) -> list[dict[str, t.Any]] | None:
    """The grants in the shape users see; ``None`` where they mean something and were not read."""
    if not is_internal(raw.get("auth_type")):
        return []
    grants = raw.get("grants")
    return None if grants is None else grants_of.to_result(grants)


def is_internal(auth_type: str | None) -> bool:
    """Whether the workspace is for the users named in its grants only."""
    return equals_ignore_case(auth_type, "internal")


def is_known(auth_type: str | None) -> bool:
    """Whether the reference names it, so that it is certain what grants mean beside it."""
    return (auth_type or "").lower() in shapes.AUTH_TYPES


def workspaces_of(session: Session, name: str | None = None) -> CachedList:
    """The list of the project's workspaces, or of those whose name contains ``name``; all of them where lists are kept for others."""
    part = None if session.keeps_lists else name
    return session.listing(("workspaces", part), lambda: modelarts.list_workspaces(session.client, part), _keys)


def default_quotas(session: Session) -> CachedList:
    """The quotas of the default workspace, which every project has: what there is and its limits are the same in all."""

    def read() -> list[Observed]:
        return modelarts.list_quotas(session.client, DEFAULT_ID, DEFAULT_NAME)

    return session.listing(("quotas", DEFAULT_ID), read, lambda quota: [("resource", quota["resource"])])


def read_details(session: Session, entry: Observed) -> Observed:
    """The entry of a list with the grants, which no list holds; the entry itself where they mean nothing for certain."""
    if is_known(entry.get("auth_type")) and not is_internal(entry["auth_type"]):
        return entry
    return dict(entry, **read_workspace(session, t.cast(str, to_text(entry["id"])), entry["name"]))


def read_workspace(session: Session, workspace_id: str, name: str) -> Observed:
    """One workspace with its grants, read by its id."""
    observed = modelarts.get_workspace(session.client, workspace_id, name)
    # No grants at all may be read as none. The id stays the one that was asked for.
    return dict(observed, id=workspace_id, grants=observed.get("grants") or [])


def with_quotas(session: Session, observed: Observed) -> Observed:
    """The workspace with its quotas, which take a request of their own."""
    return dict(
        observed, quotas=modelarts.list_quotas(session.client, t.cast(str, to_text(observed["id"])), observed["name"])
    )


def list_results(
    session: Session, fits: t.Callable[[ResourceResult], bool], *, grants: bool, quotas: bool
) -> list[ResourceResult]:
    """Every workspace whose list entry ``fits``, as shown; grants and quotas are read, one request each, only where asked for."""
    listing = workspaces_of(session)
    found = []
    for entry in listing.read(session.max_age).all():
        if not fits(workspace_to_result(entry)):
            continue
        try:
            observed = read_details(session, entry) if grants else entry
            found.append(workspace_to_result(with_quotas(session, observed) if quotas else observed))
        except ServiceError as error:
            # It may have gone since, and then a list says so.
            if not modelarts.is_unknown_workspace(error) or listing.refresh().find_by_key(("id", to_text(entry["id"]))):
                raise
    return found


def _keys(raw: Observed) -> list[tuple[str, t.Any]]:
    return [("id", to_text(raw["id"])), ("name", raw["name"])]
