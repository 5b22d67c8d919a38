# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the molecule scenarios: ``scenarios.py``, or ``scenarios.py converge -s releases`` for one command of molecule.

Molecule takes a wrong path or a missing playbook for a warning. Here a run has passed when each role was converged,
converged again without a change, and verified, when no warning was said, and when nothing of it is left.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

from environment import CACHE, ROOT, VENV, play_environment, use_home

SCENARIOS = ROOT / "extensions" / "molecule"
PLACE = CACHE / "molecule"
ALL = ("test", "--all", "--report", "--command-borders")
STEPS = ("converge", "idempotence", "verify")

COLOR = re.compile(r"\x1b\[[0-9;]*m")
WARNING = re.compile(r"^(?:[\W_]*)WARNING\b|\[WARNING\]")
DONE = re.compile(r"^(\w+) ➜ (\w+): Executed: (.+?)\s*$")
# Scenarios that share their state keep one time for the files of all; a fresh place makes the advice to reset void.
EXPECTED = "has been modified since the scenario was created"


def roles() -> list[str]:
    return sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())


def complaints(lines: t.Iterable[str], wanted: t.Iterable[str]) -> list[str]:
    """What is wrong with a run of all scenarios that said ``lines``, though molecule itself may be content."""
    plain = [COLOR.sub("", line).strip() for line in lines]
    found = [f"a warning: {line}" for line in plain if WARNING.search(line) and EXPECTED not in line]
    done = {match.group(1, 2): match.group(3) for match in map(DONE.match, plain) if match}
    for role in wanted:
        for step in STEPS:
            outcome = done.get((role, step), "not done")
            if outcome != "Successful":
                found.append(f"{role}, {step}: {outcome}")
    return found


def left(place: Path) -> list[str]:
    """Processes that still have ``place`` in their command line, and what an emulator keeps there."""
    found = [f"{path} is left" for path in sorted(place.rglob("ready.json"))]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(place) in words:
            found.append(f"process {path.parent.name} still runs: {words.strip()}")
    return found


def variables(driver: int) -> dict[str, str]:
    """The environment of molecule: folders of its own, and an emulator that ends with the process ``driver`` (0: with none)."""
    environment = play_environment(
        {"MOLECULE_EPHEMERAL_DIRECTORY": str(PLACE / "state"), "HUAWEICLOUD_MOLECULE_PID": str(driver)}
    )
    use_home(environment, PLACE / "home")
    return environment


def test_all() -> int:
    """Run every scenario, pass the output on, and say what molecule did not mind."""
    shutil.rmtree(PLACE, ignore_errors=True)
    command = [str(VENV / "bin" / "molecule"), *ALL]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=variables(os.getpid()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        print(line, end="", flush=True)
    status = process.wait()
    found = complaints(lines, roles()) + left(PLACE)
    print(*found, sep="\n", end="\n" * bool(found))
    return int(bool(status or found))


def main() -> int:
    if sys.argv[1:]:
        # The emulator lives on until somebody says destroy.
        return subprocess.call([str(VENV / "bin" / "molecule"), *sys.argv[1:]], cwd=ROOT, env=variables(0))
    return test_all()


if __name__ == "__main__":
    sys.exit(main())
