# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.huaweicloud.plugins.modules.asm_mesh import TASK as task
from ansible_collections.community.huaweicloud.plugins.plugin_utils._local_execution import LocalModuleAction


class ActionModule(LocalModuleAction):
    TASK = task
