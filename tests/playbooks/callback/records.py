# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write one JSON line for each task: its result, and the requests that the emulator received during the task."""

from __future__ import annotations

import json
import os
import urllib.request

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: records
type: notification
short_description: One JSON line for each task
description:
  - Writes results and requests to the file in E(RECORDS_FILE), asking the emulator's control plane at E(RECORDS_CONTROL_URL).
author: community.huaweicloud contributors (@ansible-collections)
"""

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _arguments_of(task):
    """Return the rendered arguments of a task as the callback of AWX stores them, if the test asks for them. They can have secrets."""
    wanted = os.environ.get("RECORD_ARGUMENTS") and not task.no_log
    return ", ".join(f"{key}={value}" for key, value in task.args.items()) if wanted else ""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "records"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._path = os.environ.get("RECORDS_FILE")
        self._control = os.environ.get("RECORDS_CONTROL_URL")
        self.disabled = not self._path
        self._seen = 0
        if not self.disabled:
            self._new_requests()

    def _new_requests(self):
        """Return the requests since the last call. A shorter log was cleared in between."""
        if not self._control:
            return []
        with _DIRECT.open(f"{self._control}/request_log", timeout=300) as answer:
            calls = json.load(answer)["requests"]
        new = calls[self._seen :] if len(calls) >= self._seen else calls
        self._seen = len(calls)
        return new

    def _write(self, result, status):
        task = result._task
        record = {
            "name": str(task.name or ""),
            "action": str(task.action),
            "status": status,
            "result": result._result,
            "arguments": _arguments_of(task),
            "warnings": [
                _text_of(warning)
                for warning in getattr(result, "warnings", None) or result._result.get("warnings") or []
            ],
            "requests": self._new_requests(),
        }
        with open(self._path, "a", encoding="utf-8") as records:
            records.write(json.dumps(record, default=str) + "\n")

    def v2_runner_on_ok(self, result):
        self._write(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self._write(result, "unreachable")


def _text_of(warning):
    event = getattr(warning, "event", None)
    return str(event.msg if event else warning)
