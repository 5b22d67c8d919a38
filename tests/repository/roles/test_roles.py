# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles say of themselves in four places: argument specs, defaults, tasks and README; and what the modules say of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION, REDACT
from ansible_collections.community.huaweicloud.plugins.modules import asm_release, asm_workshop, modelarts_workspace

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[3]
ROLES = ROOT / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
MODULES = {"workspaces": modelarts_workspace, "workshops": asm_workshop, "releases": asm_release}
# An entry of the list may leave these to the role.
MESH = ("mesh_id", "mesh_name")
WAIT = ("wait", "wait_timeout", "wait_interval")


def load(role, *place):
    return yaml.safe_load((ROLES / role).joinpath(*place).read_text(encoding="utf-8"))


def options(role):
    """The variables of a role, from its argument specs."""
    return load(role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]


def entries(role):
    """The options of one entry of the role's list."""
    return options(role)[f"{role}_list"]["options"]


def readme(role):
    return (ROLES / role / "README.md").read_text(encoding="utf-8")


def table_rows(text):
    """The rows of all tables as lists of their cells."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named_in_tables(text):
    """What the first columns of the tables name, in backticks."""
    return [name for row in table_rows(text) for name in re.findall(r"`(\w+)`", row[0])]


def plain(spec):
    """An option without prose, with what a module spec leaves out."""
    rest = {key: value for key, value in spec.items() if key not in ("description", "options", "no_log")}
    inner = {name: plain(option) for name, option in spec.get("options", {}).items()}
    return {"type": "str", **rest, **({"options": inner} if inner else {})}


def module_options(role):
    spec = MODULES[role].TASK.arguments.argument_spec
    return {
        name: option
        for name, option in spec.items()
        if name not in {**CONNECTION.argument_spec, **REDACT.argument_spec}
    }


def module_call(role):
    """The options the role hands to apply."""
    (call,) = (
        task["community.huaweicloud.apply"]
        for task in load(role, "tasks", "main.yml")
        if "community.huaweicloud.apply" in task
    )
    # The roles always redact. The variable huaweicloud_redact switches that off.
    return {name: value for name, value in call.items() if (name, value) != ("redact", True)}


def validated(role):
    """The specifications of the variables that the role validates itself."""
    return load(role, "tasks", "main.yml")[0]["community.huaweicloud.validate_variables"]["variables"]


def test_every_role_is_here():
    assert ["emulator", *sorted(MODULES)] == NAMES


@pytest.mark.parametrize("role", MODULES)
class TestEntries:
    def test_options_are_those_of_the_module(self, role):
        """Names, types, elements, choices, defaults, what is required, and all of it below; connection options do not belong into a list."""
        module = {name: plain(option) for name, option in module_options(role).items()}
        defaults = {f"{role}_{name}": module[name].pop("default") for name in WAIT}
        assert {name: plain(option) for name, option in entries(role).items()} == module
        assert {name: option["default"] for name, option in options(role).items() if name in defaults} == defaults

    def test_what_entries_may_leave_to_the_role(self, role):
        """Of the same type, and a mesh that is not set is empty. Wait options can be blank, so the role itself checks their types."""
        module = {
            f"{role}_{name}": plain(option) for name, option in module_options(role).items() if name in MESH + WAIT
        }
        shared = {name: plain(option) for name, option in options(role).items() if name != f"{role}_list"}
        meshes = {f"{role}_{name}" for name in MESH} & set(module)
        checked = validated(role)
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
        option = options(role)[f"{role}_list"]
        assert (option["type"], option["default"], "elements" in option) == ("raw", [], False)
        assert validated(role)[f"{role}_list"] == {"type": "list", "elements_of": role, "default": []}

    def test_no_secret_is_among_them(self, role):
        assert [name for name, option in module_options(role).items() if option.get("no_log")] == []

    def test_every_variable_is_handed_over(self, role):
        """As it is. What has no variable of the role is left to module_defaults, which can not reach an option that is given or omitted."""
        values = {name: name for name in options(role)}
        values.update({name: f"{role}_settings.variables.{name}" for name in validated(role)})
        # Items can contain secrets, so the result of the validation does not have them.
        values[f"{role}_list"] = f"__{role}_items"
        assert module_call(role) == {
            variable.partition("_")[2].replace("list", role): f"{{{{ {value} }}}}" for variable, value in values.items()
        }

    def test_every_option_is_described(self, role):
        assert all(option["description"] for option in [*options(role).values(), *entries(role).values()])

    def test_readme_names_each_of_them(self, role):
        text = readme(role)
        intro = text[text.index("Required in an item") : text.index("Optional:")]
        named = set(named_in_tables(text)) | set(re.findall(r"`(\w+)", intro))
        # The tables also have what the role itself takes and leaves.
        assert named - set(options(role)) - {f"{role}_result", f"{role}_actions"} == set(entries(role))

    def test_readme_tells_required_ones_from_the_others(self, role):
        text = readme(role)
        optional = set(named_in_tables(text[text.index("Optional:") :]))
        required = {name for name, option in entries(role).items() if option.get("required")}
        assert required & optional == set()
        intro = text[text.index("Required in an item") : text.index("Optional:")]
        assert required <= set(re.findall(r"`(\w+)`", intro))

    def test_readme_has_the_defaults(self, role):
        rows = {name: row for row in table_rows(readme(role)) for name in re.findall(r"`(\w+)`", row[0])}
        for name, option in entries(role).items():
            default = option.get("default")
            if default is None or isinstance(default, list):
                continue
            assert str(default).lower() in re.findall(r"\w+", rows[name][2].lower()), name

    def test_readme_has_the_choices(self, role):
        rows = {name: row for row in table_rows(readme(role)) for name in re.findall(r"`(\w+)`", row[0])}
        choices = {name: option["choices"] for name, option in entries(role).items() if "choices" in option}
        assert {name: re.findall(r"`(\w+)`", rows[name][1]) for name in choices} == choices

    def test_facts_are_those_of_the_readme(self, role):
        fact = load(role, "tasks", "main.yml")[-1]["ansible.builtin.set_fact"]
        text = readme(role)
        assert list(fact) == [f"{role}_result", f"{role}_actions"]
        assert named_in_tables(text[text.index("## Facts") :]) == list(fact)


@pytest.mark.parametrize("role", NAMES)
class TestVariables:
    def test_defaults_are_those_of_the_argument_specs(self, role):
        assert load(role, "defaults", "main.yml") == {
            name: option["default"] for name, option in options(role).items() if "default" in option
        }

    def test_the_role_validates_all_of_them(self, role):
        """Ansible itself refuses blank values of all types but raw."""
        assert {name: option["default"] for name, option in options(role).items()} == {
            name: spec["default"] for name, spec in validated(role).items()
        }
        assert {option["type"] for option in options(role).values()} == {"raw"}
        assert [name for name, option in options(role).items() if "choices" in option] == []

    def test_nothing_is_required(self, role):
        assert [name for name, option in options(role).items() if "default" not in option] == []

    def test_prefix(self, role):
        named = {*options(role), *load(role, "defaults", "main.yml")}
        for path in (ROLES / role / "tasks").glob("*.yml"):
            for task in flattened(yaml.safe_load(path.read_text(encoding="utf-8"))):
                named |= variables_made(task)
        inner = {*(load(role, "vars", "main.yml") if (ROLES / role / "vars").is_dir() else {})}
        assert all(name.startswith(f"__{role}_") for name in inner)
        assert [name for name in named if not re.match(rf"(__)?{role}_", name)] == []

    def test_readme_names_them(self, role):
        assert set(options(role)) <= set(named_in_tables(readme(role)))

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

    def test_loops_say_what_they_are_about(self, role):
        """Results of a loop hold all of an entry, so the label has to be short."""
        for path in (ROLES / role / "tasks").glob("*.yml"):
            for task in flattened(yaml.safe_load(path.read_text(encoding="utf-8"))):
                assert "loop" not in task or {"loop_var", "label"} <= set(task["loop_control"]), task["name"]

    def test_readme_has_an_example(self, role):
        plays = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", readme(role), re.DOTALL)]
        assert any(f"community.huaweicloud.{role}" in str(play) for play in plays)


def flattened(tasks):
    for task in tasks:
        yield task
        for key in ("block", "rescue", "always"):
            yield from flattened(task.get(key, []))


def variables_made(task):
    made = {task.get("register"), task.get("loop_control", {}).get("loop_var")} - {None}
    return made | set(task.get("vars", {})) | set(task.get("ansible.builtin.set_fact", {}))
