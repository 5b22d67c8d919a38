# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call the control plane of the emulator from a task, without starting a module.

The arguments are C(method), C(path) and C(body), or C(calls), a list of such; their answers become one mapping. The address is in
E(RECORDS_CONTROL_URL).
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request

from ansible.plugins.action import ActionBase

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = self._task.args
        answers = {}
        try:
            for call in arguments.get("calls") or [arguments]:
                answers.update(_answer(call))
        except urllib.error.HTTPError as refusal:
            result.update(failed=True, msg=refusal.read().decode(errors="replace"))
            return result
        result.update(changed=False, answer=answers)
        return result


def _answer(call):
    body = call.get("body")
    request = urllib.request.Request(
        f"{os.environ['RECORDS_CONTROL_URL']}/{call['path']}",
        method=str(call["method"]),
        data=None if body is None else json.dumps(body, default=str).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _DIRECT.open(request, timeout=300) as answer:
        return json.load(answer)
