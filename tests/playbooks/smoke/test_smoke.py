# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run each module and role once, in check mode and for real, locally and as a module. Then run plan, site and drift.

The other playbook tests examine the details. These take a minute and show that everything works together.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from harness import COLLECTION, ROOT, Emulator, Player, Run
from integration_targets import MODULES, run_target
from task_scenarios import INGRESS, template

# The execution modes: local execution, or ordinary modules.
LOCAL_ACTION: dict[str, str | None] = {"HW_IN_PROCESS": None}
MODULE: dict[str, str | None] = {"HW_IN_PROCESS": "0"}
MODES = [pytest.param(LOCAL_ACTION, id="local-action"), pytest.param(MODULE, id="module")]

DESIRED_STATE = ROOT / "playbooks" / "files" / "bookinfo.yml"
RELEASE = {
    **{"namespace": "default", "name": "canary", "service_name": "reviews", "deployment_name": "reviews-v1"},
    **{"version": "v2", "cluster_id": "demo-cluster", "gray_deployments": [{"template": template()}]},
}
ROLES: dict[str, dict[str, t.Any]] = {
    "workspaces": {"workspaces_list": [{"name": "team", "auth_type": "internal", "grants": [{"user_name": "alice"}]}]},
    "workshops": {
        "workshops_mesh_name": "demo-mesh",
        "workshops_list": [{"name": "demo", "primary_cluster": "demo-cluster", "ingress": INGRESS}],
    },
    "releases": {"releases_mesh_name": "demo-mesh", "releases_list": [RELEASE]},
}


def writes(run: Run) -> list[str]:
    return [f"{call['method']} {call['path']}" for record in run.records for call in record.writes]


@pytest.mark.parametrize("environment", MODES)
@pytest.mark.parametrize("module", MODULES)
def test_module_works_in_check_mode_and_for_real(
    shared_play: Player, module: str, environment: dict[str, str | None]
) -> None:
    """The targets assert the results of each step themselves."""
    run = run_target(shared_play, module, environment)
    predictions = [record for record in run.modules() if record.name.endswith("in check mode")]
    assert [record.name for record in predictions if record.writes] == []
    assert [record for record in run.modules() if record.action == f"{COLLECTION}.{module}"]


@pytest.mark.parametrize("environment", MODES)
@pytest.mark.parametrize("role", sorted(ROLES))
def test_role_predicts_creates_and_repeats(play: Player, role: str, environment: dict[str, str | None]) -> None:
    tasks = [{"name": role, "ansible.builtin.include_role": {"name": f"{COLLECTION}.{role}"}}]
    predicted = play(tasks, variables=ROLES[role], environment=environment, check=True)
    created = play(tasks, variables=ROLES[role], environment=environment)
    repeated = play(tasks, variables=ROLES[role], environment=environment)
    assert (writes(predicted), writes(repeated)) == ([], [])
    assert [request.split()[0] for request in writes(created)] == ["POST"]
    assert [any(record.changed for record in run.records) for run in (predicted, created, repeated)] == [
        True,
        True,
        False,
    ]


class TestPlaybooks:
    """Run plan, site and drift with the desired state of the quick start."""

    @pytest.mark.parametrize("environment", MODES)
    def test_plan_site_and_drift_agree(
        self, play: Player, emulator: Emulator, tmp_path: Path, environment: dict[str, str | None]
    ) -> None:
        desired = yaml.safe_load(DESIRED_STATE.read_text(encoding="utf-8"))
        clusters = {item["primary_cluster"] for item in desired["workshops"]}
        clusters |= {item["cluster_id"] for item in desired["releases"]}
        users = {grant["user_name"] for item in desired["workspaces"] for grant in item.get("grants", [])}
        emulator.seed(users=sorted(users), meshes=[{"name": desired["mesh_name"], "clusters": sorted(clusters)}])
        plan_file = tmp_path / "plan.json"
        variables = {"desired_state_file": DESIRED_STATE.name}

        planned = play.run(
            f"{COLLECTION}.plan", variables={**variables, "plan_file": str(plan_file)}, environment=environment
        )
        assert writes(planned) == []
        assert plan_file.exists()

        applied = play.run(
            f"{COLLECTION}.site", variables={**variables, "plan_file": str(plan_file)}, environment=environment
        )
        assert len([request for request in writes(applied) if request.startswith("POST")]) == sum(
            len(desired[kind]) for kind in ("workspaces", "workshops", "releases")
        )

        drifted = play.run(
            f"{COLLECTION}.drift",
            variables={**variables, "drift_fail_on_drift": True, "drift_file": str(tmp_path / "drift.json")},
            environment=environment,
        )
        assert writes(drifted) == []
        assert (tmp_path / "drift.json").exists()
