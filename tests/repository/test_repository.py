# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Standing tests: what must stay true of the whole repository, whoever adds a file to it."""

from __future__ import annotations

import ast
import functools
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from checkout import git_files

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULES = PLUGINS / "modules"
# They run as action plugins, and their module files are documentation only.
CONTROLLER_ONLY = ("create_report", "load_desired_state", "show_report", "validate_variables")
UTILS = PLUGINS / "module_utils"
OURS = "ansible_collections.community.huaweicloud.plugins.module_utils"


# Put together, since it is no header of this file.
SPDX = "# SPDX-License-" + "Identifier: GPL-3.0-or-later"
NOTICE = (
    "# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.\n"
    "# Do not use this from other collections or standalone plugins/modules!\n"
)

# From below to above: a file imports what stands in its own line or in a line above it in this table, never downward
# in it, and never in a circle. A new file of module_utils gets its place here.
LAYERS = [
    {"_errors"},
    {"_values", "_clock", "_option_errors", "_kubernetes", "_argspec"},
    {"_connection"},
    {"_http"},
    {"_session", "_api"},
    {"_reconcile"},
    {"_resources"},
    {"_module"},
    {"_bulk", "_probe"},
]
RECONCILE_MAY_IMPORT = {"_errors", "_values", "_clock"}
MODULES_MAY_IMPORT = {"_argspec", "_bulk", "_module", "_probe", "_resources"}

# Keys of a play or a task that name no module.
KEYWORDS = set(
    "name hosts gather_facts connection tasks vars roles block rescue always when register loop loop_control until retries delay no_log delegate_to tags "
    "environment module_defaults check_mode diff failed_when changed_when run_once become ignore_errors async poll collections".split()
)


@functools.cache
def known_files() -> tuple[Path, ...]:
    """The files of the repository: those that git tracks or would add. A copy without git has no others."""
    found = [ROOT / name for name in git_files()] if (ROOT / ".git").exists() else ROOT.rglob("*")
    return tuple(sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts))


def files(*directories: str, suffix: str = "") -> list[Path]:
    """The files of the repository below ``directories``, or all of them."""
    starts = [ROOT / directory for directory in directories] or [ROOT]
    return [
        path
        for path in known_files()
        if path.name.endswith(suffix) and any(path.is_relative_to(start) for start in starts)
    ]


