# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the service tells of workspaces: lists, what no list holds (grants and quotas), and the shape users see."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile._resource import Shown, Thing
from ansible_collections.community.huaweicloud.plugins.module_utils._resources import _grants as grants_of
from ansible_collections.community.huaweicloud.plugins.module_utils._resources import _quotas as quotas_of
from ansible_collections.community.huaweicloud.plugins.module_utils._schemas import modelarts as shapes
from ansible_collections.community.huaweicloud.plugins.module_utils._services import modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Listing, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import same_word, text_of, time_from_text

DEFAULT_NAME = "default"
DEFAULT_ID = "0"
# Of a workspace that names no enterprise project.
DEFAULT_PROJECT = "0"


def show_workspace(raw: Thing) -> Shown:
    """A workspace in the shape users see.

    ``grants`` mean something only where ``auth_type`` is internal and are ``[]`` elsewhere; they are ``None`` where they were not read.
    """
    auth_type = raw.get("auth_type")
    shown = {
        "id": text_of(raw.get("id")),
        "name": raw["name"],
        "description": raw.get("description") or "",
        "auth_type": auth_type.lower() if auth_type else auth_type,
        "grants": shown_grants(raw),
        "enterprise_project_id": text_of(raw.get("enterprise_project_id"))
        or (DEFAULT_PROJECT if "id" in raw else None),
        "enterprise_project_name": text_of(raw.get("enterprise_project_name")),
        "owner": text_of(raw.get("owner")),
        "status": raw.get("status"),
        "status_info": raw.get("status_info") or "",
        "created_at": time_from_text(raw.get("create_time")),
        "updated_at": time_from_text(raw.get("update_time")),
    }
    if quotas_of.KEY in raw:
        shown["quotas"] = quotas_of.show(raw[quotas_of.KEY])
    return shown


def shown_grants(raw: Thing) -> list[dict[str, t.Any]] | None:
    """The grants in the shape users see; ``None`` where they mean something and were not read."""
    if not is_internal(raw.get("auth_type")):
        return []
    grants = raw.get("grants")
    return None if grants is None else grants_of.shown(grants)


def is_internal(auth_type: str | None) -> bool:
    """Whether the workspace is for the users named in its grants only."""
    return same_word(auth_type, "internal")


def is_known(auth_type: str | None) -> bool:
    """Whether the reference names it, so that it is certain what grants mean beside it."""
    return (auth_type or "").lower() in shapes.AUTH_TYPES


def workspaces_of(session: Session, name: str | None = None) -> Listing:
    """The list of the project's workspaces, or of those whose name contains ``name``; all of them where lists are kept for others."""
    part = None if session.keeps_lists else name
    return session.listing(("workspaces", part), lambda: modelarts.list_workspaces(session.client, part), _keys)


def usual_quotas_of(session: Session) -> Listing:
    """The quotas of the default workspace, which every project has: what there is and its limits are the same in all."""

    def read() -> list[Thing]:
        return modelarts.list_quotas(session.client, DEFAULT_ID, DEFAULT_NAME)

    return session.listing(("quotas", DEFAULT_ID), read, lambda quota: [("resource", quota["resource"])])


def read_details(session: Session, entry: Thing) -> Thing:
    """The entry of a list with the grants, which no list holds; the entry itself where they mean nothing for certain."""
    if is_known(entry.get("auth_type")) and not is_internal(entry["auth_type"]):
        return entry
    return dict(entry, **read_workspace(session, t.cast(str, text_of(entry["id"])), entry["name"]))


def read_workspace(session: Session, workspace_id: str, name: str) -> Thing:
    """One workspace with its grants, read by its id."""
    thing = modelarts.show_workspace(session.client, workspace_id, name)
    # No grants at all may be read as none. The id stays the one that was asked for.
    return dict(thing, id=workspace_id, grants=thing.get("grants") or [])


def with_quotas(session: Session, thing: Thing) -> Thing:
    """The workspace with its quotas, which take a request of their own."""
    return dict(thing, quotas=modelarts.list_quotas(session.client, t.cast(str, text_of(thing["id"])), thing["name"]))


def list_shown(session: Session, fits: t.Callable[[Shown], bool], *, grants: bool, quotas: bool) -> list[Shown]:
    """Every workspace whose list entry ``fits``, as shown; grants and quotas are read, one request each, only where asked for."""
    listing = workspaces_of(session)
    found = []
    for entry in listing.read(session.max_age).all():
        if not fits(show_workspace(entry)):
            continue
        try:
            thing = read_details(session, entry) if grants else entry
            found.append(show_workspace(with_quotas(session, thing) if quotas else thing))
        except ServiceError as error:
            # It may have gone since, and then a list says so.
            if not modelarts.means_absent(error) or listing.refresh().under(("id", text_of(entry["id"]))):
                raise
    return found


def _keys(raw: Thing) -> list[tuple[str, t.Any]]:
    return [("id", text_of(raw["id"])), ("name", raw["name"])]
