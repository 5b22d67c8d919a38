# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.state import (
    InvalidStateError,
    format_state,
    parse_state,
    shorten,
)
from example_rollout import NOW, STATES, make_state


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state])
def test_state_survives_the_annotation(name: str) -> None:
    state = STATES[name]
    assert state is not None and parse_state(format_state(state)) == state


def test_annotation_is_one_line_of_json() -> None:
    assert format_state(make_state(reason="Größe\n 2", since=NOW)) == (
        '{"release":"shop/cart-v2","digest":"digest","run":"run-1","started":"2026-06-25T07:55:00Z","since":"2026-06-25T08:00:00Z",'
        '"step_since":"2026-06-25T07:59:00Z","release_id":"id-1","step":0,"stage":"pinned","weight":0,"previous":0,"passed":0,"approved":0,'
        '"replicas":1,"outcome":null,"reason":"Größe 2","requested":false,"original_version":"v1","gray_version":"v2"}'
    )


def test_annotation_stays_below_one_kilobyte() -> None:
    state = make_state(
        release=f"{'n' * 63}/{'r' * 64}",
        digest="d" * 16,
        run="r" * 8,
        release_id="u" * 36,
        reason="x" * 5000,
        gray_version="g" * 63,
    )
    text = format_state(state)
    assert len(text.encode()) < 1024
    assert parse_state(text).reason == "x" * 397 + "..."


def change(**changes: t.Any) -> str:
    return json.dumps({**json.loads(format_state(make_state())), **changes})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "does not have the keys of a rollout"),
        ("{}", "does not have the keys of a rollout"),
        (change(more=1), "does not have the keys of a rollout"),
        (change(step="1"), "has a value of the wrong type"),
        (change(step=True), "has a value of the wrong type"),
        (change(step=-1), "has a value of the wrong type"),
        (change(since="yesterday"), "has a value of the wrong type"),
        (change(started=5), "has a value of the wrong type"),
        (change(reason=None), "has a value of the wrong type"),
        (change(release_id=5), "has a value of the wrong type"),
        (change(requested="no"), "has a value of the wrong type"),
        (change(stage="unknown"), "has an unknown stage or outcome"),
        (change(outcome="unknown"), "has an unknown stage or outcome"),
        (change(stage="finished"), "contradicts itself"),
        (change(outcome="promoted"), "contradicts itself"),
        (change(weight=101), "contradicts itself"),
        (change(previous=101), "contradicts itself"),
    ],
)
def test_other_texts_are_not_a_state(text: str, problem: str) -> None:
    with pytest.raises(InvalidStateError) as caught:
        parse_state(text)
    assert str(caught.value) == problem


def test_enter_sets_stage_run_and_time() -> None:
    state = make_state(since=NOW.replace(year=2025))
    expected = dataclasses.replace(state, stage="held", run="run-2", since=NOW, reason="why")
    assert state.enter("held", "run-2", NOW, reason="why") == expected


def test_shorten_keeps_short_texts() -> None:
    assert shorten("a" * 10, 10) == "a" * 10
    assert shorten("a" * 11, 10) == "aaaaaaa..."