def shown(paths: t.Iterable[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def python_files() -> list[Path]:
    return [path for path in files(suffix=".py") if path.stat().st_size]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def for_types_only(tree: ast.Module) -> set[ast.AST]:
    """The nodes inside ``if t.TYPE_CHECKING:``, which never run."""
    guards = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    ]
    return {inner for guard in guards for statement in guard.body for inner in ast.walk(statement)}


def imported(path: Path) -> set[str]:
    """The dotted names a file imports when it runs; ``from a import b`` counts as ``a.b``, relative imports as ``.``."""
    tree = parsed(path)
    skipped = for_types_only(tree)
    names: set[str] = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = "." if node.level else node.module or ""
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def ours(path: Path) -> set[str]:
    """The units of module_utils (``_http``, ``_services``) that a file imports."""
    return {name[len(OURS) + 1 :].split(".")[0] for name in imported(path) if name.startswith(OURS + ".")}


def unit_of(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


def layer_of(unit: str) -> int:
    ranks = [rank for rank, names in enumerate(LAYERS) if unit in names]
    assert ranks, f"plugins/module_utils/{unit} has no place in LAYERS of {Path(__file__).name}"
    return ranks[0]


def utils() -> list[Path]:
    return [
        path
        for path in files("plugins/module_utils", suffix=".py")
        if path.parent != UTILS or path.name != "__init__.py"
    ]


def module_files() -> list[Path]:
    return [path for path in files("plugins/modules", suffix=".py") if path.name != "__init__.py"]


def text_of(path: Path, name: str) -> str:
    """The string that a module file assigns to ``name`` (EXAMPLES and its like)."""
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return str(ast.literal_eval(node.value))
    return ""


def load(path: str) -> t.Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def tasks_of(entries: t.Iterable[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    """All tasks in a list of plays, blocks and tasks."""
    for entry in entries:
        inner = [
            entry[key] for key in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always") if key in entry
        ]
        for part in inner:
            yield from tasks_of(part)
        if not inner:
            yield entry


# Layers


def test_the_folder_of_private_code_is_not_empty() -> None:
    assert utils()


@pytest.mark.parametrize("path", utils(), ids=lambda path: str(path.relative_to(UTILS)))
def test_imports_point_one_way(path: Path) -> None:
    unit = unit_of(path)
    rank = layer_of(unit)
    above = {name for name in ours(path) - {unit} if layer_of(name) > rank}
    assert not above, f"{unit} stands below {sorted(above)}"
    assert not any(name.startswith(".") for name in imported(path)), "imports are absolute"


def test_imports_go_in_no_circle() -> None:
    needs: dict[str, set[str]] = {}
    for path in utils():
        needs.setdefault(unit_of(path), set()).update(ours(path) - {unit_of(path)})
    while needs:
        free = {unit for unit, wanted in needs.items() if not wanted & set(needs)}
        assert free, f"these import each other: {sorted(needs)}"
        needs = {unit: wanted for unit, wanted in needs.items() if unit not in free}


def test_the_errors_import_nothing_of_ours() -> None:
    assert ours(UTILS / "_errors.py") == set()


def test_reconcile_knows_no_http_no_service_and_no_ansible() -> None:
    for path in utils():
        if unit_of(path) == "_reconcile":
            assert ours(path) - {"_reconcile"} <= RECONCILE_MAY_IMPORT
            assert not any(name.split(".")[0] in ("ansible", "requests") for name in imported(path))


def test_only_the_top_layer_knows_ansible_module() -> None:
    knowing = {
        unit_of(path)
        for path in utils()
        if any(name.startswith("ansible.module_utils.basic") for name in imported(path))
    }
    assert knowing <= {"_module"}


def test_only_the_transport_knows_requests() -> None:
    importing = {unit_of(path) for path in utils() if any(name.split(".")[0] == "requests" for name in imported(path))}
    assert importing <= {"_http"}


@pytest.mark.parametrize("path", module_files(), ids=lambda path: path.stem)
def test_modules_import_only_the_top(path: Path) -> None:
    assert ours(path) <= MODULES_MAY_IMPORT


# Modules


def test_the_folder_of_modules_is_not_empty() -> None:
    if not MODULES.is_dir():
        pytest.skip("there are no modules yet")
    assert module_files()


def test_the_action_group_equals_the_modules() -> None:
    if not MODULES.is_dir():
        pytest.skip("there are no modules yet")
    group = load("meta/runtime.yml")["action_groups"]["huaweicloud"]
    assert group == sorted(set(group))
    assert set(group) == {path.stem for path in module_files() if path.stem not in CONTROLLER_ONLY}


@pytest.mark.parametrize("name", CONTROLLER_ONLY)
def test_modules_of_the_controller_are_action_plugins(name: str) -> None:
    """Their module files are documentation only. They have no connection, so the defaults of the group are not for them."""
    assert (PLUGINS / "action" / f"{name}.py").is_file()
    assert "\ndef main(" not in (MODULES / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", module_files(), ids=lambda path: path.stem)
def test_examples_are_real_tasks(path: Path) -> None:
    tasks = list(tasks_of(yaml.safe_load(text_of(path, "EXAMPLES")) or []))
    assert tasks
    assert all(task.get("name") for task in tasks), "each example has a name"
    used = [next(iter(set(task) - KEYWORDS), "") for task in tasks]
    assert f"community.huaweicloud.{path.stem}" in used
    assert [name for name in used if name.count(".") < 2] == [], "modules are named in full"


@pytest.mark.parametrize("path", module_files(), ids=lambda path: path.stem)
def test_modules_have_the_parts_of_a_module(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.startswith("#!/usr/bin/python\n")
    parts = ["from __future__ import annotations", "\nDOCUMENTATION = ", "\nEXAMPLES = ", "\nRETURN = "]
    parts += [] if path.stem in CONTROLLER_ONLY else ["\ndef main(", "\nif __name__"]
    places = [source.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


# Files


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_python_files_have_the_header(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert SPDX in source.splitlines()[:8]
    only_words = all(isinstance(node, ast.Expr) for node in parsed(path).body)
    assert only_words or "from __future__ import annotations" in source


@pytest.mark.parametrize(
    "path", [path for path in utils() if path.stat().st_size], ids=lambda path: str(path.relative_to(UTILS))
)
def test_private_code_says_that_it_is_private(path: Path) -> None:
    assert NOTICE in path.read_text(encoding="utf-8")
    assert any(part.startswith("_") for part in path.relative_to(UTILS).parts)


@pytest.mark.parametrize("path", files("plugins", suffix=".py"), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_plugins_have_the_syntax_of_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


def test_sanity_ignores_nothing() -> None:
    assert shown(files("tests/sanity")) == []


def sleeps(path: Path) -> bool:
    tree = parsed(path)
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(name == "sleep" or name.endswith("time.sleep") for name in calls)


def test_tests_do_not_sleep() -> None:
    folders = ("tests/unit", "tests/emulator", "tests/repository", "tests/playbooks")
    assert shown(path for path in files(*folders, suffix=".py") if sleeps(path)) == []


# Metadata


def test_changelog_fragments_are_well_formed() -> None:
    settings = load("changelogs/config.yaml")
    lists = {name for name, title in settings["sections"]} | {settings["trivial_section_name"]}
    # What has no version_added of its own is announced.
    objects = {"add object.playbook"}
    for path in files("changelogs/fragments"):
        assert path.suffix in (".yml", ".yaml"), path.name
        for section, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if section == settings["prelude_section_name"]:
                assert isinstance(entries, str), path.name
            elif section in objects:
                assert all(set(entry) == {"name", "description"} for entry in entries), path.name
            else:
                assert section in lists, f"{path.name}: {section}"
                assert isinstance(entries, list), path.name
                assert all(isinstance(entry, str) for entry in entries), path.name


def test_requirements_are_ranges() -> None:
    lines = [
        line
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert [re.match(r"\w+", line)[0] for line in lines] == ["requests", "jsonschema"]  # type: ignore[index]
    assert all(re.fullmatch(r"\w+>=[\d.]+,<\d+", line) for line in lines)


def test_the_collection_depends_on_no_other() -> None:
    galaxy = load("galaxy.yml")
    assert (galaxy["namespace"], galaxy["name"], galaxy["dependencies"]) == ("community", "huaweicloud", {})
    assert {".venv", ".collections", ".cache", "tests"} <= set(galaxy["build_ignore"])


def test_the_supported_versions() -> None:
    assert load("meta/runtime.yml")["requires_ansible"] == ">=2.18.0"
    assert load("tests/config.yml") == {"modules": {"python_requires": ">=3.9"}}
