# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run gates and say in a table which passed: ``gates.py TARGET [arguments for the tests]``.

A gate is one command; it passes when its status is zero. Its output goes to a log file and is shown when it fails.
Gates run side by side, except for those with tests in them: these use all cores by themselves.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import typing as t

import matrix
import measure
import robustness
from environment import CACHE, LOGS, ROOT, VENV, play_environment, use_home
from interpreters import find, first_of
from sanity import CORES

SIDE_BY_SIDE = 2
LONGEST = 900.0  # seconds, for one gate
LONGEST_OF_MATRIX = 3600.0
TIDY_UP = 10.0  # seconds, for one that is ended early
MOST_LINES = 400  # of a log that is shown

# Tests that choose their way themselves, and of what is made of tasks that other tests run in both ways.
OF_ONE_WAY = (
    "test_in_process.py",
    "test_local.py",
    "test_plan.py",
    "test_drift.py",
    "test_pages.py",
    "test_awx_jobs.py",
    "test_awx_setup.py",
    "test_contract.py",
    "test_pipelines.py",
)

# Unit tests, those of the emulator, and those of the repository itself.
UNITS = "tests/unit tests/emulator tests/repository"

PACKAGE = "ansible_collections.community.huaweicloud.plugins.module_utils"


@dataclasses.dataclass(frozen=True)
class Gate:
    """One command.

    ``alone``: not beside others; ``closing``: the last line of its output is worth showing when it passes; ``counted``:
    the lines it runs count when coverage is measured; ``skip``: why it can not run here; ``longest``: the seconds it has.
    """

    name: str
    command: tuple[str, ...]
    alone: bool = False
    closing: bool = False
    counted: bool = False
    skip: str = ""
    longest: float = LONGEST


@dataclasses.dataclass(frozen=True)
class Result:
    gate: Gate
    outcome: str
    seconds: float
    note: str = ""


def tool(name: str) -> str:
    return str(VENV / "bin" / name)


def helper(name: str) -> tuple[str, str]:
    return tool("python"), str(ROOT / "tests" / "tools" / name)


def sanity_gate(core: str, arguments: t.Sequence[str]) -> Gate:
    found = first_of(CORES[core])
    name = f"sanity, core {core}" + (f" on {found[0]}" if found else "")
    skip = "" if found else f"none of Python {', '.join(CORES[core])} is here"
    return Gate(name, (*helper("sanity.py"), core, *arguments), skip=skip)


def tests_gate(name: str, folder: str, arguments: t.Sequence[str], share: str, counted: bool = False) -> Gate:
    """``share`` is how pytest-xdist gives tests to its workers."""
    # No tests at all is a failure: pytest then ends with status 5, or 4 without the folder.
    workers = str(max(2, os.cpu_count() or 2))
    command = (tool("python"), "-m", "pytest", "-q", "-n", workers, "--dist", share, *folder.split(), *arguments)
    return Gate(name, command, alone=True, closing=True, counted=counted)


def matrix_gates(arguments: t.Sequence[str]) -> list[Gate]:
    """The tests with every supported ansible-core. Of ``arguments``, versions and files or folders choose some; all others go to pytest."""
    chosen = [word for word in arguments if word in matrix.CORES] or list(matrix.CORES)
    others = [word for word in arguments if word not in matrix.CORES]
    suites = [
        tests_gate("units", UNITS, others, "worksteal"),
        tests_gate("playbooks", "tests/playbooks", others, "loadscope"),
    ]
    suites.append(tests_gate("robustness", "tests/robustness", others, "worksteal"))
    paths = [word for word in others if word.startswith("tests/")]
    if paths:
        suites = [tests_gate("tests", paths[0], [word for word in others if word != paths[0]], "loadscope")]
    gates = []
    for core, version in (pair for pair in matrix.PAIRS if pair[0] in chosen):
        skip = "" if find(version) else f"Python {version} is not here"
        for suite in suites:
            # All but the interpreter and its -m pytest.
            command = (*helper("matrix.py"), core, version, *suite.command[3:])
            name = f"{suite.name}, core {core} on {version}"
            gates.append(dataclasses.replace(suite, name=name, command=command, skip=skip, longest=LONGEST_OF_MATRIX))
    return gates


