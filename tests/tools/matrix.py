# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tests with another ansible-core or Python than ``.venv`` has: ``matrix.py CORE PYTHON [arguments of pytest]``.

Each pair keeps an environment of its own under ``.cache``, with what ``.venv`` has.
"""

from __future__ import annotations

import os
import subprocess
import sys

from environment import CACHE, ROOT, EnvironmentFailure, ready_venv
from interpreters import find

# The versions of ansible-core that are supported, and the Pythons of the control node they are tested on.
CORES = {
    "2.18": ("3.11",),
    "2.19": ("3.11",),
    "2.20": ("3.12", "3.13"),
    "2.21": ("3.12", "3.13"),
}
PAIRS = [(core, version) for core, versions in CORES.items() for version in versions]


def main() -> int:
    core, version, *arguments = sys.argv[1:]
    python = find(version)
    if not python:
        print(f"there is no Python {version}")
        return 1
    files = [str(ROOT / "tests" / f"requirements-{name}.txt") for name in ("controller", "tools")]
    try:
        folder = ready_venv(
            python, CACHE / f"matrix-{core}-py{version}", f"ansible-core~={core}.0", "-r", files[0], "-r", files[1]
        )
    except EnvironmentFailure as failure:
        print(failure)
        return 1
    environment = {
        **os.environ,
        "VIRTUAL_ENV": str(folder),
        "PATH": os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", os.defpath)]),
    }
    return subprocess.call([str(folder / "bin" / "python"), "-m", "pytest", *arguments], cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main())
