# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Base class for modules that load a file on the controller."""

from __future__ import annotations

import abc
import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError
from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction, Result
from ansible_collections.community.huaweicloud.plugins.plugin_utils._desired_state_file import InvalidFile

# The path, and where to search for a relative one.
FILE_ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "path": {"type": "str", "required": True},
    "directories": {"type": "list", "elements": "str", "default": []},
}


class LoadFileAction(ControllerAction):
    """Load a file and return its content, or all its mistakes. A subclass implements ``load_file``."""

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        try:
            content = self.load_file(options, variables)
        except OptionError as error:
            return {"failed": True, "msg": str(error)}
        except InvalidFile as error:
            return {"failed": True, "msg": str(error), "mistakes": error.mistakes}
        # The file may contain secrets, and AWX, for example, stores the result of each task.
        self._task.no_log = True
        return {"changed": False, **content}

    @abc.abstractmethod
    def load_file(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        """Return the content. Raise OptionError if the file is missing, InvalidFile if it has mistakes."""
