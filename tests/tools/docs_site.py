# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site in ``.cache/docs/html`` with antsibull-docs and Sphinx. Warnings are errors.

Sites that document many collections also include the guides in docs/docsite. Only this build uses docs/site.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from environment import CACHE, ROOT, play_environment

SITE = ROOT / "docs" / "site"
OUTPUT = CACHE / "docs"
TOOLS = Path(sys.executable).parent


def list_commands(source: Path) -> list[list[str]]:
    """Return the commands that generate the sources and build the pages."""
    settings = ["--config-file", str(SITE / "antsibull-docs.cfg")]
    collection = [
        "--use-current",
        "--squash-hierarchy",
        "--fail-on-error",
        "--dest-dir",
        str(source),
        "community.huaweicloud",
    ]
    return [
        [str(TOOLS / "antsibull-docs"), *settings, "collection", *collection],
        [
            str(TOOLS / "sphinx-build"),
            "-M",
            "html",
            str(source),
            str(OUTPUT),
            "-c",
            str(SITE),
            "-W",
            "--keep-going",
            "-q",
        ],
    ]


def main() -> int:
    shutil.rmtree(OUTPUT, ignore_errors=True)
    source = OUTPUT / "rst"
    # antsibull-docs rejects a directory that other users can write to.
    source.mkdir(parents=True, mode=0o700)
    for command in list_commands(source):
        status = subprocess.call(command, cwd=ROOT, env=play_environment())
        if status:
            return status
    print(f"The site is in {OUTPUT.relative_to(ROOT)}/html/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
