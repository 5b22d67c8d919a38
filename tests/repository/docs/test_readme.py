# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the README list all modules, roles and playbooks, and options with the right variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTENT = {
    "module": ROOT.glob("plugins/modules/*.py"),
    "role": (path.parent for path in ROOT.glob("roles/*/meta")),
    "playbook": ROOT.glob("playbooks/*.yml"),
}
MAX_WORDS = 900


def read_rows(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first heading is ``heading``, each as a list of cells."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert table, heading
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()]


def list_names(cell: str) -> list[str]:
    """Return the names in backticks."""
    return re.findall(r"`(\w+)`", cell)


@pytest.mark.parametrize("kind", CONTENT)
def test_all_content_is_listed_once(kind: str) -> None:
    listed = [name for row in read_rows(kind) for name in list_names(row[0])]
    assert sorted(listed) == sorted(path.stem for path in CONTENT[kind])


def test_variables_are_those_of_the_options() -> None:
    for _method, options, variables in read_rows("method"):
        documented = list_names(variables)
        assert [
            name for option in list_names(options) for name in variables_for(option) if name in documented
        ] == documented


def test_length() -> None:
    assert len(README.split()) <= MAX_WORDS
