# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.plugin_utils._variables import (
    SETTINGS,
    convert,
    find_problems,
    read,
)

ROOT = Path(__file__).resolve().parents[4]
SPECS = {
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 600, "positive": True},
    "kinds": {"type": "list", "elements": "str", "default": ["a"]},
    "connection": {"type": "dict", "no_log": True},
    "end": {"type": "str", "choices": ["canceled", "promoted"], "default": "canceled"},
    "mode": {"type": "str", "default": "0600", "file_mode": True},
    "file": {"type": "str", "required": True, "example": "shop.yml"},
}
GOOD = {"file": "a.yml"}


class Loader(yaml.SafeLoader):
    """Read the tags of Ansible as plain values."""


Loader.add_multi_constructor("!", lambda loader, tag, node: node.value)


def validate(**variables):
    values = read(SPECS, variables, lambda value: value)
    return find_problems(SPECS, values) or convert(SPECS, values)


def read_specifications():
    """Return the variables of all calls of validate_variables in playbooks and roles, by path."""
    paths = [*(ROOT / "playbooks").rglob("*.yml"), *(ROOT / "roles").glob("*/tasks/*.yml")]
    return {
        str(path.relative_to(ROOT)): task["community.huaweicloud.validate_variables"]["variables"]
        for path in paths
        for task in iterate_tasks(yaml.load(path.read_text(encoding="utf-8"), Loader=Loader))
        if "community.huaweicloud.validate_variables" in task
    }


def iterate_tasks(entries):
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield entry
            for part in ("tasks", "block"):
                yield from iterate_tasks(entry.get(part))


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blank_variable_has_its_default(blank):
    assert validate(**{**dict.fromkeys(SPECS, blank), **GOOD}) == {
        "wait": True,
        "timeout": 600.0,
        "kinds": ["a"],
        "end": "canceled",
        "mode": "0600",
        "file": "a.yml",
    }


@pytest.mark.parametrize("blank", [None, ""])
@pytest.mark.parametrize("path", read_specifications())
def test_blank_variable_of_any_playbook_has_its_default(path, blank):
    specs = read_specifications()[path]
    optional = {name: spec for name, spec in specs.items() if not spec.get("required")}
    values = read(optional, dict.fromkeys(optional, blank), lambda value: value)
    assert find_problems(optional, values) == []
    assert values == {name: spec.get("default") for name, spec in optional.items()}


def test_values_are_converted():
    assert validate(**GOOD, wait="no", timeout="7", kinds=["x"], end="promoted", mode=0o640) == {
        "wait": False,
        "timeout": 7.0,
        "kinds": ["x"],
        "end": "promoted",
        "mode": "0640",
        "file": "a.yml",
    }


@pytest.mark.parametrize(
    "variables, problem",
    [
        ({"connection": "region: eu-de"}, "connection must be a mapping, it is text"),
        ({"connection": '{"region": "eu-de"}'}, "connection must be a mapping, it is text"),
        ({"kinds": "a,b"}, "kinds must be a list, it is text"),
        ({"wait": "maybe"}, "wait must be true or false, it is text"),
        ({"timeout": "10m"}, "timeout must be a number, it is text"),
        ({"timeout": 0}, "timeout must be greater than 0"),
        ({"timeout": "inf"}, "timeout must be greater than 0"),
        ({"timeout": 1e9}, "timeout must be at most 100000000"),
        ({"end": "absent"}, "end must be one of canceled, promoted"),
        ({"mode": "rw-r--r--"}, "mode must be a file mode, for example '0640' or u=rw,g=r"),
        ({"mode": True}, "mode must be a file mode, for example '0640' or u=rw,g=r"),
        ({"mode": 0o10000}, "mode must be a file mode, for example '0640' or u=rw,g=r"),
        ({"mode": ["0600"]}, "mode must be text, it is a list"),
        ({"file": ""}, "file is required, for example -e file=shop.yml"),
    ],
)
def test_invalid_value_is_a_problem(variables, problem):
    assert validate(**{**GOOD, **variables}) == [problem]


def test_missing_variable_of_a_target_is_one_of_the_inventory():
    found = find_problems({**SPECS, "name": {"required": True}}, {**dict.fromkeys(SPECS), "name": None}, "training")
    assert found == [
        "file is required: set it for the host training in the inventory, for example file: shop.yml",
        "name is required",
    ]


@pytest.mark.parametrize("mode", ["600", "0640", "02770", "u=rw", "u=rw,g=r,o-rwx", "+X"])
def test_file_mode_is_accepted(mode):
    assert validate(**GOOD, mode=mode)["mode"] == mode


OMIT = object()


@pytest.mark.parametrize("omit", [OMIT, "__omit_place_holder__1"])
def test_omitted_values_are_not_set(omit):
    items = [{"name": "team-a", "wait": omit, "grants": [{"user_name": "anna", "user_type": omit}, omit]}]
    specs = {"items": {"type": "list", "elements_of": "workspaces", "default": []}, "wait": SPECS["wait"]}
    values = read(specs, {"omit": omit, "items": items, "wait": omit}, lambda value: value)
    assert values == {"items": [{"name": "team-a", "grants": [{"user_name": "anna"}]}], "wait": True}
    assert find_problems(specs, values) == []
    assert convert(specs, values) == {"wait": True}


@pytest.mark.parametrize(
    "option, item, problem",
    [
        ("workspaces", "team-a", "items[1]: must be a mapping, for example {name: team-a}, it is text"),
        ("workspaces", {"name": "team-a", "port": 1}, "items[1].port: unknown key"),
        ("workshops", {"name": "demo", "mesh_name": ["m"]}, "items[1].mesh_name: must be text, it is a list"),
        ("releases", {"name": "canary"}, "items[1]: namespace is required"),
    ],
)
def test_invalid_item_is_a_problem(option, item, problem):
    specs = {"items": {"type": "list", "elements_of": option, "default": []}}
    good = {"name": "team-a", "wait": False, **({"namespace": "default"} if option == "releases" else {})}
    (found,) = find_problems(specs, {"items": [good, item]})
    assert found.startswith(problem)


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_must_be_a_boolean(name):
    def check(value):
        return find_problems(SETTINGS, read(SETTINGS, {name: value}, lambda value: value))

    assert check("maybe") == [f"{name} must be true or false, it is text"]
    assert [check(value) for value in ("no", "true", False, "", None)] == [[]] * 5


def test_all_problems_are_reported_immediately():
    assert len(validate(wait="maybe", timeout="10m", connection="x")) == 4


def test_secrets_are_not_returned():
    assert "connection" not in validate(**GOOD, connection={"secret_key": "CANARY"})


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").rglob("*.yml")), ids=lambda path: path.stem)
def test_playbooks_do_not_use_bool_filter_for_blank_values(path):
    """From ansible-core 2.23 on, the filter refuses null and empty text."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"default\((?:true|false)\)[^}\n]*\| *bool", text) == []
