# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbooks on three targets: meshes of one project, one of which declares workspaces."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from canary_rollouts import CanaryService, rollout_file
from example_state import read_report
from harness import COLLECTION, ROOT, Player, Run, task
from play_results import QUICK

# Module tests cover the execution modes.
pytestmark = pytest.mark.in_process

MESHES = {name: f"0b1c2d3e-4f50-4172-8839-4a5b6c7d8e0{index}" for index, name in enumerate("abc")}
TARGETS = ("shop-a", "shop-b", "shop-c")
INGRESS = {"elb_id": "elb-1", "elb_ip": "192.0.2.24", "port": 8080}
WORKSHOPS = {"workshops": [{"name": "demo", "primary_cluster": "demo-cluster", "ingress": INGRESS}]}
TEAMS = {"workspaces": [{"name": "team", "auth_type": "private"}]}
CLUSTER = {"cluster_id": "new-cluster", "installation_nodes": {"key": "UID", "values": ["n-1"]}}
OUTAGE = {"huaweicloud_connection": {"asm_endpoint": "http://127.0.0.1:9", "max_retries": 0}}
STOPPED = "Stopped, because another target has failed (huaweicloud_fail_fast is set)."
SKIPPED = "The desired state was not loaded and checked in this run, because --start-at-task, --tags or --skip-tags has skipped tasks."


class Shops:
    """The inventory of the targets, and a player for it."""

    def __init__(self, play: Player) -> None:
        self.play = play
        self.directory = play.directory
        play.emulator.seed(
            meshes=[{"name": f"mesh-{name}", "id": id_, "clusters": ["demo-cluster"]} for name, id_ in MESHES.items()]
        )
        self.write("teams.yml", {"meshes": [{"name": "mesh-a"}], **TEAMS, **WORKSHOPS})
        self.write("shop.yml", WORKSHOPS)

    def write(self, name: str, content: t.Any) -> Path:
        path = self.directory / name
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    def run(
        self,
        playbook: str | Path,
        *arguments: str,
        fails: bool = False,
        hosts: t.Any = None,
        check: bool = False,
        environment: t.Mapping[str, str] | None = None,
        **more: t.Any,
    ) -> Run:
        """Run a playbook of the collection, or a file, on all targets. ``hosts`` has more variables by host. None unsets a variable."""
        own = {
            "shop-a": {"mesh_name": "mesh-a", "desired_state_file": str(self.directory / "teams.yml")},
            "shop-b": {"mesh_id": MESHES["b"], "desired_state_file": str(self.directory / "shop.yml")},
            "shop-c": {"mesh_name": "mesh-c", "desired_state_file": str(self.directory / "shop.yml")},
        }
        credentials = self.play.emulator.credentials
        shared = {"region": credentials["region"], "project_id": credentials["project_id"]}
        inventory = {
            "shops": {"vars": shared, "hosts": {name: {**own[name], **(hosts or {}).get(name, {})} for name in own}}
        }
        path = self.write("inventory.yml", inventory)
        variables = {**QUICK, "huaweicloud_hosts": "shops", **more}
        return self.play.run(
            playbook if isinstance(playbook, Path) else f"{COLLECTION}.{playbook}",
            variables={name: value for name, value in variables.items() if value is not None},
            # The project comes from the inventory.
            environment={"HW_PROJECT_ID": None, "HW_REGION_NAME": None, **(environment or {})},
            arguments=("-i", str(path), *arguments),
            fails=fails,
            check=check,
        )


def count_writes(run: Run) -> int:
    return sum(len(record.writes) for record in run.records)