def robustness_gates(arguments: t.Sequence[str]) -> list[Gate]:
    """Each suite of tests/robustness as a whole, in the environment made for that. Of ``arguments``, names of suites choose some; all others go to pytest."""
    chosen = [word for word in arguments if word in robustness.suites()] or robustness.suites()
    others = [word for word in arguments if word not in chosen]
    gates = []
    for name in chosen:
        gate = tests_gate(f"robustness, {name}", f"tests/robustness/{name}", ("--whole", *others), "worksteal")
        command = (str(CACHE / "robustness-venv" / "bin" / "python"), *gate.command[1:])
        gates.append(dataclasses.replace(gate, command=command, counted=False, longest=LONGEST_OF_MATRIX))
    return gates


def release_gates() -> tuple[list[Gate], list[Gate]]:
    """What has to be in order before a release: what is seen in the checkout, and what needs the tarball."""
    workflows = [str(path) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    checkout = [
        Gate("licenses", (tool("reuse"), "lint")),
        Gate("release notes", helper("notes.py")),
        Gate("signature", helper("signing.py"), skip="" if shutil.which("gpg") else "gpg is not installed"),
        Gate("workflows", (tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *workflows)),
    ]
    built = [
        Gate("installed tarball", helper("installed.py")),
        Gate("galaxy-importer", helper("importer.py")),
        Gate("tarball", helper("tarball.py"), closing=True),
    ]
    return checkout, built


def gates_of(target: str, arguments: t.Sequence[str]) -> list[Gate]:
    """The gates of one target of the Makefile, those that take longest first."""
    lint = [
        Gate("ansible-lint", (tool("ansible-lint"), "--offline", "--profile", "production", "--nocolor")),
        Gate("mypy", (tool("mypy"), "-p", PACKAGE)),
        Gate("ruff", helper("style.py")),
        Gate("yamllint", (tool("yamllint"), "--strict", ".")),
    ]
    docs = [
        Gate("docs", (tool("antsibull-docs"), "lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs", ".")),
        Gate("docs site", helper("docs.py"), closing=True),
        Gate("changelog", (tool("antsibull-changelog"), "lint")),
    ]
    # These alone are counted: they reach all that the plays reach, which counting would make half as long again.
    units = tests_gate("units", UNITS, arguments, "worksteal", counted=True)
    # The tests of one file may share an emulator, and stay in one worker.
    playbooks = tests_gate("playbooks", "tests/playbooks", arguments, "loadscope")
    # All about modules and roles once more in the way the action plugins fall back to, but for what chooses its way itself.
    falling_back = ("--as-modules", *(f"--ignore=tests/playbooks/{name}" for name in OF_ONE_WAY), *arguments)
    as_modules = tests_gate("playbooks as modules", "tests/playbooks", falling_back, "loadscope")
    # A representative part of each suite.
    robustness_part = dataclasses.replace(tests_gate("robustness", "tests/robustness", (), "worksteal"), counted=False)
    coverage = Gate("coverage", helper("measure.py"), alone=True, closing=True)
    checkout, built = release_gates()
    targets = {
        "units": [units],
        "playbooks": [playbooks],
        "playbooks-as-modules": [as_modules],
        "coverage": [units, coverage],
        "sanity": [sanity_gate(core, arguments) for core in CORES],
        "molecule": [Gate("molecule", (*helper("scenarios.py"), *arguments))],
        "lint": lint,
        "docs-lint": docs,
        "docs": [gate for gate in docs if gate.name == "docs site"],
        "notes": [Gate("release notes", (*helper("notes.py"), *arguments))],
        "release-check": built + checkout,
        "test-matrix": matrix_gates(arguments),
        "robustness": robustness_gates(arguments),
    }
    molecule = Gate("molecule", helper("scenarios.py"))
    suites = [playbooks, as_modules, robustness_part]
    targets["test"] = (
        [sanity_gate(core, ()) for core in CORES] + [molecule] + lint + docs + checkout + targets["coverage"] + suites
    )
    return targets[target]


class Runner:
    """Runs gates as processes of their own groups, so that an interrupt ends all of them."""

    def __init__(self, environment: t.Mapping[str, str], counting: t.Mapping[str, str]) -> None:
        self.environment = environment
        self.counting = counting
        self.running: set[subprocess.Popen[bytes]] = set()
        self.interrupted = False
        self.output = threading.Lock()

    def say(self, *lines: str) -> None:
        with self.output:
            print(*lines, sep="\n", flush=True)

    def run(self, gate: Gate) -> Result:
        """Run one gate to its end, or to the end of the time it has."""
        if gate.skip:
            return Result(gate, "skipped", 0.0, gate.skip)
        log = LOGS / f"{gate.name.replace(',', '').replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**self.environment, **(self.counting if gate.counted else {})}
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                gate.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.running.add(process)
            try:
                status: int | None = process.wait(gate.longest)
            except subprocess.TimeoutExpired:
                status = None
            self.running.discard(process)
            self.end(process)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return self.report(gate, status, time.monotonic() - started, lines, str(log.relative_to(ROOT)))

    def report(self, gate: Gate, status: int | None, seconds: float, lines: list[str], log: str) -> Result:
        closing = next((line for line in reversed(lines) if line.strip()), "") if gate.closing else ""
        warnings = [line for line in lines if line.startswith("warning: ")]
        if self.interrupted:
            return Result(gate, "FAILED", seconds, "interrupted")
        if status == 0:
            self.say(f"{gate.name}: passed in {seconds:.0f} s", *warnings, *([closing] if closing else []))
            return Result(gate, "passed", seconds)
        why = f"not done after {gate.longest:.0f} s" if status is None else f"status {status}"
        self.say(f"{gate.name}: FAILED in {seconds:.0f} s ({why}); from {log}:", *lines[-MOST_LINES:], "")
        return Result(gate, "FAILED", seconds, why)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End what is left of a gate's process group; usually nothing is. Who still runs may tidy up first."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TIDY_UP)
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def run_all(self, gates: t.Sequence[Gate]) -> list[Result]:
        """Run ``gates``: those that stand being run beside others first, then the rest one after the other."""
        pool = concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE)
        try:
            results = list(pool.map(self.run, [gate for gate in gates if not gate.alone]))
            return results + [self.run(gate) for gate in gates if gate.alone]
        except KeyboardInterrupt:
            self.interrupted = True
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(self.running):
                self.end(process)
            raise
        finally:
            pool.shutdown()


