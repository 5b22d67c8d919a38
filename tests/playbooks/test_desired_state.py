# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired-state files with template files, vaulted values, options and prune, and the variables of the playbooks that read them."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from harness import COLLECTION, Emulator, Player, Run
from play_results import QUICK, PlayResult
from task_scenarios import template

SITE, PLAN, DRIFT, INFO, TEARDOWN = (f"{COLLECTION}.{name}" for name in ("site", "plan", "drift", "info", "teardown"))
SECRET = "CANARY-from-the-vault"
BLANK: tuple[t.Any, ...] = (None, "")
# Optional variables without a default in this file.
OPTIONAL = {
    "huaweicloud_connection": None,
    **{f"{role}_{name}": None for role in ("workspaces", "workshops", "releases") for name in ("wait", "wait_timeout")},
}


def to_play_result(run: Run) -> PlayResult:
    return PlayResult("", run.records)


def list_writes(run: Run) -> list[tuple[str, str]]:
    """Return the method and the name or path of each request that writes."""
    return [
        (call["method"], (call["body"] or {}).get("name") or call["path"].rpartition("/")[2])
        for call in to_play_result(run).writes
    ]


def encrypt(value: str, directory: Path) -> str:
    """Return a value that ansible-vault encrypted."""
    password = directory / "password"
    password.write_text("open sesame\n", encoding="utf-8")
    command = [
        str(Path(sys.executable).parent / "ansible-vault"),
        "encrypt_string",
        "--vault-password-file",
        str(password),
    ]
    done = subprocess.run([*command, value], capture_output=True, text=True, check=True, timeout=300)
    return done.stdout


def write_file(directory: Path, desired_state: t.Any) -> str:
    path = directory / "shop.yml"
    path.write_text(
        desired_state if isinstance(desired_state, str) else yaml.safe_dump(desired_state), encoding="utf-8"
    )
    return str(path)


class TestFilesInItsDirectory:
    """Paths do not depend on the current directory, and vaulted values are never shown."""

    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, shared_play: Player, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
        directory = tmp_path_factory.mktemp("shop")
        shared_play.emulator.seed(meshes=[{"name": "shop-mesh", "clusters": ["c-1"]}])
        (directory / "cart-v2.yaml").write_text(yaml.safe_dump(template(app="cart")), encoding="utf-8")
        (directory / "templates").mkdir()
        (directory / "templates" / "reviews-v2.yaml").write_text(
            yaml.safe_dump(template(app="reviews")), encoding="utf-8"
        )
        common = "namespace: default, cluster_id: c-1, version: v2"
        text = f"""
mesh_name: shop-mesh
workspaces:
  - name: team-a
    description: {encrypt(SECRET, directory)}
releases:
  - {{{common}, name: cart-canary, service_name: cart, deployment_name: cart-v1, gray_deployments: [{{template: "{{{{ lookup('file', 'cart-v2.yaml') }}}}"}}]}}
  - {{{common}, name: reviews-canary, service_name: reviews, deployment_name: reviews-v1,
      gray_deployments: [{{template_file: templates/reviews-v2.yaml}}]}}
"""
        arguments = ["--vault-password-file", str(directory / "password")]
        variables = {**QUICK, "desired_state_file": write_file(directory, text)}
        done = shared_play.run(SITE, variables=variables, arguments=arguments)
        bad = directory / "bad.yml"
        bad.write_text(
            text.replace("name: team-a", "name: [team-a]") + f"  - {encrypt(SECRET, directory)}", encoding="utf-8"
        )
        refused = shared_play.run(
            SITE, variables={"desired_state_file": str(bad)}, arguments=arguments, verbosity=3, diff=True, fails=True
        )
        return {"done": done, "invalid": refused}

    def test_template_files_are_sent(self, runs: dict[str, Run]) -> None:
        bodies = [call["body"] for call in to_play_result(runs["done"]).writes if call["path"].endswith("/releases")]
        templates = {body["spec"]["serviceName"]: body["spec"]["grayDeployments"][0]["template"] for body in bodies}
        assert templates == {name: template(app=name) for name in ("cart", "reviews")}

    def test_vaulted_values_are_used(self, runs: dict[str, Run]) -> None:
        (body,) = [call["body"] for call in to_play_result(runs["done"]).writes if call["path"].endswith("/workspaces")]
        assert body["description"] == SECRET

    def test_loaded_file_is_not_printed(self, runs: dict[str, Run]) -> None:
        record = runs["done"]["Load the desired-state file"]
        assert "censored" in record.result
        assert SECRET not in json.dumps(record.result)

    def test_mistakes_do_not_show_vaulted_values(self, runs: dict[str, Run]) -> None:
        (record,) = to_play_result(runs["invalid"]).failed
        assert len(record.result["mistakes"]) == 2
        assert SECRET not in runs["invalid"].output


