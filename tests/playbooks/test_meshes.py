# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build an environment from nothing with one desired-state file, find its drift, and delete it again."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from harness import COLLECTION, Player, Run

PLAN, SITE, DRIFT, INFO, TEARDOWN = (f"{COLLECTION}.{name}" for name in ("plan", "site", "drift", "info", "teardown"))
SELECTORS = ["clusters[].installation_nodes"]
FILE = {
    "mesh_name": "lab-mesh",
    "meshes": [
        {
            "name": "lab-mesh",
            "version": "v1.18",
            "clusters": [{"cluster_id": "c-1", "installation_nodes": {"key": "UID", "values": ["n-1"]}}],
            "proxy_config": {"exclude_outbound_ports": ["3306"]},
        }
    ],
    "workspaces": [{"name": "team-lab"}],
    "workshops": [
        {
            "name": "demo",
            "primary_cluster": "c-1",
            "ingress": {"elb_id": "elb-1", "elb_ip": "192.0.2.1", "port": 8080},
        }
    ],
    "releases": [
        {
            "namespace": "default",
            "name": "reviews-v2",
            "service_name": "reviews",
            "cluster_id": "c-1",
            "deployment_name": "reviews-v1",
            "version": "v2",
            "gray_deployments": [
                {
                    "template": {
                        "apiVersion": "apps/v1",
                        "kind": "Deployment",
                        "metadata": {"name": "reviews-v2", "labels": {"app": "reviews", "version": "v2"}},
                        "spec": {
                            "selector": {"matchLabels": {"app": "reviews", "version": "v2"}},
                            "template": {
                                "metadata": {"labels": {"app": "reviews", "version": "v2"}},
                                "spec": {
                                    "containers": [{"name": "reviews", "image": "registry.example.com/reviews:2.0.0"}]
                                },
                            },
                        },
                    }
                }
            ],
        }
    ],
    "options": {"wait_interval": 0.002},
}
NAMES = ["mesh lab-mesh", "workspace team-lab", "workshop demo", "release default/reviews-v2"]


class Story(t.NamedTuple):
    directory: Path
    runs: dict[str, Run]

    def states(self, name: str) -> dict[str, str]:
        report = self.report(name)
        return {f"{resource['kind']} {resource['name']}": resource["state"] for resource in report["resources"]}

    def report(self, name: str) -> dict[str, t.Any]:
        return json.loads((self.directory / f"{name}.json").read_text(encoding="utf-8"))

    def writes(self, name: str) -> list[str]:
        """Return the requests that changed something, by method and kind."""
        calls = [call for record in self.runs[name].records for call in record.writes]
        return [f"{call['method']} {_kind(call['path'])}" for call in calls]

    def applied(self, name: str) -> dict[str, str | None]:
        """Return the actions of all resources in a run."""
        found: dict[str, str | None] = {}
        for record in self.runs[name].records:
            for one in record.result.get("results", []) if record.action == f"{COLLECTION}.apply" else []:
                found[f"{one['kind']} {one['name']}"] = one["action"] or found.get(f"{one['kind']} {one['name']}")
        return found


def _kind(path: str) -> str:
    return next(part for part in ("workspaces", "workshops", "releases", "meshes") if part in path.split("/"))


