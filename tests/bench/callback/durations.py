# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write one JSON line for each task, with its duration and the parts of its result that the benchmarks check."""

from __future__ import annotations

import json
import os
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: durations
type: notification
short_description: One JSON line for each task, with its duration
description:
  - Writes to the file in E(DURATIONS_FILE). A duration is the time from the start of the task to its result.
author: community.huaweicloud contributors (@ansible-collections)
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "durations"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._path = os.environ.get("DURATIONS_FILE")
        self.disabled = not self._path
        self._started = 0.0

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._started = time.monotonic()

    def _write(self, result, status):
        seconds = time.monotonic() - self._started
        facts = result._result
        outcomes = facts.get("results") or []
        record = {
            "name": str(result._task.name or ""),
            "seconds": seconds,
            "status": status,
            "changed": bool(facts.get("changed")),
            "msg": str(facts.get("msg", "")) if status == "failed" else "",
            "outcomes": len(outcomes),
            "failures": sum(1 for outcome in outcomes if outcome.get("failed")),
        }
        with open(self._path, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")

    def v2_runner_on_ok(self, result):
        self._write(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result):
        self._write(result, "skipped")
