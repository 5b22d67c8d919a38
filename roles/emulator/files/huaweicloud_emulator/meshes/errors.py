# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of the mesh operations, and of everything below a mesh."""

from __future__ import annotations

from huaweicloud_emulator.behaviors import Behaviors
from huaweicloud_emulator.errors import Refusal, asm


def missing(mesh_id: str) -> Refusal:
    return asm.refused(404, f"The mesh {mesh_id} does not exist.")


def unknown_parent(behaviors: Behaviors, mesh_id: str) -> Refusal:
    """The v2 pages do not say what comes for a mesh that does not exist."""
    return asm.by_switch(behaviors["missing_mesh"], f"The mesh {mesh_id} does not exist.")


def not_running(mesh_id: str, phase: str) -> Refusal:
    return asm.refused(400, f"The mesh {mesh_id} is {phase}, not Running.")


def taken(behaviors: Behaviors, name: str) -> Refusal:
    return asm.by_switch(behaviors["duplicate_asm_name"], f"The mesh {name} already exists.")


def being_deleted(mesh_id: str) -> Refusal:
    return asm.refused(400, f"The mesh {mesh_id} is being deleted.")
