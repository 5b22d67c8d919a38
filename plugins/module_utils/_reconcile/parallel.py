# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run the same function for many items in a few threads."""

from __future__ import annotations

import threading
import typing as t

T = t.TypeVar("T")


class WorkerPool:
    """Runs functions in at most ``parallel`` threads. After ``stop`` or an exception, no further item starts."""

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self.is_stopped = False

    def stop(self) -> None:
        """Start no further item."""
        self.is_stopped = True

    def run(self, items: t.Sequence[T], work: t.Callable[[T], None]) -> None:
        """Call ``work`` with each item. Raise the first exception of it, after which no further item starts."""
        if len(items) < 2 or self._parallel < 2:
            for item in items:
                work(item)
            return
        # A task with one resource does not need it.
        import concurrent.futures

        # One future for each item would take much memory.
        queue = _Queue(items)
        count = min(self._parallel, len(items))
        pool = concurrent.futures.ThreadPoolExecutor(count)
        try:
            for future in [pool.submit(self._work_off, queue, work) for dummy in range(count)]:
                future.result()
        except BaseException:
            # After any exception, also Ctrl-C, no further item may start.
            self.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()

    def _work_off(self, queue: _Queue[T], work: t.Callable[[T], None]) -> None:
        try:
            for item in queue:
                if self.is_stopped:
                    return
                work(item)
        except BaseException:
            # Set this here, because the main thread may notice the exception much later.
            self.stop()
            raise


class _Queue(t.Generic[T]):
    """An iterator that many threads can share."""

    def __init__(self, items: t.Iterable[T]) -> None:
        self._items = iter(items)
        self._lock = threading.Lock()

    def __iter__(self) -> _Queue[T]:
        return self

    def __next__(self) -> T:
        with self._lock:
            return next(self._items)
