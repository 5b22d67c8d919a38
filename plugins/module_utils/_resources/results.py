# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The types of the resources in results. They have the keys that the modules document.

Only type checkers need this file, so import it below ``if t.TYPE_CHECKING``.
"""

from __future__ import annotations

import typing as t

# A Kubernetes object. Results contain it unchanged.
Deployment = t.Dict[str, t.Any]


class MeshResult(t.TypedDict):
    """A mesh. One that does not exist yet has no ID."""

    id: t.Optional[str]
    name: str
    type: t.Optional[str]
    version: t.Optional[str]
    phase: t.Optional[str]
    clusters: t.List[t.Optional[str]]
    proxy_config: t.Optional[t.Dict[str, t.Optional[t.List[str]]]]
    telemetry_config: t.Optional[t.Dict[str, t.Any]]
    created_at: t.Optional[str]
    updated_at: t.Optional[str]


class IngressResult(t.TypedDict):
    """The load balancer of a workshop."""

    elb_id: t.Optional[str]
    elb_ip: t.Optional[str]
    port: t.Optional[int]
    image_address: t.Optional[str]


class WorkshopResult(t.TypedDict):
    """A workshop."""

    id: t.Optional[str]
    name: str
    mesh_id: t.Optional[str]
    description: str
    primary_cluster: t.Optional[str]
    ingress: IngressResult
    created_at: t.Optional[str]
    updated_at: t.Optional[str]


class GrayDeploymentResult(t.TypedDict):
    """A Deployment of the gray version."""

    cluster_id: t.Optional[str]
    template: t.Optional[Deployment]


class ReleaseStatusResult(t.TypedDict):
    """The actual state of a release."""

    phase: t.Optional[str]
    start_time: t.Optional[str]
    updated_at: t.Optional[str]
    deployment: t.Optional[Deployment]
    gray_deployments: t.List[Deployment]


class ReleaseResult(t.TypedDict):
    """A release."""

    id: t.Optional[str]
    name: str
    namespace: str
    mesh_id: t.Optional[str]
    service_name: t.Optional[str]
    cluster_id: t.Optional[str]
    deployment_name: t.Optional[str]
    version: t.Optional[str]
    type: t.Optional[str]
    gray_deployments: t.List[GrayDeploymentResult]
    status: ReleaseStatusResult


class GrantResult(t.TypedDict):
    """A user of a workspace."""

    user_id: t.Optional[str]
    user_name: t.Optional[str]
    user_type: t.Optional[str]


class QuotaResult(t.TypedDict):
    """A quota of a workspace."""

    resource: str
    quota: int
    min_quota: t.Optional[int]
    max_quota: t.Optional[int]
    used_quota: t.Optional[float]
    name_en: t.Optional[str]
    name_cn: t.Optional[str]
    unit_en: t.Optional[str]
    unit_cn: t.Optional[str]
    updated_at: t.Optional[str]


class _RequiredOfWorkspace(t.TypedDict):
    id: t.Optional[str]
    name: str
    description: str
    auth_type: t.Optional[str]
    grants: t.Optional[t.List[GrantResult]]
    enterprise_project_id: t.Optional[str]
    enterprise_project_name: t.Optional[str]
    owner: t.Optional[str]
    status: t.Optional[str]
    status_info: str
    created_at: t.Optional[str]
    updated_at: t.Optional[str]


class WorkspaceResult(_RequiredOfWorkspace, total=False):
    """A workspace. The quotas are in it if they were read."""

    quotas: t.List[QuotaResult]
