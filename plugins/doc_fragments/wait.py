# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the resource reaches the desired state. The task fails at once if the resource fails.
      - The module does not wait in check mode.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum time to wait, in seconds. After that, the task fails and reports the last state.
      - Throttling (429), errors of the service (5xx) and broken connections do not end the wait.
    type: float
    default: 600
  wait_interval:
    description:
      - Time between two checks, in seconds. It grows up to five times this value.
    type: float
    default: 2
"""