def list_states(report: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {entry["name"]: entry["status"] for entry in report["targets"]}


def find_failures(run: Run) -> list[str]:
    return [record.msg for record in run.records if record.failed]


@pytest.fixture(scope="class")
def shops(shared_play: Player) -> Shops:
    return Shops(shared_play)


@pytest.fixture(scope="class")
def runs(shops: Shops) -> dict[str, Run]:
    """Plan, apply the plan after another client has changed a target, and report drift during an outage."""
    plan, drift = str(shops.directory / "plan.json"), str(shops.directory / "drift.json")
    runs = {"plan": shops.run("plan", "--forks", "3", plan_file=plan)}
    # Another client changes one target after the plan.
    shops.play([task("asm_workshop", mesh_id=MESHES["c"], **WORKSHOPS["workshops"][0])])
    runs["site"] = shops.run("site", "--forks", "1", fails=True, plan_file=plan)
    runs["drift"] = shops.run(
        *("drift", "--limit", "!shop-b"),
        hosts={"shop-c": OUTAGE},
        fails=True,
        drift_file=drift,
        drift_status_file=str(shops.directory / "status.json"),
    )
    return runs


class TestStory:
    """Plan, apply the approved plan on all targets, and report drift while one service is not available."""

    def test_plans_are_combined(self, runs: dict[str, Run], shops: Shops) -> None:
        plan = read_report(shops.directory / "plan.json")
        assert list_states(plan) == dict.fromkeys(TARGETS, "changes")
        assert (plan["status"], plan["counts"]["create"]) == ("changes", 4)
        for entry in plan["targets"]:
            assert read_report(shops.directory / f"plan.{entry['name']}.json") == entry["report"]
        formats = ("json", "md", "html", "xml")
        names = {f"plan.{name}{form}" for name in ("", *(f"{target}." for target in TARGETS)) for form in formats}
        assert {path.name for path in shops.directory.glob("plan.*")} == names
        assert count_writes(runs["plan"]) == 0

    def test_each_target_has_its_statistics_and_facts(self, runs: dict[str, Run], shops: Shops) -> None:
        plan = read_report(shops.directory / "plan.json")
        data = runs["plan"]["Pass the results of all targets to the next job"].result["ansible_stats"]["data"]
        hashes = {entry["name"]: entry["report"]["hash"] for entry in plan["targets"]}
        assert {name: data[f"plan_hash_{name.replace('-', '_')}"] for name in TARGETS} == hashes
        assert (data["plan_hash"], data["plan_status"]) == (plan["hash"], "changes")
        facts = [record.result["ansible_facts"] for record in runs["plan"].named("Set the results as facts")]
        assert {Path(fact["plan_path"]).name: fact["plan_hash"] for fact in facts} == {
            f"plan.{name}.json": hashes[name] for name in TARGETS
        }

    def test_approved_plan_is_applied_except_to_the_changed_target(self, runs: dict[str, Run]) -> None:
        refused, failed = find_failures(runs["site"])
        assert refused == failed
        assert "workshop 'demo': it did not exist and exists now" in refused
        report = runs["site"]["Combine the results"].result["report"]
        assert list_states(report) == {"shop-a": "changed", "shop-b": "changed", "shop-c": "failed"}
        assert (report["status"], report["counts"]) == ("failed", {"create": 3})
        assert count_writes(runs["site"]) == 3

    def test_unavailable_target_is_unknown(self, runs: dict[str, Run], shops: Shops) -> None:
        drift = read_report(shops.directory / "drift.json")
        assert list_states(drift) == {"shop-a": "drift", "shop-b": "not_selected", "shop-c": "unknown"}
        assert (drift["status"], drift["counts"]["in_sync"]) == ("unknown", 3)
        # Only the mesh of the emulator belongs to no target.
        resources = drift["targets"][0]["report"]["resources"]
        assert [each["name"] for each in resources if each["state"] == "unmanaged"] == ["demo-mesh"]
        assert "Failed to list the meshes: no connection to 127.0.0.1:9" in drift["targets"][2]["msg"]
        assert read_report(shops.directory / "status.json")["status"] == "unknown"
        assert runs["drift"].status == 2


@pytest.mark.complete
def test_target_without_access_to_its_workspaces_is_unknown(shops: Shops) -> None:
    shops.play.emulator.fault("status", "GET", "/workspaces", status=403, times=9)
    run = shops.run("plan", fails=True, plan_file=str(shops.directory / "refused.json"))
    report = run["Combine and write the reports"].result["report"]
    assert list_states(report) == {"shop-a": "unknown", "shop-b": "changes", "shop-c": "changes"}
    assert "is unknown: workspace 'team': Failed to list the workspaces" in report["targets"][0]["msg"]


class TestRefusals:
    """Nothing is changed in any target."""

    def test_invalid_file_stops_the_others_with_fail_fast(self, shops: Shops) -> None:
        path = shops.write("invalid.yml", {"workshopz": []})
        hosts = {"shop-b": {"desired_state_file": str(path)}}
        run = shops.run("site", fails=True, hosts=hosts, huaweicloud_fail_fast=True)
        report = run["Combine the results"].result["report"]
        assert list_states(report) == {"shop-a": "stopped", "shop-b": "failed", "shop-c": "stopped"}
        assert [record.requests for record in run.records if record.requests] == []

    @pytest.mark.parametrize("playbook", ["plan", pytest.param("drift", marks=pytest.mark.complete)])
    def test_stopped_targets_have_the_same_reason_everywhere(self, shops: Shops, playbook: str) -> None:
        hosts = {"shop-b": {"desired_state_file": str(shops.write("invalid.yml", {"workshopz": []}))}}
        file = {f"{playbook}_file": str(shops.directory / f"stopped_{playbook}.json")}
        run = shops.run(playbook, fails=True, hosts=hosts, huaweicloud_fail_fast=True, **file)
        report = run["Combine and write the reports"].result["report"]
        assert [entry["msg"] for entry in report["targets"] if entry["name"] != "shop-b"] == [STOPPED, STOPPED]
        assert find_failures(run).count(STOPPED) == 2

    def test_target_without_a_file_is_one_of_the_inventory(self, shops: Shops) -> None:
        file = str(shops.directory / "without_file.json")
        run = shops.run("plan", fails=True, hosts={"shop-b": {"desired_state_file": ""}}, plan_file=file)
        report = run["Combine and write the reports"].result["report"]
        assert [entry["status"] for entry in report["targets"]] == ["changes", "unknown", "changes"]
        assert report["targets"][1]["msg"] == (
            "Nothing was sent. desired_state_file is required: set it for the host shop-b in the inventory, "
            "for example desired_state_file: bookinfo.yml."
        )

    def test_failed_list_stops_the_others_with_fail_fast(self, shops: Shops) -> None:
        run = shops.run("info", fails=True, hosts={"shop-b": OUTAGE}, huaweicloud_fail_fast=True)
        report = run["Combine the lists"].result["report"]
        assert list_states(report) == dict.fromkeys(TARGETS, "unknown")
        assert [entry["msg"] for entry in report["targets"] if entry["name"] != "shop-b"] == [STOPPED, STOPPED]
        assert "no connection to 127.0.0.1:9" in report["targets"][1]["msg"]
        # The others have finished the task that failed.
        assert {record.name for record in run.records if record.requests} == {"List the meshes"}

    def test_invalid_connection_stops_the_others_with_fail_fast(self, shops: Shops) -> None:
        run = shops.run(
            "info", fails=True, hosts={"shop-b": {"huaweicloud_connection": []}}, huaweicloud_fail_fast=True
        )
        report = run["Combine the lists"].result["report"]
        assert [entry["msg"] for entry in report["targets"]] == [
            STOPPED,
            "Nothing was sent. huaweicloud_connection must be a mapping, it is a list.",
            STOPPED,
        ]
        assert [record.requests for record in run.records if record.requests] == []

    @pytest.mark.parametrize(
        ("playbook", "states"),
        [
            ("plan", ["changes", "unknown", "changes"]),
            *(
                pytest.param(name, states, marks=pytest.mark.complete)
                for name, states in {
                    # The first target declares meshes. Unmanaged ones could belong to the second target.
                    "drift": ["unknown", "unknown", "drift"],
                    "site": ["changed", "failed", "changed"],
                    "teardown": ["changed", "failed", "no_changes"],
                }.items()
            ),
        ],
    )
    def test_invalid_connection_does_not_stop_the_others(self, shops: Shops, playbook: str, states: list[str]) -> None:
        hosts = {"shop-b": {"huaweicloud_connection": {"validate_certs": "flase"}}}
        file = {f"{playbook}_file": str(shops.directory / f"connection_{playbook}.json")}
        run = shops.run(playbook, fails=True, hosts=hosts, check=True, **file)
        report = next(record.result["report"] for record in run.records if record.action.endswith(".combine_targets"))
        assert list(list_states(report).values()) == states
        assert report["targets"][1]["msg"].startswith("Failed to describe the target: argument 'validate_certs'")

    @pytest.mark.parametrize("playbook", ["plan", pytest.param("site", marks=pytest.mark.complete)])
    def test_mesh_of_an_empty_list_must_exist(self, shops: Shops, playbook: str) -> None:
        empty = str(shops.write("empty_list.yml", {"workshops": []}))
        hosts = {"shop-b": {"desired_state_file": empty}, "shop-c": {"desired_state_file": empty, "mesh_name": "msh-c"}}
        file = {f"{playbook}_file": str(shops.directory / f"empty_list_{playbook}.json")}
        run = shops.run(playbook, fails=True, hosts=hosts, check=True, **file)
        report = next(record.result["report"] for record in run.records if record.action.endswith(".combine_targets"))
        assert report["targets"][1]["status"] == "no_changes"
        assert report["targets"][2]["status"] in ("unknown", "failed")
        assert report["targets"][2]["msg"].startswith("No mesh has the name 'msh-c' in project")

    @pytest.mark.parametrize("mistake", ["file", pytest.param("paths", marks=pytest.mark.complete)])
    def test_no_rollout_starts_with_fail_fast_if_one_cannot(self, shops: Shops, mistake: str) -> None:
        path = str(shops.write("rollout.yml", rollout_file(shops.play.emulator)))
        record = {"canary_file": str(shops.directory / "b.shop-b.yml"), "canary_record": str(shops.directory / "b.yml")}
        mistakes = {"file": {"canary_file": "/nowhere.yml"}, "paths": record}
        hosts = {name: {"canary_file": path} for name in TARGETS}
        hosts["shop-b"] |= mistakes[mistake]
        run = shops.run("canary", fails=True, hosts=hosts, huaweicloud_fail_fast=True)
        entries = run["Combine the outcomes"].result["report"]["targets"]
        assert [entry["status"] for entry in entries] == ["failed"] * 3
        assert [entry["msg"] == f"failed: {STOPPED}" for entry in entries] == [True, False, True]
        assert [record.requests for record in run.records if record.requests] == []

    def test_same_scope_is_refused_before_the_first_request(self, shops: Shops) -> None:
        hosts = {"shop-c": {"mesh_name": "mesh-a"}}
        run = shops.run("site", fails=True, hosts=hosts)
        assert find_failures(run) == [
            "Nothing was sent. The targets 'shop-a' and 'shop-c' both declare workshops or releases of mesh mesh-a. "
            "Two targets must not manage the same resources."
        ]
        assert [record.requests for record in run.records if record.requests] == []

    def test_same_scope_by_name_and_id_is_refused_before_change(self, shops: Shops) -> None:
        run = shops.run("site", fails=True, hosts={"shop-c": {"mesh_name": "mesh-b"}})
        assert find_failures(run) == [
            f"Nothing was changed. The targets 'shop-b' and 'shop-c' both declare workshops or releases of mesh mesh-b ({MESHES['b']}). "
            "Two targets must not manage the same resources."
        ]
        assert count_writes(run) == 0

    @pytest.mark.parametrize("source", ["host", "connection"])
    def test_mesh_of_an_excluded_target_is_not_pruned(self, shops: Shops, source: str) -> None:
        path = shops.write("prune.yml", {"meshes": [{"name": "mesh-a"}], "prune": {"meshes": ["."]}})
        hosts: t.Any = {"shop-a": {"desired_state_file": str(path)}}
        if source == "connection":
            # The other targets have no ID of their project in the variable project_id.
            project = shops.play.emulator.credentials["project_id"]
            own = {"project_id": "", "huaweicloud_connection": {"project_id": project}}
            own |= {"mesh_id": "", "mesh_name": "mesh-b"}
            hosts |= {"shop-b": own, "shop-c": {"project_id": "p-9", "huaweicloud_connection": {"project_name": "x"}}}
        run = shops.run("site", "--limit", "shop-a", fails=True, hosts=hosts)
        (message,) = find_failures(run)
        assert "'shop-a' has prune.meshes, so it would delete the meshes of the others." in message
        assert [record.requests for record in run.records if record.requests] == []

    @pytest.mark.parametrize("variable", ["plan_hash_shop_a", "plan_hash"])
    def test_target_without_an_approved_hash_is_refused(self, shops: Shops, variable: str) -> None:
        run = shops.run("site", "--limit", "shop-b", fails=True, **{variable: "sha256:1"})
        assert find_failures(run)[0] == (
            "Nothing was sent. The plan of the target shop-b was not approved. Set plan_file to the combined plan, or "
            "plan_hash_shop_b to the hash of the plan of this target."
        )
        assert [record.requests for record in run.records if record.requests] == []

    @pytest.mark.complete
    def test_hash_of_the_combined_plan_is_accepted_with_the_file(self, shops: Shops) -> None:
        plan = shops.directory / "with_hash.json"
        shops.run("plan", plan_file=str(plan))
        hashes = {"plan_file": str(plan), "plan_hash": read_report(plan)["hash"]}
        assert shops.run("site", check=True, **hashes)["Combine the results"].result["report"]["status"] == "changed"
        run = shops.run("site", check=True, fails=True, **{**hashes, "plan_file": str(plan.with_name("none.json"))})
        assert "none.json does not exist" in find_failures(run)[0]

    @pytest.mark.parametrize("playbook", ["site", pytest.param("drift", marks=pytest.mark.complete)])
    def test_slice_on_localhost_is_refused(self, shops: Shops, playbook: str) -> None:
        file = str(shops.directory / "shop.yml")
        run = shops.run(playbook, fails=True, huaweicloud_hosts="", desired_state_file=file, awx_job_slice_count=3)
        assert find_failures(run)[0].startswith("Nothing was sent. This job is one of several slices")
        assert [record.requests for record in run.records if record.requests] == []

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--start-at-task", "Apply the workshops"),
            pytest.param(("--start-at-task", "Create the meshes"), marks=pytest.mark.complete),
            pytest.param(("--tags", "workshops"), marks=pytest.mark.complete),
        ],
    )
    @pytest.mark.parametrize("pattern", ["localhost", "shops"])
    def test_skipped_checks_are_refused(self, shops: Shops, arguments: tuple[str, str], pattern: str) -> None:
        run = shops.run("site", *arguments, fails=True, huaweicloud_hosts=pattern)
        assert all(SKIPPED in message for message in find_failures(run))
        assert count_writes(run) == 0

    @pytest.mark.parametrize(
        ("playbook", "first", "reason"),
        [
            ("site", "Load the desired-state file", "Nothing was sent. The variables were not validated in this run"),
            (
                "teardown",
                "Check the confirmation",
                "Nothing was sent. The desired state was not loaded and the deletion",
            ),
            pytest.param(
                *("teardown", "Load the desired-state file", "Nothing was sent. The variables were not validated"),
                marks=pytest.mark.complete,
            ),
        ],
    )
    def test_start_at_a_later_task_has_a_reason(self, shops: Shops, playbook: str, first: str, reason: str) -> None:
        run = shops.run(playbook, "--start-at-task", first, fails=True, huaweicloud_hosts="localhost")
        (message,) = find_failures(run)[:1]
        assert reason in message
        assert "because --start-at-task, --tags or --skip-tags has skipped" in message
        assert [record.requests for record in run.records if record.requests] == []


