# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._targets import describe_scope

ARGUMENTS = {
    "connection": {"type": "dict", "default": {}},
    "desired_state": {"type": "dict", "required": True},
    "mesh_id": {"type": "str", "default": ""},
    "mesh_name": {"type": "str", "default": ""},
}
_CONFIDENTIAL = ("connection", "desired_state")


class ActionModule(ActionBase):
    """Describe the scope of a target on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        try:
            _validation, options = self.validate_argument_spec(ARGUMENTS)
            mesh = {key: options[key] for key in ("mesh_id", "mesh_name")}
            scope = describe_scope(options["connection"], os.environ, options["desired_state"], mesh)
        finally:
            # Callbacks get the arguments, and AWX stores them.
            self._task.args = {key: value for key, value in self._task.args.items() if key not in _CONFIDENTIAL}
        return {**result, "changed": False, "scope": wrap_var(to_plain(scope))}
