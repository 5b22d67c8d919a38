# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils._reconcile.parallel import WorkerPool


@pytest.mark.parametrize("parallel", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_work_is_done_once_for_each_item(parallel, count):
    done = []
    WorkerPool(parallel).run(list(range(count)), done.append)
    assert sorted(done) == list(range(count))


def test_one_item_runs_in_the_calling_thread():
    threads = []
    WorkerPool(8).run([1], lambda item: threads.append(threading.current_thread()))
    assert threads == [threading.main_thread()]


@pytest.mark.parametrize("parallel", [1, 4])
def test_no_item_starts_after_an_exception(parallel):
    started = []
    pool = WorkerPool(parallel)

    def work(item):
        started.append(item)
        raise KeyError(item)

    with pytest.raises(KeyError):
        pool.run(list(range(100)), work)
    assert len(started) <= parallel
    assert pool.is_stopped == (parallel > 1)


def test_no_item_starts_after_a_stop():
    pool, started = WorkerPool(2), []

    def work(item):
        started.append(item)
        pool.stop()

    pool.run(list(range(100)), work)
    assert 1 <= len(started) <= 2
