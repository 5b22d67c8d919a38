# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the unit tests against mutants: ``tester.py ORDER REPORT``, two JSON files.

The runners of mutmut and cosmic-ray copy the tree and import it by its path, but a collection can only be imported as
``ansible_collections.community.huaweicloud``. Both also start pytest for each mutant, which takes hours for thousands of mutants.

This runner collects the tests once. A child process runs them once and records which tests reach which line. Then each mutant gets a child process.
It replaces the changed functions and runs only the tests that reach them, the nearest first, until one fails.
"""

from __future__ import annotations

import dataclasses
import gc
import importlib
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
from mutations import Mutant, generate_mutants

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "ansible_collections.community.huaweicloud.plugins.module_utils"
CODE = ROOT / "plugins" / "module_utils"
TESTS = ROOT / "tests" / "unit" / "plugins"
# Test files that also test these modules, beside the test file of the same name, which not all of them have.
OTHER_TESTS = {
    "_reconcile/engine.py": ("test_many.py", "../_bulk/test_apply.py"),
    "_reconcile/write_recovery.py": ("test_engine.py",),
    "_reconcile/planner.py": ("test_engine.py", "test_resource.py"),
    "_reconcile/executor.py": ("test_engine.py", "test_write_recovery.py"),
    "_kubernetes/difference.py": ("test_compare.py", "test_order.py"),
    "_kubernetes/equality.py": ("test_compare.py",),
    "_kubernetes/server_fields.py": ("test_compare.py",),
}

# Exit statuses of a child. BROKEN means that the tests did not run, so the result is unknown.
SURVIVED, KILLED, BROKEN = 0, 1, 2
# The maximum number of tests from other test files. Tests in the same directory run first, then the fastest ones.
MAX_OTHER_TESTS = 300
# The limit of processor seconds for one test, in addition to five times its usual time. An endless loop kills the mutant.
PROCESSOR_SECONDS = 2.0
# The limit of seconds for one mutant. It then runs again without others, and after a second time-out its result is unknown.
TIMEOUT = 120

Order = t.Dict[str, t.List[str]]


def own_tests(file: str) -> list[Path]:
    """Return the test files of a module, the nearest one first. ``file`` is relative to module_utils."""
    directory = TESTS / "module_utils" / Path(file).parent
    named = directory / f"test_{Path(file).stem}.py"
    found = [named] if named.exists() else []
    found += [(directory / name).resolve() for name in OTHER_TESTS.get(file, ())]
    assert found and all(path.exists() for path in found), f"{file} has no test file"
    return found


@dataclasses.dataclass(frozen=True)
class Trial:
    """A mutant of a file, and the tests to run against it."""

    file: str
    mutant: Mutant
    items: list[pytest.Item]


class Tester:
    """A plugin of pytest that runs the collected tests against mutants."""

    def __init__(self, order: Order, quick: bool) -> None:
        self.order = order
        self.quick = quick
        self.survivors: dict[str, list[str]] = {file: [] for file in order}
        # Mutants with an unknown result, each with the reason.
        self.unknown: list[str] = []
        self.leader = os.getpid()
        self.failed = False
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """End a child at its first failure. A report would take longer than the test."""
        if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
            return
        if os.getpid() != self.leader:
            os._exit(KILLED)
        self.failed = True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure the coverage, then test all mutants of the order, with one child for each core."""
        # Create the directory once, because each child would create another one.
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        for file in self.order:
            # Some modules are imported late. Without this line, each child would import them again.
            _module(file)
        reached = {} if self.quick else self._measure_in_child(session)
        # Objects that the garbage collector ignores are not copied in each child.
        gc.freeze()
        running: dict[int, Trial] = {}
        self._check_unchanged_code(session, reached)
        for file, names in self.order.items():
            wanted = set(names)
            for mutant in (one for one in generate_mutants(CODE / file) if one.name in wanted):
                if len(running) >= (os.cpu_count() or 1):
                    self._wait(running)
                trial = Trial(file, mutant, self._select_tests(session, file, mutant.lines, reached.get(file, {})))
                running[self._start(trial)] = trial
        while running:
            self._wait(running)
        return True

    def _check_unchanged_code(self, session: pytest.Session, reached: dict[str, dict[int, set[int]]]) -> None:
        """Test the unchanged code of each file. If it did not survive, every mutant would be killed."""
        for file in self.order:
            mutant = Mutant("nothing", range(0), (CODE / file).read_text(encoding="utf-8"))
            lines = reached.get(file, {})
            found = read_status(self._status(Trial(file, mutant, self._select_tests(session, file, lines, lines))))
            if found != SURVIVED:
                raise session.Failed(self._explain(f"the unchanged code of {file} does not survive its tests: {found}"))

    @staticmethod
    def _explain(reason: str) -> str:
        # The plugin that prints failures is off.
        print(reason, file=sys.stderr)
        return reason

    def _start(self, trial: Trial) -> int:
        return _fork(lambda: self._test_mutant(trial))

    def _status(self, trial: Trial) -> int:
        return os.waitpid(self._start(trial), 0)[1]

    def _wait(self, running: dict[int, Trial]) -> None:
        pid, status = os.wait()
        trial = running.pop(pid)
        if read_status(status) == TIMED_OUT:
            # Other children may have slowed it down, so it runs again alone.
            while running:
                self._wait(running)
            status = self._status(trial)
        self._record(trial, read_status(status))

    def _record(self, trial: Trial, found: int | str) -> None:
        if found == SURVIVED:
            self.survivors[trial.file].append(trial.mutant.name)
        elif found != KILLED:
            self.unknown.append(f"{trial.file}: {trial.mutant.name}: {found}")

    def _measure_in_child(self, session: pytest.Session) -> dict[str, dict[int, set[int]]]:
        """Measure the coverage in a child, because tests can fail if they run twice in one process."""
        with tempfile.TemporaryDirectory() as directory:
            report = Path(directory) / "coverage"

            def work() -> int:
                signal.alarm(0)
                gc.enable()
                self.leader = os.getpid()
                report.write_bytes(pickle.dumps((self._measure_coverage(session), self.seconds)))
                return KILLED if self.failed else SURVIVED

            dummy, status = os.waitpid(_fork(work), 0)
            if read_status(status) != SURVIVED:
                raise session.Failed(self._explain("the tests fail without a mutant"))
            reached, self.seconds = pickle.loads(report.read_bytes())
        return reached

    def _measure_coverage(self, session: pytest.Session) -> dict[str, dict[int, set[int]]]:
        """Return the numbers of the tests that reach each line of each file. Record the seconds of each test."""
        measured = coverage.Coverage(
            data_file=None, include=[str(CODE / file) for file in self.order], config_file=False
        )
        caches = [
            value for file in self.order for value in vars(_module(file)).values() if hasattr(value, "cache_clear")
        ]
        measured.start()
        for number, (item, following) in enumerate(_pairs(session.items)):
            measured.switch_context(str(number))
            # The lines that a test reaches must not depend on earlier tests.
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

    def _select_tests(
        self, session: pytest.Session, file: str, lines: t.Iterable[int], reached: dict[int, set[int]]
    ) -> list[pytest.Item]:
        own = own_tests(file)
        if self.quick:
            return [item for item in session.items if item.path in own]
        numbers = {number for line in lines for number in reached.get(line, ())}
        found = [session.items[number] for number in numbers]
        found.sort(key=lambda item: (item.path.parent != own[0].parent, self.seconds[item.nodeid]))
        return [item for item in found if item.path in own] + [item for item in found if item.path not in own][
            :MAX_OTHER_TESTS
        ]

    def _test_mutant(self, trial: Trial) -> int:
        module = _module(trial.file)
        try:
            fresh = _execute(module, trial.mutant.source)
        except Exception:
            # The module cannot be imported, which kills the mutant without a test.
            return KILLED
        _replace_functions(module, fresh, module.__name__)
        for item, following in _pairs(trial.items):
            signal.setitimer(
                signal.ITIMER_PROF, PROCESSOR_SECONDS + 5 * self.seconds.get(item.nodeid, PROCESSOR_SECONDS)
            )
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return SURVIVED


