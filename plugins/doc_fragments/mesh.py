# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  mesh_id:
    description:
      - ID of the mesh.
      - Exactly one of O(mesh_id) and O(mesh_name) is required.
    type: str
  mesh_name:
    description:
      - Exact name of the mesh.
      - The module fails if no mesh or more than one mesh has this name.
      - Exactly one of O(mesh_id) and O(mesh_name) is required.
    type: str
"""
