# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unit tests notice changes of the code, or explained.json explains why they need not.

Every mutant that survives must have a reason. A reason for a mutant that is killed or does not exist is an error. ``explanations.py`` maintains the file.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import sys
import typing as t
from pathlib import Path
from types import SimpleNamespace

import explanations
import pytest
import tester
from explanations import FILES, Names
from mutations import Mutant

EXPLAINED = explanations.load()

# The lowest accepted share of killed mutants.
MINIMUM = 0.9
# The size of the representative part, and the seed that selects it.
SAMPLE_FILES, SAMPLE, SEED = 3, 8, 5


def test_survivors_are_explained(whole: bool, tally: t.Any, tmp_path: Path) -> None:
    files = FILES if whole else random.Random(SEED).sample(FILES, SAMPLE_FILES)
    mutants = explanations.list_mutants(files)
    explained = {file: EXPLAINED.get(file, {}) for file in files}
    assert explanations.list_stale(explained, mutants) == []
    order = mutants if whole else select_sample(mutants)
    survivors = explanations.run_tester(order, tmp_path, quick=not whole)
    for file, names in order.items():
        found, known = set(survivors[file]), set(explained[file])
        row = {
            "file": f"plugins/module_utils/{file}",
            "mutants": len(names),
            "killed": len(names) - len(found),
            "explained": len(found & known),
        }
        tally.add("mutants, killed or explained", len(names), len(names) - len(found - known), row)
    assert explanations.list_unexplained(EXPLAINED, survivors) == []
    if whole:
        assert explanations.list_killed(EXPLAINED, survivors) == []
        total = sum(map(len, mutants.values()))
        assert total - sum(map(len, survivors.values())) >= MINIMUM * total


def select_sample(mutants: Names) -> Names:
    """Select the same few mutants without a reason in every run."""
    unexplained = explanations.list_unexplained(EXPLAINED, mutants)
    sample = random.Random(SEED).sample(unexplained, SAMPLE)
    return {
        file: [name for other, name in sample if other == file]
        for file in dict.fromkeys(file for file, dummy in sample)
    }


def test_explained_files_are_mutated() -> None:
    assert set(EXPLAINED) <= set(FILES)


def test_explained_lines_exist() -> None:
    """This finds most stale reasons without the generation of all mutants."""
    for file, names in EXPLAINED.items():
        source = " ".join((explanations.ROOT / "plugins" / "module_utils" / file).read_text(encoding="utf-8").split())
        missing = [name for name in names if name.partition(": ")[2].partition(" -> ")[0] not in source]
        assert missing == [], "Run explanations.py to move or delete these reasons."


def test_every_reason_is_a_sentence() -> None:
    reasons = [reason for names in EXPLAINED.values() for reason in names.values()]
    assert all(len(reason.split()) >= 4 for reason in reasons)


@pytest.mark.parametrize("file", FILES)
def test_mutated_files_have_tests(file: str) -> None:
    assert tester.own_tests(file)


def test_modules_that_are_imported_late_can_be_mutated(monkeypatch: pytest.MonkeyPatch) -> None:
    package, name = importlib.import_module(f"{tester.PACKAGE}._reconcile"), "executor"
    monkeypatch.delattr(package, name, raising=False)
    monkeypatch.delitem(sys.modules, f"{package.__name__}.{name}", raising=False)
    assert tester._module("_reconcile/executor.py").__name__ == f"{package.__name__}.{name}"


# Maintenance of explained.json


def test_reason_moves_to_the_renamed_mutant() -> None:
    reasons = {"_a.py": {"wait: limits = 1 -> limits = 2": "It is a bound."}}
    mutants = {"_a.py": ["wait: limit = 1 -> limit = 2", "g: something() -> pass"]}
    assert explanations.move_stale(reasons, mutants) == [
        ("_a.py", "wait: limits = 1 -> limits = 2", "_a.py: wait: limit = 1 -> limit = 2")
    ]
    assert reasons == {"_a.py": {"wait: limit = 1 -> limit = 2": "It is a bound."}}


def test_reason_moves_with_the_code_to_another_file() -> None:
    reasons = {"_a.py": {"f: old = 1 -> old = 2": "It is a bound."}}
    explanations.move_stale(reasons, {"_a.py": [], "_b.py": ["f: old = 1 -> old = 2"]})
    assert reasons == {"_a.py": {}, "_b.py": {"f: old = 1 -> old = 2": "It is a bound."}}


