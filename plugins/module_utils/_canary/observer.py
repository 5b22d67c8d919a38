# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read everything that a decision about a rollout depends on: state, routes, Deployments and the release. Send no request that changes something."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    ABSENT,
    Command,
    EndRequest,
    Observation,
    Readiness,
    ReleaseView,
    TrafficView,
    Verdict,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.readiness import (
    check_deployments,
    count_replicas,
    default_minimum,
    is_deleting,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import Rollout
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import (
    ANNOTATION,
    FINISHED,
    PROMOTED,
    ROLLING_BACK,
    InvalidStateError,
    RolloutState,
    parse_state,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile import resource as conditions
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.phases import Phases
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import Release
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import (
    DEPLOYMENT,
    FIELD_MANAGER,
    Cluster,
    Object,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError, TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    GRAY,
    MISSING,
    ORIGINAL,
    Change,
    TrafficDesired,
    TrafficObservation,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.rollback import find_remaining_traffic
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.traffic import Traffic

_CONDITIONS = {
    conditions.READY: "ready",
    conditions.PENDING: "pending",
    conditions.FAILED: "failed",
    conditions.TERMINATING: "ending",
    conditions.TERMINATED: "ended",
}


@dataclasses.dataclass
class RunFacts:
    """What this run has done, and what no later look-up shows."""

    release_verified: bool = False
    verdict: t.Optional[Verdict] = None
    end_request: t.Optional[EndRequest] = None
    shifted: t.Optional[t.Tuple[str, int]] = None
    cleanup_failed: bool = False


class Snapshot(t.NamedTuple):
    """One observation, the state in it, and the objects that a write is based on."""

    observation: Observation
    state: t.Optional[RolloutState]
    traffic: TrafficObservation
    now: dt.datetime


class Observer:
    """Reads the rollout of one file for one run. ``clusters`` has the Kubernetes API of each cluster that is not the one of ``traffic``, by its ID."""

    def __init__(
        self,
        rollout: Rollout,
        release: Release,
        traffic: Traffic,
        clusters: t.Mapping[str, Cluster],
    ) -> None:
        self._rollout = rollout
        self._release = release
        self._traffic = traffic
        self._clusters = clusters
        params = rollout.release_params
        self._phases = Phases(**{field: params[f"{field}_phases"] for field in Phases._fields})

    def observe(self, command: Command, run: str, holder_since: dt.datetime | None, facts: RunFacts) -> Snapshot:
        """Return what is there now. Raise an error if any part of it cannot be determined."""
        traffic = self._traffic.observe()
        state, problem = read_state(traffic)
        original = self._read_deployment(self._rollout.desired.fields["cluster_id"], self._original_name())
        gray = [(name, self._read_deployment(cluster, name)) for cluster, name in self._rollout.gray_deployments()]
        release = self._read_release()
        now = self.server_time()
        observation = Observation(
            command,
            run,
            holder_since or now,
            release=release,
            traffic=self._view_traffic(traffic, state),
            gray=self._check_ready(gray, self._rollout.file.min_ready_gray, traffic, GRAY),
            original=self._check_ready(
                [(self._original_name(), original)], self._min_original(state, original), traffic, ORIGINAL
            ),
            original_serves=self._count_ready_pods(traffic, ORIGINAL) > 0,
            original_deleted=original is None,
            original_terminating=is_deleting(original),
            original_replicas=count_replicas(original),
            annotation_problem=problem,
            release_verified=facts.release_verified,
            verdict=facts.verdict,
            end_request=facts.end_request,
            shifted=facts.shifted,
            cleanup_failed=facts.cleanup_failed,
        )
        return Snapshot(observation, state, traffic, now)

    def server_time(self) -> dt.datetime:
        """Return the time of the API server in its last response. Raise ClusterError if it has not sent any."""
        now = self._traffic.cluster.server_time
        if now is None:
            raise ClusterError(
                f"The Kubernetes API at {self._traffic.cluster.host} does not send the header Date, which the time limits require.",
                errors.PROTOCOL,
            )
        return now

    def expected_match(self, state: RolloutState | None) -> t.Mapping[str, t.Any]:
        """Return the conditions of testers whose routes must be in place in a state."""
        if state is None or state.stage == ROLLING_BACK or not 0 < state.step <= len(self._rollout.file.steps):
            return {}
        return self._rollout.file.match(state.step)

    def get_cluster(self, cluster_id: str) -> Cluster:
        """Return the Kubernetes API of a cluster of the mesh."""
        return self._clusters.get(cluster_id, self._traffic.cluster)

    def _original_name(self) -> str:
        return str(self._rollout.desired.fields["deployment_name"])

    def _read_deployment(self, cluster_id: str, name: str) -> Object | None:
        cluster = self.get_cluster(cluster_id)
        return cluster.get(DEPLOYMENT, self._rollout.desired.namespace, name)

    def _read_release(self) -> ReleaseView:
        raw = self._release.lookup(conditions.Source.NEW_LIST)
        if raw is None:
            return ReleaseView(ABSENT)
        status = self._release.status(raw)
        return ReleaseView(
            _CONDITIONS[status.condition],
            status.phase,
            raw["metadata"].get("uid"),
            self._phases.end_state(raw.get("status") or {}),
            status.reason,
        )

    def _min_original(self, state: RolloutState | None, original: Object | None) -> int:
        minimum = self._rollout.file.min_ready_original
        own = state is not None and state.release == self._rollout.file.release and state.stage != FINISHED
        replicas = state.replicas if state is not None and own else count_replicas(original)
        return default_minimum(replicas) if minimum is None else minimum

    def _check_ready(
        self, found: t.Sequence[tuple[str, Object | None]], minimum: int, traffic: TrafficObservation, role: str
    ) -> Readiness:
        """Return whether the Deployments are ready, and a pod with the label of the version as well."""
        readiness = check_deployments(found, minimum)
        if readiness.ready and not self._count_ready_pods(traffic, role):
            target = self._traffic.target
            return Readiness(
                False, f"Service {target} has no ready pod with the label version={self._get_version(role)}."
            )
        return readiness

    def _count_ready_pods(self, traffic: TrafficObservation, role: str) -> int:
        pods = traffic.readiness.get(str(self._get_version(role)))
        return pods.ready if pods else 0

    def _get_version(self, role: str) -> str | None:
        target = self._traffic.target
        return target.gray_version if role == GRAY else target.original_version

    def _view_traffic(self, traffic: TrafficObservation, state: RolloutState | None) -> TrafficView:
        managers = [name for name in traffic.field_managers.values() if name and name != FIELD_MANAGER]
        return TrafficView(
            weights=tuple(
                route.weight_of(GRAY) if route.is_pinned else None for route in traffic.routes if not route.is_match
            ),
            matches_expected=self._has_expected_matches(traffic, state),
            has_matches=bool(traffic.match_routes),
            manager=managers[0] if managers else "",
            needs_cleanup=self._needs_cleanup(state),
            problem="; ".join(map(str, traffic.errors)),
            has_missing_subset=any(route.weight_of(MISSING) for route in traffic.routes),
            remaining=self._find_remaining(traffic, state),
        )

    def _find_remaining(self, traffic: TrafficObservation, state: RolloutState | None) -> str:
        """Return the traffic of the gray version that a rollback does not change. Only a rollback depends on it."""
        if state is None or state.stage != ROLLING_BACK:
            return ""
        return "; ".join(map(str, find_remaining_traffic(traffic, self._traffic.target)))

    def _has_expected_matches(self, traffic: TrafficObservation, state: RolloutState | None) -> bool:
        expected = self.expected_match(state)
        if not expected or not traffic.match_routes:
            return not expected and not traffic.match_routes
        try:
            return not self._traffic.plan(TrafficDesired(match=expected), traffic)
        except TrafficError:
            return False

    def _needs_cleanup(self, state: RolloutState | None) -> bool:
        """Return whether routes or a subset of the original version remain after a promotion, also of another release."""
        if state is None or state.outcome != PROMOTED:
            return False
        try:
            return bool(plan_cleanup(self._traffic, state).changes)
        except TrafficError:
            return True


class Cleanup(t.NamedTuple):
    """The traffic with the versions of a promoted rollout exchanged, what it observed, and the changes that follow from that."""

    traffic: Traffic
    observed: TrafficObservation
    changes: t.List[Change]


def plan_cleanup(traffic: Traffic, state: RolloutState) -> Cleanup:
    """Return the changes that remove what remains of the original version of a promoted rollout.

    The list of changes is empty if somebody routes requests to that version again. Raise TrafficError if the objects do not allow the change.
    """
    old = traffic.for_versions(state.gray_version, state.original_version)
    observed = old.observe()
    if any(route.weight_of(GRAY) for route in observed.routes):
        return Cleanup(old, observed, [])
    return Cleanup(old, observed, old.plan(TrafficDesired(absent=True), observed))


def read_state(traffic: TrafficObservation) -> tuple[RolloutState | None, str]:
    """Return the state in the annotation, and what is wrong with the annotation if it has none."""
    text = traffic.annotations.get(ANNOTATION)
    if text is None:
        return None, ""
    try:
        return parse_state(text), ""
    except InvalidStateError as error:
        return None, str(error)
