# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The driver: the selection of sessions, the table of results, and the pinned versions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import bootstrap
import constraints
import pytest
import sessions
import tomllib
import yaml
from environment import CORES, ROOT, isolate, link_collection

KNOWN = {
    "units": "Run the unit tests.",
    "robustness-sample": "Run a representative part.",
    "robustness-environment": "Create an environment.",
    "robustness-fault-injection": "Run the whole suite.",
    "robustness-concurrency": "Run the whole suite.",
}


# Selection of sessions


def test_target_selects_its_sessions_and_keeps_arguments() -> None:
    assert sessions.select("test", ["-x"], KNOWN) == (list(sessions.TEST), ["-x"])


def test_session_name_selects_the_session() -> None:
    assert sessions.select("units", ["-k", "signature"], KNOWN) == (["units"], ["-k", "signature"])


def test_robustness_runs_all_suites_by_default() -> None:
    assert sessions.select("robustness", ["-x"], KNOWN) == (
        ["robustness-fault-injection", "robustness-concurrency"],
        ["-x"],
    )


def test_robustness_runs_named_suites() -> None:
    assert sessions.select("robustness", ["concurrency", "-x"], KNOWN) == (["robustness-concurrency"], ["-x"])


def test_unknown_session_lists_all_sessions() -> None:
    with pytest.raises(sessions.UsageError) as caught:
        sessions.select("nonsense", [], KNOWN)
    first, *lines = str(caught.value).splitlines()
    assert first == "Unknown session 'nonsense'. The sessions are:"
    assert [line.split()[0] for line in lines] == list(KNOWN)


@pytest.mark.parametrize("target", sorted(sessions.TARGETS))
def test_targets_name_existing_sessions(target: str, all_sessions: dict[str, str]) -> None:
    assert set(sessions.TARGETS[target]) <= set(all_sessions)


@pytest.fixture(scope="module")
def all_sessions() -> dict[str, str]:
    return sessions.known_sessions()


def test_every_supported_version_has_sessions(all_sessions: dict[str, str]) -> None:
    for core, pythons in CORES.items():
        for python in pythons:
            for suite in ("units", "playbooks", "sanity", "robustness-sample"):
                assert f"{suite}-{core}-{python}" in all_sessions


def test_readme_names_the_supported_versions() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f" {core}" in readme for core in CORES)


def test_unknown_robustness_suite_lists_the_suites() -> None:
    with pytest.raises(
        sessions.UsageError, match="Unknown suite 'race'. The suites are: fault-injection, concurrency."
    ):
        sessions.select("robustness", ["race"], KNOWN)


def test_sessions_are_not_hidden_by_directories(all_sessions: dict[str, str]) -> None:
    """Make does not run a rule whose target exists, unless the Makefile says so."""
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony
    assert [name for name in all_sessions if (ROOT / name).exists() and name not in phony[1].split()] == []


def test_requested_core_reaches_the_sessions() -> None:
    environment = {"ANSIBLE_CORE": "2.18", "ANSIBLE_CONFIG": "c", "PATH": "/bin", "HOME": str(ROOT)}
    isolate(environment)
    assert environment["ANSIBLE_CORE"] == "2.18"


# Results


def test_sessions_without_result_count_as_failed() -> None:
    rows = [
        sessions.Row(name, result, 0, "")
        for name, result in (
            ("units", "success"),
            ("environment", "success"),
            ("signature", "skipped"),
            ("other", "failed"),
        )
    ]
    assert sessions.count(rows, ["units", "signature", "smoke"]) == (1, 2, 1)
    assert sessions.count(rows[1:3], ["signature"]) == (0, 0, 1)


def write_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *results: dict[str, t.Any]) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"result": 1, "sessions": list(results)}), encoding="utf-8")
    monkeypatch.setattr(sessions, "REPORT", report)
    monkeypatch.setattr(sessions, "JUNIT", tmp_path)


def test_table_shows_results_tests_and_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(
        tmp_path,
        monkeypatch,
        {"name": "units", "result": "success", "duration": 61.4, "reason": None},
        {"name": "signature", "result": "skipped", "duration": 0.1, "reason": "gpg is not installed"},
    )
    suite = '<testsuites><testsuite tests="1207" failures="1" errors="1" skipped="5"/></testsuites>'
    (tmp_path / "units.xml").write_text(suite, encoding="utf-8")
    assert sessions.table(sessions.rows()) == [
        "session    result     time",
        "units      success     61 s  1,200 tests passed, 2 failed, 5 skipped",
        "signature  skipped      0 s  gpg is not installed",
    ]


def test_reasons_of_skipped_tests_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "JUNIT", tmp_path)
    skipped = '<testcase><skipped message="no Chromium"/></testcase>'
    (tmp_path / "units.xml").write_text(f"<testsuites><testsuite>{skipped * 2}</testsuite></testsuites>")
    assert sessions.skip_reasons("units") == ["units: 2 skipped: no Chromium"]
    assert sessions.skip_reasons("signature") == []


def test_no_report_means_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "REPORT", tmp_path / "missing.json")
    assert sessions.rows() == []


# Pinned versions


