#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: write_report
short_description: Write a report to files in several formats
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Writes a plan, a drift report or the report of a rollout as JSON, Markdown, HTML and JUnit XML. It can also write any mapping as JSON.
  - Replaces each file atomically, so that readers never get a partial file. Unchanged files are not replaced.
  - The result contains neither the content nor a diff, because reports can be confidential.
  - The playbooks of this collection use it. The task runs on the controller, always as the user of Ansible, and sends no requests.
    The module starts no process, so it is faster than M(ansible.builtin.copy).
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
      - The RV(community.huaweicloud.create_report#module:report) of M(community.huaweicloud.create_report) or
        M(community.huaweicloud.combine_targets), or any other mapping.
    type: dict
    required: true
  path:
    description:
      - Path of the file with the first of the O(formats). The files with the other formats are in the same directory, with the name of the format as
        extension.
      - A relative path is relative to the current directory of C(ansible-playbook). The directory must exist.
    type: path
    required: true
  formats:
    description:
      - Formats of the report. The default is all formats that the report supports, beginning with V(json).
      - The report of a rollout does not support V(xml). Mappings other than reports only support V(json), which you must set.
    type: list
    elements: str
    choices: [json, md, html, xml]
  mode:
    description:
      - Mode of the files, for example V('0640') or V(u=rw,g=r). Put octal digits in quotes.
      - A symbolic mode changes the mode of the existing file, or V('0600') for a new file.
    type: raw
    default: "0600"
  protected_paths:
    description:
      - Files that no report may replace, such as the desired-state file. If a report would replace one of them, the task fails and writes nothing.
      - The module also recognizes other notations of a path, symbolic links and hard links. It ignores blank paths.
    type: list
    elements: path
    default: []
  conflict_msg:
    description:
      - Message of the failure if a report would replace one of O(protected_paths). The default message names both files.
    type: str
    default: ""
seealso:
  - module: community.huaweicloud.create_report
  - module: community.huaweicloud.combine_targets
  - module: community.huaweicloud.show_report
  - plugin: community.huaweicloud.render_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Load the desired state
  community.huaweicloud.load_desired_state:
    path: shop.yml
  register: desired_state

- name: Compare desired and actual state
  community.huaweicloud.apply:
    workspaces: "{{ desired_state.workspaces }}"
    on_error: continue
  check_mode: true
  register: comparison

- name: Create the plan
  community.huaweicloud.create_report:
    type: plan
    comparison: "{{ comparison }}"
    desired_state: "{{ desired_state }}"
  register: plan

- name: Write plan.json, plan.md, plan.html and plan.xml
  community.huaweicloud.write_report:
    report: "{{ plan.report }}"
    path: plan.json
    protected_paths: [shop.yml]

- name: Write a page that the group can read
  community.huaweicloud.write_report:
    report: "{{ plan.report }}"
    path: page.html
    formats: [html]
    mode: "0640"

- name: Write only some values as JSON
  community.huaweicloud.write_report:
    report:
      status: "{{ plan.report.status }}"
      counts: "{{ plan.report.counts }}"
    path: status.json
    formats: [json]
"""

RETURN = r"""
paths:
  description: The paths of the files, in the order of the formats. In check mode, the paths that would be written.
  returned: success
  type: list
  elements: str
  sample: [plan.json, plan.md, plan.html, plan.xml]
"""
