# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conversation of the playbook contract without Ansible: the same calls by the same module, much quicker."""

from __future__ import annotations

import functools
import json
import typing as t

import trial
from ansible_collections.community.huaweicloud.plugins.module_utils._module import RunContext, run_task, validate_params
from ansible_collections.community.huaweicloud.plugins.modules.api_request import TASK
from ansible_collections.community.huaweicloud.plugins.plugin_utils._probe import steps
from harness import Emulator

TRIES = 8
USER = "alice"
RELEASE = {**trial.RELEASE, "new_image": "registry.example.com/reviews:2"}
OPTIONS: dict[str, t.Any] = {
    "prefix": "look",
    "run": "0a1b2c3d",
    "services": ["modelarts", "asm"],
    "workshop": trial.WORKSHOP,
    "release": RELEASE,
    "cancel_actions": ["cancel", "terminate", "rollback"],
    "end_actions": ["end", "finish", "complete"],
}


Result = t.Dict[str, t.Any]
# Gets a call, and what sends it; it may answer in the place of the service, or change what that answers.
Between = t.Callable[[t.Dict[str, t.Any], t.Callable[[], Result]], Result]


class TaskResult(t.NamedTuple):
    """What came of one conversation and the removal of what it made."""

    findings: dict[str, dict[str, t.Any]]
    left: list[str]
    asked: list[str]
    cleaned: list[str]

    def settings(self) -> dict[str, str | None]:
        return {name: one["setting"] for name, one in self.findings.items()}


def plainly(call: dict[str, t.Any], send: t.Callable[[], Result]) -> Result:
    """Nothing comes between."""
    return send()


def converse(
    emulator: Emulator, looking: Between = plainly, cleaning: Between = plainly, **options: t.Any
) -> TaskResult:
    """Looks at everything, then cleans up."""
    given = {**OPTIONS, **options}
    looked, asked = _to_its_end(emulator, given, looking, cleaning=False)
    cleaned, removed = _to_its_end(emulator, given, cleaning, cleaning=True)
    return TaskResult({one["name"]: one for one in looked["report"]["findings"]}, cleaned["left"], asked, removed)


def answer(status: int, content: t.Any = "") -> Result:
    """An answer of nobody's."""
    return {
        "status": status,
        "content": content if isinstance(content, str) else json.dumps(content),
        "auth_method": "aksk",
        "attempts": TRIES,
    }


def _to_its_end(
    emulator: Emulator, given: dict[str, t.Any], between: Between, cleaning: bool
) -> tuple[dict[str, t.Any], list[str]]:
    results: list[dict[str, t.Any]] = []
    asked: list[str] = []
    while True:
        step = steps.next_of(results, given, cleaning=cleaning)
        if not step["calls"]:
            return step, asked
        results += [between(call, functools.partial(sent, emulator, call)) for call in step["calls"]]
        asked += [call["name"] for call in step["calls"]]


def sent(emulator: Emulator, call: dict[str, t.Any]) -> Result:
    """The call as the playbook makes it, repeated until it is settled."""
    options = {name: value for name, value in call.items() if name not in ("name", "until")}
    params, problem = validate_params(TASK.arguments, {**options, "fail_on_error": False, "retry_max_delay": 0.02})
    assert problem is None
    for number in range(1, TRIES + 1):
        failed, result = run_task(TASK, params, _surroundings(emulator))
        assert not failed, result
        result["attempts"] = number
        if "until" not in call or steps.settled(result, call["until"]):
            break
    return result


def _surroundings(emulator: Emulator) -> RunContext:
    return RunContext(
        emulator.environment(),
        check_mode=False,
        diff_mode=False,
        verbosity=0,
        warn=print,
        register_secrets=lambda secrets: None,
    )
