# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.community.huaweicloud.plugins.plugin_utils._variables import (
    SETTINGS,
    convert,
    find_problems,
    read,
)


class ActionModule(ControllerAction):
    """Validate the variables of a play on the controller."""

    ARGUMENTS = {"variables": {"type": "dict", "required": True}}

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        specs = options["variables"]
        all_specs = {**specs, **SETTINGS}
        values = read(all_specs, variables, self._templar.template)
        problems = find_problems(all_specs, values, str(variables["inventory_hostname"]))
        if problems:
            return {"failed": True, "msg": f"Nothing was sent. {'; '.join(problems)}."}
        # Callbacks store results, and the variables can hold secrets, for example vaulted values in lists of resources.
        self._task.no_log = True
        return {"changed": False, "variables": convert(specs, values)}
