# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all suites of tests/robustness share: how much of each is run, and the count of what was tried and what held.

Without ``--whole`` each suite runs a representative part. ``tally`` counts; at the end there is one file a suite in
``.cache/robustness``, of which ``make robustness`` makes a page.
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

# Helpers stand here and beside their suite. Appended, so that they hide nothing.
sys.path += [
    str(folder) for folder in (HERE, *sorted(HERE.iterdir())) if folder.is_dir() and str(folder) not in sys.path
]

pytest.register_assert_rewrite("expectations", "harness", "truth")

import git_state  # noqa: E402
import selection  # noqa: E402
from fixtures import emulator, play, server, shared_play  # noqa: E402, F401  # pylint: disable=unused-import

_PARTS = "robustness_parts"
_BEGAN = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="run all of each suite, not a representative part")


def pytest_configure(config: pytest.Config) -> None:
    selection.ALL = bool(config.getoption("--whole"))
    if not hasattr(config, "workerinput"):
        config.stash[_BEGAN] = git_state.state_of(HERE)


class Tally:
    """Counts by suite and kind what was tried and what held."""

    def __init__(self) -> None:
        self.suites: dict[str, dict[str, t.Any]] = {}

    def add(self, kind: str, tried: int, held: int, row: t.Mapping[str, t.Any] | None = None) -> None:
        """Counts for the suite of the test that is running; ``row`` is one line of the suite's table in the docs."""
        suite = self.suites.setdefault(_running_suite(), {"kinds": {}, "rows": []})
        counts = suite["kinds"].setdefault(kind, {"tried": 0, "held": 0})
        counts["tried"] += tried
        counts["held"] += held
        if row is not None:
            suite["rows"].append(dict(row))


def _running_suite() -> str:
    test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    return (HERE.parents[1] / test).relative_to(HERE).parts[0]


@pytest.fixture(scope="session")
def whole(pytestconfig: pytest.Config) -> bool:
    """Whether everything is to be run."""
    return bool(pytestconfig.getoption("--whole"))


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> t.Iterator[Tally]:
    """Counts for the page in the docs; call it before the assertion that may fail."""
    counted = Tally()
    yield counted
    parts = _parts(pytestconfig)
    parts.mkdir(parents=True, exist_ok=True)
    (parts / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json").write_text(
        json.dumps(counted.suites), encoding="utf-8"
    )


def _parts(config: pytest.Config) -> Path:
    """Where the workers of this run leave their counts."""
    inherited = getattr(config, "workerinput", {}).get(_PARTS)
    return Path(inherited) if inherited else CACHE / f"parts-{os.getpid()}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: t.Any) -> None:
    node.workerinput[_PARTS] = str(_parts(node.config))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Adds up what the workers counted, in the process that leads them."""
    if hasattr(session.config, "workerinput"):
        return
    parts = _parts(session.config)
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(parts.glob("*.json"))]
    shutil.rmtree(parts, ignore_errors=True)
    moment = git_state.moment(session.config.stash[_BEGAN], git_state.state_of(HERE))
    for suite in sorted({name for part in found for name in part}):
        content = _added([part[suite] for part in found if suite in part])
        facts = {
            "suite": suite,
            "whole": selection.was_whole(session, HERE / suite),
            "passed": not exitstatus,
            **moment,
        }
        (CACHE / f"{suite}.json").write_text(json.dumps({**facts, **content}, indent=1), encoding="utf-8")


def _added(parts: t.Sequence[dict[str, t.Any]]) -> dict[str, t.Any]:
    kinds: dict[str, dict[str, int]] = {}
    for part in parts:
        for kind, counts in part["kinds"].items():
            known = kinds.setdefault(kind, {"tried": 0, "held": 0})
            kinds[kind] = {name: known[name] + counts[name] for name in known}
    return {"kinds": dict(sorted(kinds.items())), "rows": [row for part in parts for row in part["rows"]]}
