# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the unit tests against mutants: ``tester.py ORDER REPORT``, two JSON files.

Why this and not the runner of a library: mutmut and cosmic-ray copy or rewrite the tree they test and import it by its path, while a
collection is only importable as ``ansible_collections.community.huaweicloud``, through a link; and both start pytest anew for
each mutant, which for thousands of them takes hours. The operators are those of mutmut (mutations.py); what is ours is the runner: one
process collects the tests once; a fork of it runs them once, which tells which of them reach which line. For each mutant
it forks again; the child puts the changed functions in place and runs only the tests that reach them, the nearest ones first, until one fails.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import types
import typing as t
from pathlib import Path

import coverage
import pytest
from mutations import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "ansible_collections.community.huaweicloud.plugins.module_utils"
CODE = ROOT / "plugins" / "module_utils"
TESTS = ROOT / "tests" / "unit" / "plugins"

# With what a child ends. BROKEN is what it ends with unless a test has failed or all have passed: the tests were not run, so they tell nothing.
SURVIVED, KILLED, BROKEN = 0, 1, 2
# How many tests of other files than the one of the mutant's file are tried, those of its folder first, and the quickest of them: what all these let
# pass counts as alive.
MOST = 300
# Seconds of work for one test, besides five times those that it takes: what works for ever is killed. Seconds of any kind for one mutant: what takes
# longer is tried once more on its own, and then nothing is known of it.
WORK, PATIENCE = 2.0, 120

Order = t.Dict[str, t.List[str]]


def own_tests(file: str) -> Path:
    """The test file of a module, by the name they share; ``file`` is relative to module_utils."""
    found = TESTS / "module_utils" / Path(file).parent / f"test_{Path(file).stem}.py"
    assert found.exists(), f"{file} has no test file of its own"
    return found


@dataclasses.dataclass(frozen=True)
class Trial:
    """A mutant of a file, and the tests that are run against it."""

    file: str
    mutant: Mutant
    items: list[pytest.Item]


class Tester:
    """A plugin of pytest that runs no test for its own sake."""

    def __init__(self, order: Order, quick: bool) -> None:
        self.order = order
        self.quick = quick
        self.survivors: dict[str, list[str]] = {file: [] for file in order}
        # Mutants nothing is known of, each with how its child ended.
        self.broken: list[str] = []
        self.leader = os.getpid()
        self.failed = False
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Ends a child at its first failure, since to word that would take longer than the test."""
        if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
            return
        if os.getpid() != self.leader:
            os._exit(KILLED)
        self.failed = True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Covers, then tries all mutants of the order, as many at once as there are cores."""
        # One folder for all; each child would make one of its own.
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        reached = {} if self.quick else self._covered(session)
        # What is not looked at by the collector is not copied in each child.
        gc.freeze()
        running: dict[int, Trial] = {}
        self._control(session, reached)
        for file, names in self.order.items():
            wanted = set(names)
            for mutant in (one for one in mutants_of(CODE / file) if one.name in wanted):
                if len(running) >= (os.cpu_count() or 1):
                    self._wait(running)
                trial = Trial(file, mutant, self._chosen(session, file, mutant.lines, reached.get(file, {})))
                running[self._start(trial)] = trial
        while running:
            self._wait(running)
        return True

    def _control(self, session: pytest.Session, reached: dict[str, dict[int, set[int]]]) -> None:
        """A mutant of each file that is none has to survive all tests of its mutants. Where it does not, anything is killed."""
        for file in self.order:
            mutant = Mutant("nothing", range(0), (CODE / file).read_text(encoding="utf-8"))
            lines = reached.get(file, {})
            found = outcome(self._status(Trial(file, mutant, self._chosen(session, file, lines, lines))))
            if found != SURVIVED:
                raise session.Failed(f"the code of {file} as it is does not survive its tests: {found}")

    def _start(self, trial: Trial) -> int:
        return _fork(lambda: self._try(trial))

    def _status(self, trial: Trial) -> int:
        return os.waitpid(self._start(trial), 0)[1]

    def _wait(self, running: dict[int, Trial]) -> None:
        pid, status = os.wait()
        trial = running.pop(pid)
        if outcome(status) == SLOW:
            # Others may have kept it from its work, so that it gets another chance with nobody beside it.
            while running:
                self._wait(running)
            status = self._status(trial)
        self._note(trial, outcome(status))

    def _note(self, trial: Trial, found: int | str) -> None:
        if found == SURVIVED:
            self.survivors[trial.file].append(trial.mutant.name)
        elif found != KILLED:
            self.broken.append(f"{trial.file}: {trial.mutant.name}: {found}")

    def _covered(self, session: pytest.Session) -> dict[str, dict[int, set[int]]]:
        """What _cover finds, in a process of its own: a test that is run once more in the same one may fail without a mutant."""
        with tempfile.TemporaryDirectory() as folder:
            task_result = Path(folder) / "told"

            def work() -> int:
                signal.alarm(0)
                gc.enable()
                self.leader = os.getpid()
                task_result.write_bytes(pickle.dumps((self._cover(session), self.seconds)))
                return KILLED if self.failed else SURVIVED

            dummy, status = os.waitpid(_fork(work), 0)
            if outcome(status) != SURVIVED:
                raise session.Failed("the tests fail without a mutant")
            reached, self.seconds = pickle.loads(task_result.read_bytes())
        return reached

    def _cover(self, session: pytest.Session) -> dict[str, dict[int, set[int]]]:
        """For each file and line the numbers of the tests that reach it, and the seconds each test takes."""
        measured = coverage.Coverage(
            data_file=None, include=[str(CODE / file) for file in self.order], config_file=False
        )
        caches = [
            value for file in self.order for value in vars(_module(file)).values() if hasattr(value, "cache_clear")
        ]
        measured.start()
        for number, (item, following) in enumerate(_pairs(session.items)):
            measured.behavior_context(str(number))
            # What a test reaches is not to depend on those before it.
            for cache in caches:
                cache.cache_clear()
            start = time.perf_counter()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self.seconds[item.nodeid] = time.perf_counter() - start
        measured.stop()
        data = measured.get_data()
        found: dict[str, dict[int, set[int]]] = {}
        for file in self.order:
            contexts = data.contexts_by_lineno(str((CODE / file).resolve()))
            found[file] = {line: {int(name) for name in names if name} for line, names in contexts.items()}
        return found

    def _chosen(
        self, session: pytest.Session, file: str, lines: t.Iterable[int], reached: dict[int, set[int]]
    ) -> list[pytest.Item]:
        if self.quick:
            return [item for item in session.items if item.path == own_tests(file)]
        numbers = {number for line in lines for number in reached.get(line, ())}
        own = own_tests(file)
        found = [session.items[number] for number in numbers]
        found.sort(key=lambda item: (item.path.parent != own.parent, self.seconds[item.nodeid]))
        return [item for item in found if item.path == own] + [item for item in found if item.path != own][:MOST]

    def _try(self, trial: Trial) -> int:
        module = _module(trial.file)
        try:
            fresh = _run_anew(module, trial.mutant.source)
        except Exception:
            # It can not even be imported any more, which no test is needed for.
            return KILLED
        _put_all(module, fresh, module.__name__)
        for item, following in _pairs(trial.items):
            signal.setitimer(signal.ITIMER_PROF, WORK + 5 * self.seconds.get(item.nodeid, WORK))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return SURVIVED


