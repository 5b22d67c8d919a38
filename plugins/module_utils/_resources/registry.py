# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The kinds of resources that ``apply`` supports."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import MESH, ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Observed,
    Resource,
    ResourceResult,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
    RELEASE,
    desired_release,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    Release,
    get_release_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop import (
    WORKSHOP,
    Workshop,
    check_workshop,
    get_workshop_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.options import (
    WORKSPACE,
    check_workspace,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    DEFAULT_ID,
    DEFAULT_NAME,
    get_workspace_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.resource import Workspace
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import to_text

Names = t.FrozenSet[t.Tuple[str, str]]
PruneCandidate = t.Tuple[Names, t.Dict[str, t.Any]]


class ResourceType(t.NamedTuple):
    """One kind of resource. ``validate_options`` checks the options of an item and sends nothing. ``make`` returns the resource of an item."""

    kind_name: str
    plural: str
    arguments: ArgumentSpec
    in_mesh: bool
    validate_options: t.Callable[[Params], t.Any]
    make: t.Callable[[Session, Params, t.Any, t.Optional[ResourceResult]], Resource]
    # Returns for each existing object its names, and the options that delete it.
    removals: t.Callable[[Session, t.Optional[ResourceResult]], t.List[PruneCandidate]]

    def label(self, options: t.Mapping[str, t.Any]) -> str:
        """Return the name of an item in results. The name of a release includes its namespace."""
        name = str(options.get("new_name") or options.get("name") or options.get("id") or "?")
        return f"{options.get('namespace')}/{name}" if self.kind_name == "release" else name

    def names(self, options: t.Mapping[str, t.Any]) -> Names:
        """Return all identifiers by which an item may refer to an object."""
        if self.kind_name == "release":
            return frozenset([("name", self.label(options))])
        found = [("id", options.get("id")), ("name", options.get("name")), ("name", options.get("new_name"))]
        return frozenset((key, str(value)) for key, value in found if value)


def _workspace(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    return Workspace(session, params)


def _workshop(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    mesh = t.cast(ResourceResult, mesh)
    return Workshop(session, params, mesh, get_workshop_list(session, mesh["id"]))


def _release(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    mesh = t.cast(ResourceResult, mesh)
    for warning in desired.warnings:
        session.warn(warning)
    return Release(session, params, desired, mesh, get_release_list(session, mesh["id"]))


def _find_workspaces_to_delete(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries: list[Observed] = get_workspace_list(session).read(session.max_age).all()
    return [
        (frozenset([("id", str(entry["id"])), ("name", entry["name"])]), {"name": entry["name"], "state": "absent"})
        for entry in entries
        if to_text(entry["id"]) != DEFAULT_ID and entry["name"] != DEFAULT_NAME
    ]


def _find_workshops_to_delete(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries: list[Observed] = get_workshop_list(session, t.cast(ResourceResult, mesh)["id"]).read(session.max_age).all()
    return [
        (frozenset([("name", entry["metadata"]["name"])]), {"name": entry["metadata"]["name"], "state": "absent"})
        for entry in entries
    ]


def _find_releases_to_delete(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries: list[Observed] = get_release_list(session, t.cast(ResourceResult, mesh)["id"]).read(session.max_age).all()
    # An ended release is only a record and cannot be canceled.
    active = [entry for entry in entries if not Phases().is_done(entry.get("status") or {})]
    found = [(entry["metadata"]["namespace"], entry["metadata"]["name"]) for entry in active]
    # The task names no certain release, so one that another client ends in the meantime needs no warning.
    desired = {"state": "canceled", "on_missing": "ignore"}
    return [
        (frozenset([("name", f"{namespace}/{name}")]), {"name": name, "namespace": namespace, **desired})
        for namespace, name in dict.fromkeys(found)
    ]


RESOURCE_TYPES = (
    ResourceType("workspace", "workspaces", WORKSPACE, False, check_workspace, _workspace, _find_workspaces_to_delete),
    ResourceType(
        "workshop", "workshops", MESH.merge(WORKSHOP), True, check_workshop, _workshop, _find_workshops_to_delete
    ),
    ResourceType("release", "releases", MESH.merge(RELEASE), True, desired_release, _release, _find_releases_to_delete),
)
