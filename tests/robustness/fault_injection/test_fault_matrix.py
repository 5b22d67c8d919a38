# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inject each kind of fault at each request of each operation: once, at every repetition, and at all later requests.

After the fault ends, a second run reaches the state of a run without faults. It causes no duplicates, no lost resources, no ``changed`` without a
change, and no tracebacks.
"""

from __future__ import annotations

import itertools

import pytest
from fault_matrix import FAULTS, MODES, ONCE, REFUSALS, Cell, Fault, Matrix, cells_of, orders, title_of
from harness import Emulator
from invariants import check_first_run, find_blind_repetitions
from operations import OPERATIONS, Operation, TaskResult

# Has no divisor in common with the number of faults, so that all of them have their turn.
EVERY = 7


@pytest.fixture(scope="session")
def matrix(server: Emulator) -> Matrix:
    return Matrix(server)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Create a test for each pair of operation and fault. The representative part has each operation and each fault."""
    if "fault" not in metafunc.fixturenames:
        return
    pairs = list(itertools.product(OPERATIONS, FAULTS))
    apply_filters = pairs if metafunc.config.getoption("--whole") else pairs[::EVERY]
    metafunc.parametrize(("operation", "fault"), apply_filters, ids=str)


def test_cells(matrix: Matrix, tally, whole: bool, operation: Operation, fault: Fault) -> None:
    requests = matrix.reference(operation).requests
    found: list[str] = []
    for cell in cells_of(operation, fault, len(requests), whole):
        recovered, problems = matrix.try_cell(cell)
        place = f"{cell.request + 1}. {title_of(requests[cell.request])}"
        row = {
            "operation": operation.name,
            "request": place,
            "fault": fault.name,
            "cases": 1,
            "passed": int(not problems),
            "recovered": int(recovered),
        }
        tally.add("faults", 1, int(not problems), row)
        found += [f"{place}, {cell.mode}: {problem}" for problem in problems]
    assert not found, "\n".join(found)


# -- the judge itself can fail


def test_few_of_all_are_some_of_each() -> None:
    apply_filters = list(itertools.product(OPERATIONS, FAULTS))[::EVERY]
    assert {fault.name for dummy, fault in apply_filters} == {fault.name for fault in FAULTS}
    assert {operation.name for operation, dummy in apply_filters} == {operation.name for operation in OPERATIONS}


@pytest.mark.parametrize(("status", "seen"), [(401, 0), (429, 0), (500, 1), (502, 1), (503, 1), (504, 1)])
def test_create_resent_without_a_list_is_detected(status: int, seen: int) -> None:
    """Only a refusal for the rate, or for the token, says that nothing was done."""
    first, again = (
        {"method": "POST", "path": "/v1/p/workspaces", "body": {"name": "team"}, "status": found}
        for found in (status, 200)
    )
    look = {"method": "GET", "path": "/v1/p/workspaces", "body": None, "status": 200}
    assert len(find_blind_repetitions([first, again], REFUSALS)) == seen
    assert find_blind_repetitions([first, look, again], REFUSALS) == []


@pytest.mark.parametrize("mode", MODES)
def test_second_fault_follows_the_first(mode: str) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "502, done, then 403")
    requests = [{"method": "GET", "path": "/v1/p/workspaces"}, {"method": "DELETE", "path": "/v1/p/workspaces/1"}]
    first, second = orders(Cell(OPERATIONS[0], fault, 1, mode), requests)
    assert (first["status"], first["apply_first"], first["times"]) == (502, True, 1)
    assert (second["status"], second.get("apply_first"), second["times"]) == (403, None, 1 if mode == ONCE else None)
    assert first["skip"] == second["skip"] == (0 if "method" in first else 1)


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        ({"message": "Forbidden. The user is not known to the tenant"}, 1),
        ({"message": "Whether it was done is not known, says the service"}, 1),
        (
            {
                "message": "Forbidden",
                "hint": "The access key is not known here. Rerun the task: it checks the actual state first.",
            },
            1,
        ),
        (
            {
                "message": "Bad Gateway",
                "hint": "It is unknown whether the request was applied: no list shows its effect yet. Rerun the task: it checks the actual state first.",
            },
            0,
        ),
        (
            {
                "message": "Bad Gateway",
                "hint": "It is unknown whether the request was applied, because the check failed too: no. Rerun the task: it checks the actual state first.",
            },
            0,
        ),
    ],
)
def test_only_a_doubt_of_our_own_excuses_silence(matrix: Matrix, error: dict[str, str], seen: int) -> None:
    operation = next(one for one in OPERATIONS if one.name == "asm_workshop: delete")
    reference = matrix.reference(operation)
    said = {"kind": "forbidden", "hint": None, **error}
    task_result = TaskResult(True, {"msg": f"{said['message']}. {said['hint']}", "changed": False, "error": said})
    problems = check_first_run(operation, reference, task_result, reference.end)
    assert [problem.split(":", maxsplit=1)[0] for problem in problems] == ["silent about a change"] * seen
