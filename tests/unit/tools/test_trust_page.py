# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about trust: what it tells, and when it is not to be written at all."""

from __future__ import annotations

import json

import gates
import pytest
import trust


def row(request, fault, **more):
    return {"operation": "asm_workshop: create", "request": request, "fault": fault, "tried": 1, "held": 1, "healed": 0, **more}


def counted(suite, kinds=None, rows=(), **more):
    return {"suite": suite, "whole": True, "passed": True, "kinds": kinds or {"things": {"tried": 2, "held": 2}}, "rows": list(rows), **more}


@pytest.fixture
def folder(tmp_path):
    def write(*suites):
        for suite in suites:
            (tmp_path / f"{suite['suite']}.json").write_text(json.dumps(suite), encoding="utf-8")
        return tmp_path

    return write


def test_every_suite_is_on_the_page():
    assert trust.suites()[:3] == ["faults", "kills", "races"]


def test_each_suite_is_run_as_a_whole_in_its_own_environment():
    found = gates.trust_gates([])
    assert [gate.name for gate in found] == [f"trust, {name}" for name in trust.suites()]
    assert all("--whole" in gate.command and gate.command[0].endswith(".cache/trust-venv/bin/python") for gate in found)
    assert [gate.command[-3:] for gate in gates.trust_gates(["races", "-x"])] == [("tests/trust/races", "--whole", "-x")]


def test_what_held_can_be_told(folder):
    found, problems = trust.read(folder(counted("faults"), counted("kills")), ["faults", "kills"])
    assert ([suite["suite"] for suite in found], problems) == (["faults", "kills"], [])


@pytest.mark.parametrize(
    "suite, problem",
    [
        (counted("faults", {"things": {"tried": 10, "held": 9}}), "faults: 1 of 10 things did not hold"),
        (counted("faults", {"things": {"tried": 0, "held": 0}}), "faults: no things were tried"),
        (counted("faults", passed=False), "faults: tests failed"),
        (counted("faults", whole=False), "faults: it was not run as a whole"),
        (counted("others"), "the suite faults counted nothing"),
    ],
)
def test_what_keeps_it_from_being_told(folder, suite, problem):
    assert trust.read(folder(suite), ["faults"])[1] == [problem]


def test_all_that_was_tried_is_added_up():
    text = trust.page([counted("faults"), counted("kills", {"kills": {"tried": 1000, "held": 1000}})], {"Date": "2026-01-02"})
    assert "- Date: 2026-01-02\n" in text
    assert "| faults | things | 2 | 2 |\n| kills | kills | 1,000 | 1,000 |\n| all |  | 1,002 | 1,002 |" in text


def test_a_cell_of_the_matrix_has_all_its_cases():
    rows = [row("2. POST /workshops", "500"), row("2. POST /workshops", "500", healed=1), row("10. GET /workshops", "reset"), row("1. GET /meshes", "500")]
    text = trust.page([counted("faults", rows=rows)], {})
    assert "| 500 | 3 | 3 | 1 |\n| reset | 1 | 1 | 0 |" in text
    assert "### asm_workshop: create\n\n| request | 500 | reset |\n| --- | --- | --- |" in text
    assert "| 1. GET /meshes | 1/1 |  |\n| 2. POST /workshops | 2/2 |  |\n| 10. GET /workshops |  | 1/1 |" in text


def test_rows_of_any_other_suite_are_a_table():
    text = trust.page([counted("others", rows=[{"who": "a|b", "said": 1}, {"who": "c", "found": 2}, {"who": "c", "found": 2}])], {})
    assert "## Others\n\n| who | said | found |\n| --- | --- | --- |\n| a\\|b | 1 |  |\n| c |  | 2 |\n" in text
    assert text.count("| c |") == 1


def test_nothing_is_written_when_something_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(trust, "COUNTS", tmp_path)
    monkeypatch.setattr(trust, "PAGE", trust.ROOT / "no-such-page.md")
    assert trust.main() == 1
    assert "the suite faults counted nothing" in capsys.readouterr().out
    assert not trust.PAGE.exists()
