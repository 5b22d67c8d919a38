# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever call is throttled, refused for an expired token, lost in an outage or answered by a stranger: the contract takes none of it for an answer."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from conversation import USER, Between, Result, TaskResult, answer, converse
from harness import Emulator

KIND = "calls of the contract lost in an outage"

OUTAGES = {
    "outage": answer(503, {"error_code": "X.1", "error_msg": "unavailable"}),
    "throttle": answer(429, {"error_code": "APIGW.0308", "error_msg": "The throttling threshold has been reached"}),
    "token": answer(
        401, {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: token expires"}
    ),
    "page": answer(502, "<html>Bad gateway</html>"),
    "portal": answer(200, "<html>Please log in</html>"),
    "error in a success": answer(200, {"error_code": "X.1", "error_msg": "unavailable"}),
}
# What is seen by other calls where the settings are these.
WORLDS: dict[str, dict[str, t.Any]] = {
    "as assumed": {},
    "otherwise": {
        "workspace_delete": "failed",
        "page_cap": 2,
        "workshop_delete_key": "uid",
        "release_key": "uid",
        "action_cancel": "terminate",
        "action_end": "finish",
        "traffic_precondition": "no",
        "terminated_releases": "stay",
        "content_type": "optional",
        "workshop_listed_after": 1,
        "gateway_prefix": "APIG",
        "project_header": "required",
    },
    # Where a filter finds the whole name only, and a list of everything is needed.
    "exact filter": {"workspace_name_part": "exact", "release_traffic": "gray", "workspace_delete": "immediate"},
}


def told_in(emulator: Emulator, state: str, looking: Between | None = None) -> TaskResult:
    emulator.reset()
    emulator.seed(users=[USER])
    emulator.set(**WORLDS[state])
    return converse(emulator, **({"looking": looking} if looking else {}))


def lost(number: int, instead: Result) -> Between:
    """The call of that number is not sent."""
    count = itertools.count()
    return lambda call, send: dict(instead) if next(count) == number else send()


def short(task_result: TaskResult) -> dict[str, tuple[str, str | None]]:
    return {name: (one["state"], one["setting"]) for name, one in task_result.findings.items()}


def check(emulator: Emulator, state: str, usual: TaskResult, number: int, outage: str) -> dict[str, t.Any]:
    """What is told otherwise than without the outage, where it should be the same or nothing."""
    task_result = told_in(emulator, state, lost(number, OUTAGES[outage]))
    before = short(usual)
    wrong = {
        name: (before[name], found)
        for name, found in short(task_result).items()
        if found != before[name] and found[1] is not None
    }
    return {f"{usual.asked[number]} ({outage})": wrong} if wrong else {}


@pytest.mark.parametrize("state", WORLDS)
def test_no_outage_is_taken_for_an_answer(emulator: Emulator, tally: t.Any, whole: bool, state: str) -> None:
    usual = told_in(emulator, state)
    assert len(usual.asked) > 50
    names = list(OUTAGES)
    # One kind of outage for each call; a part of it has some calls of each conversation.
    step = 1 if whole else 12
    tries = [(number, names[place % len(names)]) for place, number in enumerate(range(0, len(usual.asked), step))]
    found = [check(emulator, state, usual, number, outage) for number, outage in tries]
    tally.add(KIND, len(found), found.count({}))
    assert [one for one in found if one] == []
