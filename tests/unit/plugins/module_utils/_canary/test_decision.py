# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import itertools
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import decision
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.decision import Action, decide
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    COMMANDS,
    CONDITIONS,
    ENDED,
    ENDING,
    FAILED,
    INCONCLUSIVE,
    NOT_PASSED,
    PASSED,
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
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import STAGES, RolloutState
from example_rollout import (
    FILE,
    NOW,
    OBSERVATIONS,
    RELEASE,
    STATES,
    ago,
    format_action,
    make_state,
    observe,
)

TABLE = Path(__file__).parent / "decisions.txt"
TABLE_COMMANDS = {
    "run": Command(),
    "run, restart": Command(restart=True),
    "approve 2": Command("approve", 2),
    "approve 3": Command("approve", 3),
    "promote": Command("promote"),
    "rollback": Command("rollback"),
    "status": Command("status"),
    "enforce": Command("enforce"),
}


def render_table(command: str) -> list[str]:
    """Return one line for each state: each action with the observations that lead to it."""
    lines = []
    for name, state in STATES.items():
        actions: dict[str, list[str]] = {}
        for observation, change in OBSERVATIONS.items():
            seen = change(observe(name), name)._replace(command=TABLE_COMMANDS[command])
            actions.setdefault(format_action(decide(FILE, state, seen, NOW)), []).append(observation)
        lines += [f"{name:20} {action:15} {'; '.join(found)}" for action, found in actions.items()]
    return lines


