# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Meshes as a type of resource."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.options import (
    MANAGED_MESH,
    check_managed_mesh,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.reads import (
    get_mesh_list,
    is_deleting,
    is_failed,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.mesh.resource import Mesh
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.resource_type import (
    Options,
    PruneCandidate,
    ReportedResult,
    ResourceType,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._resources.results import MeshResult


def _make_mesh(session: Session, params: Params, desired: t.Any, mesh: MeshResult | None) -> Resource:
    return Mesh(session, params, desired or frozenset())


def _list_removals(session: Session, mesh: MeshResult | None) -> list[PruneCandidate]:
    entries = get_mesh_list(session).read(session.max_age).all()
    names = dict.fromkeys(entry["metadata"]["name"] for entry in entries if not is_deleting(entry))
    return [(frozenset([("name", name)]), {"name": name, "state": "absent"}) for name in names]


def _summarize(result: ReportedResult) -> str:
    return f"{result['name']:<24} {result.get('phase') or '?':<10} {result.get('version') or ''}"


def _describe_failure(result: ReportedResult, options: Options) -> str:
    return f"phase {result['phase']}" if is_failed(result.get("phase")) else ""


MESH_TYPE = ResourceType(
    "mesh",
    "meshes",
    MANAGED_MESH,
    False,
    check_managed_mesh,
    _make_mesh,
    _list_removals,
    summarize=_summarize,
    describe_failure=_describe_failure,
    contains_others=True,
)
