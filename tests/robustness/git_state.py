# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commit and the date of a run."""

from __future__ import annotations

import datetime as dt
import subprocess
import typing as t
from pathlib import Path

# None of them is the hash of a commit, so the counts of such a run are not published.
UNKNOWN, DIRTY, MOVED = "unknown", "dirty", "moved"
# The run itself writes this file.
PAGE = "docs/robustness.md"


def describe_checkout(directory: Path) -> str:
    """Return the commit of the checkout that contains ``directory``, with "-dirty" if there are uncommitted changes."""
    commit = _git(directory, "rev-parse", "--short=12", "HEAD")
    changes = _git(directory, "status", "--porcelain", "--untracked-files=normal", "--", ":/", f":(top,exclude){PAGE}")
    if not commit or changes is None:
        return UNKNOWN
    return f"{commit}-{DIRTY}" if changes else commit


def _git(directory: Path, *arguments: str) -> str | None:
    try:
        process = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return process.stdout.strip() if process.returncode == 0 else None


def describe_run(before: str, after: str) -> dict[str, t.Any]:
    """Return the commit and the date of a run, with "-moved" if the checkout changed during the run."""
    commit = before if before == after else f"{before}-{MOVED}"
    return {"commit": commit, "date": dt.datetime.now(dt.timezone.utc).date().isoformat()}
