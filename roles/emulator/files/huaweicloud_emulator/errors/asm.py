# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of ASM. The vendor publishes two generations of codes. Behaviors select the older one."""

from __future__ import annotations

from huaweicloud_emulator.errors.service_error import ServiceError

CODES = {
    400: ("ASM.01010001", "ASM.01400001", "Invalid request."),
    401: ("ASM.01000001", "ASM.01401001", "Authenticate error."),
    403: ("ASM.01000002", "ASM.01403001", "Forbidden."),
    404: ("ASM.01010002", "ASM.01404001", "Resource not found."),
    409: ("ASM.01010003", "ASM.01409001", "The resource already exists."),
    500: ("ASM.01040001", "ASM.01500001", "Internal error."),
}


def service_error(status: int, detail: str = "", old: bool = False) -> ServiceError:
    """Return the error with this status. ``detail`` follows the published text."""
    current, older, text = CODES[status]
    return ServiceError("asm", status, older if old else current, f"{text} {detail}".strip())


def error_for_setting(setting: str, detail: str) -> ServiceError:
    """Return the error for the value of a behavior, such as ``404`` or ``404_old``."""
    status, separator, generation = setting.partition("_")
    return service_error(int(status), detail, old=bool(separator and generation))
