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
import subprocess
import sys
import typing as t
from pathlib import Path

import tester
from mutations import mutants_of

HERE = Path(__file__).resolve().parent
EXPLAINED: dict[str, dict[str, str]] = json.loads((HERE / "explained.json").read_text(encoding="utf-8"))

# Reconciling, retrying, credentials, paging, comparing.
FILES = (
    "_reconcile/_resource.py",
    "_reconcile/_writes.py",
    "_reconcile/_converge.py",
    "_http.py",
    "_errors.py",
    "_secrets.py",
    "_auth.py",
    "_services/modelarts.py",
    "_kubernetes/_compare.py",
    "_kubernetes/_quantity.py",
    "_resources/_grants.py",
    "_rate.py",
    "_wait.py",
    "_session.py",
    "_services/iam.py",
    "_options.py",
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
        row = {"file": f"plugins/module_utils/{file}", "mutants": len(names), "killed": len(names) - len(found), "explained": len(found & known)}
        tally.add("mutants, killed or explained", len(names), len(names) - len(found - known), row)
    surprising = [f"{file}: {name}" for file, names in left.items() for name in names if name not in EXPLAINED.get(file, {})]
    assert surprising == []
    if whole:
        killed = [f"{file}: {name}" for file, names in EXPLAINED.items() for name in names if name not in left[file]]
        assert killed == []
        total = sum(map(len, made.values()))
        assert total - sum(map(len, left.values())) >= LEAST * total


def _some(made: Names) -> Names:
    """A few from everywhere, the same every time."""
    all_of_them = [(file, name) for file, names in made.items() for name in names if name not in EXPLAINED.get(file, {})]
    chosen = random.Random(SEED).sample(all_of_them, FEW)
    return {file: [name for other, name in chosen if other == file] for file in dict.fromkeys(file for file, name in chosen)}


def test_every_reason_is_one() -> None:
    reasons = [reason for names in EXPLAINED.values() for reason in names.values()]
    assert all(len(reason.split()) >= 4 for reason in reasons)