class TestPrune:
    """A target must not delete resources of another target whose project, mesh or file is unknown."""

    CASES: t.ClassVar[dict[str, str]] = {
        "file": "its desired-state file was not loaded, or its connection is invalid",
        "asm": "its project is unknown",
        "iam": "its project is unknown",
    }

    def hosts(self, shops: Shops, kind: str) -> dict[str, t.Any]:
        """Return targets that select the project by its name. The first one would prune a resource of the second one."""
        files = {
            "meshes": [{"meshes": [{"name": "mesh-a"}], "prune": {"meshes": ["mesh-b"]}}, WORKSHOPS],
            "workspaces": [{"workspaces": [], "prune": {"workspaces": ["."]}}, {"workspaces": [{"name": "team-b"}]}],
        }
        paths = [str(shops.write(f"{kind}_{index}.yml", content)) for index, content in enumerate(files[kind])]
        credentials = shops.play.emulator.credentials
        by_name = {"project_id": "", "project_name": credentials["region"]}
        return {
            "shop-a": {"desired_state_file": paths[0]},
            "shop-b": {**by_name, "mesh_id": "", "mesh_name": "mesh-b", "desired_state_file": paths[1]},
            # Has no mesh that the first target could delete.
            "shop-c": {"mesh_name": "", "desired_state_file": str(shops.write("none.yml", {"workspaces": []}))}
            if kind == "meshes"
            else {},
        }

    def mistake(self, shops: Shops, case: str) -> dict[str, t.Any]:
        if case == "file":
            return {"desired_state_file": str(shops.write("invalid.yml", {"workshopz": []}))}
        return (
            OUTAGE
            if case == "asm"
            else {"huaweicloud_connection": {"auth_url": "http://127.0.0.1:9", "max_retries": 0}}
        )

    @pytest.mark.parametrize(
        ("playbook", "kind", "case"),
        [
            ("site", "meshes", "file"),
            ("site", "meshes", "asm"),
            ("site", "workspaces", "iam"),
            ("plan", "meshes", "file"),
        ],
    )
    def test_prune_is_refused(self, shops: Shops, playbook: str, kind: str, case: str) -> None:
        hosts = self.hosts(shops, kind)
        hosts["shop-b"] |= self.mistake(shops, case)
        files = {"plan_file": str(shops.directory / "prune.json")} if playbook == "plan" else {}
        run = shops.run(playbook, fails=True, hosts=hosts, **files)
        report = next(record.result["report"] for record in run.records if record.action.endswith(".combine_targets"))
        found = {entry["name"]: entry for entry in report["targets"]}
        assert found["shop-a"]["status"] == found["shop-b"]["status"] == ("failed" if playbook == "site" else "unknown")
        assert found["shop-a"]["msg"] == (
            f"Nothing was changed. prune ({kind}) could delete resources of other targets with an unknown scope: "
            f"'shop-b' ({self.CASES[case]}). Fix the other targets, or remove prune from the desired-state file."
        )
        # The third target continues.
        assert found["shop-c"]["status"] in ("changed", "no_changes", "changes")
        assert "DELETE" not in [call["method"] for record in run.records for call in record.writes]


