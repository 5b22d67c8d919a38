# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Decide the next action of a rollout. Pure: the same arguments always have the same result, and nothing is read or sent.

The caller observes, decides, carries one action out, and observes again, until the action is a stop. So every write is decided on the newest
state. These rules hold for all combinations of file, state and observation:

* No request creates the release before the state is ``pinned`` and all traffic is routed to the original version.
* A step ends only if its analysis has passed in the run that started it; a missing result is not a pass.
* Only an approval of the waiting step continues a waiting rollout.
* The release is canceled only after all traffic is back on the original version.
* Once the state is ``promoting`` or the release is ending, no action moves traffic back.
* If state, weights and release contradict each other, no action changes anything, except for a rollback that somebody requests.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    ACCEPTED,
    APPROVE,
    ENDED,
    ENDING,
    ENFORCE,
    FAILED,
    INCONCLUSIVE,
    PASSED,
    PENDING,
    PROMOTE,
    REFUSED,
    ROLLBACK,
    RUN,
    STATUS,
    Observation,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import (
    ANALYZING,
    FINISHED,
    HELD,
    OPEN_STAGES,
    PAUSING,
    PINNED,
    PROMOTED,
    PROMOTING,
    ROLLED_BACK,
    ROLLING_BACK,
    SHIFTING,
    WAITING,
    RolloutState,
    format_moment,
)

# Kinds of actions. Only SHIFT and PIN change routes, only CREATE, END_PROMOTE and END_CANCEL change the release.
ANNOTATE, PIN, SHIFT, CREATE, ANALYZE, WAIT, STOP = "annotate", "pin", "shift", "create", "analyze", "wait", "stop"
END_PROMOTE, END_CANCEL, CLEAN_UP = "promote", "cancel", "clean_up"
KINDS = (ANNOTATE, PIN, SHIFT, CREATE, ANALYZE, WAIT, STOP, END_PROMOTE, END_CANCEL, CLEAN_UP)

# Results of a run, beside ``promoted`` and ``rolled_back``.
RUNNING, UNDETERMINED, FAILURE = "running", "unknown", "failed"
RESULTS = (PROMOTED, ROLLED_BACK, WAITING, HELD, UNDETERMINED, FAILURE, RUNNING, FINISHED)
# The time limit of one step. The others are for the whole rollout.
_STEP_TIMEOUT = "step_timeout"
# What to do after somebody else has changed something.
_UNDO = (
    "To continue, undo the change, then run the playbook again. To return all traffic to the original version and cancel the"
    " release, use canary_action=rollback."
)
# The resolution of the header Date in seconds (RFC 9110, section 5.6.7).
_RESOLUTION = 1.0


class Action(t.NamedTuple):
    """The next action. ``state`` is written by ANNOTATE, PIN and SHIFT; ``result`` and ``failed`` belong to STOP, ``seconds`` to WAIT."""

    kind: str
    reason: str
    state: t.Optional[RolloutState] = None
    result: str = ""
    failed: bool = False
    seconds: float = 0.0


class _Case(t.NamedTuple):
    """The arguments of one decision about a rollout that has a state."""

    file: RolloutFile
    state: RolloutState
    seen: Observation
    now: dt.datetime

    def enter(self, stage: str, text: str, kind: str = ANNOTATE, **changes: t.Any) -> Action:
        return Action(kind, text, self.state.enter(stage, self.seen.run, self.now, **changes))

    def age(self, moment: dt.datetime) -> float:
        return (self.now - moment).total_seconds()

    def remaining(self, seconds: float) -> float:
        """Return how long a wait of ``seconds`` since the begin of the stage still takes.

        The times of the API server are whole seconds, so that 10 s between two of them can be little more than 9 s.
        """
        return seconds + _RESOLUTION - self.age(self.state.since) if seconds else 0.0

    def waited(self) -> float:
        """Return how long this run has held the Lease in this stage, in seconds."""
        return self.age(max(self.state.since, self.seen.holder_since))

    def is_own(self) -> bool:
        """Return whether this run has entered the stage."""
        return self.state.run == self.seen.run


