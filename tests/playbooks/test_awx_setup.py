# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx_setup: with modules that only check what they are given, and with those of awx.awx against a stand-in for AWX."""

from __future__ import annotations

import dataclasses
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

WISH: dict[str, t.Any] = {
    "awx_setup_prefix": "Shop ",
    "awx_setup_image": "registry.example.com/huaweicloud:1",
    "awx_setup_credential": {"access_key": "AK0123456789", "secret_key": SECRET, "region": "eu-de"},
    "awx_setup_documents": ["shop.yml", "online_shop.yml"],
    "awx_setup_notifications": {"error": ["Pager"], "approvals": ["Chat"]},
}


def collections(*more: Path) -> str:
    return os.pathsep.join([str(ROOT / ".collections"), *map(str, more)])


def given(run: Run, title: str) -> list[dict[str, t.Any]]:
    """The parameters of a task, for each item of its loop."""
    result = run[title].result
    return [one["given"] for one in result.get("results", [result])]


@pytest.fixture(scope="class")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return awx_stand_in.make(tmp_path_factory.mktemp("awx"))


class TestParameters:
    """Every parameter is one the modules of awx.awx take: the stand-ins fail for any other."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, place: Path) -> Run:
        connection = {"controller_host": "http://127.0.0.1:9", "controller_oauthtoken": "token-0123456789"}
        variables = {**WISH, "awx_setup_connection": connection}
        return shared_play.run(
            SETUP, variables=variables, environment={"ANSIBLE_COLLECTIONS_PATH": collections(place)}, verbosity=2
        )

    def test_each_kind_is_made(self, run: Run) -> None:
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

    def test_the_connection_goes_to_every_task(self, run: Run) -> None:
        made = [record for record in run.records if record.action.startswith("awx.awx.") and "given" in record.result]
        assert {record.result["given"]["controller_host"] for record in made} == {"http://127.0.0.1:9"}

    def test_templates_of_awx_are_left_to_awx(self, run: Run) -> None:
        assert given(run, "Make the credential type")[0]["injectors"]["env"]["HW_ACCESS_KEY"] == "{{ access_key }}"
        assert given(run, "Put the place where jobs run into it")[0]["variables"] == {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }

    def test_no_secret_on_the_terminal(self, run: Run) -> None:
        assert SECRET not in run.output
        assert "censored" in run["Make the credential"].result

    def surveys(self, run: Run) -> dict[str, list[dict[str, t.Any]]]:
        templates = given(run, "Make the job templates") + given(run, "Make the workflow")
        return {one["name"].removeprefix("Shop "): one.get("survey_spec", {}).get("spec", []) for one in templates}

    def test_surveys_are_what_awx_takes(self, run: Run) -> None:
        templates = given(run, "Make the job templates") + given(run, "Make the workflow")
        assert [awx_api.check_survey(one["survey_spec"]) for one in templates if one["survey_enabled"]] == [""] * 7
        assert [one["name"] for one in templates if not one["survey_enabled"]] == ["Shop changes", "Shop refused"]
        assert all("survey_spec" not in one for one in templates if not one["survey_enabled"])

    @pytest.mark.parametrize("name", ["promote", "cancel"])
    def test_questions_about_a_release_are_the_options_of_the_role(self, run: Run, name: str) -> None:
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
            # The mesh may be named in two ways, and the survey asks for one of them.
            assert question["required"] == (option.get("required", False) or variable == "release_mesh_name")
            assert str(option["description"][0]).startswith(question["question_description"].rstrip("."))
            assert question["question_description"].endswith(".")
        assert (survey["release_name"]["min"], survey["release_name"]["max"]) == (4, 64)
        assert isinstance(survey["releases_wait_timeout"]["default"], float), "AWX refuses a whole number"

    def test_a_boolean_is_a_choice_of_two_texts(self, run: Run) -> None:
        found = {
            question["variable"]: (question["type"], question["choices"], question["default"])
            for question in self.surveys(run)["info"]
        }
        assert found == {name: ("multiplechoice", ["true", "false"], "true") for name in ("info_asm", "info_modelarts")}

    def test_documents_are_looked_at_by_schedule(self, run: Run) -> None:
        found = given(run, "Look for drift by schedule")
        assert [(one["name"], one["extra_data"], one["enabled"]) for one in found] == [
            (f"Shop drift of {name}", {"site_file": name, "drift_fail_on_drift": "true"}, True)
            for name in WISH["awx_setup_documents"]
        ]
        assert {
            survey[0]["default"]
            for name, survey in self.surveys(run).items()
            if name in ("plan", "site", "drift", "workflow")
        } == {"shop.yml"}

    def test_notifications_are_attached_where_somebody_waits_for_them(self, run: Run) -> None:
        found = {
            one["name"]: one.get("notification_templates_error")
            for one in given(run, "Make the job templates") + given(run, "Make the workflow")
        }
        assert {name.removeprefix("Shop ") for name, attached in found.items() if attached == ["Pager"]} == {
            "drift",
            "promote",
            "cancel",
            "workflow",
        }
        assert given(run, "Make the workflow")[0]["notification_templates_approvals"] == ["Chat"]


class TestLittle:
    """Without an image and a credential."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, shared_play: Player, place: Path) -> Run:
        variables = {"awx_setup_project_local_path": "shop", "awx_setup_project_directory": ""}
        return shared_play.run(SETUP, variables=variables, environment={"ANSIBLE_COLLECTIONS_PATH": collections(place)})

    def test_what_is_not_wanted_is_left_alone(self, run: Run) -> None:
        assert [run[title].status for title in ("Make the credential", "Make the execution environment")] == [
            "skipped",
            "skipped",
        ]
        for one in given(run, "Make the job templates"):
            assert "credentials" not in one  # what is attached stays
            assert {name for name in one if name.startswith("notification") or name == "execution_environment"} == set()

    def test_without_a_credential_no_job_is_started_by_itself(self, run: Run) -> None:
        assert [one["enabled"] for one in given(run, "Look for drift by schedule")] == [False]

    def test_a_folder_on_the_host_of_awx(self, run: Run) -> None:
        (project,) = given(run, "Make the project")
        assert (project["scm_type"], project["local_path"], "scm_url" in project) == ("manual", "shop", False)
        found = {path.name for path in PROJECT.glob("*.yml")}
        assert {one["playbook"] for one in given(run, "Make the job templates")} == found - {
            "release.yml",
            "teardown.yml",
        }


