# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the wanted state is reached. A state of failure ends the waiting at once.
      - Nothing is waited for in check mode.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most. The task fails when they are over, and names the last state it saw.
      - While something is waited for, an answer that the service is busy or out of order (429, 5xx) and a broken connection do not end the waiting.
    type: float
    default: 600
  wait_interval:
    description:
      - How many seconds to wait between two looks. The interval grows up to five times this value.
    type: float
    default: 2
"""
