# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of ModelArts."""

from __future__ import annotations

from huaweicloud_emulator.errors.service_error import ServiceError


def service_error(status: int, code: str, message: str) -> ServiceError:
    return ServiceError("modelarts", status, f"ModelArts.{code}", message)


def bad_parameter(message: str) -> ServiceError:
    return service_error(400, "0104", f"Invalid parameter: {message}")


def bad_argument(message: str) -> ServiceError:
    return service_error(400, "0101", f"Bad argument: {message}")