class TestOptions:
    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, shared_play: Player, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
        directory = tmp_path_factory.mktemp("options")
        shared_play.emulator.seed(
            meshes=[{"name": "shop-mesh", "clusters": ["c-1"]}],
            workspaces=["team-old", "other"],
            workshops=[{"name": "demo-old", "mesh_name": "shop-mesh"}],
        )
        desired_state: dict[str, t.Any] = {
            "mesh_name": "shop-mesh",
            "workspaces": [{"name": "default", "description": "no"}, {"name": "team-a"}],
            "workshops": [{"name": "demo-absent", "state": "absent"}],
            "releases": [{"namespace": "default", "name": "canary", "state": "present"}],
            "options": {"on_error": "continue", "parallel": 2, "rate_limit": "", "audit_log": "shop.jsonl"},
        }

        def run(playbook: str, fails: bool = False, **more: t.Any) -> Run:
            path = write_file(directory, desired_state)
            variables = {**QUICK, "desired_state_file": path, "plan_file": str(directory / "plan.json"), **more}
            return shared_play.run(playbook, variables=variables, fails=fails)

        runs = {"continued": run(SITE, fails=True, plan_file="")}
        runs["audit_log"] = t.cast(Run, (directory / "shop.jsonl").read_text(encoding="utf-8"))
        desired_state["workspaces"] = [{"name": "team-a"}]
        desired_state["releases"] = []
        runs["without prune"] = run(SITE, plan_file="")
        desired_state["prune"] = {"workspaces": ["^team-"], "workshops": ["."]}
        runs["plan"] = run(PLAN)
        runs["pruned"] = run(SITE)
        return runs

    def test_one_failure_does_not_stop_other_items(self, runs: dict[str, Run]) -> None:
        assert list_writes(runs["continued"]) == [("POST", "team-a")]
        failed = to_play_result(runs["continued"]).failed
        assert [(record.name, record.msg) for record in failed] == [
            ("Check that nothing failed", "Failed: workspace default, release default/canary. See the messages above.")
        ]

    def test_message_of_a_failed_item_is_printed_once(self, runs: dict[str, Run]) -> None:
        (message,) = {
            result["msg"] for result in runs["continued"]["Apply the workspaces"].result["results"] if result["failed"]
        }
        assert f"    {message}" in runs["continued"]["Show the changes"].result["msg"]
        assert " ".join(runs["continued"].stdout.split()).count(message) == 1

    def test_audit_log_is_in_directory_of_file(self, runs: dict[str, Run]) -> None:
        assert '"team-a"' in str(runs["audit_log"])

    def test_nothing_is_deleted_without_prune(self, runs: dict[str, Run]) -> None:
        assert list_writes(runs["without prune"]) == []

    def test_plan_shows_resources_that_prune_deletes(self, runs: dict[str, Run]) -> None:
        lines = runs["plan"]["Show the report"].result["msg"]
        assert "workspace  team-old: delete" in lines and "workshop   demo-old: delete" in lines

    def test_prune_deletes_matching_resources(self, runs: dict[str, Run], server: Emulator) -> None:
        stores = server.stores()
        assert sorted(record["name"] for record in stores["workspaces"].values()) == ["default", "other", "team-a"]
        assert list(stores["workshops"].values()) == []
        assert [method for method, _name in list_writes(runs["pruned"])] == ["DELETE", "DELETE"]


def test_failed_item_stops_later_kinds(play: Player, tmp_path: Path) -> None:
    """The summary has the message, and the status file the status."""
    play.emulator.fault("status", "POST", "/workspaces", status=403, times=9)
    desired_state = {
        "mesh_name": "demo-mesh",
        "workspaces": [{"name": "team-a"}],
        "workshops": [{"name": "demo", "state": "absent"}],
    }
    status = tmp_path / "status.json"
    variables = {"desired_state_file": write_file(tmp_path, desired_state), "site_status_file": str(status)}
    run = play.run(SITE, variables=variables, fails=True)
    (record,) = to_play_result(run).failed
    assert (record.name, record.msg) == (
        "Check that nothing failed",
        "Failed: workspace team-a. See the messages above.",
    )
    assert run["Apply the workshops"].status == run["Apply the releases"].status == "skipped"
    assert json.loads(status.read_text(encoding="utf-8")) == {"playbook": "site", "status": "failed", "counts": {}}
    (failed,) = run["Apply the workspaces"].result["results"]
    assert " ".join(run.stdout.split()).count(failed["msg"]) == 1


