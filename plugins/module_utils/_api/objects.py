# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The types of the objects that the services return. They have the fields that the schemas of responses describe.

Only type checkers need this file, so import it below ``if t.TYPE_CHECKING``.
"""

from __future__ import annotations

import typing as t

# The format of times is not documented: a text, or a number of seconds or milliseconds.
Time = t.Union[str, float, None]
# A Kubernetes object, which the collection compares and returns as a whole.
Deployment = t.Dict[str, t.Any]


class _Named(t.TypedDict):
    name: str


class Metadata(_Named, total=False):
    """The identity of a workshop."""

    uid: t.Optional[str]
    creationTimestamp: Time


class _RequiredOfMeshMetadata(_Named):
    uid: t.Union[str, int]


class MeshMetadata(_RequiredOfMeshMetadata, total=False):
    """The identity of a mesh."""

    creationTimestamp: Time


class Cluster(t.TypedDict, total=False):
    """A cluster of a mesh."""

    clusterID: t.Union[str, int, None]


class ExtendParams(t.TypedDict, total=False):
    """Further parameters of a mesh."""

    clusters: t.Optional[t.List[Cluster]]


class ProxyConfig(t.TypedDict, total=False):
    """The traffic that the sidecars of a mesh intercept. Several values are joined with commas."""

    includeIPRanges: t.Optional[str]
    excludeIPRanges: t.Optional[str]
    includeInboundPorts: t.Optional[str]
    excludeInboundPorts: t.Optional[str]
    includeOutboundPorts: t.Optional[str]
    excludeOutboundPorts: t.Optional[str]


# The metrics, access logs and traces of a mesh, which the collection compares and returns as a whole.
TelemetryConfig = t.Dict[str, t.Any]


class MeshConfig(t.TypedDict, total=False):
    """The configuration of the sidecars of a mesh."""

    proxyConfig: t.Optional[ProxyConfig]
    telemetryConfig: t.Optional[TelemetryConfig]


class MeshSpec(t.TypedDict, total=False):
    """The specification of a mesh."""

    type: t.Union[str, int, None]
    version: t.Union[str, float, None]
    extendParams: t.Optional[ExtendParams]
    config: t.Optional[MeshConfig]


class MeshStatus(t.TypedDict, total=False):
    """The actual state of a mesh."""

    phase: t.Optional[str]
    updateTimestamp: Time


class _RequiredOfMesh(t.TypedDict):
    metadata: MeshMetadata


class Mesh(_RequiredOfMesh, total=False):
    """A mesh."""

    spec: t.Optional[MeshSpec]
    status: t.Optional[MeshStatus]


class Ingress(t.TypedDict, total=False):
    """The load balancer of a workshop."""

    elbId: t.Optional[str]
    elbIp: t.Optional[str]
    port: t.Optional[int]
    imageAddress: t.Optional[str]


class _RequiredOfWorkshopSpec(t.TypedDict):
    ingress: Ingress


class WorkshopSpec(_RequiredOfWorkshopSpec, total=False):
    """The specification of a workshop."""

    primaryCluster: t.Optional[str]


class WorkshopStatus(t.TypedDict, total=False):
    """The actual state of a workshop."""

    updateTime: Time


class _RequiredOfWorkshop(t.TypedDict):
    metadata: Metadata
    spec: WorkshopSpec


class Workshop(_RequiredOfWorkshop, total=False):
    """A workshop."""

    description: t.Optional[str]
    status: t.Optional[WorkshopStatus]


class ReleaseMetadata(Metadata):
    """The identity of a release."""

    namespace: str


class GrayDeployment(t.TypedDict, total=False):
    """A Deployment of the gray version."""

    clusterID: t.Optional[str]
    template: t.Optional[Deployment]


class ReleaseSpec(t.TypedDict, total=False):
    """The specification of a release."""

    serviceName: t.Optional[str]
    clusterID: t.Optional[str]
    deploymentName: t.Optional[str]
    version: t.Optional[str]
    type: t.Optional[str]
    grayDeployments: t.Optional[t.List[GrayDeployment]]


class ReleaseStatus(t.TypedDict, total=False):
    """The actual state of a release."""

    phase: t.Optional[str]
    startTime: Time
    updateTime: Time
    deployment: t.Optional[Deployment]
    grayDeployments: t.Optional[t.List[Deployment]]


class _RequiredOfRelease(t.TypedDict):
    metadata: ReleaseMetadata
    spec: ReleaseSpec


class Release(_RequiredOfRelease, total=False):
    """A release."""

    status: t.Optional[ReleaseStatus]


class Grant(t.TypedDict, total=False):
    """A user of a workspace."""

    user_id: t.Union[str, int, None]
    user_name: t.Union[str, int, None]
    user_type: t.Optional[str]


class _RequiredOfQuota(t.TypedDict):
    resource: str
    quota: int


class Quota(_RequiredOfQuota, total=False):
    """A quota of a workspace."""

    min_quota: t.Optional[int]
    max_quota: t.Optional[int]
    used_quota: t.Optional[float]
    name_en: t.Optional[str]
    name_cn: t.Optional[str]
    unit_en: t.Optional[str]
    unit_cn: t.Optional[str]
    update_time: Time


class _RequiredOfWorkspace(t.TypedDict):
    id: t.Union[str, int]
    name: str


class Workspace(_RequiredOfWorkspace, total=False):
    """A workspace. Lists omit the grants, and the quotas need a request of their own."""

    description: t.Optional[str]
    auth_type: t.Optional[str]
    enterprise_project_id: t.Union[str, int, None]
    enterprise_project_name: t.Union[str, int, None]
    owner: t.Union[str, int, None]
    status: t.Optional[str]
    status_info: t.Optional[str]
    create_time: Time
    update_time: Time
    grants: t.Optional[t.List[Grant]]
    quotas: t.List[Quota]
