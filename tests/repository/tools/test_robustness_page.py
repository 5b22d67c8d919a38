# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about trust: what it tells, and when it is not to be written at all."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import types

import pytest
import robustness

COMMIT = "0123456789ab"


def unchanged(commit):
    """What has changed since."""
    return []


def row(request, fault, **more):
    return {
        "operation": "asm_workshop: create",
        "request": request,
        "fault": fault,
        "tried": 1,
        "held": 1,
        "healed": 0,
        **more,
    }


def counted(suite, kinds=None, rows=(), **more):
    moment = {"commit": COMMIT, "date": "2026-01-02"}
    kinds = {"things": {"tried": 2, "held": 2}} if kinds is None else kinds
    return {"suite": suite, "whole": True, "passed": True, **moment, "kinds": kinds, "rows": list(rows), **more}


@pytest.fixture
def folder(tmp_path):
    def write(*suites):
        for suite in suites:
            (tmp_path / f"{suite['suite']}.json").write_text(json.dumps(suite), encoding="utf-8")
        return tmp_path

    return write


def test_every_suite_is_on_the_page():
    assert robustness.suites()[:3] == ["crash_recovery", "fault_injection", "concurrency"]


def test_what_held_can_be_told(folder):
    found, problems = robustness.read(folder(counted("faults"), counted("kills")), ["faults", "kills"], unchanged)
    assert ([suite["suite"] for suite in found], problems) == (["faults", "kills"], [])


@pytest.mark.parametrize(
    "suite, problem",
    [
        (counted("faults", {"things": {"tried": 10, "held": 9}}), "faults: 1 of 10 things did not hold"),
        (counted("faults", {"things": {"tried": 0, "held": 0}}), "faults: no things were tried"),
        (counted("faults", passed=False), "faults: tests failed"),
        (counted("faults", whole=False), "faults: it was not run as a whole"),
        (counted("others"), "the suite faults counted nothing"),
        (
            {key: value for key, value in counted("faults").items() if key != "commit"},
            "faults: it is of no commit: unknown",
        ),
        (counted("faults", {}), "faults: nothing was counted"),
        *(
            (counted("faults", commit=commit), f"faults: it is of no commit: {commit}")
            for commit in ("unknown", f"{COMMIT}-dirty", f"{COMMIT}-moved", "")
        ),
    ],
)
def test_what_keeps_it_from_being_told(folder, suite, problem):
    assert robustness.read(folder(suite), ["faults"], unchanged)[1] == [problem]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("docs/robustness.md", []),
        ("docs/docsite/rst/many.rst", []),
        ("README.md", []),
        ("changelogs/fragments/a.yml", []),
        ("tests/tools/robustness.py", []),
        ("tests/playbooks/test_apply.py", []),
        ("tests/playbooks/harness.py", ["faults", "kills"]),
        ("tests/repository/tools/test_robustness_page.py", []),
        ("tests/robustness/crash_recovery/test_killed_tasks.py", ["kills"]),
        ("tests/robustness/crash_recovery/children.py", ["faults", "kills"]),
        ("tests/robustness/conftest.py", ["faults", "kills"]),
        ("tests/robustness/crash_recovery/explained.json", ["kills"]),
        ("tests/unit/fake_resource.py", ["faults", "kills"]),
        ("tests/unit/plugins/modules/test_apply.py", []),
        ("plugins/modules/apply.py", ["faults", "kills"]),
        ("roles/emulator/README.md", ["faults", "kills"]),
    ],
)
def test_what_has_changed_since_is_told(folder, path, told):
    """One page tells of one state of the code, so far as a suite runs it, or of what is another."""
    other = counted("kills", commit="ba9876543210")
    found, problems = robustness.read(
        folder(counted("faults"), other), ["faults", "kills"], {COMMIT: [path], "ba9876543210": [path]}.get
    )
    commits = {"faults": COMMIT, "kills": "ba9876543210"}
    line = f"- `{path}`: {', '.join(f'{name} ({commits[name]})' for name in told)}\n"
    assert problems == []
    assert ("Changed after" in robustness.page(found, {}), line in robustness.page(found, {})) == (
        bool(told),
        bool(told),
    )


def test_unit_tests_are_what_mutants_are_tried_on(folder):
    for path in ("tests/unit/plugins/filter/test_filters.py", "tests/unit/plugins/modules/test_apply.py"):
        found, problems = robustness.read(
            folder(counted("faults"), counted("mutants")), ["faults", "mutants"], {COMMIT: [path]}.get
        )
        assert ([suite["since"] for suite in found], problems) == ([[], [path]], [])


def test_a_commit_that_is_not_of_this_repository_is_none(folder):
    assert robustness.read(folder(counted("faults")), ["faults"], lambda commit: None)[1] == [
        f"faults: it is of no commit: {COMMIT}"
    ]


def test_what_has_changed_is_asked_of_git():
    assert robustness.changed_since("f" * 40) is None
    assert isinstance(robustness.changed_since("HEAD"), list)


def test_all_that_was_tried_is_added_up():
    text = robustness.page(
        [counted("faults"), counted("kills", {"kills": {"tried": 1000, "held": 1000}})], {"Date": "2026-01-02"}
    )
    assert "- Date: 2026-01-02\n" in text
    lines = [f"| faults | things | 2 | 2 | {COMMIT} | 2026-01-02 |"]
    lines += [f"| kills | kills | 1,000 | 1,000 | {COMMIT} | 2026-01-02 |", "| all |  | 1,002 | 1,002 |  |  |"]
    assert "\n".join(lines) in text


