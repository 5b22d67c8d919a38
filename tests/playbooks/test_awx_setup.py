# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbook awx_setup with modules that only check their arguments, and with awx.awx and a simulated AWX."""

from __future__ import annotations

import dataclasses
import json
import os
import typing as t
from pathlib import Path

import awx_api
import awx_modules
import awx_stand_in
import pytest
import yaml
from harness import COLLECTION, ROOT, Player, Run

SETUP = f"{COLLECTION}.awx_setup"
SECRET = "stand-in-secret-key-0123456789"
PROJECT = ROOT / "extensions" / "awx" / "project"
PLAYBOOKS = [str(path.relative_to(ROOT)) for path in PROJECT.glob("*.yml")]
ROLE = yaml.safe_load((ROOT / "roles" / "releases" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))[
    "argument_specs"
]["main"]["options"]

VARIABLES_TEXT = (ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8").partition("# ------")[0]

DESIRED: dict[str, t.Any] = {
    "awx_setup_prefix": "Shop ",
    "awx_setup_image": "registry.example.com/huaweicloud:1",
    "awx_setup_credential": {"access_key": "AK0123456789", "secret_key": SECRET, "region": "eu-de"},
    "awx_setup_desired_state_files": ["shop.yml", "online_shop.yml"],
    "awx_setup_notifications": {"error": ["Pager"], "approvals": ["Chat"]},
}
TARGETS = {"awx_setup_inventory_source": "inventory/meshes.yml", "awx_setup_slices": 3}


def known_playbooks(prefix: str) -> dict[str, list[t.Any]]:
    """Return the simulated response about the playbooks of the project."""
    return {f"projects/{prefix}project/playbooks/": [[*PLAYBOOKS, *(path.name for path in PROJECT.glob("*.yml"))]]}


def collections(*more: Path) -> str:
    return os.pathsep.join([str(ROOT / ".collections"), *map(str, more)])


def given(run: Run, title: str) -> list[dict[str, t.Any]]:
    """Return the parameters of all tasks with this title, for each item of a loop."""
    results = [
        record.result for record in run.records if record.name.startswith(title) and "include" not in record.action
    ]
    return [one["given"] for result in results for one in result.get("results", [result])]


@pytest.fixture(scope="class")
def collection_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return awx_stand_in.make(tmp_path_factory.mktemp("awx"), known_playbooks("Shop "))


class TestParameters:
    """Every parameter is one of the modules of awx.awx, because the replacements refuse all others."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, collection_path: Path) -> Run:
        connection = {"controller_host": "http://127.0.0.1:9", "controller_oauthtoken": "token-0123456789"}
        variables = {**DESIRED, **TARGETS, "awx_setup_connection": connection}
        return shared_play.run(
            SETUP,
            variables=variables,
            environment={"ANSIBLE_COLLECTIONS_PATH": collections(collection_path)},
            verbosity=2,
        )

    def test_each_kind_is_created(self, run: Run) -> None:
        used = {
            record.action.removeprefix("awx.awx.") for record in run.records if record.action.startswith("awx.awx.")
        }
        assert used == set(awx_modules.MODULES)

    def test_each_name_has_the_prefix(self, run: Run) -> None:
        made = [
            one
            for record in run.records
            if record.action.startswith("awx.awx.")
            for one in record.result.get("results", [record.result])
        ]
        names = [one["given"].get("name", one["given"].get("workflow_job_template")) for one in made if "given" in one]
        assert [name for name in names if not name.startswith("Shop ") and name != "localhost"] == []

    def test_every_task_uses_the_connection(self, run: Run) -> None:
        made = [record for record in run.records if record.action.startswith("awx.awx.") and "given" in record.result]
        assert {record.result["given"]["controller_host"] for record in made} == {"http://127.0.0.1:9"}

    def test_templates_for_awx_are_not_rendered(self, run: Run) -> None:
        assert given(run, "Create the credential type")[0]["injectors"]["env"]["HW_ACCESS_KEY"] == "{{ access_key }}"
        assert given(run, "Add the host to the inventory")[0]["variables"] == {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }

    def test_output_contains_no_secret(self, run: Run) -> None:
        assert SECRET not in run.output
        assert "censored" in run["Create the credential"].result

    def surveys(self, run: Run) -> dict[str, list[dict[str, t.Any]]]:
        templates = given(run, "Create the job template ") + given(run, "Create the workflow template")
        return {one["name"].removeprefix("Shop "): one.get("survey_spec", {}).get("spec", []) for one in templates}

    def test_surveys_have_the_format_of_awx(self, run: Run) -> None:
        templates = given(run, "Create the job template ") + given(run, "Create the workflow template")
        assert [awx_api.check_survey(one["survey_spec"]) for one in templates if "survey_spec" in one] == [""] * 15
        assert [one["name"] for one in templates if "survey_enabled" not in one] == [
            "Shop changes",
            "Shop refused",
            "Shop targets check",
        ]
        assert all(one["survey_enabled"] for one in templates if "survey_spec" in one)

    @pytest.mark.parametrize("name", ["promote", "cancel"])
    def test_release_questions_match_options_of_role(self, run: Run, name: str) -> None:
        entry = ROLE["releases_list"]["options"]
        options = {f"release_{option}": entry[option] for option in ("mesh_name", "namespace", "name")}
        options["releases_wait_timeout"] = ROLE["releases_wait_timeout"]
        survey = {question["variable"]: question for question in self.surveys(run)[name]}
        assert set(survey) == set(options)
        # The role accepts a blank number, so the type in its specification is raw.
        types = {"str": "text", "raw": "float"}
        for variable, option in options.items():
            question = survey[variable]
            assert question["type"] == types[option["type"]]
            assert question["default"] == option.get("default", "")
            # The mesh has two options, and the survey has a question for one of them.
            required = option.get("required", False) or variable == "release_mesh_name"
            assert question["required"] == (required and question["default"] == "")
            assert str(option["description"][0]).startswith(question["question_description"].rstrip("."))
            assert question["question_description"].endswith(".")
        assert (survey["release_name"]["min"], survey["release_name"]["max"]) == (4, 64)
        assert isinstance(survey["releases_wait_timeout"]["default"], float), "AWX refuses a whole number"

    def test_boolean_is_a_choice_of_two_texts(self, run: Run) -> None:
        found = {
            question["variable"]: (question["type"], question["choices"], question["default"])
            for question in self.surveys(run)["info"]
        }
        assert found == {name: ("multiplechoice", ["true", "false"], "true") for name in ("info_asm", "info_modelarts")}

    def test_schedules_check_the_desired_state_files(self, run: Run) -> None:
        found = given(run, "Create the schedules for drift reports")
        assert [(one["name"], one["extra_data"], one["enabled"]) for one in found] == [
            (f"Shop drift of {name}", {"desired_state_file": name, "drift_fail_on_drift": "true"}, True)
            for name in DESIRED["awx_setup_desired_state_files"]
        ]
        assert {
            survey[0]["default"]
            for name, survey in self.surveys(run).items()
            if name in ("plan", "site", "drift", "workflow")
        } == {"shop.yml"}

    def test_notifications_are_attached_to_approvals_and_failures(self, run: Run) -> None:
        found = {
            one["name"]: one.get("notification_templates_error")
            for one in given(run, "Create the job template ") + given(run, "Create the workflow template")
        }
        assert {name.removeprefix("Shop ") for name, attached in found.items() if attached == ["Pager"]} == {
            "drift",
            "promote",
            "cancel",
            "canary",
            "canary rollback",
            "workflow",
            "targets drift",
            "targets workflow",
        }
        assert [one["notification_templates_approvals"] for one in given(run, "Create the workflow template")] == [
            ["Chat"]
        ] * 2

    def test_targets_come_from_an_inventory_without_localhost(self, run: Run) -> None:
        (source,) = given(run, "Create the inventory source")
        assert {name: value for name, value in source.items() if not name.startswith("controller_")} == {
            "name": "Shop meshes",
            "description": "Reads the targets from inventory/meshes.yml.",
            "inventory": "Shop targets",
            "organization": "Shop organization",
            "source": "scm",
            "source_project": "Shop project",
            "source_path": "inventory/meshes.yml",
            # The result of this task is hidden, so it has no ID.
            "credential": source["credential"],
            "execution_environment": "Shop execution environment",
            "overwrite": True,
            "overwrite_vars": False,
            "update_on_launch": False,
            "update_cache_timeout": 0,
        }
        assert [one["inventory"] for one in given(run, "Add the host to the inventory")] == ["Shop inventory"]

    def test_slices_share_the_targets(self, run: Run) -> None:
        found = {one["name"].removeprefix("Shop "): one for one in given(run, "Create the job template ")}
        keys = ("inventory", "playbook", "extra_vars", "job_slice_count", "forks")
        group = {"huaweicloud_hosts": "asm_meshes"}
        described = {name: [one.get(key) for key in keys] for name, one in found.items() if name.startswith("targets ")}
        directory = "extensions/awx/project"
        assert described == {
            "targets check": ["Shop targets", f"{directory}/targets_check.yml", group, None, None],
            "targets plan": ["Shop targets", f"{directory}/plan.yml", group, 3, None],
            "targets site": ["Shop targets", f"{directory}/site.yml", group, 3, None],
            "targets drift": ["Shop targets", f"{directory}/drift.yml", group, 3, None],
            "targets combine": ["Shop targets", f"{directory}/targets_combine.yml", group, None, None],
        }
        others = [one for name, one in found.items() if name not in described]
        assert {one["inventory"] for one in others} == {"Shop inventory"}
        assert [one for one in others if {"extra_vars", "job_slice_count", "forks"} & set(one)] == []

    def test_surveys_do_not_override_files_of_targets(self, run: Run) -> None:
        surveys = {name: survey for name, survey in self.surveys(run).items() if name.startswith("targets ")}
        variables = {question["variable"] for survey in surveys.values() for question in survey}
        assert len(surveys) == 6
        assert "desired_state_file" not in variables
        assert "plan_hash" not in variables

    def test_schedule_updates_the_targets_of_slices(self, run: Run) -> None:
        (schedule,) = given(run, "Create the schedule for updates of the targets")
        assert schedule["unified_job_template"] == "Shop meshes"
        assert awx_api.check_rule(schedule["rrule"]) == ""


class TestMinimal:
    """Set up AWX without an image and a credential."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, collection_path: Path) -> Run:
        variables = {
            "awx_setup_prefix": "Shop ",
            "awx_setup_project_local_path": "shop",
            "awx_setup_project_directory": ".",
        }
        return shared_play.run(
            SETUP, variables=variables, environment={"ANSIBLE_COLLECTIONS_PATH": collections(collection_path)}
        )

    def test_disabled_parts_are_not_created(self, run: Run) -> None:
        assert [run[title].status for title in ("Create the credential", "Create the execution environment")] == [
            "skipped",
            "skipped",
        ]
        for one in given(run, "Create the job template "):
            assert "credentials" not in one  # what is attached stays
            assert {name for name in one if name.startswith("notification") or name == "execution_environment"} == set()

    def test_no_schedule_without_a_credential(self, run: Run) -> None:
        assert [one["enabled"] for one in given(run, "Create the schedules for drift reports")] == [False]

    def test_project_can_be_a_local_directory(self, run: Run) -> None:
        (project,) = given(run, "Create the project")
        assert (project["scm_type"], project["local_path"], "scm_url" in project) == ("manual", "shop", False)
        found = {path.name for path in PROJECT.glob("*.yml")}
        assert {one["playbook"] for one in given(run, "Create the job template ")} == found - {
            "release.yml",
            "teardown.yml",
            "targets_check.yml",
            "targets_combine.yml",
        }

    def test_no_targets_without_an_inventory_source(self, run: Run) -> None:
        names = [one["name"] for one in given(run, "Create the job template ")]
        assert [name for name in names if "targets" in name] == []
        assert given(run, "Create the inventory source") == []


class TestAttached:
    """Existing objects keep the attachments of users. The replacement modules return the objects."""

    QUESTION = {"question_name": "Ticket", "question_description": "", "required": False, "type": "text"}
    USER_QUESTION = {**QUESTION, "variable": "ticket", "default": "", "choices": "", "min": 0, "max": 80}

    @classmethod
    def answers(cls) -> dict[str, list[t.Any]]:
        """Return the objects of AWX: those of an earlier run, each kind with an attachment."""
        vault = {"id": 71, "name": "Vault", "credential_type": 3, "kind": "vault"}
        read_only = {"id": 72, "name": "Read only", "credential_type": 8, "kind": "cloud"}
        old = {
            **cls.QUESTION,
            "variable": "desired_state_file",
            "default": "old.yml",
            "choices": "",
            "min": 0,
            "max": 1024,
        }
        return {
            **known_playbooks("Shop "),
            "organizations": [{"id": 1, "name": "Shop organization"}],
            "organizations/1/galaxy_credentials/": [{"id": 61}],
            "credential_types": [{"id": 8, "name": "Shop credential type"}],
            "credentials": [
                {"id": 70, "name": "Shop credential", "organization": 1, "credential_type": 8, "kind": "cloud"}
            ],
            "job_templates": [{"id": 20, "name": "Shop plan"}, {"id": 22, "name": "Shop drift"}],
            "job_templates/20/credentials/": [{"id": 70, "credential_type": 8, "kind": "cloud"}, vault],
            "job_templates/20/survey_spec/": [{"name": "", "description": "", "spec": [cls.USER_QUESTION, old]}],
            "job_templates/22/credentials/": [read_only],
            "job_templates/22/survey_spec/": [{}],
            "job_templates/22/notification_templates_error/": [{"id": 81}],
            "workflow_job_templates": [{"id": 30, "name": "Shop workflow"}],
            "workflow_job_templates/30/survey_spec/": [{}],
            "workflow_job_templates/30/notification_templates_approvals/": [{"id": 82}],
            "workflow_job_template_nodes": [
                {"id": 40, "identifier": "apply", "success_nodes": [41, 42], "failure_nodes": []},
                {"id": 41, "identifier": "verify", "success_nodes": [], "failure_nodes": []},
                {"id": 42, "identifier": "announce", "success_nodes": [], "failure_nodes": []},
            ],
            "hosts": [{"id": 50, "name": "localhost", "variables": "---\nrack: 7\nansible_connection: ssh\n"}],
            "schedules": [{"id": 90, "name": "Shop drift of shop.yml", "enabled": False}],
        }

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, tmp_path_factory: pytest.TempPathFactory) -> Run:
        collection_path = awx_stand_in.make(tmp_path_factory.mktemp("awx"), cls.answers())
        variables = {**DESIRED, "awx_setup_galaxy_credentials": ["Galaxy"]}
        return shared_play.run(
            SETUP, variables=variables, environment={"ANSIBLE_COLLECTIONS_PATH": collections(collection_path)}
        )

    def test_credentials_stay_attached(self, run: Run) -> None:
        assert given(run, "Create the job template plan")[0]["credentials"] == ["70", "71"]

    def test_credential_of_the_same_type_replaces_the_default(self, run: Run) -> None:
        assert given(run, "Create the job template drift")[0]["credentials"] == ["72"]

    def test_new_template_gets_the_default_credential(self, run: Run) -> None:
        assert given(run, "Create the job template site")[0]["credentials"] == ["70"]

    def test_notification_templates_stay_attached(self, run: Run) -> None:
        drift = given(run, "Create the job template drift")[0]
        assert drift["notification_templates_error"] == ["81", "Pager"]
        assert "notification_templates_success" not in drift
        assert given(run, "Create the workflow template")[0]["notification_templates_approvals"] == ["82", "Chat"]

    def test_survey_questions_stay_in_their_order(self, run: Run) -> None:
        spec = given(run, "Create the job template plan")[0]["survey_spec"]["spec"]
        assert [question["variable"] for question in spec] == ["ticket", "desired_state_file", "plan_fail_on_changes"]
        assert spec[0] == self.USER_QUESTION
        assert spec[1]["default"] == "shop.yml"

    def test_links_between_nodes_stay(self, run: Run) -> None:
        links = {one["identifier"]: one.get("success_nodes") for one in given(run, "Link the nodes")}
        assert links["apply"] == ["verify", "announce"]
        assert links["plan"] == ["changes"]

    def test_galaxy_credentials_keep_their_order(self, run: Run) -> None:
        assert given(run, "Create the organization")[0]["galaxy_credentials"] == ["61", "Galaxy"]

    def test_host_variables_stay(self, run: Run) -> None:
        assert given(run, "Add the host to the inventory")[0]["variables"] == {
            "rack": 7,
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }

    def test_disabled_schedule_stays_disabled(self, run: Run) -> None:
        assert ["enabled" in one for one in given(run, "Create the schedules for drift reports")] == [False, False]

    def test_approval_does_not_block_other_runs(self, run: Run) -> None:
        assert given(run, "Create the workflow template")[0]["allow_simultaneous"] is True


