# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollouts in each stage and observations of them, for tables of decisions."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.decision import (
    ANNOTATE,
    STOP,
    Action,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    ABSENT,
    ENDED,
    ENDING,
    FAILED,
    INCONCLUSIVE,
    NOT_PASSED,
    PASSED,
    PENDING,
    READY,
    REFUSED,
    UNKNOWN,
    Command,
    EndRequest,
    Observation,
    Readiness,
    ReleaseView,
    TrafficView,
    Verdict,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile, Step
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import RolloutState

NOW = dt.datetime(2026, 6, 25, 8, 0, tzinfo=dt.timezone.utc)
RUN_ID, OTHER_RUN = "run-1", "run-0"
RELEASE = "shop/cart-v2"
FILE = RolloutFile(
    RELEASE,
    "digest",
    (
        Step(0, match={"headers": {"x-tester": {"exact": "yes"}}}, pause=60),
        Step(10, pause=60, metrics=("errors",)),
        Step(50, pause=60, metrics=("errors",), approval=True),
        Step(100, pause=60, metrics=("errors",)),
    ),
    deadline=7200.0,
    approval_timeout=3600.0,
    original_version="v1",
    gray_version="v2",
)


def ago(seconds: float) -> dt.datetime:
    return NOW - dt.timedelta(seconds=seconds)


def make_state(**changes: t.Any) -> RolloutState:
    """Return the state of a rollout that this run has started five minutes ago."""
    fields: dict[str, t.Any] = {"started": ago(300), "since": ago(30), "step_since": ago(60), "release_id": "id-1"}
    versions = {"original_version": "v1", "gray_version": "v2"}
    return RolloutState(**{"release": RELEASE, "digest": "digest", "run": RUN_ID, **versions, **fields, **changes})


# Each stage in the situations that differ, in the order of a rollout.
STATES: dict[str, RolloutState | None] = {
    "none": None,
    "pinned, not created": make_state(stage="pinned", release_id=None),
    "pinned": make_state(stage="pinned"),
    "shifting": make_state(stage="shifting", step=2, previous=0, weight=10, passed=1),
    "shifted": make_state(stage="shifting", step=2, previous=0, weight=10, passed=1),
    "pausing": make_state(stage="pausing", step=2, previous=10, weight=10, passed=1),
    "paused": make_state(stage="pausing", step=2, previous=10, weight=10, passed=1, since=ago(61)),
    "analyzing": make_state(stage="analyzing", step=2, previous=10, weight=10, passed=1),
    "analyzing, approval": make_state(stage="analyzing", step=3, previous=50, weight=50, passed=2),
    "analyzing, last": make_state(stage="analyzing", step=4, previous=100, weight=100, passed=3, approved=3),
    "waiting": make_state(stage="waiting", step=3, previous=50, weight=50, passed=3),
    "held": make_state(stage="held", step=3, previous=50, weight=50, passed=2, reason="inconclusive"),
    "rolling_back": make_state(stage="rolling_back", step=3, previous=50, weight=50, passed=2, reason="errors"),
    "rolled to 0": make_state(stage="rolling_back", step=3, previous=50, weight=0, passed=2, reason="errors"),
    "promoting": make_state(stage="promoting", step=4, previous=100, weight=100, passed=4, approved=3),
    "promoted": make_state(stage="finished", step=4, weight=100, outcome="promoted"),
    "rolled_back": make_state(stage="finished", step=3, weight=0, outcome="rolled_back", reason="errors"),
}
# The weights in force, if they are not those of the state.
_ACTUAL = {"none": 0, "shifting": 0, "rolling_back": 50}
_ENDED = ("none", "pinned, not created", "promoted", "rolled_back")


