# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbook drift: changes by another client, failed and unmanaged resources, and the reports."""

from __future__ import annotations

import stat
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from example_state import FORMS, HOSTILE, LISTS, MESH, SECRETS, behind_the_back, lists_read, read_report, seeded, whole
from harness import COLLECTION, Emulator, Player, Run, defaults, task
from play_results import QUICK, marker, split

PLAN, SITE, DRIFT = (f"{COLLECTION}.{name}" for name in ("plan", "site", "drift"))
# Another load balancer than that of shop-demo, whose port changes to 80.
OTHER_INGRESS = {"elbId": "elb-9", "elbIp": "192.0.2.99", "port": 80}
NOTHING = dict.fromkeys(("failed", "changed", "missing", "unmanaged", "unknown", "in_sync"), 0)
REASON = "3 notebooks are left"


class Story(t.NamedTuple):
    """The directory of the reports, and the runs by their names."""

    directory: Path
    runs: dict[str, Run]

    def report(self, name: str) -> dict[str, t.Any]:
        return read_report(self.directory / f"{name}.json")

    def drifted(self, name: str) -> dict[str, str]:
        """Return the states of all resources that are not in sync, by name."""
        return {
            resource["name"]: resource["state"]
            for resource in self.report(name)["resources"]
            if resource["state"] != "in_sync"
        }

    def resource(self, name: str, of: str) -> dict[str, t.Any]:
        return next(resource for resource in self.report(name)["resources"] if resource["name"] == of)