def read_table() -> dict[str, list[str]]:
    """Return the expected lines by command."""
    sections: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            lines = sections.setdefault(line[3:], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections


@pytest.mark.parametrize("command", TABLE_COMMANDS)
def test_each_state_and_observation_has_the_listed_action(command: str) -> None:
    assert render_table(command) == read_table()[command]


def test_table_lists_all_commands() -> None:
    assert list(read_table()) == list(TABLE_COMMANDS)
    assert {command.action for command in TABLE_COMMANDS.values()} == set(COMMANDS)
    assert {state.stage for state in STATES.values() if state} == set(STAGES)


# Rules for all combinations


def all_states() -> t.Iterator[RolloutState | None]:
    yield None
    for stage, step, run in itertools.product(STAGES, (0, 3, 4), ("run-1", "run-0")):
        weight = (0, 0, 10, 50, 100)[step]
        outcomes = ("promoted", "rolled_back") if stage == "finished" else (None,)
        for outcome, since in itertools.product(outcomes, (30, 60)):
            changes = {
                "stage": stage,
                "step": step,
                "weight": weight,
                "previous": weight,
                "outcome": outcome,
                "reason": "errors",
            }
            yield make_state(**changes, run=run, since=ago(since))
    yield make_state(release_id=None)
    yield make_state(stage="shifting", step=2, weight=10, previous=0)
    yield make_state(stage="waiting", step=3, weight=50, started=ago(8000))
    yield make_state(release="shop/cart-v1", stage="waiting", step=3, weight=50)


def all_observations(state: RolloutState | None) -> t.Iterator[Observation]:
    weight = state.weight if state else 0
    step = state.step if state else 0
    weights = {(weight, weight), (0, 0), (100, 100), (0, 33)}
    verdicts = (None, *(Verdict(step, verdict) for verdict in (PASSED, NOT_PASSED, INCONCLUSIVE)))
    requests = (None, EndRequest(REFUSED, "400"), EndRequest(UNKNOWN, "lost"))
    for command, condition, traffic, ready in itertools.product(
        ALL_COMMANDS, CONDITIONS, sorted(weights), (True, False)
    ):
        for verdict, request, deleted in itertools.product(verdicts, requests, (False, True)):
            if (verdict and request) or (verdict and condition in (ENDED, ENDING)):
                continue
            yield Observation(
                command,
                "run-1",
                ago(300),
                ReleaseView(condition, "Phase", "id-1", "promoted" if deleted and condition == ENDED else None),
                TrafficView(traffic),
                gray=Readiness(ready),
                original=Readiness(ready and not deleted),
                original_deleted=deleted,
                verdict=verdict,
                end_request=request,
                release_verified=ready,
            )


ALL_COMMANDS = (*TABLE_COMMANDS.values(), Command("approve"), Command("promote", 4))


def advances(before: RolloutState | None, action: Action) -> bool:
    """Return whether the action begins the next step or the promotion."""
    if before is None or action.state is None:
        return False
    return action.state.step > before.step or (action.state.stage == "promoting" and before.stage != "promoting")


def check_rules(state: RolloutState | None, seen: Observation, action: Action, file: RolloutFile = FILE) -> None:
    """Assert the rules that keep traffic and release safe."""
    stage = state.stage if state else None
    assert action.kind in decision.KINDS and action.reason
    assert (action.kind == "stop") == bool(action.result) and (action.result or "running") in decision.RESULTS
    if seen.command.action == "status":
        assert action.kind == "stop"
    if seen.command.action == "enforce":
        assert action.kind == "stop" or (action.state or state).stage in ("rolling_back", "finished", "held")  # type: ignore[union-attr]
    if action.kind == "create":
        assert stage == "pinned" and (seen.release.is_active or seen.traffic.has_only(0))
    if action.kind == "cancel":
        assert stage == "rolling_back" and seen.traffic.has_only(0) and not seen.traffic.has_matches
        assert not seen.traffic.has_missing_subset and not seen.traffic.remaining
    if action.kind == "promote":
        assert stage == "promoting" and seen.traffic.has_only(100) and seen.end_request is None and seen.gray.ready
    if action.kind in ("shift", "pin"):
        assert stage != "promoting" and seen.release.condition != ENDING
        assert action.state is not None
        assert action.state.weight == 0 or (seen.gray.ready and seen.original.ready)
        # The checks before the start refuse an original version that is not ready.
        serves = seen.original.ready or seen.original_serves
        assert action.state.weight > 0 or serves or stage == "pinned" or action.kind == "pin"
    if stage == "promoting" and action.state is not None:
        assert action.state.stage in ("finished", "held") and action.state.weight in (100, state.weight)  # type: ignore[union-attr]
    if advances(state, action):
        assert state is not None
        approved = stage == "waiting" and seen.command.action in ("approve", "promote")
        passed = stage == "analyzing" and seen.verdict is not None and seen.verdict[:2] == (state.step, PASSED)
        paused = stage == "pausing" and state.run == seen.run and not file.step(state.step).metrics
        assert approved or passed or paused or stage == "pinned"
        assert not file.needs_approval(state.step) or approved if state.step else True
        assert action.state is not None
        ready = seen.gray.ready and seen.release.condition != FAILED
        assert action.state.stage != "promoting" or ready


@pytest.mark.parametrize("stage", ["none", *STAGES])
def test_no_combination_breaks_a_rule(stage: str) -> None:
    checked = 0
    for state in all_states():
        if (state.stage if state else "none") == stage:
            for seen in all_observations(state):
                check_rules(state, seen, decide(FILE, state, seen, NOW))
                checked += 1
    assert checked > 1000


def test_same_arguments_have_the_same_action() -> None:
    for name, state in STATES.items():
        assert decide(FILE, state, observe(name), NOW) == decide(FILE, state, observe(name), NOW)


# Walks through whole rollouts


class Walk:
    """A service and a cluster that carry out each action completely. ``log`` has the actions."""

    def __init__(self, file: RolloutFile = FILE, **verdicts: str) -> None:
        self.file = file
        self.state: RolloutState | None = None
        self.now = NOW
        self.seen = Observation(Command(), "run-1", NOW)
        self.weight = 0
        self.matches: t.Mapping[str, t.Any] = {}
        self.verdicts = {int(step[1:]): verdict for step, verdict in verdicts.items()}
        self.log: list[str] = []

    def run(self, command: Command | None = None, run: str = "run-1", limit: int = 200) -> Action | None:
        """Carry out actions until the run stops, or until it is killed after ``limit`` actions. Return the last one if the run has stopped."""
        self.seen = self.seen._replace(
            command=command or Command(),
            run=run,
            holder_since=self.now,
            verdict=None,
            end_request=None,
            release_verified=False,
        )
        for _number in range(limit):
            action = decide(self.file, self.state, self.seen, self.now)
            self.log.append(format_action(action))
            check_rules(self.state, self.seen, action, self.file)
            if action.kind == "stop":
                return action
            self.carry_out(action)
        return None

    def carry_out(self, action: Action) -> None:
        seen, release = self.seen, self.seen.release
        if action.kind in ("annotate", "pin", "shift") and action.state:
            self.state = action.state
        expected = () if self.state is None or self.state.stage == "rolling_back" else self.file.match(self.state.step)
        if action.kind in ("pin", "shift") and action.state:
            self.weight, self.matches = action.state.weight, expected
        elif action.kind == "create":
            release = ReleaseView("ready", "Running", "id-1")
            seen = seen._replace(release_verified=True)
        elif action.kind == "promote":
            release, seen = ReleaseView("absent"), seen._replace(original_deleted=True)
        elif action.kind == "cancel":
            release = ReleaseView("absent")
        elif action.kind == "analyze" and self.state:
            verdict = self.verdicts.get(self.state.step, PASSED)
            seen = seen._replace(verdict=Verdict(self.state.step, verdict, "errors is 0.2"))
        traffic = TrafficView((self.weight,), self.matches == expected, has_matches=bool(self.matches))
        self.seen = seen._replace(release=release, traffic=traffic)
        self.now = self.now + (action.seconds or 1) * (ago(0) - ago(1))

    def steps(self) -> list[str]:
        """Return the log without repeated waits."""
        return [action for action, _group in itertools.groupby(self.log)]


PINNED_AND_CREATED = ["pin", "wait", "create", "shift", ">shifting1"]
STEP_1 = ["shift", "wait", ">pausing1", "wait", ">shifting2"]
STEP_2 = ["shift", "wait", ">pausing2", "wait", ">analyzing2", "analyze", ">shifting3"]
STEP_3 = ["shift", "wait", ">pausing3", "wait", ">analyzing3", "analyze"]
STEP_4 = ["shift", "wait", ">pausing4", "wait", ">analyzing4", "analyze", ">promoting4"]


def test_rollout_that_passes_waits_for_the_approval_and_is_promoted() -> None:
    walk = Walk()
    assert walk.run() == Action(
        "stop",
        "Step 3 waits for an approval. Continue with canary_action=approve and canary_step=3.",
        result="waiting",
    )
    assert walk.steps() == [*PINNED_AND_CREATED, *STEP_1, *STEP_2, *STEP_3, ">waiting3", "=waiting"]
    walk.log.clear()
    action = walk.run(Command("approve", 3), run="run-2")
    assert walk.steps() == [">shifting4", *STEP_4, "promote", ">finished4", "=promoted"]
    assert action is not None and (action.result, action.failed) == ("promoted", False)
    assert walk.run(run="run-3") == action._replace(result="finished")


def test_failed_analysis_returns_the_traffic_before_the_cancellation() -> None:
    walk = Walk(_2=NOT_PASSED)
    action = walk.run()
    assert walk.steps()[-7:] == ["analyze", ">rolling_back2", "shift", "wait", "cancel", ">finished2", "=rolled_back!"]
    assert action is not None
    assert action.reason.endswith("Z: the analysis failed, step 2: errors is 0.2")
    hint = ". To start it again, change the template, or set canary_restart=true."
    assert walk.run(run="run-2") == action._replace(reason=action.reason + hint)
    assert walk.run(Command(restart=True), run="run-3") is not None
    assert walk.log.count("pin") == 2


def test_inconclusive_analysis_holds_and_the_next_run_repeats_the_step() -> None:
    walk = Walk(_2=INCONCLUSIVE)
    action = walk.run()
    assert action is not None and (action.result, action.failed) == ("held", True)
    assert action.reason == "inconclusive, step 2: errors is 0.2"
    walk.verdicts.clear()
    walk.log.clear()
    walk.run(run="run-2")
    # The traffic did not change, so the step begins with the wait for the proxies.
    assert walk.steps()[:6] == [">shifting2", "wait", ">pausing2", "wait", ">analyzing2", "analyze"]


@pytest.mark.parametrize("kill_after", range(1, 60))
def test_run_that_is_killed_after_any_action_is_resumed(kill_after: int) -> None:
    walk = Walk()
    stopped = walk.run(limit=kill_after) or walk.run(run="run-2")
    assert stopped is not None and stopped.result == "waiting"
    stopped = walk.run(Command("approve", 3), run="run-3", limit=kill_after) or walk.run(run="run-4")
    assert stopped is not None and stopped.result in ("promoted", "finished")
    assert walk.log.count("create") <= 2 and walk.log.count("pin") == 1


@pytest.mark.parametrize("kill_after", range(1, 60))
def test_rollback_works_after_any_action_before_the_promotion(kill_after: int) -> None:
    walk = Walk()
    walk.run(limit=kill_after)
    action = walk.run(Command("rollback"), run="run-2")
    assert action is not None and (action.result, action.failed) == ("rolled_back", False)
    assert walk.seen.traffic.weights == (0,) and not walk.seen.traffic.has_matches and not walk.seen.release.is_active
    assert walk.state is not None and walk.state.requested


def test_step_below_100_at_the_end_waits_for_a_promotion() -> None:
    file = RolloutFile(RELEASE, "digest", (Step(20),), propagation=0.0)
    walk = Walk(file)
    action = walk.run()
    assert action is not None
    assert action.reason == "Step 1 waits for an approval. Continue with canary_action=promote."
    action = walk.run(Command("approve", 1), run="run-2")
    assert action is not None and (action.result, action.failed) == ("failed", True)
    assert action.reason == "Step 1 is the last one of the file. Continue with canary_action=promote."
    walk.log.clear()
    action = walk.run(Command("promote"), run="run-3")
    assert walk.log == [">shifting2", "shift", ">pausing2", ">promoting2", "promote", ">finished2", "=promoted"]


# Single decisions


def decide_in(name: str, **changes: t.Any) -> Action:
    return decide(FILE, STATES[name], observe(name, **changes), NOW)


@pytest.mark.parametrize(
    ("seen", "limits", "action"),
    [
        ("shifting", {"step_timeout": 60.0}, (">rolling_back2", "step_timeout of 60 s has passed, counted from 2026-06-25T07:59:00Z")),
        ("shifting", {"step_timeout": 61.0}, ("shift", "Step 2: route 10 % to the gray version.")),
        ("pinned", {"step_timeout": 60.0}, (">rolling_back0", "step_timeout of 60 s has passed, counted from 2026-06-25T07:59:00Z")),
        ("waiting", {"step_timeout": 60.0}, ("=waiting", "Step 3 waits for an approval. Continue with canary_action=approve and canary_step=3.")),
        ("waiting", {"approval_timeout": 30.0}, (">rolling_back3", "approval_timeout of 30 s has passed, counted from 2026-06-25T07:59:30Z")),
        ("waiting", {"approval_timeout": 31.0}, ("=waiting", "Step 3 waits for an approval. Continue with canary_action=approve and canary_step=3.")),
        ("pausing", {"approval_timeout": 30.0}, ("wait", "Pause after step 2.")),
        ("waiting", {"deadline": 300.0}, (">rolling_back3", "deadline of 300 s has passed, counted from 2026-06-25T07:55:00Z")),
        ("held", {"deadline": 300.0}, (">rolling_back3", "deadline of 300 s has passed, counted from 2026-06-25T07:55:00Z")),
        ("promoting", {"deadline": 300.0}, ("promote", "Promote release 'shop/cart-v2'.")),
    ],
)  # fmt: skip
def test_time_limits(seen: str, limits: dict[str, float], action: tuple[str, str]) -> None:
    file = dataclasses.replace(FILE, **{"deadline": None, "approval_timeout": None, **limits})
    found = decide(file, STATES[seen], observe(seen), NOW)
    assert (format_action(found), found.reason.replace("Roll back: ", "")) == action


@pytest.mark.parametrize("command", [Command("approve", 3), Command("promote"), Command("enforce"), Command()])
def test_overdue_rollout_is_rolled_back_by_each_command(command: Command) -> None:
    file = dataclasses.replace(FILE, approval_timeout=10.0)
    action = decide(file, STATES["waiting"], observe("waiting", command=command), NOW)
    assert format_action(action) == ">rolling_back3"
    status = decide(file, STATES["waiting"], observe("waiting", command=Command("status")), NOW)
    assert status == Action(
        "stop",
        "stage waiting, step 3, 50 % to the gray version, since 2026-06-25T07:59:30Z. "
        "Overdue: approval_timeout of 10 s has passed, counted from 2026-06-25T07:59:30Z.",
        result="waiting",
    )


def test_failure_holds_if_the_file_demands_it() -> None:
    file = dataclasses.replace(FILE, on_failure="hold")
    seen = observe("analyzing", verdict=Verdict(2, NOT_PASSED, "errors is 0.2"))
    assert format_action(decide(file, STATES["analyzing"], seen, NOW)) == ">held2"
    late = dataclasses.replace(file, step_timeout=10.0)
    assert format_action(decide(late, STATES["shifting"], observe("shifting"), NOW)) == ">held2"
    # A deadline is not a failure of the gray version.
    assert (
        format_action(decide(dataclasses.replace(file, deadline=10.0), STATES["held"], observe("held"), NOW))
        == ">rolling_back3"
    )


def test_verdict_of_another_step_is_not_a_pass() -> None:
    assert decide_in("analyzing", verdict=Verdict(1, PASSED)).kind == "analyze"


def test_approval_of_an_earlier_step_does_not_continue_the_waiting_one() -> None:
    state = make_state(stage="waiting", step=3, weight=50, previous=50, passed=3, approved=2)
    action = decide(FILE, state, observe("waiting", command=Command("approve", 2)), NOW)
    assert (action.kind, action.result, action.failed) == ("stop", "waiting", False)


def test_approval_of_an_earlier_step_resumes_an_interrupted_run() -> None:
    state = make_state(stage="pausing", step=3, weight=50, previous=50, passed=2, approved=2, run="run-0")
    action = decide(FILE, state, observe("waiting", command=Command("approve", 2)), NOW)
    assert format_action(action) == ">pausing3"


def test_held_step_needs_its_approval_again() -> None:
    state = make_state(stage="held", step=3, weight=50, previous=50, passed=3, approved=3, run="run-0")
    action = decide(FILE, state, observe("held"), NOW)
    assert action.state == dataclasses.replace(
        state, stage="shifting", run="run-1", approved=2, since=NOW, step_since=NOW, reason=""
    )


@pytest.mark.parametrize("weights", [(0, None), (0, 30)])
def test_run_completes_the_routes_of_an_interrupted_start(weights: tuple[int | None, ...]) -> None:
    state = STATES["pinned, not created"]
    seen = observe("pinned, not created", run="run-2", traffic=TrafficView(weights))
    action = decide(FILE, state, seen, NOW)
    assert (action.kind, action.state) == ("pin", dataclasses.replace(state, run="run-2", since=NOW))  # type: ignore[type-var]
    for changes in (
        # The run that has set the routes does not fight against somebody who changes them.
        {"run": "run-1", "shifted": ("pinned", 0)},
        {"command": Command("enforce")},
        {"traffic": TrafficView(weights, problem="a TCP route")},
    ):
        assert decide(FILE, state, seen._replace(**changes), NOW).result == "held"


def test_release_is_created_after_the_proxies_have_the_routes() -> None:
    state = make_state(stage="pinned", release_id=None, since=ago(10))
    action = decide(FILE, state, observe("pinned, not created"), NOW)
    assert action == Action("wait", "Wait until the proxies route everything to the original version.", seconds=1.0)
    created = observe("pinned, not created", release=ReleaseView("ready", "Running", "id-1"))
    assert decide(FILE, state, created, NOW).kind == "create"


@pytest.mark.parametrize(("since", "kind"), [(10, "wait"), (11, "annotate")])
def test_wait_allows_for_the_whole_seconds_of_the_api_server(since: float, kind: str) -> None:
    # 10 s between two times without fractions can be little more than 9 s.
    state = dataclasses.replace(STATES["shifted"], since=ago(since))  # type: ignore[type-var]
    assert decide(FILE, state, observe("shifted"), NOW).kind == kind


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"gray": Readiness(False, "0 of 1")}, "the gray version is not ready: 0 of 1"),
        (
            {"release": ReleaseView("failed", "Failed", "id-1", None, "phase Failed")},
            "the release has failed: phase Failed",
        ),
    ],
)
def test_promotion_does_not_begin_without_ready_gray_pods(seen: dict[str, t.Any], reason: str) -> None:
    state = make_state(stage="waiting", step=4, weight=100, previous=100, passed=4, approved=3)
    file = dataclasses.replace(FILE, listed_steps=(*FILE.listed_steps[:3], Step(100, approval=True)))
    for command in (Command("approve", 4), Command("promote")):
        action = decide(file, state, observe("promoting", command=command, **seen), NOW)
        assert action == Action(
            "stop", f"The promotion cannot begin: {reason} Step 4 still waits.", result="held", failed=True
        )


