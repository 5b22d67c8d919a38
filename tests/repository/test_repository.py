# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for all files of the repository: layers, headers, module files, and metadata."""

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
CONTROLLER_ONLY = (
    "check_targets",
    "combine_targets",
    "create_report",
    "describe_target",
    "load_desired_state",
    "load_rollout",
    "show_report",
    "validate_variables",
    "write_report",
)
UTILS = PLUGINS / "module_utils"
OURS = "ansible_collections.community.huaweicloud.plugins.module_utils"


# In parts, so that it does not count as the header of this file.
SPDX = "# SPDX-License-" + "Identifier: GPL-3.0-or-later"
NOTICE = (
    "# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.\n"
    "# Do not use this from other collections or standalone plugins/modules!\n"
)

# From the lowest to the highest layer: a file imports only files of the same line or of a line above it
# in it, and never in a circle. A new file of module_utils gets its place here.
LAYERS = [
    {"_errors", "_zip_import"},
    {"_values", "_clock", "_option_errors", "_kubernetes", "_argspec"},
    {"_connection"},
    {"_http"},
    {"_session", "_api", "_prometheus", "_traffic"},
    {"_reconcile"},
    {"_resources"},
    {"_results"},
    {"_task"},
    {"_module", "_bulk", "_canary", "_probe"},
]
RECONCILE_MAY_IMPORT = {"_errors", "_values", "_clock"}
MODULES_MAY_IMPORT = {"_argspec", "_bulk", "_canary", "_module", "_probe", "_prometheus", "_resources", "_traffic"}

# Keys of a play or a task that are not names of modules.
KEYWORDS = set(
    "name hosts gather_facts connection tasks vars roles block rescue always when register loop loop_control until retries delay no_log delegate_to tags "
    "environment module_defaults check_mode diff failed_when changed_when run_once become ignore_errors async poll collections".split()
)


@functools.cache
def list_known_files() -> tuple[Path, ...]:
    """Return the files that git tracks or would add. Without git, return all files."""
    found = [ROOT / name for name in git_files()] if (ROOT / ".git").exists() else ROOT.rglob("*")
    return tuple(sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts))


def list_files(*directories: str, suffix: str = "") -> list[Path]:
    """Return the files of the repository below ``directories``, or all files."""
    starts = [ROOT / directory for directory in directories] or [ROOT]
    return [
        path
        for path in list_known_files()
        if path.name.endswith(suffix) and any(path.is_relative_to(start) for start in starts)
    ]


