# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The effect of the listed promotions of one Service on its Deployments."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.community.huaweicloud.plugins.module_utils._api import objects


class Promotions:
    """The effect of promoted releases of one Service, in the order of their promotion, on the Deployments of each cluster."""

    def __init__(self, promoted: t.Iterable[objects.Release]) -> None:
        # The promotion that took a Deployment offline, and the one that made a version the original, by cluster.
        self._offline: dict[tuple[t.Any, t.Any], objects.Release] = {}
        self._original: dict[t.Any, objects.Release] = {}
        for release in promoted:
            self._apply(release)

    def _apply(self, release: objects.Release) -> None:
        spec = release["spec"]
        cluster = spec.get("clusterID")
        self._offline[cluster, spec.get("deploymentName")] = release
        for gray in spec.get("grayDeployments") or []:
            name = ((gray.get("template") or {}).get("metadata") or {}).get("name")
            self._offline.pop((gray.get("clusterID") or cluster, name), None)
        self._original[cluster] = release

    def blocking(self, cluster: str | None, deployment: str | None, version: str | None) -> objects.Release | None:
        """Return the promotion that took the Deployment offline or made the version the original, if there is one."""
        offline = self._offline.get((cluster, deployment))
        original = self._original.get(cluster)
        runs = original is not None and original["spec"].get("version") == version
        return offline or (original if runs else None)
