# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Releases as a type of resource."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import MESH
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.resource import Resource, ResourceResult
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.desired import (
    RELEASE,
    desired_release,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import (
    Release,
    get_release_list,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.resource_type import (
    Names,
    Options,
    PruneCandidate,
    ReportedResult,
    ResourceType,
    format_name,
    require_mesh,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session


def _make_release(session: Session, params: Params, desired: t.Any, mesh: ResourceResult | None) -> Resource:
    mesh = require_mesh(mesh)
    for warning in desired.warnings:
        session.warn(warning)
    return Release(session, params, desired, mesh, get_release_list(session, mesh["id"]))


def _list_removals(session: Session, mesh: ResourceResult | None) -> list[PruneCandidate]:
    """Return the active releases. An ended release is only a record and cannot be canceled."""
    entries = get_release_list(session, require_mesh(mesh)["id"]).read(session.max_age).all()
    active = [entry for entry in entries if not Phases().is_done(entry.get("status") or {})]
    found = [(entry["metadata"]["namespace"], entry["metadata"]["name"]) for entry in active]
    # The task names no certain release, so one that another client ends in the meantime needs no warning.
    desired = {"state": "canceled", "on_missing": "ignore"}
    return [
        (frozenset([("name", f"{namespace}/{name}")]), {"name": name, "namespace": namespace, **desired})
        for namespace, name in dict.fromkeys(found)
    ]


def _format_release_name(options: Options) -> str:
    """Return the name of a release, which includes its namespace."""
    return f"{options.get('namespace')}/{format_name(options)}"


def _list_release_names(options: Options) -> Names:
    return frozenset([("name", _format_release_name(options))])


def _summarize(result: ReportedResult) -> str:
    name, phase = f"{result['namespace']}/{result['name']}", (result.get("status") or {}).get("phase") or "?"
    versions = f"{result['version']} of {result['service_name']} beside {result['deployment_name']}"
    return f"{name:<24} {phase:<10} {versions}"


def _describe_failure(result: ReportedResult, options: Options) -> str:
    lists = {field: options[f"{field}_phases"] for field in Phases._fields if options.get(f"{field}_phases")}
    status = result.get("status") or {}
    return f"phase {status.get('phase')}" if Phases(**lists).is_failed(status) else ""


RELEASE_TYPE = ResourceType(
    "release",
    "releases",
    MESH.merge(RELEASE),
    True,
    desired_release,
    _make_release,
    _list_removals,
    _format_release_name,
    _list_release_names,
    _summarize,
    _describe_failure,
)
