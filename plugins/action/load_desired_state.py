# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state import MESH_KEYS, to_deletion
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import find_file, load
from ansible_collections.community.huaweicloud.plugins.plugin_utils._load_file_action import (
    FILE_ARGUMENTS,
    LoadFileAction,
)


class ActionModule(LoadFileAction):
    """Load a desired-state file on the controller."""

    ARGUMENTS = {
        **FILE_ARGUMENTS,
        "teardown": {"type": "str", "choices": ["canceled", "promoted"]},
        "mesh_id": {"type": "str", "default": ""},
        "mesh_name": {"type": "str", "default": ""},
    }

    def load_file(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        path = find_file(options["path"], options["directories"])
        mesh = {key: options[key] for key in MESH_KEYS if options[key]}
        desired_state = load(path, self._loader, self._templar, variables, mesh)
        if options["teardown"]:
            # The result keeps the whole file, because the redaction of later results finds vaulted values there.
            desired_state["deletion"] = to_deletion(desired_state, options["teardown"])
        return desired_state
