# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the API gateway."""

from __future__ import annotations

from huaweicloud_emulator.errors.service_error import ServiceError

INCORRECT = "Incorrect IAM authentication information: "


def unknown_route() -> ServiceError:
    return ServiceError("gateway", 404, "0101", "The API does not exist or has not been published in the environment")


def bad_request(message: str) -> ServiceError:
    return ServiceError("gateway", 400, "0201", message)


def unauthenticated(reason: str) -> ServiceError:
    return ServiceError("gateway", 401, "0301", INCORRECT + reason)


def not_allowed(action: str) -> ServiceError:
    return ServiceError("gateway", 403, "0302", f"The IAM user is not allowed to access the API, action: {action}")


def throttled(limit: float, retry_after: str) -> ServiceError:
    text = f"The throttling threshold has been reached: policy user over ratelimit,limit:{limit:g}"
    return ServiceError("gateway", 429, "0308", text, {"Retry-After": retry_after} if retry_after else {})