def decide(file: RolloutFile, state: RolloutState | None, seen: Observation, now: dt.datetime) -> Action:
    """Return the next action.

    ``file`` is the rollout file, ``state`` the annotation (None if it is missing or unreadable), and ``now`` the time of the API server.
    """
    if seen.command.action == STATUS:
        return _report(file, state, seen, now)
    if state is None or (state.stage == FINISHED and state.release != file.release):
        return _decide_without_state(file, seen, now)
    case = _Case(file, state, seen, now)
    if state.release != file.release:
        return _refuse_other_release(case)
    if state.stage == FINISHED:
        return _decide_finished(case)
    if state.stage == ROLLING_BACK:
        return _continue_rollback(case)
    if is_past_return(state, seen):
        return _continue_promotion(case)
    return _decide_open(case)


def is_past_return(state: RolloutState, seen: Observation) -> bool:
    """Return whether the promotion has begun, so that the traffic must not return to the original version."""
    ended = seen.release.condition == ENDED and seen.release.end_state == PROMOTED
    removed = seen.original_deleted and not seen.release.is_active
    return state.stage == PROMOTING or seen.release.condition == ENDING or ended or removed


class PassedLimit(t.NamedTuple):
    """A time limit that has passed: its option, its seconds, and the time from which they count."""

    option: str
    seconds: float
    start: dt.datetime

    @property
    def fails_step(self) -> bool:
        """Whether the step has failed. Any other limit begins a rollback."""
        return self.option == _STEP_TIMEOUT

    def __str__(self) -> str:
        return f"{self.option} of {self.seconds:g} s has passed, counted from {format_moment(self.start)}"


def find_overdue(file: RolloutFile, state: RolloutState, now: dt.datetime) -> PassedLimit | None:
    """Return the time limit of an open rollout that has passed, or None."""
    if state.stage not in OPEN_STAGES:
        return None
    in_step = state.stage not in (WAITING, HELD)
    limits = (
        ("deadline", file.deadline, state.started, True),
        ("approval_timeout", file.approval_timeout, state.since, state.stage == WAITING),
        (_STEP_TIMEOUT, file.step_timeout, state.step_since, in_step),
    )
    for option, seconds, start, applies in limits:
        if applies and seconds is not None and (now - start).total_seconds() >= seconds:
            return PassedLimit(option, seconds, start)
    return None


def find_contradiction(file: RolloutFile, state: RolloutState, seen: Observation) -> str:
    """Return how state, weights and release contradict each other in an open rollout, or an empty text."""
    unconfirmed = state.stage == PINNED and state.release_id is None
    if not unconfirmed and not seen.release.is_active:
        return f"The annotation describes an active rollout ({describe(state)}), but release '{state.release}' is not active."
    if _is_replaced(state, seen):
        return _describe_replacement(state, seen)
    if unconfirmed and seen.release.is_active:
        # The service may edit the routes when it creates the release. They are set again before anything else.
        return ""
    return _find_unexpected_traffic(state, seen) or _find_changed_steps(file, state)


def describe(state: RolloutState) -> str:
    """Return stage, step and weight of a state as text."""
    return f"stage {state.stage}, step {state.step}, {state.weight} % to the gray version"


# Without a state


def _decide_without_state(file: RolloutFile, seen: Observation, now: dt.datetime) -> Action:
    """Decide for a Service whose routes have no state of this release."""
    problem = f"The annotation {seen.annotation_problem}." if seen.annotation_problem else "The annotation is missing."
    if seen.traffic.problem:
        # If several VirtualServices can be the one with the annotation, none of them is read.
        problem = f"{problem} {seen.traffic.problem.rstrip('.')}."
    if seen.release.is_active or seen.release.condition == ENDING:
        return _decide_without_annotation(file, seen, now, problem)
    if seen.command.action == RUN:
        return _start(file, seen, now)
    if seen.command.action in (ROLLBACK, ENFORCE):
        return _stop(seen, FINISHED, f"Release '{file.release}' is not active, so no rollback is required.")
    return _stop(
        seen, FAILURE, f"Release '{file.release}' has no rollout to continue. Start one with canary_action=run."
    )


