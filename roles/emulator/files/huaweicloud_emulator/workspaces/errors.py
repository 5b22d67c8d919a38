# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the workspace operations."""

from __future__ import annotations

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import ServiceError, modelarts


def not_found(behaviors: Behaviors, workspace_id: str) -> ServiceError:
    """Return the error for a missing workspace. By default its status is 400, as documented."""
    setting = behaviors["missing_workspace"]
    if setting == "0102":
        return modelarts.service_error(400, "0102", f"The workspace {workspace_id} does not exist.")
    if setting == "0104_old":
        return modelarts.service_error(400, "0104", f"workspace: {workspace_id} not exist.")
    return modelarts.service_error(404 if setting == "404" else 400, "7005", f"workspace:{workspace_id} not existed")


def name_in_use(behaviors: Behaviors, name: str) -> ServiceError:
    return modelarts.service_error(
        int(behaviors["duplicate_workspace_name"]), "0101", f"The workspace name {name} already exists."
    )


def protected_default() -> ServiceError:
    return modelarts.service_error(400, "3566", "The default workspace cannot be modified or deleted.")


def reserved_name(name: str) -> ServiceError:
    return modelarts.bad_argument(f"the name {name} is reserved")


def limit_exceeded(limit: int) -> ServiceError:
    return modelarts.service_error(400, "7006", f"The number of workspaces exceeds the limit {limit}.")


def invalid_status(workspace_id: str, status: str) -> ServiceError:
    return modelarts.service_error(
        400, "7004", f"workspace:{workspace_id} is in status {status}, the operation is not allowed"
    )


def grants_required() -> ServiceError:
    return modelarts.bad_argument("grants are required when auth_type is INTERNAL")


def unknown_user(user: str) -> ServiceError:
    return modelarts.bad_argument(f"the user {user} does not exist")


def unknown_resource(resource: str) -> ServiceError:
    return modelarts.bad_parameter(f"the quota resource {resource} does not exist")


def out_of_range(resource: str, quota: int, least: int, most: int) -> ServiceError:
    return modelarts.bad_parameter(
        f"the quota {quota} of {resource} must be -1 or positive, and between {least} and {most}"
    )
