# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the workshop operations."""

from __future__ import annotations

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import ServiceError, asm


def not_found(behaviors: Behaviors, key: str) -> ServiceError:
    return asm.error_for_setting(behaviors["missing_object"], f"The workshop {key} does not exist.")


def name_in_use(behaviors: Behaviors, name: str) -> ServiceError:
    return asm.error_for_setting(behaviors["duplicate_asm_name"], f"The workshop {name} already exists.")