class TestDrift:
    """A mesh of another target is not unmanaged, even if that target could not be read."""

    @pytest.mark.parametrize(("is_loaded", "unmanaged", "kinds"), [(True, ["demo-mesh"], []), (False, [], ["meshes"])])
    def test_mesh_of_unread_target_is_not_unmanaged(
        self, shops: Shops, is_loaded: bool, unmanaged: list[str], kinds: list[str]
    ) -> None:
        own = shops.write("own.yml", {"meshes": [{"name": "mesh-a"}]})
        mesh = {"mesh_name": "mesh-b"} if is_loaded else {"mesh_nam": "mesh-b"}
        other = shops.write("other.yml", {"meshes": [{"name": "mesh-b"}], **mesh, **WORKSHOPS})
        connection = {"project_id": shops.play.emulator.credentials["project_id"], **OUTAGE["huaweicloud_connection"]}
        hosts = {
            "shop-a": {"desired_state_file": str(own)},
            "shop-b": {
                **{"mesh_id": "", "project_id": "", "huaweicloud_connection": connection},
                "desired_state_file": str(other),
            },
        }
        path = shops.directory / "unread.json"
        shops.run("drift", fails=True, hosts=hosts, drift_file=str(path))
        report = read_report(path)
        assert list_states(report) == {
            "shop-a": "drift" if is_loaded else "unknown",
            "shop-b": "unknown",
            "shop-c": "drift",
        }
        found = report["targets"][0]["report"]
        assert [each["name"] for each in found["resources"] if each["state"] == "unmanaged"] == unmanaged
        assert found["undetermined_kinds"] == kinds