def _decide_without_annotation(file: RolloutFile, seen: Observation, now: dt.datetime, problem: str) -> Action:
    """Hold an active release without a state, except for a rollback that somebody requests."""
    weights = _format_weights(seen)
    if seen.command.action == ROLLBACK and seen.release.is_active:
        state = _make_state(file, seen, now, release_id=seen.release.id, requested=True)
        return Action(ANNOTATE, "Roll back on request.", state.enter(ROLLING_BACK, seen.run, now, reason="requested"))
    if seen.command.action == ROLLBACK:
        return _stop(
            seen,
            FAILURE,
            f"Release '{file.release}' is being ended ({seen.release.phase}), so a rollback is no longer possible.",
        )
    return _stop(
        seen,
        HELD,
        f"{problem} However, release '{file.release}' is active ({seen.release.phase}) and the gray version receives {weights} %."
        " To return all traffic to the original version and cancel the release, use canary_action=rollback.",
    )


def _start(file: RolloutFile, seen: Observation, now: dt.datetime) -> Action:
    if seen.release.condition == ENDING:
        return _stop(
            seen,
            FAILURE,
            f"An earlier release '{file.release}' is still being ended ({seen.release.phase}). Run the playbook again later.",
        )
    if seen.traffic.needs_cleanup and not seen.cleanup_failed:
        # The annotation of the last rollout has the versions, and the new one replaces it.
        return Action(CLEAN_UP, "Remove the routes that remain after the last promotion.")
    state = _make_state(file, seen, now, replicas=seen.original_replicas)
    return Action(PIN, "Route all traffic to the original version before the release exists.", state)


def _make_state(file: RolloutFile, seen: Observation, now: dt.datetime, **changes: t.Any) -> RolloutState:
    """Return the state of a rollout that begins now."""
    return RolloutState(
        file.release,
        file.digest,
        seen.run,
        now,
        now,
        now,
        original_version=file.original_version,
        gray_version=file.gray_version,
        **changes,
    )


# Finished


def _decide_finished(case: _Case) -> Action:
    """Decide for a rollout that was promoted or rolled back."""
    state, seen = case.state, case.seen
    if seen.release.is_active:
        if state.outcome == ROLLED_BACK and seen.command.action == ROLLBACK:
            return case.enter(ROLLING_BACK, "Roll back on request.", outcome=None, requested=True, reason="requested")
        return _stop(
            seen,
            HELD,
            f"The annotation describes a finished rollout ({state.outcome}), but release '{state.release}' is active.",
        )
    return _decide_promoted(case) if state.outcome == PROMOTED else _decide_rolled_back(case)


def _decide_promoted(case: _Case) -> Action:
    file, state, seen, _now = case
    if seen.command.action == ROLLBACK:
        return _stop(
            seen,
            FAILURE,
            f"Release '{state.release}' was promoted {_when(state)}, so a rollback is no longer possible.",
        )
    if seen.command.action == RUN and file.digest != state.digest:
        return _stop(
            seen,
            FAILURE,
            f"Release '{state.release}' was promoted {_when(state)} with different templates. The next release requires a new name and a new version.",
        )
    if seen.traffic.needs_cleanup and not seen.cleanup_failed and seen.command.action != ENFORCE:
        return Action(CLEAN_UP, "Remove the routes to the original version.")
    result = PROMOTED if case.is_own() else FINISHED
    return _stop(seen, result, f"Release '{state.release}' was promoted {_when(state)}.")


def _decide_rolled_back(case: _Case) -> Action:
    file, state, seen, now = case
    again = file.digest != state.digest or seen.command.restart
    if seen.command.action == RUN and again and not case.is_own():
        return _start(file, seen, now)
    text = _describe_outcome(state)
    if seen.command.action == RUN and not case.is_own():
        text = f"{text.rstrip('.')}. To start it again, change the template, or set canary_restart=true."
    return _stop(seen, ROLLED_BACK, text)


# Promotion: a point of no return


def _continue_promotion(case: _Case) -> Action:
    """Continue or report a promotion that has begun. Never move traffic back."""
    state, seen = case.state, case.seen
    if _is_replaced(state, seen):
        return _stop(seen, HELD, _describe_replacement(state, seen))
    if seen.command.action == ROLLBACK:
        return _stop(
            seen, FAILURE, f"The promotion of release '{state.release}' has begun, so a rollback is no longer possible."
        )
    if seen.command.action == ENFORCE:
        return _stop(seen, RUNNING, f"The promotion of release '{state.release}' has begun.")
    if seen.release.end_state == "canceled" and not seen.release.is_active:
        return _stop(
            seen,
            HELD,
            f"Release '{state.release}' was canceled although its promotion had begun (phase '{seen.release.phase}').",
        )
    if seen.release.is_active:
        return _request_promotion(case)
    if seen.release.condition == ENDING:
        return _wait_for_end(case, f"Wait until release '{state.release}' has ended.")
    if not seen.original_deleted:
        return _wait_for_end(case, "Wait until the original Deployment is deleted.")
    if not seen.traffic.has_only(100):
        return _stop(
            seen, HELD, f"Release '{state.release}' has ended, but the gray version receives {_format_weights(seen)} %."
        )
    return case.enter(FINISHED, "The promotion is confirmed.", outcome=PROMOTED, weight=100, previous=100)