def test_promotion_waits_for_gray_pods_until_the_step_has_failed() -> None:
    passed = Verdict(4, PASSED)
    seen = observe("analyzing, last", verdict=passed, gray=Readiness(False, "0 of 1"))
    action = decide(FILE, STATES["analyzing, last"], seen, NOW)
    assert action == Action("wait", "Delay the promotion: the gray version is not ready: 0 of 1", seconds=5.0)
    late = dataclasses.replace(STATES["analyzing, last"], step_since=ago(3600))  # type: ignore[type-var]
    assert format_action(decide(FILE, late, seen, NOW)) == ">rolling_back4"
    failed = seen._replace(gray=Readiness(False, "deadline exceeded", True))
    assert format_action(decide(FILE, STATES["analyzing, last"], failed, NOW)) == ">rolling_back4"


def test_rollback_requires_only_one_ready_pod_of_the_original_version() -> None:
    # An autoscaler can have reduced a version without traffic, and does not add pods before it has some.
    seen = observe("rolling_back", original=Readiness(False, "1 of 4"), original_serves=True)
    action = decide(FILE, STATES["rolling_back"], seen, NOW)
    assert (action.kind, action.state and action.state.weight) == ("shift", 0)
    assert decide(FILE, STATES["rolling_back"], seen._replace(original_serves=False), NOW).kind == "wait"


