# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Carry a rollout out: observe, decide, do one action, and again, until the decision is a stop.

Each write follows a new observation, including the Lease. After a conflict nothing is repeated blindly: the next observation decides again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary import decision
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import record as records
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.decision import Action, decide
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.lease import (
    LeaseHeldError,
    RolloutLease,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    ACCEPTED,
    REFUSED,
    ROLLBACK,
    STATUS,
    UNKNOWN,
    Command,
    EndRequest,
    Verdict,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observer import (
    Cleanup,
    Observer,
    RunFacts,
    Snapshot,
    plan_cleanup,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.prediction import predict_run
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.preflight import check_before_start
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.record import Record
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_options import Rollout
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import (
    ANNOTATION,
    ROLLING_BACK,
    RolloutState,
    format_state,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._clock import Deadline, WaitPolicy, WallClock
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError, ServiceError
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.analysis import (
    run_analysis,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.client import PrometheusClient
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.evaluation import SampleResult
from ansible_collections.community.huaweicloud.plugins.module_utils._prometheus.metrics import Metric
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.engine import converge
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.waiter import Waiter
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.release.resource import Release
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic import errors
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.cluster import DESTINATION_RULE, LEASE
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.errors import ClusterError, TrafficError
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.model import (
    Change,
    TrafficDesired,
    TrafficObservation,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.patches import Annotations
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.plan import preview
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.traffic import Traffic, Watch

# How often in a row somebody else may change an object between an observation and the write that is based on it.
_MOST_CONFLICTS = 5
END, CHANGE = "end", "change"
_Result = t.TypeVar("_Result")


class Services(t.NamedTuple):
    """Everything that a run uses. ``make_release`` returns the release with the desired state of that name, and sends no write after the deadline."""

    observer: Observer
    traffic: Traffic
    make_release: t.Callable[[str, Deadline], Release]
    lease: RolloutLease
    prometheus: t.Optional[PrometheusClient]
    record: Record
    clock: WallClock
    progress: t.Callable[[str], None] = lambda text: None
    warn: t.Callable[[str], None] = lambda text: None


class Transition(t.NamedTuple):
    """One change of the state."""

    time: dt.datetime
    stage: str
    step: int
    weight: int
    reason: str


@dataclasses.dataclass
class RunResult:
    """What a run has done: its last action, the last known state, and the changes of the state. ``changed`` also counts writes without one."""

    action: Action
    state: t.Optional[RolloutState]
    transitions: list[Transition] = dataclasses.field(default_factory=list)
    changed: bool = False
    # Whether the run ended before a stop, because it was asked to end at each change of the state.
    more: bool = False


class _Interrupted(Exception):
    """The decision has changed during an analysis, or during the wait between two writes."""


class RolloutRun:
    """One run of a command. ``run`` identifies it in the state and in the Lease."""

    def __init__(self, rollout: Rollout, services: Services, command: Command, run: str) -> None:
        self._rollout = rollout
        self._services = services
        self._command = command
        self._run = run
        self._facts = RunFacts()
        self._holder_since: dt.datetime | None = None
        self._last_reason = ""
        self._led = False
        self._checked = False
        # The error by which a cleanup has lost the Lease. The release is promoted nevertheless.
        self._lost_lease: LeaseHeldError | None = None
        self._transitions: list[Transition] = []
        self._changed = False
        self.state: RolloutState | None = None

    @property
    def transitions(self) -> list[Transition]:
        """The changes of the state until now, also after an error."""
        return self._transitions

    @property
    def changed(self) -> bool:
        """Whether this run has changed something, also after an error."""
        return self._changed

    def predict(self) -> RunResult:
        """Return the next action without carrying it out. Raise an error if it would fail at once."""
        snapshot, action = self._decide()
        if action.kind == decision.CLEAN_UP and not self._can_clean_up(snapshot):
            observation = snapshot.observation._replace(cleanup_failed=True)
            action = decide(self._rollout.file, snapshot.state, observation, snapshot.now)
        if self._is_start(action, snapshot):
            check_before_start(self._rollout, self._services, snapshot)
        elif action.kind == decision.SHIFT:
            self._services.traffic.plan(self._desired(action), snapshot.traffic)
        if action.kind != decision.STOP:
            text = predict_run(self._rollout.file, action, snapshot.state)
            action = action._replace(reason=text)
        return RunResult(action, snapshot.state)

    def _can_clean_up(self, snapshot: Snapshot) -> bool:
        """Return whether a cleanup would change something. If the objects do not allow it, warn as the cleanup does."""
        try:
            return snapshot.state is not None and bool(plan_cleanup(self._services.traffic, snapshot.state).changes)
        except TrafficError as error:
            self._warn_about_cleanup(error)
            return False

    def run(self, until: str = END) -> RunResult:
        """Carry the rollout out until its end, or until its state changes (CHANGE). Raise an error if something cannot be determined or done."""
        snapshot, action = self._decide()
        if action.kind == decision.STOP:
            if until == CHANGE:
                # The previous task of this run has kept the Lease.
                self._release_lease()
            return self._finish(action)
        self._services.record.open()
        if self._is_start(action, snapshot):
            self._check_start(snapshot)
        if self._command.action == ROLLBACK and action.kind == decision.ANNOTATE:
            action = self._repeat(self._request_rollback)
            if action.kind == decision.STOP:
                return self._finish(action)
            if until == CHANGE and self._transitions:
                return RunResult(action, self.state, self._transitions, self._changed, more=True)
        max_wait = self._rollout.file.end_timeout if self._command.action == ROLLBACK else 0.0
        self._services.lease.acquire(self._rollout.file.poll_interval, max_wait)
        self._holder_since = None
        keeps_lease = False
        try:
            result = self._loop(until)
            keeps_lease = result.more
            return result
        finally:
            if not keeps_lease:
                self._release_lease()

    def _is_start(self, action: Action, snapshot: Snapshot) -> bool:
        """Return whether the action is the first one of a rollout: the pin, or a cleanup after the promotion of another release."""
        state = snapshot.state
        other = state is not None and state.release != self._rollout.file.release
        return action.kind == decision.PIN or (action.kind == decision.CLEAN_UP and other)

    def _release_lease(self) -> None:
        # If this fails, the Lease expires.
        with contextlib.suppress(HuaweiCloudError):
            self._services.lease.release()

    def _loop(self, until: str) -> RunResult:
        while True:
            action = self._repeat(self._step)
            if action.kind == decision.STOP:
                return self._finish(action)
            if until == CHANGE and self._transitions:
                return RunResult(action, self.state, self._transitions, self._changed, more=True)

    def _step(self) -> Action:
        """Observe, decide, and carry one action out. Return it."""
        if self._lost_lease is None:
            self._services.lease.renew()
        snapshot, action = self._decide()
        if self._lost_lease is not None and action.kind != decision.STOP:
            raise self._lost_lease
        interruption = self._find_interruption(snapshot)
        if interruption is not None:
            return interruption
        if action.kind != decision.STOP:
            self._report(action)
            self._perform(action, snapshot)
        return action

    def _request_rollback(self) -> Action:
        """Write the state ``rolling_back`` without the Lease. Its holder notices it at the next poll, stops, and gives the Lease up."""
        snapshot, action = self._decide()
        if action.kind == decision.ANNOTATE and action.state and action.state.requested:
            self._report(action)
            self._annotate(action, snapshot)
        return action

    def _repeat(self, step: t.Callable[[], _Result]) -> _Result:
        """Repeat a step after a conflict, and while the services cannot be reached for less than the duration of the Lease."""
        conflicts, failing_since = 0, None
        while True:
            try:
                return step()
            except ClusterError as error:
                if error.kind != errors.CONFLICT or conflicts >= _MOST_CONFLICTS:
                    failing_since = self._tolerate(error, failing_since)
                conflicts += 1
            except ServiceError as error:
                failing_since = self._tolerate(error, failing_since)

    def _tolerate(self, error: ServiceError, failing_since: float | None) -> float:
        """Wait after a temporary failure of a request that can be repeated. Raise every other error."""
        now = self._services.clock.monotonic()
        since = now if failing_since is None else failing_since
        if not can_repeat(error) or now - since >= self._rollout.file.lease_duration:
            raise error
        self._services.progress(f"{self._rollout.file.release}: {error.message} Trying again.")
        self._services.clock.sleep(self._rollout.file.poll_interval)
        return since

    def _decide(self) -> tuple[Snapshot, Action]:
        snapshot = self._services.observer.observe(self._command, self._run, self._holder_since, self._facts)
        self._holder_since = self._holder_since or snapshot.now
        self.state = snapshot.state
        return snapshot, decide(self._rollout.file, snapshot.state, snapshot.observation, snapshot.now)

    def _find_interruption(self, snapshot: Snapshot) -> Action | None:
        """Return a stop if another run has begun a rollback while this one was going forward."""
        state = snapshot.state
        if state is None or state.stage != ROLLING_BACK or state.run == self._run or not self._led:
            self._led = state is not None and state.stage != ROLLING_BACK and self._command.action != ROLLBACK
            return None
        text = f"Another run has begun the rollback of release '{state.release}'. This run stops."
        return Action(decision.STOP, text, result=decision.RUNNING, failed=True)

    # Actions

    def _perform(self, action: Action, snapshot: Snapshot) -> None:
        performers: dict[str, t.Callable[[Action, Snapshot], None]] = {
            decision.ANNOTATE: self._annotate,
            decision.PIN: self._pin,
            decision.SHIFT: self._shift,
            decision.CREATE: self._create,
            decision.ANALYZE: self._analyze,
            decision.WAIT: lambda action, snapshot: self._services.clock.sleep(action.seconds),
            decision.END_PROMOTE: lambda action, snapshot: self._end_release("promoted"),
            decision.END_CANCEL: lambda action, snapshot: self._end_release("canceled"),
            decision.CLEAN_UP: self._clean_up,
        }
        performers[action.kind](action, snapshot)

    def _annotate(self, action: Action, snapshot: Snapshot) -> None:
        self._services.traffic.annotate(snapshot.traffic, _annotations(action))
        self._note_state(action, snapshot)

    def _pin(self, action: Action, snapshot: Snapshot) -> None:
        self._check_start(snapshot)
        self._shift(action, snapshot)

    def _check_start(self, snapshot: Snapshot) -> None:
        """Check once, before the first write, whether the rollout can start."""
        if not self._checked:
            for warning in check_before_start(self._rollout, self._services, snapshot):
                self._services.warn(warning)
            self._checked = True

    def _shift(self, action: Action, snapshot: Snapshot) -> None:
        desired, traffic = self._desired(action), self._services.traffic
        check = functools.partial(self._check_shift, action, snapshot)
        changes = self._apply(traffic, desired, snapshot.traffic, check, _annotations(action))
        if changes is None:
            return
        for finding in preview(traffic.target, snapshot.traffic, changes).errors if desired.rollback else ():
            self._services.warn(f"The rollback does not change this: {finding}")
        if action.state is not None:
            self._facts.shifted = action.state.stage, action.state.step
        self._note_state(action, snapshot)
        self._record(records.WEIGHT, snapshot.now, action.reason)

    def _apply(
        self,
        traffic: Traffic,
        desired: TrafficDesired,
        observed: TrafficObservation,
        check: t.Callable[[], None],
        annotations: Annotations | None = None,
    ) -> list[Change] | None:
        """Change the routes, and return the changes. Return None if ``check`` has interrupted them, so that the next observation decides.

        Whether anything was written is noted also before an error.
        """
        watch = Watch(self._rollout.file.poll_interval, check)
        try:
            changes = traffic.apply(desired, observed, annotations, watch)
        except _Interrupted:
            # An interruption comes after the first write.
            self._changed = True
            return None
        except HuaweiCloudError as error:
            self._changed = self._changed or bool(error.actions)
            raise
        self._changed = self._changed or bool(changes)
        return changes

    def _check_shift(self, action: Action, before: Snapshot) -> None:
        """Renew the Lease, and interrupt the change of the routes if its reason does not exist any more."""
        current, snapshot = self._repeat(self._observe_holder)
        if current.kind != action.kind or snapshot.state != before.state:
            raise _Interrupted

    def _observe_holder(self) -> tuple[Action, Snapshot]:
        self._services.lease.renew()
        snapshot, action = self._decide()
        return action, snapshot

    def _desired(self, action: Action) -> TrafficDesired:
        state = action.state
        if state is not None and state.stage == ROLLING_BACK:
            return TrafficDesired(rollback=True)
        return TrafficDesired(
            weight=state.weight if state else None, match=self._services.observer.expected_match(state)
        )

    def _create(self, action: Action, snapshot: Snapshot) -> None:
        """Create the release, or compare the active one with the file. Its readiness is observed like everything else."""
        outcome = converge(self._make_release("present"), self._waiter(), check=False)
        for warning in outcome.warnings:
            self._services.warn(warning)
        self._changed = self._changed or outcome.changed
        self._facts.release_verified = True
        self._record(records.DECISION, snapshot.now, action.reason)

    def _end_release(self, end_state: str) -> None:
        """Request the end of the release, and note what became of the request."""
        try:
            outcome = converge(self._make_release(end_state), self._waiter(), check=False)
        except ServiceError as error:
            if error.method != "DELETE":
                raise
            self._facts.end_request = EndRequest(REFUSED if error.is_definite_refusal else UNKNOWN, str(error))
            self._services.progress(f"{self._rollout.file.release}: {error.message}")
        else:
            self._changed = self._changed or outcome.changed
            self._facts.end_request = EndRequest(ACCEPTED)

    def _make_release(self, state: str) -> Release:
        """Return the release for one write request, which is only sent while this run is certainly the holder of the Lease."""
        self._services.lease.renew()
        return self._services.make_release(state, self._services.lease.deadline())

    def _clean_up(self, action: Action, snapshot: Snapshot) -> None:
        """Remove what remains of the original version. A failure is a warning, since the release is promoted."""
        state = snapshot.state
        if state is None:
            raise ValueError("a cleanup needs a state")
        try:
            traffic, observed, changes = self._repeat(lambda: self._plan_cleanup(state))
            if changes:
                self._apply(traffic, TrafficDesired(absent=True), observed, lambda: self._check_cleanup(state))
        except (ClusterError, TrafficError, LeaseHeldError) as error:
            self._facts.cleanup_failed = True
            self._lost_lease = error if isinstance(error, LeaseHeldError) else None
            self._warn_about_cleanup(error)

    def _plan_cleanup(self, state: RolloutState) -> Cleanup:
        self._services.lease.renew()
        return plan_cleanup(self._services.traffic, state)

    def _check_cleanup(self, state: RolloutState) -> None:
        """Renew the Lease, and interrupt the cleanup if a route needs the subset that it would remove."""
        left = self._repeat(lambda: self._plan_cleanup(state)).changes
        if [change.resource for change in left] != [DESTINATION_RULE]:
            raise _Interrupted

    def _warn_about_cleanup(self, error: HuaweiCloudError) -> None:
        self._services.warn(
            f"The routes to the original version could not be removed: {error} The next run tries again."
        )

    def _waiter(self) -> Waiter:
        return Waiter(WaitPolicy(wait=False), self._services.clock)

    # Analysis

    def _analyze(self, action: Action, snapshot: Snapshot) -> None:
        state, client = action.state or snapshot.state, self._services.prometheus
        if state is None or client is None:
            raise ValueError("an analysis needs a state and a Prometheus server")
        metrics = self._rollout.step_metrics(state.step)
        settings = dataclasses.replace(self._rollout.analysis, compare_baseline=state.weight < 100)
        try:
            result = run_analysis(
                metrics,
                settings,
                client,
                self._services.clock,
                lambda text: self._services.progress(f"{state.release}: {text}"),
                self._check_analysis,
                self._record_sample,
            )
        except _Interrupted:
            return
        self._facts.verdict = Verdict(state.step, result.verdict, result.reason)
        self._record(records.DECISION, self._services.observer.server_time(), result.reason, verdict=result.verdict)

    def _check_analysis(self) -> None:
        """Renew the Lease, and end the analysis if the decision is not an analysis any more."""
        action = self._repeat(self._observe_analysis)
        if action.kind != decision.ANALYZE:
            raise _Interrupted

    def _observe_analysis(self) -> Action:
        action, snapshot = self._observe_holder()
        state = snapshot.state
        overruled = state is not None and state.run != self._run
        return Action(decision.STOP, "Another run has changed the state.") if overruled else action

    def _record_sample(self, metric: Metric, sample: SampleResult) -> None:
        self._record(
            records.SAMPLE,
            dt.datetime.fromtimestamp(sample.time, dt.timezone.utc),
            sample.message,
            metric=metric.name,
            value=sample.value,
            baseline=sample.baseline,
            minimum=metric.min,
            maximum=metric.max,
            verdict=sample.verdict,
        )

    # Reports

    def _note_state(self, action: Action, snapshot: Snapshot) -> None:
        """Note a state that was written."""
        old, new = snapshot.state, action.state
        self._changed = True
        self.state = new
        if new is not None and (
            old is None or (old.stage, old.step, old.started) != (new.stage, new.step, new.started)
        ):
            transition = Transition(snapshot.now, new.stage, new.step, new.weight, action.reason)
            self._transitions.append(transition)
            self._record(records.STATE, snapshot.now, action.reason)

    def _record(self, event: str, moment: dt.datetime, message: str, **fields: t.Any) -> None:
        """Add an event in the last known state to the record."""
        state = self.state
        position: dict[str, t.Any] = {"step": state.step, "stage": state.stage, "weight": state.weight} if state else {}
        self._services.record.add(event, moment, message, **position, **fields)

    def _report(self, action: Action) -> None:
        """Print a line for each new action."""
        if action.reason != self._last_reason:
            self._last_reason = action.reason
            self._services.progress(f"{self._rollout.file.release}: {action.reason}")

    def _finish(self, action: Action) -> RunResult:
        if self._command.action != STATUS:
            self._record(records.OUTCOME, self._services.observer.server_time(), action.reason, verdict=action.result)
        return RunResult(action, self.state, self._transitions, self._changed)


def can_repeat(error: ServiceError) -> bool:
    """Return whether a request that failed for a short time can be repeated: it only read, or it renewed the Lease."""
    is_lease = f"/{LEASE.group}/" in (error.path or "")
    return error.is_transient and (error.method == "GET" or is_lease)


def _annotations(action: Action) -> dict[str, str | None]:
    if action.state is None:
        raise ValueError(f"the action {action.kind} needs a state")
    return {ANNOTATION: format_state(action.state)}
