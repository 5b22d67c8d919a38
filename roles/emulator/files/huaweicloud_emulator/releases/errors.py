# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the release operations."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import ServiceError, asm


def not_found(behaviors: Behaviors, key: str) -> ServiceError:
    """Return the error for a missing release. The value 500 of the behavior is for workshops only."""
    setting = behaviors["missing_object"]
    return asm.error_for_setting("404" if setting == "500" else setting, f"The release {key} does not exist.")


def name_in_use(behaviors: Behaviors, name: str) -> ServiceError:
    return asm.error_for_setting(behaviors["duplicate_asm_name"], f"The release {name} already exists.")


def path_mismatch(field: str, expected: str) -> ServiceError:
    return asm.service_error(400, f"{field} must be {expected}, as in the path.")


def service_in_use(service: str, find_active_release: str) -> ServiceError:
    return asm.service_error(400, f"The service {service} already has the running release {find_active_release}.")


def deployment_not_found(name: str) -> ServiceError:
    return asm.service_error(400, f"The deployment {name} does not exist.")


def version_in_use(service: str, version: str) -> ServiceError:
    return asm.service_error(400, f"The version {version} is already the original version of the service {service}.")


def immutable_field(field: str) -> ServiceError:
    return asm.service_error(400, f"Only the image version can be changed, but {field} differs.")


def invalid_template(problems: t.Sequence[str]) -> ServiceError:
    return asm.service_error(400, "; ".join(problems))


def unexpected_resource_version(field: str) -> ServiceError:
    """Return the error with the message of the Kubernetes API server."""
    return asm.service_error(400, f"{field}: resourceVersion should not be set on objects to be created.")


def unknown_action(action: str) -> ServiceError:
    return asm.service_error(400, f"The action {action} is not supported.")


def wrong_traffic(action: str, version: str) -> ServiceError:
    return asm.service_error(400, f"The action {action} needs the {version} version to carry all traffic.")


def termination_in_progress(name: str) -> ServiceError:
    return asm.service_error(400, f"The release {name} is being ended or canceled.")
