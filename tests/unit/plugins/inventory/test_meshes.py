# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins import inventory as inventory_plugins
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible_collections.community.huaweicloud.plugins.doc_fragments import connection
from ansible_collections.community.huaweicloud.plugins.inventory import meshes
from ansible_collections.community.huaweicloud.plugins.module_utils import _task
from ansible_collections.community.huaweicloud.plugins.module_utils._http import metadata
from mesh_projects import FORBIDDEN, KEYS, Projects, Server, make_variables, mesh

NAME = meshes.InventoryModule.NAME
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
FRAGMENTS = (connection, constructed, inventory_cache)


def load_definitions():
    definitions = {}
    for fragment in FRAGMENTS:
        definitions.update(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
    return {**definitions, **yaml.safe_load(meshes.DOCUMENTATION)["options"]}


@pytest.fixture(autouse=True)
def definitions(monkeypatch):
    """Register the options as Ansible's plugin loader does, which needs an installed collection."""
    monkeypatch.setattr(C.config, "_plugins", {**C.config._plugins, "inventory": {NAME: load_definitions()}})
    for variable in ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_REGION_NAME"):
        monkeypatch.delenv(variable, raising=False)


class Source:
    """An inventory file and the service that it lists."""

    def __init__(self, directory, monkeypatch, service):
        self.path = directory / "meshes.yml"
        self.service = service
        self.warnings = []
        monkeypatch.setattr(_task, "RequestsTransport", lambda connection: service)

    def parse(self, use_cache=True, inventory=None, **options):
        """Return the inventory of a file with these options, or add its hosts to an inventory."""
        self.path.write_text(yaml.safe_dump({"plugin": NAME, "region": "eu-de", **KEYS, **options}), encoding="utf-8")
        self.plugin = plugin = meshes.InventoryModule()
        plugin._load_name = plugin.ansible_name = NAME
        plugin._redirected_names = [NAME]
        plugin.display = Display(self.warnings)
        inventory = InventoryData() if inventory is None else inventory
        plugin.parse(inventory, DataLoader(), str(self.path), use_cache)
        if options.get("cache"):
            plugin.update_cache_if_changed()
        return inventory

    def refusal(self, **options):
        """Return the message of an error, without the path of the file."""
        with pytest.raises(AnsibleParserError) as caught:
            self.parse(**options)
        assert "CANARY" not in str(caught.value)
        return str(caught.value).replace(f"{self.path}: ", "")


class Display:
    def __init__(self, warnings):
        self.warning = warnings.append

    def vvv(self, text):
        pass


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Return a file for two projects, with one mesh each."""
    service = Projects(**{"p-1": [mesh("m-1", "shop")], "p-2": [mesh("m-2", "bank", phase="Upgrading")]})
    return Source(tmp_path, monkeypatch, service)


TWO = {"projects": [{"project_id": "p-1"}, {"project_id": "p-2", "region": "eu-nl"}]}


def describe(inventory):
    """Return the host variables and the groups of an inventory."""
    skipped = ("inventory_file", "inventory_dir")
    variables = {
        name: {key: value for key, value in host.vars.items() if key not in skipped}
        for name, host in inventory.hosts.items()
    }
    groups = {name: sorted(host.name for host in group.hosts) for name, group in inventory.groups.items()}
    return variables, {name: hosts for name, hosts in groups.items() if name not in ("all", "ungrouped")}


def test_each_mesh_is_a_host_with_facts_and_groups(source):
    variables, groups = describe(source.parse(**TWO))
    assert variables == {
        "shop": {**make_variables("p-1", "m-1", "shop"), **LOCAL},
        "bank": {**make_variables("p-2", "m-2", "bank", "eu-nl", mesh_phase="Upgrading"), **LOCAL},
    }
    assert groups == {
        "asm_meshes": ["bank", "shop"],
        "region_eu_de": ["shop"],
        "region_eu_nl": ["bank"],
        "project_p_1": ["shop"],
        "project_p_2": ["bank"],
        "phase_Running": ["shop"],
        "phase_Upgrading": ["bank"],
        "version_v1_18": ["bank", "shop"],
    }
    assert source.warnings == []
    assert len(source.service.request_log) == 2


def test_project_without_meshes_is_an_empty_group(source):
    source.service.projects["p-1"] = []
    assert describe(source.parse(project_id="p-1")) == ({}, {"asm_meshes": []})


def test_compose_and_groups_use_mesh_variables(source):
    inventory = source.parse(
        **TWO,
        compose={"desired_state_file": "'state/' ~ mesh_name ~ '.yml'", "missing": "nothing.here"},
        groups={"busy": "mesh_phase != 'Running'", "broken": "nothing.here"},
        keyed_groups=[{"key": "mesh_clusters", "prefix": "cluster"}],
    )
    variables, groups = describe(inventory)
    assert variables["shop"]["desired_state_file"] == "state/shop.yml"
    assert "missing" not in variables["shop"]
    assert groups["busy"] == ["bank"]
    assert groups["cluster_c_1"] == ["bank", "shop"]
    assert "broken" not in groups


@pytest.mark.parametrize(
    "options",
    [
        {"compose": {"missing": "nothing.here"}},
        {"groups": {"broken": "nothing.here"}},
        {"keyed_groups": [{"key": "nothing.here"}]},
    ],
)
def test_strict_refuses_failing_expressions(source, options):
    with pytest.raises(Exception, match=r"(?s)(Could not|nothing)"):
        source.parse(**TWO, strict=True, **options)


# 'bank' is the last host, so the source fails after it has added the first one.
FAILING_GROUP = {"strict": True, "groups": {"first": "mesh_name == 'shop' or nothing.here"}}


def test_failing_source_adds_no_hosts_and_groups(source):
    inventory = InventoryData()
    with pytest.raises(AnsibleParserError, match="Could not add host bank to group first"):
        source.parse(inventory=inventory, **TWO, **FAILING_GROUP)
    assert describe(inventory) == ({}, {})
    assert list(inventory.groups) == ["all", "ungrouped"]


def test_failing_source_restores_hosts_of_other_sources(source):
    inventory = InventoryData()
    for group in ("stores", "projects"):
        inventory.add_group(group)
    inventory.add_host("shop", group="stores")
    inventory.set_variable("shop", "region", "other")
    before = describe(inventory)
    keyed_groups = [
        {"key": "'stores'", "separator": "", "parent_group": "parents"},
        {"key": "region", "parent_group": "projects"},
    ]
    with pytest.raises(AnsibleParserError):
        source.parse(inventory=inventory, **TWO, **FAILING_GROUP, keyed_groups=keyed_groups, compose={"extra": "1"})
    assert describe(inventory) == before
    assert [group.name for group in inventory.hosts["shop"].groups] == ["stores"]
    assert inventory.groups["projects"].child_groups == inventory.groups["stores"].parent_groups == []


# Names


def test_equal_names_get_a_part_of_the_mesh_id(source):
    source.service.projects["p-2"] = [mesh("m-2", "shop")]
    assert sorted(source.parse(**TWO).hosts) == ["shop-m-1", "shop-m-2"]


def test_hostname_expression_names_the_hosts(source):
    assert sorted(source.parse(**TWO, hostname="mesh_name ~ '.' ~ region").hosts) == ["bank.eu-nl", "shop.eu-de"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "mesh_clusters",
            "hostname is not text for mesh 'shop' (m-1). Set it to an expression, for example mesh_name",
        ),
        ("''", "hostname is not text for mesh 'shop' (m-1). Set it to an expression, for example mesh_name"),
        ("'{' ~ mesh_name", "The host name of mesh 'shop' (m-1) contains '{'. Set another hostname"),
        ("'x'", "Several meshes would have the host name 'x-m'. Set another hostname"),
    ],
)
def test_invalid_names_are_refused(source, expression, message):
    source.service.projects = {"p-1": [mesh("m-1", "shop")], "p-2": [mesh("m-1", "shop")]}
    assert source.refusal(**TWO, hostname=expression).replace("x-m-1", "x-m") == message


def test_failing_name_is_refused(source):
    message = source.refusal(**TWO, hostname="nothing.here")
    assert message.startswith("hostname cannot be evaluated for mesh 'shop' (m-1): ")


def test_values_of_the_service_are_never_templates(source):
    source.service.projects["p-1"] = [mesh("m-1", "shop", phase="{{ 1 + 1 }}", clusters=["{{ 2 }}", "c-1"])]
    inventory = source.parse(project_id="p-1", compose={"copied": "mesh_phase"})
    host = inventory.hosts["shop"]
    templar = source.plugin.templar
    templar.available_variables = dict(host.vars, ansible_playbook_python="/usr/bin/python3")
    rendered = templar.template(host.vars)
    assert (rendered["mesh_phase"], rendered["mesh_clusters"]) == ("{{ 1 + 1 }}", ["{{ 2 }}", "c-1"])
    assert rendered["copied"] == "{{ 1 + 1 }}"
    assert rendered["ansible_python_interpreter"] == "/usr/bin/python3"
    assert "phase____1___1___" in inventory.groups


# Templates and invalid options


def test_options_are_rendered_with_extra_variables(source, monkeypatch):
    monkeypatch.setattr(inventory_plugins, "load_extra_vars", lambda loader: {"shop_project": "p-1"})
    inventory = source.parse(
        validate_certs="{{ 'no' }}",
        read_timeout="{{ 5 }}",
        projects=[{"project_id": "{{ shop_project }}", "max_retries": "{{ 1 }}"}],
    )
    assert list(inventory.hosts) == ["shop"]


def test_failing_template_is_refused(source):
    assert source.refusal(project_id="{{ missing }}").startswith(
        "project_id contains a template that cannot be rendered: "
    )


def test_unknown_keys_and_types_are_refused(source):
    message = source.refusal(stages=[], projects={"project_id": "p-1"}, keyed_groups=[])
    assert message.startswith("projects: must be a list, it is a mapping; stages: unknown key (known: access_key, ")
    assert "keyed_groups" in message


@pytest.mark.parametrize("option", ["strict", "cache", "use_extra_vars", "leading_separator"])
def test_invalid_booleans_are_refused(source, option):
    assert source.refusal(project_id="p-1", **{option: "flase"}).startswith(f"{option}: must be true or false, it is ")


def test_missing_credentials_are_refused(source):
    assert source.refusal(access_key=None, secret_key=None).startswith("No credentials: ")


# Failed projects


def test_failed_project_is_a_warning(source):
    source.service.projects["p-1"] = FORBIDDEN
    assert list(source.parse(**TWO).hosts) == ["bank"]
    assert len(source.warnings) == 1
    assert source.warnings[0].startswith(
        "The hosts of a project are missing from the inventory. "
        "The meshes of project 'p-1' in region eu-de (projects[0]) cannot be listed: "
    )


def test_failed_project_is_an_error_if_strict(source):
    source.service.projects["p-1"] = FORBIDDEN
    message = source.refusal(**TWO, strict=True)
    assert message.startswith("The meshes of project 'p-1' in region eu-de (projects[0]) cannot be listed: ")
    assert "403" in message


def test_error_if_all_projects_fail(source):
    source.service.projects = {"p-1": FORBIDDEN, "p-2": FORBIDDEN}
    assert [line.split(" cannot")[0] for line in source.refusal(**TWO).splitlines()] == [
        "The meshes of project 'p-1' in region eu-de (projects[0])",
        "The meshes of project 'p-2' in region eu-nl (projects[1])",
    ]


# The cache


@pytest.fixture
def cached(source, tmp_path):
    """Return the options for a cache in files."""
    return {
        **TWO,
        "cache": True,
        "cache_plugin": "jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }


def test_second_run_uses_the_cache_without_requests(source, cached, tmp_path):
    first = describe(source.parse(**cached))
    source.service.request_log.clear()
    assert describe(source.parse(**cached)) == first
    assert source.service.request_log == []
    files = list((tmp_path / "cache").iterdir())
    assert len(files) == 1
    assert "CANARY" not in files[0].read_text(encoding="utf-8")
    assert '"shop' in files[0].read_text(encoding="utf-8").replace("\\", "")


@pytest.mark.parametrize("changes", [{"projects": TWO["projects"][:1]}, {"access_key": "AK2"}])
def test_other_projects_or_identity_do_not_use_the_cache(source, cached, changes):
    source.parse(**cached)
    source.service.request_log.clear()
    source.parse(**{**cached, **changes})
    assert len(source.service.request_log) == len({**cached, **changes}["projects"])


NO_KEYS = {"access_key": None, "secret_key": None}


def test_other_token_does_not_use_the_cache(source, cached, tmp_path):
    for token, requests in (("CANARY-one", 2), ("CANARY-one", 0), ("CANARY-two", 2)):
        source.service.request_log.clear()
        source.parse(**{**cached, **NO_KEYS, "auth_token": token})
        assert len(source.service.request_log) == requests
    (file,) = (tmp_path / "cache").iterdir()
    assert "CANARY" not in file.read_text(encoding="utf-8")


def test_other_server_does_not_use_the_cache(source, cached, monkeypatch):
    for access_key, requests in (("AK1", 2), ("AK1", 0), ("AK2", 2)):
        monkeypatch.setattr(metadata, "MetadataTransport", lambda key=access_key: Server(key))
        source.service.request_log.clear()
        source.parse(**{**cached, **NO_KEYS, "use_metadata": True})
        assert len(source.service.request_log) == requests


def test_unknown_server_does_not_use_the_cache(source, cached, monkeypatch):
    options = {**cached, **NO_KEYS, "use_metadata": True}
    monkeypatch.setattr(metadata, "MetadataTransport", lambda: Server("AK1"))
    source.parse(**options)
    monkeypatch.setattr(metadata, "MetadataTransport", lambda: Server(None))
    assert "Assign an agency to the ECS" in source.refusal(**options)


def test_flush_reads_again_and_renews_the_cache(source, cached):
    source.parse(**cached)
    source.service.projects["p-1"] = []
    assert list(source.parse(use_cache=False, **cached).hosts) == ["bank"]
    source.service.request_log.clear()
    assert list(source.parse(**cached).hosts) == ["bank"]
    assert source.service.request_log == []


def test_incomplete_inventory_is_not_cached(source, cached):
    source.service.projects["p-1"] = FORBIDDEN
    source.parse(**cached)
    source.service.projects["p-1"] = [mesh("m-1", "shop")]
    assert sorted(source.parse(**cached).hosts) == ["bank", "shop"]


def test_other_content_of_the_cache_is_ignored(source, cached, tmp_path):
    source.parse(**cached)
    file = next((tmp_path / "cache").iterdir())
    content = json.loads(file.read_text(encoding="utf-8"))
    wrapped = {"__payload__": '["other"]'} if "__payload__" in content else ["other"]
    file.write_text(json.dumps(wrapped), encoding="utf-8")
    assert sorted(source.parse(**cached).hosts) == ["bank", "shop"]


# Files


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("meshes.yml", True),
        ("production.meshes.yaml", True),
        ("huaweicloud.yml", True),
        ("huaweicloud-production.yaml", True),
        ("meshes.json", False),
        ("hosts.yml", False),
        ("my_huaweicloud.yml", False),
    ],
)
def test_only_files_with_matching_names_are_used(tmp_path, name, is_valid):
    path = tmp_path / name
    plugin = meshes.InventoryModule()
    assert not plugin.verify_file(str(path))
    path.touch()
    assert plugin.verify_file(str(path)) is is_valid


def test_example_has_valid_options():
    options = meshes.normalize_options(yaml.safe_load(meshes.EXAMPLES), load_definitions())
    assert sorted(options) == ["access_key", "hostname", "projects", "secret_key"]
    assert [project["region"] for project in options["projects"]] == ["eu-de", "eu-nl", "eu-west-101"]