def _module(file: str) -> types.ModuleType:
    return sys.modules[f"{PACKAGE}.{'.'.join(Path(file).with_suffix('').parts)}"]


SLOW = f"it did not end within {PATIENCE} seconds"


def outcome(status: int) -> int | str:
    """What became of a mutant: SURVIVED, KILLED or, where nothing is known of it, how its child ended.

    SIGPROF counts the work of one test and of nobody else: what is ended by it worked for ever. Any other signal tells nothing.
    """
    if os.WIFSIGNALED(status):
        number = signal.Signals(os.WTERMSIG(status))
        ends: dict[int, int | str] = {signal.SIGPROF: KILLED, signal.SIGALRM: SLOW}
        return ends.get(number, f"it was ended by {number.name}")
    code = os.WEXITSTATUS(status)
    return code if code in (SURVIVED, KILLED) else "the tests could not be run"


def _pairs(items: t.Sequence[pytest.Item]) -> t.Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None])


def _fork(work: t.Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = BROKEN
    try:
        gc.disable()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        for number in (signal.SIGALRM, signal.SIGPROF):
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(PATIENCE)
        status = work()
    finally:
        # Without anything that waits for threads or writes reports.
        os._exit(status)


def _run_anew(module: types.ModuleType, source: str) -> types.ModuleType:
    """The module as it would be with that source."""
    fresh = types.ModuleType(module.__name__)
    fresh.__dict__.update(__package__=module.__package__, __file__=module.__file__)
    exec(compile(source, str(module.__file__), "exec"), fresh.__dict__)
    return fresh


def _put_all(old: t.Any, new: t.Any, name: str) -> None:
    """Gives the functions of a module that is in use the code they have in another one, wherever they were imported to."""
    for key, value in list(vars(old).items()):
        other = vars(new).get(key)
        if isinstance(value, type) and value.__module__ == name:
            _put_all(value, other, name)
        for one, two in zip(_plain(value), _plain(other)):
            if one.__code__.co_freevars != two.__code__.co_freevars:
                # Without super(), for example; a method is found by its class.
                setattr(old, key, other)
            elif one.__module__ == name:
                one.__code__, one.__defaults__, one.__kwdefaults__ = two.__code__, two.__defaults__, two.__kwdefaults__


def _plain(value: t.Any) -> list[types.FunctionType]:
    """The functions behind a method, a property or a decorator."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    getters = [value.fget] if isinstance(value, property) else [getattr(value, "func", value)]
    if hasattr(value, "cache_clear"):
        value.cache_clear()
    found = [getattr(one, "__wrapped__", one) for one in getters]
    return [one for one in found if isinstance(one, types.FunctionType)]


def run(order: Order, quick: bool) -> Tester:
    """Who knows the survivors by file, and of which mutants nothing is known.

    ``quick``: nothing is measured before, and only the tests of a file kill its mutants, which is better for a few.
    """
    os.chdir(ROOT)
    tester = Tester(order, quick)
    status = pytest.main(["-p", "no:terminal", str(TESTS)], plugins=[tester])
    if status not in (0, 5):
        raise SystemExit(f"pytest ended with status {status}")
    return tester


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    done = run(asked["mutants"], asked["quick"])
    Path(sys.argv[2]).write_text(json.dumps(done.survivors, indent=1), encoding="utf-8")
    if done.broken:
        sys.exit("\n".join(["Nothing is known of:", *done.broken]))
