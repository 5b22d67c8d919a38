# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write one JSON line for each run of ansible-playbook: scenario, playbook, and the task counts of all hosts."""

from __future__ import annotations

import collections
import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: playbook_runs
type: notification
short_description: One JSON line for each playbook run
description:
  - Appends the scenario in E(MOLECULE_SCENARIO_NAME), the name of the playbook, and the task counts to the file in E(PLAYBOOK_RUNS_FILE).
author: community.huaweicloud contributors (@ansible-collections)
"""


class CallbackModule(CallbackBase):
    """Write a JSON line to E(PLAYBOOK_RUNS_FILE) at the end of each run. Do nothing if the variable is unset."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "playbook_runs"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._path = os.environ.get("PLAYBOOK_RUNS_FILE")
        self.disabled = not self._path
        self._playbook = ""

    def v2_playbook_on_start(self, playbook):
        self._playbook = os.path.basename(playbook._file_name)

    def v2_playbook_on_stats(self, stats):
        counts = collections.Counter()
        for host in stats.processed:
            counts.update(stats.summarize(host))
        run = {"scenario": os.environ.get("MOLECULE_SCENARIO_NAME"), "playbook": self._playbook, "counts": counts}
        with open(self._path, "a", encoding="utf-8") as runs:
            runs.write(json.dumps(run) + "\n")
