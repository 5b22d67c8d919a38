# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payload bombs and large templates, each in a process with limited memory and processor time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.manifest import parse_template
from counting import Tally, count_cases
from fuzzing import fuzz
from harness import ROOT
from hypothesis import strategies as st
from payload_bombs import ACCEPTED, HEAD, REFUSED

HERE = Path(__file__).resolve().parent
DIRECTORIES = [
    ".collections",
    "tests/unit",
    "tests/playbooks",
    "tests/tools",
    "tests/robustness",
    "tests/robustness/fuzz",
]
PART = (
    "billion laughs of lists",
    "merge keys",
    "deep lists",
    "a mapping that is shared a million times",
    "10,000 lines",
)
FEW, MANY = 100, 4000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    whole = metafunc.config.getoption("--whole")
    for fixture, names in (("bomb", REFUSED), ("name", ACCEPTED)):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, [name for name in names if whole or name in PART])


def _run_bomb(name: str) -> list[dict[str, t.Any]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / directory) for directory in DIRECTORIES)}
    done = subprocess.run(
        [sys.executable, str(HERE / "payload_bombs.py"), name],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"it ended with {done.returncode}: {done.stderr[-1500:]}"
    return list(json.loads(done.stdout))


def test_bombs_are_refused(bomb: str, tally: Tally) -> None:
    """The module refuses them within the limits, with a message and without a request."""
    with count_cases(tally, "bombs", 2):
        for task_result in _run_bomb(bomb):
            assert task_result["crash"] == ""
            assert (task_result["failed"], task_result["changed"], task_result["calls"]) == (True, False, 0), (
                task_result
            )
            assert "template" in task_result["msg"] or "be checked" in task_result["msg"]


def test_large_templates_are_accepted(name: str, tally: Tally) -> None:
    """Large templates are created like small ones."""
    with count_cases(tally, "big templates", 2):
        for task_result in _run_bomb(name):
            assert (task_result["crash"], task_result["failed"], task_result["changed"]) == ("", False, True), (
                task_result
            )


def test_limits_are_in_force(whole: bool) -> None:
    """A plain YAML parser exceeds the limits with a bomb."""
    if not whole:
        pytest.skip("only with --whole, because it needs much memory")
    code = (
        "import payload_bombs, yaml, json; text = payload_bombs.REFUSED['billion laughs of lists'](); "
        "payload_bombs._limit(); json.dumps(yaml.safe_load(text))"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode != 0
    assert "MemoryError" in done.stderr or done.returncode < 0, done.stderr[-300:]


PIECES = [*HEAD.splitlines(keepends=True), *"{}[],:&*!|>%@`'\"#-?\n\t "]
PIECES += [
    "- ",
    "? ",
    "<<: ",
    "&a ",
    "*a",
    "!!int ",
    "!!set ",
    "--- \n",
    "...\n",
    "0x1F",
    "1:30",
    "2026-01-01",
    "~",
    "é",
    "\x07",
    "\ufeff",
]


def test_random_yaml_never_crashes(whole: bool, tally: Tally) -> None:
    """Pieces of YAML in any order are a template or an error with a message."""

    def check(text: str) -> None:
        try:
            found = parse_template(text, "template")
        except HuaweiCloudError as error:
            assert str(error).startswith("template") or "template" in str(error)
        else:
            json.dumps(found)

    fuzz(
        tally,
        "texts of templates",
        MANY if whole else FEW,
        check,
        st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join),
    )
