# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbook plan, and site with its plans: the reports, and the reasons to refuse a plan."""

from __future__ import annotations

import json
import re
import stat
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.plan import compute_checksum
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import summarize
from example_state import FORMS, HOSTILE, LISTS, MESH, SECRETS, behind_the_back, lists_read, read_report, seeded, whole
from harness import COLLECTION, GROUP, ROOT, Emulator, Player, Run, task
from play_results import QUICK, PlayResult, attempt, split

PLAN, SITE, DRIFT = (f"{COLLECTION}.{name}" for name in ("plan", "site", "drift"))


class Story(t.NamedTuple):
    """The directory of the reports, and the runs by their names."""

    directory: Path
    runs: dict[str, Run]
    cases: dict[str, PlayResult]

    def plan(self, name: str) -> dict[str, t.Any]:
        return read_report(self.directory / f"{name}.json")

    def failure(self, name: str) -> str:
        (record,) = whole(self.runs[name]).failed
        return record.msg

    def reason(self, case: str) -> str:
        """Return why the plan of this case is refused."""
        (record,) = self.cases[case].failed
        return reason_in(record.msg)


def reason_in(message: str) -> str:
    """Return the reasons of a message that refuses a plan."""
    found = re.fullmatch(
        r"Nothing was sent\. The plan(?: in (\S.*?))? cannot be applied: (.+)\. Create a new plan\.", message
    )
    assert found and (found[1] is None or Path(found[1]).is_file()), message
    return found[2]


def read_output(run: Run) -> list[str]:
    return run["Show the report"].result["msg"]


# A plan to verify against the same actual state: variables of site, edits of the desired-state file, and connection options.
class Case(t.NamedTuple):
    plan: str = ""
    hash: str = ""
    edits: tuple[tuple[str, str], ...] = ()
    connection: t.Mapping[str, t.Any] = {}
    more: t.Mapping[str, t.Any] = {}
    summary: str = ""


IMPOSSIBLE = (("deployment_name: reviews-v1", "deployment_name: reviews-v0"),)
EDITS = (("hunter2-of-the-shop", "hunter3-of-the-shop"), ("port: 8080", "port: 8081"))
CASES = {
    "the new plan": Case("second", "second"),
    "by hash": Case(hash="calm"),
    "by hash, made elsewhere": Case(hash="calm", more={"plan_path": "/nowhere/plan.json"}),
    "by hash and summary": Case(hash="calm", summary="calm"),
    "by hash, in another place": Case(hash="second", connection={"region": "eu-nl"}),
    "in another place": Case("second", connection={"region": "eu-nl", "auth_url": "http://127.0.0.1:9"}),
    "outlived": Case("first"),
    "edited by hand": Case("edited by hand"),
    "forged": Case("forged"),
    "another hash": Case("second", "calm"),
    "no such file": Case("no-such"),
    "no plan": Case("no plan"),
    "no JSON": Case("shop.yml"),
    "another document": Case("second", edits=EDITS),
    "invalid item": Case("impossible", edits=IMPOSSIBLE),
}


def build_verification_tasks(directory: Path, document: str) -> list[dict[str, t.Any]]:
    """Return the tasks that verify the plan of each case, one after the other."""
    tasks = []
    for name, case in CASES.items():
        own, text = directory / f"document of {name}.yml", document
        for old, new in case.edits:
            assert old in text
            text = text.replace(old, new)
        own.write_text(text, encoding="utf-8")
        file = directory / (case.plan if case.plan.endswith(".yml") else f"{case.plan}.json")
        task_result = {"plan_file": str(file) if case.plan else "", "desired_state_file": str(own), **case.more}
        if case.summary:
            task_result["plan_summary"] = summarize(read_report(directory / f"{case.summary}.json"))
        task_result["plan_hash"] = read_report(directory / f"{case.hash}.json")["hash"] if case.hash else ""
        read = {"name": "Read", "ansible.builtin.include_vars": {"file": str(own), "name": "loaded_desired_state"}}
        look = {
            "name": "Look",
            "ansible.builtin.include_tasks": str(ROOT / "playbooks" / "tasks" / "verify_plan.yml"),
            "vars": task_result,
        }
        marker, block = attempt(name, read, look)
        tasks += [marker, {**block, "module_defaults": {GROUP: case.connection}}]
    return tasks


