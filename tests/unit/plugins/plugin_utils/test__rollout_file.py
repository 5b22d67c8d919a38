# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import re
import types
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.community.huaweicloud.plugins.action.load_rollout import ActionModule, summarize
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import rollout_mistakes, rollout_options
from ansible_collections.community.huaweicloud.plugins.plugin_utils import _rollout_file
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import InvalidFile
from ansible_collections.community.huaweicloud.plugins.plugin_utils._rollout_file import (
    LoadedRollout,
    RolloutFileLoader,
)
from example_release import TEMPLATE
from rollout_rig import make_file

LINES = """\
release:
  mesh_name: shop
  namespace: bookinfo
  name: reviews-v2
  service_name: reviews
  cluster_id: c-1
  deployment_name: reviews-v1
  version: v2
  gray_deployments:
    - template_file: reviews.yml
traffic:
  original_version: v1
steps:
  - weight: 10
    approval: true
  - weight: "{{ 10 * 10 }}"
    pause: 5m
"""


def load(directory: Path, text: str = LINES, template: t.Any = None) -> LoadedRollout:
    content = yaml.safe_dump(TEMPLATE if template is None else template)
    (directory / "reviews.yml").write_text(content, encoding="utf-8")
    path = directory / "canary.yml"
    path.write_text(text, encoding="utf-8")
    loader = DataLoader()
    return RolloutFileLoader(str(path), loader).load_rollout(Templar(loader=loader, variables={}), {})


def refuse(directory: Path, text: str, template: t.Any = None) -> list[tuple[str, int, int, str]]:
    """Return path, line, column and message of each mistake."""
    with pytest.raises(InvalidFile) as caught:
        load(directory, text, template)
    return [(one["path"], one["line"], one["column"], one["message"]) for one in caught.value.mistakes]


def test_file_is_rendered_and_has_the_template_of_its_file(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert [step.weight for step in loaded.rollout.file.listed_steps] == [10, 100]
    (gray,) = loaded.content["release"]["gray_deployments"]
    assert yaml.safe_load(gray["template"]) == TEMPLATE
    assert loaded.rollout.gray_deployments() == [("c-1", "reviews-v2")]


def test_places_name_file_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "canary.yml"
    positions = load(tmp_path).positions
    assert positions == {
        "": f"{path}:1:1",
        "release": f"{path}:1:1",
        "traffic": f"{path}:11:1",
        "steps": f"{path}:13:1",
        "traffic.original_version": f"{path}:12:3",
        "release.gray_deployments[0].template": f"{path}:10:7",
    }


def test_all_mistakes_have_their_place(tmp_path: Path) -> None:
    text = LINES.replace("original_version: v1", "original_version: v2").replace("weight: 10\n", "weight: 0\n")
    text = text.replace("pause: 5m", "pause: soon\n    metrics: [errors]")
    assert refuse(tmp_path, text) == [
        ("traffic.original_version", 12, 3, "must differ from the version of the release"),
        ("steps[0].weight", 14, 5, "must be between 1 and 100"),
        ("steps[1].pause", 17, 5, "must be a duration, for example 30, 30s, 5m or 2h"),
        ("steps[1].metrics[0]", 18, 15, "is not the name of a metric (the file has no metrics)"),
    ]


def test_mistakes_in_metrics_name_the_metric(tmp_path: Path) -> None:
    text = LINES + "metrics:\n  - name: errors\n    query: up\n    min: 2\n    max: 1\n"
    assert refuse(tmp_path, text) == [
        ("analysis.prometheus_url", 1, 1, "is required, because a step analyzes metrics"),
        ("metrics[0] ('errors').min", 21, 5, "must not be greater than max"),
    ]


def test_message_counts_the_mistakes_of_the_rollout_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as caught:
        load(tmp_path, "release: {}\ntraffic: {}\n")
    assert str(caught.value).startswith("The rollout file has ")
    with pytest.raises(InvalidFile) as caught:
        load(tmp_path, "- 1\n")
    assert "must be a mapping, for example release: {...}, it is a list" in str(caught.value)


def test_mistake_in_a_template_file_names_that_file(tmp_path: Path) -> None:
    template = copy.deepcopy(TEMPLATE)
    template["kind"] = "Pod"
    ((path, line, _column, message),) = refuse(tmp_path, LINES, template)
    assert (path, line) == ("release.gray_deployments[0].template_file", 10)
    # The keys of the file are sorted.
    assert message.startswith(f"{tmp_path / 'reviews.yml'}:2:1: template.kind: is 'Pod', must be 'Deployment'")


def test_each_mistake_in_a_template_file_has_its_position(tmp_path: Path) -> None:
    template = copy.deepcopy(TEMPLATE)
    template["spec"]["replicas"] = -1
    template["metadata"]["labels"] = {**template["metadata"]["labels"], "app.kubernetes.io/name": "a b"}
    ((path, line, _column, message),) = refuse(tmp_path, LINES.replace("weight: 10", "weight: 0"), template)[:1]
    assert (path, line) == ("release.gray_deployments[0].template_file", 10)
    lines = (tmp_path / "reviews.yml").read_text(encoding="utf-8").splitlines()
    assert sorted(re.findall(r"reviews\.yml:(\d+):(\d+): template\.", message)) == sorted(
        [
            (str(lines.index("    app.kubernetes.io/name: a b") + 1), "5"),
            (str(lines.index("  replicas: -1") + 1), "3"),
        ]
    )


def test_failing_expression_is_reported_once_with_all_others(tmp_path: Path) -> None:
    text = LINES.replace("namespace: bookinfo", 'namespace: "{{ nope }}"').replace("weight: 10\n", "weight: 0\n")
    found = refuse(tmp_path, text)
    assert [(path, line) for path, line, _column, _message in found] == [
        ("release.namespace", 3),
        ("steps[0].weight", 14),
    ]
    assert "nope" in found[0][3]


def test_release_that_is_no_mapping_is_a_mistake(tmp_path: Path) -> None:
    found = refuse(
        tmp_path, "release: reviews\ntraffic: {original_version: v1}\nsteps: [{weight: 100}]\nmetrics: [1]\n"
    )
    assert [path for path, _line, _column, _message in found] == ["release", "analysis.prometheus_url", "metrics[0]"]


def test_summary_names_release_service_and_approvals(tmp_path: Path) -> None:
    assert {
        name: value for name, value in summarize(load(tmp_path)).items() if name not in ("rollout", "positions")
    } == {
        "release": "bookinfo/reviews-v2",
        "service": "bookinfo/reviews",
        "approval_timeout": None,
        "steps": [
            {"step": 1, "weight": 10, "approval": True},
            {"step": 2, "weight": 100, "approval": False},
        ],
    }


def run_action(path: str, environment: t.Any = None) -> dict[str, t.Any]:
    loader = DataLoader()
    task = types.SimpleNamespace(
        args={"path": path}, no_log=False, async_val=0, check_mode=False, diff=False, environment=environment
    )
    action = ActionModule(task, None, None, loader, Templar(loader=loader, variables={}), None)
    action.validate_argument_spec = lambda spec: (None, {"path": path, "directories": []})
    action._connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir=None))
    result = action.run(None, {})
    return {**result, "no_log": task.no_log}


