# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page docs/robustness.md and its details: their content, and the problems that prevent their publication."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import types

import pytest
import robustness

COMMIT = "0123456789ab"
OTHER_COMMIT = "ba9876543210"
SUITE = robustness.SUITES / "fault_injection"


def no_changes(commit):
    return []


def row(request, fault, **more):
    counts = {"cases": 1, "passed": 1, "recovered": 0}
    return {"operation": "asm_workshop: create", "request": request, "fault": fault, **counts, **more}


def suite(name, kinds=None, rows=(), **more):
    run = {"commit": COMMIT, "date": "2026-01-02", "whole": True, "passed": True}
    kinds = {"faults": {"cases": 2, "passed": 2}} if kinds is None else kinds
    return {"suite": name, **run, "kinds": kinds, "rows": list(rows), **more}


def suite_without_commit():
    return {key: value for key, value in suite("fault_injection").items() if key != "commit"}


@pytest.fixture
def directory(tmp_path):
    def write(*suites):
        for content in suites:
            (tmp_path / f"{content['suite']}.json").write_text(json.dumps(content), encoding="utf-8")
        return tmp_path

    return write


def read(directory, suites, changed_files=no_changes):
    return robustness.read_counts(directory(*suites), [content["suite"] for content in suites], changed_files)


def test_every_suite_is_on_the_page():
    assert robustness.list_suites()[:3] == ["fault_injection", "crash_recovery", "concurrency"]


def test_passed_suites_have_no_problems(directory):
    suites, problems = read(directory, [suite("fault_injection"), suite("crash_recovery")])
    assert ([content["suite"] for content in suites], problems) == (["fault_injection", "crash_recovery"], [])


@pytest.mark.parametrize(
    "content, problem",
    [
        (suite("fault_injection", {"faults": {"cases": 10, "passed": 9}}), "1 of 10 faults failed"),
        (suite("fault_injection", {"faults": {"cases": 0, "passed": 0}}), "there were no cases of faults"),
        (suite("fault_injection", passed=False), "tests failed"),
        (suite("fault_injection", whole=False), "the run was incomplete"),
        (suite("others"), "counts are missing"),
        (suite_without_commit(), "the run was not from a commit: unknown"),
        (suite("fault_injection", {}), "nothing was counted"),
        *(
            (suite("fault_injection", commit=commit), f"the run was not from a commit: {commit}")
            for commit in ("unknown", f"{COMMIT}-dirty", f"{COMMIT}-moved", "")
        ),
    ],
)
def test_problems_prevent_the_page(directory, content, problem):
    problems = robustness.read_counts(directory(content), ["fault_injection"], no_changes)[1]
    assert problems == [f"fault_injection: {problem}"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("docs/robustness.md", []),
        ("docs/docsite/rst/many.rst", []),
        ("README.md", []),
        ("changelogs/fragments/a.yml", []),
        ("tests/tools/robustness.py", []),
        ("tests/playbooks/test_apply.py", []),
        ("tests/playbooks/harness.py", ["fault_injection", "crash_recovery"]),
        ("tests/repository/tools/test_robustness_page.py", []),
        ("tests/robustness/crash_recovery/test_killed_tasks.py", ["crash_recovery"]),
        ("tests/robustness/crash_recovery/subprocesses.py", ["fault_injection", "crash_recovery"]),
        ("tests/robustness/conftest.py", ["fault_injection", "crash_recovery"]),
        ("tests/robustness/crash_recovery/explained.json", ["crash_recovery"]),
        ("tests/unit/fake_resource.py", ["fault_injection", "crash_recovery"]),
        ("tests/unit/plugins/modules/test_apply.py", []),
        ("plugins/modules/apply.py", ["fault_injection", "crash_recovery"]),
        ("roles/emulator/README.md", ["fault_injection", "crash_recovery"]),
    ],
)
def test_page_lists_files_changed_since_the_run(directory, path, names):
    contents = [suite("fault_injection"), suite("crash_recovery", commit=OTHER_COMMIT)]
    suites, problems = read(directory, contents, {COMMIT: [path], OTHER_COMMIT: [path]}.get)
    commits = {"fault_injection": COMMIT, "crash_recovery": OTHER_COMMIT}
    line = f"- `{path}`: {', '.join(f'{name} ({commits[name]})' for name in names)}\n"
    page, details = robustness.render_page(suites, {}), robustness.render_details(suites)
    assert problems == []
    assert "ran: 1. The details list them." in page if names else "The details list them" not in page
    assert ("changed since" in details, line in details) == (bool(names), bool(names))