def observe(name: str, **changes: t.Any) -> Observation:
    """Return the observation that fits a state of STATES."""
    state = STATES[name]
    weight = _ACTUAL.get(name, state.weight if state else 0)
    release = ReleaseView(ABSENT) if name in _ENDED else ReleaseView(READY, "Running", "id-1")
    fields: dict[str, t.Any] = {
        "release": release,
        "traffic": TrafficView((weight, weight), manager="kubectl", has_matches=weight > 0),
        "original_deleted": name == "promoted",
        "verdict": None,
    }
    return Observation(Command(), RUN_ID, ago(300))._replace(**{**fields, **changes})


def _with_traffic(seen: Observation, **changes: t.Any) -> Observation:
    return seen._replace(traffic=seen.traffic._replace(**changes))


def _with_release(seen: Observation, *values: t.Any) -> Observation:
    return seen._replace(release=ReleaseView(*values))


def _with_verdict(seen: Observation, name: str, verdict: str) -> Observation:
    state = STATES[name]
    return seen._replace(verdict=Verdict(state.step if state else 1, verdict, "errors is 0.2"))


# Observations, each a change of the one that fits the state.
OBSERVATIONS: dict[str, t.Callable[[Observation, str], Observation]] = {
    "as expected": lambda seen, name: seen,
    "edited": lambda seen, name: _with_traffic(seen, weights=(seen.traffic.weights[0], 33)),
    "other matches": lambda seen, name: _with_traffic(seen, matches_expected=False, has_matches=True),
    "not listed": lambda seen, name: _with_release(seen, ABSENT),
    "pending": lambda seen, name: _with_release(seen, PENDING, "Creating", "id-1"),
    "failed": lambda seen, name: _with_release(seen, FAILED, "Failed", "id-1", None, "phase Failed"),
    "other release": lambda seen, name: _with_release(seen, READY, "Running", "id-2"),
    "ending": lambda seen, name: _with_release(seen, ENDING, "Ending", "id-1"),
    "ended, promoted": lambda seen, name: _with_release(seen, ENDED, "Finished", "id-1", "promoted")._replace(
        original_deleted=True
    ),
    "ended, canceled": lambda seen, name: _with_release(seen, ENDED, "Canceled", "id-1", "canceled"),
    "verified": lambda seen, name: _with_release(seen, READY, "Running", "id-1")._replace(release_verified=True),
    "gray not ready": lambda seen, name: seen._replace(gray=Readiness(False, "0 of 1 replicas")),
    "gray failed": lambda seen, name: seen._replace(gray=Readiness(False, "deadline exceeded", True)),
    "original not ready": lambda seen, name: seen._replace(original=Readiness(False, "0 of 2 replicas")),
    "passed": lambda seen, name: _with_verdict(seen, name, PASSED),
    "not passed": lambda seen, name: _with_verdict(seen, name, NOT_PASSED),
    "inconclusive": lambda seen, name: _with_verdict(seen, name, INCONCLUSIVE),
    "refused": lambda seen, name: seen._replace(end_request=EndRequest(REFUSED, "400")),
    "lost": lambda seen, name: seen._replace(end_request=EndRequest(UNKNOWN, "timeout")),
    "other run": lambda seen, name: seen._replace(run="run-2"),
    "missing subset": lambda seen, name: _with_traffic(seen, has_missing_subset=True, problem="no subset 'v2'"),
    "other routes": lambda seen, name: _with_traffic(seen, remaining="VirtualService shop/web: 10 %"),
    "cleanup": lambda seen, name: _with_traffic(seen, needs_cleanup=True),
}


def format_action(action: Action) -> str:
    """Return an action in one word: ``>stage`` for a change of the state only, the result of a stop with ``!`` if the run has failed."""
    if action.kind == ANNOTATE and action.state is not None:
        return f">{action.state.stage}{action.state.step}"
    if action.kind == STOP:
        return f"={action.result}{'!' if action.failed else ''}"
    return action.kind


def other_run(state: RolloutState) -> RolloutState:
    """Return the state as another run has left it."""
    return dataclasses.replace(state, run=OTHER_RUN)