def test_apis_come_from_the_environment_of_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path)
    monkeypatch.setenv("K8S_AUTH_HOST", "https://process.example.com")
    path = str(tmp_path / "canary.yml")
    assert run_action(path)["kubernetes_apis"] == [{"api": "https://process.example.com:443", "cluster": "c-1"}]
    task = run_action(path, [{"K8S_AUTH_HOST": "https://task.example.com"}])
    assert task["kubernetes_apis"] == [{"api": "https://task.example.com:443", "cluster": "c-1"}]


def test_action_hides_a_loaded_file(tmp_path: Path) -> None:
    load(tmp_path)
    result = run_action(str(tmp_path / "canary.yml"))
    assert (result["changed"], result["no_log"], result["path"]) == (False, True, str(tmp_path / "canary.yml"))
    assert result["release"] == "bookinfo/reviews-v2"


def test_action_shows_the_mistakes_of_an_invalid_file(tmp_path: Path) -> None:
    path = tmp_path / "canary.yml"
    path.write_text("steps: []\n", encoding="utf-8")
    result = run_action(str(path))
    assert (result["failed"], result["no_log"]) == (True, False)
    assert [one["message"] for one in result["mistakes"]] == [
        "release is required",
        "traffic is required",
        "must have at least one step",
    ]


def test_action_names_a_missing_file(tmp_path: Path) -> None:
    result = run_action(str(tmp_path / "missing.yml"))
    assert result["failed"]
    assert result["msg"].startswith(f"The rollout file {tmp_path / 'missing.yml'} does not exist")


def test_file_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[t.Any] = []
    check = rollout_mistakes.find_rollout_mistakes

    def note(*args: t.Any) -> t.Any:
        calls.append(args)
        return check(*args)

    monkeypatch.setattr(_rollout_file, "find_rollout_mistakes", note)
    monkeypatch.setattr(rollout_options, "find_rollout_mistakes", note)
    load(tmp_path)
    assert len(calls) == 1


def test_content_of_the_rig_is_valid(tmp_path: Path) -> None:
    assert load(tmp_path, yaml.safe_dump(make_file())).rollout.file.release == "bookinfo/reviews-v2"
