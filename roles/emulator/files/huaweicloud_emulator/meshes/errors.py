# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the mesh operations, and of operations below a mesh."""

from __future__ import annotations

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import ServiceError, asm


def not_found(mesh_id: str) -> ServiceError:
    return asm.service_error(404, f"The mesh {mesh_id} does not exist.")


def mesh_not_found(behaviors: Behaviors, mesh_id: str) -> ServiceError:
    """Return the error for a missing mesh, which the API reference does not document for v2 operations."""
    return asm.error_for_setting(behaviors["unknown_mesh"], f"The mesh {mesh_id} does not exist.")


def not_running(mesh_id: str, phase: str) -> ServiceError:
    return asm.service_error(400, f"The mesh {mesh_id} is {phase}, not Running.")


def name_in_use(behaviors: Behaviors, name: str) -> ServiceError:
    return asm.error_for_setting(behaviors["duplicate_asm_name"], f"The mesh {name} already exists.")


def not_empty(mesh_id: str) -> ServiceError:
    return asm.service_error(400, f"The mesh {mesh_id} contains workshops or releases.")


def deletion_in_progress(mesh_id: str) -> ServiceError:
    return asm.service_error(400, f"The mesh {mesh_id} is being deleted.")