def test_changed_unit_tests_concern_the_mutation_suite(directory):
    for path in ("tests/unit/plugins/filter/test_filters.py", "tests/unit/plugins/modules/test_apply.py"):
        suites, problems = read(directory, [suite("fault_injection"), suite("mutation")], {COMMIT: [path]}.get)
        assert ([content["changed_files"] for content in suites], problems) == ([[], [path]], [])


def test_unknown_commit_prevents_the_page(directory):
    problems = read(directory, [suite("fault_injection")], lambda commit: None)[1]
    assert problems == [f"fault_injection: the run was not from a commit: {COMMIT}"]


def test_changed_files_come_from_git():
    assert robustness.list_changed_files("f" * 40) is None
    assert isinstance(robustness.list_changed_files("HEAD"), list)


def test_page_adds_up_the_cases_of_each_suite():
    kinds = {"kills": {"cases": 1000, "passed": 1000}, "stops": {"cases": 5, "passed": 4}}
    contents = [suite("fault_injection"), suite("crash_recovery", kinds)]
    page = robustness.render_page(contents, {"Date": "2026-01-02"})
    assert "- Date: 2026-01-02\n" in page
    lines = [
        f"| fault_injection | 2 | 2 | {COMMIT} | 2026-01-02 |",
        f"| crash_recovery | 1,005 | 1,004 | {COMMIT} | 2026-01-02 |",
        "| all | 1,007 | 1,006 |  |  |",
    ]
    assert "\n".join(lines) in page
    assert (
        "| crash_recovery | kills | 1,000 | 1,000 |\n| crash_recovery | stops | 5 | 4 |"
        in robustness.render_details(contents)
    )


def test_page_says_what_each_known_suite_tests():
    page = robustness.render_page([suite("fault_injection"), suite("others", rows=[{"a": 1}])], {})
    assert page.endswith(f"## Suites\n\n- `fault_injection`: {robustness.INTRODUCTIONS['fault_injection']}\n")


def test_fault_matrix_cell_counts_all_its_cases():
    rows = [
        row("2. POST /workshops", "500"),
        row("2. POST /workshops", "500", recovered=1),
        row("10. GET /workshops", "reset"),
        row("1. GET /meshes", "500"),
    ]
    page = robustness.render_details([suite("fault_injection", rows=rows)])
    assert "| 500 | 3 | 3 | 1 |\n| reset | 1 | 1 | 0 |" in page
    assert "### asm_workshop: create\n\n| request | 500 | reset |\n| --- | --- | --- |" in page
    assert "| 1. GET /meshes | 1/1 |  |\n| 2. POST /workshops | 2/2 |  |\n| 10. GET /workshops |  | 1/1 |" in page


def test_rows_of_other_suites_become_a_table():
    rows = [{"host": "a|b", "requests": 1}, {"host": "c", "found": 2}, {"host": "c", "found": 2}]
    page = robustness.render_details([suite("others", rows=rows)])
    assert "## Others\n\n| host | requests | found |\n| --- | --- | --- |\n| a\\|b | 1 |  |\n| c |  | 2 |\n" in page
    assert page.count("| c |") == 1


