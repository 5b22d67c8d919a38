# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each kind of fault at each request of each operation: once, each time that request is sent, and with everything after it.

Then, with the fault gone, the same task again ends in the world that a run without faults ends in. Never two things, never one lost, never
``changed`` without a change, never a traceback.
"""

from __future__ import annotations

import itertools

import pytest
from harness import Emulator
from matrix_of_faults import FAULTS, Fault, Matrix, cells_of, title_of
from operations import OPERATIONS, Operation

# Has no divisor in common with the number of faults, so that all of them have their turn.
EVERY = 6


@pytest.fixture(scope="session")
def matrix(server: Emulator) -> Matrix:
    return Matrix(server)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each operation and fault, or for so many of these that each operation and each fault has some."""
    pairs = list(itertools.product(OPERATIONS, FAULTS))
    chosen = pairs if metafunc.config.getoption("--whole") else pairs[::EVERY]
    metafunc.parametrize(("operation", "fault"), chosen, ids=str)


def test_cells(matrix: Matrix, tally, whole: bool, operation: Operation, fault: Fault) -> None:
    requests = matrix.reference(operation).requests
    found: list[str] = []
    for cell in cells_of(operation, fault, len(requests), whole):
        healed, problems = matrix.try_cell(cell)
        place = f"{cell.request + 1}. {title_of(requests[cell.request])}"
        row = {"operation": operation.name, "request": place, "fault": fault.name, "tried": 1, "held": int(not problems), "healed": int(healed)}
        tally.add("faults", 1, int(not problems), row)
        found += [f"{place}, {cell.mode}: {problem}" for problem in problems]
    assert not found, "\n".join(found)