class TestVariables:
    # test_blank_variables.py tests the other blank values.
    @pytest.mark.parametrize("blank", [BLANK[0], *(pytest.param(one, marks=pytest.mark.complete) for one in BLANK[1:])])
    def test_blank_variable_has_its_default(self, play: Player, tmp_path: Path, blank: t.Any) -> None:
        names = [f"{role}_wait_interval" for role in ("workspaces", "workshops", "releases")]
        optional = dict.fromkeys([*OPTIONAL, *names, "plan_file", "plan_hash", "teardown_releases"], blank)
        variables = {**optional, "desired_state_file": write_file(tmp_path, {"workspaces": [{"name": "team-a"}]})}
        play.emulator.set(running_after=0, gone_after=0)
        assert list_writes(play.run(SITE, variables=variables)) == [("POST", "team-a")]
        drift = {**variables, "drift_unmanaged": blank, "drift_fail_on_drift": blank}
        play.emulator.seed(workspaces=["other"])
        report = play.run(DRIFT, variables={**drift, "drift_file": str(tmp_path / "drift.json")})
        assert report["Show the report"].result["msg"][-1].endswith("unmanaged: 1, unknown: 0, in sync: 1")
        info = play.run(
            INFO, variables=dict.fromkeys(["huaweicloud_connection", "info_asm", "info_modelarts", "info_file"], blank)
        )
        assert (
            info["Show the list"].result["msg"][-1] == "total      meshes: 1, workshops: 0, releases: 0, workspaces: 3"
        )
        refused = play.run(TEARDOWN, variables={**variables, "teardown_confirm": blank}, fails=True)
        assert to_play_result(refused).failed[0].msg.startswith("Nothing was deleted.")
        assert refused.stderr == ""

    @pytest.mark.parametrize("blank", [BLANK[0], *(pytest.param(one, marks=pytest.mark.complete) for one in BLANK[1:])])
    def test_blank_variable_of_role_has_its_default(self, play: Player, blank: t.Any) -> None:
        names = [
            f"{role}_{name}"
            for role in ("workspaces", "workshops", "releases")
            for name in ("wait", "wait_timeout", "wait_interval")
        ]
        meshes = [f"{role}_{name}" for role in ("workshops", "releases") for name in ("mesh_id", "mesh_name")]
        tasks = [
            {"name": role, "ansible.builtin.import_role": {"name": f"{COLLECTION}.{role}"}}
            for role in ("workspaces", "workshops", "releases")
        ]
        run = play(tasks, variables=dict.fromkeys([*names, *meshes], blank))
        assert to_play_result(run).requests == []

    def test_variables_are_validated_before_the_first_role(self, play: Player, tmp_path: Path) -> None:
        variables = {"releases_wait_timeout": "10m", "workshops_wait_interval": 0, "workspaces_wait": "perhaps"}
        path = write_file(tmp_path, {"workspaces": [{"name": "team-a"}]})
        run = play.run(SITE, variables={**variables, "desired_state_file": path}, fails=True)
        assert [record.msg for record in to_play_result(run).failed] == [
            "Nothing was sent. workspaces_wait must be true or false, it is text; "
            "workshops_wait_interval must be greater than 0; releases_wait_timeout must be a number, it is text."
        ]
        assert play.emulator.request_log() == []

    @pytest.mark.parametrize("playbook", [SITE, PLAN, DRIFT, INFO, TEARDOWN, f"{COLLECTION}.probe"])
    def test_connection_must_be_a_mapping(self, play: Player, playbook: str) -> None:
        run = play.run(
            playbook,
            variables={"huaweicloud_connection": "region: eu-de", "desired_state_file": "bookinfo.yml"},
            fails=True,
        )
        assert [record.msg for record in to_play_result(run).failed] == [
            "Nothing was sent. huaweicloud_connection must be a mapping, it is text."
        ]
        assert play.emulator.request_log() == []

    def test_settings_must_be_booleans(self, play: Player) -> None:
        names = ("in_process", "progress", "redact", "redact_digests")
        run = play.run(INFO, variables={f"huaweicloud_{name}": "maybe" for name in names}, fails=True)
        problems = "; ".join(f"huaweicloud_{name} must be true or false, it is text" for name in names)
        assert [record.msg for record in to_play_result(run).failed] == [f"Nothing was sent. {problems}."]
        assert play.emulator.request_log() == []

    def test_info_reports_kinds_that_it_did_not_read(self, play: Player, tmp_path: Path) -> None:
        path = tmp_path / "info.json"
        run = play.run(INFO, variables={"info_asm": "false", "info_file": str(path)})
        assert run["Show the list"].result["msg"][-1] == (
            "total      meshes: not read, workshops: not read, releases: not read, workspaces: 1"
        )
        found = json.loads(path.read_text(encoding="utf-8"))
        assert [found[kind] for kind in ("meshes", "workshops", "releases")] == [None, None, None]
        assert [workspace["name"] for workspace in found["workspaces"]] == ["default"]
