# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the memory of a process and all its descendants with /proc."""

from __future__ import annotations

import threading
from pathlib import Path

_EVERY = 0.04  # seconds
_KIB = 1024


class PeakMemory(threading.Thread):
    """Samples the memory of a process and its descendants until ``finish``. Shared pages count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self.peak = max(self.peak, sum(_read_memory(pid) for pid in _list_processes(self._pid)))

    def finish(self) -> int:
        """End the sampling. Return the highest sum in bytes."""
        self._over.set()
        self.join()
        return self.peak


def is_supported() -> bool:
    return _read_memory("self") > 0


def _list_processes(root: int) -> set[int]:
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


def _read_memory(pid: int | str) -> int:
    """Return the proportional set size of one process in bytes, or 0 if it has ended or the system is not Linux."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * _KIB