def table(results: t.Sequence[Result], seconds: float) -> list[str]:
    width = max(len(result.gate.name) for result in results)
    lines = [
        f"{result.gate.name:<{width}}  {result.outcome:<7}  {result.seconds:5.0f} s  {result.note}".rstrip()
        for result in results
    ]
    return ["", f"{'gate':<{width}}  result     time", *lines, f"{'all':<{width}}  {'':<7}  {seconds:5.0f} s"]


def main() -> int:
    target, arguments = sys.argv[1], sys.argv[2:]
    gates = gates_of(target, arguments)
    shutil.rmtree(measure.DATA, ignore_errors=True)
    measure.DATA.mkdir(parents=True)
    started = time.monotonic()
    environment = play_environment()
    use_home(environment, CACHE / "home")
    runner = Runner(environment, measure.variables() if target in ("test", "coverage") else {})
    try:
        results = runner.run_all(gates)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(*table(results, time.monotonic() - started), sep="\n")
    failed = sum(result.outcome == "FAILED" for result in results)
    passed = sum(result.outcome == "passed" for result in results)
    print(f"\n{passed} passed, {failed} failed")
    return int(failed > 0 or not passed)


if __name__ == "__main__":
    os.chdir(ROOT)
    CACHE.mkdir(exist_ok=True)
    sys.exit(main())
