# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What ``apply`` and the reports need to know of one type of resource."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult

Options = t.Mapping[str, t.Any]
# A result as reports read it: plain data, which may be redacted.
ReportedResult = t.Mapping[str, t.Any]
Names = t.FrozenSet[t.Tuple[str, str]]
PruneCandidate = t.Tuple[Names, t.Dict[str, t.Any]]


def format_name(options: Options) -> str:
    """Return the name of an item for results: the name that the resource has after the task."""
    return str(options.get("new_name") or options.get("name") or options.get("id") or "?")


def list_names(options: Options) -> Names:
    """Return all identifiers by which an item may refer to an object."""
    found = [("id", options.get("id")), ("name", options.get("name")), ("name", options.get("new_name"))]
    return frozenset((key, str(value)) for key, value in found if value)


def summarize_name(result: ReportedResult) -> str:
    """Return the name of an existing resource for a list of resources."""
    return str(result["name"])


def describe_no_failure(result: ReportedResult, options: Options) -> str:
    """Return that the resource has not failed, for types whose resources cannot fail."""
    return ""


class ResourceType(t.NamedTuple):
    """One type of resource. ``validate_options`` checks the options of an item and sends nothing. ``make`` returns the resource of an item."""

    kind_name: str
    plural: str
    arguments: ArgumentSpec
    in_mesh: bool
    validate_options: t.Callable[[Params], t.Any]
    # The arguments are the session, the options, the result of validate_options, and the mesh, if the type is in meshes.
    make: t.Callable[[Session, Params, t.Any, t.Optional[MeshResult]], Resource]
    # Returns for each existing object its names, and the options that delete it.
    removals: t.Callable[[Session, t.Optional[MeshResult]], t.List[PruneCandidate]]
    label: t.Callable[[Options], str] = format_name
    names: t.Callable[[Options], Names] = list_names
    # Returns an existing resource as the end of one line of text: its name and its most important values.
    summarize: t.Callable[[ReportedResult], str] = summarize_name
    # Returns why the resource is in a state that it cannot leave on its own, or an empty text. The options are those of its item, if it has one.
    describe_failure: t.Callable[[ReportedResult, Options], str] = describe_no_failure
    # Whether resources of other types are in resources of this type.
    contains_others: bool = False


def require_mesh(mesh: MeshResult | None) -> MeshResult:
    """Return the mesh of an item whose type is in meshes."""
    if mesh is None:
        raise ValueError("the resource needs a mesh")
    return mesh
