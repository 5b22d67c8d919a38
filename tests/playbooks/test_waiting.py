# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting: how it goes on, how it ends, and what is said when it does not end. The emulator advances with every read."""

from __future__ import annotations

import typing as t

import pytest
from expectations import check_quiet
from harness import Player, Record, control
from task_scenarios import (
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

NEVER = 1000
SHORT_TIMEOUT = {"wait_timeout": 0.5}


def reads(record: Record, what: str) -> int:
    """How often the list was read after the last write (or at all, when nothing was written)."""
    calls = [f"{call['method']} {call['path'].rpartition('/')[2]}" for call in record.requests]
    start = max((index for index, call in enumerate(calls) if not call.startswith("GET ")), default=-1)
    return calls[start + 1 :].count(f"GET {what}")


# -- releases


def check_phases(scenario: Scenario) -> None:
    """Each phase lasts for two reads, and the look that finds the last one ends the waiting."""
    create = scenario["create"]
    assert not create.failed, create.msg
    assert create.result["release"]["status"]["phase"] == "Running"
    assert reads(create, "releases") == 5
    change = scenario["change"]
    assert change.result["release"]["status"]["phase"] == "Running"
    assert reads(change, "releases") == 5
    end = scenario["end"]
    assert end.result["release"] is None and reads(end, "releases") == 4


def check_own_words(scenario: Scenario) -> None:
    early, late = scenario["up when it prepares"], scenario["up when it serves"]
    assert early.result["release"]["status"]["phase"] == "Preparing"
    assert reads(early, "releases") == 1
    assert late.result["release"]["status"]["phase"] == "Serving"
    check_quiet(late)


def check_failed(scenario: Scenario) -> None:
    """Check that a failure ends the wait at the first poll, and that another image restarts it."""
    for name in ("create", "wait for it"):
        assert scenario[name].failed
        assert scenario[name].msg.startswith("Release 'default/canary' is in phase 'CreateFailed'.")
        assert scenario[name].result["error"]["kind"] == "wait"
        assert reads(scenario[name], "releases") == 1
    assert [action["action"] for action in scenario["create"].result["actions"]] == ["create"]
    fixed = scenario["fix"]
    assert fixed.changed and not fixed.failed, fixed.msg
    assert fixed.result["release"]["status"]["phase"] == "Running"


def check_own_failure(scenario: Scenario) -> None:
    assert scenario["create"].failed and "in phase 'Stuck'" in scenario["create"].msg


def check_time_out(scenario: Scenario) -> None:
    create, again = scenario["create"], scenario["wait for it"]
    for record in (create, again):
        assert record.failed and record.result["error"]["kind"] == "wait"
        assert (
            "Timed out after 0.5 s waiting for release 'default/canary' to be ready: its last phase was 'Creating'"
            in record.msg
        )
        assert "active_phases" in record.msg
        assert reads(record, "releases") >= 2
    assert create.changed and not again.changed
    assert [action["action"] for action in create.result["actions"]] == ["create"]
    assert len(scenario.stores("after that")["releases"]) == 1


def check_end_in_time(scenario: Scenario) -> None:
    end, again = scenario["end"], scenario["end again"]
    assert end.failed and end.changed
    assert "waiting for release 'default/canary' to be canceled: its last phase was 'Canceling'" in end.msg
    assert not again.failed, again.msg
    assert scenario.stores("after that")["releases"] == {}


def check_no_waiting(scenario: Scenario) -> None:
    create, end = scenario["create"], scenario["end"]
    assert create.changed and create.result["release"]["status"]["phase"] == "Creating"
    assert reads(create, "releases") <= 2
    waited = scenario["wait for it"]
    check_quiet(waited)
    assert waited.result["release"]["status"]["phase"] == "Running"
    assert end.changed and reads(end, "releases") <= 1


def check_predicted_immediately(scenario: Scenario) -> None:
    """Check mode waits for nothing, whatever is on its way."""
    for name in ("create in check mode", "look in check mode"):
        assert reads(scenario[name], "releases") == 1
        assert not scenario[name].failed
    assert scenario["create in check mode"].changed
    check_quiet(scenario["look in check mode"])


RELEASES = [
    Case(
        "phases",
        {"release_phases": "Creating,Deploying,Running", "running_after": 2, "gone_after": 3},
        (release("create"), release("change", tag="2.0.1"), traffic(100), ended_release("end")),
        check_phases,
    ),
    Case(
        "own-words",
        {"release_phases": "Preparing,Serving"},
        (
            release("up when it prepares", active_phases=["PREPARING"]),
            release("up when it serves", active_phases=["serving"]),
        ),
        check_own_words,
    ),
    Case(
        "failed",
        {"release_creation": "fails", "release_failed_phase": "CreateFailed", "running_after": 0},
        (
            release("create"),
            release("wait for it"),
            control("PATCH", "behaviors", {"release_creation": "works"}),
            release("fix", tag="2.0.1"),
        ),
        check_failed,
    ),
    Case(
        "own-failure",
        {"release_creation": "fails", "release_failed_phase": "Stuck"},
        (release("create", failed_phases=["stuck"]),),
        check_own_failure,
    ),
    Case(
        "time-out",
        {"running_after": NEVER},
        (release("create", **SHORT_TIMEOUT), release("wait for it", **SHORT_TIMEOUT), look("after that")),
        check_time_out,
    ),
    Case(
        "end-time-out",
        {"gone_after": NEVER},
        (
            release("create"),
            ended_release("end", state="canceled", **SHORT_TIMEOUT),
            control("PATCH", "behaviors", {"gone_after": 0}),
            ended_release("end again", state="canceled"),
            look("after that"),
        ),
        check_end_in_time,
    ),
    Case(
        "no-waiting",
        {"running_after": 4},
        (release("create", wait=False), release("wait for it"), ended_release("end", state="canceled", wait=False)),
        check_no_waiting,
    ),
    Case(
        "check-mode",
        {"running_after": NEVER},
        (
            release("create in check mode", _check_mode=True),
            release("create", wait=False),
            release("look in check mode", _check_mode=True),
        ),
        check_predicted_immediately,
    ),
]


# -- workspaces


def check_present_again(scenario: Scenario) -> None:
    """Check that the task waits until a terminating workspace is deleted, and then creates a new one."""
    old, new = scenario["create"].result["workspace"], scenario["create again"]
    assert scenario["delete"].changed and scenario["delete"].result["workspace"] is None
    assert scenario["create again without wait"].failed and scenario["create again without wait"].writes == []
    assert "wait is false" in scenario["create again without wait"].msg
    assert (
        scenario["create again in check mode"].changed
        and scenario["create again in check mode"].result["workspace"]["id"] is None
    )
    assert new.changed and not new.failed, new.msg
    assert [call["method"] for call in new.writes] == ["POST"]
    assert new.result["workspace"]["id"] != old["id"]
    assert [record["name"] for record in scenario.stores("after that")["workspaces"].values()].count("team") == 1


def check_absent_twice(scenario: Scenario) -> None:
    """One that is being removed is not removed a second time."""
    again = scenario["remove again"]
    check_quiet(again)
    assert again.result["workspace"] is None
    assert reads(again, "workspaces") >= 3
    assert "team" not in [record["name"] for record in scenario.stores("after that")["workspaces"].values()]


def check_removal_failed(scenario: Scenario) -> None:
    """Check that the message contains the cause, after the first poll that reports it."""
    for name in ("delete", "look"):
        assert scenario[name].failed and scenario[name].result["error"]["kind"] == "wait"
        assert (
            "Workspace 'team' is in status 'DELETE_FAILED': Resources in the workspace could not be cleared."
            in scenario[name].msg
        )
    assert reads(scenario["delete"], "workspaces") == 3
    assert scenario["look"].writes == []


def check_workspace_time_out(scenario: Scenario) -> None:
    for name in ("delete", "remove again", "create again"):
        assert scenario[name].failed and scenario[name].result["request_ids"]
        assert (
            "Timed out after 0.5 s waiting for workspace 'team' to be deleted: its last status was 'DELETING'"
            in scenario[name].msg
        )
    assert scenario["delete"].changed
    assert scenario["remove again"].writes == scenario["create again"].writes == []


WORKSPACES = [
    Case(
        "present-again",
        {"gone_after": 6},
        (
            workspace("create"),
            no_workspace("delete", wait=False),
            workspace("create again without wait", wait=False),
            workspace("create again in check mode", _check_mode=True),
            workspace("create again"),
            look("after that"),
        ),
        check_present_again,
    ),
    Case(
        "absent-twice",
        {"gone_after": 4},
        (workspace("create"), no_workspace("delete", wait=False), no_workspace("remove again"), look("after that")),
        check_absent_twice,
    ),
    Case(
        "removal-failed",
        {"workspace_delete": "failed", "gone_after": 2},
        (workspace("create"), no_workspace("delete"), workspace("look")),
        check_removal_failed,
    ),
    Case(
        "time-out",
        {"gone_after": NEVER},
        (
            workspace("create"),
            no_workspace("delete", **SHORT_TIMEOUT),
            no_workspace("remove again", **SHORT_TIMEOUT),
            workspace("create again", **SHORT_TIMEOUT),
        ),
        check_workspace_time_out,
    ),
]


# -- workshops


def check_workshop_reads(scenario: Scenario) -> None:
    create, remove = scenario["create"], scenario["delete"]
    assert create.changed and reads(create, "workshops") == 4
    assert remove.changed and remove.result["workshop"] is None and reads(remove, "workshops") == 4


def check_workshop_time_out(scenario: Scenario) -> None:
    create, again, remove = scenario["create"], scenario["create again"], scenario["delete"]
    assert create.failed and create.changed
    assert "Timed out after 0.5 s waiting for workshop 'demo' to be listed: it is not listed" in create.msg
    # Not listed, and its name is taken: nothing is known, and nothing is created beside it.
    assert again.failed and not again.changed
    assert len(scenario.stores("after that")["workshops"]) == 1
    assert remove.failed and remove.changed
    assert "waiting for workshop 'demo' to be deleted: it is listed" in remove.msg


def check_workshop_unwaited(scenario: Scenario) -> None:
    assert scenario["create"].changed and reads(scenario["create"], "workshops") <= 1
    assert scenario["create"].result["workshop"]["id"]
    assert scenario["delete"].changed and reads(scenario["delete"], "workshops") == 0


WORKSHOPS = [
    Case(
        "reads",
        {"workshop_listed_after": 3, "gone_after": 3},
        (workshop("create"), no_workshop("delete")),
        check_workshop_reads,
    ),
    Case(
        "time-out",
        {"workshop_listed_after": NEVER, "gone_after": NEVER},
        (
            workshop("create", **SHORT_TIMEOUT),
            workshop("create again", **SHORT_TIMEOUT),
            look("after that"),
            control("PATCH", "behaviors", {"workshop_listed_after": 0}),
            no_workshop("delete", **SHORT_TIMEOUT),
        ),
        check_workshop_time_out,
    ),
    Case(
        "no-waiting",
        {"gone_after": 3},
        (workshop("create", wait=False), no_workshop("delete", wait=False)),
        check_workshop_unwaited,
    ),
]


CASES = {
    f"{kind}-{case.name}": case
    for kind, cases in (("release", RELEASES), ("workspace", WORKSPACES), ("workshop", WORKSHOPS))
    for case in cases
}


class TestWaiting:
    @pytest.fixture(scope="class")
    @classmethod
    def scenarios(cls, shared_play: Player) -> dict[str, Scenario]:
        named = [Case(name, case.behaviors, case.tasks, case.check) for name, case in CASES.items()]
        return run_cases(shared_play, named)

    @pytest.mark.parametrize("name", list(CASES))
    def test_waiting(self, scenarios: dict[str, Scenario], name: str) -> None:
        CASES[name].check(scenarios[name])


def test_invalid_wait_options_are_refused(play: Player) -> None:
    wrong: list[dict[str, t.Any]] = [{"wait_timeout": 0}, {"wait_interval": -1}]
    run = play([workspace(f"wrong {index}", **options, _ignore_errors=True) for index, options in enumerate(wrong)])
    for index, options in enumerate(wrong):
        record = run[f"wrong {index}"]
        assert record.failed and record.requests == [] and next(iter(options)) in record.msg
