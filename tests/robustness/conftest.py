# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures and hooks of all suites in tests/robustness: the option ``--whole`` and the counts of cases.

Without ``--whole`` each suite runs a representative part. At the end of a run, each suite has a file in ``.cache/robustness`` with the counts of
the fixture ``tally``. ``make robustness`` writes the page docs/robustness.md from these files.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import typing as t
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "robustness"

# Suites import helpers from here and from their own directory. At the end of the path they cannot hide other modules.
sys.path += [
    str(directory)
    for directory in (HERE, *sorted(HERE.iterdir()))
    if directory.is_dir() and str(directory) not in sys.path
]

pytest.register_assert_rewrite("expectations", "harness", "invariants")

import git_state  # noqa: E402
import selection  # noqa: E402
from fixtures import emulator, fork_server, play, server, shared_play  # noqa: E402, F401  # pylint: disable=unused-import

_PARTS = "robustness_parts"
_BEGAN = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="run all of each suite, not a representative part")


def pytest_configure(config: pytest.Config) -> None:
    selection.ALL = bool(config.getoption("--whole"))
    if not hasattr(config, "workerinput"):
        config.stash[_BEGAN] = git_state.describe_checkout(HERE)


class Tally:
    """Count the cases and the passed cases by suite and kind."""

    def __init__(self) -> None:
        self.suites: dict[str, dict[str, t.Any]] = {}

    def add(self, kind: str, cases: int, passed: int, row: t.Mapping[str, t.Any] | None = None) -> None:
        """Count cases for the suite of the running test. ``row`` becomes a line of the suite's table on the page."""
        suite = self.suites.setdefault(_running_suite(), {"kinds": {}, "rows": []})
        counts = suite["kinds"].setdefault(kind, {"cases": 0, "passed": 0})
        counts["cases"] += cases
        counts["passed"] += passed
        if row is not None:
            suite["rows"].append(dict(row))


def _running_suite() -> str:
    test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    return (HERE.parents[1] / test).relative_to(HERE).parts[0]


@pytest.fixture(scope="session")
def whole(pytestconfig: pytest.Config) -> bool:
    """Return whether all cases must run."""
    return bool(pytestconfig.getoption("--whole"))


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> t.Iterator[Tally]:
    """Count cases for the page. Tests call ``add`` before an assertion that can fail."""
    counts = Tally()
    yield counts
    parts = _parts_directory(pytestconfig)
    parts.mkdir(parents=True, exist_ok=True)
    (parts / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json").write_text(
        json.dumps(counts.suites), encoding="utf-8"
    )


def _parts_directory(config: pytest.Config) -> Path:
    """Return the directory in which the workers of this run write their counts."""
    inherited = getattr(config, "workerinput", {}).get(_PARTS)
    return Path(inherited) if inherited else CACHE / f"parts-{os.getpid()}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: t.Any) -> None:
    node.workerinput[_PARTS] = str(_parts_directory(node.config))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Add up the counts of all workers, in the controller process."""
    if hasattr(session.config, "workerinput"):
        return
    parts = _parts_directory(session.config)
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(parts.glob("*.json"))]
    shutil.rmtree(parts, ignore_errors=True)
    run = git_state.describe_run(session.config.stash[_BEGAN], git_state.describe_checkout(HERE))
    for suite in sorted({name for part in found for name in part}):
        content = _add_up([part[suite] for part in found if suite in part])
        facts = {
            "suite": suite,
            "whole": selection.ran_completely(session, HERE / suite),
            "passed": not exitstatus,
            **run,
        }
        (CACHE / f"{suite}.json").write_text(json.dumps({**facts, **content}, indent=1), encoding="utf-8")


def _add_up(parts: t.Sequence[dict[str, t.Any]]) -> dict[str, t.Any]:
    kinds: dict[str, dict[str, int]] = {}
    for part in parts:
        for kind, counts in part["kinds"].items():
            known = kinds.setdefault(kind, {"cases": 0, "passed": 0})
            kinds[kind] = {name: known[name] + counts[name] for name in known}
    return {"kinds": dict(sorted(kinds.items())), "rows": [row for part in parts for row in part["rows"]]}
