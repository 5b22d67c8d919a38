# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the Kubernetes API.

The first cluster of the first mesh is served at the root. ``/clusters/<ID>`` before the path selects any cluster by its ID.
"""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from huaweicloud_emulator.cluster import errors, resources
from huaweicloud_emulator.cluster.resources import Resource

if t.TYPE_CHECKING:
    from huaweicloud_emulator.state import EmulatorState

_CLUSTER = re.compile(r"(?:/clusters/(?P<cluster>[^/]+))?(?P<path>/.*)")
_RESOURCE = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?/?"
)
DEFAULT_CLUSTER = "demo-cluster"


class Target(t.NamedTuple):
    """The objects that a path names. An empty name means the collection; without a namespace, in all namespaces."""

    cluster: str
    resource: Resource
    version: str
    namespace: str | None
    name: str

    @property
    def api_version(self) -> str:
        return self.resource.api_version(self.version)


def split_cluster(emulator: EmulatorState, path: str) -> tuple[str, str]:
    """Return the ID of the cluster and the path within its API."""
    match = _CLUSTER.fullmatch(urllib.parse.unquote(path))
    if match is None:
        raise errors.page_not_found()
    return match["cluster"] or get_default_cluster(emulator), match["path"]


def get_default_cluster(emulator: EmulatorState) -> str:
    """Return the first cluster of the first mesh."""
    for mesh in emulator.stores.meshes.records.values():
        for cluster in list_clusters(mesh):
            return cluster
    return DEFAULT_CLUSTER


def list_clusters(mesh: t.Mapping[str, t.Any]) -> list[str]:
    clusters = mesh["spec"].get("extendParams", {}).get("clusters", [])
    return [cluster["clusterID"] for cluster in clusters if "clusterID" in cluster]


def parse(emulator: EmulatorState, cluster: str, path: str) -> Target:
    """Return the target of a path. Raises the error of the API server if no resource has this path."""
    match = _RESOURCE.fullmatch(path)
    if match is None:
        raise errors.page_not_found()
    resource = resources.find(emulator, match["group"] or "", match["version"], match["plural"])
    if resource is None or (match["name"] and not match["namespace"]):
        raise errors.page_not_found()
    return Target(cluster, resource, match["version"], match["namespace"], match["name"] or "")
