# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of IAM."""

from __future__ import annotations

from huaweicloud_emulator.errors.service_error import ServiceError

TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


def service_error(status: int, message: str) -> ServiceError:
    return ServiceError("iam", status, str(status), message)
