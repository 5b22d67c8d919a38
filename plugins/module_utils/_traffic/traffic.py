# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read and change the traffic of one Service: the requests around the pure functions of this package."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import (
    DESTINATION_RULE,
    SERVICE,
    VIRTUAL_SERVICE,
    Cluster,
    Object,
    Resource,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import (
    ClusterError,
    Finding,
    TrafficError,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    Change,
    ObjectName,
    TrafficDesired,
    TrafficObservation,
    TrafficTarget,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.patches import (
    Annotations,
    apply_annotations,
    make_patch,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.plan import (
    check_findings,
    interpret,
    list_version_labels,
    make_plan,
    with_readiness,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.readiness import read_readiness
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.subsets import parse_name


class Watch(t.NamedTuple):
    """What to do every ``interval`` seconds during a wait. ``check`` can raise an error to stop the change."""

    interval: float
    check: t.Callable[[], None]


class Traffic:
    """The traffic of one Service. All methods raise ClusterError if a request fails.

    ``workload_clusters`` are other clusters of the mesh whose pods count as well. ``progress`` receives a line before each write and each wait.
    """

    def __init__(
        self,
        cluster: Cluster,
        target: TrafficTarget,
        *,
        workload_clusters: t.Sequence[Cluster] = (),
        clock: Clock | None = None,
        progress: t.Callable[[str], None] = lambda text: None,
    ) -> None:
        self.cluster = cluster
        self.target = target
        self._workload_clusters = (cluster, *workload_clusters)
        self._clock: Clock = SystemClock() if clock is None else clock
        self._progress = progress

    def for_versions(self, original_version: str, gray_version: str) -> Traffic:
        """Return the traffic of the same Service between two other versions. It never creates objects."""
        target = dataclasses.replace(
            self.target, original_version=original_version, gray_version=gray_version, create_missing=False
        )
        others = self._workload_clusters[1:]
        return Traffic(self.cluster, target, workload_clusters=others, clock=self._clock, progress=self._progress)

    def observe(self) -> TrafficObservation:
        """Read all objects that decide about the traffic. Raise TrafficError if the Service does not exist.

        What prevents a change is a finding of the observation and no exception. Pods are read only if ``require_ready`` is set.
        """
        target = self.target
        service = self.cluster.get(SERVICE, target.namespace, target.service_name)
        if service is None:
            raise TrafficError(
                f"The Service {target} does not exist.", hint="Check namespace, service_name and the cluster"
            )
        virtual_services, unseen_routes = self._read_virtual_services()
        rules, unseen_rules = self._read_rules()
        observed = interpret(target, service, virtual_services, rules)
        observed = dataclasses.replace(
            observed,
            findings=(*observed.findings, *unseen_routes, *unseen_rules),
            has_unseen_virtual_services=bool(unseen_routes),
        )
        if not target.require_ready:
            return observed
        readiness = {
            version: read_readiness(self._workload_clusters, target, service, labels)
            for version, labels in list_version_labels(observed, target).items()
        }
        return with_readiness(observed, readiness)

    def plan(self, desired: TrafficDesired, observed: TrafficObservation) -> list[Change]:
        """Return the writes that lead to the desired routes, in their order. Send nothing.

        Raise TrafficError if the objects do not allow the change, or if a version would get more traffic without a ready pod.
        """
        return make_plan(self.target, desired, observed)

    def apply(
        self,
        desired: TrafficDesired,
        observed: TrafficObservation,
        annotations: Annotations | None = None,
        watch: Watch | None = None,
    ) -> list[Change]:
        """Change the traffic, and return the writes. ``watch`` is used while the mesh receives the first of them.

        ``annotations`` of the first VirtualService are written together with its routes, also if no route changes; ``None`` removes one. The
        error has the kind ``conflict`` if somebody has changed an object since the observation. The error has the applied changes in
        ``actions``. The caller reads the objects again to verify them.
        """
        changes = self.plan(desired, observed)
        applied: list[Change] = []
        current: dict[tuple[Resource, ObjectName], Object] = {}
        pending = dict(annotations or {})
        try:
            for index, change in enumerate(changes):
                if index and changes[index - 1].resource != change.resource:
                    self.wait_for_propagation(watch)
                is_first = change.resource == VIRTUAL_SERVICE and change.name == observed.first_virtual_service
                own, pending = (pending, {}) if is_first else ({}, pending)
                key = change.resource, change.name
                current[key] = self._write(change, current.get(key, change.before), own)
                applied.append(change)
            if pending:
                self.annotate(observed, pending)
        except HuaweiCloudError as error:
            raise error.replace(actions=applied) from error.__cause__
        return changes

    def annotate(self, observed: TrafficObservation, annotations: Annotations) -> Object:
        """Write annotations of the first VirtualService and nothing else; ``None`` removes one. Return the object."""
        found = observed.get_first()
        if found is None:
            # If several VirtualServices can be the first one, the findings name them and what to do.
            check_findings(self.target, observed.errors)
            raise TrafficError(f"Failed to annotate a VirtualService of the Service {self.target}: it does not exist.")
        operations = make_patch(found, found, annotations)
        if not operations:
            return found
        name = found["metadata"]
        return self.cluster.json_patch(VIRTUAL_SERVICE, name["namespace"], name["name"], operations)

    def wait_for_propagation(self, watch: Watch | None = None) -> None:
        """Wait until the proxies of the mesh have received a change."""
        seconds = self.target.propagation_seconds
        if not seconds:
            return
        self._progress(f"Waiting {seconds:g} s until the proxies of the mesh have received the change")
        end = self._clock.monotonic() + seconds
        while seconds > 0:
            self._clock.sleep(min(seconds, watch.interval) if watch else seconds)
            if watch:
                watch.check()
            seconds = end - self._clock.monotonic() if watch else 0.0

    def _write(self, change: Change, before: Object | None, annotations: Annotations) -> Object:
        self._progress(f"{'Creating' if before is None else 'Updating'} {change}")
        namespace, name = change.name
        if before is None:
            return self.cluster.create(change.resource, namespace, apply_annotations(change.after, annotations))
        return self.cluster.json_patch(change.resource, namespace, name, make_patch(before, change.after, annotations))

    def _read_virtual_services(self) -> tuple[list[Object], list[Finding]]:
        """Return the VirtualServices of all namespaces, or the named ones if the others must not be listed."""
        names = self.target.virtual_services
        found = self._list_if_allowed(VIRTUAL_SERVICE, names, "virtual_services")
        if found is not None:
            return found, []
        named = [self.cluster.get(VIRTUAL_SERVICE, *parse_name(name, self.target)) for name in dict.fromkeys(names)]
        return [entry for entry in named if entry is not None], [_describe_unseen(VIRTUAL_SERVICE)]

    def _read_rules(self) -> tuple[list[Object], list[Finding]]:
        """Return the DestinationRules of all namespaces, or the named one if the others must not be listed.

        If the named one does not exist, those that the Service may inherit from must be readable.
        """
        target = self.target
        names = (target.destination_rule,) if target.destination_rule else ()
        found = self._list_if_allowed(DESTINATION_RULE, names, "destination_rule")
        if found is not None:
            return found, []
        named = self.cluster.get(DESTINATION_RULE, *parse_name(str(target.destination_rule), target))
        if named is not None:
            return [named], [_describe_unseen(DESTINATION_RULE)]
        namespaces = dict.fromkeys((target.namespace, target.root_namespace))
        rules = [rule for namespace in namespaces for rule in self.cluster.list(DESTINATION_RULE, namespace)]
        return rules, [_describe_unseen(DESTINATION_RULE)]

    def _list_if_allowed(self, resource: Resource, names: t.Sequence[str], option: str) -> list[Object] | None:
        try:
            return self.cluster.list(resource)
        except ClusterError as error:
            if error.kind != errors.FORBIDDEN:
                raise
            if not names:
                hint = f"Grant the permission to list {resource.plural} in all namespaces, or set {option}"
                raise error.replace(hint=hint) from None
        return None


def _describe_unseen(resource: Resource) -> Finding:
    problem = f"{resource.plural} of all namespaces cannot be listed, so only the named ones are checked."
    if resource == VIRTUAL_SERVICE:
        problem = f"{problem} Subsets are not removed, because other objects may use them."
    return Finding("warning", resource.kind, "", problem)