def test_a_cell_of_the_matrix_has_all_its_cases():
    rows = [
        row("2. POST /workshops", "500"),
        row("2. POST /workshops", "500", healed=1),
        row("10. GET /workshops", "reset"),
        row("1. GET /meshes", "500"),
    ]
    text = robustness.page([counted("faults", rows=rows)], {})
    assert "| 500 | 3 | 3 | 1 |\n| reset | 1 | 1 | 0 |" in text
    assert "### asm_workshop: create\n\n| request | 500 | reset |\n| --- | --- | --- |" in text
    assert "| 1. GET /meshes | 1/1 |  |\n| 2. POST /workshops | 2/2 |  |\n| 10. GET /workshops |  | 1/1 |" in text


def test_rows_of_any_other_suite_are_a_table():
    text = robustness.page(
        [counted("others", rows=[{"who": "a|b", "said": 1}, {"who": "c", "found": 2}, {"who": "c", "found": 2}])], {}
    )
    assert "## Others\n\n| who | said | found |\n| --- | --- | --- |\n| a\\|b | 1 |  |\n| c |  | 2 |\n" in text
    assert text.count("| c |") == 1


def test_nothing_is_written_when_something_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(robustness, "COUNTS", tmp_path)
    monkeypatch.setattr(robustness, "PAGE", robustness.ROOT / "no-such-page.md")
    assert robustness.main() == 1
    assert "the suite faults counted nothing" in capsys.readouterr().out
    assert not robustness.PAGE.exists()


def module_of_robustness(name):
    """As pytest itself has it, but on its own."""
    spec = importlib.util.spec_from_file_location(f"{name}_of_robustness", robustness.SUITES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def selection():
    return module_of_robustness("selection")


@pytest.fixture
def git_state():
    return module_of_robustness("git_state")


@pytest.fixture
def checkout(tmp_path):
    """A repository with one commit, and the means to ask it something."""

    def git(*arguments):
        who = {
            f"GIT_{role}_{what}": "someone@example.com"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **who}
        return subprocess.run(
            ["git", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    git("init", "--quiet")
    (tmp_path / ".gitignore").write_text(".cache/\n", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "robustness.md").write_text("As it was", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "First")
    return tmp_path, git


def test_a_checkout_without_changes_is_its_commit(git_state, checkout):
    folder, git = checkout
    (folder / ".cache").mkdir()
    (folder / ".cache" / "ignored").touch()
    (folder / "docs" / "robustness.md").write_text("Written by the run", encoding="utf-8")
    assert git_state.state_of(folder / "docs") == git("rev-parse", "--short=12", "HEAD")


@pytest.mark.parametrize("name", [".gitignore", "new", "docs/new.md", "new/folder"])
def test_what_is_changed_or_new_is_no_commit(git_state, checkout, name):
    folder, git = checkout
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("changed", encoding="utf-8")
    assert git_state.state_of(folder / "docs") == f"{git('rev-parse', '--short=12', 'HEAD')}-dirty"


def test_a_commit_made_meanwhile_gets_no_credit(git_state, checkout):
    folder, git = checkout
    before = git_state.state_of(folder)
    assert git_state.moment(before, git_state.state_of(folder))["commit"] == before
    git("commit", "--quiet", "--allow-empty", "--message", "Second")
    assert git_state.moment(before, git_state.state_of(folder))["commit"] == f"{before}-moved"


def test_what_is_no_checkout_is_unknown(git_state, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state.state_of(tmp_path) == "unknown"


def session_of(*args, shouldstop=False, **options):
    chosen = {"--whole": True, "keyword": "", **options}
    config = types.SimpleNamespace(
        args=args, getoption=chosen.get, invocation_params=types.SimpleNamespace(dir=robustness.ROOT)
    )
    return types.SimpleNamespace(config=config, shouldstop=shouldstop, shouldfail=False)


@pytest.mark.parametrize(
    "args",
    [("tests/robustness/fault_injection",), ("tests/robustness",), ("tests/unit", str(robustness.SUITES / "faults"))],
)
def test_a_folder_is_a_whole_suite(selection, args):
    assert selection.was_whole(session_of(*args), robustness.SUITES / "faults")


@pytest.mark.parametrize(
    "session",
    [
        session_of("tests/robustness/fault_injection", **{"--whole": False}),
        session_of("tests/robustness/fault_injection", keyword="create"),
        session_of("tests/robustness/fault_injection", markexpr="not slow"),
        session_of(
            "tests/robustness/fault_injection", deselect=["tests/robustness/fault_injection/test_fault_matrix.py"]
        ),
        session_of("tests/robustness/fault_injection", shouldstop="stopping after 1 failures"),
        session_of("tests/robustness/fault_injection/test_fault_matrix.py"),
        session_of("tests/robustness/fault_injection/test_fault_matrix.py::test_matrix"),
        session_of("tests/robustness/fault_injection::test_matrix"),
        session_of("tests/robustness/crash_recovery"),
        session_of(),
    ],
)
def test_a_part_is_no_whole_suite(selection, session):
    assert not selection.was_whole(session, robustness.SUITES / "faults")


def test_a_library_is_only_missed_where_all_is_run(selection):
    assert selection.needed("json") is json
    with pytest.raises(pytest.skip.Exception, match="no_such_library is not installed"):
        selection.needed("no_such_library")
    selection.ALL = True
    with pytest.raises(ImportError):
        selection.needed("no_such_library")


def test_no_suite_skips_what_is_missing_by_itself():
    found = [
        path.name for path in robustness.SUITES.rglob("*.py") if "importorskip(" in path.read_text(encoding="utf-8")
    ]
    assert found == ["selection.py"]
