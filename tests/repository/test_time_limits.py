# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time limits of the tests only stop what hangs, and nothing in the tests depends on the terminal."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest
from temporary import MAX_LENGTH, usable_directory

TESTS = Path(__file__).resolve().parents[1]
SUITES = ("bench", "emulator", "integration", "molecule", "playbooks", "repository", "robustness", "tools", "unit")
FILES = sorted(path for suite in SUITES for path in (TESTS / suite).rglob("*.py"))

# A machine under load may take minutes for what takes a second on an idle one.
SHORTEST_LIMIT = 300
# A shorter wait than this is one round of a loop, which ends for another reason.
LONGEST_ROUND = 1
# Calls of the standard library and of requests whose ``timeout`` is a limit. Options of our modules are not among them.
LIMITED = ("subprocess.run", "subprocess.call", "subprocess.check_output", "communicate", "HTTPConnection")
LIMITED += ("HTTPSConnection", "create_connection", "Barrier", "urlopen", "open", "acquire")
WAITING = ("wait", "join", "poll", "settimeout")
# Standard input and output say nothing about the test, so no test may ask for the terminal.
TERMINAL = ("isatty", "get_terminal_size")


def constants_of(tree: ast.Module) -> dict[str, float]:
    """Return the numbers that have a name at the top of a module."""
    return {
        target.id: float(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, (int, float))
    }


def limits_of(call: ast.Call) -> t.Iterator[ast.expr]:
    """Yield the time limits of a call."""
    name = ast.unparse(call.func)
    if name.endswith(LIMITED):
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "timeout")
    if isinstance(call.func, ast.Attribute) and call.func.attr in WAITING:
        yield from call.args if len(call.args) == 1 else []
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "timeout")


def too_short(source: str) -> list[tuple[int, float]]:
    """Return line and seconds of each time limit that a machine under load may exceed."""
    tree = ast.parse(source)
    constants = constants_of(tree)
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for limit in limits_of(call):
            seconds = limit.value if isinstance(limit, ast.Constant) else constants.get(ast.unparse(limit))
            if isinstance(seconds, (int, float)) and LONGEST_ROUND < seconds < SHORTEST_LIMIT:
                found.append((call.lineno, seconds))
    return found


def terminal_reads(source: str) -> list[int]:
    """Return the lines that ask for the terminal or read TERM."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(TERMINAL)]
    reads = [
        node
        for node in nodes
        if (isinstance(node, ast.Subscript) or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("get")))
        and "environ" in ast.unparse(node)
        and "'TERM'" in ast.unparse(node)
    ]
    return sorted({node.lineno for node in [*calls, *reads]})


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("subprocess.run(command, timeout=30)", [(1, 30)]),
        ("LONGEST = 60.0\nprocess.wait(LONGEST)", [(2, 60.0)]),
        ("threading.Barrier(8, timeout=10)", [(1, 10)]),
        ("subprocess.run(command, timeout=300)", []),
        ("process.wait(0.05)", []),
        ("apply('create', timeout=5)", []),
        ("' '.join(words)", []),
    ],
)
def test_short_time_limit_is_found(source: str, found: list[tuple[int, float]]) -> None:
    assert too_short(source) == found


@pytest.mark.parametrize("source", ["os.environ['TERM']", "os.environ.get('TERM', '')", "sys.stdout.isatty()"])
def test_read_of_the_terminal_is_found(source: str) -> None:
    assert terminal_reads(source) == [1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_file_depends_on_no_machine(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert too_short(source) == []
    assert terminal_reads(source) == []


# The directory for temporary files


def test_temp_directory_is_kept_if_usable() -> None:
    assert usable_directory(["/tmp", "/var/tmp"]) == "/tmp"


@pytest.mark.parametrize("name", ["x" * MAX_LENGTH, "with blank"])
def test_unusable_temp_directory_is_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert usable_directory([str(tmp_path / name), "/tmp"]) == "/tmp"


def test_first_temp_directory_remains_if_none_is_usable() -> None:
    assert usable_directory(["/does/not/exist", "/does not/exist"]) == "/does/not/exist"