def test_without_the_collection_nothing_is_begun(play: Player) -> None:
    if awx_modules.find() is not None:
        pytest.skip("awx.awx is installed")
    run = play.run(SETUP, fails=True)
    assert [record.name for record in run.records] == ["See that what it needs is installed"]
    assert run.records[0].msg.startswith("The collection awx.awx is not installed, so nothing was set up.")


@dataclasses.dataclass
class Life:
    """Runs of the playbook against a stand-in for AWX, and what it held and was asked after each."""

    world: awx_api.World
    runs: dict[str, Run] = dataclasses.field(default_factory=dict)
    writes: dict[str, list[tuple[str, str]]] = dataclasses.field(default_factory=dict)


class TestRealModules:
    """The modules of awx.awx themselves."""

    @pytest.fixture(scope="class")
    @classmethod
    def life(cls, shared_play: Player) -> t.Iterator[Life]:
        place = awx_modules.find()
        if place is None:
            pytest.skip("awx.awx is not installed (make bench ARGS=--install-peers installs it)")
        life = Life(awx_api.World(PLAYBOOKS))
        for name in ("Pager", "Chat"):
            life.world.add("notification_templates", {"name": name})
        server = awx_api.Server(life.world)
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": collections(place),
            "CONTROLLER_HOST": server.url,
            "CONTROLLER_OAUTH_TOKEN": awx_api.TOKEN,
        }

        def run(name: str, **options: t.Any) -> None:
            life.world.calls.clear()
            life.runs[name] = shared_play.run(
                SETUP, variables={**WISH, **options.pop("variables", {})}, environment=environment, **options
            )
            life.writes[name] = life.world.writes()

        run("made")
        run("again")
        key = {**WISH["awx_setup_credential"], "secret_key": f"{SECRET}-new"}
        other = {"awx_setup_documents": ["other.yml"], "awx_setup_update_secrets": True, "awx_setup_credential": key}
        run("foretold", check=True, variables=other)
        run("other", variables=other)
        yield life
        server.close()

    def test_all_of_it_is_made(self, life: Life) -> None:
        assert {record.status for record in life.runs["made"].records if record.action.startswith("awx.awx.")} == {
            "changed"
        }
        kinds = ("organizations", "inventories", "projects", "workflow_job_templates", "execution_environments")
        assert {kind: sorted(life.world.names(kind)) for kind in kinds} == {
            "organizations": ["Shop organization"],
            "inventories": ["Shop inventory"],
            "projects": ["Shop project"],
            "workflow_job_templates": ["Shop workflow"],
            "execution_environments": ["Shop execution environment"],
        }

    def test_a_second_run_changes_nothing(self, life: Life) -> None:
        assert [record.name for record in life.runs["again"].records if record.changed] == []
        assert life.writes["again"] == []

    def test_check_mode_foretells(self, life: Life) -> None:
        def changed(name: str) -> list[str]:
            return [record.name for record in life.runs[name].records if record.changed]

        assert life.writes["foretold"] == []
        wanted = ["Make the credential", "Make the job templates", "Make the workflow", "Look for drift by schedule"]
        assert (changed("foretold"), changed("other")) == (wanted, wanted)

    def test_the_workflow_is_linked(self, life: Life) -> None:
        nodes = {item["identifier"]: item for item in life.world.items["workflow_job_template_nodes"].values()}
        by_id = {item["id"]: name for name, item in nodes.items()}
        links = {
            (name, relation): [by_id[one] for one in life.world.linked("workflow_job_template_nodes", item, relation)]
            for name, item in nodes.items()
            for relation in ("success_nodes", "failure_nodes", "always_nodes")
        }
        assert {key: value for key, value in links.items() if value} == {
            ("plan", "success_nodes"): ["changes"],
            ("changes", "success_nodes"): ["approval"],
            ("changes", "failure_nodes"): ["verify"],
            ("approval", "success_nodes"): ["apply"],
            ("approval", "failure_nodes"): ["refused"],
            ("apply", "success_nodes"): ["verify"],
        }

    def test_the_nodes_run_what_they_should(self, life: Life) -> None:
        unified = {item["id"]: item["name"] for kind in awx_api.UNIFIED for item in life.world.items[kind].values()}
        nodes = life.world.items["workflow_job_template_nodes"].values()
        assert {node["identifier"]: unified[node["unified_job_template"]] for node in nodes} == {
            "plan": "Shop plan",
            "changes": "Shop changes",
            "approval": "Shop approval",
            "apply": "Shop site",
            "verify": "Shop plan",
            "refused": "Shop refused",
        }
        assert life.world.named("workflow_approval_templates", "Shop approval")["timeout"] == 86400
        assert life.world.named("workflow_job_template_nodes", "verify")["extra_data"] == {
            "plan_fail_on_changes": "true"
        }

    def test_jobs_have_the_credential_and_the_image(self, life: Life) -> None:
        credential, image = (
            life.world.named("credentials", "Shop credential"),
            life.world.named("execution_environments", "Shop execution environment"),
        )
        for template in life.world.items["job_templates"].values():
            assert life.world.linked("job_templates", template, "credentials") == [credential["id"]]
            assert template["execution_environment"] == image["id"]

    def test_a_new_key_is_written_when_that_is_asked_for(self, life: Life) -> None:
        credential = life.world.named("credentials", "Shop credential")
        assert life.writes["other"][0] == ("PATCH", credential["url"])
        assert life.world.named("credentials", "Shop credential")["inputs"]["secret_key"] == f"{SECRET}-new"

    def test_no_secret_on_the_terminal(self, life: Life) -> None:
        assert [name for name, run in life.runs.items() if SECRET in run.output] == []
