# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.community.huaweicloud.plugins.plugin_utils._local_execution import display_line
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import mask_invisible
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.summary import (
    format_report,
    format_resources,
    format_results,
)

# The function that formats the value of each option.
_FORMATS: dict[str, t.Callable[[t.Any], list[str]]] = {
    "report": format_report,
    "results": format_results,
    "resources": format_resources,
}


class ActionModule(ControllerAction):
    """Print a report, even if Ansible does not print successful tasks."""

    ARGUMENTS = {
        "report": {"type": "dict"},
        "results": {"type": "list", "elements": "dict"},
        "resources": {"type": "dict"},
    }
    RELATIONS = {"mutually_exclusive": [list(ARGUMENTS)], "required_one_of": [list(ARGUMENTS)]}

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        option, value = next((name, options[name]) for name in self.ARGUMENTS if options[name] is not None)
        try:
            lines = _FORMATS[option](to_plain(value))
        except (AttributeError, KeyError, TypeError):
            message = f"The value of {option} does not have the expected format. See ansible-doc community.huaweicloud.show_report."
            return {"failed": True, "msg": message}
        lines = [str(mask_invisible(line)) for line in lines]
        for line in lines:
            display_line(line)
        return {"changed": False, "msg": lines}