@pytest.fixture(scope="class")
def story(shared_play: Player) -> Story:
    """Run drift before and after changes by another client, then restore the desired state with a plan."""
    directory, runs, emulator = shared_play.directory, {}, shared_play.emulator
    document = seeded(shared_play)

    def drift(name: str, fails: bool = False, **more: t.Any) -> None:
        variables = {"desired_state_file": str(document), "drift_file": str(directory / f"{name}.json"), **more}
        runs[name] = shared_play.run(
            DRIFT, variables=variables, fails=fails, environment={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
        )

    def together(name: str, *books: t.Any, **more: t.Any) -> None:
        """Run several playbooks, and plays with these tasks, in one run."""
        plays = [
            {"ansible.builtin.import_playbook": book} if isinstance(book, str) else the_play(book) for book in books
        ]
        runs[name] = shared_play.run(plays, variables={**QUICK, "desired_state_file": str(document), **more})

    drift("nothing there")
    together("made", SITE, behind_the_back())
    drift("altered", drift_fail_on_drift="true", fails=True)
    together("fixed", PLAN, SITE, plan_file=str(directory / "plan.json"))
    emulator.seed(
        workspaces=[{"name": "somebody-elses", "description": HOSTILE}],
        workshops=[{"name": "other-demo", "mesh_id": MESH, "spec": {"ingress": OTHER_INGRESS}}],
        releases=[
            {
                "name": "ratings-v2",
                "namespace": "shop",
                "service_name": "ratings",
                "mesh_id": MESH,
                "phase": "CreateFailed",
            }
        ],
    )
    drift("calm", drift_unmanaged="false", drift_fail_on_drift="true")
    emulator.transition("workspace", name="shop-catalog", status="DELETE_FAILED", status_info=REASON)
    recreate = task("asm_workshop", mesh_id=MESH, name="shop-demo", ingress={"port": 80}, on_drift="replace")
    together("failed", [recreate, marker("drift")], DRIFT, drift_file=str(directory / "failed.json"))
    return Story(directory, runs)


def the_play(tasks: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    return {"name": "Test", "hosts": "localhost", "gather_facts": False, "module_defaults": defaults(), "tasks": tasks}


class TestStory:
    def test_drift_only_reads_each_list_once(self, story: Story) -> None:
        looks = {name: whole(story.runs[name]) for name in ("nothing there", "altered", "calm")}
        for name, look in {**looks, "failed": split(story.runs["failed"])["drift"]}.items():
            assert {call["method"] for call in look.requests} == {"GET"}, name
            assert lists_read(look.requests) == dict.fromkeys(LISTS, 1), name

    def test_all_resources_are_missing(self, story: Story) -> None:
        assert story.report("nothing there")["counts"] == {**NOTHING, "missing": 4}

    def test_no_drift(self, story: Story) -> None:
        # By now there are unmanaged resources, which drift_unmanaged=false excludes.
        report = story.report("calm")
        assert (report["counts"], report["has_drift"]) == ({**NOTHING, "in_sync": 4}, False)
        assert story.runs["calm"].status == 0

    def test_changed_resources_are_reported(self, story: Story) -> None:
        assert story.drifted("altered") == {
            "shop-ratings": "changed",
            "shop-demo": "missing",
            "shop/reviews-v2": "changed",
        }
        assert story.resource("altered", "shop-ratings")["differences"] == [
            {"field": "description", "actual": "Bought stars", "desired": "Honest stars", "changeable": True}
        ]
        assert story.resource("altered", "shop/reviews-v2")["differences"] == [
            {
                "field": "gray_deployments[0].template.spec.template.spec.containers[reviews].image",
                "actual": "registry.example.com/reviews:2.6.6",
                "desired": "registry.example.com/reviews:2.0.0",
                "changeable": True,
            }
        ]

    def test_run_fails_on_drift_if_requested(self, story: Story) -> None:
        strict = story.runs["altered"]
        assert strict.status == 2
        path = story.directory / "altered.json"
        message = f"There is drift, see {path} and the reports beside it (drift_fail_on_drift is set)."
        assert [record.msg for record in whole(strict).failed] == [message]
        assert story.report("altered")["counts"] == {**NOTHING, "changed": 2, "missing": 1, "in_sync": 1}

    def test_facts_and_statistics(self, story: Story) -> None:
        for name, has_drift in (("calm", False), ("nothing there", True)):
            left = {
                "drift_status": "drift" if has_drift else "no_drift",
                "drift_has_drift": has_drift,
                "drift_counts": story.report(name)["counts"],
            }
            path = str(story.directory / f"{name}.json")
            assert story.runs[name]["Set the results as facts"].result["ansible_facts"] == {
                **left,
                "drift_path": path,
            }
            assert story.runs[name]["Pass the results to the next job"].result["ansible_stats"]["data"] == left

    def test_plan_fixes_drift(self, story: Story) -> None:
        assert {
            resource["name"]: resource["state"] for resource in read_report(story.directory / "plan.json")["resources"]
        } == {
            "shop-ratings": "update",
            "shop-catalog": "unchanged",
            "shop-demo": "create",
            "shop/reviews-v2": "update",
        }
        # Only the actions of the plan. The test above shows that they are sufficient.
        assert [call["method"] for call in whole(story.runs["fixed"]).writes] == ["PUT", "POST", "PUT"]

    def test_failed_changed_and_unmanaged_resources(self, story: Story) -> None:
        assert story.drifted("failed") == {
            "shop-catalog": "failed",
            "shop-demo": "changed",
            "somebody-elses": "unmanaged",
            "other-demo": "unmanaged",
            "shop/ratings-v2": "failed",
        }
        assert story.resource("failed", "shop-catalog")["failure"] == f"status DELETE_FAILED: {REASON}"
        assert story.resource("failed", "shop-catalog")["actual"]["status_info"] == REASON
        release = story.resource("failed", "shop/ratings-v2")
        assert (release["failure"], release["desired"], release["actual"]["service_name"]) == (
            "phase CreateFailed",
            None,
            "ratings",
        )
        # A workshop cannot be changed, but its differences are reported.
        workshop = story.resource("failed", "shop-demo")
        assert workshop["differences"] == [
            {"field": "ingress.port", "actual": 80, "desired": 8080, "changeable": False}
        ]
        assert workshop["msg"].startswith(
            "Workshop 'shop-demo' differs in fields that cannot be changed: ingress.port is 80, desired is 8080."
        )

    def test_output_has_resources_target_and_counts(self, story: Story, server: Emulator) -> None:
        assert story.runs["failed"]["Show the report"].result["msg"] == [
            "workspace  shop-ratings: in sync",
            "workspace  shop-catalog: failed",
            f"    status DELETE_FAILED: {REASON}",
            "workshop   shop-demo: changed",
            *[f"    {line}" for line in story.resource("failed", "shop-demo")["msg"].splitlines()],
            "    ingress.port: 80 -> 8080",
            "release    shop/reviews-v2: in sync",
            "workspace  somebody-elses: unmanaged",
            "workshop   other-demo: unmanaged",
            "release    shop/ratings-v2: failed",
            "    phase CreateFailed",
            f"target     project {server.credentials['project_id']}, region {server.credentials['region']}, mesh shop-mesh",
            "total      failed: 2, changed: 1, missing: 0, unmanaged: 2, unknown: 0, in sync: 2",
        ]

    def test_progress_is_not_that_of_a_plan(self, story: Story) -> None:
        assert "to delete" not in story.runs["calm"].output
        assert "\nplan: " not in story.runs["altered"].stdout

    def test_files(self, story: Story, server: Emulator) -> None:
        for name in ("calm", "failed"):
            for form in FORMS:
                path = story.directory / f"{name}.{form}"
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
                text = path.read_text(encoding="utf-8")
                assert not [secret for secret in (*SECRETS, server.credentials["secret_key"]) if secret in text]

    def test_formats_have_the_same_content(self, story: Story) -> None:
        suites = ET.parse(story.directory / "failed.xml").getroot()
        cases = {case.get("name"): [entry.get("message") for entry in case] for case in suites.iter("testcase")}
        assert cases["shop-catalog"] == [f"status DELETE_FAILED: {REASON}"]
        assert cases["shop-ratings"] == []
        assert {key: suites.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
            "tests": "7",
            "failures": "5",
            "errors": "0",
            "skipped": "0",
        }
        markdown = (story.directory / "failed.md").read_text(encoding="utf-8")
        assert f"| failed | workspace | `shop-catalog` | `status DELETE_FAILED: {REASON}` |" in markdown
        assert "-80\n+8080\n" in markdown
        page = (story.directory / "failed.html").read_text(encoding="utf-8")
        assert "<h1>Drift: 5 resources</h1>" in page and page.count("<script") == 1


def test_kind_without_a_list_is_ignored(play: Player) -> None:
    """A file without workspaces requires no permission to list them."""
    document, place = play.directory / "site.yml", play.directory / "drift.json"
    document.write_text("mesh_name: demo-mesh\nworkshops: []\n", encoding="utf-8")
    play.emulator.seed(workshops=["other-demo"], releases=["others-release"])
    run = play.run(DRIFT, variables={"desired_state_file": str(document), "drift_file": str(place)})
    assert lists_read(whole(run).requests) == {"meshes": 1, "workshops": 1}
    assert [(resource["name"], resource["state"]) for resource in read_report(place)["resources"]] == [
        ("other-demo", "unmanaged")
    ]


def test_unmanaged_is_unknown_for_kind_with_invalid_item(play: Player) -> None:
    """Unmanaged resources of the other kinds are reported."""
    document, place = play.directory / "site.yml", play.directory / "drift.json"
    document.write_text(
        "mesh_name: demo-mesh\nworkspaces: [{name: kept}, {name: same}, {name: same}]\nworkshops: []\n",
        encoding="utf-8",
    )
    play.emulator.seed(workspaces=["kept", "stranger"], workshops=["other-demo"])
    run = play.run(DRIFT, variables={"desired_state_file": str(document), "drift_file": str(place)}, fails=True)
    report = read_report(place)
    assert report["counts"] == {**NOTHING, "in_sync": 1, "missing": 1, "unknown": 1, "unmanaged": None}
    assert report["undetermined_kinds"] == ["workspaces"]
    found = [(resource["name"], resource["state"]) for resource in report["resources"]]
    assert found == [("kept", "in_sync"), ("same", "missing"), ("same", "unknown"), ("other-demo", "unmanaged")]
    said = run["Show the report"].result["msg"]
    assert said[-1] == "total      failed: 0, changed: 0, missing: 1, unmanaged: not known, unknown: 1, in sync: 1"
    (record,) = whole(run).failed
    more = "Unmanaged workspaces are unknown, too."
    assert (
        record.msg
        == f"The state of 1 of 4 resources is unknown: workspace 'same' is listed more than once: workspaces[1] and workspaces[2]. {more}"
    )


def test_unreadable_list_makes_states_unknown(play: Player) -> None:
    """No resource counts as missing, and the run fails."""
    document, place = play.directory / "site.yml", play.directory / "drift.json"
    document.write_text("workspaces: [{name: team}]\n", encoding="utf-8")
    play.emulator.fault("status", "GET", "/workspaces", status=403, times=9)
    run = play.run(
        DRIFT,
        variables={"desired_state_file": str(document), "drift_file": str(place), "drift_unmanaged": "false"},
        fails=True,
    )
    assert run.status == 2
    assert read_report(place)["counts"] == {**NOTHING, "unknown": 1}
    assert (
        whole(run).failed[0].msg.startswith("The state of 1 of 1 resources is unknown: Failed to list the workspaces: ")
    )
