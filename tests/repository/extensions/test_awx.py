# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made in AWX, as data: the credential type, the job templates and their playbooks, the workflow."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import awx_job
import awx_modules
import jinja2
import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.connection import resolve_connection
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from awx_api import check_credential_type, check_rule

ROOT = Path(__file__).resolve().parents[3]
PROJECT = ROOT / "extensions" / "awx" / "project"

# What AWX takes for a playbook of a project, line by line; the name of the module in full is not among it.
PLAYBOOK_LINE = re.compile(r"^\s*?-?\s*?(?:hosts|include|import_playbook):\s*?.*?$")

# Playbooks of the design that the project may name before they are there
PLANNED = {"plan", "drift"}


VARIABLES = awx_job.load_variables()
TYPE = VARIABLES["awx_setup_credential_type"]
FIELDS = {field["id"]: field for field in TYPE["inputs"]["fields"]}
TEMPLATES = {template["name"]: template for template in VARIABLES["awx_setup_templates"]}
FILES = {name: f"/runner/env/{name}" for name in ("ca", "cert", "key")}
TARGET_TEMPLATES = {template["name"]: template for template in VARIABLES["awx_setup_target_templates"]}
NODES = {node["identifier"]: node for node in VARIABLES["awx_setup_workflow"]["nodes"]}


def injected(**inputs: t.Any) -> dict[str, str]:
    return awx_job.render_environment(TYPE, inputs, FILES)


KEYS = {"access_key": "AK0123456789", "secret_key": "sk-0123456789abcdef", "region": "eu-de"}


# An execution environment contains no such files, and loses them after the job.
FILE_OPTIONS = ("credentials_file", "profile", "cloud", "token_cache")


class TestCredentialType:
    def test_awx_accepts_it(self) -> None:
        assert check_credential_type(TYPE) == ""

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": "ssh"},
            {"injectors": {"env": {"ANSIBLE_X": "y"}}},
            {"injectors": {"env": {"HW_X": "{{ nothing }}"}}},
        ],
    )
    def test_awx_would_refuse_others(self, change: dict[str, t.Any]) -> None:
        assert check_credential_type({**TYPE, **change}) != ""

    def test_every_setting_of_a_connection_can_be_given(self) -> None:
        """Each option that variables exist for is injected as the first of them, from a field with the name of the option."""
        renamed = {"validate_certs": "insecure", "ca_path": "ca_certificate", "client_cert": "client_certificate"}
        options = [
            option for option in CONNECTION.argument_spec if variables_for(option) and option not in FILE_OPTIONS
        ]
        assert {variables_for(option)[0] for option in options} == set(TYPE["injectors"]["env"])
        assert {renamed.get(option, option) for option in options} == set(FIELDS)
        for option in options:
            assert renamed.get(option, option) in TYPE["injectors"]["env"][variables_for(option)[0]]

    def test_sensitive_inputs_are_secret(self) -> None:
        hidden = {option for option, spec in CONNECTION.argument_spec.items() if spec.get("no_log")}
        assert {name for name, field in FIELDS.items() if field.get("secret")} == hidden | {"client_key"}

    def test_blank_inputs_are_not_set(self) -> None:
        environ = injected(**KEYS)
        assert {name: value for name, value in environ.items() if value} == {
            "HW_ACCESS_KEY": "AK0123456789",
            "HW_SECRET_KEY": "sk-0123456789abcdef",
            "HW_REGION_NAME": "eu-de",
            "HW_INSECURE": "False",
            "HW_USE_METADATA": "False",
        }
        found = resolve_connection({}, environ)
        assert (found.credentials.kind, found.region, found.validate_certs, found.ca_path, found.proxy) == (
            "aksk",
            "eu-de",
            True,
            None,
            None,
        )
        assert found.endpoint("asm") == "https://asm.eu-de.otc.t-systems.com"

    def test_empty_inputs_set_no_variables(self) -> None:
        with pytest.raises(OptionError):
            resolve_connection({}, injected())

    def test_boolean_is_injected_as_text(self) -> None:
        environ = injected(**KEYS, insecure=True)
        assert environ["HW_INSECURE"] == "True"
        assert resolve_connection({}, environ).validate_certs is False

    def test_empty_files_are_not_named(self) -> None:
        environ = injected(**KEYS, ca_certificate="PEM", client_certificate="PEM", client_key="PEM")
        assert [environ[name] for name in ("HW_CACERT", "HW_CERT", "HW_KEY")] == list(FILES.values())
        assert set(TYPE["injectors"]["file"]) == {"template.ca", "template.cert", "template.key"}


def default(name: str) -> str:
    """Return the value of a variable of the playbook if nobody sets it."""
    return jinja2.Template(VARIABLES[name]).render()


