#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: check_targets
short_description: Check that no two targets of a play manage the same resources
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Compares the scopes of all targets of a play, and fails if two targets declare workspaces of the same project, the same mesh, or workshops or
    releases of the same mesh.
  - Without O(resolved=true), the module does not detect that a name and an ID are the same project or mesh. The exception is a mesh whose name and ID
    are both in C(target_description).
  - Also fails if one target prunes meshes of a project in which another target declares meshes, or uses a mesh that the first one does not declare.
    This also applies to the mesh in the inventory variables of a target that the play does not run on, if C(project_id) or C(huaweicloud_connection.project_id)
    is set for that target.
  - Also fails if the names of two targets differ only in characters that names of variables cannot contain, or if a statistic with the name of a
    target would have the name of a playbook variable.
  - Reads the variable C(target_description) of each target, which is the result of M(community.huaweicloud.describe_target), and with
    O(resolved=true) also C(detected_changes), the result of M(community.huaweicloud.apply) in check mode. Reads the inventory variables
    C(project_id), C(mesh_id) and C(mesh_name), and the project in C(huaweicloud_connection), of all targets.
  - The playbooks of this collection use it. The task runs on the controller and sends no requests. Set C(run_once=true).
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
  targets:
    description:
      - Names of all targets. If the play does not run on a target, or if C(targets_not_started) contains it, the module reads only
        its inventory variables.
    type: list
    elements: str
    required: true
  resolved:
    description:
      - Whether to compare the IDs of projects and meshes that the service has returned, instead of the values in the inventory and the files.
    type: bool
    default: false
seealso:
  - module: community.huaweicloud.describe_target
  - module: community.huaweicloud.combine_targets
"""

EXAMPLES = r"""
- name: Check the scopes of the targets
  community.huaweicloud.check_targets:
    targets: "{{ query('ansible.builtin.inventory_hostnames', 'shops') }}"
  run_once: true
"""

RETURN = r"""
failed_targets:
  description:
    - Names of the targets that have failed.
    - Their fact C(target_failure) contains a reason, C(targets_not_started) contains them, or Ansible has removed them from the play.
  returned: success
  type: list
  elements: str
  sample: [shop-eu]
refused_prunes:
  description:
    - Why targets must not prune, by the names of these targets. Fail these targets before a change.
    - A target must not prune if it could delete resources of another target of the play whose desired-state file was not loaded, whose
      connection is invalid, or whose project or mesh is unknown.
  returned: success, with O(resolved=true)
  type: dict
  sample:
    shop-eu: >-
      Nothing was changed. prune (meshes) could delete resources of other targets with an unknown scope: 'shop-test' (its project is unknown). Fix
      the other targets, or remove prune from the desired-state file.
mesh_owners:
  description:
    - Names of the targets that each mesh belongs to, for O(community.huaweicloud.create_report#module:mesh_owners).
    - A mesh belongs to a target that declares it, that declares workshops or releases in it, or that has it in the inventory variables C(mesh_id)
      or C(mesh_name).
  returned: success, with O(resolved=true)
  type: dict
  contains:
    ids:
      description: The targets by the IDs of the meshes.
      type: dict
      sample: {2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c: [shop-eu]}
    names:
      description: The targets by the ID of the project and the names of the meshes in it.
      type: dict
      sample: {7e8d9c0b1a2f4e3d8c7b6a5f4e3d2c1b: {shop-mesh: [shop-eu]}}
    unknown:
      description:
        - The targets of the play whose meshes are unknown, with the ID of their project. V(null) if the project is unknown, too.
        - The desired-state file of such a target was not loaded, or the target uses meshes of an unknown project.
      type: dict
      sample: {shop-test: null}
conflicts:
  description: The conflicts of targets.
  returned: failure
  type: list
  elements: str
  sample: ["The targets 'shop-eu' and 'shop-test' both declare workshops or releases of mesh shop-mesh"]
"""
