# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List and copy the files of the checkout."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from environment import ROOT


def git_files() -> list[str]:
    """Return the files that git tracks or would add. Raise CalledProcessError outside a checkout."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [name for name in listing.stdout.decode().split("\0") if name]


def copy_checkout(target: Path) -> None:
    """Copy the files that git tracks or would add, with their current content, to ``target``."""
    for name in git_files():
        source = ROOT / name
        if source.is_symlink() or source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name, follow_symlinks=False)
