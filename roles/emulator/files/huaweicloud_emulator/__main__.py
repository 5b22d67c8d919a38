# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m huaweicloud_emulator``."""

from __future__ import annotations

import sys

from huaweicloud_emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