@pytest.fixture(scope="class")
def story(shared_play: Player) -> Story:
    """Plan, apply, plan again after another client has changed resources, and verify various plans."""
    directory, runs = shared_play.directory, {}
    document = seeded(shared_play)

    def plan(name: str, **more: t.Any) -> None:
        fails = more.pop("fails", False)
        paths = {"plan_file": str(directory / f"{name}.json"), "plan_status_file": str(directory / f"{name}.status")}
        variables = {**QUICK, "desired_state_file": str(document), **paths, **more}
        environment = {"ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_DISPLAY_OK_HOSTS": "false"}
        runs[name] = shared_play.run(PLAN, variables=variables, fails=fails, environment=environment)

    def site(name: str, fails: bool = False, **more: t.Any) -> None:
        runs[name] = shared_play.run(
            SITE, variables={**QUICK, "desired_state_file": str(document), **more}, fails=fails
        )

    plan("first")
    site("applied", plan_file=str(directory / "first.json"))
    plan("calm", plan_fail_on_changes="true", plan_mode="0644")
    runs["altered"] = shared_play(behind_the_back())
    site("invalid", plan_file=str(directory / "calm.json"), fails=True)
    # YAML reads 0640 without quotes as this number.
    plan("second", plan_fail_on_changes="true", plan_mode=0o640, fails=True)
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace(*IMPOSSIBLE[0]), encoding="utf-8")
    plan("impossible", fails=True)
    document.write_text(text, encoding="utf-8")
    forged = read_report(directory / "second.json")
    forged["resources"][0]["differences"] = []
    (directory / "edited by hand.json").write_text(json.dumps(forged), encoding="utf-8")
    forged["resources"][0]["actual"]["description"] = "forged"
    (directory / "forged.json").write_text(
        json.dumps({**forged, "checksum": compute_checksum(forged)}), encoding="utf-8"
    )
    (directory / "no plan.json").write_text('{"format": "of others"}', encoding="utf-8")
    runs["cases"] = shared_play(build_verification_tasks(directory, text))
    # With both playbooks in one run, check mode does not write the plan, and the existing plan is verified.
    both = [{"name": name, "ansible.builtin.import_playbook": name} for name in (PLAN, SITE)]
    kept = {**QUICK, "desired_state_file": str(document), "plan_file": str(directory / "second.json")}
    before = (directory / "second.json").read_bytes()
    runs["tried"] = shared_play.run(both, variables=kept, check=True)
    assert (directory / "second.json").read_bytes() == before
    return Story(directory, runs, split(runs["cases"]))