def test_edit_by_hand_names_both_weights_and_the_manager() -> None:
    seen = observe("paused", traffic=TrafficView((10, 33), manager="kubectl-edit"))
    assert decide(FILE, STATES["paused"], seen, NOW) == Action(
        "stop",
        "The traffic has changed (last change by kubectl-edit): expected 10 % to the gray version, actual 10, 33 %."
        " To continue, undo the change, then run the playbook again. To return all traffic to the original version and cancel the"
        " release, use canary_action=rollback.",
        result="held",
        failed=True,
    )


def test_partly_shifted_routes_are_no_contradiction_while_shifting() -> None:
    seen = observe("shifting", traffic=TrafficView((10, 0), has_matches=True))
    action = decide(FILE, STATES["shifting"], seen, NOW)
    assert (action.kind, action.state) == ("shift", dataclasses.replace(STATES["shifting"], since=NOW))  # type: ignore[type-var]


@pytest.mark.parametrize("changes", [{"weights": (0, 0)}, {"weights": (10, 0)}, {"matches_expected": False}])
def test_routes_that_this_run_has_set_are_not_set_again(changes: dict[str, t.Any]) -> None:
    traffic = TrafficView((10, 10), manager="argocd", has_matches=True)._replace(**changes)
    seen = observe("shifting", traffic=traffic)
    assert decide(FILE, STATES["shifting"], seen, NOW).kind == "shift"
    action = decide(FILE, STATES["shifting"], seen._replace(shifted=("shifting", 2)), NOW)
    assert (action.result, action.failed) == ("held", True)
    assert "(last change by argocd)" in action.reason
    # The next run tries once.
    assert decide(FILE, STATES["shifting"], seen._replace(shifted=("shifting", 1)), NOW).kind == "shift"
    assert decide(FILE, STATES["shifting"], seen._replace(shifted=("shifting", 2), run="run-2"), NOW).kind == "shift"


