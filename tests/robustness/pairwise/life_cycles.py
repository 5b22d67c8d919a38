# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The twelve steps of each resource under one row of settings, and their expected results."""

from __future__ import annotations

import typing as t

from covering import Row
from expectations import IDEMPOTENCY_STEPS, check_prediction, check_quiet, check_request_ids
from harness import Player, Record, control, defaults, task
from task_scenarios import (
    MESH,
    Case,
    Scenario,
    ended_release,
    look,
    no_workshop,
    no_workspace,
    release,
    run_cases,
    traffic,
    workshop,
    workspace,
)

Make = t.Callable[..., t.Dict[str, t.Any]]

# The unit of durations in seconds. The order of events does not require longer waits.
TICK = 0.02
OF_TIME = ("running_after", "gone_after", "workshop_listed_after")
# A network may be slower than none by less, and a caller with a limit is refused for certain in one task and then goes on faster.
LATENCY = 0.1
RATE, LOW_RATE = 4, 0.5
CREATE, CHANGE, REMOVE = "create the {}", "change the {}", "remove the {}"
REFUSED = "end the release while its traffic is split"


def settings(row: Row) -> dict[str, t.Any]:
    """Return the settings for the emulator."""
    ticks = {name: float(row[name]) * TICK for name in OF_TIME} if row["advance_by"] == "seconds" else {}
    return {**row, **ticks, "latency": float(row["latency"]) * LATENCY, "rate_limit": float(row["rate_limit"]) * RATE}


def limited(row: Row, limit: float) -> list[dict[str, t.Any]]:
    """From here on so many requests a second, where there is a limit at all."""
    return [control("PATCH", "behaviors", {"rate_limit": limit})] if row["rate_limit"] else []


def four(title: str, make: Make, **options: t.Any) -> list[dict[str, t.Any]]:
    """Return the four steps: check mode, real run, and both again."""
    return [
        make(name.format(title), _check_mode="check mode" in name, _diff=True, **options) for name in IDEMPOTENCY_STEPS
    ]


def steps(row: Row) -> list[dict[str, t.Any]]:
    """Return all steps of a workshop, a workspace and a release, and a task that reads the final state."""
    # Other workspaces, so that there are pages; one more than two would be too many.
    others = control("POST", "seed", {"workspaces": {"count": 2 if row["workspace_limit"] else 9, "prefix": "team-"}})
    words = {
        "end_action": row["action_end"],
        "cancel_action": row["action_cancel"],
        "done_phases": ["Finished", "Canceled", "Closed"],
    }
    ending = {"state": "canceled" if row["release_creation"] == "fails" else "promoted", **words}
    grants = [{"user_name": "bob"}, {"user_name": "alice"}]
    changed = {"description": "Another team", "grants": grants, "quotas": [{"resource": "service.gpu_num", "quota": 4}]}
    return [
        others,
        *four(CREATE.format("workshop"), workshop),
        *four(CHANGE.format("workshop"), workshop, description="Another demo", on_drift="replace"),
        *limited(row, LOW_RATE),
        task("asm_workshop_info", "read workshops", **MESH),
        *limited(row, float(row["rate_limit"]) * RATE),
        *four(REMOVE.format("workshop"), no_workshop),
        *four(CREATE.format("workspace"), workspace),
        *four(CHANGE.format("workspace"), workspace, **changed),
        task("modelarts_workspace_info", "read workspaces", include_grants=True),
        *four(REMOVE.format("workspace"), no_workspace),
        *four(CREATE.format("release"), release, **words),
        *ended_before(row),
        *four(CHANGE.format("release"), release, tag="2.0.1", **words),
        task("asm_release_info", "read releases", **MESH),
        look("before the end"),
        *refused_end(row, ending),
        traffic(0 if ending["state"] == "canceled" else 100),
        *four(REMOVE.format("release"), ended_release, **ending),
        look("at the end"),
    ]


def keeps_another(row: Row) -> bool:
    """Whether ended releases stay, and one of them can be told from another of its name."""
    return row["terminated_releases"] == "stay" and row["release_key"] != "name"


def ended_before(row: Row) -> list[dict[str, t.Any]]:
    """One of the same name that ended before: from here on there are two."""
    other = {"name": "canary", "service_name": "reviews", "phase": row["release_ended_phase"], "state": "ended"}
    return [control("POST", "seed", {"releases": [other]})] if keeps_another(row) else []


def refuses(row: Row) -> bool:
    """Whether an ending is refused while the traffic stands elsewhere."""
    return row["traffic_precondition"] == "yes"


