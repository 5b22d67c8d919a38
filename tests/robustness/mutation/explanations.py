# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maintain explained.json, which contains a reason for each mutant that survives the unit tests.

    .nox/robustness-environment/bin/python tests/robustness/mutation/explanations.py [--survivors]

Without an option, the program moves the reasons of mutants that no longer exist to the most similar new mutants, and deletes the others. It prints
both, so that you can review them. With ``--survivors`` it then runs all mutants, which takes about half an hour, deletes the reasons of killed mutants,
and prints the survivors without a reason. They get an empty reason in the file: add a unit test, or write the reason.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PATH = HERE / "explained.json"

# The files whose code is mutated, below plugins/module_utils.
FILES = (
    "_reconcile/resource.py",
    "_reconcile/write_recovery.py",
    "_reconcile/engine.py",
    "_reconcile/planner.py",
    "_reconcile/executor.py",
    "_http/client.py",
    "_http/retry.py",
    "_errors.py",
    "_http/redaction.py",
    "_http/signing.py",
    "_connection/credentials.py",
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
    "_prometheus/evaluation.py",
)

# Names of mutants by file, and reasons by file and mutant.
Names = t.Dict[str, t.List[str]]
Reasons = t.Dict[str, t.Dict[str, str]]

# Names of a mutant before and after a rename in its code are at least this similar. Mutants of one line can be more similar than that to each other,
# so a reason only moves to a mutant without a reason.
_SIMILAR = 0.75


class TesterError(Exception):
    """The tester failed, or the result of some mutants is unknown. The message is its output."""


def load() -> Reasons:
    return t.cast(Reasons, json.loads(PATH.read_text(encoding="utf-8")))


def save(reasons: Reasons) -> None:
    content = {file: dict(sorted(reasons[file].items())) for file in FILES if reasons.get(file)}
    PATH.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def list_stale(reasons: Reasons, mutants: Names) -> list[tuple[str, str]]:
    """Return the file and the name of each explained mutant that does not exist."""
    return [(file, name) for file, names in reasons.items() for name in names if name not in mutants.get(file, ())]


def list_unexplained(reasons: Reasons, survivors: Names) -> list[tuple[str, str]]:
    """Return the file and the name of each survivor without a reason."""
    return [(file, name) for file, names in survivors.items() for name in names if not reasons.get(file, {}).get(name)]


def list_killed(reasons: Reasons, survivors: Names) -> list[tuple[str, str]]:
    """Return the file and the name of each explained mutant that the unit tests kill."""
    return [(file, name) for file, names in reasons.items() for name in names if name not in survivors.get(file, ())]


def move_stale(reasons: Reasons, mutants: Names) -> list[tuple[str, str, str | None]]:
    """Move the reasons of mutants that do not exist to similar mutants, or delete them, in ``reasons``.

    Return the file, the old name and the new name of each. A mutant of the same file is preferred, because code can move to other files.
    """
    moved: list[tuple[str, str, str | None]] = []
    for file, name in list_stale(reasons, mutants):
        reason = reasons[file].pop(name)
        target = _find_similar(name, file, reasons, mutants)
        if target:
            reasons.setdefault(target[0], {})[target[1]] = reason
        moved.append((file, name, ": ".join(target) if target else None))
    return moved


def _find_similar(name: str, file: str, reasons: Reasons, mutants: Names) -> tuple[str, str] | None:
    for candidates in (
        mutants.get(file, []),
        [one for other, names in mutants.items() if other != file for one in names],
    ):
        free = [one for one in candidates if not any(one in names for names in reasons.values())]
        for found in difflib.get_close_matches(name, free, n=1, cutoff=_SIMILAR):
            return next(other for other, names in mutants.items() if found in names), found
    return None


def run_tester(order: Names, directory: Path, *, quick: bool) -> Names:
    """Run the unit tests against the mutants in ``order`` and return the survivors. Raise TesterError if a result is unknown."""
    request, report = directory / "order.json", directory / "survivors.json"
    request.write_text(json.dumps({"mutants": order, "quick": quick}), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".collections")}
    command = [sys.executable, str(HERE / "tester.py"), str(request), str(report)]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        raise TesterError(process.stdout + process.stderr)
    return t.cast(Names, json.loads(report.read_text(encoding="utf-8")))


def list_mutants(files: t.Sequence[str] = FILES) -> Names:
    """Return the names of the mutants by file. For all files this takes half a minute."""
    # libcst and mutmut are only in the environment of the robustness suites.
    from mutations import generate_mutants

    return {file: [one.name for one in generate_mutants(ROOT / "plugins" / "module_utils" / file)] for file in files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--survivors", action="store_true", help="run all mutants and list survivors without a reason")
    options = parser.parse_args()
    reasons, mutants = load(), list_mutants()
    for file, name, target in move_stale(reasons, mutants):
        print(
            f"{'moved' if target else 'deleted'}: {file}: {name}", *([f"     to: {target}"] if target else []), sep="\n"
        )
    unexplained: list[tuple[str, str]] = []
    if options.survivors:
        with tempfile.TemporaryDirectory() as directory:
            survivors = run_tester(mutants, Path(directory), quick=False)
        for file, name in list_killed(reasons, survivors):
            del reasons[file][name]
            print(f"killed: {file}: {name}")
        unexplained = list_unexplained(reasons, survivors)
        for file, name in unexplained:
            reasons.setdefault(file, {})[name] = ""
            print(f"without a reason: {file}: {name}")
    save(reasons)
    return int(bool(unexplained))


if __name__ == "__main__":
    sys.exit(main())