def _module(file: str) -> types.ModuleType:
    return importlib.import_module(f"{PACKAGE}.{'.'.join(Path(file).with_suffix('').parts)}")


TIMED_OUT = f"it did not end within {TIMEOUT} seconds"


def read_status(status: int) -> int | str:
    """Return SURVIVED, KILLED, or the reason for an unknown result.

    SIGPROF measures the processor time of one test, so it ends endless loops only. The result after any other signal is unknown.
    """
    if os.WIFSIGNALED(status):
        number = signal.Signals(os.WTERMSIG(status))
        ends: dict[int, int | str] = {signal.SIGPROF: KILLED, signal.SIGALRM: TIMED_OUT}
        return ends.get(number, f"{number.name} ended it")
    code = os.WEXITSTATUS(status)
    return code if code in (SURVIVED, KILLED) else "the tests could not run"


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
        signal.alarm(TIMEOUT)
        status = work()
    finally:
        # Do not wait for threads, and write no reports.
        os._exit(status)


def _execute(module: types.ModuleType, source: str) -> types.ModuleType:
    """Return a new module with the given source."""
    fresh = types.ModuleType(module.__name__)
    fresh.__dict__.update(__package__=module.__package__, __file__=module.__file__)
    exec(compile(source, str(module.__file__), "exec"), fresh.__dict__)
    return fresh


def _replace_functions(old: t.Any, new: t.Any, name: str) -> None:
    """Give the functions of a used module the code of another one. Importers keep their references to them."""
    for key, value in list(vars(old).items()):
        other = vars(new).get(key)
        if isinstance(value, type) and value.__module__ == name:
            _replace_functions(value, other, name)
        for one, two in zip(_unwrap(value), _unwrap(other)):
            if one.__code__.co_freevars != two.__code__.co_freevars:
                # Free variables differ, for example if super() was removed. A method is always looked up in its class.
                setattr(old, key, other)
            elif one.__module__ == name:
                one.__code__, one.__defaults__, one.__kwdefaults__ = two.__code__, two.__defaults__, two.__kwdefaults__


def _unwrap(value: t.Any) -> list[types.FunctionType]:
    """Return the functions behind a method, a property, or a decorator."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    getters = [value.fget] if isinstance(value, property) else [getattr(value, "func", value)]
    if hasattr(value, "cache_clear"):
        value.cache_clear()
    found = [getattr(one, "__wrapped__", one) for one in getters]
    return [one for one in found if isinstance(one, types.FunctionType)]


def run(order: Order, quick: bool) -> Tester:
    """Test the mutants in ``order`` and return the tester, which has the survivors and the unknown results.

    ``quick`` skips the measurement and runs only the test file of each mutant, which is faster for a few mutants.
    """
    os.chdir(ROOT)
    tester = Tester(order, quick)
    status = pytest.main(["-p", "no:terminal", str(TESTS)], plugins=[tester])
    if status not in (0, 5):
        raise SystemExit(f"pytest ended with status {status}")
    return tester


if __name__ == "__main__":
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    run_result = run(order["mutants"], order["quick"])
    Path(sys.argv[2]).write_text(json.dumps(run_result.survivors, indent=1), encoding="utf-8")
    if run_result.unknown:
        sys.exit("\n".join(["The results of these mutants are unknown:", *run_result.unknown]))
