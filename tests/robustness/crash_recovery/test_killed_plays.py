# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGKILL of ansible-playbook and all its processes, while a request is under way that the service has carried out, or not."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess

import pytest
from harness import Player
from invariants import Reference, check_second_run, current_state, duplicates, reference_run, restore
from operations import OPERATIONS, Operation, TaskResult, as_task

LONGEST = 600.0
PLAYED = (
    "asm_workshop: create",
    "modelarts_workspace: create",
    "modelarts_workspace: update",
    "modelarts_workspace: delete",
    "asm_release: promote",
    "apply: some of each",
)
DONE = {"carried out": True, "not carried out": False}
SOME = (("asm_workshop: create", "carried out"), ("apply: some of each", "not carried out"))


def kill(play: Player, operation: Operation, number: int, done: bool) -> bool:
    """Kills a play while its request of that number hangs. Says whether there was such a request."""
    emulator = play.emulator
    emulator.fault("stall", "*", "", skip=number, seconds=LONGEST, apply_first=done)
    process = play.start([as_task(operation, "Do it")])
    while process.poll() is None and emulator.pending_faults():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    was_under_way = process.poll() is None
    end(process)
    emulator.control("DELETE", "faults")
    return was_under_way


def end(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the process and all that it started: its workers have left its group."""
    for pid in [process.pid, *descendants(process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found[1:]


def judge(play: Player, operation: Operation, reference: Reference) -> list[str]:
    emulator = play.emulator
    between = current_state(emulator)
    problems = [*duplicates(between), *reference.find_unexpected(between)]
    again = play([as_task(operation, "Do it")])["Do it"]
    return problems + check_second_run(
        operation, reference, TaskResult(again.failed, again.result), between, current_state(emulator)
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize(
        ("name", "done"), itertools.product(PLAYED, DONE) if metafunc.config.getoption("--whole") else SOME
    )


def test_killed_plays(play: Player, tally, whole: bool, name: str, done: str) -> None:
    operation = {one.name: one for one in OPERATIONS}[name]
    reference = reference_run(play.emulator, operation)
    found: list[str] = []
    for number in itertools.count() if whole else [len(reference.requests) // 2]:
        restore(play.emulator, reference.before)
        if not kill(play, operation, number, DONE[done]):
            assert number >= len(reference.requests)
            break
        problems = judge(play, operation, reference)
        tally.add("killed plays", 1, int(not problems))
        found += [f"request {number}: {problem}" for problem in problems]
    assert not found, "\n".join(found)