def _request_promotion(case: _Case) -> Action:
    """Request the promotion of an active release once in each run."""
    state, seen = case.state, case.seen
    if seen.end_request is None:
        if not seen.traffic.has_only(100):
            expected = f"expected 100 %, but the gray version receives {_format_weights(seen)} %"
            text = f"The promotion has begun, but the traffic has changed: {expected}{_by(seen)}."
            return _stop(
                seen, HELD, f"{text} Route all traffic to the gray version again, then run the playbook again."
            )
        if not seen.gray.ready:
            # The end of the release deletes the original version, the only one that could take the traffic.
            return _wait_for_end(case, f"Wait until the gray version is ready: {seen.gray.reason.rstrip('.')}.")
        return Action(END_PROMOTE, f"Promote release '{state.release}'.")
    if seen.end_request.result == REFUSED and _is_intact(seen) and _has_no_earlier_request(case):
        return case.enter(HELD, "The service refused the promotion.", reason=seen.end_request.reason)
    lost = seen.end_request.result != ACCEPTED
    unknown = f", because the outcome of the request is unknown: {seen.end_request.reason}" if lost else "."
    return _wait_for_end(case, f"Wait until the service promotes release '{state.release}'{unknown}")


def _is_intact(seen: Observation) -> bool:
    """Return whether the original version could take the traffic back."""
    return seen.original.ready and not seen.original_deleted and not seen.original_terminating


def _has_no_earlier_request(case: _Case) -> bool:
    """Return whether no request of an earlier run to end the release can be pending.

    The service may still carry out the last request of a run that was killed or lost its connection. Such a run sends no request after its Lease
    has expired (RolloutLease.deadline), so before this run became the holder. Its request has taken effect once the duration of a Lease has passed
    since then.
    """
    return case.is_own() or case.waited() >= case.file.lease_duration


def _wait_for_end(case: _Case, reason: str) -> Action:
    """Wait for the service, for at most ``end_timeout`` in each run."""
    if case.waited() >= case.file.end_timeout:
        return _stop(
            case.seen,
            UNDETERMINED,
            f"Not confirmed within {case.file.end_timeout:g} s: {reason} Run the playbook again.",
        )
    return Action(WAIT, reason, seconds=case.file.poll_interval)


# Rollback


def _continue_rollback(case: _Case) -> Action:
    """Return the traffic first, then cancel the release."""
    file, state, seen, _now = case
    back = seen.traffic.is_returned()
    if _is_replaced(state, seen):
        return _stop(seen, HELD, _describe_replacement(state, seen))
    if seen.release.end_state == PROMOTED and not seen.release.is_active:
        return _stop(
            seen,
            FAILURE,
            f"Release '{state.release}' is being promoted or was promoted, so the rollback cannot continue.",
        )
    if not back and seen.release.condition == ENDING:
        return _stop(
            seen,
            HELD,
            f"Release '{state.release}' is being ended while the gray version receives {_format_weights(seen)} %.",
        )
    if not back and _has_shifted(state, seen):
        expected = "expected 0 % to the gray version and no match routes"
        return _stop(
            seen,
            HELD,
            f"The traffic has changed during the rollback{_by(seen)}: {expected}, actual {_format_weights(seen)} %."
            " Stop the client that changes the routes, then use canary_action=rollback again.",
        )
    if not back and not seen.original.ready and not seen.original_serves:
        return _wait_for_end(case, f"Wait until the original version can receive all traffic: {seen.original.reason}")
    if not back:
        return case.enter(
            ROLLING_BACK, "Route all traffic to the original version.", SHIFT, weight=0, previous=state.weight
        )
    remaining = case.remaining(file.propagation)
    if seen.release.is_active and remaining > 0:
        return Action(WAIT, "Wait until the proxies have the new routes.", seconds=min(remaining, file.poll_interval))
    if seen.release.is_active and seen.traffic.remaining:
        return _stop(seen, HELD, _describe_remaining(state, seen))
    if seen.release.is_active and seen.end_request is None:
        return Action(END_CANCEL, f"Cancel release '{state.release}'.")
    if seen.release.is_active and seen.end_request and seen.end_request.result == REFUSED:
        return _stop(
            seen,
            FAILURE,
            f"All traffic is back on the original version, but the service refused to cancel the release: {seen.end_request.reason}",
        )
    if seen.release.is_active or seen.release.condition == ENDING:
        return _wait_for_end(case, f"Wait until release '{state.release}' has ended.")
    return case.enter(FINISHED, "The rollback is confirmed.", outcome=ROLLED_BACK, weight=0, previous=0)