class TestHosts:
    """A playbook without hosts fails, although Ansible skips its play."""

    CASES: t.ClassVar[dict[str, tuple[str, str, tuple[str, ...], str]]] = {
        "unknown": ("plan", "shpos", (), "No host of the inventory matches huaweicloud_hosts (shpos)."),
        "excluded": (
            "site",
            "shops",
            ("--limit", "others"),
            "--limit excludes all hosts of huaweicloud_hosts (shops).",
        ),
        "localhost": (
            "drift",
            "",
            ("--limit", "shops"),
            "--limit excludes all hosts of huaweicloud_hosts (localhost).",
        ),
        "no status": ("info", "shpos", (), "No host of the inventory matches huaweicloud_hosts (shpos)."),
    }

    @pytest.mark.parametrize(
        "case", ["unknown", "excluded", pytest.param("localhost", marks=pytest.mark.complete), "no status"]
    )
    def test_playbook_without_hosts_fails(self, shops: Shops, case: str) -> None:
        playbook, pattern, arguments, message = self.CASES[case]
        status = shops.directory / f"{playbook}_without_hosts.json"
        status.write_text('{"status": "no_changes"}', encoding="utf-8")
        shops.write("others.yml", {"others": {"hosts": {"other": {}}}})
        others = ("-i", str(shops.directory / "others.yml"), *arguments)
        more = {} if playbook == "info" else {f"{playbook}_status_file": str(status)}
        run = shops.run(playbook, *others, fails=True, huaweicloud_hosts=pattern, **more)
        assert find_failures(run) == [f"Nothing was sent. {message}"]
        assert [record.requests for record in run.records if record.requests] == []
        expected = {"playbook": playbook, "status": "failed"} if more else {"status": "no_changes"}
        assert read_report(status) == expected

    def test_slice_without_targets_does_nothing(self, shops: Shops) -> None:
        shops.write("others.yml", {"others": {"hosts": {"other": {}}}})
        others = ("-i", str(shops.directory / "others.yml"), "--limit", "others")
        run = shops.run("info", *others, awx_job_slice_count=2)
        assert [record.name for record in run.records if record.status != "skipped"] == [
            "Check that the next play has hosts"
        ]