class TestStory:
    def test_each_list_is_read_once(self, story: Story) -> None:
        for name in ("first", "calm", "second", "impossible", "invalid"):
            calls = whole(story.runs[name]).requests
            assert {call["method"] for call in calls} == {"GET"}, name
            assert lists_read(calls) == dict.fromkeys(LISTS, 1), name

    def test_output_has_resources_target_and_counts(self, story: Story, server: Emulator) -> None:
        lines = read_output(story.runs["first"])
        assert [line for line in lines if not line.startswith(" ")] == [
            "workspace  shop-ratings: create",
            "workspace  shop-catalog: create",
            "workshop   shop-demo: create",
            "release    shop/reviews-v2: create",
            f"target     project {server.credentials['project_id']}, region {server.credentials['region']}, mesh shop-mesh",
            "total      invalid: 0, create: 4, update: 0, replace: 0, delete: 0, promote: 0, cancel: 0, unchanged: 0",
        ]
        assert lines[:5] == [
            "workspace  shop-ratings: create",
            "    description: 'Honest stars'",
            "    auth_type: 'internal'",
            '    grants: [{"user_name": "alice"}]',
            '    quotas: [{"resource": "exemlProject.gpu_duration", "quota": 600}]',
        ]
        # This also works if Ansible does not print successful tasks.
        assert "\n".join(lines) in story.runs["first"].stdout
        changed = read_output(story.runs["second"])
        assert "    description: 'Bought stars' -> 'Honest stars'" in changed
        image = "gray_deployments[0].template.spec.template.spec.containers[reviews].image"
        assert f"    {image}: 'registry.example.com/reviews:2.6.6' -> 'registry.example.com/reviews:2.0.0'" in changed
        assert (
            read_output(story.runs["calm"])[-1]
            == "total      invalid: 0, create: 0, update: 0, replace: 0, delete: 0, promote: 0, cancel: 0, unchanged: 4"
        )

    def test_facts_and_statistics(self, story: Story) -> None:
        for name, has_changes in (("first", True), ("calm", False)):
            plan = story.plan(name)
            left = {
                "plan_status": "changes" if has_changes else "no_changes",
                "plan_has_changes": has_changes,
                "plan_counts": plan["counts"],
                "plan_hash": plan["hash"],
            }
            path = str(story.directory / f"{name}.json")
            assert story.runs[name]["Set the results as facts"].result["ansible_facts"] == {
                **left,
                "plan_path": path,
            }
            handed = dict(story.runs[name]["Pass the results to the next job"].result["ansible_stats"]["data"])
            # The next job may run in another container, so it gets a summary and no path.
            assert handed.pop("plan_summary") == summarize(plan)
            assert handed == left
            assert plan["hash"] in story.runs[name].stdout.partition("CUSTOM STATS")[2]

    def test_run_fails_on_changes_if_requested(self, story: Story) -> None:
        strict = story.runs["second"]
        assert strict.status == 2
        # The reports are written anyway.
        path = story.directory / "second.json"
        assert (
            story.failure("second")
            == f"The plan has changes, see {path} and the reports beside it (plan_fail_on_changes is set)."
        )
        assert (story.plan("second")["has_changes"], story.runs["calm"].status) == (True, 0)

    def test_hash_with_summary_explains_changes(self, story: Story) -> None:
        first, *reasons = story.reason("by hash and summary").split("; ")
        assert first.startswith("the hash of the plan was ")
        image = "gray_deployments[0].template.spec.template.spec.containers[reviews].image"
        assert reasons == [
            "workspace 'shop-ratings': the actual state changed, the plan was unchanged "
            "and is now update (description: 'Bought stars' -> 'Honest stars')",
            "workshop 'shop-demo': the actual state changed, the plan was unchanged and is now create ("
            "description: 'The demo', primary_cluster: 'demo-cluster', "
            'ingress: {"elb_id": "elb-1", "elb_ip": "192.0.2.24", "port": 8080})',
            "release 'shop/reviews-v2': the actual state changed, the plan was unchanged and is now update ("
            f"{image}: 'registry.example.com/reviews:2.6.6' -> 'registry.example.com/reviews:2.0.0')",
        ]

    def test_status_files(self, story: Story) -> None:
        found = {}
        for name in ("first", "calm", "second", "impossible"):
            path = story.directory / f"{name}.status"
            status = read_report(path)
            found[name] = status["status"]
            plan = story.plan(name)
            assert (status["playbook"], status["counts"], status["hash"]) == ("plan", plan["counts"], plan["hash"])
            assert status["report"] == str(story.directory / f"{name}.json")
        assert found == {"first": "changes", "calm": "no_changes", "second": "changes", "impossible": "invalid"}

    def test_files(self, story: Story) -> None:
        for form in FORMS:
            assert stat.S_IMODE((story.directory / f"first.{form}").stat().st_mode) == 0o600
            assert stat.S_IMODE((story.directory / f"calm.{form}").stat().st_mode) == 0o644
        for form in (*FORMS, "status"):
            assert stat.S_IMODE((story.directory / f"second.{form}").stat().st_mode) == 0o640

    def test_plan_has_its_target(self, story: Story, server: Emulator) -> None:
        found = server.credentials
        addresses = dict.fromkeys(("asm_endpoint", "modelarts_endpoint", "auth_url"), server.url)
        meshes = [{"id": MESH, "name": "shop-mesh"}]
        assert story.plan("first")["target"] == {
            "project_id": found["project_id"],
            "region": found["region"],
            **addresses,
            "meshes": meshes,
        }

    def test_check_mode_verifies_but_does_not_write_a_plan(self, story: Story) -> None:
        tried = whole(story.runs["tried"])
        assert (tried.writes, tried.failed) == ([], [])
        assert [
            record.status for record in tried.records if record.name == "Check that the approved plan is still valid"
        ] == ["ok"]
        assert [len(record.result["paths"]) for record in tried.records if record.name == "Write the reports"] == [4]

    def test_unchanged_plan_is_applied(self, story: Story) -> None:
        assert len(whole(story.runs["applied"]).writes) == 5
        assert story.plan("calm")["has_changes"] is False
        assert story.cases["the new plan"].failed == []
        assert story.cases["the new plan"]["Check that the approved plan is still valid"].status == "ok"

    def test_outdated_plan_is_refused_with_all_changes(self, story: Story) -> None:
        assert whole(story.runs["invalid"]).writes == []
        assert story.runs["invalid"].status == 2
        moved = reason_in(story.failure("invalid")).split("; ")
        workshop, image = moved.pop(1), "gray_deployments[0].template.spec.template.spec.containers[reviews].image"
        assert moved == [
            "workspace 'shop-ratings': description was 'Honest stars', is 'Bought stars'",
            f"release 'shop/reviews-v2': {image} was 'registry.example.com/reviews:2.0.0', is 'registry.example.com/reviews:2.6.6'",
        ]
        assert re.fullmatch(r"workshop 'shop-demo': it existed \(id [0-9a-f-]+\) and no longer exists", workshop)

    @pytest.mark.parametrize("name", CASES)
    def test_verification_only_reads_each_list_once(self, story: Story, name: str) -> None:
        calls = story.cases[name].requests
        assert {call["method"] for call in calls} == {"GET"} and lists_read(calls) == dict.fromkeys(LISTS, 1)

    def test_applied_plan_is_refused(self, story: Story) -> None:
        message = story.reason("outlived")
        assert message.startswith("workspace 'shop-ratings': it did not exist and exists now (id ")
        for subject in ("workspace 'shop-catalog'", "release 'shop/reviews-v2'"):
            assert f"; {subject}: it did not exist and exists now (id " in message

    def test_plan_is_refused_by_its_hash(self, story: Story, server: Emulator) -> None:
        then, now, project = story.plan("calm")["hash"], story.plan("second")["hash"], server.credentials["project_id"]
        for name in ("by hash", "by hash, made elsewhere"):
            assert (
                story.reason(name)
                == f"the hash of the plan was {then} and is now {now} (project {project}, region {server.credentials['region']})"
            )
        assert re.fullmatch(
            rf"the hash of the plan was {now} and is now sha256:\w+ \(project {project}, region eu-nl\)",
            story.reason("by hash, in another place"),
        )

    def test_other_target_is_reported(self, story: Story, server: Emulator) -> None:
        region = f"target: region was '{server.credentials['region']}', is 'eu-nl'"
        assert (
            story.reason("in another place")
            == f"{region}; target: auth_url was '{server.url}', is 'http://127.0.0.1:9'"
        )

    def test_invalid_plan_file_is_refused(self, story: Story) -> None:
        why = {
            "edited by hand": "the plan file was edited after it was created",
            # Its checksum was computed again.
            "forged": "workspace 'shop-ratings': description was 'forged', is 'Bought stars'",
            "another hash": f"the plan file is not the plan with the hash {story.plan('calm')['hash']}",
            "no such file": f"the file {story.directory}/no-such.json does not exist",
            "no plan": "this is not a plan file of this collection",
            "no JSON": "this is not a plan file of this collection, because it is not JSON: Expecting value: line 1 column 1 (char 0)",
        }
        assert {name: story.reason(name) for name in why} == why
        # The message names the file if it exists.
        (record,) = story.cases["no JSON"].failed
        assert record.msg.startswith(f"Nothing was sent. The plan in {story.directory}/shop.yml cannot be applied: ")

    def test_new_plan_restores_the_desired_state(self, story: Story) -> None:
        # TestStory in test_drift.py proves that it does.
        assert {resource["name"]: resource["state"] for resource in story.plan("second")["resources"]} == {
            "shop-ratings": "update",
            "shop-catalog": "unchanged",
            "shop-demo": "create",
            "shop/reviews-v2": "update",
        }

    def test_changed_file_is_reported(self, story: Story) -> None:
        assert story.reason("another document") == (
            "desired-state file: workshop 'shop-demo': ingress.port was 8080, is 8081; "
            "desired-state file: release 'shop/reviews-v2': gray_deployments: redacted values have changed"
        )

    def test_invalid_item_is_reported(self, story: Story) -> None:
        plan = story.plan("impossible")
        assert plan["counts"] == {
            **dict.fromkeys(plan["counts"], 0),
            "invalid": 1,
            "create": 1,
            "update": 1,
            "unchanged": 1,
        }
        why = "Release 'shop/reviews-v2' differs in fields that cannot be changed: deployment_name is 'reviews-v1', desired is 'reviews-v0'"
        assert story.failure("impossible").startswith(f"1 of 4 items are invalid: {why}")
        assert story.runs["impossible"].status == 2
        release = next(resource for resource in plan["resources"] if resource["kind"] == "release")
        assert {
            "field": "deployment_name",
            "actual": "reviews-v1",
            "desired": "reviews-v0",
            "changeable": False,
        } in release["differences"]
        assert story.reason("invalid item").startswith(f"release 'shop/reviews-v2': {why}")

    def test_no_secret_is_written(self, story: Story, server: Emulator) -> None:
        files = [
            path
            for form in FORMS
            for path in story.directory.glob(f"*.{form}")
            if not path.name.startswith("variables")
        ]
        assert len(files) == 4 * 4 + 3
        for path in files:
            text = path.read_text(encoding="utf-8")
            assert not [secret for secret in (*SECRETS, server.credentials["secret_key"]) if secret in text], path.name
        assert "DB_PASSWORD" in (story.directory / "first.html").read_text(encoding="utf-8")
        for name, run in story.runs.items():
            assert not [secret for secret in SECRETS if secret in run.output], name

    def test_formats_have_the_same_content(self, story: Story) -> None:
        names = [resource["name"] for resource in story.plan("second")["resources"]]
        suites = ET.parse(story.directory / "second.xml").getroot()
        assert [case.get("name") for case in suites.iter("testcase")] == names
        assert {key: suites.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
            "tests": "4",
            "failures": "0",
            "errors": "0",
            "skipped": "3",
        }
        markdown = (story.directory / "second.md").read_text(encoding="utf-8")
        assert "| to update | workspace | `shop-ratings` | `description` |" in markdown
        assert "-Bought stars\n+Honest stars\n" in markdown

    def test_runs_have_no_warnings(self, story: Story) -> None:
        for name in ("first", "calm", "applied", "tried"):
            assert [record.warnings for record in story.runs[name].records if record.warnings] == []
            assert (name, story.runs[name].stderr) == (name, "")