def _describe_remaining(state: RolloutState, seen: Observation) -> str:
    """Return what prevents the cancellation after the routes of the rollout lead to the original version."""
    return (
        f"The rollout has routed all traffic that it manages back to the original version, but release '{state.release}' is not canceled,"
        f" because other routes lead to the gray version: {seen.traffic.remaining.rstrip('.')}. Change these routes, then use canary_action=rollback again."
    )


def _begin_rollback(case: _Case, reason: str, requested: bool = False) -> Action:
    return case.enter(ROLLING_BACK, f"Roll back: {reason}", reason=reason, requested=requested)


def _fail_step(case: _Case, reason: str) -> Action:
    """Do what the file demands after a failure of the gray version."""
    if case.file.on_failure == "hold":
        return case.enter(HELD, f"Hold: {reason}", reason=reason)
    return _begin_rollback(case, reason)


# Open rollouts


def _refuse_other_release(case: _Case) -> Action:
    state, seen = case.state, case.seen
    text = f"The Service has an unfinished rollout of release '{state.release}' ({describe(state)}), and the file describes '{case.file.release}'."
    text += " Finish or roll back that one with its own file first."
    return _stop(seen, FAILURE if seen.command.action == ROLLBACK else HELD, text)


def _decide_open(case: _Case) -> Action:
    """Decide for a rollout that can go forward and back."""
    file, state, seen, now = case
    if seen.command.action == ROLLBACK:
        return _begin_rollback(case, "requested", requested=True)
    contradiction = find_contradiction(file, state, seen)
    if contradiction and not _is_pin_interrupted(case):
        return _stop(seen, HELD, f"{contradiction.rstrip('.')}. {_UNDO}")
    overdue = find_overdue(file, state, now)
    if overdue:
        return _fail_step(case, str(overdue)) if overdue.fails_step else _begin_rollback(case, str(overdue))
    if seen.command.action == ENFORCE:
        return _stop(
            seen,
            state.stage if state.stage in (WAITING, HELD) else RUNNING,
            f"No time limit has passed ({describe(state)}).",
        )
    if file.digest != state.digest:
        text = f"The templates in the file differ from those of the active release '{state.release}'. Use the file of that release, or roll it back first."
        return _stop(seen, HELD, text)
    if seen.release.condition == FAILED and state.stage in (PINNED, SHIFTING, PAUSING, ANALYZING):
        return _fail_step(case, f"the release has failed: {seen.release.reason}")
    return _check_command(case) or _STAGES[state.stage](case)


def _check_command(case: _Case) -> Action | None:
    """Return a stop for an approval or a promotion of a step that is not the waiting one, else None."""
    file, state, seen, _now = case
    wanted = _approved_step(case)
    # This run, or an earlier one that was interrupted, has recorded this approval.
    if seen.command.action == RUN or wanted == state.approved:
        return None
    if (
        state.stage != WAITING
        or state.step != wanted
        or (seen.command.action == PROMOTE and wanted != file.last_listed)
    ):
        return _stop(seen, FAILURE, f"Step {wanted} is not waiting for an approval ({describe(state)}).")
    if seen.command.action == APPROVE and not file.is_approvable(state.step):
        return _stop(
            seen, FAILURE, f"Step {state.step} is the last one of the file. Continue with canary_action=promote."
        )
    return None