class TestRefused:
    """Impossible setups fail before any change, with a message that is not hidden."""

    def refused(self, play: Player, tmp_path: Path, answers: dict[str, list[t.Any]], **variables: t.Any) -> str:
        collection_path = awx_stand_in.make(tmp_path, {**known_playbooks("Shop "), **answers})
        run = play.run(
            SETUP,
            variables={**DESIRED, **variables},
            environment={"ANSIBLE_COLLECTIONS_PATH": collections(collection_path)},
            fails=True,
        )
        assert [record.name for record in run.records if record.action.startswith("awx.awx.")] == []
        assert SECRET not in run.output
        return run.records[-1].msg

    def test_unknown_credential_input_is_named(self, play: Player, tmp_path: Path) -> None:
        msg = self.refused(play, tmp_path, {}, awx_setup_credential={"acess_key": "AK", "secret_key": SECRET})
        assert msg.startswith(
            "awx_setup_credential has unknown inputs: acess_key. Known inputs: access_key, secret_key,"
        )

    def test_unknown_notification_event_is_named(self, play: Player, tmp_path: Path) -> None:
        msg = self.refused(play, tmp_path, {}, awx_setup_notifications={"failure": ["Pager"]})
        assert msg == (
            "awx_setup_notifications has unknown events: failure. Known events: started, success, error, approvals."
        )

    def test_image_of_another_organization_is_refused(self, play: Player, tmp_path: Path) -> None:
        owner = {"organization": {"id": 9, "name": "Bank"}}
        image = {"id": 5, "name": "Shop execution environment", "organization": 9, "summary_fields": owner}
        organization = {"id": 1, "name": "Shop organization"}
        msg = self.refused(play, tmp_path, {"execution_environments": [image], "organizations": [organization]})
        assert msg == (
            "Nothing was changed. The execution environment Shop execution environment belongs to another organization (Bank),"
            " and its name must be unique in AWX. Set another awx_setup_prefix."
        )

    def test_organization_administrator_needs_an_existing_type(self, play: Player, tmp_path: Path) -> None:
        answers = {
            "me": [{"username": "anna", "is_superuser": False}],
            "organizations": [{"id": 1, "name": "Shop organization"}],
        }
        msg = self.refused(play, tmp_path, answers)
        assert msg == (
            "Nothing was changed. Only a system administrator can create the credential type Shop credential type."
            " Ask an administrator to create it, or set awx_setup_existing_credential_type to the name of an existing type."
        )

    def test_slices_without_targets_are_refused(self, play: Player, tmp_path: Path) -> None:
        msg = self.refused(play, tmp_path, {}, awx_setup_slices=3)
        assert msg == (
            "awx_setup_slices requires awx_setup_inventory_source. Without targets, every slice would run on localhost and process all resources."
        )

    def test_targets_of_the_same_mesh_are_refused(self, play: Player, tmp_path: Path) -> None:
        meshes: dict[str, dict[str, str]] = {
            "shop": {"project_id": "p-1", "mesh_id": "m-1", "mesh_name": "mesh"},
            "shop-copy": {"project_id": "p-1", "mesh_id": "m-1", "mesh_name": "mesh"},
            "bank": {"project_id": "p-2", "mesh_id": "m-2", "mesh_name": "mesh"},
            "bank-copy": {"project_id": "p-2", "mesh_name": "mesh"},
            "garden": {"project_id": "p-3", "mesh_name": "mesh"},
            "yard": {"mesh_name": "mesh"},
        }
        hosts = [{"name": name, "variables": json.dumps(mesh)} for name, mesh in meshes.items()]
        answers = {
            "organizations": [{"id": 1, "name": "Shop organization"}],
            "inventories": [{"id": 4, "name": "Shop targets"}],
            "hosts": [*hosts, {"name": "other", "variables": ""}],
        }
        msg = self.refused(play, tmp_path, answers, **TARGETS)
        assert msg == (
            "Nothing was changed. Several targets have the same mesh: shop and shop-copy, bank and bank-copy. Two targets must not manage the same resources."
        )

    def test_missing_credential_type_is_refused(self, play: Player, tmp_path: Path) -> None:
        msg = self.refused(play, tmp_path, {}, awx_setup_existing_credential_type="Cloud keys")
        assert msg == "Nothing was changed. The credential type Cloud keys does not exist."


