# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specs, defaults, tasks and READMEs of the roles agree with each other and with the modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, KUBERNETES, REDACT
from ansible_collections.community.huaweicloud.plugins.module_utils._traffic.settings import variable_for
from ansible_collections.community.huaweicloud.plugins.modules import asm_release, asm_workshop, modelarts_workspace

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[3]
ROLES = ROOT / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
MODULES = {"workspaces": modelarts_workspace, "workshops": asm_workshop, "releases": asm_release}
# The role has variables for these options of an entry.
MESH = ("mesh_id", "mesh_name")
WAIT = ("wait", "wait_timeout", "wait_interval")


def load(role, *parts):
    return yaml.safe_load((ROLES / role).joinpath(*parts).read_text(encoding="utf-8"))


def load_options(role):
    """Return the variables of a role from its argument specs."""
    return load(role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]


def load_entry_options(role):
    """Return the options of one entry of the list of a role."""
    return load_options(role)[f"{role}_list"]["options"]


def read_readme(role):
    return (ROLES / role / "README.md").read_text(encoding="utf-8")


def read_table_rows(text):
    """Return the rows of all tables as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def list_names_in_tables(text):
    """Return the names in backticks in the first columns of the tables."""
    return [name for row in read_table_rows(text) for name in re.findall(r"`(\w+)`", row[0])]


def normalize_option(spec):
    """Return an option without descriptions and with the default type."""
    rest = {key: value for key, value in spec.items() if key not in ("description", "options", "no_log")}
    inner = {name: normalize_option(option) for name, option in spec.get("options", {}).items()}
    return {"type": "str", **rest, **({"options": inner} if inner else {})}


def list_module_options(role):
    spec = MODULES[role].TASK.arguments.argument_spec
    return {
        name: option
        for name, option in spec.items()
        if name not in {**CONNECTION.argument_spec, **REDACT.argument_spec}
    }


def load_apply_options(role):
    """Return the options that the role passes to apply."""
    (call,) = (
        task["community.huaweicloud.apply"]
        for task in load(role, "tasks", "main.yml")
        if "community.huaweicloud.apply" in task
    )
    # The roles always redact. The variable huaweicloud_redact switches that off.
    return {name: value for name, value in call.items() if (name, value) != ("redact", True)}


def load_validated_variables(role):
    """Return the specifications of the variables that the role validates."""
    return load(role, "tasks", "main.yml")[0]["community.huaweicloud.validate_variables"]["variables"]


def test_every_role_is_tested():
    assert sorted(["canary", "emulator", *MODULES]) == NAMES


@pytest.mark.parametrize("role", MODULES)
class TestEntries:
    def test_options_are_those_of_the_module(self, role):
        """They have the same names, types, elements, choices, and defaults on all levels. Entries have no connection options."""
        module = {name: normalize_option(option) for name, option in list_module_options(role).items()}
        defaults = {f"{role}_{name}": module[name].pop("default") for name in WAIT}
        assert {name: normalize_option(option) for name, option in load_entry_options(role).items()} == module
        assert {name: option["default"] for name, option in load_options(role).items() if name in defaults} == defaults

    def test_role_has_variables_for_shared_options(self, role):
        """The types are equal, and the mesh is empty by default. Wait options can be blank, so the role checks their types."""
        module = {
            f"{role}_{name}": normalize_option(option)
            for name, option in list_module_options(role).items()
            if name in MESH + WAIT
        }
        shared = {
            name: normalize_option(option) for name, option in load_options(role).items() if name != f"{role}_list"
        }
        meshes = {f"{role}_{name}" for name in MESH} & set(module)
        checked = load_validated_variables(role)
        for name in WAIT:
            assert checked[f"{role}_{name}"] == {
                **module[f"{role}_{name}"],
                **({} if name == "wait" else {"positive": True}),
            }
            module[f"{role}_{name}"]["type"] = "raw"
        assert shared == {
            name: {"type": "raw", "default": ""} if name in meshes else option for name, option in module.items()
        }

    def test_list_is_validated_by_the_role_only(self, role):
        """Ansible refuses a blank list, and its messages about elements have no index."""
        option = load_options(role)[f"{role}_list"]
        assert (option["type"], option["default"], "elements" in option) == ("raw", [], False)
        assert load_validated_variables(role)[f"{role}_list"] == {"type": "list", "elements_of": role, "default": []}

    def test_entries_have_no_secret_options(self, role):
        assert [name for name, option in list_module_options(role).items() if option.get("no_log")] == []

    def test_every_variable_is_handed_over(self, role):
        """Options without a variable are omitted from the task, so that module_defaults can set them."""
        values = {name: name for name in load_options(role)}
        values.update({name: f"__{role}_settings.{name}" for name in load_validated_variables(role)})
        # Items can contain secrets, so the result of the validation does not have them.
        in_mesh = f"{role}_mesh_id" in values
        values[f"{role}_list"] = f"__{role}_items{' | default(omit, true)' if in_mesh else ''}"
        assert load_apply_options(role) == {
            variable.partition("_")[2].replace("list", role): f"{{{{ {value} }}}}" for variable, value in values.items()
        }

    def test_every_option_is_described(self, role):
        assert all(
            option["description"] for option in [*load_options(role).values(), *load_entry_options(role).values()]
        )

    def test_readme_lists_each_option(self, role):
        text = read_readme(role)
        intro = text[text.index("Required in an item") : text.index("Optional:")]
        named = set(list_names_in_tables(text)) | set(re.findall(r"`(\w+)", intro))
        # The tables also have what the role itself takes and leaves.
        assert named - set(load_options(role)) - {f"{role}_result", f"{role}_actions"} == set(load_entry_options(role))

    def test_readme_marks_required_options(self, role):
        text = read_readme(role)
        optional = set(list_names_in_tables(text[text.index("Optional:") :]))
        required = {name for name, option in load_entry_options(role).items() if option.get("required")}
        assert required & optional == set()
        intro = text[text.index("Required in an item") : text.index("Optional:")]
        assert required <= set(re.findall(r"`(\w+)`", intro))

    def test_readme_has_the_defaults(self, role):
        rows = {name: row for row in read_table_rows(read_readme(role)) for name in re.findall(r"`(\w+)`", row[0])}
        for name, option in load_entry_options(role).items():
            default = option.get("default")
            if default is None or isinstance(default, list):
                continue
            assert str(default).lower() in re.findall(r"\w+", rows[name][2].lower()), name

    def test_readme_has_the_choices(self, role):
        rows = {name: row for row in read_table_rows(read_readme(role)) for name in re.findall(r"`(\w+)`", row[0])}
        choices = {name: option["choices"] for name, option in load_entry_options(role).items() if "choices" in option}
        assert {name: re.findall(r"`(\w+)`", rows[name][1]) for name in choices} == choices

    def test_facts_are_those_of_the_readme(self, role):
        fact = load(role, "tasks", "main.yml")[-1]["ansible.builtin.set_fact"]
        text = read_readme(role)
        assert list(fact) == [f"{role}_result", f"{role}_actions"]
        assert list_names_in_tables(text[text.index("## Facts") :]) == list(fact)


@pytest.mark.parametrize("role", NAMES)
class TestVariables:
    def test_defaults_are_those_of_the_argument_specs(self, role):
        assert load(role, "defaults", "main.yml") == {
            name: option["default"] for name, option in load_options(role).items() if "default" in option
        }

    def test_role_validates_all_variables(self, role):
        """Ansible itself refuses blank values of all types but raw."""
        assert {name: option["default"] for name, option in load_options(role).items()} == {
            name: spec["default"] for name, spec in load_validated_variables(role).items()
        }
        assert {option["type"] for option in load_options(role).values()} == {"raw"}
        assert [name for name, option in load_options(role).items() if "choices" in option] == []

    def test_nothing_is_required(self, role):
        assert [name for name, option in load_options(role).items() if "default" not in option] == []

    def test_prefix(self, role):
        named = {*load_options(role), *load(role, "defaults", "main.yml")}
        for path in (ROLES / role / "tasks").glob("*.yml"):
            for task in flattened(yaml.safe_load(path.read_text(encoding="utf-8"))):
                named |= variables_made(task)
        inner = {*(load(role, "vars", "main.yml") if (ROLES / role / "vars").is_dir() else {})}
        assert all(name.startswith(f"__{role}_") for name in inner)
        assert [name for name in named if not re.match(rf"(__)?{role}_", name)] == []

    def test_readme_lists_all_variables(self, role):
        assert set(load_options(role)) <= set(list_names_in_tables(read_readme(role)))

    def test_meta(self, role):
        galaxy = load(role, "meta", "main.yml")["galaxy_info"]
        assert (galaxy["role_name"], galaxy["namespace"], load(role, "meta", "main.yml")["dependencies"]) == (
            role,
            "community",
            [],
        )
        requires = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
        assert requires.startswith(f">={galaxy['min_ansible_version']}.")

    def test_tasks_have_names(self, role):
        for path in (ROLES / role / "tasks").glob("*.yml"):
            for task in flattened(yaml.safe_load(path.read_text(encoding="utf-8"))):
                assert re.match(r"[A-Z]", task["name"]), path

    def test_loops_have_labels(self, role):
        """Results of a loop hold all of an entry, so the label has to be short."""
        for path in (ROLES / role / "tasks").glob("*.yml"):
            for task in flattened(yaml.safe_load(path.read_text(encoding="utf-8"))):
                assert "loop" not in task or {"loop_var", "label"} <= set(task["loop_control"]), task["name"]

    def test_readme_has_an_example(self, role):
        plays = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", read_readme(role), re.DOTALL)]
        assert any(f"community.huaweicloud.{role}" in str(play) for play in plays)


def flattened(tasks):
    for task in tasks:
        yield task
        for key in ("block", "rescue", "always"):
            yield from flattened(task.get(key, []))


def variables_made(task):
    made = {task.get("register"), task.get("loop_control", {}).get("loop_var")} - {None}
    return made | set(task.get("vars", {})) | set(task.get("ansible.builtin.set_fact", {}))


def test_emulator_blanks_other_kubernetes_variables():
    """README: all other variables are blank, so that settings of a real cluster are not combined with the emulator."""
    headers = KUBERNETES.argument_spec["proxy_headers"]["options"]
    options = KUBERNETES.argument_spec.keys() - {"proxy_headers", "connect_timeout", "read_timeout"}
    known = {*map(variable_for, options), *(f"K8S_AUTH_PROXY_HEADERS_{name.upper()}" for name in headers)}
    facts = load("emulator", "tasks", "facts.yml")[1]["ansible.builtin.set_fact"]["emulator_environment"]
    found = {name: value for name, value in facts.items() if name.startswith("K8S_AUTH_")}
    assert found.keys() == known
    assert {name for name, value in found.items() if value != ""} == {"K8S_AUTH_HOST"}
