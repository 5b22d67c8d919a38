# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find the existing resources that the task does not list and that must be deleted."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.items import (
    RequestedItem,
    build_item,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.meshes import MeshLookup
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.patterns import check_match, compile_patterns
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.item import Item
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import (
    RESOURCE_TYPES,
    ResourceType,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._task import validate_params

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult


# Matches every name, also one with line breaks.
_EVERY_NAME = "(?s)."


def find_patterns(params: Params, check_mode: bool) -> dict[str, list[str]]:
    """Return the patterns of the names to prune by the plural of their kind.

    With ``detect_unmanaged``, they match every name of the kinds that the task lists or prunes.
    """
    prune = params["prune"] or {}
    if not params["detect_unmanaged"]:
        return {plural: patterns for plural, patterns in prune.items() if patterns}
    if not check_mode:
        raise OptionError(
            "detect_unmanaged requires check mode: otherwise, the task would delete all resources that it does not list.",
            hint="Set check_mode: true, or use prune.",
        )
    has_mesh = bool(params["mesh_id"] or params["mesh_name"])
    kinds = [kind for kind in RESOURCE_TYPES if params[kind.plural] is not None or prune.get(kind.plural)]
    return {kind.plural: [_EVERY_NAME] for kind in kinds if not kind.in_mesh or has_mesh or params[kind.plural]}


def find_kinds_to_prune(
    session: Session, patterns: t.Mapping[str, list[str]], items: list[Item]
) -> tuple[list[ResourceType], list[str]]:
    """Return the kinds to prune, and the plurals of those that are skipped."""
    requested = [kind for kind in RESOURCE_TYPES if kind.plural in patterns]
    # It is unknown which resource an invalid item is about. It may be one that would be deleted.
    skipped = [kind for kind in requested if any(item.error for item in items if item.kind == kind.kind_name)]
    for kind in skipped:
        session.warn(f"No {kind.plural} are pruned, because an item is invalid.")
    return [kind for kind in requested if kind not in skipped], [kind.plural for kind in skipped]


def build_prune_items(
    session: Session,
    kinds: t.Sequence[ResourceType],
    patterns: t.Mapping[str, list[str]],
    params: Params,
    requested: list[RequestedItem],
    meshes: MeshLookup,
) -> list[Item]:
    """Return items that delete the resources that match and are not listed."""
    found: list[Item] = []
    for kind in kinds:
        listed = [item for item in requested if item.kind is kind]
        for mesh in _list_meshes(params, kind, listed, meshes):
            found += _prune_mesh(
                session,
                kind,
                compile_patterns(kind.plural, patterns[kind.plural]),
                mesh,
                [item for item in listed if mesh is None or meshes.find(item.options) == mesh],
                meshes,
                # If the plan only reports unmanaged meshes, it does not matter whether they could be deleted.
                forces=params["detect_unmanaged"] and kind.contains_others,
            )
    return found


def _prune_mesh(
    session: Session,
    kind: ResourceType,
    patterns: list[re.Pattern[str]],
    mesh: MeshResult | None,
    listed: list[RequestedItem],
    meshes: MeshLookup,
    *,
    forces: bool,
) -> list[Item]:
    listed_names = {name for item in listed for name in kind.names(item.options)}
    mesh_options = {"mesh_id": mesh["id"]} if mesh else {"force": True} if forces else {}
    items = []
    for name, options in kind.removals(session, mesh):
        if listed_names.isdisjoint(name) and _is_matched(options["name"], patterns, kind):
            items.append(build_item(session, _prepare_deletion(kind, dict(options, **mesh_options)), meshes))
    return items


def _is_matched(name: str, patterns: t.Sequence[re.Pattern[str]], kind: ResourceType) -> bool:
    """Return whether one of the patterns matches somewhere in the name. Raise OptionError for an empty match."""
    matches = [pattern.search(name) for pattern in patterns]
    for index, match in enumerate(matches):
        check_match(match, f"prune: {kind.plural}[{index}]")
    return any(matches)


def _prepare_deletion(kind: ResourceType, options: dict[str, t.Any]) -> RequestedItem:
    label = kind.label(options)
    checked = validate_params(kind.arguments, options)[0]
    try:
        return RequestedItem(kind, label, checked, kind.validate_options(checked))
    except OptionError as error:
        # The service can list resources with names that it does not accept any more.
        message = f"prune matches {kind.kind_name} '{label}', which cannot be deleted in this way: {error.message}"
        return RequestedItem(kind, label, checked, error=error.replace(message=message))


def _list_meshes(
    params: Params, kind: ResourceType, listed: list[RequestedItem], meshes: MeshLookup
) -> list[MeshResult | None]:
    """Return the meshes in which a kind is pruned: that of the task, and those of its items."""
    if not kind.in_mesh:
        return [None]
    named: list[Params] = [item.options for item in listed]
    named += [params] if params["mesh_id"] or params["mesh_name"] else []
    if not named:
        raise OptionError(f"prune: {kind.plural} needs mesh_id or mesh_name")
    return list({mesh["id"]: mesh for mesh in map(meshes.find, named)}.values())
