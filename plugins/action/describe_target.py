# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import HuaweiCloudError
from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction, Result
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import MESH_KEYS
from ansible_collections.community.huaweicloud.plugins.plugin_utils._local_execution import (
    find_working_directory,
    work_in,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import describe_scope

_CONFIDENTIAL = ("connection", "desired_state")


class ActionModule(ControllerAction):
    """Describe the scope of a target on the controller."""

    ARGUMENTS = {
        "connection": {"type": "dict", "default": {}},
        "desired_state": {"type": "dict", "required": True},
        "mesh_id": {"type": "str", "default": ""},
        "mesh_name": {"type": "str", "default": ""},
    }

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        try:
            return super().run(tmp, task_vars)
        finally:
            # Callbacks get the arguments, and AWX stores them.
            self._task.args = {key: value for key, value in self._task.args.items() if key not in _CONFIDENTIAL}

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        mesh = {key: options[key] for key in MESH_KEYS}
        try:
            with work_in(find_working_directory(self._loader)):
                scope = describe_scope(options["connection"], os.environ, options["desired_state"], mesh)
        except HuaweiCloudError as error:
            return {"failed": True, "msg": wrap_var(f"Failed to describe the target: {error}")}
        return {"changed": False, "scope": wrap_var(to_plain(scope))}
