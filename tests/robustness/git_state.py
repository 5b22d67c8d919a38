# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of which state of the code something is told, and when."""

from __future__ import annotations

import datetime as dt
import subprocess
import typing as t
from pathlib import Path

# What a commit is called that none is: it can not be told of.
UNKNOWN, DIRTY, MOVED = "unknown", "dirty", "moved"
# Written from what is counted.
PAGE = "docs/robustness.md"


def state_of(folder: Path) -> str:
    """The commit that is checked out in the repository ``folder`` is in; with more to it where a file is changed, or new and not ignored."""
    commit = _git(folder, "rev-parse", "--short=12", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--untracked-files=normal", "--", ":/", f":(top,exclude){PAGE}")
    if not commit or changes is None:
        return UNKNOWN
    return f"{commit}-{DIRTY}" if changes else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def moment(before: str, after: str) -> dict[str, t.Any]:
    """What is written down of a run that began with the code in one state and ended with it in another. A commit made meanwhile gets no credit."""
    commit = before if before == after else f"{before}-{MOVED}"
    return {"commit": commit, "date": dt.datetime.now(dt.timezone.utc).date().isoformat()}
