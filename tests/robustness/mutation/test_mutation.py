# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is changed in the code is noticed by a unit test, or explained.

``explained.json`` has the reason for each mutant that survives, and has to be exact: one that survives without a reason fails, and so
does a reason for one that is killed or that there is no longer.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
import tester
from mutations import Mutant, mutants_of

HERE = Path(__file__).resolve().parent
EXPLAINED: dict[str, dict[str, str]] = json.loads((HERE / "explained.json").read_text(encoding="utf-8"))

# Reconciling, retrying, credentials, paging, comparing.
FILES = (
    "_reconcile/resource.py",
    "_reconcile/write_recovery.py",
    "_reconcile/engine.py",
    "_http/client.py",
    "_errors.py",
    "_http/redaction.py",
    "_http/retry.py",
    "_http/signing.py",
    "_api/modelarts.py",
    "_kubernetes/compare.py",
    "_kubernetes/difference.py",
    "_kubernetes/equality.py",
    "_kubernetes/server_fields.py",
    "_kubernetes/last_applied.py",
    "_kubernetes/order.py",
    "_kubernetes/sidecar.py",
    "_kubernetes/api_facts.py",
    "_kubernetes/quantity.py",
    "_resources/workspace/grants.py",
    "_http/rate_limiter.py",
    "_reconcile/waiter.py",
    "_session.py",
    "_api/iam.py",
    "_argspec.py",
    "_connection/settings.py",
    "_connection/connection.py",
)
LEAST = 0.9
# For every day: how many, and which.
FEW, SEED = 8, 5

Names = t.Dict[str, t.List[str]]


def survivors(order: Names, folder: Path, *, quick: bool) -> Names:
    """What is left of these mutants."""
    asked, answer = folder / "order.json", folder / "survivors.json"
    asked.write_text(json.dumps({"mutants": order, "quick": quick}), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tester.ROOT / ".collections")}
    command = [sys.executable, str(HERE / "tester.py"), str(asked), str(answer)]
    done = subprocess.run(command, cwd=tester.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(answer.read_text(encoding="utf-8"))


def test_mutants_are_killed_or_explained(whole: bool, tally: t.Any, tmp_path: Path) -> None:
    made = {file: [mutant.name for mutant in mutants_of(tester.CODE / file)] for file in FILES}
    gone = [f"{file}: {name}" for file, names in EXPLAINED.items() for name in names if name not in made.get(file, ())]
    assert gone == []
    order = made if whole else _some(made)
    left = survivors(order, tmp_path, quick=not whole)
    for file, names in order.items():
        found, known = set(left[file]), set(EXPLAINED.get(file, {}))
        row = {
            "file": f"plugins/module_utils/{file}",
            "mutants": len(names),
            "killed": len(names) - len(found),
            "explained": len(found & known),
        }
        tally.add("mutants, killed or explained", len(names), len(names) - len(found - known), row)
    surprising = [
        f"{file}: {name}" for file, names in left.items() for name in names if name not in EXPLAINED.get(file, {})
    ]
    assert surprising == []
    if whole:
        killed = [f"{file}: {name}" for file, names in EXPLAINED.items() for name in names if name not in left[file]]
        assert killed == []
        total = sum(map(len, made.values()))
        assert total - sum(map(len, left.values())) >= LEAST * total


def _some(made: Names) -> Names:
    """A few from everywhere, the same every time."""
    all_of_them = [
        (file, name) for file, names in made.items() for name in names if name not in EXPLAINED.get(file, {})
    ]
    apply_filters = random.Random(SEED).sample(all_of_them, FEW)
    return {
        file: [name for other, name in apply_filters if other == file]
        for file in dict.fromkeys(file for file, name in apply_filters)
    }


def test_every_reason_is_one() -> None:
    reasons = [reason for names in EXPLAINED.values() for reason in names.values()]
    assert all(len(reason.split()) >= 4 for reason in reasons)


# -- the tester itself can fail


def ended_by(number: int) -> t.Callable[[], int]:
    def work() -> int:
        os.kill(os.getpid(), number)
        return tester.KILLED

    return work


def outcome_of(work: t.Callable[[], int]) -> int | str:
    return tester.outcome(os.waitpid(tester._fork(work), 0)[1])


def test_only_a_test_that_fails_kills() -> None:
    """An error of the tester, and a signal, tell nothing: neither that a mutant is killed nor that it survives."""
    assert [outcome_of(lambda: tester.SURVIVED), outcome_of(lambda: tester.KILLED)] == [tester.SURVIVED, tester.KILLED]
    assert outcome_of(lambda: 1 // 0) == "the tests could not be run"
    assert outcome_of(ended_by(signal.SIGKILL)) == "it was ended by SIGKILL"
    assert outcome_of(ended_by(signal.SIGALRM)) == tester.SLOW
    # Whoever works for ever is found out by the work alone, however busy the machine is.
    assert outcome_of(ended_by(signal.SIGPROF)) == tester.KILLED


def trial(name: str) -> tester.Trial:
    return tester.Trial("_http/client.py", Mutant(name, range(0), ""), [])


def test_what_is_slow_is_tried_once_more_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is known of what is slow then, too."""
    ends = {"slow": [signal.SIGALRM, signal.SIGALRM], "busy": [signal.SIGALRM, None], "sound": [None]}
    tried: list[str] = []

    def start(judge: tester.Tester, one: tester.Trial) -> int:
        tried.append(one.mutant.name)
        number = ends[one.mutant.name].pop(0)
        return tester._fork((lambda: tester.SURVIVED) if number is None else ended_by(number))

    monkeypatch.setattr(tester.Tester, "_start", start)
    judge = tester.Tester({"_http/client.py": []}, quick=True)
    running = {judge._start(one): one for one in map(trial, ends)}
    # This process may have other children.
    monkeypatch.setattr(os, "wait", lambda: os.waitpid(next(iter(running)), 0))
    while running:
        judge._wait(running)
    assert sorted(tried) == ["busy", "busy", "slow", "slow", "sound"]
    assert judge.broken == [f"_http.py: slow: {tester.SLOW}"]
    assert sorted(judge.survivors["_http/client.py"]) == ["busy", "sound"]


def test_a_mutant_nothing_is_known_of_fails_the_suite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tester tells the survivors, and that there are others."""
    script = "import sys; open(sys.argv[2], 'w').write('{}'); sys.exit('Nothing is known of:\\n_http.py: it')"
    (tmp_path / "tester.py").write_text(script, encoding="utf-8")
    monkeypatch.setattr(sys.modules[__name__], "HERE", tmp_path)
    with pytest.raises(AssertionError, match="Nothing is known of"):
        survivors({}, tmp_path, quick=True)


def test_code_that_does_not_survive_its_own_tests_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """In whole runs as well as in quick ones."""
    session = t.cast(pytest.Session, SimpleNamespace(items=[], Failed=pytest.Session.Failed))
    for quick in (True, False):
        monkeypatch.setattr(tester.Tester, "_try", lambda judge, one: tester.SURVIVED)
        tester.Tester({"_http/client.py": []}, quick=quick)._control(session, {})
        monkeypatch.setattr(tester.Tester, "_try", lambda judge, one: tester.KILLED)
        with pytest.raises(pytest.Session.Failed, match="does not survive"):
            tester.Tester({"_http/client.py": []}, quick=quick)._control(session, {})