def test_rollback_does_not_fight_against_a_controller() -> None:
    seen = observe("rolled to 0", traffic=TrafficView((50, 0), manager="argocd"), shifted=("rolling_back", 3))
    assert decide(FILE, STATES["rolled to 0"], seen, NOW) == Action(
        "stop",
        "The traffic has changed during the rollback (last change by argocd): expected 0 % to the gray version and no match routes,"
        " actual 50, 0 %. Stop the client that changes the routes, then use canary_action=rollback again.",
        result="held",
        failed=True,
    )


def test_other_template_holds_an_active_rollout_but_not_its_rollback() -> None:
    file = dataclasses.replace(FILE, digest="other")
    action = decide(file, STATES["pausing"], observe("pausing"), NOW)
    assert (action.result, action.reason) == (
        "held",
        "The templates in the file differ from those of the active release 'shop/cart-v2'. Use the file of that release, or roll it back first.",
    )
    action = decide(file, STATES["pausing"], observe("pausing", command=Command("rollback")), NOW)
    assert format_action(action) == ">rolling_back2"


def test_other_template_starts_again_after_a_rollback_but_not_after_a_promotion() -> None:
    file = dataclasses.replace(FILE, digest="other")
    action = decide(file, STATES["rolled_back"], observe("rolled_back", run="run-2", original_replicas=4), NOW)
    assert action.kind == "pin"
    assert action.state == make_state(
        digest="other", run="run-2", started=NOW, since=NOW, step_since=NOW, release_id=None, replicas=4
    )
    action = decide(file, STATES["promoted"], observe("promoted", run="run-2"), NOW)
    assert (action.result, action.failed) == ("failed", True)


