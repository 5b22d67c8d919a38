# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Compare the Istio objects of a Service before and after the creation of a release. Only read the cluster."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.findings import Findings
from ansible_collections.community.huaweicloud.plugins.module_utils._probe.options import ProbeOptions
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import (
    DESTINATION_RULE,
    VIRTUAL_SERVICE,
    Cluster,
    Object,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.hosts import (
    get_rule_host,
    get_service_host,
    matches_host,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import TrafficTarget, describe_object
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.routes import (
    list_references,
    routes_to_service,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import resolve_cluster_settings

NAME = "release_edits"
# The objects of a Service by ``Kind namespace/name``.
Objects = t.Dict[str, Object]


class IstioProbe:
    """Reads the Istio objects of the Service before and after the creation of a release."""

    def __init__(self, options: ProbeOptions, cluster: Cluster | None = None) -> None:
        """Prepare the connection, if the options have one. Send nothing."""
        release = options.release
        self._target = TrafficTarget(release["namespace"], release["service_name"])
        self._problem = "" if options.istio_connection else "istio_connection is not set"
        self._cluster = cluster
        self._options = options
        self._before: Objects = {}

    def read_before(self) -> None:
        """Read the objects before the release exists."""
        self._before = self._read()

    def record(self, findings: Findings) -> None:
        """Read the objects again, and record the names and what has changed."""
        after = self._read()
        if self._problem:
            findings.mark_inconclusive(self._problem, NAME)
            return
        changed = [name for name in after if _get_spec(after, name) != _get_spec(self._before, name)]
        deleted = [name for name in self._before if name not in after]
        names = [", ".join(found) or "none" for found in (after, changed, deleted)]
        evidence = f"objects of the Service: {names[0]}; changed or created: {names[1]}; deleted: {names[2]}"
        findings.record(NAME, self._classify(after, changed, deleted), evidence)

    def _classify(self, after: Objects, changed: t.Sequence[str], deleted: t.Sequence[str]) -> str:
        """Return the value of the finding. The emulator has no value for a deletion."""
        if changed and self._is_split(after):
            return "split"
        return "other" if deleted else "gray_added" if changed else "no"

    def _read(self) -> Objects:
        """Return the objects of the Service. Keep a failure, which makes the finding inconclusive."""
        if self._problem:
            return {}
        try:
            if self._cluster is None:
                settings = resolve_cluster_settings(self._options.istio_connection, {})
                # In check mode, the class refuses every write.
                self._cluster = Cluster(settings, check_mode=True)
            routes = self._cluster.list(VIRTUAL_SERVICE)
            rules = self._cluster.list(DESTINATION_RULE)
        except HuaweiCloudError as error:
            self._problem = f"the Istio objects cannot be read: {error.message}"
            return {}
        host = get_service_host(self._target.namespace, self._target.service_name, self._target.cluster_domain)
        found = [route for route in routes if routes_to_service(route, self._target)]
        found += [rule for rule in rules if matches_host(get_rule_host(rule, self._target.cluster_domain), host)]
        return {describe_object(one): one for one in found}

    def _is_split(self, after: Objects) -> bool:
        """Return whether the creation has given weight to a destination that was not there before."""
        known = {key for name in self._before for key in self._list_weighted(self._before[name])}
        return any(key not in known for name in after for key in self._list_weighted(after[name]))

    def _list_weighted(self, found: Object) -> set[tuple[str, str | None]]:
        """Return object and subset of each destination of a VirtualService that receives requests of the Service."""
        if found["kind"] != VIRTUAL_SERVICE.kind:
            return set()
        references = list_references(found, self._target)
        return {(describe_object(found), reference.subset) for reference in references if reference.weight}


def _get_spec(objects: Objects, name: str) -> t.Any:
    return objects[name]["spec"] if name in objects else None
