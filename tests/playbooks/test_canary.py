# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook canary: each outcome of a rollout by a real run, and the requests that led to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from canary_rollouts import CanaryPlaybook
from harness import Player

pytest.importorskip("kubernetes")


@pytest.fixture
def canary(play: Player, tmp_path: Path) -> CanaryPlaybook:
    return CanaryPlaybook(play, tmp_path)


def test_rollout_waits_for_the_approval_and_is_promoted(canary: CanaryPlaybook) -> None:
    canary.run()
    assert canary.outcome() == "waiting"
    assert canary.weights() == {"v1": 50, "v2": 50}
    canary.run("approve", step=2)
    assert canary.outcome() == "promoted"
    assert canary.gray_weights() == [0, 10, 50, 100]
    assert canary.changes() == [
        "subsets",
        "create",
        "routes",
        "routes",
        "routes",
        "end",
        "routes",
        "subsets",
    ]
    assert canary.weights() == {"v2": 100}
