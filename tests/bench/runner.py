# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an emulator in a separate process, and measure runs of ``ansible-playbook`` against it."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import yaml
from environment import CACHE, FOREIGN, ROOT, link_collection, with_loopback
from harness import Emulator
from memory import PeakMemory

HERE = ROOT / "tests" / "bench"
WORK = CACHE / "bench"
TIMEOUT = 3600.0  # seconds for one run of ansible-playbook
SPARE = "warm-up"  # the name of the workspace for warming up

Task = t.Mapping[str, t.Any]


class BenchFailure(Exception):
    """A run failed or did something unexpected, so its duration is meaningless."""


@dataclasses.dataclass(frozen=True)
class Timed:
    """The duration and the status of a task. ``outcomes`` and ``failures`` count the results of ``apply``."""

    name: str
    seconds: float
    status: str
    changed: bool
    msg: str
    outcomes: int
    failures: int


@dataclasses.dataclass(frozen=True)
class Run:
    """The tasks of a run of ansible-playbook, its duration in seconds, its peak memory in bytes if that was measured, and its processor time."""

    tasks: list[Timed]
    seconds: float
    peak: int = 0
    cpu_seconds: float = 0.0

    def find_tasks(self, name: str) -> list[Timed]:
        found = [task for task in self.tasks if task.name == name]
        if not found:
            raise BenchFailure(f"no task called {name!r} ran")
        return found

    def median(self, name: str) -> float:
        return statistics.median(task.seconds for task in self.find_tasks(name))

    def one(self, name: str) -> Timed:
        return self.find_tasks(name)[0]


class BenchRunner:
    """Runs plays against an emulator, with ansible-playbook from the environment of ``python``."""

    def __init__(self, python: str = sys.executable) -> None:
        WORK.mkdir(parents=True, exist_ok=True)
        self.emulator = Emulator(WORK / "emulator")
        self._python = python
        self._number = 0

    def close(self) -> None:
        self.emulator.stop()

    def reset(self, workspaces: int = 0, **behaviors: t.Any) -> None:
        """Reset the emulator, create the workspaces and one for warming up, then set the behaviors."""
        self.emulator.reset()
        self.emulator.seed(workspaces=[{"name": SPARE, "description": "Bench"}])
        if workspaces:
            self.emulator.seed(workspaces={"count": workspaces, "prefix": "ws-", "description": "Bench"})
        if behaviors:
            self.emulator.set(**behaviors)

    def requests(self) -> int:
        """Return the number of requests since the reset."""
        return len(self.emulator.request_log())

    def play(
        self,
        tasks: t.Sequence[Task],
        variables: Path | None = None,
        *,
        watched: bool = False,
        python: str | None = None,
        environment: t.Mapping[str, str] | None = None,
    ) -> Run:
        """Run ``tasks`` as one play on the implicit localhost. Raise BenchFailure if one of them fails."""
        playbook = WORK / f"play-{self._number + 1:03d}.yml"
        play = {"name": "Benchmark", "hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}
        playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        arguments = ["-e", f"@{variables}"] if variables else []
        return self.run_playbook(
            str(playbook), arguments, watched=watched, python=python, environment=environment or {}
        )

    def run_playbook(
        self,
        playbook: str,
        arguments: t.Sequence[str],
        *,
        watched: bool = False,
        python: str | None = None,
        environment: t.Mapping[str, str] | None = None,
    ) -> Run:
        """Run a playbook, a path or a name, with more arguments. Raise BenchFailure if one of its tasks fails."""
        self._number += 1
        lines, log = (
            WORK / f"{kind}-{self._number:03d}.{end}" for kind, end in (("tasks", "jsonl"), ("output", "log"))
        )
        lines.unlink(missing_ok=True)
        command = [str(Path(python or self._python).parent / "ansible-playbook"), playbook, *arguments]
        started, cpu_before = time.monotonic(), _read_cpu_seconds()
        status, peak = _run(command, self._environment(lines, environment or {}), log, watched)
        seconds, cpu_seconds = time.monotonic() - started, _read_cpu_seconds() - cpu_before
        records = lines.read_text(encoding="utf-8").splitlines() if lines.exists() else []
        run = Run([Timed(**json.loads(line)) for line in records], seconds, peak, cpu_seconds)
        failed = next((task for task in run.tasks if task.status == "failed"), None)
        if status or failed:
            last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise BenchFailure(
                f"{failed.name}: {failed.msg[:500]}"
                if failed
                else f"ansible-playbook ended with status {status} ({last[:500]}); see {log}"
            )
        return run

    def script(self, name: str, *arguments: str) -> t.Any:
        """Run a script of this directory with the credentials of the emulator, and return the JSON that it prints."""
        environment = self._environment(WORK / "script.jsonl", {"PYTHONPATH": str(ROOT / ".collections")})
        command = [self._python, str(HERE / f"{name}.py"), *arguments]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
        if ended.returncode:
            raise BenchFailure(f"{name} ended with status {ended.returncode}: {ended.stderr.strip()[-500:]}")
        return json.loads(ended.stdout)

    def _environment(self, lines: Path, more: t.Mapping[str, str]) -> dict[str, str]:
        link_collection()
        home = WORK / "home"
        home.mkdir(exist_ok=True)
        for name in ("ansible.cfg", "hosts"):
            (home / name).touch()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        inherited.update(
            ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
            ANSIBLE_CALLBACKS_ENABLED="durations",
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".collections"),
            ANSIBLE_CONFIG=str(home / "ansible.cfg"),
            ANSIBLE_HOME=str(home),
            ANSIBLE_INVENTORY=str(home / "hosts"),
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_LOCAL_TEMP=str(home / "tmp"),
            ANSIBLE_NOCOLOR="1",
            ANSIBLE_NOCOWS="1",
            ANSIBLE_REMOTE_TEMP=str(home / "remote"),
            DURATIONS_FILE=str(lines),
            LC_ALL="C.UTF-8",
            NO_PROXY=with_loopback(os.environ.get("NO_PROXY") or os.environ.get("no_proxy")),
            **self.emulator.environment(),
        )
        return dict(inherited, no_proxy=inherited["NO_PROXY"], **more)


def _read_cpu_seconds() -> float:
    """Return the processor time of all processes that have ended and that this process has started, with their descendants."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(command: t.Sequence[str], environment: t.Mapping[str, str], log: Path, watched: bool) -> tuple[int, int]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        memory = PeakMemory(process.pid) if watched else None
        try:
            if memory:
                memory.start()
            status = process.wait(TIMEOUT)
        except BaseException:
            # ansible-playbook terminates its workers on SIGTERM.
            process.terminate()
            process.wait()
            raise
        finally:
            peak = memory.finish() if memory else 0
    return status, peak
