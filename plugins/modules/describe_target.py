#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: describe_target
short_description: Describe the scope of a target of a playbook
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Returns the scope of a target, which is the project and the meshes in which its desired-state file declares resources. The scope contains only
    what the module can determine without a request.
  - A target is an inventory host with its own project, mesh, credentials and desired-state file.
  - M(community.huaweicloud.check_targets) compares the scopes of all targets of a play.
  - The playbooks of this collection use it. The task runs on the controller and sends no requests.
extends_documentation_fragment:
  - community.huaweicloud.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  connection:
    description:
      - The connection options of the target. Environment variables complete them, as for all modules.
      - If the options or variables select a file with credentials, the module uses the project in this file. The task fails if this file is invalid
        or cannot be read.
    type: dict
    default: {}
  desired_state:
    description:
      - The result of M(community.huaweicloud.load_desired_state).
    type: dict
    required: true
  mesh_id:
    description:
      - ID of the mesh of the target.
    type: str
    default: ""
  mesh_name:
    description:
      - Name of the mesh of the target.
    type: str
    default: ""
seealso:
  - module: community.huaweicloud.check_targets
"""

EXAMPLES = r"""
- name: Load the desired state
  community.huaweicloud.load_desired_state:
    path: shop.yml
  register: desired_state

- name: Describe the target
  community.huaweicloud.describe_target:
    connection: {region: eu-de, project_id: 7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b}
    desired_state: "{{ desired_state }}"
  register: target_description
"""

RETURN = r"""
scope:
  description: The scope of the target. It contains no secrets.
  returned: success
  type: dict
  contains:
    project:
      description:
        - C(label) is the project for messages.
        - C(key) is the same for two targets in the same project. V(null) if only a request can determine the project.
      type: dict
      sample: {key: id 7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b, label: project 7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b}
    workspaces:
      description: Whether the file has a list of workspaces, or patterns to prune them.
      type: bool
      sample: true
    meshes:
      description: The meshes in which the file declares workshops or releases, with C(key) and C(label).
      type: list
      elements: dict
      sample: [{key: mesh_name shop-mesh, label: shop-mesh}]
    declared_meshes:
      description: Names of the meshes that the file declares.
      type: list
      elements: str
      sample: [shop-mesh]
    prunes:
      description: The kinds that the file has patterns to prune for.
      type: list
      elements: str
      sample: [workshops]
    mesh:
      description: The mesh of the target, C(mesh_id) or C(mesh_name) or both. Empty if the target has none.
      type: dict
      sample: {mesh_name: shop-mesh}
"""
