# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration targets with the emulator of a test."""

from __future__ import annotations

import typing as t

import yaml
from harness import CONTROLLER_ONLY, ROOT, Emulator, Player, Run

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in CONTROLLER_ONLY)


def run_target(play: Player, name: str, environment: t.Mapping[str, str | None] | None = None) -> Run:
    """Run an integration target as ansible-test would, but against the emulator of this worker."""
    emulator = play.emulator
    emulator.reset()
    seed(emulator, name)
    names = ("access_key", "secret_key", "project_id", "region")
    connection = {option: emulator.credentials[option] for option in names}
    connection.update(dict.fromkeys(("auth_url", "asm_endpoint", "modelarts_endpoint"), emulator.url))
    variables = {
        "emulator_connection": connection,
        "emulator_control_url": emulator.control_url,
        # Each request of a target is a process.
        "setup_emulator_reset": False,
        "setup_emulator_seed": False,
    }
    playbook = [{"name": name, "hosts": "localhost", "gather_facts": False, "roles": [name]}]
    return play.run(playbook, variables=variables, environment=environment)


def seed(emulator: Emulator, name: str) -> None:
    """Create what the first task of an integration target would create in the emulator."""
    steps = yaml.safe_load((ROOT / "tests/integration/targets" / name / "tasks/steps.yml").read_text(encoding="utf-8"))
    for request in (step["ansible.builtin.uri"] for step in steps if step.get("when") == "setup_emulator_seed"):
        emulator.control(request["method"], "seed", request["body"])