def test_page_is_not_written_without_counts(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(robustness, "COUNTS", tmp_path)
    monkeypatch.setattr(robustness, "PAGE", robustness.ROOT / "no-such-page.md")
    assert robustness.main() == 1
    assert "fault_injection: counts are missing" in capsys.readouterr().out
    assert not robustness.PAGE.exists()


def load_robustness_module(name):
    """Load a module of tests/robustness without the conftest.py there."""
    spec = importlib.util.spec_from_file_location(f"{name}_of_robustness", robustness.SUITES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def selection():
    return load_robustness_module("selection")


@pytest.fixture
def git_state():
    return load_robustness_module("git_state")


@pytest.fixture
def checkout(tmp_path):
    """Create a repository with one commit. Return its directory and a function that runs git there."""

    def git(*arguments):
        identity = {
            f"GIT_{role}_{field}": "someone@example.com"
            for role in ("AUTHOR", "COMMITTER")
            for field in ("NAME", "EMAIL")
        }
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **identity}
        return subprocess.run(
            ["git", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    git("init", "--quiet")
    (tmp_path / ".gitignore").write_text(".cache/\n", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "robustness.md").write_text("Before the run", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "First")
    return tmp_path, git


def test_unchanged_checkout_is_its_commit(git_state, checkout):
    root, git = checkout
    (root / ".cache").mkdir()
    (root / ".cache" / "ignored").touch()
    (root / "docs" / "robustness.md").write_text("Written by the run", encoding="utf-8")
    assert git_state.describe_checkout(root / "docs") == git("rev-parse", "--short=12", "HEAD")


@pytest.mark.parametrize("name", [".gitignore", "new", "docs/new.md", "new/file"])
def test_changed_or_new_file_makes_the_checkout_dirty(git_state, checkout, name):
    root, git = checkout
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("changed", encoding="utf-8")
    assert git_state.describe_checkout(root / "docs") == f"{git('rev-parse', '--short=12', 'HEAD')}-dirty"


def test_commit_during_the_run_marks_it_as_moved(git_state, checkout):
    root, git = checkout
    before = git_state.describe_checkout(root)
    assert git_state.describe_run(before, git_state.describe_checkout(root))["commit"] == before
    git("commit", "--quiet", "--allow-empty", "--message", "Second")
    assert git_state.describe_run(before, git_state.describe_checkout(root))["commit"] == f"{before}-moved"


def test_directory_outside_git_is_unknown(git_state, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state.describe_checkout(tmp_path) == "unknown"


def session(*args, shouldstop=False, **options):
    given = {"--whole": True, "keyword": "", **options}
    config = types.SimpleNamespace(
        args=args, getoption=given.get, invocation_params=types.SimpleNamespace(dir=robustness.ROOT)
    )
    return types.SimpleNamespace(config=config, shouldstop=shouldstop, shouldfail=False)


@pytest.mark.parametrize(
    "args", [("tests/robustness/fault_injection",), ("tests/robustness",), ("tests/unit", str(SUITE))]
)
def test_directory_argument_runs_the_whole_suite(selection, args):
    assert selection.ran_completely(session(*args), SUITE)


@pytest.mark.parametrize(
    "part",
    [
        session("tests/robustness/fault_injection", **{"--whole": False}),
        session("tests/robustness/fault_injection", keyword="create"),
        session("tests/robustness/fault_injection", markexpr="not slow"),
        session("tests/robustness/fault_injection", deselect=["tests/robustness/fault_injection/test_fault_matrix.py"]),
        session("tests/robustness/fault_injection", shouldstop="stopping after 1 failures"),
        session("tests/robustness/fault_injection/test_fault_matrix.py"),
        session("tests/robustness/fault_injection/test_fault_matrix.py::test_matrix"),
        session("tests/robustness/fault_injection::test_matrix"),
        session("tests/robustness/crash_recovery"),
        session(),
    ],
)
def test_selection_does_not_run_the_whole_suite(selection, part):
    assert not selection.ran_completely(part, SUITE)


def test_missing_library_skips_only_partial_runs(selection):
    assert selection.require_library("json") is json
    with pytest.raises(pytest.skip.Exception, match="no_such_library is not installed"):
        selection.require_library("no_such_library")
    selection.ALL = True
    with pytest.raises(ImportError):
        selection.require_library("no_such_library")


def test_suites_use_the_common_check_for_libraries():
    found = [
        path.name for path in robustness.SUITES.rglob("*.py") if "importorskip(" in path.read_text(encoding="utf-8")
    ]
    assert found == ["selection.py"]
