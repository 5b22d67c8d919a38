#!/usr/bin/python
# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: combine_targets
short_description: Combine the results of several targets
version_added: 0.1.0
author:
  - community.huaweicloud contributors (@ansible-collections)
description:
  - Combines the results of all targets of a play in one report, and writes the report.
  - The report lists every target. Failed targets are V(unknown) in plans and drift reports. Targets that C(--limit) excludes are V(not_selected).
  - The playbooks of this collection use it. The task runs on the controller and sends no requests. Set C(run_once=true).
  - Reads these variables of each target. C(target_failure) is the reason of a failure. C(report_created) is the result of
    M(community.huaweicloud.create_report). If C(target_started) is set, C(meshes_outcome), C(workspaces_outcome), C(workshops_outcome) and
    C(releases_outcome) are results of M(community.huaweicloud.apply). C(info_result) contains lists of resources, and C(target_rollout)
    the outcome of a rollout.
  - Does not read the variables of the hosts in C(targets_not_started), the names of the targets that an earlier play has removed. They count as
    failed. If this variable is not set, the play has started on all of its hosts.
  - Targets that Ansible has removed from the play count as failed, even if they have results. Ansible removes unreachable hosts.
extends_documentation_fragment:
  - community.huaweicloud.attributes
attributes:
  check_mode:
    support: full
    details: Writes no files.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Reports contain the current time.
options:
  type:
    description:
      - What to combine. V(plan) and V(drift) combine reports, V(site) and V(teardown) results of a run, V(info) lists of resources,
        and V(canary) outcomes of rollouts.
    type: str
    choices: [plan, drift, site, teardown, info, canary]
    required: true
  targets:
    description:
      - Names of all targets, in the order of the report.
    type: list
    elements: str
    required: true
  path:
    description:
      - Path of the combined report, a JSON file. The Markdown, HTML and JUnit XML reports are in the same directory.
      - The module also writes the reports of each target to this directory, with the name of the target before the extension, for example
        C(plan.shop-eu.json). Characters other than letters, digits, C(.), C(_) and C(-) in the name become underscores.
      - Only for O(type=plan) and O(type=drift). By default, the module writes no files.
    type: str
    default: ""
  mode:
    description:
      - Mode of the files.
    type: raw
    default: "0600"
  protected_paths:
    description:
      - Files that no report may replace. If a report would replace one of them, the task fails and writes nothing.
    type: list
    elements: str
    default: []
  from_statistics:
    description:
      - Whether to combine the statistics of earlier jobs instead of results of this play. AWX passes statistics to the next nodes of a workflow as
        variables, so this option combines the slices of a sliced job.
      - A target without statistics is V(unknown) in a plan and a drift report, and V(failed) after a run.
      - With O(type=plan), the task fails if two targets of different jobs have the same scope, see M(community.huaweicloud.check_targets). The module
        compares the IDs of projects and meshes in the plans.
      - Only for the types V(plan), V(drift), V(site) and V(teardown), and without O(path). RV(report) then has no resources, except for
        the changes of plans.
    type: bool
    default: false
seealso:
  - module: community.huaweicloud.check_targets
  - module: community.huaweicloud.create_report
  - module: community.huaweicloud.show_report
  - plugin: community.huaweicloud.render_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Combine the plans of all targets
  community.huaweicloud.combine_targets:
    type: plan
    targets: "{{ query('ansible.builtin.inventory_hostnames', 'shops') }}"
    path: plan.json
  register: combined
  run_once: true

- name: Pass the hashes to the next job
  ansible.builtin.set_stats:
    data: "{{ combined.statistics }}"
    aggregate: false
  run_once: true

- name: Combine the plans of all slices of the previous job
  community.huaweicloud.combine_targets:
    type: plan
    targets: "{{ query('ansible.builtin.inventory_hostnames', 'shops') }}"
    from_statistics: true
  register: combined_slices
"""

RETURN = r"""
report:
  description: The combined report.
  returned: success
  type: dict
  contains:
    format:
      description: V(community.huaweicloud.plan-targets/1), V(community.huaweicloud.drift-targets/1), or the corresponding value for another type.
      type: str
      sample: community.huaweicloud.plan-targets/1
    generated_at:
      description: Creation time of the report (RFC 3339, UTC).
      type: str
      sample: "2026-03-01T12:00:00Z"
    status:
      description:
        - The most important status of all targets on which the play runs.
        - V(unknown), V(invalid), V(changes) or V(no_changes) for plans. V(unknown), V(drift) or V(no_drift) for drift reports.
        - V(failed), V(stopped), V(changed) or V(no_changes) for runs. V(unknown) or V(listed) for lists of resources.
        - For rollouts, their common state, or V(mixed) if the states differ.
      type: str
      sample: changes
    target_counts:
      description: Number of targets by status.
      type: dict
      sample: {unknown: 0, invalid: 0, changes: 2, no_changes: 18, not_selected: 1}
    counts:
      description: Sums of the counts of all targets with a report, or number of changed resources by action.
      returned: all types except V(info) and V(canary)
      type: dict
      sample: {create: 3, unchanged: 977}
    targets:
      description:
        - All targets. Each has C(name), C(status) and C(msg), the reason for a failure.
        - Depending on the type, a target also has C(report), C(results) with C(counts), or C(resources).
      type: list
      elements: dict
      sample: [{name: shop-eu, status: unknown, msg: "Failed to list the meshes: no connection.", report: null}]
    has_changes:
      description: Whether the plan of a target has changes.
      returned: O(type=plan)
      type: bool
      sample: true
    has_drift:
      description: Whether the drift report of a target has drift.
      returned: O(type=drift)
      type: bool
      sample: true
    hash:
      description: Digest of the hashes of the plans of all targets.
      returned: O(type=plan)
      type: str
      sample: sha256:6dfa0fdc1fcb9d7ac7a6bc6fbe2a4ea32c68bd2e3a9a7e3ff5b3a1f0b9c86d11
    checksum:
      description: Digest of the whole plan.
      returned: O(type=plan)
      type: str
      sample: sha256:c0a1f5d2b3e49687a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2
    redacted:
      description: Whether values that can be secret are redacted in all reports.
      returned: O(type=plan) or O(type=drift)
      type: bool
      sample: true
conflicts:
  description: The conflicts of targets in different jobs.
  returned: failure, with O(type=plan) and O(from_statistics=true)
  type: list
  elements: str
  sample: ["The targets 'shop-eu' and 'shop-test' both declare workshops or releases of mesh shop-mesh (2f1b6a0e-7c3d-4f5a-9b8c-1d2e3f4a5b6c)"]
statistics:
  description:
    - Data for M(ansible.builtin.set_stats), such as C(plan_status) and C(plan_hash), and the same data for each target, such as
      C(plan_status_shop_eu) and C(plan_hash_shop_eu). Characters other than letters, digits and underscores become underscores.
    - For a plan, C(plan_scope_shop_eu) is the scope of the target if the variable C(target_description) contains it, the result of
      M(community.huaweicloud.describe_target).
    - AWX merges the statistics of jobs by these keys, so that a job after several slices gets the statistics of all targets.
  returned: success
  type: dict
  sample: {plan_status: changes, plan_status_shop_eu: changes}
"""
