# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Predict, create, update and cancel releases with Deployments as in public repositories."""

from __future__ import annotations

import typing as t

import pytest
import variety
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from counting import count_cases
from expectations import check_prediction, check_quiet
from harness import EXECUTION_MODE, Player
from task_scenarios import Case, Scenario, ended_release, release, run_cases, traffic

EXECUTION_MODES = {"in process": "1", "as modules": "0"}
# One run of ansible-playbook for each batch. The first two have each feature, each form and each kind of image.
BATCH = 10
SAMPLE = (0,)


def tasks(number: int) -> list[dict[str, t.Any]]:
    """Return the tasks of one Deployment: each step in check mode, for real, and again."""
    write = variety.FORMS[variety.form(number)]
    before = variety.deployment(number)
    after = variety.with_new_image(before, number)
    old, new = ([{"template": write(it)}] for it in (before, after))
    canceled: dict[str, t.Any] = {"state": "canceled"}
    return [
        release("predict creation", gray_deployments=old, _check_mode=True, _diff=True),
        release("create", gray_deployments=old, _diff=True),
        release("create again", gray_deployments=old),
        release("predict update", gray_deployments=new, _check_mode=True, _diff=True),
        release("update", gray_deployments=new, _diff=True),
        release("update again", gray_deployments=new),
        traffic(0),
        ended_release("predict cancellation", _check_mode=True, _diff=True, **canceled),
        ended_release("cancel", _diff=True, **canceled),
    ]


def methods(scenario: Scenario, step: str) -> list[str]:
    return [call["method"] for call in scenario[step].writes]


def check(scenario: Scenario) -> None:
    """Assert that each prediction came true, that each step wrote once, and that repetitions changed nothing."""
    for predicted, done in (
        ("predict creation", "create"),
        ("predict update", "update"),
        ("predict cancellation", "cancel"),
    ):
        for step in (predicted, done):
            assert not scenario[step].failed, (step, scenario[step].msg)
        check_prediction(scenario[predicted], scenario[done], "release")
        assert methods(scenario, predicted) == []
    for step in ("create again", "update again"):
        check_quiet(scenario[step])
    assert methods(scenario, "create") == ["POST"]
    assert methods(scenario, "update") == ["PUT"]
    assert methods(scenario, "cancel") == ["DELETE"]
    changed = scenario["update"].result["changed_fields"]
    assert changed and all(field.endswith(".image") for field in changed), changed


@pytest.mark.parametrize("way", EXECUTION_MODES)
@pytest.mark.parametrize("batch", range(variety.COUNT // BATCH))
def test_deployments_live(
    batch: int, way: str, play: Player, whole: bool, tally: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not whole and (batch not in SAMPLE or way != "in process"):
        pytest.skip("a part of the whole")
    monkeypatch.setitem(EXECUTION_MODE, "HW_IN_PROCESS", EXECUTION_MODES[way])
    numbers = range(batch * BATCH, (batch + 1) * BATCH)
    cases = [Case(f"deployment {number}, {variety.form(number)}", {}, tasks(number), check) for number in numbers]
    scenarios = run_cases(play, cases)
    assert len(scenarios) == len(cases)
    problems = {}
    for name, scenario in scenarios.items():
        try:
            with count_cases(tally, f"Deployments {way}"):
                check(scenario)
        except AssertionError as problem:
            problems[name] = str(problem)
    assert problems == {}


def test_variety_has_each_feature_in_several_deployments() -> None:
    used = [feature for number in range(variety.COUNT) for feature in variety.features(number)]
    assert all(used.count(feature) > 5 for feature in variety.FEATURES)


def traits(value: t.Any, field: str = "") -> set[str]:
    """Return the kinds of values in a Deployment, or in its part ``field``."""
    if isinstance(value, dict) and value:
        return {field}.union(*(traits(part, name) for name, part in value.items()))
    if isinstance(value, list) and value:
        return {field}.union(*(traits(part) for part in value))
    if value in (None, "", [], {}):
        return {field, "null" if value is None else "empty"}
    found = {field} if not isinstance(value, str) or value.isascii() else {field, "not ASCII"}
    if field == "image":
        found |= {"digest"} if "@sha256:" in value else set()
        found |= {"port of registry"} if ":" in value.partition("/")[0] and "/" in value else set()
    return found


def test_variety_keeps_each_kind_of_value() -> None:
    found = [trait for number in range(variety.COUNT) for trait in traits(variety.deployment(number))]
    kinds = (
        "digest",
        "port of registry",
        "projected",
        "resourceVersion",
        "helm.sh/chart",
        "not ASCII",
        "null",
        "empty",
    )
    assert {kind: found.count(kind) for kind in kinds if found.count(kind) < 20} == {}


def test_each_form_reads_as_the_same_deployment() -> None:
    """Without ``--whole`` most Deployments are only built. This finds those that kubectl would read differently."""
    for number in range(variety.COUNT):
        before = variety.deployment(number)
        for it in (before, variety.with_new_image(before, number)):
            for name, write in variety.FORMS.items():
                assert parse_template(write(it), "template") == it, (number, name)