def test_markup_in_values_is_escaped_in_all_formats(play: Player) -> None:
    """Values of resources are text in each report."""
    document, place = play.directory / "site.yml", play.directory / "plan.json"
    description = json.dumps(HOSTILE, ensure_ascii=False)
    document.write_text(f"workspaces: [{{name: team, description: !unsafe {description}}}]\n", encoding="utf-8")
    # Values from the service can have markup as well.
    play.emulator.seed(workspaces=[{"name": "team", "description": f"Old {HOSTILE}"}])
    play.run(PLAN, variables={"desired_state_file": str(document), "plan_file": str(place)})
    assert read_report(place)["resources"][0]["desired"]["description"] == HOSTILE
    page = place.with_suffix(".html").read_text(encoding="utf-8")
    assert page.count("<script") == 1 and "&lt;script&gt;" in page
    (entry,) = ET.parse(place.with_suffix(".xml")).iter("skipped")
    words = HOSTILE.replace("\u202e", "\ufffd")
    assert entry.text == f"description\n-Old {words}\n+{words}"
    assert f"+{words}\n```" in place.with_suffix(".md").read_text(encoding="utf-8")


def test_extension_of_another_format_is_refused(play: Player) -> None:
    document = play.directory / "site.yml"
    document.write_text("workspaces: []\n", encoding="utf-8")
    run = play.run(
        PLAN,
        variables={"desired_state_file": str(document), "plan_file": str(play.directory / "plan.html")},
        fails=True,
    )
    (record,) = whole(run).failed
    assert record.msg.endswith(
        "plan.html cannot be the JSON report, because other reports beside it have this extension. Use another one, such as .json."
    )