def refused_end(row: Row, ending: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Traffic that allows no ending at all."""
    if not refuses(row):
        return []
    return [traffic(50), ended_release(REFUSED, **ending, _ignore_errors=True), look("after the refusal")]


def play(player: Player, name: str, row: Row) -> Scenario:
    """Run all steps against an emulator with these settings."""
    # Who may ask five times a second has to be patient.
    wait_policy = {"retry_max_delay": 1, "max_retries": 10} if row["rate_limit"] else {}
    player = Patient(player, wait_policy)
    return run_cases(player, [Case(name, settings(row), steps(row), check)])[name]


class Patient(Player):
    """A player with other defaults of the modules."""

    def __init__(self, player: Player, options: dict[str, t.Any]) -> None:
        super().__init__(player.emulator, player.directory)
        self._more = options

    def __call__(self, tasks: t.Any, **options: t.Any) -> t.Any:
        return super().__call__(tasks, module_defaults=defaults(**self._more), **options)


# -- what has to come of them


def check(scenario: Scenario) -> None:
    """All that is said of the steps, under the settings of the course."""
    check_workshop(scenario)
    check_workspace(scenario)
    check_release(scenario)
    for record in scenario.records:
        if record.action.startswith("community."):
            assert "Traceback" not in str(record.result)


def check_four(scenario: Scenario, what: str, key: str, writes: list[str]) -> Record:
    """Check the prediction, the run with these successful writes, and the unchanged second runs."""
    predicted, applied, predicted_again, applied_again = (scenario[name.format(what)] for name in IDEMPOTENCY_STEPS)
    for record in (predicted, applied):
        assert not record.failed and record.changed, (what, record.msg)
    assert predicted.writes == []
    assert [call["method"] for call in applied.writes if call["status"] < 300] == writes, what
    check_prediction(predicted, applied, key)
    for record in (predicted_again, applied_again):
        check_quiet(record)
    for record in (predicted, applied, predicted_again, applied_again):
        check_request_ids(record)
    return applied


def check_workshop(scenario: Scenario) -> None:
    created = check_four(scenario, CREATE.format("workshop"), "workshop", ["POST"]).result["workshop"]
    changed = check_four(scenario, CHANGE.format("workshop"), "workshop", ["DELETE", "POST"]).result["workshop"]
    assert (created["description"], changed["description"]) == ("A demo", "Another demo")
    assert scenario["read workshops"].result["workshops"] == [changed]
    assert (429 in [call["status"] for call in scenario["read workshops"].requests]) == bool(
        scenario.case.behaviors["rate_limit"]
    )
    assert check_four(scenario, REMOVE.format("workshop"), "workshop", ["DELETE"]).result["workshop"] is None
    assert scenario.stores("at the end")["workshops"] == {}


def names(scenario: Scenario) -> list[str]:
    return [one["name"] for one in scenario.stores("at the end")["workspaces"].values()]


def check_workspace(scenario: Scenario) -> None:
    row = scenario.case.behaviors
    if row["workspace_creation"] == "fails":
        check_broken_workspace(scenario)
    else:
        created = check_four(scenario, CREATE.format("workspace"), "workspace", ["POST"]).result["workspace"]
        changed = check_four(scenario, CHANGE.format("workspace"), "workspace", ["PUT", "PUT"]).result["workspace"]
        assert created["id"] == changed["id"] and created["auth_type"] == changed["auth_type"] == "internal"
        assert [grant["user_name"] for grant in changed["grants"]] == ["alice", "bob"]
        read = scenario["read workspaces"].result["workspaces"]
        assert len(read) == len({one["id"] for one in read}) == (4 if row["workspace_limit"] else 11)
        assert {key: changed[key] for key in ("id", "description", "grants")} in [
            {key: one[key] for key in ("id", "description", "grants")} for one in read
        ]
    if row["workspace_delete"] == "failed":
        check_stuck_workspace(scenario)
    else:
        assert check_four(scenario, REMOVE.format("workspace"), "workspace", ["DELETE"]).result["workspace"] is None
        assert "team" not in names(scenario)


def check_broken_workspace(scenario: Scenario) -> None:
    """Check that a failed creation is an error in every run, and is not repeated."""
    title = CREATE.format("workspace")
    applied, again = scenario[title], scenario[IDEMPOTENCY_STEPS[3].format(title)]
    assert applied.failed and applied.changed and "CREATE_FAILED" in applied.msg
    assert [call["method"] for call in applied.writes if call["status"] < 300] == ["POST"]
    assert again.failed and not again.changed and again.writes == [] and "CREATE_FAILED" in again.msg
    assert scenario[IDEMPOTENCY_STEPS[3].format(CHANGE.format("workspace"))].failed


def check_stuck_workspace(scenario: Scenario) -> None:
    """Check that a failed deletion is an error, and that a second attempt has the result of the service."""
    title = REMOVE.format("workspace")
    applied, again = scenario[title], scenario[IDEMPOTENCY_STEPS[3].format(title)]
    assert applied.failed and "DELETE_FAILED" in applied.msg
    assert again.failed == (scenario.case.behaviors["workspace_delete_again"] == "fails"), again.msg
    assert ("team" in names(scenario)) == again.failed


def check_release(scenario: Scenario) -> None:
    row = scenario.case.behaviors
    if row["release_creation"] == "fails":
        check_failed_release(scenario)
    else:
        created = check_four(scenario, CREATE.format("release"), "release", ["POST"]).result["release"]
        changed = check_four(scenario, CHANGE.format("release"), "release", ["PUT"]).result["release"]
        assert created["id"] == changed["id"]
        check_containers(row, changed["gray_deployments"][0]["template"]["spec"]["template"]["spec"])
        read = scenario["read releases"].result["releases"]
        assert changed["id"] in [one["id"] for one in read] and len(read) == 1 + keeps_another(row)
    assert len(scenario.stores("before the end")["releases"]) == 1 + keeps_another(row)
    if refuses(row):
        check_refusal(scenario)
    check_end(scenario, stays=row["terminated_releases"] == "stay")


def check_containers(row: Row, pod: dict[str, t.Any]) -> None:
    """Check the new image, and the sidecar, which only meshes with injection show."""
    images = {container["name"]: container["image"] for container in pod["containers"]}
    assert images["reviews"] == "registry.example.com/reviews:2.0.1"
    injected = row["sidecar_injection"] == "yes" and row["template_readback"] == "defaulted"
    assert [name for name in images if name != "reviews"] == ["istio-proxy"] * injected


def check_failed_release(scenario: Scenario) -> None:
    title = CREATE.format("release")
    applied, again = scenario[title], scenario[IDEMPOTENCY_STEPS[3].format(title)]
    phase = str(scenario.case.behaviors["release_failed_phase"])
    assert applied.failed and applied.changed and phase in applied.msg
    assert again.failed and not again.changed and again.writes == [] and phase in again.msg


def check_refusal(scenario: Scenario) -> None:
    """Check that the traffic prevents the end of the release, and that nothing changed."""
    record = scenario[REFUSED]
    assert record.failed and not record.changed, record.msg
    tried = [call for call in record.writes if call["status"] != 429]
    # By its id and by its name, of which the service may know but one; by its name only where no other one has it.
    answers = {(call["method"], call["status"]) for call in tried}
    assert ("DELETE", 400) in answers and answers <= {("DELETE", 400), ("DELETE", 404)}, tried
    by_name = [call["path"] for call in tried if call["path"].endswith("/canary")]
    assert len(by_name) <= (not keeps_another(scenario.case.behaviors)) and len(tried) - len(by_name) <= 1, by_name
    assert states(scenario, "after the refusal") == states(scenario, "before the end")


def states(scenario: Scenario, step: str) -> dict[str, str]:
    return {uid: one["state"] for uid, one in scenario.stores(step)["releases"].items()}


def check_end(scenario: Scenario, stays: bool) -> None:
    predicted, applied, predicted_again, applied_again = (
        scenario[name.format(REMOVE.format("release"))] for name in IDEMPOTENCY_STEPS
    )
    assert not applied.failed and applied.changed and predicted.changed, applied.msg
    assert predicted.writes == [] and [call["method"] for call in applied.writes if call["status"] < 300] == ["DELETE"]
    for record in (predicted_again, applied_again):
        check_quiet(record)
    assert applied_again.result["release"] == applied.result["release"]
    left = scenario.stores("at the end")["releases"]
    assert [one["state"] in ("ended", "canceled") for one in left.values()] == [True] * (
        stays + keeps_another(scenario.case.behaviors)
    )
    # The one that had ended before is as it was.
    before = scenario.stores("before the end")["releases"]
    assert [left.get(uid) for uid, one in before.items() if one["state"] == "ended"] == [
        one for one in before.values() if one["state"] == "ended"
    ]
    assert (applied.result["release"] is not None) == stays
