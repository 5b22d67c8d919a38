# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Base class for modules that run only on the controller, in the process of Ansible."""

from __future__ import annotations

import abc
import typing as t

from ansible.plugins.action import ActionBase

Result = t.Dict[str, t.Any]


class ControllerAction(ActionBase):
    """A module without a file for the managed host. A subclass declares its options and builds its result."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    ARGUMENTS: t.ClassVar[dict[str, dict[str, t.Any]]]
    # Relations between the options, such as required_if.
    RELATIONS: t.ClassVar[dict[str, list[t.Any]]] = {}

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(self.ARGUMENTS, **self.RELATIONS)
        return {**result, **self.build_result(options, task_vars or {})}

    @abc.abstractmethod
    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        """Return the result of the task with its validated options and the variables of the host."""