class TestStrategy:
    @pytest.mark.parametrize(
        "playbook", ["plan", *(pytest.param(name, marks=pytest.mark.complete) for name in ("drift", "info", "site"))]
    )
    def test_results_are_combined_once_with_another_default(self, shops: Shops, playbook: str) -> None:
        more = {f"{playbook}_file": str(shops.directory / f"free_{playbook}.json")} if playbook != "site" else {}
        run = shops.run(playbook, environment={"ANSIBLE_STRATEGY": "ansible.builtin.free"}, check=True, **more)
        combined = [record for record in run.modules() if record.action == f"{COLLECTION}.combine_targets"]
        assert [list(list_states(record.result["report"])) for record in combined] == [list(TARGETS)]


class TestInfo:
    def test_mesh_that_does_not_exist_is_an_error(self, shops: Shops) -> None:
        # The ID has precedence over the name.
        hosts = {"shop-b": {"mesh_name": "mesh-a"}, "shop-c": {"mesh_name": "mesh-d"}}
        run = shops.run("info", fails=True, hosts=hosts)
        found = run["Combine the lists"].result["report"]["targets"]
        assert [(entry["status"], entry["msg"]) for entry in found] == [
            ("listed", None),
            ("listed", None),
            ("unknown", "No mesh has the name 'mesh-d' in the project of this target."),
        ]
        assert [mesh["name"] for mesh in found[1]["resources"]["meshes"]] == ["mesh-b"]

    @pytest.mark.complete
    def test_mesh_is_only_required_for_resources_of_meshes(self, shops: Shops) -> None:
        hosts = {"shop-b": {"mesh_id": "unknown"}}
        run = shops.run("info", fails=True, hosts=hosts)
        message = "No mesh has the ID 'unknown' in the project of this target."
        assert find_failures(run) == [message, message]
        report = shops.run("info", hosts=hosts, info_asm=False)["Combine the lists"].result["report"]
        assert list_states(report) == dict.fromkeys(TARGETS, "listed")
        assert {entry["resources"]["meshes"] for entry in report["targets"]} == {None}


class TestUnreachable:
    """A target becomes unreachable, so that Ansible removes it before the playbook can record a failure."""

    HOSTS: t.ClassVar = {"shop-b": {"ansible_remote_tmp": "/dev/null/tmp", "huaweicloud_in_process": False}}
    REMOVED = "The target was removed from the play, because it was unreachable or a task has failed. The output of the task has the reason."

    @pytest.mark.parametrize(
        ("playbook", "status", "others"),
        [
            pytest.param("drift", "unknown", "drift", marks=pytest.mark.complete),
            ("site", "failed", "changed"),
            pytest.param("info", "unknown", "listed", marks=pytest.mark.complete),
        ],
    )
    def test_unreachable_target_has_failed(self, shops: Shops, playbook: str, status: str, others: str) -> None:
        more = {f"{playbook}_status_file": str(shops.directory / f"unreachable_{playbook}.json")}
        more |= {"drift_file": str(shops.directory / "unreachable.json")}
        run = shops.run(playbook, fails=True, hosts=self.HOSTS, check=True, **more)
        assert ([record.status for record in run.records if record.failed], run.status) == (["unreachable"], 4)
        report = next(record.result["report"] for record in run.records if record.action.endswith(".combine_targets"))
        assert list_states(report) == {"shop-a": others, "shop-b": status, "shop-c": others}
        assert (report["status"], report["targets"][1]["msg"]) == (status, self.REMOVED)

    def test_unreachable_target_stops_the_others_with_fail_fast(self, shops: Shops) -> None:
        run = shops.run("site", fails=True, hosts=self.HOSTS, huaweicloud_fail_fast=True)
        report = run["Combine the results"].result["report"]
        assert [entry["msg"] for entry in report["targets"]] == [STOPPED, self.REMOVED, STOPPED]
        assert count_writes(run) == 0


class TestRemovedHosts:
    """Ansible removes the hosts of failed tasks from a play."""

    def test_removed_hosts_are_listed_in_the_order_of_the_play(self, play: Player) -> None:
        names = [f"shop-{number}" for number in (5, 2, 9, 1, 7, 3, 8, 4)]
        failing = names[::2] + names[-1:]
        tasks = [
            {"name": "Fail on some hosts", "ansible.builtin.fail": None, "when": "inventory_hostname in failing"},
            {"name": "Show the removed hosts", "ansible.builtin.debug": {"var": "target_removed"}, "run_once": True},
        ]
        variables = {"ansible_connection": "local", "failing": failing}
        files = [str(ROOT / "playbooks" / "vars" / "targets.yml")]
        content = [{"hosts": "all", "gather_facts": False, "vars": variables, "vars_files": files, "tasks": tasks}]
        path, inventory = play.directory / "removed.yml", play.directory / "hosts.yml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        inventory.write_text(yaml.safe_dump({"all": {"hosts": dict.fromkeys(names, {})}}, sort_keys=False), "utf-8")
        run = play.run(path, arguments=("-i", str(inventory)), fails=True)
        assert run["Show the removed hosts"].result["target_removed"] == failing


