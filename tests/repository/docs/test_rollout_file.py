# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reference of the rollout file lists what its loader accepts, and its examples are loaded."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.community.huaweicloud.plugins.module_utils._canary import rollout_spec
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.decision import RESULTS
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.observation import COMMANDS
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_file import RolloutFile
from ansible_collections.community.huaweicloud.plugins.module_utils._values import parse_duration
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import InvalidFile
from ansible_collections.community.huaweicloud.plugins.plugin_utils._rollout_file import RolloutFileLoader
from guide_tables import Guide, literals, type_words

GUIDE = Guide("rollout_file")
SCENARIO = Guide("scenario_canary")
TROUBLESHOOTING = Guide("canary_troubleshooting")
COMPARISON = Guide("from_argo_rollouts_or_flagger")

# Texts that are durations, and keys whose options other pages describe
DURATIONS = {*rollout_spec.LIMITS, "propagation_seconds", "pause"}
TABLES = {
    "Keys of the file": rollout_spec.SPEC,
    "Traffic": rollout_spec._TRAFFIC_SPEC,
    "Steps": rollout_spec._STEP_SPEC,
}


@pytest.mark.parametrize("section", TABLES)
def test_keys_and_types(section: str) -> None:
    specs = TABLES[section]
    rows = GUIDE.by_name(section, "key")
    assert sorted(rows) == sorted(specs)
    types = {name: "duration" if name in DURATIONS else type_words(spec) for name, spec in specs.items()}
    assert {name: row[1] for name, row in rows.items()} == types
    required = {name for name, spec in specs.items() if spec.get("required")}
    assert {name for name, row in rows.items() if row[2] == "required"} == required


def test_defaults_of_limits() -> None:
    rows = GUIDE.by_name("Keys of the file", "key")
    for name in rollout_spec.LIMITS:
        default = getattr(RolloutFile, name)
        assert [parse_duration(text) for text in literals(rows[name][2])] == ([] if default is None else [default])
    assert literals(rows["on_failure"][2]) == [RolloutFile.on_failure]
    assert literals(rows["min_ready_gray"][2]) == [str(RolloutFile.min_ready_gray)]
    assert rows["min_ready_original"][2] == ""
    (propagation,) = literals(GUIDE.by_name("Traffic", "key")["propagation_seconds"][2])
    assert float(propagation) == RolloutFile.propagation


def load(path: Path) -> t.Any:
    loader = DataLoader()
    return RolloutFileLoader(str(path), loader).load_rollout(Templar(loader=loader, variables={}), {})


class TestExamples:
    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        rollout, template = GUIDE.code_blocks("Complete example", "yaml")
        (tmp_path / "canary.yml").write_text(rollout, encoding="utf-8")
        (tmp_path / "reviews-v2.yaml").write_text(template, encoding="utf-8")
        return tmp_path

    def test_complete_example_is_valid_and_has_all_keys(self, directory: Path) -> None:
        written = yaml.safe_load((directory / "canary.yml").read_text(encoding="utf-8"))
        assert set(written) == set(rollout_spec.SPEC)
        file = load(directory / "canary.yml").rollout.file
        assert [step.weight for step in file.steps] == [0, 10, 50, 100]
        assert [number for number in range(1, 5) if file.needs_approval(number)] == [1, 3]

    def test_mistakes_are_reported_as_documented(self, directory: Path) -> None:
        text, messages = GUIDE.code_blocks("Validation and errors", "text")
        path = directory / "canary.yml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidFile) as caught:
            load(path)
        assert str(caught.value).replace(f"{path}:", "canary.yml:") == messages.rstrip("\n")


def test_scenario_lists_all_actions() -> None:
    assert set(SCENARIO.by_name("Actions", "``canary_action``")) == set(COMMANDS)


def test_scenario_lists_all_states() -> None:
    assert set(SCENARIO.by_name("Results", "``canary_state``")) == set(RESULTS)


def test_comparison_lists_all_states() -> None:
    assert set(COMPARISON.by_name("Equivalent states", "``canary_state``")) == set(RESULTS)


def test_troubleshooting_has_a_section_for_each_state() -> None:
    """A rollout in progress needs no help."""
    assert {name for heading in TROUBLESHOOTING.sections() for name in literals(heading)} == {*RESULTS} - {"running"}