def relative_paths(paths: t.Iterable[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def list_python_files() -> list[Path]:
    return [path for path in list_files(suffix=".py") if path.stat().st_size]


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def find_type_checking_nodes(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes inside ``if t.TYPE_CHECKING:``, which never run."""
    guards = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    ]
    return {inner for guard in guards for statement in guard.body for inner in ast.walk(statement)}


def list_imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports at run time: ``a.b`` for ``from a import b``, ``.`` for relative imports."""
    tree = parse(path)
    skipped = find_type_checking_nodes(tree)
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


def list_own_imports(path: Path) -> set[str]:
    """Return the units of module_utils that a file imports, for example ``_http``."""
    return {name[len(OURS) + 1 :].split(".")[0] for name in list_imports(path) if name.startswith(OURS + ".")}


def get_unit(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


def get_layer(unit: str) -> int:
    ranks = [rank for rank, names in enumerate(LAYERS) if unit in names]
    assert ranks, f"plugins/module_utils/{unit} is missing in LAYERS of {Path(__file__).name}"
    return ranks[0]


def list_module_utils() -> list[Path]:
    return [
        path
        for path in list_files("plugins/module_utils", suffix=".py")
        if path.parent != UTILS or path.name != "__init__.py"
    ]


def list_module_files() -> list[Path]:
    return [path for path in list_files("plugins/modules", suffix=".py") if path.name != "__init__.py"]


def read_constant(path: Path, name: str) -> str:
    """Return the string that a module file assigns to ``name``, for example EXAMPLES."""
    for node in parse(path).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return str(ast.literal_eval(node.value))
    return ""


def uses_fragment(path: Path, name: str) -> bool:
    """Return whether a module has the options of a documentation fragment."""
    documentation = yaml.safe_load(read_constant(path, "DOCUMENTATION"))
    return f"community.huaweicloud.{name}" in documentation["extends_documentation_fragment"]


def load(path: str) -> t.Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def iterate_tasks(entries: t.Iterable[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    """Yield all tasks in a list of plays, blocks and tasks."""
    for entry in entries:
        inner = [
            entry[key] for key in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always") if key in entry
        ]
        for part in inner:
            yield from iterate_tasks(part)
        if not inner:
            yield entry


# Layers


def test_module_utils_are_not_empty() -> None:
    assert list_module_utils()


@pytest.mark.parametrize("path", list_module_utils(), ids=lambda path: str(path.relative_to(UTILS)))
def test_files_import_only_lower_layers(path: Path) -> None:
    unit = get_unit(path)
    rank = get_layer(unit)
    above = {name for name in list_own_imports(path) - {unit} if get_layer(name) > rank}
    assert not above, f"{unit} must not import {sorted(above)}"
    assert not any(name.startswith(".") for name in list_imports(path)), "imports are absolute"


def test_imports_have_no_cycle() -> None:
    needs: dict[str, set[str]] = {}
    for path in list_module_utils():
        needs.setdefault(get_unit(path), set()).update(list_own_imports(path) - {get_unit(path)})
    while needs:
        free = {unit for unit, needed in needs.items() if not needed & set(needs)}
        assert free, f"these import each other: {sorted(needs)}"
        needs = {unit: needed for unit, needed in needs.items() if unit not in free}


def test_errors_import_no_other_module_util() -> None:
    assert list_own_imports(UTILS / "_errors.py") == set()


def test_reconcile_is_independent_of_http_and_ansible() -> None:
    for path in list_module_utils():
        if get_unit(path) == "_reconcile":
            assert list_own_imports(path) - {"_reconcile"} <= RECONCILE_MAY_IMPORT
            assert not any(name.split(".")[0] in ("ansible", "requests") for name in list_imports(path))


def test_only_the_top_layer_imports_ansible_module() -> None:
    knowing = {
        get_unit(path)
        for path in list_module_utils()
        if "ansible.module_utils.basic.AnsibleModule" in list_imports(path)
    }
    assert knowing <= {"_module"}


def test_only_the_http_package_imports_requests() -> None:
    importing = {
        get_unit(path)
        for path in list_module_utils()
        if any(name.split(".")[0] == "requests" for name in list_imports(path))
    }
    assert importing <= {"_http"}


@pytest.mark.parametrize("path", list_module_files(), ids=lambda path: path.stem)
def test_modules_import_only_the_top_layers(path: Path) -> None:
    assert list_own_imports(path) <= MODULES_MAY_IMPORT


# Modules


def test_modules_are_not_empty() -> None:
    if not MODULES.is_dir():
        pytest.skip("the collection has no modules")
    assert list_module_files()


@pytest.mark.parametrize(("name", "fragment"), [("huaweicloud", "connection"), ("kubernetes", "kubernetes")])
def test_action_group_has_all_modules_with_its_connection_options(name: str, fragment: str) -> None:
    """The defaults of a group are invalid for modules with other connection options."""
    if not MODULES.is_dir():
        pytest.skip("the collection has no modules")
    group = load("meta/runtime.yml")["action_groups"][name]
    assert group == sorted(set(group))
    assert set(group) == {path.stem for path in list_module_files() if uses_fragment(path, fragment)}


@pytest.mark.parametrize("name", CONTROLLER_ONLY)
def test_controller_modules_are_action_plugins(name: str) -> None:
    """They have no connection options, so they are not in the action group."""
    assert (PLUGINS / "action" / f"{name}.py").is_file()
    assert "\ndef main(" not in (MODULES / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", list_module_files(), ids=lambda path: path.stem)
def test_examples_are_named_tasks_with_full_names(path: Path) -> None:
    tasks = list(iterate_tasks(yaml.safe_load(read_constant(path, "EXAMPLES")) or []))
    assert tasks
    assert all(task.get("name") for task in tasks), "each example has a name"
    used = [next(iter(set(task) - KEYWORDS), "") for task in tasks]
    assert f"community.huaweicloud.{path.stem}" in used
    assert [name for name in used if name.count(".") < 2] == [], "modules are named in full"


@pytest.mark.parametrize("path", list_module_files(), ids=lambda path: path.stem)
def test_module_files_have_all_parts_in_order(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.startswith("#!/usr/bin/python\n")
    parts = ["from __future__ import annotations", "\nDOCUMENTATION = ", "\nEXAMPLES = ", "\nRETURN = "]
    parts += [] if path.stem in CONTROLLER_ONLY else ["\ndef main(", "\nif __name__"]
    positions = [source.find(part) for part in parts]
    assert -1 not in positions
    assert positions == sorted(positions)


# Files


@pytest.mark.parametrize("path", list_python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_python_files_have_the_header(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert SPDX in source.splitlines()[:8]
    only_words = all(isinstance(node, ast.Expr) for node in parse(path).body)
    assert only_words or "from __future__ import annotations" in source


@pytest.mark.parametrize(
    "path", [path for path in list_module_utils() if path.stat().st_size], ids=lambda path: str(path.relative_to(UTILS))
)
def test_module_utils_have_the_private_notice(path: Path) -> None:
    assert NOTICE in path.read_text(encoding="utf-8")
    assert any(part.startswith("_") for part in path.relative_to(UTILS).parts)


@pytest.mark.parametrize("path", list_files("plugins", suffix=".py"), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_plugins_have_python_3_9_syntax(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


def test_sanity_has_no_ignore_files() -> None:
    assert relative_paths(list_files("tests/sanity")) == []


def calls_sleep(path: Path) -> bool:
    tree = parse(path)
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(name == "sleep" or name.endswith("time.sleep") for name in calls)


def test_tests_do_not_sleep() -> None:
    directories = ("tests/unit", "tests/emulator", "tests/repository", "tests/playbooks")
    assert relative_paths(path for path in list_files(*directories, suffix=".py") if calls_sleep(path)) == []


# Metadata


def test_changelog_fragments_are_well_formed() -> None:
    settings = load("changelogs/config.yaml")
    lists = {name for name, title in settings["sections"]} | {settings["trivial_section_name"]}
    # Objects without version_added are announced here.
    objects = {"add object.playbook"}
    for path in list_files("changelogs/fragments"):
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


def test_collection_has_no_dependencies() -> None:
    galaxy = load("galaxy.yml")
    assert (galaxy["namespace"], galaxy["name"], galaxy["dependencies"]) == ("community", "huaweicloud", {})
    assert {".venv", ".collections", ".cache", "tests"} <= set(galaxy["build_ignore"])


def test_supported_versions_are_declared() -> None:
    assert load("meta/runtime.yml")["requires_ansible"] == ">=2.18.0"
    assert load("tests/config.yml") == {"modules": {"python_requires": ">=3.9"}}
