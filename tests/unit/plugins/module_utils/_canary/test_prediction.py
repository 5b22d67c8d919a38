# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.decision import decide
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    Command,
    ReleaseView,
    TrafficView,
    Verdict,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.prediction import predict_run
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile, Step
from example_rollout import FILE, NOW, STATES, observe

STEPS = {
    1: "testers to the gray version, then a pause of 1m",
    2: "10 % to the gray version, then a pause of 1m, then the analysis of errors",
    3: "50 % to the gray version, then a pause of 1m, then the analysis of errors, then an approval",
    4: "100 % to the gray version, then a pause of 1m, then the analysis of errors",
}
CREATE = f"The run would then create release 'shop/cart-v2', unless it exists, and begin step 1: {STEPS[1]}."
RETURN = "The run would end after all traffic is back on the original version and release 'shop/cart-v2' is canceled."
STEP_3_FOLLOWS = f"Step 3 would follow: {STEPS[3]}."
REST_2 = f"Step 2: {STEPS[2]}. {STEP_3_FOLLOWS}"
PROMOTED = {"release": ReleaseView("absent"), "original_deleted": True}


def predict(name: str, file: RolloutFile = FILE, **changes: t.Any) -> str:
    state = STATES[name]
    return predict_run(file, decide(file, state, observe(name, **changes), NOW), state)


@pytest.mark.parametrize(
    ("name", "changes", "text"),
    [
        ("none", {}, f"Route all traffic to the original version before the release exists. {CREATE}"),
        ("pinned, not created", {}, f"Create release 'shop/cart-v2'. {CREATE}"),
        ("pinned", {"release": ReleaseView("pending", "Creating", "id-1")}, f"Wait until release 'shop/cart-v2' is ready. {CREATE}"),
        ("pinned", {}, f"Begin step 1. Step 1: {STEPS[1]}. Step 2 would follow: {STEPS[2]}."),
        ("shifting", {}, f"Step 2: route 10 % to the gray version. {REST_2}"),
        ("pausing", {"run": "run-2"}, f"Step 2: repeat the pause of an interrupted run. Step 2: a pause of 1m, then the analysis of errors. {STEP_3_FOLLOWS}"),
        ("analyzing", {}, f"Step 2: analyze the metrics. Step 2: the analysis of errors. {STEP_3_FOLLOWS}"),
        ("analyzing", {"verdict": Verdict(2, PASSED)}, f"Begin step 3. Step 3: {STEPS[3]}. The run would end at the approval."),
        ("analyzing", {"verdict": Verdict(2, INCONCLUSIVE, "no data")}, "Hold: the analysis is inconclusive, step 2: no data."),
        ("analyzing, approval", {"verdict": Verdict(3, PASSED)}, "Step 3 waits for an approval. The run would end, because step 3 needs an approval."),
        ("analyzing, approval", {}, "Step 3: analyze the metrics. Step 3: the analysis of errors, then an approval. The run would end at the approval."),
        ("analyzing, last", {}, "Step 4: analyze the metrics. Step 4: the analysis of errors. The promotion would follow."),
        ("waiting", {"command": Command("approve", 3)}, f"Begin step 4. Step 4: {STEPS[4]}. The promotion would follow."),
        ("waiting", {"command": Command("rollback")}, f"Roll back: requested. {RETURN}"),
        ("shifting", {"release": ReleaseView(FAILED, "Failed", "id-1", None, "phase Failed")}, f"Roll back: the release has failed: phase Failed. {RETURN}"),
        ("promoting", {}, "Promote release 'shop/cart-v2'. The run would end after the service has promoted release 'shop/cart-v2'."),
        ("promoting", PROMOTED, "The promotion is confirmed."),
        ("promoted", {"traffic": TrafficView((100,), needs_cleanup=True)}, "Remove the routes to the original version."),
    ],
)  # fmt: skip
def test_prediction_has_the_next_action_and_what_follows(name: str, changes: dict[str, t.Any], text: str) -> None:
    assert predict(name, **changes) == f"The next action would be: {text}"


def test_step_whose_parts_have_all_passed_is_not_mentioned() -> None:
    steps = (Step(0, match={"headers": {}}), Step(10), Step(100))
    file = dataclasses.replace(FILE, listed_steps=steps)
    assert predict("pausing", file, run="run-2") == (
        "The next action would be: Step 2: repeat the pause of an interrupted run. Step 3 would follow: 100 % to the gray version."
    )


def test_prediction_of_the_next_release_begins_with_the_cleanup() -> None:
    file = dataclasses.replace(FILE, release="shop/cart-v3", listed_steps=(Step(20),))
    assert predict("promoted", file, traffic=TrafficView((100,), needs_cleanup=True)) == (
        "The next action would be: Remove the routes that remain after the last promotion. The rollout would then start with step 1:"
        " 20 % to the gray version, then an approval."
    )
