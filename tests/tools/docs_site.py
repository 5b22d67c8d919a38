# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site into ``.cache/docs/html``: what antsibull-docs makes of plugins, roles and guides, by Sphinx, without a warning.

The guides in docs/docsite appear as well where others build the documentation of many collections; only docs/site is for this build.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from environment import CACHE, ROOT, play_environment

SITE = ROOT / "docs" / "site"
PLACE = CACHE / "docs"
TOOLS = Path(sys.executable).parent


def commands(source: Path) -> list[list[str]]:
    """What makes the sources, and what builds the pages of them."""
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
            str(PLACE),
            "-c",
            str(SITE),
            "-W",
            "--keep-going",
            "-q",
        ],
    ]


def main() -> int:
    shutil.rmtree(PLACE, ignore_errors=True)
    source = PLACE / "rst"
    # antsibull-docs writes into no folder that others could write into.
    source.mkdir(parents=True, mode=0o700)
    for command in commands(source):
        status = subprocess.call(command, cwd=ROOT, env=play_environment())
        if status:
            return status
    print(f"The site is in {PLACE.relative_to(ROOT)}/html/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
