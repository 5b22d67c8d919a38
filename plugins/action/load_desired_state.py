# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import MESH_KEYS, to_deletion
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import (
    InvalidFile,
    find_file,
    load,
)

ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "directories": {"type": "list", "elements": "str", "default": []},
    "teardown": {"type": "str", "choices": ["canceled", "promoted"]},
    "mesh_id": {"type": "str", "default": ""},
    "mesh_name": {"type": "str", "default": ""},
}


class ActionModule(ActionBase):
    """Load a desired-state file on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENTS)
        try:
            path = find_file(options["path"], options["directories"])
            mesh = {key: options[key] for key in MESH_KEYS if options[key]}
            desired_state = load(path, self._loader, self._templar, task_vars or {}, mesh)
            if options["teardown"]:
                # The result keeps the whole file, because the redaction of later results finds vaulted values there.
                desired_state["deletion"] = to_deletion(desired_state, options["teardown"])
        except OptionError as error:
            return {**result, "failed": True, "msg": str(error)}
        except InvalidFile as error:
            return {**result, "failed": True, "msg": str(error), "mistakes": error.mistakes}
        # The file may contain secrets, and AWX, for example, stores the result of each task.
        self._task.no_log = True
        return {**result, "changed": False, **desired_state}
