# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ASM's refusals. Two generations of codes are published; the older one is used where a behavior asks for it."""

from __future__ import annotations

from huaweicloud_emulator.errors.refusal import Refusal

CODES = {
    400: ("ASM.01010001", "ASM.01400001", "Invalid request."),
    401: ("ASM.01000001", "ASM.01401001", "Authenticate error."),
    403: ("ASM.01000002", "ASM.01403001", "Forbidden."),
    404: ("ASM.01010002", "ASM.01404001", "Resource not found."),
    409: ("ASM.01010003", "ASM.01409001", "The resource already exists."),
    500: ("ASM.01040001", "ASM.01500001", "Internal error."),
}


def refused(status: int, detail: str = "", old: bool = False) -> Refusal:
    """The refusal of that status; ``detail`` follows the published text."""
    current, older, text = CODES[status]
    return Refusal("asm", status, older if old else current, f"{text} {detail}".strip())


def by_switch(setting: str, detail: str) -> Refusal:
    """For behaviors whose values are statuses, ``404`` or ``404_old``."""
    status, found, generation = setting.partition("_")
    return refused(int(status), detail, old=bool(found and generation))
