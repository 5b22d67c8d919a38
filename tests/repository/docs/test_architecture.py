# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/dev/architecture.md names the layers in their order, every unit of module_utils, and only files that exist."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from test_repository import LAYERS, list_known_files

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "dev" / "architecture.md").read_text(encoding="utf-8")
UTILS = ROOT / "plugins" / "module_utils"


def read_section(heading: str) -> str:
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


@functools.cache
def list_paths() -> tuple[str, ...]:
    """Return the files of the repository, and their directories with a slash at the end."""
    files = [f"/{path.relative_to(ROOT)}" for path in list_known_files()]
    return (*files, *{f"{name.rpartition('/')[0]}/" for name in files})


def list_units() -> set[str]:
    return {path.stem for path in UTILS.iterdir() if path.stem not in ("__init__", "__pycache__")}


def test_drawing_has_the_layers_in_their_order() -> None:
    drawing = read_section("Layers").partition("module_utils:")[2].partition("```")[0]
    lines = [set(re.findall(r"(?<!\S)_[a-z_]+", line)) for line in drawing.splitlines()]
    assert [line for line in reversed(lines) if line] == LAYERS


def test_table_has_every_unit() -> None:
    cells = [line.split(" | ")[0] for line in read_section("Files of plugins/module_utils/").splitlines()[2:]]
    assert {name for cell in cells for name in re.findall(r"`(_[a-z_]+)[./]", cell)} == list_units()


def test_paths_exist() -> None:
    named = set(re.findall(r"`([\w.][\w./-]*(?:\.(?:py|yaml|txt)|/))`", PAGE))
    assert len(named) > 50
    assert [name for name in sorted(named) if not any(path.endswith(f"/{name}") for path in list_paths())] == []