def test_changed_steps_hold_an_active_rollout() -> None:
    steps = (*FILE.listed_steps[:1], dataclasses.replace(FILE.listed_steps[1], weight=20), *FILE.listed_steps[2:])
    action = decide(dataclasses.replace(FILE, listed_steps=steps), STATES["pausing"], observe("pausing"), NOW)
    assert (action.result, action.reason) == (
        "held",
        f"Step 2 of the file is 20 %, but the rollout is at 10 % in that step. {decision._UNDO}",
    )
    action = decide(dataclasses.replace(FILE, listed_steps=(Step(100),)), STATES["pausing"], observe("pausing"), NOW)
    assert (action.result, action.reason) == (
        "held",
        f"The rollout is in step 2, but the file has only 1 steps. {decision._UNDO}",
    )


def test_rollout_of_another_release_is_not_touched() -> None:
    file = dataclasses.replace(FILE, release="shop/cart-v3")
    for command in ("run", "approve", "promote", "rollback", "enforce"):
        action = decide(file, STATES["waiting"], observe("none", command=Command(command, 3)), NOW)
        assert (action.kind, action.result) == ("stop", "failed" if command == "rollback" else "held")
    finished = decide(file, STATES["promoted"], observe("none", run="run-2"), NOW)
    assert finished.kind == "pin"


