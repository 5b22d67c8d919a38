# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run a task as an Ansible module. This is the only file that uses AnsibleModule, and all that modules need of the files below."""

from __future__ import annotations

import gc
import os

from ansible.module_utils.basic import AnsibleModule

# The import has an effect, so it must be the first one.
from ansible_collections.community.huaweicloud.plugins.module_utils import _zip_import  # noqa: F401 pylint: disable=unused-import
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import filter_redactable
from ansible_collections.community.huaweicloud.plugins.module_utils._results import Result
from ansible_collections.community.huaweicloud.plugins.module_utils._session import Params, Session
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    RunContext,
    StandaloneTask,
    Task,
    run_resource,
    run_task,
)

__all__ = ("Params", "Result", "Session", "StandaloneTask", "Task", "run_module", "run_resource")


class _Module(AnsibleModule):
    """A module that masks the secrets of its task from the start, also in the log of the system and if its options are invalid."""

    def __init__(self, task: Task | StandaloneTask) -> None:
        self._find_secrets = task.find_secrets
        super().__init__(supports_check_mode=True, **task.arguments.kwargs())

    def _load_params(self) -> None:
        super()._load_params()
        self.no_log_values.update(filter_redactable(self._find_secrets(self.params)))


def run_module(task: Task | StandaloneTask) -> None:
    """Run a task as an Ansible module and end the process."""
    module = _Module(task)
    context = RunContext(
        os.environ, module.check_mode, module._diff, module._verbosity, module.warn, module.no_log_values.update
    )
    failed, result = run_task(task, module.params, context)
    # The process ends now. Without this, Python would search all objects for garbage before.
    gc.freeze()
    if failed:
        module.fail_json(**result)
    module.exit_json(**result)
