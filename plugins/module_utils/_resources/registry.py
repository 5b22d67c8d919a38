# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The three kinds of things as apply sees them: what their items look like and how a wish is made of one."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import MESH, ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import (
    Observed,
    Resource,
    ResourceResult,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import desired_release
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    Release,
    releases_of,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.specs import (
    RELEASE,
    WORKSHOP,
    WORKSPACE,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop import (
    Workshop,
    check_workshop,
    workshops_of,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.reads import (
    DEFAULT_ID,
    DEFAULT_NAME,
    workspaces_of,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workspace.resource import (
    Workspace,
    check_workspace,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._values import to_text

Names = t.FrozenSet[t.Tuple[str, str]]
PruneCandidate = t.Tuple[Names, t.Dict[str, t.Any]]


class ResourceType(t.NamedTuple):
    """One kind. ``noun`` and ``plural`` name it; ``prepare`` checks options without any call, ``make`` turns them into a wish."""

    kind_name: str
    plural: str
    arguments: ArgumentSpec
    in_mesh: bool
    validate_options: t.Callable[[Params], t.Any]
    make: t.Callable[[Session, Params, t.Any, t.Optional[ResourceResult]], Resource]
    # Of each thing that may be removed: what an item can call it, and the options that remove it.
    removals: t.Callable[[Session, t.Optional[ResourceResult]], t.List[PruneCandidate]]

    def label(self, options: t.Mapping[str, t.Any]) -> str:
        """What an item is called in results: the name, of a release with its namespace."""
        name = str(options.get("new_name") or options.get("name") or options.get("id") or "?")
        return f"{options.get('namespace')}/{name}" if self.kind_name == "release" else name

    def names(self, options: t.Mapping[str, t.Any]) -> Names:
        """Everything by which an item may mean a thing, now or later."""
        if self.kind_name == "release":
            return frozenset([("name", self.label(options))])
        found = [("id", options.get("id")), ("name", options.get("name")), ("name", options.get("new_name"))]
        return frozenset((key, str(value)) for key, value in found if value)


def _workspace(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    return Workspace(session, params)


def _workshop(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    mesh = t.cast(ResourceResult, mesh)
    return Workshop(session, params, mesh, workshops_of(session, mesh["id"]))


def _release(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    mesh = t.cast(ResourceResult, mesh)
    for warning in desired.warnings:
        session.warn(warning)
    return Release(session, params, desired, mesh, releases_of(session, mesh["id"]))


def _workspaces_to_remove(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries: list[Observed] = workspaces_of(session).read(session.max_age).all()
    return [
        (frozenset([("id", str(entry["id"])), ("name", entry["name"])]), {"name": entry["name"], "state": "absent"})
        for entry in entries
        if to_text(entry["id"]) != DEFAULT_ID and entry["name"] != DEFAULT_NAME
    ]


def _workshops_to_remove(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries: list[Observed] = workshops_of(session, t.cast(ResourceResult, mesh)["id"]).read(session.max_age).all()
    return [
        (frozenset([("name", entry["metadata"]["name"])]), {"name": entry["metadata"]["name"], "state": "absent"})
        for entry in entries
    ]


def _releases_to_remove(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries: list[Observed] = releases_of(session, t.cast(ResourceResult, mesh)["id"]).read(session.max_age).all()
    # A release that has ended is only a record: there is nothing to cancel.
    active = [entry for entry in entries if not Phases().is_done(entry.get("status") or {})]
    found = [(entry["metadata"]["namespace"], entry["metadata"]["name"]) for entry in active]
    # Nobody asked for a certain release, so one that somebody else ends in the meantime needs no warning.
    desired = {"state": "canceled", "on_missing": "ignore"}
    return [
        (frozenset([("name", f"{namespace}/{name}")]), {"name": name, "namespace": namespace, **desired})
        for namespace, name in dict.fromkeys(found)
    ]


RESOURCE_TYPES = (
    ResourceType("workspace", "workspaces", WORKSPACE, False, check_workspace, _workspace, _workspaces_to_remove),
    ResourceType("workshop", "workshops", MESH.merge(WORKSHOP), True, check_workshop, _workshop, _workshops_to_remove),
    ResourceType("release", "releases", MESH.merge(RELEASE), True, desired_release, _release, _releases_to_remove),
)