def test_rollback_without_annotation_begins_with_the_active_release() -> None:
    seen = observe("pausing", command=Command("rollback"), annotation_problem="is not JSON")
    action = decide(FILE, None, seen, NOW)
    expected = make_state(started=NOW, since=NOW, step_since=NOW, requested=True)
    assert action.state == expected.enter("rolling_back", "run-1", NOW, reason="requested")
    several = seen._replace(command=Command(), annotation_problem="", traffic=TrafficView((), problem="two of them."))
    assert decide(FILE, None, several, NOW).reason.startswith(
        "The annotation is missing. two of them. However, release"
    )
    assert decide(FILE, None, seen._replace(command=Command()), NOW).reason == (
        "The annotation is not JSON. However, release 'shop/cart-v2' is active (Running) and the gray version receives 10 %."
        " To return all traffic to the original version and cancel the release, use canary_action=rollback."
    )


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, ">held4"),
        ({"original": Readiness(False)}, "wait"),
        ({"original_terminating": True}, "wait"),
        ({"end_request": EndRequest(UNKNOWN, "lost")}, "wait"),
        # The request of a killed run may still be carried out, but not after the duration of its Lease.
        ({"run": "run-2", "holder_since": NOW}, "wait"),
        ({"run": "run-2", "holder_since": ago(20)}, "wait"),
        ({"run": "run-2", "holder_since": ago(60)}, ">held4"),
        ({"run": "run-2", "holder_since": ago(60), "original": Readiness(False)}, "wait"),
        ({"run": "run-2", "holder_since": ago(60), "original_terminating": True}, "wait"),
        ({"run": "run-2", "holder_since": ago(60), "end_request": EndRequest(UNKNOWN, "lost")}, "wait"),
    ],
)
def test_promotion_is_withdrawn_only_after_a_definite_refusal(changes: dict[str, t.Any], result: str) -> None:
    state = dataclasses.replace(STATES["promoting"], since=ago(300 if "run" in changes else 30))  # type: ignore[type-var]
    seen = observe("promoting", **{"end_request": EndRequest(REFUSED, "400"), **changes})
    assert format_action(decide(FILE, state, seen, NOW)) == result


def test_short_end_timeout_does_not_withdraw_promotion_early() -> None:
    state = dataclasses.replace(STATES["promoting"], since=ago(300))  # type: ignore[type-var]
    file = dataclasses.replace(FILE, end_timeout=10.0)
    seen = observe("promoting", end_request=EndRequest(REFUSED, "400"), run="run-2", holder_since=ago(20))
    assert format_action(decide(file, state, seen, NOW)) == "=unknown!"


def test_promotion_waits_until_gray_version_is_ready() -> None:
    seen = observe("promoting", run="run-2", gray=Readiness(False, "Deployment cart-v2 has 0 ready replicas."))
    reason = "Wait until the gray version is ready: Deployment cart-v2 has 0 ready replicas."
    assert decide(FILE, STATES["promoting"], seen, NOW) == Action("wait", reason, seconds=5.0)
    late = dataclasses.replace(STATES["promoting"], since=ago(600))  # type: ignore[type-var]
    action = decide(FILE, late, seen._replace(holder_since=ago(600)), NOW)
    assert (action.result, action.reason) == (
        "unknown",
        f"Not confirmed within 600 s: {reason} Run the playbook again.",
    )


@pytest.mark.parametrize("name", ["promoting", "rolled to 0"])
def test_end_that_is_not_confirmed_in_time_is_unknown(name: str) -> None:
    file = dataclasses.replace(FILE, end_timeout=30.0)
    seen = observe(name, release=ReleaseView("ending", "Ending", "id-1"))
    action = decide(file, STATES[name], seen, NOW)
    assert (action.result, action.failed) == ("unknown", True)
    # A new run waits again.
    again = decide(file, STATES[name], seen._replace(holder_since=ago(29)), NOW)
    assert again.kind == "wait"


