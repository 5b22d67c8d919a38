# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.community.huaweicloud.plugins.plugin_utils._controller_action import ControllerAction, Result
from ansible_collections.community.huaweicloud.plugins.plugin_utils._report_files import (
    FORMAT_NAMES,
    ReportFileError,
    WriteOptions,
    find_paths,
    write_reports,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.redaction import to_plain
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.render import list_formats


class ActionModule(ControllerAction):
    """Write a report to files on the controller. The result has neither the content nor a diff, which can be confidential."""

    ARGUMENTS = {
        "report": {"type": "dict", "required": True},
        "path": {"type": "path", "required": True},
        "formats": {"type": "list", "elements": "str", "choices": list(FORMAT_NAMES)},
        "mode": {"type": "raw", "default": "0600"},
        "protected_paths": {"type": "list", "elements": "path", "default": []},
        "conflict_msg": {"type": "str", "default": ""},
    }

    def build_result(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        report = to_plain(options["report"])
        formats = options["formats"] or [name for name in list_formats(report) if name in FORMAT_NAMES]
        settings = WriteOptions(
            formats=formats,
            mode=options["mode"],
            protected_paths=options["protected_paths"],
            conflict_message=options["conflict_msg"],
            predicts=self._task.check_mode,
        )
        try:
            changed = write_reports({options["path"]: report}, settings)
        except ReportFileError as error:
            return {"failed": True, "changed": False, "msg": wrap_var(str(error))}
        return {"changed": changed, "paths": wrap_var(list(find_paths(options["path"], formats=formats).values()))}
