# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of the release operations."""

from __future__ import annotations

import typing as t

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import Refusal, asm


def missing(behaviors: Behaviors, key: str) -> Refusal:
    """The setting 500 is said of workshops only."""
    setting = behaviors["missing_asm_resource"]
    return asm.by_switch("404" if setting == "500" else setting, f"The release {key} does not exist.")


def taken(behaviors: Behaviors, name: str) -> Refusal:
    return asm.by_switch(behaviors["duplicate_asm_name"], f"The release {name} already exists.")


def mismatch(field: str, wanted: str) -> Refusal:
    return asm.refused(400, f"{field} must be {wanted}, as in the path.")


def service_busy(service: str, holder: str) -> Refusal:
    return asm.refused(400, f"The service {service} already has the running release {holder}.")


def no_deployment(name: str) -> Refusal:
    return asm.refused(400, f"The deployment {name} does not exist.")


def version_runs(service: str, version: str) -> Refusal:
    return asm.refused(400, f"The version {version} is already the original version of the service {service}.")


def only_images(field: str) -> Refusal:
    return asm.refused(400, f"Only the image version can be changed, but {field} differs.")


def invalid_template(problems: t.Sequence[str]) -> Refusal:
    return asm.refused(400, "; ".join(problems))


def has_version(field: str) -> Refusal:
    """The message is that of the Kubernetes API server."""
    return asm.refused(400, f"{field}: resourceVersion should not be set on objects to be created.")


def unknown_action(action: str) -> Refusal:
    return asm.refused(400, f"The action {action} is not supported.")


def traffic(action: str, carrier: str) -> Refusal:
    return asm.refused(400, f"The action {action} needs the {carrier} version to carry all traffic.")


def being_finished(name: str) -> Refusal:
    return asm.refused(400, f"The release {name} is being ended or canceled.")
