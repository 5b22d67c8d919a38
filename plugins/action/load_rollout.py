# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import find_file
from ansible_collections.community.huaweicloud.plugins.plugin_utils._kubernetes_api import list_apis
from ansible_collections.community.huaweicloud.plugins.plugin_utils._load_file_action import (
    FILE_ARGUMENTS,
    LoadFileAction,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._rollout_file import (
    KIND,
    LoadedRollout,
    RolloutFileLoader,
)


class ActionModule(LoadFileAction):
    """Load a rollout file on the controller."""

    ARGUMENTS = FILE_ARGUMENTS

    def load_file(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        path = find_file(options["path"], options["directories"], KIND)
        loaded = RolloutFileLoader(path, self._loader).load_rollout(self._templar, variables)
        apis = list_apis(loaded.rollout, self._read_environment())
        return {"path": path, "kubernetes_apis": apis, **summarize(loaded)}

    def _read_environment(self) -> dict[str, str]:
        """Return the environment variables that a module of the same play has."""
        environ = dict(os.environ)
        for entry in self._task.environment or []:
            environ.update({str(name): str(value) for name, value in entry.items()})
        return environ


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
