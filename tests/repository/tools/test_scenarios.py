# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as a run of the molecule scenarios, and that each role has one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from scenarios import ROOT, SCENARIOS, STEPS, complaints, left, roles

GOOD = [
    "\x1b[36mINFO    \x1b[0m \x1b[32mreleases\x1b[0m ➜ \x1b[33mconverge\x1b[0m: \x1b[36mExecuting\x1b[0m",
    *(f"\x1b[32mreleases\x1b[0m ➜ \x1b[33m{step}\x1b[0m: \x1b[32mExecuted: Successful\x1b[0m" for step in STEPS),
]
SHARED = "\x1b[35mWARNING \x1b[0m default ➜ config: The scenario config file ('a') has been modified since the scenario was created. If recent ..."


def test_a_good_run() -> None:
    assert complaints([SHARED, *GOOD], ["releases"]) == []


@pytest.mark.parametrize(
    "line",
    [
        "\x1b[35mWARNING \x1b[0m releases ➜ cleanup: Executed: Missing playbook (Remove from test_sequence to suppress)",
        "  │ [WARNING]: Unable to parse /nowhere/inventory.yml as an inventory source",
        "[WARNING]: Deprecation warnings can be disabled",
    ],
)
def test_a_warning_is_a_failure(line: str) -> None:
    (found,) = complaints([line, *GOOD], ["releases"])
    assert found.startswith("a warning: ")
    assert "\x1b" not in found


def test_a_role_without_a_scenario_is_a_failure() -> None:
    assert complaints(GOOD, ["releases", "stranger"]) == [f"stranger, {step}: not done" for step in STEPS]


def test_a_step_that_was_not_done_or_failed_is_a_failure() -> None:
    lines = [GOOD[1], "releases ➜ idempotence: Executed: Failed"]
    assert complaints(lines, ["releases"]) == ["releases, idempotence: Failed", "releases, verify: not done"]


def test_a_step_that_only_began_was_not_done() -> None:
    assert complaints(GOOD[:1], ["releases"])[0] == "releases, converge: not done"


def test_what_is_left_is_seen(tmp_path: Path) -> None:
    assert left(tmp_path) == []
    (tmp_path / "emulator").mkdir()
    (tmp_path / "emulator" / "ready.json").touch()
    assert left(tmp_path) == [f"{tmp_path}/emulator/ready.json is left"]


@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="there is no /proc")
def test_a_process_that_is_left_is_seen(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "input('here')", str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"here"
        (found,) = left(tmp_path)
        assert found.startswith(f"process {process.pid} still runs: ")
    finally:
        process.communicate(b"\n")


@pytest.mark.parametrize("role", roles())
def test_each_role_has_a_scenario(role: str) -> None:
    names = {path.name for path in (SCENARIOS / role).iterdir()}
    assert {"molecule.yml", "converge.yml", "verify.yml"} <= names
    settings = {**load("config.yml")["scenario"], **load(f"{role}/molecule.yml").get("scenario", {})}
    assert settings["test_sequence"][:3] == list(STEPS)
    tasks = [task for play in load(f"{role}/verify.yml") for task in play["tasks"]]
    assert any("ansible.builtin.assert" in task for task in tasks), "verification asserts something"


def load(path: str) -> dict:
    return yaml.safe_load((SCENARIOS / path).read_text(encoding="utf-8"))


def test_what_all_scenarios_share() -> None:
    settings = load("config.yml")
    assert settings["prerun"] is False
    assert settings["shared_state"] is True
    assert settings["dependency"]["enabled"] is False
    (inventory,) = settings["ansible"]["executor"]["args"]["ansible_playbook"]
    assert (ROOT / inventory.removeprefix("--inventory=${MOLECULE_PROJECT_DIRECTORY}/")).is_file()
    assert load("default/molecule.yml")["scenario"]["test_sequence"] == ["create", "destroy"]
