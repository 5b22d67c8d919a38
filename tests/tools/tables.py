# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of the guides that are made of code: ``tables.py`` writes them, a test compares them.

Needs ``.collections`` on the path of Python, as the tests have it.
"""

from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
EMULATOR = ROOT / "roles" / "emulator" / "files"

_BEGIN, _END = ".. table {}: begin\n", ".. table {}: end\n"

Row = t.Sequence[str]


def render_table(header: Row, lines: t.Iterable[Row], widths: str) -> str:
    """Return a table in reStructuredText, with one cell per line."""
    text = [".. list-table::", "    :header-rows: 1", f"    :widths: {widths}", ""]
    for line in (header, *lines):
        text += [f"    {'* -' if not place else '  -'} {cell}" for place, cell in enumerate(line)]
    return "\n".join(text) + "\n"


def format_literals(*words: t.Any) -> str:
    return ", ".join(f"``{word}``" for word in words)


def behaviors() -> str:
    """Return the table of the behaviors of the emulator."""
    sys.path.insert(0, str(EMULATOR))
    from huaweicloud_emulator.behaviors import ALL

    sys.path.remove(str(EMULATOR))
    lines = [
        (
            format_literals(behavior.name),
            format_literals(behavior.default) if behavior.default != "" else "empty",
            format_literals(*behavior.alternatives),
            f"{behavior.description}.",
        )
        for behavior in ALL
    ]
    return render_table(("behavior", "default", "values", "meaning"), lines, "22 16 24 38")


def variables() -> str:
    """Return the table of the connection options and their variables."""
    from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import CONNECTION
    from ansible_collections.community.huaweicloud.plugins.module_utils._connection.settings import variables_for

    found = {option: variables_for(option) for option in CONNECTION.argument_spec}
    lines = [(format_literals(option), format_literals(*names)) for option, names in found.items() if names]
    return render_table(("option", "variables"), lines, "25 75")


# The guide that contains each table, and the function that generates it.
TABLES: dict[str, tuple[str, t.Callable[[], str]]] = {
    "behaviors": ("emulator", behaviors),
    "variables": ("credentials", variables),
}


def path_of(name: str) -> Path:
    return GUIDES / f"{TABLES[name][0]}.rst"


def pattern_of(name: str) -> re.Pattern[str]:
    return re.compile(f"(?<={re.escape(_BEGIN.format(name))}).*?(?={re.escape(_END.format(name))})", re.DOTALL)


def written(name: str) -> str:
    """Return the table as in its guide."""
    found = pattern_of(name).findall(path_of(name).read_text(encoding="utf-8"))
    assert len(found) == 1, f"{path_of(name)} has {len(found)} places for the table {name}"
    return str(found[0])


def made(name: str) -> str:
    """Return the generated table, with the empty lines around it."""
    return f"\n{TABLES[name][1]()}\n"


def main() -> None:
    for name in TABLES:
        path = path_of(name)
        # A replacement text would be searched for group references.
        before, after = pattern_of(name).split(path.read_text(encoding="utf-8"))
        path.write_text(before + made(name) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