def _approved_step(case: _Case) -> int | None:
    """Return the step that the command approves. A promotion approves the last step of the file."""
    action, step = case.seen.command.action, case.seen.command.step
    if action == PROMOTE and step is None:
        return case.file.last_listed
    return step if action in (APPROVE, PROMOTE) else None


def _decide_pinned(case: _Case) -> Action:
    """Create the release, confirm the routes, and wait until the release is ready."""
    file, state, seen, _now = case
    if _is_pin_interrupted(case):
        return case.enter(
            PINNED, "Finish routing all traffic to the original version, which an interrupted run has begun.", PIN
        )
    if state.release_id is None and not seen.release.is_active and case.remaining(file.propagation) > 0:
        # Without the new routes, the proxies would send requests to the gray pods as soon as these are ready.
        seconds = min(case.remaining(file.propagation), file.poll_interval)
        return Action(WAIT, "Wait until the proxies route everything to the original version.", seconds=seconds)
    if state.release_id is None and not seen.release_verified:
        return Action(CREATE, f"Create release '{state.release}'.")
    if not seen.release.is_active:
        return Action(WAIT, f"Wait until release '{state.release}' is listed.", seconds=case.file.poll_interval)
    if state.release_id is None:
        return case.enter(
            PINNED, "Confirm the release and its routes.", SHIFT, release_id=seen.release.id, weight=0, previous=0
        )
    if seen.release.condition == PENDING:
        return Action(WAIT, f"Wait until release '{state.release}' is ready.", seconds=case.file.poll_interval)
    return _enter_step(case, 1)


def _is_pin_interrupted(case: _Case) -> bool:
    """Return whether a run or a conflict ended the start before all routes were set. No gray pods exist yet, so a run sets them again."""
    state, seen = case.state, case.seen
    unfinished = not seen.traffic.has_only(0) or not seen.traffic.matches_expected
    starts = state.stage == PINNED and state.release_id is None and seen.command.action == RUN
    return (
        starts
        and unfinished
        and not _has_shifted(state, seen)
        and not seen.release.is_active
        and not seen.traffic.problem
    )


def _decide_shifting(case: _Case) -> Action:
    """Move the traffic when both versions are ready, and wait until the proxies have the new routes."""
    file, state, seen, _now = case
    if seen.traffic.has_only(state.weight) and seen.traffic.matches_expected:
        remaining = case.remaining(file.propagation)
        if remaining > 0:
            return Action(
                WAIT, "Wait until the proxies have the new routes.", seconds=min(remaining, file.poll_interval)
            )
        return case.enter(
            PAUSING, f"Step {state.step}: pause {file.step(state.step).pause:g} s.", previous=state.weight
        )
    for version, readiness in (("gray", seen.gray), ("original", seen.original)):
        if readiness.failed:
            return _fail_step(case, f"The {version} version cannot become ready: {readiness.reason}")
        if not readiness.ready:
            return Action(
                WAIT, f"Wait until the {version} version is ready: {readiness.reason}", seconds=file.poll_interval
            )
    return case.enter(SHIFTING, f"Step {state.step}: route {state.weight} % to the gray version.", SHIFT)


def _decide_pausing(case: _Case) -> Action:
    file, state, seen, _now = case
    if not case.is_own():
        return case.enter(PAUSING, f"Step {state.step}: repeat the pause of an interrupted run.")
    if seen.gray.failed:
        return _fail_step(case, f"The gray version is not ready any more: {seen.gray.reason}")
    remaining = case.remaining(file.step(state.step).pause)
    if remaining > 0:
        return Action(WAIT, f"Pause after step {state.step}.", seconds=min(remaining, file.poll_interval))
    if file.step(state.step).metrics:
        return case.enter(ANALYZING, f"Step {state.step}: analyze the metrics.")
    return _pass_step(case)


def _decide_analyzing(case: _Case) -> Action:
    state, seen = case.state, case.seen
    if not case.is_own():
        return case.enter(PAUSING, f"Step {state.step}: repeat the pause and the analysis of an interrupted run.")
    if seen.verdict is None or seen.verdict.step != state.step:
        return Action(ANALYZE, f"Step {state.step}: analyze the metrics.")
    if seen.verdict.verdict == PASSED:
        return _pass_step(case)
    reason = f"step {state.step}: {seen.verdict.reason}"
    if seen.verdict.verdict == INCONCLUSIVE:
        return case.enter(HELD, f"Hold: the analysis is inconclusive, {reason}", reason=f"inconclusive, {reason}")
    return _fail_step(case, f"the analysis failed, {reason}")


