# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the services, and their representation by the gateway and the services."""

from __future__ import annotations

from huaweicloud_emulator.errors.service_error import ServiceError

__all__ = ["ServiceError"]