def test_report_never_replaces_the_desired_state_file(play: Player) -> None:
    """Neither another notation of its path nor another report format can replace it."""
    directory, report = play.directory / "there", str(ROOT / "playbooks" / "tasks" / "report.yml")
    directory.mkdir()
    document = directory / "shop.yml"
    document.write_text("workspaces: []\n", encoding="utf-8")
    (directory / "linked.json").symlink_to(document)
    (directory / "same.json").hardlink_to(document)
    (directory / "beside.html").symlink_to("shop.yml")
    (play.directory / "elsewhere").symlink_to(directory)
    places = {
        "itself": document,
        "another way": f"{directory}/../there/./shop.yml",
        "another directory": play.directory / "elsewhere" / "shop.yml",
        "a link": directory / "linked.json",
        "a hard link": directory / "same.json",
        "a report beside": directory / "beside.json",
    }
    tasks = []
    for name, place in places.items():
        task_result = {"report_file": f"{place}", "report_source": str(document), "report_content": {}}
        tasks += attempt(name, {"name": "Report", "ansible.builtin.include_tasks": report, "vars": task_result})
    stages = split(play(tasks))
    for name, place in places.items():
        own = str(place).replace(".json", ".html") if name == "a report beside" else place
        message = f"Nothing was written: {own} is the desired-state file {document}. Write to another file."
        assert [record.msg for record in stages[name].failed] == [message]
    run = play.run(
        PLAN, variables={"desired_state_file": str(document), "plan_file": str(directory / "linked.json")}, fails=True
    )
    assert (
        whole(run).failed[0].msg
        == f"Nothing was written: {document} is the desired-state file {document}. Write to another file."
    )
    assert document.read_text(encoding="utf-8") == "workspaces: []\n"
    assert sorted(path.name for path in directory.iterdir()) == ["beside.html", "linked.json", "same.json", "shop.yml"]


