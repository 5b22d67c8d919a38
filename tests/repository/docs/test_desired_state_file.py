# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reference of the desired-state file lists what its loader accepts, and its examples are loaded."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import ITEM_WAIT
from ansible_collections.community.huaweicloud.plugins.module_utils._resources.registry import RESOURCE_TYPES
from ansible_collections.community.huaweicloud.plugins.plugin_utils import _desired_state, _desired_state_file
from guide_tables import Guide, is_default, literals, type_words

ROOT = Path(__file__).resolve().parents[3]
GUIDE = Guide("desired_state_file")
KEYS = "Keys of the file"
ITEMS = "Items"
MODULES = {
    "meshes": "asm_mesh",
    "workspaces": "modelarts_workspace",
    "workshops": "asm_workshop",
    "releases": "asm_release",
}
LISTS = {kind.plural: {"type": "list", "elements": "dict", "default": []} for kind in RESOURCE_TYPES}
MAPPINGS = {name: {"type": "dict", "default": {}} for name in ("options", "prune", "services")}
MESH = {name: {"type": "str"} for name in ("mesh_id", "mesh_name")}
# The page explains the choices of an option in its meaning.
OPTIONS = {name: {**spec, "shows_choices": False} for name, spec in _desired_state.OPTIONS.items()}
PRUNE = {kind.plural: {"type": "list", "elements": "str", "default": []} for kind in RESOURCE_TYPES}

Spec = t.Mapping[str, t.Mapping[str, t.Any]]


def item_keys(kind: t.Any) -> set[str]:
    return {*kind.arguments.argument_spec, *ITEM_WAIT.argument_spec}


def load(path: Path) -> dict[str, t.Any]:
    loader = DataLoader()
    return _desired_state_file.load(str(path), loader, Templar(loader=loader, variables={}), {})


@pytest.mark.parametrize(
    ("section", "header", "specs"),
    [
        (KEYS, "key", {**MESH, **LISTS, **MAPPINGS}),
        ("Options", "option", OPTIONS),
        ("Deletion", "key of ``prune``", PRUNE),
    ],
    ids=["file", "options", "prune"],
)
def test_keys_types_and_defaults(section: str, header: str, specs: Spec) -> None:
    rows = GUIDE.by_name(section, header)
    assert sorted(rows) == sorted(specs)
    assert {name: rows[name][1] for name in specs} == {name: type_words(spec) for name, spec in specs.items()}
    assert [name for name, spec in specs.items() if not is_default(rows[name][2], spec.get("default"))] == []


def test_keys_are_those_of_the_loader() -> None:
    assert sorted({**MESH, **LISTS, **MAPPINGS}) == sorted(_desired_state.KEYS)


@pytest.mark.parametrize("name", ["detect_changes.yml", "apply.yml"])
def test_playbooks_use_every_list(name: str) -> None:
    """A list that a playbook does not pass on would be valid and have no effect."""
    tasks = (ROOT / "playbooks" / "tasks" / name).read_text(encoding="utf-8")
    assert set(LISTS) == set(re.findall(r"(?:loaded|checked)_desired_state\.(\w+) \| default\(\[\], true\)", tasks))


def test_choices_are_explained() -> None:
    rows = GUIDE.by_name("Options", "option")
    for name, spec in OPTIONS.items():
        assert set(spec.get("choices", [])) <= set(literals(rows[name][3])), name


def test_modules_and_states_of_items() -> None:
    rows = GUIDE.by_name(ITEMS, "list")
    assert list(rows) == [kind.plural for kind in RESOURCE_TYPES]
    for kind in RESOURCE_TYPES:
        _name, module, states = rows[kind.plural]
        spec = kind.arguments.argument_spec["state"]
        assert module == f":ansplugin:`community.huaweicloud.{MODULES[kind.plural]}#module`"
        assert literals(states) == spec["choices"]
        assert spec["choices"][0] == spec["default"]


def test_keys_that_modules_do_not_have() -> None:
    """The only such keys are those of the gray Deployments; the others differ in their defaults."""
    release = next(kind for kind in RESOURCE_TYPES if kind.kind_name == "release").arguments.argument_spec
    added = set(_desired_state._GRAY_DEPLOYMENTS["options"]) - set(release["gray_deployments"]["options"])
    named = set(GUIDE.by_name(ITEMS, "key of an item"))
    assert added <= named
    assert named - added <= set().union(*map(item_keys, RESOURCE_TYPES))
    assert set(ITEM_WAIT.argument_spec) <= named


class TestExamples:
    def test_complete_example_is_valid_and_has_all_keys(self, tmp_path: Path) -> None:
        shop, template = GUIDE.code_blocks("Complete example", "yaml")
        (tmp_path / "shop.yml").write_text(shop, encoding="utf-8")
        (tmp_path / "cart-v2.yaml").write_text(template, encoding="utf-8")
        written = yaml.safe_load(shop)
        assert {*written, "mesh_id"} == set(_desired_state.KEYS)
        assert set(written["options"]) == set(OPTIONS)
        assert load(tmp_path / "shop.yml")["releases"][1]["gray_deployments"][0]["template"] == template

    def test_mistakes_are_reported_as_documented(self, tmp_path: Path) -> None:
        text, messages = GUIDE.code_blocks("Validation and errors", "text")
        path = tmp_path / "shop.yml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(_desired_state_file.InvalidFile) as caught:
            load(path)
        assert str(caught.value).replace(f"{path}:", "shop.yml:") == messages.rstrip("\n")

    def test_largest_template_file(self) -> None:
        assert f"at most {_desired_state_file.MAX_BYTES // 1024**2} MiB" in GUIDE.sections()["Paths and lookups"]
