# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.community.huaweicloud.plugins.plugin_utils._variables import (
    SETTINGS,
    convert,
    find_problems,
    read,
)

ARGUMENTS = {"variables": {"type": "dict", "required": True}}


class ActionModule(ActionBase):
    """Validate the variables of a play on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENTS)
        specs = options["variables"]
        all_specs = {**specs, **SETTINGS}
        values = read(all_specs, task_vars or {}, self._templar.template)
        problems = find_problems(all_specs, values)
        if problems:
            return {**result, "failed": True, "msg": f"Nothing was sent. {'; '.join(problems)}."}
        # Callbacks store results, and the variables can hold secrets, for example vaulted values in lists of resources.
        self._task.no_log = True
        return {**result, "changed": False, "variables": convert(specs, values)}