def _pass_step(case: _Case) -> Action:
    """Record the passed step and continue, or wait for an approval."""
    state = case.state
    if case.file.needs_approval(state.step):
        return case.enter(WAITING, f"Step {state.step} waits for an approval.", passed=state.step)
    return _leave_step(case, passed=state.step)


def _decide_waiting(case: _Case) -> Action:
    state, seen = case.state, case.seen
    if _approved_step(case) == state.step:
        return _leave_step(case, approved=state.step)
    return _stop(seen, WAITING, f"Step {state.step} waits for an approval.{_describe_next_action(case.file, state)}")


def _decide_held(case: _Case) -> Action:
    """Repeat the step of a held rollout in a new run."""
    state, seen = case.state, case.seen
    if case.is_own():
        # The annotation has only the beginning of a long text.
        refused = seen.end_request is not None and seen.end_request.result == REFUSED
        return _stop(seen, HELD, seen.end_request.reason if refused and seen.end_request else state.reason)
    changes: dict[str, t.Any] = {"step_since": case.now, "reason": "", "previous": state.weight}
    if state.step == 0:
        return case.enter(PINNED, "Repeat the checks of the release.", **changes)
    # An earlier approval of this step was given for the earlier analysis.
    return case.enter(SHIFTING, f"Repeat step {state.step}.", approved=min(state.approved, state.step - 1), **changes)


def _leave_step(case: _Case, **changes: t.Any) -> Action:
    if case.state.step < len(case.file.steps):
        return _enter_step(case, case.state.step + 1, **changes)
    if not case.seen.traffic.has_only(100):
        return _stop(
            case.seen,
            HELD,
            f"The gray version receives {_format_weights(case.seen)} %, and a promotion requires 100 %.",
        )
    if case.seen.release.condition == FAILED or not case.seen.gray.ready:
        return _delay_promotion(case)
    return case.enter(PROMOTING, "Begin the promotion. From now on, a rollback is not possible.", **changes)


def _delay_promotion(case: _Case) -> Action:
    """Do not end the original version while the gray version has no ready pods, although it has all traffic."""
    gray, release = case.seen.gray, case.seen.release
    reason = f"the gray version is not ready: {gray.reason}"
    if release.condition == FAILED:
        reason = f"the release has failed: {release.reason}"
    if case.state.stage == WAITING:
        # Step_timeout does not apply to this stage, so a run could wait without end.
        return _stop(case.seen, HELD, f"The promotion cannot begin: {reason} Step {case.state.step} still waits.")
    if gray.failed:
        return _fail_step(case, reason)
    return Action(WAIT, f"Delay the promotion: {reason}", seconds=case.file.poll_interval)


def _enter_step(case: _Case, number: int, **changes: t.Any) -> Action:
    weight = case.file.step(number).weight
    changes = {"step": number, "previous": case.state.weight, "weight": weight, "step_since": case.now, **changes}
    return case.enter(SHIFTING, f"Begin step {number}.", **changes)


_STAGES: dict[str, t.Callable[[_Case], Action]] = {
    PINNED: _decide_pinned,
    SHIFTING: _decide_shifting,
    PAUSING: _decide_pausing,
    ANALYZING: _decide_analyzing,
    WAITING: _decide_waiting,
    HELD: _decide_held,
}


# Status and texts


def _report(file: RolloutFile, state: RolloutState | None, seen: Observation, now: dt.datetime) -> Action:
    """Report the state of the rollout. Change nothing."""
    if state is None or state.release != file.release:
        return _report_without_state(file, state, seen)
    if state.stage == FINISHED:
        return _stop(seen, str(state.outcome), _describe_outcome(state))
    text = f"{describe(state)}, since {format_moment(state.since)}"
    problem = (
        "" if state.stage not in OPEN_STAGES or is_past_return(state, seen) else find_contradiction(file, state, seen)
    )
    if problem:
        return _stop(seen, HELD, f"{problem.rstrip('.')}. {_UNDO}")
    overdue = find_overdue(file, state, now)
    result = state.stage if state.stage in (WAITING, HELD) else RUNNING
    text += f": {state.reason.rstrip('.')}" if state.reason else ""
    if overdue:
        return _stop(seen, result, f"{text}. Overdue: {overdue}.")
    return _stop(seen, result, f"{text}.{_describe_next_action(file, state)}")