def test_check_mode_on_empty_awx_reports_creations(play: Player, tmp_path: Path) -> None:
    collection_path = awx_stand_in.make(tmp_path, known_playbooks("Shop "))
    run = play.run(
        SETUP, variables=DESIRED, environment={"ANSIBLE_COLLECTIONS_PATH": collections(collection_path)}, check=True
    )
    report = run["Report the objects that would be created"]
    assert report.changed
    assert report.msg.startswith("Would be created: organization, credential type, credential, execution environment,")
    assert "job template plan, job template site" in report.msg


@pytest.mark.parametrize("blank", [pytest.param("", marks=pytest.mark.complete), None])
def test_blank_variables_have_their_defaults(play: Player, tmp_path: Path, blank: t.Any) -> None:
    names = [line.split(" | ")[0] for line in VARIABLES_TEXT.split("{{ awx_setup_")[1:]]
    collection_path = awx_stand_in.make(tmp_path, known_playbooks("Huawei Cloud "))
    run = play.run(
        SETUP,
        variables={f"awx_setup_{name}": blank for name in names},
        environment={"ANSIBLE_COLLECTIONS_PATH": collections(collection_path)},
    )
    assert len(names) > 15
    plan = given(run, "Create the job template plan")[0]
    assert (plan["name"], plan["playbook"]) == ("Huawei Cloud plan", "extensions/awx/project/plan.yml")