@pytest.fixture(scope="class")
def story(shared_play: Player) -> Story:
    """Predict, plan and create an environment, compare it, change it behind the back, and delete it."""
    directory, runs = shared_play.directory, {}
    path = directory / "lab.yml"
    path.write_text(yaml.safe_dump(FILE), encoding="utf-8")

    def run(name: str, playbook: str, **more: t.Any) -> None:
        variables = {"desired_state_file": str(path), **more.pop("variables", {})}
        runs[name] = shared_play.run(playbook, variables=variables, **more)

    run("prediction", SITE, check=True)
    run("plan", PLAN, variables={"plan_file": str(directory / "plan.json")})
    run("creation", SITE, variables={"plan_file": str(directory / "plan.json")})
    run("repetition", SITE)
    run("no drift", DRIFT, variables={"drift_file": str(directory / "no drift.json")})
    run("info", INFO, variables={"info_file": str(directory / "info.json")})
    shared_play.emulator.set(mesh_config_readback="omitted", mesh_version_readback="completed")
    run("less", DRIFT, variables={"drift_file": str(directory / "less.json")})
    shared_play.emulator.transition("mesh", name="lab-mesh", phase="UpgradeFailed")
    run("failed", DRIFT, variables={"drift_file": str(directory / "failed.json")})
    shared_play.emulator.transition("mesh", name="lab-mesh", phase="Running")
    run("teardown prediction", TEARDOWN, check=True)
    run("teardown", TEARDOWN, variables={"teardown_confirm": "true"})
    run("second teardown", TEARDOWN, variables={"teardown_confirm": "true"})
    shared_play.emulator.set(mesh_creation="fails")
    run("failed creation", SITE, fails=True)
    return Story(directory, runs)


class TestEnvironment:
    def test_check_mode_predicts_everything(self, story: Story) -> None:
        assert story.applied("prediction") == dict.fromkeys(NAMES, "create")
        assert story.writes("prediction") == []

    def test_plan_has_everything(self, story: Story) -> None:
        assert story.states("plan") == dict.fromkeys(NAMES, "create")
        assert story.report("plan")["target"]["meshes"] == [{"id": None, "name": "lab-mesh"}]

    def test_plan_is_applied_in_order(self, story: Story) -> None:
        assert story.applied("creation") == dict.fromkeys(NAMES, "create")
        assert story.writes("creation") == ["POST meshes", "POST workspaces", "POST workshops", "POST releases"]

    def test_second_run_changes_nothing(self, story: Story) -> None:
        assert story.applied("repetition") == dict.fromkeys(NAMES)
        assert story.writes("repetition") == []
        output = story.runs["repetition"].output
        assert output.count("are only used to create the mesh") == 1
        assert f"not compared: {SELECTORS[0]}" in output

    def test_report_names_what_was_not_compared(self, story: Story) -> None:
        # The emulator has another mesh.
        assert story.states("no drift") == {**dict.fromkeys(NAMES, "in_sync"), "mesh demo-mesh": "unmanaged"}
        assert story.report("no drift")["resources"][0]["not_compared"] == SELECTORS
        less = story.report("less")["resources"][0]
        assert (less["state"], less["not_compared"]) == ("in_sync", ["proxy_config.exclude_outbound_ports", *SELECTORS])

    def test_failed_mesh_is_drift(self, story: Story) -> None:
        assert story.states("failed")["mesh lab-mesh"] == "failed"
        assert story.report("failed")["status"] == "drift"

    def test_info_lists_the_mesh_with_its_contents(self, story: Story) -> None:
        info = story.report("info")
        (mesh,) = [mesh for mesh in info["meshes"] if mesh["name"] == "lab-mesh"]
        assert mesh["proxy_config"]["exclude_outbound_ports"] == ["3306"]
        assert [workshop["mesh_id"] for workshop in info["workshops"]] == [mesh["id"]]

    def test_teardown_deletes_the_mesh_last(self, story: Story) -> None:
        actions = dict(zip(NAMES, ("delete", "delete", "delete", "cancel")))
        assert story.applied("teardown prediction") == story.applied("teardown") == actions
        assert story.writes("teardown prediction") == []
        assert story.writes("teardown") == ["DELETE releases", "DELETE workshops", "DELETE workspaces", "DELETE meshes"]

    def test_second_teardown_changes_nothing(self, story: Story) -> None:
        assert story.applied("second teardown") == dict.fromkeys(NAMES)
        assert story.writes("second teardown") == []

    def test_failed_mesh_stops_the_rest(self, story: Story) -> None:
        assert story.writes("failed creation") == ["POST meshes"]
        assert "Failed: mesh lab-mesh." in story.runs["failed creation"].output
