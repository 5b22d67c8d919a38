# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Workshops as a type of resource."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import MESH
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource, ResourceResult
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.resource_type import (
    PruneCandidate,
    ReportedResult,
    ResourceType,
    require_mesh,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.workshop.resource import (
    WORKSHOP,
    Workshop,
    check_workshop,
    get_workshop_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session


def _make_workshop(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    mesh = require_mesh(mesh)
    return Workshop(session, params, mesh, get_workshop_list(session, mesh["id"]))


def _list_removals(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    entries = get_workshop_list(session, require_mesh(mesh)["id"]).read(session.max_age).all()
    names = [entry["metadata"]["name"] for entry in entries]
    return [(frozenset([("name", name)]), {"name": name, "state": "absent"}) for name in names]


def _summarize(result: ReportedResult) -> str:
    ingress = result.get("ingress") or {}
    return f"{result['name']:<24} http://{ingress.get('elb_ip') or '?'}:{ingress.get('port') or '?'}"


WORKSHOP_TYPE = ResourceType(
    "workshop",
    "workshops",
    MESH.merge(WORKSHOP),
    True,
    check_workshop,
    _make_workshop,
    _list_removals,
    summarize=_summarize,
)
