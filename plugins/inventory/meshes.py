# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: meshes
short_description: Use the meshes of Application Service Mesh as inventory hosts
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Lists the meshes of one or more projects in Huawei Cloud's Application Service Mesh (ASM) and adds a host for each mesh.
  - The playbooks of this collection use such hosts as targets, for example with C(-e huaweicloud_hosts=asm_meshes).
  - All hosts have a local connection, because the modules send their requests from the control node.
  - The name of the inventory file must end with C(meshes.yml) or C(meshes.yaml), or begin with C(huaweicloud) and end with C(.yml) or C(.yaml).
  - Each host has the variables C(region), C(project_id), C(project_name), C(mesh_id), C(mesh_name), C(mesh_phase), C(mesh_version), C(mesh_type),
    C(mesh_clusters) (IDs of clusters) and C(mesh_created_at). Unknown values are not set. C(project_name) is not set if O(project_id) is set.
  - Each host is in the group C(asm_meshes) and in groups for its facts, C(region_<region>), C(project_<ID>), C(project_<name>),
    C(phase_<phase>) and C(version_<version>). Characters that are invalid in the name of a group become underscores.
  - Neither the host variables nor the cache contain credentials or tokens.
extends_documentation_fragment:
  - community.huaweicloud.connection
  - constructed
  - inventory_cache
options:
  plugin:
    description:
      - Name of this plugin.
    type: str
    required: true
    choices: [community.huaweicloud.meshes]
  projects:
    description:
      - The projects to list. Each entry contains connection options, which have the same names as those of this plugin.
      - If an entry does not set an option, the option of the file applies. If neither of them sets an option, the environment variables apply, as for
        the modules.
      - Related options must come from the same source. If an entry sets O(project_id) or O(project_name), neither of them applies from the file.
        The same rule applies to all options of credentials, and to O(client_cert) with O(client_key).
      - As an exception, an entry that sets only one of O(credentials_file) and O(profile) uses the other one from the file. Entries can therefore
        select different profiles of one O(credentials_file).
      - An entry with only O(region) lists the main project of the region, unless a project is set in the file or in the environment.
      - Two entries for the same project are an error.
      - By default, the plugin lists the project that the options of the file and the environment variables select.
    type: list
    elements: dict
  hostname:
    description:
      - Jinja2 expression for the name of a host, as in O(compose). It can use all host variables of the plugin.
      - If several hosts would have the same name, the first 8 characters of the mesh ID are appended to each of these names, or the whole ID if these
        characters are equal as well.
    type: str
    default: mesh_name
  strict:
    description:
      - Whether the inventory source fails if the meshes of a project cannot be listed. By default, the plugin prints a warning with the name of the
        project, and omits its hosts from the inventory. It does not write incomplete inventories to the cache.
      - The source always fails if an option is invalid, or if no project can be listed.
      - A source that fails adds no hosts.
      - This option also applies to O(compose), O(groups) and O(keyed_groups). With V(true), an expression that fails is an error.
        Otherwise, the plugin omits the variable or the group.
    type: bool
    default: false
notes:
  - The descriptions of the connection options mention task options. For this plugin, these are the options in the inventory file.
    C(module_defaults) do not apply.
  - Connection options and O(projects) can contain templates. These templates can use extra variables and lookups, but no other variables.
  - By default, Ansible continues without an inventory source that fails. Set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to V(true), or
    C(any_unparsed_is_failed) in the section C(inventory) of C(ansible.cfg), so that the command fails instead.
seealso:
  - module: community.huaweicloud.asm_mesh_info
"""

EXAMPLES = r"""
# A file with only the next line lists the project in the environment variables, for example HW_REGION_NAME and HW_PROJECT_NAME.
plugin: community.huaweicloud.meshes

# Fail if one of the projects cannot be listed.
strict: true

# Without projects, these options define the only project. With projects, they apply to all entries that do not set them.
access_key: "{{ lookup('ansible.builtin.env', 'SHOP_ACCESS_KEY') }}"
secret_key: "{{ lookup('ansible.builtin.env', 'SHOP_SECRET_KEY') }}"

projects:
  - region: eu-de
    project_name: eu-de_shop
  - region: eu-nl
    project_id: 0123456789abcdef0123456789abcdef
  # The main project of a region in another account
  - region: eu-west-101
    access_key: "{{ lookup('ansible.builtin.env', 'BANK_ACCESS_KEY') }}"
    secret_key: "{{ lookup('ansible.builtin.env', 'BANK_SECRET_KEY') }}"

hostname: mesh_name ~ '.' ~ region
compose:
  desired_state_file: "'desired_state/' ~ mesh_name ~ '.yml'"
groups:
  production: mesh_name is match('prod-')
keyed_groups:
  - key: mesh_clusters
    prefix: cluster

cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/cache/ansible/inventory
cache_timeout: 600
"""

import os
import re
import typing as t

from ansible import constants as C
from ansible import template as ansible_template
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.plugin_utils._inventory_snapshot import all_or_nothing
from ansible_collections.community.huaweicloud.plugins.plugin_utils._mesh_inventory import (
    ALL_MESHES,
    RENDERED_OPTIONS,
    Listing,
    Project,
    build_variables,
    compute_digest,
    list_groups,
    list_projects,
    make_unique_names,
    normalize_options,
    read_projects,
)

_FILE_NAME = re.compile(r"(?:.*meshes|huaweicloud.*)\.ya?ml")
# Text without the delimiters of templates.
_WITHOUT_TEMPLATES = re.compile(r"[\w .:/@+-]*")
_DEFAULT_HOSTNAME = "mesh_name"


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "community.huaweicloud.meshes"

    def verify_file(self, path: str) -> bool:
        """Return whether the file is readable and has a name for this plugin."""
        if not super().verify_file(path):
            return False
        is_valid = _FILE_NAME.fullmatch(os.path.basename(path)) is not None
        if not is_valid:
            self.display.vvv(f"Skipping '{path}': its name must end with meshes.yml or begin with huaweicloud")
        return is_valid

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Render and validate the options of the file before Ansible converts their types."""
        if direct is not None:
            direct = self._render(direct)
            known = C.config.get_configuration_definitions(self.plugin_type, self._load_name)
            self._own_options = normalize_options(_to_plain(direct), known)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add a host for each mesh to the inventory."""
        super().parse(inventory, loader, path, cache)
        try:
            self._read_config_data(path)
            projects = read_projects(self._own_options, os.environ)
            listings = self._get_listings(projects, path, cache)
            with all_or_nothing(self.inventory):
                self._add_hosts(listings)
        except OptionError as error:
            raise AnsibleParserError(f"{path}: {error}") from None

    def _render(self, config: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return the configuration with rendered templates in the options that may contain secrets and addresses."""
        self.templar.available_variables = self._vars
        rendered = dict(config)
        for name in RENDERED_OPTIONS & rendered.keys():
            try:
                rendered[name] = self.templar.template(rendered[name])
            except AnsibleError as error:
                raise OptionError(f"{name} contains a template that cannot be rendered: {error}") from None
        return rendered

    def _get_listings(self, projects: t.Sequence[Project], path: str, use_cache: bool) -> list[Listing]:
        """Return the lists from the cache if they belong to exactly these projects, or else from the services."""
        if not self.get_option("cache"):
            return self._list(projects)[0]
        key, digest = self.get_cache_key(path), compute_digest(projects)
        if use_cache and digest:
            cached = self._read_cache(key)
            if cached.get("digest") == digest:
                return [Listing(**listing) for listing in cached["listings"]]
        listings, is_complete = self._list(projects)
        if is_complete and digest:
            self._cache[key] = {"digest": digest, "listings": [listing._asdict() for listing in listings]}
        return listings

    def _read_cache(self, key: str) -> dict[str, t.Any]:
        try:
            cached = self._cache[key]
        except KeyError:
            # The key is not in the cache, or its value has expired.
            return {}
        return cached if isinstance(cached, dict) else {}

    def _list(self, projects: t.Sequence[Project]) -> tuple[list[Listing], bool]:
        """Return the lists of the projects, and whether no project is missing."""
        listings = list_projects(projects, os.environ)
        for text in listings.warnings:
            self.display.warning(text)
        failures = listings.failures
        must_fail = self.get_option("strict") or not listings.complete
        if failures and (must_fail or any(failure.is_permanent for failure in failures)):
            raise AnsibleParserError("\n".join(failure.message for failure in failures))
        for failure in failures:
            self.display.warning(f"The hosts of a project are missing from the inventory. {failure.message}")
        return listings.complete, not failures

    def _add_hosts(self, listings: t.Sequence[Listing]) -> None:
        hosts = [
            {name: _mark_trust(value) for name, value in build_variables(listing, mesh).items()}
            for listing in listings
            for mesh in listing.meshes
        ]
        names = make_unique_names(
            [self._make_name(variables) for variables in hosts], [variables["mesh_id"] for variables in hosts]
        )
        self.inventory.add_group(ALL_MESHES)
        for name, variables in zip(names, hosts):
            self._add_host(name, variables)

    def _make_name(self, variables: dict[str, t.Any]) -> str:
        expression = self.get_option("hostname") or _DEFAULT_HOSTNAME
        mesh = f"mesh '{variables['mesh_name']}' ({variables['mesh_id']})"
        try:
            name = variables.get(expression) or self._compose(expression, variables)
        except AnsibleError as error:
            raise OptionError(f"hostname cannot be evaluated for {mesh}: {error}") from None
        if not isinstance(name, (str, int)) or not str(name).strip():
            raise OptionError(f"hostname is not text for {mesh}", hint="Set it to an expression, for example mesh_name")
        if "{" in str(name):
            # In a play, inventory_hostname would be a template.
            raise OptionError(f"The host name of {mesh} contains '{{'", hint="Set another hostname")
        return str(name)

    def _add_host(self, name: str, variables: dict[str, t.Any]) -> None:
        self.inventory.add_host(name)
        for variable, value in {**variables, **_local_connection()}.items():
            self.inventory.set_variable(name, variable, value)
        for group in list_groups(variables):
            self.inventory.add_host(name, group=self.inventory.add_group(_make_safe(group)))
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _local_connection() -> dict[str, str]:
    """Return the variables that run modules on the control node with the Python of Ansible."""
    return {
        "ansible_connection": _trust("local"),
        "ansible_python_interpreter": _trust("{{ ansible_playbook_python }}"),
    }


def _trust(value: str) -> str:
    """Return a text that Ansible may render as a template. In ansible-core 2.18, this applies to every text."""
    trust: t.Any = getattr(ansible_template, "trust_as_template", None)
    return value if trust is None else trust(value)


def _make_safe(group: str) -> str:
    return to_safe_group_name(group, force=True, silent=True)


def _mark_trust(value: t.Any) -> t.Any:
    """Return a value of the service such that Ansible never renders it as a template.

    Trust text without delimiters of templates, because ansible-inventory prints any other text as a mapping, which AWX stores.
    """
    if isinstance(value, list):
        return [_mark_trust(entry) for entry in value]
    if not isinstance(value, str):
        return value
    return _trust(value) if _WITHOUT_TEMPLATES.fullmatch(value) else wrap_var(value)


def _to_plain(value: t.Any) -> t.Any:
    """Return a rendered value without the text types of the controller. Vaulted values are decrypted."""
    if isinstance(value, t.Mapping):
        return {str(key): _to_plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(entry) for entry in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