class TestSeveralPlays:
    """Run several playbooks of the collection in one run of Ansible."""

    def test_results_of_an_earlier_play_are_not_combined(self, shops: Shops) -> None:
        names = ("plan", "drift")
        plays = [{"ansible.builtin.import_playbook": f"{COLLECTION}.{name}"} for name in names]
        empty = {"desired_state_file": str(shops.write("empty.yml", {"workshops": []}))}
        files = {f"{name}_file": str(shops.directory / f"both_{name}.json") for name in names}
        # The plan of one target has changes, so that it fails, and Ansible removes it from the next play.
        options = {"hosts": {"shop-a": empty, "shop-b": empty}, "fails": True, "plan_fail_on_changes": True}
        run = shops.run(shops.write("both.yml", plays), **options, **files)
        reports = {name: read_report(Path(files[f"{name}_file"])) for name in names}
        assert list_states(reports["plan"]) == {"shop-a": "no_changes", "shop-b": "no_changes", "shop-c": "changes"}
        assert list_states(reports["drift"]) == {"shop-a": "no_drift", "shop-b": "no_drift", "shop-c": "unknown"}
        assert reports["drift"]["targets"][2]["msg"] == (
            "The target was not started, because it had failed or was unreachable in an earlier play."
        )
        assert run.status == 2

    def test_hosts_of_an_earlier_play_do_not_hide_a_conflict(self, shops: Shops) -> None:
        patterns = {"plan": "shop-a,shop-b", "imports.check_targets": "shops"}
        plays = [
            {"ansible.builtin.import_playbook": f"{COLLECTION}.{name}", "vars": {"huaweicloud_hosts": pattern}}
            for name, pattern in patterns.items()
        ]
        options = {"huaweicloud_hosts": None, "plan_file": str(shops.directory / "stale.json")}
        run = shops.run(
            shops.write("stale.yml", plays), fails=True, hosts={"shop-c": {"mesh_name": "mesh-a"}}, **options
        )
        (message,) = find_failures(run)
        assert "The targets 'shop-a' and 'shop-c' both declare workshops or releases of mesh mesh-a." in message


class TestPredictedRollout:
    def test_check_mode_reports_a_prediction(self, play: Player) -> None:
        shops, canary = Shops(play), CanaryService(play.emulator, play.directory)
        hosts = {"shop-a": {"canary_file": str(canary.path)}}
        run = shops.run("canary", "--limit", "shop-a", hosts=hosts, check=True)
        entry = run["Combine the outcomes"].result["report"]["targets"][0]
        assert (entry["status"], entry["msg"].partition(":")[0]) == ("predicted", "The next action would be")
        statistics = run["Pass the outcomes of all targets to the next job"].result["ansible_stats"]["data"]
        assert (statistics["canary_state"], statistics["canary_state_shop_a"]) == ("predicted", "predicted")


class TestRolloutsOfDifferentClusters:
    """The rollout files have different clusters, and two of them use the same Kubernetes API."""

    @pytest.fixture
    def hosts(self, shops: Shops) -> dict[str, dict[str, str]]:
        """Write the rollout files. Only the third one has its own API, which does not respond."""
        files = {}
        for name, api in {"shop-a": None, "shop-b": None, "shop-c": "http://127.0.0.1:9"}.items():
            content = rollout_file(shops.play.emulator)
            content["release"]["cluster_id"] = f"cluster-of-{name}"
            content["traffic"]["connection"] = {"host": api} if api else {}
            files[name] = {"canary_file": str(shops.write(f"{name}.yml", content))}
        return files

    @pytest.mark.parametrize("action", ["run", pytest.param("rollback", marks=pytest.mark.complete)])
    def test_targets_with_the_same_api_are_refused(self, shops: Shops, hosts: t.Any, action: str) -> None:
        url = shops.play.emulator.url
        run = shops.run(
            "canary", fails=True, hosts=hosts, canary_action=action, environment={"K8S_AUTH_HOST": f"{url}/"}
        )
        first, second, third = run["Combine the outcomes"].result["report"]["targets"]
        refusal = (
            "failed: Nothing was sent. The rollouts of different clusters (cluster-of-shop-a, cluster-of-shop-b) use the same Kubernetes API "
            f"({url}). Set traffic.connection in the rollout file to the cluster of each target, for example with a host variable, "
            "or run the targets separately with --limit."
        )
        assert [first["msg"], second["msg"]] == [refusal, refusal]
        assert "No complete response from the Kubernetes API at http://127.0.0.1:9" in third["msg"]
        assert count_writes(run) == 0
        assert [call for record in run.records for call in record.sent if "/apis/" in call] == []

    def test_no_rollout_starts_with_fail_fast(self, shops: Shops, hosts: t.Any) -> None:
        environment = {"K8S_AUTH_HOST": shops.play.emulator.url}
        run = shops.run("canary", fails=True, hosts=hosts, environment=environment, huaweicloud_fail_fast=True)
        entries = run["Combine the outcomes"].result["report"]["targets"]
        assert [entry["msg"] == f"failed: {STOPPED}" for entry in entries] == [False, False, True]
        assert [record.requests for record in run.records if record.requests] == []

    @pytest.mark.complete
    def test_targets_of_one_cluster_are_not_refused(self, shops: Shops) -> None:
        canary = CanaryService(shops.play.emulator, shops.directory)
        hosts = {name: {"canary_file": str(canary.path)} for name in TARGETS}
        run = shops.run("canary", hosts=hosts, canary_action="status")
        states = list_states(run["Combine the outcomes"].result["report"])
        assert states == dict.fromkeys(TARGETS, "finished")