def test_versions_that_agree_need_no_markers() -> None:
    assert constraints.merge({"3.11": {"a": "1"}, "3.12": {"a": "1"}, "3.13": {"a": "1"}}) == ["a==1"]


def test_versions_that_differ_get_markers() -> None:
    assert constraints.merge({"3.11": {"a": "1"}, "3.12": {"a": "2"}, "3.13": {"a": "3"}}) == [
        "a==1 ; python_version <= '3.11'",
        "a==2 ; python_version >= '3.12' and python_version <= '3.12'",
        "a==3 ; python_version >= '3.13'",
    ]


def test_packages_of_some_pythons_need_no_markers() -> None:
    assert constraints.merge({"3.11": {"tomli": "2"}, "3.12": {}}) == ["tomli==2"]


def pinned() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests" / "constraints").glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found[path.stem] = [line for line in lines if line and not line.startswith("#")]
    return found


def test_constraints_are_exact_versions_without_addresses() -> None:
    exact = re.compile(r"[a-z0-9.-]+==[\w.+!]+( ; python_version [\w.<>=' ]+)?")
    wrong = [line for lines in pinned().values() for line in lines if not exact.fullmatch(line)]
    assert wrong == []


def test_each_core_is_pinned() -> None:
    files = pinned()
    for core in CORES:
        assert any(line.startswith(f"ansible-core=={core}.") for line in files[f"ansible-core-{core}"])


@pytest.mark.parametrize("name", ["nox", "lint", "docs", "play", "tests", "robustness"])
def test_requirements_are_pinned(name: str) -> None:
    names = {re.split("==", line)[0] for key in ("packages", "ansible-core") for line in pinned()[key]}
    text = (ROOT / "tests" / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    required = {match.lower() for match in re.findall(r"^([A-Za-z][\w.-]*)", text, re.MULTILINE)}
    assert required <= names


def packages_in(value: t.Any) -> t.Iterator[str]:
    """Return the packages in a setting of antsibull-nox.toml."""
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else []:
        if item["type"] == "package":
            yield item["name"]


def test_packages_of_antsibull_nox_are_pinned() -> None:
    settings = tomllib.loads((ROOT / "antsibull-nox.toml").read_text(encoding="utf-8"))["sessions"]
    named = {
        name.partition("[")[0].lower()
        for session in settings.values()
        for key, value in session.items()
        if key.endswith(("_package", "_extra_deps"))
        for name in packages_in(value)
    }
    assert named
    assert named <= {re.split("==", line)[0] for lines in pinned().values() for line in lines}


def test_pre_commit_uses_the_versions_of_the_sessions() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    used = {package for hook in hooks for package in hook["additional_dependencies"]}
    assert used
    assert used <= set(pinned()["packages"])


# Environments


def test_fingerprint_depends_on_the_requested_core() -> None:
    assert bootstrap.fingerprint("2.18") != bootstrap.fingerprint("2.19") == bootstrap.fingerprint("2.19")


def test_constraints_of_a_core_replace_those_of_the_newest() -> None:
    names = [Path(word).name for word in bootstrap.constraints("2.18") if word != "-c"]
    assert names == ["packages.txt", "ansible-core-2.18.txt"]


def test_failed_command_is_one_line_with_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.run_logged([sys.executable, "-c", "print('details'); raise SystemExit(3)"], log, "Failed to work:")
    assert str(caught.value) == f"Failed to work: (exit status 3; details: {log})"
    assert "details\n" in log.read_text(encoding="utf-8")


def test_isolation_removes_credentials_and_replaces_home(tmp_path: Path) -> None:
    environment = {"HW_SECRET_KEY": "s", "ANSIBLE_CONFIG": "c", "PATH": "/bin", "HOME": str(tmp_path)}
    isolate(environment)
    assert not {"HW_SECRET_KEY", "ANSIBLE_CONFIG"} & set(environment)
    assert environment["HOME"] == str(ROOT / ".cache" / "home")
    assert environment["NO_PROXY"] == "127.0.0.1,localhost"


def test_collection_link_leads_to_the_checkout() -> None:
    link_collection()
    link_collection()
    assert (ROOT / ".collections/ansible_collections/community/huaweicloud").resolve() == ROOT.resolve()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "Python 3.11 or newer is required, but python-stub is "),
        ('case "$2" in *ensurepip*) exit 1;; esac', "python-stub cannot create virtual environments."),
    ],
)
def test_unsuitable_python_is_reported_in_one_line(tmp_path: Path, script: str, message: str) -> None:
    stub = tmp_path / "python-stub"
    stub.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    stub.chmod(0o755)
    done = run_script(tmp_path, PYTHON="python-stub")
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_missing_python_is_reported_in_one_line(tmp_path: Path) -> None:
    done = run_script(tmp_path, PYTHON="no-such-python")
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is required, but no-such-python was not found.")
    assert done.stderr.count("\n") == 1


def run_script(directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(directory), os.environ["PATH"]])
    return subprocess.run(
        ["sh", str(ROOT / "tests" / "tools" / "run.sh"), "sessions", "test"],
        env={"PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
