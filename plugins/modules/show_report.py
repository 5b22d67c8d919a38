#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: show_report
short_description: Print a plan, a drift report, results or resources as text
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Prints one line for each resource, and one line for each of its fields that differs, with both values.
  - Also prints the lines if Ansible is configured not to print successful tasks (C(ANSIBLE_DISPLAY_OK_HOSTS=false)).
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
  report:
    description:
      - A plan or a drift report of M(community.huaweicloud.create_report), or the summary of a plan.
      - Exactly one of O(report), O(results) and O(resources) is required.
    type: dict
  results:
    description:
      - The C(results) of M(community.huaweicloud.apply).
    type: list
    elements: dict
  resources:
    description:
      - The lists C(meshes), C(workshops), C(releases) and C(workspaces), with resources as the C(_info) modules return them.
      - V(null) instead of a list means that the resources were not read.
    type: dict
seealso:
  - module: community.huaweicloud.create_report
  - plugin: community.huaweicloud.render_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Apply the desired state
  community.huaweicloud.apply:
    workspaces: "{{ shop_workspaces }}"
  register: applied

- name: Show what was changed
  community.huaweicloud.show_report:
    results: "{{ applied.results }}"
"""

RETURN = r"""
msg:
  description: The printed lines.
  returned: success
  type: list
  elements: str
  sample:
    - "workspace  team-a: update"
    - "    description: 'Ranking models' -> 'Models for search'"
"""
