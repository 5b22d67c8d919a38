# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON Schemas for editors are current, and agree with the validation of the playbooks.

Each example is changed at each of its places in many ways. For each change, the schema and the validation must both accept or both refuse
the file. LOADER_ONLY lists the rules that a schema cannot express.
"""

from __future__ import annotations

import copy
import functools
import itertools
import json
import re
import textwrap
import typing as t
from pathlib import Path

import editor_schemas
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.community.huaweicloud.plugins.module_utils._canary.rollout_mistakes import (
    find_rollout_mistakes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import Mistake
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import KEYS, validate
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import FileLoader, InvalidFile
from ansible_collections.community.huaweicloud.plugins.plugin_utils._rollout_file import RolloutFileLoader
from guide_tables import Guide
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "docsite" / "rst"
LOADERS: dict[str, type[FileLoader]] = {"desired_state": FileLoader, "rollout": RolloutFileLoader}
VALIDATIONS: dict[str, t.Callable[[t.Any], list[Mistake]]] = {
    "desired_state": validate,
    "rollout": find_rollout_mistakes,
}

DELETED = object()
VALUES: list[t.Any] = [
    DELETED,
    None,
    "",
    " ",
    "text",
    "5",
    "yes",
    5,
    -1,
    0,
    1.5,
    True,
    [],
    ["x"],
    [None],
    [{}],
    {},
    {"x": 1},
]
# Values at and below these keys have no schema.
OPEN = ("template", "headers", "cookies", "query_params", "kubeconfig")

# What only the validation refuses: patterns for its messages, with the reasons.
LOADER_ONLY = {
    "has a resource with the same name": "compares items",
    "has no mesh|needs a mesh": "depends on the inventory, which can have the mesh of the file",
    "is not among the services": "compares items with services",
    "matches the empty text": "is about the meaning of a regular expression",
    r"requires \w+$|requires window|is required: min, max": "compares options of a metric",
    "template of release|^must be a valid|lower-case letters|^must be a URL": "is about the content of text",
    "must be (greater|longer|between|at least)|must not be shorter|smaller than|or greater": "is about numbers in text",
    "pause and analysis take|has \\d+ replicas|differ from the version": "compares several keys",
    "is not the name of a metric|must have a condition|because a step analyzes": "compares several keys",
    "values from before the change|relative to a baseline|so that": "compares several keys",
    "its selector matches|has the name of the original|version-mismatch": "compares the template with the release",
}
# Ansible converts these values to numbers and lists. In a file, they are mistakes.
SCHEMA_ONLY = (True, 0)

Place = t.Tuple[t.Union[str, int], ...]


@functools.cache
def validator(name: str) -> Draft7Validator:
    schema = json.loads(editor_schemas.path_of(name).read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def load(name: str, path: Path, variables: t.Mapping[str, t.Any] | None = None) -> list[dict[str, t.Any]]:
    """Return the mistakes that a playbook reports about a file."""
    loader = DataLoader()
    try:
        LOADERS[name](str(path), loader).load(Templar(loader=loader, variables=dict(variables or {})), variables or {})
    except InvalidFile as error:
        return error.mistakes
    return []


def write(directory: Path, data: t.Any) -> Path:
    path = directory / "file.yml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def guide_example(name: str, directory: Path | None = None) -> t.Any:
    """Return the complete example of a guide. With a directory, its template is in a file there, otherwise in the data."""
    content, template = Guide(f"{name}_file").code_blocks("Complete example", "yaml")
    data = yaml.safe_load(content)
    releases = [data["release"]] if name == "rollout" else data["releases"]
    for gray in [gray for release in releases for gray in release.get("gray_deployments", [])]:
        if directory:
            (directory / gray["template_file"]).write_text(template, encoding="utf-8")
        else:
            del gray["template_file"]
            gray["template"] = yaml.safe_load(template)
    return data


def places(data: t.Any, place: Place = ()) -> t.Iterator[Place]:
    """Return the places of all values that have a schema."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        if key not in OPEN:
            yield (*place, key)
            yield from places(value, (*place, key)) if key != "services" else ()


def change(data: t.Any, place: Place, value: t.Any) -> t.Any:
    """Return a copy of the data with another value at a place."""
    data = copy.deepcopy(data)
    parent = functools.reduce(lambda entry, part: entry[part], place[:-1], data)
    if value is DELETED:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return data


def at(data: t.Any, place: Place) -> t.Any:
    return functools.reduce(lambda entry, part: entry[part], place, data)


def is_exempt(messages: t.Sequence[str]) -> bool:
    return all(any(re.search(pattern, message) for pattern in LOADER_ONLY) for message in messages)


def find_examples() -> list[tuple[str, str, t.Any]]:
    """Return the files in the collection and in its guides: the name of the schema, where it is, and the content."""
    texts = [
        (path.name, path.read_text(encoding="utf-8")) for path in sorted((ROOT / "playbooks" / "files").glob("*.yml"))
    ]
    for guide in sorted(GUIDES.glob("*.rst")):
        blocks = re.findall(
            r"code-block:: yaml\n(?:    :\w+:.*\n)*\n((?:    .*\n|\n)+)", guide.read_text(encoding="utf-8")
        )
        texts += [(guide.stem, textwrap.dedent(block)) for block in blocks]
    found = []
    for source, text in texts:
        data = yaml.safe_load(text)
        keys = set(data) if isinstance(data, dict) else set()
        if keys & {"meshes", "workspaces", "workshops", "releases"} and keys <= set(KEYS):
            found.append(("desired_state", source, data))
        elif {"release", "steps"} <= keys:
            found.append(("rollout", source, data))
    return found


