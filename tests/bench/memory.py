# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much memory a process and all its descendants take, looked up in /proc while they run."""

from __future__ import annotations

import threading
from pathlib import Path

_EVERY = 0.04  # seconds
_KIB = 1024


class PeakMemory(threading.Thread):
    """Samples the tree below a process until it is told to stop. Pages that processes share (after a fork: most) count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self.peak = max(self.peak, sum(_proportional(pid) for pid in _tree(self._pid)))

    def finish(self) -> int:
        """Ends the sampling; returns the highest sum that was seen, in bytes."""
        self._over.set()
        self.join()
        return self.peak


def is_possible() -> bool:
    return _proportional("self") > 0


def _tree(root: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, left = set(), [root]
    while left:
        pid = left.pop()
        found.add(pid)
        left += children.get(pid, [])
    return found


def _proportional(pid: int | str) -> int:
    """The proportional set size of one process, in bytes; 0 when it is gone, or this is not Linux."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * _KIB
