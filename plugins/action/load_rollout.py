# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import InvalidFile, find_file
from ansible_collections.community.huaweicloud.plugins.plugin_utils._rollout_file import (
    KIND,
    LoadedRollout,
    RolloutFileLoader,
)

ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "directories": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):
    """Load a rollout file on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENTS)
        try:
            path = find_file(options["path"], options["directories"], KIND)
            loaded = RolloutFileLoader(path, self._loader).load_rollout(self._templar, task_vars or {})
        except OptionError as error:
            return {**result, "failed": True, "msg": str(error)}
        except InvalidFile as error:
            return {**result, "failed": True, "msg": str(error), "mistakes": error.mistakes}
        # The file may contain secrets, and AWX, for example, stores the result of each task.
        self._task.no_log = True
        return {**result, "changed": False, "path": path, **summarize(loaded)}


def summarize(loaded: LoadedRollout) -> dict[str, t.Any]:
    """Return the result of the task."""
    file = loaded.rollout.file
    return {
        "rollout": loaded.content,
        "positions": loaded.positions,
        "release": file.release,
        "service": str(loaded.rollout.target),
        "steps": [
            {"step": number, "weight": step.weight, "approval": file.needs_approval(number)}
            for number, step in enumerate(file.listed_steps, 1)
        ],
        "approval_timeout": file.approval_timeout,
    }