def _describe_next_action(file: RolloutFile, state: RolloutState) -> str:
    """Return how to continue a waiting rollout, or an empty text."""
    if state.stage != WAITING:
        return ""
    approve = f"canary_action=approve and canary_step={state.step}"
    return f" Continue with {approve if file.is_approvable(state.step) else 'canary_action=promote'}."


def _describe_outcome(state: RolloutState) -> str:
    if state.outcome == ROLLED_BACK:
        return f"Release '{state.release}' was rolled back {_when(state)}: {state.reason}"
    return f"Release '{state.release}' was {state.outcome} {_when(state)}."


def _report_without_state(file: RolloutFile, state: RolloutState | None, seen: Observation) -> Action:
    if seen.release.is_active or seen.release.condition == ENDING:
        problem = seen.annotation_problem or (
            "is missing" if state is None else f"belongs to release '{state.release}'"
        )
        text = f"Release '{file.release}' is active ({seen.release.phase}), but the annotation {problem}. The gray version receives "
        return _stop(seen, HELD, f"{text}{_format_weights(seen)} %.")
    if state is not None and state.stage != FINISHED:
        return _stop(seen, RUNNING, f"The Service has a rollout of release '{state.release}': {describe(state)}.")
    return _stop(seen, FINISHED, f"Release '{file.release}' has no rollout.")


def _find_unexpected_traffic(state: RolloutState, seen: Observation) -> str:
    if seen.traffic.problem:
        return seen.traffic.problem
    moving = state.stage == SHIFTING and not _has_shifted(state, seen)
    allowed = (state.previous, state.weight) if moving else (state.weight,)
    if seen.traffic.has_only(*allowed) and (seen.traffic.matches_expected or moving):
        return ""
    expected = " or ".join(f"{weight} %" for weight in dict.fromkeys(allowed))
    if seen.traffic.has_only(*allowed):
        return f"The match routes of step {state.step} differ from those in the file{_by(seen)}."
    return f"The traffic has changed{_by(seen)}: expected {expected} to the gray version, actual {_format_weights(seen)} %."


def _has_shifted(state: RolloutState, seen: Observation) -> bool:
    """Return whether this run has set all routes of the stage. If they differ afterwards, somebody else sets them as well."""
    return seen.shifted == (state.stage, state.step) and state.run == seen.run


def _is_replaced(state: RolloutState, seen: Observation) -> bool:
    """Return whether the active release is not the one of the rollout."""
    return seen.release.is_active and state.release_id is not None and seen.release.id != state.release_id


def _describe_replacement(state: RolloutState, seen: Observation) -> str:
    return f"The annotation belongs to the release with the ID {state.release_id}, but the active one has the ID {seen.release.id}."


def _find_changed_steps(file: RolloutFile, state: RolloutState) -> str:
    if state.step > len(file.steps):
        return f"The rollout is in step {state.step}, but the file has only {len(file.steps)} steps."
    if state.step > 0 and file.step(state.step).weight != state.weight:
        return f"Step {state.step} of the file is {file.step(state.step).weight} %, but the rollout is at {state.weight} % in that step."
    return ""


def _stop(seen: Observation, result: str, reason: str) -> Action:
    return Action(STOP, reason, result=result, failed=not is_success(seen.command.action, result))


def is_success(action: str, result: str) -> bool:
    """Return whether a run with that action and result succeeded."""
    if action in (STATUS, ENFORCE):
        return result not in (UNDETERMINED, FAILURE)
    return result in (PROMOTED, FINISHED, WAITING) or (action == ROLLBACK and result == ROLLED_BACK)


def _format_weights(seen: Observation) -> str:
    """Return the weights in force, without repetitions. A route without subsets splits the traffic by ready pods."""
    found = dict.fromkeys(seen.traffic.weights)
    return ", ".join("an undefined share of" if weight is None else str(weight) for weight in found) or "no routes, 0"


def _by(seen: Observation) -> str:
    return f" (last change by {seen.traffic.manager})" if seen.traffic.manager else ""


def _when(state: RolloutState) -> str:
    return f"at {format_moment(state.since)}"
