# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a run would do, for check mode. Pure functions: what the services and the metrics will answer is unknown."""

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.module_utils._canary.decision import CLEAN_UP, PIN, Action
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import (
    ANALYZING,
    FINISHED,
    HELD,
    PINNED,
    PROMOTING,
    ROLLING_BACK,
    SHIFTING,
    WAITING,
    RolloutState,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._values import format_duration


def predict_run(file: RolloutFile, action: Action, state: RolloutState | None) -> str:
    """Return the next action, and what follows if it succeeds. ``state`` is the state before the action."""
    after = action.state or state
    text = f"The next action would be: {action.reason.rstrip('.')}."
    if after is None:
        return text
    if action.kind == CLEAN_UP and after.release != file.release:
        return f"{text} The rollout would then start with step 1: {describe_step(file, 1)}."
    if action.kind == PIN or after.stage == PINNED:
        return f"{text} The run would then create release '{file.release}', unless it exists, and begin step 1: {describe_step(file, 1)}."
    if after.stage == ROLLING_BACK:
        return f"{text} The run would end after all traffic is back on the original version and release '{file.release}' is canceled."
    if after.stage == PROMOTING:
        return f"{text} The run would end after the service has promoted release '{file.release}'."
    if after.stage in (FINISHED, HELD):
        return text
    return f"{text} {_describe_rest(file, after)}"


def describe_step(file: RolloutFile, number: int, stage: str = SHIFTING) -> str:
    """Return the parts of a step that its ``stage`` has not passed: its routes, its pause, its metrics and its approval."""
    step = file.step(number)
    parts = []
    if stage == SHIFTING:
        parts.append(f"{step.weight} % to the gray version" if step.weight else "testers to the gray version")
    if step.pause and stage != ANALYZING:
        parts.append(f"a pause of {format_duration(step.pause)}")
    if step.metrics:
        parts.append(f"the analysis of {', '.join(step.metrics)}")
    if file.needs_approval(number):
        parts.append("an approval")
    return ", then ".join(parts)


def _describe_rest(file: RolloutFile, state: RolloutState) -> str:
    """Return what is left of the current step, and what follows it."""
    number = state.step
    if state.stage == WAITING:
        return f"The run would end, because step {number} needs an approval."
    rest = describe_step(file, number, state.stage)
    if file.needs_approval(number):
        following = "The run would end at the approval."
    elif number < len(file.steps):
        following = f"Step {number + 1} would follow: {describe_step(file, number + 1)}."
    else:
        following = "The promotion would follow."
    return f"Step {number}: {rest}. {following}" if rest else following
