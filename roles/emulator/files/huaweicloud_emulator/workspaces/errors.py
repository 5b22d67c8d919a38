# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of the workspace operations."""

from __future__ import annotations

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import Refusal, modelarts


def missing(behaviors: Behaviors, workspace_id: str) -> Refusal:
    """Not a 404, as the service has it, unless the behavior says so."""
    setting = behaviors["missing_workspace"]
    if setting == "0102":
        return modelarts.refused(400, "0102", f"The workspace {workspace_id} does not exist.")
    if setting == "0104_old":
        return modelarts.refused(400, "0104", f"workspace: {workspace_id} not exist.")
    return modelarts.refused(404 if setting == "404" else 400, "7005", f"workspace:{workspace_id} not existed")


def taken(behaviors: Behaviors, name: str) -> Refusal:
    return modelarts.refused(
        int(behaviors["duplicate_workspace_name"]), "0101", f"The workspace name {name} already exists."
    )


def default_protected() -> Refusal:
    return modelarts.refused(400, "3566", "The default workspace cannot be modified or deleted.")


def reserved(name: str) -> Refusal:
    return modelarts.bad_argument(f"the name {name} is reserved")


def too_many(limit: int) -> Refusal:
    return modelarts.refused(400, "7006", f"The number of workspaces exceeds the limit {limit}.")


def state_forbids(workspace_id: str, status: str) -> Refusal:
    return modelarts.refused(
        400, "7004", f"workspace:{workspace_id} is in status {status}, the operation is not allowed"
    )


def grants_needed() -> Refusal:
    return modelarts.bad_argument("grants are required when auth_type is INTERNAL")


def unknown_user(user: str) -> Refusal:
    return modelarts.bad_argument(f"the user {user} does not exist")


def unknown_resource(resource: str) -> Refusal:
    return modelarts.bad_parameter(f"the quota resource {resource} does not exist")


def out_of_range(resource: str, quota: int, least: int, most: int) -> Refusal:
    return modelarts.bad_parameter(
        f"the quota {quota} of {resource} must be -1 or positive, and between {least} and {most}"
    )
