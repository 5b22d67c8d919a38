# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the sections and tables of a guide, and compare types and defaults with argument specs."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "docsite" / "rst"

Row = t.List[str]

_TABLE = re.compile(r"^\.\. list-table::.*\n((?:(?:    .*)?\n)+)", re.MULTILINE)
_CELL = re.compile(r"^    (\* |  )-(?: (.*))?$")
_WORDS = {"dict": "mapping"}


class Guide:
    """A guide in docs/docsite/rst."""

    def __init__(self, name: str) -> None:
        self.text = (GUIDES / f"{name}.rst").read_text(encoding="utf-8")

    def sections(self) -> dict[str, str]:
        """Return the text of each section by its heading."""
        parts = re.split(r"^([^\n]+)\n-{3,}\n", self.text, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2]))

    def rows(self, section: str, first_header: str) -> list[Row]:
        """Return the rows of the table in a section whose first column has this header."""
        (found,) = [table[1:] for table in _tables(self.sections()[section]) if table[0][0] == first_header]
        return found

    def by_name(self, section: str, first_header: str) -> dict[str, Row]:
        """Return the rows by each name in their first cells. A name must not be in two rows."""
        pairs = [(name, row) for row in self.rows(section, first_header) for name in literals(row[0])]
        assert len(dict(pairs)) == len(pairs), f"{section}: a name has two rows"
        return dict(pairs)

    def code_blocks(self, section: str, language: str) -> list[str]:
        """Return the code blocks of a section without their indentation."""
        pattern = rf"^\.\. code-block:: {language}\n(?:    :.*\n)*\n((?:(?:    .*)?\n)+)"
        found = re.findall(pattern, self.sections()[section], re.MULTILINE)
        return [re.sub(r"^    ", "", block, flags=re.MULTILINE).strip() + "\n" for block in found]

    def linked_files(self) -> set[str]:
        """Return the files of the repository that the guide links to."""
        return set(re.findall(r"community\.huaweicloud/blob/main/([^>#]+)", self.text))


def _tables(text: str) -> list[list[Row]]:
    return [_rows(body) for body in _TABLE.findall(text)]


def _rows(body: str) -> list[Row]:
    rows: list[Row] = []
    for match in filter(None, map(_CELL.match, body.splitlines())):
        if match[1] == "* ":
            rows.append([])
        rows[-1].append(match[2] or "")
    return rows


def literals(cell: str) -> list[str]:
    return re.findall(r"``(.+?)``", cell)


def type_words(spec: t.Mapping[str, t.Any]) -> str:
    """Return the type cell of an option: its choices or its type."""
    if spec.get("choices") and spec.get("shows_choices", True):
        return ", ".join(f"``{choice}``" for choice in spec["choices"])
    type_ = spec.get("type", "str")
    elements = spec.get("elements")
    if type_ == "list" and elements:
        return f"list of {'mappings' if elements == 'dict' else elements}"
    return _WORDS.get(type_, type_)


def is_default(cell: str, default: t.Any, *, required: bool = False) -> bool:
    """Return whether a cell shows a default. A blank default is an empty cell, or ``required`` without markup."""
    if default in (None, ""):
        return cell == ("required" if required else "")
    if not re.fullmatch(r"``.+``", cell):
        return False
    text = cell.strip("`")
    return bool(text == default if isinstance(default, str) else yaml.safe_load(text) == default)