class TestRolloutBesideOneThatCannotStart:
    """A rollout waits, and the rollout file of another target is missing. huaweicloud_fail_fast is set."""

    @pytest.fixture
    def canary(self, play: Player) -> CanaryService:
        return CanaryService(play.emulator, play.directory)

    @pytest.fixture
    def act(self, canary: CanaryService, play: Player) -> t.Callable[..., tuple[str, str]]:
        """Start the rollout. Return a function that runs an action on both targets and returns the state and the message of the first."""
        shops = Shops(play)
        hosts = {"shop-a": {"canary_file": str(canary.path)}, "shop-b": {"canary_file": "/nowhere.yml"}}
        shops.run("canary", "--limit", "shop-a", hosts=hosts)

        def act(action: str, **more: t.Any) -> tuple[str, str]:
            more |= {"huaweicloud_hosts": "shop-a,shop-b", "huaweicloud_fail_fast": True}
            run = shops.run("canary", fails=True, hosts=hosts, canary_action=action, **more)
            first, second = run["Combine the outcomes"].result["report"]["targets"]
            assert (second["status"], "/nowhere.yml" in second["msg"]) == ("failed", True)
            return first["status"], first["msg"]

        return act

    def test_rollback_is_carried_out(self, act: t.Callable[..., tuple[str, str]], canary: CanaryService) -> None:
        assert canary.weights() == {"v1": 50, "v2": 50}
        assert act("rollback")[0] == "rolled_back"
        assert canary.weights() == {"v1": 100, "v2": 0}

    def test_state_is_reported_and_an_approval_stops(
        self, act: t.Callable[..., tuple[str, str]], canary: CanaryService
    ) -> None:
        assert act("status")[0] == "waiting"
        assert act("approve", canary_step=2) == ("failed", f"failed: {STOPPED}")
        assert canary.weights() == {"v1": 50, "v2": 50}

    @pytest.mark.complete
    def test_time_limits_are_enforced(self, act: t.Callable[..., tuple[str, str]], canary: CanaryService) -> None:
        canary.write(deadline="60s")
        canary.advance(60)
        assert act("enforce")[0] == "rolled_back"
        assert canary.weights() == {"v1": 100, "v2": 0}


@pytest.mark.complete
class TestOtherPlaybooks:
    def test_fail_fast_stops_the_next_kind(self, play: Player) -> None:
        shops = Shops(play)
        play.emulator.fault("status", "POST", "/workspaces$", status=400)
        run = shops.run("site", fails=True, huaweicloud_fail_fast=True)
        report = run["Combine the results"].result["report"]
        assert list_states(report) == {"shop-a": "failed", "shop-b": "stopped", "shop-c": "stopped"}
        assert count_writes(run) == 1

    def test_resources_are_listed_and_deleted(self, play: Player) -> None:
        shops = Shops(play)
        new = {"name": "mesh-new", "version": "v1.18", "clusters": [CLUSTER]}
        file = {"meshes": [{"name": "mesh-a"}, new], **TEAMS, **WORKSHOPS, "options": {"wait_interval": 0.002}}
        shops.write("teams.yml", file)
        run = shops.run("site")
        assert run["Combine the results"].result["report"]["counts"] == {"create": 5}
        path = shops.directory / "info.json"
        shops.run("info", info_file=str(path))
        found = {entry["name"]: entry["resources"] for entry in json.loads(path.read_text())["targets"]}
        assert {name: [mesh["name"] for mesh in lists["meshes"]] for name, lists in found.items()} == {
            f"shop-{name}": [f"mesh-{name}"] for name in "abc"
        }
        refused = shops.run("teardown", fails=True)
        assert "Nothing was deleted." in find_failures(refused)[0]
        run = shops.run("teardown", teardown_confirm="true")
        report = run["Combine the results"].result["report"]
        assert list_states(report) == dict.fromkeys(TARGETS, "changed")
        assert report["counts"] == {"delete": 6}
        deleted = [call["path"] for record in run.records for call in record.writes if "/v1/" in call["path"]]
        assert [path.split("/")[3] for path in deleted] == ["workspaces", "meshes", "meshes"]

    def test_rollouts_of_targets_with_the_same_key_are_refused(self, play: Player) -> None:
        hosts = {name: {"canary_file": "/nowhere.yml"} for name in ("shop-a", "shop_a")}
        inventory = play.directory / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"shops": {"hosts": hosts}}), encoding="utf-8")
        run = play.run(
            f"{COLLECTION}.canary",
            variables={"huaweicloud_hosts": "shops", "canary_status_path": str(play.directory / "canary.json")},
            arguments=("-i", str(inventory)),
            fails=True,
        )
        assert find_failures(run) == [
            "Nothing was sent. The targets 'shop-a' and 'shop_a' have the same name in variables (shop_a): "
            "rename one of them."
        ]
        assert list(play.directory.glob("canary.*")) == []

    def test_rollouts_have_files_for_each_target(self, play: Player) -> None:
        shops = Shops(play)
        status = shops.directory / "canary.json"
        run = shops.run("canary", fails=True, canary_file="/nowhere.yml", canary_status_path=str(status))
        report = run["Combine the outcomes"].result["report"]
        assert list_states(report) == dict.fromkeys(TARGETS, "failed")
        for name in TARGETS:
            assert read_report(shops.directory / f"canary.{name}.json")["canary_state"] == "failed"
        assert not status.exists()