def test_reason_without_a_similar_mutant_is_deleted() -> None:
    reasons = {"_a.py": {"f: old = 1 -> old = 2": "One.", "f: one -> two": "Two."}}
    mutants = {"_a.py": ["f: one -> two", "g: something() -> pass"]}
    assert explanations.move_stale(reasons, mutants) == [("_a.py", "f: old = 1 -> old = 2", None)]
    assert reasons == {"_a.py": {"f: one -> two": "Two."}}


def test_survivors_with_an_empty_reason_are_unexplained() -> None:
    reasons = {"_a.py": {"one": "It is a bound.", "two": ""}}
    survivors = {"_a.py": ["one", "two", "three"]}
    assert explanations.list_unexplained(reasons, survivors) == [("_a.py", "two"), ("_a.py", "three")]
    assert explanations.list_killed(reasons, {"_a.py": ["two"]}) == [("_a.py", "one")]


# The tester


def end_by_signal(number: int) -> t.Callable[[], int]:
    def work() -> int:
        os.kill(os.getpid(), number)
        return tester.KILLED

    return work


def run_child(work: t.Callable[[], int]) -> int | str:
    return tester.read_status(os.waitpid(tester._fork(work), 0)[1])


def test_only_a_failed_test_kills_a_mutant() -> None:
    """Errors of the tester and signals do not decide whether a mutant is killed or survives."""
    assert run_child(lambda: tester.SURVIVED) == tester.SURVIVED
    assert run_child(lambda: tester.KILLED) == tester.KILLED
    assert run_child(lambda: 1 // 0) == "the tests could not run"
    assert run_child(end_by_signal(signal.SIGKILL)) == "SIGKILL ended it"
    assert run_child(end_by_signal(signal.SIGALRM)) == tester.TIMED_OUT
    # The processor time proves an endless loop, however busy the machine is.
    assert run_child(end_by_signal(signal.SIGPROF)) == tester.KILLED


def trial(name: str) -> tester.Trial:
    return tester.Trial("_http/client.py", Mutant(name, range(0), ""), [])


def test_mutant_with_timeout_runs_again_separately(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it times out again, its result is unknown."""
    ends = {"slow": [signal.SIGALRM, signal.SIGALRM], "busy": [signal.SIGALRM, None], "sound": [None]}
    started: list[str] = []

    def start(self: tester.Tester, one: tester.Trial) -> int:
        started.append(one.mutant.name)
        number = ends[one.mutant.name].pop(0)
        return tester._fork((lambda: tester.SURVIVED) if number is None else end_by_signal(number))

    monkeypatch.setattr(tester.Tester, "_start", start)
    run = tester.Tester({"_http/client.py": []}, quick=True)
    running = {run._start(one): one for one in map(trial, ends)}
    # This process may have other children.
    monkeypatch.setattr(os, "wait", lambda: os.waitpid(next(iter(running)), 0))
    while running:
        run._wait(running)
    assert sorted(started) == ["busy", "busy", "slow", "slow", "sound"]
    assert run.unknown == [f"_http/client.py: slow: {tester.TIMED_OUT}"]
    assert sorted(run.survivors["_http/client.py"]) == ["busy", "sound"]


def test_unknown_result_of_a_mutant_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[2], 'w').write('{}'); sys.exit('Unknown:\\n_http/client.py: it')"
    (tmp_path / "tester.py").write_text(script, encoding="utf-8")
    monkeypatch.setattr(explanations, "HERE", tmp_path)
    with pytest.raises(explanations.TesterError, match="Unknown:\n_http/client.py: it"):
        explanations.run_tester({}, tmp_path, quick=True)


@pytest.mark.parametrize("quick", [True, False])
def test_unchanged_code_must_survive_its_tests(monkeypatch: pytest.MonkeyPatch, quick: bool) -> None:
    session = t.cast(pytest.Session, SimpleNamespace(items=[], Failed=pytest.Session.Failed))
    monkeypatch.setattr(tester.Tester, "_test_mutant", lambda self, one: tester.SURVIVED)
    tester.Tester({"_http/client.py": []}, quick=quick)._check_unchanged_code(session, {})
    monkeypatch.setattr(tester.Tester, "_test_mutant", lambda self, one: tester.KILLED)
    with pytest.raises(pytest.Session.Failed, match="does not survive"):
        tester.Tester({"_http/client.py": []}, quick=quick)._check_unchanged_code(session, {})
