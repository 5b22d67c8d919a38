# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the molecule scenarios: ``scenarios.py``, or ``scenarios.py converge -s releases`` for one command of molecule.

Molecule only warns about a missing playbook or a wrong path. So a run passes only if molecule succeeds, the callback
plugin ``playbook_runs`` recorded every playbook that the scenarios list, the second run of each converge playbook
changed nothing, Ansible logged no warning, and no process or file is left.
"""

from __future__ import annotations

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml
from environment import CACHE, ROOT, play_environment, use_home
from temporary import usable_directory

SCENARIOS = ROOT / "extensions" / "molecule"
CALLBACKS = ROOT / "tests" / "molecule" / "callback"
BIN = Path(sys.executable).parent
STATE = CACHE / "molecule"
RUNS, ANSIBLE_LOG = STATE / "runs.jsonl", STATE / "ansible.log"
COMMAND = ("test", "--all", "--report", "--command-borders")

# The playbook of each molecule step. Idempotence is the second run of the converge playbook.
PLAYBOOKS = {"idempotence": "converge.yml"}
# Ansible's log: time, then p=process u=user n=logger LEVEL| message. The level is data, the message is text for people.
LOGGED = re.compile(r"^\S+ \S+ p=\d+ u=.*? n=\S+ (?P<level>[A-Z]+)\| ?(?P<message>.*)$")

Run = dict[str, t.Any]


def scenarios() -> dict[str, list[str]]:
    """Return the steps of each scenario, as its molecule.yml or the shared config.yml lists them."""
    shared = _load(SCENARIOS / "config.yml")
    found = {}
    for path in sorted(SCENARIOS.glob("*/molecule.yml")):
        settings = {**shared["scenario"], **_load(path).get("scenario", {})}
        found[path.parent.name] = list(settings["test_sequence"])
    return found


def _load(path: Path) -> dict[str, t.Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def find_problems(runs: t.Iterable[Run], expected: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """Compare the recorded playbook runs with the steps of each scenario."""
    recorded: dict[str, list[Run]] = collections.defaultdict(list)
    for run in runs:
        recorded[run["scenario"]].append(run)
    problems = [f"{name}: unknown scenario" for name in recorded if name not in expected]
    for name, steps in expected.items():
        wanted = [PLAYBOOKS.get(step, f"{step}.yml") for step in steps]
        found = [run["playbook"] for run in recorded[name]]
        if found != wanted:
            problems.append(f"{name}: ran {found}, expected {wanted}")
        else:
            problems += [
                f"{name}, {step}: {problem}"
                for step, run in zip(steps, recorded[name])
                for problem in _problems_of_run(step, run["counts"])
            ]
    return problems


def _problems_of_run(step: str, counts: t.Mapping[str, int]) -> t.Iterator[str]:
    if not counts.get("ok"):
        yield "no task ran"
    for name in ("failures", "unreachable", "ignored", "rescued"):
        if counts.get(name):
            yield f"{name}: {counts[name]}"
    if step == "idempotence" and counts.get("changed"):
        yield f"changed: {counts['changed']}"


def logged_warnings(lines: t.Iterable[str]) -> list[str]:
    """Return the messages that Ansible logged at a level above INFO."""
    found = [match for match in map(LOGGED.match, lines) if match]
    return [match["message"] for match in found if match["level"] not in ("DEBUG", "INFO")]


def left(directory: Path) -> list[str]:
    """Return the processes with ``directory`` in their command line, and the files of an emulator in it."""
    found = [f"{path} is left" for path in sorted(directory.rglob("ready.json"))]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(directory) in words:
            found.append(f"process {path.parent.name} still runs: {words.strip()}")
    return found


def variables(parent: int) -> dict[str, str]:
    """Return the environment of molecule. Its emulator ends with the process ``parent``, or with none if that is 0."""
    environment = play_environment(
        {
            "HUAWEICLOUD_MOLECULE_PID": str(parent),
            "MOLECULE_EPHEMERAL_DIRECTORY": str(STATE / "state"),
            # Without this, Ansible only warns about an inventory that it cannot read.
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "TMPDIR": usable_directory(),
        }
    )
    # Molecule calls ansible-playbook and ansible-config by name.
    environment["PATH"] = os.pathsep.join([str(BIN), environment["PATH"]])
    use_home(environment, STATE / "home")
    return environment


def molecule(environment: t.Mapping[str, str], *arguments: str) -> int:
    """Run molecule from the environment of this Python, and return its exit status."""
    return subprocess.call([str(BIN / "molecule"), *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)


def test_all() -> int:
    """Run all scenarios and print what molecule did not count as a failure."""
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    environment = variables(os.getpid())
    environment.update(
        ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
        ANSIBLE_CALLBACKS_ENABLED="playbook_runs",
        ANSIBLE_LOG_PATH=str(ANSIBLE_LOG),
        PLAYBOOK_RUNS_FILE=str(RUNS),
    )
    status = molecule(environment, *COMMAND)
    runs = [json.loads(line) for line in _lines(RUNS)]
    problems = find_problems(runs, scenarios()) + logged_warnings(_lines(ANSIBLE_LOG)) + left(STATE)
    print(*problems, sep="\n", end="\n" * bool(problems), flush=True)
    return int(bool(status or problems))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def main() -> int:
    if sys.argv[1:]:
        # The emulator keeps running until "scenarios.py destroy".
        return molecule(variables(0), *sys.argv[1:])
    return test_all()


if __name__ == "__main__":
    sys.exit(main())