@pytest.mark.parametrize("status", [403, pytest.param(401, marks=pytest.mark.complete)])
def test_failed_request_is_not_an_invalid_item(play: Player, status: int) -> None:
    document, place, outcome = (play.directory / name for name in ("site.yml", "plan.json", "status.json"))
    document.write_text("workspaces: [{name: team}]\n", encoding="utf-8")
    play.emulator.fault("status", "GET", "/workspaces", status=status, times=9)
    variables = {"desired_state_file": str(document), "plan_file": str(place), "plan_status_file": str(outcome)}
    run = play.run(PLAN, variables=variables, fails=True)
    assert (run.status, read_report(outcome), place.exists()) == (2, {"playbook": "plan", "status": "failed"}, False)
    reason = "The state of 1 of 1 items is unknown: workspace 'team': Failed to list the workspaces: "
    assert whole(run).failed[0].msg.startswith(reason)
    # An approved plan cannot be verified.
    run = play.run(SITE, variables={"desired_state_file": str(document), "plan_hash": "sha256:1"}, fails=True)
    assert whole(run).failed[0].msg.startswith(f"Nothing was sent. {reason}")
    assert whole(run).writes == []


def test_status_file_of_a_run_that_fails_early(play: Player) -> None:
    """The status file exists, and it replaces neither the desired-state file nor a report."""
    status, document = play.directory / "status.json", play.directory / "site.json"
    play.run(PLAN, variables={"desired_state_file": "no-such.yml", "plan_status_file": str(status)}, fails=True)
    assert read_report(status) == {"playbook": "plan", "status": "failed"}
    document.write_text('{"workspaces": []}', encoding="utf-8")
    for variables in (
        {"plan_status_file": str(document)},
        {"plan_status_file": "plan.json", "plan_file": "./plan.json"},
    ):
        run = play.run(
            PLAN,
            variables={"desired_state_file": str(document), **variables},
            fails=True,
            working_directory=play.directory,
        )
        assert (
            whole(run)
            .failed[0]
            .msg.endswith(" is also the desired-state file or a report. Write the status to another file.")
        )
    assert document.read_text(encoding="utf-8") == '{"workspaces": []}'


def test_show_report_refuses_other_values(play: Player) -> None:
    options = {"nothing": {}, "no report": {"report": {"resources": 1}}, "both": {"report": {}, "results": []}}
    tasks = [task("show_report", name, _ignore_errors=True, **more) for name, more in options.items()]
    run = play([*tasks, task("show_report", "empty", results=[])])
    message = (
        "The value of report does not have the expected format. See ansible-doc community.huaweicloud.show_report."
    )
    assert [run[name].failed for name in (*options, "empty")] == [True, True, True, False]
    assert (run["no report"].msg, run["empty"].result["msg"]) == (message, ["nothing"])
