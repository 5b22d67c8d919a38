# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin meshes with ansible-inventory and in a play, against the emulator."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from examples import files_of
from harness import Emulator, Player, task

# The plugin does not depend on the execution mode of tasks.
pytestmark = pytest.mark.in_process

SHOP, BANK, DENIED = "p-shop", "p-bank", "p-denied"
# The credentials come from other variables than those of the modules.
ENVIRONMENT = {"HW_ACCESS_KEY": None, "HW_SECRET_KEY": None, "HW_PROJECT_ID": None}


def lookup(variable: str) -> str:
    return f"{{{{ lookup('ansible.builtin.env', '{variable}') }}}}"


def write_source(directory: Path, **options: t.Any) -> Path:
    """Write an inventory file with keys from the environment."""
    path = directory / "shop.meshes.yml"
    keys = {"access_key": lookup("SHOP_AK"), "secret_key": lookup("SHOP_SK")}
    content = {"plugin": "community.huaweicloud.meshes", **keys, **options}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture(scope="class")
def cloud(shared_play: Player) -> dict[str, str | None]:
    """Create three projects with meshes and a user for two of them. Return environment variables with the keys of the user."""
    emulator = shared_play.emulator
    created = emulator.seed(
        projects=[
            {"id": SHOP, "name": "eu-de_shop"},
            {"id": BANK, "name": "eu-nl_shop"},
            {"id": DENIED, "name": "denied"},
        ],
        users=[{"name": "lister", "projects": [SHOP, BANK], "keys": True}],
        meshes=[
            {"id": "m-1", "name": "demo", "project_id": SHOP, "clusters": ["c-1"]},
            {"id": "m-2", "name": "demo", "project_id": BANK, "phase": "Upgrading", "version": "v1.20"},
            {"id": "m-3", "name": "other", "project_id": DENIED},
        ],
    )
    user: dict[str, str] = t.cast("dict[str, str]", created["users"][0])
    return {**ENVIRONMENT, "SHOP_AK": user["access_key"], "SHOP_SK": user["secret_key"]}


def sent(emulator: Emulator) -> list[str]:
    return sorted(f"{call['method']} {call['path']}" for call in emulator.request_log())


@pytest.mark.usefixtures("cloud")
class TestInventory:
    """Each test sends requests that no other test expects."""

    def test_cached_list_needs_no_requests(
        self, shared_play: Player, cloud: dict[str, str | None], tmp_path: Path
    ) -> None:
        cache = tmp_path / "cache"
        source = write_source(
            tmp_path,
            projects=[{"project_name": "eu-de_shop"}, {"project_id": BANK}],
            cache=True,
            cache_plugin="ansible.builtin.jsonfile",
            cache_connection=str(cache),
            compose={"replicas": "mesh_clusters | length"},
        )
        before = sent(shared_play.emulator)
        first = shared_play.list_inventory(source, environment=cloud)
        assert (first.returncode, first.stderr) == (0, "")
        listed = json.loads(first.stdout)
        hosts = listed["_meta"]["hostvars"]
        assert sorted(hosts) == ["demo-m-1", "demo-m-2"]
        created_at = hosts["demo-m-1"].pop("mesh_created_at")
        assert hosts["demo-m-1"] == {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "mesh_clusters": ["c-1"],
            "mesh_id": "m-1",
            "mesh_name": "demo",
            "mesh_phase": "Running",
            "mesh_type": "InCluster",
            "mesh_version": "v1.18",
            "project_id": SHOP,
            "project_name": "eu-de_shop",
            "region": shared_play.emulator.credentials["region"],
            "replicas": 1,
        }
        assert listed["asm_meshes"] == {"hosts": ["demo-m-1", "demo-m-2"]}
        assert listed["project_eu_de_shop"] == listed["version_v1_18"] == {"hosts": ["demo-m-1"]}
        assert listed["phase_Upgrading"] == {"hosts": ["demo-m-2"]}
        requests = ["GET /v1/p-bank/meshes", "GET /v1/p-shop/meshes", "GET /v3/projects"]
        assert sent(shared_play.emulator) == sorted([*before, *requests])

        second = shared_play.list_inventory(source, environment=cloud)
        assert json.loads(second.stdout)["_meta"]["hostvars"]["demo-m-1"].pop("mesh_created_at") == created_at
        assert sent(shared_play.emulator) == sorted([*before, *requests])
        stored = "".join(path.read_text(encoding="utf-8") for path in cache.iterdir())
        assert "demo" in stored
        assert str(cloud["SHOP_SK"]) not in stored + first.stdout

    def test_failed_project_is_an_error_if_strict(
        self, shared_play: Player, cloud: dict[str, str | None], tmp_path: Path
    ) -> None:
        source = write_source(tmp_path, projects=[{"project_id": SHOP}, {"project_id": DENIED}], strict=True)
        environment = {**cloud, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
        done = shared_play.list_inventory(source, environment=environment)
        assert done.returncode != 0
        message = " ".join(done.stderr.split())
        assert f"The meshes of project '{DENIED}' in region region-1 (projects[1]) cannot be listed: " in message
        assert str(cloud["SHOP_SK"]) not in done.stdout + done.stderr

    def test_hosts_of_the_guide_are_targets(
        self, shared_play: Player, cloud: dict[str, str | None], tmp_path: Path
    ) -> None:
        source = tmp_path / "meshes.yml"
        source.write_text(files_of("guide_inventory")[source.name], encoding="utf-8")
        listing = task("asm_mesh_info", region="{{ region }}", project_id="{{ project_id }}", id="{{ mesh_id }}")
        show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ desired_state_file }}"}}
        play = {
            "name": "List the mesh of each target",
            "hosts": "asm_meshes",
            "gather_facts": False,
            "tasks": [listing, show],
        }
        environment = {**cloud, "HW_ACCESS_KEY": cloud["SHOP_AK"], "HW_SECRET_KEY": cloud["SHOP_SK"]}
        run = shared_play.run([play], arguments=["-i", str(source)], environment=environment)
        found = [[mesh["id"] for mesh in record.result["meshes"]] for record in run.modules()]
        assert sorted(found) == [["m-1"], ["m-2"]]
        files = [record.msg for record in run.named("Show")]
        assert sorted(files) == ["desired_state/demo.yml", "desired_state/demo.yml"]
