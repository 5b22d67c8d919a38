# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of the workshop operations."""

from __future__ import annotations

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import Refusal, asm


def missing(behaviors: Behaviors, key: str) -> Refusal:
    return asm.by_switch(behaviors["missing_asm_resource"], f"The workshop {key} does not exist.")


def taken(behaviors: Behaviors, name: str) -> Refusal:
    return asm.by_switch(behaviors["duplicate_asm_name"], f"The workshop {name} already exists.")
