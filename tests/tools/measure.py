# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combine what all processes of the tests counted, and compare plugins/module_utils with the wanted share.

Lines and branches are measured apart, because many covered lines could hide branches that nothing takes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t

from environment import CACHE, ROOT

DATA = CACHE / "coverage"
WANTED = 90.0


def variables() -> dict[str, str]:
    """What a process needs in its environment to be counted."""
    return {
        "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"),
        "COVERAGE_FILE": str(DATA / "data"),
    }


def coverage(command: str, *arguments: str) -> int:
    settings = [f"--rcfile={ROOT / 'pyproject.toml'}", f"--data-file={DATA / 'data'}"]
    return subprocess.call([sys.executable, "-m", "coverage", command, *settings, *arguments], cwd=ROOT)


def shares(totals: t.Mapping[str, int]) -> dict[str, float]:
    """Percentages of covered lines and of taken branches; of nothing, all is covered."""
    pairs = {"lines": ("covered_lines", "num_statements"), "branches": ("covered_branches", "num_branches")}
    return {what: 100.0 * totals[done] / totals[of] if totals[of] else 100.0 for what, (done, of) in pairs.items()}


def main() -> int:
    report = DATA / "report.json"
    if coverage("combine", "--quiet") or coverage("report") or coverage("json", "--quiet", "-o", str(report)):
        return 1
    measured = json.loads(report.read_text(encoding="utf-8"))
    missing = sorted(
        str(path.relative_to(ROOT)) for path in (ROOT / "plugins" / "module_utils").rglob("*.py") if path.stat().st_size
    )
    missing = [name for name in missing if name not in measured["files"] and not name.endswith("__init__.py")]
    for name in missing:
        print(f"{name} was never run")
    found = shares(measured["totals"])
    print(
        f"plugins/module_utils: {found['lines']:.1f} % of lines, {found['branches']:.1f} % of branches; {WANTED:.0f} % wanted of each"
    )
    return int(bool(missing) or min(found.values()) < WANTED)


if __name__ == "__main__":
    sys.exit(main())