class TestProject:
    @pytest.mark.parametrize("path", sorted(PROJECT.glob("*.yml")), ids=lambda path: path.name)
    def test_awx_takes_each_file_for_a_playbook(self, path: Path) -> None:
        assert any(PLAYBOOK_LINE.match(line) for line in path.read_text(encoding="utf-8").splitlines())

    def test_wrappers_import_existing_playbooks(self) -> None:
        plays = [
            play for path in sorted(PROJECT.glob("*.yml")) for play in yaml.safe_load(path.read_text(encoding="utf-8"))
        ]
        imported = {play["import_playbook"] for play in plays if "import_playbook" in play}
        ours = {
            name.removeprefix("community.huaweicloud.")
            for name in imported
            if name.startswith("community.huaweicloud.")
        }
        assert ours == {"plan", "site", "drift", "info", "teardown", "canary", "imports.check_targets"}
        files = {name: ROOT / "playbooks" / f"{name.replace('.', '/')}.yml" for name in ours}
        assert {name for name in ours - PLANNED if not files[name].is_file()} == set()
        assert imported - {f"community.huaweicloud.{name}" for name in ours} == {"release.yml"}

    def test_collection_is_required(self) -> None:
        wanted = yaml.safe_load((PROJECT / "collections" / "requirements.yml").read_text(encoding="utf-8"))
        assert wanted == {"collections": [{"name": "community.huaweicloud"}]}


class TestTemplates:
    def test_there_is_one_for_each_job(self) -> None:
        assert {
            "plan",
            "site",
            "drift",
            "info",
            "promote",
            "cancel",
            "canary",
            "canary rollback",
            "canary status",
        } <= set(TEMPLATES)

    @pytest.mark.parametrize("name", [*TEMPLATES, *TARGET_TEMPLATES])
    def test_playbook_is_in_the_project(self, name: str) -> None:
        playbook = {**TEMPLATES, **TARGET_TEMPLATES}[name].get("playbook", name)
        assert (PROJECT / f"{playbook.replace(' ', '_')}.yml").is_file()
        assert default("awx_project_directory") == str(PROJECT.relative_to(ROOT))

    def test_template_names_are_unique(self) -> None:
        """AWX looks all of them up by name alone: projects, job templates, workflows and approvals."""
        workflows = [VARIABLES[name] for name in ("awx_setup_workflow", "awx_setup_target_workflow")]
        approvals = [
            node["approval"]["name"].removeprefix("{{ awx_prefix }}")
            for workflow in workflows
            for node in workflow["nodes"]
            if "approval" in node
        ]
        assert approvals == ["approval", "approval of targets"]
        names = [*TEMPLATES, *TARGET_TEMPLATES, *(workflow["name"] for workflow in workflows), *approvals]
        names += ["project", "meshes"]
        assert sorted(set(names)) == sorted(names)

    @pytest.mark.parametrize("name", VARIABLES["awx_setup_variables"])
    def test_playbook_reads_all_survey_answers(self, name: str) -> None:
        playbook = name.partition("_")[0]
        tasks = [*(ROOT / "playbooks").glob("tasks/*.yml"), *PROJECT.glob("*.yml")]
        paths = [*tasks, ROOT / "playbooks" / f"{playbook}.yml"]
        found = any(re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")) for path in paths if path.is_file())
        assert found or (playbook in PLANNED and not (ROOT / "playbooks" / f"{playbook}.yml").is_file())

    def test_schedule_has_the_format_of_awx(self) -> None:
        assert check_rule(default("awx_schedule")) == ""
        assert check_rule("RRULE:FREQ=DAILY;INTERVAL=1") != ""
        assert check_rule("DTSTART:20260101T030000Z RRULE:FREQ=DAILY") != ""


class TestWorkflow:
    def test_order_of_the_nodes(self) -> None:
        links = {name: (node.get("success", []), node.get("failure", [])) for name, node in NODES.items()}
        assert links == {
            "plan": (["changes"], []),
            "changes": (["approval"], ["verify"]),
            "approval": (["apply"], ["refused"]),
            "apply": (["verify"], []),
            "verify": ([], []),
            "refused": ([], []),
        }

    def test_nodes_run_existing_templates(self) -> None:
        assert {name: node.get("template") for name, node in NODES.items()} == {
            "plan": "plan",
            "changes": "changes",
            "approval": None,
            "apply": "site",
            "verify": "plan",
            "refused": "refused",
        }
        assert {node["template"] for node in NODES.values() if "template" in node} <= set(TEMPLATES)

    def test_apply_requires_approval(self) -> None:
        """The only way to what changes something leads through a yes."""
        assert [
            name for name, node in NODES.items() if "apply" in node.get("success", []) + node.get("failure", [])
        ] == ["approval"]
        assert "apply" in NODES["approval"]["success"]
        assert "apply" not in NODES["approval"]["failure"]


def test_recorded_arguments_are_those_of_the_collection() -> None:
    place = awx_modules.find_collections()
    if place is None:
        pytest.skip("awx.awx is not installed (make bench ARGS=--install-peers installs it)")
    assert awx_modules.read_installed_specs(place) == awx_modules.load_stored_specs()