@pytest.mark.parametrize("name", editor_schemas.FILES)
def test_schema_is_current(name: str) -> None:
    assert editor_schemas.path_of(name).read_text(encoding="utf-8") == editor_schemas.render(name), (
        "generate it again: PYTHONPATH=.collections python tests/tools/editor_schemas.py"
    )


def test_every_option_is_described() -> None:
    for name in editor_schemas.FILES:
        properties = json.loads(editor_schemas.path_of(name).read_text(encoding="utf-8"))["properties"]
        assert [key for key, schema in properties.items() if not schema.get("description")] == []
    mesh = validator("desired_state").schema["properties"]["meshes"]["anyOf"][0]["items"]["anyOf"][0]["properties"]
    assert mesh["force"]["description"] == "Whether to delete the mesh with the workshops and releases in it."
    assert [key for key, schema in mesh.items() if not schema.get("description")] == []


@pytest.mark.parametrize(
    ("name", "source", "data"), find_examples(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_examples_are_valid(name: str, source: str, data: t.Any) -> None:
    assert [error.message for error in validator(name).iter_errors(data)] == []


def test_all_kinds_of_examples_were_found() -> None:
    found = [(name, source) for name, source, _data in find_examples()]
    assert {("desired_state", "bookinfo.yml"), ("desired_state", "guide_meshes"), ("rollout", "rollout_file")} <= set(
        found
    )


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks" / "files").glob("*.yml")), ids=lambda path: path.name)
def test_files_name_their_schema(path: Path) -> None:
    schema = re.search(r"^# yaml-language-server: \$schema=(\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert schema is not None and (path.parent / schema[1]).resolve() == editor_schemas.path_of("desired_state")


@pytest.mark.parametrize("name", LOADERS)
def test_schema_and_validation_agree(name: str) -> None:
    data, tried, refused = guide_example(name), 0, 0
    assert validator(name).is_valid(data) and VALIDATIONS[name](data) == []
    disagreements = []
    for place, value in itertools.product(places(data), VALUES):
        changed = change(data, place, value)
        messages = [mistake.message for mistake in VALIDATIONS[name](changed)]
        is_valid = validator(name).is_valid(changed)
        tried, refused = tried + 1, refused + bool(messages)
        # The loader adds the rule that each gray Deployment has a template, see INVALID.
        lacks_template = "gray_deployments" in place and value in ([{}], {})
        if is_valid and messages and not is_exempt(messages):
            disagreements.append((place, value, messages))
        if not is_valid and not messages and not lacks_template and value not in SCHEMA_ONLY:
            disagreements.append((place, value, ["only the schema refuses it"]))
    assert disagreements == []
    assert tried > 500 and refused > tried // 3


@pytest.mark.parametrize("name", LOADERS)
def test_expressions_are_accepted_everywhere(name: str, tmp_path: Path) -> None:
    data = guide_example(name, tmp_path)
    for place in places(data):
        changed = change(data, place, "{{ original }}")
        assert validator(name).is_valid(changed), place
        # The loader gets the same value as without the expression.
        if len(place) < 3:
            assert load(name, write(tmp_path, changed), {"original": at(data, place)}) == [], place


def test_vaulted_values_are_accepted() -> None:
    data = guide_example("desired_state")
    vaulted = "$ANSIBLE_VAULT;1.1;AES256\n6162\n"
    for place in (("releases", 1, "version"), ("options", "parallel"), ("workspaces", 0, "grants")):
        assert validator("desired_state").is_valid(change(data, place, vaulted)), place


GRAY = ("releases", 1, "gray_deployments", 0)
INVALID: dict[str, tuple[str, Place, t.Any]] = {
    "unknown key": ("desired_state", ("workspace",), []),
    "unknown key of a mesh": ("desired_state", ("meshes", 0, "nodes"), 3),
    "two meshes": ("desired_state", ("mesh_id",), "m-1"),
    "no cluster ID": ("desired_state", ("meshes", 0, "clusters", 0, "cluster_id"), DELETED),
    "wrong state": ("desired_state", ("workspaces", 0, "state"), "deleted"),
    "release without a template": ("desired_state", (*GRAY, "template_file"), DELETED),
    "release with two templates": ("desired_state", (*GRAY, "template"), {"kind": "Deployment"}),
    "no requests in parallel": ("desired_state", ("options", "parallel"), 0),
    "unknown kind to prune": ("desired_state", ("prune", "services"), ["^old-"]),
    "step without a weight": ("rollout", ("steps", 1, "weight"), DELETED),
    "step with two routes": ("rollout", ("steps", 0, "weight"), 5),
    "weight over 100": ("rollout", ("steps", 3, "weight"), 101),
    "not a duration": ("rollout", ("steps", 1, "pause"), "soon"),
    "no limit": ("rollout", ("step_timeout",), "0s"),
    "no steps": ("rollout", ("steps",), []),
    "wrong failure action": ("rollout", ("on_failure",), "stop"),
    "state of a release": ("rollout", ("release", "state"), "present"),
}


@pytest.mark.parametrize(("name", "place", "value"), INVALID.values(), ids=INVALID.keys())
def test_invalid_files_are_refused_with_line_and_column(name: str, place: Place, value: t.Any, tmp_path: Path) -> None:
    data = change(guide_example(name, tmp_path), place, value)
    mistakes = load(name, write(tmp_path, data))
    assert not validator(name).is_valid(data)
    assert mistakes and all(mistake["line"] and mistake["column"] for mistake in mistakes)
