#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_desired_state
short_description: Load and validate a desired-state file
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Reads a desired-state file, renders its Jinja expressions and validates the whole file.
    Reports all mistakes at once, each with file, line and column.
  - The module reads the file like a file of variables, so it can contain C(!vault) values and Jinja expressions, and can be encrypted.
  - Lookups and relative paths in the file are relative to the directory of the file.
  - The task runs on the controller and sends no requests. Ansible does not show the result of a successful task, because the file can contain secrets.
  - Removing an item from the file deletes nothing, unless a pattern of C(prune) matches its name.
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
  path:
    description:
      - Path of the file. A relative path is relative to the current directory of C(ansible-playbook).
    type: str
    required: true
  directories:
    description:
      - More directories to search for a relative path, in this order.
    type: list
    elements: str
    default: []
  teardown:
    description:
      - The state in which releases end. If it is set, the module also returns RV(deletion).
      - A release that the file declares as V(promoted) or V(canceled) keeps its state.
    type: str
    choices: [canceled, promoted]
  mesh_id:
    description:
      - ID of the mesh of the file, unless the file names it. A file that names another mesh is invalid.
    type: str
    default: ""
  mesh_name:
    description:
      - Name of the mesh of the file, unless the file names it. A file that names another mesh is invalid.
      - If O(mesh_id) is set as well, it is only compared with the names in the file.
    type: str
    default: ""
notes:
  - The file is a mapping with these optional keys.
  - C(mesh_name) or C(mesh_id) is the mesh of all workshops and releases that do not name a mesh.
  - C(meshes), C(workspaces), C(workshops) and C(releases) are lists. Their items have the options of M(community.huaweicloud.asm_mesh),
    M(community.huaweicloud.modelarts_workspace), M(community.huaweicloud.asm_workshop) and M(community.huaweicloud.asm_release), except for
    the connection options.
  - In C(gray_deployments) of a release, C(template_file) names a file with the Deployment, as an alternative to C(template).
    The path is relative to the directory of the desired-state file.
  - C(services) maps the name of a Service to any facts about it. If it is set, only these Services can have releases.
  - C(options) has options of M(community.huaweicloud.apply), O(community.huaweicloud.apply#module:on_error),
    O(community.huaweicloud.apply#module:parallel), O(community.huaweicloud.apply#module:rate_limit),
    O(community.huaweicloud.apply#module:max_failures), O(community.huaweicloud.apply#module:timeout),
    O(community.huaweicloud.apply#module:audit_log), O(community.huaweicloud.apply#module:wait),
    O(community.huaweicloud.apply#module:wait_timeout) and O(community.huaweicloud.apply#module:wait_interval).
    A relative path of C(audit_log) is relative to the directory of the desired-state file.
  - C(prune) maps V(meshes), V(workspaces), V(workshops) and V(releases) to lists of regular expressions, see O(community.huaweicloud.apply#module:prune).
    Resources that match and are not in the file are deleted.
seealso:
  - module: community.huaweicloud.apply
"""

EXAMPLES = r"""
- name: Load the desired state
  community.huaweicloud.load_desired_state:
    path: shop.yml
  register: desired_state

- name: Apply the desired state of the workspaces
  community.huaweicloud.apply:
    workspaces: "{{ desired_state.workspaces }}"
"""

RETURN = r"""
mesh_id:
  description: ID of the mesh.
  returned: success, if the file has it
  type: str
  sample: 2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c
mesh_name:
  description: Name of the mesh.
  returned: success, if the file has it
  type: str
  sample: shop-mesh
meshes:
  description: The meshes.
  returned: success, if the file has them
  type: list
  elements: dict
  sample: [{name: lab-mesh, state: absent}]
workspaces:
  description: The workspaces.
  returned: success, if the file has them
  type: list
  elements: dict
  sample: [{name: team-recommender, auth_type: private}]
workshops:
  description: The workshops.
  returned: success, if the file has them
  type: list
  elements: dict
  sample: [{name: demo, state: absent}]
releases:
  description: The releases.
  returned: success, if the file has them
  type: list
  elements: dict
  sample: [{namespace: shop, name: cart-v2, state: promoted}]
services:
  description: The Services that can be released.
  returned: success, if the file has them
  type: dict
  sample: {cart: {team: checkout}}
options:
  description: Options of M(community.huaweicloud.apply). Wait options are in each item instead.
  returned: success, if the file has them
  type: dict
  sample: {on_error: continue}
prune:
  description: Patterns for resources to delete although they are not in the file.
  returned: success, if the file has it
  type: dict
  sample: {workspaces: [^team-]}
deletion:
  description:
    - The lists C(meshes), C(workspaces), C(workshops) and C(releases) that delete all resources in the file.
    - Meshes, workspaces and workshops have the state V(absent), and releases have the state O(teardown) and no templates.
  returned: success, if O(teardown) is set
  type: dict
  sample: {meshes: [], workspaces: [{name: team-recommender, state: absent}], workshops: [], releases: []}
mistakes:
  description: The mistakes in the file.
  returned: if the file is invalid
  type: list
  elements: dict
  contains:
    path:
      description: Path of the mistake in the data. Empty for a mistake of the whole file.
      type: str
      sample: workspaces[0] ('team-b').grants[1]
    line:
      description: Line in the file, from 1. V(null) if it is unknown.
      type: int
      sample: 6
    column:
      description: Column in the file, from 1. V(null) if it is unknown.
      type: int
      sample: 9
    message:
      description: Description of the mistake. It never contains values of the file.
      type: str
      sample: "must be a mapping, for example {user_name: anna}, it is text"
"""