def test_failed_cleanup_is_not_repeated_in_the_same_run() -> None:
    seen = observe("promoted", traffic=TrafficView((100,), needs_cleanup=True))
    assert decide(FILE, STATES["promoted"], seen, NOW).kind == "clean_up"
    assert decide(FILE, STATES["promoted"], seen._replace(cleanup_failed=True), NOW).result == "promoted"


def test_next_rollout_repeats_a_failed_cleanup_before_it_starts() -> None:
    file = dataclasses.replace(FILE, release="shop/cart-v3")
    seen = observe("promoted", run="run-2", traffic=TrafficView((100,), needs_cleanup=True))
    assert decide(file, STATES["promoted"], seen, NOW) == Action(
        "clean_up", "Remove the routes that remain after the last promotion."
    )
    for changes in ({"cleanup_failed": True}, {"traffic": TrafficView((100,))}):
        assert decide(file, STATES["promoted"], seen._replace(**changes), NOW).kind == "pin"
    status = decide(file, STATES["promoted"], seen._replace(command=Command("status")), NOW)
    assert (status.kind, status.result) == ("stop", "finished")


def report(stage: str, **changes: t.Any) -> str:
    """Return the message of the action ``status``."""
    state = dataclasses.replace(STATES[stage], **changes)
    return decide(FILE, state, observe(stage, command=Command("status")), NOW).reason


def test_status_has_the_reason_of_a_hold() -> None:
    text = report("held", reason="inconclusive, step 2: no data.")
    assert text.endswith(": inconclusive, step 2: no data.")


def test_status_has_the_next_command_of_a_waiting_rollout() -> None:
    assert report("waiting").endswith(". Continue with canary_action=approve and canary_step=3.")


def test_rerun_of_a_rolled_back_release_names_the_way_to_restart() -> None:
    stage = next(name for name, state in STATES.items() if state is not None and state.outcome == "rolled_back")
    state = dataclasses.replace(STATES[stage], run="run-0", reason="step 1: errors is 0.2.")
    messages = {
        action: decide(FILE, state, observe(stage, command=Command(action)), NOW).reason for action in ("run", "status")
    }
    assert messages["status"].endswith(": step 1: errors is 0.2.")
    assert messages["run"] == (
        f"{messages['status']} To start it again, change the template, or set canary_restart=true."
    )


# Faults that the table must show: the original code and the faulty one
MUTANTS = {
    "skip an approval": ("if case.file.needs_approval(state.step):", "if False:"),
    "approve with a plain run": ("return step if action in (APPROVE, PROMOTE) else None", "return case.state.step"),
    "skip the analysis on resume": (
        'return case.enter(PAUSING, f"Step {state.step}: repeat the pause and the analysis of an interrupted run.")',
        "return _pass_step(case)",
    ),
    "cancel before shifting back": ("back = seen.traffic.is_returned()", "back = True"),
    "shift after the end request": (
        "return _stop(\n            seen, FAILURE, f\"The promotion of release '{state.release}' has begun, so a rollback is no longer possible.\"\n        )",
        'return _begin_rollback(case, "requested")',
    ),
    "create the release before pinning": (
        "    if _is_pin_interrupted(case):",
        "    if state.release_id is None and not seen.release_verified:\n"
        "        return Action(CREATE, f\"Create release '{state.release}'.\")\n"
        "    if _is_pin_interrupted(case):",
    ),
    "take a missing result for a pass": (
        "if seen.verdict is None or seen.verdict.step != state.step:\n"
        '        return Action(ANALYZE, f"Step {state.step}: analyze the metrics.")\n'
        "    if seen.verdict.verdict == PASSED:",
        "if seen.verdict is None or seen.verdict.verdict == PASSED:",
    ),
    "promote without ready gray pods": ("if not seen.gray.ready:", "if False:"),
    "cancel while other routes lead to the gray version": (
        "if seen.release.is_active and seen.traffic.remaining:",
        "if False:",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_decision_table_detects_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = MUTANTS[name]
    source = Path(str(decision.__file__)).read_text(encoding="utf-8")
    assert source.count(old) == 1
    faulty: dict[str, t.Any] = {"__name__": decision.__name__}
    exec(compile(source.replace(old, new), str(decision.__file__), "exec"), faulty)  # noqa: S102
    monkeypatch.setitem(globals(), "decide", faulty["decide"])
    expected = read_table()
    assert any(render_table(command) != expected[command] for command in TABLE_COMMANDS)
