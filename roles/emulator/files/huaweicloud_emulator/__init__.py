# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local server that emulates ASM, ModelArts workspaces and IAM of Huawei Cloud."""

from __future__ import annotations

__version__ = "1.0.0"
