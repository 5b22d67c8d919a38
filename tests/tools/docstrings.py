# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the list of files with open docstring rules to pyproject.toml.

Run it after the docstrings of a file have changed: ``docstrings.py`` deletes rules without violations from the list. It never adds a file that is
not in the list, unless the option ``--all`` is given. It needs ruff in the environment.
"""

from __future__ import annotations

import collections
import json
import re
import subprocess
import sys

from environment import ROOT

SETTINGS = ROOT / "pyproject.toml"
_LIST = re.compile(r"(?<=# docstrings: begin\n).*?(?=# docstrings: end\n)", re.DOTALL)
_ENTRY = re.compile(r'^"\*\*/(.+?)" = ', re.MULTILINE)


def find_violations() -> dict[str, list[str]]:
    """Return the violated docstring rules by file, as if the list in pyproject.toml were empty."""
    text = SETTINGS.read_text(encoding="utf-8")
    SETTINGS.write_text(_LIST.sub("", text), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "ruff", "check", "--output-format", "json", "--exit-zero"]
        output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    finally:
        SETTINGS.write_text(text, encoding="utf-8")
    rules: dict[str, set[str]] = collections.defaultdict(set)
    for violation in json.loads(output):
        if str(violation["code"]).startswith("D"):
            rules[str(violation["filename"]).removeprefix(f"{ROOT}/")].add(violation["code"])
    return {path: sorted(codes) for path, codes in sorted(rules.items())}


def main() -> int:
    text = SETTINGS.read_text(encoding="utf-8")
    known = {path for block in _LIST.findall(text) for path in _ENTRY.findall(block)}
    found = {path: codes for path, codes in find_violations().items() if "--all" in sys.argv or path in known}
    lines = [f'"**/{path}" = {json.dumps(codes)}\n' for path, codes in found.items()]
    SETTINGS.write_text(_LIST.sub(lambda match: "".join(lines), text), encoding="utf-8")
    print(f"{len(found)} files have open docstring rules.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