def test_missing_collection_fails_before_any_task(play: Player) -> None:
    if awx_modules.find_collections() is not None:
        pytest.skip("awx.awx is installed")
    run = play.run(SETUP, fails=True)
    assert [record.name for record in run.records] == ["Check that awx.awx is installed"]
    assert run.records[0].msg.startswith("The collection awx.awx is not installed, so nothing was set up.")


@dataclasses.dataclass
class Life:
    """Runs of the playbook with a simulated AWX, and its objects and requests after each run."""

    state: awx_api.State
    runs: dict[str, Run] = dataclasses.field(default_factory=dict)
    writes: dict[str, list[tuple[str, str]]] = dataclasses.field(default_factory=dict)


class TestRealModules:
    """Run the real modules of awx.awx."""

    @pytest.fixture(scope="class")
    @classmethod
    def life(cls, shared_play: Player) -> t.Iterator[Life]:
        collection_path = awx_modules.find_collections()
        if collection_path is None:
            pytest.skip("awx.awx is not installed (make bench ARGS=--install-peers installs it)")
        life = Life(awx_api.State(PLAYBOOKS))
        for name in ("Pager", "Chat"):
            life.state.add("notification_templates", {"name": name})
        server = awx_api.Server(life.state)
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": collections(collection_path),
            "CONTROLLER_HOST": server.url,
            "CONTROLLER_OAUTH_TOKEN": awx_api.TOKEN,
        }

        def run(name: str, **options: t.Any) -> None:
            life.state.calls.clear()
            life.runs[name] = shared_play.run(
                SETUP,
                variables={**DESIRED, **TARGETS, **options.pop("variables", {})},
                environment=environment,
                **options,
            )
            life.writes[name] = life.state.writes()

        run("made")
        run("again")
        key = {**DESIRED["awx_setup_credential"], "secret_key": f"{SECRET}-new"}
        other = {
            "awx_setup_desired_state_files": ["other.yml"],
            "awx_setup_update_secrets": True,
            "awx_setup_credential": key,
        }
        run("predicted", check=True, variables=other)
        run("other", variables=other)
        yield life
        server.close()

    def test_all_objects_are_created(self, life: Life) -> None:
        records = [record for record in life.runs["made"].records if record.action.startswith("awx.awx.")]
        assert {record.status for record in records} == {"changed", "skipped"}
        # The others are loops over rollout files.
        assert {record.name for record in records if record.status == "skipped"} == {
            "Update the project from its repository",
            "Delete the nodes of approvals that the rollout file does not have",
            "Create the schedules for time limits of rollouts",
        }
        kinds = (
            "organizations",
            "inventories",
            "inventory_sources",
            "projects",
            "workflow_job_templates",
            "execution_environments",
        )
        assert {kind: sorted(life.state.names(kind)) for kind in kinds} == {
            "organizations": ["Shop organization"],
            "inventories": ["Shop inventory", "Shop targets"],
            "inventory_sources": ["Shop meshes"],
            "projects": ["Shop project"],
            "workflow_job_templates": ["Shop targets workflow", "Shop workflow"],
            "execution_environments": ["Shop execution environment"],
        }

    def test_second_run_changes_nothing(self, life: Life) -> None:
        assert [record.name for record in life.runs["again"].records if record.changed] == []
        assert life.writes["again"] == []

    def test_check_mode_predicts_the_changes(self, life: Life) -> None:
        def changed(name: str) -> list[str]:
            return [record.name for record in life.runs[name].records if record.changed]

        assert life.writes["predicted"] == []
        templates = [f"Create the job template {name}" for name in ("plan", "site", "drift")]
        wanted = [
            "Create the credential",
            *templates,
            "Create the workflow template",
            "Create the schedules for drift reports",
        ]
        assert (changed("predicted"), changed("other")) == (wanted, wanted)

    def nodes(self, life: Life, workflow: str) -> dict[str, dict[str, t.Any]]:
        owner = life.state.named("workflow_job_templates", f"Shop {workflow}")["id"]
        nodes = life.state.items["workflow_job_template_nodes"].values()
        return {node["identifier"]: node for node in nodes if node["workflow_job_template"] == owner}

    def links(self, life: Life, workflow: str) -> dict[tuple[str, str], list[str]]:
        nodes = self.nodes(life, workflow)
        by_id = {item["id"]: name for name, item in nodes.items()}
        links = {
            (name, relation): [by_id[one] for one in life.state.linked("workflow_job_template_nodes", item, relation)]
            for name, item in nodes.items()
            for relation in ("success_nodes", "failure_nodes", "always_nodes")
        }
        return {key: value for key, value in links.items() if value}

    def jobs(self, life: Life, workflow: str) -> dict[str, str]:
        unified = {item["id"]: item["name"] for kind in awx_api.UNIFIED for item in life.state.items[kind].values()}
        return {
            name: unified[node["unified_job_template"]].removeprefix("Shop ")
            for name, node in self.nodes(life, workflow).items()
        }

    def test_workflow_nodes_are_linked(self, life: Life) -> None:
        assert self.links(life, "workflow") == {
            ("plan", "success_nodes"): ["changes"],
            ("changes", "success_nodes"): ["approval"],
            ("changes", "failure_nodes"): ["verify"],
            ("approval", "success_nodes"): ["apply"],
            ("approval", "failure_nodes"): ["refused"],
            ("apply", "success_nodes"): ["verify"],
        }
        assert self.links(life, "targets workflow") == {
            ("update", "success_nodes"): ["check"],
            ("check", "success_nodes"): ["plan"],
            ("plan", "success_nodes"): ["combine"],
            ("plan", "failure_nodes"): ["combine"],
            ("combine", "success_nodes"): ["changes"],
            ("changes", "success_nodes"): ["approval"],
            ("changes", "failure_nodes"): ["verify"],
            ("approval", "success_nodes"): ["apply"],
            ("approval", "failure_nodes"): ["refused"],
            ("apply", "success_nodes"): ["result"],
            ("apply", "failure_nodes"): ["result"],
            ("result", "success_nodes"): ["verify"],
        }

    def test_nodes_run_their_job_templates(self, life: Life) -> None:
        assert self.jobs(life, "workflow") == {
            "plan": "plan",
            "changes": "changes",
            "approval": "approval",
            "apply": "site",
            "verify": "plan",
            "refused": "refused",
        }
        assert life.state.named("workflow_approval_templates", "Shop approval")["timeout"] == 86400
        verify = self.nodes(life, "workflow")["verify"]
        assert verify["extra_data"] == {"plan_fail_on_changes": "true"}
        assert self.jobs(life, "targets workflow") == {
            "update": "meshes",
            "check": "targets check",
            "plan": "targets plan",
            "combine": "targets combine",
            "changes": "changes",
            "approval": "approval of targets",
            "apply": "targets site",
            "result": "targets combine",
            "verify": "targets plan",
            "refused": "refused",
        }

    def test_source_reads_the_targets_with_the_credential(self, life: Life) -> None:
        source = life.state.named("inventory_sources", "Shop meshes")
        assert source["inventory"] == life.state.named("inventories", "Shop targets")["id"]
        assert source["source_project"] == life.state.named("projects", "Shop project")["id"]
        assert source["credential"] == life.state.named("credentials", "Shop credential")["id"]
        assert [host["inventory"] for host in life.state.items["hosts"].values()] != [source["inventory"]]

    def test_jobs_have_the_credential_and_the_image(self, life: Life) -> None:
        credential, image = (
            life.state.named("credentials", "Shop credential"),
            life.state.named("execution_environments", "Shop execution environment"),
        )
        for template in life.state.items["job_templates"].values():
            assert life.state.linked("job_templates", template, "credentials") == [credential["id"]]
            assert template["execution_environment"] == image["id"]

    def test_new_key_is_written_on_request(self, life: Life) -> None:
        credential = life.state.named("credentials", "Shop credential")
        assert life.writes["other"][0] == ("PATCH", credential["url"])
        assert life.state.named("credentials", "Shop credential")["inputs"]["secret_key"] == f"{SECRET}-new"

    def test_output_contains_no_secret(self, life: Life) -> None:
        assert [name for name, run in life.runs.items() if SECRET in run.output] == []
